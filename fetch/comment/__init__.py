"""A reply -> Comments, each anchored to the patch lines that it quotes."""

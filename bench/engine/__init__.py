"""What the behaviour engine's benchmarks share: the corpus, edits of C text, and generators of versions."""

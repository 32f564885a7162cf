"""The behaviour engine: two versions of a C function in, what they do differently out (docs/engine.md)."""

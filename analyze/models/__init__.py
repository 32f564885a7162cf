"""Models that a report can draw: a function before and after, by flags and kinds (docs/models.md)."""

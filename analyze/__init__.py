"""Analysis: Series + SourceTree -> Review. Imports fetch, never reports."""

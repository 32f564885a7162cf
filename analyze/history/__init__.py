"""A series over its revisions: which patch became which and what changed in it (docs/matching.md), what
became of comments, of trailers and of claims (docs/ledger.md).
"""

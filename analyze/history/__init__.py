"""Series -> its history: what became of every comment, tag and claim through the revisions (docs/ledger.md)."""

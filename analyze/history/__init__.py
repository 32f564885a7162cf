"""Series -> its history: what became of every comment, trailer and claim (docs/ledger.md)."""

"""What kernel functions, fields, locks and flags promise: data with a source each (docs/contracts.md)."""

"""The demo: a small kernel-like tree and a thread of three revisions, written for lorelens."""

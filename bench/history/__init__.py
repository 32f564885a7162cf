"""Parts of the benchmarks of revisions: judged pairs, and `git range-diff` as the peer."""

"""Messages -> threads, revisions, series; which revisions belong together; the base they apply to."""

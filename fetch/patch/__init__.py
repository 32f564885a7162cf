"""What a patch mail says: subject, commit message, trailers, diff."""

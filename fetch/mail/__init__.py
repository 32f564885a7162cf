"""RFC 5322 bytes -> Message: header, MIME, charsets, dates."""

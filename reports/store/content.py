"""Keys and kept bytes; imports no database, since a served run needs none but SQLite's own."""

from __future__ import annotations

import hashlib
import zlib

LEVEL = 6
HEAD = "r0001"
"""The newest step in migrations/versions; a test holds that it is."""


def digest(content: bytes) -> str:
    """Return the SHA-256, 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def text_key(*parts: object) -> str:
    """Return the key of a row by what names it: SHA-256 over the parts, each with its length."""
    whole = hashlib.sha256()
    for part in parts:
        raw = str(part).encode("utf-8", "surrogatepass")
        whole.update(b"%d\0" % len(raw) + raw)
    return whole.hexdigest()


def pack(content: bytes) -> bytes:
    """Return what is kept of a content."""
    return zlib.compress(content, LEVEL)


def unpack(body: bytes) -> bytes | None:
    """Return what was kept; None where it is damaged."""
    try:
        return zlib.decompress(body)
    except zlib.error:
        return None

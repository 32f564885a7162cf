"""RFC 5322 bytes -> Message: decoding, charsets, MIME parts, dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that was read with a guess, left out or cut, said once and carried to the report."""

    kind: str
    """A slug: "date", "charset", "header", "size", "parts", "html-only", "message-id", ..."""
    detail: str
    """One sentence for a reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A mailbox of RFC 5322, section 3.4; masked addresses of web archives stay as they were printed."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One mail, decoded. Text is str with LF line ends; nothing in it was trusted or interpreted."""

    message_id: str
    """Without angle brackets; "sha256:" and 16 hex digits of the bytes where the mail has none."""
    in_reply_to: str | None
    references: tuple[str, ...]
    """Oldest first, without angle brackets and repeats."""
    author: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    date: datetime | None
    """Aware; None where the mail's date cannot be read (never now), with a note."""
    subject: str
    """Decoded (RFC 2047), unfolded, white space collapsed as git mailinfo does."""
    body: str
    """The text parts in order, then attached patches, each set apart by an empty line."""
    lists: tuple[str, ...]
    """The mailing lists that the copies came through (List-Id), sorted."""
    origin: str
    """Where the bytes came from, for people: a file and number, a URL."""
    verbatim: bool
    """False where the text is a copy from a web archive, which may have lost white space or addresses."""
    notes: tuple[Note, ...]


def parse_message(raw: bytes, origin: str = "") -> Message:
    """Parse one RFC 5322 message; never raises on any bytes. What cannot be read becomes a note."""
    raise NotImplementedError

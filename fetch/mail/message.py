"""RFC 5322 bytes -> Message: decoding, charsets, MIME parts, dates.

Each matter has its module: header.py (fields), field.py and address.py (their values), encoded_word.py and
charset.py (text), mime.py with transfer.py, flowed.py and html_text.py (the body). This one puts a Message
together.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from .address import Address, parse_addresses, parse_author
from .encoded_word import decode_words
from .field import choose_parent, collapse, parse_date, parse_ids, parse_list_ids
from .header import MAX_FIELD, Header, read_header
from .mime import read_text
from .note import Note

__all__ = ["MAX_MAIL", "Address", "Message", "Note", "parse_message"]

MAX_MAIL = 100_000_000
"""Bytes of a mail that are read; what stands beyond is left out, with a note."""


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
    notes: list[Note | None] = []
    if len(raw) > MAX_MAIL:
        notes.append(Note(kind="size", detail=f"a mail of {len(raw)} bytes; the first {MAX_MAIL} were read"))
        raw = raw[:MAX_MAIL]
    header = read_header(raw)
    message_id, note = _message_id(header, raw)
    notes.append(note)
    references = parse_ids(header.all("references"))
    date, note = parse_date(header.first("date"))
    notes.append(note)
    author = parse_author(_joined(header, "from"))
    if not author.email and not author.name:
        notes.append(Note(kind="header", detail="the mail names no author"))
    to, cc = parse_addresses(_joined(header, "to")), parse_addresses(_joined(header, "cc"))
    body, body_notes = read_text(header)
    subject, note = decode_words(header.first("subject"))
    return Message(
        message_id=message_id,
        in_reply_to=choose_parent(parse_ids(header.all("in-reply-to")), references),
        references=references,
        author=author,
        to=to,
        cc=cc,
        date=date,
        subject=collapse(subject),
        body=body,
        lists=parse_list_ids(header.fields.get("list-id", [])),
        origin=origin,
        verbatim=True,
        notes=tuple(dict.fromkeys(n for n in (*header.notes, *notes, note, *body_notes) if n)),
    )


def _joined(header: Header, name: str) -> str:
    """All fields of that name as one list (RFC 5322 allows one "Cc"; mailers write more)."""
    return ",".join(header.fields.get(name, []))[:MAX_FIELD]


def _message_id(header: Header, raw: bytes) -> tuple[str, Note | None]:
    ids = parse_ids(header.first("message-id"))
    if ids:
        return ids[0], None
    digest = hashlib.sha256(raw).hexdigest()[:16]
    return f"sha256:{digest}", Note(kind="message-id", detail="the mail has no message-id; it got one")

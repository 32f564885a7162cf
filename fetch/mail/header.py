"""The header of a mail or of a MIME part: bytes -> raw field values by name, and the body that follows.

The fields are split and unfolded by the standard library's parser; what stands here is what real and
hostile mail needs around it: bounds, lone carriage returns, NULs, and lines that are no field in the middle
of a header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import BytesHeaderParser

from .charset import decode_text
from .note import Note

MAX_HEADER = 1 << 20
"""Bytes of a header that are read; real ones with every hop's seals stay below 64 KB."""
MAX_LINES = 20_000
"""Lines of a header that are read."""
MAX_FIELD = 1 << 16
"""Bytes of one field's value that are read (1,500 recipients); of References the last ones."""

_BEFORE = re.compile(rb"(?:[ \t]*\r?\n)*(?:>?From .*\n)?")
"""What may stand before a header: empty lines, and an mbox separator that somebody left."""
_BLANK_LINE = re.compile(rb"\r?\n")
_FIELD_LINE = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]")
_NO_FIELD = re.compile(rb"^(?![!-9;-~]*:|[ \t]|From )", re.MULTILINE)
"""Where the library's parser takes a header for ended."""
_KNOWN_FIELD = re.compile(
    rb"^(?:from|to|cc|date|subject|message-id|in-reply-to|references|received|mime-version|list-id|sender|"
    rb"content-(?:type|transfer-encoding|disposition)):",
    re.IGNORECASE | re.MULTILINE,
)
_TRACE = re.compile(
    rb"^(?:received|x-|dkim-signature|arc-|authentication-results|return-path)[!-9;-~]*:.*\n(?:[ \t].*\n)*",
    re.IGNORECASE | re.MULTILINE,
)
"""Fields that say how a mail travelled: nine tenths of a header, and nobody asks for them."""
_CHARSET = re.compile(r"charset[ \t]*=[ \t]*\"?([\w.:+-]{1,40})", re.IGNORECASE)
_BLANK_BEFORE_COLON = re.compile(rb"^([!-9;-~]+)[ \t]+:", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The fields of a header and what follows it."""

    fields: Mapping[str, list[str]]
    """Unfolded values in order, by the field's name in lower case; encoded words are still encoded."""
    body: bytes
    notes: tuple[Note, ...]

    def first(self, name: str) -> str:
        """The first value of a field, cut to MAX_FIELD; "" where there is none."""
        values = self.fields.get(name)
        return values[0][:MAX_FIELD] if values else ""

    def all(self, name: str) -> str:
        """All values of a field, one a line, cut to the last MAX_FIELD; "" where there is none."""
        values = self.fields.get(name)
        return "\n".join(values)[-MAX_FIELD:] if values else ""


def read_header(raw: bytes, part: bool = False) -> Header:
    """Split a mail, or a part of one, into its fields and its body (RFC 5322, section 2.1). Never raises.

    A mail without an empty line ends its header at the first line that cannot belong to one; such a line in
    front of well-known fields is left out instead, with a Note. A part that begins with an empty line has
    no header.
    """
    before = None if part else _BEFORE.match(raw)
    start = before.end() if before else 0
    if not _FIELD_LINE.match(raw, start):
        blank = _BLANK_LINE.match(raw, start)
        return Header(fields={}, body=raw[blank.end() if blank else start :], notes=())
    end, body_start = _find_end(raw, start)
    block, notes = _bound(raw[start : min(end, start + MAX_HEADER)], end - start)
    body = raw[body_start:]
    message = BytesHeaderParser().parsebytes(_TRACE.sub(b"", block))
    if message.get_payload():  # the parser stopped before the end
        junk = _NO_FIELD.search(block)
        at = junk.start() if junk else len(block)
        if _KNOWN_FIELD.search(block, at):
            block, count = _drop_junk(block)
            notes += (Note(kind="header", detail=f"{count} lines in the header are no fields; left out"),)
        else:
            body = block[at:] + raw[end:]
            block = block[:at]
            notes += (Note(kind="header", detail="no empty line between header and body"),)
        message = BytesHeaderParser().parsebytes(_TRACE.sub(b"", block))
    fields, guesses = _decode_fields(list(message.raw_items()))
    return Header(fields=fields, body=body, notes=notes + guesses)


def _find_end(raw: bytes, start: int) -> tuple[int, int]:
    """Where the header's last line ends and where the body begins: after the first empty line."""
    plain = raw.find(b"\n\n", start)
    window = raw.find(b"\n\r\n", start, plain if plain >= 0 else len(raw))
    if window >= 0:
        return window + 1, window + 3
    return (plain + 1, plain + 2) if plain >= 0 else (len(raw), len(raw))


def _bound(block: bytes, size: int) -> tuple[bytes, tuple[Note, ...]]:
    """The header made fit for the parser, and within the limits."""
    notes: tuple[Note, ...] = ()
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b" ")
    if b"\0" in block:
        block = block.replace(b"\0", b"")
    if size > MAX_HEADER:
        notes = (Note(kind="header", detail=f"a header of {size} bytes; the first {MAX_HEADER} were read"),)
    if len(block) > MAX_LINES and block.count(b"\n") > MAX_LINES:
        block = b"\n".join(block.split(b"\n", MAX_LINES)[:MAX_LINES]) + b"\n"
        notes = (Note(kind="header", detail=f"a header of over {MAX_LINES} lines; its end was left out"),)
    return block, notes


def _drop_junk(block: bytes) -> tuple[bytes, int]:
    lines = _BLANK_BEFORE_COLON.sub(rb"\1:", block).splitlines(keepends=True)
    kept = [line for line in lines if _FIELD_LINE.match(line)]
    return b"".join(kept), len(lines) - len(kept)


def _decode_fields(items: list[tuple[str, str]]) -> tuple[dict[str, list[str]], tuple[Note, ...]]:
    """Values unfolded; bytes above 127, left as surrogates by the parser (PEP 383), by charset.py's rule."""
    fields: dict[str, list[str]] = {}
    notes: list[Note] = []
    charset = None
    for name, value in items:
        value = value.replace("\n", "")
        if not value.isascii():
            if charset is None:
                declared = (_CHARSET.search(v) for n, v in items if n.lower() == "content-type")
                charset = next((found[1] for found in declared if found), "")
            value, note = decode_text(value.encode("utf-8", "surrogateescape"), charset)
            notes += [note] if note else []
        fields.setdefault(name.lower(), []).append(value)
    return fields, tuple(notes)

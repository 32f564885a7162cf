"""mbox and mboxrd -> single mails, streamed: memory holds one mail, and the work is linear.

    mbox      = *( separator mail )
    separator = "From " whoever SP date LF, where the next line is a header field

Lines that begin with "From " inside a body: mboxrd writes ">From ", and ">>From " for ">From " (one ">"
comes off). mboxo writes ">From " for "From " and leaves the rest. git format-patch writes them as they are.
So a separator needs a date and a header behind it, and quoting is undone by the kind that the mail's own
separator tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, NamedTuple

from ..mail.message import MAX_MAIL
from ..mail.note import Note

MAX_LINE = 1 << 20
"""Bytes read at once; a longer line is read in pieces."""

_SEPARATOR = re.compile(
    rb"From [^\r\n]{0,300}?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? "
    rb"(?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} [A-Z][a-z]{2})[ ,][^\r\n]{0,100}\d{4}"
)
_PUBLIC_INBOX = b"From mboxrd@z "
_GIT = re.compile(rb"From [0-9a-f]{40,64} ")
_FIELD = re.compile(rb">?[!-9;-~]{1,80}[ \t]*:")
_QUOTED_RD = re.compile(rb"^>(>*From )", re.MULTILINE)
_QUOTED_O = re.compile(rb"^>(From )", re.MULTILINE)


class MboxMail(NamedTuple):
    """One mail of an mbox, its separator taken off."""

    raw: bytes
    notes: tuple[Note, ...]


def is_mbox(head: bytes) -> bool:
    """Whether a file that begins like this is an mbox."""
    return _SEPARATOR.match(head.lstrip()) is not None


def split_mbox(stream: BinaryIO) -> Iterator[MboxMail]:
    """The mails of an mbox in order. Text in front of the first separator is a mail of its own."""
    lines: list[bytes] = []
    size = 0
    separator = candidate = b""
    whole_line = True  # whether the last piece ended in a line break
    for line in iter(partial(stream.readline, MAX_LINE), b""):
        if candidate:
            if candidate.startswith(_PUBLIC_INBOX) or _FIELD.match(line):
                yield from _mail(lines, size, separator)
                lines, size, separator = [], 0, candidate
            else:
                lines.append(candidate)
                size += len(candidate)
            candidate = b""
        if whole_line and line.startswith(b"From ") and _SEPARATOR.match(line):
            candidate = line
        else:
            size += len(line)
            if size <= MAX_MAIL:
                lines.append(line)
        whole_line = line.endswith(b"\n")
    if candidate:
        lines.append(candidate)
    yield from _mail(lines, size, separator)


def _mail(lines: list[bytes], size: int, separator: bytes) -> Iterator[MboxMail]:
    raw = b"".join(lines)
    if not raw.strip():
        return
    # The empty line in front of the next separator is the mbox's, not the mail's.
    if raw.endswith(b"\n\n"):
        raw = raw[:-1]
    elif raw.endswith(b"\n\r\n"):
        raw = raw[:-2]
    notes: tuple[Note, ...] = ()
    if size > MAX_MAIL:
        notes = (Note(kind="size", detail=f"a mail of {size} bytes; the first {MAX_MAIL} were read"),)
    yield MboxMail(_unquote(raw, separator) if b">From " in raw else raw, notes)


def _unquote(raw: bytes, separator: bytes) -> bytes:
    """Undo the quoting of "From " lines. In mboxo one next to quoted lines may be a quote itself; it
    stays.
    """
    if separator.startswith(_PUBLIC_INBOX):
        return _QUOTED_RD.sub(rb"\1", raw)
    if not separator or _GIT.match(separator):
        return raw

    def plain(match: re.Match[bytes]) -> bytes:
        before = raw.rfind(b"\n", 0, max(match.start() - 1, 0)) + 1
        after = raw.find(b"\n", match.end()) + 1
        quoted = raw[before : before + 1] == b">" or (after and raw[after : after + 1] == b">")
        return match[0] if quoted else match[1]

    return _QUOTED_O.sub(plain, raw)

"""Bytes -> text, whatever the mail says of its charset. The rule, in order:

1. A charset that spells everything in 7 bits (ISO-2022-JP, UTF-7, HZ) is believed, since such bytes are
   valid UTF-8 too; so are UTF-16 and UTF-32, where the text has the NULs that they give to ASCII.

2. UTF-8, declared or not: other text is hardly ever valid UTF-8 by chance.

3. The declared charset; ISO-8859-1 and ASCII mean windows-1252 (WHATWG Encoding Standard, section 4.2).

4. Line by line: UTF-8, else the declared charset, else windows-1252, whose five holes are read as
   ISO-8859-1. So one stray byte does not spoil a whole mail.

Rule 4 is a guess and makes a Note.
"""

from __future__ import annotations

import codecs
import functools
import re

from .note import Note

_SEVEN_BIT = re.compile(r"iso2022|utf-7|hz")
_WIDE = re.compile(r"utf-16|utf-32")
_KNOWN = re.compile(
    r"ascii|utf-?\d+|iso\d|cp\d|windows|koi8|gb|big5|euc|shift_?jis|hz|mac|tis|johab|ptcp|kz|hp", re.ASCII
)
"""Charsets of text. Python has more codecs (zlib, idna, unicode_escape); a mail may not name those."""
_WINDOWS = {"ascii", "iso8859-1", "cp1252"}


@functools.lru_cache(maxsize=256)
def find_codec(label: str) -> str | None:
    """Python's name of the charset that a mail calls `label`; None where it is no charset of text."""
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
    except (LookupError, ValueError, UnicodeError):
        return None
    return name if _KNOWN.match(name) else None


def decode_text(raw: bytes, declared: str | None = None) -> tuple[str, Note | None]:
    """Decode `raw` by the rule above; the Note says what was guessed. Never raises."""
    codec = find_codec(declared) if declared else None
    first = codec is not None and (
        _SEVEN_BIT.match(codec) is not None or (_WIDE.match(codec) is not None and b"\0" in raw)
    )
    if not first and raw.isascii():
        return raw.decode("ascii"), None
    tries = ["utf-8"]
    if codec in _WINDOWS:
        tries.append("cp1252")
    elif codec is not None:
        tries.insert(0 if first else 1, codec)
    for name in tries:
        try:
            return raw.decode(name), None
        except UnicodeError:
            continue
    return _decode_lines(raw, declared, codec)


def _decode_lines(raw: bytes, declared: str | None, codec: str | None) -> tuple[str, Note]:
    """Rule 4."""
    guessed = 0
    lines = []
    for line in raw.split(b"\n"):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeError:
            guessed += 1
            lines.append(_decode_line(line, codec))
    said = f"declared as {declared[:40]}" if declared else "without a declared charset"
    detail = f"{guessed} lines are not UTF-8 ({said}) and were read as {codec or 'windows-1252'}"
    return "\n".join(lines), Note(kind="charset", detail=detail)


def _decode_line(line: bytes, codec: str | None) -> str:
    for name in (codec, "cp1252"):
        if name is None or _SEVEN_BIT.match(name) or _WIDE.match(name):
            continue
        try:
            return line.decode(name)
        except UnicodeError:
            continue
    return line.decode("latin-1")

"""Encoded words in header fields (RFC 2047): "=?utf-8?q?caf=C3=A9?=" -> "café".

    encoded-word = "=?" charset ["*" language] "?" ("B" | "Q") "?" encoded-text "?="

The standard library's decode_header gives up on the whole field for one word that is broken, and looks for
the end of a word without bound. Here a broken word stays as it was written, blanks inside a word are taken,
a character that was cut between two neighbouring words is put together, and the work is linear.
"""

from __future__ import annotations

import binascii
import re

from .charset import decode_text, find_codec
from .note import Note

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?(.{0,1000}?)\?=")
"""Twelve times what RFC 2047 allows a word; the bound keeps a field of openings linear."""
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


def decode_words(text: str) -> tuple[str, Note | None]:
    """Decode the encoded words in one unfolded field value. Never raises."""
    if "=?" not in text:
        return text, None
    done: list[str] = []
    pending = b""  # bytes of neighbouring words in one charset, decoded together
    charset = ""
    note: Note | None = None
    end = 0
    for word in _WORD.finditer(text):
        gap = text[end : word.start()]
        raw = _decode_word(word[2], word[3])
        if raw is None:
            note = Note(kind="header", detail=f"an encoded word cannot be read: {word[0][:60]}")
            continue
        label = word[1].partition("*")[0].lower()
        if pending and label == charset and not gap.strip():
            pending += raw
        else:
            decoded, guess = _decode_bytes(pending, charset)
            note = note or guess
            done += [decoded, gap if gap.strip() or end == 0 else ""]
            pending, charset = raw, label
        end = word.end()
    decoded, guess = _decode_bytes(pending, charset)
    return "".join((*done, decoded, text[end:])), note or guess


def _decode_word(encoding: str, text: str) -> bytes | None:
    """The bytes of one word; None where its base64 holds nothing."""
    if encoding in "qQ":
        return binascii.a2b_qp(text.encode("utf-8", "replace"), header=True)
    digits = _NOT_BASE64.sub("", text)
    if len(digits) % 4 == 1:  # six bits are no byte
        digits = digits[:-1]
    if not digits and text:
        return None
    return binascii.a2b_base64(digits + "=" * (-len(digits) % 4))


def _decode_bytes(raw: bytes, charset: str) -> tuple[str, Note | None]:
    """The word's own charset first: a word is too short for UTF-8 to be told from others by chance."""
    if not raw:
        return "", None
    codec = find_codec(charset)
    if codec:
        try:
            return raw.decode(codec), None
        except UnicodeError:
            pass
    text, note = decode_text(raw, charset)
    if note is None and codec is None and not raw.isascii():
        note = Note(kind="charset", detail=f"no such charset in the header: {charset[:40]}; read as UTF-8")
    return text, note

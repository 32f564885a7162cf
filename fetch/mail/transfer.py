"""Content-Transfer-Encoding -> the bytes that were sent (RFC 2045, section 6), damaged ones too.

What each decoder does with damage is git's and Postel's way: keep all that can be kept, and say so.
"""

from __future__ import annotations

import binascii
import re

from .note import Note

_PADDED_BREAK = re.compile(rb"=[ \t]+(?=\r?\n)")
_ESCAPE = re.compile(rb"=(?:[0-9A-F]{2}|[ \t]*\r?\n)")
_STRAY = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n|\Z)")
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2}[ \t\r]*")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_PLAIN = {"", "7bit", "8bit", "binary"}


def decode_transfer(raw: bytes, encoding: str) -> tuple[bytes, Note | None]:
    """Undo a transfer encoding; one that nobody knows leaves the bytes as they are, with a Note. Never
    raises.
    """
    encoding = encoding.partition(";")[0].strip().strip("\"'").lower()
    if encoding in _PLAIN:
        return raw, None
    if encoding == "quoted-printable":
        return _decode_quoted_printable(raw)
    if encoding in ("base64", "x-base64"):
        return _decode_base64(raw)
    return raw, Note(kind="encoding", detail=f"no such transfer encoding: {encoding[:40]!r}; not decoded")


def _decode_quoted_printable(raw: bytes) -> tuple[bytes, Note | None]:
    """A "=" that starts no escape is kept. Where such outnumber the escapes the text was never encoded: C
    code is full of "=", and "==" or "=0" must not be eaten.
    """
    raw = _PADDED_BREAK.sub(b"=", raw)
    stray = len(_STRAY.findall(raw))
    if not stray:
        return binascii.a2b_qp(raw), None
    if stray > len(_ESCAPE.findall(raw)):
        return raw, Note(kind="encoding", detail="said to be quoted-printable and is not; read as it stands")
    note = Note(kind="encoding", detail=f"damaged quoted-printable: {stray} stray '=' were kept")
    return binascii.a2b_qp(_STRAY.sub(b"=3D", raw)), note


def _decode_base64(raw: bytes) -> tuple[bytes, Note | None]:
    """Up to the padding; what follows in clear (a list's footer) is kept as it stands."""
    head, tail = _split_base64(raw)
    if not head.strip() and tail.strip():
        return raw, Note(kind="encoding", detail="said to be base64 and is not; read as it stands")
    digits = _NOT_BASE64.sub(b"", head)
    alien = len(head) - len(digits) - sum(map(head.count, (b"\n", b"\r", b" ", b"\t", b"=")))
    note = None
    if alien or len(digits) % 4 == 1:
        note = Note(kind="encoding", detail=f"damaged base64: {max(alien, 1)} characters were left out")
    if len(digits) % 4 == 1:  # six bits are no byte
        digits = digits[:-1]
    decoded = binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
    if not tail.strip():
        return decoded, note
    note = Note(kind="encoding", detail="clear text follows base64; kept")
    return decoded.rstrip(b"\r\n") + b"\n" + tail, note


def _split_base64(raw: bytes) -> tuple[bytes, bytes]:
    """The encoded lines, and what follows the padding or the last line that may be one."""
    end = last = 0
    for line in raw.splitlines(keepends=True):
        end += len(line)
        if _BASE64_LINE.fullmatch(line.rstrip(b"\n")) or not line.strip():
            last = end
            if line.rstrip().endswith(b"="):
                break
    return raw[:last], raw[last:]

"""Characters that a reader cannot see, made visible: mail must not hide text in a page or drive a terminal.

Control characters move a terminal's cursor (ECMA-48); bidirectional controls reorder the text that is shown
("Trojan Source", CVE-2021-42574); zero-width and filler characters make two different names look alike, as
letters of another script do (CVE-2021-42694). Each becomes its code point in angle brackets, as in <U+202E>.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# General categories Cc, Cf, Cs, Zl and Zp of Unicode 15, and what is invisible beside them: the combining
# grapheme joiner, Hangul fillers, variation selectors, the braille blank. Tab and line feed are left alone.
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\ud800-\udfff"
)
# More than two marks on one letter write over the neighbouring lines.
_STACKED = "(?<=[\u0300-\u036f]{2})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_BLANKS = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"

_IN_PROSE = re.compile(f"[{_UNSEEN}]|{_STACKED}")
_IN_CODE = re.compile(f"[{_UNSEEN}{_BLANKS}]|{_STACKED}")
_ESCAPED = re.compile(f"[{_UNSEEN}]")
_LOOKALIKE = re.compile("[\u0370-\u052f\u13a0-\u13ff\u2c80-\u2cff\uff21-\uff5a\U0001d400-\U0001d7ff]")
_MIXED_WORD = re.compile(f"(?:[A-Za-z0-9_]+{_LOOKALIKE.pattern}|{_LOOKALIKE.pattern}+[A-Za-z0-9_])")


def unseen(text: str, *, code: bool = False) -> Iterator[tuple[str, str]]:
    """Split `text` into (plain text, unseen character) pairs; the last pair's character is "".

    With `code`, blanks that are not the ASCII one count too, and so do Greek, Cyrillic and other letters in a
    word that also has ASCII ones.
    """
    pattern = _IN_CODE if code else _IN_PROSE
    if text.isascii() and not pattern.search(text):
        yield text, ""
        return
    mixed = code and _MIXED_WORD.search(text)
    if mixed:
        pattern = re.compile(f"{pattern.pattern}|{_LOOKALIKE.pattern}")
    at = 0
    for match in pattern.finditer(text):
        yield text[at : match.start()], match.group()
        at = match.end()
    yield text[at:], ""


def code_point(character: str) -> str:
    """Return "<U+202E>"."""
    return f"<U+{ord(character):04X}>"


def character_name(character: str) -> str:
    """Return the character's Unicode name in lower case, or what kind of character it is."""
    named = unicodedata.name(character, "").lower()
    return named or {"Cc": "control character", "Cs": "byte that is no text"}.get(
        unicodedata.category(character), "invisible character"
    )


def plain(text: str, *, code: bool = False) -> str:
    """Return `text` with every unseen character as its code point, safe for a terminal."""
    return "".join(seen + (code_point(char) if char else "") for seen, char in unseen(text, code=code))


def escape_unseen(text: str) -> str:
    """Return JSON text with every unseen character as its escape (RFC 8259, section 7)."""
    if text.isascii() and "\x7f" not in text:
        return text
    return _ESCAPED.sub(lambda found: _json_escape(found.group()), text)


def _json_escape(character: str) -> str:
    pair = character.encode("utf-16-be")
    return "".join(f"\\u{pair[at]:02x}{pair[at + 1]:02x}" for at in range(0, len(pair), 2))


def count_unseen(text: str) -> int:
    """How many characters of a diff or program text a reader would not see as they are."""
    return sum(1 for _, char in unseen(text, code=True) if char)

"""Lines of text for a terminal or a mail: 78 columns wide, nothing in them that a reader cannot see.

Nothing out of a mail reaches a text report but through these, and they through `plain`.
"""

from __future__ import annotations

import unicodedata

from .visible import plain

WIDTH = 78
LONGEST = 4000
"""Characters of one line or paragraph of a mail that are looked at."""


def columns(text: str) -> int:
    """How many columns a terminal gives `text` (Unicode Standard Annex 11; combining marks take none)."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def cut(text: str, width: int = WIDTH) -> str:
    """Return one line of at most `width` columns, " ..." at its end where something is left out."""
    return _shorten(plain(" ".join(text[:LONGEST].split())), width)


def cut_kept(line: str) -> str:
    """Return a line of mail at most 78 columns wide, its blanks kept and tabs made blanks."""
    return _shorten(plain(line[:LONGEST].expandtabs(8)).rstrip(), WIDTH)


def wrap(text: str, first: str = "", rest: str | None = None, most: int = 0) -> list[str]:
    """Break `text` at blanks into lines of at most 78 columns; with `most`, no more lines than that."""
    rest = " " * len(first) if rest is None else rest
    lines, line, empty = [], first, True
    for word in plain(text[:LONGEST]).split():
        if not empty and columns(line) + 1 + columns(word) > WIDTH:
            lines.append(line)
            line, empty = rest, True
        line += word if empty else " " + word
        empty = False
        while columns(line) > WIDTH:
            lines.append(line[:WIDTH] if line.isascii() else line[: WIDTH // 2])
            line = rest + line[len(lines[-1]) :]
    lines.append(line)
    if most and len(lines) > most:
        lines = [
            *lines[: most - 1],
            _shorten(f"{lines[most - 1]} {lines[most].lstrip()}", WIDTH, always=True),
        ]
    return lines


def _shorten(line: str, width: int, *, always: bool = False) -> str:
    if columns(line) <= width and not always:
        return line
    while columns(line) > width - 4:
        line = line[: -max(1, (columns(line) - width + 4) // 2)]
    return line.rstrip() + " ..."

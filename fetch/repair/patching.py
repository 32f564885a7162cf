"""Hunks applied to a pre-image: offsets as git apply allows them, fuzz never."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from .grammar import Hunk

Lines = list[str]
"""A file's lines, each with its own line end (the last one may lack it)."""


MAX_SPOTS = 2000
"""Places away from its stated line that are compared with a hunk's old lines, nearest first."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a hunk does not apply."""

    hunk: int
    """1-based."""
    reason: str


def decode(content: bytes) -> str:
    """Return a file's bytes as text, one to one (PEP 383 for what is not UTF-8)."""
    return content.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return the bytes of `text`; a surrogate that stands for no byte becomes "?"."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def split_lines(text: str) -> Lines:
    """Split at LF alone, keeping the line ends."""
    lines = text.split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])


def sides(hunk: Hunk) -> tuple[Lines, Lines]:
    """Return the hunk's old and new lines, with line ends."""
    old = [line.text + ("\n" if line.newline else "") for line in hunk.lines if line.sign != "+"]
    new = [line.text + ("\n" if line.newline else "") for line in hunk.lines if line.sign != "-"]
    return old, new


def apply_hunks(lines: Lines, hunks: Sequence[Hunk]) -> Lines | Misfit:
    """Return the post-image's lines.

    A hunk goes where its old lines stand nearest to its stated line (shifted as its predecessors were),
    behind its
    predecessor. Away from that line the rules of git apply hold: one that starts at line 1 stands at the
    file's begin,
    one without context behind it at the end.
    """
    result: Lines = []
    done = shift = 0
    for number, hunk in enumerate(hunks, 1):
        old, new = sides(hunk)
        stated = max(0, hunk.old_start - (1 if hunk.old_count else 0)) + shift
        place = _find(lines, old, stated, done, hunk)
        if place is None:
            return Misfit(number, _why(lines, old, stated, number))
        result += lines[done:place]
        result += new
        done = place + len(old)
        shift = place - max(0, hunk.old_start - (1 if hunk.old_count else 0))
    return result + lines[done:]


def _find(lines: Lines, old: Lines, stated: int, least: int, hunk: Hunk) -> int | None:
    if not old:
        return stated if least <= stated <= len(lines) else None
    if stated >= least and lines[stated : stated + len(old)] == old:
        return stated
    at_begin = hunk.old_start <= 1
    at_end = not hunk.lines or hunk.lines[-1].sign != " "
    spots = (at for at in range(least, len(lines) - len(old) + 1) if lines[at] == old[0])
    for at in heapq.nsmallest(MAX_SPOTS, spots, key=lambda at: abs(at - stated)):
        if (at_begin and at) or (at_end and at + len(old) != len(lines)):
            continue
        if lines[at : at + len(old)] == old:
            return at
    return None


def _why(lines: Lines, old: Lines, stated: int, number: int) -> str:
    if stated + len(old) > len(lines) and len(old) <= len(lines):
        where = f"hunk {number} stands at line {stated + 1}, but the file has {len(lines)} lines"
        return f"{where}, and its text is nowhere"
    for offset, line in enumerate(old):
        if stated + offset < len(lines) and lines[stated + offset] != line:
            there, said = lines[stated + offset].strip()[:60], line.strip()[:60]
            where = f"hunk {number}: line {stated + offset + 1} of the file reads {there!r}"
            return f"{where}, the hunk says {said!r}, and its text is nowhere else"
    return f"hunk {number} does not fit the file"

"""The lines that a file's diff removes and adds, at the places that its images give them."""

from __future__ import annotations

from collections.abc import Sequence

from .diff import Hunk
from .images import FileChange, Image

_SEARCHED = 20_000
"""How far from its stated place a hunk is looked for."""


def changed_lines(change: FileChange) -> tuple[frozenset[int], frozenset[int]]:
    """Return the 1-based numbers of the removed lines in the pre-image and of the added ones in the
    post-image."""
    removed: set[int] = set()
    added: set[int] = set()
    pre, post = _lines(change.pre), _lines(change.post)
    above = below = 0
    for hunk in change.diff.hunks:
        here = _drift(hunk, "+", hunk.pre_start, above, pre)
        there = _drift(hunk, "-", hunk.post_start, below, post)
        pre, post = None if here is None else pre, None if there is None else post
        above, below = here or 0, there or 0
        for line in hunk.lines:
            if line.sign == "-" and line.pre is not None:
                removed.add(line.pre + above)
            elif line.sign == "+" and line.post is not None:
                added.add(line.post + below)
    return frozenset(removed), frozenset(added)


def numbers_in_diff(change: FileChange, side: str) -> dict[int, int]:
    """Return for the lines of an image that the diff shows the numbers that the diff gives them: others,
    where a hunk was applied elsewhere than its header says."""
    lines = _lines(change.pre if side == "pre" else change.post)
    found: dict[int, int] = {}
    drift = 0
    for hunk in change.diff.hunks:
        start, other = (hunk.pre_start, "+") if side == "pre" else (hunk.post_start, "-")
        here = _drift(hunk, other, start, drift, lines)
        lines, drift = None if here is None else lines, here or 0
        for line in hunk.lines:
            number = line.pre if side == "pre" else line.post
            if number is not None:
                found[number + drift] = number
    return found


def _lines(image: Image | None) -> list[str] | None:
    if image is None or not image.whole or not image.fragments:
        return None
    return image.fragments[0].text.split("\n")


def _drift(hunk: Hunk, other: str, start: int, drift: int, lines: Sequence[str] | None) -> int | None:
    """Return how far below its stated place a hunk's side stands in a whole image; the hunk before it is a
    hint. None where it is not found; later hunks are then taken at their word.
    """
    if lines is None:
        return 0
    wanted = [line.text.rstrip("\r") for line in hunk.lines if line.sign != other]
    if not wanted:
        return drift
    for step in range(_SEARCHED):
        for at in {drift + step, drift - step}:
            first = start - 1 + at
            if first >= 0 and first < len(lines) and lines[first].rstrip("\r") == wanted[0]:
                found = [line.rstrip("\r") for line in lines[first : first + len(wanted)]]
                if found == wanted:
                    return at
        if step > len(lines):
            break
    return None

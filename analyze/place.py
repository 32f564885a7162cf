"""Where a run of lines stands in a file, and where it stands nearly; linear in both, whatever they hold."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence

NEAR = 300
"""Lines on each side of the expected place that are searched first: what is found there is nearest."""
FREQUENT = 64
"""Lines that stand more often say little of where a hunk belongs; they vote only this near to its place."""


def places(lines: Sequence[str], run: Sequence[str], first: int, last: int) -> Iterator[int]:
    """Yield the indexes from `first` to `last` at which `run` stands whole (Knuth, Morris, Pratt 1977)."""
    border = _borders(run)
    matched = 0
    for index in range(first, min(last + len(run), len(lines))):
        line = lines[index]
        while matched and (matched == len(run) or run[matched] != line):
            matched = border[matched - 1]
        if run[matched] == line:
            matched += 1
        if matched == len(run):
            yield index - matched + 1


def _borders(run: Sequence[str]) -> list[int]:
    border = [0] * len(run)
    matched = 0
    for index in range(1, len(run)):
        while matched and run[index] != run[matched]:
            matched = border[matched - 1]
        if run[index] == run[matched]:
            matched += 1
        border[index] = matched
    return border


def nearly(lines: Sequence[str], run: Sequence[str], start: int) -> int | None:
    """Return the index at which most of `run` stands in line, nearest to `start` of several; None for none.

    Each line of `run` votes for where the run would begin if that line stood where it does in the file.
    """
    wanted = set(run)
    stands: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        if line in wanted:
            stands.setdefault(line, []).append(index)
    votes: Counter[int] = Counter()
    for index, line in enumerate(run):
        here = stands.get(line, [])
        if len(here) > FREQUENT:
            centre = start + index
            here = here[bisect_left(here, centre - FREQUENT) : bisect_right(here, centre + FREQUENT)]
        votes.update(place - index for place in here if place >= index)
    return max(votes, key=lambda at: (votes[at], -abs(at - start)), default=None)

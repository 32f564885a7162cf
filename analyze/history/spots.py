"""Which patch of one revision is which of the next: the border to the matching of patches.

The ledger takes any mapping of that shape. The one made here goes by title, then by the changed lines that
two patches share; it knows no splits and no merges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from ...fetch.series.assembly import Patch, Revision, Series
from .texts import COVER, patch_text

Spot = tuple[int, int]
"""Index of a revision in `series.revisions` (two may have one number), and a patch's position; 0 is the cover
letter."""
Successors = Mapping[Spot, Spot]
"""A patch -> the same patch in the next revision; without an entry it is gone there."""

MOST_COMPARED = 40_000
"""Pairs of patches of two revisions that are compared by their lines; larger revisions go by title alone."""
ALIKE = 0.4
"""Share of the smaller patch's changed lines that two patches of different titles must have in common."""
TITLE_ALIKE = 0.8


def match_patches(series: Series) -> Successors:
    """Match each revision's patches with the next one's."""
    found: dict[Spot, Spot] = {}
    for at, (one, other) in enumerate(zip(series.revisions, series.revisions[1:], strict=False)):
        if one.cover and other.cover:
            found[at, COVER] = (at + 1, COVER)
        for patch, successor in _pairs(one, other):
            found[at, patch.position] = (at + 1, successor.position)
    return found


def find_patch(series: Series, spot: Spot) -> Patch | None:
    """Return the patch that stands there; None for a cover letter."""
    at, position = spot
    return next((patch for patch in series.revisions[at].patches if patch.position == position), None)


def _pairs(one: Revision, other: Revision) -> list[tuple[Patch, Patch]]:
    """Pair by equal title, then from the most alike down: by lines, or by title where that is close."""
    pairs: list[tuple[Patch, Patch]] = []
    left, right = list(one.patches), list(other.patches)
    for patch in one.patches:
        same = next((p for p in right if _title(p) == _title(patch)), None)
        if same is not None:
            pairs.append((patch, same))
            left.remove(patch)
            right.remove(same)
    if len(left) * len(right) > MOST_COMPARED:
        return pairs
    scored = [(_alike(a, b), -i, -j) for i, a in enumerate(left) for j, b in enumerate(right)]
    taken: tuple[set[int], set[int]] = (set(), set())
    for score, i, j in sorted(scored, reverse=True):
        if score < ALIKE:
            break
        if i not in taken[0] and j not in taken[1]:
            pairs.append((left[-i], right[-j]))
            taken[0].add(i)
            taken[1].add(j)
    return pairs


def _title(patch: Patch) -> str:
    return " ".join(patch.title.casefold().split())


def _alike(one: Patch, other: Patch) -> float:
    mine, theirs = _changed(one), _changed(other)
    lines = len(mine & theirs) / max(1, min(len(mine), len(theirs)))
    title = SequenceMatcher(None, _title(one)[:200], _title(other)[:200], autojunk=False).ratio()
    return max(lines, title if title >= TITLE_ALIKE else 0.0)


def _changed(patch: Patch) -> frozenset[str]:
    lines: Sequence[str] = [f"{line.sign}{line.key}" for line in patch_text(patch).lines if line.sign in "+-"]
    return frozenset(line for line in lines if len(line) > 8)

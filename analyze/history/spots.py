"""Where a patch stands in a series, and where the next revision has it: matching.py over a whole history.

A patch that was split or merged has no successor here: what became of a comment on it is then told by its
lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...fetch.series.assembly import Patch, Series
from .matching import Matching, match_patches
from .texts import COVER

Spot = tuple[int, int]
"""Index of a revision in `series.revisions` (two may have one number), and a patch's position; 0 is the cover
letter."""
Successors = Mapping[Spot, Spot]
"""A patch -> the same patch in the next revision; without an entry it is gone there."""


def match_revisions(series: Series) -> tuple[Matching, ...]:
    """Match each revision's patches with the next one's: one Matching for each two neighbours."""
    neighbours = zip(series.revisions, series.revisions[1:], strict=False)
    return tuple(match_patches(one.patches, other.patches) for one, other in neighbours)


def follow_patches(series: Series, matchings: Sequence[Matching] | None = None) -> Successors:
    """Return which patch of a revision is which of the next."""
    matchings = match_revisions(series) if matchings is None else matchings
    found: dict[Spot, Spot] = {}
    for at, matching in enumerate(matchings):
        if series.revisions[at].cover and series.revisions[at + 1].cover:
            found[at, COVER] = (at + 1, COVER)
        for pair in matching.pairs:
            found[at, pair.before.position] = (at + 1, pair.after.position)
    return found


def find_patch(series: Series, spot: Spot) -> Patch | None:
    """Return the patch that stands there; None for a cover letter."""
    at, position = spot
    return next((patch for patch in series.revisions[at].patches if patch.position == position), None)

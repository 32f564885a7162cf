"""Where a patch stands in a series, and where the next revision has it: matching.py over a whole history.

A patch that was split or merged has no successor here: what became of a comment on it is then told by its
lines.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...fetch.series.assembly import Patch, Series
from .matching import match_patches
from .texts import COVER

Spot = tuple[int, int]
"""Index of a revision in `series.revisions` (two may have one number), and a patch's position; 0 is the cover
letter."""
Successors = Mapping[Spot, Spot]
"""A patch -> the same patch in the next revision; without an entry it is gone there."""


def follow_patches(series: Series) -> Successors:
    """Match each revision's patches with the next one's."""
    found: dict[Spot, Spot] = {}
    for at, (one, other) in enumerate(zip(series.revisions, series.revisions[1:], strict=False)):
        if one.cover and other.cover:
            found[at, COVER] = (at + 1, COVER)
        for pair in match_patches(one.patches, other.patches).pairs:
            found[at, pair.before.position] = (at + 1, pair.after.position)
    return found


def find_patch(series: Series, spot: Spot) -> Patch | None:
    """Return the patch that stands there; None for a cover letter."""
    at, position = spot
    return next((patch for patch in series.revisions[at].patches if patch.position == position), None)

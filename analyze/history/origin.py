"""Where the lines of a patch that has no partner came from, or went: split, merged, or neither.

What leaves a patch between two revisions are the changed lines that its partner no longer has; what a patch
gains, those that its partner did not have yet. A patch without a partner whose lines are mostly what another
lost was split from it; one whose lines mostly went to what another gained was merged into it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .reading import SAYING, ReadPatch, line_weight

MOSTLY = 0.5
"""The share of a patch's changed lines, by weight, that must be found in the other for a split or a merge."""
LEAST = 2 * SAYING
"""The weight that these lines must have together: two lines that say something."""

Bag = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The patch whose lines a lone patch shares, and how much of it."""

    index: int
    share: float
    """Of the lone patch's changed lines, by weight."""


def remainder(patch: ReadPatch, partner: ReadPatch | None) -> Bag:
    """Return the changed lines of `patch` that `partner` has not; all of them where there is none."""
    return Counter(patch.bare) - Counter(partner.bare) if partner else patch.bare


def find_origin(lone: ReadPatch, remainders: Sequence[Bag]) -> Origin | None:
    """Return the patch whose remainder holds most of a lone patch's lines; None where none holds enough."""
    whole = lone.weight
    best: Origin | None = None
    for index, rest in enumerate(remainders):
        small, large = (lone.bare, rest) if len(lone.bare) < len(rest) else (rest, lone.bare)
        held = sum(
            line_weight(key[1]) * min(times, large[key]) for key, times in small.items() if key in large
        )
        if held >= LEAST and held >= MOSTLY * whole and (best is None or held / whole > best.share):
            best = Origin(index=index, share=held / whole)
    return best

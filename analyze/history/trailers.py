"""What became of review trailers from one revision to the next: carried over, lost, or kept on another text.

What is looked at are Reviewed-by, Acked-by and Tested-by, given in a reply or standing in the patch. Whether
a patch changed is told by its changed lines, context and trailers aside; whether the change matters to who
gave the trailer, only they can say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...fetch.patch.trailer import Trailer
from ...fetch.series.assembly import Patch, Series
from ...fetch.series.person import same_person
from .spots import Successors, find_patch
from .steps import Change, compare_patches

Fate = Literal[
    "carried over", "carried over, patch changed", "lost", "lost, patch changed", "patch gone", "newest"
]
_REVIEW = ("reviewed-by", "acked-by", "tested-by")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailerLife:
    """One trailer on one revision of a patch, and what the next revision makes of it."""

    trailer: Trailer
    revision: int
    """Index in `series.revisions`."""
    position: int
    fate: Fate
    change: Change | None
    """What changed in the patch until then; None where it is gone or there is no next revision."""


def follow_trailers(series: Series, successors: Successors) -> tuple[TrailerLife, ...]:
    """Follow every review trailer to the next revision."""
    found = []
    for at, revision in enumerate(series.revisions):
        for patch in revision.patches:
            for trailer in _review_trailers(patch):
                fate, change = _fate(trailer, patch, at, series, successors)
                found.append(
                    TrailerLife(
                        trailer=trailer, revision=at, position=patch.position, fate=fate, change=change
                    )
                )
    return tuple(found)


def _review_trailers(patch: Patch) -> Iterator[Trailer]:
    for trailer in patch.trailers:
        if trailer.name.lower() in _REVIEW and not trailer.mismatch and trailer.person is not None:
            yield trailer


def _fate(
    trailer: Trailer, patch: Patch, at: int, series: Series, successors: Successors
) -> tuple[Fate, Change | None]:
    if at + 1 >= len(series.revisions):
        return "newest", None
    spot = successors.get((at, patch.position))
    later = find_patch(series, spot) if spot else None
    if later is None:
        return "patch gone", None
    change = compare_patches(patch, later)
    kept = any(_same(trailer, other) for other in later.trailers if other.given_by is None)
    if change.code:
        return ("carried over, patch changed" if kept else "lost, patch changed"), change
    return ("carried over" if kept else "lost"), change


def _same(one: Trailer, other: Trailer) -> bool:
    """Whether both are of one person; a Reviewed-by may have become of an Acked-by."""
    if other.name.lower() not in _REVIEW or one.person is None or other.person is None:
        return False
    return same_person(one.person, other.person)

"""Matchings of neighbouring revisions -> each patch's life: where it began, what became of it, where it went.

v1 --Matching--> v2 --Matching--> v3      a chain of pairs is a life; a patch that is left out of one
                                          revision and posted again in a later one goes on with its life
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ...fetch.series.assembly import Patch, Revision, Series
from .matching import LonePatch, Matching, match_patches

MOST_ELSEWHERE = 20
"""Other series of one author in which dropped patches are looked for."""
MOST_SOUGHT = 60
"""Dropped patches, the newest, that are looked for there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A patch in one revision of its life."""

    revision: int
    """Index in `series.revisions`."""
    patch: Patch
    kinds: tuple[str, ...]
    """Against its stage before, as PatchPair.kinds; where the life begins "first" (in the oldest revision),
    "new", "split" or "folded"; "back" where revisions without it lie between."""
    words: str
    """Why it is the same patch and what differs, or where it came from; "" in the oldest revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A dropped patch in another series of the same author."""

    title: str
    """Of the series."""
    revision: Revision
    patch: Patch
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One patch through the revisions, oldest stage first; there is at least one."""

    stages: tuple[Stage, ...]
    end: LonePatch | None
    """What became of it after its last stage; None where it is in the last revision looked at."""
    elsewhere: Elsewhere | None = None
    """Where it goes on outside the series; None where it does not end, or nothing at hand has it."""

    @property
    def last(self) -> Stage:
        """Return the newest stage."""
        return self.stages[-1]


@dataclass(slots=True, kw_only=True)
class _Draft:
    """A life while it is followed."""

    stages: list[Stage] = field(default_factory=list)
    end: LonePatch | None = None


def follow_lives(
    series: Series, matchings: Sequence[Matching], last: int, others: Sequence[Series] = ()
) -> tuple[Life, ...]:
    """Follow every patch up to the revision of index `last`: those that it has by place, then the others.

    `others` are series at hand in which dropped patches may go on.
    """
    revisions = series.revisions[: last + 1]
    living: dict[int, _Draft] = {}
    ended: list[_Draft] = []
    for patch in revisions[0].patches if revisions else ():
        stage = Stage(revision=0, patch=patch, kinds=("first",), words="")
        living[patch.position] = _Draft(stages=[stage])
    for at, matching in enumerate(matchings[:last], 1):
        living = _step(at, matching, living, ended)
    kept = [Life(stages=tuple(living[place].stages), end=None) for place in sorted(living)]
    gone = [
        Life(
            stages=tuple(one.stages),
            end=one.end,
            elsewhere=_elsewhere(one, series, others) if number < MOST_SOUGHT else None,
        )
        for number, one in enumerate(reversed(ended))
    ]
    return (*kept, *sorted(gone, key=lambda life: (-life.last.revision, life.last.patch.position)))


def _step(at: int, matching: Matching, living: dict[int, _Draft], ended: list[_Draft]) -> dict[int, _Draft]:
    """Take all lives from one revision to the next, of index `at`."""
    after: dict[int, _Draft] = {}
    for pair in matching.pairs:
        draft = living[pair.before.position]
        draft.stages.append(Stage(revision=at, patch=pair.after, kinds=pair.kinds, words=pair.words))
        after[pair.after.position] = draft
    back = _back(at, matching, ended)
    for lone in matching.gone:
        draft = living[lone.patch.position]
        draft.end = lone
        ended.append(draft)
    for lone in matching.come:
        draft = back.get(lone.patch.position) or _Draft(
            stages=[Stage(revision=at, patch=lone.patch, kinds=(lone.kind,), words=lone.words)]
        )
        after[lone.patch.position] = draft
    return after


def _back(at: int, matching: Matching, ended: list[_Draft]) -> dict[int, _Draft]:
    """Return by position the lives that go on in new patches of this revision, after a rest."""
    come = [lone.patch for lone in matching.come if lone.kind == "new"]
    resting = [one for one in ended if one.end and one.end.kind == "dropped"]
    found: dict[int, _Draft] = {}
    for pair in match_patches([one.stages[-1].patch for one in resting], come).pairs if come else ():
        draft = next(one for one in resting if one.stages[-1].patch is pair.before)
        kinds = ("back", *(kind for kind in pair.kinds if kind != "reordered"))
        draft.stages.append(Stage(revision=at, patch=pair.after, kinds=kinds, words=pair.words))
        draft.end = None
        ended.remove(draft)
        found[pair.after.position] = draft
    return found


def _elsewhere(draft: _Draft, series: Series, others: Sequence[Series]) -> Elsewhere | None:
    """Return where a dropped patch stands in a later posting of another series by the same author."""
    last = draft.stages[-1]
    if draft.end is None or draft.end.kind != "dropped":
        return None
    since = last.patch.message.date
    near = [one for one in others if one is not series and one.revisions and _same_author(one, series)]
    for other in near[:MOST_ELSEWHERE]:
        revision = next((one for one in other.revisions if _not_before(one.date, since)), None)
        pairs = match_patches([last.patch], revision.patches).pairs if revision else ()
        if revision and pairs:
            pair = pairs[0]
            return Elsewhere(title=other.title, revision=revision, patch=pair.after, words=pair.words)
    return None


def _same_author(one: Series, other: Series) -> bool:
    mine, theirs = one.author.email.casefold(), other.author.email.casefold()
    return bool(mine) and mine == theirs


def _not_before(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one >= other

"""Patches of one revision <-> patches of another, without applying them. The rules: docs/matching.md."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...fetch.series.assembly import Patch
from .assignment import assign
from .likeness import THRESHOLD, Likeness, Rarity, compare_patches, weigh
from .origin import Origin, find_origin, remainder
from .reading import ReadPatch, amended, read_patch, slug
from .wording import Facts, find_facts, lone_words, pair_words

_FINE = 1_000_000
"""Steps of a likeness from 0 to 1, as whole numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchPair:
    """A patch in both revisions."""

    before: Patch
    after: Patch
    kinds: tuple[str, ...]
    """"identical" (but for tags and the base), or of "modified" and "renamed"; with them "reordered",
    "split" (another patch took part of it) and "merged" (it took another in)."""
    likeness: float
    """0 to 1; 1 where an id joins the two."""
    words: str
    """Why they are a pair and what differs, for a reader: "same hunks, new title"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LonePatch:
    """A patch without a partner in the other revision."""

    patch: Patch
    kind: str
    """"dropped" or "merged" of the earlier revision, "new" or "split" of the later; "folded" for a "-fix" of
    another patch of its own revision."""
    other: Patch | None
    """Into which it was merged or folded, or from which it was split."""
    share: float
    """Of its changed lines, how many the other shares, by weight; 0 where there is no other."""
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """Two revisions' patches: each is in exactly one pair, or in `gone` or `come`."""

    pairs: tuple[PatchPair, ...]
    """By their place in the later revision."""
    gone: tuple[LonePatch, ...]
    """Of the earlier revision, by place."""
    come: tuple[LonePatch, ...]
    """Of the later revision, by place."""


def match_patches(before: Sequence[Patch], after: Sequence[Patch]) -> Matching:
    """Match the patches of two revisions. Never raises on what the mails hold."""
    left, right = [read_patch(patch) for patch in before], [read_patch(patch) for patch in after]
    likenesses = _likenesses(left, right)
    chosen = assign(_gains(likenesses, len(left), len(right)))
    mates = {column: row for row, column in chosen.items()}
    split, merged = _origins(left, right, chosen, mates)
    moved = _moved([chosen[row] for row in sorted(chosen)])
    pairs = []
    for column, row in sorted(mates.items()):
        facts = find_facts(
            left[row],
            right[column],
            moved=column in moved,
            split=tuple(right[n].patch for n, origin in split.items() if origin.index == row),
            merged=tuple(left[n].patch for n, origin in merged.items() if origin.index == column),
        )
        pairs.append(_pair(left[row], right[column], likenesses[row, column], facts))
    gone = [
        _folded(one, left) or _lone(one.patch, "dropped", "merged", merged.get(row), right)
        for row, one in enumerate(left)
        if row not in chosen
    ]
    come = [
        _folded(one, right) or _lone(one.patch, "new", "split", split.get(column), left)
        for column, one in enumerate(right)
        if column not in mates
    ]
    return Matching(pairs=tuple(pairs), gone=tuple(gone), come=tuple(come))


def _likenesses(left: Sequence[ReadPatch], right: Sequence[ReadPatch]) -> dict[tuple[int, int], Likeness]:
    rarity = Rarity([*left, *right])
    rows, columns = ([weigh(one, rarity) for one in side] for side in (left, right))
    found = {
        (row, column): compare_patches(one, other, rarity)
        for row, one in enumerate(rows)
        for column, other in enumerate(columns)
    }
    return {pair: likeness for pair, likeness in found.items() if likeness.allowed}


def _gains(
    likenesses: Mapping[tuple[int, int], Likeness], rows: int, columns: int
) -> dict[tuple[int, int], int]:
    """Return what each allowed pair is worth: its likeness above the threshold, among equals the order.

    Of twins (the same patch twice) the ones that stand nearest to each other are paired, the first of these.
    """
    size = max(rows, columns, 1)
    near, whole = 4 * size, 4 * size * (size * size + 1)
    return {
        (row, column): (round(max(likeness.score - THRESHOLD, 0.0) * _FINE) + 1) * whole * size
        - (row - column) ** 2 * near
        - (row + column)
        for (row, column), likeness in likenesses.items()
    }


def _origins(
    left: Sequence[ReadPatch],
    right: Sequence[ReadPatch],
    chosen: Mapping[int, int],
    mates: Mapping[int, int],
) -> tuple[dict[int, Origin], dict[int, Origin]]:
    """Return by column of the later revision what was split, by row of the earlier what was merged."""
    lost = [remainder(one, right[chosen[row]] if row in chosen else None) for row, one in enumerate(left)]
    gained = [
        remainder(one, left[mates[column]] if column in mates else None) for column, one in enumerate(right)
    ]
    split = {n: find_origin(one, lost) for n, one in enumerate(right) if n not in mates}
    merged = {n: find_origin(one, gained) for n, one in enumerate(left) if n not in chosen}
    return (
        {n: origin for n, origin in split.items() if origin},
        {n: origin for n, origin in merged.items() if origin},
    )


def _moved(columns: Sequence[int]) -> frozenset[int]:
    """Return the columns off the longest ascending chain: what was taken out and put elsewhere."""
    tops: list[int] = []
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for at, column in enumerate(columns):
        place = bisect_left(tops, column)
        before[at] = ends[place - 1] if place else None
        tops[place:], ends[place:] = (
            [column, *tops[place + 1 :]],
            [at, *ends[place + 1 :]],
        )
    chain: set[int] = set()
    step = ends[-1] if ends else None
    while step is not None:
        chain.add(columns[step])
        step = before[step]
    return frozenset(columns) - chain


def _pair(one: ReadPatch, other: ReadPatch, likeness: Likeness, facts: Facts) -> PatchPair:
    return PatchPair(
        before=one.patch,
        after=other.patch,
        kinds=facts.kinds,
        likeness=likeness.score,
        words=pair_words(one.patch, other.patch, facts, likeness.by_id),
    )


def _lone(
    patch: Patch, alone: str, joined: str, origin: Origin | None, others: Sequence[ReadPatch]
) -> LonePatch:
    other = others[origin.index].patch if origin else None
    kind = joined if other else alone
    share = origin.share if origin else 0.0
    return LonePatch(patch=patch, kind=kind, other=other, share=share, words=lone_words(kind, other, share))


def _folded(fix: ReadPatch, beside: Sequence[ReadPatch]) -> LonePatch | None:
    """Return what is told of a patch that by its title amends another of its revision; None for any other."""
    title = amended(fix.patch)
    host = next((one for one in beside if one is not fix and title and slug(one.patch.title) == title), None)
    if host is None:
        return None
    words = lone_words("folded", host.patch, 0.0)
    return LonePatch(patch=fix.patch, kind="folded", other=host.patch, share=0.0, words=words)

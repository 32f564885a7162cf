"""What changed from each revision to the next, patch by patch: a first look, by lines alone.

Context, white space and trailers are no change. What the changes do is not looked at here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...fetch.series.assembly import Patch, Series
from .spots import Successors, find_patch
from .texts import MESSAGE, Line, patch_text

Kind = Literal["new", "changed", "message", "same"]
"""Of a patch, against the revision before; "message" where nothing but title and message are others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How two revisions of a patch differ."""

    gained: tuple[str, ...]
    """Lines of the later patch's diff, with their signs, that the earlier has not, as "path: +line"."""
    lost: tuple[str, ...]
    moved: bool
    """Whether the same lines stand in another order or in other files' places."""
    message: bool
    """Whether title or commit message are others."""

    @property
    def code(self) -> bool:
        """Whether the diff takes out or puts in other lines, or these elsewhere."""
        return bool(self.gained or self.lost or self.moved)

    @property
    def any(self) -> bool:
        """Whether anything but context and trailers is another."""
        return self.code or self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A patch, and what it was in the revision before."""

    patch: Patch
    before: Patch | None
    """None for a new patch."""
    change: Change | None

    @property
    def kind(self) -> Kind:
        """What it is to the revision before."""
        if self.change is None:
            return "new"
        if self.change.code:
            return "changed"
        return "message" if self.change.message else "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From one revision to the next."""

    revision: int
    """Index in `series.revisions` of the later."""
    pairs: tuple[Pair, ...]
    gone: tuple[Patch, ...]
    """Patches of the earlier revision that no patch of the later is."""

    def those(self, kind: Kind) -> tuple[Pair, ...]:
        """Return the pairs of that kind."""
        return tuple(pair for pair in self.pairs if pair.kind == kind)


def compare_patches(before: Patch, after: Patch) -> Change:
    """Compare two revisions of a patch, line by line, wherever the lines stand."""
    mine, theirs = patch_text(before), patch_text(after)
    less, more = _counted(mine.lines, mine.shown), _counted(theirs.lines, theirs.shown)
    texts = [
        tuple(line.key for line in text.lines if line.path == MESSAGE and line.key) for text in (mine, theirs)
    ]
    order = [
        [
            (line.path, line.sign, line.key)
            for line in text.lines
            if line.path != MESSAGE and line.sign in "+-" and line.key
        ]
        for text in (mine, theirs)
    ]
    return Change(
        moved=less[0] == more[0] and order[0] != order[1],
        gained=_left(more[0] - less[0], more[1]),
        lost=_left(less[0] - more[0], less[1]),
        message="".join(texts[0]) != "".join(texts[1]),
    )


def find_steps(series: Series, successors: Successors) -> tuple[Step, ...]:
    """Compare each revision with the one before."""
    before = {later: spot for spot, later in successors.items()}
    steps = []
    for at in range(1, len(series.revisions)):
        pairs = []
        for patch in series.revisions[at].patches:
            spot = before.get((at, patch.position))
            former = find_patch(series, spot) if spot else None
            change = compare_patches(former, patch) if former else None
            pairs.append(Pair(patch=patch, before=former, change=change))
        kept = {pair.before.position for pair in pairs if pair.before}
        gone = tuple(patch for patch in series.revisions[at - 1].patches if patch.position not in kept)
        steps.append(Step(revision=at, pairs=tuple(pairs), gone=gone))
    return tuple(steps)


_Key = tuple[str, str, str]


def _counted(lines: Sequence[Line], shown: Sequence[str]) -> tuple[Counter[_Key], dict[_Key, str]]:
    counted: Counter[_Key] = Counter()
    texts: dict[_Key, str] = {}
    for line, text in zip(lines, shown, strict=True):
        if line.path != MESSAGE and line.sign in "+-" and line.key:
            key = (line.path, line.sign, line.key)
            counted[key] += 1
            texts.setdefault(key, f"{line.path}: {text}")
    return counted, texts


def _left(counted: Counter[_Key], texts: dict[_Key, str]) -> tuple[str, ...]:
    return tuple(text for key, text in texts.items() if counted[key] > 0)

"""Each changed function's lines through the revisions: since which revision its change is as it is now.

    patch ──block_lines──▶ the added and removed lines that stand in each function
    revision ─────────────▶ of each function, what all its patches change there
    newest revision, and each earlier one ──▶ Block: "as in v12 since v10; v3 and v8 differ"

White space and empty lines aside, it is a comparison of text, in what the hunks show: which function a line
stands in is what its hunk and heading tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ...fetch.series.assembly import Patch, Revision
from .block_lines import BlockLine, Name, block_lines, changed, same_lines
from .lives import Life

State = Literal["same", "differs", "untouched"]
"""Of a revision's lines, held against the newest revision's; "untouched" where it changes none there."""
MOST_LINES = 3_000_000
"""Characters of diffs of one revision that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One text that a change had, in all the revisions that have it."""

    revisions: tuple[int, ...]
    """Indexes in `series.revisions`, ascending."""
    patches: tuple[Patch, ...]
    """Those that change the function, of the newest of these revisions."""
    lines: tuple[BlockLine, ...]
    """Of the newest of these revisions, with the context that hunks show; () where they change none."""
    comments: bool
    """Whether nothing but lines that look like comments tells it from the newest revision's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What a change was in each revision, held against the newest."""

    states: tuple[State, ...]
    """One for each revision, oldest first; the last is "same"."""
    forms: tuple[Form, ...]
    """By their first revision; the newest revision's is among them."""

    @property
    def since(self) -> int:
        """Index of the earliest revision from which on the lines are as in the newest."""
        others = [at for at, state in enumerate(self.states) if state != "same"]
        return max(others, default=-1) + 1

    def those(self, state: State) -> tuple[int, ...]:
        """Return the indexes of the revisions in that state."""
        return tuple(at for at, one in enumerate(self.states) if one == state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one patch of the newest revision changes of a function, through that patch's life."""

    patch: Patch
    course: Course


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A patch that is gone."""

    patch: Patch
    """As its last revision has it."""
    revisions: tuple[int, ...]
    """In which it changed the function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A changed function of the newest revision looked at."""

    path: str
    name: str
    course: Course
    """Of what all patches of a revision change there."""
    parts: tuple[Part, ...]
    """By patch, in order."""
    former: tuple[Former, ...]
    """Patches that the newest revision has not and that changed it in earlier ones."""


_Change = tuple[tuple[Patch, tuple[BlockLine, ...]], ...]
"""What a revision changes of one function, patch by patch; () where nothing."""


def follow_blocks(revisions: Sequence[Revision], lives: Sequence[Life]) -> tuple[Block, ...]:
    """Follow every function that the last of `revisions` changes, in the order of its patches.

    `lives` are those of the same revisions.
    """
    changes = [_changes(revision.patches) for revision in revisions]
    ended = [life for life in lives if life.end is not None]
    by_patch = {life.last.patch.position: life for life in lives if life.end is None}
    return tuple(
        Block(
            path=name[0],
            name=name[1],
            course=_course([change.get(name, ()) for change in changes]),
            parts=tuple(_part(name, patch, by_patch[patch.position], changes) for patch, _ in newest),
            former=_former(name, ended, changes),
        )
        for name, newest in (changes[-1].items() if changes else ())
    )


def _former(
    name: Name, ended: Sequence[Life], changes: Sequence[Mapping[Name, _Change]]
) -> tuple[Former, ...]:
    found = []
    for life in ended:
        at = tuple(
            stage.revision
            for stage in life.stages
            if any(patch is stage.patch for patch, _ in changes[stage.revision].get(name, ()))
        )
        if at:
            found.append(Former(patch=life.last.patch, revisions=at))
    return tuple(found)


def _part(name: Name, patch: Patch, life: Life, changes: Sequence[Mapping[Name, _Change]]) -> Part:
    at_hand = {stage.revision: stage.patch for stage in life.stages}
    found: list[_Change] = [
        tuple(one for one in change.get(name, ()) if one[0] is at_hand.get(at))
        for at, change in enumerate(changes)
    ]
    return Part(patch=patch, course=_course(found))


def _course(found: Sequence[_Change]) -> Course:
    groups: list[list[int]] = []
    for at, one in enumerate(found):
        group = next((group for group in groups if _same(found[group[0]], one)), None)
        if group is None:
            groups.append([at])
        else:
            group.append(at)
    now = groups[next(n for n, group in enumerate(groups) if len(found) - 1 in group)]
    states: list[State] = [
        "same" if at in now else "differs" if one else "untouched" for at, one in enumerate(found)
    ]
    return Course(states=tuple(states), forms=tuple(_form(group, found) for group in groups))


def _same(one: _Change, other: _Change) -> bool:
    """Whether both change the same lines: in order, or the same parts by reordered patches."""
    mine, theirs = _lines(one), _lines(other)
    if bool(mine) != bool(theirs):
        return False
    if same_lines(mine, theirs):
        return True
    ordered = [sorted(change, key=lambda part: [x.key for x in changed(part[1])]) for change in (one, other)]
    return len(one) == len(other) > 1 and all(
        same_lines(lines, others) for (_, lines), (_, others) in zip(*ordered, strict=True)
    )


def _form(group: Sequence[int], found: Sequence[_Change]) -> Form:
    change, newest = found[group[-1]], found[-1]
    code, now = ([line for line in _lines(one) if not line.comment] for one in (change, newest))
    return Form(
        revisions=tuple(group),
        patches=tuple(patch for patch, _ in change),
        lines=tuple(_lines(change)),
        comments=bool(change) and len(found) - 1 not in group and same_lines(code, now),
    )


def _lines(change: _Change) -> list[BlockLine]:
    return [line for _, lines in change for line in lines]


def _changes(patches: Sequence[Patch]) -> dict[Name, _Change]:
    """Return by function what the patches of a revision change in it."""
    found: dict[Name, list[tuple[Patch, tuple[BlockLine, ...]]]] = {}
    left = MOST_LINES
    for patch in patches:
        left -= len(patch.diff)
        for name, lines in block_lines(patch).items() if left > 0 else ():
            found.setdefault(name, []).append((patch, lines))
    return {name: tuple(parts) for name, parts in found.items()}

"""Each changed function's lines through the revisions: since which revision its change is as it is now.

What is held against each other are the added and removed lines that stand in the function, of all patches of
a revision, in order, white space and empty lines aside. It is a comparison of text, in what the hunks show:
which function a line stands in is what its hunk and heading tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...fetch.comment.anchor import squeeze
from ...fetch.series.assembly import Patch, Revision
from .functions import FileSide
from .reading import read_files

Name = tuple[str, str]
"""Path and name of a function."""
State = Literal["same", "differs", "untouched"]
"""Of a revision's lines, held against the newest revision's; "untouched" where it changes none there."""
MOST_LINES = 3_000_000
"""Characters of diffs of one revision that are looked at."""


@dataclass(frozen=True, slots=True)
class BlockLine:
    """A changed line of a function."""

    sign: str
    text: str

    @property
    def key(self) -> str:
        """What of it is compared."""
        return self.sign + squeeze(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One text that a function's change had, in all the revisions that have it."""

    revisions: tuple[int, ...]
    """Indexes in `series.revisions`, ascending."""
    patches: tuple[Patch, ...]
    """Those that change the function, of the newest of these revisions."""
    lines: tuple[BlockLine, ...]
    """Of the newest of these revisions; () where they do not touch the function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A changed function of the newest revision looked at."""

    path: str
    name: str
    states: tuple[State, ...]
    """One for each revision, oldest first; the last is "same"."""
    forms: tuple[Form, ...]
    """By their first revision; the newest revision's is among them."""

    @property
    def since(self) -> int:
        """Index of the earliest revision from which on the lines are as in the newest."""
        others = [at for at, state in enumerate(self.states) if state != "same"]
        return max(others, default=-1) + 1

    @property
    def first(self) -> int:
        """Index of the earliest revision that touches the function."""
        return next(at for at, state in enumerate(self.states) if state != "untouched")

    @property
    def earliest(self) -> int:
        """Index of the earliest revision whose lines are as in the newest, whatever came between."""
        return self.states.index("same")

    def those(self, state: State) -> tuple[int, ...]:
        """Return the indexes of the revisions in that state."""
        return tuple(at for at, one in enumerate(self.states) if one == state)


@dataclass(frozen=True, slots=True)
class _Change:
    """What a revision changes of one function, patch by patch."""

    parts: tuple[tuple[Patch, tuple[BlockLine, ...]], ...]

    @property
    def whole(self) -> tuple[str, ...]:
        """All lines in the order of the patches."""
        return tuple(line.key for _, lines in self.parts for line in lines)

    def same(self, other: _Change) -> bool:
        """Whether both change the same lines: in order, or the same parts by reordered patches."""
        mine, theirs = (sorted([x.key for x in lines] for _, lines in one.parts) for one in (self, other))
        return self.whole == other.whole or mine == theirs


_NOTHING = _Change(())


def follow_blocks(revisions: Sequence[Revision]) -> tuple[Block, ...]:
    """Follow every function that the last of `revisions` changes, in the order of its patches."""
    changes = [_changes(revision.patches) for revision in revisions]
    return tuple(_block(name, changes) for name in (changes[-1] if changes else ()))


def _block(name: Name, changes: Sequence[dict[Name, _Change]]) -> Block:
    found = [change.get(name, _NOTHING) for change in changes]
    newest = found[-1]
    states: list[State] = [
        "same" if one.same(newest) else "differs" if one.parts else "untouched" for one in found
    ]
    groups: list[list[int]] = []
    for at, one in enumerate(found):
        group = next((group for group in groups if found[group[0]].same(one)), None)
        if group is None:
            groups.append([at])
        else:
            group.append(at)
    return Block(
        path=name[0], name=name[1], states=tuple(states), forms=tuple(_form(group, found) for group in groups)
    )


def _form(group: Sequence[int], found: Sequence[_Change]) -> Form:
    parts = found[group[-1]].parts
    return Form(
        revisions=tuple(group),
        patches=tuple(patch for patch, _ in parts),
        lines=tuple(line for _, lines in parts for line in lines),
    )


def _changes(patches: Sequence[Patch]) -> dict[Name, _Change]:
    """Return by function what the patches of a revision change in it."""
    found: dict[Name, list[tuple[Patch, tuple[BlockLine, ...]]]] = {}
    left = MOST_LINES
    for patch in patches:
        left -= len(patch.diff)
        for name, lines in block_lines(patch).items() if left > 0 else ():
            found.setdefault(name, []).append((patch, tuple(lines)))
    return {name: _Change(tuple(parts)) for name, parts in found.items()}


def block_lines(patch: Patch) -> dict[Name, list[BlockLine]]:
    """Return by function the lines that a patch adds and removes in it; of C files alone."""
    found: dict[Name, list[BlockLine]] = {}
    for file in read_files(patch):
        if not file.path.endswith((".c", ".h")):
            continue
        side = FileSide(file)
        for hunk in file.hunks:
            for line in hunk.lines:
                number = line.pre if line.sign == "-" else line.post
                if line.sign not in "+-" or number is None or not line.text.strip():
                    continue
                held = side.at(line.sign, number)
                if held is not None and held[0] == "function":
                    found.setdefault((file.path, held[1]), []).append(BlockLine(line.sign, line.text))
    return found

"""A patch -> the lines that it adds and removes in each function; when two such changes are the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ...fetch.comment.anchor import squeeze
from ...fetch.series.assembly import Patch
from .functions import FileSide
from .reading import read_files

Name = tuple[str, str]
"""Path and name of a function."""
MARK = 12
"""Characters without white space from which on a line of context says where it stands."""
MOST_MOVED = 4_000_000
"""Removed lines times added lines of one function that are aligned."""

_COMMENT = re.compile(r"/\*|\*/|\*(?!\w)|//")


@dataclass(frozen=True, slots=True)
class BlockLine:
    """A line of a function that a hunk shows."""

    sign: str
    """"+", "-", or " " for context."""
    text: str

    @property
    def key(self) -> str:
        """What of it is compared."""
        return self.sign + squeeze(self.text)

    @property
    def comment(self) -> bool:
        """Whether it looks like a line of a comment; a guess, since the line is looked at alone."""
        return _COMMENT.match(self.text.lstrip()) is not None


def block_lines(patch: Patch) -> dict[Name, tuple[BlockLine, ...]]:
    """Return by function that a patch changes the lines of it that the hunks show; of C files alone.

    Context is there for its order among the changed lines; empty lines are left out.
    """
    found: dict[Name, list[BlockLine]] = {}
    for file in read_files(patch):
        if not file.path.endswith((".c", ".h")):
            continue
        side = FileSide(file)
        for hunk in file.hunks:
            for line in hunk.lines:
                number = line.pre if line.sign == "-" else line.post
                if number is None or not line.text.strip():
                    continue
                held = side.at(line.sign, number)
                if held is not None and held[0] == "function":
                    found.setdefault((file.path, held[1]), []).append(BlockLine(line.sign, line.text))
    return {name: tuple(lines) for name, lines in found.items() if changed(lines)}


def changed(lines: Sequence[BlockLine]) -> list[BlockLine]:
    """Return the lines that are added or removed."""
    return [line for line in lines if line.sign != " "]


def same_lines(one: Sequence[BlockLine], other: Sequence[BlockLine]) -> bool:
    """Whether two changes of a function are the same, white space aside.

    A line of context that both show must stand on the same side of each changed line. Where one of them takes
    the whole function out and puts it in elsewhere, what is the same in both places is left out of both.
    """
    if [line.key for line in changed(one)] == [line.key for line in changed(other)]:
        return _placed(one, other) == _placed(other, one)
    moves = [_moves(lines) for lines in (one, other)]
    return any(moves) and all(_few(lines) for lines in (one, other)) and _net(one) == _net(other)


def _placed(lines: Sequence[BlockLine], other: Sequence[BlockLine]) -> list[str]:
    """Return the keys of the changed lines, and of the context that stands once in both, in order."""
    times = [Counter(line.key for line in some if line.sign == " ") for some in (lines, other)]
    return [
        line.key
        for line in lines
        if line.sign != " " or (len(line.key) > MARK and all(one[line.key] == 1 for one in times))
    ]


def _moves(lines: Sequence[BlockLine]) -> bool:
    """Whether a change takes out a function's body from "{" to "}" and puts one in."""
    sides = ({line.text.rstrip() for line in lines if line.sign == sign} for sign in "-+")
    return all({"{", "}"} <= texts for texts in sides)


def _few(lines: Sequence[BlockLine]) -> bool:
    removed = sum(line.sign == "-" for line in lines)
    return removed * (len(changed(lines)) - removed) <= MOST_MOVED


def _net(lines: Sequence[BlockLine]) -> tuple[list[str], list[str]]:
    """Return the removed and the added lines without those that are the same in both, in order."""
    removed, added = ([squeeze(line.text) for line in lines if line.sign == sign] for sign in "-+")
    left: tuple[list[str], list[str]] = ([], [])
    for kind, a, b, c, d in SequenceMatcher(None, removed, added, autojunk=False).get_opcodes():
        if kind != "equal":
            left[0].extend(removed[a:b])
            left[1].extend(added[c:d])
    return left

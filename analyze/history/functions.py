"""The differences between two diffs of a patch, by function."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...fetch.tree.source_tree import NoTree
from ..definition import ChangedFunction
from ..diff import FileDiff
from ..engine.delta import Delta
from ..functions import changed_functions
from ..images import FileChange, images
from ..side import Shown, show_both
from .hunks import FileInterdiff, pair_files

_COMMENT = re.compile(r"\s*(?:/\*|//|\*/|\*(?:\s|$))")
Name = tuple[str, str]
"""Symbol ("function", "struct", ...) and name of a definition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionInterdiff:
    """A definition that the two revisions of a patch change differently."""

    name: str
    symbol: str
    """As ChangedFunction.symbol."""
    path: str
    former_path: str
    """Its file in the earlier revision; `path` but for a renamed file."""
    kind: str
    """"changed" where both revisions touch it, "added" only the later, "dropped" only the earlier, "renamed"
    where both add it under different names."""
    former: str | None = None
    """Its name in the earlier revision, where it was renamed."""
    differs: int
    """Lines of the interdiff that stand in it."""
    delta: Delta | None = None
    """What the later revision's version does differently from the earlier's; None where not compared."""
    comments: bool = False
    """Whether all these lines look like comments; a guess where the function is not whole."""
    why_not: str = ""
    """Why behaviour was not compared, a clause; "" where it was."""


def find_functions(
    before: Sequence[FileDiff], after: Sequence[FileDiff], files: Sequence[FileInterdiff]
) -> tuple[FunctionInterdiff, ...]:
    """Say in which definitions the differences of `files` stand, in their order.

    Names are those that the hunks show: of a function that begins above a hunk, what the heading tells.
    """
    found: list[FunctionInterdiff] = []
    for (one, other), file in zip(pair_files(before, after), files, strict=True):
        if file.hunks and (file.path.endswith((".c", ".h"))):
            found += _of_file(one, other, file)
    return tuple(found)


def _of_file(
    one: FileDiff | None, other: FileDiff | None, file: FileInterdiff
) -> Iterable[FunctionInterdiff]:
    sides = {"-": FileSide(one), "+": FileSide(other)}
    counts: Counter[Name] = Counter()
    code: set[Name] = set()
    for hunk in file.hunks:
        for line in hunk.lines:
            if line.side in sides and line.number is not None:
                held = sides[line.side].at(line.sign, line.number)
                if held is not None and line.text.strip():
                    counts[held] += 1
                    code |= set() if _COMMENT.match(line.text) else {held}
    for (symbol, name), differs in counts.items():
        touched = [(symbol, name) in sides[side].touched for side in "-+"]
        kind = "changed" if all(touched) or not any(touched) else "added" if touched[1] else "dropped"
        yield FunctionInterdiff(
            name=name, symbol=symbol, path=file.path, former_path=file.former or file.path,
            kind=kind, differs=differs, comments=(symbol, name) not in code,
        )  # fmt: skip


class FileSide:
    """What the hunks of one revision's file show: which definition stands at which line."""

    def __init__(self, diff: FileDiff | None) -> None:
        change = images([diff], NoTree())[0] if diff is not None else None
        self._shown: tuple[tuple[Shown, ...], tuple[Shown, ...]] = show_both(change) if change else ((), ())
        self.touched: set[Name] = {(f.symbol, f.name) for f in _changed(change)}

    def at(self, sign: str, number: int) -> Name | None:
        """Return the definition that holds a line, the innermost of several; None where none is known."""
        best: tuple[int, Name] | None = None
        for shown in self._shown[0 if sign == "-" else 1]:
            for region in shown.regions:
                size = region.end - region.top
                if region.top <= number <= region.end and (best is None or size < best[0]):
                    best = (size, (region.symbol, region.name))
        return best[1] if best and best[1][0] != "other" and best[1][1] != "(unknown)" else None


def _changed(change: FileChange | None) -> tuple[ChangedFunction, ...]:
    return changed_functions(change) if change is not None else ()

"""The C files of a series before and after each patch, each text once, under names that lorelens makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..checks.finding import Finding
from .differ import compare_remarks, text_lines
from .tool import Remark

if TYPE_CHECKING:
    from ..images import FileChange
    from ..review import PatchReview

MOST_TEXTS = 400
MOST_SIZE = 4 << 20
"""Bytes of one text."""


class Texts:
    """Every whole image of every C file that the patches change."""

    def __init__(self, patches: Sequence[PatchReview], fits: Callable[[FileChange], bool]) -> None:
        self.names: dict[str, str] = {}
        """Text -> file name: "0001.c"."""
        self.paths: dict[str, str] = {}
        """File name -> a path that has the text."""
        self.lacking: list[str] = []
        self.changes: list[tuple[PatchReview, FileChange]] = []
        self._seen: set[str] = set()
        for patch in patches:
            for change in patch.files:
                if change.path.endswith(".c") and change.post is not None:
                    self._add(patch, change, fits)

    def _add(self, patch: PatchReview, change: FileChange, fits: Callable[[FileChange], bool]) -> None:
        where = f"{change.path} of patch {patch.patch.position} left out"
        texts = {side: _text(change, side) for side in ("pre", "post")}
        if any(image is not None and not image.whole for image in (change.pre, change.post)):
            self.lacking.append(f"{where}: it is not at hand whole")
        elif any(len(text) > MOST_SIZE for text in texts.values()) or len(self.names) + 2 > MOST_TEXTS:
            self.lacking.append(f"{where}: too large, or too many")
        elif not fits(change):
            self.lacking.append(f"{where}: its headers are not those of the tree")
        else:
            self.changes.append((patch, change))
            for side, text in texts.items():
                if change.pre is not None or side == "post":
                    name = self.names.setdefault(text, f"{len(self.names) + 1:04d}.c")
                    self.paths.setdefault(name, change.path)

    def write(self, folder: Path) -> None:
        """Write the texts into a folder."""
        folder.mkdir(parents=True)
        for text, name in self.names.items():
            (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))

    def named(self, change: FileChange) -> list[str]:
        """Return the file names of a change's texts."""
        sides = ("pre", "post") if change.pre is not None else ("post",)
        return [self.names[_text(change, side)] for side in sides]

    def findings(self, name: str, said: Mapping[str, Sequence[Remark]]) -> Iterator[Finding]:
        """Compare what was said of the texts (by file name), patch by patch.

        What was there before is told of a file's first patch alone.
        """
        for patch, change in self.changes:
            pre, post = (said.get(self.names.get(_text(change, side), ""), ()) for side in ("pre", "post"))
            found = compare_remarks(name, patch, change, () if change.pre is None else pre, post)
            yield from (one for one in found if one.origin != "pre-existing" or one.id not in self._seen)
            self._seen.update(one.id for one in found)


def _text(change: FileChange, side: str) -> str:
    return "\n".join(text_lines(change, "pre" if side == "pre" else "post"))

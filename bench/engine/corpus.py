"""The functions that the engine is measured on: 6.12's mm/*.c and fs/userfaultfd.c, as ctags lists them.

The list is Universal Ctags', so that what is counted does not depend on lorelens' own front end; a function
that the front end does not cut out with the same lines is counted as `unread`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from front_end import SETS, tags, unpacked
from lorelens.analyze.lexical import scan
from lorelens.analyze.outline import cut

ARCHIVE = Path("/usr/src/linux-source-6.12.tar.xz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A function as ctags lists it, with its place in its file."""

    path: str
    name: str
    line: int
    """1-based line of its name."""
    start: int
    end: int
    """Offsets into the file's text; -1 where the front end does not cut it out."""
    config: str | None = None
    """The preprocessor condition it stands under."""
    number: int = 0
    """How many functions of its name stand above it in its file (#ifdef)."""

    @property
    def read(self) -> bool:
        """Whether the front end found it with ctags' lines."""
        return self.start >= 0


class Corpus:
    """A kernel tree's files, read once, and its functions."""

    def __init__(self, tree: Path, patterns: tuple[str, ...] = SETS["mm"]) -> None:
        self.tree = tree
        self.texts: dict[str, str] = {}
        self.functions: list[Listed] = []
        files = sorted({str(path.relative_to(tree)) for pattern in patterns for path in tree.glob(pattern)})
        listed = tags(tree, files)
        for path in files:
            self.texts[path] = (tree / path).read_bytes().decode("utf-8", "surrogateescape")
            self.functions += _place(path, self.texts[path], listed.get(path, []))

    def text(self, function: Listed) -> str:
        """Return a function's own text."""
        return self.texts[function.path][function.start : function.end]

    def with_text(self, function: Listed, text: str) -> str:
        """Return its file with `text` in the function's place."""
        whole = self.texts[function.path]
        return whole[: function.start] + text + whole[function.end :]

    def sample(self, count: int | None, seed: int) -> list[Listed]:
        """Return `count` functions at random (all for None), in the order of their files."""
        if count is None or count >= len(self.functions):
            return self.functions
        chosen = random.Random(seed).sample(range(len(self.functions)), count)
        return [self.functions[number] for number in sorted(chosen)]


def open_corpus(
    tree: Path | None = None, archive: Path = ARCHIVE, patterns: tuple[str, ...] = SETS["mm"]
) -> Corpus:
    """Open a tree, or the archive unpacked into the tests' cache."""
    return Corpus(tree or unpacked(archive), patterns)


def _place(path: str, text: str, listed: list[dict[str, object]]) -> list[Listed]:
    source = scan(text)
    places = {
        (source.line(piece.name_at), source.line(piece.end - 1)): piece
        for piece in cut(source)
        if piece.symbol == "function"
    }
    found = {(int(str(tag["line"])), int(str(tag["end"]))): str(tag["name"]) for tag in listed}
    rows: list[Listed] = []
    for (line, last), name in sorted(found.items()):
        piece = places.get((line, last))
        name = piece.name if piece else name  # sys_close, where ctags says SYSCALL_DEFINE1
        rows.append(
            Listed(
                path=path,
                name=name,
                line=line,
                start=piece.start if piece else -1,
                end=piece.end if piece else -1,
                config=piece.config if piece else None,
                number=sum(row.name == name for row in rows),
            )
        )
    return rows

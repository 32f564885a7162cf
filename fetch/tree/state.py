"""The state of the trees that a command names: equal states answer every question alike.

Of a git repository: its HEAD, its references, its config, and which objects and packs it has, also those of
its alternates; what is fetched or committed makes another state, and so does repacking. A plain directory has
no state of its own: what was read of it is noted one by one (watch.py).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from .source_tree import GitTree, ManyTrees, PlainTree, open_tree

_FILES = ("config", "config.worktree", "shallow", "info/grafts", "HEAD")
MAX_ALTERNATES = 20


def tree_state(paths: Sequence[str]) -> str:
    """Return a digest, 64 hex digits. Raises InputError and ToolError where a tree cannot be opened."""
    tree = open_tree(paths)
    digest = hashlib.sha256()
    for member in tree.trees if isinstance(tree, ManyTrees) else (tree,):
        for piece in _pieces(member):
            digest.update(b"%d\0" % len(piece) + piece)
    return digest.hexdigest()


def read_again(directory: str, path: str) -> str | None:
    """Return what Reads.by_file would hold of that file now."""
    content = PlainTree(Path(directory)).read(path)
    return None if content is None else hashlib.sha256(content).hexdigest()


def _pieces(tree: object) -> Iterator[bytes]:
    if not isinstance(tree, GitTree):
        yield type(tree).__name__.encode()
        if isinstance(tree, PlainTree):
            yield os.fsencode(tree.directory.absolute())
        return
    yield b"git"
    yield os.fsencode(tree.repository.absolute())
    yield tree.folder.encode("utf-8", "surrogateescape")
    yield (tree.commit or "").encode()
    yield tree.git.run("for-each-ref", "--format=%(objectname) %(refname)")
    asked = [word for name in ("objects", *_FILES) for word in ("--git-path", name)]
    places = tree.git.run("rev-parse", *asked).decode("utf-8", "surrogateescape").split("\n")
    objects, *files = (Path(os.path.abspath(os.sep), place) for place in places if place)
    for file in files:
        yield file.read_bytes() if file.is_file() else b""
    yield from _objects(objects, MAX_ALTERNATES)


def _objects(folder: Path, alternates: int) -> Iterator[bytes]:
    """Yield the names of all loose objects, and name and size of all packs."""
    for below in sorted(os.listdir(folder)):
        part = folder / below
        if len(below) == 2 and part.is_dir():
            yield os.fsencode(below + " " + " ".join(sorted(os.listdir(part))))
        elif below == "pack":
            sizes = ((name, (part / name).stat().st_size) for name in sorted(os.listdir(part)))
            yield os.fsencode(" ".join(f"{name} {size}" for name, size in sizes))
    listed = folder / "info" / "alternates"
    if alternates and listed.is_file():
        for line in listed.read_text("utf-8", "surrogateescape").splitlines():
            other = folder / line
            if line and not line.startswith("#") and other.is_dir():
                yield os.fsencode(line)
                yield from _objects(other, alternates - 1)

"""Where a tree defines the functions that a mail names; looked for in the folders near memory management."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from ...errors import ToolError
from .source_tree import GitTree, ManyTrees, PatchedTree, PlainTree, SourceTree

FOLDERS = ("mm", "fs", "kernel", "lib", "ipc", "include/linux")
"""Looked through without what is below them."""
MOST_NAMES = 24
MOST_FILES = 24
"""Files that are read for one thread."""
_NAME = re.compile(r"[A-Za-z_]\w{2,79}")


def find_defining(tree: SourceTree, names: Sequence[str]) -> dict[str, str]:
    """Return the texts, by path, of files that look as if they define one of some functions.

    Names that are no identifiers are left out. Never raises: a tree that cannot be searched has none.
    """
    wanted = [name for name in dict.fromkeys(names) if _NAME.fullmatch(name)][:MOST_NAMES]
    if not wanted:
        return {}
    begins = re.compile(rf"^[A-Za-z_][^;\n{{}}]*\b(?:{'|'.join(wanted)})\s*\([^;]*?\)\s*\{{", re.MULTILINE)
    found: dict[str, str] = {}
    for path in _naming(tree, wanted):
        content = tree.read(path)
        text = content.decode("utf-8", "surrogateescape") if content is not None else ""
        if begins.search(text):
            found.setdefault(path, text)
        if len(found) >= MOST_FILES:
            break
    return found


def _naming(tree: SourceTree, names: Sequence[str]) -> Iterator[str]:
    """Yield the paths of files that name a function."""
    if isinstance(tree, PatchedTree):
        yield from _naming(tree.base, names)
    elif isinstance(tree, ManyTrees):
        for one in tree.trees:
            yield from _naming(one, names)
    elif isinstance(tree, GitTree):
        yield from _git_naming(tree, names)
    elif isinstance(tree, PlainTree):
        for folder in FOLDERS:
            yield from _listed(tree, folder)


def _git_naming(tree: GitTree, names: Sequence[str]) -> Iterator[str]:
    if tree.commit is None:
        return
    asked = [word for name in names for word in ("-e", name)]
    folders = [tree.whole(folder) for folder in FOLDERS]
    quiet = ("-l", "-I", "-w", "-F", "--no-textconv", "--full-name", "--max-depth", "0")
    try:
        out = tree.git.run("grep", *quiet, *asked, tree.commit, "--", *folders, timeout=20)
    except ToolError:  # nothing was found, too
        return
    for line in out.decode("utf-8", "replace").splitlines():
        path = line.partition(":")[2]
        inside = f"{tree.folder}/" if tree.folder else ""
        if path.startswith(inside) and path.endswith((".c", ".h")):
            yield path[len(inside) :]


def _listed(tree: PlainTree, folder: str) -> Iterator[str]:
    try:
        with os.scandir(tree.directory / folder) as entries:
            names = sorted(one.name for one in entries if one.is_file(follow_symlinks=False))
    except OSError:
        return
    yield from (f"{folder}/{name}" for name in names if name.endswith((".c", ".h")))

"""The names of the files below a folder of a tree."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ...errors import ToolError
from .source_tree import GitTree, ManyTrees, PatchedTree, PlainTree, SourceTree

MOST_FILES = 5000


def list_files(tree: SourceTree, folder: str) -> tuple[str, ...]:
    """Return the paths below `folder` (no word of a mail), sorted; of several trees the first with any."""
    if isinstance(tree, PatchedTree):
        return list_files(tree.base, folder)
    if isinstance(tree, ManyTrees):
        return next((found for member in tree.trees if (found := list_files(member, folder))), ())
    if isinstance(tree, GitTree):
        return tuple(sorted(_in_git(tree, folder))[:MOST_FILES])
    if isinstance(tree, PlainTree):
        return tuple(sorted(_in_folder(str(tree.directory), folder))[:MOST_FILES])
    return ()


def _in_git(tree: GitTree, folder: str) -> Iterator[str]:
    if tree.commit is None:
        return
    above = f"{tree.folder}/" if tree.folder else ""
    try:
        out = tree.git.run("ls-tree", "-r", "--name-only", "-z", tree.commit, "--", f"{above}{folder}/")
    except ToolError:
        return
    for name in out.decode("utf-8", "surrogateescape").split("\0"):
        if name:
            yield name.removeprefix(above)


def _in_folder(directory: str, folder: str) -> Iterator[str]:
    for below, _, names in os.walk(os.path.join(directory, folder)):
        for name in names:
            yield os.path.relpath(os.path.join(below, name), directory).replace(os.sep, "/")

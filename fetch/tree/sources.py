"""The C files of a tree that calls are looked for in: paths, what tells whether they changed, content."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from ...errors import ToolError
from .git import MAX_BLOB
from .source_tree import GitTree, ManyTrees, PatchedTree, PlainTree, SourceTree

FOLDERS = ("mm", "fs", "kernel", "ipc", "lib", "include", "virt", "io_uring", "block", "security", "arch/x86")
"""Searched with all that is below them. Drivers, net and other architectures would be ten times as much."""
MOST_FILES = 40_000


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file, not read yet."""

    path: str
    identity: str
    """Its blob id, or size and time: another one where the content is another."""


def searched_tree(tree: SourceTree) -> GitTree | PlainTree | None:
    """Return the one tree that is searched: of several the first, which holds most of a patch's files."""
    if isinstance(tree, PatchedTree):
        return searched_tree(tree.base)
    if isinstance(tree, ManyTrees):
        return next((found for one in tree.trees if (found := searched_tree(one))), None)
    return tree if isinstance(tree, GitTree | PlainTree) else None


def list_sources(tree: GitTree | PlainTree) -> tuple[SourceFile, ...]:
    """Return the .c and .h files below FOLDERS, by path; () where they cannot be listed."""
    found = _in_git(tree) if isinstance(tree, GitTree) else _in_folders(str(tree.directory))
    try:
        return tuple(sorted(found, key=lambda one: one.path)[:MOST_FILES])
    except (ToolError, OSError):
        return ()


def read_source(tree: GitTree | PlainTree, file: SourceFile) -> bytes:
    """Return a file's content as it is searched; b"" where it cannot be read (any more)."""
    if isinstance(tree, GitTree):
        blob = tree.objects.read(file.identity)
        return blob.content if blob is not None else b""
    try:
        handle = os.open(tree.directory / file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(handle, "rb") as stream:
            return stream.read(MAX_BLOB)
    except OSError:
        return b""


def _in_git(tree: GitTree) -> Iterator[SourceFile]:
    if tree.commit is None:
        return
    folders = [f"{tree.whole(folder)}/" for folder in FOLDERS]
    out = tree.git.run("ls-tree", "-r", "-z", tree.commit, "--", *folders, timeout=60)
    above = f"{tree.folder}/" if tree.folder else ""
    for entry in out.decode("utf-8", "surrogateescape").split("\0"):
        head, _, path = entry.partition("\t")
        words = head.split()
        if path.endswith((".c", ".h")) and words[0] in ("100644", "100755"):
            yield SourceFile(path.removeprefix(above), words[2])


def _in_folders(directory: str) -> Iterator[SourceFile]:
    for folder in FOLDERS:
        for below, _, names in os.walk(os.path.join(directory, folder)):
            for name in names:
                if not name.endswith((".c", ".h")):
                    continue
                whole = os.path.join(below, name)
                status = os.lstat(whole)
                if os.path.isfile(whole) and not os.path.islink(whole):
                    path = os.path.relpath(whole, directory).replace(os.sep, "/")
                    yield SourceFile(path, f"{status.st_size}:{status.st_mtime_ns}")

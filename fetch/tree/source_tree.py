"""SourceTree: where pre-images come from. A git repository, a plain directory, several of them, or nothing.

Which of them answers, and what is claimed then: docs/trees.md.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ...errors import InputError
from .git import MAX_BLOB, Git, Objects, find_git_dir, refuse_revision
from .watch import note_read

EARLIER = "earlier patch of the thread"
OTHER = "another patch of the thread"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BLOB = re.compile(r"[0-9a-f]{4,64}")
_ANYWHERE = 7
"""Hexadecimal digits from which on a blob id is looked for under any path; git itself prints no fewer."""


class SourceTree(Protocol):
    """A place that holds source files at one base."""

    @property
    def name(self) -> str:
        """What a report calls it: a path and a revision."""

    def read(self, path: str, blob: str | None = None) -> bytes | None:
        """Return the file at `path`, or None.

        With `blob` (an abbreviated or whole git blob id, SHA-1) only content of that id counts; a git
        repository then also finds it under any path and commit.
        """


def blob_id(content: bytes) -> str:
    """Return git's SHA-1 blob id of `content`, 40 hex digits (gitformat-pack(5); `git hash-object`)."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def has_id(content: bytes, blob: str) -> bool:
    """Whether `content` has the (abbreviated) SHA-1 blob id `blob`."""
    return _BLOB.fullmatch(blob.lower()) is not None and blob_id(content).startswith(blob.lower())


def refuse_path(path: str) -> str | None:
    """Say why `path`, which came out of mail, is not to be looked up; None where it is harmless."""
    if not path or len(path) > 4096:
        return "it is empty or longer than 4096 characters"
    if path.startswith("/"):
        return "it is absolute"
    if _CONTROL.search(path):
        return "it holds control characters"
    parts = path.split("/")
    if ".." in parts:
        return 'it leads outside ("..")'
    if "" in parts or "." in parts:
        return "it has an empty part"
    if any(part.lower() == ".git" for part in parts):
        return "it leads into a repository's .git"
    return None


@dataclass(frozen=True, slots=True)
class NoTree:
    """No tree at hand: every read gives None."""

    name: str = "none"

    def read(self, path: str, blob: str | None = None) -> bytes | None:
        """Return None."""
        return None


class GitTree:
    """A git repository (bare, or a work tree's top) at one commit; `folder` is what the files stand below.

    Blobs are found by path at the commit, and by id in the whole object database. Never writes, fetches, or
    runs anything that the repository names. InputError where the revision is not in the repository.
    """

    def __init__(self, repository: Path, revision: str | None = None, folder: str = "") -> None:
        git_dir = find_git_dir(repository)
        if git_dir is None:
            raise InputError(str(repository), "is no git repository's top", "give the folder that holds .git")
        if folder and (why := refuse_path(folder.rstrip("/"))):
            raise InputError(f"folder {folder!r} of {repository}", why)
        self.repository = repository
        self.folder = folder.rstrip("/")
        self.git = Git(git_dir)
        self.objects = Objects(self.git)
        self.revision = revision
        self.commit = self.git.resolve(revision or "HEAD")
        """None in a repository without a commit; blobs are found by id even there."""
        if revision is not None and self.commit is None:
            why = f"is no commit of {repository}"
            raise InputError(f"revision {revision!r}", why, "fetch it there, or name another")

    def at(self, commit: str, label: str) -> GitTree:
        """Return this repository at another commit (a whole id), served by the same git processes."""
        other = object.__new__(GitTree)
        other.__dict__.update(self.__dict__, revision=label, commit=commit)
        return other

    def whole(self, path: str) -> str:
        """Return the path from the repository's top."""
        return f"{self.folder}/{path}" if self.folder else path

    def blob_at(self, commit: str, path: str, blob: str) -> bool:
        """Whether the file at `path` at `commit` (a whole id) has the (abbreviated) blob id `blob`."""
        oid = None if refuse_path(path) else self.objects.find(f"{commit}:{self.whole(path)}")
        return oid is not None and oid.startswith(blob.lower())

    @property
    def name(self) -> str:
        """The repository's path, the folder, and the revision."""
        where = f"{self.repository}:{self.folder}" if self.folder else str(self.repository)
        if self.commit is None:
            return where
        label = self.revision or "HEAD"
        return f"{where} at {self.commit[:12]}" + ("" if self.commit.startswith(label) else f" ({label})")

    def read(self, path: str, blob: str | None = None) -> bytes | None:
        """Return the file at `path` at the commit; with `blob`, that blob, wherever it is."""
        if blob is not None:
            blob = blob.lower()
            if not _BLOB.fullmatch(blob):
                return None
            if len(blob) >= _ANYWHERE and (found := self.objects.read(blob)) and found.oid.startswith(blob):
                return found.content
        here = self.read_at(self.commit, path)
        return here if here is not None and (blob is None or has_id(here, blob)) else None

    def read_at(self, commit: str | None, path: str) -> bytes | None:
        """Return the file at `path` at `commit` (a whole id)."""
        if commit is None or refuse_path(path):
            return None
        found = self.objects.read(f"{commit}:{self.whole(path)}")
        return found.content if found else None


@dataclass(frozen=True, slots=True)
class PlainTree:
    """A directory with source files. Nothing outside is read: `..` and symbolic links are not followed."""

    directory: Path

    @property
    def name(self) -> str:
        """The directory."""
        return str(self.directory)

    def read(self, path: str, blob: str | None = None) -> bytes | None:
        """Return the regular file at `path`, up to MAX_BLOB bytes; with `blob`, only where it has that id."""
        if refuse_path(path):
            return None
        try:
            content = self._read(path.split("/"))
        except (OSError, UnicodeEncodeError):  # absent, not permitted, a link, no directory, no file name
            content = None
        note_read(str(self.directory), path, content)
        if content is None or (blob is not None and not has_id(content, blob)):
            return None
        return content

    def _read(self, parts: Sequence[str]) -> bytes | None:
        """Open part by part, so that no link is followed even where one appears meanwhile."""
        at = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for part in parts[:-1]:
                below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
                os.close(at)
                at = below
            file = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
        finally:
            os.close(at)
        with open(file, "rb") as stream:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BLOB:
                return None
            return stream.read(MAX_BLOB)


@dataclass(frozen=True, slots=True)
class ManyTrees:
    """Several trees at once: a blob id decides first; then the first that has the path."""

    trees: tuple[SourceTree, ...]

    @property
    def name(self) -> str:
        """The trees' names."""
        return ", ".join(tree.name for tree in self.trees)

    def read(self, path: str, blob: str | None = None) -> bytes | None:
        """Return the first tree's answer."""
        return next((found.content for found in candidates(self, path, blob)), None)


@dataclass(frozen=True, slots=True)
class PatchedTree:
    """`base` with some files replaced: earlier patches of the thread applied. None marks a deleted file."""

    base: SourceTree
    files: Mapping[str, bytes | None]
    blobs: Mapping[str, bytes] = field(default_factory=dict)
    """Other images of the thread, by whole blob id: found by id alone, never by path."""
    unknown: frozenset[str] = frozenset()
    """Paths that an earlier patch changed and was not applied to: what is read by path lacks its change."""

    @property
    def name(self) -> str:
        """The base's name."""
        return self.base.name

    def read(self, path: str, blob: str | None = None) -> bytes | None:
        """Return the replaced file where there is one (and its id agrees), else what `base` holds."""
        return next((found.content for found in candidates(self, path, blob)), None)

    def restarted(self) -> PatchedTree:
        """Return what the next revision of the thread starts from; images are still found by blob id."""
        return PatchedTree(self.base, {}, self.blobs)


@dataclass(frozen=True, slots=True)
class Found:
    """Content of a file, and the name of the tree that gave it."""

    content: bytes
    name: str


def candidates(tree: SourceTree, path: str, blob: str | None = None) -> Iterator[Found]:
    """Yield what `tree` holds at `path` (with `blob`: under that id), tree by tree where it is several."""
    if isinstance(tree, ManyTrees):
        for member in tree.trees:
            yield from candidates(member, path, blob)
        return
    if isinstance(tree, PatchedTree):
        if path in tree.files:
            content = tree.files[path]
            if content is not None and (blob is None or has_id(content, blob)):
                yield Found(content, EARLIER)
            if blob is None:  # what `base` holds there is out of date
                return
        if blob is not None and len(blob) >= _ANYWHERE:
            start = blob.lower()
            yield from (Found(text, OTHER) for oid, text in tree.blobs.items() if oid.startswith(start))
        yield from candidates(tree.base, path, blob)
        return
    content = tree.read(path, blob)
    if content is not None:
        yield Found(content, tree.name)


def open_tree(paths: Sequence[str | Path], base: str | None = None) -> SourceTree:
    """Open git repositories ("REPO" or "REPO:FOLDER") and plain directories: NoTree, one, or ManyTrees.

    `base` is the revision of the repositories; those that lack it serve their HEAD, and blobs by id.
    InputError where a path is absent, or `base` is in no repository at all.
    """
    if base is not None and (why := refuse_revision(base)):
        raise InputError(f"--base {base[:80]!r}", why, "name a commit, a tag or a branch")
    trees = [_open_one(str(path)) for path in paths]
    if base is not None:
        trees = _rebase(trees, base)
    if not trees:
        return NoTree()
    return trees[0] if len(trees) == 1 else ManyTrees(tuple(trees))


def _open_one(text: str) -> GitTree | PlainTree:
    path, folder = Path(text), ""
    if not path.exists() and ":" in text:
        head, _, folder = text.rpartition(":")
        path = Path(head)
    path = path.expanduser()
    if not path.is_dir():
        why = "is not a directory" if path.exists() else "is absent"
        raise InputError(f"--tree {text}", why, "give a git repository or a directory with kernel sources")
    if find_git_dir(path):
        return GitTree(path, None, folder)
    if folder and not (path / folder).is_dir():
        raise InputError(f"--tree {text}", f"{path} has no folder {folder}")
    return PlainTree(path / folder)


def _rebase(trees: Sequence[GitTree | PlainTree], base: str) -> list[GitTree | PlainTree]:
    rebased: list[GitTree | PlainTree] = []
    known = False
    for tree in trees:
        commit = tree.git.resolve(base) if isinstance(tree, GitTree) else None
        if commit is not None and isinstance(tree, GitTree):
            tree = GitTree(tree.repository, base, tree.folder)
            known = True
        rebased.append(tree)
    if not known:
        repositories = ", ".join(str(tree.repository) for tree in trees if isinstance(tree, GitTree))
        why = f"is no commit of {repositories}" if repositories else "is given, but no --tree is a repository"
        raise InputError(f"--base {base!r}", why, "fetch it there, or leave --base out")
    return rebased

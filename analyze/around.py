"""The headers around a patch's files, and what functions reach of them (docs/engine.md, section 11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..fetch.tree.source_tree import ManyTrees, PatchedTree, SourceTree, has_id
from .definition import NOTHING_AROUND, Around, Definition
from .engine.environment import Environment
from .engine.excerpt import excerpt
from .engine.header_index import TwoIndexes
from .images import FileChange, Image, apply_to
from .includes import LONGEST, Place, Read, find_surrounding

GUESS = "the headers are those of {}, which no blob id shows to be the ones that it was written for"


class TreeText:
    """A tree's files as text, each read once."""

    def __init__(self, tree: SourceTree) -> None:
        self.tree = tree
        self._kept: dict[str, str | None] = {}

    def __call__(self, path: str) -> str | None:
        """Return the text at a path; None where it is absent, refused or too long."""
        if path not in self._kept:
            self._kept[path] = _decoded(self.tree.read(path))
        return self._kept[path]


@dataclass(frozen=True, slots=True)
class _Patched:
    """A tree's texts with some files replaced."""

    base: TreeText
    files: Mapping[str, bytes | None]

    def __call__(self, path: str) -> str | None:
        return _decoded(self.files[path]) if path in self.files else self.base(path)


def _decoded(content: bytes | None) -> str | None:
    if content is None or len(content) > LONGEST:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


USERSPACE = ("tools/", "scripts/", "samples/", "usr/", "Documentation/")
"""Programs in the kernel's tree that are built with other headers."""


def reached(
    indexes: TwoIndexes, files: tuple[Environment, Environment], names: tuple[str, str], guess: str
) -> Around:
    """Return what a function (by its name before and after) reaches; nothing where that is too much."""
    found = excerpt(indexes, files, names)
    return Around(pre=found.pre, post=found.post, guess=guess) if found.complete else NOTHING_AROUND


def around_files(
    pre: tuple[str, str], post: tuple[str, str], names: Sequence[tuple[str, str]], tree: SourceTree
) -> tuple[Around, ...]:
    """Return what functions of two versions of a file reach of the headers of one tree. A version is its path
    in the tree (or any) and its text."""
    read = TreeText(tree)
    before, after = (Place(path=path, text=text, read=read) for path, text in (pre, post))
    indexes = find_surrounding(before, after).indexes
    files = Environment.from_text("", pre[1]), Environment.from_text("", post[1])
    return tuple(reached(indexes, files, one, GUESS.format(tree.name)) for one in names)


class TreeHeaders:
    """The headers of one source tree: what was read of it is kept for all patches of a review."""

    def __init__(self) -> None:
        self._texts: list[TreeText] = []

    def around(self, tree: SourceTree, changes: Sequence[FileChange]) -> PatchHeaders:
        """Return the headers around one patch's files. `tree` is what the patch applies to."""
        patched = tree if isinstance(tree, PatchedTree) else PatchedTree(tree, {})
        members = patched.base.trees if isinstance(patched.base, ManyTrees) else (patched.base,)
        whole = [one for one in changes if one.pre is not None and one.pre.whole and one.diff.pre_path]
        best = max(
            (_Patched(self._text(member), patched.files) for member in members),
            key=lambda read: sum(_agrees(read, change) for change in whole),
            default=None,
        )
        return PatchHeaders(best, patched, changes)

    def _text(self, tree: SourceTree) -> TreeText:
        for known in self._texts:
            if known.tree is tree:
                return known
        self._texts.append(TreeText(tree))
        return self._texts[-1]


def _agrees(read: Read, change: FileChange) -> bool:
    """Say whether the tree holds a file's pre-image at its path."""
    return change.pre is not None and read(change.diff.pre_path or "") == change.pre.fragments[0].text


class PatchHeaders:
    """The headers around the files of one patch, before it and after it."""

    def __init__(self, read: _Patched | None, tree: PatchedTree, changes: Sequence[FileChange]) -> None:
        self._pre, self._tree = read, tree
        self._changes = tuple(changes)
        self._by_path = {one.path: one for one in changes}
        self._indexes: dict[str, TwoIndexes | None] = {}

    @cached_property
    def _post(self) -> _Patched:
        assert self._pre is not None
        return _Patched(self._pre.base, apply_to(self._tree, self._changes).files)

    def of(self, pre: Definition, post: Definition) -> Around:
        """Return what the two versions of a function reach of the headers around them.

        Nothing where the tree does not hold the file that the patch changes, or where this patch or an
        earlier one of the thread changes one of the headers and could not be applied to it.
        """
        change = self._by_path.get(post.path)
        if change is None or self._pre is None or change.pre is None or not change.pre.whole:
            return NOTHING_AROUND
        if post.path.startswith(USERSPACE):
            return NOTHING_AROUND
        if post.path not in self._indexes:
            self._indexes[post.path] = self._find(change) if _agrees(self._pre, change) else None
        indexes = self._indexes[post.path]
        if indexes is None:
            return NOTHING_AROUND
        assert change.post is not None
        files = Environment.from_text("", _text(change.pre)), Environment.from_text("", _text(change.post))
        return reached(indexes, files, (pre.name, post.name), self._guess(change))

    def _guess(self, change: FileChange) -> str:
        assert self._pre is not None
        blob, path = change.diff.pre_blob, change.diff.pre_path
        content = self._tree.files.get(path or "", None) or self._pre.base.tree.read(path or "")
        if blob and content is not None and has_id(content, blob):
            return ""
        return GUESS.format(self._pre.base.tree.name)

    def _find(self, change: FileChange) -> TwoIndexes | None:
        if change.pre is None or change.post is None or not (change.pre.whole and change.post.whole):
            return None
        assert self._pre is not None
        found = find_surrounding(
            Place(path=change.diff.pre_path or "", text=_text(change.pre), read=self._pre),
            Place(path=change.diff.post_path or "", text=_text(change.post), read=self._post),
        )
        broken = {one.path for one in self._changes if one.post is not None and not one.post.whole}
        return found.indexes if found.paths.isdisjoint(broken | self._tree.unknown) else None


def _text(image: Image) -> str:
    return image.fragments[0].text if image.fragments else ""

"""The headers around a patch's files, and what functions reach of them (docs/engine.md, section 11)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..fetch.tree.source_tree import ManyTrees, PatchedTree, SourceTree, has_id
from .definition import NOTHING_AROUND, Around, ChangedFunction, Definition
from .engine.environment import Environment
from .engine.excerpt import excerpt, reach
from .engine.header import KEYWORDS
from .engine.header_index import TwoIndexes
from .functions import changed_functions
from .images import FileChange, Image, apply_to
from .includes import LONGEST, Place, Surrounding, find_surrounding
from .other_files import OtherFiles, find_resigned
from .renames import find_renames, seen_from
from .units import Unit

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
    texts: Mapping[str, str]

    def __call__(self, path: str) -> str | None:
        if path in self.texts:
            return self.texts[path]
        return _decoded(self.files[path]) if path in self.files else self.base(path)


def _decoded(content: bytes | None) -> str | None:
    if content is None or len(content) > LONGEST:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


_WORD = re.compile(r"[A-Za-z_]\w*")
USERSPACE = ("tools/", "scripts/", "samples/", "usr/", "Documentation/")
"""Programs in the kernel's tree that are built with other headers."""


def reached(
    indexes: TwoIndexes, files: tuple[Environment, Environment], names: tuple[str, str], guess: str
) -> Around:
    """Return what a function (by its name before and after) reaches; nothing where that is too much."""
    found = excerpt(indexes, files, names)
    if not found.complete or not (found.pre or found.post):
        return NOTHING_AROUND
    return Around(pre=found.pre, post=found.post, guess=guess)


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

    def around(
        self,
        tree: SourceTree,
        changes: Sequence[FileChange],
        functions: Sequence[ChangedFunction] | None = None,
    ) -> PatchHeaders:
        """Return the headers around one patch's files. `tree` is what the patch applies to; `functions` are
        those that it changes, where they are known already."""
        patched = tree if isinstance(tree, PatchedTree) else PatchedTree(tree, {})
        members = patched.base.trees if isinstance(patched.base, ManyTrees) else (patched.base,)
        return PatchHeaders([self._text(member) for member in members], patched, changes, functions)

    def _text(self, tree: SourceTree) -> TreeText:
        for known in self._texts:
            if known.tree is tree:
                return known
        self._texts.append(TreeText(tree))
        return self._texts[-1]


class PatchHeaders:
    """The headers around the files of one patch, before it and after it. Nothing is read before it is asked
    for."""

    def __init__(
        self,
        members: Sequence[TreeText],
        tree: PatchedTree,
        changes: Sequence[FileChange],
        functions: Sequence[ChangedFunction] | None = None,
    ) -> None:
        self._members, self._tree, self._told = tuple(members), tree, functions
        self._changes = tuple(changes)
        self._by_path = {one.path: one for one in changes}
        self._found: dict[str, Surrounding | None] = {}

    def of(self, pre: Definition, post: Definition) -> Around:
        """Return what the two versions of a function reach of the headers around them (I6), with the
        functions that the patch renames (I7).

        Without headers, but with a guess, where the function names what the patch changes in a header that is
        not at hand whole.
        """
        names = seen_from(post.path, self._renames, self._functions) if self._renames else {}
        return replace(self._reached(pre, post), renames=tuple(names.items()))

    @cached_property
    def _functions(self) -> Sequence[ChangedFunction]:
        if self._told is not None:
            return self._told
        return [one for change in self._changes for one in changed_functions(change)]

    @cached_property
    def _renames(self) -> dict[str, str]:
        return find_renames(self._functions)

    def _reached(self, pre: Definition, post: Definition) -> Around:
        change = self._by_path.get(post.path)
        if change is None or post.path.startswith(USERSPACE) or not _is_whole(change):
            return NOTHING_AROUND
        if change.pre is None or change.post is None:
            return NOTHING_AROUND
        found = self._surrounding(post.path)
        if found is None:
            return NOTHING_AROUND
        broken = self._broken()
        if not found.paths.isdisjoint(broken.keys() | self._tree.unknown):
            words = set(_WORD.findall(pre.text + post.text))
            named = sorted(path for path in found.paths & broken.keys() if words & broken[path])
            guess = f"what the patch changes in {', '.join(named)}, which is not at hand whole, says the same"
            return Around(guess=guess) if named else NOTHING_AROUND
        texts, names = (_text(change.pre), _text(change.post)), (pre.name, post.name)
        files = Environment.from_text("", texts[0]), Environment.from_text("", texts[1])
        linked = self._others.linked(post.path, names, lambda: reach(files, names), self._renamed)
        beside = linked.written(0), linked.written(1)
        if any(beside):
            files = (
                Environment.from_text("", texts[0] + beside[0]),
                Environment.from_text("", texts[1] + beside[1]),
            )
        homes = [there for path in linked.homes if (there := self._surrounding(path)) is not None]
        indexes = (
            found.indexes.over(*(one.indexes for one in homes), lent=linked.lent) if homes else found.indexes
        )
        around = reached(indexes, files, names, self._guess(change))
        return replace(around, beside=beside, assumed=tuple(linked.assumed))

    def _surrounding(self, path: str) -> Surrounding | None:
        if path not in self._found:
            change = self._by_path.get(path)
            self._found[path] = self._find(change) if change is not None else None
        return self._found[path]

    @cached_property
    def _renamed(self) -> frozenset[str]:
        return frozenset(word for both in self._renames.items() for word in both)

    @cached_property
    def _others(self) -> OtherFiles:
        whole = [one for one in self._changes if _is_whole(one)]
        units = [
            Unit(path=one.path, texts=(_text(one.pre), _text(one.post)))
            for one in whole
            if one.path.endswith((".c", ".h")) and not one.path.startswith(USERSPACE)
        ]
        at_hand = {one.path for one in units}
        lines = [
            line.text
            for one in self._changes
            if one.path not in at_hand
            for hunk in one.diff.hunks
            for line in hunk.lines
        ]
        return OtherFiles(units, lines, find_resigned(self._functions), self._unbroken)

    def _unbroken(self, path: str) -> Surrounding | None:
        """Return what a file of the patch includes, where all of that is as the patch has it."""
        found = self._surrounding(path)
        broken = self._broken().keys() | self._tree.unknown
        return found if found is not None and found.paths.isdisjoint(broken) else None

    @cached_property
    def _base(self) -> TreeText | None:
        """The one tree that most of the changed files are in as they were, else that has most of them."""
        return max(self._members, key=self._agreement, default=None)

    def _agreement(self, read: TreeText) -> tuple[int, int]:
        own = [(read(one.diff.pre_path or ""), one) for one in self._changes if one.pre is not None]
        same = sum(_is_whole(one) and text == _text(one.pre) for text, one in own if one.pre is not None)
        return same, sum(text is not None for text, _ in own)

    @cached_property
    def _pre(self) -> _Patched:
        assert self._base is not None
        own = {one.diff.pre_path: _text(one.pre) for one in self._changes if one.pre and _is_whole(one)}
        return _Patched(self._base, self._tree.files, {path: text for path, text in own.items() if path})

    @cached_property
    def _post(self) -> _Patched:
        assert self._base is not None
        return _Patched(self._base, apply_to(self._tree, self._changes).files, {})

    def _guess(self, change: FileChange) -> str:
        assert self._base is not None
        path, blob = change.diff.pre_path or "", change.diff.pre_blob
        content = self._tree.files[path] if path in self._tree.files else self._base.tree.read(path)
        if blob and content is not None and has_id(content, blob):
            return ""
        return GUESS.format(self._base.tree.name)

    def _find(self, change: FileChange) -> Surrounding | None:
        if self._base is None:
            return None
        return find_surrounding(
            Place(path=change.diff.pre_path or change.path, text=_text(change.pre), read=self._pre),
            Place(path=change.diff.post_path or change.path, text=_text(change.post), read=self._post),
        )

    def _broken(self) -> dict[str, set[str]]:
        """Return the files that the patch changes and that are not at hand whole, with the names changed."""
        return {one.path: _changed_names(one) for one in self._changes if not _is_whole(one)}


def _changed_names(change: FileChange) -> set[str]:
    """Return what a file's hunks change, by name: functions and macros, and of all else every word."""
    definitions = changed_functions(change)
    if definitions and all(one.symbol in ("function", "prototype", "macro") for one in definitions):
        return {one.name for one in definitions}
    lines = (line.text for hunk in change.diff.hunks for line in hunk.lines if line.sign in "+-")
    return {word for line in lines for word in _WORD.findall(line)} - KEYWORDS


def _is_whole(change: FileChange) -> bool:
    return all(image is None or image.whole for image in (change.pre, change.post))


def _text(image: Image | None) -> str:
    return image.fragments[0].text if image and image.fragments else ""

"""An index of calls: which files of a tree call which names. Lexical, a line of names a file.

What was read of a file is kept under its identity (blob id, or size and time), so that a second review, or
one of another commit, reads only what is another file.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ...fetch.tree.source_tree import GitTree, PlainTree, SourceTree
from ...fetch.tree.sources import FOLDERS, SourceFile, list_sources, read_source, searched_tree
from ..results import NoStore, ResultStore

FORMAT = "calls 1"
MOST_KEPT = 200 << 20
"""Bytes of an index that was kept; a longer one is made anew."""
_CALLED = re.compile(rb"([A-Za-z_]\w*)[ \t]*\(")
_COMMON = frozenset(b"if while for switch return sizeof defined typeof __typeof__ likely unlikely".split())


@dataclass(frozen=True, slots=True)
class CallIndex:
    """What the files of a tree call; "name (" in a comment counts, too: a file named here is read again."""

    tree: GitTree | PlainTree
    files: tuple[tuple[SourceFile, bytes], ...]
    """Each file with its names: " first second "."""

    def naming(self, name: str) -> tuple[SourceFile, ...]:
        """Return the files that have "name (" in them, by path."""
        word = b" %s " % name.encode()
        return tuple(file for file, names in self.files if word in names)

    def in_headers(self, names: Iterable[str]) -> frozenset[str]:
        """Return those of some names that a header has "name (" of."""
        headers = [found for file, found in self.files if file.path.endswith(".h")]
        return frozenset(name for name in names if any(b" %s " % name.encode() in one for one in headers))

    def text(self, file: SourceFile) -> str:
        """Return a file's text; unlike the search, a read that a kept report is checked by."""
        by_path = self.tree.read(file.path) if isinstance(self.tree, PlainTree) else None
        content = read_source(self.tree, file) if by_path is None else by_path
        return content.decode("utf-8", "surrogateescape")


def build_index(
    tree: SourceTree,
    results: ResultStore | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> CallIndex | None:
    """Return the index of a tree, out of what is kept as far as files are the same; None without a tree."""
    searched = searched_tree(tree)
    if searched is None:
        return None
    results = NoStore() if results is None else results
    key = _key(searched)
    kept = _unpack(results.get(key))
    files: list[tuple[SourceFile, bytes]] = []
    read = 0
    listed = list_sources(searched)
    for file in listed:
        names = kept.get((file.path, file.identity))
        if names is None:
            names = _names(read_source(searched, file))
            read += 1
            if read == 500:
                progress(f"reading {len(listed)} files of the tree for who calls what")
        files.append((file, names))
    if read:
        results.put(key, _pack(files))
    return CallIndex(searched, tuple(files)) if files else None


def _names(content: bytes) -> bytes:
    return b" %s " % b" ".join(sorted(set(_CALLED.findall(content)) - _COMMON))


def _key(tree: GitTree | PlainTree) -> str:
    where = f"{tree.repository}:{tree.folder}" if isinstance(tree, GitTree) else str(tree.directory)
    return hashlib.sha256(
        f"{FORMAT}\n{where}\n{' '.join(FOLDERS)}".encode("utf-8", "surrogateescape")
    ).hexdigest()


def _pack(files: list[tuple[SourceFile, bytes]]) -> bytes:
    lines = (
        b"\0".join((f.path.encode("utf-8", "surrogateescape"), f.identity.encode(), names))
        for f, names in files
    )
    return zlib.compress(b"\n".join(lines), 1)


def _unpack(kept: bytes | None) -> dict[tuple[str, str], bytes]:
    """Return the names by file; {} where nothing is kept or it is damaged."""
    if kept is None:
        return {}
    try:
        text = zlib.decompressobj().decompress(kept, MOST_KEPT)
    except zlib.error:
        return {}
    found = {}
    for line in text.split(b"\n"):
        parts = line.split(b"\0")
        if len(parts) == 3:
            found[parts[0].decode("utf-8", "surrogateescape"), parts[1].decode("latin-1")] = parts[2]
    return found

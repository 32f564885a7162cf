"""Which text the hunks were made against: the very blob, another version of the file, or nothing."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..tree.source_tree import SourceTree
from .grammar import Header
from .patching import decode, split_lines
from .stream import squeeze

MAX_SPOTS = 200
"""Places that are compared with a hunk's text."""
MAX_SIZE = 32 << 20
"""Bytes of a pre-image that are looked at."""


@dataclass(slots=True)
class PreImage:
    """A file before the patch."""

    content: bytes
    exact: bool
    """Whether it is the blob that the index line names (or the nothing that a new file is made from)."""
    lines: list[str] = field(init=False)
    """With line ends."""
    squeezed: list[str] = field(init=False)
    _places: dict[str, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        """Split the content into lines."""
        self.lines = split_lines(decode(self.content))
        self.squeezed = [squeeze(line) for line in self.lines]
        self._places = {}

    @property
    def crlf(self) -> bool:
        """Whether most lines end with CR LF."""
        return sum(line.endswith("\r\n") for line in self.lines[:200]) * 2 > len(self.lines[:200])

    def locate(self, old: Sequence[str], stated: int) -> int | None:
        """Return where the squeezed lines `old` stand, nearest to index `stated`; None where they stand
        nowhere.
        """
        if not old:
            return min(stated, len(self.lines))
        if not self._places:
            for at, text in enumerate(self.squeezed):
                self._places.setdefault(text, []).append(at)
        key = min(range(len(old)), key=lambda at: len(self._places.get(old[at], ())))
        spots = (at - key for at in self._places.get(old[key], ()))
        for at in heapq.nsmallest(MAX_SPOTS, spots, key=lambda spot: abs(spot - stated)):
            if at >= 0 and self.squeezed[at : at + len(old)] == list(old):
                return at
        return None


def is_safe(path: str) -> bool:
    """Whether `path` stays inside a tree: relative, no "..", no NUL."""
    return bool(path) and not path.startswith(("/", "~")) and ".." not in path.split("/") and "\0" not in path


def find_pre_image(header: Header, tree: SourceTree) -> PreImage | None:
    """Read the file that `header` names: by its blob id, else whatever version the tree has."""
    if header.old_path is None:
        return PreImage(b"", exact=True)
    if not is_safe(header.old_path):
        return None
    blob = header.pre_blob
    if blob is not None and not blob.strip("0"):
        return PreImage(b"", exact=True)
    content = tree.read(header.old_path, blob) if blob is not None else None
    exact = content is not None
    if content is None:
        content = tree.read(header.old_path)
    if content is None or len(content) > MAX_SIZE:
        return None
    return PreImage(content, exact=exact)

"""SourceTree: where pre-images come from. A git repository, a plain directory, several of them, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


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


@dataclass(frozen=True, slots=True)
class NoTree:
    """No tree at hand: every read gives None."""

    name: str = "none"

    def read(self, path: str, blob: str | None = None) -> bytes | None:
        """Return None."""
        return None


@dataclass(frozen=True, slots=True)
class PatchedTree:
    """`base` with some files replaced: earlier patches of the thread applied. None marks a deleted file."""

    base: SourceTree
    files: Mapping[str, bytes | None]

    @property
    def name(self) -> str:
        """The base's name."""
        return self.base.name

    def read(self, path: str, blob: str | None = None) -> bytes | None:
        """Return the replaced file where there is one (and its id agrees), else what `base` holds."""
        if path in self.files:
            content = self.files[path]
            if blob is None or (content is not None and blob_id(content).startswith(blob.lower())):
                return content
        return self.base.read(path, blob)

"""Patch + tree -> pre-image and post-image of every file, checked against the blob ids."""

from __future__ import annotations

from dataclasses import dataclass

from ..fetch.message import Note
from .diff import FileDiff


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """A run of consecutive lines of a file."""

    start: int
    """1-based number of its first line."""
    text: str
    section: str = ""
    """The hunk's section heading: the line that opens the enclosing function, as git guessed it; "" for a whole file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A file before or after: one Fragment from line 1 where the whole file is at hand, else what the hunks show."""

    fragments: tuple[Fragment, ...]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One file of a patch, before and after."""

    path: str
    diff: FileDiff
    pre: Image | None
    """None for an added file."""
    post: Image | None
    """None for a removed file."""
    verified: bool | None
    """Whether the post-image's blob id agrees: True, False, or None where it cannot be told."""
    source: str
    """Where the pre-image came from, for people: a tree's name, "earlier patch of the thread", "hunks alone"."""
    failure: Note | None
    """Why the patch does not apply, with the hunk; the images are then those of the hunks alone."""

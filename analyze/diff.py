"""A patch's diff text -> FileDiffs. The only importer of unidiff."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a hunk."""

    sign: str
    """" ", "-" or "+"."""
    text: str
    """Without sign and line end."""
    pre: int | None
    post: int | None
    """1-based numbers in the pre-image and post-image."""
    newline: bool
    """False where "\\ No newline at end of file" follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """One "@@ -a,b +c,d @@ section" of a unified diff."""

    pre_start: int
    pre_count: int
    post_start: int
    post_count: int
    section: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDiff:
    """One file of a diff, as git prints it."""

    path: str
    """In the post-image; in the pre-image for a removed file."""
    pre_path: str | None
    """None for an added file."""
    post_path: str | None
    """None for a removed file."""
    pre_blob: str | None
    post_blob: str | None
    binary: bool
    mode_changed: bool
    hunks: tuple[Hunk, ...]

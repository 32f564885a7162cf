"""Review: everything that is known of one revision of a series. What the reports render."""

from __future__ import annotations

from dataclasses import dataclass

from ..fetch.message import Note
from ..fetch.repair import RecoveredFile
from ..fetch.series import Patch, Revision, Series
from .functions import ChangedFunction
from .images import FileChange


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchReview:
    """One patch: its diff as recovered, its files before and after, and what it changes."""

    patch: Patch
    recovered: tuple[RecoveredFile, ...]
    """A RecoveredFile a file, also where nothing had to be repaired."""
    files: tuple[FileChange, ...]
    functions: tuple[ChangedFunction, ...]
    notes: tuple[Note, ...]
    """What could not be read of this patch, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One revision of a series, reviewed. `revision` is None for a thread without a patch (a lone reply)."""

    series: Series
    revision: Revision | None
    patches: tuple[PatchReview, ...]
    tree: str
    """The name of the tree that the pre-images came from, and how its base was found; "none"."""
    command: str
    """The command that reproduces this report."""
    version: str
    """Of lorelens."""
    notes: tuple[Note, ...]

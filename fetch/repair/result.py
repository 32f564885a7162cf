"""What repair gives back: the recovered patch, and what was repaired on what evidence."""

from __future__ import annotations

from dataclasses import dataclass

from ..mail.message import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One kind of damage that was made good in one file's diff."""

    kind: str
    """A slug: "unquoted", "interleaved", "unwrapped", "line-ends", "header", "leading-blank", "empty-line",
    "tabs",
    "indentation", "blanks", "address"; docs/repair.md tells them."""
    lines: int
    """How many lines of the diff it touched."""
    detail: str
    """What was done and on what evidence, in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredFile:
    """One file's diff as it can be recovered, and how sure that is."""

    path: str
    pre_blob: str | None
    post_blob: str | None
    """The (abbreviated) blob ids of the diff's index line."""
    verified: bool | None
    """True: the post-image's blob id came out; False: the pre-image was at hand and it did not; None: not
    at hand.
    """
    tries: int
    """Post-images hashed until the id came out, or until the bound was reached."""
    repairs: tuple[Repair, ...]
    diff: str
    """The whole diff of this file, "diff --git" line to last hunk line, LF line ends."""
    post_image: bytes | None
    """The file after the patch, where the pre-image was at hand and the hunks apply."""
    failure: Note | None
    """Why the file is not whole: a hunk that cannot be made to fit its counts, or does not apply; None when
    whole.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """A recovered patch: text before the first diff, and its files in order."""

    preamble: str
    """What stands before the first file's diff (commit message, diffstat), unquoted and unwrapped where
    needed.
    """
    files: tuple[RecoveredFile, ...]

"""Threads -> Series, Revision, Patch; which revisions belong together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .message import Address, Message, Note
from .quote import Comment
from .trailer import Trailer


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One patch of a revision, as its mail tells it."""

    position: int
    """1-based; 0 never (that is the cover letter)."""
    message: Message
    author: Address
    """The in-body From: where there is one, else the mail's."""
    title: str
    """The subject without its "[PATCH ...]" prefixes."""
    commit_message: str
    """As git mailinfo prints it: in-body headers, scissors and what stands below "---" left out; trailers included."""
    remarks: str
    """What stands between "---" and the diff: changelog, diffstat."""
    trailers: tuple[Trailer, ...]
    """The commit message's own, then those that replies gave, in order."""
    diff: str
    """From the first line of the first diff to the last hunk line; "" where there is none."""
    quoted: bool
    """True where the patch was taken out of a reply's quote, since the mail itself is not at hand."""
    replaces: str | None
    """Message-id of the patch whose place it takes ("v5.1 10/12")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One posting of a series."""

    number: int
    """The version; an unlabelled repost gets the next one."""
    label: str
    """What the mail says: "v5.1", "RFC v2", "" where nothing."""
    cover: Message | None
    patches: tuple[Patch, ...]
    """By position; a position may be missing."""
    expected: int | None
    """How many patches the mails announce ("3/9"); None where they do not."""
    base_commit: str | None
    prerequisites: tuple[str, ...]
    """"prerequisite-patch-id" values, in order."""
    notes: tuple[Note, ...]
    """What is missing, doubled or guessed about this revision."""

    @property
    def head(self) -> str:
        """Message-id of the cover letter, or of the first patch."""
        return self.cover.message_id if self.cover else self.patches[0].message.message_id

    @property
    def date(self) -> datetime | None:
        """Of the head."""
        return (self.cover or self.patches[0].message).date

    @property
    def complete(self) -> bool:
        """Whether every announced patch is here."""
        return self.expected is None or {p.position for p in self.patches} >= set(range(1, self.expected + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A patch series through all its revisions at hand. A thread without any patch is a Series without revisions."""

    title: str
    author: Address
    revisions: tuple[Revision, ...]
    """Oldest first."""
    comments: tuple[Comment, ...]
    """Of all revisions, by date."""
    messages: tuple[str, ...]
    """Message-ids of every mail that was counted to this series, sorted by date."""
    notes: tuple[Note, ...]

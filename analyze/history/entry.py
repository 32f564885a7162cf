"""An entry of the ledger: a comment, its state, and the evidence as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...fetch.comment.quote import Comment
from ...fetch.series.assembly import Patch, Revision
from .asked import Asked
from .kinds import Kind

State = Literal["addressed", "partly", "open", "moved", "declined", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """The lines that were quoted, and what stands in their place in a later revision."""

    revision: str
    """"v3"."""
    message_id: str | None
    """Of the later revision's patch; None where the patch is gone."""
    path: str
    line: int
    """Of the last quoted line, in the earlier revision."""
    kind: str
    """"same", "changed", "around", "unseen", "elsewhere" (in another patch) or "gone" (the patch is)."""
    before: tuple[str, ...]
    after: tuple[str, ...]
    proof: str = ""
    """Why the later text follows the comment; "" where it only changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What somebody answered."""

    message_id: str
    author: str
    by_author: bool
    """Whether by the author of the patches."""
    says: str
    """"agrees", "declines", "defers", "answers" or "rests" (the reviewer lets it be)."""
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A line of a changelog that speaks of the same."""

    message_id: str
    revision: str
    text: str
    shared: tuple[str, ...]
    """Words that it has in common with the comment; the reviewer's name among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A trailer that the reviewer gave to a later revision of the patch."""

    message_id: str
    revision: str
    trailer: str
    """Its name: "Reviewed-by"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that a state rests on."""

    why: str
    """One sentence."""
    hunks: tuple[Hunk, ...] = ()
    replies: tuple[Reply, ...] = ()
    changelog: tuple[Logged, ...] = ()
    trailers: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A reviewer's comment, and what became of it."""

    asked: Asked
    kind: Kind
    state: State
    evidence: Evidence

    @property
    def comment(self) -> Comment:
        """The comment itself."""
        return self.asked.comment

    @property
    def revision(self) -> Revision | None:
        """The revision that it speaks of."""
        return self.asked.revision

    @property
    def patch(self) -> Patch | None:
        """The patch that it speaks of; None for the cover letter."""
        return self.asked.patch

"""What is known of one comment, gathered before any state is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .answers import Answer
from .asked import Asked
from .kinds import Kind
from .proof import Proof
from .related import Relation
from .spoken import Block, Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """The patch that a comment speaks of, in one later revision."""

    revision: int
    """Index in `series.revisions`."""
    name: str
    """"v3"."""
    message_id: str | None
    """None where the patch is gone."""
    fate: Fate | None
    """Of the quoted lines; None where the comment quotes none, or the patch is gone."""
    proof: Proof | None
    same: bool
    """Whether the patch's text is what it was when it was commented on."""
    elsewhere: str = ""
    """The title of another patch of that revision where the quoted lines stand now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A fix of the -mm tree that takes out the very line that a comment speaks of."""

    message_id: str
    title: str
    after: tuple[str, ...]
    """What it puts there, as far as the same file goes."""
    answers: bool
    """Whether it answers the comment's mail, or has words in common with the comment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one comment."""

    asked: Asked
    kind: Kind
    to_author: bool
    """Whether it answers a patch, a cover letter or a mail of an author's, and not another reviewer."""
    on_patch: bool
    """Whether its mail answers a patch or a cover letter itself."""
    beside: str
    """The title of another series of the author, posted soon after, that touches the same file; else ""."""
    block: Block | None
    later: tuple[Later, ...]
    answers: tuple[Answer, ...]
    rests: Answer | None
    asks_on: bool
    """Whether the reviewer, answered by an author, asks on or rejects the answer."""
    related: tuple[Relation, ...]
    fixed: Fixed | None
    trailers: tuple[tuple[int, str, str], ...]
    """Revision index, message-id and trailer that the reviewer gave to a later revision of the patch."""

    @property
    def by_author(self) -> Sequence[Answer]:
        """The authors' answers."""
        return [answer for answer in self.answers if answer.asked.by_author]

    def says(self, kind: str) -> Answer | None:
        """The first of the authors' answers that says so."""
        return next((answer for answer in self.by_author if answer.says == kind), None)

    @property
    def changed(self) -> Later | None:
        """The first later revision, of the next two, in which the quoted line itself is another or gone."""
        return next((one for one in self.later[:2] if one.fate and one.fate.kind == "changed"), None)

    @property
    def around(self) -> Later | None:
        """The first later revision in which only lines quoted with it are others."""
        return next((one for one in self.later[:2] if one.fate and one.fate.kind == "around"), None)

    @property
    def proved(self) -> Later | None:
        """The first later revision whose text follows the comment.

        What it only names, or what is only gone, counts in the next two: later on it may be for anything.
        """
        for number, one in enumerate(self.later):
            if one.proof and (number < 2 or one.proof.kind in ("run", "substitution")):
                return one
        return None

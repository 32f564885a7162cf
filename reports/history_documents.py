"""The parts of review.json that tell of a series' history, as types; documents.py has the whole."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from .lives_documents import FunctionLifeEntry, LifeEntry


class HunkPairEntry(TypedDict):
    """The lines that a comment quotes, and what stands in their place in a later revision."""

    revision: Annotated[str, "Of the later patch: `v3`, or the name of a fix."]
    message_id: Annotated[str | None, "Of the later patch; null where it is gone."]
    path: Annotated[str, "`the commit message` where lines of that are meant."]
    line: Annotated[int, "Of the last quoted line, in the earlier revision."]
    kind: Literal["same", "changed", "around", "elsewhere", "unseen", "gone"]
    before: list[str]
    after: list[str]
    proof: Annotated[str, "Why the later text follows the comment; empty where it only changed."]


class ReplyEntry(TypedDict):
    """What somebody answered."""

    message_id: str
    author: Annotated[str, "`Name <address>`."]
    by_author: Annotated[bool, "Whether by the author of the patches."]
    says: Literal["agrees", "declines", "defers", "answers", "rests"]
    sentence: str


class LoggedEntry(TypedDict):
    """A line of a changelog that speaks of the same."""

    message_id: str
    revision: str
    text: str
    shared: Annotated[list[str], "Words that it shares with the comment, without their endings."]


class GivenEntry(TypedDict):
    """A trailer that the reviewer gave to a later revision of the patch."""

    message_id: str
    revision: str
    trailer: str


class EvidenceEntry(TypedDict):
    """What a state rests on."""

    why: Annotated[str, "One sentence for a reader."]
    hunks: list[HunkPairEntry]
    replies: list[ReplyEntry]
    changelog: list[LoggedEntry]
    trailers: list[GivenEntry]


class PatchStepEntry(TypedDict):
    """One patch, and what it was in the revision before."""

    position: Annotated[int, "1-based."]
    message_id: str
    before: Annotated[str | None, "Message-id in the revision before; null for a new patch."]
    kind: Annotated[Literal["same", "message", "changed", "new"], "`message`: nothing but title and message."]
    gained: Annotated[int, "Lines of the diff that the revision before had not."]
    lost: int


class StepEntry(TypedDict):
    """From one revision to the next."""

    revision: Annotated[str, "The later."]
    patches: list[PatchStepEntry]
    gone: Annotated[list[str], "Message-ids of patches of the revision before that no patch is."]


class TrailerLifeEntry(TypedDict):
    """A review trailer on one revision, and what the next makes of it."""

    trailer: str
    given_by: Annotated[str | None, "Message-id of the reply that gave it; null where the patch has it."]
    revision: str
    position: int
    fate: Literal[
        "carried over", "carried over, patch changed", "lost", "lost, patch changed", "patch gone", "newest"
    ]


class ClaimEntry(TypedDict):
    """A line of a changelog, held against what changed."""

    revision: str
    message_id: str
    text: str
    found: Annotated[
        Literal["seen", "not found", "not checked"], "`not found`: it names what no changed diff has."
    ]
    patches: Annotated[list[str], "Titles of the patches whose changes have its words."]


class UnclaimedEntry(TypedDict):
    """A change of which the revision's changelog says nothing."""

    revision: str
    message_id: str
    what: Literal["changed", "new", "gone"]


class TreeNoteEntry(TypedDict):
    """A mail of the -mm tree's keeper."""

    kind: Annotated[Literal["added", "removed", "fix"], "`fix`: it is folded into the patch."]
    message_id: str
    patch: Annotated[str | None, "Message-id of the patch."]
    title: str


class RereadEntry(TypedDict):
    """A patch of the reviewed revision, for the reader that --me names."""

    position: int
    message_id: str
    need: Literal["changed", "message", "same", "not read"]
    since: Annotated[str | None, "The revision of which the reader spoke last."]


class HistoryEntry(TypedDict):
    """A series' way through its revisions, beside the comments' states."""

    steps: list[StepEntry]
    trailers: list[TrailerLifeEntry]
    claims: list[ClaimEntry]
    unclaimed: list[UnclaimedEntry]
    tree_notes: list[TreeNoteEntry]
    me: str | None
    reread: list[RereadEntry]
    patches: Annotated[list[LifeEntry], "Those of the reviewed revision by place, then those that ended."]
    functions: Annotated[list[FunctionLifeEntry], "Functions that the reviewed revision changes."]

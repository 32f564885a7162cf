"""The JSON document of `lorelens diff` as types; its schema is generated from them (docs/matching.md)."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from .documents import DifferenceEntry, NoteEntry, ReasonEntry, SameEntry, TrailerEntry


class RevisionReference(TypedDict):
    """One of the two revisions."""

    number: int
    label: Annotated[str, "What the mail says (`RFC v2`), empty where nothing."]
    date: Annotated[str | None, "ISO 8601."]
    head: Annotated[str, "Message-id of the cover letter, else of the first patch."]
    complete: Annotated[bool, "Whether every announced patch is here."]
    patches: Annotated[int, "How many of its patches are here."]
    tree: Annotated[str, "Where the files around its hunks came from; `none`."]


class PatchReference(TypedDict):
    """A patch of one of the two."""

    position: Annotated[int, "1-based."]
    message_id: str
    title: Annotated[str, "The subject without its prefixes."]


class InterLineEntry(TypedDict):
    """A line of a diff between two diffs."""

    side: Annotated[Literal["-", "+", " "], "Only in the earlier revision, only in the later, in both."]
    sign: Annotated[Literal["-", "+", " "], "The patch's own sign."]
    text: str
    number: Annotated[int | None, "1-based line of the side's pre-image for `-`, else of its post-image."]


class InterHunkEntry(TypedDict):
    """A run of differences with the lines around it."""

    section: Annotated[str, "The heading of the hunk that it stands in."]
    lines: list[InterLineEntry]


class FileInterdiffEntry(TypedDict):
    """What differs of one file."""

    path: str
    former: Annotated[str | None, "Its path in the earlier revision, where that is another."]
    kind: Annotated[
        Literal["unchanged", "new base", "changed", "added", "dropped"],
        "`new base`: context or line numbers only; `added`: only the later revision touches it.",
    ]
    differs: Annotated[int, "Changed lines that only one of the two has."]
    white_space: Annotated[bool, "Whether nothing but white space differs in them."]
    facts: Annotated[list[str], "What else differs: mode, binary content."]
    hunks: list[InterHunkEntry]


class DeltaEntry(TypedDict):
    """What the later version of a function does differently from the earlier one, as `compare` says it."""

    name: str
    path: str
    line: int
    config: str | None
    kind: list[str]
    verdict: Literal["preserved", "changed", "undecided"]
    reason: ReasonEntry | None
    bounded: bool
    assumptions: list[str]
    differences: list[DifferenceEntry]
    unchanged: list[SameEntry]


class FunctionInterdiffEntry(TypedDict):
    """A definition in which the two differ."""

    name: str
    symbol: str
    path: str
    former_path: Annotated[str, "Its file in the earlier revision."]
    former: Annotated[str | None, "Its name in the earlier revision, where it was renamed."]
    kind: Annotated[
        Literal["changed", "added", "dropped", "renamed"],
        "`added`: only the later revision touches it; `renamed`: both add it.",
    ]
    differs: Annotated[int, "Lines of the interdiff that stand in it."]
    delta: Annotated[DeltaEntry | None, "Between its post-images; null where it was not compared."]
    why_not: Annotated[str, "Why behaviour was not compared; empty where it was."]


class MessageLineEntry(TypedDict):
    """A line of a commit message."""

    side: Literal["-", "+", " "]
    text: str


class MessageInterdiffEntry(TypedDict):
    """What differs between the commit messages."""

    kind: Annotated[Literal["same", "rewrapped", "changed"], "Of the text without its trailers."]
    lines: list[MessageLineEntry]
    added: Annotated[list[TrailerEntry], "Trailers that only the later mail has."]
    removed: Annotated[list[TrailerEntry], "Trailers that only the earlier mail has."]
    lost: Annotated[list[TrailerEntry], "Given to the earlier in replies, and not in the later mail."]


class PairEntry(TypedDict):
    """A patch in both revisions."""

    before: PatchReference
    after: PatchReference
    kinds: Annotated[
        list[Literal["identical", "modified", "renamed", "reordered", "split", "merged"]],
        "`identical`: but for tags and the base.",
    ]
    likeness: Annotated[float, "0 to 1; 1 where an id joins the two."]
    words: Annotated[str, "Why they are a pair and what differs."]
    hunks: Literal["same", "new base", "changed"]
    files: list[FileInterdiffEntry]
    functions: list[FunctionInterdiffEntry]
    message: MessageInterdiffEntry


class LoneEntry(TypedDict):
    """A patch without a partner."""

    patch: PatchReference
    kind: Literal["dropped", "merged", "new", "split", "folded"]
    other: Annotated[PatchReference | None, "Into which it was merged or folded, or from which split."]
    share: Annotated[float, "Of its changed lines that the other shares."]
    words: str


class SeriesDiffEntry(TypedDict):
    """One series' two revisions."""

    title: str
    author: Annotated[str, "`Name <address>`."]
    before: RevisionReference
    after: RevisionReference
    pairs: Annotated[list[PairEntry], "By their place in the later revision."]
    gone: Annotated[list[LoneEntry], "Of the earlier revision."]
    come: Annotated[list[LoneEntry], "Of the later revision."]
    notes: list[NoteEntry]


class DiffDocument(TypedDict):
    """What `lorelens diff --format json` prints."""

    schema: Literal["lorelens/diff/1"]
    series: list[SeriesDiffEntry]
    command: Annotated[str, "What reproduces this document."]
    version: Annotated[str, "Of lorelens."]

"""The JSON documents of CONTRACT.md as types; the schemas beside this module are generated from them.

Keys that CONTRACT.md names come first in each type and never change under one schema number; the others
may grow. Every string in `Annotated` becomes the key's description in the schema.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from .history_documents import (
    ClaimEntry,
    EvidenceEntry,
    GivenEntry,
    HistoryEntry,
    HunkPairEntry,
    LoggedEntry,
    PatchStepEntry,
    ReplyEntry,
    RereadEntry,
    StepEntry,
    TrailerLifeEntry,
    TreeNoteEntry,
    UnclaimedEntry,
)
from .lives_documents import BaselineEntry, FollowedEntry

__all__ = [
    "BaselineEntry",
    "ClaimEntry",
    "EvidenceEntry",
    "FollowedEntry",
    "GivenEntry",
    "HistoryEntry",
    "HunkPairEntry",
    "LoggedEntry",
    "PatchStepEntry",
    "ReplyEntry",
    "RereadEntry",
    "StepEntry",
    "TrailerLifeEntry",
    "TreeNoteEntry",
    "UnclaimedEntry",
]

Source = Annotated[str, "Key in `sources`: SHA-256 of the text's UTF-8 bytes, 64 hex digits."]


class NoteEntry(TypedDict):
    """Something that was read with a guess, left out or cut."""

    kind: Annotated[str, "A slug."]
    detail: Annotated[str, "One sentence for a reader."]


class PatchNoteEntry(NoteEntry):
    """A note on a patch: on its mail, its diff, or one of its files."""

    path: Annotated[str | None, "The file that it speaks of; null where it speaks of no single one."]


class TrailerEntry(TypedDict):
    """One trailer line."""

    name: Annotated[str, "As written: `Reviewed-by`."]
    value: str
    given_by: Annotated[str | None, "Message-id of the reply that gave it; null where the patch has it."]
    comment: Annotated[str, "`# for mm`, `[for the slab part]`; empty where there is none."]


class AnchorEntry(TypedDict):
    """The line of a patch that a comment speaks of."""

    message_id: Annotated[str, "Of the patch mail."]
    path: str
    side: Annotated[Literal["pre", "post"], "`pre` for a removed line, else `post`."]
    line: Annotated[int, "1-based line of that image."]


class CommentEntry(TypedDict):
    """One passage that a reply's author wrote."""

    message_id: Annotated[str, "Of the reply."]
    author: Annotated[str, "`Name <address>`."]
    anchor: AnchorEntry | None
    number: Annotated[int, "1-based position among the reply's comments."]
    date: Annotated[str | None, "ISO 8601."]
    parent: Annotated[str | None, "Message-id of the mail it answers."]
    quote: Annotated[str, "The quoted lines above the text."]
    text: str
    requests: Annotated[list[str], "Its sentences that ask or propose something."]


class LinkEntry(TypedDict):
    """A line of code that a comment speaks of by name."""

    sentence: str
    function: str
    path: str
    side: Annotated[Literal["pre", "post", "tree"], "`tree` where only a tree at hand has the function."]
    patch: Annotated[str, "Message-id of the patch; empty for a tree."]
    line: Annotated[int, "1-based, in that file."]
    text: str
    by: Annotated[list[str], "Names that the sentence and the line share; the function's first."]


class ReviewCommentEntry(CommentEntry):
    """A comment, and what became of it."""

    kind: Annotated[
        Literal["question", "request", "nit", "praise", "trailer", "robot", "notice", "remark"],
        "By rules of words (docs/ledger.md); of an author's own comment `request` or `remark`.",
    ]
    state: Literal["addressed", "partly", "open", "moved", "declined", "unknown"]
    evidence: EvidenceEntry
    findings: Annotated[list[str], "Ids of the findings that speak of the same."]
    links: Annotated[list[LinkEntry], "Lines that it names, where a function of that name is at hand."]
    known: Annotated[list[str], "What the model knows of its lines; empty where it knows nothing."]


class SeriesPatchEntry(TypedDict):
    """One patch of a revision."""

    position: Annotated[int, "1-based."]
    message_id: str
    title: Annotated[str, "The subject without its prefixes."]
    replaces: Annotated[str | None, "Message-id of the patch whose place it takes."]
    author: Annotated[str, "`Name <address>`, empty where the mail names nobody."]
    trailers: list[TrailerEntry]
    claimed: Annotated[list[TrailerEntry], "Trailers in replies, for another person than the reply's sender."]
    notes: Annotated[list[NoteEntry], "On its mail."]


class RevisionEntry(TypedDict):
    """One posting of a series."""

    number: Annotated[int, "The version; an unlabelled repost gets the next one."]
    label: Annotated[str, "What the mail says (`v5.1`), empty where nothing."]
    date: Annotated[str | None, "Of the head, ISO 8601."]
    head: Annotated[str, "Message-id of the cover letter, else of the first patch."]
    cover: Annotated[str | None, "Message-id of the cover letter."]
    complete: Annotated[bool, "Whether every announced patch is here."]
    expected: Annotated[int | None, "How many patches the mails announce."]
    patches: Annotated[list[SeriesPatchEntry], "By position."]
    base_commit: str | None
    prerequisites: Annotated[list[str], "`prerequisite-patch-id` values."]
    notes: list[NoteEntry]
    cover_notes: Annotated[list[NoteEntry], "On the cover letter's mail."]


class SeriesEntry(TypedDict):
    """A series through all its revisions at hand."""

    title: str
    author: Annotated[str, "`Name <address>`."]
    revisions: Annotated[list[RevisionEntry], "Oldest first; empty for a thread without any patch."]
    comments: Annotated[list[CommentEntry], "Of all revisions, by date."]
    messages: Annotated[list[str], "Message-ids of every mail counted to the series, by date."]
    notes: list[NoteEntry]


class SeriesDocument(TypedDict):
    """What `lorelens series --format json` prints."""

    schema: Literal["lorelens/series/1"]
    series: list[SeriesEntry]


class RepairEntry(TypedDict):
    """One kind of damage that was made good in one file's diff."""

    kind: Annotated[str, "A slug: `tabs`, `unwrapped`, ..."]
    lines: Annotated[int, "How many lines of the diff it touched."]
    detail: str


class FileEntry(TypedDict):
    """One file's diff as it could be recovered."""

    path: str
    pre_blob: Annotated[str | None, "The index line's (abbreviated) blob id before the patch."]
    post_blob: str | None
    verified: Annotated[
        bool | None,
        "True: the post-image came out under its id; false: it did not; null: the pre-image was not at hand.",
    ]
    tries: Annotated[int, "Post-images hashed."]
    repairs: list[RepairEntry]
    failure: Annotated[NoteEntry | None, "Why the file is not whole."]


class ReviewFileEntry(FileEntry):
    """A file of a reviewed patch."""

    source: Annotated[str | None, "Where the pre-image came from, for people."]
    diff: Source
    whole: Annotated[bool, "Whether both images were at hand whole, not only their hunks."]
    pre: Annotated[
        str | None,
        "Key in `sources`: the whole pre-image, where findings need it and no earlier patch leaves it.",
    ]


class RecoverDocument(TypedDict):
    """What `lorelens recover --format json` prints."""

    schema: Literal["lorelens/recover/1"]
    files: list[FileEntry]


class SpanEntry(TypedDict):
    """One version of a definition."""

    name: str
    path: str
    start: Annotated[int, "First line, 1-based."]
    end: Annotated[int, "Last line, 1-based."]
    whole: Annotated[bool, "False where only the lines that a hunk shows are at hand."]
    source: Source


class ReasonEntry(TypedDict):
    """Why the verdict is what it is."""

    code: Annotated[str, "A slug: `same-text`, `not-compared`, ..."]
    text: str


class DifferenceEntry(TypedDict):
    """One difference in behaviour, and under which condition it shows."""

    when: str
    effect: Literal["return", "store", "call", "lock", "reference", "warn", "stop"]
    before: str
    after: str
    witness: Annotated[dict[str, str], "Concrete inputs, the values as strings."]
    replay: Literal["confirmed", "not-confirmed", "not-replayable"]
    replay_reason: str | None


class SameEntry(TypedDict):
    """A region of a changed function that stays as it was."""

    when: str
    outcome: str


class DefinitionEntry(TypedDict):
    """A definition or declaration that the patch changes."""

    name: str
    path: str
    line: Annotated[int, "Where it starts after the patch, or before it where it is removed."]
    config: Annotated[str | None, "The preprocessor condition it stands under."]
    kind: list[
        Literal[
            "modified", "added", "removed", "moved", "renamed", "signature",
            "comment-only", "white-space", "unchanged",
        ]
    ]  # fmt: skip
    symbol: Annotated[
        Literal["function", "prototype", "struct", "union", "enum", "macro", "typedef", "variable", "other"],
        "`other`: an include, an exported symbol, another macro call, a comment at file level.",
    ]
    pre: Annotated[SpanEntry | None, "Null where it is added."]
    post: Annotated[SpanEntry | None, "Null where it is removed."]


class BesideEntry(TypedDict):
    """Definitions of a patch's other files that were taken for the file's own, and what that assumes."""

    pre: Source
    post: Source
    assumed: list[str]


class HeadersEntry(TypedDict):
    """What both versions of a function reach of the headers around them."""

    pre: Source
    post: Source
    guess: Annotated[str, "What is assumed by using them; empty where the tree is the patch's own."]
    renames: Annotated[list[list[str]], "Functions that the patch renames alone: names before and after."]
    beside: Annotated[BesideEntry | None, "What of the patch's other files they were compared with."]


class FunctionEntry(DefinitionEntry):
    """A function that the patch changes, and what is known of its behaviour."""

    verdict: Literal["preserved", "changed", "undecided"]
    reason: ReasonEntry | None
    bounded: bool
    assumptions: list[str]
    differences: list[DifferenceEntry]
    unchanged: list[SameEntry]
    headers: Annotated[HeadersEntry | None, "What it was compared with; null where no finding needs it."]


class PatchEntry(TypedDict):
    """One patch of the reviewed revision."""

    position: int
    message_id: str
    title: str
    files: list[ReviewFileEntry]
    functions: list[FunctionEntry]
    definitions: Annotated[list[DefinitionEntry], "Changed structs, macros, prototypes and the like."]
    author: Annotated[str, "`Name <address>`, empty where the mail names nobody."]
    commit_message: Source
    quoted: Annotated[bool, "True where the patch was taken out of a reply's quote."]
    trailers: list[TrailerEntry]
    claimed: Annotated[list[TrailerEntry], "Trailers in replies, for another person than the reply's sender."]
    notes: Annotated[list[PatchNoteEntry], "What could not be read, or was read with a guess; failures too."]


class ShownEntry(TypedDict):
    """A line of code that a finding rests on."""

    path: str
    side: Literal["pre", "post"]
    line: Annotated[int, "1-based, in that image."]
    text: str
    note: Annotated[str, "What it has to do with it, empty where the line says so."]


class ToolEntry(TypedDict):
    """A mechanical check: a program that says things of the patches, not lorelens itself."""

    name: Annotated[str, "Also the `check` of its findings."]
    title: str
    state: Annotated[
        Literal["ran", "partly", "skipped", "failed", "not-run"],
        "`partly`: not over all that it should have seen; `not-run`: not asked for.",
    ]
    detail: Annotated[str, "What it ran over, or why it did not."]
    introduced: Annotated[int, "How many findings of it the patches introduce."]
    findings: int


class DigestsEntry(TypedDict):
    """Digests of what a finding rests on: a dismissal holds as long as they stay."""

    lines: Annotated[str, "Of the shown lines."]
    code: Annotated[str, "Of the function without comments; empty where it is not at hand."]


class DismissedEntry(TypedDict):
    """A person's word that a finding is set aside."""

    reason: str
    by: Annotated[str, "Empty where not told."]
    date: Annotated[str, "ISO 8601, of the day; empty where not told."]


class GroundsEntry(TypedDict):
    """What a finding rests on."""

    lines: list[ShownEntry]
    steps: Annotated[list[str], "The decisions of the path that shows it, in order."]
    assumes: list[str]
    sources: Annotated[list[str], "Where the rules are written down: kernel files, pages, commits."]
    fixed_by: Annotated[str, "Title of the later patch that removes it; else empty."]
    patch: Annotated[int, "Position of the patch."]
    grounds: Annotated[DigestsEntry | None, "Null where they were not made."]


class CheckEntry(TypedDict):
    """A check that was run."""

    id: str
    title: str
    proves: Annotated[str, "What holds where it fires."]
    assumes: list[str]
    severity: Annotated[Literal["high", "medium", "low", "note"], "At most."]
    introduced: Annotated[int, "How many findings of it the patches introduce."]
    findings: Annotated[int, "How many it has in all."]


class FindingEntry(TypedDict):
    """Something that a check found."""

    id: str
    check: str
    title: str
    severity: Literal["high", "medium", "low", "note"]
    origin: Literal["introduced", "pre-existing", "fixed", "fixed-later"]
    verdict: Literal["replayed", "solved", "matched", "undecided"]
    function: str
    path: str
    line: int
    message_id: str
    evidence: GroundsEntry
    rerun: str
    baseline: Annotated[BaselineEntry | None, "Against earlier revisions; null where none was checked."]
    kind: Annotated[
        Literal["semantic", "mechanical"], "`mechanical`: a program said so, and lorelens passes it on."
    ]
    dismissed: Annotated[DismissedEntry | None, "Null where nobody set it aside."]
    returned: Annotated[str, "Why it is back though it was set aside; empty where it was not."]


class AxisEntry(TypedDict):
    """What a model's rows are told apart by."""

    name: Annotated[str, "A flag, `*pagep given`, `vma kind`, or `through`: the function it is entered by."]
    family: Annotated[str, "The rule it comes from (docs/models.md)."]
    values: list[str]


class OutcomeEntry(TypedDict):
    """What a function may do in one case."""

    returns: Annotated[list[str], "Values that it can return, in words; an empty string where it has none."]
    calls: Annotated[list[str], "Calls of note, and calls that only one side can make."]
    not_told: Annotated[str, "Why nothing is said; else empty."]


class RowEntry(TypedDict):
    """One case, or several with the same outcomes."""

    when: Annotated[dict[str, str], "Value by axis; an axis that does not matter here is left out."]
    before: OutcomeEntry
    after: OutcomeEntry
    state: Literal["differs", "new", "gone", "not told", "same"]


class ModelEntry(TypedDict):
    """What a changed function may do before and after, by flags and kinds."""

    message_id: Annotated[str, "Of the patch."]
    position: int
    function: str
    path: str
    line: int
    axes: list[AxisEntry]
    rows: Annotated[list[RowEntry], "What differs first."]
    free: Annotated[list[str], "Axes that the code asks for too, which were left free."]
    unasked: Annotated[list[str], "Flags of a family that the code asks for in part, and these not."]
    assumes: list[str]


class CallSiteEntry(TypedDict):
    """One call as it is written."""

    function: Annotated[str, "The caller: a function, or a macro."]
    path: str
    line: int
    arguments: list[str]
    passes: Annotated[list[str], "Flags in its arguments, and in what the caller assigns to them."]
    meets: Annotated[list[str], "Those of them that the differences of the called function ask for."]


class ReachedEntry(TypedDict):
    """A function that comes to a changed one through others."""

    function: str
    path: str
    through: Annotated[str, "The function that it calls."]
    depth: Annotated[int, "2: it calls a caller."]


class CalledEntry(TypedDict):
    """Who calls a changed function, in the tree before the series; found by name."""

    message_id: Annotated[str, "Of the first patch that changes it."]
    function: str
    path: str
    arguments: Annotated[int | None, "How many it takes before the patch; null where that is not told."]
    contract: Annotated[str, "What it promises to return, with the source; empty where no table says so."]
    calls: Annotated[int, "0 where more files name it than are read."]
    files: int
    sites: list[CallSiteEntry]
    reached: Annotated[list[ReachedEntry], "Where it behaves differently: what comes to it, nearest first."]
    defined_in: Annotated[list[str], "The files that define it."]
    asks: Annotated[list[str], "Flags that its differences ask for."]
    tree: str


class ReviewDocument(TypedDict):
    """What `lorelens review` writes as review.json."""

    schema: Literal["lorelens/review/1"]
    series: SeriesEntry
    revision: Annotated[int | None, "The reviewed revision's number; null for a thread without a patch."]
    patches: list[PatchEntry]
    findings: list[FindingEntry]
    comments: list[ReviewCommentEntry]
    sources: Annotated[dict[str, str], "Texts by the SHA-256 of their UTF-8 bytes."]
    tree: Annotated[str, "Where the pre-images came from."]
    command: Annotated[str, "What reproduces this report."]
    version: Annotated[str, "Of lorelens."]
    notes: list[NoteEntry]
    history: Annotated[HistoryEntry | None, "Null where it was not looked at."]
    kernel: Annotated[str, "The version of the tree's kernel, `5.17`; empty where it is not told."]
    checks: Annotated[list[CheckEntry], "The checks that were run."]
    followed: Annotated[
        FollowedEntry | None, "The findings over the revisions; null where there is only one."
    ]
    tools: Annotated[list[ToolEntry], "The mechanical checks."]
    models: Annotated[list[ModelEntry], "Functions before and after, by flags and kinds."]
    called: Annotated[list[CalledEntry], "Who calls the changed functions, in the tree."]
    known: Annotated[list[str], "Names that the patches define anew and that a header of the tree has."]

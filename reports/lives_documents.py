"""The parts of review.json that follow patches, functions and findings through the revisions, as types."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

Revision = Annotated[str, "`v3`; of two revisions of one name `v3 (1)` and `v3 (2)`."]


class StageEntry(TypedDict):
    """A patch in one revision."""

    revision: Revision
    message_id: str
    position: Annotated[int, "1-based."]
    title: str
    kinds: Annotated[
        list[
            Literal[
                "first", "new", "back", "identical", "modified", "renamed", "reordered", "split", "merged",
                "folded",
            ]
        ],
        "Against the stage before; `first`: in the oldest revision; `back`: revisions between lack it.",
    ]  # fmt: skip
    words: Annotated[str, "What differs, or where it came from."]


class EndEntry(TypedDict):
    """What became of a patch that the reviewed revision has not."""

    revision: Annotated[str, "The first revision without it."]
    kind: Literal["dropped", "merged", "folded"]
    other: Annotated[str | None, "Message-id of the patch into which it went."]
    words: str


class ElsewhereEntry(TypedDict):
    """Where a dropped patch goes on, in another series of the same author."""

    series: Annotated[str, "Its title."]
    revision: str
    message_id: str
    title: str
    words: str


class LifeEntry(TypedDict):
    """One patch through the revisions."""

    title: str
    stages: Annotated[list[StageEntry], "Oldest first."]
    end: Annotated[EndEntry | None, "Null for a patch of the reviewed revision."]
    elsewhere: ElsewhereEntry | None


class CourseEntry(TypedDict):
    """What a change of a function was in each revision, held against the reviewed one."""

    since: Annotated[str, "The earliest revision from which on it is as in the reviewed one."]
    same: Annotated[list[str], "Revisions in which it is as in the reviewed one."]
    differs: list[str]
    untouched: Annotated[list[str], "Revisions that change nothing there."]
    comments_only: Annotated[list[str], "Of those that differ, where only comments do."]


class CoursePartEntry(CourseEntry):
    """The same of one patch, through that patch's life."""

    position: int
    message_id: str


class FormerEntry(TypedDict):
    """A patch that the reviewed revision has not and that changed the function before."""

    message_id: Annotated[str, "Of its last posting."]
    title: str
    revisions: list[str]


class FunctionLifeEntry(CourseEntry):
    """A function that the reviewed revision changes, through the revisions: all patches together."""

    name: str
    path: str
    basis: Annotated[Literal["text"], "What was compared: changed lines in the function, white space aside."]
    parts: Annotated[list[CoursePartEntry], "Patch by patch."]
    former: Annotated[list[FormerEntry], "Patches that are gone and changed it in earlier revisions."]


class BaselineEntry(TypedDict):
    """A finding of the reviewed revision, held against the revisions before it."""

    state: Annotated[
        Literal["new", "unchanged", "not compared"],
        "As SARIF's baselineState; `not compared`: the check is run on the reviewed revision only.",
    ]
    since: Annotated[str, "The revision from which on each that was checked has it."]
    earlier: Annotated[str | None, "A revision before `since` that had it too, with others between."]
    why: Annotated[str, "Of a new one, whether its line is new; else empty."]


class AbsentEntry(TypedDict):
    """A finding that an earlier revision had and the reviewed one has not."""

    id: str
    check: str
    title: str
    severity: Literal["high", "medium", "low", "note"]
    function: str
    path: str
    line: int
    message_id: str
    state: Literal["absent"]
    since: str
    last: Annotated[str, "The newest revision that has it."]
    gone_in: Annotated[str, "The first revision without it, of those that were checked."]
    fixed: Annotated[bool, "Whether its line changed or went with its patch; else it is only not found."]
    why: str


class FollowedEntry(TypedDict):
    """The findings over the revisions."""

    revisions: Annotated[list[str], "Those that were checked, the reviewed one last."]
    absent: list[AbsentEntry]

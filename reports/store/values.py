"""What the store answers: the history of a series, as values; text as the documents have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the store; "" where it does not matter. All that is given must hold."""

    text: str = ""
    """Part of a series' title, or the message-id of any of its mails."""
    author: str = ""
    """Part of the name or address of who sent a patch or wrote a comment."""
    file: str = ""
    """A path, or its end ("gup.c"), that a reviewed patch changes."""
    function: str = ""
    """The name of a function that a reviewed patch changes."""
    state: str = ""
    """What became of a comment, by the newest review that says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPatch:
    """A patch of a revision."""

    position: int
    title: str
    message_id: str
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRevision:
    """A revision as it is best known."""

    number: int
    label: str
    date: str | None
    head: str
    complete: bool
    expected: int | None
    patches: tuple[KeptPatch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReview:
    """A review that was made. `revision` is None for a thread without a patch."""

    key: str
    revision: int | None
    made_at: str
    version: str
    tree: str
    command: str
    newest: bool
    """Whether no later one is of the same revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVerdict:
    """What the newest review of a revision says of a function."""

    revision: int
    position: int
    message_id: str
    line: int
    kind: str
    verdict: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFunction:
    """A function through the reviewed revisions."""

    name: str
    path: str
    verdicts: tuple[KeptVerdict, ...]
    """By revision and patch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptState:
    """What a review says became of a comment."""

    made_at: str
    revision: int | None
    """The reviewed one."""
    kind: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptComment:
    """A comment, and what became of it."""

    message_id: str
    number: int
    author: str
    date: str | None
    patch: str | None
    path: str | None
    line: int | None
    quote: str
    text: str
    requests: tuple[str, ...]
    state: str
    """Of the newest review; "unknown" where none says it."""
    states: tuple[KeptState, ...]
    """Where it changed, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFinding:
    """A finding of the newest review of a revision."""

    revision: int | None
    id: str
    check: str
    title: str
    severity: str
    origin: str
    verdict: str
    function: str
    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesHistory:
    """All that is known of one series over time."""

    key: str
    title: str
    author: str
    changed_at: str
    mails: int
    """Messages that are counted to it."""
    revisions: tuple[KeptRevision, ...]
    reviews: tuple[KeptReview, ...]
    functions: tuple[KeptFunction, ...]
    comments: tuple[KeptComment, ...]
    findings: tuple[KeptFinding, ...]


class HistoryDocument(TypedDict):
    """What `lorelens history --format json` prints."""

    schema: Literal["lorelens/history/1"]
    series: list[SeriesHistory]

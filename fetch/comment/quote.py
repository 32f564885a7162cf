"""A reply -> Comments, each anchored to the patch lines that it quotes. The rules stand in
docs/comments.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..mail.address import Address
from ..mail.message import Message
from ..patch.robot_name import is_robot
from .anchor import ENOUGH, SURE, DiffIndex, Place, Quotes, index_diff
from .passage import Passage, QuotedLine, find_passages
from .request import find_requests
from .robot import read_report

MAX_ANCHORED = 300
"""Passages of one reply that are anchored; the rest of a longer one's stand without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The line of a patch that a comment speaks of: the last quoted diff line above the comment's text."""

    message_id: str
    """Of the patch mail (or of the mail that carries the patch as a quote)."""
    path: str
    side: str
    """"pre" for a removed line, "post" for an added or context line."""
    line: int
    """1-based line of that image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One passage that a reply's author wrote, and the passage that it answers."""

    message_id: str
    """Of the reply."""
    number: int
    """1-based position among the reply's comments."""
    author: Address
    date: datetime | None
    parent: str | None
    """Message-id of the mail it answers, where known."""
    quote: str
    """The quoted lines directly above the text, without their "> ", as far up as the previous comment."""
    text: str
    requests: tuple[str, ...]
    """Its sentences that ask or propose something, by the rules of docs/comments.md."""
    anchor: Anchor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A patch that a reply may quote."""

    message_id: str
    """Of the patch mail (or of the mail that carries the patch as a quote)."""
    diff: str
    """The exact diff."""


def find_comments(reply: Message, targets: Sequence[Target]) -> tuple[Comment, ...]:
    """Return the reply's comments, anchored to the targets' diffs; the nearest ancestor stands first in
    `targets`."""
    targets = [target for target in targets if target.diff]
    if is_robot(reply.author):
        return _robot_comment(reply, targets)
    passages = find_passages(reply.body, reply.author.name)
    anchors = _find_anchors(passages, targets)
    return tuple(
        Comment(
            message_id=reply.message_id,
            number=number,
            author=reply.author,
            date=reply.date,
            parent=_parent(reply),
            quote=_render_quote(passage.quote),
            text=passage.text,
            requests=find_requests(passage.text),
            anchor=anchor,
        )
        for number, (passage, anchor) in enumerate(zip(passages, anchors, strict=True), 1)
    )


def _parent(reply: Message) -> str | None:
    return reply.in_reply_to or (reply.references[-1] if reply.references else None)


def _render_quote(quote: Sequence[QuotedLine]) -> str:
    """The quoted lines with one level of marks taken off: deeper ones stay visible."""
    lines = ["> " * (line.depth - 1) + line.text if line.depth > 1 else line.text for line in quote]
    return "\n".join(lines).strip("\n")


def _find_anchors(passages: Sequence[Passage], targets: Sequence[Target]) -> Iterator[Anchor | None]:
    """Anchor each passage, in order; the quotes of the passages above belong to what stands above it."""
    quoted = Quotes()
    after: dict[str, int] = {}
    for number, passage in enumerate(passages):
        quoted.add(passage.quote)
        found = _find_target(quoted, targets, after) if passage.quote and number < MAX_ANCHORED else None
        if found is None:
            yield None
            continue
        target, index, place = found
        after[target.message_id] = place.at
        line = index.lines[place.at]
        yield Anchor(message_id=target.message_id, path=line.path, side=line.side, line=line.line)


def _find_target(
    quoted: Quotes, targets: Sequence[Target], after: dict[str, int]
) -> tuple[Target, DiffIndex, Place] | None:
    """The patch in which the longest run of the quoted lines is found; the first of equals.

    Another patch than the first must have two lines more to say than one: brothers in a series look alike.
    """
    best: tuple[Target, DiffIndex, Place] | None = None
    for number, target in enumerate(targets):
        index = index_diff(target.diff)
        place = quoted.find(index, after.get(target.message_id, -1))
        if place is None or (number and place.weight < 2 * ENOUGH):
            continue
        if best is None or place.weight > best[2].weight:
            best = target, index, place
        if best[2].weight >= SURE:
            break
    return best


def _robot_comment(reply: Message, targets: Sequence[Target]) -> tuple[Comment, ...]:
    """A robot's report is one comment; it asks for what it finds, at the first line of it that a patch
    shows."""
    report = read_report(reply.body)
    if report is None:
        return ()
    places = ((target, report.find(index_diff(target.diff))) for target in targets)
    target, line = next(((target, line) for target, line in places if line), (None, None))
    anchor = None
    if target and line:
        anchor = Anchor(message_id=target.message_id, path=line.path, side=line.side, line=line.line)
    return (
        Comment(
            message_id=reply.message_id,
            number=1,
            author=reply.author,
            date=reply.date,
            parent=_parent(reply),
            quote="",
            text=report.text,
            requests=report.findings,
            anchor=anchor,
        ),
    )

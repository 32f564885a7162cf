"""A reply -> Comments, each anchored to the patch lines that it quotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .message import Address, Message


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
    """Its sentences that ask or propose something, by the rules written in this module."""
    anchor: Anchor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A patch that a reply may quote."""

    message_id: str
    """Of the patch mail (or of the mail that carries the patch as a quote)."""
    diff: str
    """The exact diff."""


def find_comments(reply: Message, targets: Sequence[Target]) -> tuple[Comment, ...]:
    """Return the reply's comments, anchored to the targets' diffs; the nearest ancestor stands first in `targets`."""
    raise NotImplementedError

"""Commit messages and tags of a patch in two revisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ...fetch.patch.trailer import Trailer
from ...fetch.series.assembly import Patch
from .reading import message_text

MOST_LINES = 2000
"""Lines of a message that are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """A line of a commit message: "-" only in the earlier revision, "+" only in the later, " " in both."""

    side: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageInterdiff:
    """What differs between the commit messages of a pair."""

    kind: str
    """"same", "rewrapped" (the same words) or "changed"; of the text without its trailers."""
    lines: tuple[MessageLine, ...]
    """Of a changed message, with a line around each difference; () else."""
    added: tuple[Trailer, ...]
    """Trailers that only the later mail has."""
    removed: tuple[Trailer, ...]
    """Trailers that only the earlier mail has."""
    lost: tuple[Trailer, ...]
    """Trailers that replies gave to the earlier revision and the later mail does not carry."""


def compare_messages(before: Patch, after: Patch) -> MessageInterdiff:
    """Compare the commit messages and tags of the two mails."""
    texts = [message_text(patch).split("\n")[:MOST_LINES] for patch in (before, after)]
    mine, theirs = ([line.rstrip() for line in lines] for lines in texts)
    if mine == theirs:
        kind = "same"
    else:
        kind = "rewrapped" if " ".join(mine).split() == " ".join(theirs).split() else "changed"
    old = [trailer for trailer in before.trailers if trailer.given_by is None]
    new = [trailer for trailer in after.trailers if trailer.given_by is None]
    given = [t for t in before.trailers if t.given_by is not None and not t.mismatch]
    return MessageInterdiff(
        kind=kind,
        lines=tuple(_lines(mine, theirs)) if kind == "changed" else (),
        added=_without(new, old),
        removed=_without(old, new),
        lost=tuple(t for t in _without(given, new) if t.name.lower().endswith("-by")),
    )


def _without(trailers: Sequence[Trailer], others: Sequence[Trailer]) -> tuple[Trailer, ...]:
    return tuple(one for one in trailers if not any(one.same(other) for other in others))


def _lines(before: Sequence[str], after: Sequence[str]) -> list[MessageLine]:
    found: list[MessageLine] = []
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(1):
        for name, a, b, c, d in group:
            if name == "equal":
                found += [MessageLine(side=" ", text=line) for line in before[a:b]]
                continue
            found += [MessageLine(side="-", text=line) for line in before[a:b]]
            found += [MessageLine(side="+", text=line) for line in after[c:d]]
    return found

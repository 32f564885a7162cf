"""Copies of one mail, as several lists and archives keep it, -> one Message.

Two copies are the same mail where they have the same message-id and the same body; a footer that a list
appended is no difference. Copies that differ otherwise cannot both be what was sent: the one that is
verbatim is kept, of two such the one that is whole (the other is its beginning), else the first, with a
Note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..mail.message import Message
from ..mail.note import Note

_FOOTER = re.compile(r"\s*(?:_{10,}|-{10,}|--)[ \t]*\n")
"""What list software writes above its footer."""
MAX_FOOTER = 1000
"""Characters of a list's footer."""


def merge_copies(messages: Iterable[Message]) -> Iterator[Message]:
    """One Message for each message-id, in the order of their first copies; all lists named in one."""
    kept: dict[str, Message] = {}
    for message in messages:
        first = kept.get(message.message_id)
        kept[message.message_id] = message if first is None else _merge(first, message)
    yield from kept.values()


def _merge(first: Message, second: Message) -> Message:
    lists = tuple(sorted({*first.lists, *second.lists}))
    best, other = (second, first) if _better(second, first) else (first, second)
    notes = tuple(dict.fromkeys((*first.notes, *best.notes)))
    if not _same(best, other):
        differ = Note(kind="copies", detail=f"another copy of this mail has another text: {other.origin}")
        notes = tuple(dict.fromkeys((*notes, differ)))
    elif best is first and lists == first.lists:
        return first
    return replace(best, lists=lists, notes=notes)


def _same(one: Message, other: Message) -> bool:
    short, long = sorted((one.body.rstrip(), other.body.rstrip()), key=len)
    return short == long or (long.startswith(short) and _is_footer(long[len(short) :]))


def _better(second: Message, first: Message) -> bool:
    """Whether the later copy is nearer to what was sent."""
    if first.verbatim != second.verbatim:
        return second.verbatim
    before, after = first.body.rstrip(), second.body.rstrip()
    if len(after) < len(before):
        return before.startswith(after) and _is_footer(before[len(after) :])
    return len(after) > len(before) and after.startswith(before) and not _is_footer(after[len(before) :])


def _is_footer(tail: str) -> bool:
    return len(tail) <= MAX_FOOTER and _FOOTER.match(tail) is not None

"""Messages -> Threads (RFC 5256, section 3, REFERENCES; without joining by subject)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from ..mail.message import Message
from ..source.copies import merge_copies

MAX_REFERENCES = 200
"""References read of one mail, the nearest ones and the first; more say nothing more."""

UNDATED = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """Mails joined by In-Reply-To and References."""

    root: str
    """Message-id of the topmost mail, which may not be at hand."""
    messages: tuple[Message, ...]
    """By date, those without a readable date after the mail they answer."""


def build_threads(messages: Iterable[Message]) -> tuple[Thread, ...]:
    """Join mails into threads, in the order of their first mail; threads without any date come last.

    Copies of one mail (the same message-id, out of several lists) become one. Mails that are missing but
    named still join those that name them. Time and memory grow with the number of mails and references,
    whatever their depth; loops are cut.
    """
    mails = {mail.message_id: mail for mail in merge_copies(messages)}
    tops = _tops(mails)
    members: dict[str, list[Message]] = defaultdict(list)
    for mail in mails.values():
        members[tops[mail.message_id]].append(mail)
    threads = [Thread(root=root, messages=_by_date(group)) for root, group in members.items()]
    return tuple(sorted(threads, key=_first_date))


def parents(messages: Iterable[Message]) -> dict[str, str]:
    """Return, by message-id, the nearest mail above each that is at hand; those without one are left out."""
    mails = {mail.message_id: mail for mail in messages}
    above: dict[str, str] = {}
    for name, mail in mails.items():
        older = next((older for older in _named(mail) if older in mails), None)
        if older is not None:
            above[name] = older
    _cut_loops(above)
    return above


def _references(mail: Message) -> tuple[str, ...]:
    if len(mail.references) <= MAX_REFERENCES:
        return mail.references
    return (mail.references[0], *mail.references[1 - MAX_REFERENCES :])


def _named(mail: Message) -> Iterator[str]:
    """Yield what the mail says it answers, the nearest first, but never itself."""
    for name in (*reversed(_references(mail)), mail.in_reply_to):
        if name and name != mail.message_id:
            yield name


def _tops(mails: Mapping[str, Message]) -> dict[str, str]:
    """Return the topmost message-id above each id that is at hand or named.

    A mail's own headers say what it answers: the last reference, else In-Reply-To. What is above an id whose
    mail is missing or says nothing is taken from the References of those below it; the first to say it wins.
    """
    above: dict[str, str] = {}
    for name, mail in mails.items():
        older = next(_named(mail), None)
        if older is not None:
            above[name] = older
    _cut_loops(above)
    top: dict[str, str] = {}

    def find(name: str) -> str:
        path = []
        while (upper := top.get(name) or above.get(name)) is not None:
            path.append(name)
            name = upper
        for passed in path:
            top[passed] = name
        return name

    for mail in mails.values():
        for older, newer in _named_pairs(mail):
            if newer not in above and find(older) != newer:
                above[newer] = older
    top.clear()
    return {name: find(name) for name in mails}


def _named_pairs(mail: Message) -> Iterator[tuple[str, str]]:
    references = _references(mail)
    yield from pairwise(references)
    if mail.in_reply_to and references and mail.in_reply_to != references[-1]:
        yield references[-1], mail.in_reply_to


def _cut_loops(above: dict[str, str]) -> None:
    """Drop one link of every loop in a child -> parent mapping."""
    done: set[str] = set()
    for start in tuple(above):
        path: dict[str, None] = {}
        name: str | None = start
        while name is not None and name not in done and name not in path:
            path[name] = None
            name = above.get(name)
        if name is not None and name in path:
            del above[name]
        done.update(path)


def _by_date(group: list[Message]) -> tuple[Message, ...]:
    dated = {mail.message_id: mail.date for mail in group}
    if None not in dated.values():
        return tuple(sorted(group, key=lambda mail: mail.date or UNDATED))
    above = parents(group)
    depth: dict[str, int] = {}
    when: dict[str, datetime] = {}
    for mail in group:
        path = [mail.message_id]
        while path[-1] not in when and path[-1] in above:
            path.append(above[path[-1]])
        for name in reversed(path):
            if name not in when:
                upper = above.get(name)
                own = dated[name]
                when[name] = own or (when[upper] if upper else UNDATED)
                depth[name] = 0 if own or not upper else depth[upper] + 1
    return tuple(sorted(group, key=lambda mail: (when[mail.message_id], depth[mail.message_id])))


def _first_date(thread: Thread) -> datetime:
    return min((mail.date for mail in thread.messages if mail.date), default=datetime.max.replace(tzinfo=UTC))

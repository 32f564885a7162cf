"""Mails -> postings: which mails make one revision. The rules stand in docs/series.md, in the same order."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from ..mail.address import parse_author
from ..mail.message import Address, Message, Note
from ..patch.patch_mail import PatchMail, parse_patch_mail
from ..patch.subject import Subject, parse_subject
from .person import person_key, same_person
from .thread import Thread, parents

WINDOW = timedelta(hours=1)
"""How far apart two mails of one posting may lie where no reference joins them (patchwork: 20 minutes)."""

MOST_BESIDE = 100
"""Postings of a thread, or of one kind, that are looked at for a mail that answers none of them."""

MOST_ABOVE = 200
"""Mails above one that are looked at."""

_DIFFSTAT = re.compile(r"^ ?[0-9]+ files? changed, ", re.MULTILINE)


class Role(Enum):
    """What a mail is to a series."""

    COVER = "cover"
    PATCH = "patch"
    QUOTED = "quoted"
    """A reply that quotes a whole patch: a patch where the patch's own mail is not at hand, else talk."""
    TALK = "talk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message and what was read out of it, once."""

    message: Message
    subject: Subject
    patch: PatchMail | None
    role: Role
    author: Address
    """The in-body From: where there is one, else the mail's; of a quoted patch, whom the quote names."""

    @property
    def position(self) -> int:
        """0 for a cover letter; an unnumbered patch is the first."""
        if self.role is Role.COVER:
            return 0
        return self.subject.position or 1

    @property
    def title(self) -> str:
        """The patch's title where it is one, else the subject's."""
        return self.patch.title if self.patch else self.subject.title


@dataclass(slots=True, eq=False, kw_only=True)
class Posting:
    """Mails that were posted as one revision, while they are put together; series.py makes it a Revision."""

    poster: Address
    version: int | None
    minor: int | None
    label: str
    total: int | None
    mails: dict[int, Mail] = field(default_factory=dict)
    """By position; the cover letter is 0."""
    quoted: bool = False
    notes: list[Note] = field(default_factory=list)
    first: datetime | None = None
    """The earliest and the latest date of its mails."""
    last: datetime | None = None

    @property
    def cover(self) -> Mail | None:
        """The cover letter."""
        return self.mails.get(0)

    @property
    def patches(self) -> list[Mail]:
        """The patches by position."""
        return [self.mails[position] for position in sorted(self.mails) if position]

    @property
    def head(self) -> Mail:
        """The cover letter, else the first patch."""
        return self.mails[min(self.mails)]

    @property
    def date(self) -> datetime | None:
        """Of the head, else of the first mail that has one."""
        dates = (self.mails[position].message.date for position in sorted(self.mails))
        return next((date for date in dates if date), None)

    @property
    def whole(self) -> bool:
        """Whether no announced patch is missing."""
        if self.total is None:
            return True
        return len(self.mails) >= self.total and all(n in self.mails for n in range(1, self.total + 1))

    def add(self, mail: Mail) -> None:
        """Take `mail` in; what it knows of version and total completes what is known."""
        self.mails[mail.position] = mail
        if date := mail.message.date:
            self.first = min(self.first or date, date)
            self.last = max(self.last or date, date)
        if self.version is None and mail.subject.version is not None:
            self.version, self.minor, self.label = (
                mail.subject.version,
                mail.subject.minor,
                _label(mail.subject),
            )
        if self.total is None or mail.role is Role.COVER:
            self.total = mail.subject.total if mail.subject.total is not None else self.total

    def accepts(self, mail: Mail, *, answered: bool) -> bool:
        """Whether `mail` can be one of these: its place is free, and version, total, poster and time agree.

        A cover letter that is `answered` directly may differ from its patches in what one of them leaves out.
        """
        taken = self.mails.get(mail.position)
        if (taken and not self.prefers(mail, taken)) or mail.subject.position is None or self.quoted:
            return False
        version_agrees = (mail.subject.version, mail.subject.minor) == (self.version, self.minor)
        total_agrees = mail.subject.total == self.total
        if version_agrees and total_agrees and answered:
            return True
        if not (self.near(mail.message.date) and person_key(self.poster) == person_key(mail.message.author)):
            return False
        if version_agrees and total_agrees:
            return True
        unsaid = None in (mail.subject.version, self.version)
        return (
            answered
            and self.cover is not None
            and (total_agrees or version_agrees)
            and (version_agrees or unsaid)
        )

    def prefers(self, mail: Mail, taken: Mail) -> bool:
        """Whether `mail` is the poster's own, and the one that has its place somebody else's."""
        mine, other = (same_person(one.message.author, self.poster) for one in (mail, taken))
        return mine and not other and taken.role is Role.PATCH

    def near(self, date: datetime | None) -> bool:
        """Whether `date` lies within WINDOW of these mails."""
        if date is None or self.first is None or self.last is None:
            return False
        return self.first - WINDOW <= date <= self.last + WINDOW


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadThread:
    """A thread with its mails read, and what each of them answers."""

    thread: Thread
    mails: Mapping[str, Mail]
    parents: Mapping[str, str]
    """By message-id the nearest mail above that is at hand."""
    posting_of: dict[str, Posting]
    """By message-id of a cover letter or patch."""

    about: dict[str, Posting] = field(default_factory=dict)
    """By message-id of a mail that answers nothing at hand, the posting that it speaks of."""

    def above(self, message_id: str) -> Iterator[Mail]:
        """Yield what `message_id` answers, nearest first, up to MOST_ABOVE."""
        for _ in range(MOST_ABOVE):
            name = self.parents.get(message_id)
            if name is None:
                return
            yield self.mails[name]
            message_id = name

    def names_above(self, message_id: str) -> tuple[str, ...]:
        """Return the message-ids of what `message_id` answers, nearest first."""
        return tuple(mail.message.message_id for mail in self.above(message_id))


def read_thread(thread: Thread) -> ReadThread:
    """Parse every mail of a thread and gather its covers and patches into postings."""
    above = parents(thread.messages)
    mails = {message.message_id: _read(message) for message in thread.messages}
    read = ReadThread(thread=thread, mails=mails, parents=above, posting_of={})
    postings: list[Posting] = []
    for mail in _parents_first(mails, above):
        if mail.role in (Role.COVER, Role.PATCH):
            posting = _place(mail, read, postings)
            read.posting_of[mail.message.message_id] = posting
    _take_quoted(read, postings)
    return read


def join_fragments(threads: Sequence[ReadThread]) -> None:
    """Join incomplete postings of different threads: mails that were sent without references to each other.

    One poster, the same version and total, places that do not overlap, and no more than WINDOW between them.
    """
    by_kind: dict[tuple[object, ...], list[Posting]] = defaultdict(list)
    for posting in dict.fromkeys(p for read in threads for p in read.posting_of.values()):
        if posting.total is not None and not posting.quoted and not (posting.whole and posting.cover):
            key = (person_key(posting.poster), posting.version, posting.minor, posting.total)
            by_kind[key].append(posting)
    into: dict[Posting, Posting] = {}
    for group in by_kind.values():
        dated = sorted((p for p in group if p.date), key=lambda p: (p.date, p.head.position))
        wholes: list[Posting] = []
        for posting in dated:
            host = next((w for w in reversed(wholes[-MOST_BESIDE:]) if _completes(posting, w)), None)
            if host is None:
                wholes.append(posting)
                continue
            for mail in posting.mails.values():
                host.add(mail)
            into[posting] = host
    for read in threads:
        for name, posting in read.posting_of.items():
            read.posting_of[name] = into.get(posting, posting)


def _completes(posting: Posting, host: Posting) -> bool:
    if not posting.mails.keys().isdisjoint(host.mails):
        return False
    return host.near(posting.first) or host.near(posting.last)


def _read(message: Message) -> Mail:
    subject = parse_subject(message.subject)
    patch = parse_patch_mail(message)
    role = _role(message, subject, patch)
    author = patch.author if patch else message.author
    if role is Role.COVER and message.body.startswith("From: "):  # git mailinfo reads it above a diff alone
        author = parse_author(message.body.partition("\n")[0].removeprefix("From: ")) or author
    return Mail(message=message, subject=subject, patch=patch, role=role, author=author)


def _role(message: Message, subject: Subject, patch: PatchMail | None) -> Role:
    answers = bool(message.in_reply_to or message.references)
    if subject.notice or (answers and _amends(subject)):
        return Role.TALK
    if patch is not None and patch.quoted:
        return Role.QUOTED
    if subject.is_reply or subject.is_forward:
        return Role.TALK
    if subject.position == 0 and (subject.total != 0 or not (patch and patch.diff)):
        return Role.COVER
    if subject.is_pull and not (patch and patch.diff):
        return Role.TALK
    if subject.position is not None and subject.is_patch:
        return Role.PATCH
    if patch is None or not (subject.is_patch or patch.diff):
        return Role.TALK
    if not answers and not patch.diff and _DIFFSTAT.search(patch.remarks):
        return Role.COVER
    if not answers or (patch.diff and (subject.is_patch or subject.prefixes)):
        return Role.PATCH
    return Role.TALK


def _amends(subject: Subject) -> bool:
    """Whether an unnumbered patch says that it is to be folded into another: -mm's "-fix", "fixup!"."""
    title = subject.title.casefold()
    first_word = title.replace("!", " ").replace(":", " ").partition(" ")[0]
    return subject.position is None and (
        subject.fix_of is not None or first_word in ("fixup", "squash", "amend")
    )


def _parents_first(mails: Mapping[str, Mail], above: Mapping[str, str]) -> Iterable[Mail]:
    """Yield by date, but no mail before the one that it answers (clocks differ)."""
    done: set[str] = set()
    for name in mails:
        path = [name]
        while (upper := above.get(path[-1])) is not None and upper not in done:
            path.append(upper)
        for passed in reversed(path):
            if passed not in done:
                done.add(passed)
                yield mails[passed]


def _place(mail: Mail, read: ReadThread, postings: list[Posting]) -> Posting:
    """Find the posting of `mail`: of what it answers, nearest first, another of the thread, or a new one."""
    seen: set[Posting] = set()
    for upper in read.above(mail.message.message_id):
        posting = read.posting_of.get(upper.message.message_id)
        if posting is None or posting in seen:
            continue
        seen.add(posting)
        if posting.accepts(mail, answered=True):
            _take(mail, posting, read, postings)
            return posting
    for posting in reversed(postings[-MOST_BESIDE:]):
        if posting not in seen and posting.accepts(mail, answered=False):
            _take(mail, posting, read, postings)
            return posting
    return _start(mail, postings)


def _take(mail: Mail, posting: Posting, read: ReadThread, postings: list[Posting]) -> None:
    """Give `mail` its place; a stranger's mail that had it becomes a posting of its own."""
    displaced = posting.mails.get(mail.position)
    posting.add(mail)
    if displaced is not None:
        read.posting_of[displaced.message.message_id] = _start(displaced, postings)


def _start(mail: Mail, postings: list[Posting]) -> Posting:
    subject = mail.subject
    started = Posting(
        poster=mail.message.author,
        version=subject.version,
        minor=subject.minor,
        label=_label(subject),
        total=subject.total,
    )
    started.add(mail)
    postings.append(started)
    return started


def _take_quoted(read: ReadThread, postings: list[Posting]) -> None:
    """Give a patch that only stands in a reply's quote its place, where its own mail is not at hand."""
    known = {(p.subject.position, p.title) for posting in postings for p in posting.patches}
    for name, mail in read.mails.items():
        if mail.role is not Role.QUOTED or mail.patch is None or (mail.subject.position, mail.title) in known:
            continue
        known.add((mail.subject.position, mail.title))
        host = next((p for p in postings if _lacks(p, mail)), None)
        if host is None:
            subject = mail.subject
            host = Posting(
                poster=mail.author, version=subject.version, minor=subject.minor,
                label=_label(subject), total=subject.total, quoted=True,
            )  # fmt: skip
            postings.append(host)
        host.add(mail)
        read.posting_of[name] = host


def _lacks(posting: Posting, mail: Mail) -> bool:
    subject = mail.subject
    same = (posting.version, posting.minor, posting.total) == (subject.version, subject.minor, subject.total)
    return same and subject.position is not None and mail.position not in posting.mails


def _label(subject: Subject) -> str:
    return " ".join(word for word in ("RFC" if subject.rfc else "", subject.label) if word)

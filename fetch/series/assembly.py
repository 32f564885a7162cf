"""Threads -> Series, Revision, Patch: thread.py, revision.py, lineage.py and reroll.py put together.

The rules of assembly, and which revisions belong together, stand in docs/series.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..comment.quote import Comment, Target, find_comments
from ..mail.message import Address, Message, Note
from ..patch.followup import followup_trailers
from ..patch.trailer import Trailer
from ..repair import repair_patch
from ..tree.source_tree import NoTree
from .lineage import Lineage, find_lineages
from .reroll import Draft, draft_revisions
from .revision import Mail, Posting, Role, join_fragments, read_thread
from .talk import Talk, find_talk, settle_quotes
from .thread import UNDATED, Thread
from .tree_notes import TreeNote, read_tree_notes

MOST_TARGETS = 60
"""Patches in which a reply's quotes are looked for: those that it answers, then those beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One patch of a revision, as its mail tells it."""

    position: int
    """1-based; 0 never (that is the cover letter)."""
    message: Message
    author: Address
    """The in-body From: where there is one, else the mail's."""
    title: str
    """The subject without its "[PATCH ...]" prefixes."""
    commit_message: str
    """As git mailinfo prints it: in-body headers, scissors and what is below "---" left out; trailers in."""
    remarks: str
    """What stands between "---" and the diff: changelog, diffstat."""
    trailers: tuple[Trailer, ...]
    """The commit message's own, then those that replies gave, in order."""
    diff: str
    """From the first line of the first diff to the last hunk line; "" where there is none."""
    quoted: bool
    """True where the patch was taken out of a reply's quote, since the mail itself is not at hand."""
    replaces: str | None
    """Message-id of the patch whose place it takes ("v5.1 10/12")."""
    notes: tuple[Note, ...] = ()
    """What of the mail's patch could not be read, or was read with a guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One posting of a series."""

    number: int
    """The version; an unlabelled repost gets the next one."""
    label: str
    """What the mail says: "v5.1", "RFC v2", "" where nothing."""
    cover: Message | None
    patches: tuple[Patch, ...]
    """By position; a position may be missing."""
    expected: int | None
    """How many patches the mails announce ("3/9"); None where they do not."""
    base_commit: str | None
    prerequisites: tuple[str, ...]
    """"prerequisite-patch-id" values, in order."""
    notes: tuple[Note, ...]
    """What is missing, doubled or guessed about this revision."""

    @property
    def head(self) -> str:
        """Message-id of the cover letter, or of the first patch."""
        return self.cover.message_id if self.cover else self.patches[0].message.message_id

    @property
    def date(self) -> datetime | None:
        """Of the head; where only some patches were posted again, without a cover, of the last of these."""
        again = [patch.message.date for patch in self.patches if patch.replaces and not self.cover]
        return max((date for date in again if date), default=(self.cover or self.patches[0].message).date)

    @property
    def complete(self) -> bool:
        """Whether every announced patch is here."""
        return self.expected is None or {p.position for p in self.patches} >= set(range(1, self.expected + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A patch series through its revisions at hand. A thread without a patch is one without revisions."""

    title: str
    author: Address
    revisions: tuple[Revision, ...]
    """Oldest first."""
    comments: tuple[Comment, ...]
    """Of all revisions, by date."""
    messages: tuple[str, ...]
    """Message-ids of every mail that was counted to this series, sorted by date."""
    notes: tuple[Note, ...]
    tree_notes: tuple[TreeNote, ...] = ()
    """What the -mm tree's mails say of its patches: notices, and fixes that belong to one of them."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Group:
    """What is counted to one series: a lineage, and the mails that answer it."""

    lineage: Lineage
    talk: list[Talk] = field(default_factory=list)

    @property
    def mails(self) -> Iterator[Mail]:
        """Every mail of the series."""
        for posting in self.lineage.postings:
            yield from posting.mails.values()
        for talk in self.talk:
            if talk.mail.role is not Role.QUOTED or not talk.carries_patch:
                yield talk.mail

    @property
    def first(self) -> tuple[datetime, str]:
        """Date and message-id of the first mail; those without any date come last."""
        dated = ((mail.message.date, mail.message.message_id) for mail in self.mails)
        return min((d or UNDATED.replace(year=9999), name) for d, name in dated)


def find_series(threads: Iterable[Thread]) -> tuple[Series, ...]:
    """Assemble all series that the threads hold, in the order of their first mail.

    Every mail is counted to exactly one series; a thread without any patch is one without revisions.
    """
    read = [read_thread(thread) for thread in threads]
    join_fragments(read)
    settle_quotes(read)
    postings = list(dict.fromkeys(posting for one in read for posting in one.posting_of.values()))
    groups = [_Group(lineage=lineage) for lineage in find_lineages(postings)]
    of_posting = {posting: group for group in groups for posting in group.lineage.postings}
    for one in read:
        groups += _count(find_talk(one), of_posting)
    above = {name: one.names_above(name) for one in read for name in one.posting_of}
    return tuple(_series(group, above) for group in sorted(groups, key=lambda group: group.first))


def _count(talks: Sequence[Talk], of_posting: Mapping[Posting, _Group]) -> list[_Group]:
    """Count each mail to the group of the posting that it speaks of; those that speak of none are a group."""
    rest = _Group(lineage=Lineage(postings=(), links={}))
    for talk in talks:
        group = of_posting[talk.posting] if talk.posting else rest
        group.talk.append(talk)
    return [rest] if rest.talk else []


def _series(group: _Group, above: Mapping[str, Sequence[str]]) -> Series:
    drafts = draft_revisions(group.lineage.postings, above)
    given = _given_trailers(group)
    mails = sorted(group.mails, key=lambda mail: (mail.message.date or UNDATED, mail.message.message_id))
    head = drafts[-1].head if drafts else mails[0]
    return Series(
        title=head.title,
        author=head.author,
        revisions=tuple(_revision(draft, given, group.lineage, drafts) for draft in drafts),
        comments=_comments(group.talk),
        messages=tuple(dict.fromkeys(mail.message.message_id for mail in mails)),
        notes=_notes(group),
        tree_notes=read_tree_notes(group.talk, group.lineage.postings),
    )


def _revision(
    draft: Draft, given: Mapping[str, Sequence[Trailer]], lineage: Lineage, drafts: Sequence[Draft]
) -> Revision:
    patches = tuple(_patch(position, draft, given) for position in sorted(draft.places))
    read = [mail.patch for mail in (draft.cover, *draft.places.values()) if mail and mail.patch]
    notes = [*draft.notes, draft.missing_note(), draft.bare_note(), _link_note(draft, lineage, drafts)]
    return Revision(
        number=draft.number,
        label=draft.posting.label,
        cover=draft.cover.message if draft.cover else None,
        patches=patches,
        expected=draft.total,
        base_commit=next((patch.base_commit for patch in read if patch.base_commit), None),
        prerequisites=next((patch.prerequisites for patch in read if patch.prerequisites), ()),
        notes=tuple(note for note in notes if note),
    )


def _patch(position: int, draft: Draft, given: Mapping[str, Sequence[Trailer]]) -> Patch:
    mail = draft.places[position]
    read, name = mail.patch, mail.message.message_id
    return Patch(
        position=position,
        message=mail.message,
        author=mail.author,
        title=mail.title,
        commit_message=read.commit_message if read else mail.message.body,
        remarks=read.remarks if read else "",
        trailers=(*(read.trailers if read else ()), *given.get(name, ())),
        diff=read.diff if read else "",
        quoted=mail.role is Role.QUOTED,
        replaces=draft.replaces.get(name),
        notes=read.notes if read else (),
    )


def _link_note(draft: Draft, lineage: Lineage, drafts: Sequence[Draft]) -> Note | None:
    link = lineage.links.get(draft.posting)
    if link is None:
        return None
    earlier = next((d for d in drafts if link.earlier.posting in (d.posting, *d.added)), None)
    to = f"v{earlier.number}" if earlier else "an earlier revision"
    return Note(kind="joined", detail=f"joined to {to}: {'; '.join(link.reasons[:5])}")


def _given_trailers(group: _Group) -> dict[str, Sequence[Trailer]]:
    """Return, by message-id of a patch, the trailers that replies gave to it."""
    replies: dict[Posting, list[Message]] = defaultdict(list)
    for talk in group.talk:
        if talk.posting:
            replies[talk.posting].append(talk.mail.message)
    given: dict[str, Sequence[Trailer]] = {}
    for posting, messages in replies.items():
        messages.sort(key=lambda message: message.date or UNDATED)
        given.update(followup_trailers([mail.message for mail in posting.mails.values()], messages))
    return given


def _comments(talks: Sequence[Talk]) -> tuple[Comment, ...]:
    cache: dict[str, Target] = {}
    comments = [
        comment
        for talk in talks
        if not talk.mail.subject.notice
        for comment in find_comments(talk.mail.message, [_target(mail, cache) for mail in _quotable(talk)])
    ]
    return tuple(sorted(comments, key=lambda c: (c.date or UNDATED, c.message_id, c.number)))


def _quotable(talk: Talk) -> list[Mail]:
    """Return the patches that a mail may quote: one that it carries, those above it, those beside."""
    own = [talk.mail] if talk.carries_patch else []
    beside = talk.posting.patches if talk.posting else []
    mails = {mail.message.message_id: mail for mail in (*own, *talk.above, *beside)}
    return [mail for mail in mails.values() if mail.role is not Role.COVER and mail.patch][:MOST_TARGETS]


def _target(mail: Mail, cache: dict[str, Target]) -> Target:
    """Return what a quote is compared with: the diff, where it is damaged as far as it can be recovered."""
    name = mail.message.message_id
    if name not in cache:
        diff = mail.patch.diff if mail.patch else ""
        odd = mail.role is Role.QUOTED or not mail.message.verbatim or (mail.patch and mail.patch.notes)
        if diff and odd:
            recovered = repair_patch(diff, NoTree())
            diff = "".join(file.diff for file in recovered.files) or diff
        cache[name] = Target(message_id=name, diff=diff)
    return cache[name]


def _notes(group: _Group) -> tuple[Note, ...]:
    counted = sum(talk.by_subject for talk in group.talk)
    if not counted:
        return ()
    return (
        Note(
            kind="subject",
            detail=f"mails that name none that is at hand were counted by their subject: {counted}",
        ),
    )

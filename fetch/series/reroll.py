"""A lineage -> its revisions: numbers, and patches posted again alone. The rules stand in docs/series.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ..mail.message import Address, Note
from .evidence import plain_title
from .person import same_person, spell
from .revision import Mail, Posting, Role

MOST_MISSING = 20
"""Positions that a note about missing patches names."""


@dataclass(slots=True, kw_only=True)
class Draft:
    """A revision while it is put together."""

    posting: Posting
    number: int
    cover: Mail | None
    places: dict[int, Mail]
    """Patches by position."""
    replaces: dict[str, str] = field(default_factory=dict)
    """By a patch's message-id that of the patch whose place it took."""
    notes: list[Note] = field(default_factory=list)
    added: list[Posting] = field(default_factory=list)
    """Postings whose patches took their places here."""
    total: int | None
    """How many patches are announced."""

    @property
    def head(self) -> Mail:
        """The cover letter, else the first patch."""
        return self.cover or self.places[min(self.places)]

    def missing_note(self) -> Note | None:
        """Say which announced patches are not at hand."""
        if self.total is None:
            return None
        missing = [str(n) for n in range(1, min(self.total, 9999) + 1) if n not in self.places]
        if not missing:
            return None
        more = ", ..." if len(missing) > MOST_MISSING else ""
        named = ", ".join(missing[:MOST_MISSING]) + more
        detail = f"{len(missing)} of {self.total} patches are not at hand: {named}"
        return Note(kind="missing", detail=detail)

    def bare_note(self) -> Note | None:
        """Say which patches hold no diff."""
        bare = [str(n) for n, mail in sorted(self.places.items()) if not (mail.patch and mail.patch.diff)]
        if not bare:
            return None
        return Note(kind="no-diff", detail=f"no diff was found in patch {', '.join(bare[:MOST_MISSING])}")


def draft_revisions(postings: Sequence[Posting], above: Mapping[str, Sequence[str]]) -> list[Draft]:
    """Turn a lineage's postings, oldest first, into revisions.

    `above` gives, by message-id of a patch, the message-ids that it answers, nearest first.
    """
    drafts: list[Draft] = []
    wholes = {(p.version, p.minor) for p in postings if p.cover and not p.quoted}
    for posting in postings:
        host = next((d for d in reversed(drafts) if _completes(posting, d, above)), None)
        if host is None:
            drafts.append(_drafted(posting))
        elif not _may_replace(posting, host):
            _refuse(posting, host)
        elif (posting.version or 1) == (host.posting.version or 1) or (
            (posting.version, posting.minor) in wholes  # "v4 3/9" below v3, and later the whole v4
        ):
            _put(posting, host)
        else:
            drafts.append(_completed(posting, host))
    _number(drafts)
    for earlier, later in pairwise(drafts):
        later.notes += _newcomer_notes(earlier, later)
    return drafts


def _drafted(posting: Posting) -> Draft:
    places = {mail.position: mail for mail in posting.patches}
    total, notes = _announced(posting)
    return Draft(
        posting=posting,
        number=0,
        cover=posting.cover,
        places=places,
        total=total,
        notes=[*posting.notes, *notes, *_odd_notes(posting)],
    )


def _announced(posting: Posting) -> tuple[int | None, list[Note]]:
    """How many patches the mails announce: where they differ, as most of the patches have it.

    git format-patch numbers the patches; a cover letter's number is the one that is edited by hand.
    """
    totals = Counter(mail.subject.total for mail in posting.patches if mail.subject.total)
    total = max(totals, key=lambda one: totals[one], default=posting.total) or None
    said = {*totals, posting.total} - {None, 0}
    if len(said) < 2:
        return total, []
    listed = " and ".join(str(one) for one in sorted(one for one in said if one))
    return total, [Note(kind="total", detail=f"the mails announce {listed} patches; {total} was believed")]


def _odd_notes(posting: Posting) -> list[Note]:
    """Say what is odd: a patch numbered 0/0, a diff in the cover letter, a stranger's patch."""
    notes: list[Note] = []
    for mail in posting.mails.values():
        if mail.role is Role.COVER and mail.patch and mail.patch.diff:
            notes.append(Note(kind="cover-diff", detail="the cover letter holds a diff; it is in no patch"))
        elif mail.role is not Role.COVER and mail.subject.position == 0:
            notes.append(Note(kind="number", detail="a mail numbered 0/0 holds a diff: it is a patch"))
        if mail.role is Role.PATCH and not _is_of(mail, posting.poster):
            sender, poster = spell(mail.message.author), spell(posting.poster)
            detail = f"{mail.position}/{posting.total} was sent by {sender}, not by {poster}"
            notes.append(Note(kind="author", detail=detail))
        notes += [note for note in mail.message.notes if note.kind == "copies"]
    return notes


def _newcomer_notes(earlier: Draft, later: Draft) -> list[Note]:
    """Say where somebody else posts a revision."""
    people = (later.posting.poster, later.head.author)
    before = (earlier.posting.poster, earlier.head.author)
    if any(same_person(one, other) for one in people for other in before):
        return []
    detail = f"posted by {spell(people[0])}; the revision before was by {spell(before[0])}"
    return [Note(kind="author", detail=detail)]


def _is_of(mail: Mail, *people: Address) -> bool:
    """Whether one of `people` sent a mail."""
    return any(same_person(mail.message.author, one) for one in people)


def _may_replace(posting: Posting, host: Draft) -> bool:
    """Whether patches posted again are by the host's poster, or by the patch's own author or sender."""
    ours = (host.posting.poster, host.head.author)
    for mail in posting.patches:
        old = host.places.get(_place(mail, host) or mail.position)
        people = (*ours, old.author, old.message.author) if old else ours
        if not _is_of(mail, *people):
            return False
    return True


def _refuse(posting: Posting, host: Draft) -> None:
    """Leave a stranger's patches out of `host`, and say so."""
    host.added.append(posting)
    for mail in posting.patches:
        place = _place(mail, host) or mail.position
        detail = (
            f"{place}/{host.total} was posted again by {spell(mail.message.author)}, who is not its author; "
            f"it is left out: {mail.message.message_id}"
        )
        host.notes.append(Note(kind="refused", detail=detail))


def _completes(posting: Posting, host: Draft, above: Mapping[str, Sequence[str]]) -> bool:
    """Whether `posting` is a part of `host` posted again: some of its patches, without a cover letter.

    It has the host's version, or ("v4 3/9" in the thread of v3) the next one, and answers the host's mails.
    """
    if posting.cover or posting.quoted or not _is_part(posting, host):
        return False
    step = (posting.version or 1) - (host.posting.version or 1)
    if step == 0 and (posting.total is not None or posting.minor is not None):
        return True
    return step in (0, 1) and all(_answers_its_like(mail, host, above) for mail in posting.patches)


def _answers_its_like(mail: Mail, host: Draft, above: Mapping[str, Sequence[str]]) -> bool:
    """Whether `mail` answers the patch whose place it would take, or, of the same title, a mail beside it."""
    names = above.get(mail.message.message_id, ())
    old = host.places.get(_place(mail, host) or 0)
    if old is None or old.message.message_id in names:
        return old is not None
    beside = {other.message.message_id for other in host.posting.mails.values()}
    return plain_title(old.title) == plain_title(mail.title) and not beside.isdisjoint(names)


def _is_part(posting: Posting, host: Draft) -> bool:
    if posting.total is None:  # "[PATCH v5.1] title", where the title alone says which patch it is
        return len(host.places) > 1 and _place(posting.patches[0], host) is not None
    if posting.whole or posting.total != host.total:
        return False
    return host.cover is not None or len(posting.patches) < len(host.places)


def _place(mail: Mail, host: Draft) -> int | None:
    """Return the position in `host` that `mail` takes: its number, or that of the patch with its title."""
    if mail.subject.position is not None:
        return mail.position
    title = plain_title(mail.title)
    return next((place for place, old in host.places.items() if plain_title(old.title) == title), None)


def _put(posting: Posting, host: Draft) -> None:
    """Give the patches of `posting` their places in `host`."""
    host.added.append(posting)
    for mail in posting.patches:
        place = _place(mail, host) or mail.position
        old = host.places.get(place)
        what = f"{place}/{host.total}"
        if old is None:
            host.notes.append(Note(kind="late", detail=f"{what} was posted apart from the others"))
        elif _same_diff(old, mail) and posting.minor == host.posting.minor:
            host.notes.append(Note(kind="double", detail=f"{what} was posted twice; the first is kept"))
            continue
        else:
            label = f" as {posting.label}" if posting.label not in ("", host.posting.label) else ""
            host.notes.append(
                Note(kind="replaced", detail=f"{what} was posted again{label}; the later one is kept")
            )
            host.replaces[mail.message.message_id] = old.message.message_id
        host.places[place] = mail


def _completed(posting: Posting, host: Draft) -> Draft:
    """Make a revision of `posting`'s patches and, for the rest, those of `host`."""
    draft = _drafted(posting)
    draft.places, draft.total = dict(host.places), host.total
    again: list[str] = []
    for mail in posting.patches:
        place = _place(mail, host) or mail.position
        old = draft.places.get(place)
        if old is not None:
            draft.replaces[mail.message.message_id] = old.message.message_id
        draft.places[place] = mail
        again.append(str(place))
    named = ", ".join(again[:MOST_MISSING])
    detail = f"only {named} of {host.total} was posted; the other patches are those of the revision before"
    draft.notes.append(Note(kind="partial", detail=detail))
    return draft


def _same_diff(one: Mail, other: Mail) -> bool:
    mine, theirs = (mail.patch.diff.split() if mail.patch else [] for mail in (one, other))
    return mine == theirs and plain_title(one.title) == plain_title(other.title)


def _number(drafts: Sequence[Draft]) -> None:
    """Number the revisions: what the mails say; one that says nothing gets the next number.

    Where a later mail has that number, or a lower one, it gets the one below that.
    """
    lowest_after: int | None = None
    bounds: list[int | None] = []
    for draft in reversed(drafts):
        bounds.append(lowest_after)
        version = draft.posting.version
        if version is not None:
            lowest_after = version if lowest_after is None else min(version, lowest_after)
    number = 0
    for draft, bound in zip(drafts, reversed(bounds), strict=True):
        if draft.posting.version is not None:
            number = draft.posting.version
        else:
            number += 1
            if bound is not None:
                number = max(1, min(number, bound - 1))
            if number > 1:
                detail = f"nothing says which revision this is; it was counted as v{number}"
                draft.notes.append(Note(kind="number", detail=detail))
        draft.number = number
    for number, times in Counter(draft.number for draft in drafts).items():
        same = [draft for draft in drafts if draft.number == number] if times > 1 else []
        for draft in same:
            others = ", ".join(other.posting.head.message.message_id for other in same if other is not draft)
            detail = f"v{number} was posted {times} times; also: {others}"
            draft.notes.append(Note(kind="number", detail=detail))

"""Which posting each mail that is no patch speaks of: by what it answers, else by its subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .evidence import plain_title
from .revision import Mail, Posting, ReadThread, Role
from .thread import UNDATED

_Key = tuple[str, int | None, int | None, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A mail with words of its own about a posting, or about none."""

    mail: Mail
    above: tuple[Mail, ...]
    """The covers and patches that it answers, nearest first."""
    posting: Posting | None
    carries_patch: bool
    """True where the patch that it quotes is one of the series, since its own mail is not at hand."""
    by_subject: bool
    """True where only its subject says what it answers."""


def settle_quotes(threads: Sequence[ReadThread]) -> None:
    """Find by its subject what a mail speaks of that answers nothing at hand.

    A quoted patch whose own mail is at hand after all, in another thread, is talk about that one; a notice
    of the -mm tree is talk about the patch whose title it tells.
    """
    index = _by_subject(threads)
    for read in threads:
        for name, mail in read.mails.items():
            posting = read.posting_of.get(name)
            quoted = posting is not None and mail.role is Role.QUOTED
            lost = posting is None and name not in read.parents
            if not quoted and not (lost and (mail.subject.is_reply or mail.subject.notice)):
                continue
            real = _spoken_of(mail, index)
            if real is None:
                continue
            read.about[name] = real
            if posting is not None:
                del read.posting_of[name]
                del posting.mails[mail.position]


def find_talk(read: ReadThread) -> list[Talk]:
    """Return the mails of a thread that are no patches, each with the posting that it speaks of.

    That is the posting of what it answers; where that is none, the thread's first.
    """
    first = next(iter(read.posting_of.values()), None)
    talks = []
    for name, mail in read.mails.items():
        posting = read.posting_of.get(name)
        if posting and mail.role is not Role.QUOTED:
            continue
        above = [*read.above(name)]
        own = [upper for upper in above if upper.message.message_id in read.posting_of]
        about = next(
            (read.about[n] for n in (name, *(m.message.message_id for m in above)) if n in read.about), None
        )
        spoken = posting or (read.posting_of[own[0].message.message_id] if own else about or first)
        talks.append(
            Talk(
                mail=mail,
                above=tuple(own),
                posting=spoken,
                carries_patch=posting is not None,
                by_subject=not posting and not own and about is not None,
            )
        )
    return talks


def _by_subject(threads: Sequence[ReadThread]) -> Mapping[_Key, Sequence[Posting]]:
    index: dict[_Key, list[Posting]] = defaultdict(list)
    for read in threads:
        for name, posting in read.posting_of.items():
            mail = read.mails[name]
            if mail.role is not Role.QUOTED:
                index[_key(mail)].append(posting)
                index[_title_alone(mail)].append(posting)
    return index


def _spoken_of(mail: Mail, index: Mapping[_Key, Sequence[Posting]]) -> Posting | None:
    """Return the last posting of that subject that is no later than `mail`."""
    date = mail.message.date or UNDATED.replace(year=9999)
    key = _title_alone(mail) if mail.subject.notice else _key(mail)
    fitting = [p for p in index.get(key, ()) if (p.date or UNDATED) <= date]
    return max(fitting, key=lambda posting: posting.date or UNDATED, default=None)


def _key(mail: Mail) -> _Key:
    subject = mail.subject
    return plain_title(subject.title), subject.position, subject.total, subject.version


def _title_alone(mail: Mail) -> _Key:
    return plain_title(mail.title), -1, None, None

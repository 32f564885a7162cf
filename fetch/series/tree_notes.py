"""What the -mm tree's mails say of a series: "added to", "removed from", and fixes to be folded in.

A fix is a mail with a diff of its own that names what it amends ("mm-foo-fix" of "mm-foo", "fixup! mm: foo")
or that answers a patch under such a name. It is no revision: it belongs to the patch that it fixes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..mail.message import Message
from .evidence import plain_title
from .revision import Mail, Posting
from .talk import Talk

_AMENDS = re.compile(r"(?:fixup|squash|amend)!? ", re.IGNORECASE)
_NO_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeNote:
    """One mail of the -mm tree's keeper about a patch."""

    kind: Literal["added", "removed", "fix"]
    message: Message
    patch: str | None
    """Message-id of the patch, in its last revision before the mail; None where it is not at hand."""
    title: str
    """Of the mail."""
    diff: str
    """Of a fix what it changes; "" for a notice."""


def read_tree_notes(talk: Sequence[Talk], postings: Sequence[Posting]) -> tuple[TreeNote, ...]:
    """Return the notices and fixes among a series' talk, by date."""
    by_name = _by_name(postings)
    found = [note for one in talk if (note := _note(one, by_name))]
    return tuple(sorted(found, key=lambda note: (str(note.message.date or ""), note.message.message_id)))


def file_name(title: str) -> str:
    """Return the name that the -mm tree gives to a patch: "mm: foo bar()" is "mm-foo-bar"."""
    return _NO_WORD.sub("-", title.casefold()).strip("-")


def _note(one: Talk, by_name: Mapping[str, Sequence[Mail]]) -> TreeNote | None:
    subject, message = one.mail.subject, one.mail.message
    diff = one.mail.patch.diff if one.mail.patch else ""
    amends = subject.fix_of or (_AMENDS.sub("", subject.title) if _AMENDS.match(subject.title) else None)
    if amends and diff:
        kind: Literal["added", "removed", "fix"] = "fix"
    elif subject.notice in ("added", "removed"):
        kind, amends, diff = ("added" if subject.notice == "added" else "removed"), subject.title, ""
    else:
        return None
    named = [mail for mail in by_name.get(file_name(amends or ""), ()) if _before(mail, message)]
    above = [mail for mail in one.above if mail.position]
    patch = named[-1] if named else above[0] if above else None
    return TreeNote(
        kind=kind,
        message=message,
        patch=patch.message.message_id if patch else None,
        title=one.mail.title,
        diff=diff,
    )


def _before(mail: Mail, message: Message) -> bool:
    return mail.message.date is None or message.date is None or mail.message.date <= message.date


def _by_name(postings: Sequence[Posting]) -> dict[str, list[Mail]]:
    """Index the patches, oldest first, by their name in the -mm tree."""
    found: dict[str, list[Mail]] = {}
    for posting in postings:
        for mail in posting.patches:
            for name in {file_name(mail.title), file_name(plain_title(mail.title))}:
                found.setdefault(name, []).append(mail)
    return found

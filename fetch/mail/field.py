"""Single header fields -> values: dates, message-ids, list ids, the collapsed subject."""

from __future__ import annotations

import email.utils
import re
from datetime import UTC, datetime

from .note import Note

YEARS = range(1970, 2100)
"""A mail dated outside is dated by a broken clock."""
MAX_DATE = 200
"""Characters of a date; RFC 5322 needs 31, comments of time zones some more."""
MAX_MESSAGE_ID = 998
"""A line's length (RFC 5322, section 2.1.1)."""

_BLANKS = re.compile(r"[ \t\r\n]+")
_BRACKETED = re.compile(r"<([^<>]{1,2000})>")
_BARE_ID = re.compile(r"[^\s<>()\",;@]{1,250}@[^\s<>()\",;@]{1,250}")
_LIST_ID = re.compile(r"<([^<>\s]{1,255})>")


def collapse(text: str) -> str:
    """One blank for each run of white space, none at the ends (git's mailinfo.c, cleanup_space)."""
    return _BLANKS.sub(" ", text).strip(" \t\r\n")


def parse_date(value: str) -> tuple[datetime | None, Note | None]:
    """An aware date, or None; the Note says why, or what was guessed. Never now.

    RFC 5322, section 3.3, and its obsolete forms. A date without a zone is taken for UTC; "-0000" is UTC
    that tells no local zone, and no guess.
    """
    if not value.strip():
        return None, Note(kind="date", detail="the mail has no date")
    shown = collapse(value)[:60]
    unreadable = Note(kind="date", detail=f"the date cannot be read: {shown}")
    if len(value) > MAX_DATE:
        return None, unreadable
    try:
        date = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None, unreadable
    if date.year not in YEARS:
        return None, Note(kind="date", detail=f"the date is out of range: {shown}")
    if date.tzinfo is not None:
        return date, None
    date = date.replace(tzinfo=UTC)
    if value.rstrip().endswith("-0000"):
        return date, None
    return date, Note(kind="date", detail=f"the date has no time zone and was taken for UTC: {shown}")


def parse_ids(value: str) -> tuple[str, ...]:
    """Message-ids in order and without repeats, out of whatever surrounds them; white space inside is
    folding.
    """
    ids = ["".join(found.split()) for found in _BRACKETED.findall(value)]
    if not ids:
        ids = _BARE_ID.findall(value)
    return tuple(dict.fromkeys(found for found in ids if found and len(found) <= MAX_MESSAGE_ID))


def choose_parent(ids: tuple[str, ...], references: tuple[str, ...]) -> str | None:
    """The message-id that In-Reply-To means, where mailers wrote addresses and dates around it."""
    if not ids:
        return None
    return next((found for found in ids if found in references), None) or next(
        (found for found in ids if "@" in found), ids[0]
    )


def parse_list_ids(values: list[str]) -> tuple[str, ...]:
    """The ids of List-Id fields (RFC 2919), sorted: "Memory <linux-mm.kvack.org>" -> "linux-mm.kvack.org"."""
    found = set()
    for value in values:
        bracketed = _LIST_ID.search(value[:2000])
        found.add(bracketed[1] if bracketed else collapse(value)[:255])
    return tuple(sorted(found - {""}))

"""Small phrases that every report uses: people, dates, counts, places, links."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import quote

from ..analyze.functions import ChangedFunction
from ..fetch.mail.message import Address
from ..fetch.series.assembly import Patch, Revision, Series

LORE = "https://lore.kernel.org/all/"


def mailbox(address: Address) -> str:
    """Return "Name <address>", or the half that there is."""
    if not address.name:
        return address.email
    return f"{address.name} <{address.email}>" if address.email else address.name


def person(address: Address) -> str:
    """Return the name, or the address where there is none."""
    return address.name or address.email or "somebody"


def named(address: Address) -> str:
    """Return the mailbox for people: "author not known" where the mail or page names nobody."""
    return mailbox(address) or "author not known"


def titled(patch: Patch) -> str:
    """Return the patch's title, "(no title)" where its mail has none."""
    return " ".join(patch.title.split()) or "(no title)"


def subject(series: Series) -> str:
    """Return the series' title, "(no subject)" where its mails have none."""
    return series.title if series.title.strip() else "(no subject)"


def iso(date: datetime | None) -> str | None:
    """Return the date as ISO 8601 with its own offset."""
    return date.isoformat() if date else None


def day(date: datetime | None) -> str:
    """Return "2026-03-12", the sender's own day."""
    return date.date().isoformat() if date else "date not known"


def count(number: int, noun: str) -> str:
    """Return "1 patch", "2 patches"."""
    if number != 1:
        noun += "es" if noun.endswith("ch") else "s"
    return f"{number:,} {noun}"


def listing(parts: list[str], most: int = 0) -> str:
    """Return "a, b and c"; with `most`, "a, b and 4 more"."""
    if most and len(parts) > most + 1:
        parts = [*parts[:most], f"{len(parts) - most:,} more"]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def revision_name(revision: Revision) -> str:
    """Return what the mail says ("RFC v2"), or "v1" by its number."""
    if re.search(r"\bv\d", revision.label, re.IGNORECASE):
        return revision.label
    return " ".join(filter(None, (revision.label, f"v{revision.number}")))


def head_subject(revision: Revision) -> str:
    """Return the subject of the revision's head as its mail has it."""
    return (revision.cover or revision.patches[0].message).subject or "(no subject)"


def lore_link(message_id: str) -> str | None:
    """Return the message's address on lore; None for a mail without a message-id of its own.

    Whatever a mail claims as its id comes out as one percent-encoded path segment.
    """
    if message_id.startswith("sha256:") or not message_id:
        return None
    return LORE + quote(message_id.encode("utf-8", "replace"), safe="@+$=,~!*'()&;:") + "/"


def here(revision: Revision) -> str:
    """Return "2 of 3 patches are here"."""
    number = len(revision.patches)
    verb = "is" if number == 1 else "are"
    return f"{number:,} of {count(revision.expected or number, 'patch')} {verb} here"


def place(function: ChangedFunction) -> str:
    """Return where the definition stands now ("mm/gup.c:12-40"), or where it stood."""
    there = function.post or function.pre
    return f"{there.path}:{there.start}-{there.end}" if there else function.path

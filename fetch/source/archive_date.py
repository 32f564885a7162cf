"""Dates as web archives print them -> an aware date.

    Tue Mar 08 2022 - 06:11:13 EST      hypermail
    Tue Mar  8 11:11:13 UTC 2022        pipermail (asctime with a zone)
    2022-03-08 11:11 UTC                public-inbox; ISO 8601
    Jan. 9, 2020, 11:04 p.m.            HyperKitty (Django's)
    Thu, 21 Jan 2021 14:46:35 -0800     the mail's own (RFC 5322)
"""

from __future__ import annotations

import re
from datetime import datetime

from ..mail.field import collapse, parse_date
from ..mail.note import Note

_HYPERMAIL = re.compile(
    r"[A-Z][a-z]{2},? ([A-Z][a-z]{2}) (\d{1,2}) (\d{4}) - (\d\d:\d\d:\d\d)(?: (\S{1,10}))?$"
)
_ASCTIME = re.compile(
    r"[A-Z][a-z]{2},? ([A-Z][a-z]{2}) (\d{1,2}) (\d\d:\d\d:\d\d) ([A-Z]{1,5}|[+-]\d{4}) (\d{4})$"
)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d:\d\d(?::\d\d)?) ?(UTC|Z|[+-]\d\d:?\d\d)?$")
_SPOKEN = re.compile(
    r"([A-Z][a-z]{2})[a-z]*\.? (\d{1,2}), (\d{4}),? (?:(midnight|noon)|(\d{1,2})(?::(\d\d))? ([ap])\.?m\.?)$"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def parse_archive_date(text: str) -> tuple[datetime | None, Note | None]:
    """The date, or None; a Note says why, or that it has no zone and was taken for UTC. Never raises."""
    text = collapse(text)[:200]
    return parse_date(_as_mail_date(text))


def _as_mail_date(text: str) -> str:
    """The same date as RFC 5322 writes it; other texts as they are."""
    if found := _HYPERMAIL.match(text):
        return f"{found[2]} {found[1]} {found[3]} {found[4]} {found[5] or ''}"
    if found := _ASCTIME.match(text):
        return f"{found[2]} {found[1]} {found[5]} {found[3]} {found[4]}"
    if (found := _ISO.match(text)) and 1 <= int(found[2]) <= 12:
        zone = (found[5] or "").replace("Z", "UTC").replace(":", "")
        return f"{found[3]} {_MONTHS[int(found[2]) - 1]} {found[1]} {found[4]} {zone}"
    if found := _SPOKEN.match(text):
        hour = int(found[5] or 12) % 12 + (12 if found[7] == "p" or found[4] == "noon" else 0)
        return f"{found[2]} {found[1]} {found[3]} {hour:02}:{found[6] or '00'}"
    return text

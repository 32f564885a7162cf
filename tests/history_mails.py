"""Mails of series that never were, for the tests of the ledger: one file, one struct of tea cups."""

from __future__ import annotations

from lorelens.fetch.mail.message import Message, parse_message
from lorelens.fetch.series.assembly import Series, find_series
from lorelens.fetch.series.thread import build_threads

ADA = "Ada Byte <ada@example.org>"
CY = "Cyrus Roe <cy@example.org>"
BO = "Bo Lind <bo@example.org>"
KEEPER = "Tree Keeper <keeper@example.org>"
ROBOT = "kernel test robot <lkp@example.com>"

FIRST = ("static int cups_in_use;", "int pour_tea(int cups)", "{", "\treturn cups + teh_rest;", "}")
MESSAGE = "Tea is poured by hand today.\nPour it by a function."


def diff_of(lines: tuple[str, ...] | list[str], path: str = "mm/tea.c") -> str:
    """Return a diff that adds lines behind the first line of a file."""
    added = "".join(f"+{line}\n" for line in lines)
    header = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
    return f"{header}@@ -1,3 +1,{3 + len(lines)} @@\n /* tea */\n{added} int kettle;\n int spoon;\n"


def mail(
    name: str, subject: str, body: str, author: str = ADA, answers: str = "", day: int = 1, hour: int = 10
) -> Message:
    """Return a mail <name@x>, an answer where `answers` names another."""
    to = f"In-Reply-To: <{answers}@x>\n" if answers else ""
    head = f"From: {author}\nSubject: {subject}\nMessage-ID: <{name}@x>\n"
    date = f"Date: {day:02d} Jan 2024 {hour:02d}:00:00 +0000\n"
    return parse_message(f"{head}{date}{to}\n{body}".encode())


def patch(
    number: int,
    lines: tuple[str, ...] | list[str] = FIRST,
    *,
    log: str = "",
    message: str = MESSAGE,
    trailers: str = "",
    path: str = "mm/tea.c",
    title: str = "mm: pour tea",
) -> Message:
    """Return a revision of one patch: mail "v2" on day 20 and so on, with a changelog below its "---"."""
    label = f" v{number}" if number > 1 else ""
    body = f"{message}\n\nSigned-off-by: {ADA}\n{trailers}---\n{log}\n{diff_of(lines, path)}"
    return mail(f"v{number}", f"[PATCH{label}] {title}", body, day=1 + 5 * (number - 1))


def comment(body: str, author: str = CY, *, on: str = "v1", name: str = "c", day: int = 2) -> Message:
    """Return a reviewer's answer."""
    return mail(name, "Re: [PATCH] mm: pour tea", body, author, on, day)


def reply(body: str, *, on: str = "c", name: str = "a", day: int = 3) -> Message:
    """Return the author's answer to it."""
    return mail(name, "Re: [PATCH] mm: pour tea", body, ADA, on, day)


def series_of(*mails: Message) -> Series:
    """Assemble the only series that the mails hold."""
    (series,) = find_series(build_threads(list(mails)))
    return series

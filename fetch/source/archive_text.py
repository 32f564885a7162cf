"""The text of a web archive's page -> its fields and its body.

    page    = *furniture [title] *( field | empty ) body [footer]
    field   = [bullet] ( "From" | "Date" | "Subject" | ... ) ":" value
    title   = the subject on a line of its own, with a field, or a bare author and a date, below it

The body stays as it is printed, blanks lost and all: repair.py makes that good. Only furniture that no author
writes is taken off, and only at the ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..mail.field import collapse
from .archive_date import parse_archive_date

MAX_TOP = 60
"""Lines in which a page's title and fields are looked for."""

_FIELD = re.compile(
    r"[ \t]*[*•]?[ \t]*(From|Date|Subject|To|Cc|Message-ID|In-Reply-To|References|Sender|Reply-To|Newsgroups)"
    r"[ \t]*:(?:[ \t]+|$)(.*)",
    re.IGNORECASE,
)
_BULLET = r"[ \t]*[*•]?[ \t]*"
_LINKS = (
    r"(?:Next|Previous) (?:message|in thread|by (?:date|thread))\b.{0,300}"
    r"|Next in thread:.{0,300}|(?:Maybe )?in reply to:.{0,300}|Messages sorted by\b.{0,100}"
    r"|(?:\[ ?(?:Date|Thread|Author|Subject) ?(?:Prev|Next|Index)? ?\] ?){2,}.{0,100}"
    r"|\[Index of Archives\].{0,300}"
)
_TOP = re.compile(
    _BULLET + rf"(?:{_LINKS}|\S.{{0,60}} archive (?:on|mirror for) lore\.kernel\.org.{{0,40}}"
    r"|help / color / mirror / Atom feed.{0,40}|Linux-Kernel Archive)[ \t]*$",
    re.IGNORECASE,
)
_BOTTOM = re.compile(
    _BULLET + rf"(?:{_LINKS}|Reply via email to(?: .{{1,80}})?|Reply: .{{0,300}}"
    r"|Contemporary messages sorted:.{0,100}|Powered by Linux"
    r"|More information about the \S{1,80} mailing list)[ \t]*$",
    re.IGNORECASE,
)
_LORE_BOTTOM = re.compile(r"^\^ (?:permalink )?raw reply[ \t].*$", re.MULTILINE)
_LORE_TOP = re.compile(
    r"^\* (?P<subject>.+)\n@ (?P<at>\d{4}-\d\d-\d\d [\d:]{4,8}(?: UTC)?).*\n(?:.*\n){0,200}?"
    r"(?=From: .{1,200}? @ \d{4}-\d\d-\d\d)",
    re.MULTILINE,
)
_LORE_FROM = re.compile(r"(.{0,200}?) @ (\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)? UTC)$")
_TRAILING_MARK = re.compile(r"[ \t]*(?:\[thread overview\]|\(raw\)|\(permalink / raw\))[ \t]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One mail as a page tells it; "" for what it does not."""

    subject: str = ""
    author: str = ""
    date: str = ""
    to: str = ""
    cc: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    references: str = ""
    body: str = ""


def read_text_page(text: str) -> Page:
    """Read one mail's page. LF line ends; never raises."""
    foot = _LORE_BOTTOM.search(text)
    if foot:
        text = text[: foot.start()]
    lines = text.split("\n")
    fields, start = _read_top(lines)
    end = _find_footer(lines, start)
    while start < end and not lines[start].strip():
        start += 1
    body = "\n".join(lines[start:end])
    by = _LORE_FROM.match(fields.get("from", ""))
    return Page(
        subject=fields.get("subject", ""),
        author=by[1] if by else fields.get("from", ""),
        date=fields.get("date", "") or (by[2] if by else ""),
        to=fields.get("to", ""),
        cc=fields.get("cc", ""),
        message_id=fields.get("message-id", ""),
        in_reply_to=fields.get("in-reply-to", ""),
        references=fields.get("references", ""),
        body=body.rstrip("\n") + "\n" if body.strip() else "",
    )


def split_thread(text: str) -> list[str]:
    """The single mails of a public-inbox thread page; the whole text where it is none."""
    if len(_LORE_BOTTOM.findall(text)) < 2:
        return [text]
    pieces = []
    for piece in _LORE_BOTTOM.split(text):
        top = _LORE_TOP.search(piece)
        if top:
            pieces.append(f"Subject: {top['subject']}\n{piece[top.end() :]}")
    return pieces or [text]


def _read_top(lines: list[str]) -> tuple[dict[str, str], int]:
    """The fields above the body, by lower-case name, and the body's first line."""
    at = _skip(lines, 0)
    title = ""
    fields: dict[str, str] = {}
    if at < len(lines) and not _FIELD.match(lines[at]):
        below = _skip(lines, at + 1)
        after = _skip(lines, below + 1)
        if below < len(lines) and _FIELD.match(lines[below]) and len(lines[at]) < 1000:
            title, at = lines[at], below
        elif after < len(lines) and _is_bare(lines[at], lines[below], lines[after]):
            bare = {"subject": lines[at], "from": lines[below], "date": lines[after]}
            return {name: value.strip() for name, value in bare.items()}, after + 1
        else:
            return {}, 0
    name = ""
    while at < min(len(lines), MAX_TOP):
        field = _FIELD.match(lines[at])
        if field:
            name = field[1].lower()
            if name in fields or (name == "subject" and title and fields and not lines[at - 1].strip()):
                break  # the body's own From: or Subject:
            fields[name] = _TRAILING_MARK.sub("", field[2]).strip()
        elif name and lines[at][:1] in (" ", "\t") and lines[at].strip() and lines[at - 1].strip():
            fields[name] += " " + lines[at].strip()
        elif lines[at].strip() and not _TOP.match(lines[at]):
            break
        at += 1
    fields.setdefault("subject", title.strip())
    return fields, at


def _skip(lines: list[str], at: int) -> int:
    """The next line that is neither empty nor furniture."""
    while at < len(lines) and (not lines[at].strip() or _TOP.match(lines[at])):
        at += 1
    return at


def _is_bare(title: str, author: str, date: str) -> bool:
    """Whether three lines are a subject, an author and a date without their names (mail-archive.com,
    HyperKitty).
    """
    three = (title, author, date)
    if any(len(line) > 300 or line[:1] in "> \t" for line in three):
        return False
    return len(author.split()) <= 8 and not author.endswith(":") and parse_archive_date(date)[0] is not None


def _find_footer(lines: list[str], start: int) -> int:
    """Where the page's footer begins: trailing lines that are furniture, and the empty ones between them."""
    end = len(lines)
    at = end
    while at > start:
        line = collapse(lines[at - 1])
        if _BOTTOM.match(line):
            end = at - 1
        elif line:
            break
        at -= 1
    return end

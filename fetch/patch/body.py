"""A mail's text -> in-body headers, commit message and the rest, as `git mailinfo` parts them (mailinfo.c,
2.39).

Beyond git: a "From <commit> Mon Sep 17 00:00:00 2001" line (an attached format-patch file) and, in a notice
of the -mm tree, its dashed line restart the message as scissors do; what a restart throws away is kept as
preface.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_INBODY = re.compile(r"(From|Subject|Date):", re.IGNORECASE)
_FORMAT_PATCH = re.compile(r">?From [0-9a-f]{40}(?:[0-9a-f]{24})? Mon Sep 17 00:00:00 2001$")
_RULER = re.compile(r"-{30,}$")
_PERFORATION = re.compile(r"-|>8|8<|>%|%<")
_SCISSORS = re.compile(r">8|8<|>%|%<")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A mail's text, parted. preface + headers + message + rest has every line of it."""

    preface: str
    """What stands above a scissors line or an attached format-patch file."""
    headers: tuple[tuple[str, str], ...]
    """The in-body headers: lower-case name and unfolded value, at most one of from, subject, date."""
    message: str
    """The commit message, as git mailinfo prints it."""
    rest: str
    """From the "---" line or the first line of the first diff on; "" where there is neither."""

    def header(self, name: str) -> str | None:
        """Return the in-body header of that lower-case name."""
        return dict(self.headers).get(name)


@dataclass(slots=True)
class _Reading:
    headers: dict[str, str] = field(default_factory=dict)
    open_header: str = ""
    in_headers: bool = True
    start: int = 0
    """Index of the first line of the commit message."""


def split_body(text: str, *, scissors: bool = True, notice: bool = False) -> Body:
    """Part a mail's text. `scissors` as `git mailinfo --scissors`; `notice` for a notice of the -mm tree."""
    lines = text.split("\n")
    reading, preface = _Reading(), 0
    for at, line in enumerate(lines):
        if reading.in_headers and _read_header(line, reading, scissors=scissors):
            reading.start = at + 1
            continue
        reading.in_headers = False
        if (scissors and is_scissors(line)) or _FORMAT_PATCH.match(line) or (notice and _RULER.match(line)):
            reading, preface = _Reading(start=at + 1), at + 1
            notice = False
        elif breaks_patch(line):
            return _body(lines, preface, reading, at)
    return _body(lines, preface, reading, len(lines))


def _body(lines: Sequence[str], preface: int, reading: _Reading, rest: int) -> Body:
    message = "\n".join(lines[reading.start : rest])
    return Body(
        preface="".join(f"{line}\n" for line in lines[:preface]),
        headers=tuple(reading.headers.items()),
        message=message + "\n" if rest < len(lines) and rest > reading.start else message,
        rest="\n".join(lines[rest:]),
    )


def _read_header(line: str, reading: _Reading, *, scissors: bool) -> bool:
    """Read an in-body header line, its continuation, or an empty line around them; False where it is none."""
    if not line:
        reading.in_headers = not reading.headers
        return True
    if reading.open_header and line[0] in " \t":
        if scissors and is_scissors(line):
            return False
        reading.headers[reading.open_header] += " " + line.strip()
        return True
    reading.open_header = ""
    if _FORMAT_PATCH.match(line):
        return True
    if line.startswith("[PATCH]") and line[7:8].isspace():
        reading.headers["subject"] = line.strip()
        return True
    found = _INBODY.match(line)
    if found is None or found[1].lower() in reading.headers:
        return False
    reading.open_header = found[1].lower()
    reading.headers[reading.open_header] = line[found.end() :].strip()
    return True


def breaks_patch(line: str) -> bool:
    """Whether the commit message ends before this line: "---" alone, "--- name", "diff -", CVS's "Index: ".
    """
    if line.startswith(("diff -", "Index: ")):
        return True
    return line.startswith("---") and (not line[3:].strip() or (line[3] == " " and not line[4].isspace()))


def is_scissors(line: str) -> bool:
    """Whether this is a scissors line ("-- >8 --"): a mark, 8 columns at least, and mostly perforation."""
    if not _SCISSORS.search(line):
        return False
    last = perforation = gap = at = 0
    first = len(line) - len(line.lstrip())
    inside = False
    line += "\n"  # which git counts where it ends a perforation
    while at < len(line):
        mark = _PERFORATION.match(line, at)
        blank = line[at].isspace()
        last = last if blank else at
        if blank:
            gap += inside
            perforation += inside
        else:
            inside = mark is not None
            perforation += len(mark[0]) if mark else 0
        at = mark.end() if mark else at + 1
    visible = last - first + 1
    return visible >= 8 and visible < perforation * 3 and gap * 2 < perforation

"""The grammar of diffs, and the strict reader that lets undamaged ones pass (git-diff(1); diffutils,
"Detailed Unified").

patch     := { garbage-line | file }
file      := { header-line } { hunk }
header    := "diff " ... | "index " id ".." id [mode] | "--- " path | "+++ " path | extended-line
hunk      := "@@ -" range " +" range " @@" [heading] line*        as many lines as the two ranges count
line      := (" " | "-" | "+") text | "" (an empty context line) | "\\ No newline at end of file"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
INDEX = re.compile(r"index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: ([0-7]{6}))?\s*$")
EXTENDED = re.compile(
    r"(?:old mode|new mode|deleted file mode|new file mode) [0-7]{6}|(?:copy|rename) (?:from|to) \S"
    r"|(?:dis)?similarity index \d+%|index |--- |\+\+\+ |={10}|Index: |Binary files "
)
START = re.compile(r"diff -|Index: \S")
JOINED = re.compile(r" index [0-9a-f]{7,40}\.\.[0-9a-f]{7,40}(?: |$)| --- \S+ \+\+\+ ")
"""In a "diff --git" line: the line ends behind it are lost."""
NO_NEWLINE = "\\ No newline at end of file"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a hunk: its sign (" ", "-" or "+") and its text without the line end."""

    sign: str
    text: str
    newline: bool = True
    """False where "\\ No newline at end of file" follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """One hunk; `lines` fit the counts of `ranges`."""

    ranges: str
    """The line from "@@" to "@@" as written."""
    heading: str
    """What stands behind it, with its blank."""
    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[DiffLine, ...] = ()

    def render(self) -> Iterator[str]:
        """Yield the hunk's lines without line ends."""
        yield self.ranges + self.heading
        for line in self.lines:
            yield line.sign + line.text
            if not line.newline:
                yield NO_NEWLINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A file's header, taken apart."""

    lines: tuple[str, ...]
    old_path: str | None
    """None for a new file ("/dev/null")."""
    new_path: str | None
    """None for a deleted file."""
    pre_blob: str | None = None
    post_blob: str | None = None
    binary: bool = False

    @property
    def path(self) -> str:
        """The path by which the file is reported."""
        return self.new_path or self.old_path or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDiff:
    """One file's diff, read strictly."""

    header: Header
    hunks: tuple[Hunk, ...]
    raw: str
    """The very text, with its last line end."""


@dataclass(slots=True)
class StrictReading:
    """What the strict reader found in a text."""

    files: list[FileDiff] = field(default_factory=list)
    first: int = 0
    """Index of the line where the first file starts."""
    whole: bool = True
    """False where something stands in the text that looks like diff and is none by the grammar."""


def parse_hunk_header(line: str) -> Hunk | None:
    """Return the hunk that `line` opens, still without lines; None where it opens none."""
    match = HUNK.match(line)
    if not match:
        return None
    old, old_count, new, new_count = match.groups()
    return Hunk(
        ranges=match.group(),
        heading=line[match.end() :],
        old_start=int(old),
        old_count=1 if old_count is None else int(old_count),
        new_start=int(new),
        new_count=1 if new_count is None else int(new_count),
    )


def strip_prefix(path: str) -> str | None:
    """Return a header's path without "a/" or "b/" (or the first folder, as patch -p1); None for /dev/null."""
    path = path.split("\t")[0].rstrip("\r\n ")
    if path.startswith('"') and path.endswith('"') and len(path) > 1:
        path = path[1:-1]
    if path == "/dev/null":
        return None
    if path[:2] in ("a/", "b/") or ("/" in path and not path.startswith("/")):
        return path.split("/", 1)[1]
    return path


def read_header(lines: Sequence[str]) -> Header:
    """Take a file's header lines apart."""
    old: str | None = None
    new: str | None = None
    named = gone = made = False
    ids: tuple[str | None, str | None] = (None, None)
    for line in lines:
        if line.startswith("diff --git ") and (halves := _halves(line[11:].rstrip("\r"))):
            old, new = halves
        elif line.startswith(("--- ", "rename from ", "copy from ")):
            old, named = (
                (strip_prefix(line[4:]) if line[0] == "-" else line.split(" ", 2)[2].rstrip("\r")),
                True,
            )
        elif line.startswith(("+++ ", "rename to ", "copy to ")):
            new, named = (
                (strip_prefix(line[4:]) if line[0] == "+" else line.split(" ", 2)[2].rstrip("\r")),
                True,
            )
        elif match := INDEX.match(line):
            ids = (match[1], match[2])
        made |= line.startswith("new file mode")
        gone |= line.startswith("deleted file mode")
    if not named:
        old, new = (None if made else old), (None if gone else new)
    binary = any(line.startswith(("Binary files ", "GIT binary patch")) for line in lines)
    return Header(
        lines=tuple(lines), old_path=old, new_path=new, pre_blob=ids[0], post_blob=ids[1], binary=binary
    )


MAX_PATHS = 8192
"""Characters of a `diff --git` line's two paths; Linux's PATH_MAX is 4096 bytes each."""


def _halves(paths: str) -> tuple[str, str] | None:
    """Split "a/X b/Y" of a `diff --git` line; paths with blanks are split where both halves agree."""
    if len(paths) > MAX_PATHS:
        return None
    words = paths.split(" ")
    cuts = [i for i in range(1, len(words)) if len(words) == 2 or words[i].startswith(("b/", '"b/'))]
    for cut in cuts:
        old, new = strip_prefix(" ".join(words[:cut])), strip_prefix(" ".join(words[cut:]))
        if old is not None and new is not None and (old == new or len(cuts) == 1):
            return old, new
    return None


def starts_file(lines: Sequence[str], at: int) -> bool:
    """Whether a file's diff starts at line `at`: a "diff -" line, or a "---" line with "+++" and a hunk
    below.
    """
    line = lines[at]
    if START.match(line):
        return True
    return (
        line.startswith("--- ")
        and at + 2 < len(lines)
        and lines[at + 1].startswith("+++ ")
        and lines[at + 2].startswith("@@ -")
    )


def read_strict(lines: Sequence[str]) -> StrictReading:
    """Read all file diffs of `lines` (a text split at LF); cost is linear, nothing is repaired.

    Text between files is passed over; where it holds a hunk's header or a signed run that no count covers,
    the reading is not whole.
    """
    reading = StrictReading()
    at, total = 0, len(lines)
    while at < total:
        if not starts_file(lines, at):
            reading.whole &= not lines[at].startswith("@@ -")
            at += 1
            continue
        if not reading.files:
            reading.first = at
        end, file = read_file(lines, at)
        if file is None:
            reading.whole = False
            return reading
        reading.files.append(file)
        at = end
    return reading


def read_file(lines: Sequence[str], at: int) -> tuple[int, FileDiff | None]:
    """Read one file's diff at line `at`; return the line behind it, and None where the grammar is broken."""
    end = at + 1
    while (
        end < len(lines)
        and EXTENDED.match(lines[end])
        and not (START.match(lines[at]) and starts_index(lines, end))
    ):
        end += 1
    header = read_header(lines[at:end])
    if JOINED.search(lines[at]) or (not header.path and lines[at].startswith("diff --git")):
        return end, None
    hunks: list[Hunk] = []
    if any(line.startswith("diff --c") for line in lines[at:end]):
        return _opaque(lines, at, end, header)
    if end < len(lines) and lines[end].startswith("GIT binary patch"):
        return _opaque(lines, at, end, read_header(lines[at : end + 1]))
    while end < len(lines) and (hunk := parse_hunk_header(lines[end])):
        end, body = _read_body(lines, end + 1, hunk)
        if body is None:
            return end, None
        hunks.append(
            Hunk(
                ranges=hunk.ranges,
                heading=hunk.heading,
                old_start=hunk.old_start,
                old_count=hunk.old_count,
                new_start=hunk.new_start,
                new_count=hunk.new_count,
                lines=tuple(body),
            )
        )
    return end, FileDiff(header=header, hunks=tuple(hunks), raw="\n".join(lines[at:end]) + "\n")


def starts_index(lines: Sequence[str], at: int) -> bool:
    """Whether a quilt-style "Index: " line opens the next file rather than standing in this header."""
    return lines[at].startswith("Index: ")


def _opaque(lines: Sequence[str], at: int, end: int, header: Header) -> tuple[int, FileDiff]:
    """Pass a binary patch or a combined diff through, up to the next file (or the mail's signature)."""
    while end < len(lines) and not START.match(lines[end]) and lines[end] != "-- ":
        end += 1
    body = lines[at : end - 1] if end == len(lines) and not lines[-1] else lines[at:end]
    return end, FileDiff(header=header, hunks=(), raw="\n".join(body) + "\n")


def _read_body(lines: Sequence[str], at: int, hunk: Hunk) -> tuple[int, list[DiffLine] | None]:
    """Read as many lines as the hunk counts; None where a line has no sign or the text ends early."""
    body: list[DiffLine] = []
    old, new = hunk.old_count, hunk.new_count
    while at < len(lines) and (old > 0 or new > 0 or lines[at].startswith("\\ ")):
        line = lines[at]
        sign = line[:1] or " "
        if sign == "\\" and body:
            body[-1] = DiffLine(body[-1].sign, body[-1].text, newline=False)
            at += 1
            continue
        if sign not in " -+" or (not line and at == len(lines) - 1):
            return at, None
        old -= sign != "+"
        new -= sign != "-"
        body.append(DiffLine(sign, line[1:]))
        at += 1
    return at, (body if old == 0 and new == 0 else None)

"""Where the diff stands in a text: quote marks taken off, files and hunks told apart, headers put together
again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from .grammar import HUNK, Header, Hunk, parse_hunk_header, read_header

MAX_LINE = 1 << 20
"""Characters of one line that are looked at: longer ones are cut (no diff of source text has them)."""

_MARKS = re.compile(r"(?:[ \t]{0,3}>)+ ?")
_MARK = re.compile(r"[ \t]{0,3}>")
_GIT = re.compile(r"diff --git\s+\"?\w+/\S+")
_PLAIN = re.compile(r"--- \S")


@dataclass(frozen=True, slots=True)
class Seen:
    """A line as the mail shows it, quote marks taken off."""

    text: str
    own: bool
    """Whether it stands at the depth of quoting that the diff has; False for a remark, or the tail of a
    wrapped line.
    """
    column: int
    """Characters that the quote marks took: where the text starts in the mail's own line."""


@dataclass(slots=True)
class HunkRegion:
    """A hunk's header and the lines that may belong to it; of a hunk whose line ends are lost, one long
    line.
    """

    hunk: Hunk
    lines: list[Seen] = field(default_factory=list)


@dataclass(slots=True)
class FileRegion:
    """A file's header and its hunks, not yet fitted to their counts."""

    header: Header
    rebuilt: bool
    """Whether the header's lines had to be wrapped or joined."""
    joined: bool
    """Whether the header's line ends are lost."""
    quoted: int
    """How many lines had quote marks."""
    raw: list[str]
    """The lines without quote marks, for the strict reader."""
    hunks: list[HunkRegion] = field(default_factory=list)


@dataclass(slots=True)
class Region:
    """The text in front of the first file, and the files."""

    preamble: str
    files: list[FileRegion] = field(default_factory=list)


def unquote(lines: Sequence[str]) -> list[Seen]:
    """Take off as many quote marks as stand in front of the first file's header; all lines are own if there
    are none.
    """
    depth, blank = 0, True
    for line in lines:
        match = _MARKS.match(line)
        rest = line[match.end() :] if match else line
        if match and (_GIT.match(rest) or (_PLAIN.match(rest) and "/" in rest)):
            depth, blank = match.group().count(">"), match.group().endswith(" ")
            break
        if not match and (_GIT.match(line.lstrip()) or HUNK.match(line)):
            break
    return [_take_off(line[:MAX_LINE], depth, blank) for line in lines]


def _take_off(line: str, depth: int, blank: bool) -> Seen:
    at = count = 0
    while count < depth:
        mark = _MARK.match(line, at)
        if not mark:
            return Seen(line, own=False, column=0)
        at, count = mark.end(), count + 1
    if depth and blank and line[at : at + 1] == " ":
        at += 1
    return Seen(line[at:], own=True, column=at)


_BREAKS = re.compile(
    r"(?:(?<=\s)|^)(?=diff --git\s+\"?a/\S+\s+\"?b/\S+)|(?:(?<=\s)|^)(?=@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@)"
)


_JOINED = re.compile(r"diff --git \S+ \S+ [^@]{0,200}index [0-9a-f]{7,40}\.\.[0-9a-f]{7,40} [^@]{0,400}--- ")
"""A file's header on one line: the line ends of the text are lost."""


def break_lines(lines: Sequence[Seen]) -> list[Seen]:
    """Begin a new line at every file's or hunk's header that stands inside a line (line ends were lost
    there).
    """
    result: list[Seen] = []
    joined = any(_JOINED.search(line.text) for line in lines)
    for line in lines:
        if "@@ -" not in line.text[1:] and "diff --git" not in line.text[1:]:
            result.append(line)
            continue
        cuts = [0, *(m.start() for m in _BREAKS.finditer(line.text) if m.start()), len(line.text)]
        if len(cuts) == 2 or (line.text[0] in "+-" and not joined):
            result.append(line)
            continue
        result += [
            replace(line, text=line.text[a:b].strip(" ") if b < cuts[-1] else line.text[a:b])
            for a, b in pairwise(cuts)
        ]
    return result


def join_starts(lines: Sequence[Seen]) -> list[Seen]:
    """Put "diff --git" together with its paths where a mailer wrapped the line in front of them."""
    result: list[Seen] = []
    for line in lines:
        before = result[-1] if result else None
        if before is not None and before.own and before.text.rstrip() == "diff --git":
            paths = line.text.strip()
            if re.match(r'"?a/\S', paths):
                result[-1] = replace(before, text=f"diff --git {paths}")
                continue
        result.append(line)
    return result


def find_files(text: str) -> Region:
    """Split `text` into preamble, files and hunks."""
    seen = join_starts(break_lines(unquote(text.split("\n"))))
    starts = [i for i, line in enumerate(seen) if line.own and _GIT.match(line.text)]
    if not starts:
        starts = [i for i, line in enumerate(seen) if line.own and _is_plain_start(seen, i)]
    if not starts:
        return Region(preamble=text)
    region = Region(preamble=_preamble(seen[: starts[0]]))
    for begin, end in zip(starts, [*starts[1:], len(seen)], strict=True):
        region.files.append(_file(seen[begin:end]))
    return region


def _is_plain_start(seen: Sequence[Seen], at: int) -> bool:
    return (
        bool(_PLAIN.match(seen[at].text))
        and at + 2 < len(seen)
        and seen[at + 1].text.startswith("+++ ")
        and seen[at + 2].text.startswith("@@ -")
    )


def _preamble(lines: Sequence[Seen]) -> str:
    quoted = any(line.column for line in lines)
    kept = [line.text for line in lines if line.own and (line.column or not quoted)]
    return "\n".join(kept) + ("\n" if kept else "")


def _file(seen: Sequence[Seen]) -> FileRegion:
    first = next((i for i, line in enumerate(seen) if line.own and HUNK.match(line.text)), len(seen))
    shown = [line.text for line in seen[:first] if line.own or len(line.text.split()) == 1]
    lines = rebuild_header(" ".join(shown).split())
    header = read_header(lines or shown)
    if header.binary or not lines:
        lines = shown
    region = FileRegion(
        header=header if lines is shown else replace(header, lines=tuple(lines)),
        rebuilt=[line.rstrip() for line in shown[: len(lines)]] != lines,
        joined=any(" index " in line and line.startswith("diff --git") for line in shown),
        quoted=sum(1 for line in seen if line.column),
        raw=[line.text for line in seen if line.own],
    )
    for line in seen[first:]:
        hunk = parse_hunk_header(line.text) if line.own else None
        if hunk:
            heading = replace(line, text=hunk.heading, column=line.column + len(hunk.ranges))
            region.hunks.append(HunkRegion(hunk=hunk, lines=[heading]))
        else:
            region.hunks[-1].lines.append(line)
    return region


_TWO_WORDS = {"old": 3, "new": 3, "deleted": 4, "rename": 3, "copy": 3, "similarity": 3, "dissimilarity": 3}
"""How many words an extended header line has, by its first word ("new file mode 100644" has four)."""


def rebuild_header(words: Sequence[str]) -> list[str]:
    """Return the header lines that `words` (a file's header, its line ends unknown) spell; [] where they do
    not.

    Paths are taken to be free of blanks. What follows the last header line is left out.
    """
    if words[:2] != ["diff", "--git"] or len(words) < 4:
        return []
    lines = [" ".join(words[:4])]
    at = 4
    while at < len(words):
        word = words[at]
        if word in _TWO_WORDS:
            count = 4 if words[at + 1 : at + 2] == ["file"] else _TWO_WORDS[word]
        elif word == "index":
            count = 3 if re.fullmatch("[0-7]{6}", "".join(words[at + 2 : at + 3])) else 2
        elif word in ("---", "+++"):
            count = 2
        elif word in ("Binary", "GIT"):
            return []
        else:
            break
        lines.append(" ".join(words[at : at + count]))
        at += count
    return lines

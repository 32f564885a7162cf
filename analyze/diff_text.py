"""The text of a diff, cut into files and hunks: every line is header, hunk, binary patch, or stray.

    diff       = { stray | file }
    file       = header { header } ( { hunk } | binary )
    header     = "diff --git ..." | "diff -r ..." | "--- NAME" "+++ NAME" | "index ..." | "rename ..." | ...
    hunk       = "@@ -A[,B] +C[,D] @@[ SECTION]" then B lines of " " or "-" and D lines of " " or "+"
    binary     = "GIT binary patch" { ("literal" | "delta") SIZE { base85 } "" }

(git-diff(1), GENERATING PATCH TEXT; POSIX diff -u.) The counts decide where a hunk ends, as in git's apply.c.
Where they cannot be right, the hunk is as long as its lines look like a hunk's, and says so: one bad hunk
never swallows the file after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@ ?(.*)", re.DOTALL)
_EXTENDED = re.compile(
    r"(old mode|new mode|deleted file mode|new file mode|copy from|copy to|rename from|rename to|rename old|"
    r"rename new|similarity index|dissimilarity index|index) "
)
_BINARY = re.compile(r"Binary files? .* (differ|has changed)\s*$")
_PART = re.compile(r"(literal|delta) \d{1,12}\s*$")
_SIGNATURE = re.compile(r"---?\s*$|-----")
"""A mail's end: git's "-- ", b4's "---", mailman's rulers."""
_SILENT = re.compile(r"\s*$|Index: |={60,}$|Only in |Common subdirector|base-commit: |prerequisite-|[\d.]+$")


@dataclass(slots=True)
class RawHunk:
    """A hunk's lines as they stand, with their signs; the counts are those of the lines."""

    line: int
    """1-based line of its header in the text."""
    pre_start: int
    post_start: int
    section: str
    lines: Sequence[str]
    pre_count: int
    post_count: int
    complaint: str = ""
    """How the header lies; "" where it does not."""


@dataclass(slots=True)
class Section:
    """One file's part of a diff."""

    line: int
    header: list[str] = field(default_factory=list)
    hunks: list[RawHunk] = field(default_factory=list)
    binary: bool = False
    lines: int = 0
    """How many lines of the text it has, of all sorts."""
    complaint: str = ""
    """What else is wrong with it."""


@dataclass(frozen=True, slots=True)
class Stray:
    """Consecutive lines that belong to no file."""

    line: int
    lines: list[str]
    silent: bool
    """Whether a reader need not know: what stands before the first file, blanks, a mail's signature."""


def cut_diff(lines: Sequence[str]) -> tuple[list[Section], list[Stray]]:
    """Cut a diff's lines (without their line ends) into files and stray lines."""
    cutter = _Cutter(lines)
    cutter.run()
    return cutter.sections, cutter.strays


class _Cutter:
    """The scanner's place: `at` is the line it looks at, `open` the section that takes headers and hunks."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.at = 0
        self.sections: list[Section] = []
        self.strays: list[Stray] = []
        self.open: Section | None = None
        self.signed = False

    def run(self) -> None:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            start = self.at
            if self._opens(line):
                self.open = Section(line=start + 1)
                self.sections.append(self.open)
                self.signed = False
            section = self.open
            if section is None or not self._takes(section, line):
                self._stray()
            elif section is not None:
                section.lines += self.at - start

    def _opens(self, line: str) -> bool:
        """Whether a new file begins here."""
        if line.startswith("diff "):
            return line.startswith(("diff --git ", "diff --cc ", "diff --combined ", "diff -"))
        if line.startswith("--- "):
            header = self.open.header if self.open else []
            new = not header or any(h.startswith("--- ") for h in header)
            return new and self._peek(1).startswith("+++ ") and self._peek(2).startswith("@@ -")
        # GNU diff and svn tell of a binary file in this line alone
        return bool(_BINARY.match(line)) and (self.open is None or bool(self.open.hunks) or self.open.binary)

    def _takes(self, section: Section, line: str) -> bool:
        """Let the section take the line and what belongs to it; False where it is none of the section's."""
        fresh = not section.hunks and not section.binary
        if line.startswith("@@ -"):
            self._hunk(section)
        elif line.startswith("@@@ -"):
            section.complaint = "it is a combined diff, of a merge with several parents"
            self.at = self._until_next_file(self.at)
        elif fresh and line == "GIT binary patch":
            section.binary = True
            self._binary()
        elif fresh and _BINARY.match(line):
            section.binary = True
            section.header.append(line)
            self.at += 1
        elif fresh and (line.startswith(("diff ", "--- ", "+++ ")) or _EXTENDED.match(line)):
            section.header.append(line)
            self.at += 1
        else:
            return False
        return True

    def _peek(self, ahead: int) -> str:
        return self.lines[self.at + ahead] if self.at + ahead < len(self.lines) else ""

    def _hunk(self, section: Section) -> None:
        line, number = self.at + 1, len(section.hunks) + 1
        header = _HUNK.match(self.lines[self.at])
        self.at += 1
        if header is None:
            section.complaint = f"the header of hunk {number} (line {line} of the diff) cannot be read"
            self.at = self._loose_end(self.at)
            return
        pre, post = (1 if count is None else int(count) for count in header.group(2, 4))
        end = self._counted_end(pre, post)
        complaint = ""
        if end is None:
            end = self._loose_end(self.at)
        body = self.lines[self.at : end]
        has_pre, has_post = count_lines(body)
        if (has_pre, has_post) != (pre, post):
            announced, found = f"-{pre} +{post}", f"-{has_pre} +{has_post}"
            complaint = f"hunk {number} (line {line} of the diff) announces {announced} lines and has {found}"
        hunk = RawHunk(line, int(header[1]), int(header[3]), header[5], body, has_pre, has_post, complaint)
        section.hunks.append(hunk)
        self.at = end

    def _counted_end(self, pre: int, post: int) -> int | None:
        """Return where the hunk ends by its counts; None where the lines contradict them."""
        lines, at, last = self.lines, self.at, len(self.lines)
        while (pre > 0 or post > 0) and at < last:
            sign = lines[at][:1]
            if sign in (" ", ""):
                pre -= 1
                post -= 1
            elif sign == "+":
                post -= 1
            elif sign == "-":
                pre -= 1
            elif sign != "\\":
                return None
            if pre < 0 or post < 0:
                return None
            at += 1
        if pre or post:
            return None
        if at < last and lines[at].startswith("\\ "):
            at += 1
        return None if self._goes_on(at) else at

    def _goes_on(self, at: int) -> bool:
        """Whether a line stands here that only a hunk's middle has."""
        line = self.lines[at] if at < len(self.lines) else ""
        return line.startswith(("+", "-")) and not _SIGNATURE.match(line) and not self._names(at)

    def _names(self, at: int) -> bool:
        """Whether a file's "--- NAME", "+++ NAME" lines stand here."""
        pair = self.lines[at : at + 2]
        return len(pair) == 2 and pair[0].startswith("--- ") and pair[1].startswith("+++ ")

    def _loose_end(self, at: int) -> int:
        """Return where the lines stop to look like a hunk's."""
        first = at
        while at < len(self.lines):
            line = self.lines[at]
            if line[:1] not in (" ", "+", "-", "\\", "") or _SIGNATURE.match(line) or self._names(at):
                break
            at += 1
        while at > first and not self.lines[at - 1].strip():  # blank lines at the end set the next file apart
            at -= 1
        return at

    def _until_next_file(self, at: int) -> int:
        while at < len(self.lines) and not self.lines[at].startswith("diff -"):
            at += 1
        return at

    def _binary(self) -> None:
        self.at += 1
        while self.at < len(self.lines) and _PART.match(self.lines[self.at]):
            while self.at < len(self.lines) and self.lines[self.at]:
                self.at += 1
            self.at += self.at < len(self.lines)

    def _stray(self) -> None:
        line = self.lines[self.at]
        self.signed = self.signed or bool(_SIGNATURE.match(line))
        silent = not self.sections or self.signed or bool(_SILENT.match(line))
        last = self.strays[-1] if self.strays else None
        follows = last and last.line + len(last.lines) == self.at + 1
        if last and follows and (last.silent == silent or not line.strip()):
            last.lines.append(line)
        else:
            self.strays.append(Stray(self.at + 1, [line], silent))
        self.at += 1


def count_lines(body: Sequence[str]) -> tuple[int, int]:
    """Return how many lines of a hunk's body stand in the pre-image, and in the post-image."""
    signs = [line[:1] for line in body]
    context = signs.count(" ") + signs.count("")
    return context + signs.count("-"), context + signs.count("+")

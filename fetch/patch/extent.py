"""Where the diffs of a text begin and end: by their headers and hunk counts, as `git apply` reads them.

A hunk whose counts are wrong neither swallows what follows nor loses lines: the next file's header, a
signature or a line of no hunk ends it early; lines that can only be of a hunk go on with it; a line that a
mailer broke stays in the diff for repair.repair_patch to join. Each is noted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..mail.note import Note

HUNK = re.compile(r"@@ -[0-9]+(?:,([0-9]{1,9}))? \+[0-9]+(?:,([0-9]{1,9}))? @@")
_HEADER = re.compile(
    r"index |Index: |old mode |new mode |deleted file mode |new file mode |copy (?:from|to) |rename |"
    r"(?:dis)?similarity index |--- |\+\+\+ |Binary files |={40}|RCS file: |retrieving revision |diff |"
    r"GIT binary patch"
)
MAX_PIECES = 200
"""Lines into which one broken line is followed; tables of bytes have some dozens."""
_ENDLESS = 1 << 40
_SIGNATURE = re.compile(r"--[ \t]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """A text taken apart at its diffs; no line is lost."""

    before: str
    diff: str
    """All file diffs, one behind the other, each to its last hunk line; "" where there is none."""
    after: str
    """What stands between the diffs and behind the last: signature, list footer."""
    notes: tuple[Note, ...]


def split_diff(text: str) -> Extent:
    """Part `text` into what stands before its first diff, its diffs, and the rest."""
    lines = text.split("\n")
    diff: list[str] = []
    after: list[str] = []
    notes: list[Note] = []
    first = at = next_start(lines, 0)
    while at < len(lines):
        end = _file_end(lines, at, notes)
        diff += lines[at:end]
        at = next_start(lines, end, hunks=True)
        after += lines[end:at]
    return Extent(
        before="".join(f"{line}\n" for line in lines[:first]) if diff else text,
        diff="".join(f"{line}\n" for line in diff),
        after="\n".join(after) if diff else "",
        notes=tuple(notes),
    )


def next_start(lines: Sequence[str], at: int, *, hunks: bool = False) -> int:
    """Index of the next line that opens a file's diff (or a hunk), from `at` on; len(lines) where none
    does."""
    while at < len(lines) and not opens_file(lines, at) and not (hunks and HUNK.match(lines[at])):
        at += 1
    return at


def opens_file(lines: Sequence[str], at: int) -> bool:
    """Whether a file's diff starts here: with git's, Mercurial's or CVS's header, or with "---" and "+++"."""
    line = lines[at]
    if line.startswith("--- "):
        return _opens_bare(lines, at)
    if not line.startswith(("diff -", "Index: ")):
        return False
    following = [text for text in lines[at + 1 : at + 4] if text]
    return (not following and line.startswith("diff ")) or any(
        _HEADER.match(text) and (text[:3] != "---" or k < 3) for k, text in enumerate(following)
    )


def _opens_bare(lines: Sequence[str], at: int) -> bool:
    """Whether "--- a/x", "+++ b/x" and a hunk's header stand here, which no hunk has among its own lines."""
    plus, hunk = (lines[at + k] if at + k < len(lines) else "" for k in (1, 2))
    return plus.startswith("+++ ") and hunk.startswith("@@")


def _file_end(lines: Sequence[str], at: int, notes: list[Note]) -> int:
    """Index behind the last line of the file diff (or of the lone hunks) that opens at `at`."""
    minus = False
    while at < len(lines) and (_HEADER.match(lines[at]) or _is_wrapped_header(lines, at)):
        if lines[at].startswith("GIT binary patch"):
            return _binary_end(lines, at + 1)
        index, minus = lines[at].startswith("Index: "), minus or lines[at].startswith("--- ")
        at += 1
        next_file = ("diff -", "--- ") if minus else ("diff -",)
        if at < len(lines) and lines[at].startswith(next_file) and not index:
            return at
    while True:
        hunk = at
        while hunk < min(len(lines), at + 3) and not lines[hunk]:
            hunk += 1
        if hunk == len(lines) or not lines[hunk].startswith("@@"):
            return at
        at = _hunk_end(lines, hunk, notes)


def _is_wrapped_header(lines: Sequence[str], at: int) -> bool:
    """Whether a mailer broke "diff --git a/x b/x" before "b/x"."""
    return lines[at].startswith("b/") and lines[at - 1].startswith("diff --git a/") and at + 1 < len(lines)


def _binary_end(lines: Sequence[str], at: int) -> int:
    """Index behind a "GIT binary patch": blocks of "literal n" or "delta n", base85 lines, an empty line."""
    while at < len(lines) and re.match(r"(?:literal|delta) [0-9]+$", lines[at]):
        while at < len(lines) and lines[at]:
            at += 1
        at += at < len(lines) and at + 1 < len(lines)
    return at


def _hunk_end(lines: Sequence[str], head: int, notes: list[Note]) -> int:
    """Index behind the last line of the hunk whose header stands at `head`."""
    counts = HUNK.match(lines[head])
    pre, post = (int(count or "1") for count in counts.groups()) if counts else (_ENDLESS, _ENDLESS)
    at, broken = head + 1, 0
    while (pre > 0 or post > 0) and not _ends_early(lines, at) and (counts or lines[at] != "---"):
        sign = lines[at][:1] or " "
        pre -= sign in " -"
        post -= sign in " +"
        broken += sign not in " +-\\"
        at += 1
    if pre > 0 or post > 0:
        while at > head + 1 and not lines[at - 1]:
            at -= 1
    while at < len(lines) and lines[at].startswith("\\ "):
        at += 1
    end = _overrun(lines, at)
    if broken:
        notes.append(Note(kind="wrapped", detail=f"{broken} broken lines in the hunk {lines[head][:60]}."))
    elif pre or post or end > at:
        notes.append(Note(kind="hunk", detail=f"The hunk {lines[head][:60]} has other lines than it counts."))
    return end


def _ends_early(lines: Sequence[str], at: int) -> bool:
    """Whether no line of a hunk stands here, though its counts ask for more."""
    if at >= len(lines) or (at == len(lines) - 1 and not lines[at]):
        return True
    line = lines[at]
    if line.startswith("@@ ") or opens_file(lines, at):
        return True
    following = lines[at + 1 : at + 3]
    if _SIGNATURE.match(line):  # else it removes a line "- "
        return not following or not following[0].startswith((" ", "+", "-", "@@ ", "diff "))
    return line[:1] not in ("", " ", "+", "-", "\\") and not _goes_on(lines, at)


def _goes_on(lines: Sequence[str], at: int) -> bool:
    """Whether the line and those below it are the pieces of a line that a mailer broke: the diff follows at
    once."""
    for line in lines[at + 1 : at + 1 + MAX_PIECES]:
        if line[:1] in ("+", "-", " ", "@"):
            return not _SIGNATURE.match(line)
        if not line:
            return False
    return False


def _overrun(lines: Sequence[str], at: int) -> int:
    """Index behind the lines that can only be of the hunk before them, though its counts are met."""
    end = at
    while end < len(lines) and lines[end][:1] in (" ", "+", "-", "\\") and not _SIGNATURE.match(lines[end]):
        if opens_file(lines, end):
            break
        end += 1
    goes_on = end < len(lines) and lines[end].startswith(("@@ ", "diff --git "))
    return end if goes_on or any(line[0] in "+-" for line in lines[at:end]) else at

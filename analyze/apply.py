"""A file's hunks onto its pre-image, as `git apply` does it: offsets, but no fuzz (git's apply.c, find_pos).

A hunk matches where all its context and removed lines stand, nearest to where its header says, with two
anchors: a hunk that starts at line 1 (or 0) matches at the file's beginning only, and one without context at
its end only at the file's end. Lines that an earlier hunk of the file wrote match no later one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .diff import FileDiff, Hunk
from .place import NEAR, nearly, places

MAX_HUNKS = 10_000
"""Of one file; a hostile mail could ask for days of work with more."""
MAX_SEARCHED = 10_000_000
"""Lines of a file that are looked at, for all its hunks together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The post-image."""

    text: str
    offsets: tuple[int, ...]
    """A hunk each: how many lines below (above: negative) the place that its header says it was applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Why a hunk does not apply."""

    hunk: int
    """1-based number of the hunk in its file's diff."""
    line: int
    """1-based line of the pre-image at which its header says it starts."""
    reason: str
    """For a reader, without a full stop; begins with the hunk and its line."""
    nearest: int | None
    """1-based line at which most of its lines stand, hunks before it applied; None where none do."""
    differing: int
    """How many of its context and removed lines are missing there."""
    expected: str | None
    """The first of these lines; None where the lines stand and something forbids the place."""
    found: str | None
    """What stands in its place; None at the file's end."""


def split_lines(text: str) -> list[str]:
    """Split at LF alone, line ends kept: other line ends (CR, form feed) are content, as they are to git."""
    parts = text.split("\n")
    last = parts.pop()
    lines = [part + "\n" for part in parts]
    return [*lines, last] if last else lines


def hunk_sides(hunk: Hunk) -> tuple[list[str], list[str]]:
    """Return the hunk's lines before and after, with their line ends."""
    before, after = [], []
    for line in hunk.lines:
        text = line.text + "\n" if line.newline else line.text
        if line.sign != "+":
            before.append(text)
        if line.sign != "-":
            after.append(text)
    return before, after


def apply_hunks(pre: str, diff: FileDiff) -> Applied | Conflict:
    """Apply a file's hunks to `pre`; the first that does not fit is the Conflict. Never raises."""
    target = _Target(split_lines(pre))
    offsets: list[int] = []
    for number, hunk in enumerate(diff.hunks, 1):
        before, after = hunk_sides(hunk)
        start = max(hunk.post_start - 1, 0)
        at = None if number > MAX_HUNKS else target.find(hunk, before, start)
        if at is None:
            return _explain(target, hunk, number)
        offsets.append(at - start)
        target.write(at, before, after)
    return Applied(text="".join(target.lines), offsets=tuple(offsets))


def reverse(diff: FileDiff) -> FileDiff:
    """Return the diff that takes `diff` back (git apply -R)."""
    return replace(
        diff,
        path=diff.pre_path or diff.post_path or "",
        pre_path=diff.post_path,
        post_path=diff.pre_path,
        pre_blob=diff.post_blob,
        post_blob=diff.pre_blob,
        hunks=tuple(_reverse_hunk(hunk) for hunk in diff.hunks),
    )


def _reverse_hunk(hunk: Hunk) -> Hunk:
    other = {" ": " ", "+": "-", "-": "+"}
    return Hunk(
        pre_start=hunk.post_start,
        pre_count=hunk.post_count,
        post_start=hunk.pre_start,
        post_count=hunk.pre_count,
        section=hunk.section,
        lines=tuple(
            replace(line, sign=other[line.sign], pre=line.post, post=line.pre) for line in hunk.lines
        ),
    )


class _Target:
    """The file while its hunks are applied one by one."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.written = bytearray(len(lines))
        """1 where a hunk has written the line."""
        self.searched = 0

    def find(self, hunk: Hunk, before: Sequence[str], start: int) -> int | None:
        """Return the index at which the hunk belongs: nearest to `start`, below before above."""
        last = len(self.lines) - len(before)
        beginning, end = anchors(hunk)
        if last < 0 or (beginning and end and last > 0):
            return None
        if beginning or end:
            at = 0 if beginning else last
            return at if self.stands(before, at) else None
        start = min(start, len(self.lines))
        if start <= last and self.stands(before, start):
            return start
        near = self._nearest(before, start, max(start - NEAR, 0), min(start + NEAR, last))
        return near if near is not None else self._nearest(before, start, 0, last)

    def _nearest(self, before: Sequence[str], start: int, first: int, last: int) -> int | None:
        self.searched += max(last - first, 0) + len(before)
        if self.searched > MAX_SEARCHED:
            return None
        untouched = (at for at in places(self.lines, before, first, last) if self.is_untouched(before, at))
        return min(untouched, key=lambda at: (abs(at - start), at < start), default=None)

    def stands(self, before: Sequence[str], at: int) -> bool:
        return self.lines[at : at + len(before)] == before and self.is_untouched(before, at)

    def is_untouched(self, before: Sequence[str], at: int) -> bool:
        return self.written.find(1, at, at + len(before)) < 0

    def write(self, at: int, before: Sequence[str], after: Sequence[str]) -> None:
        self.lines[at : at + len(before)] = after
        self.written[at : at + len(before)] = b"\1" * len(after)


def anchors(hunk: Hunk) -> tuple[bool, bool]:
    """Return whether the hunk must stand at the file's beginning, and whether at its end."""
    return hunk.pre_start <= 1, not hunk.lines or hunk.lines[-1].sign != " "


def _explain(target: _Target, hunk: Hunk, number: int) -> Conflict:
    """Say why the hunk stands nowhere: what is nearest to it, and the first line that differs there."""
    before, after = hunk_sides(hunk)
    start = max(hunk.post_start - 1, 0)
    at = nearly(target.lines, before, start)
    there = [] if at is None else target.lines[at : at + len(before)]
    wrong = [index for index, line in enumerate(before) if index >= len(there) or line != there[index]]
    expected = before[wrong[0]] if wrong else None
    found = there[wrong[0]] if wrong and wrong[0] < len(there) else None
    if number > MAX_HUNKS or target.searched > MAX_SEARCHED:
        reason = "the patch asks for more than is searched for a file"
    elif not before:
        has = f"it has {len(target.lines)} lines"
        reason = f"it adds lines without context, so the file must be empty, and {has}"
    elif at is None:
        reason = f"none of its {len(before)} context and removed lines stands in the file"
    elif expected is None:
        reason = _forbidden(target, hunk, before, at)
    else:
        sign = [line.sign for line in hunk.lines if line.sign != "+"][wrong[0]]
        what = "context line" if sign == " " else "removed line"
        place = f"nearest at line {at + 1}, {len(wrong)} of its {len(before)} lines different"
        stead = f"line {at + 1 + wrong[0]} is {_stead(expected, found)}"
        reason = f"{what} {_shown(expected)} not found; {place}: {stead}"
    if before != after and _is_there(target.lines, after, start):
        reason += "; what the hunk would make stands there already"
    return Conflict(
        hunk=number,
        line=hunk.pre_start,
        reason=f"hunk {number} at line {hunk.pre_start}: {reason}",
        nearest=None if at is None else at + 1,
        differing=len(wrong),
        expected=None if expected is None else expected.removesuffix("\n"),
        found=None if found is None else found.removesuffix("\n"),
    )


def _forbidden(target: _Target, hunk: Hunk, before: Sequence[str], at: int) -> str:
    beginning, _ = anchors(hunk)
    if not target.is_untouched(before, at):
        return f"its lines stand at line {at + 1}, where an earlier hunk of this file has written"
    if beginning and at:
        return f"it must stand at the file's beginning, and its lines stand at line {at + 1}"
    rest = len(target.lines) - at - len(before)
    place = f"its lines stand at line {at + 1}, {rest} lines before that"
    return f"it has no context after its change, so it must stand at the file's end, and {place}"


def _shown(line: str) -> str:
    line = line.removesuffix("\n")
    return repr(line if len(line) <= 100 else line[:97] + "...")


def _stead(expected: str, found: str | None) -> str:
    """Say what stands in the place of `expected`, and how little may be between them."""
    if found is None:
        return "past the file's end"
    if expected.rstrip("\r\n") == found.rstrip("\r\n"):
        return "the same with another line end"
    if expected.split() == found.split():
        return f"{_shown(found)}, the same but for white space"
    return _shown(found)


def _is_there(lines: Sequence[str], after: Sequence[str], start: int) -> bool:
    """Whether `after` stands whole within NEAR lines of `start`: the patch may be applied already."""
    first, last = max(start - NEAR, 0), min(start + NEAR, len(lines) - len(after))
    return bool(after) and next(places(lines, after, first, last), None) is not None

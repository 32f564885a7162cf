"""A patch in damaged text or in a reply's quote: where it is, and what it says.

The diff is found by its first header wherever that stands: behind quote marks, or in the middle of a line
whose ends are lost. A quote is the patch only where it is whole: it has a text above the diff, each hunk
has the lines that it counts (wrapped lines make more), and the diffstat, where there is one, counts as many
files, insertions and deletions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..mail.address import Address
from ..mail.message import Message
from .attribution import attribution_length, parse_attribution, take_off_marks
from .body import Body, split_body
from .extent import HUNK
from .trailer import parse_trailers

_GIT = re.compile(r'diff --git "?a/\S+ "?b/\S+')
_RUN_TOGETHER = re.compile(r"[ \t]---[ \t]+(?=[^\s|]{1,300} {1,100}\| {1,10}[0-9]+ )")
"""The "---" line and a diffstat in the middle of a line whose ends are lost."""
_TRIM = re.compile(r"[\[<(]? ?(?:\.{2,}|…|snip\w*|cut|trimmed)[^\[\]]{0,40}[\])>]?", re.IGNORECASE)
_SIGNATURE = re.compile(r"--[ \t]*$")
_BARE = re.compile(r"--- \S")
_STAT = re.compile(
    r"^ ?([0-9]{1,6}) files? changed(?:, ([0-9]{1,9}) insertions?\(\+\))?(?:, ([0-9]{1,9}) deletions?\(-\))?",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedPatch:
    """A patch as it stands in a text that is not its own mail's, or no longer as it was."""

    body: Body
    """The text above the diff, unquoted, parted as a patch mail's."""
    author: Address | None
    """Whom the attribution line above the quote names."""
    diff: str
    """The raw lines from the diff's first header on, with marks and remarks between them."""
    preface: str
    """The lines above that are not quoted."""
    tail: str
    depth: int
    """How deep it is quoted; 0 in a damaged copy of the patch mail itself."""


def find_quoted_patch(message: Message) -> QuotedPatch | None:
    """Find a whole quoted patch or, in a copy from a web archive, a damaged one; None where there is
    neither."""
    if "diff --git " not in message.body and "+++ " not in message.body:
        return None
    lines = message.body.split("\n")
    start = _find_start(lines)
    if start is None:
        return None
    at, column, depth = start
    if depth == 0 and message.verbatim:
        return None
    above = lines[:at] + ([lines[at][:column]] if column else [])
    end = _find_end(lines, at, depth)
    diff = "\n".join([lines[at][column:], *lines[at + 1 : end]]) + "\n"
    text = "\n".join(_at_depth(above, depth)) + "\n"
    body = split_body(text if message.verbatim else _RUN_TOGETHER.sub("\n---\n ", text))
    if depth and not (_is_message(body) and _is_whole(_at_depth(lines[at:end], depth), body.rest, column)):
        return None
    return QuotedPatch(
        body=body,
        author=_find_author(above, depth) if depth else None,
        diff=diff,
        preface="\n".join(line for line in above if depth and take_off_marks(line, depth)[0] < depth),
        tail="\n".join(lines[end:]),
        depth=depth,
    )


def _find_start(lines: Sequence[str]) -> tuple[int, int, int] | None:
    """Line, column (0 unless it stands in the middle of a line) and depth of the diff's first header."""
    for at, line in enumerate(lines):
        depth, text = take_off_marks(line)
        if _GIT.match(text) or (_BARE.match(text) and _opens_bare(lines, at)):
            return at, 0, depth
        if found := _GIT.search(text):
            inside = line.find(found[0])
            return at, inside, depth
    return None


def _opens_bare(lines: Sequence[str], at: int) -> bool:
    below = [take_off_marks(line)[1] for line in lines[at + 1 : at + 3]]
    return len(below) == 2 and below[0].startswith("+++ ") and below[1].startswith("@@ ")


def _at_depth(lines: Sequence[str], depth: int) -> list[str]:
    """The texts of the lines that are quoted at least so deep, deeper marks kept."""
    read = (take_off_marks(line, depth) for line in lines)
    return [text for found, text in read if found == depth]


def _find_end(lines: Sequence[str], at: int, depth: int) -> int:
    """Index behind the diff's last line: above the signature, and at depth the last line quoted so deep."""
    read = [take_off_marks(line, depth) for line in lines[at:]]
    heads = (i for i, (_, text) in enumerate(read) if text.startswith(("@@ -", "diff --git ")))
    last_head = max(heads, default=0)
    last = 0
    for index, (found, text) in enumerate(read):
        if found < depth:
            continue
        if index > last_head and _SIGNATURE.match(text):  # above the last hunk it is a removed line "- "
            break
        if text.strip() or depth == 0 or index - last <= 2:  # a hunk may end with empty context lines
            last = index
    return at + last + 1 if depth else _without_empty(lines, at + last + 1)


def _without_empty(lines: Sequence[str], end: int) -> int:
    while end > 1 and not lines[end - 1].strip():
        end -= 1
    return end


def _find_author(above: Sequence[str], depth: int) -> Address | None:
    first = next((at for at, line in enumerate(above) if take_off_marks(line, depth)[0] == depth), 0)
    read = (take_off_marks(line, depth) for line in above[:first])
    outer = [text for found, text in read if found == depth - 1]
    while outer and (not outer[-1].strip() or _TRIM.fullmatch(outer[-1].strip())):
        outer.pop()
    length = attribution_length(outer)
    return parse_attribution(" ".join(outer[len(outer) - length :])) if length else None


def _is_message(body: Body) -> bool:
    """Whether the quoted text above the diff is a commit message and not talk, or what is left of other
    hunks."""
    lines = body.message.split("\n")
    signed = bool(body.rest.startswith("---") or parse_trailers(body.message))
    ends = (at for at, line in enumerate(lines, 1) if line.rstrip().endswith((":", "：", "wrote")))
    talk = any(attribution_length(lines[max(0, end - 3) : end]) for end in ends)
    hunks = sum(line.startswith(("+", "-", "@@ ")) and not line.startswith("- ") for line in lines)
    return signed and not talk and hunks < 3 and bool(body.message.strip() or body.rest.strip())


def _is_whole(diff: Sequence[str], rest: str, column: int) -> bool:
    """Whether an unquoted diff has all that its hunks and its diffstat count."""
    if column or any(HUNK.search(line, 1) for line in diff):
        return True  # line ends are lost: nothing can be counted
    plus = minus = files = wraps = 0
    for lines in _files(diff):
        files += 1
        for pre, post, context, added, removed in _hunks(lines):
            more = (context + removed - pre, context + added - post)
            if min(more) < 0 or max(more) > max(4, (context + added + removed) // 2):
                return False
            plus, minus, wraps = plus + added, minus + removed, wraps + max(more)
    stats = list(_STAT.finditer(rest))
    if not stats:
        return files > 0
    counted, insertions, deletions = (int(number or 0) for number in stats[-1].groups())
    return files == counted and 0 <= plus - insertions <= wraps and 0 <= minus - deletions <= wraps


def _files(diff: Sequence[str]) -> Iterator[list[str]]:
    """The lines of each file: a new one opens at "diff --git", or at a "---" line where there are none."""
    opening = "diff --git " if any(line.startswith("diff --git ") for line in diff) else "--- "
    lines: list[str] = []
    for line in diff:
        if line.startswith(opening) and lines:
            yield lines
            lines = []
        lines.append(line)
    if lines:
        yield lines


def _hunks(lines: Sequence[str]) -> Iterator[tuple[int, int, int, int, int]]:
    """Each hunk's two counts, and how many context, added and removed lines it has."""
    counts: list[int] | None = None
    for line in lines:
        if found := HUNK.match(line):
            if counts:
                yield counts[0], counts[1], counts[2], counts[3], counts[4]
            counts = [int(count or "1") for count in found.groups()] + [0, 0, 0]
        elif counts and not line.startswith("\\ "):
            counts[{"+": 3, "-": 4}.get(line[:1], 2)] += 1
    if counts:
        yield counts[0], counts[1], counts[2], counts[3], counts[4]

"""A file's hunks as one stream of lines, and the lines of two streams that are the same.

The streams are those of `git range-diff` (signs in front, "@@ section" without numbers), so that hunks which
a new base joins or parts do no harm. What it does not do is told apart here: a line of context that differs
is the base's, unless it stands on the other side of a changed line now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ..diff import FileDiff
from ..side import read_section

MOST_COMPARED = 4_000_000
"""Lines of one file's diff times those of the other: beyond it they are compared without alignment."""
MOST_MEETINGS = 200_000
"""Equal lines of the two, each counted with each: beyond it frequent lines are not looked for first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of a stream."""

    sign: str
    """" ", "-" or "+"; "@" for a hunk's section heading."""
    text: str
    number: int | None
    """1-based: in the pre-image for "-", else in the post-image; None for a heading."""
    hunk: int
    """Index of its hunk in the file."""

    @property
    def changed(self) -> bool:
        """Whether the patch adds or removes the line."""
        return self.sign in "+-"


@dataclass(frozen=True, slots=True)
class Step:
    """A run of two streams: equal lines, or what only the one and only the other has."""

    equal: bool
    before: tuple[int, int]
    """Indexes of its lines in the earlier stream: from, up to."""
    after: tuple[int, int]


def stream_of(file: FileDiff | None) -> tuple[Entry, ...]:
    """Return a file's hunks as a stream; () for None."""
    found: list[Entry] = []
    for index, hunk in enumerate(file.hunks if file else ()):
        found.append(Entry(sign="@", text=hunk.section.strip(), number=None, hunk=index))
        for line in hunk.lines:
            number = line.pre if line.sign == "-" else line.post
            text = line.text if line.newline else f"{line.text}\\"
            found.append(Entry(sign=line.sign, text=text, number=number, hunk=index))
    return tuple(found)


def align(before: Sequence[Entry], after: Sequence[Entry]) -> tuple[Step, ...]:
    """Return the steps from one stream to the other, in order."""
    mine = [(entry.sign, entry.text) for entry in before]
    theirs = [(entry.sign, entry.text) for entry in after]
    top = 0
    while top < len(mine) and top < len(theirs) and mine[top] == theirs[top]:
        top += 1
    end = 0
    while end < min(len(mine), len(theirs)) - top and mine[-1 - end] == theirs[-1 - end]:
        end += 1
    steps = [Step(True, (0, top), (0, top))] if top else []
    inner, outer = mine[top : len(mine) - end], theirs[top : len(theirs) - end]
    if inner and outer and len(inner) * len(outer) <= MOST_COMPARED:
        times = Counter(outer)
        meetings = sum(times[line] for line in inner)
        matcher = SequenceMatcher(None, inner, outer, autojunk=meetings > MOST_MEETINGS)
        for name, a, b, c, d in matcher.get_opcodes():
            steps.append(Step(name == "equal", (a + top, b + top), (c + top, d + top)))
    elif inner or outer:
        steps.append(Step(False, (top, len(mine) - end), (top, len(theirs) - end)))
    if end:
        steps.append(Step(True, (len(mine) - end, len(mine)), (len(theirs) - end, len(theirs))))
    return tuple(steps)


def crossings(before: Sequence[Entry], after: Sequence[Entry], steps: Sequence[Step]) -> frozenset[int]:
    """Return indexes of steps whose context now stands on the other side of a changed line of its hunk.

    Such a line is gone at one step and back at another, and between the two an equal changed line stands: it
    moved over that line, which is a change, though no changed line differs.
    """
    gone: dict[str, list[tuple[int, int, int]]] = {}
    back: dict[str, list[tuple[int, int, int]]] = {}
    passed = 0
    near: list[tuple[int, int]] = []
    for index, step in enumerate(steps):
        if step.equal:
            for at, to in zip(range(*step.before), range(*step.after), strict=True):
                if before[at].changed:
                    passed += 1
                    near.append((before[at].hunk, after[to].hunk))
            continue
        for found, entries, span in ((gone, before, step.before), (back, after, step.after)):
            for at in range(*span):
                if entries[at].sign == " " and _tells(entries[at].text):
                    found.setdefault(entries[at].text, []).append((index, passed, entries[at].hunk))
    crossed: set[int] = set()
    for text, places in gone.items():
        for (one, rank, hunk), (other, rank_after, hunk_after) in zip(
            places, back.get(text, ()), strict=False
        ):
            over = near[min(rank, rank_after) : max(rank, rank_after)]
            if (hunk, hunk_after) in over:
                crossed |= {one, other}
    return frozenset(crossed)


def moved_hunks(
    before: Sequence[Entry], after: Sequence[Entry], steps: Sequence[Step]
) -> tuple[tuple[str, str], ...]:
    """Return (earlier, later) function names of hunks with equal changed lines in another function.

    So it is where the headings name two functions and not one line of context is the same.
    """
    linked: dict[tuple[int, int], bool] = {}
    for step in steps:
        if step.equal:
            for at, to in zip(range(*step.before), range(*step.after), strict=True):
                pair = before[at].hunk, after[to].hunk
                if _tells(before[at].text) and before[at].sign != "@":
                    linked[pair] = linked.get(pair, False) or not before[at].changed
    names = [
        {entry.hunk: read_section(entry.text) for entry in entries if entry.sign == "@"}
        for entries in (before, after)
    ]
    found = []
    for (one, other), anchored in linked.items():
        (name, symbol), (name_after, symbol_after) = names[0][one], names[1][other]
        if not anchored and name != name_after and symbol == symbol_after == "function":
            found.append((name, name_after))
    return tuple(dict.fromkeys(found))


def _tells(text: str) -> bool:
    """Whether a line of context is told apart from others by its text: "}" and "return 0;" are not."""
    bare = text.strip()
    return (
        len(bare) > 5 and any(c.isalpha() for c in bare) and not bare.startswith(("return", "break", "goto"))
    )

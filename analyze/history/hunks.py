"""Two diffs of a patch -> what differs between them, file by file, hunk by hunk.

A change of context or line numbers only is none: the file is then "unchanged on a new base".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..diff import FileDiff
from ..similarity import similarity
from .stream import Entry, Step, align, crossings, moved_hunks, stream_of

AROUND = 3
"""Lines on each side of a difference that are shown for orientation."""
SAME_FILE = 0.5
"""From which likeness of changed lines two files of other names are one, renamed between the revisions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterLine:
    """A line of a diff between two diffs, with two signs in front as `git range-diff` has them."""

    side: str
    """"-" only in the earlier revision, "+" only in the later, " " in both or for orientation."""
    sign: str
    """Of the patch: " ", "-" or "+"."""
    text: str
    number: int | None
    """1-based, of the revision that the line is shown of: pre-image for a removed line, else post-image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterHunk:
    """A run of differences with the lines around it."""

    section: str
    """The heading of the patch's hunk that it stands in."""
    lines: tuple[InterLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInterdiff:
    """What differs of one file between the two revisions of a patch."""

    path: str
    """In the later revision; in the earlier one's where the later leaves the file alone."""
    kind: str
    """"unchanged", "new base", "changed", "added" (only the later touches it) or "dropped"."""
    former: str | None
    """Its path in the earlier revision, where that is another."""
    hunks: tuple[InterHunk, ...]
    differs: int
    """Changed lines that only one of the revisions has."""
    white_space: bool
    """Whether nothing but white space differs in them."""
    facts: tuple[str, ...] = ()
    """What else differs, in words: mode, binary content, what could not be aligned."""


def compare_files(before: Sequence[FileDiff], after: Sequence[FileDiff]) -> tuple[FileInterdiff, ...]:
    """Compare the files of a patch in two revisions, in the order of the later, then what it leaves alone."""
    return tuple(_compare(one, other) for one, other in pair_files(before, after))


def pair_files(
    before: Sequence[FileDiff], after: Sequence[FileDiff]
) -> list[tuple[FileDiff | None, FileDiff | None]]:
    """Pair by path, then what is left by changed lines."""
    left = list(before)
    pairs: list[tuple[FileDiff | None, FileDiff | None]] = []
    for file in after:
        same = next((one for one in left if one.path == file.path), None)
        if same is not None:
            left.remove(same)
        pairs.append((same, file))
    for at, (one, other) in enumerate(pairs):
        if one is None and other is not None and left:
            score, place = max((_alike(former, other), -n) for n, former in enumerate(left))
            if score >= SAME_FILE:
                pairs[at] = (left.pop(-place), other)
    return [*pairs, *((one, None) for one in left)]


def _alike(one: FileDiff, other: FileDiff) -> float:
    texts = [
        [line.sign + line.text for hunk in file.hunks for line in hunk.lines if line.sign != " "]
        for file in (one, other)
    ]
    return similarity(*texts) if all(texts) else 0.0


def _compare(one: FileDiff | None, other: FileDiff | None) -> FileInterdiff:
    file = other or one
    assert file is not None
    before, after = stream_of(one), stream_of(other)
    steps = align(before, after)
    crossed = crossings(before, after, steps)
    lines = list(_lines(before, after, steps, crossed))
    marked = [line for line in lines if line.side != " "]
    differs = sum(line.sign != " " for line in marked)
    moved = moved_hunks(before, after, steps) if one and other and not marked else ()
    facts = (
        *_facts(one, other),
        *(f"what stood below {name}() stands below {later}() now" for name, later in moved),
    )
    if one is None or other is None:
        kind = "added" if one is None else "dropped"
    elif marked or facts:
        kind = "changed"
    else:
        kind = "unchanged" if _same_place(one, other) else "new base"
    return FileInterdiff(
        path=file.path,
        kind=kind,
        former=one.path if one and other and one.path != other.path else None,
        hunks=tuple(_group(lines)),
        differs=differs,
        white_space=bool(marked) and _squeezed(marked, "-") == _squeezed(marked, "+"),
        facts=facts,
    )


def _same_place(one: FileDiff, other: FileDiff) -> bool:
    """Whether the hunks have the same context and the same line numbers."""
    return one.hunks == other.hunks


def _facts(one: FileDiff | None, other: FileDiff | None) -> tuple[str, ...]:
    if one is None or other is None:
        return ()
    facts = []
    if one.binary and other.binary and one.post_blob != other.post_blob:
        facts.append("binary content differs")
    elif one.binary != other.binary:
        facts.append("binary in one revision")
    if one.mode_changed != other.mode_changed:
        facts.append("the mode is changed in one revision")
    if (one.pre_path is None) != (other.pre_path is None):
        facts.append("a new file in one revision")
    if (one.post_path is None) != (other.post_path is None):
        facts.append("removed in one revision")
    return tuple(facts)


def _squeezed(lines: Sequence[InterLine], side: str) -> list[str]:
    text = [line.sign + "".join(line.text.split()) for line in lines if line.side == side]
    return [one for one in text if len(one) > 1]


def _lines(
    before: Sequence[Entry], after: Sequence[Entry], steps: Sequence[Step], crossed: frozenset[int]
) -> Iterator[InterLine]:
    """Yield the lines of both streams; context that differs is no change.

    It is shown as the later has it; where only the earlier has changed lines, as that has it.
    """
    for index, step in enumerate(steps):
        if step.equal:
            for at in range(*step.after):
                yield _line(" ", after[at])
            continue
        earlier, later = before[slice(*step.before)], after[slice(*step.after)]
        alone = any(one.changed for one in earlier) and not any(one.changed for one in later)
        for entry in earlier:
            if entry.changed or (index in crossed and entry.sign == " "):
                yield _line("-", entry)
            elif alone or entry.sign == "@":
                yield _line(" ", entry)
        for entry in later:
            if entry.changed or (index in crossed and entry.sign == " "):
                yield _line("+", entry)
            elif not alone or entry.sign == "@":
                yield _line(" ", entry)


def _line(side: str, entry: Entry) -> InterLine:
    return InterLine(side=side, sign=entry.sign, text=entry.text, number=entry.number)


def _group(lines: Sequence[InterLine]) -> Iterator[InterHunk]:
    """Cut the lines into hunks: each difference with AROUND lines about it, up to the hunk's borders."""
    keep: set[int] = set()
    for at, line in enumerate(lines):
        if line.side != " ":
            keep.add(at)
            for step in (-1, 1):
                for to in range(at + step, at + step * (AROUND + 1), step):
                    if not 0 <= to < len(lines) or lines[to].sign == "@":
                        break
                    keep.add(to)
    section, held = "", list[InterLine]()
    for at, line in enumerate(lines):
        if line.sign == "@" or (held and at not in keep):
            if held:
                yield InterHunk(section=section, lines=tuple(held))
                held = []
            section = line.text if line.sign == "@" else section
        elif at in keep:
            held.append(line)
    if held:
        yield InterHunk(section=section, lines=tuple(held))

"""One hunk: its text laid against counts and pre-image, and turned into lines whose white space is known or
not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from .align import Alignment, Task, align, squeezed_lines
from .budget import Budget
from .grammar import DiffLine, Hunk
from .pre_image import PreImage
from .reading import Item
from .region import HunkRegion
from .stream import WordStream, squeeze

HEADING_SIZE = 80
"""Bytes of the heading's line that git prints (xdiff/xemit.c)."""
FAR = 3000
"""Lines above a hunk that are looked through for its heading."""
_HEADING = re.compile(r"[A-Za-z_$]")


@dataclass(slots=True)
class Fitted:
    """A hunk with the ways to read it."""

    hunk: Hunk
    stream: WordStream
    joined: bool
    alignments: list[Alignment]
    old: list[str] | None
    """The old lines with their line ends, where a pre-image tells them."""
    place: int = 0
    """Index of the first old line in the pre-image."""
    readings: dict[int, list[Item]] = field(default_factory=dict)
    """Items by alignment."""

    def items(self, choice: int = 0) -> list[Item]:
        """Return the lines of alignment `choice`."""
        if choice not in self.readings:
            self.readings[choice] = _items(self, self.alignments[choice])
        return self.readings[choice]


def fit(
    region: HunkRegion,
    pre: PreImage | None,
    shift: int,
    known: Collection[str],
    signed: bool,
    joined: bool,
    last: bool,
    budget: Budget,
) -> Fitted:
    """Lay a hunk's text against its counts.

    `shift` is how far the hunks above were found from their stated lines, `known` the squeezed lines of
    another
    version of the file; with `signed` context lines still begin with their blank, with `joined` line ends
    are lost.
    """
    hunk = region.hunk
    stream = WordStream(region.lines, joined)
    fitted = Fitted(hunk=hunk, stream=stream, joined=joined, alignments=[], old=None)
    start = max(0, hunk.old_start - (1 if hunk.old_count else 0))

    def attempt(old: tuple[str, ...] | None) -> list[Alignment]:
        return align(Task(stream, hunk, old, known, joined, signed, last, budget))

    if pre is not None and pre.exact:
        old = pre.lines[start : start + hunk.old_count]
        if len(old) == hunk.old_count and (found := attempt(squeezed_lines(old))):
            fitted.alignments, fitted.old, fitted.place = found, old, start
            return fitted
    fitted.alignments = attempt(None)
    if pre is not None and fitted.alignments:
        read = [squeeze(item.seen) for item in _items(fitted, fitted.alignments[0]) if item.sign != "+"]
        place = pre.locate(read, start + shift)
        if place is not None:
            fitted.old, fitted.place = pre.lines[place : place + hunk.old_count], place
            fitted.alignments = attempt(squeezed_lines(fitted.old)) or fitted.alignments
            fitted.readings = {}
    return fitted


def is_signed(regions: Sequence[HunkRegion]) -> bool:
    """Whether the hunks' lines still begin with their signs: at most one in ten begins otherwise."""
    lines = [seen.text for region in regions for seen in region.lines[1:] if seen.own and seen.text]
    return sum(line[0] not in " +-\\\t" for line in lines) * 10 <= len(lines)


def _items(fitted: Fitted, alignment: Alignment) -> list[Item]:
    items: list[Item] = []
    used = 0
    for segment in alignment.segments:
        if segment.kind == "\\" and items:
            items[-1].newline = False
        if segment.kind not in " +-":
            continue
        shown = fitted.stream.shown(segment.begin, segment.end)
        if segment.kind != " " or shown[:1] == " ":
            shown = shown[1:]
        item = Item(segment.kind, shown, pieces=fitted.stream.pieces(segment.begin, segment.end))
        if segment.kind != "+":
            if fitted.old is not None:
                line = fitted.old[used]
                item.text, item.newline = line.removesuffix("\n"), line.endswith("\n")
            used += 1
        elif not shown.strip():
            item.text = ""
        items.append(item)
    return items


def seen_pairs(fitted: Fitted) -> list[tuple[str, str]]:
    """Return (diff line, what the mail shows of it) for the hunk's known, unwrapped lines."""
    if fitted.old is None or not fitted.alignments:
        return []
    pairs = []
    segments = [s for s in fitted.alignments[0].segments if s.kind in " +-"]
    for segment, item in zip(segments, fitted.items(), strict=True):
        if item.text is not None and segment.kind != "+" and item.pieces == 1 and segment.end > segment.begin:
            pairs.append((item.sign + item.text, fitted.stream.shown(segment.begin, segment.end)))
    return pairs


def shown_lines(fitted: Fitted) -> list[str]:
    """Return the hunk's diff lines as the mail shows them, with the signs they still have."""
    if not fitted.alignments:
        return []
    segments = fitted.alignments[0].segments
    return [fitted.stream.shown(s.begin, s.end) for s in segments if s.kind in " +-" and s.end > s.begin]


def heading(fitted: Fitted, pre: PreImage | None) -> str:
    """Return the text behind the hunk's second "@@", with its blank: as the pre-image has it, else as seen.
    """
    segment = next((s for s in fitted.alignments[0].segments if s.kind == "@"), None)
    if segment is None or segment.end == 0:
        return ""
    seen = fitted.stream.shown(0, segment.end)
    if pre is not None:
        text = squeeze(seen)
        begin = min(fitted.place, len(pre.lines)) - 1
        for at in range(begin, max(-1, begin - FAR), -1):
            line = pre.lines[at]
            if pre.squeezed[at].startswith(text) and _HEADING.match(line):
                cut = line.rstrip().encode("utf-8", "surrogateescape")[:HEADING_SIZE]
                return " " + cut.decode("utf-8", "surrogateescape").rstrip()
    if fitted.stream.pieces(0, segment.end) > 1 or fitted.joined:
        return " " + " ".join(seen.split())
    return fitted.stream.lines[0].text.rstrip()


def finish(fitted: Fitted, items: Sequence[Item], text_behind: str) -> Hunk:
    """Return the hunk with its lines as they are known or guessed now."""
    hunk = fitted.hunk
    lines = [
        DiffLine(item.sign, item.seen if item.text is None else item.text, item.newline) for item in items
    ]
    return Hunk(
        ranges=hunk.ranges,
        heading=text_behind,
        old_start=hunk.old_start,
        old_count=hunk.old_count,
        new_start=hunk.new_start,
        new_count=hunk.new_count,
        lines=tuple(lines),
    )

"""An image cut into regions: each definition with the comment above it, and what stands between them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from .definition import Definition
from .lexical import CONDITIONALS, Source
from .outline import Piece
from .tree import is_clean

_TOKEN = re.compile(r"[A-Za-z_]\w*+|\d[\w.]*+|\"[^\"\n]*+\"?+|'[^'\n]*+'?+|\S")
_COMMENT_MARK = re.compile(r"^[ \t]*+(?:/\*+|\*+/|\*|//)|\*/[ \t]*+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Region:
    """A definition or other thing at file level, in the lines of its file."""

    name: str
    symbol: str
    config: str | None
    top: int
    """First line of the comment above it; `start` where there is none."""
    start: int
    end: int
    source: Source
    shift: int
    """The file's line 1 is the source's line 1 - shift: 0 for a whole image."""
    piece: Piece | None
    """None for what is no definition, and for a definition of which a hunk shows no beginning."""
    whole: bool

    def lines(self, first: int, last: int) -> str:
        """Return the text of the file's lines first..last."""
        start, end = self.source.line_span(first - self.shift, last - self.shift)
        return self.source.text[start:end]

    @property
    def text(self) -> str:
        """Its lines, the comment above it left out."""
        return self.lines(self.start, self.end)

    @property
    def span(self) -> tuple[int, int]:
        """Its offsets in the source: the piece's own, else those of its lines."""
        if self.piece is not None:
            return self.piece.start, self.piece.end
        return self.source.line_span(self.start - self.shift, self.end - self.shift)

    def tokens(self, first: int, last: int) -> list[str]:
        """Return the C tokens between two offsets of the source; comments are none, directives are."""
        code = self.source.code[first:last]
        if "#" not in self.source.text[first:last]:
            return _TOKEN.findall(code)
        held = [found for found in self.source.directives if first <= found.start < last]
        other = [f"#{found.name} {found.argument}" for found in held if found.name not in CONDITIONALS]
        return _TOKEN.findall(code) + other

    def header_tokens(self) -> list[str]:
        """Return the tokens in front of the body, without the name; all of a prototype's."""
        first, last = self.span
        if self.piece is not None and self.piece.body >= 0:
            last = self.piece.body
        found = self.tokens(first, last)
        if self.name in found:
            found.remove(self.name)
        return found

    def body_tokens(self) -> list[str]:
        """Return the tokens of the body; all tokens where no body is known."""
        first, last = self.span
        if self.piece is not None and self.piece.body >= 0:
            first = self.piece.body
        return self.tokens(first, last)

    def comment_words(self) -> list[str]:
        """Return the words of its comments and of the one above it, in order."""
        first, _ = self.source.line_span(self.top - self.shift, self.top - self.shift)
        _, last = self.source.line_span(self.end - self.shift, self.end - self.shift)
        low = bisect_right(self.source.comments, (first, -1))
        words: list[str] = []
        for start, end in self.source.comments[low:]:
            if start >= last:
                break
            words += _COMMENT_MARK.sub(" ", self.source.text[start:end]).split()
        return words

    def define(self, path: str) -> Definition:
        """Return it as a Definition. Conditionals and comments have no tree and need none."""
        bare = self.piece is None and self.symbol == "other" and self.whole
        return Definition(
            name=self.name, symbol=self.symbol, path=path, start=self.start, end=self.end, text=self.text,
            config=self.config, whole=self.whole, clean=bare or is_clean(self.source, self.piece, *self.span),
        )  # fmt: skip


def regions_of(source: Source, pieces: tuple[Piece, ...], shift: int = 0) -> list[Region]:
    """Return the regions of a text in order; pieces inside others (macros in a function) are part of
    these."""
    found: list[Region] = []
    reached = -1
    last_line = 0
    for piece in pieces:
        if piece.start < reached:
            continue
        reached = piece.end
        start, end = source.line(piece.start), source.line(max(piece.start, piece.end - 1))
        top = comment_top(source, start, last_line, near=piece.symbol == "other")
        last_line = end
        found.append(
            Region(
                piece.name,
                piece.symbol,
                piece.config,
                top + shift,
                start + shift,
                end + shift,
                source,
                shift,
                piece,
                piece.closed,
            )
        )
    return found


def comment_top(source: Source, start: int, floor: int, *, near: bool) -> int:
    """Return the first line of the comments that end right above line `start`; one empty line may stand
    between.

    `near` forbids that line. Comments up to line `floor` belong to what stands there.
    """
    top, at = start, source.line_span(start, start)[0]
    gap = 0 if near else 1
    low = bisect_right(source.comments, (at, -1))
    for begin, end in reversed(source.comments[max(0, low - 200) : low]):
        first, last = source.line(begin), source.line(max(begin, end - 1))
        line_start = source.line_span(first, first)[0]
        between = source.mask[end:at]
        if first <= floor or between.strip() or source.mask[line_start:begin].strip():
            break
        if top - last > 1 + gap or _has_directive(source, end, at):
            break
        top, at, gap = first, line_start, 0
    return top


def _has_directive(source: Source, start: int, end: int) -> bool:
    return "#" in source.text[start:end] and any(start <= found.start < end for found in source.directives)


def gaps(source: Source, covered: list[Region], first: int, last: int, shift: int = 0) -> list[Region]:
    """Return a region for each conditional, each comment and each run of other text in lines first..last that
    stands in no region, so that every line that is not empty stands in one.
    """
    free = set(range(first, last + 1))
    for region in covered:
        free.difference_update(range(region.top, region.end + 1))
    found: list[Region] = []

    def take(name: str, start: int, end: int, *, whole: bool) -> None:
        found.append(Region(name, "other", None, start, start, end, source, shift, None, whole))
        free.difference_update(range(start, end + 1))

    for directive in source.directives:
        start, end = _lines_of(source, directive.start, directive.end, shift)
        if directive.name in CONDITIONALS and start in free:
            take(f"#{directive.name} {directive.argument}".strip(), start, end, whole=True)
    for begin, stop in source.comments:
        start, end = _lines_of(source, begin, stop, shift)
        while start <= end and start not in free:
            start += 1
        if start <= end and end in free:
            take("(comment)", start, end, whole=True)
    for start, end in _runs(line for line in sorted(free) if _holds_text(source, line - shift)):
        take("(text)", start, end, whole=False)
    return found


def _lines_of(source: Source, start: int, end: int, shift: int) -> tuple[int, int]:
    return source.line(start) + shift, source.line(max(start, end - 1)) + shift


def _holds_text(source: Source, line: int) -> bool:
    start, end = source.line_span(line, line)
    return bool(source.text[start:end].strip())


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return the runs of consecutive numbers."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    return runs

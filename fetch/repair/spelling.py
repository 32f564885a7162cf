"""Which runs of blanks and tabs may have stood where a single blank is seen, likeliest first.

A cost is about the negative logarithm of how often kernel code has the run in such a place: 0 for what is
nearly
always so, 0.7 for every second time, 4.5 for one time in a hundred.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from .channel import TAB
from .gaps import MAX_WORDS, PARTS, Sibling, begins_item, gap_kind
from .layout import width

Spelling = tuple[str, float, int, int]
"""A line's text without its indentation, its cost, and how many sentences in it end with two blanks and
with one.
"""

_PLAIN = {
    "remark": 0.7,
    "slash": 1.6,
    "value": 0.7,
    "equals": 0.5,
    "name": 0.25,
    "local": 0.02,
    "asm": 0.6,
    "assigned": 0.2,
}
"""Cost of one blank in a gap of each kind where no line nearby tells (0 for others)."""
_TABBED = {"remark": 1.0, "slash": 0.8, "value": 1.1, "equals": 1.5, "local": 4.5, "hash": 6.0, "asm": 1.2}
"""Cost of one tab there (2 for others); each further tab costs 0.5."""
_STARRED = (("\t", 4.0), ("  ", 3.5), ("   ", 4.0), ("    ", 4.5), ("     ", 5.0), ("\t\t", 5.5))
"""Runs behind a comment's star where nothing tells."""
_SLASHES = ((72, 1.0), (64, 2.0), (56, 2.5), (48, 2.8), (40, 3.0))
"""Columns at which a macro's backslashes stand where nothing tells."""
_MOST_RUNS = 12


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands that is spelled."""

    indent: str
    in_comment: bool
    members: bool
    """Inside a struct or union."""
    continues: bool
    """Whether it goes on with the statement above."""
    near: tuple[Sibling, ...]
    """The lines around, nearest first."""


def spell(place: Place, words: Sequence[str], most: int) -> list[Spelling]:
    """Return likely spellings of a line of `words`, at most `most`, cheapest first."""
    partial: list[Spelling] = [(words[0], 0.0, 0, 0)]
    columns: set[str] = set()
    if not place.continues and not place.in_comment:
        columns = {of for other in place.near[:2] for of, _, _ in other.gaps if of[0] == "#"}
    for at in range(1, len(words)):
        kind = gap_kind(words, at, place.in_comment) if at <= MAX_WORDS else ""
        if not kind and f"#{at}" in columns:
            kind = f"#{at}"
        elif kind == "name" and not place.members:
            kind = "local"
        elif kind == "star" and begins_item(words):
            kind = "item"
        if not kind:
            partial = [(text + " " + words[at], c, d, s) for text, c, d, s in partial]
            continue
        partial = _grow(partial, kind, words[at], place)[:most]
    return partial


def _grow(partial: Sequence[Spelling], kind: str, word: str, place: Place) -> list[Spelling]:
    grown: list[Spelling] = []
    for text, cost, double, single in partial:
        for run, extra in _runs(kind, width(place.indent + text), place.near):
            twice, once = (kind == "sentence") * (run == "  "), (kind == "sentence") * (run == " ")
            grown.append((text + run + word, cost + extra, double + twice, single + once))
    grown.sort(key=lambda entry: entry[1] + min(entry[2], entry[3]) * 2.0)
    return grown


class _Runs:
    """Runs for one gap, each at its lowest cost."""

    def __init__(self, column: int) -> None:
        self.column = column
        self.best: dict[str, float] = {}

    def offer(self, run: str, cost: float) -> None:
        self.best[run] = min(cost, self.best.get(run, cost))

    def reach(self, end: int, cost: float, mixed: float) -> None:
        """Offer blanks up to column `end` at `cost`, tabs and blanks at `mixed`."""
        if end > self.column:
            self.offer(" " * (end - self.column), cost)
            self.offer("\t" * (end // TAB - self.column // TAB) + " " * (end % TAB), mixed)

    def tab_to(self, end: int, cost: float) -> None:
        """Offer tabs up to the stop `end`, one at least."""
        self.offer("\t" * max(1, -(-end // TAB) - self.column // TAB), cost)


def _runs(kind: str, column: int, near: Sequence[Sibling]) -> list[tuple[str, float]]:
    """Return the runs that may stand in a gap at `column`, cheapest first."""
    if kind == "sentence":
        return [(" ", 0.0), ("  ", 0.0)]
    runs = _Runs(column)
    if kind in ("star", "item"):
        _offer_starred(runs, kind, near)
    else:
        _offer_aligned(runs, kind, near)
    return sorted(runs.best.items(), key=lambda item: item[1])[:_MOST_RUNS]


def _offer_starred(runs: _Runs, kind: str, near: Sequence[Sibling]) -> None:
    """Offer what may stand behind a comment's star: as the line above has it, or below the text of the item
    above.
    """
    for run, cost in _STARRED:
        runs.offer(run, cost)
    above = near[0] if near else Sibling()
    if kind == "star" and above.hang:
        runs.offer(" ", 1.0 if above.listed else 0.5)
        likely = 0.3 if above.listed else 1.0
        runs.reach(above.hang, 1.5 if above.tabbed else likely, likely if above.tabbed else 2.5)
        return
    others = [other for other in near if (other.hang > 0) == (kind == "item")]
    told = next((run for other in [*others, *near] for of, run, _ in other.gaps if of == "star"), " ")
    runs.offer(told, 0.0)
    runs.offer(" ", 0.0 if told == " " else 1.2)


def _offer_aligned(runs: _Runs, kind: str, near: Sequence[Sibling]) -> None:
    """Offer what lines nearby have in a gap of this kind, aligned to their columns; else a blank, or tabs."""
    of_kind = "name" if kind == "local" else kind
    told = [(run, end) for other in near for of, run, end in other.gaps if of == of_kind][:6]
    runs.offer(" ", _PLAIN.get(kind, 0.0) + (1.5 if told and told[0][0] != " " and kind[0] != "#" else 0.0))
    table = kind[0] == "#" and len(told) > 1 and told[0][1] == told[1][1]
    if table:
        runs.best[" "] = 1.5
    for rank, (run, end) in enumerate(told):
        _tell(runs, of_kind, run, end, rank * 0.7 - 1.1 * table)
    if kind == "hash" or kind[0] == "#":
        return
    if kind == "slash" and not told:
        for end, cost in _SLASHES:
            if end > runs.column:
                runs.tab_to(end, cost)
    base = _TABBED.get(kind, 2.0) + (1.0 if told else 0.0)
    for tabs in range(1, 8):
        runs.offer("\t" * tabs, base + 0.5 * (tabs - 1))


def _tell(runs: _Runs, kind: str, run: str, end: int, cost: float) -> None:
    """Offer what a line nearby tells whose gap is `run` and ends at column `end`."""
    if run == " " or kind == "hash":
        runs.offer(run, cost)
    elif kind[0] == "#":
        runs.offer(run, cost + 1.4)
        if "\t" in run and end % TAB == 0:
            runs.tab_to(end, cost + 1.2)
        else:
            runs.reach(end, cost + 1.2, cost + 2.0)
    elif "\t" in run and end % TAB == 0:
        runs.tab_to(end, cost if end > runs.column else cost + 0.8)
    elif end > runs.column:
        runs.reach(end, cost + 0.3, cost + 0.6)
    else:
        runs.offer(run, cost + 0.5)


def borrow(words: Sequence[str], twin: str) -> str | None:
    """Spell `words` with the white space of a similar line `twin`; None where it tells nothing."""
    parts = PARTS.split(twin.strip())
    others = parts[::2]
    if all(run == " " for run in parts[1::2]) or len(words) > 60 or len(others) > 60:
        return None
    gaps = [" "] * (len(words) - 1)
    told = False
    for block in SequenceMatcher(None, words, others, autojunk=False).get_matching_blocks():
        for offset in range(block.size - 1):
            run = parts[2 * (block.b + offset) + 1]
            gaps[block.a + offset] = run
            told |= run != " "
    if not told:
        return None
    return "".join(part for pair in zip(words, [*gaps, ""], strict=True) for part in pair)

"""White space inside a line: which runs of blanks and tabs may have stood where a single blank is seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from .channel import TAB
from .layout import width

Spelling = tuple[str, float, int, int]
"""A line's text without its indentation, its cost, and how many sentences in it end with two blanks and
with one.
"""

_DECLARED = re.compile(
    r"(?:(?:const|static|struct|union|enum|unsigned|signed|volatile|long|short)\s)*\w+[\s*]+\w"
)
_HANG = re.compile(r"\s*\*\s+(?:@?[\w.()]+\s?:|[-*+]|\(?\w{1,2}[.)]|[\w.()@]+\s+-)\s+(?=\S)")
_LISTED = re.compile(r"\s*\*\s+(?:[-*+]|\(?\d{1,2}[.)]|Returns?:)\s")
_PARTS = re.compile(r"(\s+)")


def gap_kind(words: Sequence[str], at: int, in_comment: bool) -> str:
    """Say what stands in front of word `at`: "" for a gap that is one blank in nearly all kernel C.

    Else "remark" (a comment behind code), "slash" (a macro line's backslash), "value" (of a #define),
    "equals" (of an initializer or enumerator), "assign" (of a plain assignment), "name" (of a member or
    variable), "star" (behind a comment's star), "param" (behind a kernel-doc parameter), "sentence".
    """
    word, before = words[at], words[at - 1]
    if word == "\\" and at == len(words) - 1:
        return "slash"
    if in_comment:
        if at == 1 and words[0] in ("*", "/*", "/**", "#"):
            return "star"
        if at == 2 and words[0] in ("*", "#") and before.endswith(":"):
            return "param"
        return "sentence" if before[-1] in ".!?:" and len(before) > 1 else ""
    if word.startswith(("/*", "//")):
        return "remark"
    if words[0] == "#define":
        return "value" if at == 2 and ("(" not in before or before.endswith(")")) else ""
    if word == "=" and (words[0][0] in ".[" or (at == 1 and words[-1].endswith(","))):
        return "equals"
    if word == "=" and at == 1 and words[-1].endswith(";"):
        return "assign"
    return "name" if _is_name_gap(words, at) else ""


def _is_name_gap(words: Sequence[str], at: int) -> bool:
    """Whether `words` declare one thing and word `at` is its name."""
    text = " ".join(words)
    if words[at].startswith("(*") and all(re.fullmatch(r"\w+|\*+", word) for word in words[:at]):
        return True
    if (
        not text.split("/*")[0].rstrip().endswith(";")
        or not _DECLARED.match(text)
        or words[0] in ("return", "goto", "else")
    ):
        return False
    names = [i for i, word in enumerate(words) if i and re.match(r"\**\w+(?:\[.*\])?(?:[;,]|$)", word)]
    stop = next(
        (i for i, word in enumerate(words) if word.endswith((";", ",")) or word == "="), len(words) - 1
    )
    end = stop - 1 if words[stop] == "=" else stop
    declared = text.split("=")[0]
    return "(" not in declared and ")" not in declared and bool(names) and at == end


@dataclass(frozen=True, slots=True)
class Sibling:
    """A line nearby with known white space, and its gaps of kinds that lines align."""

    gaps: tuple[tuple[str, str, int], ...]
    """(kind, run, column behind it) of each; kind "#n" is a run of several blanks in front of word n."""
    hang: int = 0
    """Column below which a comment's next line may hang: behind "@name:", "Return:" or a bullet; 0 for
    none.
    """
    listed: bool = False
    """Whether it likely does: behind a bullet, a number or "Return:"."""


def sibling(line: str, in_comment: bool) -> Sibling:
    """Read a line's own gaps."""
    parts = _PARTS.split(line.strip())
    words = parts[::2]
    if len(words) > 40:
        return Sibling(())
    hang = _HANG.match(line) if in_comment else None
    gaps = []
    text = line[: len(line) - len(line.lstrip())]
    for at, word in enumerate(words):
        if at:
            text += parts[2 * at - 1]
            kind = gap_kind(words, at, in_comment)
            if (kind == "" and len(parts[2 * at - 1]) > 1) or "\t" in parts[2 * at - 1]:
                kind = kind or f"#{at}"
            if kind and kind != "sentence":
                gaps.append((kind, parts[2 * at - 1], width(text)))
        text += word
    return Sibling(tuple(gaps), width(hang.group()) if hang else 0, bool(hang and _LISTED.match(line)))


@dataclass(frozen=True, slots=True)
class Taste:
    """What an author who aligns some kinds of gap would write there; empty for one who does as most do."""

    tabbed: frozenset[str] = frozenset()
    """Kinds of gap that are filled with tabs up to a common column; "star" and "item" with blanks or tabs."""
    column: int = 0
    """That column where the whole file shares it, 0 where each run of lines has its own."""
    odd: bool = False
    """Whether any one blank may stand for two."""

    def plain_cost(self, kind: str) -> float:
        """Return what one blank costs where no line nearby tells."""
        return 2.5 if kind in self.tabbed else _PLAIN.get(kind, 0.0)

    def tabbed_cost(self, kind: str) -> float:
        """Return what one tab costs there."""
        return 0.8 if kind in self.tabbed else _TABBED.get(kind, 2.0)


AS_MOST = Taste()


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
    taste: Taste = AS_MOST
    clear: tuple[tuple[str, int], ...] = ()
    """For kinds of gap that a run of lines shares: the column behind the longest text in front of it."""


def spell(place: Place, words: Sequence[str], most: int) -> list[Spelling]:
    """Return likely spellings of a line of `words`, at most `most`, cheapest first."""
    partial: list[Spelling] = [(words[0], 0.0, 0, 0)]
    columns = {of for other in place.near[:3] for of, _, _ in other.gaps if of[0] == "#"}
    if place.continues or place.in_comment:
        columns = set()
    for at in range(1, len(words)):
        kind = gap_kind(words, at, place.in_comment) if at <= 40 else ""
        if not kind and f"#{at}" in columns:
            kind = f"#{at}"
        if kind == "name" and not place.members:
            kind = "local"
        if kind == "star" and (words[at][0] in "@-+" or _HANG.match("* " + " ".join(words[at:]))):
            kind = "item"
        if not kind:
            twice = [(t + "  " + words[at], c + 7.0, d, s) for t, c, d, s in partial[:1] if place.taste.odd]
            partial = [(t + " " + words[at], c, d, s) for t, c, d, s in partial]
            partial = [*partial[: max(1, most - 1)], *twice]
            continue
        partial = _grow(partial, kind, words[at], place)[:most]
    return partial


def _grow(partial: Sequence[Spelling], kind: str, word: str, place: Place) -> list[Spelling]:
    grown: list[Spelling] = []
    for text, cost, double, single in partial:
        for run, extra in _runs(kind, text, place):
            twice, once = (kind == "sentence") * (run == "  "), (kind == "sentence") * (run == " ")
            grown.append((text + run + word, cost + extra, double + twice, single + once))
    grown.sort(key=lambda entry: entry[1] + min(entry[2], entry[3]) * 2.0)
    return grown


_PLAIN = {
    "remark": 0.7,
    "slash": 1.6,
    "value": 0.7,
    "equals": 0.5,
    "name": 0.25,
    "local": 0.02,
    "assign": 0.02,
}
"""Cost of one blank in a gap of each kind where no line nearby tells (0 for others)."""
_TABBED = {
    "remark": 1.0,
    "slash": 0.8,
    "value": 1.2,
    "equals": 1.5,
    "name": 2.0,
    "local": 4.5,
    "param": 2.0,
    "assign": 4.5,
}
"""Cost of one tab there; each further tab costs 0.5."""
_STARRED = (("\t", 4.0), ("  ", 3.5), ("   ", 4.0), ("    ", 4.5), ("     ", 5.0), ("\t\t", 5.5))
"""Runs behind a comment's star where nothing tells."""


def _runs(kind: str, text: str, place: Place) -> list[tuple[str, float]]:
    """Return the runs that may stand in a gap behind the line's indentation and `text`, each once, cheapest
    first.
    """
    if kind == "sentence":
        return [(" ", 0.0), ("  ", 0.0)]
    near, taste = place.near, place.taste
    column = width(place.indent + text)
    best: dict[str, float] = {}

    def offer(run: str, cost: float) -> None:
        best[run] = min(cost, best.get(run, cost))

    of_kind = {"item": "star", "local": "name"}.get(kind, kind)
    told = [(run, end) for other in near for of, run, end in other.gaps if of == of_kind][:6]
    above = near[0] if near and kind == "star" else Sibling(())
    offer(
        " ",
        taste.plain_cost(kind)
        + (1.5 if told and told[0][0] != " " else 0.0)
        + (1.0 if above.listed else 0.5 * bool(above.hang)),
    )
    for rank, (run, end) in enumerate(told):
        _tell(offer, of_kind, column, run, end, rank * 0.7)
    if above.hang:
        offer(" " * max(1, above.hang - column), 0.3 if above.listed else 1.0)
        offer(
            "\t" * max(1, above.hang // TAB - column // TAB) + " " * (above.hang % TAB),
            0.2 if "hang" in taste.tabbed else 2.5,
        )
    if of_kind == "star":
        for run, cost in _STARRED:
            offer(run, cost - 3.0 * (kind in taste.tabbed))
    else:
        base = taste.tabbed_cost(kind) + (1.0 if told else 0.0)
        if kind == "remark":
            offer("  ", 2.2)
            offer("   ", 3.2)
        for tabs in range(1, 8):
            offer("\t" * tabs, base + 0.5 * (tabs - 1))
        if taste.column > column and kind in taste.tabbed:
            offer(_tabs(column, taste.column), 0.0)
        for of, end in place.clear if not taste.column else ():
            if of == of_kind and end >= column:
                stop = (end // TAB + 1) * TAB
                offer(_tabs(column, stop), -0.1 if kind in taste.tabbed else base - 0.5)
                offer(_tabs(column, stop + TAB), base)
                offer(" " * (end + 1 - column), base + 0.4)
    return sorted(best.items(), key=lambda item: item[1])[:12]


def _tell(
    offer: Callable[[str, float], None], kind: str, column: int, run: str, end: int, cost: float
) -> None:
    """Offer what a line nearby, whose gap is `run` and ends at column `end`, tells for a gap at `column`."""
    if kind == "star" or run == " ":
        offer(run, cost)
        if end > column + 1 and kind in ("value", "remark", "equals"):
            offer(
                "\t" * (end // TAB - column // TAB)
                + " " * (end % TAB if end // TAB > column // TAB else end - column),
                cost + 1.0,
            )
    elif kind[0] == "#":
        offer(run, cost + 0.2)
        if end > column:
            offer(_tabs(column, end) if "\t" in run and end % TAB == 0 else " " * (end - column), cost + 0.4)
    elif "\t" in run and end % TAB == 0:
        offer(_tabs(column, end), cost if end > column else cost + 0.8)
    elif end > column:
        offer(" " * (end - column), cost + 0.3)
        offer("\t" * (end // TAB - column // TAB) + " " * (end % TAB), cost + 0.6)
    else:
        offer(run, cost + 0.5)


def _tabs(column: int, end: int) -> str:
    """Return the tabs from `column` to the tab stop `end`, at least one."""
    return "\t" * max(1, -(-end // TAB) - column // TAB)


def borrow(words: Sequence[str], twin: str) -> str | None:
    """Spell `words` with the white space of a similar line `twin`; None where they share too little or it
    tells nothing.
    """
    parts = _PARTS.split(twin.strip())
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

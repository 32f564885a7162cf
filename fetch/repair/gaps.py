"""White space inside a line: which runs of blanks and tabs may have stood where a single blank is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from .channel import TAB
from .layout import width

Spelling = tuple[str, float, int, int]
"""A line's text without its indentation, its cost, and how many sentences in it end with two blanks and with one."""

_DECLARED = re.compile(r"(?:(?:const|static|struct|union|enum|unsigned|signed|volatile|long|short)\s)*\w+[\s*]+\w")
_HANG = re.compile(r"^\s*\*?\s*(?:@?[\w.()]+\s?:|[-*+]|\(?\w{1,2}[.)]|[\w.()@]+\s+-)\s+(?=\S)|^\s*/\*+\s+(?=\S)")
_PARTS = re.compile(r"(\s+)")


def gap_kind(words: Sequence[str], at: int, in_comment: bool) -> str:
    """Say what stands in front of word `at`: "" for a gap that is one blank in nearly all kernel C.

    Else "remark" (a comment behind code), "slash" (a macro line's backslash), "value" (of a #define), "equals" (of an
    initializer or enumerator), "name" (of a member or variable), "star" (behind a comment's star), "param" (behind a
    kernel-doc parameter), "sentence".
    """
    word, before = words[at], words[at - 1]
    if word == "\\" and at == len(words) - 1:
        return "slash"
    if in_comment:
        if at == 1 and words[0] in ("*", "/*", "/**"):
            return "star"
        if at == 2 and words[0] == "*" and before.endswith(":"):
            return "param"
        return "sentence" if before[-1] in ".!?:" and len(before) > 1 else ""
    if word.startswith(("/*", "//")):
        return "remark"
    if words[0] == "#define":
        return "value" if at == 2 and ("(" not in before or before.endswith(")")) else ""
    if word == "=" and (words[0][0] in ".[" or (at == 1 and words[-1].endswith(","))):
        return "equals"
    return "name" if _is_name_gap(words, at) else ""


def _is_name_gap(words: Sequence[str], at: int) -> bool:
    """Whether `words` declare one thing and word `at` is its name."""
    text = " ".join(words)
    if words[at].startswith("(*") and all(re.fullmatch(r"\w+|\*+", word) for word in words[:at]):
        return True
    if not text.split("/*")[0].rstrip().endswith(";") or not _DECLARED.match(text) or words[0] in ("return", "goto", "else"):
        return False
    names = [i for i, word in enumerate(words) if i and re.match(r"\**\w+(?:\[.*\])?(?:[;,]|$)", word)]
    stop = next((i for i, word in enumerate(words) if word.endswith((";", ",")) or word == "="), len(words) - 1)
    end = stop - 1 if words[stop] == "=" else stop
    declared = text.split("=")[0]
    return "(" not in declared and ")" not in declared and bool(names) and at == end


@dataclass(frozen=True, slots=True)
class Sibling:
    """A line nearby with known white space, and its gaps of kinds that lines align."""

    gaps: tuple[tuple[str, str, int], ...]
    """(kind, run, column behind it) of each; kind "#n" is a run of several blanks in front of word n."""
    hangs: tuple[int, ...] = ()
    """Columns below which a comment's next line may hang: behind "@name:", "Return:" or a bullet."""


def sibling(line: str, in_comment: bool) -> Sibling:
    """Read a line's own gaps."""
    parts = _PARTS.split(line.strip())
    words = parts[::2]
    if len(words) > 40:
        return Sibling(())
    hangs = tuple(width(match.group()) for match in _HANG.finditer(line)) if in_comment else ()
    gaps = []
    text = line[: len(line) - len(line.lstrip())]
    for at, word in enumerate(words):
        if at:
            text += parts[2 * at - 1]
            kind = gap_kind(words, at, in_comment)
            if kind == "" and len(parts[2 * at - 1]) > 1 or "\t" in parts[2 * at - 1]:
                kind = kind or f"#{at}"
            if kind and kind != "sentence":
                gaps.append((kind, parts[2 * at - 1], width(text)))
        text += word
    return Sibling(tuple(gaps), hangs)


def spell(
    indent: str, words: Sequence[str], in_comment: bool, near: Sequence[Sibling], most: int = 24
) -> list[Spelling]:
    """Return likely spellings of a line of `words` behind `indent`, cheapest first; `near` are the lines around, nearest first."""
    partial: list[tuple[str, float, int, int]] = [(words[0], 0.0, 0, 0)]
    columns = {of for other in near[:3] for of, _, _ in other.gaps if of[0] == "#"}
    for at in range(1, len(words)):
        kind = gap_kind(words, at, in_comment) if at <= 40 else ""
        if not kind and f"#{at}" in columns:
            kind = f"#{at}"
        if not kind:
            partial = [(text + " " + words[at], *rest) for text, *rest in partial]  # type: ignore[misc]
            continue
        grown: list[tuple[str, float, int, int]] = []
        for text, cost, double, single in partial:
            for run, extra in _runs(kind, indent, text, near):
                twice, once = (kind == "sentence") * (run == "  "), (kind == "sentence") * (run == " ")
                grown.append((text + run + words[at], cost + extra, double + twice, single + once))
        grown.sort(key=lambda entry: entry[1] + min(entry[2], entry[3]) * 2.0)
        partial = grown[:most]
    return partial


_PLAIN = {"remark": 0.9, "slash": 1.6, "value": 0.7, "equals": 0.5, "name": 0.1, "star": 0.0, "param": 0.1}
"""Cost of one blank in a gap of each kind where no line nearby tells."""


def _runs(kind: str, indent: str, text: str, near: Sequence[Sibling]) -> Iterator[tuple[str, float]]:
    """Yield the runs that may stand in a gap behind indent + text, each once."""
    if kind == "sentence":
        yield " ", 0.0
        yield "  ", 0.0
        return
    column = width(indent + text)
    best: dict[str, float] = {}

    def offer(run: str, cost: float) -> None:
        best[run] = min(cost, best.get(run, cost))

    told = [(run, end) for other in near for of, run, end in other.gaps if of == kind][:6]
    offer(" ", _PLAIN.get(kind, 1.0) + 1.5 * bool(told))
    for rank, (run, end) in enumerate(told):
        distance = rank * 0.5
        if run == " ":
            offer(" ", distance)
        elif run.strip(" ") and end % TAB == 0 and kind != "star":
            offer(_tabs(column, end), distance if end > column else distance + 0.8)
        elif end > column and kind != "star":
            offer(" " * (end - column), distance + 0.3)
            offer("\t" * (end // TAB - column // TAB) + " " * (end % TAB), distance + 0.6)
        else:
            offer(run, distance + 0.2)
    if kind == "star":
        for end in near[0].hangs if near else ():
            offer(" " * max(1, end - column), 1.8)
            offer("\t" * max(1, end // TAB - column // TAB) + " " * (end % TAB), 2.4)
        for run, cost in (("\t", 3.0), ("  ", 3.5), ("   ", 3.2), ("    ", 4.0), ("     ", 4.5), ("\t\t", 5.0)):
            offer(run, cost)
    elif kind == "param":
        for run, cost in (("\t", 1.5), ("  ", 3.0), ("\t\t", 3.0)):
            offer(run, cost + bool(told))
    else:
        base = 1.2 if kind in ("remark", "slash", "value", "equals") else 1.8
        for tabs in range(1, 8):
            offer("\t" * tabs, base + 0.5 * (tabs - 1) + bool(told))
    yield from sorted(best.items(), key=lambda item: item[1])[:8]


def _tabs(column: int, end: int) -> str:
    """Return the tabs from `column` to the tab stop `end`, at least one."""
    return "\t" * max(1, -(-end // TAB) - column // TAB)


def borrow(words: Sequence[str], twin: str) -> str | None:
    """Spell `words` with the white space of a similar line `twin`; None where they share too little or it tells nothing."""
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

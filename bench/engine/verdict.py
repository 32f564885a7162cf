"""The engine's answer as a row of a table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lorelens.analyze.definition import NOTHING_AROUND, Around, Definition

VERDICTS = ("preserved", "changed", "undecided")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the engine says of a pair of texts."""

    verdict: str
    """One of VERDICTS."""
    reason: str
    """The code of an UNDECIDED; "" otherwise."""
    detail: str
    assumptions: tuple[str, ...] = ()
    replays: tuple[str, ...] = ()
    """Of each difference: confirmed, not-confirmed, not-replayable."""
    how: str = ""
    """By what it was settled, in the engine's word."""
    shown: tuple[str, ...] = ()
    """The first differences."""


def compare(
    pre: str,
    post: str,
    name: str,
    budget: float,
    number: int = 0,
    former: str = "",
    around: Around = NOTHING_AROUND,
) -> Answer:
    """Ask the engine about a function of two files, in this process, with its short cut for equal text off;
    its differences are replayed.

    `number` says which, where several definitions have the name; `former` is the name before.
    """
    from lorelens.analyze.behaviour import Pair, compare_pair
    from lorelens.analyze.engine.compare import CompareOptions

    before, after = _definitions(pre, former or name), _definitions(post, name)
    if not before or not after:
        return Answer(verdict="undecided", reason="absent", detail=name)
    options = CompareOptions(budget=budget, by_text=False)
    first, last = before[min(number, len(before) - 1)], after[min(number, len(after) - 1)]
    pair = Pair(pre=first, post=last, pre_text=pre, post_text=post, around=around)
    return read(compare_pair(pair, options))


def read(delta: Any) -> Answer:
    """Read a Delta."""
    reason = delta.reason
    return Answer(
        verdict=delta.verdict,
        reason=reason.code if reason else "",
        detail=reason.text if reason else "",
        assumptions=delta.assumptions,
        replays=(*(row.replay for row in delta.differences), *["not-confirmed"] * delta.defects),
        how=delta.how,
        shown=tuple(f"{row.when}: {row.before} | {row.after}" for row in delta.differences[:3]),
    )


@lru_cache(maxsize=4)
def _environment(text: str) -> Any:
    from lorelens.analyze.engine.environment import Environment

    return Environment.from_text("", text)


def _definitions(text: str, name: str) -> list[Definition]:
    """Return a file's functions of a name, as outline() does, but without parsing the rest of the file."""
    environment = _environment(text)
    source, found = environment.source, []
    for piece in environment.functions(name):
        start, end = source.line(piece.start), source.line(max(piece.start, piece.end - 1))
        first, last = source.line_span(start, end)
        found.append(
            Definition(
                name=name,
                symbol="function",
                path="",
                start=start,
                end=end,
                text=text[first:last],
                config=piece.config,
                whole=piece.closed,
                clean=True,
            )
        )
    return found


def reasons(counted: Counter[str]) -> str:
    """Return reason codes with their counts, the most frequent first."""
    return ", ".join(f"{code} {count}" for code, count in counted.most_common()) or "-"

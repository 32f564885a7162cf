"""The engine's answer as a row of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
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
    """Of each difference that the engine found, those that were withdrawn too: "confirmed" on its own inputs,
    "at random" (the step differs, its inputs did not show it), "not-confirmed", "not-replayable: reason"."""
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
        replays=_replays(delta),
        how=delta.how,
        shown=tuple(f"{row.when}: {row.before} | {row.after}" for row in delta.differences[:3]),
    )


def _replays(delta: Any) -> tuple[str, ...]:
    from lorelens.analyze.replayed import AT_RANDOM

    found = []
    for row in delta.differences:
        reason = row.replay_reason or ""
        if row.replay == "not-replayable":
            found.append(f"not-replayable: {reason.split(':')[0]}")
        else:
            found.append("at random" if reason == AT_RANDOM else row.replay)
    return (*found, *["not-confirmed"] * (delta.defects - found.count("at random")))


def replayed(answers: Iterable[Answer | None]) -> str:
    """Return how the replays of some differences ended, the most frequent end first."""
    counted = Counter(word for answer in answers if answer for word in answer.replays)
    total = counted.total()
    words = ", ".join(f"{word} {n} ({n / total:.1%})" for word, n in counted.most_common())
    return f"{total}: {words}" if total else "-"


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

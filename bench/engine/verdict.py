"""The engine's answer as a row of a table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

VERDICTS = ("preserved", "changed", "undecided")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the engine says of a pair of texts."""

    verdict: str
    """One of VERDICTS."""
    reason: str
    """The code of an UNDECIDED; "" otherwise."""
    detail: str
    assumptions: tuple[str, ...]
    replays: tuple[str, ...]
    """Of each difference: confirmed, not-confirmed, not-replayable."""


def compare(pre: str, post: str, name: str, budget: float) -> Answer:
    """Ask the engine, in this process."""
    from lorelens.analyze.engine.compare import compare_texts

    return read(compare_texts(pre, post, function=name, budget=budget))


def read(delta: Any) -> Answer:
    """Read a Delta."""
    verdict = delta.verdict
    word = str(
        getattr(verdict, "value", None) or getattr(verdict, "kind", None) or type(verdict).__name__
    ).lower()
    reason = getattr(verdict, "reason", None) or getattr(delta, "reason", None) or ""
    code = str(getattr(reason, "code", reason))
    replays = tuple(str(getattr(row, "replay", "") or "") for row in getattr(delta, "differences", ()))
    return Answer(
        verdict=word,
        reason=code if word == "undecided" else "",
        detail=str(getattr(reason, "text", "")),
        assumptions=tuple(map(str, delta.assumptions)),
        replays=replays,
    )


def reasons(counted: Counter[str]) -> str:
    """Return reason codes with their counts, the most frequent first."""
    return ", ".join(f"{code} {count}" for code, count in counted.most_common()) or "-"

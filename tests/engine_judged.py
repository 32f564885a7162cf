"""One pair of texts through the engine, its short cut for equal text off."""

from __future__ import annotations

from lorelens.analyze.engine.compare import compare_texts
from lorelens.analyze.engine.delta import Delta


def judged(before: str, after: str, name: str = "f") -> Delta:
    """Compare one function of two texts."""
    (found,) = compare_texts(before, after, function=name, budget=10, by_text=False)
    return found

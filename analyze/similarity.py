"""How alike two texts are, in time that is bounded on any text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from .lexical import scan

_TOKEN = re.compile(r"\w+|[^\w\s]")
MAX_LINES = 300
"""Longer texts are compared as bags of lines: without regard to their order."""


def similarity(first: Sequence[str], second: Sequence[str]) -> float:
    """Return 0 to 1: twice the common lines (or tokens), by all; as difflib's ratio."""
    total = len(first) + len(second)
    if not total:
        return 1.0
    bag = 2 * sum((Counter(first) & Counter(second)).values()) / total
    if bag < 0.3 or max(len(first), len(second)) > MAX_LINES:
        return bag
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def code_tokens(text: str) -> list[str]:
    """Return the tokens of a text, comments left out."""
    return _TOKEN.findall(scan(text).code)


def code_lines(text: str) -> list[str]:
    """Return the lines of a text that are not empty, white space at their ends aside."""
    return [line.strip() for line in text.split("\n") if line.strip()]

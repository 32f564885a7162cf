"""Where one line of kernel C ends and the next begins, in text whose line ends are lost."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CLOSED = re.compile(r"[;{}]$|\*/$|^/\*\*?$|\\$|:$")
_OPEN_END = re.compile(r"(?:[,(]|&&|\|\||[-+*/|&?=<>])$")
_CONTROL = re.compile(r"(?:\}|else|if|for|while|switch|do|\w*for_each\w*)(?:\(|$)|#")
PASSED = 2.0
"""What it costs to take a "+" for an operator, at least."""
_NUMBERED = re.compile(r"^[+-]\d|^->|^--|^\+\+|^[+-]=")


def end_cost(line: Sequence[str], following: Sequence[str], lone: bool) -> float:
    """Return what it costs that a diff line of these words ends in front of the words `following` (none at
    the end).

    With `lone` no pre-image speaks, so that the end of a line must be told from the text alone; else the only
    question is whether a "+" or "-" is a sign or an operator.
    """
    comment = in_comment(line)
    cost = 0.0 if comment else _unfinished(line, following)
    first = following[0] if following else ""
    if len(line) == 1 and line[0] in "+-" and first and first[0] not in "+-":
        return 1.0
    if first and first[0] in "+-":
        return cost + (2.5 if _NUMBERED.match(first) else 0.0)
    if lone and first:
        cost += 0.8 if comment and not line[-1].endswith("*/") else 0.2
        if line[0][0] in "+-":
            cost += 3.0 if _opens_comment(line) else 1.5 if _OPEN_END.search(line[-1]) else 0.0
        cost += 0.0 if first in ("*", "*/", "/*", "/**") or first[0] in "#}" else 0.3
    return cost


def _unfinished(line: Sequence[str], following: Sequence[str]) -> float:
    """What it costs that a line of code ends behind these words: much inside an expression."""
    last = line[-1]
    if _CLOSED.search(last) or (following and "".join(following[:2]).lstrip("+- ").startswith("{")):
        return 0.0
    if _OPEN_END.search(last):
        return 0.1
    if _CONTROL.match(_first(line)) and _balanced(line):
        return 5.0 if last in ("if", "for", "while", "switch") else 0.0
    if "=" in line or "return" in line:
        return 3.0
    return 1.0 if _balanced(line) else 4.0


def _opens_comment(line: Sequence[str]) -> bool:
    return _first(line).startswith("/*") and not line[-1].endswith("*/")


def in_comment(line: Sequence[str]) -> bool:
    """Whether a line of these words, the first one with its sign, is a comment's (or holds nothing but its
    sign).
    """
    return _first(line).startswith(("*", "/*", "//")) or (len(line) == 1 and line[0] in "+-")


def _first(line: Sequence[str]) -> str:
    """Return the first word behind the sign."""
    return line[0].lstrip("+-") or (line[1] if len(line) > 1 else "")


def _balanced(line: Sequence[str]) -> bool:
    return sum(word.count("(") - word.count(")") for word in line) == 0


def pass_cost(line: Sequence[str], word: str, lone: bool) -> float:
    """Return what it costs that the line goes on over `word`, which could have begun a line of its own."""
    before = line[-1]
    if len(line) == 1 and before in "+-":
        return 4.0 if word[0] == "+" and not _NUMBERED.match(word) else 0.0
    if word[0] in "+-" and not _NUMBERED.match(word):
        if word[0] == "-" and line[0][0] == "+":
            return 0.3 * lone
        return PASSED if word in "+-" and re.search(r"[\w)\]]$", before) else 5.0
    if before.endswith(";") and not any("for" in part for part in line):
        return 2.5
    if before in ("/**", "/*") or before.endswith("*/"):
        return 1.5
    return 1.0 if lone and word in ("*", "*/") and in_comment(line) else 0.0

"""Kernel C -> C that the grammar of tree-sitter-c accepts, of the same length and with the same lines.

Every rule writes over characters in place, so that an offset in the tree is an offset in the file. A rule is
either a blank over what says nothing about control flow and values (an attribute), or another spelling of
the same
tokens (a loop macro becomes `while`, its arguments stay). Each application is recorded, so that a reader of
the tree
can look at what stood there. docs/front-end.md lists the rules with an example each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .lexical import Source, blank, first_arms_only, scan
from .rewriting import Rewrite, Work
from .rules_header import header
from .rules_statement import repairs, statements
from .rules_word import type_arguments, words

Rule = Callable[[Work], None]

ALWAYS: tuple[Rule, ...] = (header, words, type_arguments, statements)
"""Applied to every definition, in this order."""
ON_ERROR: tuple[Rule, ...] = (repairs,)
"""Applied where the tree has an error without them: they guess more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """A text after normalisation, and what was written over."""

    text: str
    rewrites: tuple[Rewrite, ...]


def normalise(text: str) -> Normalised:
    """Normalise any text, as if it were one definition; same length, same newlines, never raises."""
    return normalise_piece(scan(text), 0, len(text), body=-1)


def normalise_piece(
    source: Source, start: int, end: int, *, body: int, level: int = 0, function: bool = False
) -> Normalised:
    """Normalise source[start:end], whose body opens at `body` (-1: none).

    Level 1 adds the rules that guess; level 2 takes the first arm of each conditional, level 3 the last.
    """
    mask, code = source.mask[start:end], source.code[start:end]
    rewrites: list[Rewrite] = []
    if level >= 2:
        hidden = first_arms_only(source, start, end, last=level == 3)
        rewrites = [Rewrite(rule="arm", start=a - start, end=b - start) for a, b in hidden if a < b]
        for a, b in hidden:
            gone = blank(code[a - start : b - start])
            code = code[: a - start] + gone + code[b - start :]
            mask = mask[: a - start] + gone + mask[b - start :]
    work = Work(code, mask, body - start if body >= 0 else -1, function)
    for rule in ALWAYS + (ON_ERROR if level else ()):
        rule(work)
        work.apply()
    return Normalised(text=work.code, rewrites=tuple(rewrites) + tuple(work.rewrites))

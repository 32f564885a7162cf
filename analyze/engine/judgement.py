"""What is found of two functions (V1 to V3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .difference import WalkTooLargeError
from .evaluate import NoValueError
from .pair import Pair
from .solve import Model, UnansweredError
from .term import Term, TooManyTermsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Preserved:
    """Proved equal, under `assumptions` (A0)."""

    assumptions: tuple[str, ...]
    how: str
    """"terms" (S1) or "solver"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """Neither proved equal nor shown to differ."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A model under which the two differ."""

    pair: Pair
    model: Model
    excluded: tuple[Term, ...]
    bounded: bool
    others: Iterable[Changed] = ()
    """The same at other places of the change, where these are looked at one by one."""
    focus: int = 0
    """Which of FOCUSES showed it."""


UNFOUND = (WalkTooLargeError, TooManyTermsError, UnansweredError, NoValueError, RecursionError)
"""How the search of one difference ends, though another may be found."""

Judgement = Preserved | Undecided | Changed

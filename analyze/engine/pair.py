"""Both versions of a function, executed."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import ir
from .difference import Difference
from .evaluate import Guesses
from .execute import Result
from .solve import Model, Solver
from .term import Term, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Both versions executed under the same guesses."""

    terms: Terms
    pre: Result
    post: Result
    guesses: Guesses
    difference: Difference
    function: ir.Function
    """The version after, whose words are used."""
    question: Term
    """The bit that says whether they differ, or whether they do at one step (first_step.py)."""
    solver: Solver
    shown: dict[tuple[int, bool] | None, Model] = field(default_factory=dict)
    """Models that were found, by what an unknown type is taken for."""

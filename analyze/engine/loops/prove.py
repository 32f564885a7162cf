"""The search for a proof that two versions' loops do the same out of step (rule L8)."""

from __future__ import annotations

from .. import ir
from ..clock import now
from ..difference import Difference, WalkTooLargeError
from ..evaluate import Guesses, NoValueError
from ..graph import IrreducibleError, all_parts, expressions
from ..memory import Rules
from ..solve import Solver
from ..term import Term, Terms, TooManyTermsError
from .concrete import Runner, World
from .guess import plans
from .product import Product
from .relate import Relator
from .walk import Walker

RUNS = 60
MOST_ATTEMPTS = 8
STEPS = 6_000_000
"""The solver's steps for one question."""


def prove(
    pre: ir.Function,
    post: ir.Function,
    guesses: Guesses,
    tested: set[Term],
    by_name: bool,
    terms: Terms,
    deadline: float,
) -> bool:
    """Say whether a walk of both is found that proves them equal. Never raises."""
    try:
        return _prove(pre, post, guesses, tested, by_name, terms, deadline)
    except (
        IrreducibleError,
        NoValueError,
        RecursionError,
        TooManyTermsError,
        WalkTooLargeError,
    ):
        return False


def _prove(
    pre: ir.Function,
    post: ir.Function,
    guesses: Guesses,
    tested: set[Term],
    by_name: bool,
    terms: Terms,
    deadline: float,
) -> bool:
    one, two = (
        Walker(terms, function, guesses, tested, by_name, side)
        for function, side in ((pre, "pre"), (post, "post"))
    )
    if not (one.heads or two.heads):
        return False
    runners = Runner(one, terms), Runner(two, terms)
    compared = _compared(pre) | _compared(post)
    runs = []
    for seed in range(RUNS):
        world = World(seed, tuple(sorted(compared)))
        runs.append((world, runners[0].run(world), runners[1].run(world)))
    conditions = [
        condition for runner in runners for segment in runner.segments.values() for condition, _ in segment
    ]
    others = [
        value
        for runner in runners
        for segment in runner.segments.values()
        for _, here in segment
        if here.state is not None
        for value in here.state.values.values()
    ]
    inputs = list(
        dict.fromkeys(value for walker in (one, two) for _, value in sorted(walker.start_values().items()))
    )
    relator = Relator(terms, inputs, conditions, others, (one, two))
    difference = Difference(terms, Rules(separate=guesses.separate))
    difference.whole = True
    solver = Solver(difference, deadline, STEPS)
    attempts = [
        Product(solver, (one, two), relator, runs, plan, deadline)
        for plan in plans((one, two), [(first, second) for _, first, second in runs])
    ]
    for attempt in sorted(attempts, key=lambda one: one.unlike)[:MOST_ATTEMPTS]:
        if now() > deadline:
            return False
        if attempt.prove():
            return True
    return False


def _compared(function: ir.Function) -> set[int]:
    """Return the numbers that a function's conditions name."""
    return {
        part.value
        for block in function.blocks
        for part in all_parts(*expressions(block.terminator))
        if isinstance(part, ir.Const)
    }

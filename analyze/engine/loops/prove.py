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
ROTATIONS = ((6, (0, 0)), (2, (1, 0)), (2, (0, 1)), (2, (-1, 0)), (2, (0, -1)))
"""How many plans are tried with each version's loops cut at their heads, or at a later place of a turn."""
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
    difference = Difference(terms, Rules(separate=guesses.separate))
    difference.whole = True
    solver = Solver(difference, deadline, STEPS)
    worlds = [World(seed, tuple(sorted(_compared(pre) | _compared(post)))) for seed in range(RUNS)]
    seen: set[tuple[frozenset[int], frozenset[int]]] = set()
    for most, rotations in ROTATIONS:
        one, two = (
            Walker(terms, function, guesses, tested, by_name, side, rotation)
            for function, side, rotation in zip((pre, post), ("pre", "post"), rotations, strict=True)
        )
        if not (one.heads or two.heads):
            return False
        if (one.heads, two.heads) in seen:
            continue
        seen.add((one.heads, two.heads))
        attempts = _attempts(solver, (one, two), worlds, deadline)
        for attempt in sorted(attempts, key=lambda one: one.unlike)[:most]:
            if attempt.prove():
                return True
            if now() > deadline:
                return False
    return False


def _attempts(
    solver: Solver, walkers: tuple[Walker, Walker], worlds: list[World], deadline: float
) -> list[Product]:
    """Return an attempt for each plan."""
    terms = solver.terms
    runners = Runner(walkers[0], terms), Runner(walkers[1], terms)
    runs = [(world, runners[0].run(world), runners[1].run(world)) for world in worlds]
    segments = [segment for runner in runners for segment in runner.segments.values()]
    conditions = [condition for segment in segments for condition, _ in segment]
    values = [
        value
        for segment in segments
        for _, here in segment
        if here.state is not None
        for value in here.state.values.values()
    ]
    starts = [walker.start_values() for walker in walkers]
    inputs = list(dict.fromkeys(start[number] for start in starts for number in sorted(start)))
    relator = Relator(terms, inputs, conditions, values, walkers)
    return [
        Product(solver, walkers, relator, runs, plan, deadline)
        for plan in plans(walkers, [(one, two) for _, one, two in runs])
    ]


def _compared(function: ir.Function) -> set[int]:
    """Return the numbers that a function's conditions name."""
    return {
        part.value
        for block in function.blocks
        for part in all_parts(*expressions(block.terminator))
        if isinstance(part, ir.Const)
    }

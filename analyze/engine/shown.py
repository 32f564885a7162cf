"""A question of two runs -> the differences that it shows, whatever types and constants are (T2, V2, M4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice, product

from .clock import now
from .first_step import narrowed, parts
from .judgement import UNFOUND, Changed, Judgement, Undecided
from .lazily import Lazily
from .leaves import subterms_of_values, subterms_with_addresses
from .pair import Pair
from .simplify import build
from .solve import MODES, NARROW, Condition, Model, UnansweredError
from .term import Term, subterms

MOST_NUMBERS = 36
"""Ways in which named constants may be numbers of the other version that are tried."""
MOST_ASKED_WHOLE = 1500
"""Terms of a question that is asked as a whole, where no single step shows a difference."""


def aliases_of(pair: Pair) -> tuple[Term, ...]:
    """Return the equalities of pointers that memory asks for and no source condition does (M4)."""
    asked = set(pair.pre.words) | set(pair.post.words)
    return tuple(
        term
        for term in subterms_of_values(pair.question)
        if term.op == "eq"
        and term.args[0].width == 64
        and term not in asked
        and "const" not in (term.args[0].op, term.args[1].op)
        and _is_pointer_question(pair, term)
    )


def _is_pointer_question(pair: Pair, term: Term) -> bool:
    return ("alias", term) in pair.terms.memo


def is_never(pair: Pair) -> bool:
    """Say whether the terms alone tell that nothing differs (S1)."""
    return pair.question.op == "const" and not pair.question.data


def compared(pair: Pair, bounded: bool) -> Judgement:
    """Look for a difference between two functions without cycles; say what it would have rested on."""
    if is_never(pair):
        return Undecided(code="loop-summary", text="no difference within two turns of each loop")
    return difference_in(pair, bounded) or why_not(pair, aliases_of(pair), bounded)


def difference_in(pair: Pair, bounded: bool) -> Changed | None:
    """Return the first difference of a question, with the others as they are asked for; None where none is
    found."""
    if is_never(pair):
        return None
    found = Lazily(_step_by_step(pair, aliases_of(pair), bounded))
    first = next(iter(found), None)
    if first is not None:
        return replace(first, others=Lazily(islice(found, 1, None)))
    whole = [] if is_long(pair) else _shown(pair, bounded)
    return replace(whole[0], others=tuple(whole[1:])) if whole else None


def is_long(pair: Pair) -> bool:
    """Say whether a question is too long to be asked as a whole."""
    return len(subterms_of_values(pair.question)) > MOST_ASKED_WHOLE


def _step_by_step(pair: Pair, aliases: tuple[Term, ...], bounded: bool) -> Iterator[Changed]:
    """Yield the differences of one step each.

    Raises:
        UnansweredError: the time is over before the first.
    """
    any_found = False
    for one in narrowed(pair, aliases):
        try:
            shown = _shown(one, bounded, pair)
        except UnansweredError:
            if not any_found and now() > pair.solver.deadline:
                raise
            continue
        any_found = any_found or bool(shown)
        yield from shown


def each(changed: Changed) -> Iterator[Changed]:
    """Yield a difference and the others, as far as these are found in time."""
    yield changed
    try:
        yield from changed.others
    except UNFOUND:
        return


def _shown(pair: Pair, bounded: bool, whole: Pair | None = None) -> list[Changed]:
    """Return the difference that a question shows; where its runs part before the step that it asks for, that
    of the runs that differ as a whole too."""
    aliases = aliases_of(pair)
    model = _under_every_type(pair, aliases)
    if model is not None and whole is not None and not parts(pair, model):
        together = build(pair.terms, "and", pair.question, whole.question)
        pair = replace(pair, question=together, shown={})
        model = _under_every_type(pair, aliases)
    if model is None or not parts(pair, model) or _rests_on_numbers(pair, aliases):
        return []
    return [Changed(pair=pair, model=model, excluded=aliases, bounded=bounded)]


def _rests_on_numbers(pair: Pair, aliases: tuple[Term, ...]) -> bool:
    """Say whether a difference is gone once constants that one version alone names are numbers, of type int,
    that the other alone writes: `x == LIMIT` for `x == 4` may be no change (V2). `x > 8` is !(x < 9) here."""
    sides = [sorted(set(subterms(one.term)), key=lambda term: term.number) for one in (pair.pre, pair.post)]
    held = [set(side) for side in sides]
    asked = set(subterms_of_values(pair.question))
    for side, (own, other) in enumerate((sides, sides[::-1])):
        names = [term for term in own if term.op == "symbol" and term in asked - held[1 - side]]
        numbers = [term for term in other if term.op == "const" and term.width > 1 and term not in held[side]]
        written = [int(str(term.data)) for term in numbers]
        values = [one for one in dict.fromkeys((*written, *(one - 1 for one in written))) if one > 0]
        if any(not _shows_with(pair, aliases, chosen) for chosen in _choices(names, values)):
            return True
    return False


def _choices(names: list[Term], values: list[int]) -> list[dict[Term, int]]:
    """Return the ways in which constants may have the values: all together, or one by one where that is too
    much."""
    if names and len(values) ** len(names) <= MOST_NUMBERS:
        return [dict(zip(names, chosen, strict=True)) for chosen in product(values, repeat=len(names))]
    return [{name: value} for name in names for value in values][:MOST_NUMBERS]


def _shows_with(pair: Pair, aliases: tuple[Term, ...], numbers: dict[Term, int]) -> bool:
    """Say whether a difference shows with such values of named constants, taken for ints."""
    solver, mode = pair.solver, pair.solver.mode
    solver.mode = None if mode is None else MODES[0]
    told = solver.typed([pair.question])
    for name, value in numbers.items():
        told.append(solver.true(build(pair.terms, "eq", name, pair.terms.const(value, name.width))))
    try:
        return solver.witness(pair.question, aliases, told) is not None
    except UnansweredError:
        return False
    finally:
        solver.mode = mode


def _under_every_type(pair: Pair, aliases: tuple[Term, ...]) -> Model | None:
    """Return a model of the difference under the last type that a value of unknown type may have, if there is
    one under each (T2)."""
    solver, parts = pair.solver, subterms_with_addresses(pair.question)
    modes: tuple[tuple[int, bool] | None, ...] = (None,)
    if any(term.op in ("free", "converted") for term in parts):
        modes = (NARROW, *MODES)
    elif any(solver.is_untyped(term) for term in parts):
        found = model_of(pair, aliases)
        if found is not None:
            return found
        modes = (NARROW, *MODES)
    found = None
    for mode in modes:
        solver.mode = mode
        found = pair.shown.get(mode) or model_of(pair, aliases, found)
        if found is None:
            return None
        pair.shown[mode] = found
    return found


def model_of(pair: Pair, aliases: Iterable[Term], other: Model | None = None) -> Model | None:
    """Return a model of the difference as things are asked now: one with the inputs of the model under
    another type, or one of ordinary numbers, is looked for first."""
    solver, steps = pair.solver, pair.solver.query_steps
    tries: list[Callable[[], list[Condition]]] = [
        lambda: solver.usual([pair.question], negative=False, apart=True),
        lambda: solver.usual([pair.question]),
    ]
    if other is not None:
        tries.insert(0, lambda: solver.as_in(other, pair.question))
    solver.query_steps = steps // 4
    for more in tries:
        try:
            found = solver.witness(pair.question, aliases, more(), abstract=False)
        except UnansweredError:
            if now() > solver.deadline:
                raise
            continue
        finally:
            solver.query_steps = steps
        if found is not None:
            return found
    found = solver.witness(pair.question, aliases, solver.plain_symbols([pair.question]))
    if found is None:
        return None
    solver.query_steps = steps // 4
    try:
        loose = solver.usual([pair.question], numbers=False)
        return solver.witness(pair.question, aliases, loose, abstract=False) or found
    except UnansweredError:
        return found
    finally:
        solver.query_steps = steps


def why_not(pair: Pair, aliases: tuple[Term, ...], bounded: bool) -> Undecided:
    """Name what the difference would have rested on (V2)."""
    solver = pair.solver
    try:
        if solver.mode is not None and solver.ask(pair.question, aliases) is not None:
            return Undecided(code="undefined", text="they differ only if a value has a type that is not told")
        if solver.witness(pair.question, aliases) is not None:
            return Undecided(
                code="constants", text="they differ only if named constants are equal, zero or many bits"
            )
        if solver.witness(pair.question) is not None:
            return Undecided(code="alias", text="they differ only if two pointers are equal")
        if solver.ask(pair.question, aliases) is None:
            if bounded:
                return Undecided(code="loop-summary", text="no difference within two turns of each loop")
            return Undecided(code="alias", text="they differ only if two pointers are equal")
    except UnansweredError:
        return Undecided(code="solver", text="the solver gave no answer in time")
    return Undecided(code="undefined", text="a difference would rest on an indeterminate or unknown value")

"""Whether a difference stands: two runs part at a step, and nothing that is not told can make up for it
(rules V2, C4, C7, C9)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from . import ir
from .difference import _contents
from .effects import Event
from .first_step import parts, parts_between
from .graph import all_parts, expressions, places, read_places, steps
from .leaves import names_in, subterms_with_addresses
from .memory import root
from .pair import Pair
from .reach import POINTER, are_apart, cannot_be, is_atomic
from .runs import Run, Side, order_matters
from .solve import Model
from .term import Term
from .words_apart import are_two_words

MayDo = Callable[[int, str], frozenset[str] | None]
"""Version (0 before, 1 after) and function that it calls -> reach.FirstSteps.of."""
Fields = dict[str, list[Term]]
"""Fields that a run speaks of -> the addresses of each."""
LEAST_ADDRESS = 1 << 20
"""What usual models take for an address (solve.py)."""


def is_told(
    pair: Pair,
    model: Model,
    sides: tuple[Side, Side],
    runs: tuple[Run, Run],
    index: int,
    given: frozenset[str],
    may_do: MayDo,
) -> bool:
    """Say whether the runs of a model part at `index`, and nothing can undo it (V2, C4, C9)."""
    fields = _fields_in(runs[0], index), _fields_in(runs[1], index)
    return (
        parts(pair, model)
        and _stands(runs, index, model, given, may_do)
        and given.isdisjoint({*fields[0], *fields[1]})
        and not _are_read_twice(model, fields, _twofold(sides))
        and _shows_whatever(pair, model, runs, index, sides)
        and (not _is_open(sides) or parts_between(pair, model))
    )


def _is_open(sides: tuple[Side, Side]) -> bool:
    return any(one.kind == "open" for one in sides[1].function.parameters)


def _stands(runs: tuple[Run, Run], index: int, model: Model, given: frozenset[str], may_do: MayDo) -> bool:
    """Say whether two runs part at `index` whatever the functions of `given` do, and whatever the bodies at
    hand of those that are called there begin with."""
    if order_matters(*runs, index):
        return False
    for run in runs:
        if any(_names(event) & given for event in run.events[:index]):
            return False
    ends = [run.step(index) for run in runs]
    if ends[0] is not None and ends[1] is not None and _named(ends[0]) == _named(ends[1]) != "":
        return _named(ends[0]) not in given and not _may_be_one_call(ends[0], ends[1])
    untold: list[tuple[int, frozenset[str] | None]] = []
    names = [_called(end, model) for end in ends]
    if names[0] == names[1] != "":
        return False
    for side, name in enumerate(names):
        first = may_do(side, name) if name else None
        if name in given or name == POINTER or (first is not None and first != {name}):
            untold.append((side, first))
    if len(untold) == 2:
        firsts = [first for _, first in untold]
        return are_apart(*firsts) or _change_other_words(ends, model)
    if not untold:
        return True
    side, first = untold[0]
    return cannot_be(ends[1 - side], first)


def _change_other_words(ends: list[Term | None], model: Model) -> bool:
    """Say whether two steps are atomics that share no address: they are no one step, however spelled."""
    if not all(end is not None and is_atomic(_named(end)) for end in ends):
        return False
    addresses = [
        [
            arg
            for arg in end.args[2:]
            if arg.width == 64 and (arg is not root(arg) or model.value(arg) >= LEAST_ADDRESS)
        ]
        for end in ends
        if end is not None
    ]
    return all(addresses) and all(are_two_words(one, two, model) for one, two in product(*addresses))


def _may_be_one_call(one: Term, two: Term) -> bool:
    """Say whether two calls of one name differ in nothing but which of their arguments are variables, which
    matters to a macro that assigns them alone (C7)."""
    values = [[arg for arg in step.args[2:] if arg.width > 0] for step in (one, two)]
    if one.data == two.data or len(values[0]) != len(values[1]):
        return False
    return all(left is right for left, right in zip(*values, strict=True))


def _twofold(sides: tuple[Side, Side]) -> set[str]:
    """Return the fields whose struct is told here and not there: `p->n` of a `struct s *p` and `get()->n` may
    be one location, though the terms name two (T2)."""
    records: dict[str, set[str]] = {}
    for block in (block for side in sides for block in side.function.blocks):
        for step in steps(block):
            for item in all_parts(*expressions(step), *places(step), *read_places(step)):
                if isinstance(item, ir.Member):
                    records.setdefault(item.field, set()).add(item.record)
    return {name for name, found in records.items() if "" in found and len(found) > 1}


def _fields_in(run: Run, index: int) -> Fields:
    """Return the fields that the step at `index`, and the decisions before it, speak of, with the addresses
    of each."""
    found: Fields = {}
    end = run.step(index)
    stored = [] if end is None else [address for address, _ in _contents(end.args[1])[0]]
    values = [] if end is None else [arg for arg in end.args[2:] if arg.width > 0]
    for term in subterms_with_addresses(*run.decisions, *values, *stored):
        if term.op == "field":
            found.setdefault(term.data.field, []).append(term)  # type: ignore[attr-defined]
    return found


def _are_read_twice(model: Model, fields: tuple[Fields, Fields], twofold: set[str]) -> bool:
    """Say whether a field of `twofold` is spoken of by two terms, one of which does not tell the struct, that
    are at one address in a model, or of which each version has but one: each may hold what the other does
    not. (Addresses differ in a model that are one, where the size of elements is told once.)"""
    for name in {*fields[0], *fields[1]} & twofold:
        one, two = (set(own.get(name, ())) for own in fields)
        if any(_is_told_once(*pair) for pair in product(one - two, two - one)):
            return True
        records: dict[int, set[str]] = {}
        for term in one | two:
            records.setdefault(model.value(term.args[0]), set()).add(term.data.record)  # type: ignore[attr-defined]
        if any("" in found and len(found) > 1 for found in records.values()):
            return True
    return False


def _is_told_once(one: Term, two: Term) -> bool:
    return (str(one.data.record) == "") != (str(two.data.record) == "")  # type: ignore[attr-defined]


def _shows_whatever(
    pair: Pair, model: Model, runs: tuple[Run, Run], index: int, sides: tuple[Side, Side]
) -> bool:
    """Say whether a difference does not rest on what is not told of one version alone (V2): it shows whatever
    that is."""
    (one, stores_one), (two, stores_two) = (
        _untold_in(run, other, index, sides) for run, other in (runs, runs[::-1])
    )
    loose = (one ^ two) | (stores_one ^ stores_two)
    return not loose or pair.solver.holds_whatever(model, pair.question, loose)


def _untold_in(run: Run, other: Run, index: int, sides: tuple[Side, Side]) -> tuple[set[Term], set[Term]]:
    """Return the sizes and offsets that no layout tells, what is read of const variables (their initialisers
    are not looked into), and what calls leave in variables that may be functions and leave nothing (V2, C7),
    but for what is left at the step at `index` or behind it: those that the decisions speak of, and the step
    itself where the other run's is of the same kind and name; and those that addresses of stores speak of."""
    end, against = run.step(index), other.step(index)
    alike = end is not None and against is not None and (end.op, end.data) == (against.op, against.data)
    values = [arg for arg in end.args[2:] if arg.width > 0] if alike and end is not None else []
    stored = [] if end is None else [address for address, _ in _contents(end.args[1])[0]]
    macros, late, fixed = _macros(sides), set(run.events[index:]), _fixed(sides)

    def is_untold(term: Term) -> bool:
        sized = term.op == "symbol" and str(term.data).startswith(("sizeof(", "offsetof("))
        left = term.op == "output" and term.args[0] not in late and _named(term.args[0]) in macros
        held = term.op == "read" and root(term.args[1]).op == "global" and root(term.args[1]).data in fixed
        return sized or left or held

    decided = {term for term in subterms_with_addresses(*run.decisions, *values) if is_untold(term)}
    return decided, {term for term in subterms_with_addresses(*stored) if is_untold(term)}


def _fixed(sides: tuple[Side, Side]) -> set[str]:
    """Return the const variables whose initialisers say what they hold."""
    return {
        item.name
        for side in sides
        for block in side.function.blocks
        for step in steps(block)
        for item in all_parts(*expressions(step), *places(step), *read_places(step))
        if isinstance(item, ir.Global) and item.fixed
    }


def _macros(sides: tuple[Side, Side]) -> set[str]:
    """Return what is called that may be a macro of which nothing is known."""
    return {
        step.callee
        for side in sides
        for block in side.function.blocks
        for step in block.instructions
        if isinstance(step, ir.Call) and step.kind == "upper"
    }


def _names(event: Term) -> set[str]:
    """Return the functions that an effect is of, or hands on: what these do tells what it answers (C4)."""
    return {_named(event)}.union(*(names_in(arg) for arg in event.args[2:] if arg.width > 0))


def _called(event: Term | None, model: Model) -> str:
    """Return the function that a step calls; POINTER where only what a global holds tells it (C6), ""
    where the step is no call, or one through a pointer that may be any."""
    if event is None or not isinstance(event.data, Event) or event.data.kind != "call":
        return ""
    if not _named(event).startswith(("*", "->")) or len(event.args) < 3:
        return _named(event)
    pointer = event.args[2]
    while pointer.op == "ite":
        pointer = pointer.args[1 if model.value(pointer.args[0]) else 2]
    return str(pointer.data) if pointer.op == "function" else POINTER if names_in(pointer) else ""


def _named(event: Term) -> str:
    return event.data.name if isinstance(event.data, Event) else ""

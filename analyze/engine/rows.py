"""A model -> rows of a delta: the first difference of two runs, under conditions as few as cover it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product

from . import ir
from .again import Implications
from .clock import now
from .delta import Difference
from .difference import WalkTooLargeError, _contents
from .effects import Event
from .first_step import odd_pointers, parts, parts_between
from .graph import all_parts, expressions, places, read_places, steps
from .judgement import Changed
from .leaves import names_in, subterms_of_values, subterms_with_addresses
from .memory import root
from .pair import Pair
from .reach import POINTER, are_apart, cannot_be, is_atomic
from .row_witness import witness_of
from .row_words import IN_THIS_RUN, step_words
from .runs import Run, Side, both_come, first_difference, order_matters, run_of
from .shown import each, model_of
from .simplify import build, negation
from .solve import Model, UnansweredError
from .term import Term
from .wording import denied
from .words_apart import are_two_words

MayDo = Callable[[int, str], frozenset[str] | None]
"""Version (0 before, 1 after) and function that it calls -> reach.FirstSteps.of."""
Rows = dict[tuple[str, str, str], tuple[Difference, list[str]]]
"""Kind of effect and words of both versions -> the row, and the conditions under which it shows."""
Fields = dict[str, list[Term]]
"""Fields that a run speaks of -> the addresses of each."""
_NUMBERS = re.compile(rf" = [^=]*{IN_THIS_RUN}(?= at )")
"""Values of a model behind words that do not tell two apart: another model of the same is no other row."""
MOST_ROWS = 6
MOST_MODELS = 12
"""Differences that are asked for; several may be one row under different conditions."""
SECONDS = 0.5
"""How long is looked for further differences, and for fewer conditions, once there is one."""
MOST_CONDITIONS = 3
MOST_LITERALS = 80
MOST_DROPPED = 16
"""Conditions that are tried without, one by one, where the solver's own choice is not too large."""
LEAST_ADDRESS = 1 << 20
"""What usual models take for an address (solve.py)."""
MOST_LOOSE = 8
"""Conditions that are shown where they do not tell all."""


def rows(
    changed: Changed,
    pre: ir.Function,
    post: ir.Function,
    deadline: float,
    given: frozenset[str] = frozenset(),
    may_do: MayDo = lambda side, name: frozenset((name,)),
    answers: Mapping[str, frozenset[int]] | None = None,
) -> tuple[Difference, ...]:
    """Return the differences that the solver finds, one model each; the first is the model at hand.

    Those that speak of a field of `given` are left out, those with a call of a function of `given` before the
    difference, and those with one at the difference, unless `may_do` tells that it cannot begin as the other
    version goes on (C4); and those that rest on what a function answers that by `answers` never does.
    """
    found: Rows = {}
    begun = now()
    for one in each(changed):
        try:
            _add_rows(found, one, (pre, post), deadline, given, may_do, answers or {})
        except WalkTooLargeError:
            break  # the rows that were found before stand
        if now() > deadline or (found and now() > begun + SECONDS):
            break
    return tuple(replace(row, when=_either(conditions)) for row, conditions in found.values())


def _add_rows(
    found: Rows,
    changed: Changed,
    functions: tuple[ir.Function, ir.Function],
    deadline: float,
    given: frozenset[str],
    may_do: MayDo,
    answers: Mapping[str, frozenset[int]],
) -> None:
    pair = changed.pair
    sides = (
        Side(function=functions[0], result=pair.pre),
        Side(function=functions[1], result=pair.post),
    )
    pair.solver.deadline = deadline
    if not given:
        pair.solver.deadline = min(deadline, now() + SECONDS)
    pair.solver.answers = answers
    current, excluded = _ordinary(changed)
    always = tuple(excluded)
    turns = 0
    while current is not None and turns < MOST_MODELS and len(found) < MOST_ROWS:
        turns += 1
        excluded.append(_add_row(found, pair, current, sides, list(always), given, may_do))
        if now() > pair.solver.deadline:
            break
        try:
            current = model_of(pair, excluded)
        except UnansweredError:
            break


def _either(conditions: list[str]) -> str:
    """Join the conditions under which one difference shows; those of further turns of a loop add nothing."""
    if "always" in conditions:
        return "always"
    kept = [
        one for one in conditions if not any(o != one and one.startswith(f"{o} and ") for o in conditions)
    ]
    more = ", or in other cases" if len(kept) > MOST_CONDITIONS else ""
    shown = kept[:MOST_CONDITIONS]
    return " or ".join(f"({one})" if len(shown) > 1 and " and " in one else one for one in shown) + more


def _ordinary(changed: Changed) -> tuple[Model | None, list[Term]]:
    """Return a model and what is excluded: pointers that are neither valid nor NULL, where there is a
    difference without them (a reader thinks of these last)."""
    pair = changed.pair
    odd = odd_pointers(pair)
    if odd:
        excluded = [*changed.excluded, *odd]
        try:
            found = model_of(pair, excluded)
        except UnansweredError:
            found = None
        if found is not None:
            return found, excluded
    if pair.solver.is_answered(changed.model, pair.question):
        return changed.model, list(changed.excluded)
    try:
        return model_of(pair, changed.excluded), list(changed.excluded)
    except UnansweredError:
        return None, list(changed.excluded)


def _add_row(
    found: Rows,
    pair: Pair,
    model: Model,
    sides: tuple[Side, Side],
    excluded: list[Term],
    given: frozenset[str],
    may_do: MayDo,
) -> Term:
    """Add the row of a model where it stands, or its conditions to a row that it is another case of; return
    the condition under which both versions come to its steps."""
    before, after = (run_of(side.result.term, model) for side in sides)
    index = first_difference(pair, model, before, after)
    here = both_come(pair, (pair.pre, pair.post), before, after, index)
    if not _is_told(pair, model, sides, (before, after), index, given, may_do):
        return here
    pair.solver.deadline = min(pair.solver.deadline, now() + SECONDS)
    effect, words, lines = step_words(pair, model, sides, before, after, index)
    key = (effect, _NUMBERS.sub("", words[0]), _NUMBERS.sub("", words[1]))
    known = found.get(key)
    if known is not None and len(known[1]) > MOST_CONDITIONS:
        return here
    kept, complete = _fewest(pair, _literals(pair, model, before, after, index), excluded, here)
    said = {**pair.pre.words, **pair.post.words}
    told = _apart(kept, said, before, after) + ([] if complete else ["other conditions"])
    when = " and ".join(told) or "always"
    if known is None:
        row = Difference(
            when=when,
            effect=effect,
            before=words[0],
            after=words[1],
            witness=witness_of(pair, model, sides, before, after),
            line_before=lines[0],
            line_after=lines[1],
        )
        found[key] = (row, [when])
    elif when not in known[1]:
        known[1].append(when)
    return here


def _is_told(
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


# Conditions


def _literals(pair: Pair, model: Model, before: Run, after: Run, index: int) -> list[Term]:
    """Return the conditions that the two runs took, as terms that are true; those with words of the source
    first, and of these those that chose what the differing steps were given."""
    said = {**pair.pre.words, **pair.post.words}
    chose = [
        term.args[0]
        for run in (before, after)
        for event in run.events[index : index + 1]
        for term in subterms_of_values(*event.args[2:])
        if term.op == "ite"
    ]
    taken = {term: model.value(term) for term in dict.fromkeys(chose) if _is_worded(term, said)}
    for term, value in (*before.decisions.items(), *after.decisions.items()):
        taken.setdefault(term, value)
    found = [term if value else negation(pair.terms, term) for term, value in taken.items()]
    found = [term for term in dict.fromkeys(found) if term.op != "const"]
    worded = [term for term in found if _is_worded(term, said)]
    return (worded + [term for term in found if term not in worded])[-MOST_LITERALS:]


def _is_worded(term: Term, said: dict[Term, str]) -> bool:
    return term in said or (term.op == "not" and term.args[0] in said)


def _fewest(pair: Pair, literals: list[Term], excluded: list[Term], here: Term) -> tuple[list[Term], bool]:
    """Drop each condition that this difference does not need; what is left implies it. Else the nearest in
    words, and that they do not tell all."""
    implications = Implications(
        pair.solver, literals, build(pair.terms, "and", pair.question, here), excluded
    )

    def implying(given: list[Term]) -> list[Term] | None:
        try:
            return implications.of(given)
        except UnansweredError:
            return None

    kept = implying(literals)
    if kept is None:
        said = {**pair.pre.words, **pair.post.words}
        return [literal for literal in literals if _is_worded(literal, said)][-MOST_LOOSE:], False
    for literal in reversed([one for one in literals if one in kept]) if len(kept) <= MOST_DROPPED else ():
        fewer = implying([one for one in kept if one is not literal]) if literal in kept else None
        kept = kept if fewer is None else fewer
    return [literal for literal in literals if literal in kept], True


def _apart(literals: list[Term], said: dict[Term, str], before: Run, after: Run) -> list[str]:
    """Return the conditions in words; where two contradict each other in words, say which version or turn."""
    found: list[str] = []
    for literal in literals:
        text = _said(literal, said)
        if denied(text) in found or any(denied(one) == text for one in found):
            term = literal if literal in before.decisions or literal in after.decisions else literal.args[0]
            in_both = (term in before.decisions) == (term in after.decisions)
            text += " (later)" if in_both else " (before)" if term in before.decisions else " (after)"
        if text not in found:
            found.append(text)
    return found


def _said(literal: Term, said: dict[Term, str]) -> str:
    if literal in said:
        return said[literal]
    if literal.op == "not" and literal.args[0] in said:
        return denied(said[literal.args[0]])
    if literal.op == "bad" or (literal.op == "not" and literal.args[0].op == "bad"):
        return "a pointer is invalid" if literal.op == "bad" else "the pointers are valid"
    return "a condition without words in the source"

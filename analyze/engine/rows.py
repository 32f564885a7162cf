"""A model -> rows of a delta: the first difference of two runs, under conditions as few as cover it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from . import ir
from .again import Implications
from .clock import now
from .delta import Difference
from .difference import WalkTooLargeError
from .first_step import odd_pointers
from .judgement import Changed
from .leaves import subterms_of_values
from .pair import Pair
from .row_witness import witness_of
from .row_words import IN_THIS_RUN, step_words
from .runs import Run, Side, both_come, first_difference, run_of
from .shown import each, model_of
from .simplify import build, negation
from .solve import Model, UnansweredError
from .standing import MayDo, is_told
from .term import Term
from .wording import denied

Rows = dict[tuple[str, str, str], tuple[Difference, list[str]]]
"""Kind of effect and words of both versions -> the row, and the conditions under which it shows."""
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
    if not is_told(pair, model, sides, (before, after), index, given, may_do):
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

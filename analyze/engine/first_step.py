"""A difference asked for at one step of two runs, in place of everywhere at once (rule S3).

The bit that two merged histories differ holds every pair of their steps, and what is behind the first
difference makes most of it and most of its doubts. A model of it names two runs; the question is then only
whether both versions can come to the steps at which these part, and whether the steps differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .again import Again
from .difference import BOUND
from .effects import Event
from .leaves import is_hard, rests_on_open, subterms_of_values
from .pair import Pair
from .runs import both_come, first_difference, order_matters, run_of, same_way
from .simplify import build, negation
from .solve import Model, UnansweredError
from .term import Term

MOST_RUNS = 4
"""Pairs of runs that are looked at; each excludes the steps of those before."""


def narrowed(pair: Pair, excluded: tuple[Term, ...]) -> Iterator[Pair]:
    """Yield the pair with the question at one step each, of runs that may differ there; each is asked before
    the next is looked for, so that time that runs out ends the search and not what was found.

    Raises:
        UnansweredError: the solver gave no model in time, and none before.
    """
    found = False
    odd = odd_pointers(pair)
    out = [*excluded, *odd]
    models = _Models(pair, out)
    for _ in range(MOST_RUNS):
        mode, pair.solver.mode = pair.solver.mode, None
        try:
            model = models.next()
            here, differs = (None, None) if model is None else _first_step(pair, model)
        except UnansweredError:
            if found:
                break
            raise
        finally:
            pair.solver.mode = mode  # the last that a difference was shown under is its model's
        if odd and not found and here is None:
            out, odd = [one for one in out if one not in odd], []
            models = _Models(pair, out)
            continue
        if here is None or differs is None:
            break
        if differs.op != "const" or differs.data:
            found = True
            yield replace(pair, question=build(pair.terms, "and", here, differs), shown={})
        if here.op == "const":
            break
        models.exclude(here)


class _Models:
    """Models of a pair's question, ones of usual numbers where there are such; no type is assumed."""

    def __init__(self, pair: Pair, out: list[Term]) -> None:
        self.pair, self.out = pair, out
        self.again: Again | None = None
        self.begun = False
        self.hard = any(is_hard(term) for term in subterms_of_values(pair.question, *out))

    def exclude(self, term: Term) -> None:
        """Leave out the models in which a term is true."""
        self.out.append(term)
        if self.again is not None:
            self.again.exclude(term)

    def next(self) -> Model | None:
        """Return a model.

        Raises:
            UnansweredError: the solver gave up, or the time is over.
        """
        solver, steps = self.pair.solver, self.pair.solver.query_steps
        solver.query_steps = steps // 8
        try:
            found = self._model("usual")
        except UnansweredError:
            found = None
        finally:
            solver.query_steps = steps
        found = found or self._model("plain")
        self.begun = True
        return found

    def _model(self, which: str) -> Model | None:
        solver, question = self.pair.solver, self.pair.question
        if self.hard or not self.begun:
            told = solver.usual([question]) if which == "usual" else solver.plain_symbols([question])
            return solver.ask(question, self.out, told)
        if self.again is None:
            self.again = Again(solver, question, self.out)
            self.again.presume("usual", solver.usual([question]))
        if which == "plain" and which not in self.again.presumed:
            self.again.presume("plain", solver.plain_symbols([question]))
        return self.again.model(which)


def odd_pointers(pair: Pair) -> list[Term]:
    """Return what makes a pointer neither valid nor NULL, of each that is asked about: a reader thinks of
    these last."""
    terms = pair.terms
    found = []
    for term in subterms_of_values(pair.question):
        if term.op == "bad":
            null = build(terms, "eq", term.args[0], terms.const(0, term.args[0].width))
            found.append(build(terms, "and", term, negation(terms, null)))
    return found


def parts(pair: Pair, model: Model) -> bool:
    """Say whether the two runs of a model come, behind steps that are alike, to steps that are told and
    differ: a question asked at one step may be answered by runs that come to it at different turns."""
    before, after = run_of(pair.pre.term, model), run_of(pair.post.term, model)
    index = first_difference(pair, model, before, after)
    if order_matters(before, after, index):
        return False
    return bool(model.value(_steps_differ(pair, before.step(index), after.step(index))))


def parts_between(pair: Pair, model: Model | None) -> bool:
    """Say whether, for some inputs and whatever the values are that no difference may rest on (V2), the runs
    part at a step of both behind one that they share: no caller can make up for it, whose code is in front of
    the function and behind it (C9)."""
    shown = pair.terms.const(0, 1)
    try:
        for _ in range(MOST_RUNS):
            if model is None or not _is_between(pair, model):
                return False
            shown = build(pair.terms, "or", shown, build(pair.terms, "and", *_first_step(pair, model)))
            if pair.solver.witness(shown) is not None:
                return True
            model = pair.solver.ask(pair.question, [shown], pair.solver.as_in(model, pair.question))
    except UnansweredError:
        pass
    return False


def _is_between(pair: Pair, model: Model) -> bool:
    before, after = run_of(pair.pre.term, model), run_of(pair.post.term, model)
    return 0 < first_difference(pair, model, before, after) < min(len(before.events), len(after.events))


def _first_step(pair: Pair, model: Model) -> tuple[Term, Term]:
    """Return the conditions under which both versions come to where a model's runs part, by the same steps
    each, and under which the steps differ."""
    before, after = run_of(pair.pre.term, model), run_of(pair.post.term, model)
    index = first_difference(pair, model, before, after)
    here = both_come(pair, (pair.pre, pair.post), before, after, index)
    if order_matters(before, after, index):
        return here, pair.terms.const(0, 1)
    here = build(pair.terms, "and", here, same_way(pair, before, after, index))
    return here, _steps_differ(pair, before.step(index), after.step(index))


def _steps_differ(pair: Pair, one: Term | None, two: Term | None) -> Term:
    """Return the bit that says whether two steps, or outcomes, differ, whatever was before."""
    none, always = pair.terms.const(0, 1), pair.terms.const(1, 1)
    if one is None or two is None or BOUND in (one.data, two.data):
        return none
    if any(pair.difference.is_unsure(term) for term in (one, two)):
        return none
    if one.op != two.op or one.data != two.data or len(one.args) != len(two.args):
        if any(_calls_open(step) for step in (one, two)):
            return none
        return pair.difference.between(one, two) if pair.difference.may_be_one_callee(one, two) else always
    if one.op not in ("event", "return", "stop"):
        return none
    found = pair.difference.memories(one.args[1], two.args[1])
    for left, right in zip(one.args[2:], two.args[2:], strict=True):
        found = build(pair.terms, "or", found, pair.difference.values(left, right))
    return found


def _calls_open(step: Term) -> bool:
    """Say whether a step calls what the callers choose (C9)."""
    if not isinstance(step.data, Event) or not step.data.name.startswith(("*", "->")):
        return False
    return len(step.args) > 2 and rests_on_open(step.args[2])

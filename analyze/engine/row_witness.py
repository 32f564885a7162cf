"""A model -> the concrete inputs that a run reads under it (V2, P1)."""

from __future__ import annotations

from .delta import Call, Cell, Witness
from .effects import Event
from .memory import Field, root
from .pair import Pair
from .runs import Run, Side
from .solve import OBSERVED, Model, subterms_of_values
from .term import Term


def witness_of(pair: Pair, model: Model, sides: tuple[Side, Side], before: Run, after: Run) -> Witness:
    """Return what both runs read: parameters, cells, constants, configuration, answers of calls."""
    inputs = _inputs(pair)
    parameters = []
    for position, variable in enumerate(sides[1].function.parameters):
        value = inputs.get(("parameter", position))
        parameters.append((variable.name, model.value(value) if value is not None else 0))
    cells, constants, config = [], [], {}
    locals_ = _locals(max(before, after, key=lambda run: len(run.events)))
    for term in subterms_of_values(pair.question):
        if term.op == "read":
            cell = _cell(term, model, before if _happened(term.args[0], before) else after, locals_)
            if cell is not None:
                cells.append(cell)
        elif term.op == "symbol":
            constants.append((str(term.data), model.value(term)))
        elif term.op == "config":
            kind, _, name = str(term.data).partition(":")
            if model.value(term) and name:
                config[name.removeprefix("CONFIG_")] = kind
    return Witness(
        parameters=tuple(parameters),
        cells=tuple(cells),
        constants=tuple(constants),
        config=tuple(config.items()),
        before=_calls(pair, model, before),
        after=_calls(pair, model, after),
        observed=_observed(pair, model),
    )


def _inputs(pair: Pair) -> dict[object, Term]:
    """Return the values that come in from outside, those that only addresses rest on included."""
    found: dict[object, Term] = {}
    for term in subterms_of_values(pair.question):
        for one in (term, root(term.args[1])) if term.op == "read" else (term,):
            if one.op == "input":
                found.setdefault(one.data, one)
    return found


def _locals(run: Run) -> dict[Term, int]:
    """Number a run's local objects by first appearance among the arguments of its effects, as P2 says."""
    found: dict[Term, int] = {}
    for event in run.events:
        for argument in event.args[2:]:
            if argument.op in ("object", "field", "plus") and root(argument).op == "object":
                found.setdefault(root(argument), len(found) + 1)
    return found


def _happened(history: Term, run: Run) -> bool:
    return history in run.events


def _cell(term: Term, model: Model, run: Run, locals_: dict[Term, int]) -> Cell | None:
    """Return what a run reads at a place; None for a local object that no effect has been given."""
    epoch, address = term.args
    path: list[tuple[str, str]] = []
    step = address
    while step.op in ("field", "plus"):
        if isinstance(step.data, Field):
            path.append((step.data.record, step.data.field))
        step = step.args[0]
    base = root(address)
    if base.op == "object" and base not in locals_:
        return None
    return Cell(
        base=0 if base.op == "object" else model.value(base),
        path=tuple(reversed(path)),
        name=str(base.data) if base.op == "global" else "",
        width=term.width,
        value=model.value(term),
        epoch=_epoch(epoch, run),
        local=locals_.get(base, 0),
    )


def _observed(pair: Pair, model: Model) -> tuple[Call, ...]:
    found = []
    for term in subterms_of_values(pair.question):
        if term.op in OBSERVED and isinstance(term.data, Event):
            given = tuple(model.value(arg) for arg in term.args if arg.width > 0)
            found.append(
                Call(name=term.data.name, kind=term.data.kind, arguments=given, answer=model.value(term))
            )
    return tuple(found)


def _epoch(history: Term, run: Run) -> int:
    return run.events.index(history) + 1 if history in run.events else 0


def _calls(pair: Pair, model: Model, run: Run) -> tuple[Call, ...]:
    answers: dict[Term, Term] = {}
    outputs: dict[Term, list[tuple[str, int]]] = {}
    for term in subterms_of_values(pair.question):
        if term.op == "answer":
            answers[term.args[0]] = term
        elif term.op == "output":
            outputs.setdefault(term.args[0], []).append((str(term.data), model.value(term)))
    found = []
    for event in run.events:
        named = event.data
        if not isinstance(named, Event):
            continue
        answer = answers.get(event)
        found.append(
            Call(
                name=named.name,
                kind=named.kind,
                arguments=tuple(model.value(arg) for arg in event.args[2:] if arg.width > 0),
                answer=None if answer is None else model.value(answer),
                outputs=tuple(outputs.get(event, ())),
            )
        )
    return tuple(found)

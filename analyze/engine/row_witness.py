"""A model -> the concrete inputs that a run reads under it (V2, P1)."""

from __future__ import annotations

from dataclasses import replace

from . import ctype
from .delta import Call, Cell, Place, Witness
from .effects import Event
from .leaves import OBSERVED, subterms_with_addresses
from .memory import Field, root
from .pair import Pair
from .runs import Run, Side
from .solve import Model
from .term import HISTORY, MEMORY, Term


def witness_of(pair: Pair, model: Model, sides: tuple[Side, Side], before: Run, after: Run) -> Witness:
    """Return what both runs read: parameters, cells, constants, configuration, answers of calls."""
    stored = [*_stored(before, model), *_stored(after, model)]
    asked = [pair.question, *_asked(before), *_asked(after), *(term for pair_ in stored for term in pair_)]
    used = [root(address) for address, _ in stored] + _untested(pair, sides[1])
    decided = {**before.decisions, **after.decisions}
    model = pair.solver.completed(model, pair.question, asked, decided, used)
    inputs = {term.data: term for term in (*subterms_with_addresses(*asked), *used) if term.op == "input"}
    parameters = []
    for position, variable in enumerate(sides[1].function.parameters):
        value = inputs.get(("parameter", position))
        parameters.append((variable.name, model.value(value) if value is not None else 0))
    constants, config = [], {}
    addresses: list[Term] = []
    tested = pair.solver.tested  # and NULL or an error here: no run reads through it
    cells: dict[object, Cell] = {}
    locals_ = _locals(max(before, after, key=lambda run: len(run.events)))
    for term in subterms_with_addresses(*asked):
        if term.op == "read":
            addresses.append(term.args[1])
            cell = _cell(term, model, (before, after), locals_)
            if cell is not None and (root(term.args[1]) not in tested or is_place(cell.base)):
                cells.setdefault(replace(cell, value=0), cell)
        elif term.op == "symbol":
            constants.append((str(term.data), model.value(term)))
        elif term.op == "answer" and _is_constant(term.args[0]):
            constants.append((str(term.args[0].args[2].data), model.value(term)))
        elif term.op == "config":
            kind, _, name = str(term.data).partition(":")
            if not name:
                constants.append((kind, model.value(term)))  # a condition of the preprocessor's (T7)
            elif model.value(term):
                config[name.removeprefix("CONFIG_")] = kind
    return Witness(
        parameters=tuple(parameters),
        cells=tuple(cells.values()),
        constants=tuple(dict(reversed(constants)).items()),
        config=tuple(config.items()),
        before=_calls(asked, model, before),
        after=_calls(asked, model, after),
        observed=_observed(asked, model, (before, after)),
        places=_places(subterms_with_addresses(*asked, *addresses), model, locals_),
    )


def _is_constant(event: Term) -> bool:
    """Say whether an event reads what the replay takes for a constant: TASK_SIZE asks the task (T8)."""
    of = event.args[2] if len(event.args) > 2 else None
    named = isinstance(event.data, Event) and event.data.name == "volatile"
    return named and of is not None and of.op == "global" and str(of.data).isupper()


def is_place(value: int) -> bool:
    """Say whether a number may be an address: it is neither in the first page nor an error (F1)."""
    return 4096 <= value < (1 << 64) - 4095


def _asked(run: Run) -> list[Term]:
    """Return the values that a run came by: what it decided on, what its effects and its end were given."""
    steps = [*run.events, *([run.outcome] if run.outcome is not None else [])]
    return [*run.decisions, *(arg for step in steps for arg in step.args if arg.width > 0)]


def _stored(run: Run, model: Model) -> list[tuple[Term, Term]]:
    """Return the addresses and values that a run stores."""
    found: dict[tuple[Term, Term], None] = {}
    seen: set[Term] = set()
    steps = [*run.events, *([run.outcome] if run.outcome is not None else [])]
    waiting = [arg for step in steps for arg in step.args if arg.width == MEMORY]
    while waiting:
        term = waiting.pop()
        if term in seen:
            continue
        seen.add(term)
        if term.op == "ite":
            waiting.append(term.args[1] if model.value(term.args[0]) else term.args[2])
        elif term.op == "store":
            if term.args[1].width > 0 and term.args[2].width > 0:
                found[term.args[1], term.args[2]] = None
            waiting.append(term.args[0])
        elif term.op == "cells":
            waiting += [term.args[0], term.args[2]]
    return list(found)


def _untested(pair: Pair, side: Side) -> list[Term]:
    """Return the parameters that are pointers and that neither version tests: they are valid (F3)."""
    tested = pair.pre.tested | pair.post.tested
    found = [
        pair.terms.make("input", (), ("parameter", position), 64)
        for position, variable in enumerate(side.function.parameters)
        if isinstance(variable.type, ctype.Pointer)
    ]
    return [term for term in found if term not in tested]


def _locals(run: Run) -> dict[Term, int]:
    """Number a run's local objects by first appearance among the arguments of its effects, as P2 says."""
    found: dict[Term, int] = {}
    for event in run.events:
        for argument in event.args[2:]:
            if argument.op in ("object", "field", "plus") and root(argument).op == "object":
                found.setdefault(root(argument), len(found) + 1)
    return found


def _cell(term: Term, model: Model, runs: tuple[Run, Run], locals_: dict[Term, int]) -> Cell | None:
    """Return what a run reads at a place; None where neither reads it, or for a local object that no effect
    has been given."""
    history, address = term.args
    epoch = next((found for run in runs if (found := _epoch(history, model, run)) is not None), None)
    if epoch is None:
        return None
    path = _path(address, model)
    base = root(address)
    if base.op == "object" and base not in locals_:
        return None
    return Cell(
        base=0 if base.op in ("object", "global") else model.value(base),
        path=path,
        name=str(base.data) if base.op == "global" else "",
        width=term.width,
        value=model.value(term),
        epoch=epoch,
        local=locals_.get(base, 0),
    )


def _observed(asked: list[Term], model: Model, runs: tuple[Run, Run]) -> tuple[Call, ...]:
    found = []
    for term in subterms_with_addresses(*asked):
        if term.op not in OBSERVED or not isinstance(term.data, Event):
            continue
        history = next((arg for arg in term.args if arg.width == HISTORY), None)
        epochs = [_epoch(history, model, run) if history is not None else 0 for run in runs]
        epoch = next((one for one in epochs if one is not None), None)
        if epoch is None:
            continue  # of a way that neither run takes
        given = tuple(model.value(arg) for arg in term.args if arg.width > 0)
        named, answer = term.data, model.value(term)
        found.append(Call(name=named.name, kind=named.kind, arguments=given, answer=answer, epoch=epoch))
    return tuple(found)


def _path(address: Term, model: Model) -> tuple[tuple[str, str], ...]:
    """Return the steps from an address' root to it (Cell.path)."""
    path: list[tuple[str, str]] = []
    while address.op in ("field", "plus"):
        if isinstance(address.data, Field):
            path.append((address.data.record, address.data.field))
        else:
            assert isinstance(address.data, tuple)
            of, size = address.data
            index = model.value(address.args[1])
            path.append((of if size is None else str(size), f"[{index - (index >> 63 << 64)}]"))
        address = address.args[0]
    return tuple(reversed(path))


def _places(terms: list[Term], model: Model, locals_: dict[Term, int]) -> tuple[Place, ...]:
    """Return what the addresses lead to that are parts of objects, globals, functions, or parts of which
    container_of was taken."""
    found: dict[int, Place] = {}
    for term in terms:
        if term.op not in ("field", "plus", "container", "object", "global", "function") or term.width != 64:
            continue
        base, path = root(term), _path(term, model)
        if term.op == "container":
            assert isinstance(term.data, tuple)
            record, member = term.data
            value, path = model.value(term.args[0]), ((record.removeprefix("struct "), member),)
        elif base.op == "object" and base not in locals_:
            continue
        else:
            value = model.value(term)
        place = Place(
            value=value,
            base=0 if base.op in ("object", "global", "function") else model.value(base),
            path=path,
            name=str(base.data) if base.op == "global" else "",
            local=locals_.get(base, 0),
            function=str(base.data) if base.op == "function" else "",
        )
        if not (path and value == place.base):
            found.setdefault(value, place)
    return tuple(found.values())


def _epoch(history: Term, model: Model, run: Run) -> int | None:
    """Return how many effects of a run make up a history; None where it is none of that run."""
    while history.op == "ite":
        history = history.args[1] if model.value(history.args[0]) else history.args[2]
    if history.op == "start":
        return 0
    return run.events.index(history) + 1 if history in run.events else None


def _calls(asked: list[Term], model: Model, run: Run) -> tuple[Call, ...]:
    answers: dict[Term, Term] = {}
    outputs: dict[Term, list[tuple[str, int]]] = {}
    for term in subterms_with_addresses(*asked):
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

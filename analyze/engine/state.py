"""What a version holds at one place of its graph, and how states merge where paths join (rule L2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from .simplify import ite
from .term import Term, Terms


@dataclass(slots=True)
class State:
    """Values of variables, private objects, history, memory. Copied before it is changed."""

    history: Term
    memory: Term
    values: dict[int, Term] = field(default_factory=dict)
    """By variable number; a variable that is absent is indeterminate (T11)."""
    cells: dict[int, Term] = field(default_factory=dict)
    """Contents of each local object (M3), a memory of its own."""
    reached: dict[int, Term] = field(default_factory=dict)
    """A bit for each local object: others can reach it, its contents lie in `memory` (M6)."""
    alive: frozenset[Term] = frozenset()
    """Pointers that were dereferenced on every way here (F2)."""

    def copy(self) -> State:
        """Return a state that may be changed."""
        return State(
            self.history, self.memory, dict(self.values), dict(self.cells), dict(self.reached), self.alive
        )


class Choice:
    """A decision between states: where a condition leads to one or the other way here."""

    __slots__ = ("condition", "other", "then")

    def __init__(self, condition: Term, then: Choice | State, other: Choice | State) -> None:
        self.condition, self.then, self.other = condition, then, other


def choose(
    condition: Term, then: Choice | State | None, other: Choice | State | None
) -> Choice | State | None:
    """Return the decision; a way that does not lead here (None) leaves the other (L2: the branch's own
    guard)."""
    if then is None or then is other:
        return other
    if other is None:
        return then
    return Choice(condition, then, other)


def leaves(choice: Choice | State) -> list[State]:
    """Return the states that a decision chooses between, each once."""
    found: list[State] = []
    seen: set[int] = set()
    waiting: list[Choice | State] = [choice]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, State):
            found.append(one)
        else:
            waiting.extend((one.other, one.then))
    return found


def merge(terms: Terms, choice: Choice | State, live: set[int], absent: Absent) -> State:
    """Return the state behind a join: what differs between its ways becomes an ite, dead variables are
    dropped."""
    if isinstance(choice, State):
        return choice.copy()
    states = leaves(choice)
    merged = State(
        _merged(terms, choice, states, lambda state: state.history),
        _merged(terms, choice, states, lambda state: state.memory),
    )
    merged.alive = frozenset.intersection(*(state.alive for state in states))
    for number in sorted({n for state in states for n in state.values} & live):
        merged.values[number] = _merged(terms, choice, states, partial(_value, number, absent))
    for number in sorted({n for state in states for n in state.cells}):
        merged.cells[number] = _merged(terms, choice, states, partial(_cells, number, absent))
        merged.reached[number] = _merged(terms, choice, states, partial(_reached, number, terms.const(0, 1)))
    return merged


class Absent:
    """What a variable holds that no declaration gave a value on some way (a protocol)."""

    def value(self, number: int) -> Term:
        """Return the indeterminate value of a variable."""
        raise NotImplementedError

    def cells(self, number: int) -> Term:
        """Return the indeterminate contents of an object."""
        raise NotImplementedError


def _value(number: int, absent: Absent, state: State) -> Term:
    return state.values.get(number) or absent.value(number)


def _cells(number: int, absent: Absent, state: State) -> Term:
    return state.cells.get(number) or absent.cells(number)


def _reached(number: int, never: Term, state: State) -> Term:
    return state.reached.get(number, never)


def _merged(terms: Terms, choice: Choice, states: list[State], of: Callable[[State], Term]) -> Term:
    found: dict[int, Term] = {id(state): of(state) for state in states}
    first = found[id(states[0])]
    if all(term is first for term in found.values()):
        return first
    waiting: list[Choice | State] = [choice]
    while waiting:
        one = waiting[-1]
        if id(one) in found:
            waiting.pop()
            continue
        assert isinstance(one, Choice)
        missing = [arm for arm in (one.then, one.other) if id(arm) not in found]
        if missing:
            waiting.extend(missing)
            continue
        found[id(one)] = ite(terms, one.condition, found[id(one.then)], found[id(one.other)])
        waiting.pop()
    return found[id(choice)]

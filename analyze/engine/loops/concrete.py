"""Runs of a version on made-up inputs, from which alignments and relations are guessed: nothing here is
trusted (rule L8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2s
from typing import Any

from .. import memory
from ..simplify import FOLD, mask, signed
from ..state import State
from ..term import HISTORY, Term, Terms, subterms
from .walk import Here, Place, Walker

MOST_SEGMENTS = 60
SMALL = (0, 1, 2, 3)
"""What a read or an answer is."""
STARTS = (0, 1, 2, 3, 5, 7, -1, 4, 6, -2, 9, 10, 11, 100, -3, 12345, 98765432)
"""What a parameter is."""


def digest(*parts: object) -> int:
    """Return a number of 32 bits for anything whose text tells it, the same in every process."""
    return int.from_bytes(blake2s(repr(parts).encode(), digest_size=4).digest(), "little")


class World:
    """One choice of all that is not told: inputs, reads, answers."""

    def __init__(self, seed: int, compared: tuple[int, ...] = ()) -> None:
        """`compared`: numbers that the functions compare with, which reads and answers are at times."""
        self.seed = seed
        self.answers = (*SMALL, *compared)
        self.inputs: dict[Term, int] = {}

    def input(self, term: Term) -> int:
        """Return a parameter's value, modulo its width."""
        if term not in self.inputs:
            number = digest(self.seed, term.data)
            self.inputs[term] = STARTS[number % len(STARTS)] & mask(term.width)
        return self.inputs[term]

    def value(self, root: Term, known: dict[Term, int]) -> int:
        """Return a term's value; `known` holds what is given, and grows."""
        for term in subterms(root):
            if term not in known:
                known[term] = self._value(term, [known[arg] for arg in term.args])
        return known[root]

    def _value(self, term: Term, args: list[int]) -> int:
        op = term.op
        data: Any = term.data
        if op == "const":
            return int(data)
        if op == "input":
            return self.input(term)
        if op == "ite":
            return args[1] if args[0] else args[2]
        if op == "not":
            return args[0] ^ mask(term.width)
        if op in ("zext", "sext", "trunc"):
            wide = signed(args[0], term.args[0].width) if op == "sext" else args[0]
            return wide & mask(term.width)
        if op == "plus":
            size = 8 * (1 + digest(data[0]) % 16) if data[1] is None else int(data[1])
            return (args[0] + args[1] * size) & mask(64)
        if op in FOLD:
            wide = term.args[0].width
            found = FOLD[op](args[0], args[1], wide)
            if found is not None:
                return found & mask(term.width)
        number = digest(self.seed, op, data, args)
        if term.width < 1:
            return number
        if op in ("object", "global", "text", "function", "field", "container"):
            return number << 20
        return self.answers[number % len(self.answers)] & mask(term.width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A place on a run, with the values of the live variables and a digest of history and memory."""

    at: Place
    values: dict[int, int]
    past: int
    result: int | None = None


class Runner:
    """Runs one version: each segment is executed once, with a placeholder for every variable."""

    def __init__(self, walker: Walker, terms: Terms) -> None:
        self.walker, self.terms = walker, terms
        self.segments: dict[Place, list[tuple[Term, Here]]] = {}
        self.reached: dict[Place, dict[int, Term]] = {}
        """The objects that are private or reached where a head was first come to."""
        self.turn = terms.make("turn", (), ("run", walker.side), HISTORY)

    def hole(self, head: int, number: int) -> Term:
        """Return a variable's placeholder; a parameter that is never assigned has none."""
        if number in self.walker.fixed:
            return self.walker.start_values()[number]
        name = ("run", self.walker.side, head, number)
        return self.terms.make("hole", (), name, self.walker.wide(number))

    def contents(self, head: int, number: int) -> Term:
        """Return what stands for a local object's contents."""
        return self.terms.make("hole", (), ("run", self.walker.side, head, number), HISTORY)

    def leading(self, at: Place) -> list[tuple[Term, Here]]:
        """Return the segment that starts at a place."""
        if at not in self.segments:
            here = self.walker.start()
            if at != -1:
                assert isinstance(at, int)
                state = State(self.turn, memory.base(self.terms, self.turn))
                state.values = {number: self.hole(at, number) for number in self.walker.variables(at)}
                for number, reached in self.reached.get(at, {}).items():
                    state.cells[number] = memory.base(self.terms, self.contents(at, number))
                    state.reached[number] = reached
                here = Here(at=at, state=state)
            self.segments[at] = self.walker.step(here)
        return self.segments[at]

    def run(self, world: World) -> list[Visit]:
        """Return the places that a run comes to, the start left out; it may be cut off."""
        at: Place = -1
        known: dict[Term, int] = {}
        found: list[Visit] = []
        for _ in range(MOST_SEGMENTS):
            here = next((one for way, one in self.leading(at) if world.value(way, known)), None)
            if here is None:
                return found
            if here.outcome is not None:
                values = [world.value(arg, known) for arg in here.outcome.args]
                past = digest(*values[:2])
                found.append(
                    Visit(at=here.at, values={}, past=past, result=values[2] if len(values) > 2 else None)
                )
                return found
            assert here.state is not None
            assert isinstance(here.at, int)
            state = here.state
            past, stored = world.value(state.history, known), world.value(state.memory, known)
            if stored != digest(world.seed, "base", None, [past]):  # not as the last effect left it
                past = digest(past, stored)
            values_by_number = {
                number: world.value(state.values.get(number) or self.walker.value(number), known)
                for number in self.walker.variables(here.at)
            }
            found.append(Visit(at=here.at, values=values_by_number, past=past))
            at = here.at
            private = self.reached.setdefault(
                at, {number: state.reached[number] for number in self.walker.private(at, state)}
            )
            held = {
                self.contents(at, number): world.value(
                    state.cells.get(number) or self.walker.fresh_cells(number), known
                )
                for number in private
            }
            known = {self.turn: past, **held}
            known |= {self.hole(at, number): value for number, value in values_by_number.items()}
        return found


def atoms(conditions: list[Term], wanted: Callable[[Term], bool]) -> list[Term]:
    """Return the comparisons that conditions are made of."""
    return [term for term in subterms(*conditions) if term.op in ("eq", "slt", "ult") and wanted(term)]

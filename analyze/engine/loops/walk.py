"""One version as acyclic segments between the heads of its loops (rule L8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .. import ir, memory
from ..effects import objects_in
from ..evaluate import Guesses, entry_history, width
from ..execute import Execution
from ..graph import Loop, places, reverse_postorder
from ..pairing import at_leaves, leaves_of
from ..state import State
from ..term import HISTORY, Term, Terms, subterms

ENTRY = -1
"""The place in front of the first block."""
OPEN = frozenset({"hole", "turn"})
"""What stands for another value at each visit of a place."""

Place = int | tuple[str, object]
"""Where a version is: ENTRY, the head of a loop, or an outcome (its operator and what it names)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """A version at a place: a state at a head, or the term of its outcome."""

    at: Place
    state: State | None = None
    outcome: Term | None = None

    @property
    def done(self) -> bool:
        """Whether the run has ended."""
        return self.outcome is not None


class Walker(Execution):
    """Executes a function from one cut to the next.

    A loop is cut at its head, or at another block that each of its turns goes through: `rotation` counts
    these behind the head, -1 is the last. All cycles have a cut, so a segment between two has none.
    """

    def __init__(
        self,
        terms: Terms,
        function: ir.Function,
        guesses: Guesses,
        tested: set[Term],
        by_name: bool,
        side: str,
        rotation: int = 0,
    ) -> None:
        super().__init__(terms, function, guesses, tested, by_name)
        self.side = side
        self.cuts = {self._cut(loop, rotation): loop for loop in self.loops.values()}
        self.heads = frozenset(self.cuts)
        self.level = 1
        self.walked = 0
        assigned = {
            place.variable.number
            for block in function.blocks
            for step in (*block.instructions, block.terminator)
            for place in _written_places(step)
        }
        self.fixed = frozenset(one.number for one in function.parameters) - assigned - frozenset(self.objects)
        """The parameters that keep their value."""
        self.kept = frozenset(self.objects)  # none is taken back from a callee (M9)

    def _cut(self, loop: Loop, rotation: int) -> int:
        """Return where a loop is cut."""
        if rotation == 0:
            return loop.head
        inside = {
            number for other in self.loops.values() if other.body < loop.body for number in other.body
        } - {loop.head}
        order = reverse_postorder(loop.head, lambda number: self._turn(number, loop, -1))
        found = [
            number
            for number in order
            if number == loop.head or (number not in inside and not self._goes_round(loop, number))
        ]
        return found[min(rotation, len(found) - 1)]

    def _turn(self, number: int, loop: Loop, without: int) -> list[int]:
        """Return where a block leads within one turn of a loop."""
        after = ir.successors(self.function.blocks[number].terminator)
        return [to for to in reversed(after) if to in loop.body and to not in (loop.head, without)]

    def _goes_round(self, loop: Loop, without: int) -> bool:
        """Say whether a turn is possible that leaves a block out."""
        seen = {loop.head}
        waiting = [loop.head]
        while waiting:
            number = waiting.pop()
            if loop.head in ir.successors(self.function.blocks[number].terminator):
                return True
            more = [to for to in self._turn(number, loop, without) if to not in seen]
            seen.update(more)
            waiting += more
        return False

    def start(self) -> Here:
        """Return the function's start."""
        state = State(entry_history(self.terms), memory.base(self.terms, entry_history(self.terms)))
        for position, variable in enumerate(self.function.parameters):
            self._enter_parameter(position, variable, state)
        return Here(at=ENTRY, state=state)

    def start_values(self) -> dict[int, Term]:
        """Return what the parameters start from."""
        state = self.start().state
        assert state is not None
        return state.values

    def variables(self, head: int) -> list[int]:
        """Return the numbers of the variables that are live at a head, in the order of their mention."""
        found = [
            number for number in self.live[head] if number not in self.statics and number not in self.objects
        ]
        return sorted(found, key=lambda number: self.order[number])

    def private(self, head: int, state: State) -> list[int]:
        """Return the objects that are live at a head, or whose address something there holds."""
        named = [state.values[number] for number in self.variables(head) if number in state.values]
        found = {number for number in state.cells if number in self.live[head]}
        while True:
            held = set(objects_in((*named, *(state.cells[number] for number in found))))
            more = {number for number in state.cells if self.objects[number] in held} | found
            if more == found:
                return sorted(found)
            found = more

    def wide(self, number: int) -> int:
        """Return a variable's width."""
        return width(self.function.variables[number].type)

    def result_width(self) -> int:
        """Return the width of what the function returns."""
        return width(self.function.result)

    def is_outside(self, origin: Place, head: int) -> bool:
        """Say whether a way from `origin` enters the loop of `head` from outside."""
        return not isinstance(origin, int) or origin not in self.cuts[head].body

    def check(self, address: Term, state: State) -> None:
        """Check every pointer whose tests are not known by name from a plain execution (F3)."""
        pointer = memory.root(address)
        if self.guesses.valid and pointer not in self.tested and is_open(pointer):
            self.tested.add(pointer)
        super().check(address, state)

    def step(self, here: Here) -> list[tuple[Term, Here]]:
        """Return where the next segment leads, each with its condition."""
        assert here.state is not None
        assert isinstance(here.at, int)
        entry = max(here.at, 0)
        if here.at == ENTRY and entry in self.heads:
            return [(self.terms.const(1, 1), Here(at=entry, state=here.state))]
        self.walked += 1
        self.visit = (self.terms.make("turn", (), ("visit", self.side, self.walked), HISTORY),)
        state = here.state.copy()
        state.alive = frozenset()
        self._entry_of_region = entry
        self.faults = []
        nodes = self._region(entry, self._members(entry), state)
        ends: dict[int, Term] = {}
        there: dict[Term, Here] = {}
        for number, node in nodes.items():
            head = -2 - number if number < -1 else number
            if number == -1 or (number >= 0 and (number == entry or number not in self.heads)):
                continue
            arrived = node.out[number]
            leaf = self.terms.make("exit", (), ("segment", self.side, self.walked, head), HISTORY)
            ends[number] = leaf
            there[leaf] = Here(at=head, state=arrived)
        term = self._outcome(entry, nodes, ends)
        found = []
        for leaf in leaves_of(term):
            condition = at_leaves(self.terms, term, _is(self.terms, leaf))
            end = there.get(leaf) or Here(at=(leaf.op, leaf.data), outcome=leaf)
            found.append((condition, end))
        return found

    def _members(self, entry: int) -> frozenset[int]:
        found: set[int] = set()
        waiting = [entry]
        while waiting:
            number = waiting.pop()
            if number in found or (number in self.heads and number != entry):
                continue
            found.add(number)
            waiting.extend(ir.successors(self.function.blocks[number].terminator))
        return frozenset(found)

    def _inner(self, entry: int, members: frozenset[int]) -> dict[int, Loop]:
        return {}  # every cycle goes through a head, and no other head is a member


def _is(terms: Terms, leaf: Term) -> Callable[[Term], Term]:
    return lambda one: terms.const(int(one is leaf), 1)


def _written_places(step: ir.Instruction | ir.Terminator) -> list[ir.Local]:
    return [place for place in places(step) if isinstance(place, ir.Local)]


def is_open(term: Term) -> bool:
    """Say whether a term depends on a visit of a place."""
    return any(part.op in OPEN for part in subterms(term))

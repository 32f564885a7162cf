"""Two versions walked together from branch to branch: a proof by the terms alone (rule L10).

A node is a pair of blocks, one of each version, with what both hold there. From a node each version runs
until a condition parts it that is not settled; both must have done the same, by terms that are one and the
same, and must part on the same condition. What ways into a node do not agree on becomes a placeholder, the
same one for all that is equal on each of them. Nothing is guessed, and no solver is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .. import ir, memory
from ..clock import now
from ..difference import WalkTooLargeError
from ..effects import objects_in
from ..evaluate import Guesses, NoValueError, entry_history
from ..execute import RETURN
from ..graph import IrreducibleError
from ..state import State
from ..term import HISTORY, Term, Terms, TooManyTermsError
from .product import NotAlignedError
from .walk import Walker

MOST_NODES = 2000
MOST_ARRIVALS = 6000
MOST_WALKS = 10
"""Each walk but the last finds a local object that is to be taken to be reachable from its declaration on, or
pointers that are tested."""
UNNAMED = 10_000
"""More than there are conversions to types without a name between two nodes."""
Blocks = tuple[int, int]
Tree = int | tuple[Term, "Tree", "Tree"]
Facts = dict[Term, bool]
"""Conditions that are settled where a version stands."""
Classes = dict[tuple[Term, ...], list[tuple[int, int]]]
"""Variables by side and number, by what they hold on the ways before and on the one that comes in."""


@dataclass(slots=True)
class Node:
    """What both versions hold at a pair of blocks, by the ways there so far."""

    states: tuple[State, State]
    facts: Facts
    placeholders: set[Term] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class End:
    """Where a run from a node has come to."""

    tree: Tree | None
    """The decision that parts it, or the block that it has been through before; None at an outcome."""
    state: State
    faults: tuple[tuple[Term, Term], ...]
    outcome: Term | None = None


def prove(
    pre: ir.Function,
    post: ir.Function,
    guesses: Guesses,
    tested: set[Term],
    by_name: bool,
    terms: Terms,
    deadline: float,
) -> bool:
    """Say whether both versions do the same step by step. Never raises. `tested` are terms of `terms`."""
    exposed: frozenset[Term] = frozenset()
    try:
        for _ in range(MOST_WALKS):
            sides = (
                Stepper(terms, pre, guesses, set(tested), by_name, "pre"),
                Stepper(terms, post, guesses, set(tested), by_name, "post"),
            )
            for side in sides:
                side.exposed = exposed
            try:
                Lockstep(terms, sides, deadline).prove()
            except ExposedError as error:
                exposed |= {error.found}
                continue
            more = sides[0].seen_tests | sides[1].seen_tests
            if not guesses.valid or more <= tested:
                return True
            tested = (
                tested | more
            )  # pointers that a way tests, not what ways make of them where they meet (F3)
        return False
    except (
        NotAlignedError,
        IrreducibleError,
        NoValueError,
        RecursionError,
        TooManyTermsError,
        WalkTooLargeError,
    ):
        return False


class ExposedError(Exception):
    """A local object that others can reach at a place by some ways alone."""

    def __init__(self, found: Term) -> None:
        super().__init__(found.data)
        self.found = found


class Stepper(Walker):
    """Executes one version from a block to the next decision that is open."""

    exposed: frozenset[Term] = frozenset()
    """The local objects that others are taken to reach from their declaration on."""

    def begin(self) -> State:
        """Return the state at the function's start."""
        self.visit = ()
        state = self.start().state
        assert state is not None
        self.reach(tuple(one for one in self.objects.values() if one in self.exposed), state)
        return state

    def _declare(self, variable: ir.Variable, state: State) -> None:
        super()._declare(variable, state)
        if self.objects.get(variable.number) in self.exposed:
            self.reach((self.objects[variable.number],), state)

    def go_on(self, number: int, state: State, facts: Facts) -> End:
        """Run from a block's start; the state is changed."""
        self.level = 0
        seen: set[int] = set()
        faults: list[tuple[Term, Term]] = []
        while number not in seen:
            seen.add(number)
            node = self._block(number, state)
            faults += node.faults
            if node.leaf is not None:
                return End(None, state, tuple(faults), node.leaf)
            tree = settled(node.tree, facts)
            if not isinstance(tree, int):
                return End(tree, state, tuple(faults))
            if tree == RETURN:
                return End(None, state, tuple(faults), self._return_leaf(state))
            number = tree
        return End(number, state, tuple(faults))


class Lockstep:
    """One walk of both versions."""

    def __init__(self, terms: Terms, sides: tuple[Stepper, Stepper], deadline: float) -> None:
        self.terms, self.sides, self.deadline = terms, sides, deadline
        self.nodes: dict[Blocks, Node] = {}
        self.arrivals = self.walked = 0

    def prove(self) -> None:
        """Walk until nothing changes.

        Raises:
            NotAlignedError: the versions do not do the same step by step.
        """
        one, two = (side.begin() for side in self.sides)
        waiting = [(0, 0)] if self._arrive((0, 0), (one, two), {}) else []
        while waiting:
            blocks = waiting.pop()
            for to, states, facts in self._ways(blocks):
                if self._arrive(to, states, facts) and to not in waiting:
                    waiting.append(to)

    def _ways(self, blocks: Blocks) -> Iterator[tuple[Blocks, tuple[State, State], Facts]]:
        """Run both versions on from a node; yield where that leads."""
        node = self.nodes[blocks]
        self.walked += 1
        turn = self.terms.make("turn", (), ("lockstep", blocks), HISTORY)
        ends = []
        for side, number, state in zip(self.sides, blocks, node.states, strict=True):
            side.visit, side.unnamed = (turn,), UNNAMED * self.walked
            ends.append(side.go_on(number, state.copy(), node.facts))
        one, two = ends
        if one.faults != two.faults or one.outcome is not two.outcome:
            raise NotAlignedError
        if one.outcome is not None:
            return
        assert one.tree is not None
        assert two.tree is not None
        for to, facts in parted(one.tree, two.tree, dict(node.facts)):
            yield to, (one.state, two.state), facts

    # What is known at a node

    def _arrive(self, to: Blocks, states: tuple[State, State], facts: Facts) -> bool:
        """Take in what a way to a node holds; say whether less is known there than before."""
        self.arrivals += 1
        if self.arrivals > MOST_ARRIVALS or len(self.nodes) > MOST_NODES or now() > self.deadline:
            raise NotAlignedError
        if states[0].history is not states[1].history or states[0].memory is not states[1].memory:
            raise NotAlignedError
        arriving = (self._shown(0, to, states[0]), self._shown(1, to, states[1]))
        if to not in self.nodes:
            self.nodes[to] = Node(states=arriving, facts=facts)
            return True
        node = self.nodes[to]
        past = self._past_dropped(to, node, arriving[0])
        values = self._values_dropped(to, node, arriving)
        cells = self._cells_dropped(to, node, arriving)
        for state, other in zip(node.states, arriving, strict=True):
            alive = state.alive & other.alive
            past |= alive != state.alive
            state.alive = alive
        kept = {term: value for term, value in node.facts.items() if facts.get(term) is value}
        past |= len(kept) < len(node.facts)
        node.facts = kept
        return past or values or cells

    def _shown(self, side: int, to: Blocks, state: State) -> State:
        """Return what of a state is live at a block."""
        stepper, number = self.sides[side], to[side]
        absent = ("absent", side, self.arrivals)  # never the other version's, nor an earlier one
        stepper.visit = (self.terms.make("turn", (), absent, HISTORY),)
        found = State(state.history, state.memory, alive=state.alive)
        for variable in stepper.variables(number):
            found.values[variable] = state.values.get(variable) or stepper.value(variable)
        for variable in stepper.private(number, state):
            found.cells[variable], found.reached[variable] = state.cells[variable], state.reached[variable]
            if found.reached[variable].op != "const":
                raise NotAlignedError
            if found.reached[variable].data:  # what it holds is in memory
                found.cells[variable] = memory.base(self.terms, entry_history(self.terms))
        return found

    def _past_dropped(self, to: Blocks, node: Node, arriving: State) -> bool:
        history, stored = node.states[0].history, node.states[0].memory
        turn = self.terms.make("turn", (), ("node", to), HISTORY)
        if history is turn or (history is arriving.history and stored is arriving.memory):
            return False
        for state in node.states:
            state.history, state.memory = turn, memory.base(self.terms, turn)
        return True

    def _values_dropped(self, to: Blocks, node: Node, arriving: tuple[State, State]) -> bool:
        """Put placeholders for what the ways do not agree on."""
        if any(
            one.values.keys() != two.values.keys() for one, two in zip(node.states, arriving, strict=True)
        ):
            raise NotAlignedError
        classes: Classes = {}
        for side, state in enumerate(node.states):
            for number, kept in state.values.items():
                incoming = arriving[side].values[number]
                classes.setdefault((kept, incoming), []).append((side, number))
        dropped = False
        for kept, held in self._split(node, classes):
            dropped = True
            hole = self._placeholder(to, node, "hole", kept.width)
            for side, number in held:
                node.states[side].values[number] = hole
        return dropped

    def _cells_dropped(self, to: Blocks, node: Node, arriving: tuple[State, State]) -> bool:
        """The same for the contents of local objects."""
        classes: Classes = {}
        for side, state in enumerate(node.states):
            if state.cells.keys() != arriving[side].cells.keys():
                raise NotAlignedError
            for number, kept in state.cells.items():
                name = self.sides[side].objects[number]
                if state.reached[number] is not arriving[side].reached[number]:
                    raise ExposedError(name)
                classes.setdefault((kept, arriving[side].cells[number], name), []).append((side, number))
        dropped = False
        for _, held in self._split(node, classes):
            dropped = True
            hole = memory.base(self.terms, self._placeholder(to, node, "turn", HISTORY))
            node.placeholders.add(hole)
            for side, number in held:
                node.states[side].cells[number] = hole
        return dropped

    def _split(self, node: Node, classes: Classes) -> Iterator[tuple[Term, list[tuple[int, int]]]]:
        """Yield those classes of equal places that need a placeholder: of those that share one, all but the
        first."""
        taken: set[tuple[Term, ...]] = set()
        for (kept, incoming, *name), held in classes.items():
            own = (kept, *name)
            if kept in node.placeholders:
                if objects_in((incoming,)):
                    raise NotAlignedError
                if own not in taken:
                    taken.add(own)
                    continue
            elif kept is incoming:
                continue
            elif objects_in((kept, incoming)):
                raise NotAlignedError  # a placeholder never stands for a local's address (M4)
            yield kept, held

    def _placeholder(self, to: Blocks, node: Node, op: str, width: int) -> Term:
        found = self.terms.make(op, (), ("node", to, len(node.placeholders)), width)
        node.placeholders.add(found)
        return found


def settled(tree: object, facts: Facts) -> Tree:
    """Return what is left of a decision where some conditions are settled."""
    while not isinstance(tree, int):
        assert isinstance(tree, tuple)
        condition, denied = _plain(tree[0])
        value = bool(condition.data) if condition.op == "const" else facts.get(condition)
        if value is None:
            return tree
        tree = tree[1] if value is not denied else tree[2]
    return tree


def parted(one: Tree, two: Tree, facts: Facts) -> Iterator[tuple[Blocks, Facts]]:
    """Yield where two decisions lead that part on the same conditions."""
    one, two = settled(one, facts), settled(two, facts)
    if isinstance(one, int) and isinstance(two, int):
        yield (one, two), facts
        return
    if isinstance(one, int) or isinstance(two, int):
        raise NotAlignedError
    first, second = _plain(one[0]), _plain(two[0])
    if first[0] is not second[0]:
        raise NotAlignedError
    for holds in (True, False):
        arm, other = (
            tree[1] if holds is not denied else tree[2]
            for tree, denied in ((one, first[1]), (two, second[1]))
        )
        yield from parted(arm, other, {**facts, first[0]: holds})


def _plain(condition: Term) -> tuple[Term, bool]:
    """Return a condition without its denial, and whether it was denied."""
    return (condition.args[0], True) if condition.op == "not" else (condition, False)

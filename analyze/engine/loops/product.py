"""Two versions walked together: a proof by induction over pairs of places (rule L8).

A node is a pair of places with what is known there of both versions' variables: terms of one another, and
facts. All of it is guessed, from runs, and what a way in does not keep is dropped until every way in keeps
what is left. History and memory are equal at every node, or there is no proof.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .. import memory
from ..clock import now
from ..effects import objects_in
from ..evaluate import entry_history
from ..pairing import substitute
from ..simplify import build, conjunction
from ..solve import Solver, UnansweredError
from ..state import State
from ..term import HISTORY, Term, subterms
from .concrete import Visit, World, atoms
from .guess import Plan
from .relate import Relator, Sample
from .walk import ENTRY, Here, Place, Walker, is_open

MOST_WAYS = 60
"""Ways out of one node."""
MOST_NODES = 24
ALONE = 2
"""Segments that one version goes on alone where the other has ended, before that is a node."""
FIRST = 3
"""How many meetings of a run at one node are looked at, beside every one whose number is a power of two."""
RESULT = -1
"""The number under which an outcome's value stands."""

Places = tuple[Place, Place]


class NotAlignedError(Exception):
    """This walk proves nothing."""


@dataclass(slots=True)
class Way:
    """A way from a node to a node: its condition, what the variables are at its end, who moved."""

    to: Places
    condition: Term
    incoming: dict[Term, Term]
    moved: tuple[bool, bool]


@dataclass(slots=True)
class Node:
    """A pair of places and what is known there."""

    places: Places
    history: Term
    memory: Term
    values: tuple[dict[int, Term], dict[int, Term]]
    objects: tuple[dict[int, Term], dict[int, Term]]
    """The contents of each version's local objects."""
    reached: tuple[dict[int, Term], dict[int, Term]]
    facts: list[Term]
    ways: list[Way] = field(default_factory=list)


class Product:
    """One attempt under one plan."""

    def __init__(
        self,
        solver: Solver,
        walkers: tuple[Walker, Walker],
        relator: Relator,
        runs: list[tuple[World, list[Visit], list[Visit]]],
        plan: Plan,
        deadline: float,
    ) -> None:
        self.solver, self.terms, self.difference = solver, solver.terms, solver.difference
        self.walkers, self.relator, self.plan = walkers, relator, plan
        self.deadline = deadline
        self.nodes: dict[Places, Node] = {}
        self.samples: dict[Places, list[Sample]] = {}
        self.unlike = 0
        """How often runs meet with another past."""
        for world, one, two in runs:
            self._simulate(world, (one, two))

    def prove(self) -> bool:
        """Say whether both versions do the same on every input, runs that do not end included."""
        try:
            waiting = self._arrivals(None)
            while waiting:
                node = self.nodes[waiting.pop(0)]
                waiting += [places for places in self._arrivals(node) if places not in waiting]
            return all(self._ends(side) for side in (0, 1))
        except NotAlignedError:
            return False

    # Runs

    def _simulate(self, world: World, runs: tuple[list[Visit], list[Visit]]) -> None:
        """Note which values meet at each node on a run."""
        at = [-1, -1]
        met: dict[Places, int] = {}
        while True:
            places = [ENTRY if i < 0 else run[i].at for i, run in zip(at, runs, strict=True)]
            ended = [not isinstance(place, int) for place in places]
            if all(ended):
                return
            turns = self.plan.turns(places[0], places[1])
            before = list(at)
            for side in (0, 1):
                at[side] = self._along(side, runs[side], at[side], turns[side])
            if min(at) < 0 or at == before:
                return
            after = [not isinstance(run[i].at, int) for i, run in zip(at, runs, strict=True)]
            if not any(ended) and after[0] != after[1]:
                side = int(after[0])
                at[side] = self._along(side, runs[side], at[side], ALONE)
                if at[side] < 0:
                    return
            one, two = (run[i] for i, run in zip(at, runs, strict=True))
            self.unlike += one.past != two.past
            count = met[one.at, two.at] = met.get((one.at, two.at), 0) + 1
            if count <= FIRST or not count & (count - 1):  # a few of each run
                self.samples.setdefault((one.at, two.at), []).append(Sample(world, (one, two)))

    def _along(self, side: int, run: list[Visit], at: int, turns: int) -> int:
        """Return the index of the visit that so many segments lead to; -2 where the run was cut off."""
        left = turns
        while left > 0 and (at < 0 or isinstance(run[at].at, int)):
            before: Place = ENTRY if at < 0 else run[at].at
            at += 1
            if at >= len(run):
                return -2
            left = self._left(side, before, run[at].at, left)
        return at

    def _left(self, side: int, before: Place, place: Place, left: int) -> int:
        """Return how many segments are left to go behind one that led to `place`."""
        if isinstance(place, int) and self.walkers[side].is_outside(before, place):
            return self.plan.peeled[side][place]
        return left - 1

    # Ways

    def _arrivals(self, node: Node | None) -> list[Places]:
        """Check all ways out of a node (None: the start); return the nodes that are new or know less now."""
        facts = conjunction(self.terms, *node.facts) if node else self.terms.const(1, 1)
        starts = [self._here(node, side) for side in (0, 1)]
        places = (starts[0].at, starts[1].at)
        turns = self.plan.turns(*places)
        weaker: list[Places] = []
        if node is not None:
            node.ways = []
        for condition, one, two in self._pairs(starts, turns, facts):
            if now() > self.deadline:
                raise NotAlignedError
            held = conjunction(self.terms, facts, condition)
            self._require_equal_past(held, one, two)
            if one.done and two.done:
                if not self.solver.never(held, self.difference.between(_outcome(one), _outcome(two))):
                    raise NotAlignedError
                continue
            incoming = [self._values(one, 0), self._values(two, 1)]
            to = (one.at, two.at)
            if to not in self.nodes:
                if len(self.nodes) >= MOST_NODES:
                    raise NotAlignedError
                self.nodes[to] = self._new(to, one, two, incoming, condition)
                weaker.append(to)
            if self._kept(self.nodes[to], held, one, two, incoming) and to not in weaker:
                weaker.append(to)
            if node is not None:
                named = {
                    self._hole(to, side, number): value
                    for side in (0, 1)
                    for number, value in incoming[side].items()
                }
                moved = (turns[0] > 0 and not starts[0].done, turns[1] > 0 and not starts[1].done)
                node.ways.append(Way(to=to, condition=held, incoming=named, moved=moved))
        return weaker

    def _here(self, node: Node | None, side: int) -> Here:
        if node is None:
            return self.walkers[side].start()
        at = node.places[side]
        if isinstance(at, int):
            state = State(node.history, node.memory, dict(node.values[side]))
            state.cells, state.reached = dict(node.objects[side]), dict(node.reached[side])
            return Here(at=at, state=state)
        result = [node.values[side][RESULT]] if RESULT in node.values[side] else []
        return Here(
            at=at,
            outcome=self.terms.make(at[0], (node.history, node.memory, *result), at[1], HISTORY),
        )

    def _pairs(
        self, starts: list[Here], turns: tuple[int, int], facts: Term
    ) -> list[tuple[Term, Here, Here]]:
        found: list[tuple[Term, Here, Here]] = []
        alone = starts[0].done or starts[1].done
        for first, one in self._advance(0, starts[0], turns[0], facts):
            for second, two in self._advance(1, starts[1], turns[1], conjunction(self.terms, facts, first)):
                way = conjunction(self.terms, first, second)
                if alone or one.done == two.done:
                    found.append((way, one, two))
                    continue
                side = int(one.done)
                more = self._advance(side, (one, two)[side], ALONE, conjunction(self.terms, facts, way))
                for third, end in more:
                    ends = (one, end) if side else (end, two)
                    found.append((conjunction(self.terms, way, third), *ends))
        return found

    def _advance(self, side: int, here: Here, turns: int, held: Term) -> list[tuple[Term, Here]]:
        """Return where a version is after so many segments, more where loops are entered (peeled)."""
        found: list[tuple[Term, Here]] = []
        waiting = [(self.terms.const(1, 1), here, turns)]
        while waiting:
            way, one, left = waiting.pop()
            if left <= 0 or one.done:
                found.append((way, one))
                continue
            if len(found) + len(waiting) > MOST_WAYS or now() > self.deadline:
                raise NotAlignedError
            steps = self.walkers[side].step(one)
            for condition, there in steps:
                longer = conjunction(self.terms, way, condition)
                if len(steps) > 1 and self.solver.never(held, longer):
                    continue
                waiting.append((longer, there, self._left(side, one.at, there.at, left)))
        return found

    def _require_equal_past(self, held: Term, one: Here, two: Here) -> None:
        (first, stored), (second, other) = _past(one), _past(two)
        differs = build(
            self.terms,
            "or",
            self.difference.between(first, second),
            self.difference.memories(stored, other),
        )
        if not self.solver.never(held, differs):
            raise NotAlignedError

    # What is known at a node

    def _values(self, here: Here, side: int) -> dict[int, Term]:
        if here.outcome is not None:
            return {RESULT: here.outcome.args[2]} if len(here.outcome.args) > 2 else {}
        assert here.state is not None
        assert isinstance(here.at, int)
        walker = self.walkers[side]
        return {
            number: here.state.values.get(number) or walker.value(number)
            for number in walker.variables(here.at)
        }

    def _hole(self, places: Places, side: int, number: int) -> Term:
        width = self.walkers[side].wide(number) if number != RESULT else self.walkers[side].result_width()
        return self.terms.make("hole", (), ("node", places, side, number), width)

    def _new(
        self, places: Places, one: Here, two: Here, incoming: list[dict[int, Term]], condition: Term
    ) -> Node:
        """Return a node with all that the runs suggest."""
        turn = self.terms.make("turn", (), ("node", places), HISTORY)
        history, stored = _past(one)
        if is_open(history) or history is not _past(two)[0] or is_open(stored) or stored is not _past(two)[1]:
            history, stored = turn, memory.base(self.terms, turn)
        holes = {
            (side, number): self._hole(places, side, number) for side in (0, 1) for number in incoming[side]
        }
        arriving = {(side, number): value for side in (0, 1) for number, value in incoming[side].items()}
        objects = [self._objects(here, side) for side, here in enumerate((one, two))]
        reached = [self._reached(here, side) for side, here in enumerate((one, two))]
        known = self.relator.relate(self.samples.get(places, []), holes, arriving, condition)
        values = [{number: known.values[side, number] for number in incoming[side]} for side in (0, 1)]
        return Node(
            places=places,
            history=history,
            memory=stored,
            values=(values[0], values[1]),
            objects=(objects[0], objects[1]),
            reached=(reached[0], reached[1]),
            facts=list(known.facts),
        )

    def _kept(self, node: Node, held: Term, one: Here, two: Here, incoming: list[dict[int, Term]]) -> bool:
        """Drop what a way in does not keep; say whether something was dropped."""
        if any(incoming[side].keys() != node.values[side].keys() for side in (0, 1)):
            raise NotAlignedError
        dropped = self._past_dropped(node, one, two)
        dropped |= self._objects_dropped(node, held, (one, two))
        names = {
            self._hole(node.places, side, number): value
            for side in (0, 1)
            for number, value in incoming[side].items()
        }
        goals: list[tuple[Term, tuple[int, int] | Term]] = []
        for side in (0, 1):
            for number, value in node.values[side].items():
                if value is not self._hole(node.places, side, number):
                    end = substitute(self.terms, value, names)
                    goals.append((build(self.terms, "eq", incoming[side][number], end), (side, number)))
        goals += [(substitute(self.terms, fact, names), fact) for fact in node.facts]
        goals = [(goal, what) for goal, what in goals if goal.op != "const" or not goal.data]
        for what in self._broken(held, goals):
            dropped = True
            if isinstance(what, Term):
                node.facts.remove(what)
            else:
                side, number = what
                node.values[side][number] = self._hole(node.places, side, number)
        self._require_told(node, incoming)
        return dropped

    def _require_told(self, node: Node, incoming: list[dict[int, Term]]) -> None:
        """Refuse a placeholder that may be the address of a local object: what is behind it is told by terms
        alone (M4)."""
        for side in (0, 1):
            for number, value in node.values[side].items():
                if (
                    number != RESULT
                    and value is not incoming[side][number]
                    and objects_in((incoming[side][number],))
                ):
                    raise NotAlignedError

    def _objects(self, here: Here, side: int) -> dict[int, Term]:
        if here.state is None:
            return {}
        assert isinstance(here.at, int)
        return {
            number: here.state.cells[number] for number in self.walkers[side].private(here.at, here.state)
        }

    def _reached(self, here: Here, side: int) -> dict[int, Term]:
        found = {}
        for number in self._objects(here, side):
            assert here.state is not None
            found[number] = here.state.reached[number]
            if found[number].op != "const":
                raise NotAlignedError
        return found

    def _objects_dropped(self, node: Node, held: Term, ends: tuple[Here, Here]) -> bool:
        """Keep of local objects' contents what every way in has: the same term, else the same contents as in
        the other version, else nothing."""
        dropped = False
        arriving = (self._objects(ends[0], 0), self._objects(ends[1], 1))
        before = (dict(node.objects[0]), dict(node.objects[1]))
        for side in (0, 1):
            if arriving[side].keys() != before[side].keys():
                raise NotAlignedError
            if self._reached(ends[side], side) != node.reached[side]:
                raise NotAlignedError
            for number, contents in arriving[side].items():
                kept = before[side][number]
                shared, own = self._epochs(node.places, side, number)
                if kept is own or (kept is contents and not is_open(kept)):
                    continue
                if objects_in((contents, kept)):
                    raise NotAlignedError
                alike = self._alike(held, side, number, arriving)
                if alike and kept is shared:
                    continue
                if kept is not shared and not is_open(kept):  # what came in before is to be alike, too
                    alike = alike and self._alike(self.terms.const(1, 1), side, number, before)
                node.objects[side][number] = shared if alike and kept is not own else own
                dropped = True
        return dropped

    def _epochs(self, places: Places, side: int, number: int) -> tuple[Term, Term]:
        """Return what stands for contents that both versions' objects share, and for one's own."""
        term = self.walkers[side].objects[number]
        names = (("object", places, term.data), ("object", places, side, number))
        found = [memory.base(self.terms, self.terms.make("turn", (), name, HISTORY)) for name in names]
        return found[0], found[1]

    def _alike(
        self, held: Term, side: int, number: int, arriving: tuple[dict[int, Term], dict[int, Term]]
    ) -> bool:
        """Say whether the other version's object of the same name holds the same."""
        term = self.walkers[side].objects[number]
        for other, contents in arriving[1 - side].items():
            if self.walkers[1 - side].objects[other] is not term:
                continue
            past = memory.base(self.terms, entry_history(self.terms))
            shown = [memory.reveal(self.terms, past, term, one) for one in (arriving[side][number], contents)]
            return self.solver.never(held, self.difference.memories(*shown))
        return False

    def _past_dropped(self, node: Node, one: Here, two: Here) -> bool:
        if node.history.op == "turn":
            return False
        if all(_past(here) == (node.history, node.memory) for here in (one, two)):
            return False
        node.history = self.terms.make("turn", (), ("node", node.places), HISTORY)
        node.memory = memory.base(self.terms, node.history)
        return True

    def _broken(
        self, held: Term, goals: list[tuple[Term, tuple[int, int] | Term]]
    ) -> list[tuple[int, int] | Term]:
        """Return which goals are not proved under `held`: those that models refute, and those unanswered."""
        broken: list[tuple[int, int] | Term] = []
        while goals:
            some = self.terms.const(0, 1)
            for goal, _ in goals:
                some = build(self.terms, "or", some, build(self.terms, "not", goal))
            question = conjunction(self.terms, held, some)
            if question.op == "const" and not question.data:
                return broken
            try:
                model = self.solver.ask(question)
            except UnansweredError:
                proved = [self.solver.never(held, build(self.terms, "not", goal)) for goal, _ in goals]
                return broken + [what for (_, what), sure in zip(goals, proved, strict=True) if not sure]
            if model is None:
                return broken
            false = [what for goal, what in goals if not model.value(goal)]
            if not false:
                raise NotAlignedError
            broken += false
            goals = [(goal, what) for goal, what in goals if what not in false]
        return broken

    # Ends

    def _ends(self, side: int) -> bool:
        """Say whether a version cannot go on for ever while the other stands still: on each such way round a
        measure falls."""
        alone = {
            places: [way for way in node.ways if way.moved[side] and not way.moved[1 - side]]
            for places, node in self.nodes.items()
        }
        for places, ways in alone.items():
            if any(places in self._from(alone, way.to, places) for way in ways if way.to != places):
                return False
            rounds = [way for way in ways if way.to == places]
            if rounds and not any(
                self._falls(one, op, rounds)
                for one in self._measures(places, rounds)
                for op in ("ult", "slt")
            ):
                return False
        return True

    def _from(self, alone: dict[Places, list[Way]], start: Places, goal: Places) -> set[Places]:
        found: set[Places] = set()
        waiting = [start]
        while waiting:
            places = waiting.pop()
            if places not in found:
                found.add(places)
                waiting.extend(way.to for way in alone.get(places, ()))
        return found

    def _measures(self, places: Places, ways: list[Way]) -> list[Term]:
        terms = self.terms
        found: dict[Term, None] = {}
        for atom in atoms([way.condition for way in ways], lambda term: term.args[0].width > 1):
            if not _stands(atom, places):
                continue
            for one, two in (atom.args, atom.args[::-1]):
                less = build(terms, "mul", two, terms.const(-1, two.width))
                found[build(terms, "add", one, less)] = None
        for way in ways:
            for hole in way.incoming:
                if hole.width > 1:
                    found[hole] = None
                    found[build(terms, "not", hole)] = None
        return list(found)[:40]

    def _falls(self, measure: Term, op: str, ways: list[Way]) -> bool:
        """Say whether a measure gets smaller on each way round: any strict order of so many bits has an
        end."""
        terms = self.terms
        for way in ways:
            after = substitute(terms, measure, way.incoming)
            if not self.solver.never(way.condition, build(terms, "not", build(terms, op, after, measure))):
                return False
        return True


def _outcome(here: Here) -> Term:
    assert here.outcome is not None
    return here.outcome


def _stands(term: Term, places: Places) -> bool:
    """Say whether a term is the same on the next way round but for the placeholders: while the other version
    stands still, history and memory do."""
    return all(part.data == ("node", places) for part in subterms(term) if part.op == "turn")


def _past(here: Here) -> tuple[Term, Term]:
    """Return history and memory at a place."""
    if here.outcome is not None:
        return here.outcome.args[0], here.outcome.args[1]
    assert here.state is not None
    return here.state.history, here.state.memory

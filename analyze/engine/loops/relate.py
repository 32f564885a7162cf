"""What runs suggest of two versions' variables at a pair of places (rule L8): terms of one another, facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import Any

from .. import ctype, memory
from ..evaluate import is_signed
from ..simplify import build, mask, resize, signed
from ..term import Term, Terms, subterms
from .concrete import Visit, World, atoms
from .guess import relations, whole
from .walk import Walker, is_open

MOST_SAMPLES = 100
MOST_FACTS = 60
MOST_STEPS = 3
Name = tuple[int, int]
"""A side and the number of its variable."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What two runs hold where they meet."""

    world: World
    visits: tuple[Visit, Visit]

    def value(self, name: Name) -> int:
        """Return a variable's value, modulo its width."""
        side, number = name
        visit = self.visits[side]
        found = visit.result if number < 0 else visit.values[number]
        return found or 0


@dataclass(slots=True)
class Known:
    """What is known at a place: each variable as a term of others (or its own placeholder), and facts."""

    values: dict[Name, Term] = field(default_factory=dict)
    facts: list[Term] = field(default_factory=list)


class Relator:
    """Guesses relations. `compared` are the terms that conditions compare variables with, `divisors` the
    constants that they are divided by."""

    def __init__(
        self,
        terms: Terms,
        inputs: list[Term],
        conditions: list[Term],
        others: list[Term],
        walkers: tuple[Walker, Walker],
    ) -> None:
        self.walkers = walkers
        self.types = {
            walker.start_values()[one.number]: one.type
            for walker in walkers
            for one in walker.function.parameters
            if one.number in walker.start_values()
        }
        self.terms, self.inputs = terms, inputs
        self.orders = sorted({term.op for term in atoms(conditions, lambda term: True)} - {"eq"}) or ["slt"]
        self.compared = _closed_operands(conditions)
        self.divisors = list(
            dict.fromkeys(
                (term.op, term.args[1])
                for term in subterms(*conditions, *others)
                if term.op in ("sdiv", "udiv") and term.args[1].op == "const"
            )
        )

        moves: list[Any] = [term.data for term in subterms(*conditions, *others) if term.op == "plus"]
        self.steps: list[tuple[str, int | None]] = list(dict.fromkeys(moves))[:MOST_STEPS]

    def relate(
        self, samples: list[Sample], holes: dict[Name, Term], arriving: dict[Name, Term], condition: Term
    ) -> Known:
        """Return all that the samples, and the first way in, allow to be guessed."""
        samples = samples[:MOST_SAMPLES]
        known = Known()
        columns: dict[int, list[tuple[Term, list[int]]]] = {}
        for term in self.inputs:
            if term.width > 1:
                data = [signed(one.world.input(term), term.width) for one in samples]
                self._add(columns, term, data, known, is_signed(self.types.get(term, ctype.INT)))
        for name, hole in holes.items():
            data = [signed(one.value(name), hole.width) for one in samples]
            term = arriving[name]
            if not is_open(term) and all(one.world.value(term, {}) == one.value(name) for one in samples):
                known.values[name] = term
                self._add(columns, term, data, known, self._sign(name))
            elif (moved := self._moved(known, holes, samples, name)) is not None:
                known.values[name] = moved
            elif hole.width == 1:
                known.values[name] = self._same_bit(known, holes, samples, name)
            else:
                known.values[name] = self._add(columns, hole, data, known, self._sign(name)) or hole
        if samples:
            known.facts += self._facts(samples, holes, known, condition)
        known.facts = [fact for fact in dict.fromkeys(known.facts) if fact.op != "const"][:MOST_FACTS]
        return known

    def _sign(self, name: Name) -> bool:
        side, number = name
        function = self.walkers[side].function
        return is_signed(function.result if number < 0 else function.variables[number].type)

    def _moved(self, known: Known, holes: dict[Name, Term], samples: list[Sample], name: Name) -> Term | None:
        """Return a pointer as another one and an index, in elements of a type that is moved by somewhere."""
        if holes[name].width != 64 or not self.steps or not samples:
            return None
        own = {holes[other]: other for other, value in known.values.items() if value is holes[other]}
        bases = [term for term in (*self.inputs, *own) if term.width == 64]
        indices = [term for term in own if term.width > 1]
        for of, base, index in product(self.steps, bases, indices):
            wide = resize(self.terms, index, 64, self._sign(own[index]))
            term = memory.plus(self.terms, base, wide, *of)
            if all(
                one.world.value(term, {hole: one.value(other) for hole, other in own.items()})
                == one.value(name)
                for one in samples
            ):
                return term
        return None

    def _same_bit(self, known: Known, holes: dict[Name, Term], samples: list[Sample], name: Name) -> Term:
        for other, value in known.values.items():
            if (
                value is holes[other]
                and value.width == 1
                and all(one.value(other) == one.value(name) for one in samples)
            ):
                return value
        return holes[name]

    def _add(
        self,
        columns: dict[int, list[tuple[Term, list[int]]]],
        term: Term,
        data: list[int],
        known: Known,
        sign: bool = True,
    ) -> Term | None:
        """Return a term as a sum of others that are known of its width; None: it is a new one, or a multiple
        of it is such a sum, which is a fact."""
        terms = self.terms
        group = columns.setdefault(term.width, [(terms.const(1, term.width), [1] * len(data))])
        if not data:
            return None
        found = relations([column for _, column in group], data)
        if found is None:
            group.append((term, data))
            for wide in (32, 64):
                if 1 < term.width < wide:
                    whole_data = data if sign else [value & mask(term.width) for value in data]
                    self._add(columns, resize(terms, term, wide, sign), whole_data, known)
            return None
        under, factors = whole(found)
        total = terms.const(0, term.width)
        for factor, (part, _) in zip(factors, group, strict=True):
            if factor:
                scaled = build(terms, "mul", part, terms.const(factor, term.width))
                total = build(terms, "add", total, scaled)
        if under == 1:
            return total
        left = build(terms, "mul", term, terms.const(under, term.width))
        known.facts.append(build(terms, "eq", left, total))
        return None

    def _facts(
        self, samples: list[Sample], holes: dict[Name, Term], known: Known, condition: Term
    ) -> list[Term]:
        terms = self.terms
        found: list[Term] = []
        for atom in atoms([condition], lambda term: not is_open(term)):
            seen = {one.world.value(atom, {}) for one in samples}
            if len(seen) == 1:
                found.append(atom if seen == {1} else build(terms, "not", atom))
        closed = dict.fromkeys((*self.compared, *_closed_operands([condition])))
        own = [name for name, hole in holes.items() if known.values[name] is hole and hole.width > 1]
        for name in own:
            hole = holes[name]
            mine = [one.value(name) for one in samples]
            others = [
                (term, [one.world.value(term, {}) for one in samples])
                for term in closed
                if term.width == hole.width
            ]
            others += [
                (holes[other], [one.value(other) for one in samples])
                for other in own
                if other > name and holes[other].width == hole.width
            ]
            for term, theirs in others:
                found += self._order(hole, mine, term, theirs)
        for one, two in product(own, own):
            if one[0] != two[0] and holes[one].width == holes[two].width:
                found += self._quotients(samples, holes, one, two)
        return found

    def _order(self, one: Term, mine: list[int], two: Term, theirs: list[int]) -> list[Term]:
        terms, width = self.terms, one.width
        found = []
        if all(a != b for a, b in zip(mine, theirs, strict=True)):
            found.append(build(terms, "not", build(terms, "eq", one, two)))
        for op in self.orders:
            pairs = list(zip(mine, theirs, strict=True))
            if op == "slt":
                pairs = [(signed(a, width), signed(b, width)) for a, b in pairs]
            if all(a <= b for a, b in pairs):
                found.append(build(terms, "not", build(terms, op, two, one)))
                if all(a < b for a, b in pairs):
                    found.append(build(terms, op, one, two))
            if all(a >= b for a, b in pairs):
                found.append(build(terms, "not", build(terms, op, one, two)))
                if all(a > b for a, b in pairs):
                    found.append(build(terms, op, two, one))
        return found

    def _quotients(self, samples: list[Sample], holes: dict[Name, Term], one: Name, two: Name) -> list[Term]:
        found = []
        for op, divisor in self.divisors:
            if divisor.width == holes[one].width:
                quotient = build(self.terms, op, holes[one], divisor)
                fact = build(self.terms, "eq", holes[two], quotient)
                if all(
                    sample.world.value(fact, {holes[one]: sample.value(one), holes[two]: sample.value(two)})
                    for sample in samples
                ):
                    found.append(fact)
        return found


def _closed_operands(conditions: list[Term]) -> list[Term]:
    """Return what conditions compare that is the same at every visit, zero beside it."""
    found: dict[Term, None] = {}
    for atom in atoms(conditions, lambda term: term.args[0].width > 1):
        for arg in atom.args:
            if not is_open(arg):
                found[arg] = None
    return list(found)

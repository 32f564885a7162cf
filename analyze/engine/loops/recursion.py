"""Recursive arithmetic of two versions proved equal (rule L9).

A function that calls only itself, and computes, is the one solution of its equation `f(x) = body(x; f)` where
every call of itself makes a measure smaller. So a term that satisfies the equation of one version is that
version: the other version's function is tried, on arguments and with summands that runs suggest, and terms
without any call. Of the other version nothing but its equation is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product

from .. import ir
from ..clock import now
from ..difference import Difference
from ..evaluate import NoValueError
from ..graph import IrreducibleError
from ..memory import Rules
from ..pairing import substitute
from ..simplify import FOLD, build, conjunction, ite, mask, resize, signed
from ..solve import Solver
from ..term import Term, Terms, TooManyTermsError, subterms
from ..unroll import TooManyBlocksError
from .concrete import atoms
from .equation import Equation, NotPlainError, version
from .guess import relations, whole

STEPS = 6_000_000
GRID = (0, 1, 2, 3, 4, 5, 8, -1, -2, -5, 11)
MOST_POINTS = 150
MOST_CALLS = 400
"""Calls of one concrete run."""
UNFOLDED = 3
"""How often an equation is used on the calls that it has itself brought in."""
MOST_UNFOLDED = 24


def prove_recursive(
    functions: tuple[ir.Function, ir.Function],
    bodies: tuple[dict[str, ir.Function], dict[str, ir.Function]],
    deadline: float,
) -> bool:
    """Say whether two functions are proved equal that compute by recursion. Never raises."""
    try:
        return Recursion(deadline).prove(functions, bodies)
    except (
        NotPlainError,
        NoValueError,
        IrreducibleError,
        RecursionError,
        TooManyTermsError,
        TooManyBlocksError,
    ):
        return False


class Recursion:
    """One comparison."""

    def __init__(self, deadline: float) -> None:
        self.terms = Terms()
        self.deadline = deadline
        difference = Difference(self.terms, Rules())
        self.solver = Solver(difference, deadline, STEPS)

    def prove(
        self,
        functions: tuple[ir.Function, ir.Function],
        bodies: tuple[dict[str, ir.Function], dict[str, ir.Function]],
    ) -> bool:
        """Say whether both functions are total and give equal results."""
        one, two = (
            version(self.terms, side, function, known)
            for side, function, known in zip(("pre", "post"), functions, bodies, strict=True)
        )
        if not all(self._ends(each.recursive) for each in (one, two)):
            return False
        for term in self._without_calls(one.recursive, two.recursive):
            if now() > self.deadline:
                return False
            if self._solves(one.recursive, term, None) and self._solves(two.recursive, term, None):
                left = self._replaced(one.whole.value, one.recursive, term)
                right = self._replaced(two.whole.value, two.recursive, term)
                if self._equal(left, right, None):
                    return True
        for base, other in ((one, two), (two, one)):
            for term in self._in_terms_of(base.recursive, other.recursive):
                if now() > self.deadline:
                    return False
                if self._solves(other.recursive, term, base.recursive):
                    right = self._replaced(other.whole.value, other.recursive, term)
                    if self._equal(base.whole.value, right, base.recursive):
                        return True
        return False

    def _ends(self, one: Equation) -> bool:
        """Say whether every run ends: some measure falls with each call."""
        if not one.calls:
            return True
        terms = self.terms
        measures: dict[Term, None] = {}
        for term in one.parameters:
            measures[term] = None
            measures[build(terms, "not", term)] = None
        for atom in atoms([way for way, _ in one.calls], lambda term: term.args[0].width > 1):
            for left, right in (atom.args, atom.args[::-1]):
                if not _has_calls(left) and not _has_calls(right):
                    measures[self._minus(left, right)] = None
        return any(self._falls(one, measure, op) for measure in measures for op in ("ult", "slt"))

    def _falls(self, one: Equation, measure: Term, op: str) -> bool:
        """Say whether each call makes a measure smaller: any strict order of so many bits has an end."""
        for way, args in one.calls:
            after = substitute(self.terms, measure, dict(zip(one.parameters, args, strict=True)))
            if not self.solver.never(way, build(self.terms, "not", build(self.terms, op, after, measure))):
                return False
        return True

    # Proofs

    def _solves(self, one: Equation, term: Term, base: Equation | None) -> bool:
        """Say whether a term of the parameters satisfies a function's equation."""
        return self._equal(term, self._replaced(one.value, one, term), base)

    def _replaced(self, value: Term, one: Equation, term: Term) -> Term:
        """Return a value with a function's results replaced by a term of its parameters."""
        names: dict[Term, Term] = {}
        for part in subterms(value):
            if part.op == "result" and part.data == one.label:
                args = [substitute(self.terms, arg, names) for arg in part.args]
                names[part] = substitute(self.terms, term, dict(zip(one.parameters, args, strict=True)))
        return substitute(self.terms, value, names)

    def _equal(self, left: Term, right: Term, base: Equation | None) -> bool:
        """Say whether two values are equal, given that results of `base` obey its equation."""
        differ = build(self.terms, "not", build(self.terms, "eq", left, right))
        held = self.terms.const(1, 1)
        seen: set[Term] = set()
        for _ in range(UNFOLDED if base else 0):
            assert base is not None
            fresh = [
                part
                for part in subterms(differ, held)
                if part.op == "result" and part.data == base.label and part not in seen
            ]
            for part in fresh[: MOST_UNFOLDED - len(seen)]:
                seen.add(part)
                value = substitute(self.terms, base.value, dict(zip(base.parameters, part.args, strict=True)))
                held = conjunction(self.terms, held, build(self.terms, "eq", part, value))
        return self.solver.never(held, differ)

    def _minus(self, one: Term, two: Term) -> Term:
        less = build(self.terms, "mul", two, self.terms.const(-1, two.width))
        return build(self.terms, "add", one, less)

    # Guesses

    def _in_terms_of(self, base: Equation, other: Equation) -> Iterator[Term]:
        """Yield terms of the results of `base` that the other function's runs agree with."""
        count = len(base.parameters)
        if count > len(other.parameters):
            return
        points = _points(other.parameters)
        values = [_Run(other).result(point) for point in points]
        for chosen in list(permutations(range(len(other.parameters)), count))[:12]:
            args = [other.parameters[place] for place in chosen]
            if [arg.width for arg in args] != [one.width for one in base.parameters]:
                continue
            result = self.terms.make("result", tuple(args), base.label, base.value.width)
            if result.width != other.value.width:
                continue
            theirs = [_Run(base).result([point[place] for place in chosen]) for point in points]
            known = [
                (point, value, their)
                for point, value, their in zip(points, values, theirs, strict=True)
                if value is not None and their is not None
            ]
            if not known:
                continue
            columns = [[signed(their, result.width) for _, _, their in known]]
            columns += [[1] * len(known)]
            columns += [
                [signed(point[place], one.width) for point, _, _ in known]
                for place, one in enumerate(other.parameters)
            ]
            target = [signed(value, result.width) for _, value, _ in known]
            yield from self._fitted([result, None, *other.parameters], columns, target, result.width)

    def _fitted(
        self, parts: list[Term | None], columns: list[list[int]], target: list[int], width: int
    ) -> Iterator[Term]:
        """Yield the sum of parts (None: one) that gives the target, if there is one."""
        kept: list[int] = []
        for place, column in enumerate(columns):
            if relations([columns[one] for one in kept], column) is None:
                kept.append(place)
        found = relations([columns[place] for place in kept], target)
        if found is None:
            return
        under, factors = whole(found)
        if under != 1:
            return
        total = self.terms.const(0, width)
        for factor, place in zip(factors, kept, strict=True):
            part = parts[place]
            term = self.terms.const(1, width) if part is None else resize(self.terms, part, width, True)
            total = build(
                self.terms, "add", total, build(self.terms, "mul", term, self.terms.const(factor, width))
            )
        yield total

    def _without_calls(self, one: Equation, two: Equation) -> Iterator[Term]:
        """Yield terms of the parameters alone that the runs of both agree with: a sum of them under each of a
        condition's answers."""
        widths = [[part.width for part in (*each.parameters, each.value)] for each in (one, two)]
        if widths[0] != widths[1]:
            return
        points = _points(one.parameters)
        known = []
        for point in points:
            value, other = _Run(one).result(point), _Run(two).result(point)
            if value is not None and value == other:
                known.append((point, value))
        conditions = [
            atom
            for atom in atoms([one.value, two.value], lambda term: not _has_calls(term))
            if any(part.op == "input" for part in subterms(atom))
        ]
        width = one.value.width
        for condition in conditions[:6]:
            arms: list[Term] = []
            for answer in (1, 0):
                some = [
                    (point, value)
                    for point, value in known
                    if _Run(one).value(condition, dict(zip(one.parameters, point, strict=True))) == answer
                ]
                columns = [[1] * len(some)]
                columns += [
                    [signed(point[place], part.width) for point, _ in some]
                    for place, part in enumerate(one.parameters)
                ]
                target = [signed(value, width) for _, value in some]
                arms += list(self._fitted([None, *one.parameters], columns, target, width)) if some else []
            if len(arms) == 2:
                yield ite(self.terms, condition, *arms)


class _Run:
    """A concrete run of a recursive function."""

    def __init__(self, one: Equation) -> None:
        self.one = one
        self.left = MOST_CALLS

    def result(self, point: list[int]) -> int | None:
        """Return what the function gives; None: too many calls, or nothing that is told."""
        try:
            return self.value(self.one.value, dict(zip(self.one.parameters, point, strict=True)))
        except (_TooManyCallsError, RecursionError):
            return None

    def value(self, term: Term, known: dict[Term, int]) -> int:
        """Return a term's value; an arm that is not chosen is not looked at."""
        if term in known:
            return known[term]
        found = self._value(term, known)
        known[term] = found
        return found

    def _value(self, term: Term, known: dict[Term, int]) -> int:
        if term.op == "const":
            return int(term.data)  # type: ignore[call-overload,no-any-return]
        if term.op == "ite":
            return self.value(term.args[1 if self.value(term.args[0], known) else 2], known)
        args = [self.value(arg, known) for arg in term.args]
        if term.op == "result":
            self.left -= 1
            if self.left < 0:
                raise _TooManyCallsError
            return self.value(self.one.value, dict(zip(self.one.parameters, args, strict=True)))
        if term.op == "not":
            return args[0] ^ mask(term.width)
        if term.op in ("zext", "sext", "trunc"):
            wide = signed(args[0], term.args[0].width) if term.op == "sext" else args[0]
            return wide & mask(term.width)
        found = FOLD[term.op](args[0], args[1], term.args[0].width) if term.op in FOLD else None
        if found is None:
            raise _TooManyCallsError
        return found & mask(term.width)


class _TooManyCallsError(Exception):
    """A concrete run is too long."""


def _points(parameters: tuple[Term, ...]) -> list[list[int]]:
    few = GRID if len(parameters) == 1 else GRID[:8] if len(parameters) == 2 else GRID[:4]
    found = [list(point) for point in product(few, repeat=len(parameters))][:MOST_POINTS]
    return [
        [value & mask(one.width) for value, one in zip(point, parameters, strict=True)] for point in found
    ]


def _has_calls(term: Term) -> bool:
    return any(part.op == "result" for part in subterms(term))

"""Questions to the solver (rules S2 to S4, T6, V2). With again.py the only importer of z3.

A one-bit term is asked for satisfiability. What the bit-vector theory does not know (reads, answers,
outputs) is a constant of its own; equal arguments with unequal values are forbidden one by one when a model
shows them (S3), so that unsatisfiable is a proof and a model is consistent.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import z3

from .clock import now
from .difference import Difference
from .error_numbers import ERROR_NUMBERS
from .leaves import (
    ADDRESSED,
    CLOSED,
    FUNCTIONS,
    OBSERVED,
    OUTER,
    is_hard,
    is_leaf,
    is_tainted,
    least_widths,
    subterms_of_values,
    subterms_with_addresses,
    unsteady,
)
from .memory import Field, root
from .simplify import build
from .term import HISTORY, MEMORY, Term
from .usual_values import KNOWN, RELATED, usual_values

MODES = ((32, True), (32, False), (64, True), (64, False))
"""What an unknown type may be (T2): bits, signed."""
NARROW = (8, False)
"""What it may be too, for a difference: an u8 or an u16 shows no more than what all types share."""
ANSWERED = (32, True)
"""What a call answers whose function is not declared here, in place of the narrowest: an int, as C had it."""
MAX_ERRNO = 4095
"""include/linux/err.h."""
SMALL = 64
"""What usual() takes for a small number, on either side of 0."""
MOST_ROUNDS = 40
QUERY_STEPS = 40_000_000
"""The solver's own measure of work for one question, one to four seconds: the same on every machine."""
SLOWER = 4.0
"""Seconds of a busy machine for a second of the processor, for the solver's own clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Values of leaves, and of conditions, under which a question is answered yes."""

    _model: z3.ModelRef
    _solver: Solver

    def value(self, term: Term) -> int:
        """Return the value of a bit-vector term."""
        return self._solver.evaluate(self._model, term)


Condition: TypeAlias = z3.BoolRef
"""What the solver is told beside a question."""


class Solver:
    """One solver for the questions of one comparison. `deadline` is a time of clock.now()."""

    def __init__(self, difference: Difference, deadline: float, query_steps: int = QUERY_STEPS) -> None:
        self.difference, self.deadline, self.query_steps = difference, deadline, query_steps
        self.terms = difference.terms
        self.context = z3.Context()
        self.mode: tuple[int, bool] | None = None
        self.abstract = False
        """Whether hard arithmetic stands as a function of its operands."""
        self.pointers: frozenset[Term] = frozenset()
        """What a version dereferences anywhere."""
        self.answers: Mapping[str, frozenset[int]] = {}
        """What functions answer that return a few constants alone (C4); for the search of a difference."""
        self.tested: frozenset[Term] = frozenset()
        """Pointers that a version tests: what else is dereferenced is valid (F3)."""
        self.certain = False
        """Whether doubts are taken as false: where one is true the two differ anyway (V2)."""
        self._known: dict[tuple[Term, object], z3.BitVecRef] = {}
        self._congruences: dict[tuple[Term, Term], Term] = {}
        """Leaves that had equal arguments and unequal values in some model: what says that their arguments
        differ."""
        self.queries = 0

    # Terms to z3

    def render(self, term: Term) -> z3.BitVecRef:
        """Return the term as an expression; one bit is a bit-vector of one bit.

        Raises:
            UnansweredError: values of two widths meet.
        """
        how = self._how()
        known = self._known
        waiting = [term]
        while waiting:
            one = waiting[-1]
            if (one, how) in known:
                waiting.pop()
                continue
            parts = () if one.op in CLOSED else one.args
            missing = [part for part in parts if part.width > 0 and (part, how) not in known]
            if missing:
                waiting += missing
                continue
            try:
                known[one, how] = self._rendered(one)
            except z3.Z3Exception as error:  # what is no C assigns a struct to a number
                raise UnansweredError("values of types that do not fit") from error
        return known[term, how]

    def _how(self) -> tuple[object, ...]:
        return (self.mode, self.abstract, self.certain)

    def _rendered(self, term: Term) -> z3.BitVecRef:
        context = self.context
        if term.op == "const":
            return z3.BitVecVal(term.data, term.width, context)
        if self.certain and term.op == "doubt":
            return z3.BitVecVal(0, 1, context)
        if self.is_leaf(term):
            return z3.BitVec(f"t{term.number}", term.width, context)
        args = [self._known[arg, self._how()] for arg in term.args]
        if term.op in ("free", "converted"):
            return self._typed(term, args)
        return _operation(term, args, self._offset)

    def is_leaf(self, term: Term) -> bool:
        """Say whether a term is a constant of its own as things are asked now."""
        if self.certain and term.op == "doubt":
            return False
        return is_leaf(term, self.mode) or (self.abstract and is_hard(term))

    def _is_tainted(self, term: Term) -> bool:
        if self.certain and term.op == "doubt":
            return False
        return is_tainted(term) or (self.abstract and is_hard(term))

    def _offset(self, of: object) -> z3.BitVecRef:
        return z3.ZeroExt(44, z3.BitVec(f"offset {of}", 20, self.context))

    def _typed(self, term: Term, args: list[z3.BitVecRef]) -> z3.BitVecRef:
        """An operation on unknown types under the mode's type (T2)."""
        assert self.mode is not None
        bits, sign = self.mode
        if term.op == "converted":
            wide = max(bits, 32)  # nobody gives an u8 what does not fit
            return _extended(z3.Extract(wide - 1, 0, args[0]), 64, sign or wide > bits)
        assert isinstance(term.data, tuple)
        op, kinds = term.data
        width, signed_ = _common([_kind(kind, self.mode) for kind in kinds])
        cut = [z3.Extract(width - 1, 0, arg) if width < 64 else arg for arg in args]
        found = _arithmetic(op, cut, signed_)
        return found if term.width == 1 else _extended(found, 64, signed_)

    # Questions

    def ask(
        self, question: Term, excluded: Iterable[Term] = (), extra: Iterable[z3.BoolRef] = ()
    ) -> Model | None:
        """Return a model of `question` in which each of `excluded` is false; None where there is none.

        Raises:
            UnansweredError: the solver gave up, or the time is over.
        """
        excluded, extra = list(excluded), list(extra)
        if not self.abstract and any(is_hard(term) for term in subterms_of_values(question, *excluded)):
            self.abstract = True
            try:
                if self._ask(question, excluded, []) is None:
                    return None
            except UnansweredError:
                pass
            finally:
                self.abstract = False
        return self._ask(question, excluded, extra)

    def _ask(
        self, question: Term, excluded: list[Term], extra: list[z3.BoolRef], also: Iterable[Term] = ()
    ) -> Model | None:
        # a model is found sooner without the preprocessing that a proof needs
        solver = z3.SimpleSolver(ctx=self.context) if self.certain else z3.Solver(ctx=self.context)
        solver.add(self.true(question), *(z3.Not(self.true(term)) for term in excluded), *extra)
        roots = [question, *excluded, *also]
        solver.add(*self.facts(roots))
        for _ in range(MOST_ROUNDS):
            model = self.check(solver)
            if model is None:
                return None
            broken = self.broken(model, roots)
            if not broken:
                return Model(_model=model, _solver=self)
            solver.add(*broken)
        raise UnansweredError("congruences")

    def check(self, solver: z3.Solver, *assumed: z3.BoolRef) -> z3.ModelRef | None:
        """Return a model of what a z3 solver was told; None where there is none.

        Raises:
            UnansweredError: the solver gave up, or the time is over.
        """
        left = self.deadline - now()
        if left <= 0:
            raise UnansweredError("budget")
        solver.set("rlimit", self.query_steps)
        solver.set("timeout", int(left * 1000 * SLOWER))
        self.queries += 1
        answer = solver.check(*assumed)
        if answer == z3.unknown:
            raise UnansweredError("budget" if now() > self.deadline else "solver")
        return solver.model() if answer == z3.sat else None

    def never(self, held: Term, what: Term) -> bool:
        """Say whether it is proved that `what` is false wherever `held` is true."""
        question = build(self.terms, "and", held, what)
        if question.op == "const":
            return not question.data
        try:
            return self.ask(question) is None
        except UnansweredError:
            return False

    def true(self, term: Term) -> z3.BoolRef:
        """Return a one-bit term as a condition."""
        return self.render(term) == z3.BitVecVal(1, 1, self.context)

    def facts(self, roots: list[Term]) -> list[z3.BoolRef]:
        """Return what holds of addresses and configurations whatever the input (M3, T7, T12), and the
        congruences that earlier questions asked for; their terms join `roots`."""
        found: list[z3.BoolRef] = []
        places = []
        for term in subterms_of_values(*roots):
            if term.op in ("object", "global", "text", "function"):
                here = self.render(term)
                places.append(here)
                found.append(z3.UGE(here, 1 << 20))
                found.append(z3.ULE(here, (1 << 64) - (1 << 20)))
            elif term.op == "apart" and term.data[1] is not None:  # type: ignore[index]
                left, right = (self.render(arg) for arg in term.args)
                found.append(self.render(term) * term.data[1] == left - right)  # type: ignore[index]
            elif ("no error", term) in self.terms.memo and term.width == 64:
                found.append(z3.ULT(self.render(term), (1 << 64) - MAX_ERRNO))
            elif term.op == "config" and str(term.data).startswith("m:"):
                other = self.terms.make("config", (), "y:" + str(term.data)[2:], 1)
                found.append(z3.Not(z3.And(self.true(term), self.true(other))))
        if len(places) > 1:
            found.append(z3.Distinct(*places))
        return found + self._answered(roots) + self._remembered(roots)

    def _answered(self, roots: Iterable[Term]) -> list[z3.BoolRef]:
        """Return that functions answer what their bodies can answer (C4)."""
        found = []
        for term in subterms_of_values(*roots) if self.answers else ():
            values = self.answers.get(getattr(term.args[0].data, "name", "")) if term.op == "answer" else None
            if values is not None:
                here = self.render(term)
                low = z3.Extract(31, 0, here) if term.width > 32 else here  # its type may not be told
                found.append(z3.Or(*(low == value for value in sorted(values))))
        return found

    def is_answered(self, model: Model, question: Term) -> bool:
        """Say whether functions answer in a model what their bodies can answer."""
        return self._satisfies(model, self._answered([question]))

    def evaluate(self, model: z3.ModelRef, term: Term) -> int:
        """Return a bit-vector term's value in a model."""
        return int(model.eval(self.render(term), model_completion=True).as_long())

    def broken(self, model: z3.ModelRef, roots: list[Term]) -> list[z3.BoolRef]:
        """Return the congruences that a model violates: equal arguments, unequal values (S3)."""
        found: list[z3.BoolRef] = []
        values: dict[Term, int] = {}

        def value(term: Term) -> int:
            if term not in values:
                values[term] = self.evaluate(model, term)
            return values[term]

        for group in self._groups(roots):
            for index, one in enumerate(group):
                for two in group[:index]:
                    if value(one) == value(two) or any(
                        left.width == right.width > 0
                        and not {left.op, right.op} & {"object", "ite"}
                        and value(left) != value(right)
                        for left, right in zip(one.args, two.args, strict=True)
                    ):
                        continue
                    differing = self._arguments_differ(one, two)
                    if differing is None or value(differing):
                        continue
                    roots.append(differing)
                    self._congruences[one, two] = differing
                    found.append(z3.Or(self.true(differing), self.render(one) == self.render(two)))
            if len(found) > 200:
                break
        return found

    def _remembered(self, roots: list[Term]) -> list[z3.BoolRef]:
        """Return the congruences that earlier questions asked for, of leaves that this one has too."""
        here = set(subterms_of_values(*roots))
        found: list[z3.BoolRef] = []
        for (one, two), differing in self._congruences.items():
            if one in here and two in here and self.is_leaf(one) and self.is_leaf(two):
                roots.append(differing)
                found.append(z3.Or(self.true(differing), self.render(one) == self.render(two)))
        return found

    def _groups(self, roots: list[Term]) -> list[list[Term]]:
        """Return the leaves that are applications of one function each."""
        groups: dict[tuple[object, ...], list[Term]] = {}
        for term in subterms_of_values(*roots):
            if (term.op in FUNCTIONS or is_hard(term)) and self.is_leaf(term):
                groups.setdefault((term.op, term.data, term.width, len(term.args)), []).append(term)
        return list(groups.values())

    def _arguments_differ(self, one: Term, two: Term) -> Term | None:
        """Return the bit that says whether two applications have unequal arguments; None where it is not
        told."""
        found = self.terms.const(0, 1)
        if one.op in ("answer", "output") and self.difference.are_unlike(one.args[0], two.args[0]):
            return None  # H2: functions of their own, whatever came before
        for left, right in zip(one.args, two.args, strict=True):
            if left is right:
                continue
            if left.width != right.width or one.op == "out":
                return None
            if left.width == MEMORY and one.op not in OBSERVED:
                return None
            how = {HISTORY: self.difference.between, MEMORY: self.difference.memories}
            differ = how.get(left.width, self.difference.values)(left, right)
            found = self.difference._or(found, differ)
        return found

    # Differences that rest on nothing unsure (V2)

    def witness(
        self,
        question: Term,
        excluded: Iterable[Term] = (),
        extra: Iterable[z3.BoolRef] = (),
        abstract: bool = True,
    ) -> Model | None:
        """Return a model of `question` that holds whatever the tainted leaves are (counterexample-guided);
        None where none is found in a few rounds. `abstract`: hard arithmetic may be a function first."""
        excluded, learnt = list(excluded), list(extra)
        self.certain = True
        try:
            if abstract:
                return self._witness_either_way(question, excluded, learnt)
            return self._witness(question, excluded, learnt)
        finally:
            self.certain = False

    def _witness_either_way(
        self, question: Term, excluded: list[Term], learnt: list[z3.BoolRef]
    ) -> Model | None:
        if any(is_hard(term) for term in subterms_of_values(question, *excluded)):
            self.abstract = True
            try:
                found = self._witness(question, excluded, [])
            except UnansweredError:
                found = None
            finally:
                self.abstract = False
            if found is not None and self._satisfies(found, learnt):
                return found
        return self._witness(question, excluded, learnt)

    def _satisfies(self, model: Model, extra: list[z3.BoolRef]) -> bool:
        return all(z3.is_true(model._model.eval(one, model_completion=True)) for one in extra)

    def _witness(self, question: Term, excluded: list[Term], learnt: list[z3.BoolRef]) -> Model | None:
        for _ in range(6):
            model = self._ask(question, excluded, learnt)
            if model is None:
                return None
            tainted, linked = self._shaky(model, question)
            if not tainted:
                return model
            against = self._refute(model, question, tainted, linked)
            if against is None:
                return model
            learnt.append(z3.substitute(self.true(question), *against))
        return None

    def _shaky(
        self, model: Model, question: Term, also: Iterable[Term] = ()
    ) -> tuple[list[Term], list[tuple[Term, Term, Term]]]:
        """Return the leaves that a difference must not rest on (V2) and those of `also`, with those that are
        equal or not, in a model, depending on these; and the pairs of the latter, with what decides it."""
        tainted = [term for term in subterms_of_values(question) if self._is_tainted(term)]
        loose = dict.fromkeys((*tainted, *unsteady(question), *also))
        pairs = self._pairs(question) if loose else []
        linked: list[tuple[Term, Term, Term]] = []
        while True:
            open_ = [pair for pair in pairs if pair not in linked and self._is_open(model, pair[2], loose)]
            if not open_:
                return list(loose), linked
            linked += open_
            loose.update(dict.fromkeys(one for pair in open_ for one in pair[:2]))

    def _pairs(self, question: Term) -> list[tuple[Term, Term, Term]]:
        """Return the pairs of leaves that are applications of one function, with the bit that says that their
        arguments differ."""
        found: list[tuple[Term, Term, Term]] = []
        for group in self._groups([question]):
            for index, one in enumerate(group):
                for two in group[:index]:
                    differing = self._arguments_differ(one, two)
                    if differing is not None:
                        found.append((one, two, differing))
        return found

    def _is_open(self, model: Model, term: Term, loose: Mapping[Term, None]) -> bool:
        """Say whether a bit depends on some leaves, where all others are as in a model."""
        if loose.keys().isdisjoint(subterms_of_values(term)):
            return False
        told = z3.simplify(z3.substitute(self.true(term), *self._fixed(model, [term], loose)))
        return not (z3.is_true(told) or z3.is_false(told))

    def _fixed(
        self, model: Model, roots: Iterable[Term], loose: Container[Term]
    ) -> list[tuple[z3.BitVecRef, z3.BitVecRef]]:
        """Return the values that a model gives to the leaves of some terms, but for those of `loose`."""
        return [
            (self.render(term), z3.BitVecVal(model.value(term), term.width, self.context))
            for term in subterms_of_values(*roots)
            if self.is_leaf(term) and term not in loose
        ]

    def _refute(
        self, model: Model, question: Term, tainted: list[Term], linked: list[tuple[Term, Term, Term]]
    ) -> list[tuple[z3.BitVecRef, z3.BitVecRef]] | None:
        """Return values of the tainted leaves under which the model's inputs show no difference; None: there
        are none."""
        loose = set(tainted)
        roots = [question, *(differing for _, _, differing in linked)]
        fixed = self._fixed(model, roots, loose)
        solver = z3.Solver(ctx=self.context)
        solver.add(z3.Not(z3.substitute(self.true(question), *fixed)))
        for one, two, differing in linked:
            equal = z3.Or(self.true(differing), self.render(one) == self.render(two))
            solver.add(z3.substitute(equal, *fixed))
        found = self.check(solver)
        if found is None:
            return None
        return [(self.render(term), found.eval(self.render(term), model_completion=True)) for term in tainted]

    def holds_whatever(self, model: Model, question: Term, loose: Iterable[Term]) -> bool:
        """Say whether a model answers a question whatever the values of some leaves are; no, where other
        leaves depend on these. What is read through a pointer that a call left is as in the model wherever
        that leads: memory may hold it there too."""
        loose = list(loose)
        lent = {term for term in loose if term.op == "output"}
        linked = set(subterms_of_values(question))
        for term in subterms_with_addresses(question):
            inner = [arg for arg in term.args if arg.width > 0] if self.is_leaf(term) else []
            if term in linked and term.op == "read" and set(subterms_of_values(*inner)) & set(loose) <= lent:
                continue
            if set(subterms_of_values(*inner)) & set(loose):
                return False
        self.certain = True
        try:
            return self._refute(model, question, *self._shaky(model, question, loose)) is None
        except UnansweredError:
            return False
        finally:
            self.certain = False

    def typed(self, roots: Iterable[Term]) -> list[z3.BoolRef]:
        """Return T2's exclusion: what is of unknown type has a value of the mode's type, of every type where
        no mode is set. What is dereferenced is a pointer."""
        found = subterms_with_addresses(*roots)
        pointers = self._used(found)
        valid = sorted(pointers - self.tested, key=lambda one: one.number)  # dereferenced, never tested (F3)
        places = [self.render(one) for one in valid if one.op in OUTER]
        told = [z3.And(z3.UGE(one, 1 << 20), z3.ULE(one, 1 << 47)) for one in places]
        pointers |= self._compared_with(found, pointers)
        least = least_widths(found)
        for term in found:
            if term.width != 64 or term in pointers or not self.is_untyped(term):
                continue
            if ("pointer", term) in self.terms.memo:
                continue  # a version assigns it to a pointer
            bits, sign = self._type_of(term)
            if bits < least.get(term, 0):
                bits = least[term]
            if bits < 64:
                value = self.render(term)
                told.append(value == _extended(z3.Extract(bits - 1, 0, value), 64, sign))
        return told

    def _used(self, parts: list[Term]) -> set[Term]:
        """Return the pointers among some terms: what these dereference, and what the versions do."""
        found = {root(term.args[0 if term.op == "bad" else 1]) for term in parts if term.op in ADDRESSED}
        return found | self.pointers.intersection(parts)

    def _compared_with(self, parts: list[Term], pointers: set[Term]) -> set[Term]:
        """Return the values from outside that are compared with a pointer: these are pointers too."""
        pairs = [term.args for term in parts if _compares(term)]
        known = pointers | {arg for pair in pairs for arg in pair if ("pointer", arg) in self.terms.memo}
        found: set[Term] = set()
        while True:
            more = {
                two
                for pair in pairs
                for one, two in (pair, pair[::-1])
                if one in known and two.op in OUTER and two not in known
            }
            if not more:
                return found
            found |= more
            known |= more

    def _type_of(self, term: Term) -> tuple[int, bool]:
        """Return the type that a value of untold type has as things are asked now."""
        if self.mode is None or self.mode == NARROW:
            return ANSWERED if term.op in ("answer", "symbol") else NARROW
        return self.mode

    def is_untyped(self, term: Term) -> bool:
        """Say whether a leaf's type is not told (T2)."""
        return ("unknown", term) in self.terms.memo or (
            term.op in ("read", "stuck") and str(getattr(term.data, "name", "")).startswith("?")
        )

    def completed(
        self, model: Model, question: Term, asked: list[Term], decided: dict[Term, int], used: list[Term]
    ) -> Model:
        """Return a model that also says what the question does not ask for: ordinary values of all that is in
        `asked`, with the decisions `decided`; those of `used` are pointers. The model at hand where there is
        none."""
        known = {term for term in subterms_of_values(question) if self.is_leaf(term)}
        same = [self.render(term) == model.value(term) for term in (*known, *decided)]
        places = [term for term in used if term.op in OUTER and term not in known]
        for apart, negative in ((True, False), (True, True), (False, True), (False, None)):
            if negative is None:
                tried = self.typed(asked)
            else:
                tried = self.usual([*asked, *places], negative, apart, frozenset(known), frozenset(places))
            try:
                found = self._ask(question, [], [*same, *tried], asked)
            except UnansweredError:
                found = None
            if found is not None:
                return found
        return model

    def as_in(self, other: Model, question: Term) -> list[z3.BoolRef]:
        """Return that what comes from outside is as in another model, beside what types ask for."""
        outside = [term for term in subterms_of_values(question) if term.op in (*OUTER, "symbol", "config")]
        told = [self.render(term) == other.value(term) for term in outside if not self._is_tainted(term)]
        return [*told, *self.typed([question])]

    def usual(
        self,
        roots: Iterable[Term],
        negative: bool = True,
        apart: bool = False,
        told: frozenset[Term] = frozenset(),
        places: frozenset[Term] = frozenset(),
        numbers: bool = True,
    ) -> list[z3.BoolRef]:
        """Return more than V2 asks for, so that models are found at once: each named constant has one value,
        pointers are starts of objects (those of `places` among them) or NULL where a version tests them, and
        no other number is large (or, without `negative`, negative), a macro of which nothing is known
        leaves its arguments as they are. With `apart` no two pointers are equal.
        Without `numbers`, only of what is dereferenced. Nothing of the terms in `told`."""
        roots = list(roots)
        found = self.typed(roots)
        parts = subterms_with_addresses(*roots)
        used = self._used(parts) | places
        kept = {term: term.args[0].args[2 + term.data] for term in parts if _may_keep(term)}  # type: ignore[operator]
        used |= {was for term, was in kept.items() if term in used}
        used |= self._compared_with(parts, used) if numbers else set()
        found += self._settled(parts, used, told)
        nullable = {term.args[0] for term in parts if term.op == "bad"}
        for term in parts:
            if term.op in ("eq", "ult") and any(arg.op == "const" for arg in term.args):
                nullable.update(arg for arg in term.args if arg not in used)
        found += [self.render(term) == self.render(was) for term, was in kept.items() if term not in told]
        objects = 16
        for term in dict.fromkeys((*parts, *used)):
            if term in told or term in kept or term.op not in OUTER or not self.is_leaf(term):
                continue
            value = self.render(term)
            if term in used or (numbers and ("pointer", term) in self.terms.memo):
                objects += 1
                among = [value == (objects << 20) if apart else self._is_object(term)]
                if term in nullable:
                    among += [value == 0, z3.UGE(value, -64 % (1 << 64))]
                found.append(z3.Or(*among))
            elif numbers and term.width > 8:
                small = z3.ULT(value, SMALL)
                more = z3.UGE(value, -SMALL % (1 << term.width))
                found.append(z3.Or(small, more) if negative else small)
        return found

    def _settled(self, parts: list[Term], used: set[Term], told: frozenset[Term]) -> list[z3.BoolRef]:
        """Return a value for each named constant, and an offset for each member; what has an address of its
        own lies apart from the objects."""
        found: list[z3.BoolRef] = []
        values = usual_values(
            str(term.data) for term in parts if term.op == "symbol" and not str(term.data).startswith("#if ")
        )
        members: dict[object, int] = {}
        for term in parts:
            if term.op in ("field", "container"):
                where = members.setdefault(_member(term.data), 64 * (1 + len(members)))
                found.append(self._offset(term.data) == where)
            elif term in told:
                continue
            elif term.op == "symbol" and term in used:
                found.append(self._is_object(term))
            elif term.op == "symbol" and str(term.data) in values:
                found.append(self.render(term) == values[str(term.data)] % (1 << term.width))
            elif term.op in ("object", "global", "text", "function"):
                found.append(z3.UGE(self.render(term), 1 << 41))
        return found

    def _is_object(self, term: Term) -> Condition:
        """Say that a pointer leads to the start of an object: each has its own megabyte (V2)."""
        value = self.render(term)
        start: Condition = z3.Extract(19, 0, value) == 0
        return z3.And(start, z3.UGE(value, 1 << 24), z3.ULE(value, 1 << 40))

    def plain_symbols(self, roots: Iterable[Term]) -> list[z3.BoolRef]:
        """Return V2's exclusions: those of typed(); named constants are no zero, no two are equal; each is
        taken as a single bit, error numbers and sizes and masks of pages as what they are."""
        roots = list(roots)
        by_width: dict[int, list[z3.BitVecRef]] = {}
        numbers: dict[int, dict[int, None]] = {}
        found = self.typed(roots)
        for term in subterms_of_values(*roots):
            if term.op != "symbol" or str(term.data).startswith("#if "):
                continue
            name = str(term.data)
            if name in RELATED:
                found.append(self.render(term) == KNOWN[name])
                continue
            number = ERROR_NUMBERS.get(name)
            if number is None:
                by_width.setdefault(term.width, []).append(self.render(term))
            else:
                found.append(self.render(term) == number)
                numbers.setdefault(term.width, {})[number] = None
        for width, symbols in by_width.items():
            if len(symbols) > 1:
                found.append(z3.Distinct(*symbols))
            found.extend(symbol != number for symbol in symbols for number in numbers.get(width, ()))
            found.extend(symbol != 0 for symbol in symbols)
            if len(symbols) < min(width, 32) - 2:
                found.extend((symbol & (symbol - 1)) == 0 for symbol in symbols)
                found.extend(symbol > 0 for symbol in symbols)
            if len(symbols) < 30 < width:  # so that they stay apart where an unsigned int holds them
                found.extend(z3.ULT(symbol, 1 << 31) for symbol in symbols)
        return found


class UnansweredError(Exception):
    """The solver did not answer: "solver" (gave up), "budget" (no time left), "congruences"."""


def _may_keep(term: Term) -> bool:
    """Say whether a term is what a macro of which nothing is known leaves in a variable that it is given
    (C7)."""
    if term.op != "output" or not str(getattr(term.args[0].data, "name", "")).isupper():
        return False
    place = term.data
    given = term.args[0].args[2:]
    return isinstance(place, int) and place < len(given) and given[place].width == term.width


def _compares(term: Term) -> bool:
    """Say whether a term asks if two values that may be pointers are equal."""
    if term.op == "free":
        return term.data[0] == "==" and len(term.args) == 2  # type: ignore[index]
    return term.op == "eq" and term.args[0].width == 64


def _member(data: object) -> object:
    """Return what tells the member that an address adds or that container_of takes off."""
    return (data.record, data.field) if isinstance(data, Field) else data


def _operation(term: Term, args: list[z3.BitVecRef], offset: object) -> z3.BitVecRef:
    op = term.op
    if op in ("field", "container"):
        where = offset(term.data)  # type: ignore[operator]
        return args[0] + where if op == "field" else args[0] - where
    if op == "plus":
        return args[0] + args[1] * term.data[1]  # type: ignore[index]
    if op in ("zext", "sext"):
        return _extended(args[0], term.width, op == "sext")
    if op == "trunc":
        return z3.Extract(term.width - 1, 0, args[0])
    if op == "ite":
        return z3.If(args[0] == 1, args[1], args[2])
    if op == "not":
        return ~args[0]
    if op == "bad":
        return _bit(z3.Or(z3.ULT(args[0], 4096), z3.UGE(args[0], (1 << 64) - MAX_ERRNO)))
    return _arithmetic(op, args, False)


def _bit(condition: z3.BoolRef) -> z3.BitVecRef:
    context = condition.ctx
    return z3.If(condition, z3.BitVecVal(1, 1, context), z3.BitVecVal(0, 1, context))


def _extended(value: z3.BitVecRef, width: int, sign: bool) -> z3.BitVecRef:
    more = width - value.size()
    if more <= 0:
        return value if more == 0 else z3.Extract(width - 1, 0, value)
    return z3.SignExt(more, value) if sign else z3.ZeroExt(more, value)


def _arithmetic(op: str, args: list[z3.BitVecRef], sign: bool) -> z3.BitVecRef:
    """Apply an operator of terms, or one of C under a sign."""
    one, two = args[0], args[-1]
    found = {
        "add": lambda: one + two,
        "+": lambda: one + two,
        "mul": lambda: one * two,
        "*": lambda: one * two,
        "-": lambda: one - two if len(args) == 2 else -one,
        "~": lambda: ~one,
        "and": lambda: one & two,
        "&": lambda: one & two,
        "or": lambda: one | two,
        "|": lambda: one | two,
        "xor": lambda: one ^ two,
        "^": lambda: one ^ two,
        "shl": lambda: one << two,
        "<<": lambda: one << two,
        "lshr": lambda: z3.LShR(one, two),
        "ashr": lambda: one >> two,
        ">>": lambda: one >> two if sign else z3.LShR(one, two),
        "udiv": lambda: z3.UDiv(one, two),
        "sdiv": lambda: one / two,
        "/": lambda: one / two if sign else z3.UDiv(one, two),
        "urem": lambda: z3.URem(one, two),
        "srem": lambda: z3.SRem(one, two),
        "%": lambda: z3.SRem(one, two) if sign else z3.URem(one, two),
        "eq": lambda: _bit(one == two),
        "==": lambda: _bit(one == two),
        "ult": lambda: _bit(z3.ULT(one, two)),
        "slt": lambda: _bit(one < two),
        "<": lambda: _bit(one < two if sign else z3.ULT(one, two)),
    }
    return found[op]()


def _kind(spelled: str, mode: tuple[int, bool]) -> tuple[int, bool]:
    """Return width and sign of an operand from its spelling (ctype.spell), the mode's where it is unknown."""
    if spelled.startswith("?"):
        return mode
    if spelled[:1] in ("s", "u") and spelled[1:].rstrip("l").isdigit():
        return int(spelled[1:].rstrip("l")), spelled[0] == "s"
    return (32, True) if spelled == "bool" else (64, False)


def _common(kinds: list[tuple[int, bool]]) -> tuple[int, bool]:
    """Return the type of the usual conversions (C11 6.3.1.8)."""
    promoted = [(32, True) if bits < 32 else (bits, sign) for bits, sign in kinds]
    width = max(bits for bits, _ in promoted)
    return width, all(sign for bits, sign in promoted if bits == width)

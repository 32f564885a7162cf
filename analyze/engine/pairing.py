"""Loops of two versions proved equal by induction over their turns (rules L3, L4).

After execution a loop is a term over placeholders. Of each loop of the version after that is not a loop of
the version before, a partner is looked for that starts from the same history and memory. A relation over the
placeholders of both, true where the loops start, is shrunk to what one turn keeps; under it both must leave,
stop or go round at once. Then the later loop is the earlier one, and its live-outs that are proved equal to a
value of the earlier one where the loop is left are that value. All other live-outs stay what they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations, product

from .clock import now
from .memory import pointers
from .simplify import build, conjunction, ite
from .solve import Solver, UnansweredError
from .term import HISTORY, Term, Terms, subterms

REBUILT = frozenset(
    ("add", "mul", "and", "or", "xor", "shl", "lshr", "ashr", "udiv", "urem", "sdiv", "srem")
) | {"eq", "ult", "slt", "not"}
MOST_CANDIDATES = 80
MOST_TRIALS = 12
"""Pairs of loops that are tried in one region."""


class Pairing:
    """The search for one comparison; `solver` answers its questions."""

    def __init__(self, solver: Solver) -> None:
        self.solver = solver
        self.terms = solver.terms
        self.difference = solver.difference
        self.deadline = min(solver.deadline, now() + (solver.deadline - now()) / 3)

    def align(self, pre: Term, post: Term, given: Term, level: int = 1) -> Term:
        """Return `post` with its loops of a level replaced by those of `pre` that they equal, wherever
        `given` holds."""
        tried: set[tuple[Term, Term]] = set()
        while len(tried) < MOST_TRIALS and now() < self.deadline:
            known = _loops(pre, level)
            pair = next(
                (
                    (one, two)
                    for two in _loops(post, level)
                    if two not in known
                    for one in known
                    if (one, two) not in tried and one.args[1] is two.args[1] and one.args[2] is two.args[2]
                ),
                None,
            )
            if pair is None:
                break
            tried.add(pair)
            replaced = self._paired(*pair, post, given)
            if replaced is not None:
                post = substitute(self.terms, post, replaced)
        return post

    def _paired(self, one: Term, two: Term, post: Term, given: Term) -> dict[Term, Term] | None:
        """Return what the loop `two` and its live-outs are in terms of the loop `one`; None: not proved."""
        level = one.data
        assert isinstance(level, int)
        first, second = _carried(one.args[0]), _carried(two.args[0])
        if first is None or second is None:
            return None
        if any(term.op in ("object", "cells") for term in subterms(one.args[0], two.args[0])):
            return None
        own = {
            hole: self.terms.make("hole", (hole.args[0],), ("post", hole.data), hole.width, levels=1 << level)
            for hole in second
        }
        body = substitute(self.terms, two.args[0], own, 1 << level)
        starts = {hole: hole.args[0] for hole in first} | {own[hole]: hole.args[0] for hole in second}
        second = _carried_as(body)
        facts = self._kept(one.args[0], body, starts, first, second, given)
        names = self._partners(facts, first, second)
        body = substitute(self.terms, body, names, 1 << level)
        facts = [substitute(self.terms, fact, names, 1 << level) for fact in facts]
        held = conjunction(self.terms, given, *facts)
        body = self.align(one.args[0], body, held, level + 1)
        differs = self.difference.between(_control(self.terms, one.args[0]), _control(self.terms, body))
        if not self._never(held, differs):
            return None
        found = {two: one}
        for term in subterms(post):
            if term.op == "out" and term.args[0] is two:
                found[term] = term  # a function of its own version, unless proved otherwise (L4)
                if term.width < 1:
                    continue
                value = substitute(self.terms, term.args[1], own, 1 << level)
                value = substitute(self.terms, value, names, 1 << level)
                partner = self._partner(one, value, body, held)
                if partner is not None:
                    found[term] = partner
        return found

    def _partner(self, one: Term, value: Term, body: Term, held: Term) -> Term | None:
        """Return a value at the exits of `one` that a live-out of the other loop is equal to there."""
        level = one.data
        assert isinstance(level, int)
        left = at_leaves(self.terms, body, lambda leaf: self.terms.const(int(leaf.op == "exit"), 1))
        own = {part for part in subterms(value) if part.op == "hole" and part.data[0] == "post"}  # type: ignore[index]
        choices = [value] if not own else []
        choices += [hole for hole in _carried(one.args[0]) or {} if hole.width == value.width]
        for choice in choices:
            unequal = build(self.terms, "not", build(self.terms, "eq", choice, value))
            if self._never(conjunction(self.terms, held, left), unequal):
                return self.terms.make("out", (one, choice), None, value.width, closes=1 << level)
        return None

    # The relation

    def _kept(
        self,
        one: Term,
        two: Term,
        starts: dict[Term, Term],
        first: dict[Term, int],
        second: dict[Term, int],
        given: Term,
    ) -> list[Term]:
        """Return the candidates that one turn keeps, all of them being assumed at its start (Houdini)."""
        terms = self.terms
        after = {hole: _back_value(terms, one, place, hole.width) for hole, place in first.items()}
        after |= {hole: _back_value(terms, two, place, hole.width) for hole, place in second.items()}
        both = [
            at_leaves(terms, body, lambda leaf: terms.const(int(leaf.op == "back"), 1)) for body in (one, two)
        ]
        facts = list(dict.fromkeys(self._candidates(starts, after)))[:MOST_CANDIDATES]
        facts = [fact for fact in facts if fact.op != "const" and self._at_start(fact, starts, given)]
        changed = True
        while changed and now() < self.deadline:
            held = conjunction(self.terms, given, *both, *facts)
            kept = [
                fact
                for fact in facts
                if self._never(held, build(terms, "not", substitute(terms, fact, after)))
            ]
            changed = len(kept) < len(facts)
            facts = kept
        return [] if changed else facts

    def _at_start(self, fact: Term, starts: dict[Term, Term], given: Term) -> bool:
        return self._never(given, build(self.terms, "not", substitute(self.terms, fact, starts)))

    def _candidates(self, starts: dict[Term, Term], after: dict[Term, Term]) -> Iterable[Term]:
        terms = self.terms
        holes = [hole for hole in starts if hole.width > 1]
        for one, two in combinations(holes, 2):
            if one.width == two.width:
                apart = self._minus(starts[two], starts[one])
                if apart.op == "const":
                    yield build(terms, "eq", two, build(terms, "add", one, apart))
        steps = {hole: self._step(hole, after[hole]) for hole in holes}
        for one, two in combinations(holes, 2):
            by_one, by_two = steps[one], steps[two]
            if one.width == two.width and by_one is not None and by_two is not None and by_one is not by_two:
                gone = [self._minus(hole, starts[hole]) for hole in (one, two)]
                yield build(
                    terms,
                    "eq",
                    build(terms, "mul", gone[0], by_two),
                    build(terms, "mul", gone[1], by_one),
                )
        for hole in holes:
            yield build(terms, "not", build(terms, "slt", hole, starts[hole]))
            yield build(terms, "not", build(terms, "slt", starts[hole], hole))

    def _step(self, hole: Term, after: Term) -> Term | None:
        """Return the constant by which every turn that goes round changes a variable."""
        found = {self._minus(arm, hole) for arm in pointers(after) if arm.op != "const"}
        (step,) = found if len(found) == 1 else (None,)
        return step if step is not None and step.op == "const" and step.data else None

    def _minus(self, one: Term, two: Term) -> Term:
        less = build(self.terms, "mul", two, self.terms.const(-1, two.width))
        return build(self.terms, "add", one, less)

    def _partners(
        self, facts: list[Term], first: dict[Term, int], second: dict[Term, int]
    ) -> dict[Term, Term]:
        """Return the later loop's variables that are, by the facts, a constant away from an earlier one's."""
        known = set(facts)
        found: dict[Term, Term] = {}
        for two, one in product(second, first):
            if two.width != one.width or two in found:
                continue
            apart = self._minus(two.args[0], one.args[0])
            if apart.op != "const":
                continue
            moved = build(self.terms, "add", one, apart)
            if build(self.terms, "eq", two, moved) in known:
                found[two] = moved
        return found

    # Questions

    def _never(self, held: Term, what: Term) -> bool:
        """Say whether it is proved that `what` is false wherever `held` is true. Raises UnansweredError where
        the time is over."""
        found = self.solver.never(held, what)
        if not found and now() > self.solver.deadline:
            raise UnansweredError("budget")
        return found


def _loops(root: Term, level: int) -> list[Term]:
    return [term for term in subterms(root) if term.op == "loop" and term.data == level]


def _carried(body: Term) -> dict[Term, int] | None:
    """Return the placeholders of a loop's body with their places in its ways round; None where contents of
    objects are carried."""
    holes = _carried_as(body)
    if any(hole.op != "hole" or hole.width == HISTORY for hole in holes):
        return None
    return holes


def _carried_as(body: Term) -> dict[Term, int]:
    for term in leaves_of(body):
        if term.op == "back":
            return {hole: place + 1 for place, hole in enumerate(term.args) if place >= 2 and place % 2 == 0}
    return {}


def leaves_of(body: Term) -> list[Term]:
    """Return the ends that a body's decisions lead to."""
    found: dict[Term, None] = {}
    seen: set[Term] = set()
    waiting = [body]
    while waiting:
        term = waiting.pop()
        if term in seen:
            continue
        seen.add(term)
        if term.op == "ite":
            waiting.extend(term.args[1:])
        else:
            found[term] = None
    return list(found)


def at_leaves(terms: Terms, body: Term, of: Callable[[Term], Term]) -> Term:
    """Return a body's decisions with other leaves."""
    known: dict[Term, Term] = {leaf: of(leaf) for leaf in leaves_of(body)}
    waiting = [body]
    while waiting:
        term = waiting[-1]
        missing = [] if term in known else [arm for arm in term.args[1:] if arm not in known]
        if missing:
            waiting.extend(missing)
            continue
        waiting.pop()
        if term not in known:
            known[term] = ite(terms, term.args[0], known[term.args[1]], known[term.args[2]])
    return known[body]


def _control(terms: Terms, body: Term) -> Term:
    """Return a body without what its ways round carry."""
    return at_leaves(
        terms,
        body,
        lambda leaf: terms.make("back", leaf.args[:2], None, HISTORY) if leaf.op == "back" else leaf,
    )


def _back_value(terms: Terms, body: Term, place: int, width: int) -> Term:
    return at_leaves(
        terms, body, lambda leaf: leaf.args[place] if leaf.op == "back" else terms.const(0, width)
    )


def substitute(terms: Terms, root: Term, names: dict[Term, Term], bit: int = 0) -> Term:
    """Return a term with others in it replaced, built anew and simplified.

    With `bit` only where the variables of that level occur unbound: those of another loop of the level,
    inside a value that it left behind, are other variables.
    """
    known: dict[Term, Term] = dict(names)
    waiting = [root]
    while waiting:
        term = waiting[-1]
        if term in known:
            waiting.pop()
            continue
        if not term.args or (bit and not term.levels & bit):
            known[term] = term
            continue
        missing = [arg for arg in term.args if arg not in known]
        if missing:
            waiting.extend(missing)
            continue
        known[term] = _rebuilt(terms, term, tuple(known[arg] for arg in term.args))
    return known[root]


def _rebuilt(terms: Terms, term: Term, args: tuple[Term, ...]) -> Term:
    if args == term.args:
        return term
    if term.op == "ite":
        return ite(terms, *args)
    if term.op in REBUILT:
        return build(terms, term.op, *args)
    levels = closes = 0
    if term.op == "hole":
        assert isinstance(term.data, tuple)
        place = term.data[1] if term.data[0] == "post" else term.data
        levels = 1 << place[0]
    elif term.op == "loop":
        assert isinstance(term.data, int)
        closes = 1 << term.data
    elif term.op == "out":
        assert isinstance(args[0].data, int)
        closes = 1 << args[0].data
    return terms.make(term.op, args, term.data, term.width, levels, closes)

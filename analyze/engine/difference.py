"""When two terms of behaviour differ: a condition of one bit over their parts (rules H1, S3).

Histories in free interpretation are equal when they hold the same events with equal arguments and memory, so
the condition is built by walking both from their ends. What cannot be told from the terms (an unmatched
loop, contents that no store tells) is a `doubt`: a bit that a proof must take as true and a difference must
not rest on (L5, V2).
"""

from __future__ import annotations

from .effects import Event
from .memory import Key, Rules, read, root, within
from .simplify import build, ite
from .term import HISTORY, MEMORY, Term, Terms

BOUND = "<bound>"
"""How a path stops that an unrolled loop cut off: nothing is said about it (L5)."""
UNSURE = frozenset({"loop", "endless", "turn", "out"})


class WalkTooLargeError(Exception):
    """The two do not align: more pairs than the budget (S3, S4)."""


class Difference:
    """Builds the condition. `same_bodies` are loop bodies that were proved equal (L3)."""

    def __init__(self, terms: Terms, rules: Rules, most: int = 20_000) -> None:
        self.terms, self.rules = terms, rules
        self._known: dict[tuple[Term, Term], Term] = {}
        self._marked: dict[Term, frozenset[str]] = {}
        self._left = most
        self.zero, self.one = terms.const(0, 1), terms.const(1, 1)
        self.same_bodies: dict[Term, Term] = {}
        self.whole = False
        """Whether a run that was cut off counts as different from every other: for a proof (L5)."""

    def between(self, one: Term, two: Term) -> Term:
        """Return the bit that says whether two histories (outcomes) differ."""
        if one is two and not (self.whole and one.op in ("ite", "stop")):
            return self.zero
        found = self._known.get((one, two))
        if found is None:
            self._left -= 1
            if self._left < 0:
                raise WalkTooLargeError
            found = self._between(one, two)
            self._known[one, two] = found
        return found

    def _between(self, one: Term, two: Term) -> Term:
        if one.op == "ite":
            guard = one.args[0]
            if two.op == "ite" and two.args[0] is guard:
                return ite(
                    self.terms,
                    guard,
                    *(self.between(a, b) for a, b in zip(one.args[1:], two.args[1:], strict=True)),
                )
            if two.op != "ite" or not _holds(two.args[0], guard):
                return ite(
                    self.terms,
                    guard,
                    *(
                        self.between(arm, _given(two, guard, side))
                        for arm, side in ((one.args[1], 1), (one.args[2], 2))
                    ),
                )
        if two.op == "ite":
            return ite(
                self.terms, two.args[0], self.between(one, two.args[1]), self.between(one, two.args[2])
            )
        return self._leaf(one, two)

    def _leaf(self, one: Term, two: Term) -> Term:
        if one.data == BOUND or two.data == BOUND:
            return self.one if self.whole else self._cut_off(one, two)
        if one.op == two.op == "loop":
            return self._loops(one, two)
        if one.op == two.op == "endless":
            return self.between(one.args[0], two.args[0])
        if self._is_mark(one) and one.data == two.data:  # the runs differ where they did in front of it
            other = build(self.terms, "and", self.memories(one.args[1], two.args[1]), self.doubt(one, two))
            return self._or(self.between(one.args[0], two.args[0]), other)
        if self.is_unsure(one) or self.is_unsure(two):
            return self.doubt(one, two)
        if one.op != two.op or one.data != two.data or len(one.args) != len(two.args):
            if self._marks(one) != self._marks(two):
                return self.doubt(one, two)  # an order that C leaves open differs (T10)
            return self._callees(one, two)
        if one.op in ("start", "turn", "input", "open", "undefined", "hole", "out"):
            return self.doubt(one, two)
        found = self.between(one.args[0], two.args[0])
        found = self._or(found, self.memories(one.args[1], two.args[1]))
        for left, right in zip(one.args[2:], two.args[2:], strict=True):
            found = self._or(found, self.values(left, right))
        return found

    def _marks(self, history: Term) -> frozenset[str]:
        """Return the marked expressions on the ways through a history (T10)."""
        known, waiting = self._marked, [history]
        while waiting:
            term = waiting[-1]
            before = [arg for arg in term.args if arg.width == HISTORY]
            missing = [arg for arg in before if arg not in known]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            own = frozenset((term.data.name,)) if self._is_mark(term) else frozenset()  # type: ignore[attr-defined]
            known[term] = own.union(*(known[arg] for arg in before))
        return known[history]

    def _callees(self, one: Term, two: Term) -> Term:
        """Two unlike effects differ, but that calls through pointers may be of one function under two
        names."""
        first, second = (self._call(term) for term in (one, two))
        if first is None or second is None or not self.may_be_one_callee(one, two):
            return self.one
        found = self._or(self.between(one.args[0], two.args[0]), self.memories(one.args[1], two.args[1]))
        for left, right in zip(first[1], second[1], strict=True):
            found = self._or(found, self.values(left, right))
        return self._or(found, self.doubt(one, two))

    def are_unlike(self, one: Term, two: Term) -> bool:
        """Say whether two steps are no one step, whatever was before: their answers are other functions."""
        return one.data != two.data and not self.may_be_one_callee(one, two)

    def may_be_one_callee(self, one: Term, two: Term) -> bool:
        """Say whether two unlike steps are calls that may be of one function, one of them through a
        pointer."""
        first, second = (self._call(term) for term in (one, two))
        if first is None or second is None:
            return False
        return (first[0] or second[0]) and len(first[1]) == len(second[1])

    def _call(self, term: Term) -> tuple[bool, tuple[Term, ...]] | None:
        """Return whether a call goes through a pointer, and its function with its arguments."""
        if not isinstance(term.data, Event) or term.data.kind != "call":
            return None
        name = term.data.name
        if name.startswith(("*", "->")):
            return True, term.args[2:]
        return False, (self.terms.make("function", (), name), *term.args[2:])

    def _cut_off(self, one: Term, two: Term) -> Term:
        """A run that was cut off differs from a whole one where what it did is not how the whole one
        starts."""
        if one.data == two.data == BOUND:
            return self.zero
        whole, cut = (one, two) if two.data == BOUND else (two, one)
        if whole.op not in ("return", "stop"):
            return self.zero
        return self._no_start(whole.args[0], cut.args[0])

    def _no_start(self, whole: Term, cut: Term) -> Term:
        """Return the bit that says that `cut` is no beginning of the history `whole`."""
        key = (self.terms.make("start of", (whole,), None, HISTORY), cut)
        found = self._known.get(key)
        if found is None:
            if whole.op == "ite":
                found = ite(self.terms, whole.args[0], *(self._no_start(arm, cut) for arm in whole.args[1:]))
            elif whole.op == "event":
                found = build(self.terms, "and", self.between(whole, cut), self._no_start(whole.args[0], cut))
            else:
                found = self.between(whole, cut)
            self._known[key] = found
        return found

    def is_unsure(self, term: Term) -> bool:
        """Say whether the terms do not tell what a step does."""
        if term.op in ("loop", "endless", "out"):
            return True
        if term.op == "stop":
            return term.data == "loop"
        return self._is_mark(term)

    def _is_mark(self, term: Term) -> bool:
        return isinstance(term.data, Event) and term.data.kind == "unsequenced"

    def _loops(self, one: Term, two: Term) -> Term:
        first, second = (self.same_bodies.get(step.args[0], step.args[0]) for step in (one, two))
        if first is not second or len(one.args) != len(two.args):
            return self.doubt(one, two)
        found = self._or(self.between(one.args[1], two.args[1]), self.memories(one.args[2], two.args[2]))
        for left, right in zip(one.args[3:], two.args[3:], strict=True):
            found = self._or(found, self.values(left, right))
        return build(self.terms, "and", found, self.doubt(one, two))

    def doubt(self, one: Term, two: Term) -> Term:
        """Return the bit for what the terms do not tell."""
        return self.zero if one is two else self.terms.make("doubt", (one, two), None, 1)

    def _or(self, one: Term, two: Term) -> Term:
        return build(self.terms, "or", one, two)

    def values(self, one: Term, two: Term) -> Term:
        """Return the bit that says whether two values (or memories) differ."""
        if one is two:
            return self.zero
        if one.width == MEMORY and two.width == MEMORY:
            return self._or(self.memories(one, two), self.doubt(one, two))
        if one.width != two.width or one.width == HISTORY:
            return self.doubt(one, two)
        if one.op == two.op == "object":
            return self.doubt(one, two)
        if one.op == two.op == "converted" and one.data == two.data and _is_whole(one.args[0], two.args[0]):
            return self.values(one.args[0], two.args[0])  # a struct: nothing is converted
        if _is_whole(one, two) and _ground(one) is _ground(two) is not None:
            return self._wholes(one, two)
        for term in (one, two):
            if term.op == "ite" and any(_is_object(arm) for arm in term.args[1:]):
                found = self._known.get((one, two))
                if found is None:
                    found = self._known[one, two] = self._by_arms(one, two)
                return found
        return build(self.terms, "not", build(self.terms, "eq", one, two))

    def _wholes(self, one: Term, two: Term) -> Term:
        """Compare two values of whole objects over one ground: by what is stored in them (M6, M8)."""
        found = self._known.get((one, two))
        if found is None:
            found = self.zero
            stored = dict.fromkeys((*_contents(one.args[0])[0], *_contents(two.args[0])[0]))
            start = one.args[1]
            for address, key in stored:
                if not within(address, start) or (address is start and key.width == 0):
                    continue
                cells = (read(self.terms, whole.args[0], address, key, self.rules) for whole in (one, two))
                found = self._or(found, self.values(*cells))
            self._known[one, two] = found
        return found

    def _by_arms(self, one: Term, two: Term) -> Term:
        if one.op == "ite":
            return ite(self.terms, one.args[0], self.values(one.args[1], two), self.values(one.args[2], two))
        return ite(self.terms, two.args[0], self.values(one, two.args[1]), self.values(one, two.args[2]))

    def memories(self, one: Term, two: Term) -> Term:
        """Return the bit that says whether two memories over one epoch differ: at an address of either
        (M6)."""
        if one is two:
            return self.zero
        found = self._known.get((one, two))
        if found is None:
            found = self._known[one, two] = self._memories(one, two)
        return found

    def _memories(self, one: Term, two: Term) -> Term:
        first, second = _contents(one), _contents(two)
        found = self.zero
        shown = {term for term in first[1] if term in second[1]}
        if len(shown) != len(first[1]) or len(shown) != len(second[1]):
            found = self.doubt(one, two)
        for term in shown:
            found = self._or(found, self._rest(term, first[1][term], second[1][term]))
        for address, key in dict.fromkeys((*first[0], *second[0])):
            self._left -= 1
            if self._left < 0:
                raise WalkTooLargeError
            if key.width == 0 and address in shown:
                continue
            if root(address).op == "object" and root(address) not in shown:
                found = self._or(found, self.doubt(one, two))  # objects that do not match (M3)
                continue
            left = read(self.terms, one, address, key, self.rules)
            right = read(self.terms, two, address, key, self.rules)
            found = self._or(found, self.values(left, right))
        return found

    def _rest(self, term: Term, one: Term, two: Term) -> Term:
        """Compare what objects that became reachable hold where no store names it (M8)."""
        if one is two:
            return self.zero
        first, second = _bottom(one, term), _bottom(two, term)
        if first is second:
            return self.zero
        kinds = {first.op, second.op}
        if kinds == {"const", "undefined"}:
            return self.one
        return self.doubt(one, two)


def histories(history: Term) -> list[Term]:
    """Return the steps and decisions that a history (or an outcome) is made of."""
    found: dict[Term, None] = {}
    waiting = [history]
    while waiting:
        term = waiting.pop()
        if term not in found:
            found[term] = None
            waiting.extend(arg for arg in term.args if arg.width == HISTORY)
    return list(found)


def _is_whole(one: Term, two: Term) -> bool:
    """Say whether two values are whole objects, both at one address."""
    return one.op == two.op == "whole" and one.args[1] is two.args[1]


def _ground(whole: Term) -> Term | None:
    """Return what an object was filled with under the stores that make it up, or the memory under these; None
    where there are others too."""
    memory, start = whole.args
    while memory.op == "store":
        below, address, value = memory.args
        if address is start and isinstance(memory.data, Key) and memory.data.width == 0:
            return value
        if root(address) is not root(start):
            return None
        memory = below
    return memory if memory.op == "base" else None


def _is_object(term: Term) -> bool:
    """Say whether an arm of a merged value is a local object; each shared arm is looked at once."""
    seen: set[Term] = set()
    waiting = [term]
    while waiting:
        one = waiting.pop()
        if one.op == "object":
            return True
        if one.op == "ite" and one not in seen:
            seen.add(one)
            waiting.extend(one.args[1:])
    return False


def _holds(condition: Term, guard: Term) -> bool:
    """Say whether a split on `condition` should come first: it is the older of the two."""
    return condition.number < guard.number


def _given(term: Term, guard: Term, side: int) -> Term:
    while term.op == "ite" and term.args[0] is guard:
        term = term.args[side]
    return term


def _contents(memory: Term) -> tuple[dict[tuple[Term, Key], None], dict[Term, Term]]:
    """Return the locations stored in a chain, and its revealed objects with their contents."""
    stored: dict[tuple[Term, Key], None] = {}
    shown: dict[Term, Term] = {}
    seen: set[Term] = set()
    waiting = [memory]
    while waiting:
        term = waiting.pop()
        if term in seen:
            continue
        seen.add(term)
        if term.op == "ite":
            waiting.extend(term.args[1:])
        elif term.op == "store":
            assert isinstance(term.data, Key)
            stored[term.args[1], term.data] = None
            waiting.append(term.args[0])
        elif term.op == "cells":
            shown.setdefault(term.args[1], term.args[2])
            waiting.extend((term.args[0], term.args[2]))
    return stored, shown


def _bottom(cells: Term, term: Term) -> Term:
    """Return what lies under the named stores of an object: a constant (zero-filled), an epoch, or the
    chain."""
    while cells.op == "store":
        assert isinstance(cells.data, Key)
        if cells.data.width == 0 and cells.args[1] is term:
            return cells.args[2]
        cells = cells.args[0]
    return cells.args[0] if cells.op == "base" else cells

"""What a call may do first, by the bodies at hand: whether it can go on as another version does (rule C4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Container

from . import ir
from .effects import Event
from .environment import Environment
from .excerpt import REACHES
from .lower.tables import EFFECTS
from .term import Term

WARN = "WARN"
POINTER = "*"
OTHER = "other"
NOTHING = ""
ANYTHING = frozenset((WARN, POINTER, OTHER, NOTHING))
"""Of a function with bodies that are not at hand, in a header or under some conditions (T7, I5)."""
MOST_BODIES = 200
_ATOMIC = re.compile(
    r"(?:raw_|arch_)*(?:atomic(?:64|_long)?|refcount)_(?:fetch_|try_)*"
    r"(read|set|inc|add|dec|sub|and|or|xor|andnot|xchg|cmpxchg)(_not_zero|_unless)?"
    r"(?:_return|_and_test|_negative)?(?:_relaxed|_acquire|_release)?"
)
"""What include/linux/atomic.h and refcount.h name."""
_DOES = {
    "inc": ("up",), "dec": ("down",), "add": ("up", "down"), "sub": ("up", "down"),
    "set": ("xchg",), "or": ("bits",), "and": ("bits",), "andnot": ("bits",), "xor": ("bits",),
}  # fmt: skip
"""What atomics may do: those that share a word may be one step, with other arguments or another use of the
answer (atomic_dec(v) is atomic_add(-1, v), atomic_fetch_inc(v) + 1 is atomic_inc_return(v))."""

_LIKE_READ = ("atomic read", "atomic unless")
"""Atomics that a volatile read may be, or begin with."""

Lower = Callable[[str], ir.Function | ir.Unlowered | None]
"""Name -> the function lowered; Unlowered where its text is not taken, None where no definition is here."""


def reachable_from(environment: Environment, name: str) -> frozenset[str] | None:
    """Return what a call of a header's inline function may begin with whose body is not at hand, by the words
    that the excerpt says it reaches; None where it does not say."""
    told = environment.macros(REACHES + name)
    if not told:
        return None
    words = frozenset(word for macro in told for word in macro.body.split())
    return words | {name, WARN, OTHER, NOTHING}


def _same_effect(name: str) -> frozenset[str]:
    """Return words for what B2 names that a call of a kernel function is, one of them shared with each other
    that may be the same; none where B2 does not name it."""
    atomic = _ATOMIC.fullmatch(name)
    if atomic is None:
        return frozenset((name,) if name in EFFECTS else ())
    words = ("unless",) if atomic[2] else _DOES.get(atomic[1], (atomic[1],))
    return frozenset(f"atomic {word}" for word in words)


class FirstSteps:
    """The effects that calls may begin with, in one version; as FIRST of a grammar is found."""

    def __init__(self, lower: Lower, own: Container[str] = ()) -> None:
        """`own` are the names that the compared file defines: what the tables say of them is void (C1)."""
        self._lower, self._own = lower, own
        self._known: dict[str, frozenset[str] | None] = {}

    def of(self, caller: ir.Function, name: str) -> frozenset[str] | None:
        """Return what a run of `caller` may do first once it calls `name`: names of functions and of loop
        macros, WARN, POINTER, OTHER, and NOTHING where the call may do nothing; None where a body is not
        read."""
        found = self._of_call(name)
        if found is None or NOTHING not in found:
            return found
        behind = self._behind(caller, name)
        return None if behind is None else found - {NOTHING} | behind

    def _behind(self, caller: ir.Function, name: str) -> frozenset[str] | None:
        """Return what a run may do first behind a call; of one through a pointer that leads there, anything
        that the caller does."""
        starts = [
            (number, index + 1)
            for number, block in enumerate(caller.blocks)
            for index, step in enumerate(block.instructions)
            if isinstance(step, ir.Call) and step.callee == name
        ]
        if starts:
            return self._from(caller, starts)
        return self._from(caller, [(number, 0) for number in range(len(caller.blocks))], whole=True)

    def _of_call(self, name: str) -> frozenset[str] | None:
        found = self._of_body(name)
        same = _same_effect(name) if name not in self._own else None
        if not same:
            return found
        return (ANYTHING if found is None else found) - {NOTHING} | {name} | same

    def _of_body(self, name: str) -> frozenset[str] | None:
        if name in self._known:
            return self._known[name]
        body = self._lower(name)
        if body is None:
            return frozenset((POINTER if name.startswith(("*", "->")) else name,))
        if isinstance(body, ir.Unlowered) and body.code == "callee":
            return ANYTHING | {name} if body.reaches is None else body.reaches
        if isinstance(body, ir.Unlowered) or len(self._known) > MOST_BODIES:
            return None
        self._known[name] = None  # of a recursive call nothing is told
        found = self._from(body, [(0, 0)])
        # its own name too: the other version may call the same function as one step
        self._known[name] = None if found is None else found | {name}
        return self._known[name]

    def _from(
        self, body: ir.Function, starts: list[tuple[int, int]], whole: bool = False
    ) -> frozenset[str] | None:
        """Return what a run may do first from places (block, instruction) on, NOTHING where it may come to a
        return; with `whole` what each instruction may do."""
        found: set[str] = set()
        waiting, seen = list(starts), set(starts)
        while waiting:
            number, index = waiting.pop()
            block = body.blocks[number]
            through = True
            for step in block.instructions[index:]:
                first = self._of_step(step)
                if first is None:
                    return None
                found |= first - {NOTHING}
                if NOTHING not in first and not whole:
                    through = False
                    break
            if not through:
                continue
            if isinstance(block.terminator, ir.Return):
                found.add(NOTHING)
            for following in ir.successors(block.terminator):
                if (following, 0) not in seen:
                    seen.add((following, 0))
                    waiting.append((following, 0))
        return frozenset(found)

    def _of_step(self, step: object) -> frozenset[str] | None:
        if isinstance(step, ir.Unsequenced):
            return None
        if isinstance(step, ir.Call) and step.kind in ("pure", "observing"):
            return frozenset((NOTHING,))  # no effect (C1)
        if isinstance(step, ir.Call):
            return self._of_call(step.callee)
        if isinstance(step, ir.Warn):
            return frozenset((WARN,))
        if isinstance(step, ir.Step):
            return frozenset((step.macro,))
        if isinstance(step, ir.VolatileRead):
            return frozenset((OTHER, *_LIKE_READ))
        if isinstance(step, ir.VolatileWrite):
            return frozenset((OTHER, *_same_effect("atomic_set")))
        return frozenset((OTHER if isinstance(step, ir.Asm) else NOTHING,))


def cannot_be(step: Term | None, first: frozenset[str] | None) -> bool:
    """Say whether a run that begins with one of `first` cannot begin with this warning, call by name or
    return."""
    if first is None or step is None:
        return False
    if step.op == "return":
        return NOTHING not in first
    if not isinstance(step.data, Event):
        return False
    if step.data.kind == "warn":
        return WARN not in first
    if step.data.name == "volatile":  # an atomic may be spelled as one
        told = _LIKE_READ if step.data.kind == "read" else ("atomic",)
        return OTHER not in first and not any(word.startswith(told) for word in first)
    named = step.data.kind == "call" and not step.data.name.startswith(("*", "->"))
    return named and POINTER not in first and step.data.name not in first


def is_atomic(name: str) -> bool:
    """Say whether a function is an atomic by its name, which changes one word alone."""
    return _ATOMIC.fullmatch(name) is not None


def are_apart(one: frozenset[str] | None, two: frozenset[str] | None) -> bool:
    """Say whether runs that begin with one of these each, and with nothing else, begin differently."""
    if one is None or two is None or not one.isdisjoint(two):
        return False
    return not (one | two) & {POINTER, NOTHING}

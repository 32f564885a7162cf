"""What a path holds: locks and references, taken and given back by the kernel's contracts."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TypeGuard, cast

from ..engine import ir
from ..engine.ctype import Bool, Integer
from ..kernel.contracts import Function, Lock, functions, locks
from .finding import Hit, Shown
from .paths import Here, Watcher, escaped
from .values import NEGATIVE, POSITIVE, ZERO, Value
from .view import Code, SideView

Held = tuple[tuple[str, Value, int, int], ...]
"""(kind, object, how often it is held, line of the last change), by kind and object."""


@dataclass(frozen=True, slots=True)
class LockCall:
    """What a function does to a lock."""

    lock: Lock
    how: str
    """"take", "give" or "try"."""
    where: str
    """The argument that names the object, "1"; "-1" for none, "answer", "out3"."""


@cache
def by_function(reference: bool = False) -> dict[str, LockCall]:
    """Return the functions that take, give and try locks (or references), by name."""
    found: dict[str, LockCall] = {}
    for lock in (one for one in locks() if one.reference == reference):
        for how, names in (("take", lock.take), ("give", lock.give), ("try", lock.try_)):
            for written in names:
                name, _, where = written.partition("@")
                found[name] = LockCall(lock, how, where or str(lock.argument))
    return found


ON_OTHER, ON_ZERO, DROPPED = "other", "zero", "dropped"
Waiting = tuple[tuple[Value, str, Value, int, str], ...]
"""(answer that will tell, kind, object, line, when it is held: where the answer is not 0, where it is 0, or
already, but not where the answer is 0)."""
PASSED = ("page lock", "page reference", "folio reference", "mm reference", "file reference")
"""Kinds whose object is passed to functions for other reasons than to be given back."""
HANDED = "handed on: "
"""In front of a kind: a function that is not at hand was given the object, and may have given it back."""
UNSURE = "?"
"""The kind of an entry that says that another function may have taken something."""
_TAKES = re.compile(r"(?:\w*_)?(?:try)?lock(?:_\w*)?")
"""Names of functions that may take a lock of which no table tells."""
DEEPEST = 3
"""Calls within a file that are looked into for what they give back."""
_CALLED = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_UNLOCKS = re.compile(r"\b(\w*unlock\w*)\s*\(")
"""Calls that may give back a lock of which no table tells."""
VOID = ("void",)


def unpack(extra: Hashable) -> tuple[Held, Waiting]:
    """Return what is held, and what a call's answer will tell is held."""
    return cast("tuple[Held, Waiting]", extra)


class LockWatcher(Watcher):
    """Follows what is held. `extra`: (what is held, what a call's answer will tell is held)."""

    start: Hashable = ((), ())

    def __init__(self, code: Code, *, reference: bool = False) -> None:
        self.code = code
        self.reference = reference
        self.table = by_function(reference)
        self.exits: dict[tuple[Value, Hashable], tuple[int, Held, tuple[str, ...]]] = {}
        self.callees: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        self.entered: set[tuple[str, Value]] = set()
        """What a path gave back before it took it: the caller holds it."""
        self.gives: set[tuple[str, Value]] = set()
        self.kept: set[str] = set()
        """The kinds of what is held on some way out, whatever the answer."""
        self.given: dict[tuple[str, int], dict[bool, tuple[Value, tuple[str, ...]]]] = {}

    def answer(self, here: Here, call: ir.Call) -> int | None:
        """A function that returns 0 or an error number returns nothing else."""
        contract = functions().get(call.callee)
        if contract and contract.returns == "zero-or-errno":
            return NEGATIVE | ZERO
        return None

    def step(self, here: Here, step: ir.Instruction | ir.Terminator, extra: Hashable) -> Hashable:
        """Take, give and promise; at a return, keep what is held."""
        held, waiting = unpack(extra)
        if isinstance(step, ir.Call):
            known = self.table.get(step.callee)
            line = self.code.line(step.span)
            contract = functions().get(step.callee)
            if known is not None:
                thing = _object(here, step, known.where)
                if thing is None:
                    return extra
                if known.how == "try":
                    waiting = self._wait(here, step, waiting, (known.lock.kind, thing, line, ON_OTHER))
                else:
                    held = self._change(here, held, known, thing, line)
                    if known.where.startswith("out"):
                        waiting = self._wait(here, step, waiting, (known.lock.kind, thing, line, DROPPED))
            elif contract is not None and contract.locks_on_zero and not self.reference:
                waiting = self._promise(here, step, waiting, contract, line)
            else:
                held = self._left_to(here, step, held)
        elif isinstance(step, ir.Return):
            self._exit(here, step, held)
        elif isinstance(step, ir.Assign) and not isinstance(step.target, ir.Local):
            stored = here.known.value(step.value)
            if self.reference:
                held = tuple(one for one in held if one[1] != stored)
            else:  # others may ask for the answer there, and no branch here need tell it
                kept = {one[1:3] for one in waiting if one[0] == stored and one[4] == DROPPED}
                waiting = tuple(one for one in waiting if one[0] != stored)
                held = tuple(_handed(one) if one[:2] in kept else one for one in held)
        return held, waiting

    def _left_to(self, here: Here, call: ir.Call, held: Held) -> Held:
        """Forget what another function may give back: by its name, or by what its body at hand does."""
        takes, gives = self._does(call.callee)
        if (takes or _TAKES.fullmatch(call.callee)) and not self.reference:
            return _add(held, UNSURE, ("",), 1, self.code.line(call.span))
        if not held:
            return held
        if not self.reference and self._may_unlock(call.callee):
            return tuple(sorted(map(_handed, held), key=repr))
        things = {here.known.value(one.value) for one in call.arguments}
        changed = {here.known.read(one.value.place) for one in call.arguments if _is_local(one.value)}
        named = "unlock" in call.callee
        left: list[tuple[str, Value, int, int]] = []
        for kind, thing, number, line in held:
            if kind in gives:
                continue
            passed = thing in changed or (thing in things and (named or kind not in PASSED))
            one = (kind, thing, number, line)
            left.append(_handed(one) if passed else one)
        return tuple(sorted(left, key=repr))

    def _does(self, callee: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the kinds that a function of the same file takes and does not give back, and those that it
        gives back and does not take."""
        known = self.callees.get(callee)
        if known is None:
            text = self._texts(callee)
            called = {name for name in self.table if name in text and re.search(rf"\b{name}\s*\(", text)}
            how = {(self.table[name].lock.kind, self.table[name].how) for name in called}
            taken, given = ({kind for kind, done in how if done == what} for what in ("take", "give"))
            known = self.callees[callee] = frozenset(taken - given), frozenset(given - taken)
        return known

    def _may_unlock(self, callee: str) -> bool:
        """Say whether a function, or what it calls in its file, gives back a lock that no table knows."""
        found = _UNLOCKS.findall(f"{callee}( {self._texts(callee)}")
        return any(name not in self.table for name in found)

    def _texts(self, callee: str) -> str:
        """Return the texts of a function of the same file and of those of it that it calls, DEEPEST deep."""
        functions, level, texts = self.code.file.functions, {callee}, dict[str, str]()
        for _ in range(DEEPEST):
            for name in level - texts.keys():
                texts[name] = "".join(one.text for one in functions.get(name, ()))
            called = {word for name in level for word in _CALLED.findall(texts[name])}
            level = {word for word in called if word in functions} - texts.keys()
        return "".join(texts.values())

    def _wait(
        self, here: Here, call: ir.Call, waiting: Waiting, what: tuple[str, Value, int, str]
    ) -> Waiting:
        if call.target is None:
            return waiting
        answer = ("c", here.block, here.index)
        return (*(one for one in waiting if one[0] != answer), (answer, *what))

    def _promise(self, here: Here, call: ir.Call, waiting: Waiting, contract: Function, line: int) -> Waiting:
        thing = _object(here, call, str(contract.argument))
        if thing is None:
            return waiting
        return self._wait(here, call, waiting, (contract.locks_on_zero, thing, line, ON_ZERO))

    def decided(self, here: Here, extra: Hashable) -> Hashable:
        """Once the answer of a trylock is known, the lock is held or it is not."""
        held, waiting = unpack(extra)
        left = []
        for one in waiting:
            answer, kind, thing, line, when = one
            signs = here.known.sign(answer)
            if signs & ZERO and signs & (NEGATIVE | POSITIVE):
                left.append(one)
            elif when == DROPPED:
                held = _add(held, kind, thing, -1, line) if signs & ZERO else held
            elif bool(signs & ZERO) == (when == ON_ZERO):
                held = _add(held, kind, thing, 1, line)
        return held, tuple(left)

    def _change(self, here: Here, held: Held, known: LockCall, thing: Value, line: int) -> Held:
        kind = known.lock.kind
        handed = [one for one in held if one[:2] == (f"{HANDED}{kind}", thing)]
        if known.how == "take":  # if it was handed on before, it was given back
            return _add(tuple(one for one in held if one not in handed), kind, thing, 1, line)
        if handed:  # it was taken on this path, and was not given back after all
            return tuple(one for one in held if one not in handed)
        before = any(one[:2] == (kind, thing) and one[2] > 0 for one in held)
        self.gives.add((kind, thing))
        others = [one for one in held if one[0].removeprefix(HANDED) == kind and one[2] > 0]
        if others and not before and not self.reference:  # it may be another name of one that was taken
            return tuple(sorted((_handed(one) if one in others else one for one in held), key=repr))
        if not before:
            self.entered.add((kind, thing))
        unsure = any(one[0] == UNSURE for one in held) or thing[0] in ("c", "o")
        if unsure and not before:  # what another function answered may come locked
            return _add(held, kind, thing, -1, line)
        self.given.setdefault((kind, line), {}).setdefault(before, (thing, here.steps()))
        return _add(held, kind, thing, -1, line)

    def _exit(self, here: Here, end: ir.Return, held: Held) -> None:
        self.kept |= {one[0] for one in held if one[2] > 0}
        answer = VOID if end.value is None else _answer(here, end.value)
        if answer is None or any(one[0] == UNSURE for one in held):
            return
        state = tuple(one[:3] for one in held)
        line = self.code.line(end.span)
        self.exits.setdefault((answer, state), (line, held, here.steps()))


def _answer(here: Here, value: ir.Expr) -> Value | None:
    """Return what a function answers: a constant, an error; None where it may tell what is held."""
    found = here.known.value(value)
    if found[0] in ("k", "s"):
        return found
    signs = here.known.sign(found)
    if signs == ZERO:
        return ("k", 0)
    return ("error",) if signs == NEGATIVE else None


def _object(here: Here, call: ir.Call, where: str) -> Value | None:
    """Return the value that a call's lock goes by; None where the call has no such argument."""
    if where == "-1":
        return ("",)
    if where == "answer":
        return ("c", here.block, here.index)
    at = int(where.removeprefix("out"))
    if at >= len(call.arguments):
        return None
    if where.startswith("out"):
        return _stored(here, call.arguments[at].value, at)
    return here.known.value(call.arguments[at].value)


def _is_local(value: ir.Expr) -> TypeGuard[ir.AddressOf]:
    """Say whether a local variable is passed by its address: it may hold another object afterwards."""
    return isinstance(value, ir.AddressOf) and isinstance(value.place, ir.Local)


def _stored(here: Here, argument: ir.Expr, at: int) -> Value:
    """Return the value that a call stores through an argument."""
    if isinstance(argument, ir.AddressOf):
        base = argument.place
        while isinstance(base, ir.Member | ir.Element):
            base = base.base
        if not isinstance(base, ir.Local):
            return here.known.read(argument.place)
    return escaped(here, at)


def _handed(one: tuple[str, Value, int, int]) -> tuple[str, Value, int, int]:
    """Return an entry of what is held as one that may have been given back."""
    kind = one[0] if one[0].startswith(HANDED) else f"{HANDED}{one[0]}"
    return (kind, *one[1:])


def _add(held: Held, kind: str, thing: Value, number: int, line: int) -> Held:
    found = {(one[0], one[1]): one for one in held}
    count = found[kind, thing][2] + number if (kind, thing) in found else number
    found.pop((kind, thing), None)
    if count:
        found[kind, thing] = (kind, thing, max(-2, min(count, 2)), line)
    return tuple(sorted(found.values(), key=repr))


def given_untaken(code: Code, side: SideView, watcher: LockWatcher) -> Iterable[Hit]:
    """A lock that one path takes before it gives it back at a line, and another path only gives back.

    Where another way out keeps it, an earlier call may have kept it for this one.
    """
    for (kind, line), ways in sorted(watcher.given.items()):
        if len(ways) < 2 or kind in watcher.kept:
            continue
        _, steps = ways[False]
        text = code.text_at(line)
        yield Hit(
            key=f"given {kind} {_squeezed(text)}",
            function=code.name,
            path=code.path,
            line=line,
            says=f"{code.name}() gives back a {kind} that it did not take on this path, and that it takes "
            f"on others: {text}",
            shown=(Shown(path=code.path, side=side.side, line=line, text=text),),
            steps=steps,
            severity="medium",
            sources=(_source(kind),),
        )


def held_unevenly(code: Code, side: SideView, watcher: LockWatcher) -> Iterable[Hit]:
    """Two ways out with the same answer, a lock held on the one and not on the other.

    Of references only ways out with an error are compared: on others they may be handed over.
    """
    kinds = sorted({one[:2] for _, held, _ in watcher.exits.values() for one in held}, key=repr)
    for kind, thing in kinds:
        if (kind, thing) not in watcher.gives:  # a callee may have dropped it: taken back, not taken
            continue
        if (kind, thing) in watcher.entered or _is_told(code):
            continue
        by_answer: dict[Value, dict[int, tuple[int, Held, tuple[str, ...]]]] = {}
        for (answer, state), there in watcher.exits.items():
            count = next((one[2] for one in state if one[:2] == (kind, thing)), 0)  # type: ignore[attr-defined]
            if not count and any(one[0] == kind for one in state):  # type: ignore[attr-defined]
                continue  # another lock of that kind is held in its place
            if any(one[0] == f"{HANDED}{kind}" for one in state):  # type: ignore[attr-defined]
                continue  # whether it is held is not told
            by_answer.setdefault(answer, {}).setdefault(count, there)
        for answer, counts in by_answer.items():
            if len(counts) < 2 or max(counts) <= 0 or (watcher.reference and answer != ("error",)):
                continue
            line, held, steps = counts[max(counts)]
            taken = next(one[3] for one in held if one[:2] == (kind, thing))
            other = counts[min(counts)][0]
            text = code.text_at(taken)
            alike = "an error, too" if answer == ("error",) else "the same"
            yield Hit(
                key=f"held {kind} {_squeezed(text)}",
                function=code.name,
                path=code.path,
                line=line,
                says=f"{code.name}() returns with the {kind} of line {taken} held on this path, and without "
                f"it on another that returns {alike} (line {other})",
                shown=(
                    Shown(path=code.path, side=side.side, line=taken, text=text, note="taken here"),
                    Shown(
                        path=code.path, side=side.side, line=line, text=code.text_at(line), note="held here"
                    ),
                ),
                steps=steps,
                sources=(_source(kind),),
            )
            break


def _is_told(code: Code) -> bool:
    """Say whether callees tell through a local variable what is still held: `&locked`."""
    assert code.lowered is not None
    return any(
        isinstance(argument.value, ir.AddressOf)
        and isinstance(argument.value.place, ir.Local)
        and "lock" in argument.value.place.variable.name
        and isinstance(argument.value.place.variable.type, Integer | Bool)
        for block in code.lowered.blocks
        for step in block.instructions
        if isinstance(step, ir.Call)
        for argument in step.arguments
    )


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _source(kind: str) -> str:
    return next((lock.source for lock in locks() if lock.kind == kind), "")

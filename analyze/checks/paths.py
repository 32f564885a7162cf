"""A function's paths, one by one as far as they differ in what a check watches.

A path that contradicts itself (a condition taken both ways, a flag set and then found clear) is not followed.
What is not told apart is merged: paths with the same knowledge at the same block are one. Where the states
become too many, nothing is said of the function.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from ..engine import ir
from ..engine.graph import all_parts, expressions, live_at_entry, places, read_places
from .values import Known, Value, holds_any

MOST_STATES = 6000
MOST_SECONDS = 2.0
_PURE = re.compile(
    r"(?:is|has)_\w+|\w+_(?:is|has|test)_\w+|Page[A-Z]\w*|(?:huge_)?p[tmugd4]+d?e?_(?:none|present|write|same)\w*"
    r"|userfaultfd_\w+|test_bit|vma_\w+|hstate_\w+|huge_page_\w+|\w+_enabled|virt_to_\w+|page_folio"
    r"|thp_\w+|shmem_\w*mapping|\w+_(?:size|shift|order|nr_pages)"
)
"""Names of functions that are asked and change nothing: two calls with the same arguments answer alike."""
_ARROW = re.compile(r"\s+")


def is_pure(name: str) -> bool:
    """Say whether two calls of a function with the same arguments are taken to answer alike."""
    return _PURE.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Trace:
    """The decisions of a path, the last first."""

    before: Trace | None
    text: str
    line: int

    def steps(self, most: int = 12) -> tuple[tuple[int, str], ...]:
        """Return (line, decision) in the order of the path; the last `most`."""
        found: list[tuple[int, str]] = []
        at: Trace | None = self
        while at is not None and len(found) < most:
            found.append((at.line, at.text))
            at = at.before
        return tuple(reversed(found))


@dataclass(slots=True)
class Here:
    """Where a path stands: what is known, and the decisions that led here."""

    known: Known
    trace: Trace | None
    block: int = 0
    index: int = 0

    def steps(self) -> tuple[str, ...]:
        """Return the decisions, "line 12: !page" each."""
        found = self.trace.steps() if self.trace is not None else ()
        return tuple(f"line {line}: {text}" for line, text in found)


class Watcher:
    """What a check does along a path. `extra` is its own state: hashable, as small as can be."""

    start: Hashable = ()
    asks: frozenset[str] = frozenset()
    """Fields, variables and functions whose tests are remembered along a path, however rare they are."""

    def step(self, here: Here, step: ir.Instruction | ir.Terminator, extra: Hashable) -> Hashable:
        """See one instruction or terminator before it has its effect; return the state behind it."""
        return extra

    def decided(self, here: Here, extra: Hashable) -> Hashable:
        """See what is known behind a branch."""
        return extra

    def answer(self, here: Here, call: ir.Call) -> int | None:
        """Return the signs that a call's answer can have; None where it is not told."""
        return None


class TooManyError(Exception):
    """The states became too many: nothing is said."""


def explore(function: ir.Function, watcher: Watcher, line: int = 1) -> bool:
    """Follow all paths; `line` is that of the function's first one. False where they became too many."""
    try:
        _Explorer(function, watcher, line).run()
    except (TooManyError, RecursionError):
        return False
    return True


class _Explorer:
    def __init__(self, function: ir.Function, watcher: Watcher, line: int) -> None:
        self.function, self.watcher, self.line = function, watcher, line
        self.live = live_at_entry(function, function.addressed)
        self.often = _tested_often(function, watcher.asks)
        self.kept: set[Value] = set()
        self.deadline = time.monotonic() + MOST_SECONDS

    def run(self) -> None:
        seen: set[Hashable] = set()
        waiting: list[tuple[Here, Hashable]] = [(Here(Known(), None), self.watcher.start)]
        while waiting:
            here, extra = waiting.pop()
            self._project(here)
            key = (here.block, here.known.key(), extra)
            if key in seen:
                continue
            seen.add(key)
            if len(seen) > MOST_STATES or (len(seen) % 64 == 0 and time.monotonic() > self.deadline):
                raise TooManyError
            waiting.extend(self._block(here, extra))

    def _project(self, here: Here) -> None:
        """Drop what nothing will ask for again."""
        live, known = self.live[here.block], here.known
        known.places = {
            name: value for name, value in known.places.items() if name[0] != "l" or name[1] in live
        }
        held = set(known.places.values())
        known.signs = {
            value: signs for value, signs in known.signs.items() if value in held or value in self.kept
        }

    def _block(self, here: Here, extra: Hashable) -> Iterator[tuple[Here, Hashable]]:
        block = self.function.blocks[here.block]
        for index, step in enumerate(block.instructions):
            here.index = index
            extra = self.watcher.step(here, step, extra)
            self._effect(here, step)
        here.index = len(block.instructions)
        extra = self.watcher.step(here, block.terminator, extra)
        yield from self._leave(here, block.terminator, extra)

    # What an instruction does

    def _effect(self, here: Here, step: ir.Instruction) -> None:
        known = here.known
        if isinstance(step, ir.Declare):
            name = ("l", step.variable.number)
            known.forget(name)
            known.places[name] = ("u", step.variable.number)
        elif isinstance(step, ir.Assign):
            value = known.value(step.value)
            if holds_any(value, [known.place(step.target)]):
                known.store(step.target, ("o", here.block, here.index))
            else:
                known.store(step.target, value)
        elif isinstance(step, ir.Call):
            self._call(here, step)
        else:
            for number, place in enumerate(places(step)):
                known.store(place, self._fresh(here, number))

    def _fresh(self, here: Here, number: int) -> Value:
        value = ("o", here.block, here.index, number)
        here.known.forget(value)
        return value

    def _call(self, here: Here, call: ir.Call) -> None:
        known = here.known
        arguments = tuple(known.value(one.value) for one in call.arguments)
        for number, argument in enumerate(call.arguments):
            if argument.place is not None and call.kind == "macro":
                known.store(argument.place, self._fresh(here, number))
            elif argument.place is not None and known.read(argument.place)[0] == "u":
                known.store(argument.place, self._fresh(here, number))  # it may be a macro that assigns it
            elif isinstance(argument.value, ir.AddressOf):
                self._escapes(here, argument.value.place, number)
        if call.target is None:
            return
        if is_pure(call.callee):
            value: Value = ("f", call.callee, *arguments)
        else:
            value = ("c", here.block, here.index)
            known.forget(value)
            for name in [name for name in known.places if holds_any(name, [value])]:
                del known.places[name]
        known.store(ir.Local(variable=call.target), value)
        signs = self.watcher.answer(here, call)
        if signs is not None:
            known.narrow(value, signs)

    def _escapes(self, here: Here, place: ir.Place, number: int) -> None:
        """A callee may write to what it is given the address of, where that is a local variable."""
        base = place
        while isinstance(base, ir.Member | ir.Element):
            base = base.base
        if isinstance(base, ir.Local):
            here.known.store(place, self._fresh(here, 100 + number))
            if place is not base:
                here.known.places.pop(("l", base.variable.number), None)

    # Where a block goes

    def _leave(self, here: Here, end: ir.Terminator, extra: Hashable) -> Iterator[tuple[Here, Hashable]]:
        if isinstance(end, ir.Branch):
            for to, holds in ((end.other, False), (end.then, True)):
                known = here.known.copy()
                before = set(known.signs)
                if known.assume(end.condition, holds):
                    if self._is_often(end):
                        self.kept.update(set(known.signs) - before, *[{known.value(end.condition)}])
                    yield self._after(known, here, to, self._words(end, holds), end.span, extra)
        elif isinstance(end, ir.Switch):
            value = here.known.value(end.value)
            ruled_out = here.known.copy()
            for case in end.cases:
                known = here.known.copy()
                if case.low == case.high and not known.suppose(("b", "==", value, known.value(case.low)), True):
                    continue
                if case.low == case.high:
                    ruled_out.suppose(("b", "==", value, ruled_out.value(case.low)), False)
                yield self._after(known, here, case.to, f"{end.words} == {case.words}", end.span, extra)
            yield self._after(ruled_out, here, end.other, f"{end.words}: no case", end.span, extra)
        else:
            for to in ir.successors(end):
                yield Here(here.known.copy(), here.trace, to), extra

    def _after(
        self, known: Known, here: Here, to: int, words: str, span: ir.Span, extra: Hashable
    ) -> tuple[Here, Hashable]:
        trace = Trace(here.trace, words, self.line + span.line - 1) if words else here.trace
        after = Here(known, trace, to)
        return after, self.watcher.decided(after, extra)

    def _words(self, end: ir.Branch, holds: bool) -> str:
        words = _ARROW.sub(" ", end.words)
        if not words:
            return ""
        words = self.function.text[end.span.start : end.span.end]
        words = _ARROW.sub(" ", words) or end.words
        return words if holds else f"not ({words})" if " " in words else f"!{words}"

    def _is_often(self, end: ir.Branch) -> bool:
        return any(name in self.often for name in _leaves(end.condition))


def _leaves(*items: ir.Expr | ir.Place) -> set[str]:
    """Return the variables, fields, flags and pure questions in an expression."""
    found: set[str] = set()
    for item in all_parts(*items):
        if isinstance(item, ir.Local):
            found.add(f"{item.variable.name}#{item.variable.number}")
        elif isinstance(item, ir.Member):
            found.add(item.field)
        elif isinstance(item, ir.ConfigFlag):
            found.add(item.key)
    return found


def _tested_often(function: ir.Function, asks: frozenset[str]) -> frozenset[str]:
    """Return what more than one branch asks of, a return hands out or a check asks for: it is remembered."""
    counts: Counter[str] = Counter()
    calls: dict[str, str] = {}
    for block in function.blocks:
        for step in block.instructions:
            if isinstance(step, ir.Call) and step.target is not None and is_pure(step.callee):
                calls[f"{step.target.name}#{step.target.number}"] = step.callee
        end = block.terminator
        if isinstance(end, ir.Branch | ir.Switch):
            asked = end.condition if isinstance(end, ir.Branch) else end.value
            counts.update({calls.get(name, name) for name in _leaves(asked)})
        elif isinstance(end, ir.Return) and end.value is not None:
            counts.update(_leaves(end.value))
    often = {name for name, count in counts.items() if count > 1} | asks
    return frozenset(often | {name for name, callee in calls.items() if callee in often})


def touched_values(step: ir.Instruction | ir.Terminator) -> list[ir.Expr | ir.Place]:
    """Return all expressions and places of an instruction, and what they are made of."""
    return all_parts(*expressions(step), *places(step), *read_places(step))

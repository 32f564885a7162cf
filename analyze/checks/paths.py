"""A function's paths, one by one as far as they differ in what a check watches.

A path that contradicts itself (a condition taken both ways, a flag set and then found clear) is not followed.
What is not told apart is merged: paths with the same knowledge at the same block are one. Where the states
become too many, nothing is said of the function.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TypeVar

from ..engine import ir
from ..engine.graph import IrreducibleError, all_parts, base_variable, find_loops, live_at_entry, places
from .values import Known, Value, holds_any
from .view import Code, SideView

MOST_STATES = 3000
MOST_SECONDS = 30.0
ESCAPED = 100
NO_CASE = ": no case"
"""The end of a decision's words where no case of a switch holds."""
DEEPEST = 10
"""How deep the name of a value may be nested; a deeper one is a new value of which nothing is known."""
_PURE = re.compile(
    r"(?:is|has)_\w+|\w+_(?:is|has|test)_\w+|Page[A-Z]\w*|(?:huge_)?p[tmugd4]+d?e?_(?:none|present|write|same)\w*"
    r"|userfaultfd_\w+|test_bit|vma_\w+|(?:\w+_)?can_\w+|(?:\w+_)?empty|hstate_\w+|huge_page_\w+|\w+_enabled|virt_to_\w+|page_folio"
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


def escaped(here: Here, argument: int) -> Value:
    """Return the value that a local variable has behind the call at hand, which is given its address."""
    return ("o", here.block, here.index, ESCAPED + argument)


class Watcher:
    """What a check does along a path. `extra` is its own state: hashable, as small as can be."""

    start: Hashable = ()
    asks: frozenset[str] = frozenset()
    """Fields, variables and functions whose tests are remembered along a path, however rare they are."""
    strict = False
    """Whether a path is only followed where nothing at all speaks against it: two calls of any function with
    the same arguments then answer alike, and no test is forgotten. It takes more states."""

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


@dataclass(slots=True)
class Budget:
    """States that may still be looked at, of several walks; counted, so that one patch always gets as far."""

    left: int


Watching = TypeVar("Watching", bound=Watcher)


def followed(
    side: SideView, watch: Callable[[Code], Watching], calls: Set[str] | None = None
) -> Iterator[tuple[Code, Watching]]:
    """Follow the changed functions (those that call one of some names) with a watcher each; yield those whose
    paths could all be followed."""
    for code in side.changed:
        if code.lowered is None or (calls is not None and not code.lowered.calls & calls):
            continue
        watcher = watch(code)
        if follow(code, side, watcher):
            yield code, watcher


def follow(code: Code, side: SideView, watcher: Watcher) -> bool:
    """Follow all paths of a function that was lowered. False where they became too many, for this check or
    for one before it: nothing is then said of the function."""
    assert code.lowered is not None
    if not code.exhausted and explore(code.lowered, watcher, code.definition.start):
        return True
    code.exhausted = True
    side.unread.add((code.path, code.name))
    return False


def explore(function: ir.Function, watcher: Watcher, line: int = 1) -> bool:
    """Follow all paths; `line` is that of the function's first one. False where they became too many."""
    return is_run(lambda: Explorer(function, watcher, line))


def is_run(explorer: Callable[[], Explorer]) -> bool:
    """Say whether a walk follows all paths."""
    try:
        explorer().run()
    except (TooManyError, RecursionError, IrreducibleError):
        return False
    return True


class Explorer:
    """A walk along a function's paths."""

    knowing: type[Known] = Known
    """What a path starts with."""
    most_states = MOST_STATES

    def __init__(
        self, function: ir.Function, watcher: Watcher, line: int, budget: Budget | None = None
    ) -> None:
        self.function, self.watcher, self.line = function, watcher, line
        self.budget = budget or Budget(self.most_states)
        self.live = live_at_entry(function, function.addressed)
        self.pure = _pure_answers(function, watcher.strict)
        self.asked = _asked_from(function, self.pure, watcher)
        self.turns = {head: _set_in(function, loop.body) for head, loop in find_loops(function).items()}
        """The local variables that a turn of each loop may set, by the loop's head."""
        self.branches: dict[int, set[str]] = {}
        """What each block's branch asks, by block: read once."""
        self.kept: dict[Value, set[str]] = {}
        """What the conditions that are asked more than once told of, with the questions."""
        self.deadline = time.monotonic() + MOST_SECONDS

    def run(self) -> None:
        """Follow all paths.

        Raises:
            TooManyError: the states became too many.
        """
        seen: set[Hashable] = set()
        waiting: list[tuple[Here, Hashable]] = [(Here(self.knowing(), None), self.watcher.start)]
        while waiting:
            here, extra = waiting.pop()
            self._project(here)
            key = (here.block, here.known.key(), extra)
            if key in seen:
                continue
            seen.add(key)
            late = len(seen) % 64 == 0 and time.monotonic() > self.deadline
            if len(seen) > self.most_states or late:
                raise TooManyError
            waiting.extend(self._block(here, extra))

    def _project(self, here: Here) -> None:
        """Drop what nothing will ask for again."""
        live, known = self.live[here.block], here.known
        known.places = {
            name: value for name, value in known.places.items() if name[0] != "l" or name[1] in live
        }
        if here.block in self.turns:
            self._widen(here)
        held, asked = set(known.places.values()), self.asked[here.block]
        known.signs = {
            value: signs
            for value, signs in known.signs.items()
            if value in held or not asked.isdisjoint(self.kept.get(value, ()))
        }

    def _widen(self, here: Here) -> None:
        """At a loop's head, forget how values came about but for plain ones: each turn makes new ones. A
        variable that no turn sets keeps its value."""
        known, turn = here.known, self.turns[here.block]
        for name, value in known.places.items():
            if name[0] == "l" and name[1] not in turn:
                continue
            if value[0] in ("b", "n", "f", "d", "e", "of", "t") or _depth(value) > DEEPEST // 2:
                wide = ("w", here.block, name)
                known.forget(wide)
                known.signs[wide] = known.sign(value)
                known.places[name] = wide

    def _block(self, here: Here, extra: Hashable) -> Iterator[tuple[Here, Hashable]]:
        self.budget.left -= 1
        if self.budget.left < 0:
            raise TooManyError
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
            self._addressed(here, step.value)
            self._part_set(here, step.target)
            if value[0] == "u" and known.place(step.target) == ("l", *value[1:]):  # `int x = x`: it is meant
                value = self._fresh(here, 0)
            if _depth(value) > DEEPEST or holds_any(value, [known.place(step.target)]):
                known.store(step.target, ("o", here.block, here.index))
            else:
                known.store(step.target, value)
        elif isinstance(step, ir.Call):
            self._call(here, step)
        else:
            for number, place in enumerate(places(step)):
                known.store(place, self._fresh(here, number))
            for number, argument in enumerate(step.arguments if isinstance(step, ir.Step) else ()):
                if isinstance(argument.value, ir.AddressOf):  # a loop's macro sets what it is given
                    self._escapes(here, argument.value.place, number)

    def _part_set(self, here: Here, target: ir.Place) -> None:
        """A variable of which a field or an element is set is no longer unset."""
        variable = base_variable(target) if not isinstance(target, ir.Local) else None
        if variable is not None:
            name = ("l", variable.number)
            if here.known.places.get(name) == ("u", variable.number):
                del here.known.places[name]

    def _addressed(self, here: Here, value: ir.Expr) -> None:
        """A variable that was not set and whose address is put somewhere may be set through it."""
        for one in all_parts(value):
            variable = base_variable(one.place) if isinstance(one, ir.AddressOf) else None
            if variable is not None and here.known.places.get(("l", variable.number), ("",))[0] == "u":
                del here.known.places["l", variable.number]

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
        if is_pure(call.callee) or (self.watcher.strict and call.callee):
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
        variable = base_variable(place)
        if variable is not None:
            here.known.store(place, self._fresh(here, ESCAPED + number))
            if not isinstance(place, ir.Local):
                here.known.places.pop(("l", variable.number), None)

    # Where a block goes

    def _leave(self, here: Here, end: ir.Terminator, extra: Hashable) -> Iterator[tuple[Here, Hashable]]:
        if isinstance(end, ir.Branch):
            for to, holds in ((end.other, False), (end.then, True)):
                known = here.known.copy()
                before = set(known.signs)
                if known.assume(end.condition, holds):
                    for value in {*(set(known.signs) - before), known.value(end.condition)}:
                        self.kept.setdefault(value, set()).update(self._questions(here.block, end))
                    yield self._after(known, here, to, self._words(end, holds), end.span, extra)
        elif isinstance(end, ir.Switch):
            value = here.known.value(end.value)
            ruled_out = here.known.copy()
            for case in end.cases:
                known = here.known.copy()
                if case.low == case.high and not known.suppose(
                    ("b", "==", value, known.value(case.low)), True
                ):
                    continue
                if case.low == case.high:
                    ruled_out.suppose(("b", "==", value, ruled_out.value(case.low)), False)
                yield self._after(known, here, case.to, f"{end.words} == {case.words}", end.span, extra)
            yield self._after(ruled_out, here, end.other, f"{end.words}{NO_CASE}", end.span, extra)
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

    def _questions(self, block: int, end: ir.Branch) -> set[str]:
        if block not in self.branches:
            self.branches[block] = questions(end.condition, self.pure, self.watcher.strict)
        return self.branches[block]


def _set_in(function: ir.Function, blocks: Iterable[int]) -> frozenset[int]:
    """Return the local variables that some blocks may set; of those whose address is taken all of them."""
    within = [step for number in blocks for step in function.blocks[number].instructions]
    declared = {step.variable.number for step in within if isinstance(step, ir.Declare)}
    variables = (base_variable(place) for step in within for place in places(step))
    return function.addressed | declared | {one.number for one in variables if one is not None}


def questions(condition: ir.Expr, pure: Mapping[str, str], strict: bool = False) -> set[str]:
    """Return what a condition asks: of each variable, field or pure function, or of two of them together."""
    leaves = {pure.get(name, name) for name in _leaves(condition)}
    if (
        strict
        or not isinstance(condition, ir.Binary)
        or condition.op not in ("==", "!=", "<", "<=", ">", ">=")
    ):
        return leaves
    if not (_leaves(condition.left) and _leaves(condition.right)):
        return leaves
    kind = "=" if condition.op in ("==", "!=") else "<"
    return {f"{kind} {' '.join(sorted(leaves))}"}


def _leaves(*items: ir.Expr | ir.Place) -> set[str]:
    """Return the variables, fields, flags and pure questions in an expression."""
    found: set[str] = set()
    for item in all_parts(*items):
        if isinstance(item, ir.Local):
            found.add(f"{item.variable.name}#{item.variable.number}")
        elif isinstance(item, ir.Member):
            found.add(item.field)
        elif isinstance(item, ir.Global):
            found.add(item.name)
        elif isinstance(item, ir.ConfigFlag):
            found.add(item.key)
    return found


def _pure_answers(function: ir.Function, strict: bool = False) -> dict[str, str]:
    """Return which temporaries hold a pure function's answer (strict: any one's), and the function's name."""
    return {
        f"{step.target.name}#{step.target.number}": step.callee
        for block in function.blocks
        for step in block.instructions
        if isinstance(step, ir.Call) and step.target is not None and (strict or is_pure(step.callee))
    }


def _asked_from(function: ir.Function, pure: Mapping[str, str], watcher: Watcher) -> list[frozenset[str]]:
    """Return for each block what is worth knowing there: what a block that can be reached from it asks, and
    another one too (strict: or not); and what a check asks for."""
    blocks = function.blocks
    own: list[set[str]] = []
    for block in blocks:
        end = block.terminator
        asked: set[str] = set()
        if isinstance(end, ir.Branch | ir.Switch):
            asked = questions(
                end.condition if isinstance(end, ir.Branch) else end.value, pure, watcher.strict
            )
        elif isinstance(end, ir.Return) and end.value is not None:
            asked = _leaves(end.value)
        own.append(asked)
    counts = Counter(question for asked in own for question in asked)
    fewest = 1 if watcher.strict else 2
    reached = [{one for one in asked if counts[one] >= fewest} | watcher.asks for asked in own]
    changed = True
    while changed:
        changed = False
        for number in range(len(blocks) - 1, -1, -1):
            before = len(reached[number])
            for to in ir.successors(blocks[number].terminator):
                reached[number] |= reached[to]
            changed = changed or len(reached[number]) != before
    return [frozenset(one) for one in reached]


def _depth(value: object) -> int:
    """Return how deep a value's name is nested."""
    return 1 + max(map(_depth, value), default=0) if isinstance(value, tuple) else 0

"""A page is in the state that a step asks for, on each path: its reserve mark, the page cache, others."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from ..engine import ir
from ..engine.ctype import Bool, Integer
from ..kernel.contracts import Step, functions, steps
from ..models.build import entered
from .finding import Check, Example, Hit, Shown
from .kernel_version import holds_for
from .paths import MOST_SECONDS, Budget, Explorer, Here, Watcher, followed, is_run
from .values import NEGATIVE, ZERO, Value
from .view import Code, SideView

_HANDED = ("in", "d", "m", "g", "o")
"""Kinds of values that came from outside: no call of this function answered them."""
MOST_STATES = 60_000
"""Of all walks on one side through changed functions, what leads to them and what they call."""
_PRIMARY = {"page_folio"}
_DONE, _STEP, _TRIED, _PAST = "done", "step", "tried", "past"
Event = tuple[str, int, Value, str, int]
"""(kind, rule, object, function, line). Of a call that may have failed the line is that of no step, but 0."""


@dataclass(frozen=True, slots=True)
class _Broken:
    """A step that a rule forbids, or that lacks what the rule asks for."""

    rule: Step
    step: str
    line: int
    why: str
    steps: tuple[str, ...]


class _Table:
    """The rules that hold for one kernel, by the functions that they name."""

    def __init__(self, kernel: str) -> None:
        told = (one for one in steps() if holds_for(one.versions, kernel))
        self.rules = [one for one in told if one.needs or one.after or one.never_from]
        self.step = self._by_name("step")
        self.needs = self._by_name("needs")
        self.after = self._by_name("after")

    def _by_name(self, key: str) -> dict[str, list[tuple[int, int]]]:
        """Return (rule, argument) by function."""
        found: dict[str, list[tuple[int, int]]] = {}
        for number, rule in enumerate(self.rules):
            for written in getattr(rule, key):
                name, _, argument = written.partition("@")
                found.setdefault(name, []).append((number, int(argument or 0)))
        return found


class _States(Watcher):
    """Follows what was done to which object. `extra`: a frozenset of events."""

    start: Hashable = frozenset()

    def __init__(self, code: Code, function: ir.Function, table: _Table) -> None:
        self.code, self.function, self.table = code, function, table
        self.found: dict[tuple[str, str], _Broken] = {}
        self.lacking: dict[tuple[int, str], tuple[Value, _Broken]] = {}
        self.cared: set[tuple[int, Value]] = set()
        """Handed-in objects for which some path does what a rule asks for, by rule."""
        self.callees: dict[str, frozenset[int]] = {}

    def answer(self, here: Here, call: ir.Call) -> int | None:
        contract = functions().get(call.callee)
        return NEGATIVE | ZERO if contract and contract.returns == "zero-or-errno" else None

    def step(self, here: Here, step: ir.Instruction | ir.Terminator, extra: Hashable) -> Hashable:
        events = cast("frozenset[Event]", extra)
        if isinstance(step, ir.Return | ir.Stop):
            if isinstance(step, ir.Return):
                self._leave(here, events)
            return frozenset()
        if not isinstance(step, ir.Call):
            return events
        answered: Value = ("c", here.block, here.index)
        again = frozenset(one for one in events if answered in (one[2], *one[2]))
        self._leave(here, again)
        events -= again
        for number, at in self.table.step.get(step.callee, ()):
            if (thing := _object(here, step, at)) is not None:
                line = self.code.line(step.span)
                self._look(here, number, thing, step, line, events)
                if self.table.rules[number].needs:
                    events |= {(_STEP, number, thing, step.callee, line)}
        return events.union(self._done(here, step))

    def _done(self, here: Here, step: ir.Call) -> Iterator[Event]:
        """Yield what a call does to objects that a rule asks about."""
        for number, at in self.table.needs.get(step.callee, ()):
            if (thing := _object(here, step, at)) is not None:
                if thing[0] in _HANDED:
                    self.cared.add((number, thing))
                yield (_DONE, number, thing, "", 0)
        for number in self._care(step.callee):
            for argument in step.arguments:
                yield (_DONE, number, _primary(here.known.value(argument.value)), "", 0)
        for number, at in self.table.after.get(step.callee, ()):
            if (thing := _object(here, step, at)) is not None:
                answered = ("c", here.block, here.index)
                yield (_TRIED, number, (thing, answered), step.callee, self.code.line(step.span))

    def decided(self, here: Here, extra: Hashable) -> Hashable:
        """Once a call's answer is known, what it did is done, or it is not."""
        events = cast("frozenset[Event]", extra)
        for one in [one for one in events if one[0] == _TRIED]:
            _, number, (thing, answered), name, line = one
            signs = here.known.sign(answered)
            if not signs & NEGATIVE:
                events = events - {one} | {(_PAST, number, thing, name, line)}
            elif signs == NEGATIVE:
                events -= {one}
        return events

    def _care(self, callee: str) -> frozenset[int]:
        """Return the rules that a function of the same file takes care of."""
        known = self.callees.get(callee)
        if known is None:
            text = "".join(one.text for one in self.code.file.functions.get(callee, ()))
            known = frozenset(
                number
                for name, rules in (self.table.needs.items() if text else ())
                if re.search(rf"\b{name}\s*\(", text)
                for number, _ in rules
            )
            self.callees[callee] = known
        return known

    def _look(
        self, here: Here, number: int, thing: Value, call: ir.Call, line: int, events: frozenset[Event]
    ) -> None:
        """See whether a step is done to what it is forbidden on."""
        rule = self.table.rules[number]
        why = ""
        origin = self._origin(thing)
        if origin in rule.never_from:
            why = f"{origin}() found it"
        for kind, other, what, name, _ in events:
            if (kind, other, what) == (_PAST, number, thing):
                why = f"{name}() was called on it"
        if why:
            broken = _Broken(rule, call.callee, line, why, here.steps())
            self.found.setdefault((rule.state, call.callee), broken)

    def _leave(self, here: Here, events: frozenset[Event]) -> None:
        """See which steps lack what they need, at the end of a path."""
        done = {(one[1], one[2]) for one in events if one[0] == _DONE}
        for kind, number, thing, name, line in events:
            if kind != _STEP or (number, thing) in done:
                continue
            rule, origin = self.table.rules[number], self._origin(thing)
            why = f"{origin}() answered it" if origin else "it was handed in"
            if origin in rule.from_ or (not origin and thing[0] in _HANDED):
                self.lacking.setdefault((number, name), (thing, _Broken(rule, name, line, why, here.steps())))

    def _origin(self, thing: Value) -> str:
        """Return which function answered an object; "" where none of this one's calls did."""
        if thing[0] != "c":
            return ""
        call = self.function.blocks[thing[1]].instructions[thing[2]]
        return call.callee if isinstance(call, ir.Call) else ""

    def broken(self) -> Iterator[_Broken]:
        """Yield what was found; of what was handed in only where another path takes care of it."""
        yield from self.found.values()
        for (number, _), (thing, one) in self.lacking.items():
            if thing[0] == "c" or (number, thing) in self.cared:
                yield one


def _object(here: Here, call: ir.Call, at: int) -> Value | None:
    return _primary(here.known.value(call.arguments[at].value)) if at < len(call.arguments) else None


def _primary(value: Value) -> Value:
    """Return the page that a value names: `page_folio(page)` and `&folio->page` are one with it."""
    while True:
        if value[0] == "f" and value[1] in _PRIMARY and len(value) == 3:
            value = value[2]
        elif value[0] == "&" and value[1][0] == "m" and value[1][2] == "page" and value[1][1][0] == "d":
            value = value[1][1][1]
        else:
            return value


def find(side: SideView) -> Iterable[Hit]:
    """Find steps on pages in a wrong state: in each changed function, then through the ways into them."""
    table = _Table(side.patch.case.kernel)
    words = re.compile(rf"\b(?:{'|'.join(map(re.escape, table.step))})\s*\(")
    holders = [code for code in side.changed if words.search(code.definition.text)]
    own = set()
    for code, watcher in followed(side, lambda code: _States(code, code.graph, table), table.step.keys()):
        for one in watcher.broken():
            own.add((code.name, one.rule.state, one.step))
            yield _hit(one, code, side, code, one.line)
    budget = Budget(MOST_STATES)
    for entry, whole in entered(side, [code.name for code in holders]):
        watcher = _States(entry, whole, table)
        if not is_run(partial(_Whole, whole, watcher, entry.definition.start, budget)):
            side.given_up.add(CHECK.id)
        if CHECK.id in side.patch.pre.given_up:
            return
        inside = [code for code in holders if code.name in whole.calls and code is not entry]
        told = (one for one in watcher.broken() if (entry.name, one.rule.state, one.step) not in own)
        for one in told:
            holder, line = _held_in(inside, one.step) or (entry, one.line)
            yield _hit(one, entry, side, holder, line)


class _Whole(Explorer):
    """A walk through a graph with others put in: conditions are told by their words, not by their place."""

    most_states = MOST_STATES

    def __init__(self, function: ir.Function, watcher: Watcher, line: int, budget: Budget) -> None:
        super().__init__(function, watcher, line, budget)
        self.deadline += 3 * MOST_SECONDS  # states are counted; a clock is there for hostile graphs alone
        self.flags = {one.number for one in function.parameters if isinstance(one.type, Integer | Bool)}
        self.live = [one | function.addressed for one in self.live]  # read by what they are handed to

    def _project(self, here: Here) -> None:
        """Keep what is known of flags: they are asked under other names in what they are handed to."""
        signs = here.known.signs
        handed = {value: signs[value] for value in signs if value[0] == "in" and value[1] in self.flags}
        super()._project(here)
        here.known.signs |= handed

    def _words(self, end: ir.Branch, holds: bool) -> str:
        words = " ".join(end.words.split())
        return words if holds or not words else f"not ({words})"


def _held_in(holders: Sequence[Code], step: str) -> tuple[Code, int] | None:
    """Return the changed function that does a step, and the line."""
    for code in holders:
        found = re.search(rf"\b{re.escape(step)}\s*\(", code.definition.text)
        if found is not None:
            return code, code.definition.start + code.definition.text.count("\n", 0, found.start())
    return None


def _hit(one: _Broken, entry: Code, side: SideView, holder: Code, line: int) -> Hit:
    through = f", reached through {entry.name}()" if entry is not holder else ""
    return Hit(
        key=f"{one.rule.state} {one.step}",
        function=holder.name,
        path=holder.path,
        line=line,
        says=f"{holder.name}() {one.rule.says} ({one.step}(), {one.why} on this path{through})",
        shown=(Shown(path=holder.path, side=side.side, line=line, text=holder.text_at(line), note=one.why),),
        steps=tuple(f"below {step}" for step in one.steps) if entry is not holder else one.steps,
        sources=(one.rule.source,),
    )


_ALLOCATED = """\
int stash_map(struct stash *s, struct vm_area_struct *vma, int again)
{
	struct page *page;
	int ret;

	page = stash_alloc(s);
	ret = huge_add_to_page_cache(page, s->mapping, s->index);
	if (ret)
		return ret;
	page_dup_file_rmap(page, true);
	return 0;
}
"""

CHECK = Check(
    id="page-state",
    title="A page is in the state that a step asks for, on each path",
    proves=(
        "There is a path on which something is done to a page that its state forbids: one of the page cache "
        "is mapped as anonymous, or one that was allocated with a reserve is mapped and keeps its mark."
    ),
    assumes=(
        "what the function reads through a pointer stays the same between its reads",
        "callees that are not at hand leave the page's state as it is",
    ),
    severity="high",
    side=find,
    fires=Example(
        pre={"mm/stash.c": _ALLOCATED},
        post={
            "mm/stash.c": _ALLOCATED.replace(
                "	page = stash_alloc(s);\n",
                "	page = again ? find_lock_page(s->mapping, s->index) : NULL;\n"
                "	if (page) {\n"
                "		hugepage_add_new_anon_rmap(page, vma, s->start);\n"
                "		return 0;\n"
                "	}\n"
                "	page = stash_alloc(s);\n",
            )
        },
    ),
    silent=Example(
        pre={"mm/stash.c": _ALLOCATED},
        post={
            "mm/stash.c": _ALLOCATED.replace(
                "	page = stash_alloc(s);\n",
                "	page = again ? find_lock_page(s->mapping, s->index) : NULL;\n"
                "	if (page) {\n"
                "		page_dup_file_rmap(page, true);\n"
                "		return 0;\n"
                "	}\n"
                "	page = stash_alloc(s);\n",
            )
        },
    ),
)

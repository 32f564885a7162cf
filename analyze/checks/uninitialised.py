"""A local variable that is read where a path has not set it."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable

from ..engine import ir
from ..engine.ctype import Array, Pointer, Record
from ..engine.graph import all_parts, base_variable, expressions, find_loops, places, read_places, steps
from .finding import Check, Example, Hit, Shown
from .paths import NO_CASE, Here, Watcher, follow
from .view import Code, SideView

_REFUSED = re.compile(r": not \((.+ (?:==|&)) \(?(?:[A-Z]\w*|\d+)\)*$")
"""A decision against a constant or a flag."""


class _Unset(Watcher):
    """Looks at each use of a local variable's value; a copy is none, but has the value still."""

    strict = True

    def __init__(self, code: Code, side: SideView) -> None:
        self.code, self.side = code, side
        self.names = {one.number: one.name for one in code.graph.variables}
        self.records = _with_members(code.graph)
        self.found: dict[str, tuple[int, int, tuple[str, ...]]] = {}
        self.declared: dict[int, int] = {}

    def step(self, here: Here, step: ir.Instruction | ir.Terminator, extra: Hashable) -> Hashable:
        if isinstance(step, ir.Declare):
            self.declared[step.variable.number] = self.code.line(step.span)
        passed = {id(one.place) for one in step.arguments} if isinstance(step, ir.Call) else set()
        used = [one for one in _read_by(step, self._looks_at) if id(one) not in passed]
        for item in used if not _is_copy(step) else ():
            if (
                isinstance(item, ir.Read)
                and isinstance(item.place, ir.Local)
                and id(item.place) not in passed
            ):
                self._use(here, item.place.variable, step)
        return extra

    def _use(self, here: Here, variable: ir.Variable, step: ir.Instruction | ir.Terminator) -> None:
        value = here.known.places.get(("l", variable.number), ("",))
        span = getattr(step, "span", None)
        if value[0] != "u" or isinstance(variable.type, Record | Array) or variable.volatile or span is None:
            return
        if variable.number in self.records or value[1] in self.records:
            return
        if not _past_switch(here) and not _past_chain(here):
            found = (self.declared.get(value[1], 0), self.code.line(span), here.steps())
            self.found.setdefault(self.names.get(value[1], variable.name), found)

    def _looks_at(self, callee: str, argument: int) -> bool:
        """Say whether a function at hand reads a parameter before it sets it; of another one that is not
        told: it may be a macro, or not look at it in such a case."""
        code = self.side.definition(callee, self.code.path)
        if code is None or code.lowered is None:
            return False
        parameters = [one for one in code.lowered.variables if one.kind == "parameter"]
        if argument >= len(parameters):
            return False
        return parameters[argument].number in _read_unset(code.lowered, {parameters[argument].number})


def _is_copy(step: ir.Instruction | ir.Terminator) -> bool:
    """Say whether an instruction only puts a variable's value elsewhere."""
    return isinstance(step, ir.Assign) and _copied(step.value) is not None


def _copied(value: ir.Expr) -> ir.Expr | None:
    """Return the read of a local variable that a value is, casts aside; None where it is more."""
    while isinstance(value, ir.Cast):
        value = value.value
    return value if isinstance(value, ir.Read) and isinstance(value.place, ir.Local) else None


def _read_unset(function: ir.Function, start: Iterable[int] = (), looks: bool = False) -> set[int]:
    """Return the variables that may be read before they are set, all branches taken for possible; those of
    `start` are not set at the entry. `looks`: callees look at what they are handed."""
    blocks, found = function.blocks, set[int]()
    unset: list[set[int]] = [set() for _ in blocks]
    unset[0] |= {*start}
    waiting = list(range(len(blocks)))
    while waiting:
        number = waiting.pop(0)
        now = set(unset[number])
        for step in steps(blocks[number]):
            read = (one.place for one in _read_by(step, lambda *_: looks) if isinstance(one, ir.Read))
            found |= now & {place.variable.number for place in read if isinstance(place, ir.Local)}
            if isinstance(step, ir.Declare):
                now.add(step.variable.number)
            now -= {place.variable.number for place in places(step) if isinstance(place, ir.Local)}
            now -= _addressed(step)
        for to in ir.successors(blocks[number].terminator):
            if not now <= unset[to]:
                unset[to] |= now
                waiting.append(to)
    return found


def _addressed(step: ir.Instruction | ir.Terminator) -> set[int]:
    """Return the local variables whose address an instruction passes on or keeps: they may be set by it."""
    values: list[ir.Expr] = []
    if isinstance(step, ir.Call | ir.Step):
        values = [one.value for one in step.arguments if isinstance(one.value, ir.AddressOf)]
    elif isinstance(step, ir.Assign):
        values = [step.value]
    found = (base_variable(one.place) for one in all_parts(*values) if isinstance(one, ir.AddressOf))
    return {one.number for one in found if one is not None}


def _with_members(function: ir.Function) -> set[int]:
    """Return the variables of which a member is named: records, whatever is told of their types."""
    every = (
        one
        for block in function.blocks
        for step in steps(block)
        for one in all_parts(*expressions(step), *places(step), *read_places(step))
    )
    found = (base_variable(one) for one in every if isinstance(one, ir.Member))
    return {one.number for one in found if one is not None}


def _set_in_loops(function: ir.Function) -> set[str]:
    """Return the variables that a loop sets."""
    inside = {number for loop in find_loops(function).values() for number in loop.body}
    return {
        place.variable.name
        for number in inside
        for step in steps(function.blocks[number])
        for place in places(step)
        if isinstance(place, ir.Local)
    }


def _past_switch(here: Here) -> bool:
    """Say whether the path goes by a switch none of whose cases holds: an enum may have no other value."""
    return any(step.endswith(NO_CASE) for step in here.steps())


def _past_chain(here: Here) -> bool:
    """Say whether the path goes by two constants or flags of one value that do not hold: `if (a == X) ...
    else if (a == Y) ...` may be all that there is, as with a switch."""
    refused = [found[1] for step in here.steps() for found in _REFUSED.finditer(step)]
    return len(refused) > len(set(refused))


def _read_by(
    step: ir.Instruction | ir.Terminator,
    looks_at: Callable[[str, int], bool] = lambda callee, argument: False,
) -> list[ir.Expr | ir.Place]:
    """Return the expressions and places that an instruction reads. A call reads what it is handed as it is
    where its callee looks at it: that may be a macro, which asks for its size, or assigns it."""
    if isinstance(step, ir.Call):
        pointer = step.pointer
        if pointer is not None and isinstance(pointer, ir.Read) and not isinstance(pointer.type, Pointer):
            pointer = None  # a macro that has the variable's name
        read = [
            one.value
            for number, one in enumerate(step.arguments)
            if one.place is None and (_copied(one.value) is None or looks_at(step.callee, number))
        ]
        return all_parts(*([pointer] if pointer is not None else []), *read)
    if isinstance(step, ir.Step):  # a loop's macro sets what it is given
        return [one for arg in step.arguments if arg.place is None for one in all_parts(arg.value)]
    targets = [one for one in places(step) if not isinstance(one, ir.Local)]
    return all_parts(*expressions(step), *targets, *read_places(step))


def find(side: SideView) -> Iterable[Hit]:
    """Find local variables that a path reads before it sets them."""
    for code in side.changed:
        if code.lowered is None or not _read_unset(code.lowered, looks=True):
            continue
        watcher = _Unset(code, side)
        if not follow(code, side, watcher):
            continue
        in_loops = _set_in_loops(code.lowered)
        for name, (declared, line, path) in watcher.found.items():
            if name in in_loops:  # it may be known that the loop runs
                continue
            yield Hit(
                key=name,
                function=code.name,
                path=code.path,
                line=line,
                says=f"{code.name}() reads {name}, which this path has not set",
                shown=tuple(
                    Shown(path=code.path, side=side.side, line=at, text=code.text_at(at), note=note)
                    for at, note in ((declared, "declared"), (line, "read"))
                    if at
                ),
                steps=path,
            )


_BEFORE = """\
static int stash_scan(struct stash *s)
{
	int ret;

	ret = stash_first(s);
	return ret;
}
"""

CHECK = Check(
    id="uninitialised",
    title="A local variable is read before it is set",
    proves=(
        "There is a path, its conditions free of contradiction, that uses the value of a local variable and "
        "has not set it."
    ),
    assumes=(
        "what the function reads through a pointer stays the same between its reads",
        "two calls of a function with the same arguments answer alike",
        "macros that are not at hand set what they are given",
        "what is given a variable's address, or keeps it, sets it",
    ),
    severity="low",
    side=find,
    fires=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static int stash_scan(struct stash *s)
{
	int ret;

	if (s->full)
		ret = stash_first(s);
	return ret;
}
"""
        },
    ),
    silent=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static int stash_scan(struct stash *s)
{
	int ret;

	if (s->full)
		ret = stash_first(s);
	stash_kick(s);
	if (s->full)
		return ret;
	return 0;
}
"""
        },
    ),
)

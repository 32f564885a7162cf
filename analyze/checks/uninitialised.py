"""A local variable that is read where a path has not set it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from ..engine import ir
from ..engine.ctype import Array, Record
from ..engine.graph import all_parts, expressions, find_loops, places, read_places, steps
from .finding import Check, Example, Hit, Shown
from .paths import NO_CASE, Here, Watcher, follow
from .view import Code, SideView


class _Unset(Watcher):
    """Looks at each read of a local variable."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.found: dict[str, tuple[int, int, tuple[str, ...]]] = {}
        self.declared: dict[int, int] = {}

    def step(self, here: Here, step: ir.Instruction | ir.Terminator, extra: Hashable) -> Hashable:
        if isinstance(step, ir.Declare):
            self.declared[step.variable.number] = self.code.line(step.span)
        passed = {id(one.place) for one in step.arguments} if isinstance(step, ir.Call) else set()
        for item in _read_by(step):
            if (
                not isinstance(item, ir.Read)
                or not isinstance(item.place, ir.Local)
                or id(item.place) in passed
            ):
                continue
            variable = item.place.variable
            if isinstance(variable.type, Record | Array) or variable.volatile:
                continue
            span = getattr(step, "span", None)
            unset = here.known.places.get(("l", variable.number)) == ("u", variable.number)
            if unset and span is not None and not _past_switch(here):
                found = (self.declared.get(variable.number, 0), self.code.line(span), here.steps())
                self.found.setdefault(variable.name, found)
        return extra


def _may_be_unset(function: ir.Function) -> bool:
    """Say whether any variable may be read before it is set, all branches taken for possible: else no path
    needs to be followed."""
    blocks = function.blocks
    unset: list[set[int]] = [set() for _ in blocks]
    waiting = list(range(len(blocks)))
    while waiting:
        number = waiting.pop(0)
        now = set(unset[number])
        for step in steps(blocks[number]):
            read = {item.variable.number for item in _read_by(step) if isinstance(item, ir.Local)}
            if read & now:
                return True
            if isinstance(step, ir.Declare):
                now.add(step.variable.number)
            now -= {place.variable.number for place in places(step) if isinstance(place, ir.Local)}
        for to in ir.successors(blocks[number].terminator):
            if not now <= unset[to]:
                unset[to] |= now
                waiting.append(to)
    return False


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


def _read_by(step: ir.Instruction | ir.Terminator) -> list[ir.Expr | ir.Place]:
    if isinstance(step, ir.Call):  # an argument that may be a macro's to assign is no read
        read = [one.value for one in step.arguments if one.place is None]
        return all_parts(*([step.pointer] if step.pointer is not None else []), *read)
    if isinstance(step, ir.Step):  # a loop's macro sets what it is given
        return [one for arg in step.arguments if arg.place is None for one in all_parts(arg.value)]
    targets = [one for one in places(step) if not isinstance(one, ir.Local)]
    return all_parts(*expressions(step), *targets, *read_places(step))


def find(side: SideView) -> Iterable[Hit]:
    """Find local variables that a path reads before it sets them."""
    for code in side.changed:
        if code.lowered is None or not _may_be_unset(code.lowered):
            continue
        watcher = _Unset(code)
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
        "There is a path, its conditions free of contradiction, that reads a local variable and has not "
        "set it."
    ),
    assumes=(
        "what the function reads through a pointer stays the same between its reads",
        "macros that are not at hand set what they are given",
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

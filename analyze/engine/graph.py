"""A control-flow graph's order, loops and live variables (rules L1, L2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from . import ir


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A natural loop: every way into `body` goes through `head`."""

    head: int
    body: frozenset[int]


class IrreducibleError(Exception):
    """A cycle has two entries (rule L1)."""


_Rest = ParamSpec("_Rest")
_Found = TypeVar("_Found")


class _Same:
    """A graph as a key: by its identity, since comparing two means reading both."""

    __slots__ = ("graph",)

    def __init__(self, graph: ir.Function) -> None:
        self.graph = graph

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.graph is self.graph

    def __hash__(self) -> int:
        return id(self.graph)


def once(
    of: Callable[Concatenate[ir.Function, _Rest], _Found],
) -> Callable[Concatenate[ir.Function, _Rest], _Found]:
    """Keep what is found of the last graphs, which are executed several times; nobody changes it."""

    @lru_cache(maxsize=32)
    def kept(same: _Same, *rest: Any, **named: Any) -> _Found:
        return of(same.graph, *rest, **named)

    @wraps(of)
    def found(graph: ir.Function, /, *rest: _Rest.args, **named: _Rest.kwargs) -> _Found:
        return kept(_Same(graph), *rest, **named)  # type: ignore[arg-type]  # they are hashable

    return found


def reverse_postorder(entry: int, follow: Callable[[int], Iterable[int]]) -> list[int]:
    """Return what is reachable from `entry`; of an acyclic graph in topological order."""
    seen, order = {entry}, []
    waiting = [(entry, iter(tuple(follow(entry))))]
    while waiting:
        node, rest = waiting[-1]
        for after in rest:
            if after not in seen:
                seen.add(after)
                waiting.append((after, iter(tuple(follow(after)))))
                break
        else:
            order.append(node)
            waiting.pop()
    return order[::-1]


@once
def find_loops(function: ir.Function) -> dict[int, Loop]:
    """Return the natural loops by head; loops of one head are one.

    Raises:
        IrreducibleError: a cycle has a second entry.
    """
    blocks = function.blocks

    def follow(number: int) -> Iterable[int]:
        return reversed(ir.successors(blocks[number].terminator))

    order = reverse_postorder(0, follow)
    place = {number: index for index, number in enumerate(order)}
    before: dict[int, list[int]] = {number: [] for number in order}
    for number in order:
        for after in ir.successors(blocks[number].terminator):
            before[after].append(number)
    dominators = _dominators(order, place, before)
    bodies: dict[int, set[int]] = {}
    for number in order:
        for after in ir.successors(blocks[number].terminator):
            if place[after] <= place[number]:
                if not _dominates(after, number, dominators):
                    raise IrreducibleError
                bodies.setdefault(after, {after}).update(_reaching(number, after, before))
    return {head: Loop(head=head, body=frozenset(body)) for head, body in bodies.items()}


def _reaching(latch: int, head: int, before: dict[int, list[int]]) -> set[int]:
    found, waiting = {head}, [latch]
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting.extend(before[number])
    return found


def _dominators(order: list[int], place: dict[int, int], before: dict[int, list[int]]) -> dict[int, int]:
    """Return the immediate dominators (Cooper, Harvey, Kennedy 2001)."""
    found = {order[0]: order[0]}
    changed = True
    while changed:
        changed = False
        for number in order[1:]:
            known = [pred for pred in before[number] if pred in found]
            new = known[0]
            for pred in known[1:]:
                new = meet(new, pred, found, place)
            if found.get(number) != new:
                found[number] = new
                changed = True
    return found


def meet(one: int, two: int, dominators: dict[int, int], place: dict[int, int]) -> int:
    """Return the nearest common dominator."""
    while one != two:
        if place[one] > place[two]:
            one = dominators[one]
        else:
            two = dominators[two]
    return one


def _dominates(one: int, two: int, dominators: dict[int, int]) -> bool:
    while two != one:
        above = dominators[two]
        if above == two:
            return False
        two = above
    return True


# What instructions name


def places(instruction: ir.Instruction | ir.Terminator) -> tuple[ir.Place, ...]:
    """Return the places that it writes."""
    if isinstance(instruction, ir.Assign | ir.ZeroFill):
        return (instruction.target,)
    if isinstance(instruction, ir.Call):
        own: tuple[ir.Place, ...] = ()
        if instruction.target is not None:
            own = (ir.Local(variable=instruction.target),)
        return own + tuple(arg.place for arg in instruction.arguments if arg.place is not None)
    if isinstance(instruction, ir.VolatileRead):
        return (ir.Local(variable=instruction.target),)
    if isinstance(instruction, ir.VolatileWrite):
        return (instruction.place,)
    if isinstance(instruction, ir.Step):
        both = (ir.Local(variable=instruction.more), ir.Local(variable=instruction.token))
        return both + tuple(arg.place for arg in instruction.arguments if arg.place is not None)
    if isinstance(instruction, ir.Asm):
        return instruction.outputs
    return instruction.asm.outputs if isinstance(instruction, ir.AsmJump) else ()


def expressions(instruction: ir.Instruction | ir.Terminator) -> tuple[ir.Expr, ...]:
    """Return the expressions that it evaluates, those inside its places left out."""
    found: tuple[ir.Expr | None, ...] = ()
    if isinstance(instruction, ir.Assign | ir.Evaluate | ir.VolatileWrite | ir.Return):
        found = (instruction.value,)
    elif isinstance(instruction, ir.Call):
        found = (instruction.pointer, *(arg.value for arg in instruction.arguments))
    elif isinstance(instruction, ir.Step):
        token = ir.Read(place=ir.Local(variable=instruction.token), type=instruction.token.type)
        found = (token, *(arg.value for arg in instruction.arguments))
    elif isinstance(instruction, ir.Asm):
        found = instruction.inputs
    elif isinstance(instruction, ir.AsmJump):
        found = instruction.asm.inputs
    elif isinstance(instruction, ir.Branch):
        found = (instruction.condition,)
    elif isinstance(instruction, ir.Switch):
        found = (
            instruction.value,
            *(case.low for case in instruction.cases),
            *(c.high for c in instruction.cases),
        )
    return tuple(one for one in found if one is not None)


def parts(item: ir.Expr | ir.Place) -> tuple[ir.Expr | ir.Place, ...]:
    """Return what an expression or a place is made of, one step down."""
    if isinstance(item, ir.Deref):
        return (item.pointer, item.index)
    if isinstance(item, ir.Member):
        return (item.base,)
    if isinstance(item, ir.Element):
        return (item.base, item.index)
    if isinstance(item, ir.Read | ir.AddressOf):
        return (item.place,)
    if isinstance(item, ir.Unary | ir.Cast):
        return (item.value,)
    if isinstance(item, ir.Binary | ir.PointerDifference):
        return (item.left, item.right)
    if isinstance(item, ir.PointerAdd):
        return (item.pointer, item.index)
    return (item.pointer,) if isinstance(item, ir.ContainerOf) else ()


def all_parts(*items: ir.Expr | ir.Place) -> list[ir.Expr | ir.Place]:
    """Return `items` and everything below them, outer ones first."""
    found: list[ir.Expr | ir.Place] = []
    waiting = list(reversed(items))
    while waiting:
        item = waiting.pop()
        found.append(item)
        waiting.extend(reversed(parts(item)))
    return found


def read_places(instruction: ir.Instruction | ir.Terminator) -> tuple[ir.Place, ...]:
    """Return what a volatile read reads."""
    return (instruction.place,) if isinstance(instruction, ir.VolatileRead) else ()


def steps(block: ir.Block) -> tuple[ir.Instruction | ir.Terminator, ...]:
    """Return the instructions and the terminator."""
    return (*block.instructions, block.terminator)


def base_variable(place: ir.Place) -> ir.Variable | None:
    """Return the local variable that a place is, or is a part of; None where it is reached by a pointer."""
    while isinstance(place, ir.Member | ir.Element):
        place = place.base
    return place.variable if isinstance(place, ir.Local) else None


@once
def find_addressed(function: ir.Function) -> frozenset[int]:
    """Return the numbers of the variables whose address is taken (rule M3); bare arguments of macros are
    not."""
    found = set()
    for block in function.blocks:
        for step in steps(block):
            for item in all_parts(*expressions(step), *places(step), *read_places(step)):
                if isinstance(item, ir.AddressOf):
                    variable = base_variable(item.place)
                    if variable is not None:
                        found.add(variable.number)
            if isinstance(step, ir.VolatileRead | ir.VolatileWrite):
                variable = base_variable(step.place)
                if variable is not None:
                    found.add(variable.number)
    return frozenset(found)


@once
def set_at_once(function: ir.Function) -> frozenset[int]:
    """Return the variables whose every declaration is followed in its block by an assignment, with no mention
    of them in between: nobody sees them indeterminate."""
    found: dict[int, bool] = {}
    for block in function.blocks:
        for index, step in enumerate(block.instructions):
            if isinstance(step, ir.Declare):
                number = step.variable.number
                found[number] = found.get(number, True) and _is_set(block.instructions[index + 1 :], number)
    return frozenset(number for number, sure in found.items() if sure)


def _is_set(following: tuple[ir.Instruction, ...], number: int) -> bool:
    for step in following:
        if number in _mentioned(step, False):
            return False
        if number in _mentioned(step, True):
            return isinstance(step, ir.Assign) and isinstance(step.target, ir.Local)
    return False


@once
def mention_order(
    function: ir.Function, entry: int = 0, members: frozenset[int] | None = None
) -> dict[int, int]:
    """Number the variables by where the graph (from `entry`, within `members`) first reads them or takes
    their address; those that are only written come behind, then the others. Names and the order of
    declarations have no part in it."""
    found: dict[int, int] = {}
    blocks = function.blocks

    def follow(number: int) -> list[int]:
        after = ir.successors(blocks[number].terminator)
        return [one for one in reversed(after) if members is None or one in members]

    order = reverse_postorder(entry, follow)
    for writing in (False, True):
        for number in order:
            for step in steps(blocks[number]):
                for variable in _mentioned(step, writing):
                    found.setdefault(variable, len(found))
    for one in function.variables:
        found.setdefault(one.number, len(found))
    return found


def _mentioned(step: ir.Instruction | ir.Terminator, writing: bool) -> list[int]:
    """Return the variables that a step reads (or, where `writing`, names at all), zeroing apart."""
    if isinstance(step, ir.ZeroFill):
        return []
    items: list[ir.Expr | ir.Place] = [*expressions(step), *read_places(step)]
    for place in places(step):
        items.extend((place,) if writing else _used_by(place))
    return [item.variable.number for item in all_parts(*items) if isinstance(item, ir.Local)]


def _used_by(place: ir.Place) -> tuple[ir.Expr | ir.Place, ...]:
    """Return what a write to a place reads of variables: nothing where the place is a variable itself."""
    return () if isinstance(place, ir.Local) else (place,)


@once
def live_at_entry(function: ir.Function, objects: frozenset[int]) -> list[set[int]]:
    """Return for each block the variables that are live at its start; `objects` die only where they are
    declared."""
    blocks = function.blocks
    live: list[set[int]] = [set() for _ in blocks]
    order = reverse_postorder(0, lambda n: ir.successors(blocks[n].terminator))
    changed = True
    while changed:
        changed = False
        for number in reversed(order):
            now: set[int] = set()
            for after in ir.successors(blocks[number].terminator):
                now |= live[after]
            for step in reversed(steps(blocks[number])):
                _step_back(step, now, objects)
            if now != live[number]:
                live[number] = now
                changed = True
    return live


def _step_back(step: ir.Instruction | ir.Terminator, live: set[int], objects: frozenset[int]) -> None:
    if isinstance(step, ir.Declare):
        live.discard(step.variable.number)
        return
    used: list[ir.Expr | ir.Place] = [*expressions(step), *read_places(step)]
    for place in places(step):
        if isinstance(place, ir.Local) and place.variable.number not in objects:
            live.discard(place.variable.number)
        else:
            used.append(place)
    if isinstance(step, ir.Call | ir.Step):  # what may be a macro's lvalue may as well be kept (C7)
        used += [arg.place for arg in step.arguments if arg.place is not None]
    live.update(item.variable.number for item in all_parts(*used) if isinstance(item, ir.Local))

"""Versions whose parameter lists differ: parameters are matched by name (rule C9)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from . import ir
from .ctype import Bool, Integer, Pointer
from .unroll import reachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Both versions with the parameters of the one that has more; the other does not use those it gained."""

    pre: ir.Function
    post: ir.Function
    longer: int
    """Which version has more parameters: 0 before, 1 after."""
    own: tuple[int, ...]
    """The positions of those that it alone has."""

    def names(self) -> tuple[str, ...]:
        """Return the names of the parameters that one version alone has."""
        return tuple((self.pre, self.post)[self.longer].parameters[one].name for one in self.own)

    def without(self) -> Matched | None:
        """Return the same with zero for every parameter that one version alone has; None where that cannot
        be said."""
        side = (self.pre, self.post)[self.longer]
        fixed = _zeroed(side, self.own)
        if fixed is None:
            return None
        return replace(self, post=fixed) if self.longer else replace(self, pre=fixed)

    def opened(self) -> Matched:
        """Return the same with the parameters that one version alone has as values that no difference may
        rest on."""
        sides = [self.pre, self.post]
        for number, side in enumerate(sides):
            own = {side.parameters[one].number for one in self.own}
            parameters = (replace(one, kind="open") if one.number in own else one for one in side.parameters)
            sides[number] = replace(side, parameters=tuple(parameters))
        return replace(self, pre=sides[0], post=sides[1])


def match(pre: ir.Function, post: ir.Function) -> Matched | None:
    """Match the parameters of two versions, if one list is the other with some more in it: equal names and
    types in the same order. None where it is not, where both are equally long, or the results differ."""
    longer = int(len(post.parameters) > len(pre.parameters))
    long, short = ((pre, post), (post, pre))[longer]
    if len(long.parameters) == len(short.parameters) or pre.variadic or post.variadic:
        return None
    if pre.result != post.result:
        return None
    positions: list[int] = []
    for one in short.parameters:
        start = positions[-1] + 1 if positions else 0
        at = next(
            (n for n in range(start, len(long.parameters)) if long.parameters[n].name == one.name), None
        )
        if at is None or not one.name or long.parameters[at].type != one.type:
            return None
        positions.append(at)
    own = tuple(n for n in range(len(long.parameters)) if n not in positions)
    filled = _filled(short, long, positions)
    before, after = (filled, long) if longer else (long, filled)
    return Matched(pre=before, post=after, longer=longer, own=own)


def _filled(short: ir.Function, long: ir.Function, positions: list[int]) -> ir.Function:
    """Return a function with the parameters of another list; those that it gains it does not use."""
    variables = list(short.variables)
    parameters: list[ir.Variable] = []
    for number, other in enumerate(long.parameters):
        if number in positions:
            parameters.append(short.parameters[positions.index(number)])
        else:
            parameters.append(replace(other, number=len(variables)))
            variables.append(parameters[-1])
    return replace(
        short, parameters=tuple(parameters), variables=tuple(variables), signature=_listed(short, long)
    )


def _listed(short: ir.Function, long: ir.Function) -> str:
    """Return a signature with another's parameter list."""
    return f"{short.signature.rpartition(' (')[0]} ({long.signature.rpartition(' (')[2]}"


def _zeroed(function: ir.Function, positions: tuple[int, ...]) -> ir.Function | None:
    """Return a function in which parameters are 0 from the start."""
    parameters = [function.parameters[number] for number in positions]
    if not all(isinstance(one.type, Integer | Bool | Pointer) for one in parameters):
        return None
    if any(0 in ir.successors(block.terminator) for block in function.blocks):
        return None  # the first block runs again
    span = ir.Span(start=0, end=0, line=function.line)
    steps = [
        ir.Assign(target=ir.Local(variable=one), value=ir.Cast(value=ir.ZERO, type=one.type), span=span)
        for one in parameters
    ]
    first = function.blocks[0]
    entry = replace(first, instructions=(*steps, *first.instructions))
    kept = _unassigned(function) & {one.number for one in parameters}
    blocks = tuple(_decided(block, kept) for block in (entry, *function.blocks[1:]))
    return reachable(replace(function, blocks=blocks))


def _decided(block: ir.Block, zero: set[int]) -> ir.Block:
    """Return a block that goes where its condition leads if variables are 0."""
    if not isinstance(block.terminator, ir.Branch):
        return block
    value = _value(block.terminator.condition, zero)
    if value is None:
        return block
    return replace(block, terminator=ir.Jump(to=block.terminator.then if value else block.terminator.other))


def _value(value: ir.Expr, zero: set[int]) -> int | None:
    """Return a value where variables are 0; None where that does not tell it."""
    if isinstance(value, ir.Cast):
        return 0 if _value(value.value, zero) == 0 else None
    if isinstance(value, ir.Read) and isinstance(value.place, ir.Local):
        return 0 if value.place.variable.number in zero else None
    if isinstance(value, ir.Const):
        return value.value
    if isinstance(value, ir.Unary) and value.op == "!":
        inner = _value(value.value, zero)
        return None if inner is None else int(not inner)
    if isinstance(value, ir.Binary):
        sides = _value(value.left, zero), _value(value.right, zero)
        if value.op == "&" and 0 in sides:
            return 0
        if value.op in ("==", "!=") and None not in sides:
            return int((sides[0] == sides[1]) == (value.op == "=="))
    return None


def _unassigned(function: ir.Function) -> set[int]:
    """Return the numbers of the parameters that nothing here changes."""
    assigned = {
        step.target.variable.number
        for block in function.blocks
        for step in block.instructions
        if isinstance(step, ir.Assign) and isinstance(step.target, ir.Local)
    }
    return {one.number for one in function.parameters} - assigned - function.addressed


def handed_on(caller: ir.Function, name: str, position: int) -> set[str]:
    """Return the parameters of a function that it never assigns and gives, at a position, to a function that
    it calls: values that only its own callers know."""
    given = _unassigned(caller)
    values = [
        step.arguments[position].value
        for block in caller.blocks
        for step in block.instructions
        if isinstance(step, ir.Call) and step.callee == name and position < len(step.arguments)
    ]
    found: set[str] = set()
    for value in values:
        while isinstance(value, ir.Cast):
            value = value.value
        if isinstance(value, ir.Read) and isinstance(value.place, ir.Local):
            variable = value.place.variable
            found |= {variable.name} if variable.number in given else set()
    return found

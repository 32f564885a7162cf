"""Calls replaced by the called function's own graph (rule C3)."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import Any

from . import ir
from .difference import BOUND
from .unroll import MOST_BLOCKS, TooManyBlocksError, reachable

DEPTH = 2


def inline(
    function: ir.Function, bodies: dict[str, ir.Function], depth: int = DEPTH
) -> tuple[ir.Function, frozenset[str]]:
    """Return the function with its calls of `bodies` replaced, `depth` deep, and the names that are still
    called.

    What is left is recursive, deeper, or called with other arguments than its definition takes.

    Raises:
        TooManyBlocksError: the result would be too large.
    """
    left: set[str] = set()
    statics: dict[tuple[str, int], ir.Variable] = {}
    for turn in range(depth):
        sites = _sites(function, bodies)
        if not sites:
            break
        for number, index in reversed(sites):
            call = function.blocks[number].instructions[index]
            assert isinstance(call, ir.Call)
            body = bodies[call.callee]
            if not _fits(call, body) or function.name == body.name or (turn and body.name in body.calls):
                left.add(call.callee)
                continue
            function = _spliced(function, number, index, call, body, statics)
    remaining = {
        step.callee
        for block in function.blocks
        for step in block.instructions
        if isinstance(step, ir.Call) and step.callee in bodies
    }
    return function, frozenset(remaining | left)


def expand(function: ir.Function, bodies: dict[str, ir.Function], depth: int) -> ir.Function:
    """Return the function with its calls of `bodies`, recursive ones too, replaced `depth` deep; a run that
    would call deeper stops with BOUND (L5).

    Raises:
        TooManyBlocksError: the result would be too large.
    """
    statics: dict[tuple[str, int], ir.Variable] = {}
    for turn in range(depth + 1):
        for number, index in reversed(_sites(function, bodies)):
            call = function.blocks[number].instructions[index]
            assert isinstance(call, ir.Call)
            body = bodies[call.callee]
            if turn < depth and _fits(call, body):
                function = _spliced(function, number, index, call, body, statics)
            else:
                function = _cut(function, number, index, call.span)
    return reachable(function)


def _cut(function: ir.Function, number: int, index: int, span: ir.Span) -> ir.Function:
    blocks = list(function.blocks)
    block = blocks[number]
    blocks[number] = replace(
        block, instructions=block.instructions[:index], terminator=ir.Stop(how=BOUND, span=span)
    )
    return replace(function, blocks=tuple(blocks))


def _sites(function: ir.Function, bodies: dict[str, ir.Function]) -> list[tuple[int, int]]:
    return [
        (number, index)
        for number, block in enumerate(function.blocks)
        for index, step in enumerate(block.instructions)
        if isinstance(step, ir.Call) and step.callee in bodies and step.kind in ("function", "unknown")
    ]


def _fits(call: ir.Call, body: ir.Function) -> bool:
    return len(call.arguments) == len(body.parameters) and not body.variadic


def _spliced(
    function: ir.Function,
    number: int,
    index: int,
    call: ir.Call,
    body: ir.Function,
    statics: dict[tuple[str, int], ir.Variable],
) -> ir.Function:
    """Put the body in the call's place: block `number` is cut in two around it."""
    blocks, variables = list(function.blocks), list(function.variables)
    names: dict[int, ir.Variable] = {}
    for variable in body.variables:
        known = statics.get((body.name, variable.number)) if variable.kind == "static" else None
        if known is None:
            kind = "local" if variable.kind == "parameter" else variable.kind
            known = replace(variable, number=len(variables), kind=kind)
            variables.append(known)
            if kind == "static":
                statics[body.name, variable.number] = known
        names[variable.number] = known
    first, rest = len(blocks), len(blocks) + len(body.blocks)
    here = blocks[number]
    entering: list[ir.Instruction] = []
    for argument, parameter in zip(call.arguments, body.parameters, strict=True):
        target = names[parameter.number]
        value = argument.value
        if value.type != target.type:
            value = ir.Cast(value=value, type=target.type)
        entering += [
            ir.Declare(variable=target, span=call.span),
            ir.Assign(target=ir.Local(variable=target), value=value, span=call.span),
        ]
    blocks[number] = replace(
        here, instructions=(*here.instructions[:index], *entering), terminator=ir.Jump(to=first)
    )
    blocks.extend(_renamed_block(block, names, first, rest, call) for block in body.blocks)
    blocks.append(replace(here, instructions=here.instructions[index + 1 :], label=""))
    if len(blocks) > MOST_BLOCKS:
        raise TooManyBlocksError
    return replace(
        function,
        blocks=tuple(blocks),
        variables=tuple(variables),
        calls=function.calls | body.calls,
        names=function.names | body.names,
    )


def _renamed_block(
    block: ir.Block, names: dict[int, ir.Variable], first: int, rest: int, call: ir.Call
) -> ir.Block:
    instructions = tuple(_renamed(step, names, call.span) for step in block.instructions)
    terminator = _renamed(block.terminator, names, call.span)
    if isinstance(terminator, ir.Return):
        if terminator.value is not None and call.target is not None:
            value = terminator.value
            if value.type != call.target.type:
                value = ir.Cast(value=value, type=call.target.type)
            instructions += (ir.Assign(target=ir.Local(variable=call.target), value=value, span=call.span),)
        elif terminator.value is not None:
            instructions += (ir.Evaluate(value=terminator.value, span=call.span),)
        terminator = ir.Jump(to=rest)
    elif isinstance(terminator, ir.Jump):
        terminator = replace(terminator, to=terminator.to + first)
    elif isinstance(terminator, ir.Branch):
        terminator = replace(terminator, then=terminator.then + first, other=terminator.other + first)
    elif isinstance(terminator, ir.Switch):
        cases = tuple(replace(case, to=case.to + first) for case in terminator.cases)
        terminator = replace(terminator, cases=cases, other=terminator.other + first)
    elif isinstance(terminator, ir.AsmJump):
        terminator = replace(terminator, targets=tuple(target + first for target in terminator.targets))
    return ir.Block(instructions=instructions, terminator=terminator)


def _renamed(item: Any, names: dict[int, ir.Variable], span: ir.Span) -> Any:
    """Return a part of the graph with other variables, and the call's place in the text for its own."""
    if isinstance(item, ir.Variable):
        return names[item.number]
    if isinstance(item, ir.Span):
        return span
    if isinstance(item, tuple):
        return tuple(_renamed(one, names, span) for one in item)
    kind = type(item)
    fields = _fields_of(kind)
    if not fields:
        return item
    return kind(**{name: _renamed(getattr(item, name), names, span) for name in fields})


def _fields_of(kind: type[Any]) -> tuple[str, ...]:
    """Return the fields of a class of the graph; () for another."""
    if kind not in _FIELDS:
        of_graph = dataclasses.is_dataclass(kind) and kind.__module__ == ir.__name__
        _FIELDS[kind] = tuple(one.name for one in dataclasses.fields(kind)) if of_graph else ()
    return _FIELDS[kind]


_FIELDS: dict[type[Any], tuple[str, ...]] = {}

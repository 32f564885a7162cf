"""What a graph calls and names (rules B7, C3, C4)."""

from __future__ import annotations

import re
from collections import Counter

from . import ctype, ir
from .graph import all_parts, expressions, places, read_places, steps
from .surroundings import SIZE


def calls_of(function: ir.Function, kinds: tuple[str, ...] = ()) -> frozenset[str]:
    """Return the names that a graph calls, those of calls through pointers included; of some kinds of calls
    alone where such are given."""
    return frozenset(
        step.callee
        for block in function.blocks
        for step in block.instructions
        if isinstance(step, ir.Call) and (not kinds or step.kind in kinds)
    )


def spans_of(function: ir.Function, names: frozenset[str]) -> frozenset[ir.Span]:
    """Return where a graph calls functions of some names; what is inlined for a call stands there too."""
    return frozenset(
        step.span
        for block in function.blocks
        for step in block.instructions
        if isinstance(step, ir.Call) and step.callee in names
    )


def argument_counts(function: ir.Function) -> dict[str, set[int]]:
    """Return how many arguments the functions get that are called by name or through a field."""
    found: dict[str, set[int]] = {}
    for block in function.blocks:
        for step in block.instructions:
            if isinstance(step, ir.Call) and step.kind in ("function", "unknown", "pointer"):
                found.setdefault(step.callee, set()).add(len(step.arguments))
    return found


def uneven(pre: ir.Function, post: ir.Function) -> set[str]:
    """Return the functions that one version calls at more places than the other (C3)."""
    counts = [
        Counter(
            step.callee for block in one.blocks for step in block.instructions if isinstance(step, ir.Call)
        )
        for one in (pre, post)
    ]
    return {name for name in counts[0].keys() | counts[1].keys() if counts[0][name] != counts[1][name]}


def is_arithmetic(function: ir.Function) -> bool:
    """Say whether a function only computes: no effect but calls, no memory beyond its own variables."""
    if not all(isinstance(variable.type, ctype.Integer) for variable in function.variables):
        return False
    for block in function.blocks:
        for step in steps(block):
            if not isinstance(
                step,
                ir.Unsequenced
                | ir.Assign
                | ir.Declare
                | ir.Evaluate
                | ir.Call
                | ir.Return
                | ir.Jump
                | ir.Branch
                | ir.Switch,
            ):
                return False
            if isinstance(step, ir.Call) and (step.pointer is not None or step.kind != "function"):
                return False
            for place in (*places(step), *read_places(step)):
                if not isinstance(place, ir.Local) or place.variable.kind == "static":
                    return False
    return True


def named(function: ir.Function) -> set[str]:
    """Return the names that a graph uses as values, globals or sizes of types, or that its statics start
    from."""
    found = {word for one in function.variables for word in re.findall(r"[A-Za-z_]\w*", one.initial or "")}
    for block in function.blocks:
        for step in steps(block):
            for item in all_parts(*expressions(step), *places(step), *read_places(step)):
                if isinstance(item, ir.FunctionName | ir.Global | ir.Symbol):
                    found.add(item.name.removeprefix("#if "))
                elif isinstance(item, ir.ConfigFlag):
                    found |= set(re.findall(r"[A-Za-z_]\w*", re.sub(r"^(?:[ym]:|#if )", "", item.key)))
                elif isinstance(item, ir.Text):
                    found |= set(re.findall(r"<([A-Za-z_]\w*)>", item.content))  # a macro among its pieces
                elif isinstance(item, ir.SizeOf):
                    found |= _types_named(item.of) | set(re.findall(r"[A-Za-z_]\w*", item.member))
    return found


def _types_named(of: ctype.CType) -> set[str]:
    if isinstance(of, ctype.Record):
        return {SIZE + of.tag}
    if isinstance(of, ctype.Array):
        return _types_named(of.of)
    if not isinstance(of, ctype.Unknown):
        return set()
    return {of.name, *(SIZE + word for word in re.findall(r"[A-Za-z_]\w*", of.name))}

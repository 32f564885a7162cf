"""Loops that step by what a function answers: an answer of 0 leaves them where they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..engine import ir
from ..engine.graph import IrreducibleError, Loop, all_parts, find_loops
from .view import Code, SideView


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepping:
    """A loop in a caller that goes on by a callee's answer, and never asks whether it is 0."""

    caller: Code
    line: int
    """Of the step."""
    call: int
    """Of the call."""
    variable: str
    """What the loop goes by."""


def stepping_callers(name: str, side: SideView) -> Iterator[Stepping]:
    """Yield the loops at hand that step by what `name` answers."""
    for caller in side.callers(name):
        if caller.lowered is None:
            continue
        try:
            loops = find_loops(caller.lowered)
        except IrreducibleError:
            continue
        for loop in loops.values():
            found = _step(caller, loop, name)
            if found is not None:
                yield found
                break


def _step(caller: Code, loop: Loop, name: str) -> Stepping | None:
    assert caller.lowered is not None
    blocks = [caller.lowered.blocks[number] for number in sorted(loop.body)]
    answers: set[int] = set()
    call = 0
    for block in blocks:
        for step in block.instructions:
            if isinstance(step, ir.Call) and step.callee == name and step.target is not None:
                answers.add(step.target.number)
                call = caller.line(step.span)
    assigns = [step for block in blocks for step in block.instructions if isinstance(step, ir.Assign)]
    for step in assigns:
        if isinstance(step.target, ir.Local) and _plain(step.value) in answers:
            answers.add(step.target.variable.number)
    if not answers or _asks_for_zero(blocks, answers):
        return None
    ends = _end_variables(caller.lowered, loop)
    for step in assigns:
        variable = _goes_by(step, answers)
        if variable is not None and _reaches(variable, assigns, ends):
            return Stepping(caller=caller, line=caller.line(step.span), call=call, variable=variable.name)
    return None


def _plain(value: ir.Expr) -> int | None:
    """Return the variable that a value is, casts apart."""
    while isinstance(value, ir.Cast):
        value = value.value
    if isinstance(value, ir.Read) and isinstance(value.place, ir.Local):
        return value.place.variable.number
    return None


def _asks_for_zero(blocks: list[ir.Block], answers: set[int]) -> bool:
    for block in blocks:
        end = block.terminator
        if not isinstance(end, ir.Branch):
            continue
        condition = end.condition
        if _plain(condition) in answers:
            return True
        if isinstance(condition, ir.Binary) and _tells_zero(condition, answers):
            return True
    return False


def _tells_zero(condition: ir.Binary, answers: set[int]) -> bool:
    """Say whether a comparison tells an answer of 0 from others: any but `< 0` and `>= 0` may."""
    if not {_plain(condition.left), _plain(condition.right)} & answers:
        return False
    with_zero = isinstance(condition.right, ir.Const) and condition.right.value == 0
    return condition.op not in ("<", ">=") or not with_zero


def _goes_by(step: ir.Assign, answers: set[int]) -> ir.Variable | None:
    """Return the variable that is set to a sum with an answer in it."""
    value = step.value
    while isinstance(value, ir.Cast):
        value = value.value
    if not isinstance(step.target, ir.Local) or not isinstance(value, ir.Binary) or value.op != "+":
        return None
    read = {one.variable.number for one in all_parts(value) if isinstance(one, ir.Local)}
    return step.target.variable if read & answers and len(read) > 1 else None


def _end_variables(function: ir.Function, loop: Loop) -> set[int]:
    """Return the variables that the branches out of a loop compare."""
    found: set[int] = set()
    for number in loop.body:
        end = function.blocks[number].terminator
        if not isinstance(end, ir.Branch) or {end.then, end.other} <= loop.body:
            continue
        if isinstance(end.condition, ir.Binary):
            found |= {one.variable.number for one in all_parts(end.condition) if isinstance(one, ir.Local)}
    return found


def _reaches(variable: ir.Variable, assigns: list[ir.Assign], ends: set[int]) -> bool:
    """Say whether a variable, or one that is set to it in the loop, decides when the loop ends."""
    if variable.number in ends:
        return True
    return any(
        isinstance(one.target, ir.Local)
        and _plain(one.value) == variable.number
        and one.target.variable.number in ends
        for one in assigns
    )

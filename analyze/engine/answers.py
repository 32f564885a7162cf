"""What a function can answer, by its body: where that is a handful of constants (rule C4)."""

from __future__ import annotations

from . import ir
from .error_numbers import ERROR_NUMBERS


def constant_answers(body: ir.Function) -> frozenset[int] | None:
    """Return the numbers that a function returns, if it returns nothing else; None where that is not told,
    or where it does not return."""
    found: set[int] = set()
    for block in body.blocks:
        if isinstance(block.terminator, ir.Return):
            values = _values(block.terminator.value, body)
            if values is None:
                return None
            found |= values
    return frozenset(found) or None


def _values(value: ir.Expr | None, body: ir.Function) -> set[int] | None:
    known = _number(value)
    if known is not None:
        return {known}
    while isinstance(value, ir.Cast):
        value = value.value
    if not (isinstance(value, ir.Read) and isinstance(value.place, ir.Local)):
        return None
    variable = value.place.variable
    if variable.kind not in ("local", "temporary") or variable.number in body.addressed:
        return None
    found: set[int] = set()
    for block in body.blocks:
        for step in block.instructions:
            if isinstance(step, ir.Assign) and step.target == value.place:
                given = _number(step.value)
                if given is None:
                    return None
                found.add(given)
            elif getattr(step, "target", None) in (variable, value.place):
                return None  # what a call answers, or a whole object
    return found or None


def _number(value: ir.Expr | None) -> int | None:
    """Return a constant's value; of errors by name too."""
    while isinstance(value, ir.Cast):
        value = value.value
    if isinstance(value, ir.Const):
        return value.value
    if isinstance(value, ir.Symbol):
        return ERROR_NUMBERS.get(value.name)
    if isinstance(value, ir.Unary) and value.op == "-":
        inner = _number(value.value)
        return None if inner is None else -inner
    return None

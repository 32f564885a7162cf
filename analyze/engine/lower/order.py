"""Operands whose order of evaluation C leaves open and that may interfere: marked, not judged here (T10)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...syntax import Node, walk
from ..ir import Unsequenced, Variable
from ..kernel_types import KERNEL_TYPES
from .context import Lowering
from .tables import NO_EFFECT

_STIRS = re.compile(r"\(|\+\+|--|(?<![=!<>])=(?!=)")
_TRUTH = re.compile(r"(^|[(,?:] ?)!!\(([\w$]+(?:(?:->|\.)\w+)*(?:\([^()]*\))?)\)(?= \?)")
"""`!!(c) ?` at the start of an operand: `c ?`, as everywhere (T3)."""


@dataclass(frozen=True, slots=True)
class _Operand:
    calls: tuple[str, ...]
    writes: frozenset[str]
    names: frozenset[str]
    reads: bool


def mark(low: Lowering, whole: Node, operands: list[Node]) -> None:
    """Emit an Unsequenced in front of operands that may interfere."""
    if len(operands) < 2 or not _STIRS.search(low.fragment.code, whole.start, whole.end):
        return
    found = [_look(low, one) for one in operands]
    if sum(bool(one.calls or one.writes) for one in found) == 0:
        return
    stores = any(one.writes & (two.names | two.writes) for one in found for two in found if one is not two)
    calling = [one for one in found if one.calls]
    mixed = any(two.reads for one in calling for two in found if two is not one)
    if not stores and len(calling) < 2 and not mixed:
        return
    low.emit(
        Unsequenced(
            text=_TRUTH.sub(r"\1\2", low.shape(whole)),
            operands=tuple(low.shape(one) for one in operands),
            callees=tuple(one.calls for one in found),
            reads=tuple(one.reads for one in found),
            stores=stores,
            span=low.span(whole),
        )
    )


def _look(low: Lowering, node: Node) -> _Operand:
    calls: list[str] = []
    writes: set[str] = set()
    names: set[str] = set()
    reads = False
    callees: set[int] = set()
    for one in walk(node):
        kind = one.kind
        if kind == "identifier":
            if one.start in callees:
                continue
            name = low.written(one)
            names.add(name)
            known = low.lookup(name)
            reads = reads or (known is None and not name.isupper()) or _is_shared(low, known)
        elif kind in ("field_expression", "subscript_expression"):
            reads = reads or "->" in low.fragment.written(one) or kind == "subscript_expression"
        elif kind == "pointer_expression":
            reads = reads or one.children[0].kind == "*"
        elif kind == "call_expression":
            function = one.child("function")
            if function is not None and _is_cast(low, function):
                continue
            name = low.written(function) if function is not None and function.kind == "identifier" else ""
            name = "" if isinstance(low.lookup(name), Variable) else name
            if name and function is not None:
                callees.add(function.start)
            if name not in NO_EFFECT or _is_own(low, name):
                calls.append(name)
        elif kind in ("assignment_expression", "update_expression"):
            target = one.child("left") or one.child("argument")
            writes.add(low.written(target) if target is not None else "")
            if target is not None and target.kind != "identifier":
                calls.append("")
    return _Operand(tuple(calls), frozenset(writes), frozenset(names), reads)


def _is_own(low: Lowering, name: str) -> bool:
    """Say whether the file gives a name a meaning of its own."""
    return ("macro", name) in low.environment.pieces or ("function", name) in low.environment.pieces


def _is_cast(low: Lowering, function: Node) -> bool:
    """Say whether `(T)(x)` was read as a call."""
    inner = function.named_children
    if function.kind != "parenthesized_expression" or len(inner) != 1 or inner[0].kind != "identifier":
        return False
    if low.fragment.rewrite("typeof", inner[0].start) is not None:
        return True
    name = low.written(inner[0])
    return name in KERNEL_TYPES or (name.endswith("_t") and low.lookup(name) is None)


def _is_shared(low: Lowering, known: object) -> bool:
    return isinstance(known, Variable) and (known.kind == "static" or known.name in low.pointed)


def looks_active(low: Lowering, node: Node) -> bool:
    """Say whether a call's arguments call, assign or dereference anything."""
    inner = node.child("arguments")
    if inner is None:
        return False
    for one in inner.named_children:
        found = _look(low, one)
        if (
            found.calls
            or found.writes
            or "->" in low.fragment.written(one)
            or "*" in low.fragment.written(one)
        ):
            return True
    return False

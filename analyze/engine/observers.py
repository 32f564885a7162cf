"""Functions whose bodies show that a call of them does nothing but read (rule C1).

A call of one is replaced by its body, so that what it reads, and where it faults or stops, is seen where it
stands: whether it may move, be repeated or dropped then follows from the memory and the history there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from . import ir
from .graph import IrreducibleError, base_variable, find_loops, places

DEPTH = 4
"""How deep functions that only read may call one another."""
MOST_BLOCKS = 40
"""A larger body stays a call, which is an effect."""

Lower = Callable[[str], ir.Function | ir.Unlowered | None]
"""Name -> what a call of it runs in one version; None where no definition is at hand."""
_NAMED = ("function", "unknown")
_QUIET = ("pure", "observing")
_STEPS = (
    ir.Declare | ir.Assign | ir.ZeroFill | ir.Evaluate | ir.Call | ir.Warn | ir.Unsequenced
    | ir.Jump | ir.Branch | ir.Switch | ir.Return | ir.Stop
)  # fmt: skip


class Observers:
    """What the bodies of one version show."""

    def __init__(self, lower: Lower) -> None:
        self._lower = lower
        self._known: dict[str, tuple[ir.Function, int] | None] = {}

    def of(self, function: ir.Function, without: frozenset[str]) -> dict[str, ir.Function]:
        """Return the bodies of the functions that only read, of those that a function calls and of what
        these call."""
        found: dict[str, ir.Function] = {}
        waiting = sorted(calls_of(function) - without)
        while waiting:
            shown = self._shown(waiting.pop())
            if shown is not None and shown[0].name not in found:
                found[shown[0].name] = shown[0]
                waiting.extend(sorted(calls_of(shown[0]) - without))
        return found

    def _shown(self, name: str) -> tuple[ir.Function, int] | None:
        """Return the body of a function that only reads, with how deep it calls others."""
        if name not in self._known:
            self._known[name] = None  # recursive: an effect
            body = self._lower(name)
            depth = self._depth(body) if isinstance(body, ir.Function) else None
            if isinstance(body, ir.Function) and depth is not None:
                self._known[name] = (body, depth)
        return self._known[name]

    def _depth(self, body: ir.Function) -> int | None:
        if len(body.blocks) > MOST_BLOCKS or body.variadic or not _is_quiet(body):
            return None
        called = calls_of(body, _NAMED)
        inner = [self._shown(name) for name in sorted(called)]
        depth = 1 + max((shown[1] if shown is not None else DEPTH for shown in inner), default=0)
        marks = [
            step for block in body.blocks for step in block.instructions if isinstance(step, ir.Unsequenced)
        ]
        return depth if depth <= DEPTH and all(settled(step, calls_of(body)) for step in marks) else None


def _is_quiet(body: ir.Function) -> bool:
    """Say whether a body has no loop, no store beyond its own variables, and no effect but calls."""
    for block in body.blocks:
        for step in (*block.instructions, block.terminator):
            if not isinstance(step, _STEPS):
                return False
            if isinstance(step, ir.Call) and step.kind not in (*_NAMED, *_QUIET):
                return False
            for place in places(step) if not isinstance(step, ir.Call) else ():
                variable = base_variable(place)
                if variable is None or variable.kind == "static":
                    return False
    try:
        return not find_loops(body)
    except IrreducibleError:
        return False


def settled(step: ir.Unsequenced, quiet: frozenset[str]) -> bool:
    """Say whether operands without an order cannot interfere, since the calls of `quiet` only read (T10)."""
    acting = [any(name not in quiet for name in names) for names in step.callees]
    if step.stores or sum(acting) > 1:
        return False
    return not any(acting) or not any(
        reads or names
        for reads, names, acts in zip(step.reads, step.callees, acting, strict=True)
        if not acts
    )


def without_marks(function: ir.Function, quiet: frozenset[str]) -> ir.Function:
    """Return the function without the marks of operands that cannot interfere."""
    blocks = tuple(
        replace(
            block,
            instructions=tuple(
                _less(step, quiet) if isinstance(step, ir.Unsequenced) else step
                for step in block.instructions
                if not (isinstance(step, ir.Unsequenced) and settled(step, quiet))
            ),
        )
        for block in function.blocks
    )
    return replace(function, blocks=blocks)


def _less(step: ir.Unsequenced, quiet: frozenset[str]) -> ir.Unsequenced:
    """Return a mark in which the calls of `quiet` are reads."""
    return replace(
        step,
        callees=tuple(tuple(name for name in names if name not in quiet) for names in step.callees),
        reads=tuple(
            reads or any(name in quiet for name in names)
            for reads, names in zip(step.reads, step.callees, strict=True)
        ),
    )


def calls_of(function: ir.Function, kinds: tuple[str, ...] = ()) -> frozenset[str]:
    """Return the names that a graph still calls, those of calls through pointers included; of some kinds of
    calls alone where such are given."""
    return frozenset(
        step.callee
        for block in function.blocks
        for step in block.instructions
        if isinstance(step, ir.Call) and (not kinds or step.kind in kinds)
    )

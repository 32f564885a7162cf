"""Functions whose bodies show that a call of them does nothing but read (rule C1).

A call of one is replaced by its body, so that what it reads, and where it faults or stops, is seen where it
stands: whether it may move, be repeated or dropped then follows from the memory and the history there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import ir
from .graph import IrreducibleError, base_variable, find_loops, places
from .inline import inline
from .marks import settled, without_marks
from .mentions import calls_of

DEPTH = 4
"""How deep functions that only read may call one another."""
MOST_BLOCKS = 40
"""A larger body stays a call, which is an effect."""
MOST_LOOPING = 16
"""The same of a body with a loop, which a search unrolls (L5)."""

Lower = Callable[[str], ir.Function | ir.Unlowered | None]
"""Name -> what a call of it runs in one version; None where no definition is at hand."""
_NAMED = ("function", "unknown")
_TABLE = ("pure", "observing")
_STEPS = (
    ir.Declare | ir.Assign | ir.ZeroFill | ir.Evaluate | ir.Call | ir.Warn | ir.Unsequenced
    | ir.Jump | ir.Branch | ir.Switch | ir.Return | ir.Stop
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Shown:
    """A body that only reads."""

    body: ir.Function
    depth: int
    """How deep it calls others of its kind."""
    silent: bool
    """Whether it always comes to its end, without a warning: operands that call it have no order (T10)."""


class Observers:
    """What the bodies of one version show."""

    def __init__(self, lower: Lower) -> None:
        self._lower = lower
        self._known: dict[str, _Shown | None] = {}

    def inlined_in(
        self, function: ir.Function, without: frozenset[str]
    ) -> tuple[ir.Function, frozenset[str]]:
        """Return the function with such bodies in the place of their calls, and their names.

        Raises:
            TooManyBlocksError: the result would be too large.
        """
        found: dict[str, _Shown] = {}
        waiting = sorted(calls_of(function, _NAMED) - without)
        while waiting:
            name = waiting.pop()
            shown = self._shown(name)
            if shown is not None and name not in found:
                found[name] = shown
                waiting.extend(sorted(calls_of(shown.body, _NAMED) - without))
        if not found:
            return function, frozenset()
        silent = frozenset(name for name, shown in found.items() if shown.silent)
        bodies = {name: without_marks(shown.body, silent) for name, shown in found.items()}
        return inline(without_marks(function, silent), bodies, DEPTH)[0], frozenset(found)

    def unmarked(self, function: ir.Function, without: frozenset[str]) -> ir.Function:
        """Return the function without the marks (T10) of operands that only read."""
        steps = [step for block in function.blocks for step in block.instructions]
        if not any(isinstance(step, ir.Unsequenced) for step in steps):
            return function
        called = {name: self._shown(name) for name in calls_of(function, _NAMED) - without}
        silent = frozenset(name for name, shown in called.items() if shown is not None and shown.silent)
        return without_marks(function, silent) if silent else function

    def _shown(self, name: str) -> _Shown | None:
        if name not in self._known:
            self._known[name] = None  # recursive: an effect
            body = self._lower(name)
            self._known[name] = self._look(body) if isinstance(body, ir.Function) else None
        return self._known[name]

    def _look(self, body: ir.Function) -> _Shown | None:
        if len(body.blocks) > MOST_BLOCKS or body.variadic or not _is_quiet(body):
            return None
        inner: dict[str, _Shown] = {}
        for name in sorted(calls_of(body, _NAMED)):
            shown = self._shown(name)
            if shown is None:
                return None
            inner[name] = shown
        depth = 1 + max((shown.depth for shown in inner.values()), default=0)
        if depth > DEPTH:
            return None
        silent = frozenset(name for name, shown in inner.items() if shown.silent)
        steps = [step for block in body.blocks for step in (*block.instructions, block.terminator)]
        table = calls_of(body, _TABLE)
        if not all(settled(step, silent | table) for step in steps if isinstance(step, ir.Unsequenced)):
            return None
        ends = len(silent) == len(inner) and not any(isinstance(step, ir.Warn | ir.Stop) for step in steps)
        return _Shown(body, depth, ends and not find_loops(body))


def _is_quiet(body: ir.Function) -> bool:
    """Say whether a body has no store beyond its own variables, no effect but calls, and no loop but a small
    one."""
    for block in body.blocks:
        for step in (*block.instructions, block.terminator):
            if not isinstance(step, _STEPS):
                return False
            if isinstance(step, ir.Call) and step.kind not in (*_NAMED, *_TABLE):
                return False
            for place in places(step) if not isinstance(step, ir.Call) else ():
                variable = base_variable(place)
                if variable is None or variable.kind == "static":
                    return False
    try:
        return not find_loops(body) or len(body.blocks) <= MOST_LOOPING
    except IrreducibleError:
        return False

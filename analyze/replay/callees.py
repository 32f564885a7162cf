"""What a call is to the harness: an effect unless it is known not to be (C1, B4).

Names are matched as the text has them. The sets that a caller hands in (the engine's tables) come first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..engine.lower.tables import PRINTING

_TRACED = re.compile(r"trace_(?!\w*_enabled\b)\w+")
_UNEVALUATED = re.compile(
    r"lockdep_assert\w*|lockdep_set_\w+|rcu_lockdep_assert|\w+_assert_locked|\w+_assert_write_locked"
)
_ENDS = frozenset(
    ["panic", "do_exit", "make_task_dead", "do_group_exit", "kthread_exit", "machine_halt", "nmi_panic"]
)
_LOOP = re.compile(r"\w*for_?each\w*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Callees:
    """Names with a meaning beyond "an effect"."""

    pure: frozenset[str] = frozenset()
    """Functions of their arguments alone."""
    observing: frozenset[str] = frozenset()
    """Functions of their arguments and of memory, without an effect."""
    silent: frozenset[str] = frozenset()
    """No behaviour (B4) beside the evaluation of their arguments."""

    def kind(self, name: str) -> str:
        """Return "pure", "observing", "silent", "unevaluated", "ends" or "effect"."""
        if name in self.pure:
            return "pure"
        if name in self.observing:
            return "observing"
        if _UNEVALUATED.fullmatch(name):
            return "unevaluated"
        if name in self.silent or (name in PRINTING or _TRACED.fullmatch(name)):
            return "silent"
        return "ends" if name in _ENDS else "effect"


def is_loop_macro(name: str) -> bool:
    """Say whether a name is one of a macro that heads a loop."""
    return _LOOP.fullmatch(name) is not None

"""A damaged diff -> an exact diff, and what was repaired. Design: docs/repair.md."""

from .recover import repair_patch
from .result import Recovered, RecoveredFile, Repair

__all__ = ["Recovered", "RecoveredFile", "Repair", "repair_patch"]

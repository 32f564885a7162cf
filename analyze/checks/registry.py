"""The checks, in the order in which they are run and listed."""

from __future__ import annotations

from . import atomic_sleep, lock_balance, nullable, unchecked_pointer, uninitialised
from .finding import Check

CHECKS: tuple[Check, ...] = (
    nullable.CHECK,
    unchecked_pointer.CHECK,
    lock_balance.CHECK,
    atomic_sleep.CHECK,
    uninitialised.CHECK,
)

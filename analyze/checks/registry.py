"""The checks, in the order in which they are run and listed."""

from __future__ import annotations

from . import (
    atomic_sleep,
    flag_bit,
    ioctl_direction,
    ioctl_result,
    lock_balance,
    missing_export,
    nullable,
    old_callers,
    twins,
    unchecked_pointer,
    uninitialised,
)
from .finding import Check

CHECKS: tuple[Check, ...] = (
    nullable.CHECK,
    unchecked_pointer.CHECK,
    lock_balance.CHECK,
    atomic_sleep.CHECK,
    uninitialised.CHECK,
    ioctl_direction.CHECK,
    ioctl_result.CHECK,
    flag_bit.CHECK,
    twins.CHECK,
    old_callers.CHECK,
    missing_export.CHECK,
)

"""The checks, in the order in which they are run and listed."""

from __future__ import annotations

from . import (
    atomic_sleep,
    changelog_claim,
    comment_names,
    defined_later,
    fixes_tag,
    flag_bit,
    flag_rules,
    ioctl_direction,
    ioctl_result,
    lock_balance,
    loop_progress,
    missing_export,
    moved_code,
    new_bug,
    nullable,
    old_callers,
    reference_balance,
    removed_guard,
    return_contract,
    twins,
    unchecked_pointer,
    uninitialised,
)
from .finding import Check

CHECKS: tuple[Check, ...] = (
    nullable.CHECK,
    unchecked_pointer.CHECK,
    return_contract.CHECK,
    loop_progress.CHECK,
    removed_guard.CHECK,
    lock_balance.CHECK,
    reference_balance.CHECK,
    atomic_sleep.CHECK,
    uninitialised.CHECK,
    ioctl_direction.CHECK,
    ioctl_result.CHECK,
    flag_bit.CHECK,
    flag_rules.CHECK,
    twins.CHECK,
    old_callers.CHECK,
    defined_later.CHECK,
    changelog_claim.CHECK,
    moved_code.CHECK,
    comment_names.CHECK,
    missing_export.CHECK,
    new_bug.CHECK,
    fixes_tag.CHECK,
)

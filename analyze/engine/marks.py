"""Marks of operands that C leaves without an order: which of them mean nothing, since calls only read (rules
T10, C1)."""

from __future__ import annotations

from dataclasses import replace

from . import ir


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

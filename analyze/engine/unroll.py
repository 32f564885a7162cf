"""Loops unrolled, for the search of a difference and never for a proof (rule L5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from . import ir
from .difference import BOUND
from .graph import Loop, find_loops, reverse_postorder

MOST_BLOCKS = 1500


class TooManyBlocksError(Exception):
    """The unrolled graph would be too large."""


def unroll(function: ir.Function, turns: int = 2, most: int = MOST_BLOCKS) -> tuple[ir.Function, bool]:
    """Return the function with each loop replaced by up to `turns` whole turns, and whether there was a loop.

    A path that would go on stops with BOUND: nothing is said about it.

    Raises:
        TooManyBlocksError: past `most` blocks.
        IrreducibleError: a cycle has two entries.
    """
    any_loop = False
    while True:
        loops = find_loops(function)
        inner = [one for one in loops.values() if not any(other.body < one.body for other in loops.values())]
        if not inner:
            return function, any_loop
        any_loop = True
        function = _unrolled(function, min(inner, key=lambda loop: loop.head), turns, most)


def _unrolled(function: ir.Function, loop: Loop, turns: int, most: int) -> ir.Function:
    """Copy the loop's body `turns` times and its head once more: a way round from copy k enters copy k +
    1."""
    blocks = list(function.blocks)
    members = sorted(loop.body)
    if len(blocks) + (turns + 1) * len(members) > most:
        raise TooManyBlocksError
    bound = len(blocks)
    span = ir.Span(start=0, end=0, line=1)
    blocks.append(ir.Block(instructions=(), terminator=ir.Stop(how=BOUND, span=span)))
    copies: list[dict[int, int]] = [{number: number for number in members}]
    for _ in range(turns):
        copies.append({number: len(blocks) + index for index, number in enumerate(members)})
        blocks.extend(function.blocks[number] for number in members)
    for turn, names in enumerate(copies):
        onward = copies[turn + 1][loop.head] if turn + 1 < len(copies) else bound
        target = {**names, loop.head: onward}
        for number in members:
            block = function.blocks[number]
            blocks[names[number]] = replace(block, terminator=_redirected(block.terminator, target))
    return reachable(replace(function, blocks=tuple(blocks)))


def _redirected(terminator: ir.Terminator, target: dict[int, int]) -> ir.Terminator:
    if isinstance(terminator, ir.Jump):
        return replace(terminator, to=target.get(terminator.to, terminator.to))
    if isinstance(terminator, ir.Branch):
        then, other = (target.get(to, to) for to in (terminator.then, terminator.other))
        return replace(terminator, then=then, other=other)
    if isinstance(terminator, ir.Switch):
        cases = tuple(replace(case, to=target.get(case.to, case.to)) for case in terminator.cases)
        return replace(terminator, cases=cases, other=target.get(terminator.other, terminator.other))
    if isinstance(terminator, ir.AsmJump):
        return replace(terminator, targets=tuple(target.get(to, to) for to in terminator.targets))
    return terminator


def merge_returns(function: ir.Function) -> ir.Function:
    """Return the function with one block for all returns of the same: a goto to a return and the return
    itself give one graph, loops' exits included (L3)."""
    returning: dict[ir.Expr | None, list[int]] = {}
    for number, block in enumerate(function.blocks):
        if isinstance(block.terminator, ir.Return):
            returning.setdefault(block.terminator.value, []).append(number)
    blocks, target = list(function.blocks), {}
    for numbers in returning.values():
        if len(numbers) < 2:
            continue
        shared = len(blocks)
        blocks.append(replace(blocks[numbers[0]], instructions=(), label=""))
        for number in numbers:
            if blocks[number].instructions:
                blocks[number] = replace(blocks[number], terminator=ir.Jump(to=shared))
            else:
                target[number] = shared
    if len(blocks) == len(function.blocks):
        return function
    blocks = [replace(block, terminator=_redirected(block.terminator, target)) for block in blocks]
    entry = target.get(0, 0)
    order = reverse_postorder(entry, lambda number: reversed(ir.successors(blocks[number].terminator)))
    names = {number: index for index, number in enumerate(order)}
    return replace(
        function,
        blocks=tuple(
            replace(blocks[number], terminator=_redirected(blocks[number].terminator, names))
            for number in order
        ),
    )


def without_branches(function: ir.Function, flags: Mapping[str, bool]) -> ir.Function:
    """Return the function where flags of the configuration are settled: what they choose is no choice."""
    blocks = []
    for block in function.blocks:
        end = block.terminator
        if isinstance(end, ir.Branch) and isinstance(end.condition, ir.ConfigFlag):
            chosen = flags.get(end.condition.key)
            if chosen is not None:
                end = ir.Jump(to=end.then if chosen else end.other)
        blocks.append(block if end is block.terminator else replace(block, terminator=end))
    if all(one is other for one, other in zip(blocks, function.blocks, strict=True)):
        return function
    return reachable(replace(function, blocks=tuple(blocks)))


def reachable(function: ir.Function) -> ir.Function:
    """Drop the blocks that nothing leads to, and number the others anew."""
    order: list[int] = []
    seen = {0}
    waiting = [0]
    while waiting:
        number = waiting.pop()
        order.append(number)
        for after in reversed(ir.successors(function.blocks[number].terminator)):
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    names = {number: index for index, number in enumerate(order)}
    blocks = tuple(
        replace(block, terminator=_redirected(block.terminator, names))
        for block in (function.blocks[number] for number in order)
    )
    return replace(function, blocks=blocks)

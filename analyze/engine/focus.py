"""Two large graphs cut down to the surroundings of what differs between them, for the search of a difference.

What a change does shows on some way through it; whatever else the function can do costs terms and solver time
and tells nothing. Ways that leave the kept blocks stop with BOUND: nothing is said about them (L5, V2), so
what is kept is a matter of luck and cost, never of soundness.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from . import ir
from .difference import BOUND
from .show import instruction, terminator
from .unroll import reachable

MOST_POINTS = 6
"""Places of change that are looked at one by one."""

_CUT = ir.Block(
    instructions=(), terminator=ir.Stop(how=BOUND, span=ir.Span(start=0, end=0, line=1)), label=""
)


class Focus:
    """The two versions, both without cycles, and where they differ."""

    def __init__(
        self,
        pre: ir.Function,
        post: ir.Function,
        about: tuple[frozenset[ir.Span], frozenset[ir.Span]] = (frozenset(), frozenset()),
    ) -> None:
        """`about` are places in each version's text; where there are any, only these are looked at."""
        self.sides = (_Graph(pre), _Graph(post))
        counts = tuple(Counter(side.keys) for side in self.sides)
        self.points = tuple(
            [
                number
                for number, key in enumerate(side.keys)
                if other[key] < own[key] and (not any(about) or side.stands_at(number, spans))
            ]
            for side, own, other, spans in zip(self.sides, counts, reversed(counts), about, strict=True)
        )

    def narrowed(self, detour: int, behind: int) -> Iterable[tuple[ir.Function, ir.Function]]:
        """Yield both versions with the ways to one place of change each, the nearest first.

        Kept are the ways that are at most `detour` blocks longer than the shortest, and the blocks up to
        `behind` steps after the change; a block of one version keeps those of the other with its content.
        """
        seen: set[frozenset[str]] = set()
        places = sorted(
            (side.depth[point], index, point)
            for index, side in enumerate(self.sides)
            for point in self.points[index]
            if point in side.depth
        )
        for _, index, point in places:
            if len(seen) >= MOST_POINTS:
                return
            side = self.sides[index]
            kept = {side.contents[block] for block in side.around(point, detour, behind)}
            other = self.sides[1 - index]
            near = [one for one in self.points[1 - index] if one in other.depth]
            if near:
                partner = min(near, key=lambda one: abs(other.depth[one] - side.depth[point]))
                kept |= {other.contents[block] for block in other.around(partner, detour, behind)}
            if frozenset(kept) in seen:
                continue
            seen.add(frozenset(kept))
            pre, post = (one.only(kept) for one in self.sides)
            yield pre, post


class _Graph:
    """One version's blocks: what they do, and how far they are from the entry."""

    def __init__(self, function: ir.Function) -> None:
        self.function = function
        known: dict[int, str] = {}
        self.contents = []
        for block in function.blocks:
            identity = id(block.instructions)
            if identity not in known:
                known[identity] = "\n".join(map(instruction, block.instructions))
            self.contents.append(f"{known[identity]}\n{_without_targets(block.terminator)}")
        self.after = [self._onward(number) for number in range(len(function.blocks))]
        self.keys = [
            "\n=>\n".join((content, *(self.contents[one] for one in after)))
            for content, after in zip(self.contents, self.after, strict=True)
        ]
        self.before: list[list[int]] = [[] for _ in function.blocks]
        for number, after in enumerate(self.after):
            for one in after:
                self.before[one].append(number)
        self.depth = _distances([0], self.after)

    def _onward(self, number: int) -> list[int]:
        """Return the blocks that follow, those that only lead on skipped."""
        found = []
        for one in ir.successors(self.function.blocks[number].terminator):
            for _ in range(len(self.function.blocks)):
                block = self.function.blocks[one]
                if block.instructions or not isinstance(block.terminator, ir.Jump):
                    break
                one = block.terminator.to
            found.append(one)
        return found

    def stands_at(self, number: int, spans: frozenset[ir.Span]) -> bool:
        """Say whether anything in a block, or the block itself, stands at one of some places."""
        block = self.function.blocks[number]
        return any(getattr(one, "span", None) in spans for one in (*block.instructions, block.terminator))

    def around(self, point: int, detour: int, behind: int) -> set[int]:
        """Return the blocks on short ways to a block, and those shortly behind it."""
        to = _distances([point], self.before)
        most = self.depth[point] + detour
        found = {one for one, left in to.items() if one in self.depth and self.depth[one] + left <= most}
        return found | {one for one, left in _distances([point], self.after).items() if left <= behind}

    def only(self, kept: set[str]) -> ir.Function:
        """Return the function with every block cut off whose content is not among `kept`."""
        blocks = tuple(
            block
            if content in kept
            or not (block.instructions or isinstance(block.terminator, ir.Branch | ir.Switch))
            else _CUT
            for block, content in zip(self.function.blocks, self.contents, strict=True)
        )
        return reachable(replace(self.function, blocks=blocks))


def _without_targets(one: ir.Terminator) -> str:
    if isinstance(one, ir.Jump):
        return "goto"
    if isinstance(one, ir.Branch):
        return terminator(replace(one, then=0, other=0))
    if isinstance(one, ir.Switch):
        return terminator(replace(one, cases=tuple(replace(case, to=0) for case in one.cases), other=0))
    if isinstance(one, ir.AsmJump):
        return terminator(replace(one, targets=(0,) * len(one.targets)))
    return terminator(one)


def _distances(starts: list[int], edges: list[list[int]]) -> dict[int, int]:
    found = dict.fromkeys(starts, 0)
    waiting = list(starts)
    for number in waiting:
        for one in edges[number]:
            if one not in found:
                found[one] = found[number] + 1
                waiting.append(one)
    return found

"""A control-flow graph under construction, and its finish: threaded, merged, numbered, checked for
one-entry cycles."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..ir import AsmJump, Block, Branch, ConfigFlag, Instruction, Jump, Switch, Terminator, successors
from .split import find_entered


class RefusedError(Exception):
    """What the lowering does not take: the `code` and text of an Unlowered, at a line."""

    def __init__(self, code: str, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.line = line


@dataclass(slots=True)
class Open:
    """A block that is being filled."""

    instructions: list[Instruction] = field(default_factory=list)
    terminator: Terminator | None = None
    label: str = ""


@dataclass(slots=True)
class Graph:
    """Blocks by number, and the one that is being filled. Behind a terminator a block without an entry is
    filled."""

    most: int
    """How many blocks and how many instructions there may be."""
    blocks: list[Open] = field(default_factory=lambda: [Open()])
    here: int = 0
    emitted: int = 0

    def new(self, label: str = "") -> int:
        """Make a block and return its number."""
        if len(self.blocks) >= self.most:
            raise RefusedError("budget", f"more than {self.most} blocks")
        self.blocks.append(Open(label=label))
        return len(self.blocks) - 1

    def emit(self, instruction: Instruction) -> None:
        """Append an instruction to the block that is being filled."""
        self.emitted += 1
        if self.emitted > 4 * self.most:
            raise RefusedError("budget", f"more than {4 * self.most} instructions")
        self.blocks[self.here].instructions.append(instruction)

    def end(self, terminator: Terminator) -> None:
        """End the block that is being filled; what follows without an entry is unreachable."""
        self.blocks[self.here].terminator = terminator
        self.here = self.new()

    def enter(self, block: int) -> None:
        """Fill a block from now on; the one before falls through to it."""
        self.blocks[self.here].terminator = Jump(to=block)
        self.here = block

    def resume(self, block: int) -> None:
        """Fill a block from now on; the one before was ended (or has no entry)."""
        left = self.blocks[self.here]
        if left.terminator is None:
            if left.instructions:
                raise RefusedError("construct", "a block without an end")
            left.terminator = Jump(to=self.here)
        self.here = block

    def finish(self) -> tuple[Block, ...]:
        """Return what is reachable, in reverse postorder. Every cycle has one entry: of one with several,
        blocks are written out twice. Raises RefusedError where that is too much."""
        if self.blocks[self.here].terminator is None:
            self.blocks[self.here].terminator = Jump(to=self.here)
        self._thread()
        order = self._order()
        self._merge(order)
        order = self._order()
        while (entered := self._entered(order)) is not None:
            self._split(*entered, order)
            order = self._order()
        number = {block: place for place, block in enumerate(order)}
        found = []
        for block in order:
            one = self.blocks[block]
            assert one.terminator is not None
            found.append(
                Block(
                    instructions=tuple(one.instructions),
                    terminator=redirect(one.terminator, number),
                    label=one.label,
                )
            )
        return tuple(found)

    def _entered(self, order: list[int]) -> tuple[set[int], int] | None:
        return find_entered({block: tuple(dict.fromkeys(self._after(block))) for block in order}, order)

    def _split(self, cycle: set[int], head: int, order: list[int]) -> None:
        """Write the blocks of a cycle but its head out a second time: what enters it beside the head goes to
        the copies, which lead to the head."""
        same = {block: block for block in range(len(self.blocks))}
        try:
            copies = {block: self.new(self.blocks[block].label) for block in sorted(cycle - {head})}
        except RefusedError as error:
            raise RefusedError("irreducible", "a loop with several entries, too large to split") from error
        for block, copy in copies.items():
            one = self.blocks[block]
            assert one.terminator is not None
            self.blocks[copy].instructions = list(one.instructions)
            self.blocks[copy].terminator = redirect(one.terminator, same | copies)
        for block in order:
            one = self.blocks[block]
            if block not in cycle and one.terminator is not None:
                one.terminator = redirect(one.terminator, same | copies)

    def _thread(self) -> None:
        """Lead every jump to an empty block on to where that one jumps; a cycle of empty blocks stays."""
        target: dict[int, int] = {}
        for start in range(len(self.blocks)):
            path, at = [], start
            while at not in target and at not in path:
                one = self.blocks[at]
                if one.instructions or not isinstance(one.terminator, Jump):
                    break
                path.append(at)
                at = one.terminator.to
            end = target.get(at, at)
            for one_block in path:
                target[one_block] = end
            target.setdefault(start, end)
        for block, one in enumerate(self.blocks):
            if one.terminator is None:
                one.terminator = Jump(to=block)
            one.terminator = _simplest(redirect(one.terminator, target))
        if target[0] != 0:
            self.blocks[0].terminator = Jump(to=target[0])

    def _order(self) -> list[int]:
        """Return the reachable blocks in reverse postorder, the first successor first."""
        seen, post = {0}, []
        stack = [(0, iter(self._after(0)))]
        while stack:
            block, rest = stack[-1]
            for following in rest:
                if following not in seen:
                    seen.add(following)
                    stack.append((following, iter(self._after(following))))
                    break
            else:
                post.append(block)
                stack.pop()
        return post[::-1]

    def _after(self, block: int) -> tuple[int, ...]:
        terminator = self.blocks[block].terminator
        assert terminator is not None
        return successors(terminator)[::-1]

    def _merge(self, order: list[int]) -> None:
        """Join a block with the only one that it jumps to and that nobody else does."""
        entries: dict[int, int] = {0: 1}
        for block in order:
            for following in self._after(block):
                entries[following] = entries.get(following, 0) + 1
        gone: set[int] = set()
        for block in order:
            if block in gone:
                continue
            one = self.blocks[block]
            while isinstance(one.terminator, Jump):
                following = one.terminator.to
                if following == block or following in gone or entries.get(following) != 1:
                    break
                other = self.blocks[following]
                one.instructions.extend(other.instructions)
                one.terminator = other.terminator
                one.label = one.label or other.label
                gone.add(following)


def _simplest(terminator: Terminator) -> Terminator:
    """Make a jump of a branch on the configuration whose ways lead to one block."""
    if isinstance(terminator, Branch) and isinstance(terminator.condition, ConfigFlag):
        return Jump(to=terminator.then) if terminator.then == terminator.other else terminator
    return terminator


def redirect(terminator: Terminator, to: dict[int, int]) -> Terminator:
    """Return the terminator with its targets replaced by a table."""
    if isinstance(terminator, Jump):
        return Jump(to=to[terminator.to])
    if isinstance(terminator, Branch):
        return replace(terminator, then=to[terminator.then], other=to[terminator.other])
    if isinstance(terminator, Switch):
        cases = tuple(replace(case, to=to[case.to]) for case in terminator.cases)
        return replace(terminator, cases=cases, other=to[terminator.other])
    if isinstance(terminator, AsmJump):
        return replace(terminator, targets=tuple(to[one] for one in terminator.targets))
    return terminator

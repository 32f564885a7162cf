"""A function -> one term of all it does: acyclic regions with merging, loops as summaries (rules L2 to L7,
F2).

The term's leaves are outcomes: `return` (history, memory, value), `stop` (history, memory), `endless`.
Inside a loop's body they are also `back` and `exit`. Above the leaves stand the decisions that choose
between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from . import ctype, ir, memory
from .effects import Effects, objects_in
from .evaluate import Guesses, entry_history, key_of
from .graph import (
    Loop,
    all_parts,
    expressions,
    find_addressed,
    find_loops,
    live_at_entry,
    meet,
    mention_order,
    once,
    places,
    read_places,
    reverse_postorder,
    set_at_once,
    steps,
)
from .simplify import build, ite, resize
from .state import Absent, Choice, State, choose, merge
from .term import HISTORY, Term, Terms
from .wording import denied

RETURN = -1
"""The number of the node where all returns meet."""


@dataclass(slots=True)
class Node:
    """A block, or a loop as one step, after its execution."""

    tree: object = None
    """Where it goes: a target's number, or (condition, tree, tree)."""
    out: dict[int, State] = field(default_factory=dict)
    """The state on the way to each target."""
    faults: list[tuple[Term, Term]] = field(default_factory=list)
    """(condition, leaf) of what ends the run in it, in order."""
    leaf: Term | None = None
    """The outcome, where it goes nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a function does."""

    term: Term
    tested: frozenset[Term]
    """The pointers that it tests (F3)."""
    spans: dict[Term, ir.Span]
    sites: dict[Term, dict[int, ir.Span]]
    """Spans of an event by the blocks that do it."""
    ways: dict[int, object]
    """Where each block goes: a block's number, or (condition, then, else) of such."""
    words: dict[Term, str]
    """The source's words of each condition that was branched on."""
    loops: int
    marked: bool
    """Whether an expression's order of evaluation is open (T10)."""


class Execution(Effects, Absent):
    """One execution of one function."""

    def __init__(
        self,
        terms: Terms,
        function: ir.Function,
        guesses: Guesses,
        tested: set[Term],
        by_name: bool = False,
    ) -> None:
        """`by_name`: both versions have statics of the same names, which then say which are the same."""
        order = mention_order(function)
        self.by_name = by_name
        addressed = find_addressed(function)
        super().__init__(terms, function, {}, guesses, tested)
        self.words: dict[Term, str] = {}
        self.loops = find_loops(function)
        self.addressed = addressed
        self.level = 0
        self._number_variables(function, order, addressed)
        self.order = order
        self.live = live_at_entry(function, frozenset(self.objects))

    def cells(self, number: int) -> Term:
        """Return the contents of an object whose declaration was jumped over."""
        return self.fresh_cells(number)

    def _number_variables(
        self, function: ir.Function, order: dict[int, int], addressed: frozenset[int]
    ) -> None:
        parted, always_set = _parted(function), set_at_once(function)
        counts: dict[object, int] = {}
        for variable in sorted(function.variables, key=lambda v: order[v.number]):
            is_object = (
                variable.number in addressed
                or variable.number in parted
                or isinstance(variable.type, ctype.Record | ctype.Array)
            )
            static = variable.kind == "static"
            plain = "set" if variable.number in always_set else "plain"
            kind = ("static" if static else "object" if is_object else plain, ctype.spell(variable.type))
            counts[kind] = counts.get(kind, -1) + 1
            name = (*kind, counts[kind])
            self.numbers[variable.number] = name
            if static:
                which = (ctype.spell(variable.type), variable.name) if self.by_name else name[1:]
                self.statics[variable.number] = self.terms.make(
                    "global", (), ("static", *which, _without_name(variable))
                )
            elif is_object:
                self.objects[variable.number] = self.terms.make("object", (), name)

    def run(self) -> Result:
        """Execute the whole function; anew where an object was taken back whose address is in memory
        elsewhere (M9)."""
        while True:
            self.taken, self.unnamed = set(), 0
            found = self._run()
            if not self.taken & self.stored:
                return found
            self.kept |= self.stored

    def _run(self) -> Result:
        state = State(entry_history(self.terms), memory.base(self.terms, entry_history(self.terms)))
        for position, variable in enumerate(self.function.parameters):
            self._enter_parameter(position, variable, state)
        nodes = self._region(0, frozenset(range(len(self.function.blocks))), state)
        term = self._outcome(0, nodes)
        return Result(
            term=term,
            tested=frozenset(self.seen_tests),
            spans=self.spans,
            sites=self.sites,
            ways={number: node.tree for number, node in nodes.items()},
            words=self.words,
            loops=len(self.loops),
            marked=any(
                isinstance(step, ir.Unsequenced) for b in self.function.blocks for step in b.instructions
            ),
        )

    def _enter_parameter(self, position: int, variable: ir.Variable, state: State) -> None:
        number = variable.number
        key = key_of(variable.type)
        op = "open" if variable.kind == "open" else "input"
        value = self.terms.make(op, (), ("parameter", position), key.width or 64)
        self.leaf(value, variable.type)
        if number not in self.objects:
            state.values[number] = value
            return
        state.reached[number] = self.terms.const(0, 1)
        state.cells[number] = self.fresh_cells(number)
        self.store(self.objects[number], key, value, state)

    # Regions without cycles

    def _region(self, entry: int, members: frozenset[int], state: State) -> dict[int, Node]:
        """Execute what is reachable from `entry` within `members`, inner loops as one step each."""
        inner = self._inner(entry, members)
        nodes: dict[int, Node] = {}
        follow = self._follow(entry, members, inner)
        order = reverse_postorder(entry, follow)
        place = {number: index for index, number in enumerate(order)}
        before: dict[int, list[int]] = {number: [] for number in order}
        for number in order:
            for after in dict.fromkeys(follow(number)):
                before[after].append(number)
        dominators = {entry: entry}
        for number in order:
            if number == entry:
                here: State | None = state.copy()
            else:
                parent = before[number][0]
                for other in before[number][1:]:
                    parent = meet(parent, other, dominators, place)
                dominators[number] = parent
                here = self._joined(number, parent, before, nodes)
            if here is None:
                continue
            if number in inner:
                nodes[number] = self._loop(inner[number], here)
            elif number == RETURN or number not in members:
                nodes[number] = Node(out={number: here})
            else:
                nodes[number] = self._block(number, here)
        return nodes

    def _inner(self, entry: int, members: frozenset[int]) -> dict[int, Loop]:
        """Return the outermost loops inside a region by head; the region's own loop is none of them."""
        inside = [
            loop
            for head, loop in self.loops.items()
            if head in members
            and loop.body <= members
            and not (head == entry and loop.body == members and self.level)
        ]
        return {
            loop.head: loop
            for loop in inside
            if not any(other is not loop and loop.body < other.body for other in inside)
        }

    def _follow(
        self, entry: int, members: frozenset[int], inner: dict[int, Loop]
    ) -> Callable[[int], Iterable[int]]:
        back = _back(entry)

        def follow(number: int) -> Iterable[int]:
            if number < 0 or number not in members:
                return ()
            if number in inner:
                body = inner[number].body
                inside = sorted(body)
                found = [after for one in inside for after in self._targets(one) if after not in body]
            else:
                found = list(self._targets(number))
            named = [back if after == entry and self.level else after for after in found]
            return tuple(dict.fromkeys(reversed(named)))

        return follow

    def _targets(self, number: int) -> tuple[int, ...]:
        terminator = self.function.blocks[number].terminator
        return (RETURN,) if isinstance(terminator, ir.Return) else ir.successors(terminator)

    def _joined(
        self, number: int, parent: int, before: dict[int, list[int]], nodes: dict[int, Node]
    ) -> State | None:
        """Return the state at a node: what the decisions from its dominator lead to (L2)."""
        leading = {parent}
        waiting = [pred for pred in before[number] if pred != parent]
        while waiting:
            one = waiting.pop()
            if one not in leading:
                leading.add(one)
                waiting.extend(before[one])
        known: dict[int, Choice | State | None] = {}
        choice = self._ways(parent, number, leading, nodes, known)
        if choice is None:
            return None
        live = (
            self.live[number] if number >= 0 else {RETURN} if number == RETURN else self.live[_head(number)]
        )
        return merge(self.terms, choice, live, self)

    def _ways(
        self,
        start: int,
        target: int,
        leading: set[int],
        nodes: dict[int, Node],
        known: dict[int, Choice | State | None],
    ) -> Choice | State | None:
        """Return the decision tree from `start` to `target`, over the nodes that can lead there."""
        waiting = [start]
        while waiting:
            number = waiting[-1]
            if number in known:
                waiting.pop()
                continue
            node = nodes.get(number)
            if node is None:
                known[number] = None
                continue
            missing = [
                after
                for after in _tree_targets(node.tree)
                if after != target and after in leading and after not in known
            ]
            if missing:
                waiting.extend(missing)
                continue
            known[number] = _resolve(node.tree, target, node.out, known)
            waiting.pop()
        return known[start]

    def _block(self, number: int, state: State) -> Node:
        block = self.function.blocks[number]
        self.block = number
        outer, self.faults = self.faults, []
        for step in block.instructions:
            self.execute(step, state)
        node = Node()
        self._terminate(block.terminator, node, state)
        node.faults = [
            (condition, self.terms.make("stop", (history, stored), "fault", HISTORY))
            for condition, history, stored in self.faults
        ]
        self.faults = outer
        return node

    def _terminate(self, terminator: ir.Terminator, node: Node, state: State) -> None:
        if isinstance(terminator, ir.Stop):
            node.leaf = self.terms.make("stop", (state.history, state.memory), terminator.how, HISTORY)
            self.spans.setdefault(node.leaf, terminator.span)
            return
        if isinstance(terminator, ir.Return):
            if terminator.value is not None:
                value = self.expression(terminator.value, state)
                self.reach((value,), state)
                state.values[RETURN] = value
                self.spans.setdefault(value, terminator.span)
            node.tree = RETURN
        elif isinstance(terminator, ir.Jump):
            node.tree = terminator.to
        elif isinstance(terminator, ir.Branch):
            condition = self.condition(terminator.condition, state)
            self._say(condition, terminator.words)
            node.tree = (condition, terminator.then, terminator.other)
        elif isinstance(terminator, ir.Switch):
            node.tree = self._switch(terminator, state)
        else:
            node.tree = self._asm_jump(terminator, state)
        entry = self._entry_of_region
        node.tree = _renamed(node.tree, entry, _back(entry)) if self.level else node.tree
        node.out = dict.fromkeys(_tree_targets(node.tree), state)

    _entry_of_region = 0

    def _say(self, condition: Term, words: str) -> None:
        if words:
            self.words.setdefault(condition, words)
            if condition.op == "not":
                self.words.setdefault(condition.args[0], denied(words))

    def _switch(self, switch: ir.Switch, state: State) -> object:
        value = self.expression(switch.value, state)
        tree: object = switch.other
        for case in reversed(switch.cases):
            low, high = self.expression(case.low, state), self.expression(case.high, state)
            condition = self._in_range(value, low, high, switch.value.type)
            self._say(condition, f"{switch.words} == {case.words}")
            tree = (condition, case.to, tree)
        return tree

    def _in_range(self, value: Term, low: Term, high: Term, of: ctype.CType) -> Term:
        if low is high:
            return build(self.terms, "eq", *_even(self.terms, value, low))
        op = "slt" if isinstance(of, ctype.Integer) and of.signed else "ult"
        value, low = _even(self.terms, value, low)
        value, high = _even(self.terms, value, high)
        below = build(self.terms, op, value, low)
        above = build(self.terms, op, high, value)
        return build(self.terms, "not", build(self.terms, "or", below, above))

    def _asm_jump(self, terminator: ir.AsmJump, state: State) -> object:
        history = self.asm(terminator.asm, state)
        way = self.terms.make("output", (history,), "goto", 64)
        tree: object = terminator.targets[0]
        for index, target in enumerate(terminator.targets[1:], 1):
            tree = (build(self.terms, "eq", way, self.terms.const(index, 64)), target, tree)
        return tree

    # Outcomes

    def _outcome(self, entry: int, nodes: dict[int, Node], exits: dict[int, Term] | None = None) -> Term:
        """Return the decisions of a region with its outcomes at the leaves."""
        known: dict[int, Term] = dict(exits or {})
        waiting = [entry]
        while waiting:
            number = waiting[-1]
            if number in known:
                waiting.pop()
                continue
            node = nodes[number]
            if number == RETURN:
                known[number] = self._return_leaf(node.out[RETURN])
                continue
            missing = [to for to in _tree_targets(node.tree) if to not in known] if node.leaf is None else []
            if missing:
                waiting.extend(missing)
                continue
            term = node.leaf or self._decided(node.tree, known)
            for condition, leaf in reversed(node.faults):
                term = ite(self.terms, condition, leaf, term)
            known[number] = term
            waiting.pop()
        return known[entry]

    def _return_leaf(self, state: State) -> Term:
        value = state.values.get(RETURN)
        args = (state.history, state.memory) + (() if value is None else (value,))
        return self.terms.make("return", args, None, HISTORY)

    def _decided(self, tree: object, known: dict[int, Term]) -> Term:
        if isinstance(tree, int):
            return known[tree]
        assert isinstance(tree, tuple)
        return ite(self.terms, tree[0], self._decided(tree[1], known), self._decided(tree[2], known))

    # Loops

    def _loop(self, loop: Loop, entry: State) -> Node:
        """Execute a loop as one step: a function, named by its own body, of what it starts from (L4)."""
        self.level += 1
        bit = 1 << self.level
        outer_visit, outer_entry = self.visit, self._entry_of_region
        turn = self.terms.make("turn", (), self.level, HISTORY, levels=bit)
        head, carried, variant = self._head_state(loop, entry, turn, bit)
        self.visit, self._entry_of_region = (turn,), loop.head
        outer_faults, self.faults = self.faults, []
        nodes = self._region(loop.head, loop.body, head)
        self.faults = outer_faults
        self.visit, self._entry_of_region = outer_visit, outer_entry
        exits = [number for number in sorted(nodes) if number not in loop.body and number != _back(loop.head)]
        ends: dict[int, Term] = {}
        for index, number in enumerate(exits):
            state = nodes[number].out[number]
            ends[number] = self.terms.make("exit", (state.history, state.memory), index, HISTORY)
        if _back(loop.head) in nodes:
            ends[_back(loop.head)] = self._back_leaf(nodes[_back(loop.head)].out[_back(loop.head)], carried)
        body = self._outcome(loop.head, nodes, ends)
        self.level -= 1
        starts = tuple(term for _, term in carried.values())
        step = self.terms.make(
            "loop", (body, entry.history, entry.memory, *starts), self.level + 1, HISTORY, closes=bit
        )
        self.spans.setdefault(step, _span_of(self.function.blocks[loop.head]))
        return self._after_loop(loop, exits, nodes, step, entry, variant, bit)

    def _head_state(
        self, loop: Loop, entry: State, turn: Term, bit: int
    ) -> tuple[State, dict[tuple[str, int], tuple[Term, Term]], bool]:
        """Return the state at the head in any turn, what is carried round as (placeholder, start), and
        whether memory or history may change in the loop."""
        written, variant = self._written(loop)
        shown = self._addressed() if variant else self._held(loop, written, entry)
        for number in self.objects:
            if number in entry.cells and number in shown:
                self.reach((self.objects[number],), entry)
        head = entry.copy()
        if variant:
            head.history, head.memory = turn, memory.base(self.terms, turn)
        carried: dict[tuple[str, int], tuple[Term, Term]] = {}
        ranks: dict[tuple[Term, int], int] = {}
        order = mention_order(self.function, loop.head, loop.body)
        for number in sorted(written, key=lambda n: order[n]):
            if number in entry.cells:
                start = entry.cells[number]
                hole = self._hole(start, HISTORY, ranks, bit)
                head.cells[number] = memory.base(self.terms, hole)
                carried["cells", number] = (hole, start)
                continue
            head.values.pop(number, None)
            if number in self.live[loop.head] and number not in self.objects and number not in self.statics:
                start = entry.values.get(number) or self.value(number)
                hole = self._hole(start, start.width, ranks, bit)
                head.values[number] = hole
                carried["value", number] = (hole, start)
        return head, carried, variant

    def _hole(self, start: Term, bits: int, ranks: dict[tuple[Term, int], int], bit: int) -> Term:
        """Return what stands for a variable at the head: named by what it starts from, not by its own name
        (L3)."""
        rank = ranks[start, bits] = ranks.get((start, bits), -1) + 1
        return self.terms.make("hole", (start,), (self.level, rank), bits, levels=bit)

    def _held(self, loop: Loop, written: set[int], entry: State) -> frozenset[int]:
        """Return the objects to whose addresses a variable may come that the loop changes (M4)."""
        if not written & self.live[loop.head]:
            return frozenset()
        blocks = tuple(self.function.blocks[number] for number in sorted(loop.body))
        known = (*entry.values.values(), *entry.cells.values())
        terms = frozenset(objects_in(known))
        return find_addressed(replace(self.function, blocks=blocks)) | frozenset(
            number for number, term in self.objects.items() if term in terms
        )

    def _addressed(self) -> frozenset[int]:
        return self.addressed

    def _written(self, loop: Loop) -> tuple[set[int], bool]:
        """Return the variables that a loop writes, and whether it has effects or stores beyond plain
        variables."""
        written: set[int] = set()
        variant = False
        for number in loop.body:
            for step in steps(self.function.blocks[number]):
                quiet = isinstance(
                    step, ir.Assign | ir.Declare | ir.Evaluate | ir.Jump | ir.Branch | ir.Switch | ir.ZeroFill
                )
                variant = variant or not (quiet or self.only_reads(step))
                if isinstance(step, ir.Declare):
                    written.add(step.variable.number)
                for place in places(step):
                    inner = place
                    while isinstance(inner, ir.Member | ir.Element):
                        inner = inner.base
                    if isinstance(inner, ir.Local) and inner.variable.number not in self.statics:
                        written.add(inner.variable.number)
                        variant = variant or inner.variable.number in self._addressed()
                    else:
                        variant = True
        return written, variant

    def _back_leaf(self, state: State, carried: dict[tuple[str, int], tuple[Term, Term]]) -> Term:
        """Return the leaf of the way round: each placeholder, and what the next turn starts from in its
        place."""
        values: list[Term] = []
        for (kind, number), (hole, _) in sorted(carried.items(), key=lambda item: item[1][0].number):
            if kind == "cells":
                values += (hole, state.cells.get(number) or self.fresh_cells(number))
            else:
                found = state.values.get(number) or self.value(number)
                values += (hole, found)
                assert found.width == hole.width
        return self.terms.make("back", (state.history, state.memory, *values), None, HISTORY)

    def _after_loop(
        self,
        loop: Loop,
        exits: list[int],
        nodes: dict[int, Node],
        step: Term,
        entry: State,
        variant: bool,
        bit: int,
    ) -> Node:
        node = Node()
        for number in exits:
            state = nodes[number].out[number].copy()
            state.history = step
            state.memory = memory.base(self.terms, step) if variant else entry.memory
            self._leave(state, step, bit)
            node.out[number] = state
        if any(one.faults or one.leaf is not None for one in nodes.values()):
            stopped = self.terms.make("left", (step,), "stop", 1)
            node.faults.append(
                (stopped, self.terms.make("stop", (step, memory.base(self.terms, step)), "loop", HISTORY))
            )
        if not exits:
            node.leaf = self.terms.make("endless", (step,), None, HISTORY)
            return node
        tree: object = exits[-1]
        for index, number in list(enumerate(exits))[-2::-1]:
            tree = (self.terms.make("left", (step,), index, 1), number, tree)
        if self.level:
            renamed = _renamed(tree, self._entry_of_region, _back(self._entry_of_region))
            for number in exits:
                if number == self._entry_of_region:
                    node.out[_back(number)] = node.out[number]
            tree = renamed
        node.tree = tree
        return node

    def _leave(self, state: State, step: Term, bit: int) -> None:
        """Bind what depends on the last turn: the summary's outputs, named by what they are there (L3,
        L4)."""
        for number, value in state.values.items():
            if value.levels & bit:
                state.values[number] = self.terms.make("out", (step, value), None, value.width, closes=bit)
        for number, cells in state.cells.items():
            if cells.levels & bit:
                epoch = self.terms.make("out", (step, cells), None, HISTORY, closes=bit)
                state.cells[number] = memory.base(self.terms, epoch)
        for number, reached in state.reached.items():
            if reached.levels & bit:
                state.reached[number] = self.terms.make("out", (step, reached), None, 1, closes=bit)
        state.alive = frozenset(term for term in state.alive if not term.levels & bit)


def _without_name(variable: ir.Variable) -> str | None:
    """Return a static's initialiser with a mark where it names itself."""
    if variable.initial is None:
        return None
    return re.sub(rf"\b{re.escape(variable.name)}\b", "$", variable.initial)


def _back(entry: int) -> int:
    """Return the number of the node where the ways round to a head meet."""
    return -2 - entry


def _head(number: int) -> int:
    return -2 - number


def _tree_targets(tree: object) -> list[int]:
    if tree is None:
        return []
    if isinstance(tree, int):
        return [tree]
    assert isinstance(tree, tuple)
    found = []
    while isinstance(tree, tuple):
        found.extend(_tree_targets(tree[1]))
        tree = tree[2]
    return list(dict.fromkeys([*found, *_tree_targets(tree)]))


def _renamed(tree: object, old: int, new: int) -> object:
    if isinstance(tree, tuple):
        return (tree[0], _renamed(tree[1], old, new), _renamed(tree[2], old, new))
    return new if tree == old and tree is not None else tree


def _resolve(
    tree: object, target: int, out: dict[int, State], known: dict[int, Choice | State | None]
) -> Choice | State | None:
    """Return which state a node's decisions lead to `target` with; None where they do not."""
    if isinstance(tree, int):
        return out.get(tree) if tree == target else known.get(tree)
    if tree is None:
        return None
    assert isinstance(tree, tuple)
    then, other = (_resolve(arm, target, out, known) for arm in tree[1:])
    return choose(tree[0], then, other)


def _even(terms: Terms, one: Term, two: Term) -> tuple[Term, Term]:
    """Return both at the wider width of the two (labels were converted by the lowering)."""
    bits = max(one.width, two.width)
    return resize(terms, one, bits, True), resize(terms, two, bits, True)


@once
def _parted(function: ir.Function) -> set[int]:
    """Return the variables that are accessed by parts (a struct whose type is not at hand)."""
    found: set[int] = set()
    for block in function.blocks:
        for step in steps(block):
            for item in all_parts(*expressions(step), *places(step), *read_places(step)):
                if isinstance(item, ir.Member | ir.Element):
                    inner: ir.Place = item
                    while isinstance(inner, ir.Member | ir.Element):
                        inner = inner.base
                    if isinstance(inner, ir.Local):
                        found.add(inner.variable.number)
    return found


def _span_of(block: ir.Block) -> ir.Span:
    for step in steps(block):
        found = getattr(step, "span", None)
        if isinstance(found, ir.Span):
            return found
    return ir.Span(start=0, end=0, line=1)

"""Cycles with several entries made into loops with one: what may be entered from elsewhere is written out a
second time (controlled node splitting; Hecht and Ullman 1974, Janssen and Corporaal 1997)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Edges = Mapping[int, Sequence[int]]
"""Block -> the blocks that it goes to."""


def find_entered(edges: Edges, order: Sequence[int]) -> tuple[set[int], int] | None:
    """Return a cycle with several entries, and which of them is to be its head; None where every cycle has
    one. `order`: all blocks, in reverse postorder, the entry first."""
    before: dict[int, set[int]] = {one: set() for one in order}
    for source in order:
        for target in edges[source]:
            before[target].add(source)
    place = {block: number for number, block in enumerate(order)}
    waiting = [set(order)]
    while waiting:
        for cycle in _cycles(waiting.pop(), edges):
            entries = {one for one in cycle if before[one] - cycle or one == order[0]}
            head = min(entries, key=place.__getitem__)
            if len(entries) > 1:
                return cycle, head
            waiting.append(cycle - {head})
    return None


def _cycles(nodes: set[int], edges: Edges) -> Iterable[set[int]]:
    """Yield the strongly connected components that hold an edge (Tarjan 1972)."""
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    for start in sorted(nodes):
        if start in number:
            continue
        calls = [(start, iter([one for one in edges[start] if one in nodes]))]
        number[start] = low[start] = len(number)
        stack.append(start)
        on_stack.add(start)
        while calls:
            node, rest = calls[-1]
            for after in rest:
                if after not in number:
                    number[after] = low[after] = len(number)
                    stack.append(after)
                    on_stack.add(after)
                    calls.append((after, iter([one for one in edges[after] if one in nodes])))
                    break
                if after in on_stack:
                    low[node] = min(low[node], number[after])
            else:
                calls.pop()
                if calls:
                    low[calls[-1][0]] = min(low[calls[-1][0]], low[node])
                if low[node] == number[node]:
                    found: set[int] = set()
                    while node not in found:
                        found.add(stack.pop())
                    on_stack -= found
                    if len(found) > 1 or node in edges[node]:
                        yield found

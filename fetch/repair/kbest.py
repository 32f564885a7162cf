"""Best-first enumeration: the sums of one choice from each of several lists, cheapest first.

After the scheme of Eppstein, "Finding the k shortest paths" (1998), for independent choices: every
combination is
reached once, from the cheapest one by raising one choice at a time, so that k combinations cost O(k log k).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

Choices = dict[int, int]
"""Which list (its index) departs from its cheapest entry, and to which entry; lists not named stay at entry
0.
"""


def cheapest_first(costs: Sequence[Sequence[float]]) -> Iterator[tuple[float, Choices]]:
    """Yield (total cost, choices) over all combinations in order of cost; each list is sorted and not empty.

    The generator is lazy: memory grows with what was taken from it, not with the number of combinations.
    """
    base = sum(column[0] for column in costs)
    yield base, {}
    order = sorted(
        (i for i, column in enumerate(costs) if len(column) > 1), key=lambda i: costs[i][1] - costs[i][0]
    )
    if not order:
        return
    serial = 0
    first = costs[order[0]]
    heap: list[tuple[float, int, int, int, _Chain]] = [(base + first[1] - first[0], serial, 0, 1, None)]
    while heap:
        cost, _, rank, choice, before = heapq.heappop(heap)
        column = costs[order[rank]]
        yield cost, _unroll((before, order[rank], choice))
        following: list[tuple[float, int, int, _Chain]] = []
        if choice + 1 < len(column):
            following.append((cost + column[choice + 1] - column[choice], rank, choice + 1, before))
        if rank + 1 < len(order):
            raised = costs[order[rank + 1]][1] - costs[order[rank + 1]][0]
            following.append((cost + raised, rank + 1, 1, (before, order[rank], choice)))
            if choice == 1:
                following.append((cost + raised - column[1] + column[0], rank + 1, 1, before))
        for new_cost, new_rank, new_choice, chain in following:
            serial += 1
            heapq.heappush(heap, (new_cost, serial, new_rank, new_choice, chain))


_Chain = tuple["_Chain", int, int] | None


def _unroll(chain: _Chain) -> Choices:
    choices: Choices = {}
    while chain is not None:
        chain, column, choice = chain
        choices[column] = choice
    return choices

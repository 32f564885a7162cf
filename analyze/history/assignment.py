"""The pairing of largest total gain: Kuhn's Hungarian method by shortest augmenting paths.

H. W. Kuhn, "The Hungarian method for the assignment problem" (1955), in the O(n^3) form of R. Jonker and
A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment problems" (1987).
Python's packages for it either bring numpy along (scipy, lap) or are not maintained; a patch series has tens
of patches. Gains are whole numbers, so that equal is equal whatever the order of adding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

MOST_OPTIMAL = 400
"""Rows of one connected part that are assigned optimally; a larger one is taken greedily."""


def assign(gains: Mapping[tuple[int, int], int]) -> dict[int, int]:
    """Return row -> column, partial and one to one, such that the sum of gains is largest.

    `gains` holds the pairs that are allowed, each with a gain above 0; what is left out stays alone. Rows and
    columns that no allowed pair connects are solved apart.
    """
    found: dict[int, int] = {}
    for part in _parts(gains):
        rows = sorted({row for row, _ in part})
        columns = sorted({column for _, column in part})
        if min(len(rows), len(columns)) > MOST_OPTIMAL:
            found |= _greedy(part)
        elif len(rows) <= len(columns):
            table = [[-part.get((row, column), 0) for column in columns] for row in rows]
            chosen = _solve(table)
            pairs = [(rows[at], columns[to]) for at, to in enumerate(chosen)]
            found |= {row: column for row, column in pairs if (row, column) in part}
        else:
            table = [[-part.get((row, column), 0) for row in rows] for column in columns]
            chosen = _solve(table)
            pairs = [(rows[to], columns[at]) for at, to in enumerate(chosen)]
            found |= {row: column for row, column in pairs if (row, column) in part}
    return found


def _parts(gains: Mapping[tuple[int, int], int]) -> list[dict[tuple[int, int], int]]:
    """Return the connected parts of the graph of allowed pairs."""
    beside: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for row, column in gains:
        beside["row", row].append((row, column))
        beside["column", column].append((row, column))
    parts: list[dict[tuple[int, int], int]] = []
    seen: set[tuple[str, int]] = set()
    for start in sorted(beside):
        if start in seen:
            continue
        seen.add(start)
        waiting, part = [start], dict[tuple[int, int], int]()
        while waiting:
            for row, column in beside[waiting.pop()]:
                part[row, column] = gains[row, column]
                for end in (("row", row), ("column", column)):
                    if end not in seen:
                        seen.add(end)
                        waiting.append(end)
        parts.append(part)
    return parts


def _greedy(gains: Mapping[tuple[int, int], int]) -> dict[int, int]:
    found: dict[int, int] = {}
    taken: set[int] = set()
    for row, column in sorted(gains, key=lambda pair: (-gains[pair], pair)):
        if row not in found and column not in taken:
            found[row] = column
            taken.add(column)
    return found


def _solve(cost: Sequence[Sequence[int]]) -> list[int]:
    """Return for each row its column such that the sum of cost is smallest; no more rows than columns.

    Row by row the cheapest way is looked for that gives it a column, moving earlier rows where that pays;
    `up` and `left` are the dual prices of rows and columns, which keep every reduced cost at 0 or above.
    """
    width = len(cost[0])
    up, left = [0] * len(cost), [0] * width
    owner: list[int | None] = [None] * width
    for row in range(len(cost)):
        reach: list[int | None] = [None] * width
        came: list[int | None] = [None] * width
        done: list[int] = []
        at, column, walked = row, None, 0
        free = set(range(width))
        while True:
            for to in free:
                through = walked + cost[at][to] - up[at] - left[to]
                known = reach[to]
                if known is None or through < known:
                    reach[to], came[to] = through, column
            column, walked = _nearest(free, reach)
            free.discard(column)
            done.append(column)
            holder = owner[column]
            if holder is None:
                break
            at = holder
        up[row] += walked
        for passed in done[:-1]:
            gap = walked - (reach[passed] or 0)
            holder = owner[passed]
            assert holder is not None
            up[holder] += gap
            left[passed] -= gap
        _turn(row, column, owner, came)
    chosen = {holder: column for column, holder in enumerate(owner) if holder is not None}
    return [chosen[row] for row in range(len(cost))]


def _nearest(free: set[int], reach: Sequence[int | None]) -> tuple[int, int]:
    """Return the free column that is reached at the least cost, the first of several, and that cost."""
    cost, column = min((known, to) for to in free if (known := reach[to]) is not None)
    return column, cost


def _turn(row: int, column: int, owner: list[int | None], came: Sequence[int | None]) -> None:
    """Give every row on the way found the column that it was reached by, and `row` the first of them."""
    while True:
        before = came[column]
        if before is None:
            owner[column] = row
            return
        owner[column] = owner[before]
        column = before

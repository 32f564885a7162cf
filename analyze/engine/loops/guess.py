"""Alignments of two versions' loops and relations between their variables, guessed from runs (rule L8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import lcm

from .concrete import Visit
from .walk import ENTRY, Place, Walker

RATIOS = ((1, 1), (2, 1), (1, 2), (3, 1), (1, 3), (4, 1), (1, 4))
MOST_PEELED = 4
MOST_PLANS = 24
PEELED = ((1, 1, True), (0, 0, True), (1, 1, False), (1, 0, False), (0, 1, False), (0, 0, False))
"""How many turns of each version's loops belong to the way in, and whether one that takes more turns has
those added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How two versions are walked together."""

    matched: dict[tuple[Place, Place], tuple[int, int]]
    """The pairs of heads that go round together, with how many turns of each make one."""
    peeled: tuple[dict[int, int], dict[int, int]]
    """How many turns of a loop of each version belong to the way in."""

    def turns(self, one: Place, two: Place) -> tuple[int, int]:
        """Return how many segments each version goes from a pair of places."""
        if not isinstance(one, int):
            return (0, 1)
        if not isinstance(two, int):
            return (1, 0)
        if (one, two) in self.matched or one == ENTRY or two == ENTRY:
            return self.matched.get((one, two), (1, 1))
        partners = [q for p, q in self.matched if p == one]
        others = [p for p, q in self.matched if q == two]
        if not partners:
            return (1, 0)
        if not others:
            return (0, 1)
        return (0, 1) if min(map(int, partners)) > two else (1, 0)  # type: ignore[arg-type]


@dataclass(slots=True)
class Counts:
    """How often each head was come to, and from outside, on each run."""

    visits: list[dict[Place, int]] = field(default_factory=list)
    entries: list[dict[Place, int]] = field(default_factory=list)

    def add(self, walker: Walker, run: list[Visit]) -> None:
        """Count one run."""
        visits: dict[Place, int] = {}
        entries: dict[Place, int] = {}
        before: Place = ENTRY
        for visit in run:
            visits[visit.at] = visits.get(visit.at, 0) + 1
            if isinstance(visit.at, int) and walker.is_outside(before, visit.at):
                entries[visit.at] = entries.get(visit.at, 0) + 1
            before = visit.at
        self.visits.append(visits)
        self.entries.append(entries)


def plans(walkers: tuple[Walker, Walker], runs: list[tuple[list[Visit], list[Visit]]]) -> list[Plan]:
    """Return ways to walk two versions together, the likeliest first: those under which most runs have the
    same past where they meet."""
    counts = (Counts(), Counts())
    for pair in runs:
        if all(run and not isinstance(run[-1].at, int) for run in pair):  # both ended
            for one, walker, run in zip(counts, walkers, pair, strict=True):
                one.add(walker, run)
    heads = [sorted(walker.heads) for walker in walkers]
    fits = {(p, q): _fit(counts, p, q) for p in heads[0] for q in heads[1]}
    found: list[Plan] = []
    for pairs in _matchings(heads, fits):
        for ways in PEELED:
            peeled: tuple[dict[int, int], dict[int, int]] = ({}, {})
            for side in (0, 1):
                for head in heads[side]:
                    peeled[side][head] = ways[side] if any(pair[side] == head for pair in pairs) else 0
            if ways[2]:
                for p, q in pairs:
                    side, more = (0, fits[p, q][1]) if fits[p, q][1] > 0 else (1, -fits[p, q][1])
                    head = (p, q)[side]
                    peeled[side][head] = max(peeled[side][head], ways[side] + more)
            for even in (False, True):
                matched: dict[tuple[Place, Place], tuple[int, int]] = {
                    pair: (1, 1) if even else fits[pair][0] for pair in pairs
                }
                plan = Plan(matched=matched, peeled=peeled)
                if plan not in found:
                    found.append(plan)
    return found[:MOST_PLANS]


def _fit(counts: tuple[Counts, Counts], p: int, q: int) -> tuple[tuple[int, int], int]:
    """Return the ratio of turns of two loops, and how many more the first takes on each entry."""
    rows = []
    for number, visits in enumerate(counts[0].visits):
        one, two = visits.get(p, 0), counts[1].visits[number].get(q, 0)
        entered = counts[0].entries[number].get(p, 0)
        if one > 1 and two > 1 and entered and entered == counts[1].entries[number].get(q, 0):
            rows.append((one, two, entered))
    if not rows:
        return (1, 1), 0
    apart = sorted(Fraction(one - two, entered) for one, two, entered in rows)
    middle = apart[len(apart) // 2]
    agreeing = sum(one == middle for one in apart)
    if agreeing * 2 > len(apart) and middle.denominator == 1 and abs(middle) <= MOST_PEELED:
        return (1, 1), int(middle)
    spread = {}
    for k, m in RATIOS:
        scaled = [one * m - two * k for one, two, _ in rows]
        spread[k, m] = max(scaled) - min(scaled)
    return min(RATIOS, key=lambda ratio: spread[ratio] / max(ratio)), 0


def _matchings(
    heads: list[list[int]], fits: dict[tuple[int, int], tuple[tuple[int, int], int]]
) -> Iterator[list[tuple[int, int]]]:
    """Yield sets of pairs of heads: in the order of the texts, then all with all, then with fewer."""
    few = min(len(heads[0]), len(heads[1]))
    if len(heads[0]) == len(heads[1]):
        yield list(zip(*heads, strict=True))
    if few and (len(heads[0]) > 1 or len(heads[1]) > 1):
        yield list(fits)
    if len(heads[0]) != len(heads[1]):
        for chosen in combinations(heads[0], few):
            for others in combinations(heads[1], few):
                yield list(zip(chosen, others, strict=True))
    if few:
        yield []


# Relations


def relations(columns: list[list[int]], target: list[int]) -> list[Fraction] | None:
    """Return coefficients with which the columns (independent, one entry for each sample) add up to the
    target; None where they do not."""
    rows = [[Fraction(column[i]) for column in columns] + [Fraction(target[i])] for i in range(len(target))]
    width = len(columns)
    pivots: list[int] = []
    for place in range(width):
        found = next((i for i in range(len(pivots), len(rows)) if rows[i][place]), None)
        if found is None:
            return None
        here = len(pivots)
        rows[here], rows[found] = rows[found], rows[here]
        head = rows[here][place]
        rows[here] = [value / head for value in rows[here]]
        for i, row in enumerate(rows):
            if i != here and row[place]:
                factor = row[place]
                rows[i] = [a - factor * b for a, b in zip(row, rows[here], strict=True)]
        pivots.append(place)
    if any(row[width] for row in rows[width:]):
        return None
    return [rows[i][width] for i in range(width)]


def whole(coefficients: list[Fraction]) -> tuple[int, list[int]]:
    """Return a common denominator and the integers over it."""
    under = lcm(*(one.denominator for one in coefficients)) if coefficients else 1
    return under, [int(one * under) for one in coefficients]

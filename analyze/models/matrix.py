"""One function before and after, a row for each combination of axis values, equal rows folded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Literal

from ..checks.paths import Budget
from ..engine import ir
from ..kernel.axes import axis_rules, case_rule, flag_pattern, kinds, notable_calls
from .truth import Fixed, Key
from .walk import Outcome, walk

MOST_CASES = 512
"""Combinations of axis values that are looked at; most of them share a walk."""
MOST_AXES = 16
"""Axes that are tried one by one where all together are too many."""
MOST_FAILURES = 3
"""Cases of one way with too many paths, after which all further ones are looked at coarsely."""
ABSENT = Outcome(returns=(), calls=(), not_told="the function does not exist")
"""Of a side that has no such function."""
THROUGH = "through"
OTHER_CASE = "any other"
ASSUMES = (
    "each flag is the same in every word of that name that the code looks at; every vma is of the row's kind",
    "callees answer as they like; what a row says may happen, it need not",
    "a loop takes any number of turns; one thread",
)


State = Literal["differs", "new", "gone", "not told", "same"]
_ORDER = ("differs", "new", "gone", "not told", "same")


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What rows are told apart by."""

    name: str
    """"VM_SHARED", "page handed in (*pagep)", "vma kind", "through"."""
    family: str
    """The rule's name in axes.toml."""
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case, or several with the same outcomes."""

    condition: tuple[tuple[str, str], ...]
    """(axis, value) of the axes that matter here; () where none does."""
    before: Outcome
    after: Outcome
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A function's outcomes before and after a patch."""

    message_id: str
    """Of the patch."""
    position: int
    function: str
    path: str
    line: int
    """Where it starts after the patch, or before it where it is gone."""
    axes: tuple[Axis, ...]
    rows: tuple[Row, ...]
    """What differs first."""
    free: tuple[str, ...]
    """Axes that the code asks for too, left free: they make no difference by themselves, or were too many."""
    unasked: tuple[str, ...]
    """Flags of a family that the code asks for in part, and these not."""
    assumes: tuple[str, ...] = ASSUMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One entry to what changed, and its graph on both sides; None where it is not there."""

    name: str
    before: ir.Function | None
    after: ir.Function | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a matrix says, without where it belongs; fields as Matrix has them."""

    axes: tuple[Axis, ...]
    rows: tuple[Row, ...]
    free: tuple[str, ...]
    unasked: tuple[str, ...]


Both = tuple[Outcome, Outcome]


def build_rows(ways: Sequence[Way], budget: Budget) -> Table:
    """Walk each way for each combination of axis values and fold what is alike."""
    walks = Walks(ways, budget)
    every = _axes(walks.asked)
    chosen = every if _size(every) <= MOST_CASES else _telling(every, walks)
    names = tuple(way.name for way in ways)
    axes = (Axis(name=THROUGH, family="entry", values=names), *chosen)
    found: dict[tuple[str, ...], Row] = {}
    for values in product(*(axis.values for axis in axes)):
        fixed = _fix(chosen, values[1:], walks.asked)
        found[values] = _row(walks.both(names.index(values[0]), fixed))
    told = _folded(axes, found)
    matter = {at for values in told for at, value in enumerate(values) if value}
    rows = [
        replace(
            row,
            condition=tuple((axis.name, value) for axis, value in zip(axes, values, strict=True) if value),
        )
        for values, row in told.items()
    ]
    return Table(
        axes=tuple(axis for at, axis in enumerate(axes) if at in matter),
        rows=tuple(sorted(rows, key=lambda one: _ORDER.index(one.state))),
        free=tuple(axis.name for at, axis in enumerate((axes[0], *every)) if at and axis not in chosen),
        unasked=_unasked(walks.asked),
    )


class Walks:
    """The walks of some ways. One whose conditions asked for a part of what is fixed stands for every case
    that agrees in that part."""

    def __init__(self, ways: Sequence[Way], budget: Budget) -> None:
        self.ways, self.budget = ways, budget
        self.asked: dict[Key, None] = {}
        self._known: dict[tuple[int, bool, bool], list[tuple[dict[Key, bool | None], Outcome]]] = {}
        self._failed = [0] * len(ways)
        for at in range(len(ways)):
            self.both(at, {})

    def both(self, at: int, fixed: Fixed) -> Both:
        """Return the outcomes of one way before and after; where one side has too many paths, both are
        looked at coarsely, so that nothing differs for the way of looking."""
        if self._failed[at] < MOST_FAILURES:
            fine = self._sides(at, fixed, coarse=False)
            if not any(one.too_many for one in fine):
                return fine
            self._failed[at] += 1
        return self._sides(at, fixed, coarse=True)

    def _sides(self, at: int, fixed: Fixed, *, coarse: bool) -> Both:
        way = self.ways[at]
        before = self._one(way.before, (at, False, coarse), fixed)
        return before, self._one(way.after, (at, True, coarse), fixed)

    def _one(self, function: ir.Function | None, key: tuple[int, bool, bool], fixed: Fixed) -> Outcome:
        if function is None:
            return ABSENT
        known = self._known.setdefault(key, [])
        for told, outcome in known:
            if all(fixed.get(one) == value for one, value in told.items()):
                return outcome
        found = walk(function, fixed, self.budget, coarse=key[2])
        self.asked |= dict.fromkeys(found.asked)
        known.append(({one: fixed.get(one) for one in found.asked}, found.outcome))
        return found.outcome


def _axes(asked: Mapping[Key, None]) -> list[Axis]:
    """Return the axes that the keys make, in the order of the rules."""
    words: dict[str, set[str]] = {}
    for flag, word in asked:
        words.setdefault(flag, set()).add(word)
    found: dict[str, Axis] = {}
    for key in asked:
        family = _family(key)
        values = tuple(kinds()[family]) if family in kinds() else ("yes", "no")
        if case_rule(key[1]) == family:
            values = (*(word for name, word in asked if name == family), OTHER_CASE)
        found.setdefault(_name(key, words), Axis(name=_name(key, words), family=family, values=values))
    ranks = [one.name for one in axis_rules()]
    return sorted(found.values(), key=lambda axis: ranks.index(axis.family))


def _name(key: Key, words: Mapping[str, set[str]]) -> str:
    flag, word = key
    if flag == "given":
        return f"*{word} given"
    if flag == "handed":
        return f"{word} given"
    if flag in kinds() or not word or case_rule(word) == flag:
        return flag
    return flag if len(words.get(flag, ())) < 2 else f"{flag} in {word}"


def _family(key: Key) -> str:
    flag = key[0]
    if flag in ("given", "handed"):
        return next(one.name for one in axis_rules() if one.kind == flag)
    if not flag_pattern().fullmatch(flag):
        return flag
    return next(
        one.name
        for one in axis_rules()
        if one.kind == "flags" and any(re.fullmatch(n, flag) for n in one.names)
    )


def _fix(axes: Sequence[Axis], values: Sequence[str], asked: Mapping[Key, None]) -> Fixed:
    """Return what a row fixes."""
    words: dict[str, set[str]] = {}
    for flag, word in asked:
        words.setdefault(flag, set()).add(word)
    chosen = {axis.name: value for axis, value in zip(axes, values, strict=True)}
    fixed: dict[Key, bool] = {}
    for key in asked:
        value = chosen.get(_name(key, words))
        if value is not None:
            several = key[0] in kinds() or case_rule(key[1]) == key[0]
            fixed[key] = value == key[1] if several else value == "yes"
    return fixed


def _size(axes: Sequence[Axis]) -> int:
    return prod(len(axis.values) for axis in axes)


def _telling(axes: Sequence[Axis], walks: Walks) -> list[Axis]:
    """Return the axes of which a value alone changes an outcome; where they are too many, those that tell
    before from after go first."""
    scored: list[tuple[int, Axis]] = []
    for axis in axes[:MOST_AXES]:
        fixed = [_fix([axis], [value], walks.asked) for value in axis.values]
        told = [[walks.both(at, one) for at in range(len(walks.ways))] for one in fixed]
        if all(one == told[0] for one in told):
            continue
        changes = [[_changes(*both) for both in one] for one in told]
        scored.append((0 if any(one != changes[0] for one in changes) else 1, axis))
    chosen: list[Axis] = []
    for _, axis in sorted(scored, key=lambda one: one[0]):
        if _size([*chosen, axis]) <= MOST_CASES:
            chosen.append(axis)
    return [axis for axis in axes if axis in chosen]


def _changes(before: Outcome, after: Outcome) -> tuple[frozenset[str], ...]:
    """Return what is gone and what is new."""
    b, a = {*before.returns, *before.calls}, {*after.returns, *after.calls}
    return frozenset(b - a), frozenset(a - b)


def _folded(axes: Sequence[Axis], found: Mapping[tuple[str, ...], Row]) -> dict[tuple[str, ...], Row]:
    """Fold rows that differ in one axis alone, take all its values and say the same; "" is any value."""
    rows = dict(found)
    for at in reversed(range(len(axes))):
        groups: dict[tuple[tuple[str, ...], Row], list[tuple[str, ...]]] = {}
        for values, row in rows.items():
            groups.setdefault(((*values[:at], "", *values[at + 1 :]), row), []).append(values)
        for (values, row), members in groups.items():
            if len(members) == len(axes[at].values):
                for one in members:
                    del rows[one]
                rows[values] = row
    return rows


def _row(both: Both) -> Row:
    before, after = both
    state: State = "same" if before == after else "differs"
    if ABSENT in both:
        state = "new" if before is ABSENT else "gone"
    elif before.not_told or after.not_told:
        state = "not told"
    other = {*before.calls} ^ {*after.calls} if state == "differs" else set()
    return Row(condition=(), before=_shown(before, other), after=_shown(after, other), state=state)


def _shown(outcome: Outcome, other: set[str]) -> Outcome:
    """Return an outcome with the calls that a reader wants named."""
    calls = tuple(one for one in outcome.calls if one in other or one in notable_calls())
    return Outcome(returns=outcome.returns, calls=calls, not_told=outcome.not_told)


def _unasked(asked: Mapping[Key, None]) -> tuple[str, ...]:
    names = {flag for flag, _ in asked}
    return tuple(
        member
        for one in axis_rules()
        if names & set(one.members)
        for member in one.members
        if member not in names
    )

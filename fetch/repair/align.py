"""A hunk's damaged text laid against its counts, and against its old lines where these are known.

A lattice search: a state is (word, old lines done, new lines done); a step reads one diff line, or passes
over a
remark. Steps that the text supports cost nothing, others what they are unlikely; states are kept for the
cheapest few
at each word, so that the cost is linear in the text. Only a path that ends with both counts exactly used up
counts.
"""

from __future__ import annotations

import heapq
import math
import re
from bisect import insort
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from .breaks import PASSED, end_cost, pass_cost
from .budget import Budget
from .grammar import Hunk
from .region import Seen
from .stream import WordStream, squeeze

BEAM = 24
"""States kept at one word; half as many where every line's end is seen."""
SLACK = 40.0
"""How much dearer than the cheapest state at a word a state may be."""
KEPT = 3
"""Paths kept into one state; one where no blob id will tell them apart."""
LONGEST = 60
"""Words of one diff line in text whose line ends are lost."""
_MARKER = "\\Nonewlineatendoffile"
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+|[\w.+-]+@")


@dataclass(frozen=True, slots=True)
class Segment:
    """Words begin..end that are one diff line (kind " ", "-", "+"), a heading ("@"), a remark ("#") or a
    "\\" marker.
    """

    kind: str
    begin: int
    end: int
    old: int = -1
    """Which old line of the hunk it is, for " " and "-"."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """One way to read a hunk's text; cheaper is likelier."""

    cost: float
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """What to lay against what."""

    stream: WordStream
    hunk: Hunk
    old: tuple[str, ...] | None
    """The old lines, squeezed; None where no pre-image tells them."""
    known: Collection[str]
    """Squeezed lines of another version of the file: context that is among them is more likely."""
    joined: bool
    """Whether line ends are lost, so that a diff line may begin at any word."""
    signed: bool
    """Whether context lines still have their blank."""
    last: bool
    """Whether this is the patch's last hunk: a signature may follow."""
    budget: Budget


_Path = tuple["_Path", Segment] | None
_State = tuple[int, int, int]
"""Old lines done, new lines done, empty lines read since the last word."""
_Step = tuple[Segment, int, int, float]
"""A segment, old lines and new lines that it uses up, and its cost."""
_Entry = tuple[float, int, _Path]
"""Cost, serial number (so that paths are never compared), path."""


class _Lattice:
    """The states that were reached, by word; of each state the KEPT cheapest paths."""

    def __init__(self, task: Task) -> None:
        self.columns: dict[int, dict[_State, list[_Entry]]] = {}
        self.least: dict[int, float] = {}
        self.serial = 0
        self._hunk = task.hunk
        self._joined = task.joined
        self._slack = SLACK if task.joined else SLACK / 2
        self._kept = 1 if task.old is None else KEPT
        self._signs = [0]
        """How many words from each word on begin with "+"."""
        for word in reversed(task.stream.words if task.joined else []):
            self._signs.append(self._signs[-1] + (word[0] == "+"))
        self._signs.reverse()

    def ahead(self, at: int, state: _State) -> float:
        """Return what the way to the end costs at least, as far as the count of signs tells (infinity: no
        way).

        Where line ends are lost, each "+" ahead either begins one of the added lines that are still to
        come, or is an
        operator that a line must go over.
        """
        if not self._joined:
            return 0.0
        to_come = max(0, (self._hunk.new_count - state[1]) - (self._hunk.old_count - state[0]))
        signs = self._signs[at]
        return math.inf if signs < to_come else PASSED * (signs - to_come)

    def reach(self, at: int, state: _State, cost: float, path: _Path) -> None:
        """Note a path to `state` at word `at`, unless better ones are known."""
        self.serial += 1
        whole = cost + self.ahead(at, state)
        least = self.least.get(at, whole)
        if whole > least + self._slack or whole == math.inf:
            return
        self.least[at] = min(least, whole)
        entries = self.columns.setdefault(at, {}).setdefault(state, [])
        if len(entries) >= self._kept and cost >= entries[-1][0]:
            return
        insort(entries, (cost, self.serial, path))
        del entries[self._kept :]


def looks_joined(lines: Sequence[Seen], hunk: Hunk) -> bool:
    """Whether a hunk's text has so few lines that their ends must be lost."""
    shown = sum(1 for seen in lines[1:] if seen.own)
    return shown * 2 < max(hunk.old_count, hunk.new_count)


def align(task: Task, most: int = 6) -> list[Alignment]:
    """Return the cheapest readings of the hunk, at most `most`; empty where none fits the counts or the
    budget is spent.
    """
    lattice = _Lattice(task)
    ends = _Ends(task)
    for segment, cost in _headings(task):
        lattice.reach(segment.end, (0, 0, 0), cost, (None, segment))
    goals: list[_Entry] = []
    spent = 0
    for at in range(len(task.stream) + 1):
        if at in lattice.columns:
            if not task.budget.take_steps(lattice.serial - spent):
                return []
            spent = lattice.serial
            goals += _expand(task, lattice, ends, at)
            del lattice.columns[at]
    return [Alignment(cost, _unroll(path)) for cost, _, path in heapq.nsmallest(most, goals)]


def _expand(task: Task, lattice: _Lattice, ends: _Ends, at: int) -> list[_Entry]:
    """Take every step from the states at word `at`; return the paths that may end there."""
    column = lattice.columns[at]
    hunk = task.hunk
    goals: list[_Entry] = []
    pending = sorted(column)
    done: set[_State] = set()
    ranks = {state: entries[0][0] + lattice.ahead(at, state) for state, entries in column.items()}
    beam = BEAM if task.joined else BEAM // 2
    worst = sorted(ranks.values())[beam - 1] if len(ranks) > beam else math.inf
    while pending:
        state = heapq.heappop(pending)
        if state in done or ranks.get(state, 0.0) > worst:
            continue
        done.add(state)
        paths = tuple(column[state])
        old, new, empty = state
        if (old, new) == (hunk.old_count, hunk.new_count):
            tail = _tail_cost(task, at)
            goals += [(cost + tail, number, path) for cost, number, path in paths]
        skipped = _skip_cost(task, at, empty)
        for segment, used, made, cost in _steps(task, ends, at, old, empty):
            if old + used > hunk.old_count or new + made > hunk.new_count:
                continue
            stays = segment.end == at
            after = (old + used, new + made, empty + 1 if stays else 0)
            for before, _, path in paths:
                lattice.reach(
                    segment.end, after, before + cost + (0.0 if stays else skipped), (path, segment)
                )
            if stays and after in column:
                heapq.heappush(pending, after)
    return goals


def _skip_cost(task: Task, at: int, empty: int) -> float:
    """What it costs to leave out empty lines that the mail shows in front of word `at`."""
    left = max(0, min(2, task.stream.blanks[at] - empty))
    return left * (0.8 if task.old is None else 0.3)


def _unroll(path: _Path) -> tuple[Segment, ...]:
    segments = []
    while path is not None:
        path, segment = path
        segments.append(segment)
    return tuple(reversed(segments))


def _headings(task: Task) -> Iterator[tuple[Segment, float]]:
    """Yield where the text behind "@@" may end: at its line's end, in a wrapped line, or (line ends lost)
    anywhere.
    """
    stream = task.stream
    first = 0
    if stream.words and not stream.begins[0] and stream.line[0] == 0:
        first = stream.next_line(0)
    yield Segment("@", 0, first), _heading_cost(stream, first) if task.joined and task.old is None else 0.0
    at = first
    for wraps in range(1, 3):
        if not 0 < at < len(stream):
            break
        extra = _join_cost(task, at)
        at = stream.next_line(at)
        yield Segment("@", 0, at), extra + wraps * 0.3
    if task.joined:
        for end in range(min(30, first)):
            known = task.old is not None
            yield Segment("@", 0, end), 0.02 * (30 - end) if known else _heading_cost(stream, end)


def _heading_cost(stream: WordStream, end: int) -> float:
    """Without a pre-image a heading is at most 80 characters, and likely whole when it ends as a
    declaration does.
    """
    if not end:
        return 1.0
    length = stream.offset[end] + end
    last = stream.words[end - 1]
    return max(0.0, (length - 80) * 0.1 + 3.0 if length > 80 else 0.0) + (
        0.0 if last[-1] in ",){(" else 1.5 if length < 70 else 0.3
    )


def _steps(task: Task, ends: _Ends, at: int, old: int, empty: int) -> Iterator[_Step]:
    """Yield what the text at word `at` may be."""
    stream = task.stream
    if at < len(stream) and stream.words[at] == "\\" and (end := stream.match(at, _MARKER)) is not None:
        yield Segment("\\", at, end), 0, 0, 0.0
    if at < len(stream) and stream.begins[at]:
        yield (
            Segment("#", at, stream.next_line(at)),
            0,
            0,
            4.0 if stream.own(at) else 2.5 if stream.adjoins(at) else 0.1,
        )
    entry = _entry_cost(task, at)
    if task.old is not None:
        yield from _known_steps(task, at, old, empty, entry)
    else:
        yield from _unknown_steps(task, ends, at, empty, entry)
    if at < len(stream) and stream.sign(at) == "+":
        for end, cost in ends.of(at, old):
            yield Segment("+", at, end), 0, 1, entry + cost


def _entry_cost(task: Task, at: int) -> float:
    """What it costs to begin a diff line at word `at`."""
    stream = task.stream
    if at >= len(stream):
        return 0.0
    cost = 0.0 if stream.begins[at] or task.joined else 3.0
    return cost + (0.0 if stream.own(at) else 6.0)


def _known_steps(task: Task, at: int, old: int, empty: int, entry: float) -> Iterator[_Step]:
    """Yield context and removed lines that agree with the next old line."""
    stream, lines = task.stream, task.old or ()
    if old >= len(lines):
        return
    line = lines[old]
    if not line:
        yield Segment(" ", at, at, old), 1, 1, 0.0 if stream.blanks[at] > empty or at == len(stream) else 1.5
    else:
        for end, cost in _matches(stream, at, line, 0):
            yield Segment(" ", at, end, old), 1, 1, entry + cost
    if at < len(stream) and stream.sign(at) == "-":
        for end, cost in _matches(stream, at, line, 1):
            yield Segment("-", at, end, old), 1, 0, entry + cost


def _matches(stream: WordStream, at: int, line: str, skip: int) -> Iterator[tuple[int, float]]:
    end = stream.match(at, line, skip)
    if end is not None and at < len(stream):
        yield end, 0.3 * len(stream.crossings(at, end))
    elif (
        "@" in line
        and at < len(stream)
        and stream.text[stream.offset[at] + skip : stream.offset[at] + skip + 2] == line[:2]
    ):
        yield from _masked(stream, at, line, skip)


def _masked(stream: WordStream, at: int, line: str, skip: int) -> Iterator[tuple[int, float]]:
    """Yield ends where the text agrees with `line` but for the mail addresses in it, which archives mask."""
    parts = _ADDRESS.split(line)
    for end in range(at + 1, min(at + LONGEST, len(stream)) + 1):
        text = stream.text[stream.offset[at] + skip : stream.offset[end]]
        if len(text) > 2 * len(line) + 40:
            return
        if _has_parts(text, parts):
            yield end, 0.6 + 0.3 * len(stream.crossings(at, end))
            return


def _has_parts(text: str, parts: Sequence[str]) -> bool:
    """Whether `text` is `parts` in order with something between them."""
    if len(parts) < 2 or not text.startswith(parts[0]) or not text.endswith(parts[-1]):
        return False
    at = len(parts[0])
    for part in parts[1:-1]:
        at = text.find(part, at + 1)
        if at < 0:
            return False
        at += len(part)
    return at < len(text) - len(parts[-1])


def _unknown_steps(task: Task, ends: _Ends, at: int, empty: int, entry: float) -> Iterator[_Step]:
    """Yield context and removed lines where no pre-image tells them."""
    stream = task.stream
    yield (
        Segment(" ", at, at),
        1,
        1,
        0.0 if stream.blanks[at] > empty else 1.5 + empty if at < len(stream) else 0.5 + 2.0 * empty,
    )
    if at >= len(stream):
        return
    sign = stream.sign(at)
    if sign == "-":
        for end, cost in ends.of(at, 0):
            yield Segment("-", at, end), 1, 0, entry + cost + _strange(task, at, end, 1)
    unsigned = 5.0 if sign else 0.0
    if task.signed and stream.begins[at] and stream.led(at) not in " \t":
        unsigned += 2.0
    for end, cost in ends.of(at, 0):
        yield Segment(" ", at, end), 1, 1, entry + unsigned + cost + _strange(task, at, end, 0)


def _strange(task: Task, at: int, end: int, skip: int) -> float:
    """What it costs that an old line is not among the other version's lines."""
    stream = task.stream
    if not task.known:
        return 0.0
    return 0.0 if stream.text[stream.offset[at] + skip : stream.offset[end]] in task.known else 0.8


class _Ends:
    """Where a diff line that begins at some word may end, each with its cost; worked out once a word."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._known: dict[tuple[int, int], list[tuple[int, float]]] = {}

    def of(self, at: int, old: int) -> list[tuple[int, float]]:
        """Return (boundary, cost) for a line that begins at word `at` when `old` old lines are done."""
        key = (at, old if self.task.joined and self.task.old is not None else 0)
        if key not in self._known:
            self._known[key] = list(self._find(*key))
        return self._known[key]

    def _find(self, at: int, old: int) -> Iterator[tuple[int, float]]:
        task, stream = self.task, self.task.stream
        lone = task.old is None
        end, cost = stream.next_line(at), 0.0
        if task.joined:
            passed, most = 0.0, 5.0 if lone else 14.0
            for stop in range(at + 1, min(at + LONGEST, end)):
                if passed > most:
                    return
                if _may_begin(task, stop, old):
                    total = passed + end_cost(stream.words[at:stop], stream.words[stop : stop + 2], lone)
                    if total < most:
                        yield stop, total
                passed += pass_cost(stream.words[at:stop], stream.words[stop], lone)
            if end - at > LONGEST:
                return
            cost = passed
            yield end, cost + end_cost(stream.words[at:end], stream.words[end : end + 2], lone) * 0.5
        else:
            yield end, cost
        for _ in range(3):
            if end >= len(stream):
                return
            cost += _join_cost(task, end)
            end = stream.next_line(end)
            yield end, cost


def _may_begin(task: Task, at: int, old: int) -> bool:
    """Whether a diff line may begin at word `at` of text without line ends."""
    stream = task.stream
    if stream.words[at][0] in "+-" or task.old is None:
        return True
    following = [line for line in task.old[old : old + 3] if line]
    return bool(following) and stream.match(at, following[0]) is not None


def _join_cost(task: Task, at: int) -> float:
    """What it costs that the line beginning at word `at` is the tail of a wrapped one."""
    stream = task.stream
    cost = 0.6 if stream.full_before(at) else 4.0
    if task.joined:
        cost = 4.0
    led = stream.led(at)
    if stream.own(at):
        cost += 2.0 if led in "+-" else 0.5 if led in " \t" else 0.0
    return cost


def _tail_cost(task: Task, at: int) -> float:
    """What it costs to leave the rest of the text out: little behind the last hunk, much where it looks
    like diff.
    """
    stream = task.stream
    cost = 0.0
    seen = 0
    while at < len(stream) and seen < 40:
        if stream.own(at):
            signed = stream.sign(at) and stream.words[at] != "--"
            cost += 2.0 if signed else 0.2 if task.last else 1.0
        else:
            cost += 0.05
        at, seen = stream.next_line(at), seen + 1
    return cost


def squeezed_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """Return each line without white space."""
    return tuple(map(squeeze, lines))

"""Added lines whose white space is lost -> groups of likely spellings, cheapest first.

A group is a statement with its continuation lines, a run of aligned lines (members, #defines), or a single
line: what
must be guessed together. Groups are independent of each other, which lets kbest enumerate their combinations.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from .budget import Budget
from .channel import Channel, Loss, runs_of_width
from .gaps import AS_MOST, Place, Sibling, Taste, borrow, gap_kind, sibling, spell
from .layout import Expected, Layout, blanks_to, indent_of, width
from .stream import squeeze
from .twins import Twin, Twins, most_alike

WHOLE = 8
"""Indentations of a line that are tried with more than the likeliest inside."""
LONGEST = 14
"""Lines of one group."""
ALIGNED = frozenset(("value", "equals", "assign", "name", "slash", "remark"))
"""Kinds of gap that authors fill up to a common column."""
_TABBED = frozenset(("tab", "tabs", "tabs2", "floor"))


@dataclass(slots=True)
class Item:
    """A line of a hunk, its white space known or not."""

    sign: str
    seen: str
    """As the mail shows it, without its sign."""
    text: str | None = None
    """The exact text, once known."""
    newline: bool = True
    pieces: int = 1
    """How many lines of the mail it was spread over."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """One way to spell a group's lines."""

    texts: tuple[str, ...]
    cost: float
    double: int
    """Sentences that end with two blanks inside a line."""
    single: int
    aligned: int
    """Continuation lines that stand below their open parenthesis."""
    tabbed: int
    """Continuation lines that do not."""


@dataclass(frozen=True, slots=True)
class Group:
    """Items (by index in the hunk) that are spelled together."""

    items: tuple[int, ...]
    spellings: tuple[Spelled, ...]


@dataclass(slots=True)
class Habits:
    """How continuation lines stand in this file; starts with what holds for mm/ of linux 6.12."""

    styles: dict[str, float] = field(
        default_factory=lambda: {"aligned": 5.0, "floor": 0.3, "tab": 0.8, "tabs2": 1.2, "tabs": 0.6}
    )
    sentences: dict[str, float] = field(default_factory=lambda: {"single": 1.5, "double": 0.5})

    def copy(self) -> Habits:
        """Return habits that may learn on their own."""
        return Habits(dict(self.styles), dict(self.sentences))

    def learn(self, layout: Layout, line: str, weight: float) -> str:
        """Count how the known `line` is laid out; return its style."""
        text = line.strip()
        if layout.comment is not None or text.startswith(("*", "/*")):
            for before, run in _sentence_ends(text):
                self.sentences["double" if len(run) == 2 else "single"] += weight if before else 0
            return ""
        if not text or not layout.continues(text):
            return ""
        indent = indent_of(line)
        style = next((s for i, _, s in layout.expect(text) if i == indent and s != "same"), "")
        if style and (layout.parens or style == "tab"):
            self.styles[style] = self.styles.get(style, 0.0) + weight
        return style

    def cost(self, style: str) -> float:
        """Return what a continuation style costs in this file."""
        total = sum(self.styles.values())
        return -math.log((self.styles.get(style, 0.0) + 0.05) / total) * 0.8


def _sentence_ends(text: str) -> list[tuple[str, str]]:
    parts = text.split(". ")
    return [(a, "  " if b.startswith(" ") else " ") for a, b in pairwise(parts)]


@dataclass(frozen=True, slots=True)
class Effort:
    """How many alternatives are looked at."""

    beam: int
    """Partial spellings of a group that are kept."""
    options: int
    """Spellings of one line."""
    runs: int
    """Spellings of a line's inside."""
    odd: bool = False
    """Whether any column and any two blanks are thought of."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A hypothesis on a whole file: what one author and one change do alike in all its added lines."""

    cost: float = 0.0
    taste: Taste = AS_MOST
    twins: bool = True
    """Whether lines that read like known ones stand as these do."""
    other_level: bool = False
    """Whether runs of added lines stand on another level than the lines above tell, where they can."""


LIKELIEST = Profile()
LITTLE = Effort(beam=6, options=5, runs=5)
"""For a first look: most lines are spelled as they are expected to be."""
MUCH = Effort(beam=48, options=24, runs=24)
WIDE = Effort(beam=600, options=96, runs=40, odd=True)
"""For a short patch: what no rule expects, too."""


@dataclass(slots=True)
class Page:
    """What surrounds a hunk: the state of things above it, and what is known of the file."""

    layout: Layout
    habits: Habits
    twins: Twins
    channel: Channel
    near: int
    """Where the hunk stands among the twins' lines."""
    effort: Effort
    budget: Budget
    profile: Profile = LIKELIEST


@dataclass(slots=True)
class _Partial:
    """A spelling of a group's first lines."""

    texts: tuple[str, ...]
    cost: float
    layout: Layout
    above: tuple[int, int] | None
    """Of the twin of the last line: its place, and by how much the line is shifted against it."""
    near: tuple[Sibling, ...]
    double: int = 0
    single: int = 0
    aligned: int = 0
    tabbed: int = 0

    @property
    def rank(self) -> float:
        """Cost with what is unlikely together: both kinds of sentence, both kinds of continuation."""
        return self.cost + 2.0 * min(self.double, self.single) + 1.0 * min(self.aligned, self.tabbed)

    def rank_with(self, option: _Option) -> float:
        """Return the rank once `option` spells the next line."""
        mixed = 2.0 * min(self.double + option.double, self.single + option.single)
        aligned = self.aligned + (option.style == "aligned")
        tabbed = self.tabbed + (option.style in _TABBED)
        return self.cost + option.cost + mixed + 1.0 * min(aligned, tabbed)


class HunkReader:
    """Goes down a hunk, learning from known lines and grouping the others."""

    def __init__(self, items: Sequence[Item], page: Page) -> None:
        self.items = items
        self.page = page
        self.layout = page.layout.clone()
        self.old = page.layout.clone()
        self.habits = page.habits
        self.above: tuple[int, int] | None = None
        self.near: list[Sibling] = []
        self._siblings: dict[tuple[str, bool], Sibling] = {}
        self._ends: dict[tuple[int, str], int] = {}
        self._spelled_at = -1
        self._spelled: dict[_Stand, list[_Option]] = {}
        self.removed: list[tuple[str, str]] = []
        self.run: list[str] = []
        self.run_start = 0
        self._find_comment()

    def _find_comment(self) -> None:
        """See whether the hunk begins inside a comment whose begin is out of sight."""
        for item in self.items:
            text = (item.text if item.text is not None else item.seen).strip()
            if "/*" in text.split("*/")[0] or item.sign == "+":
                return
            if "*/" in text or text.startswith("* "):
                if self.layout.comment is None:
                    self.layout.comment = indent_of(item.text or "").removesuffix(" ")
                    self.layout.open = False
                return

    def _level(self, at: int) -> None:
        """Put the level of an added run right by the known line below it, where what stands above told too
        little.

        The run is laid out from the present level; if the line below then stands elsewhere than expected,
        the levels
        around are tried until it stands where it should.
        """
        end = at
        while (end < len(self.items) and self.items[end].text in (None, "")) or (
            end < len(self.items) and self.items[end].sign == "-"
        ):
            end += 1
        below = next((i.text for i in self.items[end:] if i.sign == " " and (i.text or "").strip()), None)
        if below is None or self.layout.comment is not None or self.layout.open:
            return
        run = [item.seen.strip() for item in self.items[at:end] if item.sign != "-"]
        level = self.layout.level
        found: list[Layout] = []
        for candidate in dict.fromkeys((level, indent_of(below).rstrip(" "), level + "\t", level[:-1], "")):
            trial = self.layout.clone()
            if candidate != level:
                trial.controls = []
                trial.settle(candidate)
            if self._agrees(trial.clone(), run, below):
                found.append(trial)
        if found:
            self.layout = found[min(len(found) - 1, int(self.page.profile.other_level))]

    @staticmethod
    def _agrees(trial: Layout, run: Sequence[str], below: str) -> bool:
        """Whether `below` stands where it is expected once `run` is laid out."""
        for text in run:
            trial.feed(trial.expect(text)[0][0] + text, known=False)
        return trial.expect(below.strip())[0][0] == indent_of(below)

    def read(self) -> list[Group]:
        """Return the groups of all lines whose text is not known."""
        groups: list[Group] = []
        at = 0
        while at < len(self.items):
            item = self.items[at]
            if item.text is None:
                if item.sign == "+" and (at == 0 or self.items[at - 1].sign != "+"):
                    self._level(at)
                at = self._group(at, groups)
                continue
            self._known(at, item, item.text)
            at += 1
        return groups

    def _known(self, at: int, item: Item, text: str) -> None:
        if item.sign == "-":
            if at == 0 or self.items[at - 1].sign != "-":
                self.old = self.layout.clone()
                self.removed = []
            style = self.habits.learn(self.old, text, 4.0)
            self.removed.append((text, style))
            self.old.feed(text)
            return
        self._run_over(at)
        if item.sign == " ":
            self.removed = []
            self.above = None
            self.habits.learn(self.layout, text, 2.0)
        self.near.insert(0, self._sibling(text, self.layout.comment is not None))
        del self.near[8:]
        self.layout.feed(text, known=item.sign == " ")

    def _sibling(self, text: str, in_comment: bool) -> Sibling:
        key = (text, in_comment)
        if key not in self._siblings:
            self._siblings[key] = sibling(text, in_comment)
        return self._siblings[key]

    def _run_over(self, at: int) -> None:
        self.run = []
        self.run_start = at

    def _start_run(self, at: int) -> None:
        """Collect the run of lines of one sign that begins here, for the twins' agreement."""
        if self.run and at < self.run_start + len(self.run):
            return
        end = at
        sign = self.items[at].sign
        while end < len(self.items) and self.items[end].sign == sign:
            end += 1
        self.run_start = at
        self.run = [squeeze(item.seen if item.text is None else item.text) for item in self.items[at:end]]

    def _group(self, at: int, groups: list[Group]) -> int:
        self._start_run(at)
        below = self._below(at)
        sign = self.items[at].sign
        if sign == "-" and (at == 0 or self.items[at - 1].sign != "-"):
            self.old, self.removed = self.layout.clone(), []
        layout = self.old if sign == "-" else self.layout
        states = [_Partial((), 0.0, layout.clone(), self.above, tuple(self.near[:6]))]
        end = at
        while end < len(self.items):
            item = self.items[end]
            words = item.seen.split()
            if end > at and not self._joins(states[0].layout, end, at):
                break
            states = self._grow(states, end, words, below)
            end += 1
        best = states[0]
        groups.append(
            Group(
                tuple(range(at, end)),
                tuple(
                    Spelled(s.texts, s.cost, s.double, s.single, s.aligned, s.tabbed)
                    for s in sorted(states, key=lambda s: s.rank)
                ),
            )
        )
        if sign == "-":
            self.removed += [(text, "") for text in best.texts]
            self.old = best.layout
            return end
        self.layout, self.above = best.layout, best.above
        self.near = list(best.near)
        return end

    def _below(self, at: int) -> tuple[Sibling, ...]:
        known = [item.text for item in self.items[at : at + 30] if item.text is not None and item.sign != "-"]
        return tuple(sibling(text, False) for text in known[:4])

    def _joins(self, layout: Layout, at: int, start: int) -> bool:
        """Whether line `at` must be spelled together with the line above it."""
        item, before = self.items[at], self.items[at - 1]
        if (
            item.text is not None
            or item.sign != before.sign
            or at - start >= LONGEST
            or not item.seen.strip()
        ):
            return False
        words, above = item.seen.split(), before.seen.split()
        if layout.comment is not None:
            return channel_guesses_gaps(self.page.channel)
        if words[0].startswith(("/*", "*")):
            return False
        if layout.continues(item.seen.strip()):
            return True
        kinds = {gap_kind(words, i, False) for i in range(1, min(len(words), 12))} - {""}
        theirs = {gap_kind(above, i, False) for i in range(1, min(len(above), 12))} - {""}
        return bool(kinds & theirs)

    def _grow(
        self,
        states: Sequence[_Partial],
        at: int,
        words: Sequence[str],
        below: tuple[Sibling, ...],
    ) -> list[_Partial]:
        self.page.budget.take_line()
        grown: list[tuple[float, int, _Partial, _Option, Twin | None]] = []
        for state in states:
            twin = None
            if words and self.page.profile.twins:
                place = state.above[0] if state.above else None
                twin = self.page.twins.find(self.run, at - self.run_start, place, self.page.near)
            for option in self._options(state, at, words, twin, below):
                grown.append((state.rank_with(option), len(grown), state, option, twin))
        beam = self.page.effort.beam * (3 if states[0].layout.comment is not None else 1)
        best = heapq.nsmallest(beam, grown)
        return [self._fed(state, option, twin, words) for _, _, state, option, twin in best]

    def _fed(self, state: _Partial, option: _Option, twin: Twin | None, words: Sequence[str]) -> _Partial:
        layout = state.layout.clone()
        near = state.near
        if words:
            near = (self._sibling(option.text, layout.comment is not None), *state.near[:7])
        layout.feed(option.text, known=False)
        above = state.above
        if twin is not None:
            above = (twin.place, width(indent_of(option.text)) - width(indent_of(twin.text)))
        elif words:
            above = None
        return _Partial(
            (*state.texts, option.text),
            state.cost + option.cost,
            layout,
            above,
            near,
            state.double + option.double,
            state.single + option.single,
            state.aligned + (option.style == "aligned"),
            state.tabbed + (option.style in _TABBED),
        )

    def _options(
        self, state: _Partial, at: int, words: Sequence[str], twin: Twin | None, below: tuple[Sibling, ...]
    ) -> list[_Option]:
        channel, item = self.page.channel, self.items[at]
        if channel.loss in (Loss.NONE, Loss.TRAILING) or self.page.budget.lines < 0:
            return [_Option(item.seen, 0.0)]
        if not words:
            return [_Option("", 0.0)]
        leads = self._leads(state, words, twin)
        if channel.loss is Loss.EXPANDED:
            return _expanded(item, leads, channel.column)
        stand = _Stand(
            leads=tuple(leads[: self.page.effort.options]),
            in_comment=state.layout.in_comment(words[0]),
            members=bool(state.layout.blocks) and state.layout.blocks[-1].kind == "members",
            continues=state.layout.continues(" ".join(words)),
            near=(*state.near, *below),
            twin=twin.text if twin is not None else None,
        )
        if self._spelled_at != at:
            self._spelled_at, self._spelled = at, {}
        if stand not in self._spelled:
            self._spelled[stand] = self._spell(stand, at, words, twin)
        return self._spelled[stand]

    def _spell(self, stand: _Stand, at: int, words: Sequence[str], twin: Twin | None) -> list[_Option]:
        """Spell line `at` where it stands: indentations and insides that show as the mail has them."""
        channel, item, effort = self.page.channel, self.items[at], self.page.effort
        taste = self.page.profile.taste
        odd = replace(taste, odd=effort.odd and len(words) <= 24)
        lead_only = channel.loss is Loss.LEADING
        clear = () if lead_only else self._clear(at, words)
        options: list[_Option] = []
        for rank, (indent, cost, style) in enumerate(stand.leads):
            inner = [(item.seen.strip(), 0.0, 0, 0)]
            if not lead_only:
                place = Place(
                    indent,
                    stand.in_comment and words[-1] != "\\",
                    stand.members,
                    stand.continues,
                    stand.near,
                    odd if rank == 0 else taste,
                    tuple((kind, end + width(indent)) for kind, end in clear),
                )
                inner = self._inner(place, words, twin) if rank < WHOLE else spell(place, words, 1)
            options += [_Option(indent + text, cost + extra, d, s, style) for text, extra, d, s in inner]
        shown = (item.sign + item.seen).strip()
        options = [o for o in options if channel.show(item.sign + o.text) == shown] or options
        options.sort(key=lambda o: o.cost)
        return options[: effort.options]

    def _clear(self, at: int, words: Sequence[str]) -> tuple[tuple[str, int], ...]:
        """Return the kinds of gap that line `at` shares with lines next to it, and the columns behind the
        longest text in front of each, counted from the indentation.
        """
        found: dict[str, int] = {}
        for number in range(1, min(len(words), 41)):
            kind = gap_kind(words, number, in_comment=False)
            if kind in ALIGNED and kind not in found:
                ends = [self._end(near, kind) for near in self._alike(at, kind)]
                if len(ends) > 1:
                    found[kind] = max(ends)
        return tuple(found.items())

    def _alike(self, at: int, kind: str) -> list[int]:
        """Return the added lines around `at`, without a break, that have a gap of `kind`."""
        found = [at]
        for step in (-1, 1):
            near = at + step
            while 0 <= near < len(self.items) and abs(near - at) <= 40 and self._end(near, kind):
                found.append(near)
                near += step
        return found

    def _end(self, at: int, kind: str) -> int:
        """Return the width of the text in front of the gap of `kind` in line `at`; 0 where it has none."""
        if (at, kind) not in self._ends:
            item = self.items[at]
            words = (item.seen if item.text is None else item.text).split() if item.sign == "+" else []
            place = next(
                (i for i in range(1, min(len(words), 41)) if gap_kind(words, i, in_comment=False) == kind), 0
            )
            self._ends[at, kind] = width(" ".join(words[:place]))
        return self._ends[at, kind]

    def _inner(
        self, place: Place, words: Sequence[str], twin: Twin | None
    ) -> list[tuple[str, float, int, int]]:
        """Spell what stands behind the indentation: as the twin does, as a removed line like it does, or by
        rule.
        """
        spellings = spell(place, words, self.page.effort.runs)
        if twin is not None and squeeze(twin.text) == "".join(words):
            told = twin.text.strip()
            return [(told, 0.0, 0, 0), *((t, c + 3.0, d, s) for t, c, d, s in spellings[:6] if t != told)]
        alike = most_alike(words, [text for text, _ in self.removed]) if self.removed else None
        if alike is None:
            return spellings
        told_too = borrow(words, self.removed[alike][0])
        if told_too is None:
            return spellings
        spellings = [*_with_remark(spellings, self.removed[alike][0]), *spellings]
        others = [(t, c + 1.0, d, s) for t, c, d, s in spellings if t != told_too]
        return [(told_too, 0.1, 0, 0), *others]

    def _leads(self, state: _Partial, words: Sequence[str], twin: Twin | None) -> list[Expected]:
        """Return the likely indentations of a line, cheapest first."""
        text = " ".join(words)
        best: dict[str, Expected] = {}

        def offer(indent: str, cost: float, style: str) -> None:
            if indent not in best or cost < best[indent][1]:
                best[indent] = (indent, cost, style if style else best.get(indent, ("", 0.0, ""))[2])

        continued = state.layout.continues(text)
        for indent, cost, style in state.layout.expect(text):
            offer(indent, self._styled(cost, style) if continued and state.layout.parens else cost, style)
        removed = [line for line, _ in self.removed]
        same = {squeeze(line): line for line in removed}
        if twin is not None and (twin.follows or len(squeeze(twin.text)) >= 6):
            self._from_twin(best, state, twin, same)
        alike = most_alike(words, removed) if removed else None
        if alike is not None:
            line, style = self.removed[alike]
            offer(indent_of(line), 0.7 if continued else 1.2, style)
            if style and continued:
                for indent, cost, kind in list(best.values()):
                    if kind == style:
                        best[indent] = (indent, cost - 0.8, kind)
        if squeeze(text) in same and indent_of(same[squeeze(text)]) in best and len(words) > 1:
            indent, cost, style = best[indent_of(same[squeeze(text)])]
            best[indent] = (indent, cost + 1.2, style)
        for indent, cost, style in state.layout.odd(text) if self.page.effort.odd else ():
            offer(indent, cost, style)
        return sorted(best.values(), key=lambda entry: entry[1])

    def _styled(self, cost: float, style: str) -> float:
        """Weigh a continuation style by the file's habits."""
        if style in ("aligned", "floor", "tab", "tabs2", "tabs"):
            return 0.35 * cost + self.habits.cost(style)
        return cost

    def _from_twin(
        self, best: dict[str, Expected], state: _Partial, twin: Twin, same: dict[str, str]
    ) -> None:
        """Weigh in the indentation of a line that reads alike, shifted as the line above is shifted against
        its own.
        """
        shift = state.above[1] if state.above and twin.follows else 0
        own = indent_of(twin.text)
        shifted = blanks_to(max(0, width(own) + shift)) if shift else own
        if shift and shift % 8 == 0 and not own.endswith(" "):
            shifted = "\t" * (shift // 8) + own if shift > 0 else own[-shift // 8 :]
        dearer = 1.5 if twin.follows else 0.2
        for indent, cost, style in list(best.values()):
            if indent != shifted:
                best[indent] = (indent, cost + dearer, style)
        _, cost, style = best.get(shifted, (shifted, 9.0, ""))
        best[shifted] = (shifted, min(cost, 0.1 if twin.follows else 1.0), style)


def _with_remark(
    spellings: Sequence[tuple[str, float, int, int]], twin: str
) -> list[tuple[str, float, int, int]]:
    """Give spelled lines the remark of the line `twin`, white space included, where it says the same."""
    mark = twin.partition("/*")[2]
    parts = [(text.partition("/*"), rest) for text, *rest in spellings]
    return [
        (head + "/*" + mark, rest[0] + 0.1, rest[1], rest[2])  # type: ignore[misc]
        for (head, found, tail), rest in parts
        if found and mark != tail and squeeze(mark) == squeeze(tail)
    ]


def channel_guesses_gaps(channel: Channel) -> bool:
    """Whether white space inside lines is lost, so that a comment's lines hang together."""
    return channel.loss in (Loss.COLLAPSED, Loss.BARE)


@dataclass(frozen=True, slots=True)
class _Stand:
    """All that a line's spellings depend on besides its text."""

    leads: tuple[Expected, ...]
    in_comment: bool
    members: bool
    continues: bool
    near: tuple[Sibling, ...]
    twin: str | None


@dataclass(frozen=True, slots=True)
class _Option:
    """One way to spell one line."""

    text: str
    cost: float
    double: int = 0
    single: int = 0
    style: str = ""


def _expanded(item: Item, leads: Sequence[Expected], column: int) -> list[_Option]:
    """Spell a line whose tabs were expanded: every run has a width that its tabs and blanks must fill."""
    seen = item.seen
    partial: list[tuple[str, float]] = [("", 0.0)]
    at = 0
    expected = {indent: cost for indent, cost, _ in leads}
    while at < len(seen):
        end = at
        blank = seen[at] == " "
        while end < len(seen) and (seen[end] == " ") == blank:
            end += 1
        if not blank:
            partial = [(text + seen[at:end], cost) for text, cost in partial]
        else:
            runs = _runs_between(seen, at, end, column, expected)
            partial = [(text + run, cost + extra) for text, cost in partial for run, extra in runs]
            partial.sort(key=lambda entry: entry[1])
            partial = partial[:14]
        at = end
    return [_Option(text, cost) for text, cost in partial]


def _runs_between(
    seen: str, at: int, end: int, column: int, expected: dict[str, float]
) -> list[tuple[str, float]]:
    """Return what the blanks at..end of a line whose tabs were expanded may have been."""
    size = end - at
    runs = runs_of_width(column + 1 + at, size, leading=at == 0)
    if end == len(seen):
        return [(" " * size, 0.0), ("", 1.0), *((run, cost + 1.0) for run, cost in runs if "\t" in run)]
    if at == 0:
        return [(run, min(cost, expected.get(run, 9.0))) for run, cost in runs]
    if size == 1:
        return [(run, cost + 2.0 * (run == "\t")) for run, cost in runs]
    if size == 2 and seen[at - 1] in ".!?:":
        return [(run, 0.0 if run == "  " else 1.0) for run, cost in runs]
    if seen[at - 1] == "*" and not seen[: at - 1].strip():
        return [(run, cost + 0.7 * ("\t" in run)) for run, cost in runs]
    return runs

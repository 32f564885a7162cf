"""Where in a patch a quoted line stands.

The quoted lines above a comment are matched with the diff's lines, upwards from the last one, blind to
white space, since quoting and archives change it. A line that a mailer wrapped is tried joined to those
above it. Of several places the one with the longest run of equal lines wins; the nearest hunk header quoted
above, and the order of the comments, decide between equal runs. Where two places are left there is none: no
anchor rather than a wrong one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from .passage import QuotedLine, is_trim

MAX_PLACES = 200
"""Places of one line that are tried; a line with more of them tells nothing."""
MAX_RUN = 40
"""Lines that are compared upwards from a place."""
MAX_STEPS = 300_000
"""Lines that are compared for one reply; real ones need some thousands."""
MAX_UP = 400
"""Lines above a comment in which its last diff line is looked for."""
ENOUGH = 0.9
"""Weight of a run that is believed: one line that says something."""
MARGIN = 0.3
"""How much heavier than the next place one must be."""
SURE = 6.0
"""Weight of a run for which no other patch is asked."""

MAX_LINE = 2000
"""Characters of a quoted line that are compared."""

_WORDS = re.compile(r"(?:\w\W*){4}")
_HUNK = re.compile(r"@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \+([0-9]{1,9})(?:,([0-9]{1,9}))?")
_PATH = re.compile(r'(?:\+\+\+|---) "?(?:[ab]/)?([^\t"]+)')
_FOREIGN = re.compile(r"[+-](?:\t|[ ]{2,})|@@ -[0-9]|diff --git ")
_BARE = ("", "+", "-")


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a diff."""

    key: str
    """Its text without any white space, "+" and "-" in front."""
    path: str
    side: str
    """"pre" for a removed line, "post" for others."""
    line: int
    """1-based in that image; 0 for headers."""
    hunk: int
    """Index of its hunk's header in the diff."""


@dataclass(frozen=True, slots=True)
class DiffIndex:
    """A diff's lines, and where each text stands."""

    lines: tuple[DiffLine, ...]
    places: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a diff that was found, and the weight of the run that ends there."""

    at: int
    weight: float


def squeeze(text: str) -> str:
    """Return a line without any white space."""
    return "".join(text.split())


@lru_cache(maxsize=128)
def index_diff(diff: str) -> DiffIndex:
    """Index an exact unified diff; what stands outside its hunks counts as header.

    A hunk ends by its counts, since "--- a/x" may be a line that it removes or the next file's header.
    """
    lines: list[DiffLine] = []
    hunk, left, path = _Counts(), 0, ""
    for text in diff.split("\n"):
        key, sign = squeeze(text), text[:1] or " "
        if found := _HUNK.match(text):
            hunk, left = _Counts.of(found), len(lines)
        elif hunk.open and sign in "+- ":
            removed = sign == "-"
            lines.append(
                DiffLine(key, path, "pre" if removed else "post", hunk.pre if removed else hunk.post, left)
            )
            hunk.pass_line(sign)
            continue
        elif not hunk.open and (named := _PATH.match(text)) and named[1].strip() != "/dev/null":
            path = named[1].strip()
        lines.append(DiffLine(key, path, "", 0, left))
    places: dict[str, list[int]] = defaultdict(list)
    for at, entry in enumerate(lines):
        places[entry.key].append(at)
    return DiffIndex(tuple(lines), {key: tuple(found) for key, found in places.items()})


@dataclass(slots=True)
class _Counts:
    """The next line of a hunk in both images, and how many lines of each are still to come."""

    pre: int = 0
    post: int = 0
    pre_left: int = 0
    post_left: int = 0

    @classmethod
    def of(cls, header: re.Match[str]) -> _Counts:
        return cls(int(header[1]), int(header[3]), int(header[2] or 1), int(header[4] or 1))

    @property
    def open(self) -> bool:
        return self.pre_left > 0 or self.post_left > 0

    def pass_line(self, sign: str) -> None:
        if sign != "+":
            self.pre, self.pre_left = self.pre + 1, self.pre_left - 1
        if sign != "-":
            self.post, self.post_left = self.post + 1, self.post_left - 1


class Quotes:
    """The quoted lines of a reply, as far as it is read: depth and squeezed text of each."""

    __slots__ = ("_depths", "_keys", "_steps", "_texts")

    def __init__(self) -> None:
        self._depths: list[int] = []
        self._keys: list[str] = []
        self._texts: list[str] = []
        self._steps = MAX_STEPS

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, lines: Iterable[QuotedLine]) -> None:
        """Add lines that stand below."""
        for line in lines:
            self._depths.append(line.depth)
            self._texts.append(line.text[:MAX_LINE])
            self._keys.append(squeeze(line.text[:MAX_LINE]))

    def find(self, index: DiffIndex, after: int = -1) -> Place | None:
        """Find the last diff line that is quoted; None where it cannot be told.

        `after` is the place of the comment before, in the same diff, behind which this one is expected.
        """
        bottom = self._find_bottom(index)
        if bottom is None or self._steps < 0:
            return None
        at, width = bottom
        depth, key = self._depths[at], self._joined(at, width)
        places = [place for place in index.places[key] if index.lines[place].line]
        if len(places) > MAX_PLACES:
            return None
        hunk = self._hunk_above(at, depth, index) if len(places) > 1 else None
        scored: list[tuple[float, float, int]] = []
        for place in places:
            weight = _weigh(key) + self._run(at - width, depth, index, place - 1)
            hints = 0.5 * (index.lines[place].hunk == hunk) + 0.5 * (place > after)
            scored.append((weight + hints, weight, place))
        scored.sort(reverse=True)
        if scored[0][1] < ENOUGH or (len(scored) > 1 and scored[0][0] - scored[1][0] < MARGIN):
            return None
        return Place(self._down(at, index, scored[0][2]), scored[0][1])

    def _find_bottom(self, index: DiffIndex) -> tuple[int, int] | None:
        """Return the last line that is one of the diff, and of how many quoted lines it is joined.

        What stands below it is less deeply quoted: somebody's answer to it, in words. A diff that is not this
        one ends the search, since the comment is about that.
        """
        least = 0
        for at in range(len(self) - 1, max(-1, len(self) - MAX_UP), -1):
            text, depth = self._texts[at], self._depths[at]
            if self._keys[at] in _BARE or is_trim(text):
                continue
            if depth >= least:
                for width in (1,) if text[:1] in ("+", "-") else (2, 3, 1):
                    key = self._joined(at, width)
                    if key and any(index.lines[place].line for place in index.places.get(key, ())):
                        return at, width
                least = depth + 1
            if _FOREIGN.match(text):
                return None
        return None

    def _joined(self, at: int, width: int) -> str:
        """The key of `width` lines of one depth that end at `at`; "" where they are not of one depth."""
        if width == 1:
            return self._keys[at]
        first = at - width + 1
        if first < 0 or set(self._depths[first : at + 1]) != {self._depths[at]}:
            return ""
        return "".join(self._keys[first : at + 1])

    def _run(self, at: int, depth: int, index: DiffIndex, place: int) -> float:
        """Weigh the lines above that are equal in quote and diff; empty ones on either side do not count."""
        weight = 0.0
        for _ in range(MAX_RUN):
            self._steps -= 1
            while at >= 0 and (self._depths[at] < depth or self._keys[at] in _BARE):
                at -= 1
            while place >= 0 and index.lines[place].key in _BARE:
                place -= 1
            if at < 0 or place < 0 or self._depths[at] > depth:
                break
            key = index.lines[place].key
            if not key.endswith(self._keys[at]):
                break
            width = next((width for width in (1, 2, 3) if self._joined(at, width) == key), 0)
            if not width:
                break
            weight += _weigh(key)
            at, place = at - width, place - 1
        return weight

    def _hunk_above(self, at: int, depth: int, index: DiffIndex) -> int | None:
        """The place of the nearest hunk header that is quoted above, joined where it is wrapped."""
        for up in range(at, max(-1, at - MAX_UP), -1):
            if self._depths[up] == depth and self._texts[up].startswith("@@"):
                keys = (self._keys[up], self._joined(up + 1, 2) if up + 1 < len(self) else "")
                places = [place for key in keys if key for place in index.places.get(key, ())]
                return places[0] if len(places) == 1 else None
        return None

    def _down(self, at: int, index: DiffIndex, place: int) -> int:
        """Go on over empty added and removed lines that are quoted below the last one that says more."""
        for below in range(at + 1, len(self)):
            key = self._keys[below]
            same = self._depths[below] == self._depths[at] and key in ("+", "-")
            if not same or place + 1 >= len(index.lines) or index.lines[place + 1].key != key:
                break
            place += 1
        return place


def _weigh(key: str) -> float:
    """How much an equal line tells: a brace or an empty line next to nothing."""
    return 1.0 if len(key) >= 4 and _WORDS.search(key) else 0.15

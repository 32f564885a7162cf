"""How alike two patches of two revisions are. The parts and their weights stand in docs/matching.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from math import log2

from .reading import ReadPatch, line_weight

WEIGHTS = {"diff": 0.5, "title": 0.2, "message": 0.15, "files": 0.15}
"""Parts of a likeness; one that neither patch has (a message, a diff) leaves its weight to the others."""
BY_WORDS = 0.9
"""What the names in changed lines count where the lines themselves differ."""
ELSEWHERE = 0.9
"""What a changed line counts that stands in another file."""
THRESHOLD = 0.45
"""From which likeness two patches may be a pair."""
EVIDENT = 0.35
"""From which they may be one where the title is the same, or HELD of both title and lines."""
HELD = 0.5
"""The likeness of the titles, and the share of the smaller diff's lines in the larger, needed for that."""
LINKED = 0.25
"""What a link to the other's mail adds: it may point to a discussion of something else."""
SAME_HUNKS = 0.9
"""The least likeness of two patches whose changed lines are all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What speaks for two patches being one, each part from 0 to 1."""

    score: float
    diff: float
    title: float
    message: float
    files: float
    held: float = 0.0
    """Of the changed lines of the smaller diff, how many the larger has, by weight."""
    by_id: str = ""
    """The id that joins them, in words: "same Change-Id"; "" where none does."""

    @property
    def allowed(self) -> bool:
        """Whether the two may be a pair."""
        evident = self.title == 1.0 or min(self.held, self.title) >= HELD
        return self.score >= THRESHOLD or (self.score >= EVIDENT and evident)


class Rarity:
    """How much a word tells: the fewer patches of both revisions have it, the more.

    An id tells nothing that several patches have: all of v2 may answer one mail of v1.
    """

    def __init__(self, patches: Sequence[ReadPatch]) -> None:
        self.answered = Counter(name for patch in patches for name in patch.answered)
        self.linked = Counter(name for patch in patches for name in patch.linked)
        self.change_ids = Counter(patch.change_id for patch in patches)
        self._number = max(len(patches), 1)
        self._code = Counter(word for patch in patches for word in patch.code_words)
        self._title = Counter(word for patch in patches for word in patch.title_words)
        self._prose = Counter(word for patch in patches for word in patch.prose)
        self.code = {word: self._weight(times) for word, times in self._code.items()}
        self.title = {word: self._weight(times) for word, times in self._title.items()}
        self.prose = {word: self._weight(times) for word, times in self._prose.items()}

    def _weight(self, times: int) -> int:
        return round(100 * log2(1 + self._number / times))


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """A patch with the weights of its bags, in whole numbers: their sums do not depend on the order."""

    read: ReadPatch
    lines: int
    code: int
    title: int
    prose: int


def weigh(read: ReadPatch, rarity: Rarity) -> Weighed:
    """Return the patch with the weights of all that it has."""
    return Weighed(
        read,
        sum(line_weight(text) * times for (_, _, text), times in read.lines.items()),
        sum(rarity.code[word] * times for word, times in read.code_words.items()),
        sum(rarity.title[word] * times for word, times in read.title_words.items()),
        sum(rarity.prose[word] * times for word, times in read.prose.items()),
    )


def compare_patches(one: Weighed, other: Weighed, rarity: Rarity) -> Likeness:
    """Compare two patches; the order of the two makes no difference."""
    mine, theirs = one.read, other.read
    title = 1.0 if mine.title == theirs.title else _dice(
        shared(mine.title_words, theirs.title_words, rarity.title), one.title, other.title
    )  # fmt: skip
    message = _dice(shared(mine.prose, theirs.prose, rarity.prose), one.prose, other.prose)
    files = _jaccard(mine.paths, theirs.paths)
    held = shared_lines(one, other)
    diff = diff_likeness(one, other, held, rarity)
    there = {
        "diff": bool(mine.lines or theirs.lines),
        "title": bool(mine.title or theirs.title),
        "message": bool(mine.prose or theirs.prose),
        "files": bool(mine.paths or theirs.paths),
    }
    parts = {"diff": diff, "title": title, "message": message, "files": files}
    weight = sum(WEIGHTS[name] for name, here in there.items() if here)
    score = sum(WEIGHTS[name] * parts[name] for name, here in there.items() if here) / (weight or 1.0)
    if diff == 1.0:
        score = max(score, SAME_HUNKS)
    by_id = joined_by(mine, theirs, rarity)
    if by_id:
        score = 1.0
    elif _links(mine, theirs, rarity):
        score, by_id = min(score + LINKED, 1.0), "one links to the other's mail"
    least = min(mine.weight, theirs.weight)
    share = held / least if least else 0.0
    return Likeness(score=score, by_id=by_id, held=share, **parts)


def shared_lines(one: Weighed, other: Weighed) -> int:
    """Return the weight of the changed lines that both have, in whatever file they stand."""
    small, large = (one.read.bare, other.read.bare)
    return sum(line_weight(key[1]) * min(times, large[key]) for key, times in small.items() if key in large)


def diff_likeness(one: Weighed, other: Weighed, held: int, rarity: Rarity) -> float:
    """Compare the changed lines: as they stand, in whatever file they stand, and by the names in them."""
    if not one.lines or not other.lines:
        return 0.0
    same = sum(
        line_weight(key[2]) * min(times, other.read.lines[key])
        for key, times in one.read.lines.items()
        if key in other.read.lines
    )
    by_line = _dice(same, one.lines, other.lines)
    if by_line == 1.0:
        return 1.0
    by_word = shared(one.read.code_words, other.read.code_words, rarity.code)
    return max(
        by_line,
        ELSEWHERE * _dice(held, one.read.weight, other.read.weight),
        BY_WORDS * _dice(by_word, one.code, other.code),
    )


def joined_by(one: ReadPatch, other: ReadPatch, rarity: Rarity) -> str:
    """Return the id that says that two patches are one, in words; "" where none does."""
    if one.change_id and one.change_id == other.change_id and rarity.change_ids[one.change_id] == 2:
        return "same Change-Id"
    if _names(one.answered, other, rarity.answered) or _names(other.answered, one, rarity.answered):
        return "one answers the other's mail"
    return ""


def _links(one: ReadPatch, other: ReadPatch, rarity: Rarity) -> bool:
    return _names(one.linked, other, rarity.linked) or _names(other.linked, one, rarity.linked)


def _names(ids: Set[str], patch: ReadPatch, times: Mapping[str, int]) -> bool:
    """Whether `ids` have the patch's mail, and no other patch names it too."""
    name = patch.patch.message.message_id
    return name in ids and times[name] == 1


def shared(one: Mapping[str, int], other: Mapping[str, int], weights: Mapping[str, int]) -> int:
    """Return the weight of what two bags have in common."""
    small, large = (one, other) if len(one) < len(other) else (other, one)
    return sum(weights[key] * min(times, large[key]) for key, times in small.items() if key in large)


def _dice(both: int, one: int, other: int) -> float:
    """Dice's coefficient of two weighed bags; 0 for two empty ones."""
    return 2 * both / (one + other) if both else 0.0


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    both = len(one & other)
    return both / (len(one) + len(other) - both) if both else 0.0

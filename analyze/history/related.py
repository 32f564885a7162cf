"""Which lines of a changelog speak of a comment: by the words both have, and by the reviewer's name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...fetch.comment.quote import Comment
from ...fetch.series.assembly import Series
from .changelog import Item
from .proof import telling
from .spoken import Block
from .texts import words_of

MOST_OF_ITEMS = 0.15
"""A word in more than that share of a series' changelog lines tells nothing."""
NEARLY = 0.75
"""Share of the best score that another comment of the same changelog line must have."""
FEW = 4
"""Lines below which every word tells something."""

TAGS = re.compile(
    r"\W*(?:picked up|pick(?:ed)?|collect\w*|add(?:ed)?|appl\w+|gather\w*|includ\w+|carr\w+|drop(?:ped)?"
    r"|remov\w+|manage)\b"
    r"[^.;]{0,40}\b(?:acks?|r-?bs?|[a-z]+-by(?:'s|s)?|reviews?|tags?|sobs?)\b|\W*(?:rebas|resen[dt])",
    re.IGNORECASE,
)
"""A line that tells of tags or of a new base, and of nothing that a comment asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A changelog line, and what it has in common with a comment."""

    item: Item
    shared: tuple[str, ...]
    own: int
    """How many of these words are the comment's own, and not only the quoted lines'."""
    named: bool
    """Whether it names the reviewer."""

    @property
    def strong(self) -> bool:
        """Whether it speaks of the comment by more than one word, or by an identifier."""
        return self.own > 0 and (len(self.shared) >= 2 or any("_" in word for word in self.shared))

    @property
    def score(self) -> int:
        """How close it is: of the comments that a line may speak of, it speaks of the closest."""
        return len(self.shared) + self.own + 2 * self.named


class Related:
    """A series' changelog lines, ready to be held against its comments."""

    def __init__(self, series: Series, items: Sequence[Item]) -> None:
        self._items = [(item, stems(item.text)) for item in items if not TAGS.match(item.text)]
        counted = Counter(word for _, words in self._items for word in words)
        most = max(FEW, MOST_OF_ITEMS * len(self._items))
        titles = set(stems(series.title))
        self._weak = {word for word, times in counted.items() if times > most} | titles

    def find(self, comment: Comment, block: Block | None, revisions: Iterable[int]) -> tuple[Relation, ...]:
        """Return the lines on those revisions that speak of the comment, the closest first."""
        wanted = set(revisions)
        own = said = stems(comment.text)
        if block is not None:
            said |= stems("\n".join(block.shown)) | stems(block.path.replace("/", " "))
        names = _names(comment)
        found = []
        for item, words in self._items:
            if item.revision not in wanted:
                continue
            shared = tuple(sorted(word for word in words & said if word not in self._weak))
            named = bool(names & set(words_of(item.text)))
            if len(shared) >= 2 or (named and shared):
                mine = len(own.intersection(shared))
                found.append(Relation(item=item, shared=shared, own=mine, named=named))
        return tuple(sorted(found, key=lambda r: (-r.score, r.item.revision)))


def closest(found: Sequence[Sequence[Relation]]) -> list[tuple[Relation, ...]]:
    """Leave to each changelog line only the comments that it is closest to; a list of relations a comment."""
    best: dict[Item, int] = {}
    for relations in found:
        for relation in relations:
            best[relation.item] = max(relation.score, best.get(relation.item, 0))
    return [
        tuple(relation for relation in relations if relation.score >= NEARLY * best[relation.item])
        for relations in found
    ]


def stems(text: str) -> frozenset[str]:
    """Return the telling words, without their endings."""
    return frozenset(_stem(word) for word in words_of(text) if telling(word))


def _stem(word: str) -> str:
    if "_" in word:
        return word
    for ending in ("ations", "ation", "ings", "ing", "ied", "ies", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _names(comment: Comment) -> frozenset[str]:
    """Return how a changelog may call the reviewer: first and last name, and the address' local part."""
    words = [word for word in words_of(comment.author.name) if len(word) >= 3]
    local = comment.author.email.partition("@")[0].lower()
    return frozenset((*words, *([local] if len(local) >= 3 else [])))

"""The search for the post-image: combinations of spellings, likeliest first, until the blob id comes out.

What a match proves: an id of n hex digits that k candidates are held against agrees by chance with
probability
k / 16**n. The number of candidates is bounded so that this stays below FALSE_MATCH, whatever the length of
the id.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .kbest import Choices, cheapest_first
from .reading import Group, Habits

MAX_TRIES = 100_000
"""Post-images hashed for one file."""
MAX_BYTES = 1_500_000_000
"""Bytes hashed for one file."""
MAX_PARTS = 40_000_000
"""Lines put together for one file."""
FALSE_MATCH = 2.0**-16
"""Chance of a wrong match that is accepted for one file (12 hex digits, 100,000 tries: 4e-10)."""
LEAST_DIGITS = 7
"""Ids shorter than this prove nothing here."""


def bound(blob: str | None, size: int, parts: int = 1) -> int:
    """Return how many candidates may be held against the id `blob`; 0 where it proves nothing.

    `size` is a candidate's in bytes, `parts` the number of lines that are put together for each.
    """
    if blob is None or len(blob) < LEAST_DIGITS:
        return 0
    by_chance = 16.0 ** len(blob) * FALSE_MATCH
    return int(
        min(MAX_TRIES, by_chance, max(64, MAX_BYTES // max(1, size)), max(64, MAX_PARTS // max(1, parts)))
    )


class Draft:
    """A post-image with gaps: fixed text, a group of lines, fixed text, ..., fixed text."""

    def __init__(
        self, fixed: Sequence[bytes], groups: Sequence[Group], written: Sequence[Sequence[bytes]]
    ) -> None:
        """Take the fixed texts (one more than there are groups) and each group's spellings, bytes with line
        ends.
        """
        self.groups = groups
        self._written = written
        self._place: list[int] = []
        self._parts: list[bytes] = [fixed[0]]
        for texts, behind in zip(written, fixed[1:], strict=True):
            if len(texts) == 1:
                self._place.append(-1)
                self._parts[-1] += texts[0] + behind
            else:
                self._place.append(len(self._parts))
                self._parts += [texts[0], behind]

    def write(self, choices: Choices) -> bytes:
        """Return the post-image under `choices`."""
        parts = self._parts.copy()
        for at, choice in choices.items():
            if choice:
                parts[self._place[at]] = self._written[at][choice]
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Found:
    """A post-image of the right id."""

    choices: Choices
    """Which spelling each group has (by the groups' own order)."""
    draft: Draft
    post_image: bytes
    tries: int


@dataclass(frozen=True, slots=True)
class Weights:
    """A hypothesis on the author's habits: what two blanks or one behind a sentence cost, and each kind of
    continuation.
    """

    prior: float
    double: float
    single: float
    aligned: float
    tabbed: float


def hypotheses(habits: Habits) -> list[Weights]:
    """Return the hypotheses worth a stream of their own, from what the file's known lines show."""
    double = habits.sentences["double"] / sum(habits.sentences.values())
    found = []
    for prior, doubled, once in ((2.0 * double, 4.0, 0.0), (2.0 * (1.0 - double), 0.0, 1.5)):
        for extra, aligned, tabbed in ((0.0, 0.0, 0.0), (1.0, 0.0, 2.0), (1.5, 1.5, 0.0)):
            found.append(Weights(prior + extra, doubled, once, aligned, tabbed))
    return found


def _ranked(draft: Draft, weights: Weights) -> Iterator[tuple[float, Choices]]:
    """Yield the draft's combinations by cost under one hypothesis."""
    orders: list[list[tuple[float, int]]] = []
    for group in draft.groups:
        costs = [
            s.cost
            + s.double * weights.double
            + s.single * weights.single
            + s.aligned * weights.aligned
            + s.tabbed * weights.tabbed
            for s in group.spellings
        ]
        orders.append(sorted((cost, at) for at, cost in enumerate(costs)))
    cheapest = {at: order[0][1] for at, order in enumerate(orders) if order[0][1]}
    for cost, ranks in cheapest_first([[c for c, _ in order] for order in orders]):
        choices = dict(cheapest)
        for at, rank in ranks.items():
            choices[at] = orders[at][rank][1]
            if not choices[at]:
                del choices[at]
        yield cost + weights.prior, choices


def _streams(
    drafts: Iterable[tuple[float, Draft]], habits: Habits
) -> Iterator[tuple[float, int, Draft, Choices]]:
    """Merge all drafts under all hypotheses by cost; a combination that was there already is left out."""

    def labelled(
        serial: int, base: float, draft: Draft, weights: Weights
    ) -> Iterator[tuple[float, int, Draft, Choices]]:
        for cost, choices in _ranked(draft, weights):
            yield base + cost, serial, draft, choices

    kinds = hypotheses(habits)
    streams = []
    for number, (base, draft) in enumerate(drafts):
        streams += [labelled(number, base, draft, weights) for weights in kinds]
    seen: set[tuple[int, frozenset[tuple[int, int]]]] = set()
    for entry in heapq.merge(*streams, key=lambda e: (e[0], e[1])):
        mark = (entry[1], frozenset(entry[3].items()))
        if mark not in seen:
            seen.add(mark)
            yield entry


def search(drafts: Sequence[tuple[float, Draft]], habits: Habits, blob: str, most: int) -> Found | int:
    """Hash post-images, likeliest first, until one has the id `blob`; return how many were hashed where
    none has.
    """
    tries = 0
    wanted = blob.lower()
    for _, _, draft, choices in _streams(drafts, habits):
        if tries >= most:
            break
        tries += 1
        content = draft.write(choices)
        digest = hashlib.sha1(b"blob %d\0" % len(content), usedforsecurity=False)
        digest.update(content)
        if digest.hexdigest().startswith(wanted):
            return Found(choices, draft, content, tries)
    return tries

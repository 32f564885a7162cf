"""Lines that say the same as an added line, white space aside: they show how it is spelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from .stream import squeeze

MAX_PLACES = 24
"""Places of one line that are compared."""
TELLING = 10
"""Characters from which on a line that stands elsewhere tells an indentation; "return 0;" does not."""


@dataclass(frozen=True, slots=True)
class Twin:
    """A known line that reads like an added one."""

    text: str
    place: int
    """Its index among the known lines."""
    follows: bool
    """Whether the line above it is the twin of the added line above: a moved block."""


class Twins:
    """Known lines (a pre-image, or all context and removed lines of a patch), looked up without white
    space.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.squeezed = [squeeze(line) for line in lines]
        self._places: dict[str, list[int]] = {}
        for place, text in enumerate(self.squeezed):
            if text:
                self._places.setdefault(text, []).append(place)

    def find(self, wanted: Sequence[str], at: int, above: int | None, near: int) -> Twin | None:
        """Return the best twin of the added line `wanted[at]` (squeezed lines of one run).

        `above` is the place of the twin of the line above, `near` where the hunk stands. Of several places
        the one
        is taken whose following lines agree longest with the run, then the nearest.
        """
        text = wanted[at]
        if above is not None:
            for place in range(above + 1, min(above + 3, len(self.lines))):
                if self.squeezed[place] == text:
                    return Twin(self.lines[place], place, follows=True)
                if self.squeezed[place]:
                    break
        places = self._places.get(text, ())
        if not places or len(text) < 3:
            return None
        nearest = sorted(places, key=lambda place: abs(place - near))[:MAX_PLACES]
        best = max(nearest, key=lambda place: self._agreement(wanted, at, place))
        if len(text) < TELLING and self._agreement(wanted, at, best) < 2:
            return None
        return Twin(self.lines[best], best, follows=False)

    def _agreement(self, wanted: Sequence[str], at: int, place: int) -> int:
        count = 0
        while (
            at + count < len(wanted)
            and place + count < len(self.squeezed)
            and count < 8
            and self.squeezed[place + count] == wanted[at + count]
        ):
            count += 1
        return count


def most_alike(words: Sequence[str], others: Sequence[str]) -> int | None:
    """Return which of `others` (removed lines of the same change) shares most with `words`; None where none
    does by half.
    """
    best, most = None, 0.5
    bag = set(words)
    for at, other in enumerate(others[:40]):
        theirs = other.split()
        if not theirs or len(bag.intersection(theirs)) * 4 < len(words):
            continue
        matcher = SequenceMatcher(None, " ".join(words)[:200], " ".join(theirs)[:200], autojunk=False)
        ratio = matcher.ratio() if matcher.quick_ratio() > most else 0.0
        if ratio > most:
            best, most = at, ratio
    return best

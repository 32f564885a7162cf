"""Which hypotheses on a whole file are worth a reading of their own.

Groups of added lines are spelled independently, so that a habit that shows in twenty of them would have to be
paid twenty times. A profile pays it once: every line is read again by an author who has the habit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .channel import TAB, Channel, Loss
from .gaps import AS_MOST, Taste, gap_kind
from .reading import Item, Profile

_KINDS = ("value", "equals", "name", "remark")
MOST_LINES = 3000
"""Lines that are spelled again for all profiles together; two are always tried."""
_OFTEN = 2
"""Gaps of a kind from which on a common column is likely."""


def profiles(added: Sequence[Item], channel: Channel) -> list[Profile]:
    """Return the profiles besides the likeliest that may explain the lines `added`, cheapest first."""
    if not channel.lossy or not added:
        return []
    tastes = [(0.0, AS_MOST)]
    if channel.loss in (Loss.COLLAPSED, Loss.BARE):
        tastes += _tastes(added)
    found = [
        Profile(cost=cost + 1.0 * (not twins) + 1.0 * other, taste=taste, twins=twins, other_level=other)
        for cost, taste in tastes
        for twins in (True, False)
        for other in (False, True)
    ]
    cheapest = sorted(
        (p for p in found if 0.0 < p.cost < 2.6), key=lambda p: (p.cost, not p.twins, p.other_level)
    )
    return cheapest[: max(2, MOST_LINES // len(added))]


def _tastes(added: Sequence[Item]) -> list[tuple[float, Taste]]:
    """Return the tastes that the kinds of gap in `added` make worth trying, each with its cost."""
    counts, longest = _gaps(added)
    often = frozenset(kind for kind, count in counts.items() if count >= (1 if kind == "item" else _OFTEN))
    found = [(1.0, Taste(frozenset((kind,)))) for kind in sorted(often)]
    if len(often) > 1:
        found.append((1.5, Taste(often)))
    for kind in sorted(often & longest.keys()):
        stop = (longest[kind] // TAB + 1) * TAB
        found += [
            (1.6 + 0.3 * more, Taste(frozenset((kind,)), column=stop + TAB * more)) for more in range(3)
        ]
    return found


def _gaps(added: Sequence[Item]) -> tuple[Counter[str], dict[str, int]]:
    """Count the gaps of each kind that authors align; and the column behind the longest text in front of one,
    for #define, whose lines begin at column 0.
    """
    counts: Counter[str] = Counter()
    longest: dict[str, int] = {}
    for item in added:
        words = item.seen.split()
        if len(words) > 1 and words[0] in ("*", "/*", "/**", "#"):
            counts["item" if words[1][0] in "-*+" else "star"] += 1
            counts["hang"] += words[1][0] == "@"
            continue
        kinds = [gap_kind(words, at, in_comment=False) for at in range(1, min(len(words), 41))]
        counts.update(set(kinds) & set(_KINDS))
        if "value" in kinds:
            end = len(" ".join(words[: kinds.index("value") + 1]))
            longest["value"] = max(end, longest.get("value", 0))
    return counts, longest

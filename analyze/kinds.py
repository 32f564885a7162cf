"""A definition before and after -> what happened to it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from .pairing import Pair
from .region import Region
from .side import Shown

MOST = 0.6
"""A definition can have moved when this share of its lines is removed on one side and added on the other."""


def kinds(pair: Pair, *, moved: bool) -> tuple[str, ...]:
    """Return the kinds of a pair, CONTRACT.md's words; ("unchanged",) where nothing but its condition
    differs."""
    if pair.pre is None:
        return ("added",)
    if pair.post is None:
        return ("removed",)
    found = ["renamed"] if pair.renamed else []
    if moved:
        found.append("moved")
    return tuple(found + _text_kinds(pair.pre, pair.post, renamed=pair.renamed)) or ("unchanged",)


def _text_kinds(pre: Shown, post: Shown, *, renamed: bool) -> list[str]:
    found: list[str] = []
    if pre.first.symbol in ("function", "prototype") and pre.first.piece and post.first.piece:
        if pre.first.header_tokens() != post.first.header_tokens():
            found.append("signature")
        changed = pre.first.symbol == "function" and _bodies(pre) != _bodies(post)
    else:
        changed = _nameless(pre) != _nameless(post)
    if changed:
        found.append("modified")
    if found:
        return found
    if _comments(pre) != _comments(post):
        return ["comment-only"]
    return [] if renamed or _with_comment(pre) == _with_comment(post) else ["white-space"]


def _bodies(shown: Shown) -> list[str]:
    tokens = shown.first.body_tokens()
    for region in shown.regions[1:]:
        tokens += region.tokens(*region.span)
    return tokens


def _nameless(shown: Shown) -> list[str]:
    """Return all tokens; a definition's own name, once, is left out: that it changes is `renamed`."""
    tokens = [token for region in shown.regions for token in region.tokens(*region.span)]
    if shown.first.name in tokens:
        tokens.remove(shown.first.name)
    return tokens or [shown.first.name]


def _comments(shown: Shown) -> list[str]:
    return [word for region in shown.regions for word in region.comment_words()]


def _with_comment(shown: Shown) -> list[str]:
    return [region.lines(region.top, region.end) for region in shown.regions]


def find_moved(pairs: Sequence[Pair], removed: frozenset[int], added: frozenset[int]) -> frozenset[int]:
    """Return the numbers of the pairs whose definition stands at another place of the file.

    Those that the diff shows as context stay; another one, nearly all of whose lines are removed and added,
    has moved
    where its order against them, or against the rest of its like, has changed.
    """
    both = [number for number, found in enumerate(pairs) if found.pre is not None and found.post is not None]
    there = [number for number in both if _is_definition(pairs[number])]
    others = {n for n in both if not _is_definition(pairs[n]) and _rewritten(pairs[n], removed, added)}
    return frozenset(others | _moved(pairs, there, removed, added))


def _moved(
    pairs: Sequence[Pair], there: list[int], removed: frozenset[int], added: frozenset[int]
) -> set[int]:
    candidates = [number for number in there if _rewritten(pairs[number], removed, added)]
    if not candidates:
        return set()
    chosen = set(candidates)
    fixed = sorted(_places(pairs[number]) for number in there if number not in chosen)
    moved = {number for number in candidates if _crosses(fixed, _places(pairs[number]))}
    rest = sorted((number for number in candidates if number not in moved), key=lambda n: _places(pairs[n]))
    keep = _longest_run([_places(pairs[number])[1] for number in rest])
    return moved | {number for at, number in enumerate(rest) if at not in keep}


def _is_definition(pair: Pair) -> bool:
    return pair.pre is not None and pair.pre.first.symbol != "other"


def _places(pair: Pair) -> tuple[int, int]:
    assert pair.pre is not None
    assert pair.post is not None
    return pair.pre.first.start, pair.post.first.start


def _rewritten(pair: Pair, removed: frozenset[int], added: frozenset[int]) -> bool:
    assert pair.pre is not None
    assert pair.post is not None
    if not (pair.pre.whole and pair.post.whole):
        return False
    return _share(pair.pre.first, removed) >= MOST and _share(pair.post.first, added) >= MOST


def _share(region: Region, changed: frozenset[int]) -> float:
    lines = region.text.split("\n")
    numbers = [region.start + at for at, line in enumerate(lines) if line.strip()]
    return sum(number in changed for number in numbers) / max(1, len(numbers))


def _crosses(fixed: list[tuple[int, int]], place: tuple[int, int]) -> bool:
    """Say whether a definition stood on the other side of one that stayed. `fixed` is in order on both
    sides."""
    at = bisect_right(fixed, place)
    return (at > 0 and fixed[at - 1][1] > place[1]) or (at < len(fixed) and fixed[at][1] < place[1])


def _longest_run(values: list[int]) -> set[int]:
    """Return the positions of a longest increasing run of values (patience sorting)."""
    tails: list[int] = []
    at_tail: list[int] = []
    previous: list[int] = []
    for position, value in enumerate(values):
        place = bisect_right(tails, value)
        previous.append(at_tail[place - 1] if place else -1)
        if place == len(tails):
            tails.append(value)
            at_tail.append(position)
        else:
            tails[place], at_tail[place] = value, position
    found: set[int] = set()
    here = at_tail[-1] if at_tail else -1
    while here >= 0:
        found.add(here)
        here = previous[here]
    return found

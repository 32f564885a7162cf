"""Definitions of the pre-image <-> definitions of the post-image; what has no partner was removed or
added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from .side import Shown
from .similarity import code_lines, similarity

RENAMED = 0.6
"""From this similarity on a removed and an added definition are one that was renamed."""
MAX_COMPARED = 2_000
"""Pairs of removed and added definitions that are compared for a rename."""
_NAMELESS = frozenset({"(comment)", "(text)", "(unknown)"})


@dataclass(frozen=True, slots=True)
class Pair:
    """A definition before and after; None on the side that lacks it."""

    pre: Shown | None
    post: Shown | None
    renamed: bool = False


def pair(pre: Sequence[Shown], post: Sequence[Shown]) -> list[Pair]:
    """Pair the definitions of two images: by symbol and name, twins by text, condition and order; then
    renames."""
    before: dict[tuple[str, str], list[Shown]] = defaultdict(list)
    after: dict[tuple[str, str], list[Shown]] = defaultdict(list)
    for shown in pre:
        before[shown.first.symbol, shown.first.name].append(shown)
    for shown in post:
        after[shown.first.symbol, shown.first.name].append(shown)
    pairs: list[Pair] = []
    for key in [*before, *(key for key in after if key not in before)]:
        pairs += _twins(before.get(key, []), after.get(key, []))
    return _renames(pairs)


def _twins(pre: list[Shown], post: list[Shown]) -> list[Pair]:
    if len(pre) == 1 and len(post) == 1:
        return [Pair(pre[0], post[0])]
    pairs: list[Pair] = []
    pre, post = list(pre), list(post)
    for same in (_text_and_condition, _text, _condition):
        waiting: dict[object, list[Shown]] = defaultdict(list)
        for second in reversed(post):
            waiting[same(second)].append(second)
        rest: list[Shown] = []
        for first in pre:
            key = same(first)
            if key is not None and waiting.get(key):
                partner = waiting[key].pop()
                pairs.append(Pair(first, partner))
            else:
                rest.append(first)
        pre = rest
        left = {id(shown) for shown_here in waiting.values() for shown in shown_here}
        post = [shown for shown in post if id(shown) in left]
    if pre and post and (len(pre) == len(post) or pre[0].first.name not in _NAMELESS):
        count = min(len(pre), len(post))
        pairs += [Pair(a, b) for a, b in zip(pre[:count], post[:count], strict=True)]
        pre, post = pre[count:], post[count:]
    return pairs + [Pair(shown, None) for shown in pre] + [Pair(None, shown) for shown in post]


def _text_and_condition(shown: Shown) -> object:
    return shown.text, shown.first.config


def _text(shown: Shown) -> object:
    return shown.text


def _condition(shown: Shown) -> object:
    return shown.first.config


def _renames(pairs: list[Pair]) -> list[Pair]:
    """Join removed and added definitions of one symbol whose texts are alike, the most alike first."""
    gone = [
        found.pre
        for found in pairs
        if found.pre is not None and found.post is None and _can_rename(found.pre)
    ]
    new = [
        found.post
        for found in pairs
        if found.post is not None and found.pre is None and _can_rename(found.post)
    ]
    if not gone or not new or len(gone) * len(new) > MAX_COMPARED:
        return pairs
    scored = []
    for i, a in enumerate(gone):
        for j, b in enumerate(new):
            if a.first.symbol == b.first.symbol and a.whole == b.whole:
                score = rename_score(a, b)
                if score >= RENAMED:
                    scored.append((-score, i, j))
    taken_pre: set[int] = set()
    taken_post: set[int] = set()
    joined: list[Pair] = []
    for _, i, j in sorted(scored):
        if i not in taken_pre and j not in taken_post:
            taken_pre.add(i)
            taken_post.add(j)
            joined.append(Pair(gone[i], new[j], renamed=True))
    dropped = {id(gone[i]) for i in taken_pre} | {id(new[j]) for j in taken_post}
    rest = [found for found in pairs if not {id(found.pre), id(found.post)} & dropped]
    return rest + joined


def _can_rename(shown: Shown) -> bool:
    begins = shown.first.piece is not None
    return begins and shown.first.symbol in (
        "function",
        "struct",
        "union",
        "enum",
        "macro",
        "variable",
        "typedef",
    )


def rename_score(pre: Shown, post: Shown) -> float:
    """Return how alike two definitions are, their own names aside; short ones count by token, not by line."""
    first = pre.text.replace(pre.first.name, "\0")
    second = post.text.replace(post.first.name, "\0")
    one, two = code_lines(first), code_lines(second)
    if pre.first.symbol == "function":
        one, two = _body(one), _body(two)
    if min(len(one), len(two)) < 2:  # one line in common says nothing
        return 1.0 if first == second and len(first) > 20 else 0.0
    return similarity(one, two)


def _body(lines: list[str]) -> list[str]:
    """Return what stands between the braces, where that is more than a line."""
    opened = next((number for number, line in enumerate(lines) if line.endswith("{")), -1)
    return lines[opened + 1 : -1] if 0 <= opened < len(lines) - 2 else lines

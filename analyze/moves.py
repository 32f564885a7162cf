"""Moves from file to file: removed in one, added in another with nearly the same text."""

from __future__ import annotations

from collections.abc import Sequence

from .definition import ChangedFunction
from .similarity import code_lines, code_tokens, similarity

SAME_NAME = 0.5
"""From this similarity on a definition of the same name is the same one."""
OTHER_NAME = 0.85
"""From this similarity on one of another name is."""
MAX_COMPARED = 5_000


def link_moves(changes: Sequence[ChangedFunction]) -> tuple[ChangedFunction, ...]:
    """Join what one file loses and another gains; the order of `changes` is kept, the joined stand where it
    is added."""
    gone = [number for number, found in enumerate(changes) if found.post is None and _is_whole(found)]
    new = [number for number, found in enumerate(changes) if found.pre is None and _is_whole(found)]
    if not gone or not new:
        return tuple(changes)
    partner: dict[int, int] = {}
    for score, a, b in sorted(_scored(changes, gone, new)):
        if score < 0 and a not in partner.values() and b not in partner:
            partner[b] = a
    dropped = set(partner.values())
    return tuple(
        _join(changes[partner[number]], found) if number in partner else found
        for number, found in enumerate(changes)
        if number not in dropped
    )


def _scored(
    changes: Sequence[ChangedFunction], gone: list[int], new: list[int]
) -> list[tuple[float, int, int]]:
    """Return (minus likeness, removed, added) of the pairs that can be one definition; those of one name
    first."""
    found: list[tuple[float, int, int]] = []
    by_name: dict[tuple[str, str], list[int]] = {}
    for a in gone:
        by_name.setdefault((changes[a].symbol, changes[a].name), []).append(a)
    for b in new:
        for a in by_name.get((changes[b].symbol, changes[b].name), ()):
            score = _likeness(changes[a], changes[b])
            if score >= SAME_NAME:
                found.append((-1 - score, a, b))
    if len(gone) * len(new) <= MAX_COMPARED:
        for a in gone:
            for b in new:
                if (
                    changes[a].symbol == changes[b].symbol == "function"
                    and changes[a].name != changes[b].name
                ):
                    score = _likeness(changes[a], changes[b])
                    if score >= OTHER_NAME:
                        found.append((-score, a, b))
    return found


def _likeness(pre: ChangedFunction, post: ChangedFunction) -> float:
    if pre.path == post.path or pre.pre is None or post.post is None:
        return 0.0
    first = code_lines(pre.pre.text.replace(pre.name, "\0"))
    second = code_lines(post.post.text.replace(post.name, "\0"))
    if pre.symbol in ("function", "prototype", "macro") and min(len(first), len(second)) < 4:
        return float(" ".join(first).split() == " ".join(second).split()) or (
            0.5 if pre.symbol == "prototype" else 0.0
        )
    return similarity(first, second)


def _is_whole(found: ChangedFunction) -> bool:
    shown = found.pre or found.post
    return shown is not None and shown.whole and found.symbol != "other"


def _join(pre: ChangedFunction, post: ChangedFunction) -> ChangedFunction:
    kind = ["renamed"] if pre.name != post.name else []
    kind.append("moved")
    if pre.pre and post.post and pre.pre.text.split() != post.post.text.split():
        same = code_tokens(pre.pre.text) == code_tokens(post.post.text)
        kind.append("comment-only" if same else "modified")
    return ChangedFunction(
        name=post.name, symbol=post.symbol, path=post.path, pre=pre.pre, post=post.post, kind=tuple(kind)
    )

"""What the model knows of the lines that a comment speaks of: findings, rows, or nothing.

It is never a verdict on whoever wrote the comment. A comment's lines are those that it quotes (its anchor)
and those that it names (analyze/linked.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..analyze.checks.finding import Finding
from ..analyze.functions import ChangedFunction
from ..analyze.lines import numbers_in_diff
from ..analyze.linked import Link
from ..analyze.review import PatchReview, Review
from ..fetch.comment.quote import Comment
from .verdict import judge
from .words import count

NEAR = 3
"""Lines between a comment's line and a finding's that still speak of one thing."""
MOST_LINES = 8
MOST_ROWS = 2
MOST_ASSUMED = 3
NO_PATH = "no finding of a check rests on these lines: no such path found, assuming what each check assumes"


@dataclass(frozen=True, slots=True)
class _Spot:
    """A line of an image of a patch."""

    patch: PatchReview
    path: str
    side: str
    line: int
    named: bool
    """Whether the comment names it; else it quotes it."""


def links_of(comment: Comment, review: Review) -> list[Link]:
    """Return the links of one comment."""
    key = (comment.message_id, comment.number)
    return [one for one in review.links if (one.message_id, one.number) == key]


def findings_of(comment: Comment, review: Review) -> list[Finding]:
    """Return the findings that rest on the lines that a comment speaks of, or on those beside them."""
    spots = list(_spots(comment, review))
    return [one for one in review.findings if any(_rests_on(one, spot) for spot in spots)]


def known_lines(comment: Comment, review: Review) -> list[str]:
    """Return what the model knows of a comment's lines, a sentence each; [] where it knows nothing."""
    spots = list(_spots(comment, review))
    found = findings_of(comment, review)
    said = [f"{one.id}: {one.title}" for one in found]
    functions = {(id(f), spot.patch.patch.message.message_id): f for spot in spots for f in _around(spot)}
    for (_, mail), function in functions.items():
        said += [*_compared(function), *_modelled(function, mail, review)]
    exact = (one for spot in spots if not spot.named for one in _around(spot))
    if comment.requests and not found and any(_is_whole(one) for one in exact):
        said.append(NO_PATH)
    return list(dict.fromkeys(said))[:MOST_LINES]


def _spots(comment: Comment, review: Review) -> Iterator[_Spot]:
    patches = {one.patch.message.message_id: one for one in review.patches}
    at = comment.anchor
    if at is not None and at.message_id in patches:
        patch = patches[at.message_id]
        for change in patch.files:
            if change.path == at.path:
                images = {shown: number for number, shown in numbers_in_diff(change, at.side).items()}
                yield _Spot(patch, at.path, at.side, images.get(at.line, at.line), named=False)
    for link in links_of(comment, review):
        if link.patch in patches:
            yield _Spot(patches[link.patch], link.path, link.side, link.line, named=True)


def _rests_on(finding: Finding, spot: _Spot) -> bool:
    near = 0 if spot.named else NEAR
    return finding.message_id == spot.patch.patch.message.message_id and any(
        one.path == spot.path and one.side == spot.side and abs(one.line - spot.line) <= near
        for one in finding.shown
    )


def _around(spot: _Spot) -> Iterator[ChangedFunction]:
    """Yield the changed function that a line stands in."""
    for function in spot.patch.functions:
        there = function.pre if spot.side == "pre" else function.post
        if function.symbol != "function" or there is None or there.path != spot.path:
            continue
        if there.start <= spot.line <= there.end:
            yield function


def _is_whole(function: ChangedFunction) -> bool:
    there = function.post or function.pre
    return there is not None and there.whole


def _compared(function: ChangedFunction) -> Iterator[str]:
    if function.delta is None:
        return
    judged = judge(function)
    name = f"{function.name}()"
    if judged.verdict == "changed":
        first, left = judged.differences[:MOST_ROWS], len(judged.differences) - MOST_ROWS
        rows = [f"when {row.when}: {row.before} before, {row.after} after" for row in first]
        rows += [f"and {count(left, 'more row')}"] if left > 0 else []
        yield f"{name} behaves differently: {'; '.join(rows)}"
    elif judged.verdict == "preserved":
        assumed = "; ".join(judged.assumptions[:MOST_ASSUMED])
        yield f"{name}: no difference found" + (f", assuming {assumed}" if assumed else "")
    else:
        yield f"{name} is not decided: {judged.text}"


def _modelled(function: ChangedFunction, mail: str, review: Review) -> Iterator[str]:
    for matrix in review.models:
        entries = {value for axis in matrix.axes if axis.family == "entry" for value in axis.values}
        if (matrix.message_id, matrix.path) != (mail, function.path):
            continue
        if function.name in (matrix.function, *entries):
            told = [row for row in matrix.rows if row.state in ("differs", "new", "gone")]
            cases = [
                ", ".join(f"{axis} {value}" for axis, value in row.condition) for row in told[:MOST_ROWS]
            ]
            cases += ["..."] if len(told) > MOST_ROWS else []
            rows = f"{len(told)} of {count(len(matrix.rows), 'row')} not as before"
            where = f" ({'; '.join(cases)})" if cases else ""
            yield f"the matrix of {matrix.function}(): {rows}{where}"

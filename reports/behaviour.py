"""Review -> what the series changes in behaviour, as the report shows it."""

from __future__ import annotations

from dataclasses import dataclass

from ..analyze.engine.delta import Traces
from ..analyze.functions import ChangedFunction
from ..analyze.review import PatchReview, Review
from .called import called_lines
from .delta import witness_value
from .summary import patch_name
from .verdict import Judged, judge

REPLAY = {
    "confirmed": "✓ replayed on compiled C",
    "not-confirmed": "✗ did not replay",
    "not-replayable": "· rests on the solver alone",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLine:
    """One step of both runs side by side."""

    before: str
    after: str
    differs: bool
    """The first that differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDifference:
    """One row of the delta table."""

    id: str
    when: str
    effect: str
    before: str
    after: str
    replay: str
    reason: str
    """What a reader must know of the replay; "" where nothing."""
    inputs: tuple[tuple[str, str], ...]
    trace: tuple[TraceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownBehaviour:
    """One function whose two versions were compared."""

    id: str
    patch: str
    """ "2/3"."""
    anchor: str
    """The patch's anchor."""
    name: str
    path: str
    line: int
    judged: Judged
    differences: tuple[ShownDifference, ...]
    called: tuple[str, ...]
    """Who calls it, a sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """The section: functions by what was found, in the order of the patches."""

    changed: tuple[ShownBehaviour, ...]
    preserved: tuple[ShownBehaviour, ...]
    undecided: tuple[ShownBehaviour, ...]


def show_behaviour(review: Review, anchors: tuple[str, ...]) -> Behaviour:
    """Return every function of two versions and what is known of it; `anchors` are the patches'."""
    found: dict[str, list[ShownBehaviour]] = {"changed": [], "preserved": [], "undecided": []}
    number = 0
    for reviewed, anchor in zip(review.patches, anchors, strict=True):
        for function in reviewed.functions:
            if function.symbol != "function" or function.pre is None or function.post is None:
                continue
            number += 1
            judged = judge(function)
            found[judged.verdict].append(_show(review, reviewed, function, judged, anchor, f"b{number}"))
    return Behaviour(
        changed=tuple(found["changed"]),
        preserved=tuple(found["preserved"]),
        undecided=tuple(found["undecided"]),
    )


def _show(
    review: Review, reviewed: PatchReview, function: ChangedFunction, judged: Judged, anchor: str, name: str
) -> ShownBehaviour:
    assert review.revision is not None
    assert function.post is not None
    return ShownBehaviour(
        id=name,
        patch=patch_name(reviewed.patch, review.revision),
        anchor=anchor,
        name=function.name,
        path=function.path,
        line=function.post.start,
        judged=judged,
        differences=tuple(
            ShownDifference(
                id=f"{name}-{at}",
                when=row.when,
                effect=row.effect,
                before=row.before,
                after=row.after,
                replay=REPLAY[row.replay],
                reason=row.replay_reason or "",
                inputs=tuple(witness_value(row.witness).items()),
                trace=_trace(row.traces),
            )
            for at, row in enumerate(judged.differences, 1)
        ),
        called=tuple(called_lines(function, review)),
    )


def _trace(traces: Traces | None) -> tuple[TraceLine, ...]:
    """Lay two runs side by side; what follows the first difference stands beside each other by its place."""
    if traces is None:
        return ()
    length = max(len(traces.before), len(traces.after))
    pad = [(*one, *[""] * (length - len(one))) for one in (traces.before, traces.after)]
    return tuple(
        TraceLine(before=one, after=two, differs=at == traces.at)
        for at, (one, two) in enumerate(zip(*pad, strict=True))
    )

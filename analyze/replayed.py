"""A comparison's differences, each replayed on the functions' own text (docs/engine.md, V2, P1 to P7).

What a replay refutes is withdrawn: it is a defect of the engine, and counted as one.
"""

from __future__ import annotations

from dataclasses import replace

from .definition import Definition
from .engine.delta import Delta, Difference, Reason, Traces
from .engine.environment import Environment
from .replay import Confirmed, NotConfirmed, NotReplayable, Side, replay


def replay_delta(
    delta: Delta,
    pre: Definition,
    post: Definition,
    pre_environment: Environment,
    post_environment: Environment,
) -> Delta:
    """Return `delta` with each difference replayed; UNDECIDED(replay) where none is left. Never raises."""
    if delta.verdict != "changed" or "added" in delta.kind or "removed" in delta.kind:
        return delta
    before = _side(pre, pre_environment, delta.inlined[0], delta.through)
    after = _side(post, post_environment, delta.inlined[1], delta.through)
    tried = [_replayed(row, before, after) for row in delta.differences]
    kept = tuple(row for row in tried if row.replay != "not-confirmed")
    defects = len(tried) - len(kept)
    if kept or not tried:
        return replace(delta, differences=kept, defects=defects)
    text = "the solver's difference did not show when both texts were run on its inputs"
    return replace(
        delta,
        verdict="undecided",
        reason=Reason(code="replay", text=text),
        differences=(),
        bounded=False,
        defects=defects,
    )


def _side(
    definition: Definition, environment: Environment, inlined: tuple[str, ...], through: str = ""
) -> Side:
    """Return what is run of one version: the function, or the caller that it was judged through."""
    callers = environment.functions(through) if through else ()
    helpers = []
    for name in inlined:
        pieces = environment.functions(name)
        if pieces:
            helpers.append((name, environment.text_of(pieces[0])))
    return Side(
        name=through if callers else definition.name,
        text=environment.text_of(callers[0]) if callers else definition.text,
        helpers=tuple(helpers),
        environment=(environment.source.text,),
    )


def _replayed(row: Difference, before: Side, after: Side) -> Difference:
    found = replay(before, after, row.witness)
    if isinstance(found, Confirmed):
        lines = [(*trace.entries, trace.outcome) for trace in (found.before, found.after)]
        traces = Traces(before=lines[0], after=lines[1], at=found.at)
        reason = None if found.exact else "with further inputs, which the solver left open"
        return replace(row, replay="confirmed", replay_reason=reason, traces=traces)
    if isinstance(found, NotConfirmed):
        return replace(row, replay="not-confirmed", replay_reason="both texts did the same on these inputs")
    assert isinstance(found, NotReplayable)
    detail = f"{found.reason}: {found.detail}" if found.detail else found.reason
    return replace(row, replay="not-replayable", replay_reason=detail)

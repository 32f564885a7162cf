"""A comparison's differences, each replayed on the functions' own text (docs/engine.md, V2, P1 to P7).

What a replay refutes is withdrawn: it is a defect of the engine, and counted as one.
"""

from __future__ import annotations

from dataclasses import replace

from .definition import Definition
from .engine.compare import NOTHING
from .engine.delta import Delta, Difference, Reason, Traces
from .engine.environment import Environment
from .engine.getters import OBSERVING, PURE
from .engine.lower.configuration import asked
from .lexical import blank
from .outline import Piece
from .replay import Callees, Confirmed, Different, NotConfirmed, NotReplayable, Side, differ, replay

AT_RANDOM = "found at random: the solver's own inputs did not show it"
NO_CONDITION = "not told (see the run)"


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
    callees = _callees(pre_environment, post_environment)
    plainer = None
    if pre_environment.headers is not None or post_environment.headers is not None:
        plainer = _without_records(before, pre_environment), _without_records(after, post_environment)
    tried = [_replayed(row, before, after, callees, plainer) for row in delta.differences]
    kept = tuple(row for row in tried if row.replay != "not-confirmed")
    defects = sum(row.replay == "not-confirmed" or row.replay_reason == AT_RANDOM for row in tried)
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
    around = (environment.headers.source.text,) if environment.headers is not None else ()
    helpers = []
    own = through if callers else definition.name
    for name in inlined:
        for home in (environment, environment.headers):
            pieces = home.functions(name) if home is not None else ()
            if home is not None and pieces and name != own:
                helpers.append((name, _as_chosen(home, pieces)))
                break
    return Side(
        name=own,
        config=(callers[0].config if callers else definition.config) or "",
        text=environment.text_of(callers[0]) if callers else definition.text,
        recursive=own in inlined,
        helpers=tuple(helpers),
        environment=(*around, environment.source.text),
    )


def _without_records(side: Side, environment: Environment) -> Side:
    """Return a side without the structs and unions that its headers define."""
    headers = environment.headers
    if headers is None:
        return side
    text = headers.source.text
    for (symbol, _), pieces in headers.pieces.items():
        for piece in pieces if symbol in ("struct", "union", "typedef") else ():
            if "{" in text[piece.start : piece.end]:
                text = text[: piece.start] + blank(text[piece.start : piece.end]) + text[piece.end :]
    return replace(side, environment=(text, *side.environment[1:]))


def _as_chosen(environment: Environment, pieces: tuple[Piece, ...]) -> str:
    """Return a function's definition; of several, with the directives that choose one (T7)."""
    texts = [environment.text_of(piece) for piece in pieces]
    conditions = [asked(piece.config or "") for piece in pieces]
    if len(pieces) == 1 or None in conditions:
        return texts[0]
    lines = [f"#if {conditions[0]}", texts[0]]
    for condition, text in zip(conditions[1:-1], texts[1:-1], strict=True):
        lines += [f"#elif {condition}", text]
    return "\n".join([*lines, "#else", texts[-1], "#endif", ""])


def _callees(*environments: Environment) -> Callees:
    """Return what the table says of calls that only read; a definition at hand makes an entry void (C1)."""
    own = {name for one in environments for symbol, name in one.pieces if symbol in ("function", "macro")}
    return Callees(pure=PURE - own, observing=OBSERVING - own)


def _at_random(row: Difference, before: Side, after: Side, callees: Callees) -> Difference:
    """Withdraw a difference whose own inputs did not show it. Where runs that are found at random, in the
    plainest world, part at the same step, that run is told in its place: without the solver's condition and
    inputs, which it says nothing of."""
    other = differ(before, after, plain=True, runs=2000, callees=callees)
    if isinstance(other, Different) and not other.rests_on:
        lines = [(*trace.entries, trace.outcome) for trace in (other.before, other.after)]
        traces = Traces(before=lines[0], after=lines[1], at=other.at)
        if _is_of(row, traces):
            return replace(
                row,
                when=NO_CONDITION,
                witness=NOTHING,
                replay="confirmed",
                replay_reason=AT_RANDOM,
                traces=traces,
            )
    return replace(row, replay="not-confirmed", replay_reason="both texts did the same on these inputs")


def _is_of(row: Difference, traces: Traces) -> bool:
    """Say whether two runs part at the row's step (P2): by a call's name, a return, a fault or a store."""
    return all(
        _speaks_of(words, row.effect, lines[traces.at] if traces.at < len(lines) else "")
        for words, lines in ((row.before, traces.before), (row.after, traces.after))
    )


def _speaks_of(words: str, effect: str, entry: str) -> bool:
    if entry.startswith(("store ", "local ", "volatile ", "warn")):
        return True  # what an effect carries, a volatile access, a warning: rows word these in several ways
    if entry in ("fault", "stopped", "spent"):
        return effect == "stop" or not words.startswith("return")
    if entry.startswith("return") or entry in ("returned", ""):
        return words.startswith(("return", "nothing")) or effect == "store"
    name = entry.split("(")[0].removeprefix("*").removeprefix("->")
    return effect == "store" or name.removesuffix("_value") in words or not words.startswith("return")


def _replayed(
    row: Difference, before: Side, after: Side, callees: Callees, plainer: tuple[Side, Side] | None = None
) -> Difference:
    """Replay a row. Where the headers' structs do not compile as they stand, those that the use demands
    stand for them; what is then not confirmed says nothing, since their fields may have other widths."""
    found = replay(before, after, row.witness, callees=callees)
    if isinstance(found, NotReplayable) and plainer is not None:
        second = replay(*plainer, row.witness, callees=callees)
        if isinstance(second, Confirmed):
            before, after = plainer
            found = second
    if isinstance(found, Confirmed):
        lines = [(*trace.entries, trace.outcome) for trace in (found.before, found.after)]
        traces = Traces(before=lines[0], after=lines[1], at=found.at)
        if not _is_of(row, traces):
            parts = " | ".join(side[found.at] if found.at < len(side) else "nothing" for side in lines)
            why = f"constants: on the inputs that were found the runs part elsewhere: {parts}"
            return replace(row, replay="not-replayable", replay_reason=why[:300])
        reason = None if found.exact else "with further inputs, which the solver left open"
        return replace(row, replay="confirmed", replay_reason=reason, traces=traces)
    if isinstance(found, NotConfirmed):
        tried = _at_random(row, before, after, callees)
        if tried.replay == "confirmed" or not row.witness.observed:
            return tried
        why = "constants: what calls that only read answer was not found"
        return replace(row, replay="not-replayable", replay_reason=why)
    assert isinstance(found, NotReplayable)
    detail = f"{found.reason}: {found.detail}" if found.detail else found.reason
    return replace(row, replay="not-replayable", replay_reason=detail)

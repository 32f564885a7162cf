"""Replay a witness: one scripted run of each text, compared up to the first difference (B5, P1 to P7)."""

from __future__ import annotations

from ..engine import delta
from .callees import Callees
from .conditionals import Configuration
from .engine_witness import from_engine
from .machine import Machine, escapes, first_difference, same_difference
from .outcome import Confirmed, NotConfirmed, NotReplayable, RefusedError
from .program import build
from .recorded import script
from .texts import Side
from .witness import Witness

_OPEN = 32
"""The runtime's flag: what a witness leaves open is drawn, not 0."""
_TRIES = 400


def replay(
    before: Side, after: Side, witness: Witness | delta.Witness, *, callees: Callees | None = None
) -> Confirmed | NotConfirmed | NotReplayable:
    """Run both texts on a witness. Never raises.

    What a witness does not switch on is off; where that does not compile (a member under #ifdef), it is on,
    and only what that confirms counts.
    """
    found = _replayed(before, after, witness, callees or Callees(), "n")
    if isinstance(found, NotReplayable) and found.reason == "compile":
        other = _replayed(before, after, witness, callees or Callees(), "y")
        return other if isinstance(other, Confirmed) else found
    return found


def _replayed(
    before: Side, after: Side, witness: Witness | delta.Witness, callees: Callees, rest: str
) -> Confirmed | NotConfirmed | NotReplayable:
    told = {name[4:]: value for name, value in witness.constants if name.startswith("#if ")}
    chosen = Configuration(known=dict(witness.config), rest=rest, told=told)
    configuration = chosen.under(before.config).under(after.config)
    try:
        program = build(
            before,
            after,
            configuration=configuration,
            callees=callees,
            values=dict(witness.constants),
        )
        machines = Machine.load(program), Machine.load(program, zeroes=True)
        run = witness if isinstance(witness, Witness) else from_engine(witness, program.pointers)
        found = _run(machines, run, lenient=False)
        if isinstance(found, NotConfirmed) and isinstance(witness, delta.Witness):
            plain = from_engine(witness, program.pointers, by_chance=False)
            second = _run(machines, plain, lenient=False) if plain != run else found
            found = second if isinstance(second, Confirmed) else found
        # What a witness leaves open may be anything: a run with valid pointers there shows a difference as
        # well.
        again = _run(machines, run, lenient=True) if not isinstance(found, Confirmed) else found
    except RefusedError as error:
        return error.outcome
    return again if isinstance(again, Confirmed) else found


def _run(
    machines: tuple[Machine, Machine], run: Witness, *, lenient: bool
) -> Confirmed | NotConfirmed | NotReplayable:
    machine, zeroed = machines
    script(machine, run, lenient=lenient)
    script(zeroed, run, lenient=lenient)
    flags, last = (_OPEN, 1 + _TRIES) if lenient else (0, 2)
    differs = machine.go(1, last, flags)
    seed = machine.seed if differs else 1
    zeroed.go(seed, seed + 1, flags)
    before, after = machine.trace(0), machine.trace(1)
    same = same_difference((before, after), (zeroed.trace(0), zeroed.trace(1)))
    if differs and not same and not escapes(before, after):
        return NotReplayable(reason="undefined", detail="rests on an uninitialised variable")
    if differs:
        at = first_difference(before.entries, after.entries)
        return Confirmed(
            before=before, after=after, at=at, exact=not lenient, assumptions=machine.program.assumptions
        )
    if lenient:
        return NotReplayable(
            reason="constants", detail="no inputs were found for what the witness leaves open"
        )
    if "undefined" in (before.outcome, after.outcome):
        return NotReplayable(reason="undefined", detail="a shift by the width or more")
    if {"cut", "spent"} & {before.outcome, after.outcome}:
        return NotReplayable(reason="fuel", detail="the run did not end")
    return NotConfirmed(before=before, after=after, assumptions=machine.program.assumptions)

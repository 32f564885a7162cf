"""Replay a witness: one scripted run of each text, compared up to the first difference (B5, P1 to P7)."""

from __future__ import annotations

from .callees import Callees
from .conditionals import Configuration
from .machine import Machine, first_difference, same_difference
from .outcome import Confirmed, NotConfirmed, NotReplayable, RefusedError
from .program import build
from .recorded import script
from .texts import Side
from .witness import Witness


def replay(
    before: Side, after: Side, witness: Witness, *, callees: Callees | None = None
) -> Confirmed | NotConfirmed | NotReplayable:
    """Run both texts on a witness. Never raises."""
    configuration = Configuration(known=dict(witness.config), rest="n")
    try:
        program = build(
            before, after, configuration=configuration, callees=callees or Callees(), values=dict(witness.constants)
        )
        machine = Machine.load(program)
        script(machine, witness)
        differs = machine.go(1, 2)
        traces = machine.trace(0), machine.trace(1)
        other = Machine.load(program, "zero")
        script(other, witness)
        other.go(1, 2)
    except RefusedError as error:
        return error.outcome
    outcomes = {trace.outcome for trace in traces}
    if differs and not same_difference(traces, (other.trace(0), other.trace(1))):
        return NotReplayable(reason="undefined", detail="rests on an uninitialised variable")
    if differs:
        return Confirmed(
            before=traces[0], after=traces[1], at=first_difference(traces[0].entries, traces[1].entries),
            assumptions=program.assumptions,
        )  # fmt: skip
    if "undefined" in outcomes:
        return NotReplayable(reason="undefined", detail="a shift by the width or more")
    if "cut" in outcomes:
        return NotReplayable(reason="fuel", detail="the run did not end")
    return NotConfirmed(before=traces[0], after=traces[1], assumptions=program.assumptions)

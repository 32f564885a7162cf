"""The random differential oracle: both texts on many made-up inputs, their logs compared. It shares nothing
with the engine.

Stubs answer by name and how often that name was called, alike on both sides. The worlds that runs are drawn
from grow:
first one where callees leave memory alone, keep no address and pointers are distinct objects; then, unless
`plain` is set, those where callees change memory, keep addresses, and pointers may be equal.
"""

from __future__ import annotations

from .callees import Callees
from .conditionals import Configuration
from .machine import MAX_SPENT, Machine, escapes, first_difference, same_difference
from .outcome import Different, NoDifferenceFound, NotReplayable, RefusedError
from .program import Program, build
from .recorded import recorded_witness
from .texts import Side

_WEAK = {"invalid pointers", "uninitialised memory that escapes", "a loop without an end"}
_MAX_TRIED = 200
"""Differences of one world that rest on invalid or uninitialised values, before it is left."""
_WORLDS = (
    (0, ()),
    (2, ("memory that callees change",)),
    (4, ("callees that keep an address",)),
    (8, ("equal pointers",)),
)


def differ(
    before: Side,
    after: Side,
    *,
    seed: int = 1,
    runs: int = 4000,
    callees: Callees | None = None,
    plain: bool = False,
) -> Different | NoDifferenceFound | NotReplayable:
    """Look for a run that tells the two texts apart; deterministic for equal arguments."""
    configurations = [
        Configuration(known={}, rest=rest).under(before.config).under(after.config) for rest in "ynm"
    ]
    found: Different | NoDifferenceFound | None = None
    for configuration in configurations:
        try:
            program = build(before, after, configuration=configuration, callees=callees or Callees())
            found = _search(program, seed, runs, plain, found)
        except RefusedError as error:
            return found if isinstance(found, NoDifferenceFound) else error.outcome
        if isinstance(found, Different) or not program.configured:
            break
        if configuration.rest == "n" and not program.modular:
            break
    assert found is not None
    return found


def _search(
    program: Program, seed: int, runs: int, plain: bool, earlier: Different | NoDifferenceFound | None
) -> Different | NoDifferenceFound:
    machine = Machine.load(program)
    zeroed: list[Machine] = []
    done = earlier.runs if isinstance(earlier, NoDifferenceFound) else 0
    kept: Different | None = None
    worlds = _WORLDS[:1] if plain else _WORLDS
    for flags, rests_on in worlds:
        share = runs if plain else runs // 2 if not flags else runs // 6
        first = begun = seed * 1_000_003
        last, tried = first + max(share, 1), 0
        while first < last and tried <= _MAX_TRIED and machine.go(first, last, flags):
            found = _different(machine, zeroed, flags, rests_on)
            if found is not None and not set(found.rests_on) & _WEAK:
                return found
            kept = kept or found
            tried += 1
            first = machine.seed + 1
        done += min(machine.seed, last) - begun
        if machine.spent > MAX_SPENT:
            break
    if kept is not None:
        return kept
    return NoDifferenceFound(runs=done, assumptions=program.assumptions)


def _different(
    machine: Machine, zeroed: list[Machine], flags: int, rests_on: tuple[str, ...]
) -> Different | None:
    """Tell the difference at the machine's seed, unless it rests on what uninitialised variables hold
    (T11)."""
    seed = machine.seed
    before, after = machine.trace(0), machine.trace(1)
    at = first_difference(before.entries, after.entries)
    if machine.is_wild() and ("fault",) in (before.entries[at : at + 1], after.entries[at : at + 1]):
        rests_on = (*rests_on, "invalid pointers")
    if "spent" in (before.outcome, after.outcome):
        rests_on = (*rests_on, "a loop without an end")
    if not zeroed:
        zeroed.append(Machine.load(machine.program, zeroes=True))
    again = zeroed[0].go(seed, seed + 1, flags)
    if not again or not same_difference((before, after), (zeroed[0].trace(0), zeroed[0].trace(1))):
        if not escapes(before, after):
            return None
        rests_on = (*rests_on, "uninitialised memory that escapes")
    machine.set("rt_recording", 1)
    machine.set("rt_observed_length", 0)
    machine.go(seed, seed + 1, flags)
    witness = recorded_witness(machine)
    machine.set("rt_recording", 0)
    return Different(
        seed=seed, before=before, after=after, at=at, witness=witness,
        rests_on=rests_on, assumptions=machine.program.assumptions,
    )  # fmt: skip

"""What a replay and a random run can end in: unions, never a pair of options."""

from __future__ import annotations

from dataclasses import dataclass

from .witness import Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One side's run: its entries in order, each as a line for a reader, and how it ended."""

    entries: tuple[str, ...]
    outcome: str
    """"returned", "fault", "stopped", "undefined", "cut" (too many effects) or "spent" (no end in sight)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """The two texts do behave differently on the witness."""

    before: Trace
    after: Trace
    at: int
    """Index of the first entry that differs; the length of the shorter trace where one goes on."""
    exact: bool = True
    """False where inputs that the witness leaves open had to be found: the difference is real, but whether
    it is
    the row's is for the caller to see from the traces."""
    assumptions: tuple[str, ...] = ()
    """Guesses that this run shares with the engine (types, macros): it cannot refute them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotConfirmed:
    """The two texts do the same on the witness: a defect of the engine, or of the witness."""

    before: Trace
    after: Trace
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReplayable:
    """Nothing was learnt."""

    reason: str
    """"compiler", "macro", "construct", "directive", "asm", "text", "compile", "link", "fuel", "undefined",
    "constants", "environment": always one of these words."""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Different:
    """A random run told the two texts apart."""

    seed: int
    before: Trace
    after: Trace
    at: int
    witness: Witness
    rests_on: tuple[str, ...] = ()
    """What only such a run supposes: "memory that callees change", "callees that keep an address", "equal
    pointers", "a loop without an end", "invalid pointers" (one side faults: F3 may take the pointer for
    valid); empty where the
    plainest world shows it."""
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoDifferenceFound:
    """No run told them apart; that is no proof."""

    runs: int
    """Runs in which both sides ended."""
    assumptions: tuple[str, ...] = ()


class RefusedError(Exception):
    """The harness does not take a text; carries the NotReplayable that a caller gets."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.outcome = NotReplayable(reason=reason, detail=detail[:300])

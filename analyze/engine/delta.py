"""What a comparison says: the values that CONTRACT.md's lorelens/delta/1 prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why nothing was decided. Codes are those of V3: budget, loop-bound, loop-summary, irreducible,
    unparsed, construct, callee, signature, solver, undefined, constants, alias, replay."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One effect of a run in order, and what it answers."""

    name: str
    """As Event.name: the callee, "->field" of a call through a pointer, READ_ONCE, ..."""
    kind: str
    arguments: tuple[int, ...]
    answer: int | None
    """None where the model says nothing of it."""
    outputs: tuple[tuple[str, int], ...] = ()
    """(place in the argument list, value) of what it assigns."""
    epoch: int = 0
    """Of a call that reads memory alone: how many effects came before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a run reads of memory: `epoch` effects came before (0: at entry)."""

    base: int
    """The address that the path starts from."""
    path: tuple[tuple[str, str], ...]
    """(struct tag, field) from the outside in; a step over elements is (bytes or type of one, "[index]")."""
    name: str
    """The global's name where the path starts at one, else ""."""
    width: int
    value: int
    epoch: int
    local: int = 0
    """Where the path starts at a local object: its number by first appearance in the run's effects; or 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What an address leads to, where it is more than the start of an object."""

    value: int
    base: int
    path: tuple[tuple[str, str], ...]
    """As in Cell."""
    name: str
    """The global's name where the path starts at one, else ""."""
    local: int = 0
    """As in Cell."""
    function: str = ""
    """The function's name where it is the address of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Concrete inputs that show a difference, as unsigned numbers of the width that they are read with."""

    parameters: tuple[tuple[str, int], ...]
    """(name in the version after, value), by position."""
    cells: tuple[Cell, ...]
    constants: tuple[tuple[str, int], ...]
    config: tuple[tuple[str, str], ...]
    """CONFIG_ name without the prefix, and "y", "m" or "n"."""
    before: tuple[Call, ...]
    after: tuple[Call, ...]
    """The effects of either run in order, with their answers; equal up to the first difference."""
    observed: tuple[Call, ...] = ()
    """Calls that only read (C1), with what they answer, in no order."""
    places: tuple[Place, ...] = ()
    """What the addresses among the values lead to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """The runs of both texts on one witness, an effect a line, the outcome last."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    at: int
    """Index of the first line that differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One row: under `when` the version before does one thing and the version after another."""

    when: str
    effect: str
    """Of "return", "store", "call", "lock", "reference", "warn", "stop"."""
    before: str
    after: str
    witness: Witness
    line_before: int | None
    """1-based in the function's own text; None where that version does nothing."""
    line_after: int | None
    replay: str = "not-replayable"
    """"confirmed", "not-confirmed" or "not-replayable"."""
    replay_reason: str | None = "not tried"
    traces: Traces | None = None
    """Both runs of the replay, where it confirmed the difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """A region that stays as it was."""

    when: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What two versions of a function do differently."""

    name: str
    path: str
    line: int
    config: str | None
    kind: tuple[str, ...]
    verdict: str
    """"preserved", "changed" or "undecided"."""
    reason: Reason | None
    """Why it is undecided; None otherwise."""
    bounded: bool
    """Whether loops were unrolled to find the differences: there may be more."""
    assumptions: tuple[str, ...]
    differences: tuple[Difference, ...]
    unchanged: tuple[Unchanged, ...] = ()
    how: str = ""
    """What decided: "terms" (S1), "solver", "text" (equal text in an equal environment), "" where nothing
    did."""
    inlined: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    """Functions whose bodies took the place of their calls, before and after (C3)."""
    through: str = ""
    """The caller that the verdict comes from, where the function itself cannot be compared (C5); else ""."""
    defects: int = 0
    """Differences of the solver's that were withdrawn since their replay did not confirm them (P6)."""

"""The inputs of a run: parameters, memory as it is read, answers of calls. The engine's models map to this.

A value is an integer of 64 bits (two's complement; NULL and error pointers are plain values) or a Pointer
into one
of the objects of the run. Objects are numbered from 1 and lie apart; equal numbers are equal objects.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """The address of a place in an object, by the path of fields to it."""

    object: int
    fields: tuple[tuple[str, str], ...] = ()
    """(struct tag, field) from the outside in; () for the object's first byte. The tag may be "" (any). A
    step over elements is (bytes or type of one, "[index]")."""
    index: int = 0
    """Bytes behind that place."""
    local: int = 0
    """The local object's number by first appearance in the run's log, where it is one; `object` is 0 then."""


Value = int | Pointer


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one cell of memory holds from an effect on."""

    place: Pointer
    value: Value
    epoch: int = 0
    """How many effects came before: 0 is the state at entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCell:
    """What a callee that got a local object's address leaves in one of its cells."""

    number: int
    """Of the object, from 1 on, by its first appearance in the run's log."""
    fields: tuple[tuple[str, str], ...]
    value: Value
    epoch: int
    """The number of the effect that wrote it, from 1 on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What a call that only reads answers (C1)."""

    name: str
    arguments: tuple[Value, ...]
    answer: Value
    epoch: int
    """How many effects came before; 0 for a function of its arguments alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Everything that a run reads from outside."""

    parameters: tuple[Value, ...] = ()
    cells: tuple[Cell, ...] = ()
    locals: tuple[LocalCell, ...] = ()
    globals: tuple[tuple[str, Value], ...] = ()
    """(name of a global variable, its value at entry)."""
    answers: tuple[Value | None, ...] = ()
    """Of the calls that are effects, in the order of the run; None, and calls behind the last one, are
    left open."""
    outputs: tuple[tuple[int, int, Value], ...] = ()
    """(number of the call among the effects, from 1 on; place; value) of what calls such as get_user()
    assign."""
    observed: tuple[Observed, ...] = ()
    constants: tuple[tuple[str, int], ...] = ()
    """Values of names that the text takes as constants."""
    config: tuple[tuple[str, str], ...] = ()
    """CONFIG_ names without the prefix, each "y", "m" or "n"; others are "n"."""

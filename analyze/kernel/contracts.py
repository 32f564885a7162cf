"""The contracts as values, read from the tables beside this module. The tables' keys are the fields below.

A table that does not fit raises ContractError with the table, the entry and the key: a wrong contract is a
defect of lorelens, and the tests read all of them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.resources import files
from keyword import iskeyword
from typing import Any, TypeVar, get_args, get_type_hints

RETURNS = (
    "zero-or-errno",
    "count-or-errno",
    "pointer-or-null",
    "pointer-or-error",
    "pointer-or-error-or-null",
    "bytes-left",
    "vm-fault",
    "truth",
)
"""What a function can promise to return: "bytes-left" is copy_from_user's number of bytes not copied."""
_VERSIONS = re.compile(r"(?:\d+\.\d+)?\.\.(?:\d+\.\d+)?")
_SOURCE = re.compile(r"[\w/.-]+\.[ch](?::\d+)?(?: \(\d+\.\d+\))?|Documentation/[\w/.-]+(?::\d+)?")


class ContractError(Exception):
    """A table that does not fit its schema: a defect of lorelens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """What a function promises its callers."""

    name: str
    """The C name; "->field" for a call through a function pointer of that name."""
    source: str
    """Where it is written down: kernel file and line, a page below Documentation/, or a commit."""
    returns: str = ""
    """One of RETURNS; "" where the entry says nothing of it."""
    refuses: tuple[str, ...] = ()
    """vma flags with which it fails."""
    refuses_with: str = ""
    """The error it fails with then."""
    lookup: bool = False
    """Whether NULL says that nothing is there, which a caller may know not to be so."""
    sleeps: bool = False
    """Whether it may sleep on any call."""
    locks_on_zero: str = ""
    """The kind of lock (Lock.kind) that it leaves its page argument under when it answers 0."""
    argument: int = 0
    """Which argument that is, from 0."""
    versions: str = ".."
    """"5.6..", "..5.17", "5.6..6.4": the kernel versions that it holds for."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A pointer in a struct that may be NULL."""

    struct: str
    field: str
    null: str
    """When it is NULL, a clause."""
    source: str
    guards: tuple[str, ...] = ()
    """Functions that tell by another answer than 0 that it is not."""
    unless: tuple[str, ...] = ()
    """Functions that tell by 0 that it is not, and flags that are clear only where it is not."""
    known_in: tuple[str, ...] = ()
    """Parts of paths and function names in whose code it never is."""
    usually: bool = False
    """Whether callers mostly know that it is not NULL: a finding is no more than low."""
    versions: str = ".."


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Functions that take and give back. A name may end in "@1", "@answer" or "@out3": which argument names
    the object, that the answer is it, or that it is stored through an argument."""

    kind: str
    """What is taken: "mutex", "spinlock", "page lock", ..."""
    take: tuple[str, ...]
    give: tuple[str, ...]
    source: str
    try_: tuple[str, ...] = ()
    """Functions that take it where they answer other than 0."""
    argument: int = 0
    """Which argument names the object, from 0; -1 where there is none."""
    atomic: bool = False
    """Whether nothing may sleep while it is held."""
    reference: bool = False
    """Whether it is a reference that is counted, which may be handed over by a store."""
    versions: str = ".."


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRule:
    """Two flags that exclude each other, one that needs another, or one that functions refuse."""

    flag: str
    rule: str
    """"excludes", "needs" or "refused"."""
    source: str
    other: str = ""
    """The other flag; "" of one that is refused."""
    functions: tuple[str, ...] = ()
    """Of a flag that needs another: the functions that are to be passed both; of a refused one: those that
    fail with it."""
    versions: str = ".."


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A call and the state that its object has to be in. A name may end in "@1": which argument is the
    object; in `from_` and `never_from` the object is what the function answers."""

    state: str
    """What the rule is about, a few words; several entries may share them."""
    step: tuple[str, ...]
    says: str
    """What a function that breaks it does, and what follows: a sentence without its subject."""
    source: str
    needs: tuple[str, ...] = ()
    """One of these is called on the object on each path too, in front of the step or behind it."""
    from_: tuple[str, ...] = ()
    """Functions whose answer needs it; what was handed in needs it where another path takes care of it."""
    after: tuple[str, ...] = ()
    """The step is wrong on an object on which one of these was done, and did not fail."""
    never_from: tuple[str, ...] = ()
    """The step is wrong on what one of these answered."""
    versions: str = ".."


Entry = TypeVar("Entry")


@cache
def functions() -> Mapping[str, Function]:
    """Return the functions' contracts by name."""
    return {one.name: one for one in _read("functions.toml", "function", Function)}


@cache
def never_errors() -> frozenset[str]:
    """Return the functions that answer NULL or what they found or made, and an error pointer in no kernel."""
    return frozenset(
        one.name
        for one in functions().values()
        if one.returns == "pointer-or-null" and one.versions == ".." and one.name.isidentifier()
    )


@cache
def nullable_fields() -> Mapping[tuple[str, str], Field]:
    """Return the fields that may be NULL, by struct and field."""
    return {(one.struct, one.field): one for one in _read("fields.toml", "field", Field)}


@cache
def locks() -> tuple[Lock, ...]:
    """Return the pairs of functions that take and give back."""
    return _read("locks.toml", "lock", Lock)


@cache
def flag_rules() -> tuple[FlagRule, ...]:
    """Return what is known of flags together."""
    return _read("flags.toml", "rule", FlagRule)


@cache
def steps() -> tuple[Step, ...]:
    """Return which state an object has to be in where something is done to it."""
    return _read("steps.toml", "step", Step)


def read_table(text: str, table: str, key: str, kind: type[Entry]) -> tuple[Entry, ...]:
    """Read one table's text.

    Raises:
        ContractError: an entry lacks a key, has one too many, or a value of another type.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContractError(f"{table}: {error}") from error
    entries = document.get(key)
    if set(document) != {key} or not isinstance(entries, list):
        raise ContractError(f"{table}: it holds [[{key}]] entries and nothing else")
    return tuple(_entry(one, f"{table}, [[{key}]] {number}", kind) for number, one in enumerate(entries, 1))


def _read(table: str, key: str, kind: type[Entry]) -> tuple[Entry, ...]:
    return read_table(table_text(table), table, key, kind)


def table_text(table: str) -> str:
    """Return the text of a table beside this module."""
    return (files(__package__) / table).read_text("utf-8")


def _entry(raw: dict[str, Any], where: str, kind: type[Entry]) -> Entry:
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in raw.items():
        name = f"{key}_" if iskeyword(key) else key
        if name not in hints:
            raise ContractError(f"{where}: no such key: {key}")
        if isinstance(value, list):
            value = tuple(value)
        expected = hints[name]
        if get_args(expected):
            fits = isinstance(value, tuple) and all(isinstance(one, str) for one in value)
        else:
            fits = type(value) is expected
        if not fits:
            raise ContractError(f"{where}: {key} is no {expected}")
        values[name] = value
    for one in fields(kind):  # type: ignore[arg-type]  # each kind is a dataclass
        if one.default is MISSING and one.name not in values:
            raise ContractError(f"{where}: it lacks {one.name}")
    _check_words(values, where)
    return kind(**values)


def _check_words(values: Mapping[str, Any], where: str) -> None:
    if values.get("returns") and values["returns"] not in RETURNS:
        raise ContractError(f"{where}: returns is none of {', '.join(RETURNS)}")
    if not _VERSIONS.fullmatch(values.get("versions", "..")):
        raise ContractError(f'{where}: versions is no range like "5.6..6.4"')
    if not _SOURCE.fullmatch(values["source"]):
        raise ContractError(f"{where}: source names no file with a line, page or commit")
    if values.get("rule", "needs") not in ("needs", "excludes", "refused"):
        raise ContractError(f"{where}: rule is none of needs, excludes, refused")

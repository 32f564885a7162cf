"""What models tell outcomes apart by, and which calls they always name: data (axes.toml, notable.toml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from .contracts import ContractError, locks, read_table, table_text

KINDS = ("flags", "kinds", "cases", "answers", "given", "handed")


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisRule:
    """A way to tell cases apart."""

    name: str
    kind: str
    """"flags": bits of a word, each an axis of its own. "cases": which case of a switch is taken. "kinds":
    one axis whose values each fix what some functions answer. "answers": whether a function of the list
    answers with an object or NULL. "given": what a parameter of that type points to is not NULL.
    "handed": a parameter of that type is itself not NULL."""
    names: tuple[str, ...]
    """flags, cases: patterns of the names. kinds: "value: function !function" each. answers: functions.
    given, handed: types, as the engine spells them."""
    source: str
    members: tuple[str, ...] = ()
    """flags: the whole family, so that a model can say which of it the code does not ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notable:
    """Calls that a model names also where they stay as they were."""

    what: str
    names: tuple[str, ...]
    source: str


@cache
def axis_rules() -> tuple[AxisRule, ...]:
    """Return what outcomes are told apart by, the first ones first."""
    found = read_table(table_text("axes.toml"), "axes.toml", "axis", AxisRule)
    for one in found:
        if one.kind not in KINDS:
            raise ContractError(f"axes.toml, {one.name}: kind is none of {', '.join(KINDS)}")
    return found


@cache
def notable_rules() -> tuple[Notable, ...]:
    """Return the table of calls of note."""
    return read_table(table_text("notable.toml"), "notable.toml", "notable", Notable)


@cache
def notable_calls() -> frozenset[str]:
    """Return the calls that a model always names: those of the table, and what takes or gives back a lock."""
    held = [name.partition("@")[0] for lock in locks() for name in (*lock.take, *lock.give, *lock.try_)]
    return frozenset((*held, *(name for one in notable_rules() for name in one.names)))


@cache
def flag_pattern() -> re.Pattern[str]:
    """Return what the names of flags that can be an axis look like."""
    return re.compile("|".join(f"(?:{n})" for one in axis_rules() if one.kind == "flags" for n in one.names))


@cache
def kinds() -> Mapping[str, Mapping[str, Mapping[str, bool]]]:
    """Return, by axis and value, what the value makes functions answer."""
    return {one.name: dict(map(_kind, one.names)) for one in axis_rules() if one.kind == "kinds"}


def _kind(text: str) -> tuple[str, Mapping[str, bool]]:
    value, _, asked = text.partition(":")
    return value, {name.lstrip("!"): not name.startswith("!") for name in asked.split()}


@cache
def answering() -> Mapping[str, str]:
    """Return the axis that a function's answer decides, by function."""
    return {name: one.name for one in axis_rules() if one.kind == "answers" for name in one.names}


@cache
def given_types() -> Mapping[str, str]:
    """Return the axis that a parameter's type makes, by type."""
    return {name: one.name for one in axis_rules() if one.kind == "given" for name in one.names}


@cache
def handed_types() -> Mapping[str, str]:
    """Return the axis that a pointer parameter makes where it may be NULL, by type."""
    return {name: one.name for one in axis_rules() if one.kind == "handed" for name in one.names}


@cache
def case_rule(words: str) -> str:
    """Return the axis that a switch with a case of that name makes, "" where it makes none."""
    for one in axis_rules():
        if one.kind == "cases" and any(re.fullmatch(name, words) for name in one.names):
            return one.name
    return ""

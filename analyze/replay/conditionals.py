"""#if, #ifdef and their kin inside a text: one configuration's tokens are kept, the rest goes. No directive
is passed on.

A CONFIG_ name has the value of the configuration at hand ("y", "m" or "n"). Any other condition is a free
boolean, held by its text: equal texts get equal values in both versions (T7). What the compared definitions
stand under holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from ..engine.header import split
from .outcome import RefusedError
from .words import Token

_DEFINED = re.compile(r"defined\s*\(\s*(\w+)\s*\)|defined\s+(\w+)")
_ENABLED = re.compile(r"IS_(ENABLED|MODULE|BUILTIN|REACHABLE)\s*\(\s*CONFIG_(\w+)\s*\)")
_PARTS = re.compile(r"\s*(?:(\d+)[uUlL]*|(\w+)|(&&|\|\||==|!=|>=|<=|[()!<>]))")
_NAME = re.compile(r"\b[A-Za-z_]\w*")
_OPTION = re.compile(r"CONFIG_\w+")
_COMPARED = re.compile(r"[<>]|==|!=")
_LONGEST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What is switched on: by name where told, else `rest`."""

    known: Mapping[str, str]
    """CONFIG_ name without the prefix -> "y", "m", "n"."""
    rest: str = "y"
    told: Mapping[str, int] = field(default_factory=dict)
    """Condition, or a name in one, as an #if has it, `defined(X)` too -> its value."""

    def value(self, name: str) -> str:
        """Return "y", "m" or "n" for a CONFIG_ name without its prefix."""
        if name.endswith("_MODULE") and name not in self.known:
            return "y" if self.value(name.removesuffix("_MODULE")) == "m" else "n"
        return self.known.get(name, self.rest)

    def is_defined(self, name: str) -> bool:
        """Say whether a name counts as defined by the preprocessor."""
        if name.startswith("CONFIG_"):
            return self.value(name.removeprefix("CONFIG_")) == "y"
        if f"defined({name})" in self.told:
            return self.told[f"defined({name})"] != 0
        return not name.startswith("__") and self.rest == "y"

    def under(self, config: str) -> Configuration:
        """Return the same with what a definition stands under (outline.Piece), as far as it is not told: its
        text is read where that holds."""
        known, told = dict(self.known), dict(self.told)
        for part in split(config):
            name, holds = part.removeprefix("!").strip(), not part.startswith("!")
            if _OPTION.fullmatch(name):
                known.setdefault(name.removeprefix("CONFIG_"), "y" if holds else "n")
            elif name.isidentifier():
                told.setdefault(f"defined({name})", int(holds))
            else:
                told.setdefault(part, 1)
        return replace(self, known=known, told=told)

    def enabled(self, kind: str, name: str) -> bool:
        """Return what IS_ENABLED and its kin say (kind: "ENABLED", "MODULE", "BUILTIN", "REACHABLE")."""
        value = self.value(name)
        return value in {"ENABLED": "ym", "MODULE": "m", "BUILTIN": "y", "REACHABLE": "y"}[kind]


def select(found: list[Token], configuration: Configuration) -> list[Token]:
    """Return the tokens that a configuration keeps. Defines stay as directives; others refuse."""
    kept: list[Token] = []
    arms: list[list[bool]] = []  # per open #if: is this arm on, was one on, was all around it on
    for token in found:
        on = all(arm[0] for arm in arms)
        if token.kind != "directive":
            if on:
                kept.append(token)
            continue
        name, _, argument = token.text.partition(" ")
        name = name.strip()
        if name in ("if", "ifdef", "ifndef"):
            held = on and _holds(name, argument.strip(), configuration)
            arms.append([held, held])
        elif name in ("elif", "else", "endif"):
            if not arms:
                raise RefusedError("directive", f"line {token.line}: #{name} without #if")
            arm = arms[-1]
            if name == "endif":
                arms.pop()
                continue
            arm[0] = not arm[1] and (name == "else" or _holds("if", argument.strip(), configuration))
            arm[1] = arm[1] or arm[0]
        elif not on:
            continue
        elif name in ("define", "undef"):
            kept.append(token)
        else:
            raise RefusedError("directive", f"line {token.line}: #{name[:20]}")
    if arms:
        raise RefusedError("directive", "an #if without its #endif")
    return kept


def _holds(name: str, argument: str, configuration: Configuration) -> bool:
    if name == "ifdef":
        return configuration.is_defined(argument.split()[0] if argument else "")
    if name == "ifndef":
        return not configuration.is_defined(argument.split()[0] if argument else "")
    if argument in configuration.told:
        return configuration.told[argument] != 0
    text = _ENABLED.sub(lambda m: "1" if configuration.enabled(m[1], m[2]) else "0", argument[:_LONGEST])
    text = _DEFINED.sub(lambda m: "1" if configuration.is_defined(m[1] or m[2]) else "0", text)
    found = _evaluate(_NAME.sub(partial(_value, configuration, _COMPARED.search(text) is not None), text))
    return configuration.rest == "y" if found is None else found != 0


def _value(configuration: Configuration, compared: bool, name: re.Match[str]) -> str:
    """Return the number that a name stands for in a condition, itself where that is not told: one that is
    compared is no matter of being defined."""
    if name[0] in configuration.told:
        return str(configuration.told[name[0]])
    return name[0] if compared else str(int(configuration.is_defined(name[0])))


def _evaluate(text: str) -> int | None:
    """Evaluate ||, &&, !, comparisons and parentheses over numbers; None where a name stands in it."""
    parts: list[str] = []
    at = 0
    while at < len(text.rstrip()):
        match = _PARTS.match(text, at)
        if match is None or match[2]:
            return None
        parts.append(match[1] or match[3])
        at = match.end()
    reader = _Reader(parts)
    value = reader.either()
    return value if reader.at == len(parts) and not reader.failed else None


@dataclass(slots=True)
class _Reader:
    """Recursive descent over at most _LONGEST characters; depth is bounded by that."""

    parts: list[str]
    at: int = 0
    failed: bool = False
    depth: int = 0

    def next(self) -> str:
        return self.parts[self.at] if self.at < len(self.parts) else ""

    def either(self) -> int:
        value = self.both()
        while self.next() == "||":
            self.at += 1
            value = int(bool(self.both()) | bool(value))
        return value

    def both(self) -> int:
        value = self.compared()
        while self.next() == "&&":
            self.at += 1
            value = int(bool(self.compared()) & bool(value))
        return value

    def compared(self) -> int:
        value = self.unary()
        while self.next() in ("==", "!=", "<", ">", "<=", ">="):
            sign = self.next()
            self.at += 1
            other = self.unary()
            value = int({"==": value == other, "!=": value != other, "<": value < other, ">": value > other,
                         "<=": value <= other, ">=": value >= other}[sign])  # fmt: skip
        return value

    def unary(self) -> int:
        self.depth += 1
        part = self.next()
        self.at += 1
        if self.depth > 200 or not part:
            self.failed = True
            return 0
        if part == "!":
            value = int(not self.unary())
        elif part == "(":
            value = self.either()
            self.failed |= self.next() != ")"
            self.at += 1
        elif part.isdigit():
            value = int(part)
        else:
            self.failed = True
            value = 0
        self.depth -= 1
        return value

"""The preprocessor conditions that a line stands under, as one expression for a reader."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from .lexical import Directive

_DEFINED = re.compile(r"\bdefined[ \t]*(?:\([ \t]*(\w+)[ \t]*\)|[ \t](\w+))")
_ATOM = re.compile(r"!?\w+(?:\(\w*\))?")
_DEEPEST = 40
"""Nested conditionals, and arms in front of one, that are told; hostile text has more."""
_NEGATED = re.compile(r"!(\w+(?:\(\w*\))?)")


@dataclass(slots=True)
class _Group:
    """One open #if: the condition of the arm that is being read, and those of the arms before it."""

    now: str
    past: list[str]


@dataclass(slots=True)
class Conditions:
    """The stack of open conditionals while a file's directives are read in order."""

    groups: list[_Group] = field(default_factory=list)
    guard: int = -1
    """The offset of the #ifndef of an include guard, which is no condition to speak of."""

    def step(self, directive: Directive) -> None:
        """Take the next conditional into account."""
        name, argument = directive.name, directive.argument
        if name.startswith("if"):
            self.groups.append(_Group("" if directive.start == self.guard else condition(name, argument), []))
        elif not self.groups:
            return
        elif name == "endif":
            self.groups.pop()
        else:
            group = self.groups[-1]
            group.past.append(group.now)
            group.now = "" if name == "else" else condition(name[2:], argument)

    def stack(self) -> tuple[str, ...]:
        """Return the conditions that hold here, outermost first."""
        found: list[str] = []
        for group in self.groups[:_DEEPEST]:
            found.extend(negation(past) for past in group.past[:_DEEPEST])
            if group.now:
                found.append(group.now)
        return tuple(found)

    def text(self, started: tuple[str, ...]) -> str | None:
        """Return the conditions common to here and to where a definition started; None where there is
        none."""
        common = []
        for here, there in zip(self.stack(), started, strict=False):
            if here != there:
                break
            common.append(here)
        return conjunction(common)


def include_guard(directives: tuple[Directive, ...]) -> int:
    """Return the offset of an include guard's #ifndef: the first conditional, with its #define behind it;
    else -1."""
    for first, second in pairwise(directives):
        if first.name.startswith("if"):
            guard = first.name == "ifndef" and second.name == "define" and second.argument == first.argument
            return first.start if guard else -1
    return -1


def conjunction(parts: list[str]) -> str | None:
    """Join conditions by &&, in parentheses where they are no single names."""
    if len(parts) < 2:
        return parts[0] if parts else None
    return " && ".join(part if _ATOM.fullmatch(part) else f"({part})" for part in parts)


def condition(name: str, argument: str) -> str:
    """Return an #if's, #ifdef's or #ifndef's condition: `defined(X)` is written X."""
    if name == "ifdef":
        return argument.split(" ", 1)[0]
    if name == "ifndef":
        return negation(argument.split(" ", 1)[0])
    return _DEFINED.sub(lambda match: match.group(1) or match.group(2), argument)


def negation(text: str) -> str:
    """Return the opposite of a condition; !!X is X."""
    negated = _NEGATED.fullmatch(text)
    if negated:
        return negated.group(1)
    return f"!{text}" if _ATOM.fullmatch(text) else f"!({text})"

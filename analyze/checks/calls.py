"""Calls and parameter lists in text: cut by brackets, comments and strings out of the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..definition import Definition
from ..lexical import scan

LONGEST = 20_000
"""Characters of one call's arguments."""
MOST_SCANNED = 4_000_000
"""Characters that are looked at for the calls of one text; of a hostile one the rest is left."""
_CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_LAST_NAME = re.compile(r"\b([A-Za-z_]\w*)(\s*(?:\[[^\]]*\])*)\s*$")
_FUNCTION_POINTER = re.compile(r"\(\s*\*\s*(\w+)\s*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCall:
    """A call as it is written."""

    name: str
    arguments: tuple[str, ...]
    """With single blanks; () for an empty list."""
    start: int
    """Offset of the name."""


def calls_in(text: str, *, fragment: bool = False) -> Iterator[TextCall]:
    """Yield what looks like a call, comments and strings left out; a `fragment` may begin in a comment."""
    source = scan(text, fragment=fragment)
    left = MOST_SCANNED
    for found in _CALL.finditer(source.mask):
        end = closing(source.mask, found.end() - 1)
        left -= (end if end > 0 else found.end() + LONGEST) - found.start()
        if left < 0:
            return
        if end > 0:
            arguments = split_arguments(source.mask[found.end() : end], source.code[found.end() : end])
            yield TextCall(name=found[1], arguments=arguments, start=found.start())


def closing(mask: str, at: int) -> int:
    """Return the offset of the bracket that closes the one at `at`; -1 where none does."""
    depth = 0
    for offset in range(at, min(len(mask), at + LONGEST)):
        if mask[offset] in "([{":
            depth += 1
        elif mask[offset] in ")]}":
            depth -= 1
            if depth == 0:
                return offset
    return -1


def split_arguments(mask: str, text: str | None = None) -> tuple[str, ...]:
    """Split at the commas outside of brackets; texts with single blanks. () for an empty list."""
    text = mask if text is None else text
    if not text.strip():
        return ()
    parts, depth, last = [], 0, 0
    for offset, sign in enumerate(mask):
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == "," and depth == 0:
            parts.append(text[last:offset])
            last = offset + 1
    parts.append(text[last:])
    return tuple(" ".join(part.split()) for part in parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter as it is written."""

    type: str
    """Without its name, blanks normalised: "struct page * *"."""
    name: str
    """"" where it has none."""


def parameters_of(definition: Definition) -> tuple[Parameter, ...] | None:
    """Return a function's or prototype's parameters; None where they cannot be read."""
    source = scan(definition.text)
    found = re.search(rf"\b{re.escape(definition.name)}\s*\(", source.mask)
    if found is None:
        return None
    end = closing(source.mask, found.end() - 1)
    if end < 0:
        return None
    written = split_arguments(source.mask[found.end() : end], source.code[found.end() : end])
    if written in ((), ("void",)):
        return ()
    return tuple(map(_parameter, written))


_WORDS_OF_TYPES = frozenset(
    [
        "int",
        "long",
        "short",
        "char",
        "unsigned",
        "signed",
        "void",
        "bool",
        "const",
        "volatile",
        "struct",
        "union",
        "enum",
        "float",
        "double",
        "size_t",
    ]
)


def _parameter(text: str) -> Parameter:
    pointer = _FUNCTION_POINTER.search(text)
    if pointer is not None:
        return Parameter(type=_spaced(text.replace(pointer[1], "", 1)), name=pointer[1])
    found = _LAST_NAME.search(text)
    before = text[: found.start()].strip() if found else ""
    alone = (
        not before
        or before.split()[-1] in ("struct", "union", "enum")
        or (found is not None and found[1] in _WORDS_OF_TYPES)
    )
    if (
        found is None
        or alone
        or all(word in ("const", "volatile", "unsigned", "signed") for word in before.split())
    ):
        return Parameter(type=_spaced(text), name="")
    return Parameter(type=_spaced(before + (" *" if "[" in found[2] else "")), name=found[1])


def _spaced(text: str) -> str:
    words = re.findall(r"\w+|\S", text)
    dropped = ("const", "__user", "__iomem", "__rcu", "__maybe_unused", "__unused", "register", "extern")
    return " ".join(word for word in words if word not in dropped)

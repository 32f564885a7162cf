"""Integer constants: literals as C reads them (C11 6.4.4), and constant expressions folded with C's types."""

from __future__ import annotations

import re
from typing import Protocol

from ..syntax import Node
from .binding import asked
from .ctype import (
    BOOL,
    INT,
    LLONG,
    LONG,
    UINT,
    ULLONG,
    ULONG,
    Array,
    CType,
    Integer,
    Pointer,
    common,
    promoted,
)
from .declare import Names, UnreadError, type_name
from .fragment import Fragment
from .ir import Const

_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)([uUlL]*)")
_ESCAPES = {
    "n": 10,
    "t": 9,
    "r": 13,
    "0": 0,
    "a": 7,
    "b": 8,
    "f": 12,
    "v": 11,
    "\\": 92,
    "'": 39,
    '"': 34,
    "e": 27,
}
_DEEPEST = 60


class Constants(Names, Protocol):
    """A scope that knows constants by name."""

    def constant(self, name: str) -> Const | None:
        """Return an enum constant's or object-like macro's value where it is at hand."""

    def strength(self, name: str) -> int:
        """Return how tightly what the name stands for holds together (binding.py)."""


def wrap(value: int, ctype: CType) -> int:
    """Return `value` as a type holds it: modulo its width, signed where it is."""
    if ctype == BOOL:
        return int(value != 0)
    bits, signed = (ctype.bits, ctype.signed) if isinstance(ctype, Integer) else (64, False)
    value &= (1 << bits) - 1
    return value - (1 << bits) if signed and value >> (bits - 1) else value


def number(text: str) -> Const | None:
    """Read an integer literal, with the sign that the grammar puts to it; None for a floating one."""
    if text[:1] in ("-", "+"):
        inner = number(text[1:].strip())
        return inner if inner is None else fold_unary(text[0], inner)
    found = _NUMBER.fullmatch(text)
    if found is None or len(text) > 70:
        return None
    digits, suffix = found.groups()
    decimal = digits[0] != "0" or len(digits) == 1
    octal = not decimal and digits[1:2].isdigit()
    if octal and not all(digit in "01234567" for digit in digits):
        return None
    value = int(digits, 8 if octal else 10 if decimal else 0)
    suffix = suffix.lower()
    longs = suffix.count("l")
    for ctype in (INT, UINT, LONG, ULONG) if not longs else (LONG, ULONG) if longs == 1 else (LLONG, ULLONG):
        if ("u" in suffix and ctype.signed) or (decimal and "u" not in suffix and not ctype.signed):
            continue
        if value < 1 << (ctype.bits - int(ctype.signed)):
            return Const(value=value, type=ctype)
    return None


def character(text: str) -> Const | None:
    """Read a character literal, of type int; plain char is unsigned."""
    inner = text[text.find("'") + 1 : -1]
    if len(inner) == 1 and inner != "\\":
        return Const(value=ord(inner), type=INT)
    if inner.startswith("\\x") and 2 < len(inner) < 5:
        return Const(value=int(inner[2:], 16), type=INT)
    if inner.startswith("\\") and inner[1:].isdigit() and len(inner) < 5 and not set(inner[1:]) & set("89"):
        return Const(value=int(inner[1:], 8) & 255, type=INT)
    if len(inner) == 2 and inner[0] == "\\" and inner[1] in _ESCAPES:
        return Const(value=_ESCAPES[inner[1]], type=INT)
    return None


def size_of(ctype: CType) -> int | None:
    """Return a type's size in bytes where it is no symbol (T9)."""
    if isinstance(ctype, Integer) and ctype.bits in (8, 16, 32, 64):
        return ctype.bits // 8
    if isinstance(ctype, Pointer):
        return 8
    if ctype == BOOL:
        return 1
    if isinstance(ctype, Array) and ctype.length is not None:
        inner = size_of(ctype.of)
        return None if inner is None else inner * ctype.length
    return None


def evaluate(names: Constants, fragment: Fragment, node: Node, depth: int = 0) -> Const | None:
    """Return a constant expression's value and type; None where it is none, or not at hand."""
    if depth > _DEEPEST:
        return None
    kind = node.kind
    if kind == "number_literal":
        return number(fragment.written(node))
    if kind == "char_literal":
        return character(fragment.written(node))
    if kind in ("true", "false"):
        return Const(value=int(kind == "true"), type=INT)
    if kind == "identifier":
        name = fragment.written(node)
        return names.constant(name) if names.strength(name) >= asked(node, node) else None
    if kind == "parenthesized_expression" and len(node.named_children) == 1:
        return evaluate(names, fragment, node.named_children[0], depth + 1)
    if kind == "unary_expression":
        return _unary(names, fragment, node, depth)
    if kind == "binary_expression":
        return _binary(names, fragment, node, depth)
    if kind == "cast_expression":
        return _cast(names, fragment, node, depth)
    if kind == "conditional_expression":
        return _conditional(names, fragment, node, depth)
    if kind == "sizeof_expression":
        return _sizeof(names, fragment, node)
    return None


def _child(names: Constants, fragment: Fragment, node: Node, field: str, depth: int) -> Const | None:
    found = node.child(field)
    return None if found is None else evaluate(names, fragment, found, depth + 1)


def _unary(names: Constants, fragment: Fragment, node: Node, depth: int) -> Const | None:
    value = _child(names, fragment, node, "argument", depth)
    sign = node.child("operator")
    return None if value is None or sign is None else fold_unary(sign.kind, value)


def fold_unary(sign: str, value: Const) -> Const | None:
    """Fold `-`, `~`, `+`, `!`."""
    if sign == "!":
        return Const(value=int(value.value == 0), type=INT)
    ctype = promoted(value.type)
    if not isinstance(ctype, Integer):
        return None
    results = {"-": -value.value, "~": ~value.value, "+": value.value}
    return Const(value=wrap(results[sign], ctype), type=ctype) if sign in results else None


def _binary(names: Constants, fragment: Fragment, node: Node, depth: int) -> Const | None:
    left = _child(names, fragment, node, "left", depth)
    right = _child(names, fragment, node, "right", depth)
    sign = node.child("operator")
    if left is None or right is None or sign is None:
        return None
    return fold_binary(sign.kind, left, right)


def fold_binary(sign: str, left: Const, right: Const) -> Const | None:
    """Fold an operator over integers; None where C leaves it undefined (T6) or it is no such operator."""
    if sign in ("&&", "||"):
        both = (bool(left.value), bool(right.value))
        return Const(value=int(all(both) if sign == "&&" else any(both)), type=INT)
    if sign in ("<<", ">>"):
        return _shift(sign, left, right)
    ctype = common(left.type, right.type)
    if not isinstance(ctype, Integer):
        return None
    one, two = wrap(left.value, ctype), wrap(right.value, ctype)
    compared = {
        "==": one == two,
        "!=": one != two,
        "<": one < two,
        "<=": one <= two,
        ">": one > two,
        ">=": one >= two,
    }
    if sign in compared:
        return Const(value=int(compared[sign]), type=INT)
    if sign in ("/", "%"):
        if two == 0 or (two == -1 and one == -(1 << (ctype.bits - 1))):
            return None
        quotient = abs(one) // abs(two) * (1 if (one < 0) == (two < 0) else -1)
        return Const(value=quotient if sign == "/" else one - quotient * two, type=ctype)
    results = {"+": one + two, "-": one - two, "*": one * two, "&": one & two, "|": one | two, "^": one ^ two}
    return Const(value=wrap(results[sign], ctype), type=ctype) if sign in results else None


def _shift(sign: str, left: Const, right: Const) -> Const | None:
    ctype = promoted(left.type)
    if not isinstance(ctype, Integer) or not 0 <= right.value < ctype.bits:
        return None
    value = left.value << right.value if sign == "<<" else left.value >> right.value
    return Const(value=wrap(value, ctype), type=ctype)


def _cast(names: Constants, fragment: Fragment, node: Node, depth: int) -> Const | None:
    value, written = _child(names, fragment, node, "value", depth), node.child("type")
    if value is None or written is None:
        return None
    try:
        ctype = type_name(names, fragment, written)
    except UnreadError:
        return None
    if isinstance(ctype, Integer | Pointer) or ctype == BOOL:
        return Const(value=wrap(value.value, ctype), type=ctype)
    return None


def _conditional(names: Constants, fragment: Fragment, node: Node, depth: int) -> Const | None:
    asked = _child(names, fragment, node, "condition", depth)
    one = _child(names, fragment, node, "consequence", depth)
    two = _child(names, fragment, node, "alternative", depth)
    if asked is None or one is None or two is None:
        return None
    ctype = common(one.type, two.type)
    return Const(value=wrap((one if asked.value else two).value, ctype), type=ctype)


def _sizeof(names: Constants, fragment: Fragment, node: Node) -> Const | None:
    written = node.child("type")
    if written is None:
        return None
    try:
        size = size_of(type_name(names, fragment, written))
    except UnreadError:
        return None
    return None if size is None else Const(value=size, type=ULONG)

"""What is known of values along one path: each value has a name made of how it came about, and a sign.

    number   = ("k", int) | ("s", symbol) | ("in", parameter) | ("u", variable) | ("c", block, index)
             | ("f", callee, argument...) | ("b", op, left, right) | ("n", op, value)
    memory   = ("m", base, field) | ("d", pointer, index) | ("g", name) | ("l", variable)

Two reads of one field through one pointer have one name: calls between them are taken not to change it (each
check that rests on this says so). Of a pointer, zero is NULL, negative an error pointer, positive an object.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import inf
from typing import Any

from ..engine import ir

NEGATIVE, ZERO, POSITIVE = 1, 2, 4
ANY = NEGATIVE | ZERO | POSITIVE
Value = tuple[Any, ...]

_MOST_ERRNO = (1 << 64) - 4095
_OPPOSITE = {"!=": "==", ">=": "<", ">": "<="}
_SWAPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


class Known:
    """What a path knows: the values that places hold, and the signs that values can have."""

    __slots__ = ("places", "signs")

    def __init__(
        self, places: dict[Value, Value] | None = None, signs: dict[Value, int] | None = None
    ) -> None:
        self.places = places or {}
        self.signs = signs or {}

    def copy(self) -> Known:
        """Return an equal one that can go its own way."""
        return type(self)(dict(self.places), dict(self.signs))

    def key(self) -> tuple[frozenset[Any], frozenset[Any]]:
        """Return what makes two of them the same."""
        return frozenset(self.places.items()), frozenset(self.signs.items())

    # Places

    def place(self, place: ir.Place) -> Value:
        """Return the name of a place."""
        if isinstance(place, ir.Local):
            return ("l", place.variable.number)
        if isinstance(place, ir.Global):
            return ("g", place.name)
        if isinstance(place, ir.Member):
            return ("m", self.place(place.base), place.field)
        if isinstance(place, ir.Element):
            return ("e", self.place(place.base), self.value(place.index))
        pointer, index = self.value(place.pointer), self.value(place.index)
        if pointer[0] == "&" and index == ("k", 0):
            return pointer[1]  # type: ignore[no-any-return]  # the place that it is the address of
        return ("d", pointer, index)

    def read(self, place: ir.Place) -> Value:
        """Return the value that a place holds."""
        name = self.place(place)
        held = self.places.get(name)
        if held is not None:
            return held
        if isinstance(place, ir.Local):
            return ("in" if place.variable.kind == "parameter" else "l", place.variable.number)
        return name

    def store(self, place: ir.Place, value: Value | None) -> None:
        """Let a place hold a value; None: one that nothing is known of. What may be the same place is
        forgotten."""
        name = self.place(place)
        if name[0] == "m":
            same = [one for one in self.places if one[0] == "m" and one[2] == name[2] and one != name]
        elif name[0] in ("d", "e"):
            same = [one for one in self.places if one[0] == name[0]]
        else:
            same = [one for one in self.places if one != name and _holds(one, name)]
        for one in same:
            self.places.pop(one, None)
        self.forget(name)
        if value is None:
            self.places.pop(name, None)
        else:
            self.places[name] = value

    def forget(self, name: Value) -> None:
        """Forget the signs of what is made of a value or a place."""
        for one in [one for one in self.signs if _holds(one, name)]:
            del self.signs[one]

    # Values

    def value(self, expression: ir.Expr) -> Value:  # noqa: C901 -- a case for each kind of it
        """Return the name of an expression's value."""
        if isinstance(expression, ir.Const):
            return ("k", expression.value)
        if isinstance(expression, ir.Read):
            return self.read(expression.place)
        if isinstance(expression, ir.Cast):
            return self.value(expression.value)
        if isinstance(expression, ir.Symbol):
            return ("s", expression.name)
        if isinstance(expression, ir.AddressOf):
            return ("&", self.place(expression.place))
        if isinstance(expression, ir.Unary):
            inner = self.value(expression.value)
            if expression.op == "-" and inner[0] == "k":
                return ("k", -inner[1])
            return ("n", expression.op, inner)
        if isinstance(expression, ir.Binary | ir.PointerDifference):
            op = expression.op if isinstance(expression, ir.Binary) else "ptr-"
            return ("b", op, self.value(expression.left), self.value(expression.right))
        if isinstance(expression, ir.PointerAdd):
            return ("b", "ptr+", self.value(expression.pointer), self.value(expression.index))
        if isinstance(expression, ir.ContainerOf):
            return ("of", self.value(expression.pointer), expression.member)
        if isinstance(expression, ir.FunctionName):
            return ("fn", expression.name)
        if isinstance(expression, ir.ConfigFlag):
            return ("cfg", expression.key)
        return ("t", repr(expression))

    def sign(self, value: Value) -> int:
        """Return the signs that a value can have."""
        known = self.signs.get(value)
        if known is not None:
            return known
        kind = value[0]
        if kind == "k":
            return NEGATIVE if value[1] < 0 else ZERO if value[1] == 0 else POSITIVE
        if kind == "s" and is_errno(value[1]):
            return POSITIVE
        if kind == "n" and value[1] == "-":
            inner = self.sign(value[2])
            return (
                (inner & ZERO) | (NEGATIVE if inner & POSITIVE else 0) | (POSITIVE if inner & NEGATIVE else 0)
            )
        if kind in ("&", "fn"):
            return POSITIVE
        if kind in ("b", "n") and value[1] in ("==", "!=", "<", "<=", ">", ">=", "!"):
            return ZERO | POSITIVE
        if kind == "b" and value[1] == "ptr+":
            return self.sign(value[2])
        return ANY

    def narrow(self, value: Value, signs: int) -> bool:
        """Keep of a value's signs only these; False where none is left: the path cannot be taken."""
        before = self.sign(value)
        left = before & signs
        if left == 0:
            return False
        if left != before:
            self.signs[value] = left
            return self._agrees(value, left)
        return True

    def _agrees(self, value: Value, signs: int) -> bool:
        """Say whether an answer agrees with those to the same question of other constants: flags that are
        clear together are clear each, and what is above 7 is above 5."""
        if value[0] != "b" or signs == ANY:
            return True
        _, op, of, constant = value
        if op == "&":
            flags = _flags(constant)
            for other, known in self.signs.items():
                if other[:3] == value[:3] and flags and other != value:
                    more = _flags(other[3])
                    if signs == ZERO and not known & ZERO and more and more <= flags:
                        return False
                    if not signs & ZERO and known == ZERO and flags <= more:
                        return False
        elif op in ("==", "<", "<=") and constant[0] == "k":
            return self._has_value(of)
        elif op == "==" and constant[0] == "s" and signs == POSITIVE:  # constants of two names are two
            return not any(
                other[:3] == value[:3] and other != value and other[3][0] == "s" and known == POSITIVE
                for other, known in self.signs.items()
            )
        return True

    def _has_value(self, of: Value) -> bool:
        """Say whether a number is left for a value by what is known of it against constants."""
        signs = self.sign(of)
        low = -inf if signs & NEGATIVE else 0 if signs & ZERO else 1
        high = inf if signs & POSITIVE else 0 if signs & ZERO else -1
        for other, known in self.signs.items():
            if other[0] == "b" and other[2] == of and other[3][0] == "k" and known in (ZERO, POSITIVE):
                op, number, holds = other[1], other[3][1], known == POSITIVE
                if (op, holds) == ("==", True):
                    low, high = max(low, number), min(high, number)
                elif (op, holds) in (("<", True), ("<=", True)):
                    high = min(high, number - (op == "<"))
                elif (op, holds) in (("<", False), ("<=", False)):
                    low = max(low, number + (op == "<="))
        return low <= high

    # Conditions

    def assume(self, condition: ir.Expr, holds: bool) -> bool:
        """Take a branch; False where what is known rules it out."""
        return self.suppose(self.value(condition), holds)

    def suppose(self, value: Value, holds: bool) -> bool:
        """Take a value for true or false (not zero, or zero)."""
        if value[0] == "n" and value[1] == "!":
            return self.suppose(value[2], not holds)
        if value[0] == "b" and value[1] in _SWAPPED:
            _, op, left, right = value
            return self._compare(op, left, right, holds)
        return self.narrow(value, NEGATIVE | POSITIVE if holds else ZERO)

    def _compare(self, op: str, left: Value, right: Value, holds: bool) -> bool:
        if left[0] == "k" and right[0] != "k":
            op, left, right = _SWAPPED[op], right, left
        if op in _OPPOSITE:
            op, holds = _OPPOSITE[op], not holds
        if left[0] == right[0] == "k":
            truth = {"==": left[1] == right[1], "<": left[1] < right[1], "<=": left[1] <= right[1]}[op]
            return bool(truth) == holds
        if left == right:
            return (op != "<") == holds
        if right == ("k", _MOST_ERRNO) and op == "<":  # IS_ERR: not below MAX_ERRNO's place
            return self.narrow(left, ZERO | POSITIVE if holds else NEGATIVE)
        signs = self._signs(op, right, holds)
        if not self.narrow(left, signs):
            return False
        return self.narrow(("b", op, left, right), POSITIVE if holds else ZERO)

    def _signs(self, op: str, right: Value, holds: bool) -> int:
        """Return the signs that the left side has where `left op right` holds, or does not."""
        other = self.sign(right)
        if op == "==":
            if holds:
                return other
            return ANY & ~ZERO if right == ("k", 0) else ANY
        if right == ("k", 0) or (right == ("k", 1) and op == "<"):
            below = NEGATIVE if (op, right[1]) == ("<", 0) else NEGATIVE | ZERO
            return below if holds else ANY & ~below
        return ANY


def _flags(mask: Value) -> frozenset[Value]:
    """Return the flags that a constant mask is made of; none where it is no such mask."""
    if mask[0] == "k" and mask[1] > 0:
        return frozenset(("k", 1 << bit) for bit in range(mask[1].bit_length()) if mask[1] >> bit & 1)
    if mask[0] == "s":
        return frozenset((mask,))
    if mask[0] == "b" and mask[1] == "|":
        left, right = _flags(mask[2]), _flags(mask[3])
        return left | right if left and right else frozenset()
    return frozenset()


def is_errno(name: str) -> bool:
    """Say whether a constant's name is that of an error number."""
    return len(name) > 2 and name[0] == "E" and name.isupper() and name.isalnum()


@lru_cache(maxsize=1 << 17)
def _holds(value: Value, part: Value) -> bool:
    """Say whether a value's name has another one in it."""
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        if one == part:
            return True
        if isinstance(one, tuple):
            waiting.extend(one)
    return False


def holds_any(value: Value, parts: Iterable[Value]) -> bool:
    """Say whether one of some values is in a value's name."""
    return any(_holds(value, part) for part in parts)

"""Whether a condition holds where some flags and kinds are fixed and everything else is free.

Values are named as in checks/values.py. A flag is asked for in a word: a parameter or a field as the
function found it; what is made on the way (`flags | FOLL_GET`) is taken apart, and what came out of a loop or
a call is not told.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..checks.values import Known, Value
from ..engine import ir
from ..kernel.axes import flag_pattern

Key = tuple[str, str]
"""What an axis fixes: (flag, word it stands in), ("given" or "handed", parameter), (axis, value or "")."""
Fixed = Mapping[Key, bool]


class NamedKnown(Known):
    """What a path knows, flags by their names also where their numbers are at hand."""

    __slots__ = ()

    def value(self, expression: ir.Expr) -> Value:
        """Return the name of an expression's value."""
        if isinstance(expression, ir.Const) and flag_pattern().fullmatch(expression.name):
            return ("s", expression.name)
        return super().value(expression)


class Truth:
    """Decides conditions of one function; `asked` collects the flags that they ask for."""

    def __init__(
        self, parameters: Mapping[int, str], given: Mapping[int, str], handed: Mapping[int, str], fixed: Fixed
    ) -> None:
        self.parameters = parameters
        """The parameters' names by number."""
        self.given = given
        """Those whose target may be NULL: their axis, by number."""
        self.handed = handed
        """Those that may be NULL themselves: their axis, by number."""
        self.fixed = fixed
        self.asked: dict[Key, None] = {}

    def holds(self, value: Value) -> bool | None:
        """Say whether a value is other than 0; None where it is not told."""
        kind = value[0]
        if kind == "k":
            return bool(value[1])
        if kind == "n" and value[1] == "!":
            return _opposite(self.holds(value[2]))
        if kind == "b" and value[1] in ("==", "!="):
            equal = self._equal(value[2], value[3])
            return equal if value[1] == "==" else _opposite(equal)
        if kind == "b" and value[1] in ("&", "|"):
            return self._bits(value)
        if kind == "d" and value[1][0] == "in" and value[1][1] in self.given and value[2] == ("k", 0):
            return self._fixed(("given", self.parameters.get(value[1][1], "")))
        if kind == "in" and value[1] in self.handed:
            return self._fixed(("handed", self.parameters.get(value[1], "")))
        return None

    def _fixed(self, key: Key) -> bool | None:
        self.asked.setdefault(key)
        return self.fixed.get(key)

    def _equal(self, left: Value, right: Value) -> bool | None:
        if right == ("k", 0):
            return _opposite(self.holds(left))
        if left == ("k", 0):
            return _opposite(self.holds(right))
        for one, other in ((left, right), (right, left)):
            flags = mask(other)
            if one[0] == "b" and one[1] == "&" and flags:
                asked = mask(one[3]) or mask(one[2])
                told = [self.has(flag, one) for flag in sorted((asked or frozenset()) | flags)]
                wanted = [flag in flags for flag in sorted((asked or frozenset()) | flags)]
                if any(a is not None and a != b for a, b in zip(told, wanted, strict=True)):
                    return False
                return True if None not in told else None
        return None

    def _bits(self, value: Value) -> bool | None:
        """Say whether any of the flags that a value can hold is set."""
        if value[1] == "|":
            told = [self.holds(value[2]), self.holds(value[3])]
        else:
            flags = mask(value[3]) or mask(value[2])
            if not flags:
                return None
            told = [self.has(flag, value) for flag in sorted(flags)]
        if True in told:
            return True
        return None if None in told else False

    def has(self, flag: str, value: Value) -> bool | None:
        """Say whether a value has a flag."""
        kind = value[0]
        if kind == "k":
            return False if value[1] == 0 else None
        if kind == "s":
            return bool(value[1] == flag) if flag_pattern().fullmatch(value[1]) else None
        if kind == "n" and value[1] == "~":
            return _opposite(self.has(flag, value[2]))
        if kind == "b" and value[1] in ("&", "|"):
            told = [self.has(flag, value[2]), self.has(flag, value[3])]
            decides: bool = value[1] == "|"
            if decides in told:
                return decides
            return None if None in told else not decides
        if kind == "in":
            return self._fixed((flag, self.parameters.get(value[1], "")))
        return self._fixed((flag, value[2])) if kind == "m" else None


def mask(value: Value) -> frozenset[str] | None:
    """Return the flags that a constant is made of; None where it is none, or of other names."""
    if value[0] == "s" and flag_pattern().fullmatch(value[1]):
        return frozenset((value[1],))
    if value[0] == "b" and value[1] == "|":
        left, right = mask(value[2]), mask(value[3])
        return None if left is None or right is None else left | right
    return None


def _opposite(told: bool | None) -> bool | None:
    return None if told is None else not told

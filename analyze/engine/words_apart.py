"""Whether two addresses of atomics are of two words, in a model (rule C4)."""

from __future__ import annotations

from .leaves import OUTER
from .memory import KNOWN, SHARING, Field, way
from .solve import Model
from .term import Term


def are_two_words(one: Term, two: Term, model: Model) -> bool:
    """Say whether neither address leads to, or into, what the other does: the ways there part at two pointers
    from outside, at two fields of one struct that share no storage, or at two indices."""
    first, second = way(one), way(two)
    if model.value(first[0]) != model.value(second[0]):
        return {first[0].op, second[0].op} <= OUTER | KNOWN
    for left, right in zip(first[1:], second[1:], strict=False):
        if left.op != right.op:
            return False
        if isinstance(left.data, Field) and isinstance(right.data, Field):
            if left.data.record != right.data.record:
                return False
            if left.data.field != right.data.field:
                return _share_nothing(left.data, right.data)
        elif left.data != right.data:
            return False
        elif model.value(left.args[1]) != model.value(right.args[1]):
            return True
    return False


def _share_nothing(one: Field, two: Field) -> bool:
    layouts = {one.layout, two.layout}
    if "unknown" in layouts:
        return layouts == {"unknown"} and one.record not in SHARING
    return "disjoint" in layouts

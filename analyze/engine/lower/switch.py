"""switch: labels anywhere in its body, ranges, default anywhere, labels under a configuration (L1, T7)."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...syntax import Node
from ..constant import wrap
from ..ctype import Integer, Unknown, promoted
from ..ir import Branch, Case, ConfigFlag, Const, Expr, Jump, Switch, Symbol
from .condition import key_words
from .context import Lowering


@dataclass(slots=True)
class _Label:
    low: Expr
    high: Expr
    block: int
    arms: tuple[tuple[str, bool], ...]
    words: str


@dataclass(slots=True)
class OpenSwitch:
    """A switch whose body is being lowered."""

    value: Expr
    head: int
    leave: int
    depth: int
    arms: int = 0
    labels: list[_Label] = field(default_factory=list)
    default: tuple[int, tuple[tuple[str, bool], ...]] | None = None

    def finish(self, low: Lowering, asked: Node) -> None:
        """End the block in front of the switch with it."""
        here = low.graph.here
        other = self.leave
        if self.default is not None:
            other = self._guarded(low, asked, self.default[1], self.default[0], self.leave)
        cases: list[Case] = []
        ctype = promoted(self.value.type)
        seen: dict[tuple[Expr, Expr], int] = {}
        for label in reversed(self.labels):
            key = (label.low, label.high)
            to = self._guarded(low, asked, label.arms, label.block, seen.get(key, other))
            if key in seen and not label.arms:
                raise low.refuse(asked, f"case {label.words} twice")
            seen[key] = to
            case = Case(
                low=_typed(label.low, ctype), high=_typed(label.high, ctype), to=to, words=label.words
            )
            cases = [one for one in cases if (one.low, one.high) != (case.low, case.high)]
            cases.append(case)
        low.graph.here = self.head
        value = self.value if isinstance(ctype, Unknown) else low.convert(self.value, ctype)
        low.graph.blocks[self.head].terminator = (
            Switch(
                value=value,
                cases=tuple(reversed(cases)),
                other=other,
                span=low.span(asked),
                words=low.words(asked),
            )
            if cases
            else Jump(to=other)
        )
        low.graph.here = here

    def _guarded(
        self, low: Lowering, node: Node, arms: tuple[tuple[str, bool], ...], block: int, other: int
    ) -> int:
        for key, holds in reversed(arms):
            made = low.graph.new()
            then, lacks = (block, other) if holds else (other, block)
            low.graph.blocks[made].terminator = Branch(
                condition=ConfigFlag(key=key),
                then=then,
                other=lacks,
                span=low.span(node),
                words=key_words(key),
            )
            block = made
        return block


def _typed(value: Expr, ctype: object) -> Expr:
    if isinstance(value, Const) and isinstance(ctype, Integer):
        return Const(value=wrap(value.value, ctype), type=ctype, name=value.name)
    return value


def label(low: Lowering, node: Node) -> None:
    """Lower `case x:`, `case a ... b:`, `default:` and what the grammar puts behind it."""
    if not low.switches:
        raise low.refuse(node, "case outside a switch")
    found = low.switches[-1]
    assert isinstance(found, OpenSwitch)
    if any(scope.cleanups for scope in low.scopes[found.depth + 1 :]):
        raise low.refuse(node, "case past a cleanup")
    value = node.child("value")
    block = low.graph.new()
    low.graph.enter(block)
    arms = tuple(low.arms[found.arms :])
    if value is None:
        if found.default is not None:
            raise low.refuse(node, "default twice")
        found.default = (block, arms)
    else:
        first, last = _bounds(low, value)
        found.labels.append(_Label(first, last, block, arms, low.words(value)))
    low.tables.block_items(low, [one for one in node.named_children if one != value])


def _bounds(low: Lowering, value: Node) -> tuple[Expr, Expr]:
    left, right, sign = value.child("left"), value.child("right"), value.child("operator")
    ranged = sign is not None and low.fragment.rewrite("case-range", _dots(low, value)) is not None
    if ranged and left is not None and right is not None:
        return _constant(low, left), _constant(low, right)
    one = _constant(low, value)
    return one, one


def _dots(low: Lowering, value: Node) -> int:
    return low.fragment.code.find("...", value.start, value.end)


def _constant(low: Lowering, node: Node) -> Expr:
    before = low.graph.emitted, low.graph.here
    value = low.value(node)
    if (low.graph.emitted, low.graph.here) != before:
        raise low.refuse(node, f"case {low.words(node)[:60]}")
    if isinstance(value, Const | Symbol):
        return value
    return value

"""Conditions as branches, before values are made of them (T3); and the values of what is a condition by
nature."""

from __future__ import annotations

from collections.abc import Callable

from ...syntax import Node
from ..ctype import INT, Pointer, Unknown, Void, is_floating, spell
from ..fragment import only_expression
from ..ir import NULL, Assign, Binary, Branch, Cast, ConfigFlag, Const, Expr, Jump, Local, Read, Unary
from . import expression, macro, order
from .context import Lowering

_ZERO = frozenset({"0", "NULL", "false", "0UL", "0L", "0U", "0u", "0ul"})
_OPPOSITE = {"!=": "=="}


def branch(low: Lowering, value: Expr, node: Node, then: int, other: int, words: str | None = None) -> None:
    """End the block with a branch on a value."""
    if isinstance(value.type, Void):
        raise low.refuse(node, "void as a condition")
    if is_floating(value.type):
        raise low.refuse(node, f"{spell(value.type)} as a condition")
    if isinstance(value, Const):
        low.graph.end(Jump(to=then if value.value else other))
        return
    while True:
        if isinstance(value, Unary) and value.op == "!":
            value, then, other = value.value, other, then
        elif (
            isinstance(value, Binary)
            and value.op in ("==", "!=")
            and _is_zero(value.right)
            and not is_floating(value.left.type)
        ):
            if value.op == "==":
                then, other = other, then
            value = value.left
        else:
            break
    said = low.words(node) if words is None else words
    low.graph.end(Branch(condition=value, then=then, other=other, span=low.span(node), words=said))


def _is_zero(value: Expr) -> bool:
    return isinstance(value, Const) and value.value == 0 and not isinstance(value.type, Unknown)


def lower(low: Lowering, node: Node, then: int, other: int) -> None:
    """Lower an expression as branches to `then` where it is not 0, else to `other`."""
    kind = node.kind
    if (
        kind == "parenthesized_expression"
        and len(node.named_children) == 1
        and (node.named_children[0].kind != "compound_statement")
    ):
        low.condition(node.named_children[0], then, other)
    elif kind == "unary_expression" and node.children[0].kind == "!":
        low.condition(_part(low, node, "argument"), other, then)
    elif kind == "binary_expression" and _binary(low, node, then, other):
        return
    elif kind == "comma_expression":
        expression.discard(low, _part(low, node, "left"))
        low.condition(_part(low, node, "right"), then, other)
    elif kind == "conditional_expression":
        _conditional(low, node, then, other)
    elif (kind == "call_expression" and _call(low, node, then, other)) or (
        kind == "identifier" and _name(low, node, then, other)
    ):
        return
    else:
        branch(low, low.value(node), node, then, other)


def _part(low: Lowering, node: Node, field: str) -> Node:
    found = node.child(field)
    if found is None:
        raise low.refuse(node, f"{node.kind} without its {field}")
    return found


def _binary(low: Lowering, node: Node, then: int, other: int) -> bool:
    sign = _part(low, node, "operator").kind
    if sign in ("&&", "||"):
        chain = _chain(low, node, sign)
        for one in chain[:-1]:
            following = low.graph.new()
            low.condition(one, *((following, other) if sign == "&&" else (then, following)))
            low.graph.resume(following)
        low.condition(chain[-1], then, other)
        return True
    if sign in ("==", "!="):
        left, right = _part(low, node, "left"), _part(low, node, "right")
        if low.written(left).strip() in _ZERO:
            left, right = right, left
        if low.written(right).strip() in _ZERO and not _types_matter(left):
            low.condition(left, *((other, then) if sign == "==" else (then, other)))
            return True
    return False


def _types_matter(node: Node) -> bool:
    """Say whether a zero beside it may not be C's own: a cast that stands for an operator."""
    return node.kind == "cast_expression"


def _chain(low: Lowering, node: Node, sign: str) -> list[Node]:
    """Return the operands of `a && b && c`, which the grammar nests to the left, without recursion."""
    found: list[Node] = []
    while node.kind == "binary_expression" and _part(low, node, "operator").kind == sign:
        found.append(_part(low, node, "right"))
        node = _part(low, node, "left")
    return [node, *reversed(found)]


def _conditional(low: Lowering, node: Node, then: int, other: int) -> None:
    asked, first = _part(low, node, "condition"), node.child("consequence")
    second = _part(low, node, "alternative")
    if first is None:  # a ?: b
        following = low.graph.new()
        low.condition(asked, then, following)
        low.graph.resume(following)
        low.condition(second, then, other)
        return
    one, two = low.graph.new(), low.graph.new()
    low.condition(asked, one, two)
    low.graph.resume(one)
    low.condition(first, then, other)
    low.graph.resume(two)
    low.condition(second, then, other)


def _call(low: Lowering, node: Node, then: int, other: int) -> bool:
    from .call import condition_of

    return condition_of(low, node, then, other)


def _name(low: Lowering, node: Node, then: int, other: int) -> bool:
    """Lower an object-like macro as the condition that it expands to."""
    name = low.written(node)
    if low.lookup(name) is not None or low.is_painted(node) or low.environment.constant(name) is not None:
        return False
    found = low.macro(name)
    if found is None or found.parameters is not None:
        return False
    fragment = macro.expand(low, node, name, None)
    inner = only_expression(fragment) if fragment is not None else None
    if fragment is None or inner is None:
        return False
    with low.reading(fragment):
        low.condition(inner, then, other)
    return True


# Values


def logical(low: Lowering, node: Node) -> Expr:
    """Lower a condition as an int: 1 or 0, by branches."""
    return choose(low, node, lambda then, other: low.condition(node, then, other))


def choose(low: Lowering, node: Node, ask: Callable[[int, int], None]) -> Expr:
    """Return 1 where `ask` goes to its first block, 0 where to its second."""
    then, other, join = low.graph.new(), low.graph.new(), low.graph.new()
    made = Local(variable=low.temporary(INT))
    ask(then, other)
    for block, result in ((then, 1), (other, 0)):
        low.graph.resume(block)
        low.emit(Assign(target=made, value=Const(value=result, type=INT), span=low.span(node)))
        low.graph.end(Jump(to=join))
    low.graph.resume(join)
    return Read(place=made, type=INT)


def binary(low: Lowering, node: Node) -> Expr:
    """Lower a binary operator: `&&` and `||` by branches, the rest evaluates both sides."""
    sign = _part(low, node, "operator").kind
    return logical(low, node) if sign in ("&&", "||") else expression.binary(low, node)


def unary(low: Lowering, node: Node) -> Expr:
    """Lower a unary operator; `!` of a condition is a condition."""
    if node.children[0].kind != "!":
        return expression.unary(low, node)
    inner, odd = _under_negations(low, node)
    if inner.kind == "binary_expression" and _part(low, inner, "operator").kind in ("&&", "||"):
        return logical(low, node)
    if inner.kind == "compound_statement":
        return expression.unary(low, node)
    value = low.value(inner)
    if isinstance(value, Const) and not isinstance(value.type, Unknown):
        return Const(value=int((value.value == 0) == odd), type=INT)
    if isinstance(value.type, Void):
        raise low.refuse(node, "void as a condition")
    if odd:
        return Unary(op="!", value=value, type=INT)
    if isinstance(value, Binary) and value.op in expression.COMPARISONS:
        return value
    zero = NULL if isinstance(value.type, Pointer) else Const(value=0, type=INT)
    return expression.combine(low, node, "!=", value, zero)


def _under_negations(low: Lowering, node: Node) -> tuple[Node, bool]:
    """Return what `!`, `!!`, `!(!(...))` are of, and whether their number is odd."""
    odd = False
    while True:
        if node.kind == "unary_expression" and node.children[0].kind == "!":
            odd = not odd
            node = _part(low, node, "argument")
        elif node.kind == "parenthesized_expression" and len(node.named_children) == 1:
            node = node.named_children[0]
        else:
            return node, odd


def conditional(low: Lowering, node: Node) -> Expr:
    """Lower `c ? a : b` and `a ?: b`."""
    asked, first = _part(low, node, "condition"), node.child("consequence")
    second = _part(low, node, "alternative")
    then, other, join = low.graph.new(), low.graph.new(), low.graph.new()
    if first is None:
        order.mark(low, node, [])
        value = low.value(asked)
        held = Read(place=low.hold(value, asked), type=value.type)
        branch(low, held, asked, then, other)
    else:
        low.condition(asked, then, other)
    low.graph.resume(then)
    one = held if first is None else low.value(first)
    after_one = low.graph.here
    if low.graph.blocks[after_one].terminator is None:
        low.graph.here = low.graph.new()
    low.graph.resume(other)
    two = low.value(second)
    after_two = low.graph.here
    return _join(low, node, ((after_one, one), (after_two, two)), join)


def _join(low: Lowering, node: Node, ways: tuple[tuple[int, Expr], ...], join: int) -> Expr:
    ctype = expression.common_type(low, ways[0][1], ways[1][1])
    made = None if isinstance(ctype, Void) else Local(variable=low.temporary(ctype))
    low.graph.here = low.graph.new()
    for block, value in ways:
        low.graph.here = block
        if made is not None:
            low.assign(made, value, node)
        low.graph.end(Jump(to=join))
    low.graph.resume(join)
    return Cast(value=Const(value=0, type=INT), type=ctype) if made is None else Read(place=made, type=ctype)


def flag(low: Lowering, key: str, node: Node, then: int, other: int) -> None:
    """Branch on a condition of the configuration (T7)."""
    low.graph.end(
        Branch(
            condition=ConfigFlag(key=key), then=then, other=other, span=low.span(node), words=key_words(key)
        )
    )


def key_words(key: str) -> str:
    """Return how a reader knows a configuration's flag."""
    return key.removeprefix("y:").removeprefix("#if ") if not key.startswith("m:") else f"{key[2:]}=m"

"""How tightly expressions hold together: whether a macro's expansion is one operand where it is used (C7).

`#define BOTH A | B` in `x & BOTH` is `(x & A) | B` to a compiler. The expansion is read by itself, as if it
stood in parentheses; where that is another expression, the use is refused.
"""

from __future__ import annotations

from ..syntax import Node

LOOSE, ASSIGNED, CHOSEN, PREFIX, PRIMARY = -2, -1, 0, 11, 12
_BINARY = {
    "*": 10, "/": 10, "%": 10, "+": 9, "-": 9, "<<": 8, ">>": 8, "<": 7, ">": 7, "<=": 7, ">=": 7,
    "==": 6, "!=": 6, "&": 5, "^": 4, "|": 3, "&&": 2, "||": 1,
}  # fmt: skip
_ASSOCIATIVE = ("&", "^", "|", "&&", "||")
_KINDS = {
    "comma_expression": LOOSE,
    "assignment_expression": ASSIGNED,
    "conditional_expression": CHOSEN,
    "unary_expression": PREFIX,
    "pointer_expression": PREFIX,
    "cast_expression": PREFIX,
    "sizeof_expression": PREFIX,
    "update_expression": PREFIX,
}
_ARGUMENTS = ("argument_list", "initializer_list", "init_declarator", "initializer_pair")
_POSTFIX = {"field_expression": "argument", "subscript_expression": "argument", "call_expression": "function"}


def _sign(node: Node) -> str:
    sign = node.child("operator")
    return sign.kind if sign is not None else ""


def strength(node: Node) -> int:
    """Return how tightly an expression holds together: the precedence of its outermost operator."""
    if node.kind == "binary_expression":
        return _BINARY.get(_sign(node), LOOSE)
    return _KINDS.get(node.kind, PRIMARY)


def asked(node: Node, inner: Node) -> int:
    """Return how tightly what stands at `node` must hold together to be the operand that is written there;
    `inner` is what it will be."""
    parent = node.parent
    if parent is None or parent.kind in _ARGUMENTS:
        return LOOSE if parent is None else ASSIGNED
    if parent.kind == "binary_expression":
        needed = strength(parent)
        same = _sign(parent) in _ASSOCIATIVE and _sign(inner) == _sign(parent)
        return needed if node == parent.child("left") or same else needed + 1
    if parent.kind in _POSTFIX:
        return PRIMARY if node == parent.child(_POSTFIX[parent.kind]) else LOOSE
    if parent.kind == "conditional_expression":
        if node == parent.child("consequence"):
            return LOOSE
        return CHOSEN if node == parent.child("alternative") else CHOSEN + 1
    if parent.kind == "assignment_expression":
        return PREFIX if node == parent.child("left") else ASSIGNED
    if parent.kind == "update_expression":
        return PRIMARY
    return PREFIX if _KINDS.get(parent.kind) == PREFIX else LOOSE

"""Refactorings of flow: inverted if/else, early return for goto, ternary for if, De Morgan, loop form.

Each takes a view of a function and yields (line, text of the whole function after it).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from lorelens.analyze.syntax import Node, walk

from .view import Edit, View, apply, has, inner, statements

_SMALL = re.compile(r"\d{1,9}|true|false|NULL")
_ERROR = re.compile(r"0|-E[A-Z0-9]+")
Texts = Iterator[tuple[int, str]]


def inverted(found: View) -> Texts:
    """`if (c) A else B` -> `if (!(c)) B else A`."""
    for node in found.nodes("if_statement"):
        condition, then, other = node.child("condition"), node.child("consequence"), _else(node)
        if condition is None or then is None or other is None or _has_case(then) or _has_case(other):
            continue
        new = f"if (!({found.of(inner(condition))})) {_braced(found, other)} else {_braced(found, then)}"
        yield _put(found, node, new)


def de_morgan(found: View) -> Texts:
    """`a && b` -> `!(!(a) || !(b))`, and the same for ||, in the conditions of if, while, do and for."""
    for node in found.nodes("if_statement", "while_statement", "for_statement", "do_statement"):
        condition = node.child("condition")
        top = inner(condition) if condition is not None else None
        if top is None or top.kind != "binary_expression" or not is_written(found, node):
            continue
        left, right, operator = top.child("left"), top.child("right"), found.of_operator(top)
        other = {"&&": "||", "||": "&&"}.get(operator)
        if other and left is not None and right is not None:
            yield _put(found, top, f"!({_denied(found, left)} {other} {_denied(found, right)})")


def ternary(found: View) -> Texts:
    """`if (c) x = a; else x = b;` -> `x = c ? a : b;`, and `if (c) return a; return b;` the same."""
    for node in found.nodes("if_statement"):
        condition, then, other = node.child("condition"), node.child("consequence"), _else(node)
        if condition is None or then is None:
            continue
        test = found.of(inner(condition))
        if other is not None:
            one, two = _assigned(found, then), _assigned(found, other)
            if one and two and one[0] == two[0] and _same_type(found, one[1], two[1]):
                yield _put(found, node, f"{one[0]} = ({test}) ? {one[1]} : {two[1]};")
        else:
            following = _next(node)
            one, two = _returned(found, then), _returned(found, following)
            near = following is not None and not found.text[node.end : following.start].strip()
            if one and two and following is not None and near and _same_type(found, one, two):
                line = found.text.count("\n", 0, node.start) + 1
                edit = Edit(node.start, following.end, f"return ({test}) ? {one} : {two};")
                yield line, apply(found.text, [edit])


def early_return(found: View) -> Texts:
    """`goto out;` -> `return v;` where out: is followed by `return v;` alone; all gotos to it at once."""
    if found.is_scoped():
        return
    for label in found.nodes("labeled_statement"):
        name = label.child("label")
        inside = [child for child in statements(label) if child != name]
        if (
            name is None
            or len(inside) != 1
            or inside[0].kind != "return_statement"
            or label.parent != found.body
        ):
            continue
        value = _returned(found, inside[0])
        if value is not None and not re.fullmatch(r"-?\w+", value):
            continue
        jumps = [
            node
            for node in walk(found.body)
            if node.kind == "goto_statement" and found.of(name) in _target(found, node)
        ]
        written = len(re.findall(rf"\bgoto\s+{found.of(name)}\b", found.source.mask))
        if (
            not jumps
            or written != len(jumps)
            or _shadows(found, value or "")
            or any(not found.plain(jump) for jump in jumps)
        ):
            continue
        new = found.of(inside[0])
        edits = [Edit(jump.start, jump.end, new) for jump in jumps]
        edits.append(Edit(label.start, inside[0].start, ""))
        yield found.text.count("\n", 0, jumps[0].start) + 1, apply(found.text, edits)


def loop_form(found: View) -> Texts:
    """`while (c) B` -> `for (; c;) B` or a guarded do-while; `for (i; c; s) B` -> `i; while (c) { B s; }`."""
    for number, node in enumerate(found.nodes("while_statement", "for_statement")):
        condition, body = node.child("condition"), node.child("body")
        if body is None or not is_written(found, node) or node.parent is None:
            continue
        if node.kind == "while_statement" and condition is not None:
            test = found.of(inner(condition))
            if number % 2 or _has_case(body):
                yield _put(found, node, f"for (; {test}; ) {found.of(body)}")
            else:
                yield _put(found, node, f"if ({test}) {{ do {_braced(found, body)} while ({test}); }}")
        elif node.kind == "for_statement":
            yield from _unrolled_head(found, node, body)


def _unrolled_head(found: View, node: Node, body: Node) -> Texts:
    """Write a for as a while; not where a `continue` would leave out the step."""
    first, test, step = node.child("initializer"), node.child("condition"), node.child("update")
    if step is None or test is None or has(body, "continue_statement", "goto_statement", "switch_statement"):
        return
    head = "" if first is None else found.of(first).rstrip(";") + "; "
    yield _put(found, node, f"{{ {head}while ({found.of(test)}) {{ {found.of(body)} {found.of(step)}; }} }}")


# Small questions


def is_written(found: View, node: Node) -> bool:
    """Say whether the head of a loop is the text's own (macros that loop are parsed as `while`)."""
    head = found.text[node.start : node.start + 5]
    return (
        re.match(r"(?:if|for|while|do)\b", head) is not None
        and head == found.tree.text[node.start : node.start + 5]
    )


def _put(found: View, node: Node, new: str) -> tuple[int, str]:
    line = found.text.count("\n", 0, node.start) + 1
    return line, apply(found.text, [Edit(node.start, node.end, new)])


def _else(node: Node) -> Node | None:
    other = node.child("alternative")
    inside = [child for child in other.named_children if child.kind != "comment"] if other is not None else []
    return inside[0] if inside else None


def _braced(found: View, node: Node) -> str:
    return found.of(node) if node.kind == "compound_statement" else "{ " + found.of(node) + " }"


def _denied(found: View, node: Node) -> str:
    inside = inner(node)
    argument = inside.child("argument") if inside.kind == "unary_expression" else None
    if argument is not None and found.of(inside).startswith("!"):
        return "!!" + found.of(argument) if argument.kind == "binary_expression" else _truth(found, argument)
    return f"!({found.of(node)})"


def _truth(found: View, node: Node) -> str:
    return (
        found.of(node)
        if node.kind in ("identifier", "call_expression", "field_expression")
        else f"({found.of(node)})"
    )


def _only(node: Node) -> Node:
    """Return the one statement in a block, else the block."""
    inside = statements(node) if node.kind == "compound_statement" else []
    return inside[0] if len(inside) == 1 else node


def _assigned(found: View, node: Node) -> tuple[str, str] | None:
    """Return (variable, value) of a statement that does nothing but assign to a plain name."""
    inside = _only(node).named_children
    if (
        _only(node).kind != "expression_statement"
        or len(inside) != 1
        or inside[0].kind != "assignment_expression"
    ):
        return None
    left, right = inside[0].child("left"), inside[0].child("right")
    if left is None or right is None or left.kind != "identifier" or found.of_operator(inside[0]) != "=":
        return None
    return found.of(left), found.of(right)


def _returned(found: View, node: Node | None) -> str | None:
    """Return the text of what a statement returns; None where it is no return of a value."""
    if node is None or _only(node).kind != "return_statement":
        return None
    inside = [child for child in _only(node).named_children if child.kind != "comment"]
    return found.of(inside[0]) if inside else None


def _same_type(found: View, one: str, two: str) -> bool:
    """Say whether `c ? one : two` converts neither: small constants, errors, or locals declared alike."""
    if all(_SMALL.fullmatch(value) for value in (one, two)) or all(
        _ERROR.fullmatch(value) for value in (one, two)
    ):
        return True
    types = [_declared_type(found, value) for value in (one, two)]
    return types[0] is not None and types[0] == types[1]


def _declared_type(found: View, name: str) -> str | None:
    """Return how a local or parameter is declared, once in the function; None otherwise."""
    from .refactor_functions import declared  # the two modules share what is known of locals

    return declared(found).get(name)


def _next(node: Node) -> Node | None:
    """Return the statement behind a node in the same block."""
    block = node.parent
    own = statements(block) if block is not None and block.kind == "compound_statement" else []
    for one, two in pairwise(own):
        if one == node:
            return two
    return None


def _target(found: View, node: Node) -> tuple[str, ...]:
    label = node.child("label")
    return (found.of(label),) if label is not None else ()


def _shadows(found: View, value: str) -> bool:
    """Say whether a name is declared twice in the function."""
    name = value.lstrip("-")
    declared = 0
    for node in walk(found.root):
        if node.kind in ("declaration", "parameter_declaration"):
            declared += len(re.findall(rf"\b{re.escape(name)}\b", found.of(node))) if name else 0
    return declared > 1


def _has_case(node: Node) -> bool:
    return has(node, "case_statement") and not has(node, "switch_statement")

"""Statements: blocks, if, loops, switch, labels, and macros that stand as statements."""

from __future__ import annotations

from dataclasses import replace

from ...rewriting import Rewrite
from ...syntax import Node
from ..fragment import Fragment, only_expression
from ..ir import Jump
from . import cleanup, configuration, declaration, expression, iteration, macro
from .call import defined_here
from .context import Lowering, Turn
from .known import value_of
from .scope import close_scope, jump_to_label, open_scope, place_label
from .switch import OpenSwitch

_SCOPED = ("scoped_guard", "scoped_cond_guard")


def block(low: Lowering, node: Node) -> None:
    """Lower `{ ... }`."""
    open_scope(low, node)
    block_items(low, list(node.named_children))
    close_scope(low)


def block_items(low: Lowering, items: list[Node]) -> None:
    """Lower statements and declarations in the scope that is open."""
    for one in items:
        if one.kind == "comment":
            continue
        if one.kind.startswith("preproc_"):
            configuration.conditional(low, one)
        else:
            low.statement(one)


def expression_statement(low: Lowering, node: Node) -> None:
    """Lower an expression for what it does; macros at hand that are statements, or declare, as such."""
    inner = [one for one in node.named_children if one.kind != "comment"]
    if not inner:
        return
    found = inner[0]
    if found.kind == "identifier":
        _name(low, found)
        return
    if found.kind == "call_expression":
        function = found.child("function")
        name = low.written(function) if function is not None and function.kind == "identifier" else ""
        if name and _macro_statement(low, found, name):
            return
    if found.kind == "conditional_expression" or (
        found.kind == "binary_expression" and low.written(found.child("operator") or found) in ("&&", "||")
    ):
        _for_effect(low, found)
        return
    expression.discard(low, found)


def _for_effect(low: Lowering, node: Node) -> None:
    """Lower `c ? f() : g();` and `c && f();`, whose value nobody uses."""
    first = node.child("consequence")
    if node.kind == "conditional_expression" and first is not None:
        then, other, join = low.graph.new(), low.graph.new(), low.graph.new()
        asked, second = node.child("condition"), node.child("alternative")
        if asked is None or second is None:
            raise low.refuse(node, "conditional expression")
        low.condition(asked, then, other)
        for where, what in ((then, first), (other, second)):
            low.graph.resume(where)
            expression.discard(low, what)
            low.graph.end(Jump(to=join))
        low.graph.resume(join)
    else:
        expression.discard(low, node)


def _name(low: Lowering, node: Node) -> None:
    name = low.written(node)
    if name == "fallthrough":
        return
    if name == iteration.BODY and low.bodies:
        iteration.resume_body(low)
        return
    found = low.macro(name) if low.lookup(name) is None and not low.is_painted(node) else None
    if found is not None and found.parameters is None:
        fragment = macro.expand(low, node, name, None)
        if fragment is not None:
            statements(low, node, fragment_items=fragment)
            return
    if low.lookup(name) is None and low.environment.variable(name) is None:
        raise low.refuse(node, f"{name} as a statement")
    expression.discard(low, node)


def statements(low: Lowering, node: Node, fragment_items: Fragment) -> None:
    """Lower what a macro expands to in the scope of its use."""
    if fragment_items.root.has_error or fragment_items.root.kind != "compound_statement":
        raise low.refuse(node, f"macro {low.words(node)[:60]}")
    items = [
        one
        for one in fragment_items.root.named_children
        if one.kind != "comment" and (one.kind != "expression_statement" or one.named_children)
    ]
    single, before_else = _place(low, node)
    if (single and len(items) > 1) or (before_else and items and _takes_else(items[-1])):
        raise low.refuse(node, f"macro {low.words(node)[:60]} is no statement of its own")
    with low.reading(replace(fragment_items, single=single, before_else=before_else)):
        block_items(low, list(fragment_items.root.named_children))


def _place(low: Lowering, node: Node) -> tuple[bool, bool]:
    """Say whether a macro is used where one statement is asked for, and whether an else follows."""
    here, single, before_else = node, False, False
    while here.parent is not None and here.parent.kind != "compound_statement":
        inner, here = here, here.parent
        single |= here.kind in _BODIED
        alternative = here.child("alternative") if here.kind == "if_statement" else None
        before_else |= alternative is not None and alternative != inner
    if here.parent == low.fragment.root and only_expression(low.fragment) == node:
        return low.fragment.single, low.fragment.before_else
    return single, before_else


_BODIED = (
    "if_statement",
    "else_clause",
    "for_statement",
    "while_statement",
    "do_statement",
    "switch_statement",
)


def _takes_else(item: Node) -> bool:
    """Say whether an else behind a statement would belong to an if in it."""
    while True:
        if item.kind == "if_statement" and item.child("alternative") is None:
            return True
        following = item.child("alternative") or item.child("body")
        if following is None or item.kind == "do_statement":
            return False
        if following.kind == "else_clause":
            following = following.named_children[-1]
        item = following


def _macro_statement(low: Lowering, node: Node, name: str) -> bool:
    """Lower a macro's call as statements; say whether it was one."""
    function = node.child("function")
    if low.lookup(name) is not None or (function is not None and low.is_painted(function)):
        return False
    if value_of(name) is not None and not defined_here(low, name):
        return False
    found = low.macro(name)
    if declaration.is_static(low, node):
        if not declaration.by_macro(low, node, name):
            raise low.refuse(node, f"static {name}")
        return True
    if found is not None and found.parameters is not None:
        fragment = macro.expand(low, node, name, macro.arguments_of(low, node))
        if fragment is None:
            return False
        statements(low, node, fragment)
        return True
    return declaration.by_macro(low, node, name)


def conditional(low: Lowering, node: Node) -> None:
    """Lower if, else if, else; a chain of them without recursion. A scoped macro's head is `if`, too."""
    if low.fragment.rewrite("loop", node.start) is not None:
        macro_head(low, node)
        return
    join = low.graph.new()
    here: Node | None = node
    while here is not None:
        asked, body = here.child("condition"), here.child("consequence")
        if asked is None or body is None:
            raise low.refuse(here, "if")
        then, other = low.graph.new(), low.graph.new()
        low.condition(asked, then, other)
        low.graph.resume(then)
        alone(low, body)
        low.graph.end(Jump(to=join))
        low.graph.resume(other)
        alternative = here.child("alternative")
        here = None
        if alternative is not None:
            inner = [one for one in alternative.named_children if one.kind != "comment"]
            if len(inner) != 1:
                raise low.refuse(alternative, "else")
            if inner[0].kind == "if_statement" and low.fragment.rewrite("loop", inner[0].start) is None:
                here = inner[0]
            else:
                alone(low, inner[0])
    low.graph.end(Jump(to=join))
    low.graph.resume(join)


def alone(low: Lowering, node: Node) -> None:
    """Lower a statement that is a scope of its own: a body without braces."""
    if node.kind == "compound_statement":
        low.statement(node)
        return
    open_scope(low, node)
    block_items(low, [node])
    close_scope(low)


def macro_head(low: Lowering, node: Node) -> None:
    """Lower a macro with a body behind it, which the normaliser respelled `while (...)` or `if (...)`."""
    head, body = node.child("condition"), node.child("body") or node.child("consequence")
    if head is None or body is None:
        raise low.refuse(node, "loop macro")
    name = low.fragment.code[node.start : head.end]
    opened = name.find("(")
    given = macro.split_arguments(name[opened + 1 : name.rfind(")")])
    name = name[:opened].strip()
    if name in _SCOPED:
        cleanup.scoped(low, node, given, body, conditional=name == "scoped_cond_guard")
    else:
        iteration.lower(low, node, name, given, head, body)


def while_loop(low: Lowering, node: Node) -> None:
    """Lower while, and the loop macros that were respelled so."""
    if low.fragment.rewrite("loop", node.start) is not None:
        macro_head(low, node)
        return
    asked, body = node.child("condition"), node.child("body")
    if asked is None or body is None:
        raise low.refuse(node, "while")
    head, inside, leave = low.graph.new(), low.graph.new(), low.graph.new()
    low.graph.enter(head)
    low.condition(asked, inside, leave)
    low.graph.resume(inside)
    turn(low, body, leave, head)
    low.graph.end(Jump(to=head))
    low.graph.resume(leave)


def turn(low: Lowering, body: Node, leave: int, again: int) -> None:
    """Lower a loop's body."""
    low.turns.append(Turn(leave=leave, again=again, depth=len(low.scopes)))
    alone(low, body)
    low.turns.pop()


def do_loop(low: Lowering, node: Node) -> None:
    """Lower do ... while; one whose tail is a macro is that macro's loop."""
    body, asked = node.child("body"), node.child("condition")
    if asked is None or body is None:
        raise low.refuse(node, "do")
    if any(one.rule == "loop" and body.end <= one.start < asked.start for one in _rewrites(low)):
        head = low.fragment.code[body.end : asked.start].strip()
        iteration.tail(
            low, node, head, macro.split_arguments(low.fragment.written(asked).strip()[1:-1]), body
        )
        return
    inside, test, leave = low.graph.new(), low.graph.new(), low.graph.new()
    low.graph.enter(inside)
    turn(low, body, leave, test)
    low.graph.enter(test)
    low.condition(asked, inside, leave)
    low.graph.resume(leave)


def _rewrites(low: Lowering) -> list[Rewrite]:
    return [one for starts in low.fragment.rewrites.values() for one in starts]


def for_loop(low: Lowering, node: Node) -> None:
    """Lower for, a declaration in its head included."""
    first, asked, step = node.child("initializer"), node.child("condition"), node.child("update")
    body = node.child("body")
    if body is None:
        raise low.refuse(node, "for")
    open_scope(low, node)
    if first is not None and first.kind == "declaration":
        low.statement(first)
    elif first is not None:
        expression.discard(low, first)
    head, inside, following, leave = (low.graph.new() for _ in range(4))
    low.graph.enter(head)
    if asked is None:
        low.graph.end(Jump(to=inside))
    else:
        low.condition(asked, inside, leave)
    low.graph.resume(inside)
    turn(low, body, leave, following)
    low.graph.enter(following)
    if step is not None:
        expression.discard(low, step)
    low.graph.end(Jump(to=head))
    low.graph.resume(leave)
    close_scope(low)


def switch(low: Lowering, node: Node) -> None:
    """Lower switch: its labels are found while its body is lowered."""
    asked, body = node.child("condition"), node.child("body")
    if asked is None or body is None:
        raise low.refuse(node, "switch")
    open_scope(low, node)
    value = low.value(asked)
    leave = low.graph.new()
    found = OpenSwitch(value, low.graph.here, leave, len(low.scopes), len(low.arms))
    low.graph.here = low.graph.new()
    low.switches.append(found)
    low.turns.append(Turn(leave=leave, again=-1, depth=len(low.scopes)))
    alone(low, body)
    low.turns.pop()
    low.switches.pop()
    low.graph.enter(leave)
    found.finish(low, asked)
    close_scope(low)


def labeled(low: Lowering, node: Node) -> None:
    """Lower `name: statement`."""
    label = node.child("label")
    if label is None:
        raise low.refuse(node, "label")
    place_label(low, node, low.fragment.code[label.start : label.end])
    block_items(low, [one for one in node.named_children if one != label])


def goto(low: Lowering, node: Node) -> None:
    """Lower goto."""
    label = node.child("label")
    if label is None:
        raise low.refuse(node, "computed goto")
    jump_to_label(low, node, low.fragment.code[label.start : label.end])


def nothing(low: Lowering, node: Node) -> None:
    """Lower what says nothing at run time: `;`, attributes, types."""


def attributed(low: Lowering, node: Node) -> None:
    """Lower a statement with an attribute in front: `[[fallthrough]];`."""
    block_items(low, [one for one in node.named_children if one.kind != "attribute_declaration"])

"""The for_each family: macros that are the head of a loop (L7)."""

from __future__ import annotations

from ...syntax import Node
from ..ctype import INT
from ..fragment import Fragment, only_expression
from ..ir import Argument, Assign, Branch, Const, Declare, Jump, Local, Read, Step, Variable
from . import macro
from .call import is_bare
from .context import Lowering, unknown
from .scope import close_scope, open_scope

BODY = "__body_of_the_loop"
"""The statement that stands for the body where a macro's head is expanded."""


def lower(low: Lowering, node: Node, name: str, given: list[str], head: Node, body: Node) -> None:
    """Lower a macro's loop: by its definition at hand, else as steps of an unknown iteration."""
    if low.environment.macros(name):
        expanded(low, node, name, given, body)
    else:
        stepped(low, node, name, given, head, body)


def expanded(low: Lowering, node: Node, name: str, given: list[str], body: Node) -> None:
    """Expand a head, with a mark for its body, which is lowered in its own text."""
    found = low.macro(name)
    painted = low.fragment.expanding | {name}
    text = (
        macro.substitute(found, given, painted)
        if found is not None and found.parameters is not None
        else None
    )
    low.expanded += 1
    if text is None or low.expanded > macro.MOST_EXPANSIONS or len(text) > macro.LONGEST_EXPANSION:
        raise low.refuse(node, f"loop macro {name}")
    low.calls.add(name)
    said = f"{name}({', '.join(given)})" if macro.is_prelude(low, name) else ""
    fragment = low.open(f"{text}\n\t{{ {BODY}; }}", low.span(node), painted, said)
    _around(low, node, name, fragment, body)


def _around(low: Lowering, node: Node, name: str, fragment: Fragment, body: Node) -> None:
    """Lower an expansion that holds the mark for a body."""
    if fragment.root.has_error:
        raise low.refuse(node, f"loop macro {name}")
    low.bodies.append((low.fragment, low.number, body))
    waiting = len(low.bodies)
    with low.reading(fragment):
        low.tables.block_items(low, list(fragment.root.named_children))
    if len(low.bodies) >= waiting:
        raise low.refuse(node, f"loop macro {name} without its body")


def tail(low: Lowering, node: Node, name: str, given: list[str], body: Node) -> None:
    """Lower `do { ... } for_each_x(...);`, where the macro at hand is `while (...)`."""
    found = low.macro(name)
    text = macro.substitute(found, given, low.fragment.expanding | {name}) if found is not None else None
    if text is None or not text.lstrip().startswith("while"):
        raise low.refuse(node, f"a loop whose tail is {name}")
    low.calls.add(name)
    said = f"{name}({', '.join(given)})" if macro.is_prelude(low, name) else ""
    fragment = low.open(f"do {{ {BODY}; }} {text};", low.span(node), low.fragment.expanding | {name}, said)
    _around(low, node, name, fragment, body)


def resume_body(low: Lowering) -> None:
    """Lower the body of the loop macro that is being expanded, in the text that it stands in."""
    from .statement import alone

    fragment, number, body = low.bodies.pop()
    before = low.fragment, low.number
    low.fragment, low.number = fragment, number
    alone(low, body)
    low.fragment, low.number = before


def stepped(low: Lowering, node: Node, name: str, given: list[str], head: Node, body: Node) -> None:
    """Lower an unknown macro's loop: each turn begins with a Step."""
    from .statement import turn

    span = low.span(node)
    low.calls.add(name)
    open_scope(low, node)
    token, more = low.temporary(unknown(f"token {name}")), low.temporary(INT)
    low.emit(Assign(target=Local(variable=token), value=Const(value=0, type=INT), span=span))
    start, inside, leave = low.graph.new(), low.graph.new(), low.graph.new()
    _declare(low, node, name, given)
    low.graph.enter(start)
    arguments, detail = arguments_by_text(low, node, given)
    low.emit(
        Step(more=more, token=token, macro=name, arguments=arguments, span=span, detail="; ".join(detail))
    )
    words = " ".join(f"{name}({', '.join(given)})".split())
    asked = Read(place=Local(variable=more), type=INT)
    low.graph.end(Branch(condition=asked, then=inside, other=leave, span=span, words=words))
    low.graph.resume(inside)
    turn(low, body, leave, start)
    low.graph.end(Jump(to=start))
    low.graph.resume(leave)
    close_scope(low)


def _declare(low: Lowering, node: Node, macro_name: str, given: list[str]) -> None:
    """Declare the iterator that a macro declares itself: a first argument that is no name yet."""
    if not given or not given[0].isidentifier() or low.lookup(given[0]) is not None:
        return
    name = given[0]
    environment = low.environment
    if (
        environment.variable(name) is None
        and not environment.macros(name)
        and not environment.is_function(name)
    ):
        made = low.variable(name, unknown(f"iterator of {macro_name}"), "local")
        low.emit(Declare(variable=made, span=low.span(node)))


def arguments_by_text(low: Lowering, node: Node, given: list[str]) -> tuple[tuple[Argument, ...], list[str]]:
    """Lower a macro's arguments from their texts; types and names of members are returned as they are."""
    found: list[Argument] = []
    detail: list[str] = []
    for text in given:
        fragment = low.open(text, low.span(node), low.fragment.expanding)
        inner = only_expression(fragment)
        if inner is None or (inner.kind == "identifier" and not _is_value(low, text)):
            detail.append(" ".join(text.split()))
            continue
        with low.reading(fragment):
            if is_bare(low, inner):
                place = low.place(inner)
                found.append(Argument(value=low.read(place, inner), place=place))
            else:
                mark = low.mark()
                value = low.value(inner)
                if mark != low.mark():
                    value = Read(place=(held := low.hold(value, inner)), type=held.type)
                found.append(Argument(value=value))
    return tuple(found), detail


def _is_value(low: Lowering, name: str) -> bool:
    """Say whether a lone name in a loop's head is a value; else it is a member's or a type's name."""
    found = low.lookup(name)
    if found is not None:
        return isinstance(found, Variable | Const)
    environment = low.environment
    return (
        environment.variable(name) is not None
        or environment.constant(name) is not None
        or environment.is_function(name)
        or name.isupper()
    )

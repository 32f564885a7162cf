"""Calls: functions, pointers, macros at hand, and what may be either (C6, C7)."""

from __future__ import annotations

import re
from collections.abc import Callable

from ...kernel.contracts import never_errors
from ...syntax import Node
from ..ctype import VOID, CType, FunctionType, Pointer, Void, decayed, promoted
from ..declare import type_by_name
from ..fragment import only_expression
from ..getters import kind_of
from ..ir import ZERO, Argument, Call, Cast, Expr, FunctionName, Local, Place, Read, Stop, Variable
from . import expression, known, macro, order
from .context import Lowering, is_upper, unknown
from .tables import FUNCTIONS, NO_RETURN

_JUMPS = re.compile(r"(?:return|goto|break|continue)\b")


def call(low: Lowering, node: Node) -> Expr:
    """Lower a call to its answer."""
    function = node.child("function")
    if function is None:
        raise low.refuse(node, "call")
    if function.kind == "identifier":
        return _named(low, node, function)
    if function.kind == "call_expression":
        found = known.class_call(low, node, function)
        if found is not None:
            return found
    if function.kind == "parenthesized_expression" and len(function.named_children) == 1:
        inner = function.named_children[0]
        written = low.typeof_at(inner)
        if written is not None:  # `(typeof(x))(y)`
            text = low.fragment.written(node)[function.end - node.start :]
            return expression.cast_to(low, node, written, expression.reread(low, node, text))
        if inner.kind == "identifier" and low.lookup(low.written(inner)) is None:
            text = low.fragment.written(node)[function.end - node.start :]
            if expression.is_type(low, low.written(inner)):  # `(T)(x)`, which the grammar takes for a call
                ctype = type_by_name(low, low.written(inner))
                return expression.cast_to(low, node, ctype, expression.reread(low, node, text))
            if any(one.parameters is not None for one in low.environment.macros(low.written(inner))):
                raise low.refuse(node, f"({low.written(inner)})(), which is not the macro")
            return expression.reread(low, node, f"{low.written(inner)}{text}")
    return through_pointer(low, node, function)


def _named(low: Lowering, node: Node, function: Node) -> Expr:
    name = low.written(function)
    if isinstance(low.lookup(name), Variable) or _is_variable(low, name):
        return through_pointer(low, node, function)
    handler = special(low, name)
    if handler is not None:
        return handler(low, node)
    if not low.is_painted(function) and low.environment.macros(name):
        found = _macro(low, node, name)
        if found is not None:
            return found
    return direct(low, node, name)


def _is_variable(low: Lowering, name: str) -> bool:
    """Say whether a name is a variable of the file that points to a function."""
    environment = low.environment
    return (
        not environment.macros(name)
        and not environment.is_function(name)
        and environment.variable(name) is not None
    )


def special(low: Lowering, name: str) -> Callable[[Lowering, Node], Expr] | None:
    """Return what the tables know of a name; a definition at hand makes an entry void (C1)."""
    if defined_here(low, name):
        return None
    return known.value_of(name)


def defined_here(low: Lowering, name: str) -> bool:
    """Say whether a name is a macro or function of the file itself (not of the prelude)."""
    environment = low.environment
    while environment.outer is not None:
        if ("macro", name) in environment.pieces or ("function", name) in environment.pieces:
            return True
        environment = environment.outer
    return False


def _macro(low: Lowering, node: Node, name: str) -> Expr | None:
    """Lower an expansion; None where the name is to be taken as a function's (or several macros') name."""
    found = low.macro(name)
    if found is None:
        return None  # several definitions: an unknown call, by any of its meanings
    if found.parameters is None:
        return _object_like(low, node, name)
    return macro.call_value(low, node, name)


def _object_like(low: Lowering, node: Node, name: str) -> Expr | None:
    """Lower `#define f g` in a call f(x)."""
    found = low.macro(name)
    arguments = node.child("arguments")
    if found is None or arguments is None or not found.body:
        return None
    if not found.body.replace("_", "a").isalnum():
        raise low.refuse(node, f"macro {name} as a function")
    if found.body == name:
        return None
    return expression.reread(low, node, f"{found.body}{low.fragment.written(arguments)}")


def condition_of(low: Lowering, node: Node, then: int, other: int) -> bool:
    """Lower a call as a condition, where it is one by nature; say whether it was."""
    function = node.child("function")
    if function is None or function.kind != "identifier":
        return False
    name = low.written(function)
    if low.lookup(name) is not None:
        return False
    if not defined_here(low, name):
        handler = known.condition_of(name)
        if handler is not None:
            handler(low, node, then, other)
            return True
    if low.is_painted(function) or known.value_of(name) is not None or low.macro(name) is None:
        return False
    fragment = macro.expand(low, node, name, macro.arguments_of(low, node))
    inner = only_expression(fragment) if fragment is not None else None
    if fragment is None or inner is None:
        return False
    with low.reading(fragment):
        low.condition(inner, then, other)
    return True


# Functions and pointers


def direct(low: Lowering, node: Node, name: str) -> Expr:
    """Lower a call by name that no table knows."""
    prototype = low.environment.prototype(name)
    if (prototype is not None and low.environment.is_function(name) and not low.environment.macros(name)) or (
        name in FUNCTIONS and not low.environment.macros(name)
    ):
        kind = "function" if defined_here(low, name) else kind_of(name)
    else:
        kind = "upper" if is_upper(name) or low.environment.macros(name) else "unknown"
    low.calls.add(name)
    given = arguments(low, node, prototype, places=kind in ("unknown", "upper"))
    result = prototype.result if prototype is not None else unknown(f"{name}()")
    sure = name in never_errors() and kind != "upper" and not defined_here(low, name)
    answer = answered(low, node, name, given, kind, result, prototype=prototype, sure=sure)
    if name in NO_RETURN or low.environment.no_return(name):
        low.graph.end(Stop(how=name, span=low.span(node)))
    return answer


def through_pointer(low: Lowering, node: Node, function: Node) -> Expr:
    """Lower a call through a pointer; `(*f)(x)` is `f(x)`."""
    inner = function
    while True:
        if inner.kind == "parenthesized_expression" and len(inner.named_children) == 1:
            inner = inner.named_children[0]
        elif inner.kind == "pointer_expression" and inner.children[0].kind == "*":
            found = inner.child("argument")
            assert found is not None
            inner = found
        else:
            break
    order.mark(low, node, [inner, *argument_nodes(node)])
    pointer = low.value(inner)
    if isinstance(pointer, FunctionName):
        return direct(low, node, pointer.name)
    name = low.written(inner)
    if inner.kind == "field_expression":
        field = inner.child("field")
        name = f"->{low.written(field)}" if field is not None else "->"
    else:
        outer = inner.kind == "identifier" and low.lookup(name) is None
        name = f"*{name}" if outer else "*"  # a variable of the function may be renamed
    mark = low.mark()
    prototype = _called_type(pointer.type)
    given = arguments(low, node, prototype, places=False, marked=True)
    pointer = low.fixed(pointer, inner, mark)
    result = prototype.result if prototype is not None else unknown(f"{name}()")
    return answered(low, node, name, given, "pointer", result, pointer=pointer, prototype=prototype)


def _called_type(ctype: CType) -> FunctionType | None:
    while isinstance(ctype, Pointer):
        ctype = ctype.to
    return ctype if isinstance(ctype, FunctionType) else None


def argument_nodes(node: Node) -> list[Node]:
    """Return a call's arguments."""
    inner = node.child("arguments")
    return [one for one in inner.named_children if one.kind != "comment"] if inner is not None else []


def arguments(
    low: Lowering, node: Node, prototype: FunctionType | None, *, places: bool, marked: bool = False
) -> tuple[Argument, ...]:
    """Lower a call's arguments from the left, each converted to its parameter's type."""
    nodes = argument_nodes(node)
    if not marked:
        order.mark(low, node, nodes)
    found: list[tuple[Expr, Place | None, Node, tuple[int, int]]] = []
    for one in nodes:
        place: Place | None = None
        argument = low.fragment.rewrite("type-argument", one.start)
        if argument is not None and one.kind == "identifier":
            if _JUMPS.match(low.fragment.code, argument.start, argument.end):
                raise low.refuse(one, "a statement as an argument")
            continue  # a type: Call.detail has it
        if is_type_argument(low, one):
            continue
        if one.kind == "compound_statement":
            raise low.refuse(one, "a block as an argument")
        if places and is_bare(low, one):
            place = low.place(one)
            value = low.read(place, one)
        else:
            value = low.value(one)
        found.append((value, place, one, low.mark()))
    parameters = prototype.parameters if prototype is not None else None
    given = []
    # From the last to the first: what fixing a value puts in at its mark moves all later marks.
    for number, (value, place, one, mark) in reversed(list(enumerate(found))):
        value = low.fixed(value, one, mark)
        if place is not None:
            place = low.fixed_place(place, one, mark)
        wanted = parameters[number] if parameters is not None and number < len(parameters) else None
        given.append(
            Argument(
                value=low.convert(value, wanted) if wanted is not None else _default(low, value), place=place
            )
        )
    return tuple(reversed(given))


def is_type_argument(low: Lowering, node: Node) -> bool:
    """Say whether an argument is the name of a type."""
    if node.kind != "identifier" or low.lookup(low.written(node)) is not None:
        return False
    return expression.is_type(low, low.written(node)) and not low.environment.macros(low.written(node))


def is_bare(low: Lowering, node: Node) -> bool:
    """Say whether an argument is an lvalue that a macro could assign (C7)."""
    while node.kind == "parenthesized_expression" and len(node.named_children) == 1:
        node = node.named_children[0]
    if node.kind == "identifier":
        name = low.written(node)
        found = low.lookup(name)
        if found is None:
            environment = low.environment
            known = (
                environment.is_function(name)
                or environment.macros(name)
                or environment.constant(name) is not None
            )
            return environment.variable(name) is not None or not (known or is_upper(name))
        return isinstance(found, Variable)
    return node.kind in ("field_expression", "subscript_expression") or (
        node.kind == "pointer_expression" and node.children[0].kind == "*"
    )


def _default(low: Lowering, value: Expr) -> Expr:
    """Apply the default argument promotions."""
    return low.convert(value, promoted(decayed(value.type)))


def answered(
    low: Lowering,
    node: Node,
    name: str,
    given: tuple[Argument, ...],
    kind: str,
    result: CType,
    *,
    pointer: Expr | None = None,
    prototype: FunctionType | None = None,
    detail: str = "",
    sure: bool = False,
) -> Expr:
    """Emit a call and return its answer; `sure`: that is no error pointer."""
    types = _types(low, node) if node.kind == "call_expression" else ""
    target = None if isinstance(result, Void) else low.temporary(result)
    low.emit(
        Call(
            target=target,
            callee=name,
            pointer=pointer,
            arguments=given,
            kind=kind,
            type=result,
            span=low.span(node),
            detail=detail or types,
            prototype=prototype,
            never_errors=sure,
        ),
    )
    if target is None:
        return Cast(value=ZERO, type=VOID)
    return Read(place=Local(variable=target), type=target.type)


def _types(low: Lowering, node: Node) -> str:
    """Return the types among a call's arguments."""
    found = []
    for one in argument_nodes(node):
        argument = low.fragment.rewrite("type-argument", one.start) if one.kind == "identifier" else None
        if argument is not None:
            found.append(" ".join(low.fragment.code[argument.start : argument.end].split()))
        elif is_type_argument(low, one):
            found.append(low.words(one))
    return "; ".join(found)

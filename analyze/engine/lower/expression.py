"""Expressions to values: names, literals, operators, conversions, assignments (C11 6.5)."""

from __future__ import annotations

import re

from ...syntax import Node
from ..constant import character, fold_binary, fold_unary, number, size_of
from ..ctype import (
    CHAR,
    INT,
    LONG,
    ULONG,
    Array,
    Bool,
    CType,
    FunctionType,
    Integer,
    Pointer,
    Record,
    Unknown,
    Void,
    common,
    decayed,
    is_floating,
    promoted,
    spell,
)
from ..declare import type_by_name, type_name
from ..error_numbers import ERROR_NUMBERS
from ..fragment import only_expression
from ..ir import (
    NULL,
    AddressOf,
    Binary,
    Cast,
    Const,
    Deref,
    Evaluate,
    Expr,
    FunctionName,
    Global,
    Local,
    Place,
    PointerAdd,
    PointerDifference,
    Read,
    SizeOf,
    Symbol,
    Text,
    Unary,
    Variable,
    VolatileRead,
    VolatileWrite,
)
from ..kernel_types import KERNEL_TYPES, OPAQUE_TYPES
from . import macro, order
from .context import Lowering, is_upper, is_volatile, unknown
from .place import function_name, global_place
from .tables import VOLATILE_NAMES

_PLAIN_STRING = re.compile(r'"(?:[^"\\]|\\[abefnrtv\\\'"?]|"\s*")*"')
_PRIMARY = frozenset({
    "identifier", "number_literal", "char_literal", "parenthesized_expression", "call_expression",
    "field_expression", "subscript_expression",
})  # fmt: skip
_AFTER_CASTS_OR_OPERANDS = frozenset({"unary_expression", "pointer_expression", "parenthesized_expression"})
_FLOATING = re.compile(r"(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?[fFlL]?", re.ASCII)
COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})


# Names and literals


def identifier(low: Lowering, node: Node) -> Expr:
    """Lower a name: variable, constant, macro, function, or what is declared nowhere (T4, T8)."""
    name = low.written(node)
    found = low.lookup(name)
    if isinstance(found, Variable):
        return low.read(Local(variable=found), node)
    if isinstance(found, Const | Symbol):
        return found
    if found is not None:
        raise low.refuse(node, f"type {name} as a value")
    if low.environment.constant(name) is not None or (
        macro.is_in_force(low, name) and not low.is_painted(node)
    ):
        return macro.value(low, node, name)
    return _outer_name(low, node, name)


def _outer_name(low: Lowering, node: Node, name: str) -> Expr:
    environment = low.environment
    if environment.is_function(name):
        return function_name(low, name)
    if environment.variable(name) is not None:
        return low.read(global_place(low, name), node)
    if environment.is_named_constant(name):
        return Symbol(name=name, type=unknown(name), known=True)
    if name in ("__func__", "__FUNCTION__", "__PRETTY_FUNCTION__", "__FILE__"):
        return Text(content=name, type=Pointer(to=CHAR))
    if name == "__LINE__":
        return Symbol(name=name, type=INT, known=True)
    if name == "current":  # include/asm-generic/current.h: one task for as long as the function runs
        return Symbol(name=name, type=Pointer(to=Record(kind="struct", tag="task_struct")), known=True)
    if name in VOLATILE_NAMES:
        place = Global(name=name, type=ULONG if name == "jiffies" else unknown(f"typeof {name}"), known=True)
        made = low.temporary(place.type)
        low.emit(VolatileRead(target=made, place=place, how="volatile", span=low.span(node)))
        return Read(place=Local(variable=made), type=place.type)
    if is_upper(name):
        # an error number is an int on every architecture (include/uapi/asm-generic/errno-base.h)
        return Symbol(name=name, type=INT if name in ERROR_NUMBERS else unknown(name), known=False)
    if is_type(low, name):
        raise low.refuse(node, f"type {name} as a value")
    return Read(place=global_place(low, name), type=unknown(f"typeof {name}"))


def literal(low: Lowering, node: Node) -> Expr:
    """Lower a number."""
    text = low.written(node)
    found = number(text)
    if found is None and _FLOATING.fullmatch(text):
        name = {"f": "float", "l": "long double"}.get(text[-1].lower(), "double")
        return Symbol(name=text.lower(), type=Unknown(name=name), known=True)
    if found is None:
        raise low.refuse(node, f"number {low.words(node)[:40]}")
    return found


def char_literal(low: Lowering, node: Node) -> Expr:
    """Lower a character."""
    found = character(low.written(node))
    if found is None:
        raise low.refuse(node, f"character {low.words(node)[:40]}")
    return found


def truth(low: Lowering, node: Node) -> Expr:
    """Lower `true` and `false` (include/linux/stddef.h: enum constants)."""
    return Const(value=int(node.kind == "true"), type=INT, name=node.kind)


def null(low: Lowering, node: Node) -> Expr:
    """Lower NULL."""
    return NULL


def string(low: Lowering, node: Node) -> Expr:
    """Lower a string literal, its pieces joined; a macro among them is kept by its name."""
    parts = []
    for one in [node] if node.kind == "string_literal" else node.named_children:
        text = low.written(one)
        parts.append(
            text[text.find('"') + 1 : -1] if one.kind == "string_literal" else f"<{' '.join(text.split())}>"
        )
    return Text(content="".join(parts), type=Pointer(to=CHAR))


# Parentheses, comma, statement expressions


def parenthesized(low: Lowering, node: Node) -> Expr:
    """Lower `(x)` and `({ ... })`."""
    inner = [one for one in node.named_children if one.kind != "comment"]
    if len(inner) != 1:
        raise low.refuse(node, "parentheses")
    if inner[0].kind == "compound_statement":
        return statement_expression(low, inner[0])
    return low.value(inner[0])


def statement_expression(low: Lowering, node: Node) -> Expr:
    """Lower `({ ...; x; })`: the value of its last expression statement."""
    from .scope import close_scope, open_scope

    items = [one for one in node.named_children if one.kind != "comment"]
    while items and items[-1].kind == "expression_statement" and not items[-1].named_children:
        items.pop()  # an empty statement, as macros have it behind their last one
    open_scope(low, node)
    last = items[-1] if items and items[-1].kind == "expression_statement" else None
    low.tables.block_items(low, items[:-1] if last is not None else items)
    result: Expr = Const(value=0, type=INT)
    if last is None:
        result = Cast(value=result, type=Void())
    else:
        result = low.value(last.named_children[0])
        if not isinstance(result.type, Void):
            result = Read(place=low.hold(result, last), type=result.type)
    close_scope(low)
    return result


def comma(low: Lowering, node: Node) -> Expr:
    """Lower `a, b`."""
    left, right = node.child("left"), node.child("right")
    if left is None or right is None:
        raise low.refuse(node, "comma")
    discard(low, left)
    return low.value(right)


def discard(low: Lowering, node: Node) -> None:
    """Lower an expression whose value nobody uses; what it reads may still fault."""
    value = low.value(node)
    inner = node
    while inner.kind == "parenthesized_expression" and len(inner.named_children) == 1:
        inner = inner.named_children[0]
    if inner.kind not in ("assignment_expression", "update_expression") and may_fault(value):
        low.emit(Evaluate(value=value, span=low.span(node)))


def may_fault(value: Expr) -> bool:
    """Say whether an expression reads through a pointer or divides."""
    if isinstance(value, Read):
        return _place_may_fault(value.place)
    if isinstance(value, AddressOf):
        return False
    if isinstance(value, Binary):
        return value.op in ("/", "%") or may_fault(value.left) or may_fault(value.right)
    if isinstance(value, PointerAdd):
        return may_fault(value.pointer) or may_fault(value.index)
    if isinstance(value, PointerDifference):
        return may_fault(value.left) or may_fault(value.right)
    return isinstance(value, Unary | Cast) and may_fault(value.value)


def _place_may_fault(place: Place) -> bool:
    while not isinstance(place, Local | Global):
        if isinstance(place, Deref):
            return True
        place = place.base
    return False


# Operators


def lvalue(low: Lowering, node: Node) -> Expr:
    """Lower a place's value: `p->f`, `a[i]`."""
    return low.read(low.place(node), node)


def pointer(low: Lowering, node: Node) -> Expr:
    """Lower `&x` and `*p`."""
    sign, operand = node.child("operator"), node.child("argument")
    if sign is None or operand is None:
        raise low.refuse(node, "pointer expression")
    if sign.kind == "&":
        while operand.kind == "parenthesized_expression" and len(operand.named_children) == 1:
            operand = operand.named_children[0]
        if operand.kind == "identifier" and low.lookup(low.written(operand)) is None:
            value = low.value(operand) if low.environment.is_function(low.written(operand)) else None
            if isinstance(value, FunctionName):
                return value
        place = low.place(operand)
        found = low.address(place)
        if isinstance(found, AddressOf):
            return AddressOf(place=place, type=Pointer(to=place.type))
        return found
    place = low.place(node)
    if isinstance(place, Deref) and isinstance(place.type, FunctionType):
        return place.pointer
    return low.read(place, node)


def unary(low: Lowering, node: Node) -> Expr:
    """Lower `-x`, `~x`, `+x`, `!x`."""
    sign, operand = node.child("operator"), node.child("argument")
    if sign is None or operand is None:
        raise low.refuse(node, "operator")
    value = low.value(operand)
    if isinstance(value, Const) and isinstance(value.type, Integer):
        folded = fold_unary(sign.kind, value)
        if folded is not None:
            return folded
    if sign.kind == "!":
        return Unary(op="!", value=value, type=INT)
    ctype = promoted(value.type)
    if isinstance(ctype, Unknown) and not is_floating(ctype):
        ctype = unknown(f"{sign.kind}{spell(ctype)}")
    elif not isinstance(ctype, Integer | Unknown):
        raise low.refuse(node, f"{sign.kind} on {spell(ctype)}")
    value = low.convert(value, ctype) if not isinstance(ctype, Unknown) else value
    return value if sign.kind == "+" else Unary(op=sign.kind, value=value, type=ctype)


def binary(low: Lowering, node: Node) -> Expr:
    """Lower an operator whose operands are both evaluated."""
    sign, left_node, right_node = node.child("operator"), node.child("left"), node.child("right")
    if sign is None or left_node is None or right_node is None:
        raise low.refuse(node, "operator")
    hidden = _hidden_cast(low, node, left_node, sign.kind)
    if hidden is not None:
        return hidden
    order.mark(low, node, [left_node, right_node])
    left = low.value(left_node)
    mark = low.mark()
    right = low.value(right_node)
    return combine(low, node, sign.kind, low.fixed(left, left_node, mark), right)


def _hidden_cast(low: Lowering, node: Node, left: Node, sign: str) -> Expr | None:
    """Read `(gfp_t) -1`, which the grammar takes for a subtraction, as the cast that it is."""
    inner = (
        left.named_children[0] if left.kind == "parenthesized_expression" and left.named_children else None
    )
    if sign not in ("-", "+", "*", "&") or inner is None or inner.kind != "identifier":
        return None
    name = low.written(inner)
    if low.lookup(name) is not None or not is_type(low, name):
        return None
    operand = node.child("right")
    if operand is None or operand.kind not in _PRIMARY:
        raise low.refuse(node, f"{low.words(node)[:60]}, which may be a cast or not")
    right = low.fragment.written(node)[left.end - node.start :]
    return cast_to(low, node, type_by_name(low, name), reread(low, node, right.strip()))


def is_type(low: Lowering, name: str) -> bool:
    """Say whether a name is a type: by the file, by the table, or by its ending, where it is nothing else."""
    if low.named_type(name) is not None or name in KERNEL_TYPES or name in OPAQUE_TYPES:
        return True
    return name.endswith("_t") and not low.is_variable(name) and not low.environment.is_function(name)


def reread(low: Lowering, node: Node, text: str) -> Expr:
    """Lower another spelling of a node, where the grammar took it for something else."""
    fragment = low.open(text, low.span(node), low.fragment.expanding, low.fragment.said or low.words(node))
    inner = only_expression(fragment)
    if inner is None:
        raise low.refuse(node, low.words(node)[:60])
    with low.reading(fragment):
        return low.value(inner)


def combine(low: Lowering, node: Node, sign: str, left: Expr, right: Expr) -> Expr:
    """Return an operator over two values, converted as C does."""
    if (
        isinstance(left, Const)
        and isinstance(right, Const)
        and isinstance(left.type, Integer)
        and isinstance(right.type, Integer)
    ):
        folded = fold_binary(sign, left, right)
        if folded is not None:
            return folded
    if isinstance(left.type, Record | Void) or isinstance(right.type, Record | Void):
        raise low.refuse(node, f"{sign} on {spell(left.type)} and {spell(right.type)}")
    if sign in COMPARISONS:
        return _comparison(low, sign, left, right)
    if isinstance(left.type, Pointer) or isinstance(right.type, Pointer):
        found = _pointer_arithmetic(low, sign, left, right)
        if found is None:
            raise low.refuse(node, f"{sign} on a pointer")
        return found
    if sign in ("<<", ">>"):
        one, two = promoted(left.type), promoted(right.type)
        ctype = unknown(f"+{spell(one)}") if isinstance(one, Unknown) else one
        if not isinstance(one, Unknown):
            left = low.convert(left, one)
        return Binary(
            op=sign,
            left=left,
            right=right if isinstance(two, Unknown) else low.convert(right, two),
            type=ctype,
        )
    ctype = common(left.type, right.type)
    if isinstance(ctype, Unknown) and not is_floating(ctype):
        ctype = unknown(f"({spell(left.type)}{sign}{spell(right.type)})")
        return Binary(op=sign, left=left, right=right, type=ctype)
    return Binary(op=sign, left=low.convert(left, ctype), right=low.convert(right, ctype), type=ctype)


def _comparison(low: Lowering, sign: str, left: Expr, right: Expr) -> Expr:
    if isinstance(left.type, Pointer) and isinstance(right, Const):
        right = low.convert(right, left.type)
    elif isinstance(right.type, Pointer) and isinstance(left, Const):
        left = low.convert(left, right.type)
    else:
        ctype = common(left.type, right.type)
        if not isinstance(ctype, Unknown) or is_floating(ctype):
            left, right = low.convert(left, ctype), low.convert(right, ctype)
    return Binary(op=sign, left=left, right=right, type=INT)


def _pointer_arithmetic(low: Lowering, sign: str, left: Expr, right: Expr) -> Expr | None:
    one, two = isinstance(left.type, Pointer), isinstance(right.type, Pointer)
    if sign == "-" and one and two:
        return PointerDifference(left=left, right=right, type=LONG)
    if sign == "+" and two and not one:
        left, right, one, two = right, left, True, False
    if sign == "-" and (isinstance(right.type, Unknown) or isinstance(left.type, Unknown)):
        return Binary(
            op="-", left=left, right=right, type=unknown(f"({spell(left.type)}-{spell(right.type)})")
        )
    if sign not in ("+", "-") or not one or two:
        return None
    ctype = promoted(right.type)
    right = right if isinstance(ctype, Unknown) else low.convert(right, ctype)
    if sign == "-":
        folded = fold_unary("-", right) if isinstance(right, Const) else None
        if folded is None and not (isinstance(ctype, Integer) and ctype.signed and ctype.bits == 64):
            right = low.convert(right, LONG)  # -i of an unsigned int is no negative index
        right = folded if folded is not None else Unary(op="-", value=right, type=right.type)
    return PointerAdd(pointer=left, index=right, type=left.type)


def cast(low: Lowering, node: Node) -> Expr:
    """Lower `(T)x`."""
    written, operand = node.child("type"), node.child("value")
    if written is None or operand is None:
        raise low.refuse(node, "cast")
    name = low.written(written).strip()
    inner = written.child("type")
    named = inner is not None and inner.kind == "type_identifier" and name.isidentifier()
    unsure = named and not is_type(low, name) and operand.kind in _AFTER_CASTS_OR_OPERANDS
    if unsure or (named and low.is_variable(name)):
        raise low.refuse(node, f"{low.words(node)[:60]}, which may be a cast or not")
    return cast_to(low, node, type_name(low, low.fragment, written), low.value(operand))


def cast_to(low: Lowering, node: Node, ctype: CType, value: Expr) -> Expr:
    """Convert as a cast does."""
    if isinstance(ctype, Void):
        if may_fault(value):
            low.emit(Evaluate(value=value, span=low.span(node)))
        return Cast(value=Const(value=0, type=INT), type=ctype)
    if isinstance(ctype, Record):
        return value
    if isinstance(value, Const) and isinstance(value.type, Integer | Bool | Pointer):
        return low.convert(value, ctype)
    return value if value.type == ctype else Cast(value=value, type=ctype)


def sizeof(low: Lowering, node: Node) -> Expr:
    """Lower sizeof, _Alignof: nothing is evaluated, but for a VLA's size."""
    length = _string_length(low, node)
    if length is not None:
        return Const(value=length, type=ULONG)
    ctype = low.sized_type(node)
    size = size_of(ctype)
    alignment = "alignof" in low.written(node)[:12].lower()
    if size is not None and not (alignment and isinstance(ctype, Array)):
        return Const(value=size, type=ULONG)
    operand = node.child("value")
    if isinstance(ctype, Array) and ctype.length is None and operand is not None:
        name = low.lookup(low.written(operand).strip("() \t\n"))
        if isinstance(name, Variable) and name.dynamic:
            raise low.refuse(node, "sizeof of a variable-length array")
        member = low.typed_words(operand)
        return SizeOf(op="alignof" if alignment else "sizeof", of=ctype, member=member)
    return SizeOf(op="alignof" if alignment else "sizeof", of=ctype)


def _string_length(low: Lowering, node: Node) -> int | None:
    """Return the size of the string literal that sizeof asks of; None where it asks of something else."""
    operand = node.child("value")
    while operand is not None and operand.kind == "parenthesized_expression" and operand.named_children:
        operand = operand.named_children[0]
    if operand is None or operand.kind not in ("string_literal", "concatenated_string"):
        return None
    text = low.written(operand)
    if not _PLAIN_STRING.fullmatch(text):
        raise low.refuse(node, "sizeof of a string")
    return len(re.sub(r'"\s*"|^"|"$', "", re.sub(r"\\.", "x", text)).encode()) + 1


# Assignments


def store(low: Lowering, place: Place, value: Expr, node: Node) -> None:
    """Store a value at a place; a volatile object's is an instruction of its own."""
    if is_volatile(low, place):
        low.emit(
            VolatileWrite(
                place=place, value=low.convert(value, place.type), how="volatile", span=low.span(node)
            )
        )
    else:
        low.assign(place, value, node)


def assignment(low: Lowering, node: Node) -> Expr:
    """Lower `a = b` and `a += b`: the right side first, as gcc and clang do; its value is the place's
    afterwards."""
    left, right, sign = node.child("left"), node.child("right"), node.child("operator")
    if left is None or right is None or sign is None:
        raise low.refuse(node, "assignment")
    order.mark(low, node, [*(_inner_operands(left) if sign.kind == "=" else [left]), right])
    value = low.value(right)
    if isinstance(value.type, Void):
        raise low.refuse(node, "assignment of void")
    mark = low.mark()
    place = low.place(left)
    value = low.fixed(value, right, mark)
    if sign.kind != "=":
        value = combine(low, node, sign.kind[:-1], low.read(place, left), value)
    elif isinstance(place.type, Pointer) and isinstance(value.type, Unknown):
        value = low.convert(value, place.type)
    store(low, place, value, node)
    return _stored(low, place, value, node)


def _inner_operands(node: Node) -> list[Node]:
    """Return what storing to an lvalue evaluates: nothing for a name, the pointer for `p->f` and `*p`."""
    while True:
        inner = node.child("argument")
        if node.kind == "parenthesized_expression" and len(node.named_children) == 1:
            node = node.named_children[0]
        elif node.kind == "field_expression" and inner is not None:
            if node.child("operator") is None or node.children[1].kind == "->":
                return [inner]
            node = inner
        elif node.kind == "subscript_expression" and inner is not None:
            index = node.child("index")
            return [inner] if index is None else [inner, index]
        elif node.kind == "pointer_expression" and inner is not None:
            return [inner]
        else:
            return [] if node.kind == "identifier" else [node]


def _stored(low: Lowering, place: Place, value: Expr, node: Node) -> Expr:
    """Return the value of an assignment: what the place holds now, without another volatile read."""
    if is_volatile(low, place):
        return low.convert(value, place.type)
    return Read(place=place, type=decayed(place.type))


def update(low: Lowering, node: Node) -> Expr:
    """Lower `++x`, `x++`, `--x`, `x--`."""
    operand, sign = node.child("argument"), node.child("operator")
    if operand is None or sign is None:
        raise low.refuse(node, "update")
    place = low.place(operand)
    before = low.read(place, operand)
    prefix = sign.start < operand.start
    if not prefix:
        before = Read(place=low.hold(before, node), type=before.type)
    value = combine(low, node, sign.kind[0], before, Const(value=1, type=INT))
    store(low, place, value, node)
    return _stored(low, place, value, node) if prefix else before


def common_type(low: Lowering, one: Expr, two: Expr) -> CType:
    """Return the type of `c ? one : two` (C11 6.5.15)."""
    if one.type == two.type:
        return one.type
    if isinstance(one.type, Void) or isinstance(two.type, Void):
        return Void()
    found = common(one.type, two.type)
    if not isinstance(found, Unknown):
        return found
    for first, second in ((one, two), (two, one)):
        null = isinstance(second, Const) and second.value == 0
        if isinstance(first.type, Pointer) and (null or isinstance(second.type, Pointer | Unknown)):
            return first.type if null or first.type.to != Void() else second.type
        if isinstance(first.type, Unknown) and second == NULL:
            return first.type
    return unknown(f"({spell(one.type)}:{spell(two.type)})")


def offset_of(low: Lowering, node: Node) -> Expr:
    """Lower offsetof(T, m), which the grammar knows."""
    written, name = node.child("type"), node.child("member")
    if written is None or name is None:
        raise low.refuse(node, "offsetof")
    return SizeOf(op="offsetof", of=type_name(low, low.fragment, written), member=low.words(name))


def extension(low: Lowering, node: Node) -> Expr:
    """Lower __extension__ x."""
    inner = node.named_children
    if len(inner) != 1:
        raise low.refuse(node, "__extension__")
    return low.value(inner[0])

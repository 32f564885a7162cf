"""Lvalues: names, members, elements, what pointers point to (M1)."""

from __future__ import annotations

from ...syntax import Node
from ..ctype import INT, Array, CType, FunctionType, Integer, Pointer, Record, Unknown, spell
from ..ir import AddressOf, Const, Deref, Element, Expr, FunctionName, Global, Local, Member, Place, Variable
from . import macro
from .context import Lowering, unknown

FIRST = Const(value=0, type=INT)


def pointee(ctype: CType) -> CType:
    """Return what a pointer of this type points to."""
    if isinstance(ctype, Pointer):
        return ctype.to
    return ctype.of if isinstance(ctype, Array) else unknown(f"*{spell(ctype)}")


def identifier(low: Lowering, node: Node) -> Place:
    """Lower a variable's name."""
    name = low.written(node)
    found = low.lookup(name)
    if isinstance(found, Variable):
        return Local(variable=found)
    if found is None and not low.is_painted(node) and macro.is_in_force(low, name):
        return macro.place(low, node, name)
    if found is not None:
        return low.hold(low.value(node), node)
    return global_place(low, name)


def global_place(low: Lowering, name: str) -> Global:
    """Return the place of a variable that is not the function's own."""
    known = low.environment.variable(name)
    if known is None:
        return Global(name=name, type=unknown(f"typeof {name}"), known=False)
    fixed = known.constant and "=" in known.text
    return Global(name=name, type=low.settled(known.type, f"typeof {name}"), known=True, fixed=fixed)


def parenthesized(low: Lowering, node: Node) -> Place:
    """Lower `(x)`; a statement expression is no lvalue."""
    inner = node.named_children
    if len(inner) != 1 or inner[0].kind == "compound_statement":
        return low.hold(low.value(node), node)
    return low.place(inner[0])


def dereference(low: Lowering, node: Node) -> Place:
    """Lower `*p`."""
    sign, operand = node.child("operator"), node.child("argument")
    if sign is None or operand is None or sign.kind != "*":
        return low.hold(low.value(node), node)
    return at(low, low.value(operand), FIRST)


def at(low: Lowering, pointer: Expr, index: Expr) -> Place:
    """Return the place that a pointer points to; `*&x` is x."""
    if isinstance(pointer, AddressOf) and index == FIRST and isinstance(pointer.type, Pointer):
        if pointer.place.type == pointer.type.to:
            return pointer.place
        if isinstance(pointer.place.type, Array) and pointer.place.type.of == pointer.type.to:
            return Element(base=pointer.place, index=index, type=pointer.type.to)
    return Deref(pointer=pointer, index=index, type=pointee(pointer.type))


def subscript(low: Lowering, node: Node) -> Place:
    """Lower `a[i]`: an element of an array that is a place itself, else what a pointer points to."""
    operand, inner = node.child("argument"), node.child("index")
    if operand is None or inner is None:
        raise low.refuse(node, "subscript")
    if operand.kind in low.tables.places and operand.kind != "call_expression":
        base = low.place(operand)
        if isinstance(base.type, Array):
            mark = low.mark()
            index = low.value(inner)
            return Element(base=low.fixed_place(base, node, mark), index=index, type=base.type.of)
        pointer = low.read(base, operand)
    else:
        pointer = low.value(operand)
    mark = low.mark()
    index = low.value(inner)
    pointer = low.fixed(pointer, operand, mark)
    if isinstance(pointer.type, Integer):
        pointer, index = index, pointer
    return at(low, pointer, index)


def member(low: Lowering, node: Node) -> Place:
    """Lower `x.f` and `p->f`."""
    operand, name, sign = node.child("argument"), node.child("field"), node.child("operator")
    if operand is None or name is None or sign is None:
        raise low.refuse(node, "member")
    if any(one.parameters is None for one in low.environment.macros(low.written(name))):
        raise low.refuse(node, f"macro {low.written(name)} as a field")
    base = at(low, low.value(operand), FIRST) if sign.kind == "->" else low.place(operand)
    return field(low, base, low.written(name))


def field(low: Lowering, base: Place, name: str) -> Member:
    """Return a struct's field at a place."""
    ctype = base.type
    tag = ctype.tag if isinstance(ctype, Record) else ""
    for one in low.record(tag) or () if tag else ():
        if one.name == name:
            layout = (
                "shared"
                if one.shared or (isinstance(ctype, Record) and ctype.kind == "union")
                else "disjoint"
            )
            found = low.settled(one.type, f"{tag}.{name}")
            return Member(base=base, field=name, record=tag, layout=layout, type=found)
    owner = tag or (spell(ctype) if isinstance(ctype, Unknown) else "?")
    return Member(base=base, field=name, record=tag, layout="unknown", type=unknown(f"{owner}.{name}"))


def called(low: Lowering, node: Node) -> Place:
    """Lower a call that stands for an lvalue: a macro for one, else a temporary with its answer."""
    function = node.child("function")
    if function is not None and function.kind == "identifier":
        name = low.written(function)
        if low.lookup(name) is None and not low.is_painted(function) and low.environment.macros(name):
            found = macro.call_place(low, node, name)
            if found is not None:
                return found
    return low.hold(low.value(node), node)


def function_name(low: Lowering, name: str) -> FunctionName:
    """Return a function's designator (T12)."""
    found = low.environment.prototype(name)
    ctype = found if found is not None else FunctionType(result=unknown(f"{name}()"), parameters=None)
    return FunctionName(name=name, type=Pointer(to=ctype))

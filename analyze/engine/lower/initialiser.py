"""Initialisers and compound literals: zero first, then a store for each value (M8, C11 6.7.9)."""

from __future__ import annotations

from ...syntax import Node
from ..ctype import INT, Array, CType, Record, Unknown
from ..declare import Field, type_name
from ..ir import Assign, Const, Declare, Element, Expr, Local, Member, Place, Text, ZeroFill
from .context import Lowering
from .place import field

_LONGEST_RANGE = 64


def initialise(low: Lowering, place: Place, value: Node, node: Node) -> None:
    """Give a declared object its initial value."""
    if value.kind != "initializer_list":
        lowered = low.value(value)
        if isinstance(place.type, Array):
            if not isinstance(lowered, Text):
                raise low.refuse(node, "an array initialised by a value")
            low.emit(
                Assign(
                    target=place, value=Text(content=lowered.content, type=place.type), span=low.span(node)
                )
            )
        else:
            low.assign(place, lowered, node)
        return
    items = _items(value)
    if not isinstance(place.type, Array | Record | Unknown):
        if len(items) == 1 and items[0].kind != "initializer_pair":
            initialise(low, place, items[0], node)
        elif items:
            raise low.refuse(node, "a scalar with several initialisers")
        else:
            low.assign(place, Const(value=0, type=INT), node)
        return
    low.emit(ZeroFill(target=place, span=low.span(node)))
    if not _is_zero(low, items):
        _fill(low, place, items)


def _items(value: Node) -> list[Node]:
    return [one for one in value.named_children if one.kind != "comment"]


def _is_zero(low: Lowering, items: list[Node]) -> bool:
    """Say whether `{}`, `{ 0 }`, `{ { 0 } }` say nothing but zero."""
    while len(items) == 1 and items[0].kind == "initializer_list":
        items = _items(items[0])
    return not items or (len(items) == 1 and low.written(items[0]) in ("0", "NULL", "false", "0UL"))


def _fill(low: Lowering, place: Place, items: list[Node]) -> None:
    """Store each value of a braced list in its part of the object."""
    following = 0
    for one in items:
        if one.kind.startswith("preproc"):
            raise low.refuse(one, "a conditional in an initialiser")
        designators, value = _designated(one)
        if not designators:
            part = _nth(low, place, following, one)
            following += 1
            _part(low, part, value, one)
            continue
        first, rest = designators[0], designators[1:]
        for start in _starts(low, first, place, one):
            part = start
            following = _position(low, place, part) + 1
            for step in rest:
                inner = _starts(low, step, part, one)
                if len(inner) != 1:
                    raise low.refuse(one, "a range inside a designator")
                part = inner[0]
            _part(low, part, value, one)


def _designated(node: Node) -> tuple[list[Node], Node]:
    if node.kind != "initializer_pair":
        return [], node
    value = node.child("value")
    designators = list(node.each("designator"))
    if value is None:
        return [], node
    if not designators:
        designators = [one for one in node.named_children if one != value and one.kind != "comment"]
    return designators, value


def _starts(low: Lowering, designator: Node, place: Place, node: Node) -> list[Place]:
    inner = designator.named_children
    if designator.kind in ("field_designator", "field_identifier"):
        name = low.written(inner[0] if inner else designator)
        return [field(low, place, name)]
    of = place.type.of if isinstance(place.type, Array) else place.type
    if not isinstance(place.type, Array):
        raise low.refuse(node, "an index into what is no array here")
    if designator.kind == "subscript_designator":
        return [Element(base=place, index=low.value(inner[0]), type=of)]
    if designator.kind == "subscript_range_designator" and len(inner) == 2:
        first, last = low.length(low.fragment, inner[0]), low.length(low.fragment, inner[1])
        if first is None or last is None or not 0 <= last - first < _LONGEST_RANGE:
            raise low.refuse(node, "a range in an initialiser")
        return [
            Element(base=place, index=Const(value=one, type=INT), type=of) for one in range(first, last + 1)
        ]
    raise low.refuse(node, "designator")


def _position(low: Lowering, place: Place, part: Place) -> int:
    if isinstance(part, Element):
        return part.index.value if isinstance(part.index, Const) else -1_000_000
    if isinstance(part, Member):
        for number, one in enumerate(_positional(low, place)):
            if one.name == part.field:
                return number
    return -1_000_000


def _positional(low: Lowering, place: Place) -> tuple[Field, ...]:
    found = low.record(place.type.tag) if isinstance(place.type, Record) else None
    if found is None or not all(one.positional for one in found):
        return ()
    return found[:1] if isinstance(place.type, Record) and place.type.kind == "union" else found


def _nth(low: Lowering, place: Place, number: int, node: Node) -> Place:
    if isinstance(place.type, Array) and number >= 0:
        return Element(base=place, index=Const(value=number, type=INT), type=place.type.of)
    fields = _positional(low, place)
    if not 0 <= number < len(fields):
        raise low.refuse(node, "an initialiser by position, of a struct that is not at hand")
    return field(low, place, fields[number].name)


def _part(low: Lowering, place: Place, value: Node, node: Node) -> None:
    if value.kind == "initializer_list":
        initialise(low, place, value, node)
        return
    lowered: Expr = low.value(value)
    if isinstance(place.type, Array) and not isinstance(lowered, Text):
        raise low.refuse(node, "braces left out in an initialiser")
    if isinstance(place.type, Record) and not isinstance(lowered.type, Record | Unknown):
        raise low.refuse(node, "braces left out in an initialiser")
    if isinstance(place.type, Array):
        low.emit(
            Assign(
                target=place,
                value=Text(content=str(getattr(lowered, "content", "")), type=place.type),
                span=low.span(node),
            )
        )
        return
    low.assign(place, lowered, node)


def implied_length(low: Lowering, value: Node) -> int | None:
    """Return the length that an initialiser gives an array without one."""
    if value.kind == "string_literal":
        text = low.written(value)[1:-1]
        return None if "\\" in text else len(text) + 1
    if value.kind != "initializer_list":
        return None
    following, longest = 0, 0
    for one in _items(value):
        designators, _ = _designated(one)
        if designators:
            inner = designators[0].named_children
            number = (
                low.length(low.fragment, inner[-1])
                if inner and designators[0].kind.startswith("subscript")
                else None
            )
            if number is None:
                return None
            following = number
        following += 1
        longest = max(longest, following)
    return longest


def compound_literal(low: Lowering, node: Node) -> Place:
    """Lower `(T){ ... }`: an object of its own each time it is reached."""
    written, value = node.child("type"), node.child("value")
    if written is None or value is None:
        raise low.refuse(node, "compound literal")
    ctype: CType = type_name(low, low.fragment, written)
    if isinstance(ctype, Array) and ctype.length is None:
        ctype = Array(of=ctype.of, length=implied_length(low, value))
    made = low.temporary(ctype)
    place = Local(variable=made)
    low.emit(Declare(variable=made, span=low.span(node)))
    initialise(low, place, value, node)
    return place


def literal_value(low: Lowering, node: Node) -> Expr:
    """Lower a compound literal's value."""
    place = compound_literal(low, node)
    return low.read(place, node)

"""Declarations -> types: specifiers, declarators, struct and enum bodies, as far as the text tells (rule
T2)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from ..syntax import Node
from .ctype import (
    BOOL,
    CHAR,
    FLOATING,
    INT,
    LONG,
    UINT,
    ULONG,
    VOID,
    Array,
    CType,
    FunctionType,
    Integer,
    Pointer,
    Record,
    Unknown,
    decayed,
)
from .fragment import Fragment
from .kernel_types import KERNEL_TYPES, OPAQUE_TYPES

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A member of a struct or union, those of anonymous ones inside it included."""

    name: str
    type: CType
    shared: bool
    """Shares its storage: a union's member (M2)."""
    volatile: bool
    positional: bool
    """Whether an initialiser without designators counts it at its own level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One declarator read: `name` is "" for an abstract one."""

    name: str
    type: CType
    parameters: tuple[Declared, ...] = ()
    """Of a function's own declarator."""
    dynamic: bool = False
    """An array whose length is an expression that is no constant."""


class Names(Protocol):
    """What a reader of declarations asks of the scope around them."""

    def named_type(self, name: str) -> CType | None:
        """Return what a typedef stands for."""

    def length(self, fragment: Fragment, node: Node) -> int | None:
        """Return an array's length where it is a constant at hand."""

    def is_constant(self, fragment: Fragment, node: Node) -> bool:
        """Say whether an array's length is a constant, at hand or not."""

    def type_of(self, text: str) -> CType:
        """Return typeof(text)."""

    def define(self, record: Record, fields: tuple[Field, ...]) -> None:
        """Take notice of a struct's or union's definition."""

    def enumerate(self, name: str, value: int | None, ctype: CType) -> None:
        """Take notice of an enum constant; the value is None where it is not at hand."""

    def enum_type(self, tag: str) -> CType:
        """Return an enum's type by its tag."""

    def enum_value(self, fragment: Fragment, node: Node) -> int | None:
        """Return an enumerator's written value."""


class UnreadError(Exception):
    """A declaration that is not read. The text says what it is."""


def specifiers(node: Node) -> Iterator[str]:
    """Yield storage classes and qualifiers of a declaration: "static", "const", "volatile", "extern" ..."""
    for child in node.named_children:
        if child.kind in ("storage_class_specifier", "type_qualifier"):
            yield child.children[0].kind if child.children else child.kind


def base_type(names: Names, fragment: Fragment, node: Node) -> CType:
    """Return the type that a declaration's, parameter's, field's or type descriptor's specifiers give."""
    found = node.child("type")
    if found is None:
        return INT
    return specifier_type(names, fragment, found)


def specifier_type(names: Names, fragment: Fragment, node: Node) -> CType:
    """Return the type of one type specifier; a struct or enum body in it is taken notice of."""
    text = " ".join(fragment.written(node).split())
    if node.kind == "sized_type_specifier":
        return sized(text)
    if node.kind == "primitive_type":
        return primitive(text)
    if node.kind == "type_identifier":
        return _named(names, fragment, node, text)
    if node.kind in ("struct_specifier", "union_specifier"):
        return _record(names, fragment, node)
    if node.kind == "enum_specifier":
        return _enum(names, fragment, node)
    if node.kind == "macro_type_specifier":
        return Unknown(name=text)
    raise UnreadError(f"type {node.kind.replace('_', ' ')}")


def sized(text: str) -> CType:
    """Return the type of `unsigned long long` and the like, words in any order."""
    words = text.split()
    if sorted(words) == ["double", "long"]:
        return Unknown(name="long double")
    if any(word in ("float", "double", "__int128", "_Complex") for word in words):
        raise UnreadError(f"type {text}")
    signed = "unsigned" not in words
    longs = words.count("long")
    if "char" in words:
        return Integer(bits=8, signed="signed" in words, name=text)
    if "short" in words:
        return Integer(bits=16, signed=signed, name=text)
    if longs:
        return Integer(bits=64, signed=signed, rank=longs - 1, name=text)
    rest = [word for word in words if word not in ("unsigned", "signed", "int")]
    if rest:
        return Unknown(name=text)
    return INT if signed else UINT


def primitive(text: str) -> CType:
    """Return the type of one of the grammar's own type words."""
    if text in FLOATING:
        return Unknown(name=text)
    known: dict[str, CType] = {
        "void": VOID,
        "bool": BOOL,
        "_Bool": BOOL,
        "char": CHAR,
        "int": INT,
        "long": LONG,
    }
    return known.get(text) or KERNEL_TYPES.get(text) or sized(text)


def _named(names: Names, fragment: Fragment, node: Node, text: str) -> CType:
    if fragment.rewrite("typeof", node.start) or text.startswith(("typeof", "__typeof")):
        opened = text.find("(")
        return names.type_of(text[opened + 1 : text.rfind(")")].strip())
    return type_by_name(names, text)


def type_by_name(names: Names, text: str) -> CType:
    """Return the type that one name stands for; Unknown by that name where nothing tells."""
    found = names.named_type(text)
    if found is not None:
        return found
    if text in ("__int128", "__uint128_t", "u128", "s128"):
        raise UnreadError(f"type {text}")
    return KERNEL_TYPES.get(text) or Unknown(name=text, opaque=text in OPAQUE_TYPES)


def _record(names: Names, fragment: Fragment, node: Node) -> CType:
    kind = "union" if node.kind == "union_specifier" else "struct"
    tag_node, body = node.child("name"), node.child("body")
    if tag_node is not None:
        tag = " ".join(fragment.written(tag_node).split())
    else:  # called by its text: what reads alike is alike
        tag = f"<{hashlib.sha256(fragment.words(node).encode()).hexdigest()[:12]}>"
    record = Record(kind=kind, tag=tag)
    if body is not None:
        names.define(record, tuple(_fields(names, fragment, body, union=kind == "union", nested=False)))
    return record


def _fields(names: Names, fragment: Fragment, body: Node, *, union: bool, nested: bool) -> Iterator[Field]:
    for node in body.named_children:
        if node.kind == "field_declaration":
            yield from _field(names, fragment, node, union=union, nested=nested)
        elif node.kind.startswith("preproc_"):
            yield from _fields(names, fragment, node, union=union, nested=True)


def _field(names: Names, fragment: Fragment, node: Node, *, union: bool, nested: bool) -> Iterator[Field]:
    declarators = node.each("declarator")
    volatile = "volatile" in specifiers(node)
    specifier = node.child("type")
    if not declarators:
        inner = specifier.child("body") if specifier is not None else None
        if inner is not None and specifier is not None:
            both = union or specifier.kind == "union_specifier"
            yield from _fields(names, fragment, inner, union=both, nested=True)
        return
    base = base_type(names, fragment, node)
    width = next((child for child in node.named_children if child.kind == "bitfield_clause"), None)
    for one in declarators:
        found = declarator(names, fragment, one, base)
        ctype = found.type
        if width is not None:
            ctype = _bit_field(names, fragment, width, ctype)
        if volatile and isinstance(ctype, Pointer):
            ctype = Pointer(to=ctype.to, volatile=True)
        yield Field(name=found.name, type=ctype, shared=union, volatile=volatile, positional=not nested)


def _bit_field(names: Names, fragment: Fragment, width: Node, ctype: CType) -> CType:
    inner = width.named_children
    bits = names.length(fragment, inner[0]) if inner else None
    if bits is None or not 0 < bits <= 64 or not isinstance(ctype, Integer):
        return ctype if ctype == BOOL else Unknown(name="bit-field")
    return Integer(bits=bits, signed=ctype.signed, name=ctype.name)


def _enum(names: Names, fragment: Fragment, node: Node) -> CType:
    tag_node, body = node.child("name"), node.child("body")
    if body is None:
        return names.enum_type(" ".join(fragment.written(tag_node).split()) if tag_node else "")
    following: int | None = 0
    values: list[tuple[str, int | None]] = []
    for one in body.named_children:
        name, value = one.child("name"), one.child("value")
        if one.kind != "enumerator" or name is None:
            following = None
            continue
        if value is not None:
            following = names.enum_value(fragment, value)
        if body.has_error:  # a macro among the enumerators may stand for any number of them
            following = None
        values.append((fragment.written(name), following))
        names.enumerate(fragment.written(name), following, _enumerator_type(following, following))
        following = None if following is None else following + 1
    signed = any(value is not None and value < 0 for _, value in values)
    if any(value is None for _, value in values) and not signed:
        return Unknown(name=f"enum of {values[0][0]}")
    known = [value for _, value in values if value is not None]
    wide = any(not -(1 << 31) <= value < 1 << (31 if signed else 32) for value in known)
    if wide:  # those that are no int have the enum's type (gcc's finish_enum); of two answers none holds
        for word, number in values:
            names.enumerate(word, number, _enumerator_type(number, max(known), signed=signed))
    return Integer(bits=64 if wide else 32, signed=signed, name="enum")


def _enumerator_type(value: int | None, largest: int | None, *, signed: bool = False) -> Integer:
    """Return the type of an enumerator in an enum whose values go up to `largest`."""
    if value is None or largest is None or -(1 << 31) <= value < 1 << 31:
        return INT
    if signed or value < 0:
        return LONG
    return UINT if largest < 1 << 32 else ULONG


def declarator(names: Names, fragment: Fragment, node: Node | None, base: CType) -> Declared:
    """Return name and type of a declarator, abstract ones included, over the specifiers' type."""
    ctype, dynamic = base, False
    parameters: tuple[Declared, ...] = ()
    while node is not None:
        kind = node.kind.removeprefix("abstract_")
        if kind in ("identifier", "field_identifier", "type_identifier", "primitive_type"):
            return Declared(name=fragment.written(node), type=ctype, parameters=parameters, dynamic=dynamic)
        if kind == "pointer_declarator":
            ctype = Pointer(to=ctype)
        elif kind == "array_declarator":
            size = node.child("size")
            length = names.length(fragment, size) if size is not None else None
            dynamic = dynamic or (
                size is not None and length is None and not names.is_constant(fragment, size)
            )
            ctype = Array(of=ctype, length=length)
        elif kind == "function_declarator":
            inner = node.child("parameters")
            parameters, variadic = read_parameters(names, fragment, inner)
            known = (
                None if inner is None or not inner.named_children else tuple(one.type for one in parameters)
            )
            ctype = FunctionType(result=ctype, parameters=known, variadic=variadic)
        elif kind not in ("parenthesized_declarator", "init_declarator", "attributed_declarator"):
            raise UnreadError(f"declarator {node.kind.replace('_', ' ')}")
        inside = node.child("declarator")
        if inside is None and kind in ("parenthesized_declarator", "attributed_declarator"):
            inside = next(
                (one for one in node.named_children if one.kind.endswith(("declarator", "identifier"))), None
            )
        node = inside
    return Declared(name="", type=ctype, parameters=parameters, dynamic=dynamic)


def read_parameters(names: Names, fragment: Fragment, node: Node | None) -> tuple[tuple[Declared, ...], bool]:
    """Return a parameter list's declarations, arrays and functions as pointers, and if it is variadic."""
    found: list[Declared] = []
    variadic = False
    for one in node.named_children if node is not None else ():
        if one.kind == "variadic_parameter":
            variadic = True
        elif one.kind == "parameter_declaration":
            read = declarator(names, fragment, one.child("declarator"), base_type(names, fragment, one))
            if read.type == VOID and not read.name:
                continue
            volatile = "volatile" in specifiers(one) and isinstance(read.type, Pointer)
            ctype = decayed(read.type)
            if volatile and isinstance(ctype, Pointer):
                ctype = Pointer(to=ctype.to, volatile=True)
            found.append(Declared(name=read.name, type=ctype))
        elif one.kind not in ("comment",):
            raise UnreadError(f"parameter {one.kind.replace('_', ' ')}")
    return tuple(found), variadic


def type_name(names: Names, fragment: Fragment, node: Node) -> CType:
    """Return the type of a type_descriptor: `struct foo *`, `int (*)(void)`."""
    found = declarator(names, fragment, node.child("declarator"), base_type(names, fragment, node)).type
    if isinstance(found, Pointer) and "volatile" in specifiers(node):
        return Pointer(to=found.to, volatile=True)
    return found

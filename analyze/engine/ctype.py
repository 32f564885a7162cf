"""C types as far as the text tells them, under LP64 with -funsigned-char (rule T2): promotions and
conversions.

What the text does not tell is Unknown: two unknown types are equal when they have one name, and nothing
that depends on a width may be concluded of either.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """No value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bool:
    """C's _Bool: conversion to it is `!= 0`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer:
    """An integer; `bits` is 8, 16, 32, 64, or a bit-field's width."""

    bits: int
    signed: bool
    rank: int = 0
    """0 but for `long long`, 1: it wins over `long` in the usual conversions and is as wide."""
    name: str = field(default="", compare=False)
    """As the text spells it, for a reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """A pointer; `volatile` says that what it points to is."""

    to: CType
    volatile: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Array:
    """An array; `length` is None where it is not a number that the text tells."""

    of: CType
    length: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A struct or a union by its tag; Environment.records tells its fields where it is defined at hand."""

    kind: str
    """"struct" or "union"."""
    tag: str
    """Unique: what has no tag is called by its typedef, or "<line>" of its definition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionType:
    """A function; `parameters` is None where they are not told."""

    result: CType
    parameters: tuple[CType, ...] | None
    variadic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A type that the text does not tell: it may be a scalar of any width, a pointer, a struct, an array.

    `name` is its typedef's or "enum x" ("" for no name at all). `opaque` marks what a table knows to be a
    struct or an arch's own type (pte_t): only copied, passed, and read through accessors.
    """

    name: str = ""
    opaque: bool = False


CType = Void | Bool | Integer | Pointer | Array | Record | FunctionType | Unknown

VOID = Void()
BOOL = Bool()
CHAR = Integer(bits=8, signed=False, name="char")
INT = Integer(bits=32, signed=True, name="int")
UINT = Integer(bits=32, signed=False, name="unsigned int")
LONG = Integer(bits=64, signed=True, name="long")
ULONG = Integer(bits=64, signed=False, name="unsigned long")
LLONG = Integer(bits=64, signed=True, rank=1, name="long long")
ULLONG = Integer(bits=64, signed=False, rank=1, name="unsigned long long")
UNKNOWN = Unknown()
VOID_POINTER = Pointer(to=VOID)
FLOATING = ("float", "double", "long double")
"""The names of floating types, the narrowest first. A value of one is Unknown to the engine: every operation
and conversion is a function of its operands, also where integers have laws (T14)."""


def is_floating(ctype: CType) -> bool:
    """Say whether a type is a floating one."""
    return isinstance(ctype, Unknown) and ctype.name in FLOATING


def promoted(ctype: CType) -> CType:
    """Return the type after the integer promotions (C11 6.3.1.1): _Bool, narrow types and bit-fields become
    int."""
    if isinstance(ctype, Bool):
        return INT
    if isinstance(ctype, Integer):
        if ctype.bits < 32:
            return INT
        if ctype.bits not in (32, 64):
            return ctype  # gcc keeps the width of a wide bit-field
    return ctype


def common(left: CType, right: CType) -> CType:
    """Return the type of the usual arithmetic conversions (C11 6.3.1.8); Unknown where either is not
    arithmetic."""
    one, two = promoted(left), promoted(right)
    floating = [one.name for one in (one, two) if isinstance(one, Unknown) and one.name in FLOATING]
    if floating:
        return Unknown(name=max(floating, key=FLOATING.index))
    if not isinstance(one, Integer) or not isinstance(two, Integer):
        return UNKNOWN
    high = one if (one.bits, one.rank) >= (two.bits, two.rank) else two
    low = two if high is one else one
    if (one.bits, one.rank) == (two.bits, two.rank):
        return one if not one.signed else two
    if high.signed and not low.signed and low.bits == high.bits:
        return Integer(bits=high.bits, signed=False, rank=high.rank)
    return high


def decayed(ctype: CType) -> CType:
    """Return the type of an expression's value: arrays and functions become pointers (C11 6.3.2.1)."""
    if isinstance(ctype, Array):
        return Pointer(to=ctype.of)
    return Pointer(to=ctype) if isinstance(ctype, FunctionType) else ctype


def spell(ctype: CType) -> str:
    """Return a short unambiguous spelling: u32, s8, *struct page, [4]u8, ?gfp_t."""
    if isinstance(ctype, Integer):
        return f"{'s' if ctype.signed else 'u'}{ctype.bits}{'l' * ctype.rank}"
    if isinstance(ctype, Pointer):
        return f"*{'volatile ' * ctype.volatile}{spell(ctype.to)}"
    if isinstance(ctype, Array):
        return f"[{'' if ctype.length is None else ctype.length}]{spell(ctype.of)}"
    if isinstance(ctype, Record):
        return f"{ctype.kind} {ctype.tag}"
    if isinstance(ctype, FunctionType):
        inner = ", ".join(map(spell, ctype.parameters or ())) + (", ..." if ctype.variadic else "")
        return f"fn({'?' if ctype.parameters is None else inner}) {spell(ctype.result)}"
    if isinstance(ctype, Unknown):
        return f"?{ctype.name}"
    return "bool" if isinstance(ctype, Bool) else "void"

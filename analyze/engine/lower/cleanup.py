"""Scope-bound cleanup: __attribute__((cleanup(f))), __free(), guard(), CLASS(), scoped_guard() (L1).

include/linux/cleanup.h. What runs is registered with the scope; scope.py runs it at every way out.
"""

from __future__ import annotations

import re

from ...syntax import Node
from ..ctype import ULONG, VOID, Integer, Pointer, Unknown
from ..fragment import Fragment
from ..ir import (
    NULL,
    AddressOf,
    Argument,
    Assign,
    Binary,
    Branch,
    Call,
    Cast,
    Const,
    Declare,
    Expr,
    Jump,
    Local,
    Read,
    Span,
    Variable,
)
from .context import Lowering, Turn, unknown
from .tables import FREES, GUARDS

_FREE = re.compile(r"__free\s*\(\s*(\w+)\s*\)")
_CLEANUP = re.compile(r"(?:__cleanup\s*\(|\bcleanup\s*\(|__cleanup__\s*\()\s*(\w+)\s*\)")
_ERRORS = Const(value=2**64 - 4095, type=ULONG)


def emit_call(
    low: Lowering, name: str, arguments: tuple[Expr, ...], span: Span, kind: str = "function"
) -> None:
    """Emit a call whose answer nobody uses."""
    low.calls.add(name)
    given = tuple(Argument(value=one) for one in arguments)
    low.emit(Call(target=None, callee=name, pointer=None, arguments=given, kind=kind, type=VOID, span=span))


def attribute_of(fragment: Fragment, start: int, end: int) -> tuple[str, str] | None:
    """Return ("free", name) or ("cleanup", function) where an attribute between two offsets says so."""
    for one in fragment.attributes:
        if start <= one.start < end:
            text = fragment.code[one.start : one.end]
            found = _FREE.search(text)
            if found:
                return "free", found.group(1)
            found = _CLEANUP.search(text)
            if found:
                return "cleanup", found.group(1)
    return None


def register(low: Lowering, made: Variable, how: tuple[str, str], node: Node) -> None:
    """Register a declared variable's cleanup with the innermost scope."""
    span = low.span(node)
    kind, name = how
    if kind == "cleanup":
        low.addressed.add(made.number)
        address = AddressOf(place=Local(variable=made), type=Pointer(to=made.type))
        low.scopes[-1].cleanups.append(lambda one: emit_call(one, name, (address,), span))
        return
    value = Read(place=Local(variable=made), type=made.type)
    destructor, when = FREES.get(name, (f"free:{name}", "call"))
    if ("DEFINE_FREE", name) in low.environment.pieces or when == "call":
        low.scopes[-1].cleanups.append(lambda one: emit_call(one, f"free:{name}", (value,), span, "class"))
        return
    low.scopes[-1].cleanups.append(lambda one: _free(one, value, destructor, when, span))


def _free(low: Lowering, value: Expr, destructor: str, when: str, span: Span) -> None:
    """Call a destructor where the pointer is set (and, for "valid", is no error)."""
    asked, join = low.graph.new(), low.graph.new()
    low.graph.end(Branch(condition=value, then=asked, other=join, span=span, words=""))
    low.graph.resume(asked)
    if when == "valid":
        frees = low.graph.new()
        number = Cast(value=value, type=ULONG)
        error = Binary(op=">=", left=number, right=_ERRORS, type=Integer(bits=32, signed=True))
        low.graph.end(Branch(condition=error, then=join, other=frees, span=span, words=""))
        low.graph.resume(frees)
    emit_call(low, destructor, (value,), span)
    low.graph.end(Jump(to=join))
    low.graph.resume(join)


def guard(low: Lowering, node: Node, names: list[str], arguments: list[str]) -> None:
    """Lower guard(class)(argument): the constructor here, the destructor at the end of the scope."""
    if len(names) != 1 or not names[0].isidentifier():
        raise low.refuse(node, "guard")
    given = tuple(_argument(low, node, one) for one in arguments)
    _enter(low, node, names[0], given)


def _argument(low: Lowering, node: Node, text: str) -> Expr:
    from .expression import reread

    value = reread(low, node, text)
    return Read(place=low.hold(value, node), type=value.type)


def _enter(low: Lowering, node: Node, name: str, given: tuple[Expr, ...]) -> None:
    span = low.span(node)
    known = GUARDS.get(name)
    if known is not None and not _redefined(low, name):
        constructor, destructor = known
        emit_call(low, constructor, given, span)
        low.scopes[-1].cleanups.append(lambda one: emit_call(one, destructor, given, span))
        return
    token = low.temporary(unknown(f"class {name}"))
    low.calls.add(f"class:{name}")
    passed = tuple(Argument(value=one) for one in given)
    low.emit(
        Call(
            target=token,
            callee=f"class:{name}",
            pointer=None,
            arguments=passed,
            kind="class",
            type=token.type,
            span=span,
        )
    )
    value = Read(place=Local(variable=token), type=token.type)
    low.scopes[-1].cleanups.append(lambda one: emit_call(one, f"class-end:{name}", (value,), span, "class"))


def _redefined(low: Lowering, name: str) -> bool:
    """Say whether the file defines a guard of this name itself."""
    pattern = re.compile(rf"\bDEFINE_(?:LOCK_)?(?:GUARD|CLASS)\w*\s*\(\s*{re.escape(name)}\b")
    return pattern.search(low.environment.source.mask) is not None


def class_object(low: Lowering, node: Node, names: list[str], arguments: list[str]) -> None:
    """Lower CLASS(name, variable)(arguments): an object of unknown type with a constructor and a
    destructor."""
    if len(names) != 2 or not names[1].isidentifier():
        raise low.refuse(node, "CLASS")
    given = tuple(_argument(low, node, one) for one in arguments)
    made = low.variable(names[1], Unknown(name=f"class {names[0]}"), "local")
    span = low.span(node)
    low.emit(Declare(variable=made, span=span))
    place = Local(variable=made)
    target = low.temporary(made.type)
    passed = tuple(Argument(value=one) for one in given)
    callee = f"class:{names[0]}"
    low.calls.add(callee)
    low.emit(
        Call(
            target=target,
            callee=callee,
            pointer=None,
            arguments=passed,
            kind="class",
            type=made.type,
            span=span,
        )
    )
    low.emit(Assign(target=place, value=Read(place=Local(variable=target), type=made.type), span=span))
    value = Read(place=place, type=made.type)
    low.scopes[-1].cleanups.append(
        lambda one: emit_call(one, f"class-end:{names[0]}", (value,), span, "class")
    )


def scoped(low: Lowering, node: Node, arguments: list[str], body: Node, *, conditional: bool) -> None:
    """Lower scoped_guard(class, argument) body: a loop of one turn; break and continue inside bind to it.

    scoped_cond_guard(class, fail, argument): `fail` runs where the constructor says no.
    """
    from .scope import close_scope, open_scope

    fewest = 2 if conditional else 1
    if len(arguments) < fewest or not arguments[0].isidentifier():
        raise low.refuse(node, "scoped_guard")
    if conditional or arguments[0].endswith(("_try", "_intr", "_kill", "_trylock", "_trylock_read")):
        raise low.refuse(node, "conditional guard")
    join = low.graph.new()
    open_scope(low, node)
    low.turns.append(Turn(leave=join, again=join, depth=len(low.scopes) - 1))
    _enter(low, node, arguments[0], tuple(_argument(low, node, one) for one in arguments[1:]))
    low.statement(body)
    low.turns.pop()
    close_scope(low)
    low.graph.enter(join)


def set_null(low: Lowering, node: Node) -> Expr:
    """Lower no_free_ptr(p): its value, and p is NULL from then on."""
    from .known import argument

    operand = argument(low, node, 0)
    place = low.place(operand)
    value = low.hold(low.read(place, operand), node)
    low.assign(place, NULL, node)
    return Read(place=value, type=value.type)

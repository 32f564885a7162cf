"""Declarations inside functions: automatic, static and extern variables, types, VLAs, macros that declare."""

from __future__ import annotations

import re

from ...syntax import Node
from ..ctype import Array, CType, FunctionType, Pointer, Record, Unknown, decayed
from ..declare import base_type, declarator, specifier_type, specifiers
from ..ir import Call, Declare, Evaluate, Local, Read, Variable
from . import cleanup, initialiser, macro
from .context import Lowering, is_upper, unknown

_STATIC = re.compile(r"\bstatic\s+(?:const\s+)?\Z")
_BITMAPS = frozenset({"DECLARE_BITMAP"})


def declaration(low: Lowering, node: Node) -> None:
    """Lower a declaration."""
    kept = set(specifiers(node))
    written = node.child("type")
    if written is not None and written.kind == "type_identifier":
        name = low.written(written)
        if name == "__label__":
            return
        if isinstance(low.lookup(name), Variable):
            raise low.refuse(node, f"{low.words(node)[:60]}, which may be a declaration or not")
    if low.fragment.rewrite("declaring-macro", node.start) is not None:
        original = low.fragment.code[node.start : low.fragment.code.find("(", node.start)].strip()
        if original not in _BITMAPS:
            raise low.refuse(node, f"declaring macro {original}")
    base = base_type(low, low.fragment, node)
    for one in node.each("declarator"):
        _declarator(low, node, one, base, kept)


def _declarator(low: Lowering, node: Node, one: Node, base: CType, kept: set[str]) -> None:
    value = one.child("value") if one.kind == "init_declarator" else None
    inner = one.child("declarator") if one.kind == "init_declarator" else one
    found = declarator(low, low.fragment, inner, base)
    if isinstance(found.type, FunctionType) or "extern" in kept or not found.name:
        return
    ctype: CType = found.type
    if value is not None and _is_auto(low, node):
        lowered = low.value(value)
        made = low.variable(found.name, decayed(lowered.type), "local")
        low.emit(Declare(variable=made, span=low.span(one)))
        low.assign(Local(variable=made), lowered, one)
        return
    if isinstance(ctype, Array) and ctype.length is None and value is not None:
        ctype = Array(of=ctype.of, length=initialiser.implied_length(low, value))
    static = "static" in kept
    same = _other_arm(low, node, found.name, ctype, static)
    text = None if value is None or not static else low.words(value)
    volatile = "volatile" in kept and inner is not None and inner.kind in ("identifier", "array_declarator")
    if "volatile" in kept and not volatile and isinstance(ctype, Pointer):
        ctype = Pointer(to=ctype.to, volatile=True)  # what it points to (B2)
    if same is None and found.dynamic and inner is not None:
        _evaluate_sizes(low, inner)
    made = same or low.variable(
        found.name,
        ctype,
        "static" if static else "local",
        volatile=volatile,
        initial=text,
        dynamic=found.dynamic,
    )
    if isinstance(ctype, Array) and ctype.length is None and inner is not None:
        low.lengths[made.number] = _lengths(low, inner)
    if static:
        return
    low.emit(Declare(variable=made, span=low.span(one)))
    if value is not None:
        initialiser.initialise(low, Local(variable=made), value, one)
    how = cleanup.attribute_of(low.fragment, node.start, node.end)
    if how is not None:
        if len(node.each("declarator")) > 1:
            raise low.refuse(node, "a cleanup among several declarators")
        cleanup.register(low, made, how, node)


def _is_auto(low: Lowering, node: Node) -> bool:
    written = node.child("type")
    return written is not None and low.written(written) in ("auto", "__auto_type", "Auto")


def _other_arm(low: Lowering, node: Node, name: str, ctype: CType, static: bool) -> Variable | None:
    """Return the variable that another arm of an #if declared: both arms' is one where their types agree."""
    known = low.scopes[-1].names.get(name)
    if not low.arms or not isinstance(known, Variable):
        return None
    if known.type != ctype or static:
        raise low.refuse(node, f"{name} is declared differently by configuration")
    return known


def _lengths(low: Lowering, node: Node) -> str:
    """Return the words of an array declarator's lengths."""
    found, here = "", node
    while True:
        size, inside = here.child("size"), here.child("declarator")
        found += f"[{low.words(size)}]" if size is not None else ""
        if inside is None:
            return found
        here = inside


def _evaluate_sizes(low: Lowering, node: Node) -> None:
    here: Node | None = node
    while here is not None:
        size = here.child("size")
        if size is not None:
            value = low.value(size)
            low.emit(Evaluate(value=value, span=low.span(size)))
        here = here.child("declarator")


def types(low: Lowering, node: Node) -> None:
    """Take notice of a struct, union or enum that the function defines."""
    specifier_type(low, low.fragment, node)


def typedef(low: Lowering, node: Node) -> None:
    """Take notice of a typedef."""
    base = base_type(low, low.fragment, node)
    for one in node.each("declarator"):
        found = declarator(low, low.fragment, one, base)
        low.scopes[-1].names[found.name] = found.type


def by_macro(low: Lowering, node: Node, name: str) -> bool:
    """Lower XA_STATE(xas, ...): an UPPER_CASE call with a name that nobody declared declares it."""
    if not is_upper(name) or low.environment.is_function(name):
        return False
    given = macro.arguments_of(low, node)
    declares = name.startswith(("DEFINE_", "DECLARE_"))
    fresh = [
        text
        for number, text in enumerate(given)
        if text.isidentifier() and not text.isupper() and _is_new(low, text) and (declares or number == 0)
    ]
    if not fresh or not (declares or given[0] == fresh[0]):
        return False
    _declared_by(low, node, name, fresh[0], given)
    return True


def is_static(low: Lowering, node: Node) -> bool:
    """Say whether `static` stands in front of a macro that declares; the normaliser blanks it."""
    return _STATIC.search(low.fragment.code, max(0, node.start - 40), node.start) is not None


def _is_new(low: Lowering, name: str) -> bool:
    environment = low.environment
    return (
        low.lookup(name) is None
        and environment.variable(name) is None
        and environment.constant(name) is None
        and not environment.macros(name)
        and not environment.is_function(name)
        and low.named_type(name) is None
    )


def _declared_by(low: Lowering, node: Node, name: str, new: str, given: list[str]) -> None:
    from .iteration import arguments_by_text

    span = low.span(node)
    others = [text for text in given if text != new]
    arguments, detail = arguments_by_text(low, node, others)
    ctype: CType = _DECLARED.get(name, Unknown(name=f"{name}()"))
    if is_static(low, node):
        low.variable(new, ctype, "static", initial=low.words(node))
        return
    made = low.variable(new, ctype, "local")
    low.emit(Declare(variable=made, span=span))
    place = Local(variable=made)
    low.calls.add(name)
    answer = low.temporary(unknown(f"{name}()") if isinstance(ctype, Unknown) else ctype)
    low.emit(
        Call(
            target=answer,
            callee=name,
            pointer=None,
            arguments=arguments,
            kind="macro",
            type=answer.type,
            span=span,
            detail="; ".join(detail),
        ),
    )
    low.assign(place, Read(place=Local(variable=answer), type=answer.type), node)


def _struct(tag: str) -> CType:
    return Record(kind="struct", tag=tag)


_DECLARED: dict[str, CType] = {
    # include/linux/xarray.h, maple_tree.h, mm_types.h, rmap.h, wait.h, completion.h, blkdev.h
    "XA_STATE": _struct("xa_state"),
    "XA_STATE_ORDER": _struct("xa_state"),
    "MA_STATE": _struct("ma_state"),
    "VMA_ITERATOR": _struct("vma_iterator"),
    "DEFINE_FOLIO_VMA_WALK": _struct("page_vma_mapped_walk"),
    "DEFINE_PAGE_VMA_WALK": _struct("page_vma_mapped_walk"),
    "DEFINE_WAIT": _struct("wait_queue_entry"),
    "DEFINE_WAIT_FUNC": _struct("wait_queue_entry"),
    "DECLARE_COMPLETION_ONSTACK": _struct("completion"),
    "DECLARE_WAITQUEUE": _struct("wait_queue_entry"),
    "DECLARE_WAIT_QUEUE_HEAD_ONSTACK": _struct("wait_queue_head"),
    "DEFINE_MM_WALK": _struct("mm_walk"),
    "VMG_STATE": _struct("vma_merge_struct"),
    "VMG_VMA_STATE": _struct("vma_merge_struct"),
    "MMAP_STATE": _struct("mmap_state"),
}

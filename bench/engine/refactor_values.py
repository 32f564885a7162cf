"""Refactorings of values: masks rewritten, independent stores swapped, a pure getter cached or hoisted.

Each takes a view of a function and yields (line, text of the whole function after it).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from lorelens.analyze.syntax import Node, walk

from .refactor_flow import is_written
from .view import Edit, View, apply, arguments, callee, calls, has, inner, statements, words

Texts = Iterator[tuple[int, str]]
GETTERS = {
    "hstate_vma": "struct hstate *", "huge_page_size": "unsigned long", "huge_page_shift": "unsigned int",
    "huge_page_order": "unsigned int", "huge_page_mask": "unsigned long",
    "pages_per_huge_page": "unsigned int",
    "vma_pages": "unsigned long", "page_to_pfn": "unsigned long", "pte_pfn": "unsigned long",
    "pmd_pfn": "unsigned long", "folio_nr_pages": "long", "folio_order": "unsigned int",
    "vma_is_anonymous": "bool", "is_vm_hugetlb_page": "bool", "pte_present": "int", "pte_none": "int",
    "pmd_none": "int", "pte_write": "int", "page_to_nid": "int", "folio_nid": "int",
    "page_zonenum": "enum zone_type", "vma_is_shmem": "bool", "hstate_is_gigantic": "bool",
    "thp_order": "unsigned int",
}  # fmt: skip
"""Getters of include/linux/{hugetlb,mm,mmzone,pgtable}.h of 6.12 that only read; what they return."""
_OVERLAID = re.compile(r"page|folio|slab|ptdesc|vmf|zspage|head|tail|subpage")
"""Names of what is a union in the kernel: two of its fields may be one place."""
_FLAG = re.compile(r"[A-Z][A-Z0-9_]{2,}")


def mask(found: View) -> Texts:
    """Rewrite tests and updates of bits, for any values of the bits.

    In a condition `x & (A | B)` -> `(x & A) || (x & B)`, `x & A` -> `(x & A) != 0` and `!(x & A)` ->
    `(x & A) == 0`; `x |= A` -> `x = x | A`, `x &= ~A` -> `x = x & ~A`. `a & b && a & c` stays, as one needs
    to know the bits.
    """
    for node in found.nodes("if_statement", "while_statement"):
        condition = node.child("condition")
        if condition is not None and is_written(found, node):
            for test in _tests(found, inner(condition)):
                new = _other_test(found, test)
                if new is not None:
                    yield _put(found, test, new)
    for node in found.nodes("assignment_expression"):
        left, right, operator = node.child("left"), node.child("right"), found.of_operator(node)
        if left is None or right is None or operator not in ("|=", "&=") or node.parent is None:
            continue
        if node.parent.kind == "expression_statement" and _is_quiet(left) and _is_quiet(right):
            yield _put(found, node, f"{found.of(left)} = {found.of(left)} {operator[0]} ({found.of(right)})")


def _tests(found: View, condition: Node) -> Iterator[Node]:
    """Yield the operands of a condition's && and ||."""
    node = inner(condition)
    left, right = node.child("left"), node.child("right")
    if node.kind == "binary_expression" and found.of_operator(node) in ("&&", "||") and left and right:
        yield from _tests(found, left)
        yield from _tests(found, right)
    else:
        yield node


def _other_test(found: View, test: Node) -> str | None:
    argument = test.child("argument") if test.kind == "unary_expression" else None
    if argument is not None and found.of(test).startswith("!"):
        bits = _bits(found, inner(argument))
        return None if bits is None else f"({bits[0]} & {bits[1]}) == 0"
    bits = _bits(found, test)
    if bits is None:
        return None
    value, flags = bits
    parts = re.fullmatch(rf"\(\s*({_FLAG.pattern})\s*\|\s*({_FLAG.pattern})\s*\)", flags)
    if parts:
        return f"(({value} & {parts[1]}) || ({value} & {parts[2]}))"
    return f"({value} & {flags}) != 0"


def _bits(found: View, node: Node) -> tuple[str, str] | None:
    """Return (value, flags) of `value & FLAGS`."""
    left, right = node.child("left"), node.child("right")
    if node.kind != "binary_expression" or found.of_operator(node) != "&" or left is None or right is None:
        return None
    if not _is_quiet(left) or not _FLAG.search(found.of(right)) or calls(right):
        return None
    return found.of(left), found.of(right)


def stores(found: View) -> Texts:
    """Swap two neighbouring stores to different fields, neither of which reads what the other writes."""
    for block in found.nodes("compound_statement"):
        for one, two in pairwise(statements(block)):
            first, second = _store(found, one), _store(found, two)
            if first is None or second is None or found.text[one.end : two.start].strip():
                continue
            fields = first[0], second[0]
            if fields[0] == fields[1] or fields[1] in words(first[1]) or fields[0] in words(second[1]):
                continue
            edits = [Edit(one.start, one.end, found.of(two)), Edit(two.start, two.end, found.of(one))]
            yield found.text.count("\n", 0, one.start) + 1, apply(found.text, edits)


def _store(found: View, node: Node) -> tuple[str, str] | None:
    """Return (field, text) of a plain store `p->field = value` without calls, p a plain name of no union."""
    inside = node.named_children
    if node.kind != "expression_statement" or len(inside) != 1 or inside[0].kind != "assignment_expression":
        return None
    left, right = inside[0].child("left"), inside[0].child("right")
    if left is None or right is None or left.kind != "field_expression" or not found.plain(node):
        return None
    base, field = left.child("argument"), left.child("field")
    if base is None or field is None or base.kind != "identifier" or _OVERLAID.search(found.of(base)):
        return None
    if not _is_quiet(right) or "->" not in found.of(left) or has(right, "pointer_expression"):
        return None
    return found.of(field), found.of(node)


def getter(found: View) -> Texts:
    """Hoist a pure getter out of a statement S that calls it: `{ T cached = g(x); S }`."""
    for node in found.nodes("expression_statement", "return_statement", "if_statement"):
        block = node.parent
        if block is None or block.kind != "compound_statement" or "cached" in words(found.text):
            continue
        holder = node.child("condition") if node.kind == "if_statement" else node
        if holder is None or (node.kind == "if_statement" and not is_written(found, node)):
            continue
        for call in calls(holder):
            name, given = callee(found, call), arguments(call)
            if name not in GETTERS or len(given) != 1 or given[0].kind != "identifier":
                continue
            if _is_first(found, holder, call) and not _is_assigned(found, holder, found.of(given[0])):
                same = [other for other in calls(holder) if found.of(other) == found.of(call)]
                edits = [Edit(other.start, other.end, "cached") for other in same]
                edits.append(Edit(node.start, node.start, f"{{ {GETTERS[name]} cached = {found.of(call)}; "))
                edits.append(Edit(node.end, node.end, " }"))
                yield found.text.count("\n", 0, node.start) + 1, apply(found.text, edits)
                break


def _is_first(found: View, holder: Node, call: Node) -> bool:
    """Say whether a call is made on every path through an expression, before anything else that it does."""
    above = call.parent
    while above is not None and above != holder:
        if above.kind == "conditional_expression" or (
            above.kind == "binary_expression" and found.of_operator(above) in ("&&", "||")
        ):
            side = above.child("left") if above.kind == "binary_expression" else above.child("condition")
            if side is None or not side.start <= call.start < side.end:
                return False
        above = above.parent
    around = {node.start for node in calls(holder) if node.start <= call.start and call.end <= node.end}
    others = [other for other in calls(holder) if found.of(other) != found.of(call)]
    return all(callee(found, other) in GETTERS or other.start in around for other in others) and not any(
        callee(found, other).isupper() or not callee(found, other) for other in others
    )


def _is_assigned(found: View, holder: Node, name: str) -> bool:
    """Say whether an expression assigns to a name, or takes its address."""
    for node in walk(holder):
        if node.kind in ("assignment_expression", "update_expression", "pointer_expression"):
            target = node.child("left") or node.child("argument")
            if target is not None and found.of(target) == name and not found.of(node).startswith("*"):
                return node.kind != "assignment_expression" or node.parent != holder
    return False


def _is_quiet(node: Node) -> bool:
    """Say whether evaluating an expression does nothing but read."""
    kinds = ("call_expression", "assignment_expression", "update_expression", "compound_statement")
    return not has(node, *kinds)


def _put(found: View, node: Node, new: str) -> tuple[int, str]:
    return found.text.count("\n", 0, node.start) + 1, apply(found.text, [Edit(node.start, node.end, new)])

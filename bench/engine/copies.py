"""Rewritten copies: the same behaviour in other words, by three steps, each text in, text out.

1. declarations that stand together are reordered, where their initialisers call nothing and name nothing of
   each other;
2. locals and parameters get other names, one new name for an old one in all scopes, so that shadowing stays
   as it was;
3. every condition c of if, while, do, for and ?: is written !!(c).
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from lorelens.analyze.syntax import Node, walk

from .view import Edit, View, apply, callee, calls, declared_name, has, view, words

_MEMBER_LAST = re.compile(
    r"container_of|offsetof|_entry|struct_size|flex_|sizeof_field|typeof|FIELD|lru_to|rb_"
)
"""Macros that take a field's bare name."""
_MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+\w+((?:\\\n|.)*)", re.MULTILINE)
_PASTED = re.compile(r"\b(?:guard|scoped_guard|scoped_cond_guard|CLASS|__free|__cleanup)\s*\(\s*(\w+)")
_TOKEN = re.compile(r"[A-Za-z_]\w*|\.?\d[\w.]*|->|\.\.\.|\S")
_NO_VARIABLE_BEHIND = (".", "->", "struct", "union", "enum", "goto")
SUFFIX = "_rewritten"


def copy(text: str, file: str) -> str | None:
    """Return a function's rewritten copy; None where it does not parse clean. `file` is its file's text."""
    for step in (reorder, lambda found: rename(found, file), double_negate):
        found = view(text)
        if found is None:
            return None
        text = step(found)
    return text


# 1. Declarations


def reorder(found: View) -> str:
    """Turn round each run of independent declarations, as far as they are independent."""
    edits: list[Edit] = []
    if found.is_scoped():
        return found.text
    for compound in [node for node in walk(found.body) if node.kind == "compound_statement"]:
        run: list[Node] = []
        for child in [*compound.children, compound]:
            if child.kind == "declaration" and _is_movable(found, child):
                run.append(child)
            elif child.kind != "comment":
                edits += _turned(found, run)
                run = []
    return apply(found.text, edits)


def _is_movable(found: View, node: Node) -> bool:
    """Say whether evaluating a declaration does nothing: no call, no assignment."""
    kinds = ("call_expression", "compound_statement", "assignment_expression", "update_expression")
    if not found.plain(node) or has(node, *kinds) or _defines(node):
        return False
    return not words(found.of(node)) & {"typeof", "static", "extern", "volatile"} and _is_declaration(
        found, node
    )


def _defines(node: Node) -> bool:
    """Say whether a declaration defines a struct, union or enum."""
    return has(node, "field_declaration_list", "enumerator_list")


def _is_declaration(found: View, node: Node) -> bool:
    """Leave out what is a macro call in a declaration's clothes, and arrays whose length is evaluated."""
    if has(node, "macro_type_specifier", "function_declarator"):
        return False
    arrays = [child for child in walk(node) if child.kind == "array_declarator"]
    return all(
        size is None or size.kind == "number_literal" or found.of(size).isupper()
        for size in (array.child("size") for array in arrays)
    )


def names(declaration: Node, found: View) -> set[str]:
    """Return the names that a declaration declares."""
    declared = (declared_name(declarator) for declarator in declaration.each("declarator"))
    return {found.of(name) for name in declared if name is not None}


def _turned(found: View, run: list[Node]) -> list[Edit]:
    """Return the edits that put the last first, but none across one that it names or that names it."""
    if len(run) < 2 or any("#" in found.text[a.end : b.start] for a, b in pairwise(run)):
        return []
    order: list[Node] = []
    for node in run:  # each goes in front of all others that it may pass
        at = len(order)
        while at and _independent(found, order[at - 1], node):
            at -= 1
        order.insert(at, node)
    return [
        Edit(old.start, old.end, found.of(new)) for old, new in zip(run, order, strict=True) if old != new
    ]


def _independent(found: View, one: Node, other: Node) -> bool:
    return not (names(one, found) & words(found.of(other))) and not (
        names(other, found) & words(found.of(one))
    )


# 2. Names


def rename(found: View, file: str) -> str:
    """Rename each local and parameter for which all uses can be told from the text."""
    mask = found.source.mask
    taken = _words(file) | words(mask)
    fixed = _fixed_names(found, file)
    fresh = {
        name: name + SUFFIX for name in local_names(found) if name not in fixed and name + SUFFIX not in taken
    }
    edits, before = [], ""
    for token in _TOKEN.finditer(mask):
        name = token.group()
        if name in fresh and before not in _NO_VARIABLE_BEHIND:
            edits.append(Edit(token.start(), token.end(), fresh[name]))
        before = name
    return apply(found.text, edits)


def _fixed_names(found: View, file: str) -> set[str]:
    """Return the names that may stand for something else than a variable somewhere in the function."""
    kinds = ("statement_identifier", "type_identifier")
    fixed = {found.of(node) for node in walk(found.root) if node.kind in kinds} | {found.name}
    for node in walk(found.root):
        if node.kind == "field_declaration":
            fixed |= names(node, found)
    fixed |= {callee(found, call) for call in calls(found.body)}
    return (
        fixed
        | _macro_words(file)
        | _bare_members(found)
        | {m[1] for m in _PASTED.finditer(found.source.mask)}
    )


def local_names(found: View) -> set[str]:
    """Return the names of parameters and locals that are declared in so many words."""
    declared: set[str] = set()
    for node in walk(found.root):
        if node.kind == "declaration" and "extern" not in words(found.of(node)):
            if not has(node, "macro_type_specifier", "function_declarator"):
                declared |= names(node, found)
        elif node.kind == "parameter_declaration":
            name = declared_name(node.child("declarator"))
            if name is not None:
                declared.add(found.of(name))
    return declared


@lru_cache(maxsize=4)
def _words(file: str) -> set[str]:
    return words(file)


@lru_cache(maxsize=4)
def _macro_words(file: str) -> set[str]:
    """Return every word in a macro's body in the file: a macro may name a caller's local."""
    return {word for match in _MACRO.finditer(file) for word in words(match.group(1))}


def _bare_members(found: View) -> set[str]:
    """Return the names that stand alone as an argument of a macro that takes a field's name."""
    bare: set[str] = set()
    for match in re.finditer(r"\b(\w+)\s*\(", found.source.mask):
        if not _MEMBER_LAST.search(match.group(1)):
            continue
        for argument in _split(found.source.mask, match.end())[1:]:
            word = argument.strip()
            if re.fullmatch(r"[A-Za-z_][\w.\[\]]*", word):
                bare |= words(word)
    return bare


def _split(mask: str, start: int) -> list[str]:
    """Return the arguments of a call whose parenthesis opens in front of `start`."""
    depth, last, parts = 0, start, []
    for at in range(start, len(mask)):
        sign = mask[at]
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            if depth == 0:
                return [*parts, mask[last:at]]
            depth -= 1
        elif sign == "," and depth == 0:
            parts.append(mask[last:at])
            last = at + 1
    return parts


# 3. Conditions


def double_negate(found: View) -> str:
    """Write !!(c) for every condition c that stands in the text itself."""
    edits: list[Edit] = []
    for node in walk(found.root):
        condition = node.child("condition")
        if condition is None or not _is_written(found, node, condition):
            continue
        inside = int(node.kind in ("if_statement", "while_statement", "do_statement"))
        edits.append(Edit(condition.start + inside, condition.start + inside, "!!("))
        edits.append(Edit(condition.end - inside, condition.end - inside, ")"))
    return apply(found.text, edits)  # where two meet at one place, both are openings or both closings


def _is_written(found: View, node: Node, condition: Node) -> bool:
    """Say whether a condition is the text's own: no macro that loops, no directive inside, no `a ?: b`."""
    last = node.end if node.kind == "conditional_expression" else condition.end
    if any(condition.start <= directive.start < last for directive in found.source.directives):
        return False
    before = found.source.mask[: condition.start].rstrip()
    if node.kind == "conditional_expression":
        return node.child("consequence") is not None
    if node.kind == "for_statement":
        return re.match(r"for\s*\(", found.source.mask[node.start :]) is not None
    return node.kind in ("if_statement", "while_statement", "do_statement") and bool(
        re.search(r"\b(?:if|while)$", before)
    )

"""Rewritten copies: the same behaviour in other words, by three steps, each text in, text out.

1. declarations that stand together are reordered, where their initialisers call nothing and name nothing of each
   other;
2. locals and parameters get other names, one new name for an old one in all scopes, so that shadowing stays as it
   was;
3. every condition c of if, while, do, for and ?: is written !!(c).
"""

from __future__ import annotations

import re

from lorelens.analyze.syntax import Node, walk

from .view import SCOPED, Edit, View, apply, arguments, callee, calls, declared_name, has, statements, view, words

_MEMBER_LAST = re.compile(r"container_of|offsetof|_entry|struct_size|flex_|sizeof_field|typeof|FIELD|lru_to|rb_")
"""Macros that take a field's bare name."""
_MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+\w+(.*(?:\\\n.*)*)", re.MULTILINE)
_SUFFIX = "_rewritten"


def copy(text: str, file: str) -> str | None:
    """Return a function's rewritten copy; None where the function does not parse clean. `file` is its file's text."""
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
    if not found.plain(node) or SCOPED.search(found.of(node)) or node.has_error:
        return False
    if has(node, "call_expression", "compound_statement", "assignment_expression", "update_expression", "struct_specifier") \
            and (calls(node) or has(node, "compound_statement", "assignment_expression", "update_expression") or _defines(node)):
        return False
    return "typeof" not in found.of(node) and _declares_a_type_name(found, node)


def _defines(node: Node) -> bool:
    """Say whether a declaration defines a struct, union or enum."""
    return has(node, "field_declaration_list", "enumerator_list")


def _declares_a_type_name(found: View, node: Node) -> bool:
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
    """Return the edits that put the last declaration first, but none across one that it names or that names it."""
    if len(run) < 2 or any("#" in found.text[a.end : b.start] for a, b in zip(run, run[1:], strict=False)):
        return []
    order: list[Node] = []
    for node in run:  # each goes in front of all others that it may pass
        at = len(order)
        while at and _independent(found, order[at - 1], node):
            at -= 1
        order.insert(at, node)
    return [Edit(old.start, old.end, found.of(new)) for old, new in zip(run, order, strict=True) if old != new]


def _independent(found: View, one: Node, other: Node) -> bool:
    return not (names(one, found) & words(found.of(other))) and not (names(other, found) & words(found.of(one)))


# 2. Names


def rename(found: View, file: str) -> str:
    """Rename each local and parameter for which all uses can be told from the text."""
    mask = found.source.mask
    taken = words(file) | words(mask)
    fixed = _macro_words(file) | _bare_members(found) | {found.name}
    fixed |= {found.of(node) for node in walk(found.root) if node.kind in ("statement_identifier", "type_identifier")}
    fixed |= {callee(found, call) for call in calls(found.body)}
    fresh = {
        name: name + _SUFFIX for name in local_names(found) if name not in fixed and name + _SUFFIX not in taken
    }
    pattern = re.compile(r"(?<![\w.])(?P<arrow>->\s*|\.\s*|(?:struct|union|enum|goto)\s+)?\b(?P<name>[A-Za-z_]\w*)")
    edits = []
    for match in pattern.finditer(mask):
        if not match["arrow"] and match["name"] in fresh:
            edits.append(Edit(match.start("name"), match.end("name"), fresh[match["name"]]))
    # `x...y` and `a ... b` hold dots that are no member access; a name behind them would be missed
    if any(mask[: match.start()].rstrip().endswith("..") for match in pattern.finditer(mask) if match["name"] in fresh):
        return found.text
    if any(mask[: match.start("name")].rstrip().endswith((".", "->")) for match in pattern.finditer(mask)
           if match["name"] in fresh and not match["arrow"]):
        return found.text
    return apply(found.text, edits)


def local_names(found: View) -> set[str]:
    """Return the names of parameters and locals that are declared in so many words."""
    declared: set[str] = set()
    for node in walk(found.root):
        if node.kind == "declaration" and not has(node, "macro_type_specifier") and node.parent is not None:
            if "extern" not in words(found.of(node)):
                for declarator in node.each("declarator"):
                    if declarator.kind != "function_declarator":
                        declared |= names(node, found)
        elif node.kind == "parameter_declaration":
            name = declared_name(node.child("declarator"))
            if name is not None:
                declared.add(found.of(name))
    return declared


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
            if re.fullmatch(r"[A-Za-z_][\w.\[\]]*", word) and word != "":
                bare |= words(word)
    # the first arguments of an iterating macro are variables; what is also declared stays as it is, which is safe
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
        if condition is None or not _is_written(found, node):
            continue
        if node.kind in ("if_statement", "while_statement", "do_statement"):
            edits += _wrap(condition.start + 1, condition.end - 1)
        elif node.kind == "for_statement" or (node.kind == "conditional_expression" and node.child("consequence")):
            edits += _wrap(condition.start, condition.end)
    return apply(found.text, _nested(edits))


def _wrap(start: int, end: int) -> list[Edit]:
    return [Edit(start, start, "!!("), Edit(end, end, ")")]


def _nested(edits: list[Edit]) -> list[Edit]:
    """Keep insertions at one place in an order that nests: they are all openings, or all closings."""
    return edits


def _is_written(found: View, node: Node) -> bool:
    """Say whether a statement's head is the text's own, and no macro that loops written over."""
    condition = node.child("condition")
    head = node.start if node.kind != "do_statement" else (condition.start if condition else node.start)
    keyword = found.text[node.start : node.start + 2]
    if node.kind != "conditional_expression" and keyword != found.tree.text[node.start : node.start + 2]:
        return False
    if condition is None:
        return False
    touched = (rewrite for rewrite in found.tree.rewrites if rewrite.rule != "attribute")
    return not any(rewrite.start < condition.end and head < rewrite.end and head == node.start and
                   rewrite.start < condition.end for rewrite in touched)

"""A function's text beside its syntax tree: what the generators look at before they edit.

Offsets in the tree are offsets in the text (the normaliser keeps lengths). A node is `plain` where the
normaliser wrote over nothing in it, so that what the tree says of it is what the text says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lorelens.analyze.lexical import Source, scan
from lorelens.analyze.outline import cut
from lorelens.analyze.syntax import Node, walk
from lorelens.analyze.tree import SyntaxTree, parse_span

WORD = re.compile(r"[A-Za-z_]\w*")
SCOPED = re.compile(
    r"\b(?:__free|__cleanup|guard|scoped_guard|scoped_cond_guard|CLASS|no_free_ptr|return_ptr)\b"
)
"""Words that tie behaviour to a scope's end."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in place of start..end. An insertion has start == end."""

    start: int
    end: int
    text: str


def apply(text: str, edits: list[Edit]) -> str:
    """Apply edits that do not overlap; insertions at one place keep their order in the list."""
    parts, last = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < last:
            raise ValueError(f"edits overlap at {edit.start}")
        parts += [text[last : edit.start], edit.text]
        last = edit.end
    return "".join([*parts, text[last:]])


@dataclass(frozen=True, slots=True)
class View:
    """One function definition, parsed clean."""

    text: str
    source: Source
    tree: SyntaxTree
    root: Node
    """Its function_definition."""
    body: Node
    """Its compound_statement."""
    name: str

    def of(self, node: Node) -> str:
        """Return a node's text, as written."""
        return self.text[node.start : node.end]

    def of_operator(self, node: Node) -> str:
        """Return the operator of a binary expression."""
        signs = [child for child in node.children if not child.named and child.kind not in ("(", ")")]
        return self.of(signs[0]) if signs else ""

    def plain(self, node: Node) -> bool:
        """Say whether nothing in a node was written over, comments aside, and no directive stands in it."""
        if any(rewrite.start < node.end and node.start < rewrite.end for rewrite in self.tree.rewrites):
            return False
        return not any(node.start <= found.start < node.end for found in self.source.directives)

    def nodes(self, *kinds: str) -> Iterator[Node]:
        """Yield the plain nodes of some kinds in the body, in the order of the text."""
        for node in walk(self.body):
            if node.kind in kinds and self.plain(node):
                yield node

    def is_scoped(self) -> bool:
        """Say whether leaving a scope does something in this function."""
        return SCOPED.search(self.source.mask) is not None


def view(text: str) -> View | None:
    """Read the text of one function; None where it does not parse clean."""
    source = scan(text)
    pieces = [piece for piece in cut(source) if piece.symbol == "function"]
    if len(pieces) != 1:
        return None
    piece = pieces[0]
    tree = parse_span(source, 0, len(text), body=piece.body, function=True)
    if tree is None or not tree.clean:
        return None
    roots = [node for node in walk(tree.root) if node.kind == "function_definition"]
    body = roots[0].child("body") if len(roots) == 1 else None
    if body is None or body.kind != "compound_statement":
        return None
    return View(text, source, tree, roots[0], body, piece.name)


# Small questions about nodes


def words(text: str) -> set[str]:
    """Return the identifiers in a text."""
    return set(WORD.findall(text))


def calls(node: Node) -> list[Node]:
    """Return the call expressions in a node."""
    return [found for found in walk(node) if found.kind == "call_expression"]


def has(node: Node, *kinds: str) -> bool:
    """Say whether a node of some kind stands in this one, itself included."""
    return any(found.kind in kinds for found in walk(node))


def callee(view: View, call: Node) -> str:
    """Return the name that is called; "" for a call through an expression."""
    function = call.child("function")
    return view.of(function) if function is not None and function.kind == "identifier" else ""


def arguments(call: Node) -> tuple[Node, ...]:
    """Return a call's arguments."""
    found = call.child("arguments")
    return tuple(n for n in found.named_children if n.kind != "comment") if found is not None else ()


def inner(condition: Node) -> Node:
    """Return what stands inside a parenthesised expression."""
    found = [child for child in condition.named_children if child.kind != "comment"]
    return inner(found[0]) if condition.kind == "parenthesized_expression" and len(found) == 1 else condition


def declared_name(declarator: Node | None) -> Node | None:
    """Return the identifier that a declarator declares; None for none (an abstract declarator)."""
    while declarator is not None and declarator.kind not in ("identifier", "field_identifier"):
        if declarator.kind == "parenthesized_declarator":
            inside = declarator.named_children
            declarator = inside[0] if inside else None
        else:
            declarator = declarator.child("declarator")
    return declarator


def statements(compound: Node) -> list[Node]:
    """Return a compound statement's own statements and declarations, comments left out."""
    return [child for child in compound.named_children if child.kind != "comment"]

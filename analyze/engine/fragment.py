"""A piece of C text that is being read: its words as written, its syntax tree, and what the normaliser
wrote over."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ..lexical import Source, scan
from ..normalise import normalise_piece
from ..outline import Piece, cut
from ..rewriting import Rewrite
from ..syntax import Node, parse
from .ir import Span

_HEAD = "void f(void)\n{\n"
_SPLICE = re.compile(r"\\\n")
LONGEST = 200_000
"""Characters of one definition or expansion that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """One text under lowering: a definition, or what a macro expands to."""

    code: str
    """As written, comments blanked; offsets are those of the tree."""
    root: Node
    rewrites: dict[int, tuple[Rewrite, ...]]
    """What the normaliser wrote over, by where it starts."""
    attributes: tuple[Rewrite, ...]
    """The attribute words that it blanked, in the order of the text."""
    origin: Span | None = None
    """The use of the macro that this is the expansion of; None for the function itself."""
    expanding: frozenset[str] = field(default_factory=frozenset)
    """The macros in whose expansion this stands: they are not expanded again."""
    said: str = ""
    """The words of the macro's use where the macro is the prelude's: a reader sees those, not the
    expansion's."""
    asked: int = -2
    """How tightly the expression must hold together that takes the place of the macro's use."""
    single: bool = False
    """Whether one statement is asked for: the use is the body of an if or of a loop."""
    before_else: bool = False
    """Whether an else follows the use."""

    def written(self, node: Node) -> str:
        """Return what stands at a node in the text as written."""
        return self.code[node.start : node.end]

    def words(self, node: Node) -> str:
        """Return the same with single blanks, of the prelude's macros the use."""
        return self.said or " ".join(self.code[node.start : node.end].split())

    def rewrite(self, rule: str, start: int) -> Rewrite | None:
        """Return a rule's application that starts at an offset."""
        for found in self.rewrites.get(start, ()):
            if found.rule == rule:
                return found
        return None


def read_definition(source: Source, piece: Piece) -> Fragment:
    """Read a definition of a file; whether it parses tells root.has_error."""
    return _read(source, piece.start, piece.end, piece.body, function=piece.symbol == "function")


def read_statements(text: str, origin: Span | None, expanding: frozenset[str], said: str = "") -> Fragment:
    """Read statements, or an expression, as the body of a function of their own: root is its compound
    statement."""
    whole = f"{_HEAD}{_SPLICE.sub(' ' + chr(10), text)}\n;}}"
    source = scan(whole)
    found = _read(source, 0, len(whole), len(_HEAD) - 2, function=True)
    top = found.root.named_children
    body = top[0].child("body") if top and top[0].kind == "function_definition" else None
    root = found.root if body is None else body
    return Fragment(
        code=found.code,
        root=root,
        rewrites=found.rewrites,
        attributes=found.attributes,
        origin=origin,
        expanding=expanding,
        said=said,
    )


def reread(fragment: Fragment, code: str) -> Fragment:
    """Read another text of the same length in a fragment's place."""
    source = scan(code)
    whole = fragment.root.kind == "compound_statement"
    body = fragment.root.start if whole else code.find("{")
    found = _read(source, 0, len(code), body, function=True)
    root = found.root
    if whole and root.named_children and root.named_children[0].kind == "function_definition":
        root = root.named_children[0].child("body") or root
    return replace(found, root=root, origin=fragment.origin, expanding=fragment.expanding, said=fragment.said)


def only_expression(fragment: Fragment) -> Node | None:
    """Return the expression that a fragment of read_statements is; None where it is no such."""
    if fragment.root.has_error or fragment.root.kind != "compound_statement":
        return None
    inner = [node for node in fragment.root.named_children if node.kind != "comment"]
    while inner and inner[-1].kind == "expression_statement" and not inner[-1].named_children:
        inner.pop()
    if len(inner) != 1 or inner[0].kind != "expression_statement" or not inner[0].named_children:
        return None
    return inner[0].named_children[0]


def first_function(text: str) -> tuple[Source, Piece] | None:
    """Return the first function that a text defines."""
    source = scan(text)
    for piece in cut(source):
        if piece.symbol == "function":
            return source, piece
    return None


def _read(source: Source, start: int, end: int, body: int, *, function: bool) -> Fragment:
    found = normalise_piece(source, start, end, body=body, function=function)
    starts: dict[int, tuple[Rewrite, ...]] = {}
    for rewrite in found.rewrites:
        starts[rewrite.start] = (*starts.get(rewrite.start, ()), rewrite)
    return Fragment(
        code=source.code[start:end],
        root=parse(found.text),
        rewrites=starts,
        attributes=tuple(one for one in found.rewrites if one.rule == "attribute"),
    )

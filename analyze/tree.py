"""A definition's text -> its syntax tree: normalised as gently as gives a clean one."""

from __future__ import annotations

from dataclasses import dataclass

from .lexical import Source
from .normalise import normalise_piece
from .outline import Piece
from .rewriting import Rewrite
from .syntax import Node, parse

MAX_PARSED = 400_000
"""Characters of one definition; a longer one is not parsed, and so not clean."""
MAX_DEPTH = 1_000
"""Brackets open at once; deeper text is not parsed."""
MAX_LEVEL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxTree:
    """A definition's tree. Offsets in it count from the definition's first character."""

    root: Node
    text: str
    """What was parsed: the definition after normalisation, of the same length."""
    rewrites: tuple[Rewrite, ...]
    """What the normaliser wrote over; a `loop` is a macro that loops, an `arm` a conditional that was
    decided."""
    offset: int
    """Of the definition in its source."""
    line: int
    """The source's line of the tree's line 1."""
    clean: bool
    """Whether it has neither an ERROR nor a MISSING node."""


def parse_piece(source: Source, piece: Piece) -> SyntaxTree | None:
    """Parse one definition; None where it is too long or nested too deep to be tried."""
    if piece.symbol == "prototype" and source.mask[piece.end - 1] == ";":
        return parse_span(source, piece.start, piece.end, body=piece.end - 1, function=True)
    return parse_span(source, piece.start, piece.end, body=piece.body, function=piece.symbol == "function")


def parse_span(source: Source, start: int, end: int, *, body: int, function: bool) -> SyntaxTree | None:
    """Parse source[start:end] under each level of the normaliser until the tree is clean.

    The conditionals of a body stay in the tree where it is clean with them.
    """
    if end - start > MAX_PARSED or _depth(source.mask[start:end]) > MAX_DEPTH:
        return None
    tried: list[SyntaxTree] = []
    conditional = any(start <= found.start < end for found in source.directives)
    for level in range(MAX_LEVEL + 1 if conditional else 2):
        normal = normalise_piece(source, start, end, body=body, level=level, function=function)
        root = parse(normal.text)
        tree = SyntaxTree(
            root=root, text=normal.text, rewrites=normal.rewrites, offset=start, line=source.line(start),
            clean=not root.has_error,
        )  # fmt: skip
        if tree.clean:
            return tree
        tried.append(tree)
    return tried[min(2, len(tried) - 1)]


def is_clean(source: Source, piece: Piece | None, start: int, end: int) -> bool:
    """Say whether a definition's tree is clean; includes and macros have none, and need none."""
    if piece is None:
        return False
    if piece.symbol in ("macro", "other"):
        return piece.closed
    tree = parse_piece(source, piece)
    return tree is not None and tree.clean and piece.closed


def _depth(mask: str) -> int:
    deepest = depth = 0
    for sign in mask:
        if sign in "({[":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in ")}]" and depth:
            depth -= 1
    return deepest

"""C text -> its syntax tree. The only importer of tree_sitter and tree_sitter_c.

The rest of lorelens sees Node and Tree: offsets are offsets into the text that was parsed, lines are 1-based.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import tree_sitter
import tree_sitter_c


class Node:
    """A node of a syntax tree. Its kind is tree-sitter-c's name for it ("call_expression", "if_statement",
    ";")."""

    __slots__ = ("_node",)

    def __init__(self, node: tree_sitter.Node) -> None:
        self._node = node

    @property
    def kind(self) -> str:
        """The grammar's name of the node."""
        return self._node.type

    @property
    def named(self) -> bool:
        """False for punctuation and keywords."""
        return self._node.is_named

    @property
    def start(self) -> int:
        """Offset of its first character in the parsed text."""
        return self._node.start_byte

    @property
    def end(self) -> int:
        """Offset behind its last character."""
        return self._node.end_byte

    @property
    def line(self) -> int:
        """1-based line of its first character."""
        return self._node.start_point[0] + 1

    @property
    def column(self) -> int:
        """0-based column of its first character, in characters."""
        return self._node.start_point[1]

    @property
    def has_error(self) -> bool:
        """Whether an ERROR or a MISSING node stands in it, itself included."""
        return self._node.has_error

    @property
    def is_error(self) -> bool:
        """Whether it is text that fits no rule of the grammar."""
        return self._node.is_error

    @property
    def is_missing(self) -> bool:
        """Whether the parser supposed it: the text does not hold it."""
        return self._node.is_missing

    @property
    def parent(self) -> Node | None:
        """The node around it; None for the root."""
        found = self._node.parent
        return None if found is None else Node(found)

    @property
    def children(self) -> tuple[Node, ...]:
        """All children in order, punctuation included."""
        return tuple(Node(child) for child in self._node.children)

    @property
    def named_children(self) -> tuple[Node, ...]:
        """The children that are no punctuation."""
        return tuple(Node(child) for child in self._node.named_children)

    def child(self, field: str) -> Node | None:
        """Return the (first) child under a field of the grammar ("condition", "body"), None where there is
        none."""
        found = self._node.child_by_field_name(field)
        return None if found is None else Node(found)

    def each(self, field: str) -> tuple[Node, ...]:
        """Return all children under a field of the grammar."""
        return tuple(Node(child) for child in self._node.children_by_field_name(field))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self._node == other._node

    def __hash__(self) -> int:
        return hash(self._node)

    def __repr__(self) -> str:
        return f"Node({self.kind!r}, {self.start}, {self.end})"


def parse(text: str) -> Node:
    """Parse a C text; what is not ASCII is read as "?", so that offsets are those of characters.

    Never raises; the root's has_error says whether all of it fits the grammar.
    """
    return Node(_parser().parse(text.encode("ascii", "replace")).root_node)


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and all below it in the order of the text, without recursion."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(reversed(found.children))


def faults(node: Node) -> tuple[Node, ...]:
    """Return the ERROR and MISSING nodes in `node`, in the order of the text."""
    found, waiting = [], [node]
    while waiting:
        here = waiting.pop()
        if here.is_error or here.is_missing:
            found.append(here)
        elif here.has_error:
            waiting.extend(reversed(here.children))
    return tuple(found)


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language()))

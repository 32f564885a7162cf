"""`(a) + (b) * c`: the grammar reads a cast of `+(b)` where `a` is no type, and binds it tighter than C
does.

Where a name in parentheses is a variable, or a call without arguments stands in them, the parentheses are
blanked and the text is read again: same offsets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ...syntax import Node, walk
from ..fragment import Fragment, reread

_DECLARING = frozenset({
    "init_declarator", "pointer_declarator", "array_declarator", "declaration", "parameter_declaration",
    "function_declarator", "parenthesized_declarator",
})  # fmt: skip
_CALLED = re.compile(r"\w+\s*\(\s*\)")
_ROUNDS = 4


def settle(fragment: Fragment, is_variable: Callable[[str], bool]) -> Fragment:
    """Return the fragment with what the grammar took for casts of variables read as expressions."""
    for _ in range(_ROUNDS):
        found = list(_false_casts(fragment, is_variable))
        if not found:
            break
        code = fragment.code
        for start, end in found:
            code = f"{code[:start]} {code[start + 1 : end - 1]} {code[end:]}"
        fragment = reread(fragment, code)
    return fragment


def _false_casts(fragment: Fragment, is_variable: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """Yield where `(name)` stands, from its opening to behind its closing parenthesis."""
    declared: set[str] | None = None
    for node in walk(fragment.root):
        if node.kind != "cast_expression":
            continue
        written, value = node.child("type"), node.child("value")
        name = fragment.written(written).strip() if written is not None else ""
        if written is None or value is None:
            continue
        if _CALLED.fullmatch(name):  # no cast is to a function's type
            yield node.start, fragment.code.index(")", written.end) + 1
        if not name.isidentifier():
            continue
        if declared is None:
            declared = _declared(fragment)
        if name in declared or is_variable(name):
            yield node.start, fragment.code.index(")", written.end) + 1


def _declared(fragment: Fragment) -> set[str]:
    """Return the names of the variables that a text declares."""
    found = set()
    for node in walk(fragment.root):
        if node.kind == "identifier":
            around: Node | None = node.parent
            if around is not None and around.kind in _DECLARING:
                found.add(fragment.written(node))
    return found

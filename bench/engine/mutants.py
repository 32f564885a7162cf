"""Semantic mutants of a function: one small edit each that changes what it does, as mistakes in patches do.

Edits inside what is not behaviour (texts of warnings, pr_*(), traces, lockdep assertions, debug checks) are
left out. Whether a mutant compiles and is no equivalent one is for the replay oracle to say, never for the
engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from lorelens.analyze.syntax import Node

from .view import Edit, View, apply, arguments, callee, calls, has, inner, statements, view

NOT_BEHAVIOUR = re.compile(
    r"(pr_\w+|printk\w*|_?dev_\w+|WARN\w*|VM_\w*(?:BUG|WARN)\w*|BUG\w*|trace_\w+|lockdep_\w+|\w*_assert_locked\w*"
    r"|might_\w+|cond_resched\w*|prefetchw?|__set_current_state|dump_\w+|seq_\w+|debug_\w+|kasan_\w+|kmsan_\w+"
    r"|kfence_\w+|count_vm_\w+|__?count_\w+|kmemleak_\w+|data_race|ASSERT_EXCLUSIVE\w*|VM_BUG\w*|pgtable_\w*check"
    r"|static_assert|BUILD_BUG\w*|DEFINE_\w+|DECLARE_\w+|mmap_assert\w*|vma_assert\w*|rwsem_assert\w*)"
)
"""Calls that are no behaviour, or too near to it to tell a mutant by."""
_RELEASE = re.compile(r"unlock|(?:^|_)put(?:_|$)|release|(?:^|_)free(?:_|$)|_end$|unmap|unpin")
_ERRORS = ("EINVAL", "ENOMEM", "EFAULT", "EAGAIN", "EBUSY", "ENOENT", "EEXIST", "ENOSPC", "EPERM", "EINTR")
_ACTS = (
    "assignment_expression",
    "update_expression",
    "return_statement",
    "goto_statement",
    "break_statement",
    "continue_statement",
)
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A mutated function."""

    kind: str
    line: int
    """1-based, in the function's text."""
    before: str
    after: str
    """What was replaced, and by what; blanks collapsed."""
    text: str
    """The whole function."""


Operator = Callable[[View, Node], Iterator[tuple[str, int, int, str]]]
"""(kind, start, end, text) for each edit that a node offers."""


def mutants(text: str) -> list[Mutant]:
    """Return every mutant of a function, in the order of its text; [] where it does not parse clean."""
    found = view(text)
    if found is None:
        return []
    made: list[Mutant] = []
    skipped = [
        (call.start, call.end) for call in calls(found.body) if NOT_BEHAVIOUR.fullmatch(callee(found, call))
    ]
    for node in found.nodes(*OPERATORS):
        if any(start <= node.start and node.end <= end for start, end in skipped):
            continue
        for operator in OPERATORS[node.kind]:
            for kind, start, end, new in operator(found, node):
                mutated = apply(text, [Edit(start, end, new)])
                if mutated != text:
                    line = text.count("\n", 0, start) + 1
                    before = " ".join(text[start:end].split())
                    after = " ".join(new.split())
                    made.append(Mutant(kind=kind, line=line, before=before, after=after, text=mutated))
    return made


def _dropped_call(found: View, node: Node) -> Iterator[tuple[str, int, int, str]]:
    inside = node.named_children
    if len(inside) != 1 or inside[0].kind != "call_expression":
        return
    name = callee(found, inside[0])
    if not name or name.isupper() or NOT_BEHAVIOUR.fullmatch(name):
        return
    kind = "dropped release" if _RELEASE.search(name) else "dropped call"
    yield kind, node.start, node.end, ";"


def _condition(found: View, node: Node) -> Iterator[tuple[str, int, int, str]]:
    """Negate the condition of an if; weaken one that is a conjunction or disjunction."""
    condition = node.child("condition")
    if condition is None or condition.kind != "parenthesized_expression":
        return
    inside = inner(condition)
    if found.text[node.start : node.start + 2] != "if" or _is_not_behaviour(found, node.child("consequence")):
        return
    if not _is_debug(found, inside):
        yield "negated condition", condition.start + 1, condition.end - 1, f"!({found.of(inside)})"
    if inside.kind == "binary_expression" and found.of_operator(inside) in ("&&", "||"):
        for field in ("left", "right"):
            kept = inside.child(field)
            if kept is not None and not _is_debug(found, inside):
                yield "weakened condition", inside.start, inside.end, found.of(kept)


def _is_debug(found: View, condition: Node) -> bool:
    """Say whether a condition asks for a configuration, or is a warning's value."""
    return any(
        NOT_BEHAVIOUR.fullmatch(callee(found, call))
        or (callee(found, call).startswith("IS_") and callee(found, call) != "IS_ERR")
        for call in calls(condition)
    )


def _is_not_behaviour(found: View, body: Node | None) -> bool:
    """Say whether all that a statement does is calls that are no behaviour."""
    if body is None or has(body, *_ACTS):
        return body is None
    return all(NOT_BEHAVIOUR.fullmatch(callee(found, call)) for call in calls(body))


def _errno(found: View, node: Node) -> Iterator[tuple[str, int, int, str]]:
    argument = node.child("argument")
    if argument is None or not found.of(node).startswith("-") or argument.kind != "identifier":
        return
    name = found.of(argument)
    if name in _ERRORS:
        other = _ERRORS[(_ERRORS.index(name) + 1) % len(_ERRORS)]
        yield "changed errno", argument.start, argument.end, other


def _swapped(found: View, node: Node) -> Iterator[tuple[str, int, int, str]]:
    name = callee(found, node)
    if not name or name.isupper() or NOT_BEHAVIOUR.fullmatch(name):
        return
    given = arguments(node)
    simple = ("identifier", "field_expression", "number_literal")
    for left, right in pairwise(given):
        if left.kind in simple and right.kind in simple and found.of(left) != found.of(right):
            between = found.text[left.end : right.start]
            yield "swapped arguments", left.start, right.end, found.of(right) + between + found.of(left)


def _off_by_one(found: View, node: Node) -> Iterator[tuple[str, int, int, str]]:
    operator = found.of_operator(node)
    other = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}.get(operator)
    left, right = node.child("left"), node.child("right")
    if left is None or right is None:
        return
    at = found.text.index(operator, left.end)
    if other:
        yield "off by one", at, at + len(operator), other
    elif operator in "+-" and found.of(right) == "1":
        yield "off by one", left.end, right.end, ""


def _flag(found: View, node: Node) -> Iterator[tuple[str, int, int, str]]:
    left, right = node.child("left"), node.child("right")
    if left is None or right is None or found.of_operator(node) != "|":
        return
    if _CONSTANT.fullmatch(found.of(right)) and not has(left, "call_expression"):
        yield "dropped flag", node.start, node.end, found.of(left)


def _moved_store(found: View, node: Node) -> Iterator[tuple[str, int, int, str]]:
    """Move a store to memory behind the call in front of it, or the other way round."""
    own = statements(node)
    for first, second in pairwise(own):
        pair = (
            (_is_store(found, first), _is_call(found, second)),
            (_is_call(found, first), _is_store(found, second)),
        )
        if any(all(kinds) for kinds in pair) and not found.text[first.end : second.start].strip():
            between = found.text[first.end : second.start]
            yield "moved store", first.start, second.end, found.of(second) + between + found.of(first)


def _is_store(found: View, node: Node) -> bool:
    if node.kind != "expression_statement" or not found.plain(node) or calls(node):
        return False
    inside = node.named_children
    if len(inside) != 1 or inside[0].kind != "assignment_expression":
        return False
    left = inside[0].child("left")
    return left is not None and left.kind == "field_expression" and "->" in found.of(left)


def _is_call(found: View, node: Node) -> bool:
    inside = node.named_children
    if node.kind != "expression_statement" or not found.plain(node) or len(inside) != 1:
        return False
    name = callee(found, inside[0]) if inside[0].kind == "call_expression" else ""
    return bool(name) and not name.isupper() and not NOT_BEHAVIOUR.fullmatch(name)


OPERATORS: dict[str, tuple[Operator, ...]] = {
    "expression_statement": (_dropped_call,),
    "if_statement": (_condition,),
    "unary_expression": (_errno,),
    "call_expression": (_swapped,),
    "binary_expression": (_off_by_one, _flag),
    "compound_statement": (_moved_store,),
}
"""By the kind of node that they edit."""
KINDS = (
    "dropped call",
    "dropped release",
    "negated condition",
    "weakened condition",
    "changed errno",
    "swapped arguments",
    "off by one",
    "moved store",
    "dropped flag",
)
"""Of mutants, in the order of the tables."""

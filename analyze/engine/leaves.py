"""What of a question's terms the solver sees as constants of their own, and what is known of these (S3, T2,
V2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .memory import pointers, root
from .term import HISTORY, Term, subterms

OBSERVED = frozenset({"observed", "derived"})
"""What calls that only read answer (C1)."""
TAINTED = frozenset(
    {
        "indeterminate",
        "stuck",
        "whole",
        "part",
        "out",
        "left",
        "unshifted",
        "outside",
        "doubt",
        "apart",
        "open",
        "floating",
    }
)
"""Leaves that a difference must not rest on (V2, C9)."""
FUNCTIONS = OBSERVED | frozenset(
    {
        "read",
        "answer",
        "output",
        "out",
        "left",
        "free",
        "converted",
        "unshifted",
        "outside",
        "plus",
        "apart",
        "result",
        "floating",
    }
)
"""Leaves that are functions of their arguments."""


def subterms_of_values(*roots: Term) -> list[Term]:
    """Return the bit-vector terms that a question is made of; a leaf's arguments are not entered."""
    found: list[Term] = []
    seen: set[Term] = set()
    waiting: list[tuple[Term, bool]] = [(root, False) for root in roots]
    while waiting:
        term, done = waiting.pop()
        if done:
            found.append(term)
        elif term not in seen:
            seen.add(term)
            waiting.append((term, True))
            if term.op not in CLOSED:
                waiting.extend((arg, False) for arg in term.args if arg.width > 0 and arg not in seen)
    return found


def names_in(question: Term) -> set[str]:
    """Return the names of constants, globals, functions and configurations that a question rests on."""
    found: set[str] = set()
    for term in subterms_with_addresses(question):
        if term.op in ("symbol", "global", "function", "config", "text"):
            found |= set(re.findall(r"[A-Za-z_]\w*", str(term.data)))
    return found


def subterms_with_addresses(*roots: Term) -> list[Term]:
    """Return the same with what the addresses of reads are made of."""
    found = dict.fromkeys(subterms_of_values(*roots))
    waiting = [term for term in found if term.op in ADDRESSED]
    while waiting:
        more = dict.fromkeys(subterms_of_values(waiting.pop().args[-1])).keys() - found.keys()
        waiting.extend(term for term in more if term.op in ADDRESSED)
        found.update(dict.fromkeys(sorted(more, key=lambda term: term.number)))
    return list(found)


def dereferenced(*roots: Term) -> frozenset[Term]:
    """Return the pointers that terms of behaviour read, store or call through anywhere, or take a member's
    address in."""
    found = set()
    for term in subterms(*roots):
        if term.op == "field":
            found.add(root(term))
        elif term.op in ADDRESSED or term.op == "store":
            found.add(root(term.args[0 if term.op == "bad" else 1]))
        elif term.op == "event" and str(getattr(term.data, "name", "")).startswith(("*", "->")):
            found.update(one for called in term.args[2:3] for one in pointers(called))
    return frozenset(found)


OUTER = frozenset({"input", "read", "answer", "output", "observed"})
ADDRESSED = frozenset({"bad", "read", "stuck"})
CLOSED = frozenset(
    {"read", "stuck", "whole", "answer", "output", "out", "left", "doubt", "indeterminate", "part", "hole"}
)
OPERATIONS = frozenset(
    {
        "add",
        "mul",
        "and",
        "or",
        "xor",
        "shl",
        "lshr",
        "ashr",
        "udiv",
        "urem",
        "sdiv",
        "srem",
        "eq",
        "ult",
        "slt",
        "not",
        "ite",
        "zext",
        "sext",
        "trunc",
        "bad",
        "field",
        "container",
    }
)


def least_widths(found: Iterable[Term]) -> dict[Term, int]:
    """Return how wide a value must be for the constants that it is compared or combined with: nobody tests
    a value for what its type cannot hold."""
    least: dict[Term, int] = {}
    for term in found:
        if term.op not in ("eq", "ult", "slt", "free", "and", "or") or len(term.args) != 2:
            continue
        data: Any = term.data if term.op == "free" else (term.op, ("", ""))
        what, kinds = data
        for side, (value, other) in enumerate((term.args, term.args[::-1])):
            if other.op == "const" and isinstance(other.data, int):
                number = other.data
                if kinds[1 - side] != "u64":
                    number -= number >> (other.width - 1) << other.width
                bits = next(bits for bits in (8, 16, 32, 64) if -(1 << bits) // 2 <= number < 1 << bits)
                if number < 0 and what in ("eq", "=="):
                    bits = max(bits, 32)  # what equals a negative number is of no narrow unsigned type
            else:
                bits = 32 if other.op == "symbol" else 8
            least[value] = max(least.get(value, 8), bits)
    return least


def unsteady(question: Term) -> list[Term]:
    """Return what calls that only read answer of which another has the same arguments and history and other
    memory: whether that holds what they read is not told, so no difference may rest on it (C1, V2)."""
    asked: dict[tuple[object, ...], list[Term]] = {}
    for term in subterms_of_values(question):
        if term.op in OBSERVED and term.args and term.args[0].width == HISTORY:
            asked.setdefault((term.data, term.args[0], *term.args[2:]), []).append(term)
    return [term for alike in asked.values() if len(alike) > 1 for term in alike]


def is_hard(term: Term) -> bool:
    """Say whether the solver may need long for an operation: a product or quotient of unknowns."""
    return term.op in HARD and all(arg.op != "const" for arg in term.args)


HARD = frozenset({"mul", "udiv", "sdiv", "urem", "srem"})


def is_leaf(term: Term, mode: object) -> bool:
    """Say whether a term is a constant of its own to the solver."""
    if term.op in OPERATIONS or term.op == "const":
        return False
    if term.op in ("free", "converted"):
        return mode is None
    return not (term.op == "plus" and term.data[1] is not None)  # type: ignore[index]


def is_tainted(term: Term) -> bool:
    """Say whether a difference must not rest on a leaf (V2)."""
    if term.op == "read":
        epoch = term.args[0]
        if any(part.op == "undefined" for part in (epoch, *epoch.args)):
            return True
    unsized = term.op == "plus" and term.data[1] is None  # type: ignore[index]
    if term.op == "read" or unsized or term.op in OBSERVED:
        return any(rests_on_open(arg) for arg in term.args if arg.width > 0)
    return term.op in TAINTED


def rests_on_open(value: Term) -> bool:
    """Say whether a value is computed from a parameter that may have any, or loaded through one (C9)."""
    waiting, seen = [value], {value}
    while waiting:
        term = waiting.pop()
        if term.op == "open":
            return True
        new = [arg for arg in term.args if arg.width > 0 and arg not in seen]
        seen.update(new)
        waiting += new
    return False

"""A function that computes, as a term of its parameters and of its own results (rule L9)."""

from __future__ import annotations

from dataclasses import dataclass

from .. import ctype, ir
from ..effects import Event
from ..evaluate import Guesses
from ..execute import Execution
from ..inline import inline
from ..mentions import calls_of
from ..pairing import at_leaves, leaves_of, substitute
from ..simplify import ite
from ..term import HISTORY, Term, Terms, subterms

COMPUTED = frozenset(
    ("add", "mul", "and", "or", "xor", "shl", "lshr", "ashr", "udiv", "urem", "sdiv", "srem", "eq", "ult")
) | {"slt", "not", "ite", "zext", "sext", "trunc", "const", "input", "answer"}
"""What a value is computed with; beside it stand only calls, in the history."""
PAST = frozenset({"start", "base", "event", "return", "ite"})


class NotPlainError(Exception):
    """Not a function that this rule knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """A function as a term of its parameters and of its own results."""

    label: tuple[str, str]
    """The side and the name of the recursive function, by which its results are named."""
    parameters: tuple[Term, ...]
    value: Term
    calls: tuple[tuple[Term, tuple[Term, ...]], ...]
    """Each call of the recursive function: under which condition, with which arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The compared function, and the recursive one that it calls or is."""

    whole: Equation
    recursive: Equation


def version(terms: Terms, side: str, function: ir.Function, bodies: dict[str, ir.Function]) -> Version:
    """Return a version's equations; `bodies` are the functions that it calls, with their own.

    Raises:
        NotPlainError: it does more than compute, or more than one function is recursive.
    """
    recursive = [name for name, body in bodies.items() if name in calls_of(body)]
    if len(recursive) > 1 or (function.name not in recursive and function.name in calls_of(function)):
        raise NotPlainError
    plain = {name: body for name, body in bodies.items() if name not in recursive}
    if not recursive:
        alone = _equation(terms, (side, ""), function, function, plain)
        return Version(whole=alone, recursive=alone)
    name = recursive[0]
    own = function if name == function.name else bodies[name]
    return Version(
        whole=_equation(terms, (side, name), function, own, plain),
        recursive=_equation(terms, (side, name), own, own, plain),
    )


def _equation(
    terms: Terms,
    label: tuple[str, str],
    function: ir.Function,
    own: ir.Function,
    plain: dict[str, ir.Function],
) -> Equation:
    function, _ = inline(function, plain)
    _require_integers(function, own)
    found = Execution(terms, function, Guesses(), set()).run().term
    ends = leaves_of(found)
    if any(end.op != "return" or len(end.args) < 3 for end in ends):
        raise NotPlainError
    events = _events(found, label[1], own)
    names: dict[Term, Term] = {}
    for term in subterms(found):
        if term.op == "answer":
            args = tuple(substitute(terms, arg, names) for arg in term.args[0].args[2:])
            names[term] = terms.make("result", args, label, term.width)
            if term.width != bits(own.result):
                raise NotPlainError
        elif term.op not in (PAST if term.width < 1 else COMPUTED):
            raise NotPlainError
    calls = []
    for event in events:
        way = substitute(terms, _comes_through(terms, found, event), names)
        calls.append((way, tuple(substitute(terms, arg, names) for arg in event.args[2:])))
    value = at_leaves(terms, found, lambda leaf: leaf.args[2])
    return Equation(
        label=label,
        parameters=tuple(
            terms.make("input", (), ("parameter", place), bits(one.type))
            for place, one in enumerate(function.parameters)
        ),
        value=substitute(terms, value, names),
        calls=tuple(calls),
    )


def _require_integers(function: ir.Function, own: ir.Function) -> None:
    """Refuse what is no arithmetic on integers, and operands whose order C leaves open and matters."""
    types = (function.result, own.result, *(one.type for one in (*function.variables, *own.parameters)))
    if not all(isinstance(one, ctype.Integer) for one in types):
        raise NotPlainError
    for block in function.blocks:
        if any(isinstance(step, ir.Unsequenced) and step.stores for step in block.instructions):
            raise NotPlainError


def _events(found: Term, name: str, own: ir.Function) -> list[Term]:
    """Return the calls of the recursive function; there may be no other effects."""
    widths = [bits(one.type) for one in own.parameters]
    events = []
    for term in subterms(found):
        if term.op != "event" or (isinstance(term.data, Event) and term.data.kind == "unsequenced"):
            continue
        if not isinstance(term.data, Event) or (term.data.kind, term.data.name) != ("call", name):
            raise NotPlainError
        if [arg.width for arg in term.args[2:]] != widths:
            raise NotPlainError
        events.append(term)
    return events


def _comes_through(terms: Terms, end: Term, step: Term) -> Term:
    """Return the condition under which what ends with `end` went through a step."""
    known: dict[Term, Term] = {step: terms.const(1, 1)}
    for term in subterms(end):
        if term in known or term.width != HISTORY:
            continue
        if term.op == "ite":
            known[term] = ite(terms, term.args[0], known[term.args[1]], known[term.args[2]])
        elif term.op in ("event", "return"):
            known[term] = known[term.args[0]]
        else:
            known[term] = terms.const(0, 1)
    return known[end]


def bits(of: ctype.CType) -> int:
    """Return the width of a type of values."""
    return of.bits if isinstance(of, ctype.Integer) else 64

"""Macros that are defined at hand: their expansion, as text, is read in place of their use (C7).

Arguments are put in as text, `#x` and `a ## b` as the preprocessor does; a macro's own name inside its
expansion is painted and not expanded again.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ...syntax import Node
from .. import binding
from ..environment import Macro
from ..fragment import Fragment, only_expression
from ..ir import Expr, Place, Symbol
from ..kernel_types import KERNEL_TYPES
from . import configuration
from .context import PAINT, Lowering, is_upper, unknown

MOST_EXPANSIONS = 600
LONGEST_EXPANSION = 20_000
_PIECE = re.compile(r'[A-Za-z_]\w*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|\d[\w.]*|##?|\s+|.', re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*\Z")
_PLAIN = re.compile(r"[\w\s()+\-*/%<>&|^~!?:.]*")
IOCTL = re.compile(r"\b_IO(?:R|W|WR)?\(\s*(?:\w+|'\w')\s*,\s*\w+\s*(?:,\s*(?:struct\s+)?\w+\s*)?\)")
_CASTS = frozenset({"__force", "unsigned", "signed", "long", "int", "char", "short", *KERNEL_TYPES})
_OPEN, _CLOSE = "([{", ")]}"


def split_arguments(text: str) -> list[str]:
    """Split what stands between a call's parentheses at its own commas."""
    parts, depth, start, at = [], 0, 0, 0
    for found in _PIECE.finditer(text):
        word, at = found.group(), found.start()
        if word in _OPEN:
            depth += 1
        elif word in _CLOSE:
            depth -= 1
        elif word == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    parts.append(text[start:].strip())
    return [] if parts == [""] else parts


def arguments_of(low: Lowering, node: Node) -> list[str]:
    """Return a call's arguments as written."""
    inner = node.child("arguments")
    if inner is None:
        return []
    text = low.fragment.written(inner).strip()
    return split_arguments(text[1:-1] if text.startswith("(") else text)


def substitute(macro: Macro, given: list[str], painted: frozenset[str]) -> str | None:
    """Return a macro's body with its arguments in place; None where their number does not fit."""
    named = macro.parameters or ()
    if macro.variadic:
        fixed = len(named) - 1
        if len(given) < fixed:
            return None
        given = [*given[:fixed], ", ".join(given[fixed:])]
    elif len(given) != len(named) and not (len(named) == 1 and not given):
        return None
    bound = dict(zip(named, given or [""] * len(named), strict=False))
    out: list[str] = []
    parts_of_body = _PIECE.findall(macro.body)
    for place, word in enumerate(parts_of_body):
        if word == "##":
            while out and out[-1].isspace():
                out.pop()
            out.append("\0")
        elif word == "#" and macro.parameters is not None:
            out.append("\1")
        elif word in bound:
            if out and out[-1] == "\1":
                escaped = bound[word].replace("\\", "\\\\").replace('"', '\\"')
                out[-1] = f'"{" ".join(escaped.split())}"'
            else:
                out.append(bound[word])
        elif word == "__VA_OPT__":
            return None
        elif word in painted and place >= 0:
            out.append(word + PAINT)
        else:
            out.append(word)
    text = re.sub(r"\0\s*", "", "".join(out).replace(",\0", ", " if bound.get("__VA_ARGS__", "x") else ""))
    return None if "\1" in text else text


def expand(low: Lowering, node: Node, name: str, given: list[str] | None) -> Fragment | None:
    """Read what a macro's use expands to; None where it has several meanings, or the arguments do not fit."""
    found = low.macro(name)
    if found is None or (found.parameters is None) != (given is None):
        return None
    low.expanded += 1
    if low.expanded > MOST_EXPANSIONS:
        raise low.refuse(node, f"more than {MOST_EXPANSIONS} macro expansions", code="budget")
    painted = low.fragment.expanding | {name}
    text = substitute(found, given or [], painted)
    if text is None:
        return None
    if len(text) > LONGEST_EXPANSION:
        raise low.refuse(node, f"macro {name} expands to {len(text)} characters", code="budget")
    if (
        "asm" in text
        and ("asm(" in text or "asm " in text)
        and found.parameters is not None
        and "goto" in text
    ):
        return None
    said = low.words(node) if is_prelude(low, name) else ""
    low.calls.add(name)
    return _whole(low, node, name, low.open(text, low.span(node), painted, said))


def _whole(low: Lowering, node: Node, name: str, fragment: Fragment) -> Fragment:
    """Return an expansion with what its place asks for; refuse one that is torn there by an operator."""
    inner = only_expression(fragment)
    if inner is None:
        return fragment
    asked = low.fragment.asked if only_expression(low.fragment) == node else binding.asked(node, inner)
    if binding.strength(inner) < asked:
        raise low.refuse(node, f"macro {name} is no operand of its own")
    return replace(fragment, asked=asked)


def is_prelude(low: Lowering, name: str) -> bool:
    """Say whether a macro is the table's or a header's, not the file's."""
    return ("macro", name) not in low.environment.pieces


def is_in_force(low: Lowering, name: str) -> bool:
    """Say whether a name may be a macro where the function stands: not where each of its definitions stands
    under a condition that rules the function's own out (T7), and the text does not turn in between."""
    under = low.config
    return any(
        one.config is None
        or under is None
        or low.environment.settles(f"{one.config} {under}")
        or not configuration.are_apart(one.config, under)
        for one in low.environment.macros(name)
    )


def value(low: Lowering, node: Node, name: str) -> Expr:
    """Lower an object-like macro's use as a value."""
    known = low.environment.constant(name)
    if known is not None:
        place = low.fragment.asked if only_expression(low.fragment) == node else binding.asked(node, node)
        if low.environment.strength(name) < place:
            raise low.refuse(node, f"macro {name} is no operand of its own")
        return known
    if low.macro(name) is None or low.macro(name).parameters is not None:  # type: ignore[union-attr]
        return several(low, node, name)
    body = low.environment.macros(name)[0].body
    if is_upper(name) and ((is_prelude(low, name) and is_constant(body)) or IOCTL.fullmatch(body)):
        return Symbol(name=name, type=unknown(name), known=True)  # of a header, its value not at hand (T4)
    fragment = expand(low, node, name, None)
    inner = only_expression(fragment) if fragment is not None else None
    if fragment is None or inner is None:
        raise low.refuse(node, f"macro {name}")
    with low.reading(fragment):
        return low.value(inner)


def several(low: Lowering, node: Node, name: str) -> Expr:
    """Return the constant that a name with several definitions stands for, where all are constants."""
    found = low.environment.macros(name)
    if all(one.parameters is not None for one in found):
        from .place import function_name

        return function_name(low, name)
    if all(one.parameters is None and is_constant(one.body) for one in found):
        return Symbol(name=name, type=unknown(name), known=True)
    raise low.refuse(node, f"macro {name} has several definitions")


def is_constant(body: str) -> bool:
    """Say whether a macro's body is made of numbers, operators, UPPER_CASE names, casts and ioctl numbers."""
    body = IOCTL.sub("0", body)
    words = re.findall(r"[A-Za-z_]\w*", re.sub(r"\b0[xX][0-9a-fA-F]+[uUlL]*|\b\d+[uUlL]+", "0", body))
    return (
        bool(_PLAIN.fullmatch(body)) and bool(body) and all(is_upper(one) or one in _CASTS for one in words)
    )


def place(low: Lowering, node: Node, name: str) -> Place:
    """Lower an object-like macro's use as an lvalue."""
    if low.environment.constant(name) is None and low.macro(name) is not None:
        fragment = expand(low, node, name, None)
        inner = only_expression(fragment) if fragment is not None else None
        if fragment is not None and inner is not None:
            with low.reading(fragment):
                return low.place(inner)
    return low.hold(value(low, node, name), node)


def call_value(low: Lowering, node: Node, name: str) -> Expr | None:
    """Lower a function-like macro's use as a value; None where it is not expanded."""
    fragment = expand(low, node, name, arguments_of(low, node))
    inner = only_expression(fragment) if fragment is not None else None
    if fragment is None:
        return None
    if inner is None:
        raise low.refuse(node, f"macro {name}")
    with low.reading(fragment):
        return low.value(inner)


def call_place(low: Lowering, node: Node, name: str) -> Place | None:
    """Lower a function-like macro's use as an lvalue; None where it is not expanded to an expression."""
    fragment = expand(low, node, name, arguments_of(low, node))
    inner = only_expression(fragment) if fragment is not None else None
    if fragment is None or inner is None:
        return None
    with low.reading(fragment):
        return low.place(inner)

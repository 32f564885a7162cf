"""Terms and steps in the source's words, as far as they are known."""

from __future__ import annotations

import re

from . import ir
from .memory import Field
from .simplify import signed
from .term import Term

OPERATORS = {"add": "+", "mul": "*", "and": "&", "or": "|", "xor": "^", "eq": "==", "ult": "<", "slt": "<"}


def say(term: Term, function: ir.Function, depth: int = 4) -> str:
    """Return a value in the words of `function`; "..." for what is too deep to say."""
    if depth == 0:
        return "..."
    if term.op == "const":
        number = int(term.data)  # type: ignore[call-overload]
        return str(signed(number, term.width) if term.width > 1 else number)
    if term.op in ("input", "open") and isinstance(term.data, tuple) and term.data[0] == "parameter":
        return function.parameters[term.data[1]].name
    if term.op in ("symbol", "global", "function"):
        return str(term.data if not isinstance(term.data, tuple) else "static")
    if term.op == "read":
        return _place(term.args[1], function, depth)
    if term.op == "answer":
        return f"{_called(term.args[0])}()"
    if term.op in ("observed", "derived"):
        return f"{getattr(term.data, 'name', '...')}()"
    if term.op in ("zext", "sext", "trunc", "converted"):
        return say(term.args[0], function, depth)
    if term.op == "not":
        return ("!" if term.width == 1 else "~") + say(term.args[0], function, depth - 1)
    if term.op in OPERATORS or (term.op == "free" and len(term.args) == 2):
        return _operation(term, function, depth)
    if term.op in ("field", "plus", "container"):
        return "&" + _place(term, function, depth)
    return "..."


def _operation(term: Term, function: ir.Function, depth: int) -> str:
    """Say an operation of two values; `x * -1` is written as C has it."""
    left, right = term.args
    if term.op == "mul" and _is_minus_one(right):
        return f"-{say(left, function, depth - 1)}"
    sign = OPERATORS.get(term.op) or str(term.data[0])  # type: ignore[index]
    if term.op == "add" and right.op == "mul" and _is_minus_one(right.args[1]):
        right, sign = right.args[0], "-"
    return f"({say(left, function, depth - 1)} {sign} {say(right, function, depth - 1)})"


def _is_minus_one(term: Term) -> bool:
    return term.op == "const" and term.data == (1 << term.width) - 1


def _place(address: Term, function: ir.Function, depth: int) -> str:
    if address.op == "global":
        return str(address.data if not isinstance(address.data, tuple) else "static")
    if address.op == "field" and isinstance(address.data, Field):
        base = address.args[0]
        if base.op in ("field", "plus", "global"):
            return f"{_place(base, function, depth - 1)}.{address.data.field}" if depth > 1 else "..."
        return f"{say(base, function, depth - 1)}->{address.data.field}"
    if address.op == "plus":
        return f"{say(address.args[0], function, depth - 1)}[{say(address.args[1], function, depth - 1)}]"
    if address.op == "container":
        return say(address.args[0], function, depth - 1)
    if address.op == "object":
        return "a local"
    return f"*{say(address, function, depth - 1)}"


def _called(history: Term) -> str:
    return str(getattr(history.data, "name", "..."))


def text_at(function: ir.Function, span: ir.Span | None) -> str:
    """Return the source at a span, with single blanks; "" where there is none."""
    if span is None:
        return ""
    return re.sub(r"\s+", " ", function.text[span.start : span.end]).strip().rstrip(";").strip()


_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_SIMPLE = re.compile(r"[\w.\[\]]+(?:->[\w.\[\]]+)*(?:\([\w\s,.&*>-]*\))?")
_COMPARED = re.compile(r"([\w.\[\]>()-]+) (==|!=|<=|>=|<|>) ([\w.\[\]>()-]+)")


def denied(text: str) -> str:
    """Return the opposite of a condition in the source's words."""
    compared = _COMPARED.fullmatch(text)
    if compared is not None:
        return f"{compared[1]} {_OPPOSITE[compared[2]]} {compared[3]}"
    if text.startswith("!") and _SIMPLE.fullmatch(text[1:]):
        return text[1:]
    return f"!{text}" if _SIMPLE.fullmatch(text) else f"!({text})"


_LOCK = re.compile(
    r"(^|_)(un)?(try)?lock(ed|_|$)|^(down|up)_|mutex_|spin_|rcu_read_|seqcount|_lock_|_unlock_|^guard"
)
_REFERENCE = re.compile(
    r"(^|_)(get|put|tryget|grab|unpin|pin|ref|unref)(_|$)|kref_|refcount_|^mmget|^mmgrab|^fput|^fget"
)


def effect_of(kind: str, name: str) -> str:
    """Return the row's kind for an effect: lock, reference, warn, store, call."""
    if kind == "warn":
        return "warn"
    if kind == "write":
        return "store"
    if kind == "call" and _LOCK.search(name):
        return "lock"
    return "reference" if kind == "call" and _REFERENCE.search(name) else "call"

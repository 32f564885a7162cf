"""Expressions and places of the intermediate representation -> terms (rules T2 to T9, M1, F1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import ctype, ir, memory
from .memory import Field, Key, Rules, chosen
from .simplify import build, ite, resize, truth
from .state import State
from .term import HISTORY, Term, Terms

COMPARED = {
    "==": ("eq", False, False),
    "!=": ("eq", False, True),
    "<": ("lt", False, False),
    ">": ("lt", True, False),
    "<=": ("lt", True, True),
    ">=": ("lt", False, True),
}
"""Operator -> (what, whether the operands change places, whether the result is negated)."""
ARITHMETIC = {"+": "add", "*": "mul", "&": "and", "|": "or", "^": "xor"}
BITWISE = frozenset("&|^")
SURE = 1 << 31
"""A constant from 0 up to here converts to every type of 32 bits or more without changing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """Which guesses of rule A0 an execution makes; none by default."""

    separate: bool = False
    """Locations of different fields and generic pointers do not overlap (M4)."""
    valid: bool = False
    """Only pointers that a version tests can be invalid (F3)."""
    functions: bool = False
    """An unknown name that is called is a function (C7)."""
    constants: bool = False
    """An undeclared UPPER_CASE name is a constant (T8)."""
    unkept: bool = False
    """A callee keeps no pointer to a local scalar (M9)."""
    getters: bool = False
    """Functions of the table only read (C1, T4)."""
    answers: bool = False
    """Functions of a table answer no error pointer (T5)."""
    likely: bool = False
    """For a difference alone: memory that may overlap does not (M2, M4)."""


def width(of: ctype.CType) -> int:
    """Return how wide a value of the type stands in terms; 64 for what is unknown or a whole object."""
    if isinstance(of, ctype.Bool):
        return 1
    return of.bits if isinstance(of, ctype.Integer) else 64


def is_signed(of: ctype.CType) -> bool:
    """Say whether a value of the type extends by its sign."""
    return isinstance(of, ctype.Integer) and of.signed


def size(of: ctype.CType) -> int | None:
    """Return sizeof in bytes where it is known (LP64); that of void and functions is 1, as gcc has it."""
    if isinstance(of, ctype.Integer) and of.bits % 8 == 0:
        return of.bits // 8
    if isinstance(of, ctype.Bool | ctype.Void | ctype.FunctionType):
        return 1
    if isinstance(of, ctype.Array):
        inner = size(of.of)
        return None if inner is None or of.length is None else inner * of.length
    return 8 if isinstance(of, ctype.Pointer) else None


def key_of(of: ctype.CType) -> Key:
    """Return how memory is looked at through the type."""
    if isinstance(of, ctype.Record | ctype.Array):
        return Key(width=0)
    if isinstance(of, ctype.Unknown):
        return Key(width=64, name=f"?{of.name}")
    return Key(width=width(of), name="bool" if isinstance(of, ctype.Bool) else "")


def keys_of(of: ctype.CType) -> tuple[Key, ...]:
    """Return how memory of the type is looked at: as a whole, and each element of an array."""
    if isinstance(of, ctype.Array):
        return (key_of(of), *keys_of(of.of))
    return (key_of(of),)


_TOLD = frozenset({"object", "input", "global", "read", "answer", "output", "const", "text", "observed"})
"""Roots that say which object they lead to, or that they lead to no private one."""


class NoValueError(Exception):
    """A variable is read that no way here declares or assigns: nothing is concluded from such a graph."""


class Evaluator:
    """Evaluates in a state of one function. `faults` collects (condition, history, memory) in order."""

    def __init__(
        self,
        terms: Terms,
        function: ir.Function,
        objects: dict[int, Term],
        guesses: Guesses,
        tested: set[Term],
    ) -> None:
        self.terms, self.function, self.objects = terms, function, objects
        self.guesses, self.tested = guesses, tested
        self.rules = Rules(separate=guesses.separate, likely=guesses.likely)
        self.seen_tests: set[Term] = set()
        """Pointers that this execution tested (F3)."""
        self.faults: list[tuple[Term, Term, Term]] = []
        self.statics: dict[int, Term] = {}
        self.unnamed = 0
        self._kinds: dict[type, Callable[[Any, State], Term]] = {
            ir.Const: self._const,
            ir.Symbol: self._symbol,
            ir.ConfigFlag: self._config,
            ir.Text: self._text,
            ir.FunctionName: self._function,
            ir.Read: self._read,
            ir.AddressOf: self._address_of,
            ir.Unary: self._unary,
            ir.Binary: self._binary,
            ir.PointerAdd: self._pointer_add,
            ir.PointerDifference: self._difference,
            ir.Cast: self._cast,
            ir.SizeOf: self._size_of,
            ir.ContainerOf: self._container_of,
        }

    def value(self, number: int) -> Term:
        """Return the indeterminate value of a variable (T11)."""
        raise NotImplementedError

    def expression(self, expr: ir.Expr, state: State) -> Term:
        """Return an expression's value; the state's `alive` grows by what it dereferences."""
        return self._kinds[type(expr)](expr, state)

    # Places

    def address(self, place: ir.Place, state: State) -> Term:
        """Return a place's address."""
        if isinstance(place, ir.Local):
            return self._local_address(place.variable)
        if isinstance(place, ir.Global):
            return self.terms.make("global", (), place.name)
        if isinstance(place, ir.Deref):
            pointer = self.expression(place.pointer, state)
            index = self._index(place.index, state)
            return memory.plus(self.terms, pointer, index, ctype.spell(place.type), size(place.type))
        above = self.address(place.base, state)
        if isinstance(place, ir.Member):
            keys = keys_of(place.type)
            return self._field(
                above, Field(record=place.record, field=place.field, layout=place.layout, keys=keys)
            )
        index = self._index(place.index, state)
        return memory.plus(self.terms, above, index, ctype.spell(place.type), size(place.type))

    def _field(self, above: Term, field: Field) -> Term:
        if above.op == "ite":
            return chosen(self.terms, above, lambda arm: self._field(arm, field))
        return memory.field_address(self.terms, above, field)

    def _local_address(self, variable: ir.Variable) -> Term:
        return self.statics.get(variable.number) or self.objects[variable.number]

    def is_plain(self, variable: ir.Variable) -> bool:
        """Say whether a variable is no memory: no static, no object (M3)."""
        return variable.number not in self.objects and variable.number not in self.statics

    def _index(self, expr: ir.Expr, state: State) -> Term:
        return resize(self.terms, self.expression(expr, state), 64, is_signed(expr.type))

    def check(self, address: Term, state: State) -> None:
        """Note the fault of an access through an invalid pointer (F1, F2, F3)."""
        pointer = memory.root(address)
        if pointer in state.alive:
            return
        bad = self.bad(pointer, self.guesses.valid and pointer not in self.tested)
        state.alive |= {pointer}
        if bad.op != "const" or bad.data:
            self.faults.append((bad, state.history, state.memory))

    def bad(self, pointer: Term, valid: bool = False) -> Term:
        """Return whether a pointer lies in the first page or is an error pointer (F1). `valid`: no pointer
        does that is not tested (F3)."""
        if pointer.op == "ite":
            return chosen(self.terms, pointer, lambda arm: self.bad(memory.root(arm), valid))
        if valid and pointer not in self.tested:
            return self.terms.const(0, 1)
        if pointer.op in ("object", "global", "text", "function"):
            return self.terms.const(0, 1)
        if pointer.op == "const":
            number = int(pointer.data)  # type: ignore[call-overload]
            return self.terms.const(int(number < 4096 or number >= (1 << 64) - 4095), 1)
        return self.terms.make("bad", (pointer,), None, 1)

    def reach(self, values: tuple[Term, ...], state: State, stored: bool = False) -> None:
        """Make the private objects reachable whose addresses are in `values`."""
        raise NotImplementedError

    def expose(self, address: Term, state: State) -> None:
        """Make the objects reachable that an address may lead to without saying to which of them (M4)."""
        pointer = memory.root(address)
        if pointer.op not in _TOLD:
            self.reach((pointer,), state)

    def load(self, address: Term, key: Key, state: State) -> Term:
        """Return the value at an address; behind the end of a local array it is indeterminate."""
        if address.op == "ite":
            return chosen(self.terms, address, lambda arm: self.load(arm, key, state))
        found = self._loaded(address, key, state)
        length = self._length(address)
        if length is None or not key.width:
            return found
        index = address.args[1]
        inside = build(self.terms, "ult", index, self.terms.const(length, 64))
        return ite(self.terms, inside, found, self.terms.make("outside", (index,), address.data, key.width))

    def _length(self, address: Term) -> int | None:
        """Return how many elements the local array has of which an address is one; None: it is no such."""
        if address.op != "plus" or address.args[0].op != "object":
            return None
        for number, term in self.objects.items():
            of = self.function.variables[number].type
            if term is address.args[0] and isinstance(of, ctype.Array):
                return of.length if address.data == (ctype.spell(of.of), size(of.of)) else None
        return None

    def _loaded(self, address: Term, key: Key, state: State) -> Term:
        self.expose(address, state)
        number = self._private(address, state)
        if number is None:
            return memory.read(self.terms, state.memory, address, key, self.rules)
        inside = memory.read(self.terms, state.cells[number], address, key, self.rules)
        reached = state.reached[number]
        if reached.op == "const" and not reached.data:
            return inside
        return ite(
            self.terms, reached, memory.read(self.terms, state.memory, address, key, self.rules), inside
        )

    def _private(self, address: Term, state: State) -> int | None:
        """Return the number of the object that an address is in and that is not certainly reached."""
        pointer = memory.root(address)
        if pointer.op != "object":
            return None
        for number, term in self.objects.items():
            if term is pointer and number in state.cells:
                reached = state.reached[number]
                return None if reached.op == "const" and reached.data else number
        return None

    # Expressions

    def _const(self, expr: ir.Const, state: State) -> Term:
        return self.terms.const(expr.value, width(expr.type))

    def _symbol(self, expr: ir.Symbol, state: State) -> Term:
        if expr.known or self.guesses.constants:
            return self.terms.make("symbol", (), expr.name, width(expr.type))
        return self.load(self.terms.make("global", (), expr.name), key_of(expr.type), state)

    def _config(self, expr: ir.ConfigFlag, state: State) -> Term:
        return self.terms.make("config", (), expr.key, 1)

    def _text(self, expr: ir.Text, state: State) -> Term:
        return self.terms.make("text", (), expr.content, 64)

    def _function(self, expr: ir.FunctionName, state: State) -> Term:
        return self.terms.make("function", (), expr.name, 64)

    def _read(self, expr: ir.Read, state: State) -> Term:
        place = expr.place
        if isinstance(place, ir.Local) and self.is_plain(place.variable):
            number = place.variable.number
            found = state.values.get(number)
            if found is None:
                raise NoValueError(place.variable.name)
            return found
        address = self.address(place, state)
        self.check(address, state)
        found = self.load(address, key_of(expr.type), state)
        if found.op == "read" and isinstance(expr.type, ctype.Pointer):
            self.terms.memo["pointer", found] = found
        return found

    def _address_of(self, expr: ir.AddressOf, state: State) -> Term:
        return self.address(expr.place, state)

    def _unary(self, expr: ir.Unary, state: State) -> Term:
        value = self.expression(expr.value, state)
        if expr.op == "!" and ctype.is_floating(expr.value.type):
            found = self._floating("!", (expr.value,), (value,), 1)
            return resize(self.terms, found, width(expr.type), False)
        if expr.op == "!":
            found = build(self.terms, "eq", value, self.terms.const(0, value.width))
            return resize(self.terms, found, width(expr.type), False)
        if isinstance(expr.type, ctype.Unknown) or isinstance(expr.value.type, ctype.Unknown):
            of = self._floating if ctype.is_floating(expr.type) else self._free
            return of(expr.op, (expr.value,), (value,), 64)
        value = resize(self.terms, value, width(expr.type), is_signed(expr.value.type))
        if expr.op == "~":
            return build(self.terms, "not", value)
        return build(self.terms, "mul", value, self.terms.const(-1, value.width))

    def _floating(self, op: str, operands: tuple[ir.Expr, ...], values: tuple[Term, ...], bits: int) -> Term:
        """Return an operation on floating values: a function of its operands, of which no law holds (T14)."""
        found = self._free(op, operands, values, bits)
        return self.terms.make("floating", found.args, found.data, bits)

    def _free(self, op: str, operands: tuple[ir.Expr, ...], values: tuple[Term, ...], bits: int) -> Term:
        """Return an operation on values of unknown type: a function of its operands (T2)."""
        args = tuple(
            resize(self.terms, value, 64, is_signed(operand.type))
            for value, operand in zip(values, operands, strict=True)
        )
        kinds = tuple(ctype.spell(operand.type) for operand in operands)
        return self.terms.make("free", args, (op, kinds), bits)

    def _binary(self, expr: ir.Binary, state: State) -> Term:
        left = self.expression(expr.left, state)
        right = self.expression(expr.right, state)
        if expr.op in COMPARED:
            found = self._compare(expr, left, right)
            self._note_test(found)
            return resize(self.terms, found, width(expr.type), False)
        if isinstance(expr.left.type, ctype.Unknown) or isinstance(expr.right.type, ctype.Unknown):
            return self._binary_unknown(expr, left, right, state)
        bits = width(expr.type)
        left = resize(self.terms, left, bits, is_signed(expr.left.type))
        if expr.op in ("<<", ">>"):
            return self._shift(expr, left, right)
        right = resize(self.terms, right, bits, is_signed(expr.right.type))
        if expr.op in ARITHMETIC:
            return build(self.terms, ARITHMETIC[expr.op], left, right)
        if expr.op == "-":
            return self.minus(left, right)
        return self._divide(expr, left, right, state)

    def minus(self, left: Term, right: Term) -> Term:
        """Return `left - right`."""
        return build(
            self.terms, "add", left, build(self.terms, "mul", right, self.terms.const(-1, right.width))
        )

    def _divide(self, expr: ir.Binary, left: Term, right: Term, state: State) -> Term:
        sign = is_signed(expr.type)
        fault = build(self.terms, "eq", right, self.terms.const(0, right.width))
        if sign:
            least = build(self.terms, "eq", left, self.terms.const(1 << (left.width - 1), left.width))
            minus_one = build(self.terms, "eq", right, self.terms.const(-1, right.width))
            fault = build(self.terms, "or", fault, build(self.terms, "and", least, minus_one))
        if fault.op != "const" or fault.data:
            self.faults.append((fault, state.history, state.memory))
        return build(self.terms, ("s" if sign else "u") + ("div" if expr.op == "/" else "rem"), left, right)

    def _shift(self, expr: ir.Binary, left: Term, right: Term) -> Term:
        """A shift by the width or more stands as an unknown function (T6)."""
        op = "shl" if expr.op == "<<" else "ashr" if is_signed(expr.type) else "lshr"
        amount = resize(self.terms, right, 64, is_signed(expr.right.type))
        fits = build(self.terms, "ult", amount, self.terms.const(left.width, 64))
        inside = build(self.terms, op, left, resize(self.terms, amount, left.width, False))
        if fits.op == "const" and fits.data:
            return inside
        return ite(self.terms, fits, inside, self.terms.make("unshifted", (left, amount), op, left.width))

    def _compare(self, expr: ir.Binary, left: Term, right: Term) -> Term:
        if ctype.is_floating(expr.left.type) or ctype.is_floating(expr.right.type):
            return self._floating(expr.op, (expr.left, expr.right), (left, right), 1)
        what, swapped, negated = COMPARED[expr.op]
        one, two = (expr.right, expr.left) if swapped else (expr.left, expr.right)
        first, second = (right, left) if swapped else (left, right)
        if isinstance(one.type, ctype.Unknown) or isinstance(two.type, ctype.Unknown):
            found = self._compare_unknown(what, one, two, first, second)
        else:
            found = self._compare_known(what, one, two, first, second)
        return build(self.terms, "not", found) if negated else found

    def _compare_known(self, what: str, one: ir.Expr, two: ir.Expr, first: Term, second: Term) -> Term:
        bits = max(first.width, second.width)
        sign = is_signed(one.type) and is_signed(two.type)
        first = resize(self.terms, first, bits, is_signed(one.type))
        second = resize(self.terms, second, bits, is_signed(two.type))
        return build(self.terms, "eq" if what == "eq" else "slt" if sign else "ult", first, second)

    def _compare_unknown(self, what: str, one: ir.Expr, two: ir.Expr, first: Term, second: Term) -> Term:
        """Equality is exact with a small constant, or of one named type; else it is a function (T2)."""
        if what == "eq":
            named = isinstance(one.type, ctype.Unknown) and one.type.name != "" and one.type == two.type
            for value, operand in ((first, two), (second, one)):
                constant = value.op == "const" and int(value.data) < SURE  # type: ignore[call-overload]
                named = named or (constant and isinstance(operand.type, ctype.Unknown))
            if named:
                first = resize(self.terms, first, 64, is_signed(one.type))
                return build(self.terms, "eq", first, resize(self.terms, second, 64, is_signed(two.type)))
            if first is second:
                return self.terms.const(1, 1)
        return self._free("==" if what == "eq" else "<", (one, two), (first, second), 1)

    def _binary_unknown(self, expr: ir.Binary, left: Term, right: Term, state: State) -> Term:
        if ctype.is_floating(expr.type):
            return self._floating(expr.op, (expr.left, expr.right), (left, right), 64)
        if expr.op in BITWISE:
            for value in (left, right):
                if value.op == "const" and int(value.data) < SURE:  # type: ignore[call-overload]
                    one = resize(self.terms, left, 64, is_signed(expr.left.type))
                    two = resize(self.terms, right, 64, is_signed(expr.right.type))
                    return build(self.terms, ARITHMETIC[expr.op], one, two)
        if expr.op in "/%" and right.op != "const":
            zero = build(self.terms, "eq", right, self.terms.const(0, right.width))
            self.faults.append((zero, state.history, state.memory))
        operands, values = (expr.left, expr.right), (left, right)
        if expr.op in ARITHMETIC and left.number > right.number:
            operands, values = operands[::-1], values[::-1]
        return self._free(expr.op, operands, values, 64)

    def _note_test(self, condition: Term) -> None:
        """Remember what a comparison with NULL or with the error pointers tests (F3)."""
        if condition.op == "not":
            condition = condition.args[0]
        if condition.op in ("eq", "ult") and condition.args[0].width == 64:
            for arg in condition.args:
                self.seen_tests.add(memory.root(arg))
                if arg.op == "ite":  # each of the pointers that the choice is between
                    self.seen_tests.update(memory.root(one) for one in memory.pointers(arg))

    def condition(self, expr: ir.Expr, state: State) -> Term:
        """Return the bit `expr != 0`."""
        found = truth(self.terms, self.expression(expr, state))
        for term in _asked(found):
            self._note_test(term)
        return found

    def _pointer_add(self, expr: ir.PointerAdd, state: State) -> Term:
        pointer = self.expression(expr.pointer, state)
        of = expr.type.to if isinstance(expr.type, ctype.Pointer) else ctype.UNKNOWN
        return memory.plus(self.terms, pointer, self._index(expr.index, state), ctype.spell(of), size(of))

    def _difference(self, expr: ir.PointerDifference, state: State) -> Term:
        left, right = self.expression(expr.left, state), self.expression(expr.right, state)
        of = expr.left.type.to if isinstance(expr.left.type, ctype.Pointer) else ctype.UNKNOWN
        if left is right:
            return self.terms.const(0, 64)
        if left.op == "plus" and left.args[0] is right and left.data == (ctype.spell(of), size(of)):
            return left.args[1]
        if size(of) == 1:
            return self.minus(left, right)
        return self.terms.make("apart", (left, right), (ctype.spell(of), size(of)), 64)

    def _cast(self, expr: ir.Cast, state: State) -> Term:
        return self.convert(self.expression(expr.value, state), expr.value.type, expr.type)

    def convert(self, value: Term, old: ctype.CType, new: ctype.CType, where: object = None) -> Term:
        """Return the conversion; to an unknown type it is a function of the type, or of `where` if it has no
        name."""
        if old != new and (ctype.is_floating(old) or ctype.is_floating(new)):
            value = resize(self.terms, value, 64, is_signed(old))
            kinds = (ctype.spell(old), ctype.spell(new))
            return self.terms.make("floating", (value,), ("to", kinds), width(new))
        if isinstance(new, ctype.Bool):
            return truth(self.terms, value)
        if isinstance(new, ctype.Unknown):
            value = resize(self.terms, value, 64, is_signed(old))
            if isinstance(old, ctype.Unknown) and old.name == new.name != "":
                return value
            name: object = new.name or where
            if name is None:
                self.unnamed += 1
                name = self.unnamed
            if value.op == "converted" and value.data == name:
                return value
            return self.terms.make("converted", (value,), name, 64)
        if isinstance(new, ctype.Integer):
            return resize(self.terms, value, new.bits, is_signed(old))
        found = resize(self.terms, value, 64, is_signed(old))
        if (
            isinstance(old, ctype.Unknown)
            and isinstance(new, ctype.Pointer)
            and isinstance(new.to, ctype.Record)
        ):
            self.terms.memo["pointer", found] = found
        return found

    def _size_of(self, expr: ir.SizeOf, state: State) -> Term:
        return self.terms.make("symbol", (), f"{expr.op}({ctype.spell(expr.of)}{expr.member})", 64)

    def _container_of(self, expr: ir.ContainerOf, state: State) -> Term:
        pointer = self.expression(expr.pointer, state)
        record = expr.record.tag if isinstance(expr.record, ctype.Record) else ctype.spell(expr.record)
        return memory.container(self.terms, pointer, record, expr.member)


def _asked(condition: Term) -> list[Term]:
    """Return the atoms at the top of a condition."""
    found: list[Term] = []
    waiting = [condition]
    while waiting and len(found) < 100:
        term = waiting.pop()
        if term.op == "ite":
            waiting.extend(term.args)
        elif term.op == "not":
            waiting.append(term.args[0])
        else:
            found.append(term)
    return found


def entry_history(terms: Terms) -> Term:
    """Return the empty history."""
    return terms.make("start", (), None, HISTORY)

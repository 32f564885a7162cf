"""An interpreter of the intermediate representation on concrete inputs, and a generator of small C functions.

What test_engine_property.py checks the engine against: nothing here is shared with the engine but ir.py.
Worlds are random but fixed by a seed: what memory holds and what calls answer are functions of the history
so far (B5).
"""

# ruff: noqa: E501 -- rows of tables and C text

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from random import Random

from lorelens.analyze.engine import ctype, ir


class FaultError(Exception):
    """An access through an invalid pointer, or a division by zero."""


class FuelError(Exception):
    """The run is longer than is worth waiting for."""


def digest(*parts: object) -> int:
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest(), "big")


@dataclass
class World:
    """Parameters, memory, answers. `kept`: whether callees may change a local whose address they once got."""

    seed: int
    pointers: tuple[int, ...]
    kept: bool = True
    small: bool = True

    def parameter(self, position: int, of: ctype.CType) -> int:
        value = digest(self.seed, "parameter", position)
        if isinstance(of, ctype.Pointer):
            return self.pointers[position % len(self.pointers)]
        return self._scaled(value)

    def cell(self, epoch: object, address: object) -> int:
        return self._scaled(digest(self.seed, "cell", epoch, address))

    def answer(self, history: object) -> int:
        return self._scaled(digest(self.seed, "answer", history))

    def _scaled(self, value: int) -> int:
        kind = value % 7
        if kind < 4:
            return (value >> 8) % 5
        if kind == 4:
            return -((value >> 8) % 3) - 1
        return value >> 8 if kind == 5 else (0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 63)[(value >> 8) % 4]


@dataclass
class Machine:
    """One run of one function."""

    function: ir.Function
    world: World
    trace: list[object] = field(default_factory=list)
    values: dict[int, int] = field(default_factory=dict)
    objects: dict[int, int] = field(default_factory=dict)
    stores: dict[object, int] = field(default_factory=dict)
    private: dict[object, int] = field(default_factory=dict)
    reached: set[int] = field(default_factory=set)
    epoch: object = "start"
    fuel: int = 3000

    def run(self) -> list[object]:
        """Return the trace: effects in order with arguments and stored memory, then the outcome."""
        for position, variable in enumerate(self.function.parameters):
            self.values[variable.number] = wrap(self.world.parameter(position, variable.type), variable.type)
        number = 0
        try:
            while True:
                block = self.function.blocks[number]
                for step in block.instructions:
                    self.fuel -= 1
                    if self.fuel < 0:
                        raise FuelError
                    self.step(step)
                self.fuel -= 1
                if self.fuel < 0:
                    raise FuelError
                end = block.terminator
                if isinstance(end, ir.Return):
                    value = None if end.value is None else self.value(end.value)
                    self.trace.append(("return", self.memory(), value))
                    return self.trace
                if isinstance(end, ir.Stop):
                    self.trace.append(("stop", end.how, self.memory()))
                    return self.trace
                number = self.next(end)
        except FaultError:
            self.trace.append(("stop", "fault", self.memory()))
            return self.trace

    def next(self, end: ir.Terminator) -> int:
        if isinstance(end, ir.Jump):
            return end.to
        if isinstance(end, ir.Branch):
            return end.then if self.value(end.condition) else end.other
        assert isinstance(end, ir.Switch)
        value = self.value(end.value)
        for case in end.cases:
            if self.value(case.low) <= value <= self.value(case.high):
                return case.to
        return end.other

    def memory(self) -> tuple[object, ...]:
        """Return what was stored since the last effect and is not what was there before."""
        changed = {k: v for k, v in self.stores.items() if v != self.before(k)}
        return tuple(sorted((repr(k), v) for k, v in changed.items()))

    def before(self, address: tuple[int, ctype.CType]) -> int:
        return wrap(self.world.cell(self.epoch, address[0]), address[1])

    def step(self, step: ir.Instruction) -> None:
        if isinstance(step, ir.Assign):
            value = self.value(step.value)
            self.store(step.target, value)
        elif isinstance(step, ir.Declare):
            self.values[step.variable.number] = wrap(
                digest("indeterminate", step.variable.number), step.variable.type
            )
            self.reached.discard(step.variable.number)
        elif isinstance(step, ir.Evaluate):
            self.value(step.value)
        elif isinstance(step, ir.Call):
            self.call(step)
        elif not isinstance(step, ir.Unsequenced):
            raise NotImplementedError(type(step))

    def call(self, step: ir.Call) -> None:
        args = [self.value(arg.value) for arg in step.arguments]
        for arg in args:
            for number, address in self.objects.items():
                if arg == address and number not in self.reached:
                    self.reached.add(number)
                    variable = self.function.variables[number]
                    self.stores[address, variable.type] = self.values.get(number, 0)
        self.trace.append(("call", step.callee, tuple(args), self.memory()))
        self.epoch = digest(self.epoch, self.trace[-1])
        self.stores = {}
        if not self.world.kept:
            for number in list(self.reached):
                variable = self.function.variables[number]
                cell = wrap(self.world.cell(self.epoch, self.objects[number]), variable.type)
                self.values[number] = cell
                self.reached.discard(number)
        if step.target is not None:
            self.values[step.target.number] = wrap(self.world.answer(self.epoch), step.target.type)

    # Places

    def address(self, place: ir.Place) -> int:
        if isinstance(place, ir.Deref):
            pointer, index = self.value(place.pointer), self.value(place.index)
            return (pointer + index * size(place.type)) % (1 << 64)
        if isinstance(place, ir.Member):
            return (self.address(place.base) + 8 + digest(place.field) % 50 * 8) % (1 << 64)
        if isinstance(place, ir.Local):
            number = place.variable.number
            if number not in self.objects:
                self.objects[number] = 0x7FFF0000 + 64 * len(self.objects)
            return self.objects[number]
        if isinstance(place, ir.Global):
            return 0x5000000 + digest(place.name) % 1000 * 4096
        raise NotImplementedError(type(place))

    def load(self, place: ir.Place) -> int:
        if isinstance(place, ir.Local):
            return self.load_local(place.variable)
        address = self.address(place)
        for number, at in self.objects.items():
            if at == address:
                return self.load_local(self.function.variables[number])
        self.check(address)
        key = (address, place.type)
        return self.stores[key] if key in self.stores else self.before(key)

    def load_local(self, variable: ir.Variable) -> int:
        if variable.number in self.reached:
            key = (self.objects[variable.number], variable.type)
            return self.stores[key] if key in self.stores else self.before(key)
        return self.values.get(variable.number, 0)

    def store(self, place: ir.Place, value: int) -> None:
        if isinstance(place, ir.Local):
            self.store_local(place.variable, value)
            return
        address = self.address(place)
        for number, at in self.objects.items():
            if at == address:
                self.store_local(self.function.variables[number], value)
                return
        self.check(address)
        self.stores[address, place.type] = wrap(value, place.type)

    def store_local(self, variable: ir.Variable, value: int) -> None:
        value = wrap(value, variable.type)
        if variable.number in self.reached:
            self.stores[self.objects[variable.number], variable.type] = value
        else:
            self.values[variable.number] = value

    def check(self, address: int) -> None:
        if address < 4096 or address >= (1 << 64) - 4095:
            raise FaultError

    # Values

    def value(self, expr: ir.Expr) -> int:
        if isinstance(expr, ir.Const):
            return wrap(expr.value, expr.type)
        if isinstance(expr, ir.Read):
            return self.load(expr.place)
        if isinstance(expr, ir.AddressOf):
            return self.address(expr.place)
        if isinstance(expr, ir.Cast):
            return wrap(self.value(expr.value), expr.type)
        if isinstance(expr, ir.Unary):
            value = self.value(expr.value)
            return wrap({"-": -value, "~": ~value, "!": int(value == 0)}[expr.op], expr.type)
        if isinstance(expr, ir.Binary):
            return self.binary(expr)
        if isinstance(expr, ir.PointerAdd):
            return (self.value(expr.pointer) + self.value(expr.index) * size(expr.type.to)) % (1 << 64)
        raise NotImplementedError(type(expr))

    def binary(self, expr: ir.Binary) -> int:
        a, b = self.value(expr.left), self.value(expr.right)
        if expr.op in ("/", "%"):
            if b == 0 or (expr.type.signed and b == -1 and a == -(1 << (expr.type.bits - 1))):
                raise FaultError
            quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
            return wrap(quotient if expr.op == "/" else a - b * quotient, expr.type)
        if expr.op in ("<<", ">>") and not 0 <= b < expr.type.bits:
            raise FuelError  # undefined: this run says nothing
        found = {
            "+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "&": lambda: a & b, "|": lambda: a | b,
            "^": lambda: a ^ b, "<<": lambda: a << b, ">>": lambda: a >> b, "==": lambda: int(a == b),
            "!=": lambda: int(a != b), "<": lambda: int(a < b), ">": lambda: int(a > b), "<=": lambda: int(a <= b),
            ">=": lambda: int(a >= b),
        }[expr.op]()  # fmt: skip
        return wrap(found, expr.type)


def wrap(value: int, of: ctype.CType) -> int:
    if isinstance(of, ctype.Bool):
        return int(value != 0)
    if isinstance(of, ctype.Integer):
        value &= (1 << of.bits) - 1
        return value - (1 << of.bits) if of.signed and value >> (of.bits - 1) else value
    return value % (1 << 64)


def size(of: ctype.CType) -> int:
    return of.bits // 8 if isinstance(of, ctype.Integer) else 8 if isinstance(of, ctype.Pointer) else 512


STRUCT = "struct obj { int n; int m; unsigned int u; long l; struct obj *next; };\n"


class Writer:
    """Writes one random function; `rng` decides everything."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.names = ["a", "b", "c", "x", "y"]
        self.labels = 0

    def function(self) -> str:
        body = self.block(3)
        return (
            "long f(int a, unsigned int b, long c, struct obj *p, struct obj *q)\n{\n int x = 0, i = 0; long y = 1;\n"
            + body + "\nout:\n return y;\n}\n"
        )  # fmt: skip

    def block(self, depth: int) -> str:
        return "\n".join(self.statement(depth) for _ in range(self.rng.randint(1, 3)))

    def statement(self, depth: int) -> str:
        rng = self.rng
        kind = rng.randrange(14 if depth else 8)
        if kind < 2:
            return f" {rng.choice(['x', 'y', 'a', 'b', 'c'])} {rng.choice(['=', '=', '+=', '^=', '&='])} {self.value(2)};"
        if kind == 2:
            return f" {rng.choice('pq')}->{rng.choice(['n', 'm', 'u', 'l'])} = {self.value(1)};"
        if kind == 3:
            return f" g({self.value(1)});"
        if kind == 4:
            return f" x = h({self.value(1)}, {rng.choice('pq')});"
        if kind == 5:
            return f" if ({self.condition(1)})\n  goto out;"
        if kind == 6:
            return f" if ({self.condition(1)})\n  return {self.value(1)};"
        if kind == 7:
            return f" {{ int v = {self.value(1)}; k(&v); y += v; }}"
        if kind < 11:
            other = f" else {{\n{self.block(depth - 1)}\n }}" if rng.random() < 0.5 else ""
            return f" if ({self.condition(2)}) {{\n{self.block(depth - 1)}\n }}{other}"
        if kind == 11:
            return f" for (i = 0; i < ({self.value(0)} & 3); i++) {{\n{self.block(depth - 1)}\n }}"
        if kind == 12:
            inner = self.block(depth - 1)
            return f" while ({self.condition(1)}) {{\n{inner}\n if (m())\n  break;\n }}"
        return (
            f" switch ({self.value(1)}) {{\n case 0:\n{self.block(depth - 1)}\n"
            f"  {rng.choice(['break;', ''])}\n case 1:\n{self.block(0)}\n  break;\n default:\n{self.block(0)}\n }}"
        )

    def value(self, depth: int) -> str:
        rng = self.rng
        kind = rng.randrange(9 if depth else 4)
        if kind < 2:
            return rng.choice(self.names)
        if kind == 2:
            return str(rng.choice([0, 1, 2, 3, 7, -1, 255]))
        if kind == 3:
            return f"{rng.choice('pq')}->{rng.choice(['n', 'm', 'u', 'l'])}"
        if kind < 7:
            return f"({self.value(depth - 1)} {rng.choice(['+', '-', '&', '|', '^', '*'])} {self.value(depth - 1)})"
        if kind == 7:
            return f"({self.condition(depth - 1)} ? {self.value(depth - 1)} : {self.value(depth - 1)})"
        return f"({rng.choice(['-', '~', '!', '(int)', '(unsigned int)'])}{self.value(depth - 1)})"

    def condition(self, depth: int) -> str:
        rng = self.rng
        kind = rng.randrange(6 if depth else 3)
        if kind < 3:
            if rng.random() < 0.2:
                return rng.choice(["p", "q", "!p", "p == q"])
            return f"{self.value(0)} {rng.choice(['==', '!=', '<', '<=', '>', '>='])} {self.value(0)}"
        if kind == 3:
            return f"!({self.condition(depth - 1)})"
        return f"({self.condition(depth - 1)} {rng.choice(['&&', '||'])} {self.condition(depth - 1)})"


def edit(text: str, rng: Random) -> str:  # noqa: C901 -- a choice of eight edits
    """Return the function with one small edit, which may or may not matter."""
    lines = text.split("\n")
    places = [i for i, line in enumerate(lines) if line.endswith(";") and i > 3 and "return y" not in line]
    if not places:
        return text
    at = rng.choice(places)
    line = lines[at]
    kind = rng.randrange(8)
    if kind == 0:
        lines[at] = " ;"
    elif kind == 1 and at + 1 < len(lines) and lines[at + 1].endswith(";"):
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    elif kind == 2:
        pairs = [
            ("==", "!="),
            ("<=", "<"),
            (" + ", " - "),
            ("&&", "||"),
            ("->n", "->m"),
            ("p->", "q->"),
            (" 0", " 1"),
        ]
        for old, new in rng.sample(pairs, len(pairs)):
            if old in line:
                lines[at] = line.replace(old, new, 1)
                break
    elif kind == 3:
        lines.insert(at, " x = x;")
    elif kind == 4:
        lines[at] = line.replace("(a + b)", "(b + a)").replace("!(", "0 == (")
    elif kind == 5:
        lines.insert(at, " if (a < b && !(a < b)) g(77);")
    elif kind == 6:
        lines.insert(
            at, f" {rng.choice(['x', 'y'])} = {rng.choice(['x + 0', 'y * 1', 'a - a + x', '(x ^ x) + y'])};"
        )
    else:
        for i, one in enumerate(lines):
            if one.startswith(" if (") and one.endswith("{") and rng.random() < 0.7:
                lines[i] = one.replace(" if (", " if (!!(", 1).replace(") {", ")) {", 1)
    return "\n".join(lines)

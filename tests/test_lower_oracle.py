"""Lowered graphs run as C does: random integer functions, interpreted over the graph and compiled by cc."""

from __future__ import annotations

import ctypes
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from lorelens.analyze.engine.constant import wrap
from lorelens.analyze.engine.ctype import Bool, Integer
from lorelens.analyze.engine.ir import (
    Assign,
    Binary,
    Branch,
    Cast,
    Const,
    Declare,
    Evaluate,
    Function,
    Jump,
    Local,
    Read,
    Return,
    Switch,
    Unary,
    Unsequenced,
)
from lorelens.analyze.engine.lower import lower_function

TYPES = (
    "char",
    "signed char",
    "unsigned short",
    "short",
    "int",
    "unsigned int",
    "long",
    "unsigned long",
    "bool",
)
FUEL = 5000


class Writer:
    """Random functions of three parameters without undefined behaviour (under -fwrapv)."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.loops = 0

    def expression(self, depth: int) -> str:
        choice = self.random.randrange(14) if depth else self.random.randrange(2)
        one, two = (lambda: self.expression(depth - 1)), (lambda: self.expression(depth - 1))
        if choice == 0:
            return self.random.choice(
                ("0", "1", "-1", "7", "255u", "65536", "0x80000000", "3UL", "-5L", "'a'")
            )
        if choice == 1:
            return self.random.choice("abcxy")
        if choice < 6:
            return f"({one()} {self.random.choice(['+', '-', '*', '&', '|', '^'])} {two()})"
        if choice == 6:
            return f"({one()} {self.random.choice(['<<', '>>'])} ({two()} & 7))"
        if choice == 7:
            return f"({one()} {self.random.choice(['<', '<=', '>', '>=', '==', '!='])} {two()})"
        if choice == 8:
            return f"({one()} {self.random.choice(['&&', '||'])} {two()})"
        if choice == 9:
            return f"({one()} ? {two()} : {self.expression(depth - 1)})"
        if choice == 10:
            return f"{self.random.choice(['-', '~', '!', '!!'])}({one()})"
        if choice == 11:
            return f"({self.random.choice(TYPES)})({one()})"
        if choice == 12:
            return f"({one()} ?: {two()})"
        return f"((unsigned int)({one()}) {self.random.choice(['/', '%'])} (({two()}) & 31 | 1u))"

    def statement(self, depth: int) -> str:
        choice = self.random.randrange(9) if depth else self.random.randrange(4)
        name = self.random.choice("abcxy")
        if choice == 0:
            return f"{name} = {self.expression(2)};"
        if choice == 1:
            return f"{name} {self.random.choice(['+', '-', '*', '&', '|', '^'])}= {self.expression(2)};"
        if choice == 2:
            return self.random.choice((f"{name}++;", f"--{name};", f"x = {self.random.choice('abc')}--;"))
        if choice == 3:
            return f"{name} = ({{ int t = {self.expression(1)}; t; }});"
        if choice == 4:
            return f"if ({self.expression(2)}) {{ {self.block(depth)} }} else {{ {self.block(depth)} }}"
        if choice == 5:
            return f"if (!({self.expression(2)})) return {self.expression(1)};"
        if choice == 6:
            left = self.random.choice(("continue;", "break;", ";"))
            name = self.fresh("i")
            head = f"for (int {name} = 0; {name} < 4; {name}++)"
            return f"{head} {{ if (x & 1) {left} {self.block(depth)} }}"
        if choice == 7:
            ends = [self.random.choice(("break;", "")) for _ in range(3)]
            cases = " ".join(f"case {n}: {self.statement(0)} {end}" for n, end in enumerate(ends))
            rest = f"default: {self.statement(0)} break; case 3 ... 5: y++;"
            return f"switch (({self.expression(1)}) & 7) {{ {cases} {rest} }}"
        name = self.fresh("n")
        return f"{{ int {name} = 3; do {{ {self.block(depth)} }} while (--{name} > 0 && y); }}"

    def fresh(self, letter: str) -> str:
        self.loops += 1
        return f"{letter}{self.loops}"

    def block(self, depth: int) -> str:
        return " ".join(self.statement(depth - 1) for _ in range(self.random.randrange(1, 4)))

    def function(self, name: str) -> tuple[str, list[str]]:
        types = [self.random.choice(TYPES) for _ in range(6)]
        given = ", ".join(f"{ctype} {parameter}" for ctype, parameter in zip(types, "abc", strict=False))
        body = self.block(3)
        head = f"{types[3]} x = a; {types[4]} y = b;"
        return f"{types[5]} {name}({given})\n{{\n\t{head} {body} return {self.expression(2)};\n}}\n", types


def evaluate(value: object, state: dict[int, int]) -> int:
    if isinstance(value, Const):
        return value.value
    if isinstance(value, Read):
        assert isinstance(value.place, Local)
        return state[value.place.variable.number]
    if isinstance(value, Cast):
        return wrap(evaluate(value.value, state), value.type)
    if isinstance(value, Unary):
        inner = evaluate(value.value, state)
        return int(not inner) if value.op == "!" else wrap(-inner if value.op == "-" else ~inner, value.type)
    assert isinstance(value, Binary), value
    one, two = evaluate(value.left, state), evaluate(value.right, state)
    if value.op not in ("<<", ">>"):
        assert value.left.type == value.right.type, value
    assert wrap(one, value.left.type) == one
    table = {
        "+": lambda: one + two, "-": lambda: one - two, "*": lambda: one * two, "&": lambda: one & two,
        "|": lambda: one | two, "^": lambda: one ^ two, "<<": lambda: one << two, ">>": lambda: one >> two,
        "/": lambda: one // two, "%": lambda: one % two, "==": lambda: one == two, "!=": lambda: one != two,
        "<": lambda: one < two, "<=": lambda: one <= two, ">": lambda: one > two, ">=": lambda: one >= two,
    }  # fmt: skip
    return wrap(int(table[value.op]()), value.type)


def run(function: Function, given: list[int]) -> int:
    state = {one.number: wrap(v, one.type) for one, v in zip(function.parameters, given, strict=True)}
    at = 0
    for _ in range(FUEL):
        block = function.blocks[at]
        for one in block.instructions:
            if isinstance(one, Assign):
                assert isinstance(one.target, Local)
                found = evaluate(one.value, state)
                assert wrap(found, one.target.type) == found, "a store that is not converted"
                state[one.target.variable.number] = found
            elif isinstance(one, Evaluate):
                evaluate(one.value, state)
            else:
                assert isinstance(one, Declare | Unsequenced)
        end = block.terminator
        if isinstance(end, Return):
            assert end.value is not None
            return evaluate(end.value, state)
        if isinstance(end, Jump):
            at = end.to
        elif isinstance(end, Branch):
            at = end.then if evaluate(end.condition, state) else end.other
        else:
            assert isinstance(end, Switch)
            asked = evaluate(end.value, state)
            hits = [c.to for c in end.cases if evaluate(c.low, state) <= asked <= evaluate(c.high, state)]
            at = hits[0] if hits else end.other
    raise AssertionError("no end")


C_TYPES = {
    "char": ctypes.c_ubyte, "signed char": ctypes.c_byte, "unsigned short": ctypes.c_ushort,
    "short": ctypes.c_short,
    "int": ctypes.c_int, "unsigned int": ctypes.c_uint, "long": ctypes.c_long,
    "unsigned long": ctypes.c_ulong, "bool": ctypes.c_bool,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("gcc") is None, reason="no C compiler")
def test_random_functions_run_as_compiled(tmp_path: Path) -> None:
    written = [Writer(seed).function(f"f{seed}") for seed in range(150)]
    source = tmp_path / "all.c"
    source.write_text("#include <stdbool.h>\n" + "\n".join(text for text, _ in written))
    library = tmp_path / "all.so"
    command = [
        "gcc",
        "-w",
        "-O1",
        "-fwrapv",
        "-funsigned-char",
        "-shared",
        "-fPIC",
        "-o",
        str(library),
        str(source),
    ]
    subprocess.run(command, check=True, timeout=120)
    compiled = ctypes.CDLL(str(library))
    chooser = random.Random(1)
    values = (
        0,
        1,
        -1,
        2,
        3,
        127,
        128,
        255,
        256,
        32768,
        65535,
        2**31 - 1,
        2**31,
        -(2**31),
        2**63 - 1,
        -(2**63),
    )
    for number, (text, types) in enumerate(written):
        function = lower_function(text)
        assert isinstance(function, Function), (function, text)
        native = getattr(compiled, f"f{number}")
        native.argtypes, native.restype = [C_TYPES[one] for one in types[:3]], C_TYPES[types[5]]
        for _ in range(12):
            given = [chooser.choice(values) for _ in range(3)]
            held = [wrap(v, one.type) for v, one in zip(given, function.parameters, strict=True)]
            assert isinstance(function.result, Integer | Bool)
            assert run(function, held) == int(native(*held)), (text, held)

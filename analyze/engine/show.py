"""The printed form of a lowered function, for people and golden tests.

f(p: *struct foo) -> s32
b0:
  %1 = call get(p) -> ?get()
  if %1 [get(p)] then b1 else b2
"""

from __future__ import annotations

from .ctype import spell
from .ir import (
    AddressOf,
    Argument,
    Asm,
    AsmJump,
    Assign,
    Binary,
    Block,
    Branch,
    Call,
    Cast,
    ConfigFlag,
    Const,
    ContainerOf,
    Declare,
    Deref,
    Element,
    Evaluate,
    Expr,
    Function,
    FunctionName,
    Global,
    Instruction,
    Jump,
    Local,
    Place,
    PointerAdd,
    PointerDifference,
    Read,
    Return,
    SizeOf,
    Step,
    Stop,
    Switch,
    Symbol,
    Terminator,
    Text,
    Unary,
    Unlowered,
    Unsequenced,
    VolatileRead,
    VolatileWrite,
    Warn,
    ZeroFill,
)


def show(function: Function | Unlowered) -> str:
    """Print a function, a line for each instruction."""
    if isinstance(function, Unlowered):
        return f"unlowered {function.code}: {function.text} (line {function.line})\n"
    given = ", ".join(f"{one.name}: {spell(one.type)}" for one in function.parameters)
    lines = [f"{function.name}({given}{', ...' * function.variadic}) -> {spell(function.result)}"]
    for number, block in enumerate(function.blocks):
        lines.append(f"b{number}:" + (f"  // {block.label}" if block.label else ""))
        lines += (f"  {line}" for line in _block(block))
    return "\n".join(lines) + "\n"


def _block(block: Block) -> list[str]:
    return [*map(instruction, block.instructions), terminator(block.terminator)]


def place(one: Place) -> str:
    """Print a place."""
    if isinstance(one, Local):
        return one.variable.name
    if isinstance(one, Global):
        return f"@{one.name}"
    if isinstance(one, Deref):
        if one.index == Const(value=0, type=one.index.type) and isinstance(one.index, Const):
            return f"*{expr(one.pointer)}"
        return f"{expr(one.pointer)}[{expr(one.index)}]"
    if isinstance(one, Element):
        return f"{place(one.base)}[{expr(one.index)}]"
    mark = {"disjoint": "", "shared": "~", "unknown": ""}[one.layout]
    if isinstance(one.base, Deref) and place(one.base).startswith("*"):
        return f"{expr(one.base.pointer)}->{one.field}{mark}"
    return f"{place(one.base)}.{one.field}{mark}"


def expr(one: Expr) -> str:
    """Print an expression; conversions as (type)."""
    if isinstance(one, Const):
        return one.name or str(one.value)
    if isinstance(one, Symbol | FunctionName):
        return one.name if one.__class__ is FunctionName or one.known else f"{one.name}?"  # type: ignore[union-attr]
    if isinstance(one, ConfigFlag):
        return f"<{one.key}>"
    if isinstance(one, Text):
        return f'"{one.content}"'
    if isinstance(one, Read):
        return place(one.place)
    if isinstance(one, AddressOf):
        return f"&{place(one.place)}"
    if isinstance(one, Cast):
        return f"({spell(one.type)}){expr(one.value)}"
    return _operation(one)


def _operation(one: Unary | Binary | PointerAdd | PointerDifference | SizeOf | ContainerOf) -> str:
    if isinstance(one, Unary):
        return f"{one.op}{expr(one.value)}"
    if isinstance(one, Binary):
        return f"({expr(one.left)} {one.op} {expr(one.right)})"
    if isinstance(one, PointerAdd):
        return f"({expr(one.pointer)} +p {expr(one.index)})"
    if isinstance(one, PointerDifference):
        return f"({expr(one.left)} -p {expr(one.right)})"
    if isinstance(one, ContainerOf):
        return f"container_of({expr(one.pointer)}, {spell(one.record)}, {one.member})"
    return f"{one.op}({spell(one.of)}{', ' + one.member if one.member else ''})"


def instruction(one: Instruction) -> str:
    """Print an instruction."""
    if isinstance(one, Declare):
        return f"declare {one.variable.name}: {spell(one.variable.type)}"
    if isinstance(one, Assign):
        return f"{place(one.target)} = {expr(one.value)}"
    if isinstance(one, ZeroFill):
        return f"{place(one.target)} = {{}}"
    if isinstance(one, Evaluate):
        return f"evaluate {expr(one.value)}"
    if isinstance(one, Call):
        return _call(one)
    if isinstance(one, VolatileRead):
        return f"{one.target.name} = {one.how} {place(one.place)}"
    if isinstance(one, VolatileWrite):
        return f"{one.how} {place(one.place)} = {expr(one.value)}"
    if isinstance(one, Warn):
        return f"warn {one.how}"
    if isinstance(one, Step):
        detail = f" [{one.detail}]" if one.detail else ""
        return f"{one.more.name}, {one.token.name} = step {one.macro}({_arguments(one.arguments)}){detail}"
    if isinstance(one, Unsequenced):
        return f"unsequenced {' | '.join(one.operands)}"
    return _asm(one)


def _call(one: Call) -> str:
    target = f"{one.target.name} = " if one.target is not None else ""
    through = f" via {expr(one.pointer)}" if one.pointer is not None else ""
    kind = "" if one.kind in ("function", "pointer") else f"{one.kind} "
    detail = f" [{one.detail}]" if one.detail else ""
    result = f" -> {spell(one.type)}" if one.target is not None else ""
    return f"{target}call {kind}{one.callee}({_arguments(one.arguments)}){through}{detail}{result}"


def _arguments(given: tuple[Argument, ...]) -> str:
    return ", ".join(
        expr(one.value) + (f" at {place(one.place)}" if one.place is not None else "") for one in given
    )


def _asm(one: Asm) -> str:
    outputs = ", ".join(map(place, one.outputs))
    return f"asm ({outputs}) = ({', '.join(map(expr, one.inputs))}){' memory' * one.memory}"


def terminator(one: Terminator) -> str:
    """Print where a block goes."""
    if isinstance(one, Jump):
        return f"goto b{one.to}"
    if isinstance(one, Branch):
        words = f" [{one.words}]" if one.words and one.words != expr(one.condition) else ""
        return f"if {expr(one.condition)}{words} then b{one.then} else b{one.other}"
    if isinstance(one, Switch):
        cases = ", ".join(
            f"{expr(case.low)}{'...' + expr(case.high) if case.high != case.low else ''}: b{case.to}"
            for case in one.cases
        )
        return f"switch {expr(one.value)} {{{cases}}} else b{one.other}"
    if isinstance(one, Return):
        return "return" if one.value is None else f"return {expr(one.value)}"
    if isinstance(one, Stop):
        return f"stop {one.how}"
    return _asm_jump(one)


def _asm_jump(one: AsmJump) -> str:
    return f"{_asm(one.asm)} goto {', '.join(f'b{to}' for to in one.targets)}"


def conditions(function: Function) -> tuple[str, ...]:
    """Return the words of every branch, in the order of the blocks: the canonical printing of conditions."""
    return tuple(
        block.terminator.words
        for block in function.blocks
        if isinstance(block.terminator, Branch | Switch) and block.terminator.words
    )

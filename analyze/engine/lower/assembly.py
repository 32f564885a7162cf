"""Inline assembly: opaque, with its operands (L1)."""

from __future__ import annotations

from ...syntax import Node
from ..ctype import VOID
from ..ir import ZERO, Asm, AsmJump, Cast, Expr, Place
from .context import Lowering


def assembly(low: Lowering, node: Node) -> Expr:
    """Lower asm(...), asm volatile(...), asm goto(...)."""
    outputs: list[Place] = []
    inputs: list[Expr] = []
    qualifiers = {
        low.written(one).strip("_") for one in node.named_children if one.kind == "gnu_asm_qualifier"
    }
    for group in ("output_operands", "input_operands"):
        listed = node.child(group)
        for operand in listed.each("operand") if listed is not None else ():
            _operand(low, operand, outputs if group == "output_operands" else None, inputs)
    clobbers = node.child("clobbers")
    text = low.shape(node)
    memory = (
        "volatile" in qualifiers
        or not outputs
        or (clobbers is not None and '"memory"' in low.written(clobbers))
    )
    made = Asm(text=text, outputs=tuple(outputs), inputs=tuple(inputs), memory=memory, span=low.span(node))
    labels = node.child("goto_labels")
    if labels is not None:
        names = [low.words(one) for one in labels.each("label")]
        if names:
            _jump(low, node, made, names)
            return Cast(value=ZERO, type=VOID)
    low.emit(made)
    return Cast(value=ZERO, type=VOID)


def _operand(low: Lowering, node: Node, outputs: list[Place] | None, inputs: list[Expr]) -> None:
    constraint, value = node.child("constraint"), node.child("value")
    if constraint is None or value is None:
        raise low.refuse(node, "asm operand")
    kind = low.written(constraint)
    if outputs is not None:
        place = low.place(value)
        if "m" in kind:
            low.address(place)
        if "+" in kind:
            inputs.append(low.read(place, value))
        outputs.append(place)
    elif "m" in kind.strip('"') and value.kind != "number_literal" and value.kind in low.tables.places:
        place = low.place(value)
        address = low.address(place)
        inputs.append(address)
    else:
        inputs.append(low.value(value))


def _jump(low: Lowering, node: Node, made: Asm, names: list[str]) -> None:
    following = low.graph.new()
    targets = [following]
    for name in names:
        label = low.labels.get(name)
        if label is None:
            raise low.refuse(node, f"goto into nowhere: {name}")
        low.gotos.append((name, tuple(scope.key for scope in low.scopes), low.span(node).line))
        targets.append(label.block)
    if any(scope.cleanups for scope in low.scopes):
        raise low.refuse(node, "asm goto past a cleanup")
    low.graph.end(AsmJump(asm=made, targets=tuple(targets)))
    low.graph.resume(following)

"""Blocks of the text: what is left when control leaves them (L1), goto, break, continue, return."""

from __future__ import annotations

from ...syntax import Node, walk
from ..ctype import Void
from ..ir import Evaluate, Jump, Read, Return
from .context import Label, Lowering, Scope
from .expression import may_fault
from .graph import RefusedError


def open_scope(low: Lowering, node: Node) -> None:
    """Enter a block."""
    low.scopes.append(Scope(key=(low.number, node.start)))


def close_scope(low: Lowering) -> None:
    """Leave a block at its end: cleanups run, the last one first."""
    run_cleanups(low, len(low.scopes) - 1)
    left = low.scopes.pop()
    if left.cleanups:
        low.cleaned.add(left.key)


def run_cleanups(low: Lowering, depth: int) -> None:
    """Run the cleanups of the scopes that are open in the text, but for the outermost `depth`."""
    for scope in reversed(low.scopes[depth:]):
        for one in reversed(scope.cleanups):
            one(low)


def find_labels(low: Lowering, root: Node) -> None:
    """Register the goto labels of a text, with the blocks around each. Raises RefusedError on a second one
    of a name."""
    for node in walk(root):
        if node.kind != "labeled_statement":
            continue
        label = node.child("label")
        if label is None:
            continue
        name = low.fragment.code[label.start : label.end]
        if name in low.labels:
            raise low.refuse(node, f"label {name} twice")
        chain = []
        around = node.parent
        while around is not None and around != root.parent:
            chain.append((low.number, around.start))
            around = around.parent
        outer = [scope.key for scope in low.scopes if scope.key[0] != low.number]
        low.labels[name] = Label(
            block=low.graph.new(name), scopes=(*outer, *reversed(chain)), line=low.span(node).line
        )


def place_label(low: Lowering, node: Node, name: str) -> None:
    """Go on at a label."""
    label = low.labels.get(name)
    if label is None:
        raise low.refuse(node, f"label {name} in a macro")
    low.graph.enter(label.block)


def jump_to_label(low: Lowering, node: Node, name: str) -> None:
    """Lower `goto name`: cleanups of the blocks that do not hold the label run."""
    label = low.labels.get(name)
    if label is None:
        raise low.refuse(node, f"goto into nowhere: {name}")
    inside = set(label.scopes or ())
    depth = len(low.scopes)
    while depth > 1 and low.scopes[depth - 1].key not in inside:
        depth -= 1
    run_cleanups(low, depth)
    low.gotos.append((name, tuple(scope.key for scope in low.scopes[:depth]), low.span(node).line))
    low.graph.end(Jump(to=label.block))


def check_gotos(low: Lowering) -> None:
    """Raise RefusedError where a goto enters a block that has cleanups."""
    for name, held, line in low.gotos:
        label = low.labels[name]
        if any(key in low.cleaned and key not in held for key in label.scopes or ()):
            raise RefusedError("construct", f"goto past a cleanup: {name}", line)


def leave_loop(low: Lowering, node: Node) -> None:
    """Lower `break`."""
    if not low.turns:
        raise low.refuse(node, "break outside a loop")
    turn = low.turns[-1]
    run_cleanups(low, turn.depth)
    low.graph.end(Jump(to=turn.leave))


def next_turn(low: Lowering, node: Node) -> None:
    """Lower `continue`."""
    for turn in reversed(low.turns):
        if turn.again >= 0:
            run_cleanups(low, turn.depth)
            low.graph.end(Jump(to=turn.again))
            return
    raise low.refuse(node, "continue outside a loop")


def leave_function(low: Lowering, node: Node) -> None:
    """Lower `return x`: the value, converted; then the cleanups; then the end."""
    inner = [one for one in node.named_children if one.kind != "comment"]
    value = low.value(inner[0]) if inner else None
    if value is not None and isinstance(low.result, Void):
        if may_fault(value):
            low.emit(Evaluate(value=value, span=low.span(node)))
        value = None
    if value is not None:
        if isinstance(value.type, Void):
            raise low.refuse(node, "void returned as a value")
        value = low.convert(value, low.result)
        if any(scope.cleanups for scope in low.scopes):
            value = Read(place=low.hold(value, node), type=value.type)
    run_cleanups(low, 0)
    low.graph.end(Return(value=value, span=low.span(node)))

"""A written-out text -> the same text, its calls handed to the harness and its locals made known to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..syntax import Node, parse
from .callees import Callees
from .infer import Call, Reading
from .shapes import Shape, spell, value_kind
from .words import original, prefixed

CONSTANT = re.compile(r"k__*[A-Z][A-Z0-9_]*")

_DECLARATORS = frozenset(
    (
        "pointer_declarator",
        "array_declarator",
        "function_declarator",
        "parenthesized_declarator",
        "attributed_declarator",
    )
)

FUNCTION = "rt_function_"
"""What stands for the address of a function is called so, among the globals."""


@dataclass(slots=True)
class Names:
    """Numbers of the callees in the log, shared by both sides."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """Return the number of a callee; new ones get the next."""
        return self.numbers.setdefault(name, len(self.numbers) + 1)


@dataclass(slots=True)
class Editor:
    """Edits one side's functions."""

    reading: Reading
    side: str
    entry: str
    """The function to run, as written."""
    own: Mapping[str, str]
    """Functions that stand in the text, as written -> as they are called in the module."""
    functions: frozenset[str]
    """Names that are functions, not variables, where they are used as values."""
    names: Names
    callees: Callees
    variables: Mapping[str, Shape]
    constants: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    used_functions: set[str] = field(default_factory=set)
    calls: dict[tuple[int, int], Call] = field(default_factory=dict)
    addresses: dict[tuple[int, int], str] = field(default_factory=dict)
    arrays: dict[tuple[int, int], str] = field(default_factory=dict)
    free: dict[tuple[int, int], str] = field(default_factory=dict)

    def run(self) -> str:
        """Return the edited text."""
        reading = self.reading
        self.calls = {(call.node.start, call.node.end): call for call in reading.calls}
        self.addresses = {(node.start, node.end): root for node, root in reading.addresses}
        self.arrays = {(node.start, node.end): root for node, root in reading.arrays}
        self.free = {(node.start, node.end): name for node, name in reading.free}
        for words, (_, _, node) in reading.headers.items():
            self.free[node.start, node.end] = "=" + self.own.get(words, f"rt_{self.side}_{words}")
        kept = [
            node for node in parse(reading.text).named_children
            if node.kind == "function_definition" and self.kept(node)
        ]  # fmt: skip
        return "\n".join(self.render(node) for node in kept)

    def kept(self, node: Node) -> bool:
        """Say whether a definition is one that was asked for: others on its lines are not."""
        return any(
            start == node.start for name, (start, _, _) in self.reading.headers.items() if self.is_ours(name)
        )

    def is_ours(self, name: str) -> bool:
        """Say whether a function is one that was asked for."""
        return name in self.own or name == self.entry

    def prototypes(self) -> str:
        """Declare the functions, in front of all definitions."""
        lines = []
        for name, (start, end, node) in self.reading.headers.items():
            if self.is_ours(name):
                text = self.reading.text
                called = self.name(self.free[node.start, node.end])
                lines.append(f"{text[start : node.start]}{called}{text[node.end : end]};")
        return "\n".join(lines)

    def render(self, node: Node) -> str:
        """Return a node's text, edited."""
        place = node.start, node.end
        kind = node.kind
        if kind == "call_expression" and place in self.calls:
            return self.call(self.calls[place])
        if kind == "identifier" and place in self.free:
            inner = self.name(self.free[place])
        else:
            inner = self.inside(node)
        if kind == "pointer_expression" and place in self.addresses:
            return f"rt_at(({inner}), {self.addresses[place]})"
        if kind in ("identifier", "field_expression") and place in self.arrays:
            return f"rt_at_array({inner}, {self.arrays[place]})"
        return f"({inner})" if kind == "compound_literal_expression" else inner

    def inside(self, node: Node) -> str:
        """Return the text of what stands inside a node, edited."""
        text = self.reading.text
        children = node.children
        if not children:
            return text[node.start : node.end]
        parts, at = [], node.start
        unset = _uninitialised(node, text) if node.kind == "declaration" else []
        for child in children:
            parts.append(text[at : child.start])
            if child.kind in (",", ";") and unset and unset[0].end <= child.start:
                parts.append(_filled(unset.pop(0), text))
            parts.append(self.render(child))
            at = child.end
        return "".join([*parts, text[at : node.end]])

    def name(self, name: str) -> str:
        """Return what stands for a name that no declaration in sight declares."""
        if name.startswith("="):
            return name[1:]
        if name in self.own or name in self.functions:
            self.used_functions.add(name)
            return f"((void *)((struct rt_globals *)(rt_pool + 16384))->{FUNCTION}{name})"
        if CONSTANT.fullmatch(name) and self.variables[name].find().kind not in ("ptr", "rec", "arr"):
            self.constants.add(name)
            return name
        self.globals.add(name)
        return f"(((struct rt_globals *)(rt_pool + 16384))->{name})"

    def call(self, call: Call) -> str:
        """Turn a call into one of a stub; calls of functions in the text keep their form."""
        if call.name in self.own:
            return f"{self.own[call.name]}({', '.join(self.render(node) for node, _ in call.arguments)})"
        kind = self.callees.kind(original(call.name)) if call.name else "effect"
        if kind == "unevaluated":
            return "0"
        if kind == "silent":
            return "(" + "".join(f"(void)({self.render(node)}), " for node, _ in call.arguments) + "0)"
        given = [self.argument(node, shape) for node, shape in call.arguments]
        if not call.name:
            given.insert(0, f"rt_target((rt_u64)({self.render(call.callee)}))")
        number = self.names.number(original(call.name) if call.name else "->" + original(call.through))
        drawn = value_kind(call.result) if call.used else 3
        listed = f"(const rt_u64[]){{ {', '.join(given)} }}" if given else "0"
        if kind in ("pure", "observing"):
            stub = f"rt_pure({drawn}, {number}, {int(kind == 'observing')}, {len(given)}, {listed})"
        elif len(given) > 8:
            stub = f"rt_many({drawn}, {number}, {len(given)}, {listed})"
        else:
            counted = [str(drawn), str(number), str(len(given)), *given, *["0"] * (8 - len(given))]
            stub = f"rt_call({', '.join(counted)})"
        result = call.result.find()
        if result.kind == "rec":
            return f"({{ {spell(result, 'rt_v')}; rt_spread(&rt_v, sizeof rt_v, {stub}); rt_v; }})"
        typed = (
            "long"
            if result.kind in ("void", "fn", "")
            else "void *"
            if result.kind == "arr"
            else spell(result, "")
        )
        return f"(({typed}){stub}, rt_stop(), 0)" if kind == "ends" else f"(({typed}){stub})"

    def argument(self, node: Node, shape: Shape) -> str:
        """Return an argument as the stub takes it."""
        text = self.render(node)
        return f"rt_r({text})" if shape.find().kind == "rec" else f"(rt_u64)({text})"


def _uninitialised(declaration: Node, text: str) -> list[Node]:
    """Return the names that a declaration in a function gives variables without a value; `int x = x` gives
    none."""
    if any(
        child.kind == "storage_class_specifier" and text[child.start : child.end] != "auto"
        for child in declaration.named_children
    ):
        return []
    return [
        name for declarator in declaration.each("declarator") if (name := _variable(_unset(declarator, text)))
    ]


def _unset(declarator: Node, text: str) -> Node:
    inner, value = declarator.child("declarator"), declarator.child("value")
    if declarator.kind != "init_declarator" or inner is None or value is None:
        return declarator
    return inner if text[inner.start : inner.end] == text[value.start : value.end] else declarator


def _filled(name: Node, text: str) -> str:
    """Return a declarator that gives the variable in front of it the filling of the run: any type has
    pointers, and what stands behind it in the declaration, or in a for loop's head, may use the variable."""
    variable = text[name.start : name.end]
    return f", *rt_filled_{name.start} = (rt_fill((void *)&{variable}, sizeof({variable})), (void *)0)"


def _variable(declarator: Node | None) -> Node | None:
    """Return the name that a declarator without an initialiser gives a variable; None for a function's."""
    here, outer = declarator, ""
    while here is not None and here.kind != "identifier":
        if here.kind not in _DECLARATORS:
            return None
        outer = here.kind if here.kind != "parenthesized_declarator" else outer
        inside = [one for one in here.named_children if one.kind in _DECLARATORS or one.kind == "identifier"]
        here = here.child("declarator") or (inside[0] if inside else None)
    return None if outer == "function_declarator" else here


def own_names(side: str, names: list[str]) -> dict[str, str]:
    """Return, for functions in a side's text, the names under which the module has them."""
    return {prefixed(name): f"rt_{side}_{prefixed(name)}" for name in names}

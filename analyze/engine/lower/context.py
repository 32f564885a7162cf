"""The state of one lowering: the graph, the scopes, and what every part of it needs (types, temporaries,
words)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ...syntax import Node
from ..binding import PRIMARY
from ..constant import evaluate, wrap
from ..ctype import (
    INT,
    UNKNOWN,
    Array,
    Bool,
    CType,
    FunctionType,
    Integer,
    Pointer,
    Record,
    Unknown,
    Void,
    spell,
)
from ..declare import Field
from ..environment import Environment, Macro
from ..fragment import Fragment, only_expression, read_statements
from ..ir import (
    AddressOf,
    Assign,
    Cast,
    ConfigFlag,
    Const,
    Deref,
    Element,
    Expr,
    FunctionName,
    Instruction,
    Jump,
    Local,
    Member,
    Place,
    PointerAdd,
    Read,
    SizeOf,
    Span,
    Symbol,
    Text,
    Variable,
    VolatileRead,
)
from ..kernel_types import KERNEL_TYPES, OPAQUE_TYPES
from .ambiguous import settle
from .graph import Graph, RefusedError

DEEPEST = 90
"""How deep statements and expressions may nest."""
_UPPER = re.compile(r"[A-Z_][A-Z0-9_]*")
_NAME = re.compile(r"[A-Za-z_]\w*")
_SHAPE = re.compile(r'"(?:[^"\\]|\\.)*"|(?:\.|->)\s*\w+|(?P<name>[A-Za-z_]\w*)')
_POINTED = re.compile(r"&\s*([A-Za-z_]\w*+)(?!\s*(?:\[|->))")

Lower = Callable[["Lowering", Node], Expr]
LowerPlace = Callable[["Lowering", Node], Place]
LowerStatement = Callable[["Lowering", Node], None]
Cleanup = Callable[["Lowering"], None]
Mark = tuple[int, int]
PAINT = "__not_again"
"""Behind a name that a macro's own expansion holds: it is not expanded again (C11 6.10.3.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What lowers which kind of node. Parts of the lowering call each other through these."""

    values: dict[str, Lower]
    places: dict[str, LowerPlace]
    statements: dict[str, LowerStatement]
    conditions: Callable[[Lowering, Node, int, int], None]
    block_items: Callable[[Lowering, list[Node]], None]


@dataclass(slots=True)
class Scope:
    """A block of the text: what it declares, and what runs when it is left."""

    key: tuple[int, int]
    """Which block: the fragment's number and the block's offset."""
    names: dict[str, Variable | Const | Symbol | CType] = field(default_factory=dict)
    cleanups: list[Cleanup] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """An open loop or switch: where `break` and `continue` go, and how many scopes are open outside."""

    leave: int
    again: int
    """-1 in a switch: `continue` belongs to the loop around it."""
    depth: int


@dataclass(slots=True)
class Label:
    """A goto label: its block, the scopes around it, and whether the text was there yet."""

    block: int
    scopes: tuple[tuple[int, int], ...] | None = None
    line: int = 0


def is_upper(name: str) -> bool:
    """Say whether a name is spelled like a constant or a macro."""
    return _UPPER.fullmatch(name) is not None and any(sign.isalpha() for sign in name)


def unknown(name: str) -> Unknown:
    """Return an unknown type; a long name is cut to its hash, since names of unknown types grow by each
    step."""
    if len(name) > 80:
        name = f"{name[:24]}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    return Unknown(name=name)


class Lowering:
    """The state of one function's lowering."""

    def __init__(self, environment: Environment, fragment: Fragment, tables: Tables, most: int) -> None:
        self.environment = environment
        self.fragment = fragment
        self.tables = tables
        self.graph = Graph(most)
        self.result: CType = INT
        self.variables: list[Variable] = []
        self.addressed: set[int] = set()
        self.scopes: list[Scope] = [Scope(key=(0, -1))]
        self.turns: list[Turn] = []
        self.labels: dict[str, Label] = {}
        self.gotos: list[tuple[str, tuple[tuple[int, int], ...], int]] = []
        self.switches: list[object] = []
        self.bodies: list[tuple[Fragment, int, Node]] = []
        """The bodies of the loop macros under expansion, each with the text that it stands in."""
        self.records: dict[str, tuple[Field, ...]] = {}
        self.calls: set[str] = set()
        self.arms: list[tuple[str, bool]] = []
        """The configuration's conditions that hold where the text is being read."""
        self.pointed = frozenset(_POINTED.findall(fragment.code))
        """Names behind an `&`: what a call may change or read."""
        self.lengths: dict[int, str] = {}
        """Of local arrays whose length is no number here, by the variable: its words (T9)."""
        self.config: str | None = None
        """The preprocessor condition that the function stands under."""
        self.cleaned: set[tuple[int, int]] = set()
        """The blocks that had cleanups."""
        self.fragments = 0
        """How many expansions there were: the numbers of their scopes."""
        self.number = 0
        self.depth = 0
        self.expanded = 0

    # Walking

    @contextmanager
    def deeper(self, node: Node) -> Iterator[None]:
        """Count the nesting. Raises RefusedError where it is too deep."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.refuse(node, f"nested deeper than {DEEPEST}", code="budget")
        yield
        self.depth -= 1

    def value(self, node: Node) -> Expr:
        """Lower an expression to its value."""
        found = self.tables.values.get(node.kind)
        if found is None:
            raise self.refuse(node, node.kind.replace("_", " "))
        with self.deeper(node):
            return found(self, node)

    def place(self, node: Node) -> Place:
        """Lower an lvalue; what is none becomes a temporary."""
        found = self.tables.places.get(node.kind)
        if found is None:
            return self.hold(self.value(node), node)
        with self.deeper(node):
            return found(self, node)

    def statement(self, node: Node) -> None:
        """Lower a statement or declaration."""
        found = self.tables.statements.get(node.kind)
        if found is None:
            raise self.refuse(node, node.kind.replace("_", " "))
        with self.deeper(node):
            found(self, node)

    def condition(self, node: Node, then: int, other: int) -> None:
        """Lower an expression as branches to two blocks (T3); nothing falls through."""
        with self.deeper(node):
            self.tables.conditions(self, node, then, other)

    @contextmanager
    def reading(self, fragment: Fragment) -> Iterator[Fragment]:
        """Read an expansion's text in place of the function's."""
        before, number = self.fragment, self.number
        self.fragments += 1
        self.fragment, self.number = fragment, self.fragments
        yield fragment
        self.fragment, self.number = before, number

    def refuse(self, node: Node, text: str, code: str = "construct") -> RefusedError:
        """Return the error that ends the lowering."""
        return RefusedError(code, text, self.span(node).line)

    # Words

    def span(self, node: Node) -> Span:
        """Return where a node stands in the function's text: of an expansion, the macro's use."""
        return self.fragment.origin or Span(start=node.start, end=node.end, line=node.line)

    def words(self, node: Node) -> str:
        """Return a node's text with single blanks."""
        return self.fragment.words(node).replace(PAINT, "")

    def written(self, node: Node) -> str:
        """Return a node's text as written."""
        return self.fragment.written(node).replace(PAINT, "")

    def is_painted(self, node: Node) -> bool:
        """Say whether a name is not to be expanded."""
        return self.fragment.written(node).endswith(PAINT)

    # Variables

    def variable(
        self,
        name: str,
        ctype: CType,
        kind: str,
        *,
        volatile: bool = False,
        initial: str | None = None,
        dynamic: bool = False,
    ) -> Variable:
        """Make a variable; a name is put in the innermost scope."""
        number = len(self.variables)
        if number > self.graph.most * 4:
            raise RefusedError("budget", "too many variables")
        made = Variable(
            number=number,
            name=name or f"%{number}",
            type=ctype,
            kind=kind,
            volatile=volatile,
            initial=initial,
            dynamic=dynamic,
        )
        self.variables.append(made)
        if name:
            self.scopes[-1].names[name] = made
        return made

    def temporary(self, ctype: CType) -> Variable:
        """Make a variable for a value that has no name."""
        return self.variable("", ctype, "temporary")

    def lookup(self, name: str) -> Variable | Const | Symbol | CType | None:
        """Return what a name is in the scopes that are open."""
        for scope in reversed(self.scopes):
            if name in scope.names:
                return scope.names[name]
        return None

    def emit(self, instruction: Instruction) -> None:
        """Append an instruction."""
        self.graph.emit(instruction)

    def assign(self, target: Place, value: Expr, node: Node) -> None:
        """Store a value, converted to the place's type."""
        self.emit(Assign(target=target, value=self.convert(value, target.type), span=self.span(node)))

    def hold(self, value: Expr, node: Node) -> Local:
        """Put a value in a temporary of its own."""
        made = Local(variable=self.temporary(value.type))
        self.emit(Assign(target=made, value=value, span=self.span(node)))
        return made

    def mark(self) -> Mark:
        """Return where the next instruction goes."""
        return self.graph.here, len(self.graph.blocks[self.graph.here].instructions)

    def fixed(self, value: Expr, node: Node, at: Mark) -> Expr:
        """Return an expression of the value that `value` had at a mark, whatever was emitted since."""
        if at == self.mark() or isinstance(value.type, Void) or _is_stable(value):
            return value
        made = Local(variable=self.temporary(value.type))
        block, place = at
        self.graph.blocks[block].instructions.insert(
            place, Assign(target=made, value=value, span=self.span(node))
        )
        return Read(place=made, type=value.type)

    def fixed_place(self, place: Place, node: Node, at: Mark) -> Place:
        """Return the place with every pointer and index in it as they were at a mark."""
        if at == self.mark():
            return place
        if isinstance(place, Deref):
            pointer, index = self.fixed(place.pointer, node, at), self.fixed(place.index, node, at)
            return Deref(pointer=pointer, index=index, type=place.type)
        if isinstance(place, Member):
            base = self.fixed_place(place.base, node, at)
            return Member(
                base=base, field=place.field, record=place.record, layout=place.layout, type=place.type
            )
        if isinstance(place, Element):
            index = self.fixed(place.index, node, at)
            return Element(base=self.fixed_place(place.base, node, at), index=index, type=place.type)
        return place

    def read(self, place: Place, node: Node) -> Expr:
        """Return a place's value: arrays decay, volatile objects are read by an instruction."""
        if isinstance(place.type, Array):
            return self.address(place)
        if is_volatile(self, place):
            target = self.temporary(place.type)
            self.emit(VolatileRead(target=target, place=place, how="volatile", span=self.span(node)))
            return Read(place=Local(variable=target), type=place.type)
        return Read(place=place, type=place.type)

    def address(self, place: Place) -> Expr:
        """Return a place's address; `&*p` is p."""
        if isinstance(place, Deref) and not isinstance(place.type, Array):
            if place.index == Const(value=0, type=INT):
                return place.pointer
            return PointerAdd(pointer=place.pointer, index=place.index, type=place.pointer.type)
        root = place
        while isinstance(root, Member | Element):
            root = root.base
        if isinstance(root, Local):
            self.addressed.add(root.variable.number)
        to = place.type.of if isinstance(place.type, Array) else place.type
        return AddressOf(place=place, type=Pointer(to=to))

    # Types

    def convert(self, value: Expr, ctype: CType) -> Expr:
        """Convert a value as an assignment does."""
        if value.type == ctype or isinstance(ctype, Void | Record | Array | FunctionType):
            return value
        if (
            isinstance(value, Const)
            and isinstance(ctype, Integer | Bool | Pointer)
            and not isinstance(value.type, Unknown)
        ):
            return Const(value=wrap(value.value, ctype), type=ctype, name=value.name)
        if isinstance(value.type, Record):
            return value
        return Cast(value=value, type=ctype)

    def settled(self, ctype: CType, name: str) -> CType:
        """Return the type, or an unknown one of the given name where it is unknown without one."""
        return unknown(name) if ctype == UNKNOWN else ctype

    def record(self, tag: str) -> tuple[Field, ...] | None:
        """Return a struct's fields, the function's own structs first."""
        found = self.records.get(tag)
        return self.environment.record(tag) if found is None else found

    def type_of_node(self, node: Node) -> CType:
        """Return an expression's type, arrays not decayed; nothing is evaluated."""
        here, known, calls = self.graph.here, set(self.addressed), set(self.calls)
        self.graph.here = self.graph.new()
        try:
            found = self.place(node).type if node.kind in self.tables.places else self.value(node).type
        finally:
            if self.graph.blocks[self.graph.here].terminator is None:
                self.graph.blocks[self.graph.here].terminator = Jump(to=self.graph.here)
            self.graph.here, self.addressed, self.calls = here, known, calls
        return found

    # What a reader of declarations asks (declare.Names)

    def named_type(self, name: str) -> CType | None:
        """Return what a typedef stands for, in the scopes and then in the file."""
        found = self.lookup(name)
        if isinstance(found, Variable | Const | Symbol):
            return None
        return self.environment.named_type(name) if found is None else found

    def strength(self, name: str) -> int:
        """Return how tightly what a constant's name stands for holds together."""
        return PRIMARY if self.lookup(name) is not None else self.environment.strength(name)

    def constant(self, name: str) -> Const | None:
        """Return a constant's value."""
        found = self.lookup(name)
        if found is None:
            return self.environment.constant(name)
        return found if isinstance(found, Const) else None

    def length(self, fragment: Fragment, node: Node) -> int | None:
        """Return an array's length where it is a constant at hand."""
        found = evaluate(self, fragment, node)
        return None if found is None else found.value

    def is_constant(self, fragment: Fragment, node: Node) -> bool:
        """Say whether a length is made of constants alone, whatever their values."""
        for name in _NAME.findall(fragment.written(node)):
            found = self.lookup(name)
            if isinstance(found, Variable) or (
                found is None and not is_upper(name) and name not in _IN_LENGTHS
            ):
                return False
        return True

    def type_of(self, text: str) -> CType:
        """Return typeof(text): of a type or of an expression."""
        fragment = self.open(f"sizeof({text})", self.fragment.origin, self.fragment.expanding)
        node = only_expression(fragment)
        if node is None or node.kind != "sizeof_expression":
            raise RefusedError("construct", f"typeof({text[:60]})")
        with self.reading(fragment):
            return self.sized_type(node)

    def sized_type(self, node: Node) -> CType:
        """Return the type that a sizeof is of."""
        from ..declare import type_name

        written, operand = node.child("type"), node.child("value")
        if written is not None:
            name = self.written(written).strip()
            if isinstance(self.lookup(name), Variable) or (
                _NAME.fullmatch(name) and self.named_type(name) is None and self.environment.variable(name)
            ):
                return self.name_type(name)
            return type_name(self, self.fragment, written)
        assert operand is not None
        inner = operand
        while inner.kind == "parenthesized_expression" and len(inner.named_children) == 1:
            inner = inner.named_children[0]
        written_type = self.typeof_at(inner)
        if written_type is not None:
            return written_type
        argument = self.fragment.rewrite("type-argument", inner.start)
        if (
            inner.kind == "identifier"
            and self.lookup(self.written(inner)) is None
            and (argument is not None or self.named_type(self.written(inner)) is not None)
        ):
            return self.type_of(self.fragment.code[inner.start : argument.end if argument else inner.end])
        return self.type_of_node(inner)

    def typeof_at(self, node: Node) -> CType | None:
        """Return the type where a typeof stands in the place of a name."""
        found = self.fragment.rewrite("typeof", node.start) if node.kind == "identifier" else None
        if found is None:
            return None
        text = self.fragment.code[found.start : found.end]
        return self.type_of(text[text.find("(") + 1 : text.rfind(")")])

    def name_type(self, name: str) -> CType:
        """Return a variable's type."""
        found = self.lookup(name)
        if isinstance(found, Variable):
            return found.type
        known = self.environment.variable(name)
        return unknown(f"typeof {name}") if known is None else known.type

    def open(self, text: str, origin: Span | None, expanding: frozenset[str], said: str = "") -> Fragment:
        """Read statements or an expression that stands where the lowering is."""
        return settle(read_statements(text, origin, expanding, said), self.is_variable)

    def is_variable(self, name: str) -> bool:
        """Say whether a name is a variable or a constant here, and no type."""
        found = self.lookup(name)
        if found is not None:
            return isinstance(found, Variable | Const | Symbol)
        environment = self.environment
        if environment.named_type(name) is not None or name in KERNEL_TYPES or name in OPAQUE_TYPES:
            return False
        if environment.variable(name) is not None or environment.constant(name) is not None:
            return True
        return is_upper(name) or bool(environment.macros(name))

    def macro(self, name: str) -> Macro | None:
        """Return what a name is defined as where this function stands."""
        return self.environment.macro(name, self.config)

    def shape(self, node: Node) -> str:
        """Return a node's words with the function's own variables as $1, $2 ... by first appearance."""
        names: dict[str, str] = {}

        def rename(found: re.Match[str]) -> str:
            name = found.group("name")
            if name is None or not isinstance(self.lookup(name), Variable):
                return found.group()
            return names.setdefault(name, f"${len(names) + 1}")

        return _SHAPE.sub(rename, self.words(node))

    def typed_words(self, node: Node) -> str:
        """Return a node's words with the function's own variables as their types: what sizeof depends on."""

        def rename(found: re.Match[str]) -> str:
            variable = self.lookup(found.group("name") or "")
            if not isinstance(variable, Variable):
                return found.group()
            return f"<{spell(variable.type)}{self.lengths.get(variable.number, '')}>"

        return _SHAPE.sub(rename, self.words(node))

    def define(self, record: Record, fields: tuple[Field, ...]) -> None:
        """Take notice of a struct that the function defines."""
        self.records[record.tag] = fields

    def enumerate(self, name: str, value: int | None, ctype: CType) -> None:
        """Take notice of an enum constant that the function defines."""
        self.scopes[-1].names[name] = (
            Symbol(name=name, type=ctype, known=True)
            if value is None
            else Const(value=value, type=ctype, name=name)
        )

    def enum_type(self, tag: str) -> CType:
        """Return an enum's type by its tag."""
        return self.environment.enum_type(tag)

    def enum_value(self, fragment: Fragment, node: Node) -> int | None:
        """Return an enumerator's written value."""
        return self.length(fragment, node)


_IN_LENGTHS = frozenset(
    {"sizeof", "struct", "unsigned", "long", "int", "char", "u8", "u16", "u32", "u64", "void"}
)


def is_volatile(low: Lowering, place: Place) -> bool:
    """Say whether a place is an object declared volatile, or seen through a pointer to volatile (B2)."""
    if isinstance(place, Local):
        return place.variable.volatile
    if isinstance(place, Deref):
        ctype = place.pointer.type
        return isinstance(ctype, Pointer) and ctype.volatile
    if isinstance(place, Member):
        for one in low.record(place.record) or () if place.record else ():
            if one.name == place.field:
                return one.volatile or is_volatile(low, place.base)
        return is_volatile(low, place.base)
    if isinstance(place, Element):
        return is_volatile(low, place.base)
    known = low.environment.variable(place.name)
    return known is not None and known.volatile


def _is_stable(value: Expr) -> bool:
    """Say whether an expression has the same value everywhere."""
    if isinstance(value, Const | Symbol | ConfigFlag | Text | FunctionName | SizeOf):
        return True
    if isinstance(value, Cast):
        return _is_stable(value.value)
    if isinstance(value, Read):
        return isinstance(value.place, Local) and value.place.variable.name.startswith("%")
    return isinstance(value, AddressOf) and isinstance(value.place, Local)

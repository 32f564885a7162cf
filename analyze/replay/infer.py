"""A written-out text -> the shapes of all that it names, and the places that the harness has to edit.

One Reader reads both sides, so that a struct, a global and a callee have one shape in both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..syntax import Node, parse
from .known_types import INTEGERS
from .outcome import RefusedError
from .shapes import Shape, field_of, integer, pointer, target_of, unify
from .words import PREFIX, prefixed

MAX_DEPTH = 150
_COMPUTED = re.compile(r"\[[^\]]*\bk_\w+ \(")
"""A bound that calls something: such a definition is not written out, its fields are those in use."""


_NESTING = frozenset(
    (
        "labeled_statement",
        "case_statement",
        "if_statement",
        "else_clause",
        "while_statement",
        "do_statement",
        "switch_statement",
        "ERROR",
    )
)
_EMPTY = frozenset(["comment", "statement_identifier", "break_statement", "continue_statement"])


@dataclass(slots=True, eq=False)
class Call:
    """A call as the text has it."""

    node: Node
    callee: Node
    name: str
    """The function's name as written; "" for a call through a pointer."""
    arguments: list[tuple[Node, Shape]]
    result: Shape
    through: str = ""
    """The field or variable that holds the pointer."""
    used: bool = True
    """False where its value goes nowhere."""


@dataclass(slots=True)
class Reading:
    """A text, and what was found in it; offsets count in the text."""

    text: str
    calls: list[Call] = field(default_factory=list)
    addresses: list[tuple[Node, str]] = field(default_factory=list)
    """&x.f... with the local x that it begins with."""
    arrays: list[tuple[Node, str]] = field(default_factory=list)
    """Values that are local arrays, with the local."""
    free: list[tuple[Node, str]] = field(default_factory=list)
    """Identifiers that no declaration in sight declares."""
    parameters: dict[str, list[Shape]] = field(default_factory=dict)
    """Function -> its parameters' shapes."""
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Function -> its parameters' names."""
    results: dict[str, Shape] = field(default_factory=dict)
    headers: dict[str, tuple[int, int, Node]] = field(default_factory=dict)
    """Function -> its header's first and last offset, and the node of its name."""


@dataclass(slots=True)
class Reader:
    """What both sides share: types, globals, callees."""

    typedefs: dict[str, Shape] = field(default_factory=dict)
    records: dict[str, Shape] = field(default_factory=dict)
    whole: dict[str, str] = field(default_factory=dict)
    """Types with their definition as it is written out: "struct k_x" or a typedef's name."""
    by_value: dict[str, list[Shape]] = field(default_factory=dict)
    """The shapes that such a definition holds by value."""
    constants: set[str] = field(default_factory=set)
    """Enumerators."""
    variables: dict[str, Shape] = field(default_factory=dict)
    callees: dict[str, Shape] = field(default_factory=dict)
    needed: dict[str, Shape] = field(default_factory=dict)
    """Globals that the texts use as values."""
    scopes: list[dict[str, Shape]] = field(default_factory=list)
    reading: Reading = field(default_factory=lambda: Reading(""))
    result: Shape = field(default_factory=Shape)
    mentioned: list[Shape] = field(default_factory=list)
    """Shapes in the parameter lists of the definition in progress."""

    # Texts

    def definition(self, key: str, text: str) -> None:
        """Read a struct, union, enum or typedef that is at hand; its text is kept to be written out."""
        self.start(text)
        root = parse(text)
        if root.has_error or key in self.whole:
            return
        if _COMPUTED.search(text):
            return
        for node in root.named_children:
            held: list[Shape] = []
            self.mentioned = []
            if node.kind == "type_definition":
                self.typedef(node, text, held)
            else:
                specifier = node if node.kind.endswith("_specifier") else node.child("type")
                if specifier is not None:
                    self.specifier(specifier, text, held)

    def typedef(self, node: Node, text: str, held: list[Shape]) -> None:
        """Read a typedef whose text is kept."""
        specifier = node.child("type")
        if specifier is None:
            return
        base = self.specifier(specifier, text, held)
        for declarator in node.each("declarator"):
            name, shape = self.declarator(declarator, base)
            if name:
                known = self.typedefs.get(name)
                if shape.kind == "rec" and not shape.spelling:
                    shape.spelling = name
                self.typedefs[name] = shape
                if (
                    known is not None
                    and not known.kind
                    and known.parent is None
                    and shape.find() is not known
                ):
                    known.parent = shape
                elif known is not None:
                    unify(known, shape)
                self.whole[name] = self.reading.text[node.start : node.end]
                self.by_value[name] = held + self.mentioned

    def declaration(self, text: str) -> None:
        """Read a prototype or a variable of the file, for its type."""
        self.start(text)
        for node in parse(text).named_children:
            self.declared(node)

    def declared(self, node: Node) -> None:
        """Read a declaration at file level, for the types of what it declares."""
        specifier = node.child("type")
        if node.kind != "declaration" or specifier is None:
            return
        base = self.specifier(specifier, "", [])
        for declarator in node.each("declarator"):
            name, shape = self.declarator(declarator, base)
            if shape.kind == "fn" and shape.target is not None:
                self.callees.setdefault(name, shape.target)
            elif name:
                self.variables.setdefault(name, shape)

    def functions(self, text: str, own: list[str]) -> Reading:
        """Read definitions of functions; `own` are the names, as written, of all that stand in the text."""
        self.start(text)
        root = parse(text)
        _check_depth(root)
        definitions = [node for node in root.named_children if node.kind == "function_definition"]
        for node in definitions:
            self.header(node)
        missing = [name for name in own if name not in self.reading.headers]
        if missing:
            raise RefusedError("text", f"no definition of {missing[0].removeprefix(PREFIX)} could be read")
        for node in root.named_children:
            if node.kind.endswith("_specifier"):
                self.specifier(node, "", [])
            elif node.kind == "type_definition":
                self.typedef(node, "", [])
            elif node.kind == "declaration":
                self.declared(node)
        for node in definitions:
            self.body(node)
        return self.reading

    def start(self, text: str) -> None:
        """Begin another text."""
        self.reading = Reading(text)

    def of(self, node: Node) -> str:
        """Return a node's text."""
        return self.reading.text[node.start : node.end]

    # Declarations

    def specifier(self, node: Node, text: str, held: list[Shape]) -> Shape:
        """Return the shape that a type specifier names."""
        del text
        kind, words = node.kind, self.of(node)
        if kind == "primitive_type":
            return Shape("void") if words == "void" else integer(words)
        if kind == "sized_type_specifier":
            return integer(words)
        if kind == "type_identifier":
            return self.named(words, held)
        if kind in ("struct_specifier", "union_specifier"):
            return self.record(node, held)
        if kind == "enum_specifier":
            return self.enumeration(node)
        if kind == "macro_type_specifier" and words.startswith("typeof"):
            inner = parse(f"long x = {words[words.find('(') :]};")
            del inner
        return Shape()

    def named(self, name: str, held: list[Shape]) -> Shape:
        """Return the shape of a type that is called by one name."""
        if name == "__auto_type":
            return Shape()
        if not name.startswith(PREFIX):
            return integer(name)
        plain = name.removeprefix(PREFIX)
        if plain.upper() == plain and name not in self.whole:
            return Shape()  # a macro at file level that declares: DEFINE_SPINLOCK(x)
        if plain in INTEGERS and name not in self.whole:
            return integer(name)
        shape = self.typedefs.setdefault(name, Shape())
        held.append(shape)
        return shape

    def record(self, node: Node, held: list[Shape]) -> Shape:
        """Return the shape of a struct or union; one with a body is kept as it stands."""
        kind = node.kind.removesuffix("_specifier")
        name, body = node.child("name"), node.child("body")
        key = f"{kind} {self.of(name)}" if name else ""
        shape = self.records.get(key) if key else None
        if shape is None:
            shape = Shape("rec", key, union=kind == "union")
            if key:
                self.records[key] = shape
        if body is None:
            held.append(shape)
            return shape
        inner: list[Shape] = []
        if key in self.whole:
            if self.whole[key].split() != self.of(node).split():
                raise RefusedError("environment", f"{key.replace(PREFIX, '')} differs")
            return shape
        for member in body.named_children:
            self.member(member, shape, inner)
        shape.whole = True
        if key:
            self.whole[key] = self.of(node)
            self.by_value[key] = inner
        held.extend(inner)
        return shape

    def member(self, node: Node, record: Shape, held: list[Shape]) -> None:
        """Read a field of a definition."""
        specifier = node.child("type")
        if node.kind != "field_declaration" or specifier is None:
            return
        inner: list[Shape] = []
        base = self.specifier(specifier, "", inner)
        declarators = node.each("declarator")
        if not declarators:  # an anonymous struct or union: its fields are the outer one's
            record.fields.update(base.find().fields)
            held.extend(inner)
        for declarator in declarators:
            name, shape = self.declarator(declarator, base)
            if any(child.kind == "bitfield_clause" for child in node.children):
                shape = Shape("int", shape.spelling, size=":")
            record.fields[name] = shape
            known = self.typedefs.values()
            inner += self.mentioned
            held.extend(
                inner if shape.kind != "ptr" else [kept for kept in inner if any(kept is t for t in known)]
            )

    def enumeration(self, node: Node) -> Shape:
        """Return the shape of an enum; one with a body is kept as it stands."""
        name, body = node.child("name"), node.child("body")
        words = f"enum {self.of(name)}" if name else "int"
        if name is not None:
            self.records.setdefault(words, integer(words))
        if body is not None:
            listed = {self.of(c) for found in body.named_children if (c := found.child("name")) is not None}
            if listed & self.constants:
                return integer(words)
            if node.parent is None or node.parent.kind in ("translation_unit", "declaration"):
                self.whole[words if name else f"enum @{len(self.whole)}"] = self.of(node)
            for found in body.named_children:
                constant = found.child("name")
                if constant is not None:
                    self.constants.add(self.of(constant))
        return integer(words)

    def declarator(self, node: Node | None, base: Shape) -> tuple[str, Shape]:
        """Return the name that a declarator declares, and its shape."""
        shape, inside = base, node
        while inside is not None:
            kind = inside.kind
            if kind in ("identifier", "field_identifier", "type_identifier", "primitive_type"):
                return self.of(inside), shape
            if kind in ("pointer_declarator", "abstract_pointer_declarator"):
                shape = pointer(shape)
            elif kind in ("array_declarator", "abstract_array_declarator"):
                size = inside.child("size")
                shape = Shape("arr", target=shape, size=self.of(size) if size else "")
            elif kind in ("function_declarator", "abstract_function_declarator"):
                shape = Shape("fn", target=shape)
                listed = inside.child("parameters")
                for parameter in listed.named_children if listed is not None else ():
                    specifier = parameter.child("type")
                    if specifier is not None:
                        self.specifier(specifier, "", self.mentioned)
            deeper = inside.child("declarator")
            if deeper is None and kind in (
                "parenthesized_declarator",
                "abstract_parenthesized_declarator",
                "attributed_declarator",
            ):
                deeper = next(
                    (c for c in inside.named_children if "declarator" in c.kind or "identifier" in c.kind),
                    None,
                )
            inside = deeper
        return "", shape

    def header(self, node: Node) -> None:
        """Read a function's header."""
        specifier, declarator = node.child("type"), node.child("declarator")
        body = node.child("body")
        if specifier is None or declarator is None or body is None:
            return
        name, shape = self.declarator(declarator, self.specifier(specifier, "", []))
        function: Node | None = declarator
        while function is not None and function.kind != "function_declarator":
            function = function.child("declarator")
        if function is None or shape.kind != "fn" or shape.target is None:
            return
        at = function.child("declarator")
        parameters = function.child("parameters")
        if at is None or parameters is None:
            return
        self.reading.headers[name] = (node.start, body.start, at)
        self.reading.results[name] = shape.target
        self.callees.setdefault(name, shape.target)
        found = self.parameters(parameters)
        self.reading.parameters[name] = [shape for _, shape in found]
        self.reading.named[name] = tuple(parameter for parameter, _ in found)

    def parameters(self, node: Node) -> list[tuple[str, Shape]]:
        """Return names and shapes of the parameters."""
        found = []
        for parameter in node.named_children:
            specifier = parameter.child("type")
            if parameter.kind == "variadic_parameter":
                raise RefusedError("construct", "variadic function")
            if parameter.kind != "parameter_declaration" or specifier is None:
                continue
            name, shape = self.declarator(parameter.child("declarator"), self.specifier(specifier, "", []))
            if shape.kind == "void":
                continue
            if shape.kind == "arr":
                shape = pointer(shape.target or Shape())
            found.append((name, pointer(Shape("void")) if shape.kind == "fn" else shape))
        return found

    # Statements

    def body(self, node: Node) -> None:
        """Read a function's body."""
        declarator, body = node.child("declarator"), node.child("body")
        while declarator is not None and declarator.kind != "function_declarator":
            declarator = declarator.child("declarator")
        parameters = declarator.child("parameters") if declarator else None
        if body is None or parameters is None or declarator is None:
            return
        name = declarator.child("declarator")
        self.result = self.reading.results.get(self.of(name) if name else "", Shape())
        self.scopes = [dict(self.parameters(parameters))]
        self.statement(body)
        self.scopes = []

    def statement(self, node: Node) -> None:
        """Read a statement."""
        kind = node.kind
        if kind in ("compound_statement", "for_statement"):
            self.scopes.append({})
            self.children(node)
            self.scopes.pop()
        elif kind == "declaration":
            self.local(node)
        elif kind == "expression_statement":
            for child in node.named_children:
                self.value(child)
        elif kind == "return_statement":
            for child in node.named_children:
                unify(self.result, self.value(child))
        elif kind in _NESTING:
            self.children(node)
        elif kind in ("type_definition", "struct_specifier", "union_specifier", "enum_specifier"):
            self.local_type(node)
        elif kind in ("function_definition", "goto_statement"):
            if kind == "function_definition" or "*" in self.of(node):
                raise RefusedError("construct", "nested function or computed goto")
        elif node.named and kind not in _EMPTY:
            self.value(node)

    def children(self, node: Node) -> None:
        """Read the statements in a node."""
        for child in node.named_children:
            self.statement(child)

    def local_type(self, node: Node) -> None:
        """Read a type that is declared inside a function."""
        if node.kind == "type_definition":
            raise RefusedError("construct", "local typedef")
        shape = self.specifier(node, "", [])
        del shape

    def local(self, node: Node) -> None:
        """Read a declaration of locals."""
        specifier = node.child("type")
        if specifier is None:
            return
        for child in node.named_children:
            if child.kind == "storage_class_specifier" and self.of(child) == "static":
                raise RefusedError("construct", "static local")
        base = self.specifier(specifier, "", [])
        automatic = self.of(specifier) == "__auto_type"
        for declarator in node.each("declarator"):
            inner, value = declarator, None
            if declarator.kind == "init_declarator":
                inner, value = declarator.child("declarator") or declarator, declarator.child("value")
            name, shape = self.declarator(inner, base)
            self.bounds(inner)
            if shape.kind == "fn":
                if shape.target is not None:
                    self.callees.setdefault(name, shape.target)
                continue
            if automatic and value is not None:
                shape = self.value(value)
                value = None
            self.scopes[-1][name] = shape
            if value is not None:
                self.initial(value, shape)

    def bounds(self, node: Node) -> None:
        """Read the bounds of a local array."""
        here: Node | None = node
        while here is not None and here.kind != "identifier":
            size = here.child("size")
            if size is not None:
                self.value(size)
            here = here.child("declarator")

    def initial(self, node: Node, shape: Shape) -> None:
        """Read an initialiser of something of a shape."""
        if node.kind != "initializer_list":
            unify(shape, self.value(node))
            return
        found = shape.find()
        for child in node.named_children:
            if child.kind != "initializer_pair":
                self.initial(child, found.target or Shape() if found.kind == "arr" else Shape())
                continue
            at = found
            for designator in child.each("designator"):
                if designator.kind == "field_designator":
                    at = field_of(at, self.of(designator.named_children[0]))
                else:
                    at = target_of(at)
                    for inner in designator.named_children:
                        self.value(inner)
            value = child.child("value")
            if value is not None:
                self.initial(value, at)

    # Expressions

    def look(self, name: str) -> Shape | None:
        """Return the shape of a local, None where there is none of that name."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    def value(self, node: Node) -> Shape:
        """Return the shape of an expression whose value is used, and note local arrays that decay."""
        shape = self.expression(node).find()
        if shape.kind == "arr" and node.kind in ("identifier", "field_expression"):
            root = self.root(node)
            if root:
                self.reading.arrays.append((node, root))
        return shape

    def root(self, node: Node) -> str:
        """Return the local object that an lvalue is part of, "" for none."""
        while True:
            if node.kind == "identifier":
                name = self.of(node)
                return name if self.look(name) is not None else ""
            if node.kind == "field_expression" and "." in [self.of(c) for c in node.children]:
                inner = node.child("argument")
            elif node.kind == "subscript_expression":
                inner = node.child("argument")
                if inner is not None and self.quiet(inner).kind != "arr":
                    return ""
            elif node.kind == "parenthesized_expression" and node.named_children:
                inner = node.named_children[0]
            else:
                return ""
            if inner is None:
                return ""
            node = inner

    def quiet(self, node: Node) -> Shape:
        """Return the shape of an lvalue without noting anything a second time."""
        kept = self.reading
        self.reading = Reading(kept.text)
        shape = self.expression(node).find()
        self.reading = kept
        return shape

    def expression(self, node: Node) -> Shape:
        """Return the shape of an expression."""
        read = getattr(self, f"_{node.kind}", None)
        if read is not None:
            found: Shape = read(node)
            return found
        for child in node.named_children:
            self.statement(child)
        return integer() if node.kind in ("number_literal", "char_literal", "true", "false") else Shape()

    def _identifier(self, node: Node) -> Shape:
        name = self.of(node)
        local = self.look(name)
        if local is not None:
            return local
        if name in self.constants or not name.startswith(PREFIX):
            return integer()
        self.reading.free.append((node, name))
        if name not in self.needed:
            self.needed[name] = self.variables.get(name, Shape())
        return self.needed[name]

    def _string_literal(self, node: Node) -> Shape:
        del node
        return pointer(integer("char"))

    def _concatenated_string(self, node: Node) -> Shape:
        return self._string_literal(node)

    def _parenthesized_expression(self, node: Node) -> Shape:
        shape = Shape()
        for child in node.named_children:
            shape = self.block(child) if child.kind == "compound_statement" else self.expression(child)
        return shape

    def block(self, node: Node) -> Shape:
        """Return the shape of a statement expression's value."""
        self.scopes.append({})
        shape = Shape()
        for child in node.named_children:
            if child.kind == "expression_statement" and child.named_children:
                for inner in child.named_children:
                    shape = self.value(inner)
            else:
                self.statement(child)
        self.scopes.pop()
        return shape

    def _field_expression(self, node: Node) -> Shape:
        argument, name = node.child("argument"), node.child("field")
        if argument is None or name is None:
            return Shape()
        arrow = any(self.of(child) == "->" for child in node.children)
        base = self.value(argument) if arrow else self.expression(argument)
        return field_of(target_of(base) if arrow else base, self.of(name))

    def _pointer_expression(self, node: Node) -> Shape:
        argument = node.child("argument")
        if argument is None:
            return Shape()
        if self.of(node).startswith("*"):
            return target_of(self.value(argument))
        shape = self.expression(argument)
        root = self.root(argument)
        if root:
            self.reading.addresses.append((node, root))
        return pointer(shape)

    def _subscript_expression(self, node: Node) -> Shape:
        argument, index = node.child("argument"), node.child("index")
        if index is not None:
            self.value(index)
        return target_of(self.expression(argument)) if argument is not None else Shape()

    def _assignment_expression(self, node: Node) -> Shape:
        left, right = node.child("left"), node.child("right")
        if left is None or right is None:
            return Shape()
        a, b = self.expression(left), self.value(right)
        unify(a, b)
        return a

    def _conditional_expression(self, node: Node) -> Shape:
        for name in ("condition", "consequence"):
            child = node.child(name)
            if child is not None:
                shape = self.value(child)
        other = node.child("alternative")
        if other is not None:
            second = self.value(other)
            if second.find().kind != "int" and shape.find().kind == "int":
                return second
            unify(shape, second)
        return shape

    def _comma_expression(self, node: Node) -> Shape:
        shape = Shape()
        for child in node.named_children:
            shape = self.value(child)
        return shape

    def _binary_expression(self, node: Node) -> Shape:
        left, right = node.child("left"), node.child("right")
        if left is None or right is None:
            return Shape()
        a, b = self.value(left), self.value(right)
        sign = self.reading.text[left.end : right.start].strip()
        if sign in ("==", "!=", "<", ">", "<=", ">="):
            unify(a, b)
        if sign not in ("+", "-"):
            return integer()
        if a.kind in ("ptr", "arr"):
            return integer("long") if b.kind in ("ptr", "arr") else pointer(a.target or Shape())
        if b.kind in ("ptr", "arr"):
            return pointer(b.target or Shape())
        return integer("long")

    def _unary_expression(self, node: Node) -> Shape:
        for child in node.named_children:
            self.value(child)
        return integer()

    def _update_expression(self, node: Node) -> Shape:
        argument = node.child("argument")
        return self.expression(argument) if argument is not None else Shape()

    def _cast_expression(self, node: Node) -> Shape:
        value, named = node.child("value"), node.child("type")
        if value is not None:
            self.value(value)
        return self.described(named)

    def described(self, node: Node | None) -> Shape:
        """Return the shape of a type in parentheses."""
        if node is None:
            return Shape()
        specifier = node.child("type")
        if specifier is None:
            return Shape()
        return self.declarator(node.child("declarator"), self.specifier(specifier, "", []))[1]

    def _sizeof_expression(self, node: Node) -> Shape:
        value, named = node.child("value"), node.child("type")
        self.described(named)
        if value is not None:
            self.expression(value)
        return integer("unsigned long")

    def _offsetof_expression(self, node: Node) -> Shape:
        shape, member = self.described(node.child("type")), node.child("member")
        if member is not None:
            field_of(shape, self.of(member))
        return integer("unsigned long")

    def _compound_literal_expression(self, node: Node) -> Shape:
        shape, value = self.described(node.child("type")), node.child("value")
        if value is not None:
            self.initial(value, shape)
        return shape

    def _initializer_list(self, node: Node) -> Shape:
        self.initial(node, Shape())
        return Shape()

    def _call_expression(self, node: Node) -> Shape:
        callee, listed = node.child("function"), node.child("arguments")
        if callee is None or listed is None:
            return Shape()
        cast = self.cast_written_as_call(callee, listed)
        if cast is not None:
            return cast
        name = self.of(callee) if callee.kind == "identifier" else ""
        given = list(listed.named_children)
        if name.startswith("rt_"):
            return self.ours(name, given)
        arguments = [(child, self.value(child)) for child in given if child.kind != "comment"]
        used = node.parent is None or node.parent.kind != "expression_statement"
        if name and self.look(name) is None:
            result = self.callees.setdefault(name, Shape())
            self.reading.calls.append(Call(node, callee, name, arguments, result, used=used))
            return result
        shape = self.expression(callee)
        target = target_of(shape)
        through = callee
        while through.kind in ("parenthesized_expression", "pointer_expression") and through.named_children:
            through = through.named_children[0]
        member = through.child("field") if through.kind == "field_expression" else through
        result = (
            target.target
            if target.kind == "fn" and target.target
            else self.callees.setdefault("->" + self.of(member or through)[:80], Shape())
        )
        self.reading.calls.append(
            Call(node, callee, "", arguments, result, self.of(member or through)[:80], used=used)
        )
        return result

    def cast_written_as_call(self, callee: Node, listed: Node) -> Shape | None:
        """Return the shape of `(name_t)(x)`, which the grammar takes for a call."""
        if callee.kind != "parenthesized_expression" or len(callee.named_children) != 1:
            return None
        inner = callee.named_children[0]
        name = self.of(inner)
        if inner.kind != "identifier" or self.look(name) is not None:
            return None
        plain = name.removeprefix(PREFIX)
        told = name == "_Bool" or name in self.typedefs or plain in INTEGERS
        if not told and not plain.endswith("_t"):
            return None
        for child in listed.named_children:
            self.value(child)
        return self.named(name, [])

    def ours(self, name: str, given: list[Node]) -> Shape:
        """Return the shape of a macro of the harness, applied."""
        if name in ("rt_once", "rt_set_once", "rt_refill") and given:
            shape = self.expression(given[0])
            for child in given[1:]:
                unify(shape, self.value(child))
            return shape
        shapes = [self.value(child) for child in given]
        if name == "rt_like" and shapes:
            return shapes[0]
        if name == "rt_word":
            return Shape()
        return integer("long")


def _check_depth(root: Node) -> None:
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise RefusedError("text", "nested too deep")
        waiting.extend((child, depth + 1) for child in node.named_children)


def written(names: list[str]) -> list[str]:
    """Return names as they are written out."""
    return [prefixed(name) for name in names]

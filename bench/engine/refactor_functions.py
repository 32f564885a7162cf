"""Refactorings across functions: a static helper extracted or inlined, a local turned into a parameter.

Each takes a view of a function and its file, and yields (line, text of the whole file after it).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lorelens.analyze.syntax import Node, walk

from .corpus import Listed
from .refactor_flow import is_written
from .view import Edit, View, apply, arguments, callee, calls, declared_name, has, inner, view, words

Texts = Iterator[tuple[int, str]]
_MAY_ASSIGN = re.compile(
    r"irqsave|irq_save|get_user|do_div|div64|^swap$|for_each|wait_event|va_|cmpxchg|copy_from|lock_ptr|_iter|xas_"
)
"""Calls that may be macros which assign to what they are given."""
_PLAIN_TYPE = (
    "primitive_type",
    "sized_type_specifier",
    "struct_specifier",
    "type_identifier",
    "union_specifier",
    "enum_specifier",
)
HELPER = "extracted_part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A function in its file."""

    file: str
    listed: Listed
    found: View

    def after(self, edits: list[Edit], elsewhere: list[Edit] | None = None) -> str:
        """Return the file with edits of the function (offsets in it) and others (offsets in the file)."""
        moved = [Edit(e.start + self.listed.start, e.end + self.listed.start, e.text) for e in edits]
        return apply(self.file, moved + (elsewhere or []))

    def line(self, node: Node) -> int:
        """Return the 1-based line of a node in the function."""
        return self.found.text.count("\n", 0, node.start) + 1


def extracted(place: Place) -> Texts:
    """Extract a condition, or a run of one to three statements, into a new static function in front."""
    found = place.found
    types = declared(found)
    for node in found.nodes("if_statement"):
        condition = node.child("condition")
        if condition is not None and is_written(found, node):
            used = _used(found, inner(condition), types)
            if used is not None and calls(condition) and not _assigns(found, condition):
                yield _extracted(place, inner(condition), "bool", used, types, "return {};")
    for node in found.nodes("expression_statement"):
        used = _used(found, node, types)
        top = [child for child in node.named_children if child.kind != "comment"]
        if (
            used is None
            or len(top) != 1
            or not calls(node)
            or node.parent is None
            or node.parent.kind != "compound_statement"
        ):
            continue
        if top[0].kind == "call_expression" and not _assigns(found, node) and used:
            yield _extracted(place, node, "void", used, types, "{}")
        elif top[0].kind == "assignment_expression":
            left, right = top[0].child("left"), top[0].child("right")
            if left is not None and right is not None and found.of_operator(top[0]) == "=":
                read = _used(found, right, types)
                if found.of(left) in types and read and calls(right) and not _assigns(found, right):
                    yield _extracted(place, right, types[found.of(left)], read, types, "return {};")


def _extracted(
    place: Place, node: Node, result: str, used: list[str], types: dict[str, str], body: str
) -> tuple[int, str]:
    found = place.found
    parameters = ", ".join(_typed(types[name], name) for name in used) or "void"
    helper = f"static {_typed(result, HELPER)}({parameters})\n{{\n\t{body.format(found.of(node))}\n}}\n\n"
    call = f"{HELPER}({', '.join(used)})" + (";" if body == "{}" else "")
    edits = [Edit(0, 0, helper), Edit(node.start, node.end, call)]
    return place.line(node), place.after(edits)


def _typed(kind: str, name: str) -> str:
    return f"{kind}{name}" if kind.endswith("*") else f"{kind} {name}"


def declared(found: View) -> dict[str, str]:
    """Return the locals and parameters that are declared once, of a type written as words and stars."""
    types: dict[str, str] = {}
    seen: set[str] = set()
    for node in walk(found.root):
        if node.kind not in ("declaration", "parameter_declaration"):
            continue
        for declarator in node.each("declarator"):
            name = declared_name(declarator)
            if name is None:
                continue
            text = found.of(name)
            kind = _type(found, node, declarator)
            if text in seen or kind is None or not found.plain(node):
                types.pop(text, None)
            else:
                types[text] = kind
            seen.add(text)
    return types


def _type(found: View, node: Node, declarator: Node) -> str | None:
    base = node.child("type")
    if base is None or base.kind not in _PLAIN_TYPE or has(base, "field_declaration_list", "enumerator_list"):
        return None
    if words(found.of(node)) & {"static", "extern", "register", "volatile", "typeof", "__attribute__"}:
        return None
    stars, inside = "", declarator
    if inside.kind == "init_declarator":
        inside = inside.child("declarator") or inside
    while inside.kind == "pointer_declarator":
        if has(inside, "type_qualifier"):
            return None
        stars += "*"
        inside = inside.child("declarator") or inside
    if inside.kind != "identifier":
        return None
    const = "const " if re.match(r"\s*const\b", found.of(node)) else ""
    if const and not stars:
        return None
    return const + " ".join(found.of(base).split()) + (" " + stars if stars else "")


def _used(found: View, node: Node, types: dict[str, str]) -> list[str] | None:
    """Return the locals that a node names; None where one has no told type or is given away."""
    if has(
        node,
        "return_statement",
        "goto_statement",
        "break_statement",
        "continue_statement",
        "compound_statement",
    ):
        return None
    locals_ = _all_locals(found)
    names: list[str] = []
    for inside in walk(node):
        if inside.kind == "identifier":
            text = found.of(inside)
            if text in locals_ and text not in names:
                if text not in types:
                    return None
                names.append(text)
        elif inside.kind == "pointer_expression" and found.of(inside).startswith("&"):
            argument = inside.child("argument")
            if argument is not None and argument.kind != "field_expression":
                return None
            if argument is not None and "->" not in found.of(argument):
                return None
        elif inside.kind == "call_expression":
            name = callee(found, inside)
            if not name or name.isupper() or _MAY_ASSIGN.search(name) or name in locals_:
                return None
    return names


def _all_locals(found: View) -> set[str]:
    names = set()
    for node in walk(found.root):
        if node.kind in ("declaration", "parameter_declaration"):
            for declarator in node.each("declarator"):
                name = declared_name(declarator)
                if name is not None:
                    names.add(found.of(name))
    return names


def _assigns(found: View, node: Node) -> bool:
    """Say whether a node assigns to a local."""
    for inside in walk(node):
        if inside.kind in ("assignment_expression", "update_expression"):
            target = inside.child("left") or inside.child("argument")
            if target is not None and target.kind == "identifier":
                return True
            if target is not None and "->" not in found.of(target) and not found.of(target).startswith("*"):
                return True
    return False


def inlined(place: Place, others: dict[str, View]) -> Iterator[tuple[int, str, str]]:
    """Put `((T)(body))` for a call of a static function `return body;` of the file; yield its name too."""
    found = place.found
    for node in calls(found.body):
        name, given = callee(found, node), arguments(node)
        other = others.get(name)
        if other is None or name == found.name or not found.plain(node):
            continue
        body = _single_return(other)
        parameters = _parameters(other)
        result = _result_type(other)
        if body is None or parameters is None or result is None or len(parameters) != len(given):
            continue
        text = other.of(body)
        uses = {p: len(re.findall(rf"\b{p}\b", text)) for p, _ in parameters}
        simple = all(argument.kind in ("identifier", "number_literal") for argument in given)
        if not simple or any(re.search(rf"(?:\.|->)\s*{p}\b", text) for p in uses):
            continue
        if words(text) & _all_locals(found) - set(uses):
            continue
        for (parameter, kind), argument in zip(parameters, given, strict=True):
            text = re.sub(rf"\b{parameter}\b", f"\0{kind}\1{found.of(argument)}\2", text)
        text = text.replace("\0", "((").replace("\1", ")").replace("\2", ")")
        after = place.after([Edit(node.start, node.end, f"(({result})({text}))")])
        yield place.line(node), after, name


def _single_return(other: View) -> Node | None:
    inside = [child for child in other.body.named_children if child.kind != "comment"]
    if len(inside) != 1 or inside[0].kind != "return_statement" or not other.plain(inside[0]):
        return None
    value = [child for child in inside[0].named_children if child.kind != "comment"]
    if len(value) != 1 or has(value[0], "assignment_expression", "update_expression", "compound_statement"):
        return None
    return value[0] if "&" not in other.of(value[0]).replace("&&", "") else None


def _parameters(other: View) -> list[tuple[str, str]] | None:
    types = declared(other)
    found: list[tuple[str, str]] = []
    for node in walk(other.root):
        if node.kind == "parameter_declaration":
            name = declared_name(node.child("declarator"))
            if name is None or other.of(name) not in types:
                return None
            found.append((other.of(name), types[other.of(name)]))
    return found


def _result_type(other: View) -> str | None:
    """Return a static function's type as written; None for other linkage, void, or what is not plain."""
    head = other.text[: other.body.start]
    match = re.match(r"\s*static\s+(?:(?:inline|__always_inline)\s+)?([\w\s]+?[\s*]+)\w+\s*\(", head)
    if match is None:
        return None
    kind = " ".join(match[1].split())
    return None if kind == "void" or words(kind) & {"noinline", "__init", "__ref", "__meminit"} else kind


def helpers(file: str, functions: list[Listed]) -> dict[str, View]:
    """Return the static functions of a file that are one return statement and are defined once."""
    found: dict[str, View] = {}
    often = Counter(listed.name for listed in functions)
    for listed in functions:
        text = file[listed.start : listed.end]
        alone = often[listed.name] == 1 and listed.config is None
        if listed.read and alone and text.count("\n") < 12 and text.startswith("static"):
            other = view(text)
            if other is not None and _single_return(other) is not None:
                found[listed.name] = other
    return found


def parameter(place: Place) -> Texts:
    """Turn `T x = constant;` of a static function into a parameter that every caller in the file gives."""
    found, name = place.found, place.listed.name
    if not found.text.startswith("static") or len(re.findall(rf"\b{name}\b", found.text)) != 1:
        return
    uses = list(re.finditer(rf"\b{name}\b", place.file))
    outside = [use for use in uses if not place.listed.start <= use.start() < place.listed.end]
    if not outside or len(outside) > 4:
        return
    types = declared(found)
    for node in found.nodes("declaration"):
        own = node.each("declarator")
        if node.parent != found.body or len(own) != 1 or own[0].kind != "init_declarator":
            continue
        value, local = own[0].child("value"), declared_name(own[0])
        if value is None or local is None or found.of(local) not in types:
            continue
        if re.fullmatch(r"-?\d+|NULL|true|false|-E[A-Z]+", found.of(value)) is None:
            continue
        elsewhere = _calls_with(
            place, outside, found.of(value), _typed(types[found.of(local)], found.of(local))
        )
        lists = [one for one in walk(found.root) if one.kind == "parameter_list"]
        closing = lists[0].end - 1  # what follows may be __acquires(...)
        if elsewhere is None or found.text[found.source.mask.rfind("(", 0, closing) :].startswith("(void)"):
            continue
        given = f", {_typed(types[found.of(local)], found.of(local))}"
        edits = [Edit(closing, closing, given), Edit(node.start, node.end, "")]
        yield place.line(node), place.after(edits, elsewhere)


def _calls_with(place: Place, uses: list[re.Match[str]], value: str, declaration: str) -> list[Edit] | None:
    """Return the edits that add an argument to each call and to a prototype; None where a use is neither."""
    edits = []
    for use in uses:
        at = use.end()
        if not place.file[at:].lstrip().startswith("("):
            return None
        line = place.file[place.file.rfind("\n", 0, use.start()) + 1 : use.start()]
        if line.lstrip().startswith(("*", "//", "/*", "#")):
            return None
        depth = 0
        for end in range(at, min(len(place.file), at + 2000)):
            depth += {"(": 1, ")": -1}.get(place.file[end], 0)
            if depth == 0 and place.file[end] == ")":
                break
        else:
            return None
        if not place.file[at:end].strip(" ("):
            return None
        is_prototype = line.startswith("static")
        edits.append(Edit(end, end, f", {declaration}" if is_prototype else f", {value}"))
    return edits

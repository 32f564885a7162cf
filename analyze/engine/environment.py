"""What a file's text defines: macros, enums, structs, typedefs, prototypes, functions, globals (rule B7).

An Environment is read on demand: a file is cut once, and a definition is parsed when it is first asked for.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from ..lexical import Source, blank, scan
from ..outline import Piece, cut_text
from ..syntax import Node
from .binding import PRIMARY
from .binding import strength as binding_strength
from .constant import evaluate
from .ctype import CType, FunctionType, Record, Unknown
from .declare import Declared, Field, UnreadError, base_type, declarator, specifier_type
from .fragment import LONGEST, Fragment, only_expression, read_definition, read_statements
from .header import TAGGED, defined_names, fixed, piece_name
from .ir import Const
from .prelude import PRELUDE_PATH, prelude_text

_DEFINE = re.compile(r"#[ \t]*define[ \t]+(\w+)(\([^)]*\))?((?:.|\n)*)", re.ASCII)
_INLINE = re.compile(r"\b(?:__always_|__)?inline\b")
_NO_RETURN = re.compile(r"\b(?:__noreturn|_Noreturn|noreturn)\b")
_WEAK = re.compile(r"\b(?:__)?weak(?:__)?\b")
_WORD = re.compile(r"[A-Za-z_]\w*")
_ASKING = frozenset({"defined", "IS_ENABLED", "IS_BUILTIN", "IS_MODULE", "IS_REACHABLE"})
_REPLACED = re.compile(r"\bALLOW_ERROR_INJECTION[ \t]*\([ \t]*(\w+)|#[ \t]*pragma[ \t]+weak[ \t]+(\w+)")
_LAST_NAME = re.compile(r"\}\s*(\w+)\s*;\Z")
HEADERS_PATH = "<headers>"
_DEPTH = 12
_NUMBER_OR_GROUP = re.compile(r"\d\w*|\([^()]*\)")
"""How many macros a constant may go through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """One #define. `parameters` is None for an object-like one; the body has no comments and no line
    splices."""

    name: str
    parameters: tuple[str, ...] | None
    variadic: bool
    body: str
    config: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalVariable:
    """A variable at file level."""

    name: str
    type: CType
    text: str
    """Its whole declaration, initialiser included, with single blanks."""
    constant: bool
    """Declared const: its initialiser is its value."""
    volatile: bool


class Environment:
    """What a text defines by name. Where it does not tell, `outer` (headers, the prelude) is asked."""

    def __init__(self, path: str, text: str, outer: Environment | None = None) -> None:
        self.path = path
        self.outer = outer
        self.digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        """Of the text; with those of outer ones it is the cache key (B7)."""
        self.source, self.pieces, self.undefined = _cut(text)
        self._macros: dict[str, tuple[Macro, ...]] = {}
        self._records: dict[str, tuple[Field, ...] | None] = {}
        self._constants: dict[str, Const | None] = {}
        self._enum_types: dict[str, CType] = {}
        self._enums_read = False
        self._enumerators: set[str] = set()
        self._clashing: set[str] = set()
        self._declared: dict[tuple[str, str], tuple[Declared, ...]] = {}
        self._variables: dict[str, GlobalVariable | None] = {}
        self._under_way: set[tuple[str, str]] = set()

    @staticmethod
    def from_text(path: str, text: str, headers: str = "") -> Environment:
        """Return the environment of a file's text over what is at hand of its headers (excerpt.py) and the
        prelude; of the same texts the same one."""
        return _cached(path, text, headers)

    @property
    def key(self) -> tuple[str, ...]:
        """Return the digests of this text and of the outer ones."""
        return (self.digest, *(self.outer.key if self.outer is not None else ()))

    @property
    def headers(self) -> Environment | None:
        """Return the environment of the headers around a file's; None where they are not at hand."""
        return self.outer if self.outer is not None and self.outer.path == HEADERS_PATH else None

    @cached_property
    def by_name(self) -> dict[str, tuple[Piece, ...]]:
        """All definitions by name, enumerators under theirs."""
        found: dict[str, list[Piece]] = {}
        for (symbol, _), pieces in self.pieces.items():
            for piece in pieces if symbol != "other" else ():
                for _, name in defined_names(self.source, piece):
                    found.setdefault(name, []).append(piece)
        return {name: tuple(pieces) for name, pieces in found.items()}

    @cached_property
    def macro_texts(self) -> tuple[str, ...]:
        """The #define lines of this text, each from the macro's name on."""
        return tuple(one.argument for one in self.source.directives if one.name == "define")

    @cached_property
    def all_functions(self) -> tuple[Piece, ...]:
        """All definitions of functions in this text."""
        return tuple(
            piece for (symbol, _), found in self.pieces.items() if symbol == "function" for piece in found
        )

    def text_of(self, piece: Piece) -> str:
        """Return a piece's exact text."""
        return self.source.text[piece.start : piece.end]

    def fragment_of(self, piece: Piece) -> Fragment:
        """Return a piece, parsed."""
        return read_definition(self.source, piece)

    def functions(self, name: str) -> tuple[Piece, ...]:
        """Return all definitions of a function in this text, twins under #ifdef included."""
        return self.pieces.get(("function", name), ())

    @cached_property
    def replaced(self) -> frozenset[str]:
        """The functions whose answer error injection may take the place of, and weak ones by #pragma."""
        return frozenset(one[1] or one[2] for one in _REPLACED.finditer(self.source.code))

    def may_be_replaced(self, piece: Piece) -> bool:
        """Say whether a call may run another definition than this one: a weak one, or one whose answer error
        injection may take the place of."""
        declared = (piece, *self.pieces.get(("prototype", piece.name), ()))
        heads = [self.source.code[one.start : one.body if one.body >= 0 else one.end] for one in declared]
        return piece.name in self.replaced or any(_WEAK.search(head) for head in heads)

    def settles(self, conditions: str) -> bool:
        """Say whether a text defines, or undefines, what conditions of the preprocessor ask for: these may
        hold at one place and not at another."""
        return any(
            word in self.undefined or self.macros(word)
            for word in _WORD.findall(conditions)
            if word not in _ASKING
        )

    def is_late(self, piece: Piece) -> str:
        """Return a name in a function that is a macro behind it alone, and so something else in it; "" for
        none."""
        code = self.source.mask[piece.start : piece.end]
        words: list[str] = _WORD.findall(code)
        for word in dict.fromkeys(words):
            found = self.pieces.get(("macro", word), ())
            if not self.macros(word) or not any(one.config in (None, piece.config) for one in found):
                continue
            called = re.search(rf"\b{word}\s*\(", code) is not None
            used = called or any(one.parameters is None for one in self.macros(word))
            if used and all(one.start >= piece.end for one in found):
                return word
        return ""

    # Macros and constants

    def macros(self, name: str) -> tuple[Macro, ...]:
        """Return all #defines of a name, of the nearest text that has one."""
        found = self._macros.get(name)
        if found is None:
            found = tuple(
                filter(None, (self._macro(piece) for piece in self.pieces.get(("macro", name), ())))
            )
            if not found and self.outer is not None and self._asks_outside(name):
                found = self.outer.macros(name)
            found = tuple(one for one in found if one.body != name)  # `#define f f` says that f exists
            self._macros[name] = found
        return found

    def _asks_outside(self, name: str) -> bool:
        """Say whether a macro of an outer text may hold in this one: a function here takes the place of the
        prelude's, but not of a header's."""
        if name in self.undefined:
            return False
        above = self.headers is not None and ("macro", name) in self.headers.pieces
        return above or not self._defines(name)

    def _defines(self, name: str) -> bool:
        return ("function", name) in self.pieces or ("variable", name) in self.pieces

    def _macro(self, piece: Piece) -> Macro | None:
        text = self.source.text[piece.start : piece.end]
        inner = scan(text.replace("#", " ", 1).replace("\\\n", " \n"))
        found = _DEFINE.match("#" + inner.code[1:])
        if found is None:
            return None
        name, parameters, body = found.groups()
        named = [one.strip() for one in parameters[1:-1].split(",")] if parameters else None
        variadic = bool(named and named[-1].endswith("..."))
        if named is not None and variadic:
            named[-1] = named[-1].removesuffix("...").strip() or "__VA_ARGS__"
        if "?" in body and not text.isascii():  # the front end reads every other character as one
            return Macro(name=name, parameters=None, variadic=False, body=body, config="not ASCII")
        kept = None if named is None else tuple(one for one in named if one)
        return Macro(name=name, parameters=kept, variadic=variadic, body=body.strip(), config=piece.config)

    def macro(self, name: str, under: str | None = None) -> Macro | None:
        """Return what a name is defined as, without doubt, in code under a condition.

        None where there are several definitions, or one under another condition, or an #undef, or a
        function of that name: which of them holds is not told.
        """
        found = self.macros(name)
        other = ("function", name) in self.pieces or ("prototype", name) in self.pieces
        owner = self
        while ("macro", name) not in owner.pieces and owner.outer is not None:
            owner = owner.outer
        if other or (("macro", name) in owner.pieces and name in owner.undefined):
            return None
        sure = [one for one in found if _implied(one.config, under)]
        same = {(one.parameters, " ".join(one.body.split())) for one in sure}
        several = any(one.config is None for one in found) and len(found) > len(sure)
        return sure[0] if len(same) == 1 and not several else None

    def constant(self, name: str) -> Const | None:
        """Return an enum constant's or object-like macro's value; None where it is not at hand."""
        if name not in self._constants:
            self._constants[name] = None
            self._read_enums()
            if self._constants[name] is None:
                self._constants[name] = self._find_constant(name)
            elif self.macros(name) or name in self._clashing:  # an enumerator here, a macro under another #if
                self._constants[name] = None
        return self._constants[name]

    def _find_constant(self, name: str) -> Const | None:
        macro = self.macro(name)
        if macro is None:
            several = bool(self.macros(name)) or self._defines(name) or name in self.undefined
            return None if several or self.outer is None else self.outer.constant(name)
        if (
            macro.parameters is not None
            or not macro.body
            or len(macro.body) > 2000
            or len(self._under_way) > _DEPTH
        ):
            return None
        self._under_way.add(("constant", name))
        try:
            fragment = read_statements(macro.body, None, frozenset({name}))
            node = only_expression(fragment)
            value = None if node is None else evaluate(self, fragment, node)
        finally:
            self._under_way.discard(("constant", name))
        return None if value is None else Const(value=value.value, type=value.type, name=name)

    def strength(self, name: str) -> int:
        """Return how tightly what a constant's name stands for holds together (binding.py)."""
        for _ in range(_DEPTH):
            macro = self.macro(name)
            if macro is None:
                several = bool(self.macros(name)) or self._defines(name) or name in self.undefined
                return PRIMARY if several or self.outer is None else self.outer.strength(name)
            body = macro.body.strip()
            if macro.parameters is not None or _NUMBER_OR_GROUP.fullmatch(body):
                return PRIMARY
            if not body.isidentifier() or body == name:
                node = only_expression(read_statements(body, None, frozenset({name})))
                return PRIMARY if node is None else binding_strength(node)
            name = body
        return PRIMARY

    def is_named_constant(self, name: str) -> bool:
        """Say whether a name is an object-like macro or an enum constant of this text, its value at hand or
        not."""
        self._read_enums()
        if name in self._enumerators:
            return True
        found = self.macros(name)
        if not found and self.outer is not None and self._asks_outside(name):
            return self.outer.is_named_constant(name)
        return bool(found) and all(one.parameters is None for one in found)

    def _read_enums(self) -> None:
        if self._enums_read:
            return
        self._enums_read = True
        for (symbol, _), pieces in self.pieces.items():
            if symbol in ("enum", "typedef", "struct", "union", "variable"):
                for piece in pieces:
                    text = self.source.mask[piece.start : piece.end]
                    if "enum" in text and "{" in text:
                        self._read(piece)

    # Types

    def record(self, tag: str) -> tuple[Field, ...] | None:
        """Return a struct's or union's fields; None where its definition is not at hand, or there are
        several."""
        if tag not in self._records:
            self._records[tag] = None
            pieces = self.pieces.get(("struct", tag), ()) + self.pieces.get(("union", tag), ())
            if len(pieces) == 1:
                self._read(pieces[0])
            elif not pieces and self.outer is not None:
                self._records[tag] = self.outer.record(tag)
        return self._records[tag]

    def named_type(self, name: str) -> CType | None:
        """Return what a typedef of this text stands for."""
        pieces = self.pieces.get(("typedef", name), ())
        if len(pieces) > 1:
            return Unknown(name=name)
        if not pieces:
            return self.outer.named_type(name) if self.outer is not None else None
        for declared in self._read(pieces[0]):
            if declared.name == name:
                if isinstance(declared.type, Record) and declared.type.tag.startswith("<"):
                    return self._rename(declared.type, name)
                return declared.type
        return None

    def _rename(self, record: Record, name: str) -> Record:
        found = self._records.get(record.tag)
        if found is not None:
            self._records.setdefault(name, found)
        return Record(kind=record.kind, tag=name)

    def enum_type(self, tag: str) -> CType:
        """Return an enum's type by its tag: Unknown where its definition is not at hand."""
        if tag not in self._enum_types:
            self._enum_types[tag] = Unknown(name=f"enum {tag}")
            pieces = self.pieces.get(("enum", tag), ())
            if len(pieces) == 1:
                self._enum_types[tag] = self._enum_definition(pieces[0], tag)
            elif not pieces and self.outer is not None:
                self._enum_types[tag] = self.outer.enum_type(tag)
        return self._enum_types[tag]

    def _enum_definition(self, piece: Piece, tag: str) -> CType:
        fragment = self.fragment_of(piece)
        for node in _below(fragment.root):
            name = node.child("name") if node.kind == "enum_specifier" else None
            if name is not None and node.child("body") is not None and fragment.written(name) == tag:
                try:
                    found = specifier_type(self, fragment, node)
                except UnreadError:
                    break
                return found
        return Unknown(name=f"enum {tag}")

    # Functions and variables

    def prototype(self, name: str) -> FunctionType | None:
        """Return a function's type; None where no declaration is at hand, or several differ."""
        pieces = self.pieces.get(("function", name), ()) or self.pieces.get(("prototype", name), ())
        found = {one.type for piece in pieces[:8] for one in self._read(piece) if one.name == name}
        if len(found) == 1:
            ctype = found.pop()
            return ctype if isinstance(ctype, FunctionType) else None
        return self.outer.prototype(name) if not found and self.outer is not None else None

    def is_function(self, name: str) -> bool:
        """Say whether a function of that name is defined or declared at hand, and no macro."""
        here = ("function", name) in self.pieces or ("prototype", name) in self.pieces
        if here and ("macro", name) not in self.pieces:
            return True
        return self.outer is not None and ("macro", name) not in self.pieces and self.outer.is_function(name)

    def is_inline(self, name: str) -> bool:
        """Say whether a declaration at hand says that a function is inline: it has a body, here or not."""
        heads = [self.text_of(piece) for piece in self.pieces.get(("prototype", name), ())]
        if any(_INLINE.search(head) for head in heads):
            return True
        return self.outer.is_inline(name) if self.outer is not None else False

    def no_return(self, name: str) -> bool:
        """Say whether a declaration at hand is marked __noreturn."""
        for symbol in ("function", "prototype"):
            for piece in self.pieces.get((symbol, name), ()):
                stop = piece.body if piece.body >= 0 else piece.end
                if _NO_RETURN.search(self.source.mask, piece.start, stop):
                    return True
        return self.outer.no_return(name) if self.outer is not None else False

    def variable(self, name: str) -> GlobalVariable | None:
        """Return a variable at file level; None where it is not declared here."""
        if name not in self._variables:
            self._variables[name] = None
            for piece in self.pieces.get(("variable", name), ()):
                self._variables[name] = self._variable(piece, name) or self._variables[name]
            if self._variables[name] is None and self.outer is not None:
                self._variables[name] = self.outer.variable(name)
        return self._variables[name]

    def _variable(self, piece: Piece, name: str) -> GlobalVariable | None:
        for declared in self._read(piece):
            if declared.name == name:
                text = " ".join(self.source.code[piece.start : piece.end].split())
                head = text.split("=")[0]
                return GlobalVariable(
                    name=name,
                    type=declared.type,
                    text=text,
                    constant=re.search(r"\bconst\b", head) is not None,
                    volatile=re.search(r"\bvolatile\b", head) is not None,
                )
        return None

    # What a reader of declarations asks (declare.Names)

    def length(self, fragment: Fragment, node: Node) -> int | None:
        """Return an array's length where it is a constant at hand."""
        found = evaluate(self, fragment, node)
        return None if found is None else found.value

    def is_constant(self, fragment: Fragment, node: Node) -> bool:
        """Say yes: at file level lengths are constants."""
        return True

    def type_of(self, text: str) -> CType:
        """Return typeof(text) at file level: by its text alone."""
        return Unknown(name=f"typeof({' '.join(text.split())})")

    def define(self, record: Record, fields: tuple[Field, ...]) -> None:
        """Take notice of a struct's or union's definition."""
        seen: dict[str, Field] = {}
        for field in fields:
            other = seen.get(field.name)
            if other is not None and other.type != field.type:
                field = Field(
                    name=field.name,
                    type=Unknown(name=f"{record.tag}.{field.name}"),
                    shared=True,
                    volatile=field.volatile,
                    positional=False,
                )
            seen[field.name] = field
        self._records[record.tag] = tuple(seen.values())

    def enumerate(self, name: str, value: int | None, ctype: CType) -> None:
        """Take notice of an enum constant."""
        found = None if value is None else Const(value=value, type=ctype, name=name)
        if name in self._enumerators and self._constants.get(name) != found:
            self._clashing.add(name)
        self._enumerators.add(name)
        self._constants[name] = found

    def enum_value(self, fragment: Fragment, node: Node) -> int | None:
        """Return an enumerator's written value."""
        return self.length(fragment, node)

    def _read(self, piece: Piece) -> tuple[Declared, ...]:
        """Return what a piece declares, and take notice of the types that it defines."""
        key = (f"{piece.symbol}:{piece.start}", piece.name)
        if key not in self._declared:
            self._declared[key] = ()
            if key not in self._under_way and piece.end - piece.start <= LONGEST:
                self._declared[key] = self._declarators(piece)
        return self._declared[key]

    def _declarators(self, piece: Piece) -> tuple[Declared, ...]:
        if piece.symbol == "function" and piece.body >= 0:
            fragment = self._header(piece)
        elif piece.symbol == "prototype":
            fragment = self._prototype(piece)
        else:
            fragment = self.fragment_of(piece)
        found: list[Declared] = []
        for node in fragment.root.named_children:
            if node.has_error and piece.symbol not in ("struct", "union", "enum"):
                continue
            try:
                found.extend(self._declaration(fragment, node))
            except UnreadError:
                continue
        return tuple(found)

    def _header(self, piece: Piece) -> Fragment:
        """Read a function with its body blanked: what is declared, without the cost of its statements."""
        source = self.source
        body = blank(source.mask[piece.body + 1 : piece.end - 1])
        short = Source(
            source.text,
            source.code[: piece.body + 1] + body + source.code[piece.end - 1 : piece.end],
            source.mask[: piece.body + 1] + body + source.mask[piece.end - 1 : piece.end],
            (),
            (),
            source.line_starts,
        )
        return read_definition(short, piece)

    def _prototype(self, piece: Piece) -> Fragment:
        """Read a prototype as if it had a body: the normaliser takes it for a macro's call otherwise."""
        text = self.source.code[piece.start : piece.end].rstrip().removesuffix(";")
        whole = Piece(
            name=piece.name,
            symbol="function",
            start=0,
            end=len(text) + 3,
            name_at=piece.name_at - piece.start,
            body=len(text) + 1,
            config=piece.config,
            closed=True,
        )
        return read_definition(scan(f"{text}\n{{}}"), whole)

    def _declaration(self, fragment: Fragment, node: Node) -> list[Declared]:
        if node.kind in ("struct_specifier", "union_specifier", "enum_specifier"):
            specifier_type(self, fragment, node)
            return []
        if node.kind not in ("declaration", "type_definition", "function_definition"):
            return []
        base = base_type(self, fragment, node)
        return [declarator(self, fragment, one, base) for one in node.each("declarator")]


def _below(root: Node) -> list[Node]:
    found, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting.extend(node.named_children)
    return found


def _implied(config: str | None, under: str | None) -> bool:
    """Say whether code under one condition (as conditions.py spells it) stands under another."""
    return config is None or (under is not None and (under == config or under.startswith(f"{config} && ")))


@lru_cache(maxsize=64)
def _cut(text: str) -> tuple[Source, dict[tuple[str, str], tuple[Piece, ...]], frozenset[str]]:
    """Return a text with its definitions by symbol and name, and the names of its #undef lines."""
    source, found = cut_text(text)
    pieces: dict[tuple[str, str], list[Piece]] = {}
    for one in found:
        piece = one if one.config is None else replace(one, config=fixed(one.config))
        pieces.setdefault((piece.symbol, piece_name(source, piece)), []).append(piece)
        tagged = TAGGED.match(source.mask, piece.start, piece.end) if piece.symbol == "typedef" else None
        if tagged:
            pieces.setdefault((tagged[1], tagged[2]), []).append(piece)
    undefined = frozenset(one.argument.split(" ")[0] for one in source.directives if one.name == "undef")
    return source, {key: tuple(found) for key, found in pieces.items()}, undefined


@lru_cache(maxsize=64)
def _cached(path: str, text: str, headers: str = "") -> Environment:
    return Environment(path, text, _around(headers) if headers else _prelude())


@lru_cache(maxsize=64)
def _around(headers: str) -> Environment:
    return Environment(HEADERS_PATH, headers, _prelude())


@lru_cache(maxsize=1)
def _prelude() -> Environment:
    return Environment(PRELUDE_PATH, prelude_text())

"""What a replay is given, and what of it is written out for the preprocessor: functions, and the
environment they name.

The environment is the text of the file (and of headers, where at hand): its macros, enums, structs,
typedefs and
declarations. Only what the functions name, transitively, is taken (B7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from ..engine.lower.macro import IOCTL
from ..outline import Piece, cut_text
from .conditionals import Configuration, select
from .outcome import RefusedError
from .words import KEYWORDS, Token, prefixed, tokens, write

MAX_PIECES = 4000
_TYPES = ("struct", "union", "enum", "typedef")
_DECLARED = ("function", "prototype", "variable")
_MACRO = re.compile(r"define[ \t]+(\w+)(\([^()]*\))?(.*)", re.DOTALL)
_ENUM_BODY = re.compile(r"[{,]\s*([A-Za-z_]\w*)\s*(?=[,=}])")
_ATTRIBUTE = re.compile(r"__(?!.*_t$|[a-z]*\d+$|attribute|typeof|asm|poll|u?int)\w+")
_SPELLED = frozenset(
    ["void", "char", "short", "int", "long", "signed", "unsigned", "bool", "_Bool", "typeof"]
)
_SYSCALL = re.compile(r"(?:COMPAT_)?SYSCALL_DEFINE[0-6]|COMPAT_SYSCALL_DEFINE\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One version of a function."""

    name: str
    text: str
    """The whole definition, header included."""
    helpers: tuple[tuple[str, str], ...] = ()
    """(name, text) of the functions that were inlined: they run as they stand, and are no effects."""
    recursive: bool = False
    """Whether its calls of itself were followed: they run, too."""
    config: str = ""
    """The preprocessor's conditions that the definition stands under (outline.Piece)."""
    environment: tuple[str, ...] = ()
    """Texts of the file and of headers at hand, later ones winning."""


@dataclass(slots=True)
class Written:
    """A side ready for the preprocessor."""

    macros: list[tuple[str, str]] = field(default_factory=list)
    """(name as written, its whole line)."""
    types: dict[str, str] = field(default_factory=dict)
    """"struct x" or a typedef's name -> its definition, in the order of the text."""
    declared: dict[str, str] = field(default_factory=dict)
    """Name -> a declaration of a function or variable, for its type alone."""
    functions: list[tuple[str, str]] = field(default_factory=list)
    """(name, text) of the helpers and, last, of the function."""
    refused: dict[str, str] = field(default_factory=dict)
    """Macros at hand that cannot be written out."""
    names: set[str] = field(default_factory=set)
    """Every name that the functions and what they need hold."""


@dataclass(slots=True)
class Environment:
    """Where names are defined in the texts at hand."""

    found: dict[str, list[tuple[str, Piece]]] = field(default_factory=dict)
    """Name -> its definitions as (text, piece); enum constants name their enum."""
    constants: dict[str, str] = field(default_factory=dict)


@lru_cache(maxsize=16)
def read_environment(texts: tuple[str, ...]) -> Environment:
    """Cut the texts at hand; more than MAX_PIECES definitions refuse."""
    environment = Environment()
    for text in texts:
        _, pieces = cut_text(text)
        if len(pieces) > MAX_PIECES * 10:
            raise RefusedError("environment", f"{len(pieces)} definitions")
        for piece in pieces:
            if piece.symbol == "other":
                continue
            body = text[piece.start : piece.end]
            key = (
                f"{piece.symbol} {piece.name}" if piece.symbol in ("struct", "union", "enum") else piece.name
            )
            if piece.symbol == "enum":
                key = key if piece.name else f"enum @{piece.start}"
                for name in _ENUM_BODY.findall(re.sub(r"/\*.*?\*/|//[^\n]*", " ", body, flags=re.DOTALL)):
                    environment.constants[name] = key
            environment.found.setdefault(key, []).append((body, piece))
    return environment


def write_side(side: Side, environment: Environment, configuration: Configuration) -> Written:
    """Choose what a side needs and spell it out. Raises RefusedError."""
    writer = _Writer(environment, configuration)
    for name, text in (*side.helpers, (side.name, side.text)):
        writer.function(name, text)
    writer.close([name for name, _ in side.helpers] + [side.name])
    return writer.written


@dataclass(slots=True)
class _Writer:
    environment: Environment
    configuration: Configuration
    written: Written = field(default_factory=Written)
    waiting: list[str] = field(default_factory=list)

    def take(self, text: str) -> list[Token]:
        found = select(tokens(text), self.configuration)
        kept = []
        for token in found:
            if token.kind == "directive":
                self.macro(token.text)
            else:
                kept.append(token)
        self.note(kept)
        return kept

    def note(self, found: list[Token]) -> None:
        before = None
        for token in found:
            if token.kind == "name":
                keys = [token.text]
                if before in ("struct", "union", "enum"):
                    keys.append(f"{before} {token.text}")
                for key in keys:
                    if key not in self.written.names:
                        self.written.names.add(key)
                        self.waiting.append(key)
            before = token.text

    def function(self, name: str, text: str) -> None:
        found = _plain_header(self.take(text), name)
        self.written.functions.append((name, write(found)))

    def close(self, own: list[str]) -> None:
        """Add the definitions of all that is named, transitively."""
        while self.waiting:
            name = self.waiting.pop()
            key = self.environment.constants.get(name, name)
            if name in own or key in self.written.types or key in self.written.declared:
                continue
            piece = self.choose(key)
            if piece is not None:
                self.add(key, *piece)

    def choose(self, key: str) -> tuple[str, Piece] | None:
        """Return the definition under this configuration, the last where several hold."""
        for text, piece in reversed(self.environment.found.get(key, [])):
            if piece.config is None or self.holds(piece.config):
                return text, piece
        return None

    def holds(self, config: str) -> bool:
        line = Token("directive", f"if {config}", 1)
        try:
            return bool(
                select([line, Token("name", "x", 1), Token("directive", "endif", 1)], self.configuration)
            )
        except RefusedError:
            return True

    def add(self, key: str, text: str, piece: Piece) -> None:
        try:
            if piece.symbol == "macro":
                self.macro(tokens(text)[0].text)
            elif piece.symbol in _TYPES:
                self.written.types[key] = write(self.take(text))
            else:
                head = text[: piece.body - piece.start] if piece.body >= 0 else text
                self.written.declared[key] = write(_without_value(self.take(head)))
        except RefusedError as refused:
            self.written.refused[key] = str(refused)

    def macro(self, text: str) -> None:
        match = _MACRO.match(text)
        if match is None:
            if text.startswith("undef"):
                return
            raise RefusedError("directive", text[:40])
        name, parameters, body = match.groups()
        if any(known == prefixed(name) for known, _ in self.written.macros) or IOCTL.fullmatch(body.strip()):
            return  # the number of an ioctl is a constant without a value, as it is to the engine
        try:
            found = tokens(" ".join(body.split()))
            line = f"#define {prefixed(name)}{_parameters(parameters)} {_body(found)}"
        except RefusedError as refused:
            self.written.refused[name] = str(refused)
            return
        self.note(found)
        self.written.macros.append((prefixed(name), line))


def _parameters(text: str | None) -> str:
    if text is None:
        return ""
    names = [name.strip() for name in text[1:-1].split(",")]
    for name in names:
        if not re.fullmatch(r"[A-Za-z_]\w*(?:\s*\.\.\.)?|\.\.\.|", name):
            raise RefusedError("macro", name[:40])
    return "(" + ", ".join(prefixed(name) if name and name != "..." else name for name in names) + ")"


def _body(found: list[Token]) -> str:
    """Write a macro's body in one line; ## is allowed in front of __VA_ARGS__ alone."""
    parts: list[str] = []
    held: list[Token] = []
    for at, token in enumerate(found):
        if token.text == "##" and at + 1 < len(found) and found[at + 1].text == "__VA_ARGS__":
            parts.append(write(held).replace("\n", " "))
            parts.append("##")
            held = []
        else:
            held.append(token)
    return " ".join([*parts, write(held).replace("\n", " ")])


def _without_value(found: list[Token]) -> list[Token]:
    depth = 0
    for at, token in enumerate(found):
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if token.text == "=" and depth == 0:
            return [*found[:at], Token("sign", ";", token.line)]
    return found if found and found[-1].text == ";" else [*found, Token("sign", ";", 1)]


def _one_type(head: list[Token]) -> list[Token]:
    """Drop the names in front of a function's own that are no type: its type is the last name, or is spelled
    with keywords. The others are attributes behind macros."""
    if any(token.text in "()" for token in head):
        return head
    tagged = [at for at, token in enumerate(head) if at and head[at - 1].text in ("struct", "union", "enum")]
    named = [
        at
        for at, token in enumerate(head)
        if token.kind == "name" and token.text not in KEYWORDS and at not in tagged
    ]
    if not tagged and not any(token.text in _SPELLED for token in head):
        named = named[:-1]
    return [token for at, token in enumerate(head) if at not in named]


def _plain_header(found: list[Token], name: str) -> list[Token]:
    """Turn SYSCALL_DEFINE3(name, type, argument, ...) into a function's header; drop attribute words of
    others."""
    if not found or not _SYSCALL.fullmatch(found[0].text):
        own = next((at for at, token in enumerate(found) if token.text == name), 0)
        head = [token for token in found[:own] if not _ATTRIBUTE.fullmatch(token.text)]
        return _one_type(head) + found[own:]
    end, depth, commas = 1, 0, 0
    parts = [Token("name", "long", 1), Token("name", name, 1), Token("sign", "(", 1)]
    while end < len(found):
        token = found[end]
        depth += (token.text == "(") - (token.text == ")")
        end += 1
        if depth == 0:
            break
        if token.text == "," and depth == 1:
            commas += 1
            if commas > 1 and commas % 2 == 1:
                parts.append(token)
        elif commas and not (token.text == "(" and depth == 1):
            parts.append(token)
    if commas == 0:
        parts.append(Token("name", "void", 1))
    return [*parts, Token("sign", ")", 1), *found[end:]]

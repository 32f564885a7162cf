"""A header's text -> what it defines, by name, and what it includes. No preprocessor runs (docs/engine.md,
section 11)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ..conditions import conjunction
from ..lexical import Source, scan
from ..outline import Piece, cut

FIXED = {
    "__KERNEL__": True,
    "__ASSEMBLY__": False,
    "__ASSEMBLER__": False,
    "__cplusplus": False,
    "__CHECKER__": False,
    "__GENKSYMS__": False,
    "__GENERATING_BOUNDS_H": False,
    "__DTS__": False,
}
"""What a kernel's C file is compiled under, whatever its configuration (Makefile: -D__KERNEL__)."""

MOST_INCLUDES = 1000
"""Of one header."""
KEYWORDS = frozenset({
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum",
    "extern", "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return",
    "short", "signed", "sizeof", "static", "struct", "switch", "typedef", "typeof", "union", "unsigned",
    "void", "volatile", "while",
})  # fmt: skip
"""C11 6.4.1 and typeof."""

_INCLUDE = re.compile(r'#include ([<"])([^<>"\s]{1,200})[>"]\Z')
_INSIDE = re.compile(r"#[ \t]*include\b")
_ENUM = re.compile(r"\benum\b[^{};()]{0,200}\{([^{}]*)\}")
_ENUMERATOR = re.compile(r"(?:\A|,)\s*([A-Za-z_]\w*)")
_GUARD = re.compile(r"_H_*\Z")
_LAST_NAME = re.compile(r"\}\s*(\w+)\s*;\Z")
TAGGED = re.compile(r"typedef\s+(struct|union|enum)\s+(\w+)\s*\{")
_DIRECTIVE = re.compile(r"^[ \t]*#.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One definition of a name in a header."""

    symbol: str
    """As Piece.symbol; "enumerator" where the name is one of an enum's."""
    name: str
    config: str | None
    """The conditions it stands under, without those of FIXED."""
    piece: Piece
    source: Source

    @property
    def text(self) -> str:
        """The exact text; of an enumerator its enum's."""
        return self.source.text[self.piece.start : self.piece.end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Include:
    """One #include at file level."""

    path: str
    quoted: bool
    config: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What one header's text defines."""

    entries: dict[str, tuple[Entry, ...]]
    undefined: frozenset[str]
    """The names of its #undef lines."""
    includes: tuple[Include, ...]


@lru_cache(maxsize=4096)
def read_header(text: str) -> Header:
    """Cut a header into its definitions; kept by the text."""
    source = scan(text)
    guard = _guard(source)
    entries: dict[str, list[Entry]] = {}
    includes: list[Include] = []
    for piece in cut(source):
        config = fixed(piece.config, guard)
        if config == "0":
            continue
        found = _INCLUDE.match(piece.name) if piece.symbol == "other" else None
        if found is not None:
            includes.append(Include(path=found.group(2), quoted=found.group(1) == '"', config=config))
        if piece.symbol == "other" or (
            piece.symbol != "macro" and _INSIDE.search(text, piece.start, piece.end)
        ):
            continue
        for symbol, name in defined_names(source, piece):
            entry = Entry(symbol=symbol, name=name, config=config, piece=piece, source=source)
            entries.setdefault(name, []).append(entry)
    undefined = frozenset(one.argument.split(" ")[0] for one in source.directives if one.name == "undef")
    kept = {name: tuple(found) for name, found in entries.items()}
    return Header(entries=kept, undefined=undefined, includes=tuple(includes[:MOST_INCLUDES]))


def defined_names(source: Source, piece: Piece) -> Iterator[tuple[str, str]]:
    """Yield each name that a piece defines, and as what; none where the cut was led astray."""
    name = piece_name(source, piece)
    if name in KEYWORDS:
        return
    yield piece.symbol, name
    if piece.symbol in ("enum", "typedef", "struct", "union", "variable"):
        mask = source.mask[piece.start : piece.end]
        if "enum" in mask and "{" in mask:
            for body in _ENUM.findall(mask):
                yield from (("enumerator", name) for name in _ENUMERATOR.findall(_DIRECTIVE.sub("", body)))


def piece_name(source: Source, piece: Piece) -> str:
    """Return the name that a piece is found by: of a typedef of a struct, that behind its brace."""
    tagged = TAGGED.match(source.mask, piece.start, piece.end)
    if piece.symbol == "typedef" and (tagged or not piece.name.isidentifier()):
        last = _LAST_NAME.search(source.mask, piece.start, piece.end)
        return last.group(1) if last else piece.name
    return piece.name


def _guard(source: Source) -> str:
    """Return an include guard's condition where it is defined as 1, which conditions.py takes for no guard;
    "" for none."""
    for first, second in pairwise(source.directives):
        if first.name.startswith("if"):
            name = first.argument
            guards = first.name == "ifndef" and second.name == "define" and second.argument == f"{name} 1"
            return f"!{name}" if guards and _GUARD.search(name) else ""
    return ""


def fixed(config: str | None, guard: str = "") -> str | None:
    """Return a condition without the include guard's and the parts that FIXED settles; "0" where one of them
    does not hold."""
    if config is None or not (any(name in config for name in FIXED) or (guard and guard in config)):
        return config
    kept = []
    for part in split(config):
        if part == guard:
            continue
        name = part.removeprefix("!")
        if name in FIXED:
            if FIXED[name] == part.startswith("!"):
                return "0"
        else:
            kept.append(part)
    return conjunction(kept)


def split(config: str) -> list[str]:
    """Return the parts of a condition that && joins at its top, without the parentheses around them."""
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(config):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and config.startswith("||", at):
            return [config]
        if depth == 0 and config.startswith("&&", at):
            parts.append(config[start:at].strip())
            start = at + 2
    parts.append(config[start:].strip())
    return [one[1:-1] if one.startswith("(") and _closes_last(one) else one for one in parts if one]


def _closes_last(text: str) -> bool:
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return at == len(text) - 1
    return False

"""C text -> tokens out of a closed list, and back: the gate through which text reaches a compiler.

Nothing is passed on as it stood. A text is cut into tokens; a token of no known form refuses the text; what
is
written out again is made here: names get the prefix `k_` (so that none is a keyword's, a builtin's or a
stub's),
literals are spelled anew, and tokens stand apart by blanks, so that no digraph, trigraph, line splice,
comment or
directive can come about. `#` is never written. (Phases of translation: C11 5.1.1.2.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .outcome import RefusedError

PREFIX = "k_"
MAX_TEXT = 1_000_000
MAX_TOKEN = 4096
MAX_TOKENS = 150_000

_TOKEN = re.compile(
    r"""
    (?P<blank> [ \t\r\f\v\n]++ | /\*(?:[^*]++|\*(?!/))*+\*/ | //[^\n]*+ )
  | (?P<name> [A-Za-z_]\w*+ )
  | (?P<number> \.?[0-9](?:[0-9A-Za-z_.]|(?<=[eEpP])[+-])*+ )
  | (?P<string> "(?:[^"\\\n]++|\\.)*+" )
  | (?P<char> '(?:[^'\\\n]++|\\.)++' )
  | (?P<sign>
  \.\.\.|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&^|]=|\#\#|[-+*/%&^|~!<>=?:;,.(){}\[\]\#] )
    """,
    re.VERBOSE | re.ASCII,
)
_SPLICE = re.compile(r"\\[ \t]*\r?\n")
_INTEGER = re.compile(r"(?:0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)(?:[uU]?[lL]{0,2}|[lL]{1,2}[uU])", re.ASCII)
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,8})|(.))|([^\\])", re.DOTALL)
_SIMPLE = {"n": 10, "t": 9, "r": 13, "0": 0, "a": 7, "b": 8, "f": 12, "v": 11, "e": 27}
_DIGRAPH = re.compile(r"<:|:>|<%|%>|%:|\?\?[=/'()!<>-]")

KEYWORDS = frozenset(
    [
        "auto",
        "bool",
        "break",
        "case",
        "char",
        "const",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extern",
        "float",
        "for",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "register",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "typedef",
        "typeof",
        "union",
        "unsigned",
        "void",
        "volatile",
        "while",
        "_Bool",
        "__auto_type",
        "_Generic",
        "__VA_ARGS__",
    ]
)
_RESPELLED = {
    "__typeof__": "typeof",
    "__typeof": "typeof",
    "__const": "const",
    "__const__": "const",
    "__volatile__": "volatile",
    "__volatile": "volatile",
    "__signed__": "signed",
    "__inline": "inline",
    "__inline__": "inline",
    "bool": "_Bool",
    "typeof_unqual": "typeof",
    "__alignof__": "sizeof",
    "_Alignof": "sizeof",
}
_DROPPED = frozenset(
    [
        "__extension__",
        "__restrict",
        "restrict",
        "__restrict__",
        "inline",
        "register",
        "__inline",
        "__inline__",
    ]
)
_REFUSED = {
    "asm": "asm",
    "__asm__": "asm",
    "__asm": "asm",
    "_Pragma": "directive",
    "__pragma": "directive",
    "__label__": "construct",
    "_Thread_local": "construct",
    "_Atomic": "construct",
    "_Complex": "construct",
    "__int128": "construct",
    "__builtin_va_arg": "construct",
    "va_list": "construct",
    "va_arg": "construct",
    "float": "construct",
    "double": "construct",
    "guard": "construct",
    "scoped_guard": "construct",
    "scoped_cond_guard": "construct",
    "CLASS": "construct",
    "__free": "construct",
}
_WITH_ARGUMENT = frozenset(["__attribute__", "__attribute", "__declspec", "_Alignas", "alignas"])


@dataclass(frozen=True, slots=True)
class Token:
    """A token in the form in which it is written out; `line` is 1-based within its text."""

    kind: str
    """"name", "number", "string", "sign" or "directive" (the text of a whole line behind its #)."""
    text: str
    line: int


def tokens(text: str) -> list[Token]:
    """Cut a text into tokens. Raises RefusedError for what is no token of C, or beyond the bounds."""
    if len(text) > MAX_TEXT:
        raise RefusedError("text", f"over {MAX_TEXT} characters")
    text = _SPLICE.sub("", text)
    found: list[Token] = []
    at, line, fresh = 0, 1, True
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise RefusedError("text", f"line {line}: {text[at : at + 10]!r} is no token of C")
        kind, word = match.lastgroup or "", match.group()
        if kind == "blank":
            fresh = fresh or "\n" in word
        elif word == "#" and fresh:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            word = text[at:end]
            found.append(Token("directive", re.sub(r"/\*.*?\*/|//.*", " ", word[1:]).strip(), line))
            match = None
            at = end
        else:
            fresh = False
            found.append(_token(kind, word, line, text, at))
        line += word.count("\n")
        at = match.end() if match else at
        if len(found) > MAX_TOKENS:
            raise RefusedError("text", f"over {MAX_TOKENS} tokens")
    return found


def _token(kind: str, word: str, line: int, text: str, at: int) -> Token:
    if len(word) > MAX_TOKEN:
        raise RefusedError("text", f"line {line}: a token of {len(word)} characters")
    if kind == "sign" and _DIGRAPH.match(text, at):
        raise RefusedError("text", f"line {line}: a digraph or trigraph")
    if kind == "number":
        if not _INTEGER.fullmatch(word):
            raise RefusedError("construct", f"line {line}: {word[:20]!r} is no integer")
    elif kind == "string":
        word = '"' + "".join(f"\\{code:03o}" for code in _codes(word)) + '"'
    elif kind == "char":
        codes = _codes(word)
        if len(codes) != 1:
            raise RefusedError("construct", f"line {line}: a character of {len(codes)} bytes")
        kind, word = "number", str(codes[0] - 256 if codes[0] > 127 else codes[0])
    return Token(kind, word, line)


def _codes(word: str) -> list[int]:
    found = []
    for octal, hexadecimal, simple, plain in _ESCAPE.findall(word[1:-1]):
        if octal:
            found.append(int(octal, 8) & 255)
        elif hexadecimal:
            found.append(int(hexadecimal, 16) & 255)
        elif simple:
            found.append(_SIMPLE.get(simple, ord(simple) & 255))
        else:
            found.extend(plain.encode("utf-8", "replace"))
    return found


def prefixed(name: str) -> str:
    """Return the name under which a name of the text is written out."""
    return PREFIX + name


def original(name: str) -> str:
    """Return the text's name of a name that was written out."""
    return name.removeprefix(PREFIX)


def write(found: list[Token], *, ours: bool = False) -> str:
    """Spell tokens out for the compiler; with `ours`, names that begin with rt_ keep their spelling.

    Raises RefusedError for what never reaches a compiler: directives, #, asm, and what replay cannot run.
    """
    parts: list[str] = []
    line = at = 0
    while at < len(found):
        token = found[at]
        at += 1
        if token.kind == "directive" or token.text in ("#", "##"):
            raise RefusedError("directive", f"line {token.line}: # in the text")
        if token.line != line:
            parts.append("\n" if line else "")
            line = token.line
        if token.kind != "name":
            parts.append(token.text)
        elif token.text in _WITH_ARGUMENT:
            at = _skip_group(found, at)
        elif token.text in _REFUSED:
            raise RefusedError(_REFUSED[token.text], f"line {token.line}: {token.text}")
        elif token.text not in _DROPPED:
            parts.append(_name(token.text, ours))
    return " ".join(parts)


def _name(word: str, ours: bool) -> str:
    word = _RESPELLED.get(word, word)
    if word in KEYWORDS or (ours and word.startswith(("rt_", "__builtin_"))):
        return word
    return prefixed(word)


def _skip_group(found: list[Token], at: int) -> int:
    """Return the index behind the parentheses that open at `at`; an attribute that acts refuses."""
    depth = 0
    while at < len(found):
        token = found[at]
        if token.text in ("cleanup", "__cleanup__"):
            raise RefusedError("construct", f"line {token.line}: cleanup")
        depth += (token.text == "(") - (token.text == ")")
        at += 1
        if depth <= 0:
            break
    return at

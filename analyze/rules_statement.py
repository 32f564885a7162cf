"""Rules on statements: macros that are loop heads, and macros that stand without a semicolon."""

from __future__ import annotations

import re

from .rewriting import Work

_CALL = re.compile(
    r"(?:^[ \t]*+|\}[ \t]*+|[;{:)][ \t]*+|\belse[ \t]++|\bdo[ \t]++)"
    r"(?P<name>[A-Za-z_]\w*+)[ \t]*+(?P<open>\()",
    re.MULTILINE,
)
_LOOP_NAME = re.compile(r"\w*(?:for_?each|foreach|FOR_?EACH)\w*")
_ONCE_NAME = re.compile(r"\w*(?:guard|scoped|SCOPED)\w*|(?:if|IF|with)_\w+")
_KEYWORD = frozenset(
    [
        "if",
        "for",
        "while",
        "switch",
        "return",
        "sizeof",
        "do",
        "else",
        "case",
        "typeof",
        "__typeof__",
        "asm",
        "__asm__",
        "defined",
        "goto",
        "default",
    ]
)
_ENDS = frozenset(";,)=+-/|<>?.!%^]:[&")
_STARTS = frozenset("{};:)")


def statements(work: Work) -> None:
    """Respell each call that has a block or a deeper indented statement behind it as the head of a loop."""
    for match in _CALL.finditer(work.mask, max(work.body, 0)):
        name = match.group("name")
        if name in _KEYWORD:
            continue
        opened = match.start("open")
        close = work.brackets.close.get(opened)
        if close is None:
            continue
        here = work.after(close + 1)
        follows = work.mask[here : here + 1]
        if follows in _ENDS:
            if follows == ";" and work.mask[match.start()] == "}":
                _loop_tail(work, match.start("name"), opened)
            elif follows == "=" and work.sign_after(here + 1) == "{":
                _declaration(work, match.start("name"), opened, close)
            continue
        _judge(work, match.start("name"), name, opened, close, here)


def _judge(work: Work, start: int, name: str, opened: int, close: int, here: int) -> None:
    """Decide what a call is that neither a semicolon nor an operator follows."""
    follows = work.mask[here : here + 1]
    if follows == '"' or not _begins_statement(work, start) or _in_initialiser(work, start):
        return
    if follows == "{" or _LOOP_NAME.fullmatch(name):
        _head(work, start, name, opened, close)
    elif follows in "(*" or "\n" not in work.mask[close:here]:
        return
    elif follows != "}" and work.indentation(here) > work.indentation(start):
        _head(work, start, name, opened, close)
    else:
        _end(work, start, opened, close, here)


def _begins_statement(work: Work, start: int) -> bool:
    sign = work.sign_before(start)
    return sign in _STARTS or not sign or work.word_before(start) in ("else", "do")


def _in_initialiser(work: Work, start: int) -> bool:
    before = work.before(start)
    return before >= 0 and work.mask[before] == "{" and work.sign_before(before) == "="


def _head(work: Work, start: int, name: str, opened: int, close: int) -> None:
    """Write `while` (or `if`, for what runs once) over a macro's name; its arguments become the condition."""
    keyword = "if" if _ONCE_NAME.fullmatch(name) or len(name) < 5 else "while"
    if len(name) < len(keyword):
        return
    empty = not work.mask[opened + 1 : close].strip()
    if empty and opened - start > len(keyword):
        work.write("loop", start, keyword.ljust(opened - start - 1) + "(1")
        work.blank("loop", opened + 1, close)
    else:
        work.write("loop", start, keyword.ljust(len(name)))


def _declaration(work: Work, start: int, opened: int, close: int) -> None:
    """`DECLARE_BITMAP(map, SIZE) = { 0 }` declares: its arguments become a name and the size of an array."""
    commas = work.brackets.commas.get(opened, [])
    if (
        len(commas) > 1
        or work.mask.startswith(("struct", "union", "enum"), opened + 1)
        or opened + 1 - start < 5
        or not work.mask[opened + 1 : (commas or [close])[0]].isidentifier()
    ):
        return
    work.write("declaring-macro", start, "long".ljust(opened + 1 - start))
    if commas:
        work.write("declaring-macro", commas[0], "[")
    work.write("declaring-macro", close, "]" if commas else " ")


def _loop_tail(work: Work, start: int, opened: int) -> None:
    """`do { } for_each_x(...);`: the macro ends the loop."""
    before = work.before(start)
    block = work.brackets.open.get(before)
    if block is not None and work.word_before(block) == "do":
        work.write("loop", start, "while".ljust(opened - start))


def _end(work: Work, start: int, opened: int, close: int, here: int) -> None:
    """Give a macro that stands as a statement its semicolon, in the white space behind it."""
    for at in range(close + 1, min(here, close + 400)):
        if work.mask[at] != "\n":
            work.write("semicolon", at, ";")
            return
    inside = work.mask[opened + 1 : close]
    if inside.strip():
        work.write("semicolon", opened, ",")
        work.write("semicolon", close, ";")
    else:
        work.write("semicolon", opened, ";")
        work.blank("semicolon", opened + 1, close + 1)


# What guesses: applied only where the tree has an error without it

_OPERATOR = re.compile(r"(?<=[(,])\s*+(?P<sign>==|!=|<=|>=|<<|>>|\|\||&&|[-+*/%&|^<>=])\s*+(?=[,)])")
_MACRO_TYPE = re.compile(
    r"(?:^[ \t]*+|[;{][ \t]*+)(?P<name>[A-Z_][A-Z0-9_]*+|typeof\w++)[ \t]*+(?P<open>\()", re.MULTILINE
)
_DECLARATOR = re.compile(r"[ \t]*+\**+[A-Za-z_]\w*+\s*+[;=,\[]")
_STATEMENT = re.compile(r"\s*+(?:if|for|while|do|switch|return|goto)\b|\s*+\w*for_each\w*+\s*+\(")
_EMPTY = re.compile(r"(?<=[(,])\s*?(?P<blank>[ \t])\s*+(?=,)")
_LONGEST_ARGUMENTS = 20_000
_TEXT_CALL = re.compile(r"[A-Za-z_]\w*+[ \t]*+(?P<open>\()")
_LONE = re.compile(r"^[ \t]++(?P<name>[A-Z][A-Z0-9_]*+)[ \t]*+\n", re.MULTILINE)
_ADJACENT = re.compile(r"(?<=[(,\"])\s*+[A-Z][A-Z0-9_]*+(?P<blank>[ \t]++)[A-Z][A-Z0-9_]*+(?=\s*+[,)\"])")


def repairs(work: Work) -> None:
    """Apply the rules that guess."""
    _operators(work)
    _macro_types(work)
    _semicolons(work)
    _empty_arguments(work)
    _lone_words(work)
    _adjacent_words(work)
    _texts(work)
    _fields(work)


def _operators(work: Work) -> None:
    """An operator that is an argument, `CHECK(a, <=, b)`, becomes a name."""
    for match in _OPERATOR.finditer(work.mask):
        sign = match.group("sign")
        work.write("operator-argument", match.start("sign"), "_" * len(sign))


def _macro_types(work: Work) -> None:
    """A macro call that stands for a type, `DARRAY(struct x, 3) name;`, becomes one name."""
    for match in _MACRO_TYPE.finditer(work.mask, max(work.body, 0)):
        close = work.brackets.close.get(match.start("open"))
        if close is None or not _DECLARATOR.match(work.mask, close + 1):
            continue
        text = work.mask[match.start("name") : close + 1]
        if "\n" not in text:
            work.write("macro-type", match.start("name"), re.sub(r"\W", "_", text))


def _semicolons(work: Work) -> None:
    """Statements that are arguments: of a macro that is a statement they become a block, else expressions."""
    for opened, close in work.brackets.close.items():
        word = work.word_before(opened) if work.mask[opened] == "(" and opened > work.body else ""
        if not word or word in _KEYWORD or work.mask[work.after(opened + 1)] == "{":
            continue
        start = work.before(opened) + 1 - len(word)
        holds = _STATEMENT.match(work.mask, opened + 1) is not None or _has_semicolon(work, opened, close)
        if not holds:
            continue
        if _begins_statement(work, start) and work.sign_after(close + 1) in (";", "}"):
            _block(work, start, opened, close)
        else:
            _commas(work, opened, close)


def _has_semicolon(work: Work, opened: int, close: int) -> bool:
    at = work.mask.find(";", opened, min(close, opened + _LONGEST_ARGUMENTS))
    return at >= 0 and "{" not in work.mask[opened:at]


def _block(work: Work, start: int, opened: int, close: int) -> None:
    """`CHECK(x, report(x););` -> `{ x; report(x); };`."""
    work.blank("statement-macro", start, opened)
    work.write("statement-macro", opened, "{")
    for comma in work.brackets.commas.get(opened, ()):
        work.write("statement-macro", comma, ";")
    last = work.sign_before(close)
    end = work.after(close + 1)
    if last in (";", "}") or work.mask[end] != ";":
        work.write("statement-macro", close, "}")
    else:
        work.write("statement-macro", close, ";")
        work.write("statement-macro", end, "}")


def _commas(work: Work, opened: int, close: int) -> None:
    at = work.mask.find(";", opened, close)
    while at >= 0 and "{" not in work.mask[opened:at]:
        work.write("statement-argument", at, " " if work.sign_after(at + 1) in (")", ",") else ",")
        at = work.mask.find(";", at + 1, close)


def _empty_arguments(work: Work) -> None:
    """An argument that is left empty, `FIND(a, , b)`, becomes a name where a blank leaves room for it."""
    for match in _EMPTY.finditer(work.mask, max(work.body, 0)):
        work.write("empty-argument", match.start("blank"), "_")


def _lone_words(work: Work) -> None:
    """A macro that is a statement without arguments and semicolon gets one, over its last letter if need
    be."""
    for match in _LONE.finditer(work.mask, max(work.body, 0)):
        here = work.after(match.end())
        sign = work.mask[here : here + 1]
        if work.sign_before(match.start("name")) not in _STARTS or not (sign.isalpha() or sign in ("_", "}")):
            continue
        end = match.end("name")
        room = next((at for at in range(end, min(here, end + 400)) if work.mask[at] != "\n"), end - 1)
        work.write("semicolon", room, ";")


def _adjacent_words(work: Work) -> None:
    """Strings that are macros side by side, `print(LEVEL TEXT)`, become one name."""
    for match in _ADJACENT.finditer(work.mask, max(work.body, 0)):
        work.write("string-macro", match.start("blank"), "_" * len(match.group("blank")))


def _texts(work: Work) -> None:
    """A call among concatenated strings, `"a" __stringify(x) "b"`, becomes a name."""
    for match in _TEXT_CALL.finditer(work.mask, max(work.body, 0)):
        opened = match.start("open")
        close = work.brackets.close.get(opened)
        if close is None:
            continue
        if work.sign_before(match.start()) == '"' or work.sign_after(close + 1) == '"':
            work.blank("string-macro", opened, close + 1)


_AGGREGATE = re.compile(r"\b(?:struct|union)\b[^(){};=]{0,200}?(\{)")
_FIELD = re.compile(r"(?:^[ \t]*+|[;{][ \t]*+)(?P<name>[A-Za-z_]\w*+)[ \t]*+(?P<open>\()", re.MULTILINE)


def _fields(work: Work) -> None:
    """A macro call that declares a member, `DECLARE_BITMAP(map, SIZE);`, becomes an array of that name."""
    for match in _AGGREGATE.finditer(work.mask):
        end = work.brackets.close.get(match.start(1))
        if end is None:
            continue
        for field in _FIELD.finditer(work.mask, match.start(1), end):
            opened = field.start("open")
            close = work.brackets.close.get(opened)
            if close is not None and work.sign_after(close + 1) == ";":
                _declaration(work, field.start("name"), opened, close)

"""What stands in front of a body, an initialiser or a semicolon -> what it declares.

The rules look at the shape of the text, since the attributes and macros that a kernel header may hold are no
closed
list: a name in front of parentheses is the declarator, unless it is spelled like an attribute and another
one follows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_AGGREGATE = re.compile(
    r"\s*(?:(?:static|extern|const|volatile)\s+)*(struct|union|enum)\b\s*(?=[^()*=]*(?:__\w+\s*\(|[^()*=]*$))"
)
_PARAMETERS = re.compile(r"\(\s*(?:void\s*\)|(?:const\s+|struct\s+|unsigned\s+)*\w+[\s*]+\w+)")
_INNER = re.compile(r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
_CALL_LINE = re.compile(r"[A-Za-z_]\w*[ \t]*\(")
_KNR_PARAMETERS = re.compile(r"\s*[A-Za-z_]\w*\s*(?:,\s*[A-Za-z_]\w*\s*)*")
_KNR_DECLARATION = re.compile(r"\s*(?!__)[A-Za-z_]\w*[\s*]+[\w\s*,;\[\]]*")
_LONE_WORD = re.compile(r"\s*\n([A-Z][A-Z0-9_]+)[ \t]*\n(?=\s*[A-Za-z_])")
_LONE_LINE = re.compile(r"([A-Z]\w*)[ \t]*\n[ \t]*\n(?=\s*[A-Za-z_])")
_AHEAD = 600
"""How many characters behind a macro call tell whether something else is declared there."""
_BLANK = re.compile(r"\s*+")
_PAREN = re.compile(r"[()]")
_RETURNS_POINTER = re.compile(r"\(\s*\*+\s*([A-Za-z_]\w*)\s*\(")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9_]*")
_NUMBERS = re.compile(r"\(\s*[\d\"]")
_POINTED = re.compile(r"\s*(?:\w+\s+)?\*+\s*(?:\w+\s+)*?([A-Za-z_]\w*)\s*([(\[)])")
DECLARES_BY_PAIRS = re.compile(r"(?:\w+_)?SYSCALL(?:32|64)?_DEFINE\d?|(?:\w+_)?BPF_CALL_\d")
_DEFINE = re.compile(r"(?:DEFINE|DECLARE)_\w+|\w+_(?:DEFINE|INIT)|(?:DEFINE|DECLARE)")
_SECOND = re.compile(r"(?:DEFINE|DECLARE)_(?:PER_CPU|KFIFO|RES_|BITMAP_OF|HASHTABLE_OF|DELAYED_CALL)\w*")
_KEYWORDS = frozenset(
    [
        "if",
        "else",
        "for",
        "while",
        "do",
        "switch",
        "return",
        "sizeof",
        "typeof",
        "__typeof__",
        "typeof_unqual",
        "__attribute__",
        "__attribute",
        "__declspec",
        "_Alignas",
        "alignas",
        "asm",
        "__asm__",
        "goto",
        "case",
        "default",
        "void",
        "int",
        "char",
        "short",
        "long",
        "unsigned",
        "signed",
        "float",
        "double",
        "_Bool",
        "const",
        "volatile",
        "static",
        "extern",
        "inline",
        "register",
        "struct",
        "union",
        "enum",
        "typedef",
    ]
)
_STORAGE = frozenset(
    [
        "static",
        "extern",
        "inline",
        "__inline",
        "__inline__",
        "register",
        "typedef",
        "const",
        "volatile",
        "auto",
    ]
)
_CONTROL = frozenset(["if", "else", "for", "while", "do", "switch", "return", "goto", "case", "default"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A macro call that stands alone at file level, without a semicolon: EXPORT_SYMBOL(x), module_init(x)."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a header declares. Offsets count in the file."""

    name: str
    symbol: str
    start: int
    name_at: int
    calls: tuple[Call, ...] = ()
    """The bare macro calls in front of it."""
    knr: bool = False
    """Whether declarations of parameters are to follow, as in K&R's C."""
    plain: bool = False
    """Whether the name begins the header: a macro that makes a function, or no definition at all."""


@dataclass(frozen=True, slots=True)
class _Group:
    """name(...) at the header's top level."""

    name: str
    at: int
    opened: int
    end: int


def read_header(text: str, offset: int, *, body: bool) -> Header:
    """Read a header: masked text up to a brace (`body`) or a semicolon, first arms only; `offset` is its
    place."""
    calls, skipped = _bare_calls(text, offset)
    rest = text[skipped:]
    blanks = len(rest) - len(rest.lstrip())
    header = _declared(rest[blanks:], offset + skipped + blanks, body=body)
    return Header(
        name=header.name, symbol=header.symbol, start=header.start, name_at=header.name_at,
        calls=calls, knr=header.knr, plain=header.plain,
    )  # fmt: skip


def is_bare_calls(text: str) -> bool:
    """Say whether `text` is NAME(...), once or on several lines, and nothing else."""
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _CALL_LINE.match(text, at)
        at = _closing(text, match.end() - 1) if match else -1
        if at < 0:
            return False
        at = _skip(text, at)
    return True


def _skip(text: str, at: int) -> int:
    """Return the offset of the first character from `at` on that is no white space."""
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _bare_calls(text: str, offset: int) -> tuple[tuple[Call, ...], int]:
    """Return the macro calls in front that are complete, each on lines of its own, and where the rest
    begins."""
    calls: list[Call] = []
    at = 0
    while True:
        at = _skip(text, at)
        lone = _LONE_LINE.match(text, at)
        if lone:
            calls.append(Call(name=lone.group(1), start=offset + at, end=offset + lone.end(1)))
            at = lone.end()
            continue
        match = _CALL_LINE.match(text, at)
        if match is None or (at and text[at - 1] != "\n"):
            return tuple(calls), at
        end = _closing(text, match.end() - 1)
        here = _skip(text, max(end, 0))
        follows = text[here : here + _AHEAD]
        name = match.group()[:-1].strip()
        attribute = name.startswith("__") and name.lower() == name
        if end < 0 or attribute or name in _KEYWORDS or not follows or text[here - 1 : here] != "\n":
            return tuple(calls), at
        words = _WORD.findall(follows)
        if not _WORD.match(follows) or not (
            _groups(follows) or words[1:] or words[0] in ("struct", "union", "enum")
        ):
            return tuple(calls), at
        if all(group.name.startswith("__") for group in _groups(follows)) and follows.startswith("__"):
            return tuple(calls), at
        calls.append(Call(name=_call_name(text[at:end]), start=offset + at, end=offset + end))
        at = end
        lone = _LONE_WORD.match(text, at)
        if lone:
            calls.append(Call(name=lone.group(1), start=offset + lone.start(1), end=offset + lone.end(1)))
            at = lone.end()


def _call_name(text: str) -> str:
    return " ".join(text.split())[:120]


def _closing(text: str, opened: int) -> int:
    """Return the offset behind the parenthesis that closes the one at `opened`; -1 where none does."""
    depth = 0
    for match in _PAREN.finditer(text, opened):
        depth += 1 if match.group() == "(" else -1
        if depth == 0:
            return match.end()
    return -1


def _groups(text: str) -> list[_Group]:
    """Return the parenthesised groups at the top level that have a name in front."""
    found: list[_Group] = []
    depth = opened = 0
    for match in re.finditer(r"[()\[\]]", text):
        if match.group() in "([":
            if depth == 0:
                opened = match.start()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0 and text[opened] == "(":
                word = re.search(r"([A-Za-z_$][\w$]*)\s*$", text[max(0, opened - 200) : opened])
                at = max(0, opened - 200) + word.start() if word else opened
                found.append(_Group(word.group(1) if word else "", at, opened, match.end()))
    return found


def _declared(text: str, offset: int, *, body: bool) -> Header:
    assigned = _assignment(text)
    head = text if assigned < 0 else text[:assigned]
    words = head.split(None, 1)
    first = words[0] if words else ""
    if first == "typedef":
        return _typedef(head, offset)
    groups = _groups(head)
    returned = _RETURNS_POINTER.search(head) if assigned < 0 and body else None
    named = {group.name for group in groups if returned and group.at < returned.start()}
    if returned and named <= _KEYWORDS:
        at = offset + returned.start(1)
        return Header(name=returned.group(1), symbol="function", start=offset, name_at=at)
    if assigned < 0:
        declarator = _declarator(head, groups)
        aggregate = _aggregate(head, declarator, body=body)
        if aggregate is not None:
            return Header(name=aggregate[0], symbol=aggregate[1], start=offset, name_at=offset + aggregate[2])
        if declarator is not None:
            return _function(head, declarator, offset, body=body)
    return _variable(head, groups, offset)


def _flat(text: str) -> str:
    """Blank what stands in parentheses."""
    return _INNER.sub(lambda match: " " * len(match.group()), text)


def _assignment(text: str) -> int:
    """Return the offset of the first = at the top level, -1 where there is none."""
    if "=" not in text:
        return -1
    depth = 0
    for match in re.finditer(r"[()\[\]{}]|(?<![=!<>+*/%&|^-])=(?!=)", text):
        sign = match.group()
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif depth <= 0:
            return match.start()
    return -1


def _aggregate(head: str, declarator: _Group | None, *, body: bool) -> tuple[str, str, int] | None:
    """Return name, symbol and place of a struct, union or enum that is defined here."""
    match = _AGGREGATE.match(head)
    if match is None or not (body or "{" in head):
        return None
    if declarator is not None and _PARAMETERS.match(head, declarator.opened):
        return None
    rest = head[match.end() : head.find("{") if "{" in head else len(head)]
    words = [
        word for word in _WORD.finditer(_flat(rest)) if not word.group().startswith("__") or word.start() == 0
    ]
    usual = [word for word in words if not word.group().startswith("__")] or words
    if len(usual) > 1 and not all(word.group().isupper() for word in usual[1:]) and ":" not in rest:
        return None
    if not usual:
        return f"({match.group(1)})", match.group(1), match.start(1)
    return usual[0].group(), match.group(1), match.end() + usual[0].start()


def _declarator(head: str, groups: list[_Group]) -> _Group | None:
    """Return the group of the function that is declared, None where the header declares none."""
    named = [group for group in groups if group.name and group.name not in _KEYWORDS - {"if"}]
    usual = [group for group in named if not group.name.startswith("__")]
    if usual:
        first = usual[0]
        later = [group for group in usual[1:] if _words_between(head, first.end, group.at)]
        if (
            later
            and first.name.isupper()
            and not _typed(head[: first.at])
            and not head[first.end :].lstrip().startswith("{")
        ):
            first = later[0]
        marked = [group for group in named if group.at < first.at and _typed(head[: group.at])]
        marked = [group for group in marked if _PARAMETERS.match(head, group.opened)]
        return marked[0] if marked else first
    typed = [group for group in named if _typed(head[: group.at])]
    likely = [group for group in typed if not _NUMBERS.match(head, group.opened)]
    chosen = likely or typed or named[-1:]
    return chosen[0] if chosen else None


def _words_between(head: str, start: int, end: int) -> bool:
    return _WORD.search(head, start, end) is not None


def _typed(text: str) -> bool:
    """Say whether `text` in front of a name holds a word that can be a type, neither storage class nor
    attribute."""
    text = re.sub(r"\w+\s*\((?:[^()]|\([^()]*\))*\)", " ", text)
    return any(
        word not in _STORAGE and (not word.startswith("__") or _SPELLED_TYPE.fullmatch(word))
        for word in _WORD.findall(text)
    )


_SPELLED_TYPE = re.compile(r"__(?:[a-z]+\d+|\w+_t|sum16|wsum|int128|kernel_\w+)")


def _function(head: str, group: _Group, offset: int, *, body: bool) -> Header:
    name, at = group.name, group.at
    inside = head[group.opened + 1 : group.end - 1]
    pointed = _POINTED.match(inside)
    if pointed and not body and pointed.group(2) == ")":
        pointed = None
    plain = not head[: group.at].strip()
    if DECLARES_BY_PAIRS.fullmatch(name):
        word = _WORD.search(inside)
        if word:
            prefix = "compat_sys_" if "COMPAT" in name else "sys_" if "SYSCALL" in name else ""
            return Header(
                name=prefix + word.group(),
                symbol="function" if body else "other",
                start=offset,
                name_at=offset + at,
                plain=plain,
            )
    if not body and (plain or (_CAPITALS.fullmatch(name) and not _typed(head[: group.at]))):
        return _macro_call(head, group, inside, offset)
    after = head[group.end :]
    knr = bool(_KNR_PARAMETERS.fullmatch(inside)) and bool(_KNR_DECLARATION.fullmatch(after))
    symbol = "function" if body else "prototype"
    return Header(name=name, symbol=symbol, start=offset, name_at=offset + at, knr=knr, plain=plain)


def _macro_call(head: str, group: _Group, inside: str, offset: int) -> Header:
    """Read a macro call at file level: one that defines a variable by its name's rule, or another one."""
    if _DEFINE.fullmatch(group.name):
        words = [part.strip() for part in inside.split(",")]
        place = 1 if _SECOND.fullmatch(group.name) and len(words) > 1 else 0
        word = _WORD.search(words[place]) if words else None
        if word:
            return Header(
                name=word.group(), symbol="variable", start=offset, name_at=offset + group.at, plain=True
            )
    return Header(name=_call_name(head), symbol="other", start=offset, name_at=offset + group.at, plain=True)


def _typedef(head: str, offset: int) -> Header:
    pointed = re.search(r"\(\s*(?:\w+\s+)?\*+\s*(?:__\w+\s+)*(\w+)\s*[)\[(]", head)
    if pointed and "{" not in head[: pointed.start()]:
        return Header(
            name=pointed.group(1), symbol="typedef", start=offset, name_at=offset + pointed.start(1)
        )
    tail = head[head.rfind("}") + 1 :]
    base = len(head) - len(tail)
    words = list(_WORD.finditer(re.split(r"[(\[]", tail, maxsplit=1)[0]))
    usual = [
        word for word in words if not word.group().startswith("__") or _SPELLED_TYPE.fullmatch(word.group())
    ] or words
    if not usual or usual[-1].group() in _KEYWORDS:
        return Header(name="(typedef)", symbol="typedef", start=offset, name_at=offset)
    return Header(
        name=usual[-1].group(), symbol="typedef", start=offset, name_at=offset + base + usual[-1].start()
    )


def _variable(head: str, groups: list[_Group], offset: int) -> Header:
    pointed = re.search(r"\(\s*\*+\s*(?:const\s+|__\w+\s+)*(\w+)\s*[)\[(]", head)
    if pointed:
        return Header(
            name=pointed.group(1), symbol="variable", start=offset, name_at=offset + pointed.start(1)
        )
    for group in groups:
        if _DEFINE.fullmatch(group.name):
            return _macro_call(head, group, head[group.opened + 1 : group.end - 1], offset)
    flat = _flat(head)
    first = re.split(r"[,\[:;]", flat, maxsplit=1)[0]
    words = list(_WORD.finditer(first))
    usual = [word for word in words if not word.group().startswith("__")] or words
    forward = re.fullmatch(r"\s*(?:struct|union|enum)\s+\w+\s*;?\s*", flat)
    if not usual or usual[-1].group() in _KEYWORDS or forward or (len(words) < 2 and not groups):
        return Header(name=_call_name(head) or ";", symbol="other", start=offset, name_at=offset)
    chosen = usual[-1]
    if len(usual) > 2 and chosen.group().startswith("____"):
        chosen = usual[-2]
    return Header(name=chosen.group(), symbol="variable", start=offset, name_at=offset + chosen.start())

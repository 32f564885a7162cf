"""Rules on single words: attributes, asm qualifiers, case ranges, computed gotos, types as arguments."""

from __future__ import annotations

import re
from bisect import bisect_right

from .rewriting import Work

_WORD = re.compile(
    r"""
    \b(?:
      (?P<attribute_call> __attribute__ | __attribute | __declspec | _Alignas | alignas )\s*+\(
    | (?P<dunder> __\w++ )
    | (?P<plain> (?:noinline(?:_for_\w++)?|notrace|noinstr|asmlinkage|always_inline)\b )
    | (?P<typeof> (?:__)?typeof(?:_unqual)?(?:__)? )\s*+\(
    | (?P<asm> asm_inline )
    | (?P<auto> auto )(?=\s++\w++\s*+=)
    | (?P<goto> goto )\s*+\*
    | (?P<range> case ) (?= [^;:{}?\n]{0,200}? \.\.\. )
    | (?P<offsetof> (?:__builtin_)?offsetof )\s*+\(
    | (?P<storage> static | const ) \s++ (?= (?:[A-Z][A-Z0-9_]*+|\w*+_TRACE\w*+) \s*+ \( )
    )
    """,
    re.VERBOSE,
)
_NO_ATTRIBUTE = re.compile(
    r"__(?:[a-z]+\d+|\w+_t|sum16|wsum|int128|kernel_\w+|builtin_\w+|asm__?|typeof__?|typeof_unqual__|extension__"
    r"|label__"
    r"|auto_type|real__|imag__|func__|FUNCTION__|FILE__|LINE__|PRETTY_FUNCTION__|VA_ARGS__|VA_OPT__)"
)
_STANDARD = {"__inline": "inline", "__inline__": "inline", "__const": "const", "__const__": "const",
             "__volatile__": "volatile", "__volatile": "volatile",
             "__signed__": "signed", "__restrict": "restrict",
             "__alignof__": "__Alignof__", "__alignof": "__Alignof"}  # fmt: skip
_TYPE_WORD = re.compile(
    r"\b(?:struct|union|enum|unsigned|signed|const|volatile|long|short|int|char|void|float|double|_Bool|typeof"
    r"|__typeof__"
    r"|typeof_unqual)\b"
)
_TYPE_POINTER = re.compile(r"[A-Za-z_]\w*+[ \t]*+\*++[ \t]*+(?=[,)])")
_STATEMENT_WORD = re.compile(r"\b(?:return|goto|break|continue)\b")
_NO_CALL = frozenset(
    [
        "sizeof",
        "typeof",
        "__typeof__",
        "typeof_unqual",
        "__typeof",
        "alignof",
        "_Alignof",
        "__alignof__",
        "__alignof",
        "if",
        "while",
        "for",
        "switch",
        "return",
        "_Generic",
        "case",
        "else",
        "do",
        "goto",
        "__attribute__",
        "asm",
        "__asm__",
        "volatile",
        "defined",
    ]
)
_PRIMITIVE = frozenset(
    ["void", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "_Bool", "bool"]
)
_BEFORE_EXPRESSION = frozenset(["return", "case", "else", "do", "goto", "sizeof", "in"])
_OPENS = frozenset(["static", "extern", "inline", "const", "volatile", "register", "typedef"])


def words(work: Work) -> None:
    """Blank attributes, and respell what the grammar lacks word by word."""
    for match in _WORD.finditer(work.mask):
        kind = match.lastgroup or ""
        _WORD_RULES[kind](work, match.start(kind), match.end(kind))


def _attribute_call(work: Work, start: int, end: int) -> None:
    close = work.brackets.close.get(work.after(end))
    if close is not None:
        work.blank("attribute", start, close + 1)


def _plain(work: Work, start: int, end: int) -> None:
    if _is_attribute(work, start, end):
        work.blank("attribute", start, end)


def _typeof(work: Work, start: int, end: int) -> None:
    """`typeof(x->y)` is a type; the grammar takes only some expressions in it."""
    close = work.brackets.close.get(work.after(end))
    if close is not None:
        _join(work, "typeof", start, close + 1)


def _dunder(work: Work, start: int, end: int) -> None:
    word = work.mask[start:end]
    if word in _STANDARD:
        work.write("spelling", start, _STANDARD[word].ljust(len(word)))
    elif not _NO_ATTRIBUTE.fullmatch(word) and _is_attribute(work, start, end):
        stop = end
        opened = work.after(end)
        if work.mask[opened : opened + 1] == "(" and work.sign_after(opened + 1) != "*":
            stop = work.brackets.close[opened] + 1
        work.blank("attribute", start, stop)


def _is_attribute(work: Work, start: int, end: int) -> bool:
    """Judge an unknown __word by what stands around it: a second word where one type or name is enough."""
    here = work.after(end)
    after = work.mask[here : here + 1]
    before, word = work.sign_before(start), work.word_before(start)
    if after == "(":
        return _is_attribute_call(work, start, here, before, word)
    follows = after.isalpha() or after == "_"
    if word in ("struct", "union", "enum"):
        return follows and _TAGGED.match(work.mask, here) is not None
    if word and word not in _BEFORE_EXPRESSION:
        if word in _OPENS:
            return (follows and _two_words(work, here)) or (word in ("const", "volatile") and after == "*")
        if word.startswith("__") and not _NO_ATTRIBUTE.fullmatch(word):
            return follows or after == "*"
        return (
            follows
            or after in ("*", "{")
            or (after in (";", "=", ",", ")", "[", ":") and _named(work, start))
        )
    if before == "*" or (before == ")" and after == "*"):
        return follows or after == "*"
    if before == "]":
        return after in (";", "=", "{", ",")
    if before == "}" and "\n" not in work.mask[work.before(start) : start]:
        return follows or after in (";", "=", ",")
    if before == "(" and follows and _cast(work, work.before(start)):
        return True
    return before in ("", "{", "}", ";", "(", ",") and follows and _two_words(work, here)


_TAGGED = re.compile(r"[A-Za-z_]\w*+\s*+\{")


def _cast(work: Work, opened: int) -> bool:
    """Say whether a parenthesis opens no argument list."""
    word = work.word_before(opened)
    return not word or word in _NO_CALL


def _named(work: Work, start: int) -> bool:
    """Say whether what stands in front is a declaration without the word: a type and a name, or a cast's
    type."""
    word = work.word_before(start)
    at = work.before(start) + 1 - len(word)
    sign, further = work.sign_before(at), work.word_before(at)
    if sign == "(" and _cast(work, work.before(at)):
        return True
    if word in _PRIMITIVE or word in _OPENS:
        return False
    if further:
        return further not in _OPENS and further not in ("struct", "union", "enum")
    return sign in ("*", ")")


_TWO = re.compile(r"[A-Za-z_]\w*+(?:\s++|\s*+\*[\s*]*+)[A-Za-z_]")


def _two_words(work: Work, at: int) -> bool:
    """Say whether a type and a name follow, so that the word in front is neither."""
    return _TWO.match(work.mask, at) is not None


def _is_attribute_call(work: Work, start: int, opened: int, before: str, word: str) -> bool:
    close = work.brackets.close.get(opened)
    if close is None:
        return False
    if "\n" in work.mask[work.before(start) : start] and start > work.body >= 0:
        return False
    if work.sign_after(opened + 1) == "*":  # type __user (*name)[2]
        return bool(word) and word not in _BEFORE_EXPRESSION
    if before == "]" or (
        word and word not in _BEFORE_EXPRESSION and word not in _PRIMITIVE and word not in _OPENS
    ):
        return work.sign_after(close + 1) in (";", "=", ",", "{", "_", ")", ":", "[") and not _called(
            work, start
        )
    return before == "}" and work.body < 0


def _called(work: Work, start: int) -> bool:
    """Say whether the word in front is itself no declared name: a macro in front of a call."""
    return start < work.body and work.function


def _asm(work: Work, start: int, end: int) -> None:
    work.write("asm", start, "asm".ljust(end - start))


def _auto(work: Work, start: int, end: int) -> None:
    work.write("auto", start, "Auto")


def _goto(work: Work, start: int, end: int) -> None:
    work.blank("computed-goto", start, end)


def _range(work: Work, start: int, end: int) -> None:
    dots = work.mask.find("...", end, end + 210)
    if dots >= 0:
        work.write("case-range", dots, " <=")


def _offsetof(work: Work, start: int, end: int) -> None:
    opened = work.after(end)
    commas = work.brackets.commas.get(opened)
    close = work.brackets.close.get(opened)
    if close is not None and commas and not work.mask[commas[0] + 1 : close].strip().isidentifier():
        work.write("offsetof", start, work.mask[start:end].replace("offsetof", "Offsetof"))


def _storage(work: Work, start: int, end: int) -> None:
    if work.body >= 0 and start > work.body:
        work.blank("storage", start, end)


_WORD_RULES = {
    "attribute_call": _attribute_call,
    "dunder": _dunder,
    "plain": _plain,
    "typeof": _typeof,
    "asm": _asm,
    "auto": _auto,
    "goto": _goto,
    "range": _range,
    "offsetof": _offsetof,
    "storage": _storage,
}


# Types and statements as arguments of a macro: one name of the same length


def type_arguments(work: Work) -> None:
    """Spell a type that is an argument of a call as one name: `container_of(p, struct foo, m)` ->
    `struct_foo`."""
    for match in _TYPE_WORD.finditer(work.mask):
        argument = _argument(work, match.start())
        if argument is not None:
            _join(work, "type-argument", *argument)
    for match in _TYPE_POINTER.finditer(work.mask):
        argument = _argument(work, match.start())
        if argument is not None:
            _join(work, "type-argument", *argument)
    for match in _STATEMENT_WORD.finditer(work.mask):
        argument = _argument(work, match.start())
        if argument is not None:
            _statement(work, *argument)


def _argument(work: Work, start: int) -> tuple[int, int] | None:
    """Return the span of the argument that begins at `start`, None where no argument of a call does."""
    before = work.before(start)
    if before < 0 or work.mask[before] not in "(," or before < work.body:
        return None
    opened = before if work.mask[before] == "(" else work.brackets.around.get(before, -1)
    if opened < 0 or opened < work.body or work.mask[opened] != "(" or opened not in work.brackets.close:
        return None
    word = work.word_before(opened)
    if not word or word in _NO_CALL:
        return None
    commas = work.brackets.commas.get(opened, [])
    following = bisect_right(commas, start)
    end = commas[following] if following < len(commas) else work.brackets.close[opened]
    return start, start + len(work.mask[start:end].rstrip())


def _join(work: Work, rule: str, start: int, end: int) -> None:
    text = work.mask[start:end]
    if any(sign in text for sign in ";={}"):
        return
    line = text.split("\n", 1)[0].rstrip()
    name = re.sub(r"\W", "_", line)
    if name.isalpha():
        name = name[0].swapcase() + name[1:]
    work.write(rule, start, name + " " * (len(text) - len(name)))


def _statement(work: Work, start: int, end: int) -> None:
    text = work.mask[start:end]
    first, *rest = text.split(None, 1)
    if rest and (rest[0][0].isalnum() or rest[0][0] == "_") and "\n" not in text:
        work.write("statement-argument", start, text[: len(first)] + "_" + text[len(first) + 1 :])
    else:
        work.write("statement-argument", start, first[0].upper() + first[1:])

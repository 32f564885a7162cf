"""Rules on a function's header: what stands in front of its body becomes type, name and parameters."""

from __future__ import annotations

import re
from itertools import pairwise

from .headers import DECLARES_BY_PAIRS, read_header
from .rewriting import Work

_TOKEN = re.compile(r"(?P<word>[A-Za-z_]\w*+)|(?P<star>\*)|(?P<group>\()")
_KEPT = frozenset(
    [
        "static",
        "extern",
        "inline",
        "const",
        "volatile",
        "register",
        "void",
        "char",
        "short",
        "int",
        "long",
        "float",
        "double",
        "signed",
        "unsigned",
        "_Bool",
        "bool",
        "__int128",
        "restrict",
        "_Noreturn",
    ]
)
_PRIMITIVE = frozenset(
    [
        "void",
        "char",
        "short",
        "int",
        "long",
        "float",
        "double",
        "signed",
        "unsigned",
        "_Bool",
        "bool",
        "__int128",
    ]
)
_NOT_A_TYPE = re.compile(
    r"__(?!\w+_t\b|[a-z]+\d+\b|sum16|wsum|kernel_|poll_t|int128)\w+|asmlinkage"
    r"|no(?:inline|trace|instr)\w*|[A-Z_][A-Z0-9_]*"
)
_TYPE_LIKE = re.compile(r"\s*(?:[A-Za-z_][\w\s*]*+|\.\.\.)\s*")


def header(work: Work) -> None:
    """Normalise a function's header."""
    if not work.function or work.body < 0:
        return
    defined = work.mask.rfind("}", 0, work.body) + 1  # enum result { A, B } name(...)
    found = read_header(work.mask[defined : work.body], defined, body=True)
    opened = work.mask.find("(", found.name_at, work.body)
    if opened < 0 or opened not in work.brackets.close:
        return
    if defined:
        return
    pairs = DECLARES_BY_PAIRS.fullmatch(work.mask[found.name_at : opened].strip())
    if pairs or not work.mask[: found.name_at].strip():
        _macro_header(work, found.name_at, opened)
    elif work.sign_after(work.before(opened) + 1) == "(" and work.word_before(opened):
        _specifiers(work, found.name_at)
        if not found.knr:
            close = work.brackets.close[opened]
            if work.sign_after(close + 1) not in (")", "("):
                work.blank("attribute", close + 1, work.body)


def _specifiers(work: Work, name_at: int) -> None:
    """Keep storage, qualifiers and one type of what stands in front of the name; the rest is attributes."""
    if work.mask[:name_at].rstrip()[-1:] == "(":
        return
    candidates, groups, typed = _candidates(work, name_at)
    kept = None
    if not typed and candidates:
        usual = [span for span in candidates if not _NOT_A_TYPE.fullmatch(work.mask[span[0] : span[1]])]
        capital = [span for span in candidates if not work.mask[span[0] : span[1]].startswith("__")]
        kept = (usual or capital or candidates)[-1]
    for span in candidates:
        if span != kept:
            work.blank("attribute", *span)
    for start, end in groups:
        if not (start == name_at or work.mask[start:].startswith(("typeof", "__typeof"))):
            work.blank("attribute", start, end)


def _candidates(work: Work, name_at: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]], bool]:
    """Return the words that can be a type or an attribute, those with arguments, and whether a type is
    sure."""
    words: list[tuple[int, int]] = []
    groups: list[tuple[int, int]] = []
    typed, at, aggregate = False, 0, False
    while match := _TOKEN.search(work.mask, at, name_at):
        at = match.end()
        word = match.group()
        if match.lastgroup == "group":
            close = work.brackets.close.get(match.start(), name_at)
            if words and not aggregate:
                start, _ = words.pop()
                groups.append((start, close + 1))
                typed = typed or work.mask[start:].startswith(("typeof", "__typeof"))
            at = close + 1
        elif match.lastgroup == "word":
            if aggregate:
                aggregate = False
            elif word in ("struct", "union", "enum"):
                aggregate = typed = True
            elif word in _KEPT:
                typed = typed or word in _PRIMITIVE
            else:
                words.append((match.start(), match.end()))
    return words, groups, typed


def _macro_header(work: Work, name_at: int, opened: int) -> None:
    """Give a macro that makes a function a return type: its first characters are written over.

    SYSCALL_DEFINEn and its like name the function first and then type and name of each parameter in turn.
    """
    close = work.brackets.close[opened]
    word = work.mask[name_at:opened].rstrip()
    commas = work.brackets.commas.get(opened, [])
    if DECLARES_BY_PAIRS.fullmatch(word) and commas and len(commas) % 2 == 0:
        work.write("macro-function", name_at, "long".ljust(opened + 1 - name_at))
        work.write("macro-function", commas[0], "(")
        for comma in commas[1::2]:
            work.write("macro-function", comma, " ")
    elif len(word) >= 5:
        work.write("macro-function", name_at, "int " if len(word) < 7 else "long ")
        _plain_arguments(work, opened, close, commas)
    work.blank("attribute", 0, name_at)
    work.blank("attribute", close + 1, work.body)


def _plain_arguments(work: Work, opened: int, close: int, commas: list[int]) -> None:
    """Blank arguments that cannot stand as parameters: strings, numbers, expressions."""
    borders = [opened, *commas, close]
    for left, right in pairwise(borders):
        if not _TYPE_LIKE.fullmatch(work.mask, left + 1, right):
            first = work.after(left + 1)
            if first < right:
                work.write("macro-function", first, "_".ljust(right - first))

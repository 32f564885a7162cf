"""Rules on statements: macros that are loop heads, and macros that stand without a semicolon."""

from __future__ import annotations

import re

from .rewriting import Work

_CALL = re.compile(
    r"(?:^[ \t]*+|[;{}:)][ \t]*+|\belse[ \t]++|\bdo[ \t]++)(?P<name>[A-Za-z_]\w*+)[ \t]*+(?P<open>\()", re.MULTILINE
)
_LOOP_NAME = re.compile(r"\w*(?:for_?each|foreach|FOR_?EACH)\w*")
_ONCE_NAME = re.compile(r"\w*(?:guard|scoped|SCOPED)\w*|(?:if|IF|with)_\w+")
_KEYWORD = frozenset(
    "if for while switch return sizeof do else case typeof __typeof__ asm __asm__ defined goto default".split()
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
            if follows == ";" and _LOOP_NAME.fullmatch(name):
                _loop_tail(work, match.start("name"), opened)
            elif follows == "=" and work.sign_after(here + 1) == "{":
                _declaration(work, match.start("name"), opened, close)
            continue
        _judge(work, match.start("name"), name, opened, close, here)


def _judge(work: Work, start: int, name: str, opened: int, close: int, here: int) -> None:
    """Decide what a call is that neither a semicolon nor an operator follows."""
    follows = work.mask[here : here + 1]
    if follows == '"' or not _begins_statement(work, start):
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


def _head(work: Work, start: int, name: str, opened: int, close: int) -> None:
    """Write `while` (or `if`, for what runs once) over a macro's name; its arguments become the condition."""
    keyword = "if" if _ONCE_NAME.fullmatch(name) or len(name) < 5 else "while"
    if len(name) < len(keyword):
        return
    work.write("loop", start, keyword.ljust(len(name)))
    if not work.mask[opened + 1 : close].strip():
        if close == opened + 1 and opened - start > len(keyword):
            work.write("loop", opened - 1, "(1)")
        elif close > opened + 1:
            work.write("loop", opened + 1, "1")


def _declaration(work: Work, start: int, opened: int, close: int) -> None:
    """`DECLARE_BITMAP(map, SIZE) = { 0 }` declares: its arguments become a name and the size of an array."""
    commas = work.brackets.commas.get(opened, [])
    if len(commas) > 1 or opened + 1 - start < 5 or not work.mask[opened + 1 : (commas or [close])[0]].isidentifier():
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


def repairs(work: Work) -> None:
    """Apply the rules that guess, where the tree has an error without them."""

"""Who calls a static function, as far as its file tells (rule C5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .environment import Environment
from .lower.configuration import covers

ALL_HERE = "lorelens_all_calls_"
"""In front of a function's name: a macro that says that all that calls it is at hand (I8)."""
ELSEWHERE = "lorelens_elsewhere_"
"""In front of a function's name: a macro that says that the patch adds it to, or removes it from, another
file, which tells nothing here (I8, C3)."""
_KEPT = re.compile(r"\blorelens_(?:all_calls|elsewhere|reaches)_")
_KEPT_USED = re.compile(rf"(?<!#define ){_KEPT.pattern}")
_EXPORT = re.compile(r"\bEXPORT_SYMBOL\w*\s*\(\s*\Z")
_STATIC = re.compile(r"\bstatic\b")
_CALL = re.compile(r"\s*\(")
_WORD = re.compile(r"\w")
_PARAMETERS = re.compile(r"\w+\(([^()]*)\)")
_PASTED = re.compile(r"(\w+)\s*##\s*(?=(\w+))")
"""Two parts of a name that a macro makes."""
_GIVEN = re.compile(r"\w\s*\([^(){};]*\Z")


def find_callers(environment: Environment, name: str) -> tuple[tuple[str, ...], str]:
    """Return the functions that call a static function, or one that no other file can call (I8); or () and
    why they do not tell all of its uses."""
    pieces = environment.functions(name)
    code = environment.source.mask
    all_here = bool(environment.macros(ALL_HERE + name))
    if not pieces or not (all_here or all(_STATIC.search(code, own.start, own.name_at) for own in pieces)):
        return (), "it may be called from other files"
    if _is_in_macro(environment, name, made=True):
        return (), "a macro of the file names it"
    functions = environment.all_functions
    callers: dict[str, None] = {}
    for use in uses_of(name, code):
        around = next((piece for piece in functions if piece.start <= use < piece.end), None)
        if around is not None and around in pieces:
            if use > around.body >= 0:
                return (), "it calls itself"
        elif around is None and all_here and _EXPORT.search(code, max(0, use - 60), use):
            continue
        elif _CALL.match(code, use + len(name)) is None:
            return (), "its address may be taken"
        elif around is not None:
            callers[around.name] = None
        elif not _is_prototype(environment, use):
            return (), "it is used outside of functions"
    return tuple(callers), ""


def covers_calls(environment: Environment, name: str) -> bool:
    """Say whether each use of a function in its file stands in a function under whose condition one of its
    definitions is there (T7)."""
    if _is_in_macro(environment, name):
        return False
    configs = [own.config for own in environment.functions(name)]
    functions = environment.all_functions
    for use in uses_of(name, environment.source.mask):
        around = next((piece for piece in functions if piece.start <= use < piece.end), None)
        if around is None:
            if not _is_prototype(environment, use):
                return False
        elif not covers(configs, around.config):
            return False
    return True


def may_stand_in(environment: Environment, name: str) -> bool:
    """Say whether something else than its definition may go by a static function's name under another
    condition: a macro, a declaration for other files, or what a macro at file level makes of it (B6)."""
    prototypes = environment.pieces.get(("prototype", name), ())
    if environment.macros(name) or not all(_STATIC.search(environment.text_of(one)) for one in prototypes):
        return True
    code = environment.source.mask
    functions = environment.all_functions
    return any(
        _GIVEN.search(code, max(0, use - 200), use) is not None
        for use in uses_of(name, code)
        if not any(piece.start <= use < piece.end for piece in functions)
        and not _is_prototype(environment, use)
    )


def _is_in_macro(environment: Environment, name: str, *, made: bool = False) -> bool:
    """Say whether a macro of the file names a function in its body, or (asked for with `made`) makes a name
    like its by `##`: who calls it there is not told by its name."""
    bodies = [body for body in environment.macro_texts if not body.startswith((ALL_HERE, ELSEWHERE))]
    if any(at > 0 for body in bodies if name in body for at in uses_of(name, body)):
        return True
    for body in (body for body in bodies if made and "##" in body):
        head = _PARAMETERS.match(body)
        given = re.findall(r"\w+", head[1]) if head else []
        pasted = _PASTED.findall(body)
        if any(all(word in given or word in name for word in pair) for pair in pasted):
            return True
    return False


def forges_marks(texts: Iterable[str], around: Iterable[str]) -> bool:
    """Say whether a text from outside holds a name by which lorelens tells itself what is at hand: what comes
    by mail could say by it that no other file calls a function (I8). `around` are texts that lorelens put
    together, whose own lines define such names and use none."""
    return any(map(_KEPT.search, texts)) or any(map(_KEPT_USED.search, around))


def uses_of(name: str, code: str) -> Iterator[int]:
    """Yield where a name stands in a text, as a word."""
    at = code.find(name)
    while at >= 0:
        if not _WORD.match(code, at + len(name)) and not (at and _WORD.match(code, at - 1)):
            yield at
        at = code.find(name, at + len(name))


def _is_prototype(environment: Environment, offset: int) -> bool:
    return any(
        symbol == "prototype" and piece.start <= offset < piece.end
        for (symbol, _), found in environment.pieces.items()
        for piece in found
    )

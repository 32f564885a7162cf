"""The files of a patch with their headers: what a name means in each, and whether two of them mean the same
by it (docs/engine.md, I8)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from .engine.header import KEYWORDS, Entry, read_header
from .engine.header_index import WORD, HeaderIndex, plain
from .engine.lower.tabled import is_tabled
from .engine.prelude import prelude_text
from .includes import Surrounding
from .lexical import blank, scan

MOST_OF_HEADERS = 2000
"""Names in another file's headers that are looked at for one function."""
_STATIC = re.compile(r"\bstatic\b")
_NOT_FOR_ALL = re.compile(r"\b(?:static|(?:__)?weak(?:__)?|(?:__)?alias(?:__)?|ifunc|asm|__asm__)\b")
_EXPORTED = re.compile(r"\bEXPORT_SYMBOL\w*\s*\([^()]*\)")
_OPENED = ("macro", "function", "enumerator", "typedef")
_NAMES = (*_OPENED, "variable")
_TAGS = ("struct", "union", "enum")
_SETTLED = re.compile(r"CONFIG_\w+|defined|IS_\w+|__\w+__")
"""Words of conditions that no file defines: those of the configuration, and the compiler's own."""
_PRINTED = frozenset({"pr_fmt", "dev_fmt"})
"""What is printed is no behaviour (B4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A file of the patch that is at hand whole in both versions."""

    path: str
    texts: tuple[str, str]
    """Before and after; "" where the file is not there."""

    def entries(self, side: int, name: str) -> tuple[Entry, ...]:
        """Return the definitions of a name in one version."""
        return read_header(self.texts[side]).entries.get(name, ())

    def both(self, name: str) -> tuple[Entry, ...]:
        """Return those of both versions."""
        return (*self.entries(0, name), *self.entries(1, name))

    def functions(self, side: int, name: str) -> tuple[Entry, ...]:
        """Return the definitions of a function in one version."""
        return tuple(one for one in self.entries(side, name) if one.symbol == "function")

    def says(self, side: int, name: str) -> bool:
        """Say whether a word stands in one version."""
        return name in said(self.texts[side])


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A file with its headers."""

    unit: Unit
    around: Surrounding

    def index(self, side: int) -> HeaderIndex:
        """Return what its headers define in one version."""
        return (self.around.indexes.pre, self.around.indexes.post)[side]

    def entries(self, side: int, name: str) -> tuple[Entry, ...]:
        """Return all definitions of a name that the file sees in one version."""
        return (*self.unit.entries(side, name), *self.index(side).entries(name))

    def knows(self, name: str) -> bool:
        """Say whether either version of the file says a name, or its headers define it."""
        return any(self.unit.says(side, name) or self.entries(side, name) for side in (0, 1))


def lent_names(own: Seen, home: Seen, side: int, words: Collection[str]) -> set[str] | None:
    """Return the names that words of one file lead to there and that another file does not know, through
    macros, types and inline functions; None where both may mean different things by one of them."""
    waiting, seen, lent = sorted(words), set(words), set[str]()
    while waiting:
        name = waiting.pop()
        meant, known = home.entries(side, name), own.entries(side, name)
        if not _is_alike(own, home, side, name, meant, known):
            return None
        if meant and not known:
            lent.add(name)
        if name in _prelude() or is_tabled(name):
            continue
        if not all(is_settled(own, home, side, one) for one in (*meant, *known) if may_differ(one)):
            return None
        opened = (one for one in (meant or known) if one.symbol in _OPENED and may_differ(one))
        more = {word for one in opened for word in WORD.findall(plain(one.text))} - KEYWORDS - seen - _PRINTED
        seen |= more
        waiting += sorted(more)
        if len(seen) > MOST_OF_HEADERS:
            return None
    return lent


def reached_words(own: Seen, words: Collection[str]) -> set[str]:
    """Return some words with those that a file's headers lead to from them, through macros and inline
    functions, as far as MOST_OF_HEADERS goes."""
    waiting, seen = sorted(words), set(words)
    while waiting and len(seen) < MOST_OF_HEADERS:
        name = waiting.pop()
        if name in _prelude() or is_tabled(name):
            continue
        opened = (
            one for side in (0, 1) for one in own.index(side).entries(name) if one.symbol in _OPENED[:2]
        )
        more = {word for one in opened if may_differ(one) for word in WORD.findall(plain(one.text))}
        waiting += sorted(more - KEYWORDS - seen)
        seen |= more - KEYWORDS
    return seen


def _is_alike(
    own: Seen, home: Seen, side: int, name: str, meant: Collection[Entry], known: Collection[Entry]
) -> bool:
    if _undefines(own, side, name) != _undefines(home, side, name):
        return False
    if all(_made(one.unit.entries(side, name)) for one in (own, home)):
        return False  # two variables for all files would not link: both macros say that they are static
    if known and meant:
        return are_alike(known, meant)
    if known:  # by a header that is not read, a field, a local: here that would be something else
        return not any(may_differ(one) and one.symbol not in _TAGS for one in known)
    if meant:  # what the file itself defines would not come along
        says = any(own.unit.says(one, name) for one in (0, 1))
        return not says and not is_private(home.unit.entries(side, name))
    loose = (own, home) if own.unit.says(side, name) else (own,)
    return all(name not in _loose(one.unit.texts[side]) for one in loose)


def _made(entries: Iterable[Entry]) -> bool:
    return any(one.symbol == "variable" and one.piece.name_at == one.piece.start for one in entries)


def is_settled(own: Seen, home: Seen, side: int, entry: Entry) -> bool:
    """Say whether what a definition stands under is the same in two files: the configuration, or names that
    both define alike."""
    return all(
        _SETTLED.fullmatch(word) is not None
        or (
            told(home.entries(side, word), _NAMES) == told(own.entries(side, word), _NAMES)
            and _undefines(own, side, word) == _undefines(home, side, word)
        )
        for word in WORD.findall(entry.config or "")
    )


def _undefines(file: Seen, side: int, name: str) -> tuple[str, bool]:
    """Return what undefines a name: a file that does so itself is like no other."""
    own = name in read_header(file.unit.texts[side]).undefined
    return (file.unit.path if own else "", name in file.index(side).undefined)


def are_alike(one: Collection[Entry], other: Collection[Entry]) -> bool:
    """Say whether definitions that two files see tell the same of a name."""
    if told(one, _NAMES) != told(other, _NAMES):
        return False
    tags = told(one, _TAGS), told(other, _TAGS)
    return tags[0] == tags[1] or not all(tags)


def told(entries: Iterable[Entry], symbols: Collection[str]) -> set[tuple[str, str, str | None]]:
    """Return what definitions tell of a name; what any file may call is one function, whatever tells it."""
    found = {
        (entry.symbol, " ".join(plain(entry.text).split()), entry.config)
        for entry in entries
        if entry.symbol in symbols and may_differ(entry)
    }
    if len({one[:2] for one in found}) == 1 and all(one[0] != "macro" for one in found):
        return {(*one[:2], None) for one in found}  # where it is there it is this one
    return found


def may_differ(entry: Entry) -> bool:
    """Say whether a definition is of one file alone, or one that another file may have otherwise; not a
    function or a variable for all files, whose value may change anyway."""
    if entry.symbol == "variable":
        return is_static(entry) or "const" in WORD.findall(entry.text)
    return entry.symbol != "prototype" and (entry.symbol != "function" or is_static(entry))


def is_static(entry: Entry) -> bool:
    """Say whether a definition says that it is."""
    piece = entry.piece
    return _STATIC.search(entry.source.code, piece.start, piece.name_at) is not None


def is_private(entries: Collection[Entry]) -> bool:
    """Say whether a file's definitions of a name are its own: not those of a function that any file may call,
    nor declarations alone."""
    return any(may_differ(one) for one in entries)


def is_for_all(file: Seen, side: int, name: str) -> bool:
    """Say whether a function of a file is surely the one that other files call by its name: not static or
    weak by a declaration or a macro, nor given another name by one."""
    entries = file.entries(side, name)
    if is_private(file.unit.entries(side, name)) or any(one.symbol == "macro" for one in entries):
        return False
    functions = file.unit.functions(side, name)
    waiting = [one.source.code[one.piece.start : one.piece.body] for one in functions]
    waiting += [one.text for one in entries if one.symbol == "prototype"]
    seen = set[str]()
    while waiting:
        text = plain(waiting.pop())
        if _NOT_FOR_ALL.search(text):
            return False
        words = set(WORD.findall(text)) - KEYWORDS - seen
        seen |= words
        macros = (one for word in words for one in file.entries(side, word) if one.symbol == "macro")
        waiting += [one.text for one in macros]
    return True


@cache
def _prelude() -> frozenset[str]:
    return frozenset(read_header(prelude_text()).entries)


@lru_cache(maxsize=128)
def said(text: str) -> frozenset[str]:
    """Return the words of a file, those of its directives included."""
    source = scan(text)
    directives = (word for one in source.directives for word in WORD.findall(one.argument))
    return frozenset((*WORD.findall(source.code), *directives))


@lru_cache(maxsize=128)
def _loose(text: str) -> frozenset[str]:
    """Return the words at file level outside of definitions: what macros are given to define there."""
    code = scan(text).mask
    pieces = {one.piece for found in read_header(text).entries.values() for one in found}
    for one in pieces:
        if one.symbol != "prototype" or one.name_at > one.start:  # a macro's call looks like a prototype
            code = code[: one.start] + blank(code[one.start : one.end]) + code[one.end :]
    return frozenset(WORD.findall(_EXPORTED.sub(" ", code)))

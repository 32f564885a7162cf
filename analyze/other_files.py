"""What the other files of a patch hold of the functions that one of them calls, or is called by
(docs/engine.md, I8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from .conditions import conjunction
from .definition import ChangedFunction
from .engine.callers import ALL_HERE
from .engine.environment import Environment
from .engine.header import KEYWORDS, Entry, read_header
from .engine.header_index import WORD, HeaderIndex, plain
from .engine.prelude import prelude_text
from .includes import Surrounding
from .lexical import scan

MOST_PIECES = 80
"""Definitions that may come with one function of another file."""
MOST_OF_HEADERS = 2000
"""Names in another file's headers that are looked at for one function."""
MOST_LEVELS = 3
"""How many callers up those are given whose parameters change as well (C9)."""
_STATIC = re.compile(r"\bstatic\b")
_CALL = re.compile(r"\s*\(")
_EXPORT = re.compile(r"\bEXPORT_SYMBOL\w*\s*\(\s*\Z")
_PARAMETERS = re.compile(r"\w+\s*\((.*)\)[^()]*\Z", re.DOTALL)
_SIDES = (0, 1)


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


@dataclass(slots=True)
class Linked:
    """What is added to a file's two versions for one function."""

    texts: tuple[dict[str, None], dict[str, None]] = field(default_factory=lambda: ({}, {}))
    """C definitions, before and after."""
    assumed: dict[str, None] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    """What these name that is not private to their file."""
    homes: dict[str, None] = field(default_factory=dict)
    """The paths of the files that they come from."""

    def add(self, other: Linked) -> None:
        """Add what another has."""
        for own, more in zip(self.texts, other.texts, strict=True):
            own.update(more)
        self.assumed.update(other.assumed)
        self.called |= other.called
        self.homes.update(other.homes)

    def written(self, side: int) -> str:
        """Return one version's text."""
        return "".join(f"\n{text}" for text in self.texts[side])


class OtherFiles:
    """The files of a patch as each of them sees the others."""

    def __init__(
        self,
        units: Iterable[Unit],
        parts: Iterable[str],
        resigned: Mapping[str, Sequence[str]],
        surrounding: Callable[[str], Surrounding | None],
    ) -> None:
        """`resigned`: see find_resigned. `parts` are the texts of hunks of files that are not at hand whole;
        `surrounding` returns what a file of the patch includes."""
        self._units = {one.path: one for one in units}
        self._parts = {word for text in parts for word in WORD.findall(text)}
        self._surrounding = surrounding
        self._resigned = resigned

    def linked(
        self,
        path: str,
        names: tuple[str, str],
        words: Callable[[], Collection[str]],
        renames: Collection[str],
    ) -> Linked:
        """Return what the file at `path` is given for a function (by its names before and after).

        `words` returns those that it leads to in its file. Functions of `renames` are left out (I7).
        """
        linked = Linked()
        own = self._units.get(path)
        if own is None or not self._resigned:
            return linked
        seen = set(renames)
        waiting = [set(words())]
        while waiting:
            for name in sorted(self._resigned.keys() & waiting.pop() - seen):
                seen.add(name)
                callee = self._callee(own, name)
                linked.add(callee)
                waiting.append(callee.called)
        if names[0] == names[1] and path in self._resigned.get(names[0], ()):
            linked.add(self._callers(own, names[0]))
        return linked

    def _callee(self, own: Unit, name: str) -> Linked:
        """Return a function of another file that the patch adds, removes, or gives another head."""
        nothing, (path, *others) = Linked(), self._resigned[name]
        home = self._units.get(path)
        if others or home is None or home is own:
            return nothing
        conditions: list[str | None] = [None, None]
        stubs = Linked()
        for side in _SIDES:
            if not home.functions(side, name):
                continue
            seen = self._seen(own, side, name)
            told = {one.config for one in seen if one.symbol == "prototype"}
            if len(told) != 1 or any(one.symbol not in ("prototype", "function") for one in seen):
                return nothing  # no header declares it, or under several conditions
            (conditions[side],) = told
            here = {_spelled(one, None) for one in own.entries(side, name)}
            twins = (_spelled(one, None) for one in seen if one.symbol == "function")
            stubs.texts[side].update(dict.fromkeys(one for one in twins if one not in here))
        found = self._with_all(own, home, name, (conditions[0], conditions[1]))
        if found is None:
            return nothing
        found.add(stubs)
        found.assumed[f"{name}() is the one of {home.path}"] = None
        return found

    def _callers(self, own: Unit, name: str) -> Linked:
        """Return all that calls a function whose number of parameters the patch changes: what is not in the
        patch would not compile."""
        found, nothing = Linked(), Linked()
        waiting, seen = [(own, name, 1)], {(own.path, name)}
        while waiting:
            unit, one, level = waiting.pop()
            calls = self._calls(unit, one)
            if calls is None or not _has_other_count(unit, one):
                return nothing
            for texts in found.texts:
                texts[f"#define {ALL_HERE}{one}"] = None
            for home, caller in calls:
                if (home.path, caller) in seen:
                    continue
                seen.add((home.path, caller))
                if home.path != own.path and not self._is_included(own, home):
                    more = None if self._clashes(own, home, caller) else self._with_all(own, home, caller)
                    if more is None:
                        return nothing
                    found.add(more)
                if _has_other_count(home, caller):
                    if level >= MOST_LEVELS:
                        return nothing
                    waiting.append((home, caller, level + 1))
        if len(seen) == 1:
            return nothing
        found.assumed[f"nothing outside of the patch's files calls {name}()"] = None
        return found

    def _calls(self, unit: Unit, name: str) -> list[tuple[Unit, str]] | None:
        """Return the functions that call one of `unit`, in both versions; None where it is used otherwise, or
        a file that is not at hand whole may use it."""
        static = any(_is_static(one) for side in _SIDES for one in unit.functions(side, name))
        if name in self._parts and not static:
            return None
        found: dict[tuple[str, str], None] = {}
        for home in (unit,) if static else self._units.values():
            for side in _SIDES:
                callers = _calls_in(home, side, name)
                if callers is None:
                    return None
                found.update(dict.fromkeys((home.path, caller) for caller in callers))
        return [(self._units[path], caller) for path, caller in found]

    # What comes along

    def _with_all(
        self,
        own: Unit,
        home: Unit,
        name: str,
        conditions: tuple[str | None, str | None] = (None, None),
    ) -> Linked | None:
        """Return a function of another file, before and after, with what it leads to there; None where a name
        of that means something else in the file that it is given to, or may."""
        names, outside = {name}, set[str]()
        waiting = [name]
        while waiting:
            entries = home.both(waiting.pop())
            words = {word for one in entries for word in WORD.findall(plain(one.text))} - KEYWORDS
            for word in words - names - outside:
                if _is_private(home.both(word)):
                    names.add(word)
                    waiting.append(word)
                else:
                    outside.add(word)
            if len(names) > MOST_PIECES:
                return None
        if any(self._is_said(own, one) for one in names - {name}):
            return None
        for text in home.texts:
            odd = Environment.from_text("", text).replaced | read_header(text).undefined
            if odd & (names | outside):
                return None
        found = Linked(called=outside, homes={home.path: None})
        for side in _SIDES:
            if not self._is_meant_alike(own, home, side, outside):
                return None
            pieces = [entry for one in names for entry in home.entries(side, one)]
            for entry in sorted(pieces, key=lambda entry: entry.piece.start):
                condition = conditions[side] if entry.name == name else None
                if entry.name != name or entry.symbol == "function":
                    found.texts[side][_spelled(entry, condition)] = None
        return found

    def _is_meant_alike(self, own: Unit, home: Unit, side: int, words: Collection[str]) -> bool:
        """Say whether both files mean the same by these words, as far as both know them, and by what the
        macros and inline functions lead to that one of them lacks."""
        index = self._index(home, side)
        if index is None or self._index(own, side) is None:
            return False
        waiting, seen = sorted(words), set(words)
        while waiting:
            name = waiting.pop()
            meant = (*home.entries(side, name), *index.entries(name))
            known = self._seen(own, side, name)
            if known or name in _prelude():
                if known and meant and not _alike(known, meant):
                    return False
                continue
            if meant and _is_there(own, side, name):
                return False
            opened = (one for one in meant if one.symbol in ("macro", "function", "enumerator"))
            more = {word for one in opened for word in WORD.findall(plain(one.text))} - KEYWORDS - seen
            seen |= more
            waiting += sorted(more)
            if len(seen) > MOST_OF_HEADERS:
                return False
        return True

    def _index(self, unit: Unit, side: int) -> HeaderIndex | None:
        found = self._surrounding(unit.path)
        return None if found is None else (found.indexes.pre, found.indexes.post)[side]

    def _seen(self, unit: Unit, side: int, name: str) -> tuple[Entry, ...]:
        """Return what a file sees defined under a name."""
        index = self._index(unit, side)
        return (*unit.entries(side, name), *(index.entries(name) if index is not None else ()))

    def _is_said(self, own: Unit, name: str) -> bool:
        """Say whether a file says a name, or its headers define it."""
        return any(
            _is_there(own, side, name) or self._seen(own, side, name) or self._index(own, side) is None
            for side in _SIDES
        )

    def _clashes(self, own: Unit, home: Unit, name: str) -> bool:
        """Say whether a function of another file may be another one where it is given to."""
        if any(_is_static(one) for side in _SIDES for one in home.functions(side, name)):
            return self._is_said(own, name)
        seen = (one for side in _SIDES for one in self._seen(own, side, name))
        return any(one.symbol != "prototype" for one in seen)

    def _is_included(self, own: Unit, home: Unit) -> bool:
        found = self._surrounding(own.path)
        return found is not None and home.path in found.paths


def _is_there(unit: Unit, side: int, name: str) -> bool:
    return name in _said(unit.texts[side])


@cache
def _prelude() -> frozenset[str]:
    return frozenset(read_header(prelude_text()).entries)


@cache
def _said(text: str) -> frozenset[str]:
    source = scan(text)
    directives = (word for one in source.directives for word in WORD.findall(one.argument))
    return frozenset((*WORD.findall(source.code), *directives))


def _alike(one: Iterable[Entry], other: Iterable[Entry]) -> bool:
    """Say whether two files mean the same by a name; what any file may call is one function."""

    def told(entries: Iterable[Entry]) -> set[tuple[str, str]]:
        return {
            (entry.symbol, " ".join(plain(entry.text).split()))
            for entry in entries
            if entry.symbol != "prototype" and (entry.symbol != "function" or _is_static(entry))
        }

    return told(one) == told(other)


def _spelled(entry: Entry, condition: str | None) -> str:
    """Return a definition as it stands there, under its condition and another."""
    parts = [one for one in dict.fromkeys((condition, entry.config)) if one is not None]
    return f"#if {conjunction(parts)}\n{entry.text}\n#endif" if parts else entry.text


def _is_private(entries: Collection[Entry]) -> bool:
    """Say whether a file's definitions of a name are its own: not those of a function that any file may call,
    nor declarations alone."""
    if all(one.symbol == "prototype" for one in entries):
        return False
    return any(one.symbol not in ("function", "prototype") or _is_static(one) for one in entries)


def _is_static(entry: Entry) -> bool:
    piece = entry.piece
    return _STATIC.search(entry.source.code, piece.start, piece.name_at) is not None


def _has_other_count(unit: Unit, name: str) -> bool:
    """Say whether the patch changes the number of a function's parameters: a call that it does not change
    would not compile."""
    counts = [{_parameters(one) for one in unit.functions(side, name)} for side in _SIDES]
    return all(len(one) == 1 and None not in one for one in counts) and counts[0] != counts[1]


def _parameters(entry: Entry) -> int | None:
    """Return how many parameters a definition has; None where that is not told, or is not fixed."""
    piece = entry.piece
    found = _PARAMETERS.match(entry.source.mask[piece.name_at : piece.body])
    if found is None or "..." in found[1] or "#" in entry.source.code[piece.start : piece.body]:
        return None
    inside = found[1].strip()
    if inside in ("", "void"):
        return 0
    depth, count = 0, 1
    for sign in inside:
        depth += (sign in "([{") - (sign in ")]}")
        count += sign == "," and depth == 0
    return count


def find_resigned(functions: Iterable[ChangedFunction]) -> dict[str, list[str]]:
    """Return the functions for all files that a patch adds, removes or gives another head, with the paths of
    the C files that define them."""
    found: dict[str, dict[str, None]] = {}
    for one in functions:
        there = one.post or one.pre
        if one.symbol != "function" or there is None or not there.path.endswith(".c"):
            continue
        same = one.pre is not None and one.post is not None and one.pre.name == one.post.name
        if (same and "signature" not in one.kind) or _STATIC.search(there.text[: there.text.find("{")]):
            continue
        for definition in (one.pre, one.post):
            if definition is not None:
                found.setdefault(definition.name, {})[definition.path] = None
    return {name: list(paths) for name, paths in found.items()}


def _calls_in(unit: Unit, side: int, name: str) -> list[str] | None:
    """Return the functions of a file that call one; None where it is used in another way."""
    text = unit.texts[side]
    if name not in _said(text):
        return []
    source, header = scan(text), read_header(text)
    if any(name in WORD.findall(one.argument) for one in source.directives):
        return None
    pieces = [one for entries in header.entries.values() for one in entries]
    found: dict[str, None] = {}
    for use in re.finditer(rf"\b{re.escape(name)}\b", source.mask):
        at = use.start()
        around = next((one for one in pieces if one.piece.start <= at < one.piece.end), None)
        if around is None:
            if not _EXPORT.search(source.mask, max(0, at - 60), at):
                return None
        elif around.symbol == "function" and at > around.piece.body:
            if around.name == name or _CALL.match(source.mask, use.end()) is None:
                return None
            found[around.name] = None
        elif around.symbol not in ("function", "prototype") or around.name != name:
            return None
    return list(found)

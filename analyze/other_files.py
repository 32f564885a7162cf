"""What the other files of a patch hold of the functions that one of them calls, or is called by
(docs/engine.md, I8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations

from .conditions import conjunction
from .definition import ChangedFunction
from .engine.callers import ALL_HERE, ELSEWHERE
from .engine.environment import Environment
from .engine.header import KEYWORDS, Entry, read_header
from .engine.header_index import WORD, plain
from .engine.lower.macro import split_arguments
from .includes import Surrounding
from .lexical import scan
from .units import Seen, Unit, is_for_all, is_private, is_settled, is_static, lent_names, reached_words, said

MOST_PIECES = 80
"""Definitions that may come with one function of another file."""
MOST_LEVELS = 3
"""How many callers up those are given whose parameters change as well (C9)."""
_STATIC = re.compile(r"\bstatic\b")
_CALL = re.compile(r"\s*\(")
_EXPORT = re.compile(r"\bEXPORT_SYMBOL\w*\s*\(\s*\Z")
_PARAMETERS = re.compile(r"\w+\s*\((.*)\)[^()]*\Z", re.DOTALL)
_PASTED = re.compile(r"(?:(\w\w+)\s*)?##(?=\s*(\w\w+)?)")
_SIDES = (0, 1)


@dataclass(slots=True)
class _Words:
    """The names in the definitions of one file that are private to it, and the others."""

    private: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Linked:
    """What is added to a file's two versions for one function."""

    texts: tuple[dict[str, None], dict[str, None]] = field(default_factory=lambda: ({}, {}))
    """C definitions, before and after."""
    assumed: dict[str, None] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    """What these name that is not private to their file."""
    homes: dict[str, _Words] = field(default_factory=dict)
    """The paths of the files that they come from, with what these definitions say."""
    lent: set[str] = field(default_factory=set)
    """What the headers of those files tell for the file that this is added to."""

    def add(self, other: Linked) -> None:
        """Add what another has."""
        for texts, more in zip(self.texts, other.texts, strict=True):
            texts.update(more)
        self.assumed.update(other.assumed)
        self.called |= other.called
        self.lent |= other.lent
        for path, words in other.homes.items():
            own = self.homes.setdefault(path, _Words())
            own.private |= words.private
            own.outside |= words.outside

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
        own = self._seen(path)
        if own is None or not self._resigned:
            return linked
        seen = set(renames)
        waiting = [reached_words(own, words())]
        while waiting:
            for name in sorted(self._resigned.keys() & waiting.pop() - seen):
                seen.add(name)
                callee = self._callee(own, name)
                linked.add(callee if callee.homes else _elsewhere((name,)))
                waiting.append(callee.called)
        if names[0] == names[1] and path in self._resigned.get(names[0], ()):
            linked.add(self._callers(own, names[0]))
        return linked if self._agree(linked) else _elsewhere(seen - set(renames))

    def _seen(self, path: str) -> Seen | None:
        unit, around = self._units.get(path), self._surrounding(path)
        return None if unit is None or around is None else Seen(unit=unit, around=around)

    def _agree(self, linked: Linked) -> bool:
        """Say whether what comes from several files means the same in each of them."""
        homes = {path: self._seen(path) for path in linked.homes}
        for home, own in permutations(homes, 2):
            here, there, words = homes[own], homes[home], linked.homes[home]
            if here is None or there is None or any(here.knows(one) for one in words.private):
                return False
            if any(lent_names(here, there, side, words.outside) is None for side in _SIDES):
                return False
        return True

    def _callee(self, own: Seen, name: str) -> Linked:
        """Return a function of another file that the patch adds, removes, or gives another head."""
        nothing, (path, *others) = Linked(), self._resigned[name]
        home = self._seen(path)
        if others or home is None or home.unit is own.unit:
            return nothing
        conditions: list[str | None] = [None, None]
        stubs = Linked()
        for side in _SIDES:
            if not home.unit.functions(side, name):
                continue
            seen = own.entries(side, name)
            told = {one.config for one in seen if one.symbol == "prototype"}
            if len(told) != 1 or not is_for_all(home, side, name) or not is_for_all(own, side, name):
                return nothing  # no header declares it, or under several conditions
            (conditions[side],) = told
            here = {_spelled(one, None) for one in own.unit.entries(side, name)}
            twins = (_spelled(one, None) for one in seen if one.symbol == "function")
            stubs.texts[side].update(dict.fromkeys(one for one in twins if one not in here))
        found = self._with_all(own, home, name, (conditions[0], conditions[1]))
        if found is None:
            return nothing
        found.add(stubs)
        found.assumed[f"{name}() is the one of {home.unit.path}"] = None
        return found

    def _callers(self, own: Seen, name: str) -> Linked:
        """Return all that calls a function whose number of parameters the patch changes: what is not in the
        patch would not compile."""
        found, nothing = Linked(), Linked()
        if len(self._resigned[name]) > 1:
            return nothing
        waiting, seen = [(own.unit, name, 1)], {(own.unit.path, name)}
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
                if home.path != own.unit.path:
                    more = self._caller(own, home, caller)
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

    def _caller(self, own: Seen, unit: Unit, name: str) -> Linked | None:
        if unit.path in own.around.paths:
            found = Linked()
            for side in _SIDES:
                there = (one for one in own.index(side).entries(name) if one.symbol == "function")
                found.texts[side].update(dict.fromkeys(_spelled(one, None) for one in there))
            return found
        home = self._seen(unit.path)
        return None if home is None or _clashes(own, home, name) else self._with_all(own, home, name)

    def _calls(self, unit: Unit, name: str) -> list[tuple[Unit, str]] | None:
        """Return the functions that call one of `unit`, in both versions; None where it is used otherwise, or
        a file that is not at hand whole may use it."""
        static = any(is_static(one) for side in _SIDES for one in unit.functions(side, name))
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
        own: Seen,
        home: Seen,
        name: str,
        conditions: tuple[str | None, str | None] = (None, None),
    ) -> Linked | None:
        """Return a function of another file, before and after, with what it leads to there; None where a name
        of that means something else in the file that it is given to, or may."""
        reached = _reached(home.unit, name)
        if reached is None:
            return None
        names, outside = reached
        if any(own.knows(one) for one in names - {name}):
            return None
        found = Linked(called=outside)
        found.homes[home.unit.path] = _Words(private=names - {name}, outside=outside)
        for side in _SIDES:
            pieces = [entry for one in names for entry in home.unit.entries(side, one)]
            if not pieces:
                continue
            lent = lent_names(own, home, side, outside)
            if (
                lent is None
                or not all(is_settled(own, home, side, one) for one in pieces)
                or _is_late(pieces)
            ):
                return None
            found.lent |= lent
            for entry in sorted(pieces, key=lambda entry: entry.piece.start):
                condition = conditions[side] if entry.name == name else None
                if entry.name != name or entry.symbol == "function":
                    found.texts[side][_spelled(entry, condition)] = None
        return found


def _reached(home: Unit, name: str) -> tuple[set[str], set[str]] | None:
    """Return what a function leads to in its file: what is private to that, and all else that is named; None
    where that is too much, or what a name of it means depends on the place."""
    names, outside = {name}, set[str]()
    waiting = [name]
    while waiting:
        entries = home.both(waiting.pop())
        words = {word for one in entries for word in WORD.findall(plain(one.text))} - KEYWORDS
        for word in words - names - outside:
            if is_private(home.both(word)):
                names.add(word)
                waiting.append(word)
            else:
                outside.add(word)
        if len(names) > MOST_PIECES:
            return None
    for text in home.texts:
        odd = Environment.from_text("", text).replaced | read_header(text).undefined
        if odd & (names | outside):
            return None
    return names, outside


def _elsewhere(names: Iterable[str]) -> Linked:
    """Return what says of functions that what they do is not told here."""
    texts = dict.fromkeys(f"#define {ELSEWHERE}{name}" for name in sorted(names))
    return Linked(texts=(texts, dict(texts)))


def _clashes(own: Seen, home: Seen, name: str) -> bool:
    """Say whether a function of another file may be another one where it is given to."""
    if any(is_static(one) for side in _SIDES for one in home.unit.functions(side, name)):
        return own.knows(name)
    seen = (one for side in _SIDES for one in own.entries(side, name))
    return any(one.symbol != "prototype" for one in seen)


def _is_late(pieces: Iterable[Entry]) -> bool:
    """Say whether a macro of a file is defined behind a definition that says its name."""
    macros = {one.name: one.piece.start for one in pieces if one.symbol == "macro"}
    return any(
        macros.get(word, 0) > one.piece.start and one.name != word
        for one in pieces
        if one.symbol != "macro"
        for word in WORD.findall(plain(one.text))
    )


def _spelled(entry: Entry, condition: str | None) -> str:
    """Return a definition as it stands there, under its condition and another."""
    parts = [one for one in dict.fromkeys((condition, entry.config)) if one is not None]
    return f"#if {conjunction(parts)}\n{entry.text}\n#endif" if parts else entry.text


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
    written = split_arguments(found[1])
    return 0 if written == ["void"] else len(written)


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


def _may_paste(text: str, name: str) -> bool:
    """Say whether a macro of a file may make a name of parts."""
    if "##" not in text:
        return False
    parts = [part for one in scan(text).directives for part in _PASTED.findall(one.argument)]
    starts, ends = ({both[n] for both in parts} - {""} for n in (0, 1))
    return any(map(name.startswith, starts)) or any(map(name.endswith, ends))


def _calls_in(unit: Unit, side: int, name: str) -> list[str] | None:
    """Return the functions of a file that call one; None where it is used in another way."""
    text = unit.texts[side]
    if _may_paste(text, name):
        return None
    if name not in said(text):
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

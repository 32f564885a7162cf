"""What two versions of a function reach of the headers around them, cut out as one short text a version.

Headers hold twenty thousand definitions, a function names a few dozen. The excerpt is what the engine is given as the
file's `outer` environment: small, printable, the same on every machine (docs/engine.md, section 11).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ..conditions import conjunction
from .environment import Environment
from .header import Entry, Header
from .kernel_types import KERNEL_TYPES, OPAQUE_TYPES
from .lower.tabled import is_tabled, is_tabled_function

MOST_NAMES = 4000
"""Names of headers that are followed for one function."""
LONGEST_MACRO = 400
_WORD = re.compile(r"[A-Za-z_]\w*")
_MEMBER = re.compile(r"(?:->|\.)\s*([A-Za-z_]\w*)")
_TAGS = ("struct", "union", "enum")
_CONSTANT = re.compile(r"[\w\s()+\-*/%<>&|^~!?:.]+")
_NUMBER = re.compile(r"\b0[xX][0-9a-fA-F]+[uUlL]*|\b\d+[uUlL]*")
_OPAQUE = re.compile(r"[{};#]|\b(?:asm|_Generic|_Pragma|__builtin_\w+|__attribute__|__extension__|__auto_type)\b")
_UPPER = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_DEFINE = re.compile(r"#[ \t]*define[ \t]+\w+(\([^)]*\))?")
_SPLICE = re.compile(r"\\\r?\n")
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_STRUCT = re.compile(r"\b(?:struct|union)\s+(\w+)")


class HeaderIndex:
    """The definitions of several headers by name."""

    def __init__(self, headers: Iterable[tuple[Header, str | None]]) -> None:
        self._found: dict[str, list[tuple[Entry, str | None]]] = {}
        undefined: set[str] = set()
        for header, config in headers:
            undefined |= header.undefined
            for name, entries in header.entries.items():
                self._found.setdefault(name, []).extend((entry, config) for entry in entries)
        self.undefined = frozenset(undefined)
        self._entries: dict[str, tuple[Entry, ...]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def entries(self, name: str) -> tuple[Entry, ...]:
        """Return all definitions of a name, each under its header's condition too."""
        if name not in self._entries:
            self._entries[name] = tuple(
                entry if config is None else replace(entry, config=_joined(config, entry.config))
                for entry, config in self._found.get(name, ())
            )
        return self._entries[name]


def _joined(one: str, other: str | None) -> str | None:
    return conjunction([one] if other is None or other == one else [one, other])


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The names in a definition: in all of it, and in what is left of a function without its body."""

    all: frozenset[str]
    head: frozenset[str]


class TwoIndexes:
    """The headers around a file before and after a patch. `changed` are those whose texts differ."""

    def __init__(self, pre: HeaderIndex, post: HeaderIndex, changed: Iterable[tuple[Header | None, Header | None]]):
        self.pre, self.post = pre, post
        self._changed = tuple(changed)
        self._words: dict[int, Words] = {}
        self._kept: dict[int, Entry] = {}

    def entries(self, name: str) -> tuple[Entry, ...]:
        """Return a name's definitions of both versions."""
        before = self.pre.entries(name)
        return before if self.pre is self.post else (*before, *self.post.entries(name))

    def words(self, entry: Entry) -> Words:
        """Return the names in a definition."""
        key = id(entry)
        if key not in self._words:
            self._kept[key] = entry  # so that its id stays its own
            text = _COMMENT.sub(" ", entry.text)
            body = entry.piece.body - entry.piece.start if entry.symbol == "function" else -1
            everything = frozenset(_WORD.findall(text))
            head = everything if body < 0 else frozenset(_WORD.findall(entry.text[:body]))
            self._words[key] = Words(all=everything, head=head)
        return self._words[key]

    @cached_property
    def differing(self) -> frozenset[str]:
        """The names whose own definitions differ: of structs the fields, and `sizeof` (B7)."""
        found: set[str] = set()
        for before, after in self._changed:
            names = {*(before.entries if before else ()), *(after.entries if after else ())}
            for name in names:
                found |= self._differences(name)
            for one, other in ((before, after), (after, before)):
                found |= (one.undefined if one else frozenset()) - (other.undefined if other else frozenset())
        return frozenset(found)

    def _differences(self, name: str) -> set[str]:
        before, after = self.pre.entries(name), self.post.entries(name)
        found: set[str] = set()
        for symbols in (("struct", "union"), None):
            one, two = (
                [e for e in entries if (e.symbol in ("struct", "union")) == (symbols is not None)]
                for entries in (before, after)
            )
            if [_normal(e) for e in one] == [_normal(e) for e in two]:
                continue
            if symbols is None:
                found.add(name)
            elif one and two:
                found.add("sizeof")
                found |= fields_that_differ(_fields(name, one), _fields(name, two))
        return found


def fields_that_differ(one: Mapping[str, object], other: Mapping[str, object]) -> set[str]:
    """Return the fields that both versions of a struct have, with another type or place. Text that is the same in
    both versions can name no others."""
    return {name for name in one.keys() & other.keys() if one[name] != other[name]}


def _fields(tag: str, entries: list[Entry]) -> Mapping[str, object]:
    """Return a struct's fields by name as its text alone tells."""
    found: dict[str, object] = {}
    for entry in entries:
        environment = Environment("", entry.text)
        record = environment.record(tag)
        if record is None:  # not read: every word of it may be a field that differs
            return {word: object() for word in _WORD.findall(entry.text)}
        for field in record:
            found[field.name] = (found.get(field.name), entry.config, field)
    return found


def _normal(entry: Entry) -> tuple[str, str | None, str]:
    return entry.symbol, entry.config, " ".join(_COMMENT.sub(" ", entry.text).split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The headers' definitions around a function, for each version."""

    pre: str
    post: str
    complete: bool
    """False where more names than MOST_NAMES are reached, and so not all is in it."""


def excerpt(indexes: TwoIndexes, files: tuple[Environment, Environment], names: tuple[str, str]) -> Excerpt:
    """Return what a function (by its name before and after) reaches of the headers around its files."""
    wide = frozenset[str]()
    if indexes.differing:
        for environment, name in zip(files, names, strict=True):
            wide |= _roots(environment, name, None).words
    one, other = (_roots(files[n], names[n], files[1 - n]) for n in (0, 1))
    chosen = _Choice(indexes, one, other, wide)
    return Excerpt(
        pre=chosen.written(indexes.pre),
        post=chosen.written(indexes.post) if indexes.pre is not indexes.post else chosen.written(indexes.pre),
        complete=chosen.complete,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Roots:
    """The names in a piece of code, and those of them that are members of something."""

    words: frozenset[str]
    members: frozenset[str]


def _read_code(text: str) -> _Roots:
    return _Roots(words=frozenset(_WORD.findall(text)), members=frozenset(_MEMBER.findall(text)))


def _roots(environment: Environment, name: str, other: Environment | None) -> _Roots:
    """Return the names in a function and in what it reaches of its own file; of functions only those that are not the
    same in `other`, where that is given: the engine takes no more of them apart."""
    words: set[str] = set()
    members: set[str] = set()
    seen, waiting = {name}, [name]
    while waiting:
        one = waiting.pop()
        for piece in environment.by_name.get(one, ()):
            text = environment.source.code[piece.start : piece.end]
            if piece.symbol == "macro":
                text = _COMMENT.sub(" ", environment.text_of(piece))
            elif piece.symbol == "function" and one != name and other is not None:
                if text in (other.source.code[like.start : like.end] for like in other.by_name.get(one, ())):
                    continue
            read = _read_code(text)
            words |= read.words
            members |= read.members
            new = {word for word in read.words - seen if word in environment.by_name}
            seen |= new
            waiting.extend(new)
    return _Roots(words=frozenset(words), members=frozenset(members))


class _Choice:
    """What of the headers is written out."""

    def __init__(self, indexes: TwoIndexes, one: _Roots, other: _Roots, wide: frozenset[str]) -> None:
        self.indexes = indexes
        self.words = set(one.words | other.words)
        self.members = set(one.members | other.members)
        self.complete = True
        self.names: dict[str, None] = {}
        self.bodies: set[str] = set()
        """Functions that are written with their bodies."""
        self.tainted = self._tainted(wide)
        self._follow(one.words ^ other.words)

    def _tainted(self, words: Collection[str]) -> frozenset[str]:
        """Return the names reached whose meaning differs between the versions, or that lead to one (B7)."""
        differing = self.indexes.differing
        if not differing:
            return frozenset()
        users: dict[str, set[str]] = {}
        seen, waiting = set(words), list(words)
        while waiting:
            name = waiting.pop()
            if len(seen) > 10 * MOST_NAMES:
                self.complete = False
                break
            for entry in self.indexes.entries(name):
                if entry.symbol in ("struct", "union"):
                    continue
                for word in self.indexes.words(entry).all:
                    users.setdefault(word, set()).add(name)
                    if word not in seen:
                        seen.add(word)
                        waiting.append(word)
        found, waiting = set(seen & differing), list(seen & differing)
        while waiting:
            for user in users.get(waiting.pop(), set()) - found:
                found.add(user)
                waiting.append(user)
        return frozenset(found)

    def _follow(self, one_sided: frozenset[str]) -> None:
        """Gather names by need: from the function's words to constants, types, prototypes; into a struct only where
        one of its fields is named."""
        waiting = [(name, name in one_sided, 0) for name in sorted(self.words)]
        waiting += [(name, False, 0) for name in sorted(self.tainted)]
        closed: dict[str, None] = {}
        """Structs none of whose fields is named so far."""
        while waiting:
            while waiting:
                name, with_body, depth = waiting.pop()
                if name in self.names and not (with_body and name not in self.bodies):
                    continue
                if len(self.names) >= MOST_NAMES:
                    self.complete = False
                    return
                for word, follow, deeper in self._reached(name, with_body, depth, closed):
                    waiting.append((word, follow, deeper))
            for tag in list(closed):
                if self._is_open(tag):
                    del closed[tag]
                    waiting.append((tag, False, 0))

    def _reached(
        self, name: str, with_body: bool, depth: int, closed: dict[str, None]
    ) -> list[tuple[str, bool, int]]:
        found: list[tuple[str, bool, int]] = []
        for entry in self.indexes.entries(name):
            if entry.symbol in ("struct", "union"):
                if not self._is_open(name):
                    closed[name] = None
                    continue
                words = self._field_words(entry)
            elif entry.symbol == "function":
                body = name in self.tainted or (with_body and depth < 2 and self._has_one_body(name))
                words = self.indexes.words(entry).all if body else self.indexes.words(entry).head
                if body:
                    self.bodies.add(name)
                    self._take(entry)
                    found += [(word, True, depth + 1) for word in words]
            else:
                words = self.indexes.words(entry).all
                if entry.symbol == "macro":
                    if not is_written(name, self.indexes.entries(name), self.indexes.differing):
                        continue
                    self._take(entry)
            self.names[name] = None
            found += [(word, False, depth) for word in words if word != name]
        return found

    def _take(self, entry: Entry) -> None:
        read = _read_code(_COMMENT.sub(" ", entry.text))
        self.words |= read.words
        self.members |= read.members

    def _is_open(self, tag: str) -> bool:
        """Say whether a field of a struct is named, or its size asked for."""
        if "sizeof" in self.words and tag in self.tainted:
            return True
        return any(
            not self.members.isdisjoint(self.indexes.words(entry).all)
            for entry in self.indexes.entries(tag)
            if entry.symbol in ("struct", "union")
        )

    def _field_words(self, entry: Entry) -> set[str]:
        """Return the words in the declarations of the fields that are named, and of those that nest."""
        text = _COMMENT.sub(" ", entry.text)
        found: set[str] = set()
        for declaration in re.split(r"[;{}]", text[text.find("{") + 1 :]):
            words = set(_WORD.findall(declaration))
            if words & self.members:
                found |= words
        return found

    def _has_one_body(self, name: str) -> bool:
        """Say whether a call of a name runs a body that is at hand in each configuration."""
        for index in (self.indexes.pre, self.indexes.post):
            entries = index.entries(name)
            if any(entry.symbol != "function" and entry.symbol != "prototype" for entry in entries):
                return False
            configs = [entry.config for entry in entries if entry.symbol == "function"]
            twins = len(configs) == 2 and None not in configs and _opposite(*(one or "" for one in configs))
            if configs and configs != [None] and not twins:
                return False
        return True

    # Writing

    def written(self, index: HeaderIndex) -> str:
        """Return the chosen names' definitions as C, in the order of their names."""
        parts: dict[str, None] = {}
        for name in sorted(self.names):
            entries = index.entries(name)
            for entry in entries:
                if entry.symbol == "macro" and not is_written(name, entries, self.indexes.differing):
                    continue
                if is_hidden(entry, self.indexes.differing, index):
                    continue
                text = _spelled(entry, body=name in self.bodies)
                if entry.config is not None:
                    text = f"#if {entry.config}\n{text}\n#endif"
                parts[text] = None
        return "\n".join((*parts, "")) if parts else ""


def _opposite(one: str, other: str) -> bool:
    return one in (f"!{other}", f"!({other})") or other in (f"!{one}", f"!({one})")


def is_hidden(entry: Entry, differing: Collection[str], index: HeaderIndex) -> bool:
    """Say whether the engine's own tables stand for a definition: they do where the patch leaves it as it is. What is
    #undef'd somewhere is told by nobody."""
    name = entry.name
    if entry.symbol in _TAGS:
        return False
    if name in index.undefined:
        return True
    if name in differing:
        return False
    if entry.symbol == "typedef":
        return name in KERNEL_TYPES or name in OPAQUE_TYPES
    return is_tabled(name) or (entry.symbol == "macro" and is_tabled_function(name))


def is_written(name: str, entries: tuple[Entry, ...], differing: Collection[str]) -> bool:
    """Say whether a macro's definitions tell the engine anything that it can read."""
    bodies = [_body(entry) for entry in entries if entry.symbol == "macro"]
    if name in differing:
        return True
    others = any(entry.symbol in ("function", "prototype") for entry in entries)
    if all(parameters is None for parameters, _ in bodies):
        if all(_is_constant(body) for _, body in bodies):
            return True
        return len({body for _, body in bodies}) == 1 and not others and _is_plain(entries, bodies[0][1])
    if len(bodies) > 1 or others or any(entry.config for entry in entries):
        return not any(body.startswith(("for", "while", "if")) for _, body in bodies)
    return _is_plain(entries, bodies[0][1])


def _is_plain(entries: tuple[Entry, ...], body: str) -> bool:
    """Say whether a macro is one expression that the lowering reads."""
    sure = all(entry.config is None for entry in entries if entry.symbol == "macro")
    return sure and 0 < len(body) <= LONGEST_MACRO and not _OPAQUE.search(body) and body[0] not in "=,.["


def _body(entry: Entry) -> tuple[str | None, str]:
    text = " ".join(_COMMENT.sub(" ", _SPLICE.sub(" ", entry.text)).split())
    found = _DEFINE.match(text)
    return (found.group(1), text[found.end() :].strip()) if found else (None, "")


def _is_constant(body: str) -> bool:
    """Say whether a macro's body is made of numbers, operators and UPPER_CASE names."""
    if not body or not _CONSTANT.fullmatch(body):
        return False
    return all(_UPPER.match(word) for word in _WORD.findall(_NUMBER.sub("0", body)) if word not in _CASTS)


_CASTS = frozenset({"__force", "unsigned", "signed", "long", "int", "char", "short", "gfp_t", *KERNEL_TYPES})


def _spelled(entry: Entry, *, body: bool) -> str:
    """Return a definition as C: comments out, a function without its body where that is not asked for."""
    piece, source = entry.piece, entry.source
    if entry.symbol == "macro":
        return entry.text
    if entry.symbol == "function" and piece.body >= 0 and not body:
        return " ".join(source.code[piece.start : piece.body].split()) + ";"
    text = source.code[piece.start : piece.end]
    return "\n".join(line.rstrip() for line in text.split("\n") if line.strip())

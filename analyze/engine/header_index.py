"""What the headers around a file define, by name, before and after a patch, and what of it differs (B8)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

from ..conditions import conjunction
from ..lexical import scan
from ..outline import cut
from .ctype import Array
from .declare import Field
from .environment import Environment
from .header import KEYWORDS, Entry, Header
from .prelude import prelude_text

WORD = re.compile(r"[A-Za-z_]\w*")
_STRUCT = re.compile(r"\b(?:struct|union)\s+(\w+)\b(?!\s*\*)")
_COMMENT = re.compile(r"/\*(?:[^*]++|\*(?!/))*+(?:\*/)?+|//[^\n]*+")
ASKING = ("sizeof", "offsetof", "Offsetof", "offsetofend", "sizeof_field", "struct_size", "flex_array_size")
"""Words that ask for a size or an offset (include/linux/stddef.h, overflow.h)."""
_POSITIONAL = re.compile(
    r"\b(?:struct|union)\s+(\w+)\b[^;(){}]{0,200}=\s*\{\s*[^.}\s]"
    r"|\(\s*(?:const\s+)?(?:struct|union)\s+(\w+)\s*(?:\[\w*\]\s*)?\)\s*\{\s*[^.}\s]"
)
"""An initialiser without designators (of an array's elements too), with the struct's tag."""
_LENGTH = re.compile(r"\[[^\[\]]*\]")
MOST_TWINS = 64
"""Definitions of one name that are told apart; a name with more is taken for undeclared."""
MOST_STRUCTS = 500
"""Changed structs whose fields are read."""


def plain(text: str) -> str:
    """Return a text without its comments."""
    return _COMMENT.sub(" ", text)


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

    def all(self) -> Iterator[tuple[str, Entry]]:
        """Yield every definition."""
        for name, entries in self._found.items():
            for entry, _ in entries:
                yield name, entry

    def over(self, *others: HeaderIndex, lent: Collection[str]) -> HeaderIndex:
        """Return these definitions, and those of others by names of `lent` that have none here."""
        found = HeaderIndex(())
        for one in reversed(others):
            found._found.update((name, one._found[name]) for name in lent if name in one._found)
            found.undefined |= one.undefined
        found._found.update(self._found)
        found.undefined |= self.undefined
        return found

    def entries(self, name: str) -> tuple[Entry, ...]:
        """Return all definitions of a name, each under its header's condition too."""
        if name not in self._entries:
            found = self._found.get(name, ())
            self._entries[name] = tuple(
                entry if config is None else replace(entry, config=_joined(config, entry.config))
                for entry, config in (found if len(found) <= MOST_TWINS else ())
            )
        return self._entries[name]


def _joined(one: str, other: str | None) -> str | None:
    return conjunction([one] if other is None or other == one else [one, other])


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The names in a definition: in all of it, and in what is left of a function without its body."""

    all: frozenset[str]
    head: frozenset[str]


@cache
def prelude_words() -> dict[str, frozenset[str]]:
    """Return the names in each macro of the prelude."""
    source = scan(prelude_text())
    pieces = [piece for piece in cut(source) if piece.symbol == "macro"]
    return {piece.name: frozenset(WORD.findall(source.text[piece.start : piece.end])) for piece in pieces}


class Sizes:
    """Which text asks for the size of one of some structs: text that says sizeof, itself or through macros,
    and names the struct's tag, or a field that leads to one (B8)."""

    def __init__(
        self, resized: frozenset[str], structs: Iterable[str], macros: Mapping[str, Collection[str]]
    ) -> None:
        users: dict[str, set[str]] = {}
        for name, words in macros.items():
            for word in words:
                users.setdefault(word, set()).add(name)
        for name, words in prelude_words().items():
            for word in words:
                users.setdefault(word, set()).add(name)
        self._asking = closed(set(ASKING), users)
        self._asked = {
            word for text in structs for words in declarations(text) if words & resized for word in words
        }
        self._asked |= resized
        self._resized = resized

    def asks(self, text: str, words: Collection[str]) -> bool:
        """Say whether a definition with these words does, or counts a struct's fields in an initialiser."""
        if self._resized.isdisjoint(words) and self._asked.isdisjoint(words):
            return False
        if not self._asking.isdisjoint(words):
            return True
        return any(not self._resized.isdisjoint(found) for found in _POSITIONAL.findall(text))


class TwoIndexes:
    """The headers around a file before and after a patch. `changed` are those whose texts differ."""

    def __init__(
        self, pre: HeaderIndex, post: HeaderIndex, changed: Iterable[tuple[Header | None, Header | None]]
    ):
        self.pre, self.post = pre, post
        self._changed = tuple(changed)
        self._words: dict[int, Words] = {}
        self._kept: dict[int, Entry] = {}

    def over(self, *others: TwoIndexes, lent: Collection[str]) -> TwoIndexes:
        """Return these headers, and what others define by names of `lent` that have no definition here."""
        changed = {tuple(map(id, both)): both for index in (self, *others) for both in index._changed}
        return TwoIndexes(
            self.pre.over(*(one.pre for one in others), lent=lent),
            self.post.over(*(one.post for one in others), lent=lent),
            changed.values(),
        )

    def entries(self, name: str) -> tuple[Entry, ...]:
        """Return a name's definitions of both versions."""
        before = self.pre.entries(name)
        return before if self.pre is self.post else (*before, *self.post.entries(name))

    def words(self, entry: Entry) -> Words:
        """Return the names in a definition."""
        key = id(entry)
        if key not in self._words:
            self._kept[key] = entry  # so that its id stays its own
            text = plain(entry.text)
            body = entry.piece.body - entry.piece.start if entry.symbol == "function" else -1
            everything = frozenset(WORD.findall(text))
            head = everything if body < 0 else frozenset(WORD.findall(entry.text[:body]))
            self._words[key] = Words(all=everything, head=head)
        return self._words[key]

    @cached_property
    def _own(self) -> set[str]:
        """The names whose own definitions differ, structs aside."""
        found: set[str] = set()
        for before, after in self._changed:
            found |= {name for name in _names(before, after) if self._differ(name, in_structs=False)}
            for one, other in ((before, after), (after, before)):
                found |= (one.undefined if one else frozenset()) - (other.undefined if other else frozenset())
        return found

    @cached_property
    def _others(self) -> set[str]:
        """These, and the types, constants and macros that they lead to."""
        found = self._own
        users: dict[str, set[str]] = {}
        for index in (self.pre, self.post) if found else ():
            for name, entry in index.all():
                for word in (
                    self.words(entry).all if entry.symbol in ("typedef", "macro", "enumerator") else ()
                ):
                    users.setdefault(word, set()).add(name)
        return closed(found, users)

    @cached_property
    def resized(self) -> frozenset[str]:
        """The structs and unions whose size may differ: their text, what it names, or what they hold."""
        found = {
            name
            for before, after in self._changed
            for name in _names(before, after)
            if self._differ(name, in_structs=True)
        }
        if self._others:
            found |= {one.name for one in self._structs() if self._others & self.words(one).all}
        holders: dict[str, set[str]] = {}
        for entry in self._structs() if found else ():
            for tag in _STRUCT.findall(entry.text):
                holders.setdefault(tag, set()).add(entry.name)
        return frozenset(closed(found, holders))

    @cached_property
    def differing(self) -> frozenset[str]:
        """The names whose own definitions differ: of structs the fields (B8)."""
        found = self._own | self._fields_of(self._others)
        if self.resized:
            own = [tag for tag in self.resized if self._differ(tag, in_structs=True)]
            for number, tag in enumerate(own):
                versions = [_structs(index.entries(tag)) for index in (self.pre, self.post)]
                read = number < MOST_STRUCTS
                found |= fields_that_differ(*(_fields(tag, one, read=read) for one in versions))
        return frozenset(found)

    def _fields_of(self, names: set[str]) -> set[str]:
        """Return the words in the declarations of fields whose types are among `names`."""
        found: set[str] = set()
        for entry in self._structs():
            if names & self.words(entry).all:
                for words in declarations(entry.text):
                    found |= words if names & words else set()
        return found

    @cached_property
    def sizes(self) -> Sizes:
        """Who asks for the size of a struct that differs."""
        if not self.resized:
            return Sizes(frozenset(), (), {})
        structs = (entry.text for entry in self._structs())
        macros: dict[str, set[str]] = {}
        for index in (self.pre, self.post):
            for name, entry in index.all():
                if entry.symbol == "macro":
                    macros.setdefault(name, set()).update(self.words(entry).all)
        return Sizes(self.resized, structs, macros)

    def _structs(self) -> Iterator[Entry]:
        for index in (self.pre, self.post):
            yield from (entry for _, entry in index.all() if entry.symbol in ("struct", "union"))

    def _differ(self, name: str, *, in_structs: bool) -> bool:
        """Say whether a name's definitions differ: as a struct's tag, where both versions have one, or as all
        else."""
        both = []
        for index in (self.pre, self.post):
            structs = _structs(index.entries(name))
            both.append(structs if in_structs else [one for one in index.entries(name) if one not in structs])
        if in_structs and not all(both):
            return False
        return [_normal(one) for one in both[0]] != [_normal(one) for one in both[1]]


def _names(*headers: Header | None) -> set[str]:
    return {name for header in headers if header is not None for name in header.entries}


def _structs(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.symbol in ("struct", "union")]


def declarations(text: str, *, lengths: bool = False) -> Iterator[set[str]]:
    """Yield the words of each declaration in a struct's text, with the lengths of arrays or without."""
    text = plain(text) if lengths else _LENGTH.sub("", plain(text))
    for declaration in re.split(r"[;{}]", text[text.find("{") + 1 :]):
        yield set(WORD.findall(declaration)) - KEYWORDS


def fields_that_differ(one: Mapping[str, object], other: Mapping[str, object]) -> set[str]:
    """Return the fields that both versions of a struct have, with another type or place. Text that is the
    same in both versions can name no others."""
    return {name for name in one.keys() & other.keys() if one[name] != other[name]}


def without_length(field: Field) -> Field:
    """Return a field as all but sizes depend on it: how long an array is says nothing of its elements."""
    ctype = field.type
    while isinstance(ctype, Array) and ctype.length is not None:
        ctype = Array(of=ctype.of, length=None)
    return replace(field, type=ctype)


def closed(names: set[str], users: Mapping[str, set[str]]) -> set[str]:
    """Return `names` and all that uses one of them, directly or not."""
    found, waiting = set(names), list(names)
    while waiting:
        for user in users.get(waiting.pop(), set()) - found:
            found.add(user)
            waiting.append(user)
    return found


def _fields(tag: str, entries: list[Entry], *, read: bool) -> Mapping[str, object]:
    """Return a struct's fields by name as its text alone tells."""
    found: dict[str, object] = {}
    for entry in entries:
        record = Environment("", entry.text).record(tag) if read else None
        if record is None:  # not read: every word of it may be a field that differs
            return {word: object() for word in WORD.findall(entry.text)}
        for field in record:
            found[field.name] = (found.get(field.name), entry.config, without_length(field))
    return found


def _normal(entry: Entry) -> tuple[str, str | None, str]:
    return entry.symbol, entry.config, " ".join(plain(entry.text).split())

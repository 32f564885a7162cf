"""Which names mean something else in the other version's text (rules B7, C4)."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from ..lexical import blank
from .declare import Field
from .environment import Environment
from .header import KEYWORDS
from .header_index import Sizes, closed, without_length

_WORD = re.compile(r"[A-Za-z_]\w*")
_ENUM = re.compile(r"\benum\b(?:[\w\s]|\(\([^{};]*?\)\))*+\{([^}]*)\}")  # attributes before the name
_ENUMERATOR = re.compile(r"(?:^|,)\s*([A-Za-z_]\w*)")
_STRUCT = re.compile(r"\b(?:struct|union)\s+(\w+)\b(?!\s*\*)")
SIZE = "sizeof "
"""In front of a struct's tag: its size, as a name."""
_TYPES = ("struct", "union", "enum", "typedef")


class Meanings:
    """The definitions of one text and of the headers around it by name, normalised; enumerators count as
    names of their enum.

    A header's struct is not among them: text that is the same in both versions depends on the fields that it
    names, and on the size (`fields`, `sizes`; docs/engine.md, B8).
    """

    def __init__(self, environment: Environment) -> None:
        self.texts: dict[str, str] = {}
        self.types: set[str] = set()
        self.fields: dict[tuple[str, str], Field] = {}
        self.members: set[tuple[str, str]] = set()
        """Each struct's fields, the file's structs included."""
        self.sizes: dict[str, str] = {}
        self.layouts: dict[str, tuple[Field, ...]] = {}
        self._read(environment)
        if environment.headers is not None:
            self._read(environment.headers, headers=True)

    def _read(self, environment: Environment, *, headers: bool = False) -> None:
        for (symbol, name), pieces in environment.pieces.items():
            if symbol == "other":
                continue
            for piece in pieces:
                text = f"{piece.config}|{_plain(environment, piece.start, piece.end)}"
                if headers and symbol in ("struct", "union"):
                    self.sizes[name] = f"{self.sizes.get(name, '')}\n{text}"
                else:
                    self._add(name, symbol, text)
                for body in _ENUM.findall(text):
                    for word in dict.fromkeys(_ENUMERATOR.findall(body)):
                        value = environment.constant(word)
                        self._add(word, "enumerator", body if value is None else f"{value.value}")
            if symbol in ("struct", "union"):
                self.members |= {(name, one.name) for one in environment.record(name) or ()}
            if headers and symbol in ("struct", "union"):
                fields = environment.record(name) or ()
                self.fields |= {(name, one.name): without_length(one) for one in fields}
                self.layouts[name] = fields
        order = _order(environment) if environment.undefined else ""
        for name in environment.undefined:
            self._add(name, "undef", order)

    def _add(self, name: str, symbol: str, text: str) -> None:
        if name in KEYWORDS:
            return
        self.texts[name] = f"{self.texts.get(name, '')}\n{symbol}|{text}"
        if symbol in _TYPES:
            self.types.add(name)


def _order(environment: Environment) -> str:
    """Return all directives of a text between the names of those of its definitions that name what is
    undefined somewhere, in their conditions too and by macros, which may paste the name: what that means
    there depends on the place."""
    found = [(one.start, f"#{one.name} {one.argument}") for one in environment.source.directives]
    placed = set(environment.undefined)
    users: dict[str, set[str]] = {}
    texts = (environment,) if environment.headers is None else (environment, environment.headers)
    for owner in texts:
        for (symbol, name), pieces in owner.pieces.items():
            for piece in pieces if symbol == "macro" else ():
                text = owner.text_of(piece)
                placed |= {name} if "##" in text else set()
                for word in _WORD.findall(f"{text} {piece.config}"):
                    users.setdefault(word, set()).add(name)
    placed = closed(placed, users)
    for (symbol, name), pieces in environment.pieces.items():
        found += [
            (piece.start, f"{symbol} {name}")
            for piece in pieces
            if not placed.isdisjoint(_WORD.findall(f"{environment.text_of(piece)} {piece.config}"))
        ]
    return "\n".join(text for _, text in sorted(found))


def _plain(environment: Environment, start: int, end: int) -> str:
    """Return a definition's text without comments, with single blanks."""
    source = environment.source
    text = source.text[start:end]
    for first, last in source.comments:
        if first < end and last > start:
            low, high = max(first, start) - start, min(last, end) - start
            text = text[:low] + blank(text[low:high]) + text[high:]
    return " ".join(text.split())


def _resized(before: Meanings, after: Meanings) -> frozenset[str]:
    """Return the tags of headers' structs that differ by their text or their fields' types, or that hold one
    that does."""
    pre, post = before.sizes, after.sizes
    both = pre.keys() & post.keys()
    found = {
        tag for tag in both if pre[tag] != post[tag] or before.layouts.get(tag) != after.layouts.get(tag)
    }
    holders: dict[str, set[str]] = {}
    for tag, text in (*pre.items(), *post.items()):
        for held in _STRUCT.findall(text):
            holders.setdefault(held, set()).add(tag)
    return frozenset(closed(found, holders))


def _renamed(pre: Collection[tuple[str, str]], post: Collection[tuple[str, str]]) -> frozenset[str]:
    """Return the fields that may be one under two names: what a struct of both versions has in one alone."""
    lost = {key for key in pre if key not in post}
    new = {key for key in post if key not in pre}
    tags = {tag for tag, _ in lost} & {tag for tag, _ in new}
    return frozenset(name for tag, name in (*lost, *new) if tag in tags)


@lru_cache(maxsize=16)
def meanings(environment: Environment) -> Meanings:
    """Return an environment's definitions; kept, since an environment never changes."""
    return Meanings(environment)


class Surroundings:
    """Two environments side by side."""

    def __init__(self, pre: Environment, post: Environment) -> None:
        self.equal = pre.key == post.key
        self.pre, self.post = meanings(pre), meanings(post)
        self._resized = _resized(self.pre, self.post)
        shared = self.pre.fields.keys() & self.post.fields.keys()
        self._fields = {key[1] for key in shared if self.pre.fields[key] != self.post.fields[key]}
        unread = [
            self.pre.sizes[tag] + self.post.sizes[tag]
            for tag in self._resized
            if tag in self.pre.sizes and tag in self.post.sizes and not any(key[0] == tag for key in shared)
        ]
        self._fields |= {word for text in unread for word in _WORD.findall(text)} - KEYWORDS
        self._sizes = self._find_sizes()
        self.renamed = _renamed(self.pre.members, self.post.members)
        """Fields that a struct of one version has and the other's lacks, where that has others instead."""
        self._known: dict[tuple[str, frozenset[str]], bool] = {}

    def changed(self, name: str, without: frozenset[str] = frozenset()) -> bool:
        """Say whether a name, or anything that its definition reaches, is defined differently.

        `without` are names that are held to be the same (under proof themselves: C4).
        """
        if self.equal:
            return False
        key = (name, without)
        if key in self._known:
            return self._known[key]
        found = False
        seen, waiting = {name}, [name]
        while waiting and not found:
            one = waiting.pop()
            if one.startswith(SIZE):
                found = one.removeprefix(SIZE) in self._resized or self.changed(
                    one.removeprefix(SIZE), without
                )
                continue
            before, after = self.pre.texts.get(one), self.post.texts.get(one)
            found = before != after or one in self._fields
            words = set(_WORD.findall(before or ""))
            found = found or (self._sizes is not None and self._sizes.asks(before or "", words))
            for word in words:
                if word not in seen and word not in without and self._is_known(word):
                    seen.add(word)
                    waiting.append(word)
        self._known[key] = found
        return found

    def _find_sizes(self) -> Sizes | None:
        if not self._resized:
            return None
        macros: dict[str, set[str]] = {}
        for name, text in (*self.pre.texts.items(), *self.post.texts.items()):
            if "\nmacro|" in text:
                macros.setdefault(name, set()).update(_WORD.findall(text))
        return Sizes(self._resized, (*self.pre.sizes.values(), *self.post.sizes.values()), macros)

    def _is_known(self, word: str) -> bool:
        return word in self.pre.texts or word in self.post.texts or word in self._fields

    def lacks(self, side: int, name: str) -> bool:
        """Say whether one version (0: before, 1: after) does not define a name, and the other does."""
        both = (self.pre.texts.get(name), self.post.texts.get(name))
        return both[side] is None and both[1 - side] is not None

    def differs(self, name: str) -> bool:
        """Say whether a name's own definition differs."""
        return not self.equal and self.pre.texts.get(name) != self.post.texts.get(name)

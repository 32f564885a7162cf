"""Which names mean something else in the other version's text (rules B7, C4)."""

from __future__ import annotations

import re
from functools import lru_cache

from ..lexical import blank
from .environment import Environment

_WORD = re.compile(r"[A-Za-z_]\w*")
_ENUM = re.compile(r"\benum\b(?:\s*__attribute__\s*\(\(.*?\)\))?[^{;()]*\{([^}]*)\}")
"""An enum's body; that of a function with an enum among its parameters is none."""
_ENUMERATOR = re.compile(r"(?:^|,)\s*([A-Za-z_]\w*)")
_TYPES = ("struct", "union", "enum", "typedef")


class Meanings:
    """The definitions of one text by name, normalised; enumerators count as names of their enum."""

    def __init__(self, environment: Environment) -> None:
        self.texts: dict[str, str] = {}
        self.types: set[str] = set()
        for (symbol, name), pieces in environment.pieces.items():
            if symbol == "other":
                continue
            for piece in pieces:
                text = f"{piece.config}|{_plain(environment, piece.start, piece.end)}"
                self._add(name, symbol, text)
                for body in _ENUM.findall(text):
                    for word in dict.fromkeys(_ENUMERATOR.findall(body)):
                        value = environment.constant(word)
                        self._add(word, "enumerator", body if value is None else f"{value.value}")
        order = _order(environment) if environment.undefined else ""
        for name in environment.undefined:
            self._add(name, "undef", order)

    def _add(self, name: str, symbol: str, text: str) -> None:
        self.texts[name] = f"{self.texts.get(name, '')}\n{symbol}|{text}"
        if symbol in _TYPES:
            self.types.add(name)


def _order(environment: Environment) -> str:
    """Return a file's directives and the names that it defines, in order: what a name under #undef means at a
    place depends on what stands in front of it, not on the bodies between."""
    found = [(one.start, f"#{one.name} {one.argument}") for one in environment.source.directives]
    for (symbol, name), pieces in environment.pieces.items():
        found += [(piece.start, f"{symbol} {name}") for piece in pieces if symbol != "macro"]
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


@lru_cache(maxsize=16)
def meanings(environment: Environment) -> Meanings:
    """Return an environment's definitions; kept, since an environment never changes."""
    return Meanings(environment)


class Surroundings:
    """Two environments side by side."""

    def __init__(self, pre: Environment, post: Environment) -> None:
        self.equal = pre.digest == post.digest
        self.pre, self.post = meanings(pre), meanings(post)
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
            before, after = self.pre.texts.get(one), self.post.texts.get(one)
            found = before != after
            for word in _WORD.findall(before or ""):
                if (
                    word not in seen
                    and word not in without
                    and (word in self.pre.texts or word in self.post.texts)
                ):
                    seen.add(word)
                    waiting.append(word)
        self._known[key] = found
        return found

    def differs(self, name: str) -> bool:
        """Say whether a name's own definition differs."""
        return not self.equal and self.pre.texts.get(name) != self.post.texts.get(name)

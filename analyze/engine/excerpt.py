"""What two versions of a function reach of the headers around them, cut out as one short text a version.

Headers hold twenty thousand definitions, a function names a few dozen. The excerpt is what the engine is
given as the file's `outer` environment: small, printable, the same everywhere (docs/engine.md, section 11).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from .environment import Environment
from .header import KEYWORDS, Entry
from .header_index import WORD, HeaderIndex, TwoIndexes, declarations, plain
from .kernel_types import KERNEL_TYPES, OPAQUE_TYPES
from .lower.macro import is_constant
from .lower.tabled import is_tabled, is_tabled_function

MOST_NAMES = 4000
"""Names of headers that are followed for one function."""
LONGEST_MACRO = 400
REACHES = "lorelens_reaches_"
"""In front of an inline function's name: a macro whose body is the words that its body leads to."""
MOST_REACHED = 250
"""Names that one inline function may lead to, for these to be told."""
_UNTOLD = re.compile(
    r"##|(?:->|\.)\s*\w+\s*\(|\(\s*\*\s*\w+\s*\)\s*\(|\]\s*\(|(?:->|\.)\s*\w+\s*\)\s*\("
    r"|\b(?!(?:if|for|while|switch|return|sizeof|typeof|__typeof__)\b)\w+\s*\([^()]*\)\s*\("
    r"|\bstatic_call|\b(?:guard|scoped_\w+|CLASS)\b|__free\b|__cleanup"
)
"""What may call something that has no word in the text."""
_CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
DEEPEST = 4
"""How deep bodies of static inlines are followed."""
_MEMBER = re.compile(r"(?:->|\.)\s*([A-Za-z_]\w*)")
_TAGS = ("struct", "union", "enum")
_OPAQUE = re.compile(
    r"[{};#]|\b(?:asm|_Generic|_Pragma|__builtin_\w+|__attribute__|__extension__|__auto_type)\b"
)
_DEFINE = re.compile(r"#[ \t]*define[ \t]+\w+(\([^)]*\))?")
_BEHIND = re.compile(
    r"\}\s*(?:_{2,}(?:randomize_layout|no_randomize_layout|packed|cacheline_\w+|attribute__\s*\(\(.{0,200}?\)\)|aligned\(\w{1,60}\))\s*)+(?=;)"
)
"""Attributes of a struct, which say nothing of its fields."""
_SPLICE = re.compile(r"\\\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The headers' definitions around a function, for each version."""

    pre: str
    post: str
    complete: bool
    """False where more names than MOST_NAMES are reached, and so not all is in it."""


def excerpt(indexes: TwoIndexes, files: tuple[Environment, Environment], names: tuple[str, str]) -> Excerpt:
    """Return what a function (by its name before and after) reaches of the headers around its files."""
    unlike = bool(indexes.differing or indexes.resized)
    own = [_roots(files[n], names[n], files[1 - n]) for n in (0, 1)]
    one, other = (_roots(files[n], names[n], None) if unlike else own[n] for n in (0, 1))
    chosen = _Choice(indexes, one, other, own[0].words | own[1].words)
    return Excerpt(
        pre=chosen.written(indexes.pre),
        post=chosen.written(indexes.post) if indexes.pre is not indexes.post else chosen.written(indexes.pre),
        complete=chosen.complete,
    )


def reach(files: tuple[Environment, Environment], names: tuple[str, str]) -> frozenset[str]:
    """Return the words of both versions of a function, and of what they reach in their files that differs."""
    own = (_roots(files[n], names[n], files[1 - n]) for n in (0, 1))
    return frozenset(word for one in own for word in one.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Roots:
    """The names in a piece of code, and those of them that are members of something."""

    words: frozenset[str]
    members: frozenset[str]


def _read_code(text: str) -> _Roots:
    return _Roots(words=frozenset(WORD.findall(text)), members=frozenset(_MEMBER.findall(text)))


def _roots(environment: Environment, name: str, other: Environment | None) -> _Roots:
    """Return the names in a function and in what it reaches of its own file; of functions only those that are
    not the same in `other`, where that is given: the engine takes no more of them apart."""
    words: set[str] = set()
    members: set[str] = set()
    same = (
        {
            other.text_of(piece)
            for (symbol, _), found in other.pieces.items()
            if symbol == "function"
            for piece in found
        }
        if other
        else set()
    )
    seen, waiting = {name}, [name]
    while waiting:
        one = waiting.pop()
        for piece in environment.by_name.get(one, ()):
            text = environment.source.code[piece.start : piece.end]
            if piece.symbol == "macro":
                text = plain(environment.text_of(piece))
            elif one != name and environment.text_of(piece) in same:
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

    def __init__(self, indexes: TwoIndexes, one: _Roots, other: _Roots, named: frozenset[str]) -> None:
        """`named` are the words of the text that is not the same in both versions, one's own included."""
        self.indexes = indexes
        self.words = set(one.words | other.words)
        self.members = set(one.members | other.members | indexes.differing)
        self.complete = True
        self.names: dict[str, None] = {}
        self.writing: dict[str, None] = {}
        """Macros that do what no function does, whether they are written here or not."""
        self.bodies: set[str] = set()
        """Functions that are written with their bodies."""
        self.tainted = self._tainted(self.words)
        self._follow(one.words ^ other.words | named)

    def _tainted(self, words: Collection[str]) -> frozenset[str]:
        """Return the names reached whose meaning differs between the versions, or that lead to one (B7)."""
        differing = self.indexes.differing
        if not differing and not self.indexes.resized:
            return frozenset()
        users: dict[str, set[str]] = {}
        found: set[str] = set()
        seen, waiting = set(words), list(words)
        while waiting:
            name = waiting.pop()
            if len(seen) > 10 * MOST_NAMES:
                self.complete = False
                break
            for entry in self.indexes.entries(name):
                if entry.symbol in ("struct", "union"):
                    continue
                if self.indexes.sizes.asks(entry.text, self.indexes.words(entry).all):
                    found.add(name)
                for word in self.indexes.words(entry).all:
                    users.setdefault(word, set()).add(name)
                    if word not in seen:
                        seen.add(word)
                        waiting.append(word)
        found |= seen & differing
        waiting = list(found)
        while waiting:
            for user in users.get(waiting.pop(), set()) - found:
                found.add(user)
                waiting.append(user)
        return frozenset(found)

    def _follow(self, opened: frozenset[str]) -> None:
        """Gather names by need: from the function's words to constants, types, prototypes; into a struct only
        where one of its fields is named."""
        waiting = [(name, name in opened, 0) for name in sorted(self.words)]
        waiting += [(name, False, 0) for name in sorted(self.tainted | self.indexes.resized)]
        waiting += [(name, False, 0) for name in sorted(self.indexes.differing)]
        closed: dict[str, None] = {}
        """Structs none of whose fields is named so far."""
        while waiting:
            known = len(self.members)
            while waiting:
                name, with_body, depth = waiting.pop()
                if name in self.names and not (with_body and name not in self.bodies):
                    continue
                if len(self.names) >= MOST_NAMES:
                    self.complete = False
                    return
                for word, follow, deeper in self._reached(name, with_body, depth, closed):
                    waiting.append((word, follow, deeper))
            for tag in list(closed) if len(self.members) > known else ():
                if self._is_open(tag):
                    del closed[tag]
                    waiting.append((tag, False, 0))

    def _reached(
        self, name: str, with_body: bool, depth: int, closed: dict[str, None]
    ) -> list[tuple[str, bool, int]]:
        found: list[tuple[str, bool, int]] = []
        words: Collection[str]
        for entry in self.indexes.entries(name):
            if entry.symbol == "macro" and _may_write(entry):
                self.writing[name] = None
            if is_hidden(entry, self.indexes.differing, self.indexes.pre):
                continue
            if entry.symbol in ("struct", "union"):
                if not self._is_open(name):
                    closed[name] = None
                    continue
                words = self._field_words(entry)
            elif entry.symbol == "function":
                body = name in self.tainted or (with_body and depth < DEEPEST and self._has_one_body(name))
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
        read = _read_code(plain(entry.text))
        self.words |= read.words
        self.members |= read.members

    def _is_open(self, tag: str) -> bool:
        """Say whether a field of a struct is named, or the struct is another after the patch."""
        return tag in self.indexes.resized or any(
            not self.members.isdisjoint(self.indexes.words(entry).all)
            for entry in self.indexes.entries(tag)
            if entry.symbol in ("struct", "union")
        )

    def _field_words(self, entry: Entry) -> set[str]:
        """Return the words in the declarations of the fields that are named, and of those that nest."""
        return {
            word for words in declarations(entry.text, lengths=True) if words & self.members for word in words
        }

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

    def _reached_by(self, name: str, index: HeaderIndex) -> set[str] | None:
        """Return the words that an inline function's body leads to, through inline functions and macros; None
        where they are too many, or do not tell all that it may call."""
        seen, waiting = {name}, [name]
        while waiting:
            for entry in index.entries(waiting.pop()):
                if entry.symbol not in ("function", "macro"):
                    continue
                text = plain(entry.text)
                if len(seen) > MOST_REACHED or _calls_unnamed(text, index):
                    return None
                more = self.indexes.words(entry).all - seen
                seen |= more
                waiting += more
        return seen

    # Writing

    def written(self, index: HeaderIndex) -> str:
        """Return the chosen names' definitions as C, in the order of their names."""
        parts: dict[str, None] = {}
        for name in sorted(self.writing):
            if name not in self.names and not is_tabled(name) and not is_tabled_function(name):
                parts[f"#define {name}(...)\n#undef {name}"] = None  # a macro, and no more is told (C7)
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
            if name not in self.bodies and any(_says_inline(entry) for entry in entries):
                words = self._reached_by(name, index)
                if words is not None:
                    parts[f"#define {REACHES}{name} {' '.join(sorted(words))}"] = None
        return "\n".join((*parts, "")) if parts else ""


def _calls_unnamed(text: str, index: HeaderIndex) -> bool:
    """Say whether a text may call something that has no word in it, or calls by a name that is a variable's:
    one of the headers', a parameter or a local, which it names without a call as well."""
    if _UNTOLD.search(_DEFINE.sub("", text, count=1)):
        return True
    called = set(_CALL.findall(text)) - KEYWORDS
    symbols = {name: {entry.symbol for entry in index.entries(name)} for name in called}
    return any(
        "variable" in found or (not found and re.search(rf"\b{name}\b(?!\s*\()", text))
        for name, found in symbols.items()
    )


def _says_inline(entry: Entry) -> bool:
    head = entry.text[: max(0, entry.piece.body - entry.piece.start)]
    return entry.symbol == "function" and re.search(r"\b(?:__always_|__)?inline\b", head) is not None


def _opposite(one: str, other: str) -> bool:
    return one in (f"!{other}", f"!({other})") or other in (f"!{one}", f"!({one})")


def is_hidden(entry: Entry, differing: Collection[str], index: HeaderIndex) -> bool:
    """Say whether the engine's own tables stand for a definition: they do where the patch leaves it as it is.
    What is #undef'd somewhere is told by nobody."""
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
        if all(is_constant(body) for _, body in bodies):
            return True
        if others:
            return True  # so that a call of it is known for one of a macro
        return len({body for _, body in bodies}) == 1 and _is_plain(entries, bodies[0][1])
    if len(bodies) > 1 or others or any(entry.config for entry in entries):
        return not any(body.startswith(("for", "while", "if")) for _, body in bodies)
    return _is_plain(entries, bodies[0][1])


def _is_plain(entries: tuple[Entry, ...], body: str) -> bool:
    """Say whether a macro is one expression that the lowering reads."""
    sure = all(entry.config is None for entry in entries if entry.symbol == "macro")
    return sure and 0 < len(body) <= LONGEST_MACRO and not _OPAQUE.search(body) and body[0] not in "=,.["


def _body(entry: Entry) -> tuple[str | None, str]:
    text = " ".join(plain(_SPLICE.sub(" ", entry.text)).split())
    found = _DEFINE.match(text)
    return (found.group(1), text[found.end() :].strip()) if found else (None, "")


_WRITTEN = (
    r"(?:(?:^|[^\w)\s&])\s*&|\+\+|--)\s*\(*\s*NAME\b"
    r"|\bNAME\b\s*\)*\s*(?:\+\+|--|(?:<<|>>|[-+*/%&|^])?=(?!=))"
)
"""A parameter's address, or an assignment to it."""


def _may_write(entry: Entry) -> bool:
    """Say whether a macro with parameters assigns one of them, takes its address, or leaves its user; a
    loop's head is read in its own way (L7)."""
    parameters, body = _body(entry)
    if parameters is None or body.startswith(("for", "while", "if")):
        return False
    if re.search(r"\b(?:return|goto)\b", body):
        return True
    return any(
        re.search(_WRITTEN.replace("NAME", name), body) for name in re.findall(r"[A-Za-z_]\w*", parameters)
    )


def _spelled(entry: Entry, *, body: bool) -> str:
    """Return a definition as C: comments out, a function without its body where that is not asked for."""
    piece, source = entry.piece, entry.source
    if entry.symbol == "macro":
        return entry.text
    if entry.symbol == "function" and piece.body >= 0 and not body:
        return " ".join(source.code[piece.start : piece.body].split()) + ";"
    text = _BEHIND.sub("}", source.code[piece.start : piece.end])
    return "\n".join(line.rstrip() for line in text.split("\n") if line.strip())

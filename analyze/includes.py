"""The headers that a file includes, found in a source tree, transitively (docs/engine.md, section 11).

Nothing outside the tree is read: a path that leaves it is no header (SourceTree refuses it, too).
"""

from __future__ import annotations

import posixpath
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .conditions import conjunction
from .engine.header import Header, read_header
from .engine.header_index import HeaderIndex, TwoIndexes

FOLDERS = ("include/", "include/uapi/")
"""Where <x.h> is looked for (Makefile: LINUXINCLUDE), without the folders of an architecture."""
UNREAD = ("asm/", "uapi/asm/", "generated/", "uapi/generated/", "trace/", "config/")
"""Headers of one architecture, generated ones, those that others include again with other macros."""
MOST_HEADERS = 2500
MOST_CHARACTERS = 24 << 20
MOST_INCLUDES = 30_000
"""Lines with #include that are followed."""
LONGEST = 2 << 20
"""Bytes of one header; a longer one (registers of a graphics card) is not read."""

Read = Callable[[str], "str | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Included:
    """A header, and the condition of the #includes that lead to it."""

    header: Header
    text: str
    config: str | None


def find_headers(path: str, text: str, read: Read) -> Mapping[str, Included]:
    """Return the headers of a C file by path: those that are included without a condition first.

    `read` answers a path of the tree with its text, None where it is absent.
    """
    found: dict[str, Included] = {}
    waiting = [(path, Included(header=read_header(text), text=text, config=None))]
    conditional: deque[tuple[str, str]] = deque()
    asked = size = 0

    def take(here: str, config: str | None) -> bool:
        nonlocal size
        if len(found) >= MOST_HEADERS or size > MOST_CHARACTERS:
            return False
        content = read(here)
        assert content is not None
        size += len(content)
        found[here] = Included(header=read_header(content), text=content, config=config)
        waiting.append((here, found[here]))
        return True

    while waiting or conditional:
        if not waiting:
            here, config = conditional.popleft()
            if here not in found and not take(here, config):
                return found
            continue
        where, included = waiting.pop()
        for one in included.header.includes:
            asked += 1
            if asked > MOST_INCLUDES:
                return found
            both = _both(included.config, one.config)
            named = resolve(one.path, where if one.quoted else "", read)
            if named is None or named in found or named == path:
                continue
            if both is not None and included.config is None:
                conditional.append((named, both))
            elif not take(named, both):
                return found
    return found


def resolve(spec: str, includer: str, read: Read) -> str | None:
    """Return the path in the tree that an #include names; `includer` is "" for one in angle brackets."""
    if spec.startswith(("/", *UNREAD)):
        return None
    tried = [posixpath.join(posixpath.dirname(includer), spec)] if includer else []
    for one in (*tried, *(folder + spec for folder in FOLDERS)):
        plain = posixpath.normpath(one)
        if plain.startswith(("../", "/", "arch/")) or "/asm/" in plain:
            continue
        if read(plain) is not None:
            return plain
    return None


def _both(one: str | None, other: str | None) -> str | None:
    return conjunction([part for part in (one, other) if part])


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A C file in a tree at one time."""

    path: str
    text: str
    read: Read
    """Answers a path of the tree with its text, None where it is absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surrounding:
    """What two versions of a file include."""

    paths: frozenset[str]
    indexes: TwoIndexes


def find_surrounding(before: Place, after: Place) -> Surrounding:
    """Return the headers that either version of a file includes, each as it is before and after (I1)."""
    found = [find_headers(one.path, one.text, one.read) for one in (before, after)]
    paths = list(dict.fromkeys((*found[0], *found[1])))
    read: list[dict[str, Header]] = []
    for place in (before, after):
        texts = ((path, place.read(path)) for path in paths)
        read.append({path: read_header(text) for path, text in texts if text is not None})
    changed = [
        (read[0].get(path), read[1].get(path)) for path in paths if read[0].get(path) is not read[1].get(path)
    ]
    conditions = {path: _condition([one[path].config for one in found if path in one]) for path in paths}
    pre = HeaderIndex((header, conditions[path]) for path, header in read[0].items())
    post = HeaderIndex((header, conditions[path]) for path, header in read[1].items()) if changed else pre
    return Surrounding(paths=frozenset(paths), indexes=TwoIndexes(pre, post, changed))


def _condition(configs: list[str | None]) -> str | None:
    """Return the condition that a header is included under; None where one version has none."""
    return None if None in configs else configs[0]

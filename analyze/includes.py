"""The headers that a file includes, found in a source tree, transitively (docs/engine.md, section 11).

Nothing outside the tree is read: a path that leaves it is no header (SourceTree refuses it, too).
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .conditions import conjunction
from .engine.header import Header, read_header

FOLDERS = ("include/", "include/uapi/")
"""Where <x.h> is looked for: the kernel's own -I (Makefile: LINUXINCLUDE) without those of an architecture."""
UNREAD = ("asm/", "uapi/asm/", "generated/", "uapi/generated/", "trace/", "config/")
"""Headers of one architecture, generated ones, and those that others include again with other macros."""
MOST_HEADERS = 2500
MOST_CHARACTERS = 48 << 20
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
    top = Included(header=read_header(text), text=text, config=None)
    size = 0
    waiting: list[tuple[str, Included]] = [(path, top)]
    conditional: list[tuple[str, str]] = []
    while True:
        while waiting:
            where, included = waiting.pop()
            for one in included.header.includes:
                config = _both(included.config, one.config)
                here = resolve(one.path, where if one.quoted else "", read)
                if here is None or here in found or here == path:
                    continue
                if config is not None and included.config is None:
                    conditional.append((here, config))
                    continue
                if len(found) >= MOST_HEADERS or size > MOST_CHARACTERS:
                    return found
                content = read(here)
                assert content is not None
                size += len(content)
                found[here] = Included(header=read_header(content), text=content, config=config)
                waiting.append((here, found[here]))
        conditional = [(one, config) for one, config in conditional if one not in found]
        if not conditional:
            return found
        here, config = conditional.pop(0)
        content = read(here)
        assert content is not None
        size += len(content)
        found[here] = Included(header=read_header(content), text=content, config=config)
        waiting.append((here, found[here]))


def resolve(spec: str, includer: str, read: Read) -> str | None:
    """Return the path in the tree that an #include names; `includer` is "" for one in angle brackets."""
    if spec.startswith("/") or spec.startswith(UNREAD):
        return None
    tried = [posixpath.join(posixpath.dirname(includer), spec)] if includer else []
    for one in (*tried, *(folder + spec for folder in FOLDERS)):
        plain = posixpath.normpath(one)
        if plain.startswith(("../", "/")) or "/asm/" in plain or plain.startswith("arch/"):
            continue
        if read(plain) is not None:
            return plain
    return None


def _both(one: str | None, other: str | None) -> str | None:
    return conjunction([part for part in (one, other) if part])

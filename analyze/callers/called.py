"""Patches and a tree -> who calls the functions that they change, with what, and what those lead to.

Found by name: a call through a pointer is none of a function's, and a name that two files define for
themselves is the function's only where its file is meant. What the patches do to callers is not looked at:
the calls are those of the tree before the series.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from ...fetch.tree.sources import SourceFile
from ..checks.calls import calls_in, parameters_of
from ..definition import ChangedFunction, Definition
from ..functions import outline
from ..kernel.contracts import functions as contracts
from .index import CallIndex

if TYPE_CHECKING:
    from ..review import PatchReview

MOST_FUNCTIONS = 60
"""Of a series, that are looked up."""
MOST_FILES = 60
"""That call one function; of one that more call nothing but their number is told."""
MOST_SITES = 40
"""Of one function that are kept."""
MOST_REACHED = 40
DEEPEST = 4
"""Calls upwards that an effect is followed."""
_FLAG = re.compile(r"\b(?!\w*_(?:SIZE|MASK|SHIFT)\b)[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")
_DEFINE = re.compile(r"[ \t]*#[ \t]*define[ \t]+\w+(?:\([^)]*\))?")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSite:
    """One call as it is written."""

    function: str
    """The caller: a function, or a macro."""
    path: str
    line: int
    arguments: tuple[str, ...]
    passes: tuple[str, ...]
    """Flags in its arguments, and in what the caller assigns to a variable that it passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A function that comes to a changed one through others."""

    function: str
    path: str
    through: str
    """The function that it calls."""
    depth: int
    """2: it calls a caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """Who calls one changed function, before the series."""

    message_id: str
    function: str
    path: str
    arguments: int | None
    """How many it takes before the patch; None where that is not told."""
    contract: str
    """What it promises by the tables, "" where they say nothing."""
    calls: int
    files: int
    sites: tuple[CallSite, ...]
    reached: tuple[Reached, ...]
    """What an effect comes to, nearest first; () where the comparison shows none."""
    tree: str
    """Where they were looked for."""
    defined_in: tuple[str, ...] = ()
    """The files that define it, among those that call it."""
    asks: tuple[str, ...] = ()
    """Flags that the differences of the function ask for."""


def find_called(patches: Sequence[PatchReview], index: CallIndex | None) -> tuple[Called, ...]:
    """Return who calls the functions that patches change; () without a tree."""
    if index is None:
        return ()
    found: dict[tuple[str, str], Called] = {}
    for patch in patches:
        for one in patch.functions:
            before = one.pre
            if one.symbol != "function" or before is None or len(found) >= MOST_FUNCTIONS:
                continue
            if (before.path, before.name) not in found:
                called = _called(index, one, before)
                mail = patch.patch.message.message_id
                found[before.path, before.name] = replace(called, message_id=mail)
    return tuple(one for one in found.values() if one.calls)


def find_known(patches: Sequence[PatchReview], index: CallIndex | None) -> frozenset[str]:
    """Return the names of functions and macros that patches define anew and that a header of the tree has
    before them: "name (", whether it is defined, declared or called there. Empty without a tree."""
    if index is None:
        return frozenset()
    new = {
        one.name
        for patch in patches
        for one in patch.functions
        if one.pre is None and one.symbol in ("function", "macro", "prototype")
    }
    return index.in_headers(new)


def _called(index: CallIndex, one: ChangedFunction, before: Definition) -> Called:
    only = before.path if _is_own(before) else ""
    files = _files(index, before.name, only)
    sites = list(_sites(index, files, before.name, before.path)) if len(files) <= MOST_FILES else []
    asks = _asked(one)
    parameters = parameters_of(before) if before.whole else None
    changes = one.delta is not None and one.delta.verdict == "changed"
    sites.sort(key=lambda site: (not set(site.passes) & set(asks), site.path != before.path))
    return Called(
        message_id="",
        function=one.name,
        path=one.path,
        arguments=len(parameters) if parameters is not None else None,
        contract=contract_words(before.name),
        calls=len(sites),
        files=len(files) if not sites else len({site.path for site in sites}),
        sites=tuple(sites[:MOST_SITES]),
        reached=tuple(_reached(index, before.name, sites)) if changes else (),
        tree=index.tree.name,
        defined_in=tuple(file.path for file in files if _defines(index, file, before.name)) if sites else (),
        asks=asks,
    )


def contract_words(name: str) -> str:
    """Return what the tables say of a function's answer; "" where they say nothing."""
    known = contracts().get(name)
    return f"{known.returns.replace('-', ' ')} ({known.source})" if known and known.returns else ""


def _is_own(definition: Definition) -> bool:
    """Say whether a function is its file's own."""
    is_static = re.match(r"[^({]*\bstatic\b", definition.text) is not None
    return definition.symbol == "function" and definition.path.endswith(".c") and is_static


def _files(index: CallIndex, name: str, only: str = "") -> tuple[SourceFile, ...]:
    found = index.naming(name)
    return tuple(one for one in found if one.path == only) if only else found


def _asked(one: ChangedFunction) -> tuple[str, ...]:
    rows = one.delta.differences if one.delta is not None else ()
    return tuple(dict.fromkeys(flag for row in rows for flag in _FLAG.findall(row.when)))


def _sites(index: CallIndex, files: Iterable[SourceFile], name: str, home: str) -> Iterator[CallSite]:
    for file in files:
        definitions = _outline(index.text(file), file.path)
        if file.path != home and any(one.name == name and _is_own(one) for one in definitions):
            continue  # there the name means a function of that file's own
        for caller in definitions:
            if caller.symbol not in ("function", "macro") or caller.name == name or name not in caller.text:
                continue
            for call in calls_in(_body(caller)):
                if call.name == name:
                    yield CallSite(
                        function=caller.name,
                        path=file.path,
                        line=caller.start + caller.text.count("\n", 0, call.start),
                        arguments=call.arguments,
                        passes=_passes(call.arguments, caller.text),
                    )


def _body(caller: Definition) -> str:
    """Return a definition's text; of a macro what it stands for, at the same offsets."""
    if caller.symbol != "macro":
        return caller.text
    return _DEFINE.sub(lambda head: " " * len(head[0]), caller.text, count=1).replace("\\\n", " \n")


def _defines(index: CallIndex, file: SourceFile, name: str) -> bool:
    definitions = _outline(index.text(file), file.path)
    return any(one.name == name and one.symbol in ("function", "macro") for one in definitions)


@lru_cache(maxsize=256)
def _outline(text: str, path: str) -> tuple[Definition, ...]:
    return outline(text, path)


def _passes(arguments: Sequence[str], text: str) -> tuple[str, ...]:
    """Return the flags of a call: those in its arguments, and those that its variables are given."""
    found = dict.fromkeys(flag for one in arguments for flag in _FLAG.findall(one))
    for one in arguments:
        if _IDENTIFIER.fullmatch(one):
            for given in re.findall(rf"\b{one}\s*\|?=([^=;][^;]*);", text):
                found |= dict.fromkeys(_FLAG.findall(given))
    return tuple(found)


def _reached(index: CallIndex, name: str, sites: Sequence[CallSite]) -> Iterator[Reached]:
    """Yield the callers of callers, by breadth."""
    seen = {name, *(site.function for site in sites)}
    level = list(dict.fromkeys((site.function, site.path) for site in sites))
    left = MOST_REACHED
    for depth in range(2, DEEPEST + 1):
        above: list[tuple[str, str]] = []
        for function, path in level:
            files = _files(index, function, _own_path(index, function, path))
            for site in _sites(index, files, function, path) if len(files) <= MOST_FILES else ():
                if site.function in seen or left <= 0:
                    continue
                seen.add(site.function)
                left -= 1
                above.append((site.function, site.path))
                yield Reached(function=site.function, path=site.path, through=function, depth=depth)
        level = above


def _own_path(index: CallIndex, function: str, path: str) -> str:
    """Return the path of the file that a function is the own one of, "" where others may call it."""
    file = next((file for file, _ in index.files if file.path == path), None)
    definitions = _outline(index.text(file), path) if file is not None else ()
    return path if any(one.name == function and _is_own(one) for one in definitions) else ""

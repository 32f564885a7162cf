"""A new flag on a bit that another flag of its kind has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..definition import Definition
from .finding import Check, Example, Hit, Shown
from .view import FileView, SideView

_DEFINE = re.compile(r"#\s*define\s+([A-Z][A-Z0-9_]*)\s+(\(?[^\n/]*)")
_SHIFT = re.compile(
    r"\(*(?:\((?:__u64|u64|__u32|__force\s+\w+|unsigned\s+\w+|\w+_t|__force)\)\s*)*\(*1(?:U|UL|ULL|u|ul)?\s*<<\s*(\d+)\)*"
)
_BIT = re.compile(r"\(*(?:BIT|BIT_ULL|_BITUL|_BITULL)\((\d+)\)\)*")
_NUMBER = re.compile(r"\(*(?:\(\w+(?:\s+\w+)*\)\s*)*(0x[0-9a-fA-F]+|[1-9]\d*)(?:U|UL|ULL|u|ul|L)?\)*")
MOST_APART = 120
"""Lines between two flags of one kind."""
MOST_NEW = 500
LEAST_KIND = 4
"""So many neighbours with one beginning and a bit each make a kind of flags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flag:
    name: str
    bit: int
    line: int
    config: str | None
    text: str


def find(side: SideView) -> Iterable[Hit]:
    """Find two flags of one kind on one bit, neither defined as the other."""
    for file in side.files.values():
        if file.path.endswith(".h") and file.whole:
            yield from _clashes(file, side)


def _clashes(file: FileView, side: SideView) -> Iterable[Hit]:
    touched = file.touched()
    flags = [flag for one in file.definitions if one.symbol == "macro" and (flag := _flag(one)) is not None]
    kinds: dict[str, list[_Flag]] = {}
    for flag in flags:
        kinds.setdefault(_beginning(flag.name), []).append(flag)
    for new in [flag for flag in flags if flag.line in touched][:MOST_NEW]:
        near = kinds[_beginning(new.name)]
        kind = [one for one in near if one is not new and abs(one.line - new.line) <= MOST_APART]
        if len(kind) < LEAST_KIND:
            continue
        for old in kind:
            if old.bit == new.bit and not _exclude(old.config, new.config):
                yield Hit(
                    key=f"{new.name} {old.name}",
                    function="",
                    path=file.path,
                    line=new.line,
                    says=f"{new.name} is the bit that {old.name} has already (line {old.line})",
                    shown=tuple(
                        Shown(path=file.path, side=side.side, line=one.line, text=one.text)
                        for one in (old, new)
                    ),
                )


def _flag(definition: Definition) -> _Flag | None:
    found = _DEFINE.match(definition.text)
    if found is None:
        return None
    written = found[2].strip()
    bit = _bit(written)
    if bit is None:
        return None
    return _Flag(
        name=found[1], bit=bit, line=definition.start, config=definition.config, text=definition.text.strip()
    )


def _bit(written: str) -> int | None:
    for pattern in (_SHIFT, _BIT):
        found = pattern.fullmatch(written)
        if found:
            return int(found[1])
    found = _NUMBER.fullmatch(written)
    value = int(found[1], 0) if found else 0
    return value.bit_length() - 1 if value and value & (value - 1) == 0 else None


def _beginning(name: str) -> str:
    """Return the words in front of a flag's own: all but the last of three and more, the first of two."""
    return name.rsplit("_", 1)[0] if name.count("_") > 1 else name.split("_", 1)[0]


def _exclude(one: str | None, other: str | None) -> bool:
    """Say whether two conditions may never hold together: any difference counts, to stay silent."""
    return one != other


_BEFORE = """\
#define STASH_READ	(1 << 0)
#define STASH_WRITE	(1 << 1)
#define STASH_EXEC	(1 << 2)
#define STASH_SHARED	(1 << 3)
#define STASH_LOCKED	(1 << 4)
"""

CHECK = Check(
    id="flag-bit",
    title="A new flag has a bit of its own",
    proves=(
        "Two macros of one kind stand in one header under one condition with one value, and the patch "
        "adds one of them."
    ),
    assumes=("macros with one beginning, close together and each a bit are flags of one word",),
    severity="high",
    side=find,
    fires=Example(
        pre={"include/linux/stash.h": _BEFORE},
        post={
            "include/linux/stash.h": """\
#define STASH_READ	(1 << 0)
#define STASH_WRITE	(1 << 1)
#define STASH_EXEC	(1 << 2)
#define STASH_SHARED	(1 << 3)
#define STASH_LOCKED	(1 << 4)
#define STASH_BUSY	(1 << 4)
"""
        },
    ),
    silent=Example(
        pre={"include/linux/stash.h": _BEFORE},
        post={
            "include/linux/stash.h": """\
#define STASH_READ	(1 << 0)
#define STASH_WRITE	(1 << 1)
#define STASH_EXEC	(1 << 2)
#define STASH_SHARED	(1 << 3)
#define STASH_LOCKED	(1 << 4)
#define STASH_BUSY	(1 << 5)
#define STASH_RDONLY	STASH_READ
"""
        },
    ),
)

"""Values that named constants are taken to have in a witness: what x86-64 has, or made up and distinct (V2).

No proof rests on them. The replay's harness gives constants that no witness names the same values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .error_numbers import ERROR_NUMBERS

INTS = {
    "PAGE_SHIFT": 12,
    "PMD_SHIFT": 21,
    "PUD_SHIFT": 30,
    "P4D_SHIFT": 39,
    "PGDIR_SHIFT": 48,
    "HPAGE_PMD_SHIFT": 21,
    "HPAGE_PMD_ORDER": 9,
    "HPAGE_PMD_NR": 512,
    "NUMA_NO_NODE": -1,
    "MAX_NUMNODES": 64,
    "MAX_NR_ZONES": 5,
    "NR_CPUS": 64,
    "BITS_PER_LONG": 64,
    "PTRS_PER_PTE": 512,
    "PTRS_PER_PMD": 512,
    "PTRS_PER_PUD": 512,
    "HZ": 250,
    "MAX_PAGE_ORDER": 10,
    "NR_PAGE_ORDERS": 11,
}
LONGS = {
    "PAGE_SIZE": 4096,
    "PAGE_MASK": -4096,
    "PMD_SIZE": 1 << 21,
    "PMD_MASK": -(1 << 21),
    "PUD_SIZE": 1 << 30,
    "PUD_MASK": -(1 << 30),
    "HPAGE_PMD_SIZE": 1 << 21,
    "HPAGE_PMD_MASK": -(1 << 21),
    "P4D_SIZE": 1 << 39,
    "P4D_MASK": -(1 << 39),
    "PGDIR_SIZE": 1 << 48,
    "PGDIR_MASK": -(1 << 48),
    "TASK_SIZE": 0x7FFFFFFFF000,
    "STACK_MAX": 0x7FFFFFFFF000,
}
KNOWN = INTS | LONGS
RELATED = frozenset(
    name
    for name in KNOWN
    if re.match(r"(?:H?PAGE|PMD|PUD|P4D|PGDIR|HPAGE_PMD)_(?:SHIFT|SIZE|MASK|ORDER|NR)$|HPAGE_PMD_", name)
)
"""Sizes, masks and shifts that make one another: a difference may not rest on other values of them (V2)."""
_COUNTS = re.compile(r"(?:NR|MAX|MIN|NUM)_|.*_(?:MAX|NR|ORDER|ORDERS|COUNT|LEN|BITS)$")


MOST_TRIES = 32
"""Values of a size that a name suggests that are tried for one constant: there are only so many."""


def usual_values(names: Iterable[str]) -> dict[str, int]:
    """Return a value for each constant, no two equal but for errors that are one number."""
    found: dict[str, int] = {}
    taken: set[int] = set()
    index = 0
    for name in sorted(dict.fromkeys(names), key=lambda name: (name not in ERROR_NUMBERS, name not in KNOWN)):
        value = ERROR_NUMBERS.get(name, KNOWN.get(name))
        tries = 0
        while value is None or (value in taken and name not in ERROR_NUMBERS):
            value = made_up(name, index) if tries < MOST_TRIES else 1_000_000 + index
            index, tries = index + 1, tries + 1
        taken.add(value)
        found[name] = value
    return found


def made_up(name: str, index: int) -> int:
    """Return a value of a size that a constant's name suggests; `index` tells apart those of one kind."""
    if name.endswith("_SHIFT"):
        return 12 + index % 20
    if name.endswith("_SIZE") and not name.startswith("CONFIG_"):
        return 1 << 12 + index % 10
    if name.endswith("_MASK"):
        return -(1 << 12 + index % 10)
    if name.startswith("sizeof("):
        return 16 + 8 * index
    if _COUNTS.match(name) or name.startswith("CONFIG_"):
        return 4 + index
    return 1 << index if index < 62 else 1000 + 3 * index

"""The kernel version that a patch is for, and whether a contract holds for it."""

from __future__ import annotations

import re

_MAKEFILE = re.compile(r"^VERSION = (\d+)\nPATCHLEVEL = (\d+)$", re.MULTILINE)


def version_of(makefile: str) -> str:
    """Return "5.17" out of a kernel's top Makefile; "" where it does not tell."""
    found = _MAKEFILE.search(makefile)
    return f"{found[1]}.{found[2]}" if found else ""


def holds_for(versions: str, kernel: str) -> bool:
    """Say whether a range ("5.6..6.4") has a version in it; of an unknown version only where all have."""
    first, _, last = versions.partition("..")
    if not first and not last:
        return True
    if not kernel:
        return False
    at = _number(kernel)
    return (not first or _number(first) <= at) and (not last or at <= _number(last))


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))

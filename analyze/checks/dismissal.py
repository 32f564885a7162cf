"""A person's word that a finding is set aside, and what it rests on. Values and their JSON lines; no I/O.

One dismissal a line, sorted, so that a version control system can merge two files of them line by line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

MOST_LINE = 100_000
"""Characters of one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Digests (32 hexadecimal digits) of what a finding rests on. No line number is in them."""

    lines: str
    """Of the shown lines, comments beside code left out and blanks joined; of the
    finding's sentence where it shows none."""
    code: str
    """Of the function without comments, blanks joined; "" where it is not at hand or the finding is in
    none."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Dismissal:
    """A finding that a person set aside. Compared field by field in this order."""

    path: str
    function: str
    check: str
    id: str
    """The finding's."""
    lines: str
    """As in Grounds."""
    code: str
    reason: str
    by: str = ""
    """Whose word it is, "" where not told."""
    date: str = ""
    """ISO 8601, of the day."""

    @property
    def grounds(self) -> Grounds:
        """What it rests on."""
        return Grounds(lines=self.lines, code=self.code)


class DismissalError(ValueError):
    """A line is no dismissal; the text says which and why."""


_NAMES = frozenset(field.name for field in fields(Dismissal))
_NEEDED = _NAMES - {"by", "date"}


def read_dismissals(text: str) -> tuple[Dismissal, ...]:
    """Read JSON lines; empty lines and such with # at their beginning are passed over.

    Raises DismissalError.
    """
    found = set()
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            found.add(_read(line, number))
    return tuple(sorted(found))


def _read(line: str, number: int) -> Dismissal:
    if line.startswith(("<<<<<<<", "=======", ">>>>>>>")):
        raise DismissalError(f"line {number}: a merge was left unfinished")
    try:
        entry = json.loads(line) if len(line) <= MOST_LINE else None
    except (ValueError, RecursionError) as error:
        raise DismissalError(f"line {number}: it is no JSON: {error}") from error
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise DismissalError(f"line {number}: it is no object of strings")
    if lacking := sorted(_NEEDED - set(entry)):
        raise DismissalError(f"line {number}: it lacks {', '.join(lacking)}")
    if unknown := sorted(set(entry) - _NAMES):
        raise DismissalError(f"line {number}: it has {', '.join(unknown)[:200]}, which is not known")
    return Dismissal(**entry)


def write_dismissals(dismissals: Iterable[Dismissal]) -> str:
    """Return the JSON lines, sorted; each once."""
    return "".join(json.dumps(asdict(one)) + "\n" for one in sorted(set(dismissals)))

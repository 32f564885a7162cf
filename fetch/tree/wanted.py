"""What a revision's diffs say of the files they start from: paths, blob ids, and the lines around each hunk.

Read off the mails' text as it stands, damaged or not: it is evidence to find a base by, not the diff itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .source_tree import refuse_path

MAX_FILES = 200
MAX_HUNKS = 12
"""Of one file, that are looked for in a candidate."""

_HEADER = re.compile(r"diff --git a/(\S+) b/(\S+)\s*$|--- a/(\S+)")
_INDEX = re.compile(r"index ([0-9a-f]{7,64})\.\.[0-9a-f]{7,64}(?: |\s*$)")
_HUNK = re.compile(r"@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,\d{1,9})? @@")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that the base must hold."""

    path: str
    blob: str | None
    """Its (abbreviated) blob id, by the index line of the first patch that changes it."""
    pieces: tuple[bytes, ...]
    """The context and removed lines of each hunk of that patch, UTF-8."""


def find_wanted(diffs: Iterable[str]) -> tuple[Wanted, ...]:
    """Return what the first patch that touches a path says of it, for at most MAX_FILES paths.

    Of a later patch the pre-image is an earlier one's work, so that it says nothing of the base.
    """
    wanted: dict[str, Wanted | None] = {}
    for diff in diffs:
        here: dict[str, Wanted | None] = {}
        for path, lines in _files(diff):
            if path not in wanted and path not in here and not refuse_path(path):
                here[path] = _wanted(path, lines)
        wanted |= here
        if len(wanted) >= MAX_FILES:
            break
    return tuple(one for one in wanted.values() if one)[:MAX_FILES]


def _files(diff: str) -> Iterator[tuple[str, list[str]]]:
    path, lines = "", list[str]()
    for line in diff.split("\n"):
        header = _HEADER.match(line) if line.startswith(("diff --git ", "--- a/")) else None
        if header and (header[1] or header[3] != path):
            if path:
                yield path, lines
            path, lines = header[1] or header[3], []
        else:
            lines.append(line)
    if path:
        yield path, lines


def _wanted(path: str, lines: list[str]) -> Wanted | None:
    """Read one file's part; None for a file that the patch adds."""
    blob: str | None = None
    pieces: list[bytes] = []
    for number, line in enumerate(lines):
        if line.startswith(("new file mode ", "--- /dev/null")):
            return None
        if line.startswith("rename from "):
            path = line.removeprefix("rename from ").strip()
        elif index := _INDEX.match(line) if line.startswith("index ") else None:
            blob = index[1]
        elif (hunk := _HUNK.match(line) if line.startswith("@@ -") else None) and len(pieces) < MAX_HUNKS:
            pieces.append(_piece(lines, number + 1, int(hunk[1] or 1)))
    if blob is not None and not blob.strip("0"):
        return None
    return Wanted(path, blob, tuple(piece for piece in pieces if piece.strip()))


def _piece(lines: list[str], start: int, count: int) -> bytes:
    before: list[str] = []
    for line in lines[start:]:
        if len(before) >= min(count, 400):
            break
        if line[:1] in ("-", " ", ""):
            before.append(line[1:] + "\n")
    return "".join(before).encode("utf-8", "replace")

"""The file of dismissals, and `lorelens dismiss`: a finding of a report -> a line in that file."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .analyze.checks.dismissal import Dismissal, DismissalError, read_dismissals, write_dismissals
from .errors import InputError

MAX_FILE = 16 << 20
"""Bytes."""
MOST_REASON = 2000
"""Characters."""


def open_dismissals(path: Path, *, needed: bool) -> tuple[Dismissal, ...]:
    """Read a file of dismissals; () where it is absent and not `needed`. Raises InputError."""
    if not needed and not path.exists():
        return ()
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE + 1)
        if len(raw) > MAX_FILE:
            raise InputError(str(path), f"it is larger than {MAX_FILE >> 20} MB", "name a file of dismissals")
        return read_dismissals(raw.decode("utf-8"))
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error), "name a file of dismissals") from error
    except (DismissalError, UnicodeDecodeError) as error:
        raise InputError(str(path), str(error), "mend the file (docs/checks.md)") from error


def set_aside(report: Path, finding: str, path: Path, *, reason: str, by: str) -> tuple[Dismissal, ...]:
    """Set a report's finding aside; return what was written. Raises InputError."""
    reason, by = " ".join(reason.split()), " ".join(by.split())
    if not reason:
        raise InputError("--reason", "it is empty", "say why, for the next reader")
    if len(reason) > MOST_REASON or len(by) > MOST_REASON:
        raise InputError("--reason", f"it is longer than {MOST_REASON} characters", "be brief")
    date = datetime.now(UTC).date().isoformat()
    new = tuple(_dismissal(entry, reason, by, date) for entry in _entries(report, finding))
    grounds = {(one.id, one.grounds) for one in new}
    with _changing(path) as held:
        _write(path, [one for one in held if (one.id, one.grounds) not in grounds] + list(new))
    return new


def undo(report: Path, finding: str, path: Path) -> tuple[Dismissal, ...]:
    """Take back what was said of a report's finding; return that. Raises InputError."""
    wanted = {entry["id"] for entry in _entries(report, finding)}
    with _changing(path) as held:
        gone = tuple(one for one in held if one.id in wanted)
        if not gone:
            raise InputError(f"finding {finding}", f"it is not set aside in {path}", "nothing to undo")
        _write(path, [one for one in held if one.id not in wanted])
    return gone


def _entries(report: Path, finding: str) -> list[dict[str, Any]]:
    file = report / "review.json" if report.is_dir() else report
    try:
        document = json.loads(file.read_text("utf-8"))
        found = [one for one in document["findings"] if one["id"] == finding]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise InputError(str(file), f"it is no report: {error!r}"[:300], "name a review.json") from error
    if not found:
        raise InputError(f"finding {finding}", "the report has none of that id", "see its list of findings")
    return found


def _dismissal(entry: dict[str, Any], reason: str, by: str, date: str) -> Dismissal:
    try:
        grounds = entry["evidence"]["grounds"]
        named = {name: entry[name] for name in ("path", "function", "check", "id")}
        named |= {name: grounds[name] for name in ("lines", "code")}
    except (KeyError, TypeError) as error:
        raise InputError("the report", f"its finding lacks {error}", "make the report anew") from error
    if not all(isinstance(value, str) for value in named.values()):
        raise InputError("the report", "its finding is not as its schema says", "make the report anew")
    return Dismissal(**named, reason=reason, by=by, date=date)


@contextmanager
def _changing(path: Path) -> Iterator[tuple[Dismissal, ...]]:
    """Hold the folder's lock, so that of two commands at once none loses a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield open_dismissals(path, needed=False)
    finally:
        os.close(folder)


def _write(path: Path, dismissals: Sequence[Dismissal]) -> None:
    """Write the file whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(write_dismissals(dismissals), "utf-8")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)

"""A kept run -> what it printed and wrote, where that is still what it would be.

The queries are plain SQL that both databases read alike. A SQLite file is asked by Python's own module: to
import SQLAlchemy takes longer than all the rest of serving.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..written import Written
from .content import HEAD, digest, unpack

if TYPE_CHECKING:
    from .store import Store

Ask = Callable[[str, dict[str, Any]], Sequence[Any]]
"""SQL with ":name" for parameters, and these -> rows."""
_RUN = "SELECT made_at, code, reads, word FROM run WHERE key = :key"
_PARTS = (
    "SELECT run_part.entry, blob.key, blob.body FROM run_part JOIN blob ON blob.key = run_part.text "
    "WHERE run_part.run = :key ORDER BY run_part.entry"
)
_FILES = (
    "SELECT run_file.entry, run_file.name, blob.key, blob.body FROM run_file "
    "JOIN blob ON blob.key = run_file.content WHERE run_file.run = :key ORDER BY run_file.name"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """A run as it was: nothing of it had to be done again."""

    made_at: str
    code: int
    word: str
    parts: tuple[Written, ...]


def find_run(store: Store, key: str) -> KeptRun | None:
    """Return the run of that key; None where there is none, a file of a plain directory that it read is
    another now, or something of it is damaged. Raises StoreError."""
    from sqlalchemy import text

    with store.reading() as connection:
        return _find(lambda sql, named: connection.execute(text(sql), named).all(), key)


def find_in_file(path: str, key: str) -> KeptRun | None:
    """Do the same in a SQLite file of the newest schema; None also where it cannot be read at all."""
    try:
        address = f"file:{quote(str(Path(path).absolute()))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
            connection.execute("BEGIN")
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            if found != (HEAD,):
                return None
            return _find(lambda sql, named: connection.execute(sql, named).fetchall(), key)
    except (sqlite3.Error, OSError):
        return None


def _find(ask: Ask, key: str) -> KeptRun | None:
    rows = ask(_RUN, {"key": key})
    if not rows:
        return None
    made_at, code, reads, word = rows[0]
    if not _read_the_same(json.loads(reads)):
        return None
    files: dict[int, dict[str, bytes]] = {}
    for entry, name, named, body in ask(_FILES, {"key": key}):
        content = _content(named, body)
        if content is None:
            return None
        files.setdefault(entry, {})[name] = content
    parts = []
    for entry, named, body in ask(_PARTS, {"key": key}):
        text = _content(named, body)
        if text is None:
            return None
        parts.append(Written(text=text.decode("utf-8", "surrogatepass"), files=files.get(entry, {})))
    return KeptRun(made_at=made_at, code=code, word=word, parts=tuple(parts))


def _read_the_same(reads: Sequence[tuple[str, str, str | None]]) -> bool:
    if not reads:
        return True
    from ...fetch.tree.state import read_again

    return all(read_again(folder, path) == found for folder, path, found in reads)


def _content(key: str, body: bytes) -> bytes | None:
    """Return a content; None where it is not what its key says."""
    content = unpack(body)
    return content if content is not None and digest(content) == key else None

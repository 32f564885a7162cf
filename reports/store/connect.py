"""A URL -> an engine: SQLite or PostgreSQL, their settings, and their errors as one-line words."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from ...errors import StoreError

BUSY = 15
"""Seconds that a process waits for another one's transaction."""
WRITING = {"lorelens_writing": True}
_GO_ON = "name another by --store or $LORELENS_STORE, or go without by --no-store"


def read_url(text: str) -> URL:
    """Return the store that a user names: a database URL, or the path of a SQLite file.

    Raises StoreError where it is neither.
    """
    if "://" not in text:
        return URL.create("sqlite", database=str(Path(text).expanduser()))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise StoreError("--store", f"it is no database URL: {error}", _GO_ON) from None
    backend = url.drivername.partition("+")[0]
    if backend == "sqlite":
        return url.set(drivername="sqlite")
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    raise StoreError(f"--store {backend}", "only SQLite and PostgreSQL can be a store", _GO_ON)


def shown(url: URL) -> str:
    """Return a URL for people: a file's path, or the URL without its password."""
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    return url.set(drivername="postgresql").render_as_string(hide_password=True)


def open_engine(url: URL, *, create: bool = True) -> Engine:
    """Return an engine of one connection. Makes the folder of a SQLite file where `create`.

    Raises StoreError where the driver is missing or the folder cannot be made.
    """
    try:
        if url.get_backend_name() == "sqlite":
            return _open_sqlite(url, create)
        settings = {"connect_timeout": BUSY, "options": _options(url)}
        return create_engine(url, poolclass=QueuePool, pool_size=1, max_overflow=0, connect_args=settings)
    except (ImportError, NoSuchModuleError) as error:
        why = f"its driver is not installed ({error})"
        raise StoreError(shown(url), why, "pip install 'lorelens[postgres]'") from error
    except OSError as error:
        where = error.filename or shown(url)
        raise StoreError(f"the store {where}", error.strerror or str(error), _GO_ON) from error


def _options(url: URL) -> str:
    own = url.query.get("options", "")
    return " ".join([*([own] if isinstance(own, str) else own), f"-c lock_timeout={BUSY}s"])


def _open_sqlite(url: URL, create: bool) -> Engine:
    path = Path(url.database or "")
    if not (url.database or "").startswith("file:"):
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        elif not path.exists():
            raise StoreError(f"the store {path}", "there is none yet", "run `lorelens review` first")
        if path.is_file() and not _writable(path):
            as_it_is = {"mode": "ro", "immutable": "1", "uri": "true"}
            url = url.set(database=f"file:{quote(str(path))}", query=as_it_is)
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=1, max_overflow=0, connect_args={"timeout": BUSY}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _writable(path: Path) -> bool:
    """Whether SQLite can lay its journal beside the file. Where it cannot, nobody else writes either, and
    the file is read as it is, unless a journal was left behind that has to be read with it."""
    journal = path.with_name(path.name + "-wal")
    free = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return free or (journal.exists() and journal.stat().st_size > 0)


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """Set a connection up: transactions are ours, readers and a writer do not wait for each other.

    synchronous=FULL: in WAL mode too a commit is on the disk when it returns (sqlite.org/pragma.html).
    """
    connection.isolation_level = None  # else the driver begins and commits by itself
    for pragma in (f"busy_timeout={BUSY * 1000}", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    _log_ahead(connection)


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Have the journal written ahead (WAL). SQLite does not wait by itself where another connection is about
    to do the same to a new file (sqlite.org/c3ref/busy_handler.html: the handler may not be asked)."""
    until = time.monotonic() + BUSY
    while True:
        try:
            if connection.execute("PRAGMA journal_mode=WAL").fetchone():
                return
        except sqlite3.OperationalError as error:
            if "readonly" in str(error):
                return
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once where something is to be written: a later upgrade could fail."""
    writing = connection.get_execution_options().get("lorelens_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def in_words(url: URL, doing: str) -> Iterator[None]:
    """Turn a database's errors into StoreErrors: what failed, why, what to do next."""
    try:
        yield
    except SQLAlchemyError as error:
        raise _explain(error, url, doing) from error
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"the store {shown(url)} cannot be {doing}", str(error), _GO_ON) from error


_KNOWN = (
    ("database or disk is full", "the disk is full", "free some space, or " + _GO_ON),
    ("disk quota", "the disk is full", "free some space, or " + _GO_ON),
    ("No space left", "the disk is full", "free some space, or " + _GO_ON),
    ("readonly database", "it is read-only", "check its permissions and its folder's, or " + _GO_ON),
    ("read-only transaction", "it is read-only", "check the server's settings, or " + _GO_ON),
    ("permission denied", "the server does not allow it", "ask for the rights, or " + _GO_ON),
    ("not a database", "the file is damaged, or no SQLite database", "move it away, or " + _GO_ON),
    ("malformed", "the file is damaged", "`lorelens doctor --store` says where; move it away, or " + _GO_ON),
    ("is locked", f"another process holds it for more than {BUSY} seconds", "try again later"),
    ("lock timeout", f"another process holds it for more than {BUSY} seconds", "try again later"),
    ("unable to open", "the file or its folder may not be opened", "check permissions, or " + _GO_ON),
    (
        "disk I/O error",
        "the disk does not do what it is asked",
        "check the disk and its limits, or " + _GO_ON,
    ),
)


def _explain(error: SQLAlchemyError, url: URL, doing: str) -> StoreError:
    what = f"the store {shown(url)} cannot be {doing}"
    said = str(error.orig if isinstance(error, DBAPIError) and error.orig else error).strip()
    if "disk I/O error" in said and _is_full(url):  # SQLite could not even make its journal's index
        said = "database or disk is full"
    for part, why, after in _KNOWN:
        if part.lower() in said.lower():
            return StoreError(what, why, after)
    return StoreError(what, " ".join(said.split())[:300] or type(error).__name__, _GO_ON)


def _is_full(url: URL) -> bool:
    try:
        state = os.statvfs(Path(url.database or ".").parent)
    except OSError:
        return False
    return state.f_bavail * state.f_frsize < 1 << 16

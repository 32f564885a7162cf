"""Store: an open store. Opening brings it to the newest schema; each write is one transaction.

A value that a write returned for is on the disk: killing the process at any moment after loses nothing of it,
and before leaves nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ...errors import StoreError
from .connect import WRITING, in_words, open_engine, read_url, shown
from .content import HEAD, digest, pack, unpack
from .migrate import current_schema, lock_writers, refuse_newer, upgrade
from .tables import blob, result

_ROWS = 500
"""Rows of one INSERT: databases bound the number of its parameters."""


class Store:
    """An open store; `with` closes it. Every method raises StoreError where the database fails."""

    def __init__(self, url: URL, engine: Engine) -> None:
        self.url = url
        self.engine = engine

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """The store for people: a path, or a URL without its password."""
        return shown(self.url)

    def close(self) -> None:
        """Close the connection."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the store."""
        with in_words(self.url, "read"), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a write transaction: whole on the disk when the block ends, or undone."""
        writer = self.engine.execution_options(**WRITING)
        with in_words(self.url, "written"), writer.begin() as connection:
            lock_writers(connection)
            yield connection

    def get(self, key: str) -> bytes | None:
        """Return the result of a comparison that is kept under `key` (ResultStore)."""
        with self.reading() as connection:
            body = connection.execute(select(result.c.body).where(result.c.key == key)).scalar()
        return None if body is None else unpack(body)

    def put(self, key: str, value: bytes) -> None:
        """Keep the result of a comparison (ResultStore)."""
        with self.writing() as connection:
            insert(connection, result, [{"key": key, "body": pack(value)}])

    def read_blob(self, connection: Connection, key: str) -> bytes | None:
        """Return the content of that SHA-256; None where it is absent or damaged."""
        body = connection.execute(select(blob.c.body).where(blob.c.key == key)).scalar()
        content = None if body is None else unpack(body)
        return content if content is not None and digest(content) == key else None


def open_store(text: str, *, create: bool = True) -> Store:
    """Open the store that a user names, and bring its schema to the newest.

    Raises StoreError: no driver, no such place, a newer schema, a damaged file, a full disk. A store that
    cannot be written opens for reading where its schema is the newest.
    """
    url = read_url(text)
    engine = open_engine(url, create=create)
    try:
        with in_words(url, "opened"):
            with engine.connect() as connection:
                schema = current_schema(connection)
            refuse_newer(schema)
            if schema != HEAD:
                with engine.execution_options(**WRITING).begin() as connection:
                    upgrade(connection)
    except StoreError as error:
        engine.dispose()
        if error.what == "the store":
            raise StoreError(f"the store {shown(url)}", error.why, error.next) from error
        raise
    return Store(url, engine)


def insert(connection: Connection, table: Table, rows: Iterable[Mapping[str, object]]) -> None:
    """Insert rows; one whose key is there already is left as it is."""
    for part in _parts(rows):
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), part)


def upsert(connection: Connection, table: Table, rows: Iterable[Mapping[str, object]]) -> None:
    """Insert rows; of one whose key is there already the other columns are replaced."""
    for part in _parts(rows):
        asked = _insert(connection, table)
        others = {c.name: asked.excluded[c.name] for c in table.columns if not c.primary_key}
        asked = asked.on_conflict_do_update(index_elements=list(table.primary_key), set_=others)
        connection.execute(asked, part)


def _insert(connection: Connection, table: Table) -> Any:
    """Return an INSERT that knows ON CONFLICT; both databases spell it alike, but SQLAlchemy does not."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        return postgresql_insert(table)
    return sqlite_insert(table)


def _parts(rows: Iterable[Mapping[str, object]]) -> Iterator[list[Mapping[str, object]]]:
    left = list(rows)
    for at in range(0, len(left), _ROWS):
        yield left[at : at + _ROWS]


def keep_blobs(connection: Connection, contents: Iterable[bytes]) -> None:
    """Keep contents under their SHA-256; what is there already costs a look."""
    by_key = {digest(content): content for content in contents}
    known: set[str] = set()
    keys = list(by_key)
    for at in range(0, len(keys), _ROWS):
        part = keys[at : at + _ROWS]
        known |= set(connection.execute(select(blob.c.key).where(blob.c.key.in_(part))).scalars())
    for key, content in by_key.items():
        if key not in known:
            row = {"key": key, "size": len(content), "body": pack(content)}
            insert(connection, blob, [row])

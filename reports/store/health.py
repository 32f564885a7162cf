"""What `lorelens doctor --store` says: which schema, where, how large, and whether it is whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from sqlalchemy import Connection, func, select, text

from ...errors import StoreError
from ..words import count
from . import tables as of
from .connect import in_words, open_engine, read_url, shown
from .content import HEAD, digest
from .migrate import current_schema, refuse_newer

_COUNTED = (
    (of.series, "series"),
    (of.revision, "revision"),
    (of.message, "mail"),
    (of.comment, "comment"),
    (of.review, "review"),
    (of.function, "verdict"),
    (of.result, "kept comparison"),
)


def examine_store(named: str) -> Iterator[str]:
    """Yield one line a matter. Never raises on what is wrong with a store: that is a line too."""
    try:
        url = read_url(named)
        yield f"store    {shown(url)}"
        engine = open_engine(url, create=False)
        with in_words(url, "read"), engine.connect() as connection:
            schema = current_schema(connection)
            if schema == HEAD:
                yield f"ok       schema {schema}, the newest; no migration is pending"
            else:
                refuse_newer(schema)
                yield f"pending  schema {schema or 'none'}; the next review brings it to {HEAD}"
                return
            yield f"ok       {_size(connection)}"
            held = [count(_rows(connection, table), noun) for table, noun in _COUNTED if noun != "series"]
            yield f"ok       {_rows(connection, of.series)} series, {', '.join(held)}"
            yield from _check(connection)
        engine.dispose()
    except StoreError as error:
        yield f"broken   {error}"


def _rows(connection: Connection, table: object) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


def _size(connection: Connection) -> str:
    if connection.dialect.name == "postgresql":
        version = connection.execute(text("SHOW server_version")).scalar_one()
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        return f"PostgreSQL {version}, {_megabytes(size)}"
    version = connection.execute(text("SELECT sqlite_version()")).scalar_one()
    mode = connection.execute(text("PRAGMA journal_mode")).scalar_one()
    pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    size = pages * connection.execute(text("PRAGMA page_size")).scalar_one()
    return f"SQLite {version}, journal {mode}, {_megabytes(size)}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _check(connection: Connection) -> Iterator[str]:
    """Check the database's own structure (SQLite), then every kept content against its SHA-256."""
    if connection.dialect.name == "sqlite":
        found = [row[0] for row in connection.execute(text("PRAGMA integrity_check(10)"))]
        found += [
            f"table {row[0]}: a row names none"
            for row in connection.execute(text("PRAGMA foreign_key_check"))
        ]
        if found != ["ok"]:
            yield f"broken   {'; '.join(found)[:500]}; move the store away, or restore a copy"
            return
        yield "ok       the database is whole (integrity_check, foreign_key_check)"
    bad = 0
    number = 0
    rows = connection.execution_options(yield_per=50).execute(select(of.blob.c.key, of.blob.c.body))
    for key, body in rows:
        number += 1
        bad += not _is_content(key, body)
    if bad:
        yield f"broken   {bad} of {number} contents are not what their SHA-256 says; they are never served"
    else:
        yield f"ok       {count(number, 'content')} checked against their SHA-256"


def _is_content(key: str, body: bytes) -> bool:
    try:
        return digest(zlib.decompress(body)) == key
    except zlib.error:
        return False

"""The schema of a store: which it is, whether this lorelens knows it, and how it becomes the newest.

A step is DDL inside one transaction (SQLite and PostgreSQL both undo it whole), under the write lock: of two
processes that open an old store at once, one migrates, and the other finds it done.
"""

from __future__ import annotations

import re
from importlib.resources import as_file, files

from sqlalchemy import Connection, inspect, text

from ...errors import StoreError
from .content import HEAD

LOCK = 0x6C6F7265
"""PostgreSQL's advisory lock of every writer of a store ("lore")."""
_KNOWN = re.compile(r"r\d{4}")


def current_schema(connection: Connection) -> str | None:
    """Return the store's schema ("r0001"); None where the database is empty.

    Raises StoreError where it holds another program's tables.
    """
    names = inspect(connection).get_table_names()
    if not names:
        return None
    if "alembic_version" not in names or "blob" not in names:
        raise StoreError("the store", "the database holds tables of another program", "name an empty one")
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found else None


def refuse_newer(schema: str | None) -> None:
    """Raise StoreError where a store's schema is one that this lorelens does not know."""
    if schema is not None and (not _KNOWN.fullmatch(schema) or schema > HEAD):
        why = f"its schema is {schema}, and this lorelens knows none newer than {HEAD}"
        raise StoreError("the store", why, "update lorelens, or name another by --store")


def lock_writers(connection: Connection) -> None:
    """Let one writer in at a time until the transaction ends; SQLite's BEGIN IMMEDIATE already did."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def upgrade(connection: Connection) -> None:
    """Bring the store to HEAD inside the caller's write transaction."""
    from alembic import command
    from alembic.config import Config

    lock_writers(connection)
    schema = current_schema(connection)
    refuse_newer(schema)
    if schema == HEAD:
        return
    with as_file(files("lorelens.reports.store") / "migrations") as folder:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        command.upgrade(config, HEAD)

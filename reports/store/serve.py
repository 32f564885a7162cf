"""A kept run -> what it printed and wrote, where that is still what it would be."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ...fetch.tree.state import read_again
from ..written import Written
from . import tables as of
from .store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """A run as it was: nothing of it had to be done again."""

    made_at: str
    code: int
    word: str
    parts: tuple[Written, ...]


def find_run(store: Store, key: str) -> KeptRun | None:
    """Return the run of that key; None where there is none, a file of a plain directory that it read is
    another now, or something of it is damaged."""
    with store.reading() as connection:
        row = connection.execute(select(of.run).where(of.run.c.key == key)).first()
        if row is None or not _reads_the_same(row.reads):
            return None
        parts = _parts(store, connection, key)
    if parts is None:
        return None
    return KeptRun(made_at=row.made_at, code=row.code, word=row.word, parts=parts)


def _reads_the_same(reads: str) -> bool:
    return all(read_again(directory, path) == found for directory, path, found in json.loads(reads))


def _parts(store: Store, connection: Connection, key: str) -> tuple[Written, ...] | None:
    parts = []
    query = select(of.run_part.c.entry, of.run_part.c.text).where(of.run_part.c.run == key)
    for entry, text_name in connection.execute(query.order_by(of.run_part.c.entry)).all():
        text = store.read_blob(connection, text_name)
        named = select(of.run_file.c.name, of.run_file.c.content)
        rows = connection.execute(named.where(of.run_file.c.run == key, of.run_file.c.entry == entry)).all()
        files = {name: store.read_blob(connection, content) for name, content in rows}
        if text is None or None in files.values():
            return None
        whole = {name: content for name, content in sorted(files.items()) if content is not None}
        parts.append(Written(text=text.decode("utf-8", "surrogatepass"), files=whole))
    return tuple(parts)

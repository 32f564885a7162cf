"""The store -> files that need no store (docs/store.md), and one store -> another."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from sqlalchemy import select

from ..to_json import to_bytes
from . import tables as of
from .store import Store, insert
from .values import SeriesHistory

_FROM = re.compile(rb"^(>*From )", re.MULTILINE)
_BATCH = 200


def export_lines(store: Store, histories: Sequence[SeriesHistory]) -> Iterator[bytes]:
    """Yield lines of JSON: a head, a line for each series, each review's document, and each archive page."""
    yield _line({"schema": "lorelens/export/1", "series": len(histories)})
    for history in histories:
        from dataclasses import asdict

        yield _line({"kind": "series", **asdict(history)})
        for review in history.reviews:
            with store.reading() as connection:
                query = select(of.review.c.document).where(of.review.c.key == review.key)
                document = store.read_blob(connection, connection.execute(query).scalar_one())
            whole = json.loads(document) if document else None
            yield _line({"kind": "review", "key": review.key, "series": history.key, "document": whole})
    for raw, content, origin in _raw_mails(store, histories, page=True):
        coded = base64.b64encode(content).decode()
        yield _line({"kind": "page", "sha256": raw, "origin": origin, "base64": coded})


def export_mbox(store: Store, histories: Sequence[SeriesHistory], file: BinaryIO) -> int:
    """Write the raw mails of the series as one mboxrd (RFC 4155, ">From " quoted); return how many."""
    number = 0
    for _, content, _ in _raw_mails(store, histories, page=False):
        file.write(b"From mboxrd@z Thu Jan  1 00:00:00 1970\n")
        file.write(_FROM.sub(rb">\1", content.rstrip(b"\n")) + b"\n\n")
        number += 1
    return number


def _raw_mails(
    store: Store, histories: Sequence[SeriesHistory], *, page: bool
) -> Iterator[tuple[str, bytes, str]]:
    """Yield (SHA-256, bytes, where they came from) of the series' mails or pages, each once."""
    done: set[str] = set()
    for history in histories:
        with store.reading() as connection:
            query = select(of.message_copy.c.raw, of.message_copy.c.origin, of.message.c.date)
            query = query.select_from(of.series_message).join(of.message).join(of.message_copy)
            asked = (of.series_message.c.series == history.key, of.message_copy.c.page == page)
            rows = connection.execute(query.where(*asked)).all()
            for row in sorted(rows, key=lambda row: (row.date or "", row.raw)):
                content = None if row.raw in done else store.read_blob(connection, row.raw)
                done.add(row.raw)
                if content is not None:
                    yield row.raw, content, row.origin


def copy_store(source: Store, target: Store) -> int:
    """Copy all rows into another store; what it has already stays. Returns how many rows were read.

    Raises StoreError. One transaction: the other store has all of it, or nothing.
    """
    number = 0
    with source.reading() as reader, target.writing() as writer:
        for table in of.metadata.sorted_tables:
            rows = reader.execution_options(yield_per=_BATCH).execute(select(table))
            for part in rows.partitions(_BATCH):
                insert(writer, table, [dict(row._mapping) for row in part])
                number += len(part)
    return number


def _line(value: dict[str, object]) -> bytes:
    """Return a value as one line; what cannot be seen is escaped, as in every document."""
    return to_bytes(value).replace(b"\n", b"").strip() + b"\n"

"""Series as they grow: a review knows the mails at hand, the store knows those of every review before.

Two reviews speak of the same series where they share a patch. A revision is replaced by
what a later review knows of it, unless that is fewer patches: a partial copy of a thread takes nothing away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, select, update

from .. import documents as to
from . import tables as of
from .content import text_key
from .store import insert, upsert


def keep_series(
    connection: Connection, entry: to.SeriesEntry, now: str
) -> tuple[str, Mapping[int | None, str]]:
    """Keep what a document says of its series; return the series' key, and by number those of its
    revisions."""
    key = _series_key(connection, entry)
    row = {"key": key, "title": entry["title"], "author": entry["author"], "changed_at": now}
    upsert(connection, of.series, [row])
    _keep_messages(connection, key, entry["messages"])
    return key, _keep_revisions(connection, key, entry["revisions"])


def _series_key(connection: Connection, entry: to.SeriesEntry) -> str:
    """Return the series that the patches are of; several that turn out to be one become one."""
    patches = {patch["message_id"] for revision in entry["revisions"] for patch in revision["patches"]}
    keys = sorted(text_key("message", name) for name in patches)
    query = select(of.revision.c.series).distinct().join(of.patch)
    known: set[str] = set()
    for at in range(0, len(keys), 500):
        part = of.patch.c.message.in_(keys[at : at + 500])
        known |= set(connection.execute(query.where(part)).scalars())
    if not known:
        heads = [revision["head"] for revision in entry["revisions"]]
        return text_key("series", *(heads[:1] or entry["messages"][:1]))
    first, *others = sorted(known)
    for other in others:
        _merge(connection, first, other)
    return first


def _merge(connection: Connection, into: str, other: str) -> None:
    mails = select(of.series_message.c.message).where(of.series_message.c.series == other)
    found = connection.execute(mails).scalars().all()
    insert(connection, of.series_message, [{"series": into, "message": mail} for mail in found])
    for table in (of.revision, of.review, of.comment):
        connection.execute(update(table).where(table.c.series == other).values(series=into))
    connection.execute(delete(of.series).where(of.series.c.key == other))


def _keep_messages(connection: Connection, series: str, names: Sequence[str]) -> None:
    keys = [text_key("message", name) for name in names]
    known: set[str] = set()
    for at in range(0, len(keys), 500):
        part = of.message.c.key.in_(keys[at : at + 500])
        known |= set(connection.execute(select(of.message.c.key).where(part)).scalars())
    rows = [{"series": series, "message": key} for key in keys if key in known]
    insert(connection, of.series_message, rows)


def _keep_revisions(
    connection: Connection, series: str, entries: Sequence[to.RevisionEntry]
) -> Mapping[int | None, str]:
    """Keep the revisions that say more than what is kept; return the keys by number."""
    kept = _kept_revisions(connection, series)
    fresh = {text_key("revision", entry["head"], entry["number"]): entry for entry in entries}
    held = {key: {patch["message_id"] for patch in entry["patches"]} for key, entry in fresh.items()}
    keys: dict[int | None, str] = {}
    for key, entry in fresh.items():
        whole = next((old for old, ids in kept.items() if old not in fresh and held[key] < ids), None)
        if whole is None and len(held[key]) >= len(kept.get(key, ())):
            _write_revision(connection, series, key, entry)
        keys[entry["number"]] = whole or key
    for old, ids in kept.items():
        better = next((key for key in fresh if ids <= held[key]), None) if old not in fresh else None
        if better is not None:
            connection.execute(update(of.review).where(of.review.c.revision == old).values(revision=better))
            connection.execute(delete(of.revision).where(of.revision.c.key == old))
    return keys


def _kept_revisions(connection: Connection, series: str) -> dict[str, set[str]]:
    """Return the message-ids of the patches of each revision that is kept."""
    query = select(of.patch.c.revision, of.patch.c.message_id).join(of.revision)
    found: dict[str, set[str]] = {}
    for key, name in connection.execute(query.where(of.revision.c.series == series)):
        found.setdefault(key, set()).add(name)
    return found


def _write_revision(connection: Connection, series: str, key: str, entry: to.RevisionEntry) -> None:
    row = {
        "key": key,
        "series": series,
        "number": entry["number"],
        "label": entry["label"],
        "date": entry["date"],
        "head": entry["head"],
        "complete": entry["complete"],
        "expected": entry["expected"],
    }
    upsert(connection, of.revision, [row])
    connection.execute(delete(of.patch).where(of.patch.c.revision == key))
    rows = [
        {
            "revision": key,
            "position": patch["position"],
            "message": text_key("message", patch["message_id"]),
            "message_id": patch["message_id"],
            "title": patch["title"],
            "author": patch["author"],
            "replaces": patch["replaces"],
        }
        for patch in entry["patches"]
    ]
    insert(connection, of.patch, rows)

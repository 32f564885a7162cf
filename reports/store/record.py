"""A finished run -> rows: one transaction, by content, so that recording the same again changes nothing.

What is recorded of a review is what its document (review.json) says; mails come beside it as their bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from ...fetch.mail.message import Message
from ...fetch.source.sources import RawMail
from .. import documents as to
from ..to_json import to_bytes
from ..words import iso, mailbox
from ..written import Written
from . import tables as of
from .content import digest, text_key
from .series import keep_series
from .store import Store, insert, keep_blobs, upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMail:
    """The bytes of a mail or page, and the messages that were read from them."""

    mail: RawMail
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedReview:
    """One review of a run."""

    document: to.ReviewDocument
    written: Written


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """What `lorelens review` did, whole."""

    key: str
    """Of identity.run_key."""
    made_at: str
    """ISO 8601, UTC, with microseconds."""
    code: int
    """The exit code."""
    reads: Mapping[tuple[str, str], str | None]
    """What was read of plain directories (fetch/tree/watch.py)."""
    word: str
    """What is to be told where the run is served again; "" where nothing."""
    served: bool
    """Whether the same run may be served; else only its reviews are kept."""
    mails: tuple[KeptMail, ...]
    reviews: tuple[FinishedReview, ...]


def record_run(store: Store, run: FinishedRun) -> None:
    """Keep a run. When this returns it is on the disk; raises StoreError, and then nothing of it is kept."""
    with store.writing() as connection:
        _keep_mails(connection, run.mails)
        keys = [_keep_review(connection, run, number) for number in range(len(run.reviews))]
        if run.served:
            _keep_run(connection, run, keys)


def _keep_mails(connection: Connection, mails: Sequence[KeptMail]) -> None:
    keep_blobs(connection, (kept.mail.raw for kept in mails))
    messages, copies = {}, {}
    for kept in mails:
        raw = digest(kept.mail.raw)
        for message in kept.messages:
            key = text_key("message", message.message_id)
            messages[key] = {
                "key": key,
                "message_id": message.message_id,
                "author": mailbox(message.author),
                "date": iso(message.date),
                "subject": message.subject,
                "parent": message.in_reply_to,
            }
            copies[key, raw] = {
                "message": key,
                "raw": raw,
                "origin": kept.mail.origin,
                "page": kept.mail.page,
            }
    insert(connection, of.message, messages.values())
    insert(connection, of.message_copy, copies.values())


def _keep_review(connection: Connection, run: FinishedRun, number: int) -> str:
    """Keep a review's document and what history asks of it; return its key."""
    document = run.reviews[number].document
    as_bytes = to_bytes(document)
    keep_blobs(connection, [as_bytes])
    series, revisions = keep_series(connection, document["series"], run.made_at)
    key = text_key("review", run.key, number)
    if _is_there(connection, of.review, key):
        return key
    row = {
        "key": key,
        "series": series,
        "revision": revisions.get(document["revision"]),
        "number": document["revision"],
        "made_at": run.made_at,
        "version": document["version"],
        "tree": document["tree"],
        "command": document["command"],
        "document": digest(as_bytes),
    }
    insert(connection, of.review, [row])
    for table, rows in (
        (of.file, _files(document)),
        (of.function, _functions(document)),
        (of.finding, document["findings"]),
        (of.comment_state, _states(connection, document, series)),
    ):
        numbered = table is not of.comment_state
        named = {column.name for column in table.columns}
        whole = ({**row, "review": key} | ({"entry": at} if numbered else {}) for at, row in enumerate(rows))
        insert(connection, table, ({k: v for k, v in row.items() if k in named} for row in whole))
    return key


def _files(document: to.ReviewDocument) -> Iterator[dict[str, Any]]:
    for patch in document["patches"]:
        for file in patch["files"]:
            yield {
                "message_id": patch["message_id"],
                "path": file["path"],
                "verified": file["verified"],
                "failure": file["failure"]["detail"] if file["failure"] else None,
            }


def _functions(document: to.ReviewDocument) -> Iterator[dict[str, Any]]:
    for patch in document["patches"]:
        for function in patch["functions"]:
            reason = function["reason"]
            yield {
                "position": patch["position"],
                "message_id": patch["message_id"],
                "name": function["name"],
                "path": function["path"],
                "line": function["line"],
                "kind": " ".join(function["kind"]),
                "verdict": function["verdict"],
                "code": reason["code"] if reason else "",
                "reason": reason["text"] if reason else "",
                "delta": json.dumps(function),
            }


def _states(connection: Connection, document: to.ReviewDocument, series: str) -> list[dict[str, Any]]:
    """Keep the comments as they were last read; return what became of each."""
    rows, states = {}, {}
    for comment in document["comments"]:
        key = text_key("comment", comment["message_id"], comment["number"])
        anchor = comment["anchor"]
        rows[key] = {
            "key": key,
            "series": series,
            **{name: comment[name] for name in ("message_id", "number", "author", "date", "parent", "quote")},
            "text": comment["text"],
            "patch": anchor["message_id"] if anchor else None,
            "path": anchor["path"] if anchor else None,
            "side": anchor["side"] if anchor else None,
            "line": anchor["line"] if anchor else None,
            "requests": json.dumps(comment["requests"]),
        }
        states[key] = {
            "comment": key,
            "kind": comment["kind"],
            "state": comment["state"],
            "evidence": json.dumps(comment["evidence"]),
        }
    upsert(connection, of.comment, rows.values())
    return list(states.values())


def _keep_run(connection: Connection, run: FinishedRun, reviews: Sequence[str]) -> None:
    """Keep what serves the run again; a run of the same key is replaced."""
    connection.execute(delete(of.run).where(of.run.c.key == run.key))
    reads = [[directory, path, found] for (directory, path), found in run.reads.items()]
    row = {
        "key": run.key,
        "made_at": run.made_at,
        "code": run.code,
        "reads": json.dumps(reads),
        "word": run.word,
    }
    insert(connection, of.run, [row])
    for entry, (review, finished) in enumerate(zip(reviews, run.reviews, strict=True)):
        text = finished.written.text.encode("utf-8", "surrogatepass")
        files = finished.written.files
        keep_blobs(connection, [text, *files.values()])
        part = {"run": run.key, "entry": entry, "review": review, "text": digest(text)}
        insert(connection, of.run_part, [part])
        named = [
            {"run": run.key, "entry": entry, "name": name, "content": digest(content)}
            for name, content in files.items()
        ]
        insert(connection, of.run_file, named)


def _is_there(connection: Connection, table: Table, key: str) -> bool:
    return connection.execute(select(table.c.key).where(table.c.key == key)).first() is not None

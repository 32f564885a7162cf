"""A Question -> SeriesHistory values, newest series first.

The database chooses the series; what is shown of each is narrowed here: with a file, function, author or
state only the functions and comments that it names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select

from . import tables as of
from .content import text_key
from .store import Store
from .values import (
    KeptComment,
    KeptFinding,
    KeptFunction,
    KeptPatch,
    KeptReview,
    KeptRevision,
    KeptState,
    KeptVerdict,
    Question,
    SeriesHistory,
)


def find_history(store: Store, question: Question) -> tuple[SeriesHistory, ...]:
    """Return the series that the question names. Raises StoreError."""
    with store.reading() as connection:
        rows = connection.execute(_asked(question)).all()
        found = [_narrowed(_history(connection, row), question) for row in rows]
    histories = [one for one in found if one is not None]
    return tuple(sorted(histories, key=lambda one: (_last_date(one), one.key), reverse=True))


def _last_date(history: SeriesHistory) -> str:
    """Order series by their last posting; UTC is not needed to tell days apart."""
    return max((one.date or "" for one in history.revisions), default="")


def _asked(question: Question) -> Select[tuple[str, str, str, str]]:
    """Return the query for series."""
    key = of.series.c.key
    query = select(key, of.series.c.title, of.series.c.author, of.series.c.changed_at)
    if question.text:
        named = of.series_message.c.message == text_key("message", question.text.strip("<>"))
        by_mail = select(of.series_message.c.series).where(named)
        query = query.where(or_(_holds(of.series.c.title, question.text), key.in_(by_mail)))
    if question.author:
        patches = select(of.revision.c.series).join(of.patch)
        comments = select(of.comment.c.series)
        query = query.where(
            or_(
                _holds(of.series.c.author, question.author),
                key.in_(patches.where(_holds(of.patch.c.author, question.author))),
                key.in_(comments.where(_holds(of.comment.c.author, question.author))),
            )
        )
    reviews = select(of.review.c.series)
    if question.file:
        query = query.where(key.in_(reviews.join(of.file).where(_holds(of.file.c.path, question.file))))
    if question.function:
        named = of.function.c.name == question.function
        query = query.where(key.in_(reviews.join(of.function).where(named)))
    return query


def _holds(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    return column.icontains(text, autoescape=True)


def _history(connection: Connection, row: Row[tuple[str, str, str, str]]) -> SeriesHistory:
    key = row.key
    reviews = _reviews(connection, key)
    newest = {one.key: one.revision for one in reviews if one.newest}
    mails = select(func.count()).select_from(of.series_message).where(of.series_message.c.series == key)
    return SeriesHistory(
        key=key,
        title=row.title,
        author=row.author,
        changed_at=row.changed_at,
        mails=connection.execute(mails).scalar_one(),
        revisions=tuple(_revisions(connection, key)),
        reviews=reviews,
        functions=_functions(connection, newest),
        comments=_comments(connection, key),
        findings=tuple(_findings(connection, newest)),
    )


def _revisions(connection: Connection, series: str) -> Iterator[KeptRevision]:
    rows = connection.execute(select(of.revision).where(of.revision.c.series == series)).all()
    query = select(of.patch).join(of.revision).where(of.revision.c.series == series)
    patches: dict[str, list[KeptPatch]] = {}
    for row in connection.execute(query.order_by(of.patch.c.position)):
        patch = KeptPatch(
            position=row.position, title=row.title, message_id=row.message_id, author=row.author
        )
        patches.setdefault(row.revision, []).append(patch)
    for row in sorted(rows, key=lambda row: (row.number, row.date or "", row.key)):
        yield KeptRevision(
            number=row.number,
            label=row.label,
            date=row.date,
            head=row.head,
            complete=row.complete,
            expected=row.expected,
            patches=tuple(patches.get(row.key, ())),
        )


def _reviews(connection: Connection, series: str) -> tuple[KeptReview, ...]:
    """Return the reviews of a series, oldest first; of each revision the last one is marked."""
    rows = connection.execute(select(of.review).where(of.review.c.series == series)).all()
    rows = sorted(rows, key=lambda row: (row.made_at, row.key))
    last = {row.revision: row.key for row in rows}
    return tuple(
        KeptReview(
            key=row.key,
            revision=row.number,
            made_at=row.made_at,
            version=row.version,
            tree=row.tree,
            command=row.command,
            newest=last[row.revision] == row.key,
        )
        for row in rows
    )


def _functions(connection: Connection, newest: dict[str, int | None]) -> tuple[KeptFunction, ...]:
    table = of.function
    query = select(table).where(table.c.review.in_(list(newest)))
    verdicts: dict[tuple[str, str], list[KeptVerdict]] = {}
    for row in connection.execute(query.order_by(table.c.review, table.c.entry)):
        verdict = KeptVerdict(
            revision=newest[row.review] or 0,
            position=row.position,
            message_id=row.message_id,
            line=row.line,
            kind=row.kind,
            verdict=row.verdict,
            code=row.code,
            reason=row.reason,
        )
        verdicts.setdefault((row.path, row.name), []).append(verdict)
    return tuple(
        KeptFunction(
            name=name,
            path=path,
            verdicts=tuple(sorted(found, key=lambda one: (one.revision, one.position))),
        )
        for (path, name), found in sorted(verdicts.items())
    )


def _comments(connection: Connection, series: str) -> tuple[KeptComment, ...]:
    table = of.comment
    states: dict[str, list[KeptState]] = {}
    query = select(of.comment_state, of.review.c.made_at, of.review.c.number)
    query = query.join(of.review).where(of.review.c.series == series)
    rows = connection.execute(query).all()
    for row in sorted(rows, key=lambda row: (row.made_at, row.review)):
        state = KeptState(made_at=row.made_at, revision=row.number, kind=row.kind, state=row.state)
        before = states.setdefault(row.comment, [])
        if not before or before[-1].state != state.state:
            before.append(state)
    kept = connection.execute(select(table).where(table.c.series == series)).all()
    return tuple(
        KeptComment(
            message_id=row.message_id,
            number=row.number,
            author=row.author,
            date=row.date,
            patch=row.patch,
            path=row.path,
            line=row.line,
            quote=row.quote,
            text=row.text,
            requests=tuple(json.loads(row.requests)),
            state=states[row.key][-1].state if row.key in states else "unknown",
            states=tuple(states.get(row.key, ())),
        )
        for row in sorted(kept, key=lambda row: (row.date or "", row.message_id, row.number))
    )


def _findings(connection: Connection, newest: dict[str, int | None]) -> Iterator[KeptFinding]:
    table = of.finding
    rows = connection.execute(select(table).where(table.c.review.in_(list(newest)))).all()
    for row in sorted(rows, key=lambda row: (newest[row.review] or 0, row.entry)):
        yield KeptFinding(
            revision=newest[row.review],
            id=row.id,
            check=row.check,
            title=row.title,
            severity=row.severity,
            origin=row.origin,
            verdict=row.verdict,
            function=row.function,
            path=row.path,
            line=row.line,
        )


def _narrowed(history: SeriesHistory, question: Question) -> SeriesHistory | None:
    """Leave out what the question does not name; None where nothing of the series is left to show."""
    file, author = question.file.lower(), question.author.lower()
    functions = [
        one for one in history.functions if file in one.path.lower() and question.function in ("", one.name)
    ]
    comments = [
        one
        for one in history.comments
        if file in (one.path or "").lower() and question.state in ("", one.state)
    ]
    if author and author not in history.author.lower():
        by_patch = any(author in patch.author.lower() for one in history.revisions for patch in one.patches)
        spoke = [one for one in comments if author in one.author.lower()]
        comments = comments if by_patch and not spoke else spoke
    if question.function:
        lines = {(verdict.message_id, one.path) for one in functions for verdict in one.verdicts}
        comments = [one for one in comments if (one.patch, one.path) in lines]
    if question.state and not comments:
        return None
    findings = [
        one
        for one in history.findings
        if file in one.path.lower() and question.function in ("", one.function)
    ]
    return replace(history, functions=tuple(functions), comments=tuple(comments), findings=tuple(findings))

"""Series, Review and Recovered -> the JSON documents of CONTRACT.md. The same value gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any, cast

from ..analyze.definition import NOTHING_AROUND, Around
from ..analyze.functions import ChangedFunction, Definition
from ..analyze.history.entry import Entry
from ..analyze.images import FileChange
from ..analyze.linked import Link
from ..analyze.review import PatchReview, Review
from ..fetch.comment.quote import Comment
from ..fetch.mail.message import Note
from ..fetch.patch.trailer import Trailer
from ..fetch.repair import Recovered, RecoveredFile
from ..fetch.series.assembly import Patch, Revision, Series
from . import documents as to
from .called import called_entry
from .delta import difference_value
from .findings import ImageTexts, check_entries, finding_entry, is_whole, tool_entries
from .history_json import NO_EVIDENCE, entries_by_comment, evidence_value, find_entry, history_value
from .known import findings_of, known_lines, links_of
from .lives_json import baseline_value, followed_value
from .models import model_entry
from .tags import claimed, given
from .unread import PatchNote, comment_notes, mail_notes, patch_notes, revision_notes
from .verdict import judge
from .visible import escape_unseen
from .words import count, iso, mailbox

MOST_ENTRIES = 5000
"""Functions, and definitions, of one patch that a document holds."""
MOST_OTHERS = 500
"""Of the definitions, those that are none: includes, stray lines, comments at file level."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def to_bytes(document: Any) -> bytes:
    """Return a document as UTF-8 JSON with a line feed at its end; bytes that were no text become U+FFFD.

    Control, bidirectional and invisible characters stand escaped (RFC 8259, section 7), so that a terminal
    can show a document; what a program reads is the same text.
    """
    text = _LONE_SURROGATE.sub("\ufffd", json.dumps(document, ensure_ascii=False, indent=1))
    return (escape_unseen(text) + "\n").encode()


def series_document(series: Sequence[Series]) -> to.SeriesDocument:
    """Return what `lorelens series --format json` prints."""
    return {"schema": "lorelens/series/1", "series": [_series(one) for one in series]}


def recover_document(recovered: Recovered) -> to.RecoverDocument:
    """Return what `lorelens recover --format json` prints."""
    return {"schema": "lorelens/recover/1", "files": [_file(file) for file in recovered.files]}


def review_document(review: Review) -> to.ReviewDocument:
    """Return what `lorelens review` writes as review.json."""
    texts = _Texts()
    held = ImageTexts() if review.findings else None
    patches = [_patch(patch, texts, held) for patch in review.patches]
    entries = entries_by_comment(review.history)
    return {
        "schema": "lorelens/review/1",
        "series": _series(review.series),
        "revision": review.revision.number if review.revision else None,
        "patches": patches,
        "findings": [finding_entry(one, baseline_value(review, one)) for one in review.findings],
        "comments": [_review_comment(comment, review, entries) for comment in review.series.comments],
        "sources": texts.by_hash(),
        "tree": review.tree,
        "command": review.command,
        "version": review.version,
        "notes": _notes((*review.notes, *revision_notes(review), *comment_notes(review.series.comments))),
        "history": history_value(review.history, review.series),
        "kernel": review.kernel,
        "checks": check_entries(review.findings) if review.patches else [],
        "followed": followed_value(review.followed, review.series),
        "tools": tool_entries(review) if review.patches else [],
        "models": [model_entry(model) for model in review.models],
        "called": [called_entry(one) for one in review.called],
        "known": sorted(review.known),
    }


class _Texts:
    """The texts that a document refers to, each once."""

    def __init__(self) -> None:
        self._by_hash: dict[str, str] = {}

    def add(self, text: str) -> str:
        """Keep `text` and return its key."""
        text = _LONE_SURROGATE.sub("\ufffd", text)
        key = hashlib.sha256(text.encode()).hexdigest()
        self._by_hash[key] = text
        return key

    def by_hash(self) -> dict[str, str]:
        return dict(sorted(self._by_hash.items()))


def _series(series: Series) -> to.SeriesEntry:
    return {
        "title": series.title,
        "author": mailbox(series.author),
        "revisions": [_revision(revision) for revision in series.revisions],
        "comments": [_comment(comment) for comment in series.comments],
        "messages": list(series.messages),
        "notes": _notes(series.notes),
    }


def _revision(revision: Revision) -> to.RevisionEntry:
    return {
        "number": revision.number,
        "label": revision.label,
        "date": iso(revision.date),
        "head": revision.head,
        "cover": revision.cover.message_id if revision.cover else None,
        "complete": revision.complete,
        "expected": revision.expected,
        "patches": [_series_patch(patch) for patch in revision.patches],
        "base_commit": revision.base_commit,
        "prerequisites": list(revision.prerequisites),
        "notes": _notes(revision.notes),
        "cover_notes": _notes(revision.cover.notes if revision.cover else ()),
    }


def _series_patch(patch: Patch) -> to.SeriesPatchEntry:
    return {
        "position": patch.position,
        "message_id": patch.message.message_id,
        "title": patch.title,
        "replaces": patch.replaces,
        "author": mailbox(patch.author),
        "trailers": _trailers(given(patch)),
        "claimed": _trailers(claimed(patch)),
        "notes": _notes(mail_notes(patch)),
    }


def _comment(comment: Comment) -> to.CommentEntry:
    anchor = comment.anchor
    return {
        "message_id": comment.message_id,
        "author": mailbox(comment.author),
        "anchor": {
            "message_id": anchor.message_id,
            "path": anchor.path,
            "side": "pre" if anchor.side == "pre" else "post",
            "line": anchor.line,
        }
        if anchor
        else None,
        "number": comment.number,
        "date": iso(comment.date),
        "parent": comment.parent,
        "quote": comment.quote,
        "text": comment.text,
        "requests": list(comment.requests),
    }


def _review_comment(
    comment: Comment, review: Review, entries: dict[tuple[str, int], Entry]
) -> to.ReviewCommentEntry:
    entry = find_entry(entries, comment)
    return {
        **_comment(comment),
        "kind": entry.kind if entry else "request" if comment.requests else "remark",
        "state": entry.state if entry else "unknown",
        "evidence": evidence_value(entry.evidence) if entry else NO_EVIDENCE,
        "findings": [one.id for one in findings_of(comment, review)],
        "links": [_link(one) for one in links_of(comment, review)],
        "known": known_lines(comment, review),
    }


def _link(link: Link) -> to.LinkEntry:
    return {
        "sentence": link.sentence,
        "function": link.function,
        "path": link.path,
        "side": cast(Any, link.side),
        "patch": link.patch,
        "line": link.line,
        "text": link.text,
        "by": list(link.by),
    }


def _patch(reviewed: PatchReview, texts: _Texts, held: ImageTexts | None) -> to.PatchEntry:
    patch = reviewed.patch
    changes = {change.path: change for change in reviewed.files}
    functions, definitions, left_out = _bounded(reviewed.functions)
    return {
        "position": patch.position,
        "message_id": patch.message.message_id,
        "title": patch.title,
        "files": [_review_file(file, changes.get(file.path), texts, held) for file in reviewed.recovered],
        "functions": [_function(function, texts, held=held is not None) for function in functions],
        "definitions": [_definition(definition, texts) for definition in definitions],
        "author": mailbox(patch.author),
        "commit_message": texts.add(patch.commit_message),
        "quoted": patch.quoted,
        "trailers": _trailers(given(patch)),
        "claimed": _trailers(claimed(patch)),
        "notes": [
            {"kind": note.kind, "detail": note.detail, "path": note.path}
            for note in (*patch_notes(reviewed), *left_out)
        ],
    }


def _bounded(
    changed: Sequence[ChangedFunction],
) -> tuple[list[ChangedFunction], list[ChangedFunction], list[PatchNote]]:
    """Return the functions and the definitions within bounds, and a note for each sort that is left out.

    A hostile patch may hold a hundred thousand stray lines, each of them a hundred times its size here.
    """
    functions = [entry for entry in changed if entry.symbol == "function"]
    others = [entry for entry in changed if entry.symbol == "other"]
    dropped = {id(entry) for entry in others[MOST_OTHERS:]}
    definitions = [entry for entry in changed if entry.symbol != "function" and id(entry) not in dropped]
    left_out = (
        ("function", len(functions) - MOST_ENTRIES),
        ("definition", len(definitions) - MOST_ENTRIES),
        ("other change", len(dropped)),
    )
    notes = [
        PatchNote(path=None, kind="size", detail=f"not listed, but in the diff: {count(number, what)}")
        for what, number in left_out
        if number > 0
    ]
    return functions[:MOST_ENTRIES], definitions[:MOST_ENTRIES], notes


def _file(file: RecoveredFile) -> to.FileEntry:
    return {
        "path": file.path,
        "pre_blob": file.pre_blob,
        "post_blob": file.post_blob,
        "verified": file.verified,
        "tries": file.tries,
        "repairs": [{"kind": r.kind, "lines": r.lines, "detail": r.detail} for r in file.repairs],
        "failure": _note(file.failure) if file.failure else None,
    }


def _review_file(
    file: RecoveredFile, change: FileChange | None, texts: _Texts, held: ImageTexts | None
) -> to.ReviewFileEntry:
    """Join what repair says of a file with what came of applying its diff."""
    entry = _file(file)
    if change:
        if entry["verified"] is None:
            entry["verified"] = change.verified
        if entry["failure"] is None and change.failure:
            entry["failure"] = _note(change.failure)
    pre = held.needed(change) if held and change else None
    return {
        **entry,
        "source": change.source if change else None,
        "diff": texts.add(file.diff),
        "whole": change is not None and is_whole(change),
        "pre": None if pre is None else texts.add(pre),
    }


def _function(function: ChangedFunction, texts: _Texts, *, held: bool) -> to.FunctionEntry:
    judged = judge(function)
    return {
        **_definition(function, texts),
        "verdict": judged.verdict,
        "reason": {"code": judged.code, "text": judged.text},
        "bounded": judged.bounded,
        "assumptions": list(judged.assumptions),
        "differences": [cast(to.DifferenceEntry, difference_value(row)) for row in judged.differences],
        "unchanged": [],
        "headers": _headers(function.around, texts) if held else None,
    }


def _headers(around: Around, texts: _Texts) -> to.HeadersEntry | None:
    if around == NOTHING_AROUND:
        return None
    return {
        "pre": texts.add(around.pre),
        "post": texts.add(around.post),
        "guess": around.guess,
        "renames": [list(one) for one in around.renames],
        "beside": {
            "pre": texts.add(around.beside[0]),
            "post": texts.add(around.beside[1]),
            "assumed": list(around.assumed),
        }
        if any(around.beside)
        else None,
    }


def _definition(changed: ChangedFunction, texts: _Texts) -> to.DefinitionEntry:
    there = changed.post or changed.pre
    entry = {
        "name": changed.name,
        "path": changed.path,
        "line": there.start if there else 1,
        "config": there.config if there else None,
        "kind": list(changed.kind),
        "symbol": changed.symbol,
        "pre": _span(changed.pre, texts),
        "post": _span(changed.post, texts),
    }
    return cast(to.DefinitionEntry, entry)  # kinds and symbols are plain strings on the analysis' side


def _span(definition: Definition | None, texts: _Texts) -> to.SpanEntry | None:
    if definition is None:
        return None
    return {
        "name": definition.name,
        "path": definition.path,
        "start": definition.start,
        "end": definition.end,
        "whole": definition.whole,
        "source": texts.add(definition.text),
    }


def _trailers(trailers: Sequence[Trailer]) -> list[to.TrailerEntry]:
    return [
        {"name": t.name, "value": t.value, "given_by": t.given_by, "comment": t.comment} for t in trailers
    ]


def _notes(notes: Sequence[Note]) -> list[to.NoteEntry]:
    return [_note(note) for note in notes]


def _note(note: Note) -> to.NoteEntry:
    return {"kind": note.kind, "detail": note.detail}

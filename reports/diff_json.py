"""RevisionDiff -> the `lorelens/diff/1` document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from ..analyze.history.functions import FunctionInterdiff
from ..analyze.history.hunks import FileInterdiff
from ..analyze.history.interdiff import PatchInterdiff, RevisionDiff
from ..analyze.history.matching import LonePatch
from ..analyze.history.message import MessageInterdiff
from ..fetch.patch.trailer import Trailer
from ..fetch.series.assembly import Patch, Revision
from . import diff_documents as to
from .delta import delta_value
from .documents import TrailerEntry
from .words import iso, mailbox


def diff_document(diffs: Sequence[RevisionDiff], command: str, version: str) -> to.DiffDocument:
    """Return what `lorelens diff --format json` prints."""
    return {
        "schema": "lorelens/diff/1",
        "series": [_series(diff) for diff in diffs],
        "command": command,
        "version": version,
    }


def _series(diff: RevisionDiff) -> to.SeriesDiffEntry:
    return {
        "title": diff.series.title,
        "author": mailbox(diff.series.author),
        "before": _revision(diff.before, diff.trees[0]),
        "after": _revision(diff.after, diff.trees[1]),
        "pairs": [_pair(patch) for patch in diff.patches],
        "gone": [_lone(lone) for lone in diff.matching.gone],
        "come": [_lone(lone) for lone in diff.matching.come],
        "notes": [{"kind": note.kind, "detail": note.detail} for note in diff.notes],
    }


def _revision(revision: Revision, tree: str) -> to.RevisionReference:
    return {
        "number": revision.number,
        "label": revision.label,
        "date": iso(revision.date),
        "head": revision.head,
        "complete": revision.complete,
        "patches": len(revision.patches),
        "tree": tree,
    }


def _patch(patch: Patch) -> to.PatchReference:
    return {"position": patch.position, "message_id": patch.message.message_id, "title": patch.title}


def _pair(patch: PatchInterdiff) -> to.PairEntry:
    entry = {
        "before": _patch(patch.pair.before),
        "after": _patch(patch.pair.after),
        "kinds": list(patch.pair.kinds),
        "likeness": round(patch.pair.likeness, 4),
        "words": patch.pair.words,
        "hunks": patch.hunks,
        "files": [_file(file) for file in patch.files],
        "functions": [_function(function) for function in patch.functions],
        "message": _message(patch.message),
    }
    return cast(to.PairEntry, entry)


def _file(file: FileInterdiff) -> to.FileInterdiffEntry:
    entry = {
        "path": file.path,
        "former": file.former,
        "kind": file.kind,
        "differs": file.differs,
        "white_space": file.white_space,
        "facts": list(file.facts),
        "hunks": [
            {
                "section": hunk.section,
                "lines": [
                    {"side": line.side, "sign": line.sign, "text": line.text, "number": line.number}
                    for line in hunk.lines
                ],
            }
            for hunk in file.hunks
        ],
    }
    return cast(to.FileInterdiffEntry, entry)


def _function(function: FunctionInterdiff) -> to.FunctionInterdiffEntry:
    entry = {
        "name": function.name,
        "symbol": function.symbol,
        "path": function.path,
        "former_path": function.former_path,
        "former": function.former,
        "kind": function.kind,
        "differs": function.differs,
        "delta": None if function.delta is None else delta_value(function.delta),
        "why_not": function.why_not,
    }
    return cast(to.FunctionInterdiffEntry, entry)


def _message(message: MessageInterdiff) -> to.MessageInterdiffEntry:
    entry = {
        "kind": message.kind,
        "lines": [{"side": line.side, "text": line.text} for line in message.lines],
        "added": [_trailer(one) for one in message.added],
        "removed": [_trailer(one) for one in message.removed],
        "lost": [_trailer(one) for one in message.lost],
    }
    return cast(to.MessageInterdiffEntry, entry)


def _trailer(one: Trailer) -> TrailerEntry:
    return {"name": one.name, "value": one.value, "given_by": one.given_by, "comment": one.comment}


def _lone(lone: LonePatch) -> to.LoneEntry:
    entry = {
        "patch": _patch(lone.patch),
        "kind": lone.kind,
        "other": None if lone.other is None else _patch(lone.other),
        "share": round(lone.share, 4),
        "words": lone.words,
    }
    return cast(to.LoneEntry, entry)

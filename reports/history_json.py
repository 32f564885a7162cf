"""History -> the values of review.json that tell of it."""

from __future__ import annotations

from typing import cast

from ..analyze.history.claims import Claim
from ..analyze.history.entry import Entry, Evidence, Hunk, Reply
from ..analyze.history.history import History
from ..analyze.history.steps import Pair, Step
from ..analyze.history.trailers import TrailerLife
from ..fetch.comment.quote import Comment
from ..fetch.series.assembly import Series
from . import history_documents as to
from .lives_json import block_value, life_value
from .revisions import revision_names
from .words import revision_name

NO_EVIDENCE: to.EvidenceEntry = {"why": "", "hunks": [], "replies": [], "changelog": [], "trailers": []}
LONGEST = 2000
"""Characters of a line, or of a sentence, that a document's evidence holds."""
MOST_LINES = 12
"""Quoted lines of one hunk pair that a document holds."""


def entries_by_comment(history: History | None) -> dict[tuple[str, int], Entry]:
    """Return the ledger by message-id and number of the comment."""
    entries = history.entries if history else ()
    return {_key(entry.comment): entry for entry in entries}


def find_entry(entries: dict[tuple[str, int], Entry], comment: Comment) -> Entry | None:
    """Return a comment's entry; None for what authors wrote."""
    return entries.get(_key(comment))


def evidence_value(evidence: Evidence) -> to.EvidenceEntry:
    """Return a comment's evidence as data."""
    return {
        "why": evidence.why,
        "hunks": [_hunk(hunk) for hunk in evidence.hunks],
        "replies": [_reply(reply) for reply in evidence.replies],
        "changelog": [
            {
                "message_id": line.message_id,
                "revision": line.revision,
                "text": line.text[:LONGEST],
                "shared": list(line.shared),
            }
            for line in evidence.changelog
        ],
        "trailers": [
            {"message_id": one.message_id, "revision": one.revision, "trailer": one.trailer}
            for one in evidence.trailers
        ],
    }


def history_value(history: History | None, series: Series) -> to.HistoryEntry | None:
    """Return what review.json says of a history beside its comments; None where it was not looked at."""
    if history is None:
        return None
    names = [revision_name(revision) for revision in series.revisions]
    called = revision_names(series)
    return {
        "steps": [_step(step, names) for step in history.steps],
        "trailers": [_trailer(life, names) for life in history.trailers],
        "claims": [_claim(claim, names) for claim in history.claims],
        "unclaimed": [
            {"revision": names[one.revision], "message_id": one.patch.message.message_id, "what": one.what}
            for one in history.unclaimed
        ],
        "tree_notes": [
            {
                "kind": note.kind,
                "message_id": note.message.message_id,
                "patch": note.patch,
                "title": note.title,
            }
            for note in history.tree_notes
        ],
        "me": history.me,
        "reread": [
            {
                "position": one.patch.position,
                "message_id": one.patch.message.message_id,
                "need": one.need,
                "since": names[one.since] if one.since is not None else None,
            }
            for one in history.reread
        ],
        "patches": [life_value(life, series, called) for life in history.lives],
        "functions": [block_value(block, called) for block in history.blocks],
    }


def _hunk(hunk: Hunk) -> to.HunkPairEntry:
    value = {
        "revision": hunk.revision,
        "message_id": hunk.message_id,
        "path": hunk.path,
        "line": hunk.line,
        "kind": hunk.kind,
        "before": [line[:LONGEST] for line in hunk.before[:MOST_LINES]],
        "after": [line[:LONGEST] for line in hunk.after[:MOST_LINES]],
        "proof": hunk.proof,
    }
    return cast(to.HunkPairEntry, value)  # kinds are plain strings on the analysis' side


def _reply(reply: Reply) -> to.ReplyEntry:
    value = {
        "message_id": reply.message_id,
        "author": reply.author,
        "by_author": reply.by_author,
        "says": reply.says,
        "sentence": reply.sentence[:LONGEST],
    }
    return cast(to.ReplyEntry, value)


def _trailer(life: TrailerLife, names: list[str]) -> to.TrailerLifeEntry:
    return {
        "trailer": f"{life.trailer.name}: {life.trailer.value}",
        "given_by": life.trailer.given_by,
        "revision": names[life.revision],
        "position": life.position,
        "fate": life.fate,
    }


def _claim(claim: Claim, names: list[str]) -> to.ClaimEntry:
    return {
        "revision": names[claim.item.revision],
        "message_id": claim.item.message_id,
        "text": claim.item.text[:LONGEST],
        "found": claim.found,
        "patches": list(claim.where),
    }


def _step(step: Step, names: list[str]) -> to.StepEntry:
    return {
        "revision": names[step.revision],
        "patches": [_pair(pair) for pair in step.pairs],
        "gone": [patch.message.message_id for patch in step.gone],
    }


def _pair(pair: Pair) -> to.PatchStepEntry:
    return {
        "position": pair.patch.position,
        "message_id": pair.patch.message.message_id,
        "before": pair.before.message.message_id if pair.before else None,
        "kind": pair.kind,
        "gained": len(pair.change.gained) if pair.change else 0,
        "lost": len(pair.change.lost) if pair.change else 0,
    }


def _key(comment: Comment) -> tuple[str, int]:
    return comment.message_id, comment.number

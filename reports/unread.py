"""What could not be read, or was read with a guess: the notes of all stages, each said once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..analyze.review import PatchReview, Review
from ..fetch.comment.quote import Comment
from ..fetch.mail.message import Note
from ..fetch.series.assembly import Patch
from .words import count


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something that could not be read, or was read with a guess."""

    where: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchNote:
    """A note on a patch, and the file that it speaks of."""

    path: str | None
    kind: str
    detail: str
    """Without the path in front."""


def unread(review: Review) -> tuple[Unread, ...]:
    """Return everything that was not read, or read with a guess, each once."""
    found = [
        _unread("series", note) for note in (*review.series.notes, *review.notes, *revision_notes(review))
    ]
    if review.revision:
        found += [_unread("revision", note) for note in review.revision.notes]
        if review.revision.cover:
            found += [_unread("cover", note) for note in review.revision.cover.notes]
    for reviewed in review.patches:
        for note in patch_notes(reviewed):
            where = f"patch {reviewed.patch.position}" + (f", {note.path}" if note.path else "")
            found.append(Unread(where=where, kind=note.kind, detail=note.detail))
    found += [_unread("comments", note) for note in comment_notes(review.series.comments)]
    once: dict[tuple[str, str], Unread] = {}
    for one in found:
        once.setdefault((one.where, one.detail), one)
    return tuple(once.values())


def revision_notes(review: Review) -> tuple[Note, ...]:
    """Return what makes the series' history doubtful, and where following its findings was cut."""
    doubts = review.history.notes if review.history else ()
    return (*doubts, *(review.followed.notes if review.followed else ()))


def mail_notes(patch: Patch) -> tuple[Note, ...]:
    """Return what was read of a patch's mail with a guess, or not at all."""
    return tuple(dict.fromkeys((*patch.message.notes, *patch.notes)))


def patch_notes(reviewed: PatchReview) -> tuple[PatchNote, ...]:
    """Return the notes on a patch's mail, its diff and its files, failures among them.

    Several stages meet the same fault, some with the path in front of what they say: it is said once.
    """
    failures = [(file.path, file.failure) for file in reviewed.recovered]
    failures += [(change.path, change.failure) for change in reviewed.files]
    paths = {path for path, _ in failures}
    found = [_patch_note(note, paths, None) for note in (*mail_notes(reviewed.patch), *reviewed.notes)]
    found += [_patch_note(failure, {path}, path) for path, failure in failures if failure]
    once: dict[tuple[str | None, str], PatchNote] = {}
    for note in found:
        once.setdefault((note.path, note.detail), note)
    return tuple(once.values())


def comment_notes(comments: Sequence[Comment]) -> tuple[Note, ...]:
    """Say how many comments are by nobody that is named."""
    nameless = sum(not (comment.author.name or comment.author.email) for comment in comments)
    if not nameless:
        return ()
    said = f"{count(nameless, 'comment')} by somebody whom the mail or page does not name"
    return (Note(kind="author", detail=said),)


def _unread(where: str, note: Note) -> Unread:
    return Unread(where=where, kind=note.kind, detail=note.detail)


def _patch_note(note: Note, paths: set[str], path: str | None) -> PatchNote:
    """Take the path off the front of a note's detail, where it is one of `paths`."""
    named, colon, rest = note.detail.partition(": ")
    if colon and named in paths:
        return PatchNote(path=named, kind=note.kind, detail=rest)
    return PatchNote(path=path, kind=note.kind, detail=note.detail)

"""What could not be read, or was read with a guess: the notes of all stages in one list."""

from __future__ import annotations

from dataclasses import dataclass

from ..analyze.review import Review


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something that could not be read, or was read with a guess."""

    where: str
    kind: str
    detail: str


def unread(review: Review) -> tuple[Unread, ...]:
    """Return everything that was not read, or read with a guess, each once."""
    found = [
        Unread(where="series", kind=note.kind, detail=note.detail)
        for note in (*review.series.notes, *review.notes)
    ]
    if review.revision:
        found += [Unread(where="revision", kind=n.kind, detail=n.detail) for n in review.revision.notes]
        if review.revision.cover:
            found += [
                Unread(where="cover", kind=n.kind, detail=n.detail) for n in review.revision.cover.notes
            ]
    for reviewed in review.patches:
        where = f"patch {reviewed.patch.position}"
        notes = (*reviewed.patch.message.notes, *reviewed.notes)
        found += [Unread(where=where, kind=note.kind, detail=note.detail) for note in notes]
        failures = [(file.path, file.failure) for file in reviewed.recovered]
        failures += [(change.path, change.failure) for change in reviewed.files]
        for path, failure in failures:
            if failure:
                found.append(Unread(where=f"{where}, {path}", kind=failure.kind, detail=failure.detail))
    return tuple(dict.fromkeys(found))

"""What makes a history doubtful: a revision that is missing, two of one number, another author or title.

Each is a note with a clear word; the history goes on over it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ...fetch.mail.message import Address, Note
from ...fetch.patch.subject import parse_subject
from ...fetch.series.assembly import Revision, Series
from ...fetch.series.person import same_person, spell
from .matching import Matching

FEW = 0.34
"""Share of the smaller revision's patches that go on; with less the series may be another."""
LONGEST = 300
"""Characters of a title that are told."""


def find_breaks(series: Series, matchings: Sequence[Matching]) -> tuple[Note, ...]:
    """Return a note for each place where the revisions are no plain v1, v2, v3 of one author and title."""
    revisions = series.revisions
    notes = list(_missing(revisions))
    for (one, other), matching in zip(pairwise(revisions), matchings, strict=True):
        notes += _between(one, other, matching)
    return tuple(notes)


def call(revision: Revision) -> str:
    """Return "v3"; "RFC v2" where the mails say so."""
    label = revision.label.strip()
    return label if "v" in label.casefold() else " ".join(filter(None, (label, f"v{revision.number}")))


def _missing(revisions: Sequence[Revision]) -> Iterator[Note]:
    if revisions and revisions[0].number > 1:
        first = call(revisions[0])
        absent = _numbers(1, revisions[0].number)
        detail = f"{absent} not at hand: what {first} has may be as it was there, or not"
        yield Note(kind="gap", detail=detail)
    for one, other in pairwise(revisions):
        if other.number > one.number + 1:
            absent = _numbers(one.number + 1, other.number)
            detail = (
                f"{absent} not at hand: {call(other)} is held against {call(one)}, and what is told of "
                f"{call(other)} may have come earlier"
            )
            yield Note(kind="gap", detail=detail)


def _numbers(start: int, stop: int) -> str:
    if stop - start == 1:
        return f"v{start} is"
    return f"v{start} to v{stop - 1} are"


def _between(one: Revision, other: Revision, matching: Matching) -> Iterator[Note]:
    if one.number == other.number:
        detail = (
            f"v{one.number} was posted twice ({one.head} and {other.head}); the later is told as following "
            "the earlier"
        )
        yield Note(kind="double", detail=detail)
    mine, theirs = _sender(one), _sender(other)
    known = (mine, *(patch.author for patch in one.patches))
    if not any(same_person(author, theirs) for author in known):
        detail = f"{call(other)} was posted by {spell(theirs)}, {call(one)} by {spell(mine)}"
        yield Note(kind="author", detail=detail)
    titles = _title(one), _title(other)
    if all(titles) and _plain(titles[0]) != _plain(titles[1]):
        detail = f'from {call(other)} on it is called "{titles[1]}"; {call(one)} was "{titles[0]}"'
        yield Note(kind="title", detail=detail)
    least = min(len(one.patches), len(other.patches))
    if least and len(matching.pairs) < FEW * least:
        went_on = f"{len(matching.pairs)} of the {len(one.patches)} patches" if matching.pairs else "no patch"
        goes = "go" if len(matching.pairs) > 1 else "goes"
        detail = f"{went_on} of {call(one)} {goes} on in {call(other)}: it may be another series"
        yield Note(kind="turn", detail=detail)


def _sender(revision: Revision) -> Address:
    """Return the sender of the head."""
    return (revision.cover or revision.patches[0].message).author


def _title(revision: Revision) -> str:
    """Return the cover letter's title; "" without a cover, for then patches have their own."""
    return parse_subject(revision.cover.subject).title[:LONGEST] if revision.cover else ""


def _plain(title: str) -> str:
    return " ".join(title.casefold().split())

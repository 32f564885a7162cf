"""Comments in their places: which revision and patch each speaks of, and which mails here answer it."""

from __future__ import annotations

from dataclasses import dataclass

from ...fetch.comment.quote import Comment
from ...fetch.series.assembly import Patch, Revision, Series
from ...fetch.series.person import same_person


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One comment and its place in the series."""

    number: int
    """1-based position among the series' comments."""
    comment: Comment
    revision: Revision | None
    """None where no mail of a revision is found above the comment."""
    patch: Patch | None
    """None for a comment on the cover letter, or where revision is None."""
    by_author: bool
    """Whether the author of the patches wrote it."""
    answers: tuple[Comment, ...]
    """The first comment of each mail by somebody else that replies to this one."""

    @property
    def waits(self) -> bool:
        """Whether it asks the author for something and no reply of anybody is at hand."""
        return bool(self.comment.requests) and not self.by_author and not self.answers


def place_comments(series: Series) -> tuple[Asked, ...]:
    """Return every comment of the series with its place, in the series' order."""
    places = _places(series)
    known = dict(places)
    parents = {comment.message_id: comment.parent for comment in series.comments}
    replies: dict[str, list[Comment]] = {}
    for comment in series.comments:
        if comment.parent and comment.number == 1:
            replies.setdefault(comment.parent, []).append(comment)
    asked = []
    for number, comment in enumerate(series.comments, 1):
        revision, patch = _place(comment, places, parents, known)
        answers = [
            r for r in replies.get(comment.message_id, ()) if not same_person(r.author, comment.author)
        ]
        asked.append(
            Asked(
                number=number,
                comment=comment,
                revision=revision,
                patch=patch,
                by_author=_is_authors(comment, series, revision, patch),
                answers=tuple(answers),
            )
        )
    return tuple(asked)


def _is_authors(comment: Comment, series: Series, revision: Revision | None, patch: Patch | None) -> bool:
    """Whether it is by the author of the series, by the revision's sender, or by the patch's author."""
    if not series.revisions:
        return False
    people = [series.author]
    if revision:
        people.append(revision.cover.author if revision.cover else revision.patches[0].message.author)
    if patch:
        people += [patch.author, patch.message.author]
    return any(same_person(comment.author, one) for one in people)


_Place = tuple[Revision | None, Patch | None]
_NOWHERE: _Place = (None, None)


def _places(series: Series) -> dict[str, _Place]:
    """Message-id -> the revision and patch that the mail is; a replaced patch is where its successor is."""
    places: dict[str, _Place] = {}
    for revision in series.revisions:
        for patch in revision.patches:
            if patch.replaces:
                places.setdefault(patch.replaces, (revision, patch))
    for revision in series.revisions:
        if revision.cover:
            places[revision.cover.message_id] = (revision, None)
        for patch in revision.patches:
            places[patch.message.message_id] = (revision, patch)
    return places


def _place(
    comment: Comment, places: dict[str, _Place], parents: dict[str, str | None], known: dict[str, _Place]
) -> _Place:
    """Go by the anchor, else up the replies to the first mail of a revision.

    `known` takes what is found for each mail on the way: a chain of replies costs what its length does.
    """
    if comment.anchor and comment.anchor.message_id in places:
        return places[comment.anchor.message_id]
    path: dict[str, None] = {}
    mail = comment.parent
    while mail is not None and mail not in known and mail not in path:
        path[mail] = None
        mail = parents.get(mail)
    found = known.get(mail, _NOWHERE) if mail is not None else _NOWHERE
    known.update(dict.fromkeys(path, found))
    return found

"""Series -> the ledger: every reviewer's comment, what became of it, and what shows that.

    place_comments ─▶ kinds ─▶ blocks followed through the revisions ─▶ Facts ──decide──▶ Entry
    answers, changelogs, later trailers ────────────────────────────────▲

What authors write themselves is no entry; it is evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from ...fetch.comment.quote import Comment
from ...fetch.series.assembly import Series
from ...fetch.series.person import same_person, spell
from .answers import Answer, Talk, asks_on, find_answers, find_concession, gives_in, index_talk
from .asked import Asked, place_comments
from .changelog import Item, read_items
from .decide import decide
from .entry import Entry, Evidence, Given, Hunk, Logged, Reply
from .facts import Facts, Later
from .fixes import find_fix
from .kinds import ASKING, Kind, asks_by_answer, kind_of
from .proof import Proof, find_named, find_phrase, find_run, find_substitution
from .related import Related, Relation, closest
from .spoken import Block, Fate, find_block, follow, stands_elsewhere
from .spots import Spot, Successors, find_patch, follow_patches
from .texts import COVER, EMPTY, MESSAGE, PatchText, cover_text, patch_text

MOST_LOGGED = 3
SOON = timedelta(days=45)
"""Time in which another series of the same author may take up what was said of this one."""
MOST_LATER = 30
"""Later revisions in which a comment is followed up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _History:
    """A series, indexed once for all its comments."""

    series: Series
    talk: Talk
    successors: Successors
    related: Related
    others: tuple[Series, ...]
    """Other series of the same author."""
    trailers: frozenset[str]
    """Message-ids of mails that give a trailer."""


def build_ledger(
    series: Series, successors: Successors | None = None, others: Sequence[Series] = ()
) -> tuple[Entry, ...]:
    """Return an entry for every comment of a reviewer, in the series' order.

    `others` are the series that the same sources hold: what the author posted later may take a comment up.
    """
    asked = place_comments(series)
    history = _History(
        series=series,
        talk=index_talk(asked),
        successors=follow_patches(series) if successors is None else successors,
        related=Related(series, read_items(series)),
        others=tuple(o for o in others if o is not series and same_person(o.author, series.author)),
        trailers=frozenset(
            trailer.given_by
            for revision in series.revisions
            for patch in revision.patches
            for trailer in patch.trailers
            if trailer.given_by
        ),
    )
    known = [_facts(one, history) for one in asked if not one.by_author]
    related = closest([facts.related for facts in known])
    return tuple(_entry(replace(f, related=r), history) for f, r in zip(known, related, strict=True))


def _entry(facts: Facts, history: _History) -> Entry:
    state, why = decide(facts)
    return Entry(asked=facts.asked, kind=facts.kind, state=state, evidence=_evidence(facts, why, history))


def _facts(asked: Asked, history: _History) -> Facts:
    """Gather what is known of a comment; its later revisions only where it may ask for something."""
    comment = asked.comment
    answers = find_answers(asked, history.talk)
    above = history.talk.by_mail.get(comment.parent or "", ())
    own = [answer for answer in answers if answer.asked.by_author and answer.direct]
    plain = Facts(
        asked=asked,
        kind=asks_by_answer(_kind(asked, above, history), _taken_up(asked, own)),
        to_author=not above or above[0].by_author,
        on_patch=not above,
        beside="",
        block=None,
        later=(),
        answers=answers,
        rests=None,
        asks_on=False,
        related=(),
        fixed=None,
        trailers=(),
    )
    spot = _spot(asked, history.series)
    remark = plain.kind == "remark" and plain.on_patch
    if spot is None or not (plain.kind in ASKING or remark):
        return plain
    block = find_block(comment, _text(spot, history.series))
    facts = replace(
        plain,
        block=block,
        beside=_beside(asked, block, history),
        later=_later(comment, block, spot, history),
        rests=find_concession(asked, answers, history.talk),
        asks_on=asks_on(asked, answers, history.talk),
        related=history.related.find(comment, block, range(spot[0] + 1, spot[0] + 3)),
        fixed=find_fix(comment, asked.patch, block, history.series.tree_notes),
        trailers=_later_trailers(comment, spot, history),
    )
    if not remark:
        return facts
    return replace(facts, kind="request") if _words_taken(facts) else plain


def _words_taken(facts: Facts) -> bool:
    """Whether one of the next two revisions has the comment's own words."""
    return any(one.proof and one.proof.kind in ("run", "substitution") for one in facts.later[:2])


def _kind(asked: Asked, above: Sequence[Asked], history: _History) -> Kind:
    comment = asked.comment
    if any(note.message.message_id == comment.message_id for note in history.series.tree_notes):
        return "notice"
    rests = bool(above) and above[0].by_author and gives_in(comment.text)
    return kind_of(comment, gives_trailer=comment.message_id in history.trailers, rests=rests)


def _taken_up(asked: Asked, own: Sequence[Answer]) -> list[Answer]:
    """Of the authors' direct answers to a comment those that show that it asked for something."""
    on_code = asked.comment.anchor is not None
    return [a for a in own if a.promise or (on_code and a.says in ("defers", "declines"))]


def _later(comment: Comment, block: Block | None, spot: Spot, history: _History) -> tuple[Later, ...]:
    """Follow the patch, and the lines spoken of, through the later revisions."""
    series = history.series
    before = _text(spot, series)
    earlier = [_text((spot[0], patch.position), series) for patch in series.revisions[spot[0]].patches]
    earlier.append(_text((spot[0], COVER), series))
    found: list[Later] = []
    at: Spot | None = spot
    for number in range(spot[0] + 1, min(len(series.revisions), spot[0] + 1 + MOST_LATER)):
        at = history.successors.get(at) if at is not None else None
        after = _text(at, series) if at is not None else EMPTY
        whole = _whole(number, series) if at is None or at[1] == COVER else after
        fate = follow(block, before, after) if block is not None and at is not None else None
        found.append(
            Later(
                revision=number,
                name=f"v{series.revisions[number].number}",
                message_id=_message_id(at, series),
                fate=fate,
                proof=_proof(comment, block, fate, earlier, whole),
                same=at is not None and after.shown == before.shown,
                elsewhere=_elsewhere(block, fate, at, number, earlier, series),
            )
        )
    return tuple(found)


def _proof(
    comment: Comment, block: Block | None, fate: Fate | None, earlier: Sequence[PatchText], after: PatchText
) -> Proof | None:
    found = find_run(comment, earlier, after) or find_phrase(comment, earlier, after)
    if found is None and block is not None and fate is not None:
        found = find_substitution(comment, fate) or find_named(comment, block, fate)
    return found


def _elsewhere(
    block: Block | None,
    fate: Fate | None,
    at: Spot | None,
    number: int,
    earlier: Sequence[PatchText],
    series: Series,
) -> str:
    """The title of another patch that has the lines now, and had them not before."""
    if block is None or (fate is not None and fate.kind != "changed"):
        return ""
    if sum(stands_elsewhere(block, text) for text in earlier) > 1:
        return ""
    for patch in series.revisions[number].patches:
        if (number, patch.position) != at and stands_elsewhere(block, patch_text(patch)):
            return patch.title
    return ""


def _beside(asked: Asked, block: Block | None, history: _History) -> str:
    """The title of a later series of the same author that touches the file spoken of."""
    when = asked.comment.date
    paths = {block.path} if block else set()
    if not paths - {MESSAGE} and asked.patch:
        paths = {line.path for line in patch_text(asked.patch).lines}
    paths.discard(MESSAGE)
    for other in history.others:
        for revision in other.revisions:
            posted = revision.date
            if when is None or posted is None or not when < posted <= when + SOON:
                continue
            if any(line.path in paths for patch in revision.patches for line in patch_text(patch).lines):
                return other.title
    return ""


def _spot(asked: Asked, series: Series) -> Spot | None:
    if asked.revision is None:
        return None
    at = next(n for n, revision in enumerate(series.revisions) if revision is asked.revision)
    return at, asked.patch.position if asked.patch else COVER


def _text(spot: Spot, series: Series) -> PatchText:
    if spot[1] == COVER:
        return cover_text(series.revisions[spot[0]].cover)
    patch = find_patch(series, spot)
    return patch_text(patch) if patch else EMPTY


def _whole(number: int, series: Series) -> PatchText:
    """All of a revision's text as one, where only its words matter."""
    texts = [patch_text(patch) for patch in series.revisions[number].patches]
    return PatchText((), (), {}, {}, {}, tuple(word for text in texts for word in text.words))


def _message_id(spot: Spot | None, series: Series) -> str | None:
    if spot is None:
        return None
    if spot[1] == COVER:
        cover = series.revisions[spot[0]].cover
        return cover.message_id if cover else None
    patch = find_patch(series, spot)
    return patch.message.message_id if patch else None


def _later_trailers(comment: Comment, spot: Spot, history: _History) -> tuple[tuple[int, str, str], ...]:
    """What the reviewer gave to later revisions of the patch, or to the whole of one."""
    found = []
    at: Spot | None = spot
    for number in range(spot[0] + 1, len(history.series.revisions)):
        at = history.successors.get(at) if at is not None else None
        patch = find_patch(history.series, at) if at is not None else None
        for trailer in patch.trailers if patch else ():
            person = trailer.person
            if trailer.given_by and not trailer.mismatch and person and same_person(person, comment.author):
                found.append((number, trailer.given_by, trailer.name))
    return tuple(found)


def _evidence(facts: Facts, why: str, history: _History) -> Evidence:
    series = history.series
    replies = [_reply(answer, answer.says) for answer in facts.answers]
    if facts.rests:
        replies.append(_reply(facts.rests, "rests"))
    return Evidence(
        why=why,
        hunks=tuple(_hunks(facts)),
        replies=tuple(replies),
        changelog=tuple(_logged(relation, series) for relation in facts.related[:MOST_LOGGED]),
        trailers=tuple(
            Given(message_id=message_id, revision=f"v{series.revisions[number].number}", trailer=name)
            for number, message_id, name in facts.trailers
        ),
    )


def _hunks(facts: Facts) -> list[Hunk]:
    """The pair that decides: the first in which the lines changed, and the last revision at hand."""
    block = facts.block
    if block is None:
        return []
    chosen = [facts.proved, facts.changed, facts.around, facts.later[-1] if facts.later else None]
    pairs: Mapping[int, Later] = {one.revision: one for one in chosen if one is not None}
    hunks = [
        Hunk(
            revision=one.name,
            message_id=one.message_id,
            path=block.path,
            line=block.line,
            kind="elsewhere" if one.elsewhere else one.fate.kind if one.fate else "gone",
            before=block.shown,
            after=one.fate.after if one.fate else (),
            proof=f"{one.proof.kind}: {one.proof.words}" if one.proof else "",
        )
        for _, one in sorted(pairs.items())
    ]
    if facts.fixed:
        fixed = Hunk(
            revision=facts.fixed.title,
            message_id=facts.fixed.message_id,
            path=block.path,
            line=block.line,
            kind="changed",
            before=block.shown,
            after=facts.fixed.after,
        )
        hunks.insert(0, fixed)
    return hunks


def _reply(answer: Answer, says: str) -> Reply:
    return Reply(
        message_id=answer.comment.message_id,
        author=spell(answer.comment.author),
        by_author=answer.asked.by_author,
        says=says,
        sentence=answer.sentence,
    )


def _logged(relation: Relation, series: Series) -> Logged:
    item: Item = relation.item
    return Logged(
        message_id=item.message_id,
        revision=f"v{series.revisions[item.revision].number}",
        text=item.text,
        shared=relation.shared,
    )

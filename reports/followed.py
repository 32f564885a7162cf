"""FollowedFindings -> words: new in v4, still there since v2, fixed in v3."""

from __future__ import annotations

from ..analyze.checks.finding import Finding
from ..analyze.history.findings import FindingLife
from ..analyze.review import Review
from .revisions import revision_names, spans
from .words import listing


def state_words(review: Review, finding: Finding) -> str:
    """Return "new in v4", "still there since v2"; "" where it was not followed."""
    followed = review.followed
    life = followed.of(finding) if followed is not None else None
    if life is None:
        return ""
    names = revision_names(review.series)
    if life.state == "not compared":
        return "not looked for in earlier revisions"
    if life.state == "unchanged":
        said = f"still there since {names[life.since]}"
    else:
        said = f"new in {names[life.since]}" + (f", {life.why}" if life.why else "")
    if life.earlier is not None:
        said += f"; {names[life.earlier]} had it too, not what came between"
    return said


def gone_words(review: Review, life: FindingLife) -> str:
    """Return "fixed in v3 (there since v1): its line changed or is gone"."""
    names = revision_names(review.series)
    assert life.gone_in is not None
    where = names[life.gone_in]
    said = f"fixed in {where}" if life.fixed else f"not found any more in {where}"
    had = f"there since {names[life.since]}" if life.since != life.last else f"only in {names[life.since]}"
    return f"{said} ({had}): {life.why}"


def gone_lines(review: Review) -> list[str]:
    """Return a line for each finding that earlier revisions had and the reviewed one has not."""
    if review.followed is None:
        return []
    lines = []
    for life in review.followed.gone:
        one = life.finding
        where = f"{one.path} {one.function}".strip()
        lines.append(f"{one.severity}, {where}: {one.title} [{gone_words(review, life)}; check {one.check}]")
    return lines


def followed_sentence(review: Review) -> str:
    """Return one line for the first screen; "" where nothing above a note was found in any revision."""
    followed = review.followed
    if followed is None or len(followed.revisions) < 2:
        return ""
    told = [
        life
        for life in followed.lives
        if life.finding.severity != "note" and life.finding.origin in ("introduced", "fixed-later")
    ]
    new = sum(life.state == "new" for life in told)
    kept = sum(life.state == "unchanged" for life in told)
    fixed = sum(life.state == "absent" and life.fixed for life in told)
    lost = sum(life.state == "absent" and not life.fixed for life in told)
    parts = [
        f"{number} {words}"
        for number, words in (
            (new, "new here"),
            (kept, "still there"),
            (fixed, "fixed since"),
            (lost, "not found any more"),
        )
        if number
    ]
    if not parts:
        return ""
    names = revision_names(review.series)
    return f"Findings over {spans(followed.revisions, names)}: {listing(parts)}."

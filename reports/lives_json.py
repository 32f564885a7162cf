"""Lives, blocks and followed findings -> the values of review.json that tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from ..analyze.checks.finding import Finding
from ..analyze.history.blocks import Block, Course
from ..analyze.history.findings import FindingLife, FollowedFindings
from ..analyze.history.lives import Life
from ..analyze.review import Review
from ..fetch.series.assembly import Series
from . import lives_documents as to
from .revisions import revision_names
from .words import revision_name


def life_value(life: Life, series: Series, names: Sequence[str]) -> to.LifeEntry:
    """Return a patch's life as data."""
    value: dict[str, object] = {
        "title": life.last.patch.title,
        "stages": [
            {
                "revision": names[stage.revision],
                "message_id": stage.patch.message.message_id,
                "position": stage.patch.position,
                "title": stage.patch.title,
                "kinds": list(stage.kinds),
                "words": stage.words,
            }
            for stage in life.stages
        ],
        "end": None,
        "elsewhere": None,
    }
    if life.end is not None:
        other = life.end.other
        value["end"] = {
            "revision": names[life.last.revision + 1],
            "kind": life.end.kind,
            "other": other.message.message_id if other else None,
            "words": life.end.words,
        }
    if life.elsewhere is not None:
        value["elsewhere"] = {
            "series": life.elsewhere.title,
            "revision": revision_name(life.elsewhere.revision),
            "message_id": life.elsewhere.patch.message.message_id,
            "title": life.elsewhere.patch.title,
            "words": life.elsewhere.words,
        }
    return cast(to.LifeEntry, value)  # kinds are plain strings on the analysis' side


def block_value(block: Block, names: Sequence[str]) -> to.FunctionLifeEntry:
    """Return a function's way through the revisions as data."""
    return {
        "name": block.name,
        "path": block.path,
        "basis": "text",
        "parts": [
            {
                "position": part.patch.position,
                "message_id": part.patch.message.message_id,
                **_course(part.course, names),
            }
            for part in block.parts
        ],
        "former": [
            {
                "message_id": one.patch.message.message_id,
                "title": one.patch.title,
                "revisions": [names[at] for at in one.revisions],
            }
            for one in block.former
        ],
        **_course(block.course, names),
    }


def _course(course: Course, names: Sequence[str]) -> to.CourseEntry:
    comments = sorted(at for form in course.forms if form.comments for at in form.revisions)
    return {
        "since": names[course.since],
        "same": [names[at] for at in course.those("same")],
        "differs": [names[at] for at in course.those("differs")],
        "untouched": [names[at] for at in course.those("untouched")],
        "comments_only": [names[at] for at in comments],
    }


def baseline_value(review: Review, finding: Finding) -> to.BaselineEntry | None:
    """Return what the earlier revisions say of a finding; None where none was checked."""
    life = review.followed.of(finding) if review.followed is not None else None
    if life is None:
        return None
    names = revision_names(review.series)
    value = {
        "state": life.state,
        "since": names[life.since],
        "earlier": names[life.earlier] if life.earlier is not None else None,
        "why": life.why,
    }
    return cast(to.BaselineEntry, value)  # never "absent": the reviewed revision has it


def followed_value(followed: FollowedFindings | None, series: Series) -> to.FollowedEntry | None:
    """Return the findings over the revisions; None where they were not followed."""
    if followed is None:
        return None
    names = revision_names(series)
    return {
        "revisions": [names[at] for at in followed.revisions],
        "absent": [_absent(life, names) for life in followed.gone],
    }


def _absent(life: FindingLife, names: Sequence[str]) -> to.AbsentEntry:
    assert life.gone_in is not None
    one = life.finding
    return {
        "id": one.id,
        "check": one.check,
        "title": one.title,
        "severity": one.severity,
        "function": one.function,
        "path": one.path,
        "line": one.line,
        "message_id": one.message_id,
        "state": "absent",
        "since": names[life.since],
        "last": names[life.last],
        "gone_in": names[life.gone_in],
        "fixed": life.fixed,
        "why": life.why,
    }

"""Lives, blocks and followed findings -> what people read of a series' way through its revisions.

Rows are values for the page and the text alike; revisions in which nothing changes are one step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from ..analyze.history.blocks import Block, Course
from ..analyze.history.history import History
from ..analyze.history.lives import Life, Stage
from ..fetch.series.assembly import Series
from .summary import patch_name
from .words import listing, revision_name, titled

MOST_ROWS = 300
"""Patches, and functions, that a page lists."""
MOST_FORM_LINES = 120
"""Changed lines of one form of a function's change that a page shows."""
KINDS = {
    "identical": "the same",
    "modified": "changed",
    "renamed": "new title",
    "reordered": "another place in the order",
    "split": "split",
    "merged": "merged",
    "new": "new",
    "folded": "a fix, folded",
    "back": "back again",
    "first": "posted",
}
"""A reader's words for the kinds of docs/matching.md."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeStep:
    """One revision of a patch's life, or a run of revisions in which nothing changed."""

    revisions: str
    """"v3", "v5 to v8"."""
    place: str
    """"2/19"; "" in a run of which the revisions have it at several places."""
    kinds: str
    """"changed, new title"."""
    title: str
    """Where it is another than in the step before; else ""."""
    words: str
    """What differs; "" where nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeRow:
    """A patch's life."""

    name: str
    """"6/22"; for one that ended, its last place with its revision: "v11 23/25"."""
    title: str
    brief: str
    """"new in v3; changed in v4 and v8; split in v8"."""
    steps: tuple[LifeStep, ...]
    end: str
    """What became of one that ended, a sentence; "" for a patch of the reviewed revision."""
    quiet: bool
    """Whether nothing ever changed after its first revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """One text that a function's change had."""

    revisions: str
    patches: str
    lines: tuple[tuple[str, str], ...]
    """(sign, text)."""
    left_out: int
    """Lines beyond MOST_FORM_LINES."""
    now: bool
    """Whether it is as the reviewed revision has it."""
    note: str
    """"comments only" where only these differ from the reviewed revision's; else ""."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRow:
    """A changed function through the revisions."""

    name: str
    path: str
    says: str
    parts: tuple[str, ...]
    """A sentence for each patch that changes it, where that tells more than `says`."""
    forms: tuple[FormRow, ...]


def revision_names(series: Series) -> list[str]:
    """Return a name for each revision; of two with one name "v3 (1)" and "v3 (2)"."""
    names = [revision_name(revision) for revision in series.revisions]
    return [
        name if names.count(name) == 1 else f"{name} ({names[: at + 1].count(name)})"
        for at, name in enumerate(names)
    ]


def spans(indexes: Iterable[int], names: Sequence[str]) -> str:
    """Return "v1, v3 to v5 and v8"."""
    runs = [
        [at for _, at in run]
        for _, run in groupby(enumerate(sorted(indexes)), key=lambda pair: pair[1] - pair[0])
    ]
    said: list[str] = []
    for run in runs:
        said += [f"{names[run[0]]} to {names[run[-1]]}"] if len(run) > 2 else [names[at] for at in run]
    return listing(said)


def life_rows(history: History, series: Series) -> tuple[LifeRow, ...]:
    """Return every patch's life: those of the reviewed revision, then those that ended."""
    return tuple(_life_row(life, series) for life in history.lives)


def _life_row(life: Life, series: Series) -> LifeRow:
    names = revision_names(series)
    last = life.last
    place = patch_name(last.patch, series.revisions[last.revision])
    return LifeRow(
        name=place if life.end is None else f"{names[last.revision]} {place}",
        title=titled(last.patch),
        brief=_brief(life, names),
        steps=tuple(_steps(life, series, names)),
        end=_end(life, names),
        quiet=len({stage.kinds for stage in life.stages[1:]} - {("identical",)}) == 0,
    )


def _brief(life: Life, names: Sequence[str]) -> str:
    """Return "new in v3; changed in v4 and v8", the kinds in order of their first revision."""
    first = life.stages[0]
    begin = "from the first revision here" if first.kinds == ("first",) else ""
    by_kind: dict[str, list[int]] = {}
    for stage in life.stages:
        for kind in stage.kinds:
            if kind not in ("identical", "first"):
                by_kind.setdefault(KINDS.get(kind, kind), []).append(stage.revision)
    said = [f"{kind} in {listing([names[at] for at in ats])}" for kind, ats in by_kind.items()]
    if len(life.stages) > 1 and all(stage.kinds == ("identical",) for stage in life.stages[1:]):
        said.append("the same since")
    return "; ".join([part for part in (begin, *said) if part])


def _steps(life: Life, series: Series, names: Sequence[str]) -> Iterable[LifeStep]:
    before: Stage | None = None
    for same, run in groupby(life.stages, key=lambda stage: stage.kinds == ("identical",)):
        stages = list(run)
        for group in [stages] if same else [[stage] for stage in stages]:
            last = group[-1]
            places = {patch_name(one.patch, series.revisions[one.revision]) for one in group}
            another = before is not None and titled(before.patch) != titled(last.patch)
            kinds = ", ".join(KINDS.get(kind, kind) for kind in last.kinds)
            yield LifeStep(
                revisions=spans([stage.revision for stage in group], names),
                place=places.pop() if len(places) == 1 else "",
                kinds=kinds,
                title=titled(last.patch) if before is None or another else "",
                words="" if same or last.words.strip() == kinds else last.words,
            )
            before = last


def _end(life: Life, names: Sequence[str]) -> str:
    """Say where a patch that ended was last, and where it went."""
    if life.end is None:
        return ""
    last, later = names[life.last.revision], names[life.last.revision + 1]
    if life.elsewhere is not None:
        other = life.elsewhere
        place = (
            f'{patch_name(other.patch, other.revision)} of "{other.title}" {revision_name(other.revision)}'
        )
        return f"last in {last}; goes on as {place} ({other.words})"
    said = {"dropped": "not there any more", "merged": "merged", "folded": "folded"}.get(
        life.end.kind, life.end.kind
    )
    return f"last in {last}; in {later} {said}: {life.end.words}"


def life_lines(history: History, series: Series) -> list[str]:
    """Return a line for each patch's life; those to which nothing happened in one."""
    rows = life_rows(history, series)
    lines = [
        f"{row.name} {row.title}: {row.brief}{'; ' + row.end if row.end else ''}"
        for row in rows
        if row.end or not row.quiet
    ]
    quiet: dict[str, list[str]] = {}
    for row in rows:
        if row.quiet and not row.end:
            quiet.setdefault(row.steps[0].revisions, []).append(row.name)
    return lines + [f"the same since {since}: {listing(names, 12)}" for since, names in quiet.items()]


def block_rows(history: History, series: Series) -> tuple[BlockRow, ...]:
    """Return the functions whose change was another in an earlier revision."""
    return tuple(_block_row(block, series) for block in history.blocks if block.course.those("differs"))


def steady_lines(history: History, series: Series) -> list[str]:
    """Say, by revision, which functions are changed as they were when they were first changed."""
    names = revision_names(series)
    steady: dict[int, list[str]] = {}
    for block in history.blocks:
        if not block.course.those("differs"):
            steady.setdefault(block.course.states.index("same"), []).append(block.name)
    return [f"since {names[at]}: {listing(found, 20)}" for at, found in sorted(steady.items())]


def _block_row(block: Block, series: Series) -> BlockRow:
    names = revision_names(series)
    now = len(block.course.states) - 1
    newest = series.revisions[now]
    parts = tuple(
        f"{patch_name(part.patch, newest)} {titled(part.patch)}: {course_words(part.course, names)}"
        for part in block.parts
    )
    former = tuple(
        f'{spans(one.revisions, names)} changed it in "{titled(one.patch)}" too, which {names[now]} has not'
        for one in block.former
    )
    alone = len(block.parts) == 1 and block.parts[0].course.states == block.course.states
    return BlockRow(
        name=block.name,
        path=block.path,
        says=course_words(block.course, names),
        parts=(() if alone else parts) + former,
        forms=tuple(
            FormRow(
                revisions=spans(form.revisions, names),
                patches=listing([
                    f"{patch_name(patch, series.revisions[form.revisions[-1]])} {titled(patch)}"
                    for patch in form.patches
                ]) or "no patch",
                lines=tuple((line.sign, line.text) for line in form.lines[:MOST_FORM_LINES]),
                left_out=max(0, len(form.lines) - MOST_FORM_LINES),
                now=now in form.revisions,
                note="only comments differ from the newest" if form.comments else "",
            )
            for form in block.course.forms
        ),
    )  # fmt: skip


def course_words(course: Course, names: Sequence[str]) -> str:
    """Return "as in v12 since v4; v3 differs; v1 and v2 do not touch it"."""
    newest = len(course.states) - 1
    only = newest == course.since
    said = [
        f"as now only in {names[newest]}" if only else f"as in {names[newest]} since {names[course.since]}"
    ]
    if earlier := [at for at in course.those("same") if at < course.since]:
        said.append(f"so already in {spans(earlier, names)}")
    comments = {at for form in course.forms if form.comments for at in form.revisions}
    differs = [at for at in course.those("differs") if at not in comments]
    if differs:
        said.append(f"{spans(differs, names)} {'differs' if len(differs) == 1 else 'differ'}")
    if comments:
        said.append(
            f"{spans(comments, names)} {'differs' if len(comments) == 1 else 'differ'} in comments alone"
        )
    if untouched := course.those("untouched"):
        verb = "does" if len(untouched) == 1 else "do"
        said.append(f"{spans(untouched, names)} {verb} not touch it")
    return "; ".join(said)


def block_lines(history: History, series: Series) -> list[str]:
    """Return the lines that tell of changed functions, in the terminal."""
    lines: list[str] = []
    for row in block_rows(history, series)[:MOST_ROWS]:
        lines.append(f"{row.path} {row.name}: {row.says}")
        lines += [f"  {part}" for part in row.parts]
    steady = steady_lines(history, series)
    return lines + [f"as when first changed, {line}" for line in steady]

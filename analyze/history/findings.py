"""Findings of neighbouring revisions -> what each became: new in v4, still there since v2, fixed in v3.

Two findings are one where the check is the same and what it speaks of is: its id (which holds path, function
and names, never line numbers), or path, function and the text of its line, white space aside. Findings of one
patch's life are held against each other first, then those of all patches.

A finding that is gone is fixed only where its line changed or went with its patch; a finding whose line
stands as it was, or in context that the later diff does not show, is not found any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ...fetch.comment.anchor import squeeze
from ...fetch.mail.message import Note
from ...fetch.series.assembly import Patch, Series
from ..checks.finding import Finding
from .block_lines import block_lines, changed
from .lives import Life
from .texts import patch_text

State = Literal["new", "unchanged", "absent", "not compared"]
"""As SARIF's baselineState has them; "not compared" where no earlier revision was checked for it."""
OURS = ("introduced", "fixed-later")
"""Origins of which the end is told: what the series itself brought in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRevision:
    """What the checks say of one revision."""

    revision: int
    """Index in `series.revisions`."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLife:
    """A finding through the revisions that were checked."""

    finding: Finding
    """As the newest revision has it that has it."""
    state: State
    since: int
    """Index of the revision from which on it was found in each that was checked."""
    last: int
    """Index of the newest revision that has it."""
    gone_in: int | None = None
    """Index of the first checked revision without it; None where the newest has it."""
    fixed: bool = False
    """Whether its line changed, or went with its patch, in that revision."""
    why: str = ""
    """What became of the line of one that is gone; of a new one, whether its line is. A clause."""
    earlier: int | None = None
    """Index of the newest revision before `since` that had it too, with others without it between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedFindings:
    """All findings of the revisions that were checked."""

    lives: tuple[FindingLife, ...]
    """Those of the newest revision in its order, then those that are gone, newest first."""
    revisions: tuple[int, ...]
    """Indexes of the revisions that were checked, ascending; the newest is among them."""
    notes: tuple[Note, ...] = ()
    """Where the following was cut, and why."""

    @property
    def gone(self) -> tuple[FindingLife, ...]:
        """Return what earlier revisions had and the newest has not."""
        return tuple(life for life in self.lives if life.state == "absent")

    def of(self, finding: Finding) -> FindingLife | None:
        """Return what is told of a finding of the newest revision."""
        return next((life for life in self.lives if life.finding is finding), None)


@dataclass(slots=True, kw_only=True)
class _Draft:
    """A finding while it is followed."""

    finding: Finding
    since: int
    last: int
    earlier: int | None = None
    gone_in: int | None = None


@dataclass(slots=True, kw_only=True)
class _Places:
    """Which life each patch belongs to, by revision and message-id."""

    lives: Sequence[Life]
    by_mail: dict[tuple[int, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, life in enumerate(self.lives):
            for stage in life.stages:
                self.by_mail[stage.revision, stage.patch.message.message_id] = number

    def of(self, revision: int, finding: Finding) -> int:
        """Return the number of the life of a finding's patch; -1 where it is not known."""
        return self.by_mail.get((revision, finding.message_id), -1)


def follow_findings(
    series: Series, checked: Sequence[CheckedRevision], lives: Sequence[Life], alone: Iterable[str] = ()
) -> FollowedFindings:
    """Follow the findings through revisions, oldest first; the last is the one that is reported.

    `lives` are the patches' up to that one. `alone` are checks that only the newest was asked.
    """
    alone = frozenset(alone)
    places = _Places(lives=lives)
    drafts: list[_Draft] = []
    for at, one in enumerate(checked):
        own = [finding for finding in one.findings if finding.check not in alone]
        before = checked[at - 1].revision if at else None
        _take(drafts, own, one.revision, before, places)
    newest = checked[-1]
    held = {id(draft.finding): draft for draft in drafts if draft.gone_in is None}
    former = series.revisions[checked[-2].revision].patches if len(checked) > 1 else None
    now = [_living(finding, held.get(id(finding)), newest.revision, former) for finding in newest.findings]
    gone = [
        _ended(draft, series, places)
        for draft in drafts
        if draft.gone_in is not None and draft.finding.origin in OURS
    ]
    gone.sort(key=lambda life: (-life.last, life.finding.position, life.finding.path, life.finding.line))
    return FollowedFindings(lives=(*now, *gone), revisions=tuple(one.revision for one in checked))


def _take(
    drafts: list[_Draft], findings: Sequence[Finding], at: int, before: int | None, places: _Places
) -> None:
    """Take what is followed on to the revision `at`; `before` is the one checked before it."""
    left = list(findings)
    current = [draft for draft in drafts if draft.gone_in is None]
    resting = [draft for draft in drafts if draft.gone_in is not None]
    for group in (current, resting):
        for draft, finding in _pair(group, left, at, places):
            if draft.gone_in is not None:
                draft.earlier, draft.since, draft.gone_in = draft.last, at, None
            draft.finding, draft.last = finding, at
            left = [one for one in left if one is not finding]
    for draft in current:
        if draft.last == before:
            draft.gone_in = at
    drafts += [_Draft(finding=finding, since=at, last=at) for finding in left]


_Same = Callable[[Finding, Finding], bool]


def _pair(
    drafts: Sequence[_Draft], findings: Sequence[Finding], at: int, places: _Places
) -> list[tuple[_Draft, Finding]]:
    """Pair by the strictest rule first; each finding is in one pair at most."""
    pairs: list[tuple[_Draft, Finding]] = []
    drafts, findings = list(drafts), list(findings)
    for same, in_life in ((_same_id, True), (_same_line, True), (_same_id, False), (_same_line, False),
                          (_same_text, True)):  # fmt: skip
        for draft in list(drafts):
            place = places.of(draft.last, draft.finding)
            found = next(
                (one for one in findings
                 if same(draft.finding, one) and (not in_life or place == places.of(at, one) != -1)),
                None,
            )  # fmt: skip
            if found is not None:
                pairs.append((draft, found))
                drafts.remove(draft)
                findings = [one for one in findings if one is not found]
    return pairs


def line_of(finding: Finding) -> str:
    """Return the text of the line that a finding stands at, without white space; "" where none is shown."""
    shown = [one for one in finding.shown if one.line == finding.line and one.path == finding.path]
    return squeeze((shown or list(finding.shown))[0].text) if finding.shown else ""


def _same_id(one: Finding, other: Finding) -> bool:
    return one.id == other.id


def _same_line(one: Finding, other: Finding) -> bool:
    same = (one.check, one.path, one.function) == (other.check, other.path, other.function)
    return same and line_of(one) == line_of(other)


def _same_text(one: Finding, other: Finding) -> bool:
    """In one patch: a renamed function or file, whose line is the same."""
    near = one.path == other.path or (one.function == other.function and bool(one.function))
    return one.check == other.check and near and bool(line_of(one)) and line_of(one) == line_of(other)


def _living(finding: Finding, draft: _Draft | None, at: int, former: Sequence[Patch] | None) -> FindingLife:
    """`former` are the patches of the revision checked before; None where none was."""
    if draft is None or former is None:
        return FindingLife(finding=finding, state="not compared", since=at, last=at)
    if draft.since < at:
        return FindingLife(
            finding=finding, state="unchanged", since=draft.since, last=at, earlier=draft.earlier
        )
    text = line_of(finding)
    stood = bool(text) and _stands(former, finding, text)
    why = "its line stood in the patches before as well" if stood else "its line was in no patch before"
    return FindingLife(
        finding=finding, state="new", since=at, last=at, earlier=draft.earlier, why=why if text else ""
    )


def _ended(draft: _Draft, series: Series, places: _Places) -> FindingLife:
    assert draft.gone_in is not None
    fixed, why = _why(draft, series, places)
    return FindingLife(
        finding=draft.finding, state="absent", since=draft.since, last=draft.last, gone_in=draft.gone_in,
        fixed=fixed, why=why, earlier=draft.earlier,
    )  # fmt: skip


def _why(draft: _Draft, series: Series, places: _Places) -> tuple[bool, str]:
    """Say whether the finding's line changed or went, and what became of it."""
    assert draft.gone_in is not None
    finding, text = draft.finding, line_of(draft.finding)
    before = series.revisions[draft.last].patches
    after = series.revisions[draft.gone_in].patches
    patch = next((one for one in before if one.message.message_id == finding.message_id), None)
    if patch is None or not text:
        return False, "it stands at no line that could be followed"
    number = places.of(draft.last, finding)
    stages = places.lives[number].stages if number >= 0 else ()
    went = bool(stages) and all(stage.revision != draft.gone_in for stage in stages)
    if _stands(after, finding, text):
        if went:
            return False, "its patch is gone, but its line stands in another"
        other = bool(finding.function) and _lines_of(before, finding) != _lines_of(after, finding)
        return False, "its line stands as it did" + (", but its function changed" if other else "")
    if went:
        return True, "its line went with its patch"
    if f"+{text}" not in _lines_of([patch], finding):
        return False, "its line is context that the later diff does not show"
    return True, "its line changed or is gone"


def _stands(patches: Sequence[Patch], finding: Finding, text: str) -> bool:
    """Whether patches add a line to the finding's function, or show it as context of its file."""
    if f"+{text}" in _lines_of(patches, finding):
        return True
    shown = (line for patch in patches for line in patch_text(patch).lines)
    return any(line.key == text and line.sign == " " and line.path == finding.path for line in shown)


def _lines_of(patches: Sequence[Patch], finding: Finding) -> list[str]:
    """Return the changed lines of a finding's function, of its file where it is in none; signs in front."""
    found: list[str] = []
    for patch in patches:
        if finding.function:
            lines = block_lines(patch).get((finding.path, finding.function), ())
            found += [line.key for line in changed(lines)]
        else:
            text = [line for line in patch_text(patch).lines if line.path == finding.path]
            found += [line.sign + line.key for line in text if line.sign in "+-"]
    return found

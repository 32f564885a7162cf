"""Review -> what the checks found, as the report's Checks section and first screen show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..analyze.checks.finding import Check, Finding, Shown
from ..analyze.checks.registry import CHECKS
from ..analyze.lines import numbers_in_diff
from ..analyze.mechanical.tool import ToolRun
from ..analyze.review import Review
from .followed import state_words
from .page import ShownPatch
from .summary import patch_name
from .words import count, listing

SEVERITY = {"high": "‼ high", "medium": "! medium", "low": "· low", "note": "· note"}
"""Words and a glyph, never colour alone."""
ORIGIN = {
    "introduced": "introduced here",
    "fixed-later": "introduced here, fixed by a later patch",
    "pre-existing": "there before",
    "fixed": "fixed here",
}
VERDICT = {
    "replayed": "replayed on compiled C",
    "solved": "rests on the solver alone",
    "matched": "found in the text and its paths; nothing was run",
    "undecided": "not decided",
}


TOOL_STATE = {
    "ran": "✓ ran",
    "partly": "~ ran in part",
    "skipped": "- skipped",
    "failed": "✗ failed",
    "not-run": "- not run",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEvidence:
    """A line of code with a link to it in the diff where it stands there."""

    path: str
    line: int
    side: str
    text: str
    note: str
    link: str
    """The diff line's id, "" where the diff does not show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFinding:
    """One finding."""

    finding: Finding
    patch: str
    """ "2/3"."""
    anchor: str
    severity: str
    origin: str
    verdict: str
    state: str
    """"new in v4", "still there since v2"; "" where it was not followed."""
    lines: tuple[ShownEvidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCheck:
    """One check and its state."""

    check: Check
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The section."""

    findings: tuple[ShownFinding, ...]
    """Introduced ones and those that a later patch fixes."""
    others: tuple[ShownFinding, ...]
    """What was there before, and what the patches fix."""
    checks: tuple[ShownCheck, ...]
    aside: tuple[ShownFinding, ...] = ()
    """What a person set aside."""
    tools: tuple[tuple[ToolRun, str], ...] = ()
    """The mechanical checks, each with its state in words."""
    programs: tuple[ShownFinding, ...] = ()
    """What they said of what is introduced."""
    other_programs: tuple[ShownFinding, ...] = ()


def show_checks(review: Review, patches: Sequence[ShownPatch]) -> Checked:
    """Return the findings, and every check with its state."""
    every = tuple(_show(review, finding, patches) for finding in review.findings)
    here = [one for one in every if one.finding.dismissed is None]
    shown = [one for one in here if one.finding.kind == "semantic"]
    programs = [one for one in here if one.finding.kind == "mechanical"]
    ours = ("introduced", "fixed-later")
    return Checked(
        findings=tuple(one for one in shown if one.finding.origin in ours),
        others=tuple(one for one in shown if one.finding.origin not in ours),
        checks=tuple(ShownCheck(check=check, state=_state(check, review.findings)) for check in CHECKS),
        aside=tuple(one for one in every if one.finding.dismissed is not None),
        tools=tuple((tool, TOOL_STATE[tool.state]) for tool in review.tools),
        programs=tuple(one for one in programs if one.finding.origin in ours),
        other_programs=tuple(one for one in programs if one.finding.origin not in ours),
    )


def _show(review: Review, finding: Finding, patches: Sequence[ShownPatch]) -> ShownFinding:
    patch = next(one for one in patches if one.reviewed.patch.message.message_id == finding.message_id)
    numbers = {
        (change.path, side): numbers_in_diff(change, side)
        for change in patch.reviewed.files
        for side in ("pre", "post")
    }
    ids = {
        (file.path, line.id.rsplit("-", 1)[-1]): line.id
        for file in patch.files
        for line in file.lines
        if line.id
    }
    assert review.revision is not None
    return ShownFinding(
        finding=finding,
        patch=patch_name(patch.reviewed.patch, review.revision),
        anchor=patch.id,
        severity=SEVERITY[finding.severity],
        origin=ORIGIN[finding.origin],
        verdict=VERDICT[finding.verdict],
        state=state_words(review, finding),
        lines=tuple(
            ShownEvidence(
                path=one.path,
                line=one.line,
                side=one.side,
                text=one.text,
                note=one.note,
                link=ids.get((one.path, _name(one, numbers.get((one.path, one.side), {}))), ""),
            )
            for one in finding.shown
        ),
    )


def _name(shown: Shown, numbers: Mapping[int, int]) -> str:
    """Return the end of the id that a line has in the page's diff: "n12", "o10"."""
    return f"{'n' if shown.side == 'post' else 'o'}{numbers.get(shown.line, '')}"


def _state(check: Check, findings: Sequence[Finding]) -> str:
    all_of_it = [one for one in findings if one.check == check.id]
    own = [one for one in all_of_it if one.dismissed is None]
    if not own:
        return "✓ silent" if not all_of_it else f"{len(all_of_it)} set aside"
    told = {origin: sum(one.origin == origin for one in own) for origin in ORIGIN}
    return "✗ " + listing([f"{number} {ORIGIN[origin]}" for origin, number in told.items() if number])


def finding_lines(review: Review) -> list[str]:
    """Return a line for each of the worst findings that the patches introduce, for the first screen."""
    assert review.revision is not None
    names = {one.patch.message.message_id: patch_name(one.patch, review.revision) for one in review.patches}
    worst = [one for one in review.findings if one.origin == "introduced" and one.dismissed is None]
    told = [one for one in worst if one.severity in ("high", "medium")]
    return [f"{names.get(one.message_id, '')} {one.severity}: {one.title}" for one in told]


def counted(findings: Sequence[Finding]) -> str:
    """Return "3 findings introduced, 1 high; 2 set aside", "" where there are none."""
    aside = sum(one.dismissed is not None for one in findings)
    new = [one for one in findings if one.origin == "introduced" and one.severity != "note"]
    new = [one for one in new if one.dismissed is None and one.kind == "semantic"]
    said = []
    if new:
        high = sum(one.severity == "high" for one in new)
        said.append(f"{count(len(new), 'finding')} introduced" + (f", {high} high" if high else ""))
    if aside:
        said.append(f"{aside} set aside" if new else f"{count(aside, 'finding')} set aside")
    return "; ".join(said)


def mechanical_counted(findings: Sequence[Finding]) -> str:
    """Return "mechanical: checkpatch 3, sparse 1", "" where programs said nothing of what is introduced."""
    new = [one for one in findings if one.origin == "introduced" and one.dismissed is None]
    names = [one.check for one in new if one.kind == "mechanical"]
    told = ", ".join(f"{name} {names.count(name)}" for name in dict.fromkeys(names))
    return f"mechanical: {told}" if told else ""


def aside_lines(finding: Finding) -> list[str]:
    """Say that a finding is set aside and why, or why it is back; nothing of most."""
    word = finding.dismissed
    if word is None:
        return [finding.returned] if finding.returned else []
    by = f" by {word.by}" if word.by else ""
    return [f"set aside{by}{f' on {word.date}' if word.date else ''}: {word.reason}"]

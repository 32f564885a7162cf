"""Patches -> findings: each check on both images of each patch, and what became of its hits.

A hit of the post-image that the pre-image has not is introduced; one of both is pre-existing, one of the
pre-image alone fixed. An introduced one that a later patch of the series removes is fixed later. Where a
function could not be followed on one side, nothing is said of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...fetch.mail.note import Note
from .finding import Check, Finding, Hit, Origin
from .registry import CHECKS
from .view import PatchCase, PatchView, SideView

if TYPE_CHECKING:
    from ..callers.called import Called
    from ..review import PatchReview

MOST_FINDINGS = 200
"""Of one patch."""
_RANK = {"high": 0, "medium": 1, "low": 2, "note": 3}
_LESS = {"high": "medium", "medium": "low", "low": "note", "note": "note"}
_ORIGIN = {"introduced": 0, "fixed-later": 1, "pre-existing": 2, "fixed": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the checks said of a revision."""

    findings: tuple[Finding, ...]
    """What is introduced and severe first."""
    notes: tuple[Note, ...]
    """Checks that failed on a patch, a defect of lorelens each."""


def check_review(
    patches: Sequence[PatchReview],
    kernel: str = "",
    called: Sequence[Called] = (),
    known: frozenset[str] = frozenset(),
) -> Checked:
    """Run all checks on the patches of a review."""
    return check_patches([case_of(reviewed, kernel, called, known) for reviewed in patches])


def case_of(
    reviewed: PatchReview,
    kernel: str = "",
    called: Sequence[Called] = (),
    known: frozenset[str] = frozenset(),
) -> PatchCase:
    """Return what the checks see of a reviewed patch; `called` is what the series' tree calls, `known` what
    of the series' new names its headers have."""
    patch = reviewed.patch
    return PatchCase(
        position=patch.position,
        message_id=patch.message.message_id,
        title=patch.title,
        commit_message=patch.commit_message,
        files=reviewed.files,
        functions=reviewed.functions,
        kernel=kernel,
        called=tuple(one for one in called if one.message_id == patch.message.message_id),
        known=known,
    )


def check_patches(cases: Sequence[PatchCase], checks: Sequence[Check] = CHECKS) -> Checked:
    """Run the checks on a revision's patches. Never raises: a check that fails leaves a note."""
    views = [PatchView(case) for case in cases]
    for number, view in enumerate(views):
        view.later = tuple(views[number + 1 :])
        view.earlier = tuple(views[:number])
    found: list[Finding] = []
    notes: list[Note] = []
    for view in views:
        here: list[Finding] = []
        for check in checks:
            try:
                here += run_check(check, view)
            except Exception as error:
                notes.append(_failed(check, view, error))
        found += sorted(here, key=_rank)[:MOST_FINDINGS]
    return Checked(findings=worst_first(found), notes=tuple(notes))


def _failed(check: Check, view: PatchView, error: Exception) -> Note:
    where = f"patch {view.case.position}"
    return Note(
        kind="check", detail=f"{where}: the check {check.id} failed, a defect of lorelens: {error!r}"[:300]
    )


def run_check(check: Check, view: PatchView) -> list[Finding]:
    """Run one check on one patch."""
    if check.patch is not None:
        hits = {(hit.path, hit.function, hit.key): hit for hit in reversed(list(check.patch(view)))}
        return [_finding(check, view, hit, _origin(hit), hit.fixed_by) for hit in hits.values()]
    assert check.side is not None
    pre, post = _hits(check, view.pre), _hits(check, view.post)
    found = []
    for key, hit in post.items():
        if _unread(hit, view.pre):
            continue
        if key not in pre and hit.origin is None and _changed(hit, view):
            fixed_by = _fixed_later(check, view, hit)
            origin: Origin = "fixed-later" if fixed_by else "introduced"
            found.append(_finding(check, view, hit, origin, fixed_by))
        elif check.tells_old and (key in pre or not _changed(hit, view)):
            found.append(_finding(check, view, hit, "pre-existing"))
    gone = (hit for key, hit in pre.items() if key not in post and not _unread(hit, view.post))
    found += [_finding(check, view, hit, "fixed") for hit in gone if _still_there(hit, view)]
    return found


def _origin(hit: Hit) -> Origin:
    """Return the origin of a hit in a patch as a whole."""
    return hit.origin or ("fixed-later" if hit.fixed_by else "introduced")


def _hits(check: Check, side: SideView) -> dict[str, Hit]:
    """Return a side's hits by key (names before the patch made those after it), the first of each."""
    assert check.side is not None
    names = {}
    if side.side == "pre":
        both = ((one.pre, one.post) for one in side.patch.case.functions)
        names = {pre.name: post.name for pre, post in both if pre and post and pre.name != post.name}
    found: dict[str, Hit] = {}
    for hit in check.side(side):
        key = f"{hit.path}|{names.get(hit.function, hit.function)}|{hit.key}"
        found.setdefault(key, hit)
    return found


def _unread(hit: Hit, other: SideView) -> bool:
    return (hit.path, hit.function) in other.unread


def _changed(hit: Hit, view: PatchView) -> bool:
    """Say whether the patch changes the function that a hit stands in: else it introduces nothing there."""
    return not hit.function or any(one.name == hit.function and one.post for one in view.case.functions)


def _still_there(hit: Hit, view: PatchView) -> bool:
    """Say whether the function of a hit that is gone is itself still there: else nothing was fixed."""
    return any(one.pre and one.post and one.pre.name == hit.function for one in view.case.functions)


def _fixed_later(check: Check, view: PatchView, hit: Hit) -> str:
    """Return the title of the later patch that takes the hit away, "" where none does."""
    for later in view.later:
        names = {(one.post.path, one.post.name) for one in later.case.functions if one.pre and one.post}
        if hit.function and (hit.path, hit.function) not in names:
            continue
        if hit.path not in later.post.files:
            continue
        key = f"{hit.path}|{hit.function}|{hit.key}"
        if key in _hits(check, later.pre) and key not in _hits(check, later.post):
            return "" if _unread(hit, later.post) else later.case.title
    return ""


def _finding(check: Check, view: PatchView, hit: Hit, origin: Origin, fixed_by: str = "") -> Finding:
    severity = (
        hit.severity if hit.severity and _RANK[hit.severity] > _RANK[check.severity] else check.severity
    )
    if origin != "introduced":
        severity = "note" if origin == "fixed" else _LESS[severity]  # type: ignore[assignment]  # of _RANK's keys
    about = f"{check.id}|{hit.path}|{hit.function}|{hit.key}".encode("utf-8", "surrogatepass")
    name = f"{check.id}-{hashlib.sha256(about).hexdigest()[:8]}"
    return Finding(
        id=name,
        check=check.id,
        title=hit.says,
        severity=severity,
        origin=origin,
        verdict=hit.verdict,
        function=hit.function,
        path=hit.path,
        line=hit.line,
        message_id=view.case.message_id,
        position=view.case.position,
        shown=hit.shown,
        steps=hit.steps,
        assumes=check.assumes,
        sources=hit.sources,
        fixed_by=fixed_by,
        rerun=f"lorelens check review.json {name}",
    )


def _rank(finding: Finding) -> tuple[int, int, str, int]:
    return (_ORIGIN[finding.origin], _RANK[finding.severity], finding.path, finding.line)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings of several patches, what is introduced and severe first."""
    return tuple(sorted(findings, key=lambda one: (*_rank(one)[:2], one.position, *_rank(one)[2:])))

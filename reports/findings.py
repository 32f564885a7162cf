"""Findings -> their entries in review.json, and the images that `lorelens check` needs to find them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from ..analyze.checks.finding import Finding
from ..analyze.checks.registry import CHECKS
from ..analyze.images import FileChange, Image
from ..analyze.review import Review
from . import documents as to


def finding_entry(finding: Finding, baseline: to.BaselineEntry | None = None) -> to.FindingEntry:
    """Return a finding as review.json has it; `baseline` is what earlier revisions say of it."""
    return {
        "id": finding.id,
        "check": finding.check,
        "title": finding.title,
        "severity": finding.severity,
        "origin": finding.origin,
        "verdict": finding.verdict,
        "function": finding.function,
        "path": finding.path,
        "line": finding.line,
        "message_id": finding.message_id,
        "evidence": {
            "lines": [
                cast(
                    to.ShownEntry,
                    {
                        "path": one.path,
                        "side": one.side,
                        "line": one.line,
                        "text": one.text,
                        "note": one.note,
                    },
                )
                for one in finding.shown
            ],
            "steps": list(finding.steps),
            "assumes": list(finding.assumes),
            "sources": list(finding.sources),
            "fixed_by": finding.fixed_by,
            "patch": finding.position,
            "grounds": {"lines": finding.grounds.lines, "code": finding.grounds.code}
            if finding.grounds
            else None,
        },
        "rerun": finding.rerun,
        "baseline": baseline,
        "kind": finding.kind,
        "dismissed": _dismissed(finding),
        "returned": finding.returned,
    }


def _dismissed(finding: Finding) -> to.DismissedEntry | None:
    word = finding.dismissed
    return None if word is None else {"reason": word.reason, "by": word.by, "date": word.date}


def check_entries(findings: Sequence[Finding]) -> list[to.CheckEntry]:
    """Return every check with how much it found."""
    return [
        {
            "id": check.id,
            "title": check.title,
            "proves": check.proves,
            "assumes": list(check.assumes),
            "severity": check.severity,
            "introduced": sum(one.check == check.id and one.origin == "introduced" for one in findings),
            "findings": sum(one.check == check.id for one in findings),
        }
        for check in CHECKS
    ]


def tool_entries(review: Review) -> list[to.ToolEntry]:
    """Return every mechanical check with what became of it."""
    found = review.findings
    return [
        {
            "name": tool.name,
            "title": tool.title,
            "state": tool.state,
            "detail": tool.detail,
            "introduced": sum(one.check == tool.name and one.origin == "introduced" for one in found),
            "findings": sum(one.check == tool.name for one in found),
        }
        for tool in review.tools
    ]


class ImageTexts:
    """Which pre-images a report must hold so that every image of its patches can be made again."""

    def __init__(self) -> None:
        self._left: dict[str, str] = {}

    def needed(self, change: FileChange) -> str | None:
        """Return a file's pre-image where the patches before it do not leave just that; patch by patch."""
        path = change.diff.pre_path
        known = self._left.pop(path, None) if path and not change.diff.copied else None
        pre, post = _text(change.pre), _text(change.post)
        if is_whole(change) and post is not None and change.diff.post_path:
            self._left[change.diff.post_path] = post
        if pre is None or not is_whole(change):
            return None
        return None if pre == known else pre


def is_whole(change: FileChange) -> bool:
    """Say whether both images are at hand whole; a side that the file has not needs none."""
    images = [image for image in (change.pre, change.post) if image is not None]
    return bool(images) and all(image.whole for image in images) and change.failure is None


def _text(image: Image | None) -> str | None:
    return image.fragments[0].text if image is not None and image.whole and image.fragments else None

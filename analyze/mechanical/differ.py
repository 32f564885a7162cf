"""Remarks -> findings: what stands in the post-image alone is introduced, as with the semantic checks."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..checks.finding import Finding, Origin, Shown, Side
from .tool import Remark

if TYPE_CHECKING:
    from ..images import FileChange
    from ..review import PatchReview

MOST = 100
"""Findings of one tool and one patch."""
_LINE = re.compile(r"\b(lines? )\d+")
_OTHER_PLACE = re.compile(r"\b\d{4}\.[ch](:\d+)*")


def key(remark: Remark, lines: Sequence[str]) -> str:
    """Return what makes it the same remark in another image: never a line number."""
    said = _OTHER_PLACE.sub("?", _LINE.sub(r"\1?", remark.text))
    return f"{remark.rule}|{said}|{' '.join(_line(lines, remark.line).split())}"


def compare_remarks(
    name: str, patch: PatchReview, change: FileChange, pre: Iterable[Remark], post: Iterable[Remark]
) -> list[Finding]:
    """Compare what a program said of a file's two images.

    What is in both is told where it stands in a function that the patch changes.
    """
    before, after = text_lines(change, "pre"), text_lines(change, "post")
    left = Counter(key(one, before) for one in pre)
    found: list[Finding] = []
    for one in post:
        about = key(one, after)
        origin: Origin = "pre-existing" if left[about] else "introduced"
        left[about] -= 1
        made = finding(name, patch, change.path, one, after, origin=origin)
        if origin == "introduced" or made.function:
            found.append(made)
    for one in pre:
        if left[key(one, before)] > 0:
            left[key(one, before)] -= 1
            found.append(finding(name, patch, change.path, one, before, origin="fixed"))
    return once(found)


def once(found: Iterable[Finding]) -> list[Finding]:
    """Leave each id once, what is introduced first, MOST at most."""
    rank = {"introduced": 0, "fixed-later": 1, "pre-existing": 2, "fixed": 3}
    kept: dict[str, Finding] = {}
    for one in sorted(found, key=lambda one: (rank[one.origin], one.line)):
        kept.setdefault(one.id, one)
    return list(kept.values())[:MOST]


def finding(
    name: str, patch: PatchReview, path: str, remark: Remark, lines: Sequence[str], *, origin: Origin
) -> Finding:
    """Return a remark as a finding; `lines` are those of the text that it speaks of."""
    side: Side = "pre" if origin == "fixed" else "post"
    function = _function(patch, path, remark.line, side)
    about = f"{name}|{path}|{function}|{key(remark, lines)}".encode("utf-8", "surrogatepass")
    text = _line(lines, remark.line)
    shown = (Shown(path=path, side=side, line=remark.line, text=text),) if text.strip() else ()
    return Finding(
        id=f"{name}-{hashlib.sha256(about).hexdigest()[:8]}",
        check=name,
        title=f"{remark.rule}: {remark.text}"[:500],
        severity=remark.severity if origin == "introduced" else "note",
        origin=origin,
        verdict="matched",
        function=function,
        path=path,
        line=remark.line,
        message_id=patch.patch.message.message_id,
        position=patch.patch.position,
        shown=shown,
        kind="mechanical",
    )


def mark_fixed_later(found: Sequence[Finding], patches: Sequence[PatchReview]) -> list[Finding]:
    """Find what a later patch of the series takes away again."""
    titles = {patch.patch.position: patch.patch.title for patch in patches}
    fixed: dict[str, int] = {}
    for one in found:
        if one.origin == "fixed":
            fixed[one.id] = max(one.position, fixed.get(one.id, 0))
    return [
        replace(one, origin="fixed-later", severity="note", fixed_by=titles.get(fixed[one.id], ""))
        if one.origin == "introduced" and fixed.get(one.id, 0) > one.position
        else one
        for one in found
    ]


def text_lines(change: FileChange, side: Side) -> list[str]:
    """Return the lines of a whole image; none of one that is not."""
    image = change.pre if side == "pre" else change.post
    if image is None or not image.whole or not image.fragments:
        return []
    return image.fragments[0].text.split("\n")


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _function(patch: PatchReview, path: str, line: int, side: Side) -> str:
    """Return the changed function that the line stands in, "" where there is none."""
    for one in patch.functions:
        there = one.pre if side == "pre" else one.post
        if one.symbol == "function" and there and there.path == path and there.start <= line <= there.end:
            return there.name
    return ""

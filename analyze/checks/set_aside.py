"""Findings + dismissals -> findings that know whether they are set aside, or why they are back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..lexical import scan
from .dismissal import Dismissal, Grounds
from .finding import Finding

if TYPE_CHECKING:
    from ..definition import ChangedFunction
    from ..review import PatchReview


_COMMENT = re.compile(r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/|//.*")


def apply_dismissals(
    findings: Iterable[Finding], patches: Sequence[PatchReview], dismissals: Iterable[Dismissal]
) -> tuple[Finding, ...]:
    """Return the findings with their grounds, in order; `dismissed` where a person's word still holds.

    It holds where check, path, function and what the finding is about are the same (its id), and the lines
    and the function that it rests on read the same. Else `returned` says what changed.
    """
    functions = {patch.patch.message.message_id: patch.functions for patch in patches}
    words: dict[str, list[Dismissal]] = {}
    for one in dismissals:
        words.setdefault(one.id, []).append(one)
    return tuple(
        _judge(finding, find_grounds(finding, functions.get(finding.message_id, ())), words)
        for finding in findings
    )


def _judge(finding: Finding, grounds: Grounds, words: dict[str, list[Dismissal]]) -> Finding:
    finding = replace(finding, grounds=grounds)
    about = (finding.check, finding.path, finding.function)
    told = [one for one in words.get(finding.id, ()) if (one.check, one.path, one.function) == about]
    if not told:
        return finding
    holds = [one for one in told if one.grounds == grounds]
    if holds:
        return replace(finding, dismissed=max(holds, key=_newest))
    return replace(finding, returned=_why(max(told, key=_newest), grounds))


def _newest(one: Dismissal) -> tuple[str, str]:
    return one.date, one.reason


def _why(told: Dismissal, grounds: Grounds) -> str:
    """Say which of what it rests on is other than it was."""
    changed = []
    if told.lines != grounds.lines:
        changed.append("the lines that it rests on")
    if told.code != grounds.code:
        changed.append(f"the code of {told.function}()" if told.function else "the code around them")
    when = f" on {told.date}" if told.date else ""
    by = f" by {told.by}" if told.by else ""
    return f'set aside{when}{by} ("{told.reason}"), back since {" and ".join(changed)} changed'


def find_grounds(finding: Finding, functions: Iterable[ChangedFunction]) -> Grounds:
    """Digest what a finding rests on, out of the functions that its patch changes."""
    shown = [f"{one.side}|{one.path}|{_normal(one.text)}" for one in finding.shown]
    return Grounds(lines=_digest(shown or [finding.title]), code=_code(finding, functions))


def _code(finding: Finding, functions: Iterable[ChangedFunction]) -> str:
    if not finding.function:
        return ""
    for one in functions:
        there = one.pre if finding.origin == "fixed" else one.post
        if there and (there.path, there.name) == (finding.path, finding.function):
            return _digest([" ".join(scan(there.text).code.split())])
    return ""


def _normal(line: str) -> str:
    """Leave blanks out, and a comment where code stands beside it."""
    code = " ".join(_COMMENT.sub(" ", line).split())
    return code or " ".join(line.split())


def _digest(parts: Iterable[str]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        as_bytes = part.encode("utf-8", "surrogatepass")
        whole.update(b"%d:%s" % (len(as_bytes), as_bytes))
    return whole.hexdigest()[:32]

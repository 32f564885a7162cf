"""A review.json -> the same findings, found again from what the report itself holds.

Nothing but the document is read: the diffs, the pre-images and the commit messages stand in its `sources`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..analyze.behaviour import Effort, judge_functions
from ..analyze.checks.build import build_case
from ..analyze.checks.frame import check_patches
from ..analyze.checks.registry import CHECKS
from ..analyze.checks.view import PatchCase
from ..analyze.definition import NOTHING_AROUND, Around, ChangedFunction
from ..errors import InputError
from .called import called_of
from .findings import finding_entry, is_whole

SCHEMA = "lorelens/review/1"
_TOLD = ("severity", "origin", "verdict", "function", "path", "line", "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one finding."""

    state: str
    """"reproduced", "differs", "incomplete" (the report does not hold what it rests on), or
    "left out" (a program said so)."""
    line: str
    """For standard output."""


def recheck_document(
    document: Mapping[str, Any], finding: str | None, progress: Callable[[str], None] = lambda _: None
) -> tuple[Outcome, ...]:
    """Run a report's checks again and compare each finding with what the report says.

    Raises InputError where the document is no review, or has no finding of that id.
    """
    try:
        return _recheck(document, finding, progress)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise InputError("the report", f"it is not as its schema says: {error!r}", "make it anew") from error


def _recheck(
    document: Mapping[str, Any], finding: str | None, progress: Callable[[str], None]
) -> tuple[Outcome, ...]:
    if document.get("schema") != SCHEMA:
        raise InputError("the report", f"it is no {SCHEMA} document", "name a review.json")
    wanted = [one for one in document["findings"] if finding in (None, one["id"])]
    if finding is not None and not wanted:
        raise InputError(f"finding {finding}", "the report has none of that id", "see its list of findings")
    needed = {one["check"] for one in wanted}
    checks = [check for check in CHECKS if check.id in needed]
    cases, lacking = _cases(document, {check.id for check in checks if check.needs_delta} & needed, progress)
    found = {(one.id, one.position): finding_entry(one) for one in check_patches(cases, checks).findings}
    return tuple(
        _left_out(one)
        if one.get("kind") == "mechanical"
        else _outcome(one, found.get((one["id"], one["evidence"]["patch"])), lacking)
        for one in wanted
    )


def _left_out(told: Mapping[str, Any]) -> Outcome:
    what = f"{told['id']}  {told['path']}:{told['line']}  {told['title']}"
    why = f"{told['check']} said so, and a report holds no program"
    return Outcome(state="left out", line=f"left out    {what}: {why}")


def _outcome(told: Mapping[str, Any], found: Mapping[str, Any] | None, lacking: str) -> Outcome:
    what = f"{told['id']}  {told['path']}:{told['line']}  {told['title']}"
    if found is None and lacking:
        return Outcome(state="incomplete", line=f"incomplete  {what} ({lacking})")
    if found is None:
        return Outcome(state="differs", line=f"differs     {what}: not found again")
    other = [f"{key} {told[key]} -> {found[key]}" for key in _TOLD if told[key] != found[key]]
    if other:
        return Outcome(state="differs", line=f"differs     {what}: {'; '.join(other)}")
    return Outcome(state="reproduced", line=f"reproduced  {what}")


def _cases(
    document: Mapping[str, Any], compared: set[str], progress: Callable[[str], None]
) -> tuple[list[PatchCase], str]:
    """Build every patch again, and say what of it the report does not hold."""
    sources, left, lacking = document["sources"], dict[str, str](), ""
    cases = []
    for entry in document["patches"]:
        pre: dict[str, str] = {}
        for file in entry["files"]:
            if file["pre"] is not None and file["pre"] not in sources:
                lacking = f"its sources lack the pre-image of {file['path']}"
            elif file["whole"]:
                text = sources[file["pre"]] if file["pre"] is not None else left.get(file["path"])
                pre |= {} if text is None else {file["path"]: text}
        case = build_case(
            "".join(sources[file["diff"]] for file in entry["files"]),
            pre,
            message=sources[entry["commit_message"]],
            title=entry["title"],
            message_id=entry["message_id"],
            position=entry["position"],
        )
        called = [one for one in document.get("called", ()) if one["message_id"] == entry["message_id"]]
        case = replace(
            case,
            kernel=document.get("kernel", ""),
            called=tuple(map(called_of, called)),
            known=frozenset(document.get("known", ())),
        )
        if compared and any(one["evidence"]["patch"] == entry["position"] for one in document["findings"]):
            progress(f"comparing the functions of patch {entry['position']} again")
            functions = _with_headers(case.functions, entry["functions"], sources)
            case = replace(case, functions=judge_functions(functions, case.files, Effort()))
        for change in case.files:
            if is_whole(change) and change.post is not None and change.diff.post_path:
                left[change.diff.post_path] = change.post.fragments[0].text if change.post.fragments else ""
        cases.append(case)
    return cases, lacking


def _with_headers(
    functions: Sequence[ChangedFunction], told: Sequence[Mapping[str, Any]], sources: Mapping[str, str]
) -> tuple[ChangedFunction, ...]:
    """Return the functions with the headers that the report says they were compared with."""
    found: dict[tuple[str, str, int], Around] = {}
    for one in told:
        headers = one.get("headers")
        if headers is not None:
            pre, post = sources[headers["pre"]], sources[headers["post"]]
            renames = tuple((old, new) for old, new in headers.get("renames", ()))
            around = Around(pre=pre, post=post, guess=headers["guess"], renames=renames)
            beside = headers.get("beside")
            if beside is not None:
                texts = sources[beside["pre"]], sources[beside["post"]]
                around = replace(around, beside=texts, assumed=tuple(beside["assumed"]))
            found[one["name"], one["path"], one["line"]] = around
    return tuple(
        replace(
            one, around=found.get((one.name, one.path, one.post.start if one.post else 1), NOTHING_AROUND)
        )
        for one in functions
    )

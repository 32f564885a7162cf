"""The checks on the revisions before the reviewed one, newest first, as far as the work is bounded.

The engine is not asked there: checks that rest on what it says (`Check.needs_delta`) are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...fetch.mail.message import Note
from ...fetch.series.assembly import Revision, Series
from ...fetch.tree.source_tree import SourceTree
from ..checks.finding import Finding
from ..checks.frame import Checked, case_of, check_patches
from ..checks.kernel_version import version_of
from ..checks.registry import CHECKS
from ..review import chain_images, review_patches
from .breaks import call
from .findings import CheckedRevision, FollowedFindings, follow_findings
from .lives import Life

MOST_REVISIONS = 12
"""The reviewed one among them."""
MOST_WORK = 3_000_000
"""Characters of diffs that are checked in all, so that what a report says depends on no clock."""
ALONE = tuple(check.id for check in CHECKS if check.needs_delta)
"""Checks that are run on the reviewed revision only."""

FindTree = Callable[[Revision], SourceTree]


def follow_review(
    series: Series,
    at: int,
    findings: Sequence[Finding],
    lives: Sequence[Life],
    find_tree: FindTree,
    known: frozenset[str] = frozenset(),
) -> FollowedFindings:
    """Check the revisions before that of index `at` and follow its findings through them.

    `find_tree` gives the tree that a revision applies to; `known` are the names that the reviewed one
    defines anew and that its tree has (find_known): they count for the others, too. A check that fails on
    an earlier revision leaves a note.
    """
    chosen, notes = _chosen(series.revisions[:at])
    checked, failed = [], []
    trees: dict[str, SourceTree] = {}
    for earlier in chosen:
        tree = find_tree(series.revisions[earlier])
        if tree.name not in trees:
            trees[tree.name] = chain_images(series, tree)
        found = _check(series, earlier, trees[tree.name], known)
        checked.append(CheckedRevision(revision=earlier, findings=found.findings))
        name = call(series.revisions[earlier])
        failed += [Note(kind=note.kind, detail=f"{name}, {note.detail}") for note in found.notes]
    checked.append(CheckedRevision(revision=at, findings=tuple(findings)))
    followed = follow_findings(series, checked, lives, ALONE)
    return replace(followed, notes=(*notes, *failed))


def _chosen(earlier: Sequence[Revision]) -> tuple[list[int], tuple[Note, ...]]:
    """Return the indexes of the revisions to check, ascending, and a note where some are left out."""
    chosen: list[int] = []
    work = 0
    for at in range(len(earlier) - 1, -1, -1):
        work += sum(len(patch.diff) for patch in earlier[at].patches)
        if len(chosen) + 1 >= MOST_REVISIONS or work > MOST_WORK:
            first = call(earlier[at + 1]) if chosen else "none"
            detail = f"findings were followed back to {first} only: the work is bounded"
            return sorted(chosen), (Note(kind="bounded", detail=detail),)
        chosen.append(at)
    return sorted(chosen), ()


def _check(series: Series, at: int, tree: SourceTree, known: frozenset[str]) -> Checked:
    patches = review_patches(series.revisions[at].patches, tree)
    kernel = version_of((tree.read("Makefile") or b"").decode("utf-8", "replace"))
    checks = [check for check in CHECKS if not check.needs_delta]
    return check_patches([case_of(reviewed, kernel, known=known) for reviewed in patches], checks)

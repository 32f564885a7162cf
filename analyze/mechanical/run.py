"""All mechanical checks over a revision, in a scratch folder that is gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...fetch.tree.listing import list_files
from ...fetch.tree.source_tree import SourceTree, open_tree
from ..checks.finding import Finding
from .applies import applies
from .checkpatch import checkpatch
from .coccinelle import FOLDER, coccinelle
from .sparse import sparse
from .tool import TITLES, Said, ToolRun, not_run

if TYPE_CHECKING:
    from ..review import PatchReview

PROGRAMS = ("perl", "spatch", "sparse")
MOST_JOBS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanical:
    """What became of each tool, and what they said."""

    tools: tuple[ToolRun, ...]
    findings: tuple[Finding, ...] = ()


def run_none(patches: Sequence[PatchReview]) -> Mechanical:
    """Run no program: whether the patches apply is known all the same."""
    others = [
        not_run(name, "not-run", "not asked for (--mechanical)") for name in TITLES if name != "applies"
    ]
    return Mechanical(tools=tuple(one.run for one in (applies(patches), *others)))


def run_tools(
    patches: Sequence[PatchReview],
    tree: SourceTree,
    *,
    jobs: int,
    command: str,
    progress: Callable[[str], None],
) -> Mechanical:
    """Run every tool. Never raises for what a program does.

    `tree` holds the scripts that are run: it is at the revision that the user named or has checked out, never
    at one that a mail names.
    """
    said: list[Said] = [applies(patches)]
    with tempfile.TemporaryDirectory(prefix="lorelens-") as name:
        folder = Path(name)
        progress("running checkpatch, coccinelle and sparse")
        said.append(checkpatch(patches, tree, folder / "checkpatch"))
        said.append(coccinelle(patches, tree, folder / "coccinelle", min(jobs, MOST_JOBS)))
        said.append(sparse(patches, tree, folder / "sparse"))
    for one in said:
        if one.run.state in ("skipped", "failed", "partly"):
            progress(f"{one.run.name}: {one.run.state}: {one.run.detail}")
    return Mechanical(
        tools=tuple(one.run for one in said),
        findings=tuple(replace(found, rerun=command) for one in said for found in one.findings),
    )


def read_unwatched(tools: Sequence[ToolRun]) -> bool:
    """Say whether a tool read files of a tree that nobody noted: headers, by sparse."""
    return any(one.name == "sparse" and one.state in ("ran", "partly", "failed") for one in tools)


def script_names(trees: Sequence[str], base: str | None) -> tuple[str, ...]:
    """Return which scripts the trees hold; the content of those that are read is noted where they are."""
    tree = open_tree(trees, base)
    return (tree.name, *list_files(tree, FOLDER))

"""Review: everything that is known of one revision of a series. What the reports render."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..fetch.mail.message import Note
from ..fetch.patch.patch_mail import PatchMail
from ..fetch.repair import Recovered, RecoveredFile, repair_patch
from ..fetch.series.assembly import Patch, Revision, Series
from ..fetch.tree.source_tree import PatchedTree, SourceTree
from .around import PatchHeaders, TreeHeaders
from .callers.called import Called
from .chain import find_blobs
from .checks.finding import Finding
from .diff import FileDiff, parse_diff
from .functions import ChangedFunction, changed_functions, link_moves, unaccounted, why_none
from .history.findings import FollowedFindings
from .history.history import History
from .images import FileChange, apply_to, images
from .linked import Link
from .mechanical.tool import ToolRun
from .models.matrix import Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchReview:
    """One patch: its diff as recovered, its files before and after, and what it changes."""

    patch: Patch
    recovered: tuple[RecoveredFile, ...]
    """A RecoveredFile a file, also where nothing had to be repaired."""
    files: tuple[FileChange, ...]
    functions: tuple[ChangedFunction, ...]
    notes: tuple[Note, ...]
    """What could not be read of this patch, and why."""
    headers: PatchHeaders | None = field(default=None, compare=False, repr=False)
    """The headers around its files, for comparisons; None where they are not looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One revision of a series, reviewed. `revision` is None for a thread without a patch (a lone reply)."""

    series: Series
    revision: Revision | None
    patches: tuple[PatchReview, ...]
    tree: str
    """The name of the tree that the pre-images came from, and how its base was found; "none"."""
    command: str
    """The command that reproduces this report."""
    version: str
    """Of lorelens."""
    notes: tuple[Note, ...]
    history: History | None = None
    """What became of comments, trailers and claims; None where it was not looked at."""
    kernel: str = ""
    """The version of the kernel that the tree holds, "5.17"; "" where it is not told."""
    findings: tuple[Finding, ...] = ()
    """What the checks found, what is introduced and severe first; also what programs said."""
    followed: FollowedFindings | None = None
    """The findings through the revisions; None where there is no earlier one."""
    tools: tuple[ToolRun, ...] = ()
    """What became of the mechanical checks."""
    models: tuple[Matrix, ...] = ()
    """What changed functions may do before and after, by flags and kinds; patch by patch."""
    called: tuple[Called, ...] = ()
    """Who calls the changed functions, in the tree before the series."""
    known: frozenset[str] = frozenset()
    """Names that the patches define anew and that a header of the tree has before the series."""
    links: tuple[Link, ...] = ()
    """The lines that comments speak of by name, comment by comment."""


def review_patch(patch: Patch, tree: SourceTree, headers: TreeHeaders | None = None) -> PatchReview:
    """Recover the patch's diff, find its images in `tree`, and say what it changes."""
    recovered, lying = recover_diff(patch, tree)
    parsed = parse_diff("".join(file.diff for file in recovered.files))
    changes = images([lying.get(diff.path, diff) for diff in parsed.files], tree)
    by_file = [changed_functions(change) for change in changes]
    unread = [why_none(one) or _unread_lines(one, found) for one, found in zip(changes, by_file, strict=True)]
    functions = link_moves([function for found in by_file for function in found])
    return PatchReview(
        patch=patch,
        recovered=recovered.files,
        files=changes,
        functions=functions,
        notes=tuple(dict.fromkeys((*patch.notes, *parsed.notes, *(note for note in unread if note)))),
        headers=(headers or TreeHeaders()).around(tree, changes, functions),
    )


def recover_diff(patch: Patch | PatchMail, tree: SourceTree) -> tuple[Recovered, Mapping[str, FileDiff]]:
    """Recover a patch's diff; return it, and by path the files whose own mail lies about its hunks.

    Repair makes a hunk fit its counts by leaving lines out. That is right for a copy of a mail, but not for
    the mail itself: what its author's counts do not cover is then no repair but a reason to distrust the
    file, unless the blob id confirms it. Such a file gets a failure.
    """
    recovered = repair_patch(patch.diff, tree)
    kinds = {note.kind for note in patch.notes}
    if patch.quoted or "hunk" not in kinds or "wrapped" in kinds:
        return recovered, {}
    why = next(note for note in patch.notes if note.kind == "hunk")
    read = parse_diff(patch.diff).files
    suspect = [file for file in read if file.failure] or [replace(file, failure=why) for file in read]
    confirmed = {file.path for file in recovered.files if file.verified}
    lying = {file.path: file for file in suspect if file.path not in confirmed}
    files = [
        replace(file, failure=file.failure or lying[file.path].failure) if file.path in lying else file
        for file in recovered.files
    ]
    return replace(recovered, files=tuple(files)), lying


def _unread_lines(change: FileChange, functions: tuple[ChangedFunction, ...]) -> Note | None:
    """Say which changed lines belong to no definition that could be read; empty lines do not count."""
    left = [line for line in unaccounted(change, functions) if line.reason != "blank"]
    if not left:
        return None
    where = ", ".join(f"{line.line} ({line.side}-image)" for line in left[:5])
    more = f" and {len(left) - 5} more" if len(left) > 5 else ""
    return Note(kind="unparsed", detail=f"{change.path}: changed lines in no definition: {where}{more}.")


def chain_images(series: Series, tree: SourceTree) -> PatchedTree:
    """Return `tree` with every image that the index lines of all the series' revisions prove out of it."""
    patches = (patch for revision in series.revisions for patch in revision.patches)
    return find_blobs((diff for patch in patches for diff in parse_diff(patch.diff).files), tree)


def review_patches(patches: tuple[Patch, ...], tree: SourceTree) -> tuple[PatchReview, ...]:
    """Review each patch on the tree that the patches before it leave."""
    reviewed, headers = [], TreeHeaders()
    for patch in patches:
        found = review_patch(patch, tree, headers)
        tree = apply_to(tree, found.files)
        reviewed.append(found)
    return tuple(reviewed)

"""Review -> the values that the templates show: diff lines with anchors, comments, what was not read.

Anchors are the same in one page and in a folder of pages: "p2" is the second patch, "p2-1-n40" line 40 of the
post-image of its first file, "p2-1-o38" line 38 of the pre-image, "c7" the seventh comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ..analyze.functions import ChangedFunction
from ..analyze.images import FileChange
from ..analyze.review import PatchReview, Review
from ..fetch.repair import RecoveredFile
from ..fetch.series.assembly import Revision
from .asked import Asked
from .summary import besides, former_name, kind_words, label, label_kinds, told
from .verdict import Judged, judge

MOST_LINES = 5000
"""Diff lines of one file that a page shows."""
MOST_FUNCTION_LINES = 400
MOST_FUNCTIONS = 1000
MOST_FILES = 1000
"""Changed definitions, and files, of one patch that a page shows."""
OPEN_LINES = 300
"""A file's diff of no more lines is open from the start."""

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")

Place = tuple[str, str, int]
"""Path, side and line, as an Anchor has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """One line of a diff or function."""

    kind: str
    """ "add", "del", "same", "hunk" or "head" (what stands above the hunks)."""
    text: str
    """With its sign, without its line end."""
    id: str
    """"" where nothing can link to it."""
    comments: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFile:
    """One file of a patch."""

    path: str
    id: str
    lines: tuple[ShownLine, ...]
    left_out: int
    """Lines beyond MOST_LINES."""
    added: int
    removed: int
    verified: bool | None
    source: str
    repaired: bool
    failure: str
    opened: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFunction:
    """One changed definition."""

    changed: ChangedFunction
    label: str
    """"struct file_operations", a function's name alone."""
    kinds: str
    former: str
    """Its name before the patch where it was another, else ""."""
    judged: Judged | None
    """None for what is not a function."""
    lines: tuple[ShownLine, ...]
    """The whole function, its changed lines marked; () where the diff shows as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPatch:
    """One patch of the reviewed revision."""

    reviewed: PatchReview
    id: str
    files: tuple[ShownFile, ...]
    functions: tuple[ShownFunction, ...]
    more_functions: int
    """Changed definitions beyond MOST_FUNCTIONS."""
    told: tuple[tuple[str, tuple[str, ...]], ...]
    """The same in few words, for the table of patches: "function" or "definition", and "struct a (added)"."""
    more_files: int
    """Files beyond MOST_FILES."""
    besides: str
    """What else it changes at file level; "" where nothing."""
    comments: tuple[Asked, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentGroup:
    """The comments on one revision."""

    revision: Revision | None
    asked: tuple[Asked, ...]


def show_patches(review: Review, asked: Sequence[Asked]) -> tuple[ShownPatch, ...]:
    """Return every patch of the review as it is shown."""
    positions = [reviewed.patch.position for reviewed in review.patches]
    unique = len(set(positions)) == len(positions)
    return tuple(
        _show_patch(reviewed, f"p{reviewed.patch.position if unique else number}", asked)
        for number, reviewed in enumerate(review.patches, 1)
    )


def anchored_lines(patches: Sequence[ShownPatch]) -> dict[int, str]:
    """Comment number -> id of the diff line that it speaks of."""
    lines = (line for patch in patches for file in patch.files for line in file.lines)
    return {asked.number: line.id for line in lines for asked in line.comments}


def group_comments(asked: Sequence[Asked]) -> tuple[CommentGroup, ...]:
    """Return the comments by revision, newest first, those whose revision is not known last."""
    by_head: dict[str, list[Asked]] = {}
    for one in asked:
        by_head.setdefault(one.revision.head if one.revision else "", []).append(one)
    groups = [CommentGroup(revision=group[0].revision, asked=tuple(group)) for group in by_head.values()]
    return tuple(sorted(groups, key=lambda group: -(group.revision.number if group.revision else -1)))


def _show_patch(reviewed: PatchReview, anchor: str, asked: Sequence[Asked]) -> ShownPatch:
    mail = reviewed.patch.message.message_id
    here = [one for one in asked if one.patch == reviewed.patch]
    places: dict[Place, list[Asked]] = {}
    for one in here:
        place = one.comment.anchor
        if place and place.message_id == mail:
            places.setdefault((place.path, place.side, place.line), []).append(one)
    changes = {change.path: change for change in reviewed.files}
    definitions = [found for found in reviewed.functions if found.symbol != "other"]
    return ShownPatch(
        reviewed=reviewed,
        id=anchor,
        files=tuple(
            _show_file(file, changes.get(file.path), f"{anchor}-{number}", places)
            for number, file in enumerate(reviewed.recovered[:MOST_FILES], 1)
        ),
        functions=tuple(_show_function(found) for found in definitions[:MOST_FUNCTIONS]),
        more_functions=max(0, len(definitions) - MOST_FUNCTIONS),
        told=tuple(
            (noun, tuple(map(label_kinds, found)))
            for noun, found in zip(("function", "definition"), told(reviewed.functions), strict=True)
        ),
        more_files=max(0, len(reviewed.recovered) - MOST_FILES),
        besides=besides(reviewed.functions),
        comments=tuple(here),
    )


def _show_file(
    file: RecoveredFile, change: FileChange | None, anchor: str, places: Mapping[Place, Sequence[Asked]]
) -> ShownFile:
    lines = tuple(diff_lines(file.diff, file.path, anchor, places))
    failure = file.failure or (change.failure if change else None)
    verified = file.verified if file.verified is not None or change is None else change.verified
    return ShownFile(
        path=file.path,
        id=anchor,
        lines=lines[:MOST_LINES],
        left_out=max(0, len(lines) - MOST_LINES),
        added=sum(line.kind == "add" for line in lines),
        removed=sum(line.kind == "del" for line in lines),
        verified=verified,
        source=change.source if change else "",
        repaired=bool(file.repairs),
        failure=failure.detail if failure else "",
        opened=len(lines) <= OPEN_LINES,
    )


def diff_lines(
    diff: str, path: str, anchor: str, places: Mapping[Place, Sequence[Asked]]
) -> Iterator[ShownLine]:
    """Yield the lines of one file's diff, numbered by its hunk headers' starts and counts."""
    pre = post = pre_left = post_left = 0
    for text in diff.removesuffix("\n").split("\n"):
        header = _HUNK.match(text)
        if pre_left <= 0 and post_left <= 0:
            if header:
                pre, post = int(header[1]), int(header[3])
                pre_left, post_left = (int(n) if n else 1 for n in (header[2], header[4]))
            yield ShownLine(kind="hunk" if header else "head", text=text, id="")
            continue
        kind = {"+": "add", "-": "del", "\\": "head"}.get(text[:1], "same")
        side, number = ("pre", pre) if kind == "del" else ("post", post)
        comments = () if kind == "head" else tuple(places.get((path, side, number), ()))
        linked = kind in ("add", "del") or comments
        name = f"{anchor}-{'o' if kind == 'del' else 'n'}{number}" if linked else ""
        yield ShownLine(kind=kind, text=text, id=name, comments=comments)
        if kind in ("del", "same"):
            pre, pre_left = pre + 1, pre_left - 1
        if kind in ("add", "same"):
            post, post_left = post + 1, post_left - 1


def _show_function(function: ChangedFunction) -> ShownFunction:
    return ShownFunction(
        changed=function,
        label=label(function),
        kinds=kind_words(function),
        former=former_name(function),
        judged=judge(function) if function.symbol == "function" else None,
        lines=tuple(_function_lines(function)),
    )


def _function_lines(function: ChangedFunction) -> Iterator[ShownLine]:
    """Yield a changed function's lines, those of one version only marked as in a diff."""
    pre, post = function.pre, function.post
    if not (pre and post and pre.whole and post.whole) or pre.text == post.text:
        return
    before, after = pre.text.splitlines(), post.text.splitlines()
    if max(len(before), len(after)) > MOST_FUNCTION_LINES:
        return
    for kind, a, b, c, d in SequenceMatcher(None, before, after).get_opcodes():
        if kind == "equal":
            yield from (ShownLine(kind="same", text=f" {line}", id="") for line in after[c:d])
            continue
        yield from (ShownLine(kind="del", text=f"-{line}", id="") for line in before[a:b])
        yield from (ShownLine(kind="add", text=f"+{line}", id="") for line in after[c:d])

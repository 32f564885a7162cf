"""Two revisions of a series -> what changed in each patch: by hunks, by function, in words and behaviour."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace

from ...fetch.mail.message import Note
from ...fetch.series.assembly import Revision, Series
from ...fetch.tree.source_tree import SourceTree
from ..behaviour import Effort, Pair, judge_pairs
from ..engine.delta import Delta
from ..results import ResultStore
from .functions import FunctionInterdiff, find_functions
from .hunks import FileInterdiff, compare_files
from .matching import Matching, PatchPair, match_patches
from .message import MessageInterdiff, compare_messages
from .post_images import HUNKS_ALONE, apply_revision, find_pair
from .reading import read_files
from .renames import join_renamed
from .wording import hunks_kind

NOT_ASKED = "it was not asked for"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchInterdiff:
    """What changed in a patch between two revisions."""

    pair: PatchPair
    files: tuple[FileInterdiff, ...]
    functions: tuple[FunctionInterdiff, ...]
    message: MessageInterdiff

    @property
    def hunks(self) -> str:
        """Return "same", "new base" (context or line numbers only) or "changed"."""
        return hunks_kind(self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionDiff:
    """What changed between two revisions of a series. What the reports of `lorelens diff` render."""

    series: Series
    before: Revision
    after: Revision
    matching: Matching
    patches: tuple[PatchInterdiff, ...]
    """One for each pair of the matching, in its order."""
    trees: tuple[str, str]
    """Where the files around the hunks came from, for the earlier and the later; "none"."""
    command: str
    """The command that reproduces this report."""
    version: str
    """Of lorelens."""
    notes: tuple[Note, ...]


def compare_revisions(before: Revision, after: Revision) -> tuple[Matching, tuple[PatchInterdiff, ...]]:
    """Match the patches of two revisions and compare each pair's text."""
    matching = match_patches(before.patches, after.patches)
    return matching, tuple(compare_pair(pair) for pair in matching.pairs)


def compare_pair(pair: PatchPair) -> PatchInterdiff:
    """Compare the text of a pair; behaviour is judge_interdiffs' to add."""
    before, after = read_files(pair.before), read_files(pair.after)
    files = compare_files(before, after)
    functions = find_functions(before, after, files)
    return PatchInterdiff(
        pair=pair,
        files=files,
        functions=tuple(replace(function, why_not=NOT_ASKED) for function in functions),
        message=compare_messages(pair.before, pair.after),
    )


def judge_interdiffs(
    patches: Sequence[PatchInterdiff],
    revisions: tuple[Revision, Revision],
    trees: tuple[SourceTree, SourceTree],
    effort: Effort,
    store: ResultStore | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[PatchInterdiff, ...]:
    """Return the patches with each function's delta between the two post-images, or why there is none."""
    before, after = (apply_revision(r.patches, tree) for r, tree in zip(revisions, trees, strict=True))
    patches = [
        replace(
            patch,
            functions=join_renamed(
                patch.functions, before[patch.pair.before.position], after[patch.pair.after.position]
            ),
        )
        for patch in patches
    ]
    found: dict[tuple[int, int], tuple[Pair, bool] | str] = {}
    for number, patch in enumerate(patches):
        one, other = before[patch.pair.before.position], after[patch.pair.after.position]
        differing = _differing(one.touched, other.touched, patches)
        for index, function in enumerate(patch.functions):
            found[number, index] = find_pair(function, one, other, differing)
    at_hand = {key: one for key, one in found.items() if not isinstance(one, str)}
    judged = judge_pairs([pair for pair, _ in at_hand.values()], effort, store, progress)
    deltas = {
        key: delta if whole else replace(delta, assumptions=(*delta.assumptions, HUNKS_ALONE))
        for (key, (_, whole)), delta in zip(at_hand.items(), judged, strict=True)
    }
    return tuple(
        replace(
            patch,
            functions=tuple(
                _judged(function, deltas.get((number, index)), found[number, index])
                for index, function in enumerate(patch.functions)
            ),
        )
        for number, patch in enumerate(patches)
    )


def _differing(
    before: Set[tuple[str, str]], after: Set[tuple[str, str]], patches: Sequence[PatchInterdiff]
) -> frozenset[str]:
    """Return names that the two revisions have changed differently by then, or only one of them."""
    unlike = {(one.path, one.name) for patch in patches for one in patch.functions}
    return frozenset(name for _, name in (before ^ after) | (unlike & (before | after)))


def _judged(
    function: FunctionInterdiff, delta: Delta | None, found: tuple[Pair, bool] | str
) -> FunctionInterdiff:
    why_not = found if isinstance(found, str) else ""
    if why_not and function.comments:
        why_not = "the lines that differ look like comments"
    return replace(function, delta=delta, why_not=why_not)

"""Matching with the titles taken away: how often patches of the same title find each other all the same.

The revisions are those of gold/revisions, parted by gold.tsv. Where a title stands once in each of two
consecutive revisions, its two patches are taken to be one patch; that is right but for rare exceptions, and
needs nobody's judgement. Both programs then see the patches without any title.
"""

from __future__ import annotations

import lzma
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from lorelens.analyze.history.matching import match_patches
from lorelens.fetch.series.assembly import Patch, find_series
from lorelens.fetch.series.thread import build_threads
from lorelens.fetch.source.sources import read_messages

from history.range_diff import build_repository, range_diff

Patches = tuple[Patch, ...]


@dataclass(slots=True)
class Count:
    """What became of the patches whose title stands once in each revision."""

    right: int = 0
    wrong: int = 0
    """Paired with another."""
    alone: int = 0

    def __str__(self) -> str:
        whole = self.right + self.wrong + self.alone
        paired = self.right + self.wrong
        precision = self.right / paired if paired else 1.0
        return (
            f"{self.right} of {whole} right ({self.right / max(whole, 1):.1%}), {self.wrong} with another "
            f"(precision {precision:.2%}), {self.alone} alone"
        )


def consecutive(folder: Path, scratch: Path) -> Iterable[tuple[Patches, Patches]]:
    """Yield pairs of consecutive revisions of one series, each with two patches at least."""
    mbox = scratch / "gold.mbox"
    with lzma.open(folder / "mail.mbox.xz") as packed, mbox.open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)
    found = find_series(build_threads(list(read_messages([str(mbox)]))))
    by_head = {revision.head: revision.patches for series in found for revision in series.revisions}
    lineages: dict[str, dict[int, Patches]] = defaultdict(dict)
    for line in (folder / "gold.tsv").read_text().splitlines():
        head, number, label = line.split("\t")
        if head in by_head:
            lineages[label][int(number)] = by_head[head]
    for revisions in lineages.values():
        numbers = sorted(revisions)
        for one, other in pairwise(numbers):
            if other == one + 1 and min(len(revisions[one]), len(revisions[other])) > 1:
                yield revisions[one], revisions[other]


def blind(patches: Sequence[Patch]) -> Patches:
    """Return the patches without their titles."""
    return tuple(replace(patch, title="") for patch in patches)


def same_titles(before: Sequence[Patch], after: Sequence[Patch]) -> dict[int, int]:
    """Return the positions of patches whose title stands once in each revision."""
    sides = []
    for patches in (before, after):
        times = Counter(patch.title for patch in patches)
        sides.append({p.title: p.position for p in patches if times[p.title] == 1 and p.title})
    return {sides[0][title]: sides[1][title] for title in sides[0].keys() & sides[1].keys()}


def score_blind(folder: Path, scratch: Path, every: int, factor: int) -> None:
    """Print what both programs find; range-diff for one pair in `every`, since it needs a repository each."""
    counts = {"lorelens": Count(), "lorelens, those that range-diff saw": Count(), "range-diff": Count()}
    pairs = list(consecutive(folder, scratch))
    for number, (before, after) in enumerate(pairs):
        expected = same_titles(before, after)
        found = match_patches(blind(before), blind(after))
        ours = {pair.before.position: pair.after.position for pair in found.pairs}
        tally(counts["lorelens"], expected, ours)
        if number % every:
            continue
        repository = scratch / f"blind-{number}"
        names = build_repository(repository, [blind(before), blind(after)])
        ranges = [f"root..{name}" for name in names]
        peer = range_diff(repository, *ranges, creation_factor=factor)
        places = {before[one - 1].position: after[other - 1].position for one, (other, _) in peer.items()}
        tally(counts["lorelens, those that range-diff saw"], expected, ours)
        tally(counts["range-diff"], expected, places)
        shutil.rmtree(repository)
    print(f"{len(pairs)} pairs of revisions")
    for name, count in counts.items():
        print(f"{name}: {count}")


def tally(count: Count, expected: dict[int, int], found: dict[int, int]) -> None:
    for one, other in expected.items():
        got = found.get(one)
        count.right += got == other
        count.alone += got is None
        count.wrong += got is not None and got != other

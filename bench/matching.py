"""Patches matched across revisions, against `git range-diff`, and what it takes.

    python bench/matching.py t3206 --git GIT.git        the branches of git's own t/t3206
    python bench/matching.py threads [--shared DIR]     twenty pairs of revisions, judged by hand
    python bench/matching.py blind [--shared DIR]       the titles taken away, on all of gold/revisions
    python bench/matching.py time [--shared DIR]        pairs of 25 patches, best of five

GIT.git is a bare clone of git itself, of which t/t3206/history.export is read. The judged pairs stand in
bench/history/judged.py; docs/matching.md has the results and says how commits are made out of mail.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from history.blind import score_blind
from history.judged import FOLL, JUDGED, PIN, Judged
from history.range_diff import build_repository, faithful, range_diff
from lorelens.analyze.history.matching import Matching, match_patches
from lorelens.fetch.series.assembly import Patch, Series, find_series
from lorelens.fetch.series.thread import build_threads
from lorelens.fetch.source.sources import read_messages

BRANCHES = (
    "unmodified", "reordered", "removed", "added", "rebased", "changed", "changed-message", "renamed-file",
    "mode-only-change", "added-removed",
)  # fmt: skip
EXPECTED = {
    "topic": {1: 1, 2: 2, 3: 3, 4: 4},
    "reordered": {1: 1, 3: 2, 4: 3, 2: 4},
    "removed": {1: 1, 3: 2, 4: 3},
    "added": {1: 1, 2: 2, 3: 4, 4: 5},
}
"""What t3206-range-diff.sh expects of topic against each branch; as it is where nothing else is said."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("t3206", "threads", "blind", "time"))
    parser.add_argument("--git", type=Path, help="a bare clone of git's repository")
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared")
    parser.add_argument("--every", type=int, default=5, help="blind: range-diff for one pair in so many")
    parser.add_argument("--factor", type=int, default=60, help="range-diff's --creation-factor")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if arguments.what == "t3206":
            if arguments.git is None:
                sys.exit("t3206 needs --git")
            score_t3206(arguments.git, Path(scratch))
        elif arguments.what == "threads":
            score_threads(arguments.shared / "threads", Path(scratch), arguments.factor)
        elif arguments.what == "blind":
            score_blind(
                arguments.shared / "gold" / "revisions", Path(scratch), arguments.every, arguments.factor
            )
        else:
            measure(arguments.shared / "threads")


def score_t3206(clone: Path, scratch: Path) -> None:
    """Import git's own history and compare `topic` with itself, with main, and with every other branch."""
    export = ["git", f"--git-dir={clone}", "show", "HEAD:t/t3206/history.export"]
    history = subprocess.run(export, capture_output=True, check=True).stdout
    repository = scratch / "t3206"
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    subprocess.run(["git", "-C", str(repository), "fast-import", "--quiet"], input=history, check=True)
    topic = branch_patches(repository, "topic", scratch)
    print(f"{'branch':18} {'patches':>7} {'lorelens':>9} {'range-diff':>10}")
    for name in ("topic", "main", *BRANCHES):
        expected = EXPECTED.get(name, EXPECTED["topic"])
        found = match_patches(topic, branch_patches(repository, name, scratch))
        if name == "main":  # the fork itself: range-diff takes no empty range
            assert not found.pairs
            continue
        marked = range_diff(repository, "main..topic", f"main..{name}")
        peer = {one: other for one, (other, _) in marked.items()}
        ours = {pair.before.position: pair.after.position for pair in found.pairs}
        print(f"{name:18} {len(expected):7} {verdict(ours, expected):>9} {verdict(peer, expected):>10}")
        for pair in found.pairs:
            print(
                f"    {pair.before.position} -> {pair.after.position}  {', '.join(pair.kinds)}: {pair.words}"
            )


def verdict(found: Mapping[int, int], expected: Mapping[int, int]) -> str:
    return "right" if found == expected else f"wrong {found}"


def branch_patches(repository: Path, name: str, scratch: Path) -> tuple[Patch, ...]:
    """Return a branch's commits above the fork as patches out of mail."""
    command = ["git", "-C", str(repository), "format-patch", "--stdout", "-n", "main.." + name]
    mail = subprocess.run(command, capture_output=True, check=True).stdout
    if not mail:
        return ()
    path = scratch / f"{name}.mbox"
    path.write_bytes(mail)
    series = read(path)
    patches = [patch for one in series for revision in one.revisions for patch in revision.patches]
    return tuple(sorted(patches, key=lambda patch: patch.position))


def read(*paths: Path) -> tuple[Series, ...]:
    return find_series(build_threads(list(read_messages([str(path) for path in paths]))))


def judged_revisions(folder: Path, one: Judged) -> list[tuple[Patch, ...]]:
    """Return the patches of both revisions."""
    found = [
        series
        for series in read(*sorted((folder / one.folder).glob("*.mbox")))
        if series.title.casefold().startswith(one.head)
        and {r.number for r in series.revisions} >= set(one.numbers)
    ]
    revisions = {revision.number: revision.patches for revision in found[0].revisions}
    return [revisions[number] for number in one.numbers]


def score_threads(folder: Path, scratch: Path, factor: int) -> None:
    """Count what is right: pairs, and patches that stand alone; and origins of the latter, which only
    lorelens names."""
    print(f"{'folder':34} {'revisions':>9} {'to judge':>8} {'lorelens':>8} {'range-diff':>10} {'origins':>8}")
    sums, made, marks = [0, 0, 0, 0, 0], 0, Counter[tuple[str, str]]()
    for number, one in enumerate(JUDGED):
        before, after = judged_revisions(folder, one)
        found = match_patches(before, after)
        names = build_repository(scratch / str(number), [before, after])
        ranges = [f"root..{name}" for name in names]
        marked = range_diff(scratch / str(number), *ranges, creation_factor=factor)
        peer = positions({one: other for one, (other, _) in marked.items()}, before, after)
        marks.update(same_mark(found, marked, before))
        ours = {pair.before.position: pair.after.position for pair in found.pairs}
        whole = len(before) + len(after)
        made += sum(
            faithful(scratch / str(number), name, patches)
            for name, patches in zip(names, (before, after), strict=True)
        )
        scores = [right(one, side, before, after) for side in (ours, peer)]
        origins = right_origins(one, found)
        row = (whole, *scores, *origins)
        sums = [a + b for a, b in zip(sums, row, strict=True)]
        versions = f"v{one.numbers[0]}, v{one.numbers[1]}"
        print(
            f"{one.folder:34} {versions:>9} {whole:8} {scores[0]:8} {scores[1]:10}"
            f" {origins[0]:4}/{origins[1]}"
        )
        for label, side in (("lorelens", ours), ("range-diff", peer)):
            for line in differences(one, side, before, after):
                print(f"    {label}: {line}")
        for line in origin_differences(one, found):
            print(f"    origin: {line}")
    for (mark, kind), times in sorted(marks.items()):
        print(f"{times} pairs that range-diff marks {mark} are {kind}")
    print(f"{made} of {sums[0]} commits have exactly the changed lines of their mail")
    print(f"{'together':44} {sums[0]:8} {sums[1]:8} {sums[2]:10} {sums[3]:4}/{sums[4]}")


def same_mark(
    found: Matching, marked: Mapping[int, tuple[int, str]], before: Sequence[Patch]
) -> Iterable[tuple[str, str]]:
    """Yield range-diff's mark and lorelens' kind of each pair that both have."""
    marks = {before[one - 1].position: mark for one, (_, mark) in marked.items()}
    for pair in found.pairs:
        if pair.before.position in marks:
            kinds = "identical but for tags and the base" if pair.kinds[0] == "identical" else "changed"
            yield marks[pair.before.position], kinds


def positions(peer: Mapping[int, int], before: Sequence[Patch], after: Sequence[Patch]) -> dict[int, int]:
    """Turn range-diff's count of commits into positions."""
    return {before[one - 1].position: after[other - 1].position for one, other in peer.items()}


def right(one: Judged, found: Mapping[int, int], before: Sequence[Patch], after: Sequence[Patch]) -> int:
    """Return how many patches of both revisions have the partner that is right, or rightly none."""
    return len(before) + len(after) - len(list(differences(one, found, before, after)))


def differences(
    one: Judged, found: Mapping[int, int], before: Sequence[Patch], after: Sequence[Patch]
) -> Iterable[str]:
    """Yield each patch of either side that has a wrong partner, or wrongly none or one."""
    partners = one.partners()
    for patch in before:
        got, wanted = found.get(patch.position), partners.get(patch.position, frozenset())
        if (got not in wanted) if wanted else got is not None:
            yield f"{patch.position} of the earlier: {got} instead of {sorted(wanted) or None}"
    back = {later: earlier for earlier, later in found.items()}
    for patch in after:
        wanted_back = {earlier for earlier, later in partners.items() if patch.position in later}
        got = back.get(patch.position)
        if got is None:
            chosen = [n for n in wanted_back if len(partners[n]) == 1 or found.get(n) not in partners[n]]
            if chosen:
                yield f"{patch.position} of the later: None instead of {chosen}"
        elif got not in wanted_back:
            yield f"{patch.position} of the later: {got} instead of {sorted(wanted_back) or None}"


def origins_of(one: Judged, found: Matching) -> Iterable[tuple[str, int | None, int | None]]:
    """Yield (which patch, what was said of its origin, what is right) for the lone patches of both."""
    for lone, wanted, side in ((found.gone, one.gone, "earlier"), (found.come, one.come, "later")):
        for patch in lone:
            said = patch.other.position if patch.other else None
            yield f"{patch.patch.position} of the {side}", said, wanted.get(patch.patch.position)


def right_origins(one: Judged, found: Matching) -> tuple[int, int]:
    rows = list(origins_of(one, found))
    return sum(said == wanted for _, said, wanted in rows), len(rows)


def origin_differences(one: Judged, found: Matching) -> Iterable[str]:
    return (
        f"{which}: {said} instead of {wanted}"
        for which, said, wanted in origins_of(one, found)
        if said != wanted
    )


def measure(folder: Path) -> None:
    """Time the matching of 25-patch revisions, read and compared from the mails' text."""
    for numbers in ((9, 10), (10, 11), (11, 12), (8, 9)):
        one = replace(JUDGED[0], folder=FOLL, head=PIN, numbers=numbers)
        before, after = judged_revisions(folder, one)
        best, busy = (min(column) for column in zip(*(timed(before, after) for _ in range(5)), strict=True))
        sizes = f"v{numbers[0]} ({len(before)} patches), v{numbers[1]} ({len(after)})"
        print(f"{sizes}: {best:.2f} s, {busy:.2f} s of processor time")


def timed(before: Sequence[Patch], after: Sequence[Patch]) -> tuple[float, float]:
    start, busy = time.perf_counter(), time.process_time()
    match_patches(before, after)
    return time.perf_counter() - start, time.process_time() - busy


if __name__ == "__main__":
    main()

"""Real patches: every changed function of the threads whose images are whole, through the engine.

For each patch of shared/threads the images are found in the trees (as bench/images.py does, with what the
thread's other patches prove). A function counts where both its versions are whole; functions that only
hunks show, and those added or removed, have rows of their own. Goal: 85% decided, median under 0.5 s,
peak under 1 GB.

    python bench/engine_patches.py [--shared DIR] --tree PATH [--tree REPO:FOLDER ...] [--sample N]
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engine.parallel import run
from engine.table import HEAD, costs, counts, why
from engine.verdict import Answer, compare, replayed
from images import is_whole, look
from lorelens.analyze.around import PatchHeaders, TreeHeaders
from lorelens.analyze.definition import NOTHING_AROUND, Around
from lorelens.analyze.functions import changed_functions
from lorelens.analyze.images import FileChange
from lorelens.fetch.tree.source_tree import PatchedTree, open_tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One changed function of one patch."""

    row: str
    thread: str
    path: str
    name: str
    """After the patch; `former` before it."""
    former: str
    kind: tuple[str, ...]
    pre: str
    post: str
    around: Callable[[], Around] = lambda: NOTHING_AROUND
    """Finds what the function reaches of its headers."""


ROWS = ("both versions whole", "hunks alone", "added or removed")


def read_cases(shared: Path, trees: list[str]) -> tuple[list[Case], Counter[str]]:
    """Return the changed functions of every thread, and counts of patches and files."""
    tree = open_tree(tuple(trees))
    found: list[Case] = []
    total: Counter[str] = Counter()
    for folder in sorted((shared / "threads").iterdir()):
        headers, kept = TreeHeaders(), dict[int, PatchHeaders]()

        def each(
            here: PatchedTree,
            changes: tuple[FileChange, ...],
            headers: TreeHeaders = headers,
            kept: dict[int, PatchHeaders] = kept,
        ) -> None:
            kept |= dict.fromkeys(map(id, changes), headers.around(here, changes))

        with contextlib.redirect_stdout(io.StringIO()):
            counted, files, _ = look(folder, tree, True, each)
        total += counted
        total["files"] += len(files)
        for _, change in files:
            total["files, both images whole"] += is_whole(change)
            found += _cases(folder.name, change, kept[id(change)])
    return found, total


def _cases(thread: str, change: FileChange, headers: PatchHeaders) -> list[Case]:
    whole = is_whole(change)
    texts = [image.fragments[0].text if whole and image else "" for image in (change.pre, change.post)]
    cases = []
    for function in changed_functions(change):
        if function.symbol != "function":
            continue
        pre, post = function.pre, function.post
        row, before, after = ROWS[2], "", ""
        around = partial(headers.of, pre, post) if pre and post and whole else lambda: NOTHING_AROUND
        if pre and post:
            row = ROWS[0] if whole else ROWS[1]
            before, after = texts if whole else (pre.text, post.text)
        cases.append(
            Case(
                row=row,
                thread=thread,
                path=change.path,
                name=post.name if post else function.name,
                former=pre.name if pre else function.name,
                kind=function.kind,
                pre=before,
                post=after,
                around=around,
            )
        )
    return cases


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shared = Path(__file__).resolve().parent.parent.parent / "shared"
    parser.add_argument("--shared", type=Path, default=shared)
    parser.add_argument("--tree", action="append", default=[])
    parser.add_argument("--sample", type=int, metavar="N", help="of the functions whole on both sides")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--budget", type=float, default=10.0, metavar="SECONDS")
    parser.add_argument("--no-headers", action="store_true", help="compare without the trees' headers")
    parser.add_argument("--minutes", type=float, metavar="M")
    parser.add_argument("--show", type=int, default=10, metavar="N")
    options = parser.parse_args()
    started = time.perf_counter()
    found, total = read_cases(options.shared, options.tree)
    print(
        f"{total['patches']} patches, of which {total['patches, all files whole']} have all their files whole"
    )
    print(f"{total['files']} files, {total['files, both images whole']} with both images whole")
    print(", ".join(f"{row}: {count}" for row, count in Counter(case.row for case in found).items()))
    asked = [case for case in found if case.row != ROWS[2]]
    chosen = {(case.path, case.name, case.pre, case.post): case for case in asked}
    print(f"{len(asked)} changed functions on both sides; {len(chosen)} pairs of texts, each compared once")
    cases = list(chosen.values())
    if options.sample and options.sample < len(cases):
        cases = random.Random(options.seed).sample(cases, options.sample)
    arounds = [NOTHING_AROUND if options.no_headers else case.around() for case in cases]
    print(f"{sum(bool(one.pre or one.post) for one in arounds)} of {len(cases)} with their headers")
    print(f"found in {time.perf_counter() - started:.0f} s\n")

    def work(number: int) -> Answer:
        case = cases[number]
        return compare(
            case.pre, case.post, case.name, options.budget, former=case.former, around=arounds[number]
        )

    limit = options.budget * 2 + 30
    done = list(
        run(
            [f"{c.thread} {c.path}" for c in cases],
            work,
            jobs=options.jobs,
            minutes=options.minutes,
            limit=limit,
        )
    )
    print(HEAD)
    for row in ROWS[:2]:
        own = [one for one in done if cases[one.number].row == row]
        print(counts(row, [one.result for one in own]))
        print("  undecided for:", why([one.result for one in own]))
        print("  ", costs(own))
        print("   differences", replayed([one.result for one in own]))
    for one in [one for one in done if one.failure][: options.show]:
        print(
            f"   {cases[one.number].thread} {cases[one.number].path} {cases[one.number].name}: {one.failure}"
        )


if __name__ == "__main__":
    main()

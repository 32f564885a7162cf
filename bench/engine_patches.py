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
import hashlib
import io
import resource
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
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


@dataclass(slots=True)
class Sample:
    """The cases to ask: each pair of texts once, `size` of them (all where it is None), as `seed` draws them.

    A case that is not among those drawn is let go of at once, with the texts of its files."""

    size: int | None
    seed: int
    seen: set[str] = field(default_factory=set)
    drawn: dict[str, Case] = field(default_factory=dict)

    def offer(self, case: Case) -> None:
        """Take a case in, if it is one of the first `size` in the seed's order so far."""
        texts = (str(self.seed), case.path, case.name, case.pre, case.post)
        key = hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()
        if key in self.seen:
            return
        self.seen.add(key)
        self.drawn[key] = case
        if self.size is not None and len(self.drawn) > self.size:
            del self.drawn[max(self.drawn)]

    def settle(self) -> None:
        """Find what the cases drawn so far reach of their headers, and let go of the trees."""
        for key, case in self.drawn.items():
            found = case.around()
            self.drawn[key] = replace(case, around=lambda found=found: found)


def read_cases(
    shared: Path, trees: list[str], sample: Sample, with_headers: bool = True
) -> tuple[Counter[str], Counter[str]]:
    """Offer the changed functions of every thread to `sample`; return counts of patches and files, and of
    functions by row."""
    tree = open_tree(tuple(trees))
    total: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for folder in sorted((shared / "threads").iterdir()):
        headers = TreeHeaders()

        def each(
            here: PatchedTree,
            changes: tuple[FileChange, ...],
            thread: str = folder.name,
            headers: TreeHeaders = headers,
        ) -> None:
            around = headers.around(here, changes)
            for case in (case for change in changes for case in _cases(thread, change, around)):
                rows[case.row] += 1
                if case.row != ROWS[2]:
                    sample.offer(case)

        with contextlib.redirect_stdout(io.StringIO()):
            counted, files, _ = look(folder, tree, True, each)
        total += counted
        total["files"] += len(files)
        total["files, both images whole"] += sum(one.whole for one in files)
        if with_headers:
            sample.settle()
    return total, rows


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
    parser.add_argument("--sample", type=int, metavar="N", help="of the pairs of texts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--budget", type=float, default=10.0, metavar="SECONDS")
    parser.add_argument("--no-headers", action="store_true", help="compare without the trees' headers")
    parser.add_argument("--minutes", type=float, metavar="M")
    parser.add_argument("--list", action="store_true", help="print what is undecided")
    parser.add_argument("--show", type=int, default=10, metavar="N")
    options = parser.parse_args()
    started = time.perf_counter()
    sample = Sample(options.sample, options.seed)
    total, rows = read_cases(options.shared, options.tree, sample, not options.no_headers)
    print(
        f"{total['patches']} patches, of which {total['patches, all files whole']} have all their files whole"
    )
    print(f"{total['files']} files, {total['files, both images whole']} with both images whole")
    print(", ".join(f"{row}: {count}" for row, count in rows.items()))
    asked = rows.total() - rows[ROWS[2]]
    print(f"{asked} changed functions on both sides; {len(sample.seen)} pairs of texts, each compared once")
    cases = list(sample.drawn.values())
    arounds = [NOTHING_AROUND if options.no_headers else case.around() for case in cases]
    print(f"{sum(bool(one.pre or one.post) for one in arounds)} of {len(cases)} with their headers")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"found in {time.perf_counter() - started:.0f} s, peak {peak} MB\n")

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
    if options.list:
        for one in done:
            case, answer = cases[one.number], one.result
            if answer and answer.verdict == "undecided":
                print(f"   {one.seconds:4.1f} s {case.path} {case.name}: {answer.reason}, {answer.detail}")
    for one in [one for one in done if one.failure][: options.show]:
        print(
            f"   {cases[one.number].thread} {cases[one.number].path} {cases[one.number].name}: {one.failure}"
        )


if __name__ == "__main__":
    main()

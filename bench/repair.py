"""Patches damaged on purpose in five ways, recovered with a stand-in tree and without: exact, unverified,
failed, wrong.

`exact`: every file of the patch is verified and its post-image is the original's. `wrong`: a file claims to
be verified
and its post-image is another. `failed`: a file has a failure. `unverified`: the rest. Without the tree:
`whole`, the
share whose every file reads strictly by its counts; `applies`, the share that `git apply --check` takes
against files
made of its own context; `as it was`, the share whose hunks happen to be the original's.

    python bench/repair.py [--shared DIR] [--count 200] [--seed 2] [--ways strip,join] [--no-tree] [--show]
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from damage import WAYS, Case, StandIn, damage, find_cases, stand_in
from lorelens.fetch.repair import Recovered, repair_patch
from lorelens.fetch.repair.grammar import read_strict
from lorelens.fetch.tree.source_tree import NoTree


def judge(case: Case, recovered: Recovered) -> str:
    """Return the patch's outcome."""
    if any(f.verified and f.post_image != case.post.get(f.path) for f in recovered.files):
        return "wrong"
    if any(f.failure for f in recovered.files) or len(recovered.files) != len(case.files):
        return "failed"
    return "exact" if all(f.verified for f in recovered.files) else "unverified"


def as_it_was(case: Case, recovered: Recovered) -> bool:
    """Whether every hunk reads as the original."""
    ours = [
        hunk.lines
        for f in recovered.files
        for file in read_strict(f.diff.split("\n")).files
        for hunk in file.hunks
    ]
    return ours == [hunk.lines for file in case.files for hunk in file.hunks]


def applies(recovered: Recovered) -> bool:
    """Whether git takes the recovered patch against files made of its own context."""
    files = [file for f in recovered.files for file in read_strict(f.diff.split("\n")).files]
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            if file.header.old_path:
                path = Path(folder, file.header.old_path)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("".join(stand_in(file)), "utf-8", "surrogateescape")
        patch = "".join(f.diff for f in recovered.files)
        done = subprocess.run(
            ["git", "apply", "--check", "-"],
            input=patch.encode("utf-8", "surrogateescape"),
            cwd=folder,
            capture_output=True,
            env={"GIT_CEILING_DIRECTORIES": str(Path(folder).parent), "PATH": "/usr/bin:/bin"},
            check=False,
        )
        return done.returncode == 0


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--shared", type=Path, default=Path(__file__).resolve().parent.parent.parent / "shared"
    )
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument(
        "--seed", type=int, default=2, help="of the sample and of the damage (1 was used in development)"
    )
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--no-tree", action="store_true", help="also without the tree")
    parser.add_argument("--show", action="store_true", help="name the files that did not come out")
    options = parser.parse_args()
    cases = find_cases(options.shared, options.count, options.seed)
    files = sum(len(case.files) for case in cases)
    added = sum(line.sign == "+" for case in cases for f in case.files for h in f.hunks for line in h.lines)
    print(f"{len(cases)} patches, {files} files, {added} added lines, seed {options.seed}")
    print(
        f"{'way':8}{'exact':>7}{'unver.':>7}{'failed':>7}{'wrong':>7}{'files':>8}{'tries':>12}{'seconds':>9}{'worst':>7}"
    )
    total: Counter[str] = Counter()
    for way in options.ways.split(","):
        total.update(with_tree(cases, way, options.seed, options.show))
    share = total["exact"] / max(1, sum(total.values()))
    print(
        f"{'all':8}"
        + "".join(f"{total[k]:>7}" for k in ("exact", "unverified", "failed", "wrong"))
        + f"  {share:.1%} exact"
    )
    if options.no_tree:
        print(f"\nwithout the tree\n{'way':8}{'whole':>8}{'applies':>9}{'as it was':>11}{'seconds':>9}")
        for way in options.ways.split(","):
            without_tree(cases, way, options.seed)


def with_tree(cases: list[Case], way: str, seed: int, show: bool) -> Counter[str]:
    """Recover all cases damaged in one way; print the row and return the outcomes."""
    outcomes: Counter[str] = Counter()
    files, exact_files, tries, seconds = 0, 0, [], []
    for number, case in enumerate(cases):
        text = damage(case.diff, way, random.Random(f"{seed}/{way}/{number}"))
        begin = time.perf_counter()
        recovered = repair_patch(text, StandIn(case.pre))
        seconds.append(time.perf_counter() - begin)
        outcome = judge(case, recovered)
        outcomes[outcome] += 1
        files += len(case.files)
        exact_files += sum(bool(f.verified) for f in recovered.files)
        tries += [f.tries for f in recovered.files if f.verified]
        if show and outcome != "exact":
            for f in recovered.files:
                if not f.verified:
                    print(
                        f"  {outcome} {way} {number} {case.name} {f.path}"
                        f" {f.failure.detail if f.failure else ''}"
                    )
    middle = f"{statistics.median(tries) if tries else 0:.0f}/{max(tries, default=0)}"
    row = "".join(f"{outcomes[k]:>7}" for k in ("exact", "unverified", "failed", "wrong"))
    print(
        f"{way:8}{row}{exact_files / max(1, files):>8.1%}{middle:>12}"
        f"{sum(seconds):>9.1f}{max(seconds):>7.2f}",
        flush=True,
    )
    return outcomes


def without_tree(cases: list[Case], way: str, seed: int) -> None:
    """Recover all cases without their pre-images; print the row."""
    whole = taken = same = 0
    begin = time.perf_counter()
    results = []
    for number, case in enumerate(cases):
        text = damage(case.diff, way, random.Random(f"{seed}/{way}/{number}"))
        results.append(repair_patch(text, NoTree()))
    seconds = time.perf_counter() - begin
    for case, recovered in zip(cases, results, strict=True):
        fits = len(recovered.files) == len(case.files) and all(
            f.failure is None and read_strict(f.diff.split("\n")).whole for f in recovered.files
        )
        whole += fits
        taken += fits and applies(recovered)
        same += fits and as_it_was(case, recovered)
    n = len(cases)
    print(f"{way:8}{whole / n:>8.1%}{taken / n:>9.1%}{same / n:>11.1%}{seconds:>9.1f}", flush=True)


if __name__ == "__main__":
    main()

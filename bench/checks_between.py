"""The checks on what releases did to files: each file's change between two trees, as if it were one patch.

Patches on the lists are few and seen by reviewers; between releases there are many. What is said here is
"introduced" in the later release. Released code has been built, tested and read, so that a finding of high
severity is more often wrong here than on a patch fresh from its author.

    python bench/checks_between.py OLD NEW [--save FILE.jsonl] mm/gup.c mm/hugetlb.c fs/userfaultfd.c ...
    python bench/checks_between.py OLD NEW --together --only new-bug mm/mm_init.c mm/page_alloc.c ...
    python bench/checks.py --sample 40 --seed 1 --save FILE.jsonl

--together makes one patch of all files: what went from one to another is then no new code.
OLD and NEW are what --tree takes: a directory, or a repository; REPO@REVISION names a commit of one.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from lorelens.analyze.checks.build import build_case, diff_of
from lorelens.analyze.checks.frame import check_patches
from lorelens.analyze.checks.kernel_version import version_of
from lorelens.analyze.checks.registry import CHECKS
from lorelens.fetch.tree.source_tree import SourceTree, open_tree
from lorelens.reports.findings import finding_entry


def opened(name: str) -> SourceTree:
    """Open a tree, "REPO@REVISION" at that commit."""
    path, _, revision = name.partition("@")
    return open_tree([path], revision or None)


def read(tree: SourceTree, path: str) -> str:
    """Return a file's text, "" where the tree has it not."""
    return (tree.read(path) or b"").decode("utf-8", "replace")


def main() -> None:
    """Check each file's change, save what is introduced, and count it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--together", action="store_true", help="all files as one patch")
    parser.add_argument("--only", action="append", choices=[one.id for one in CHECKS], metavar="CHECK")
    arguments = parser.parse_args()
    old, new = opened(arguments.old), opened(arguments.new)
    kernel = version_of((new.read("Makefile") or b"").decode())
    start = time.monotonic()
    kept: list[dict[str, object]] = []
    counts: Counter[tuple[str, str]] = Counter()
    functions = 0
    checks = [one for one in CHECKS if not arguments.only or one.id in arguments.only]
    paths = arguments.paths
    for group in [paths] if arguments.together else [[path] for path in paths]:
        images = [{path: read(tree, path) for path in group} for tree in (old, new)]
        if not arguments.together and not all(text for image in images for text in image.values()):
            continue
        pre, post = ({path: text for path, text in image.items() if text} for image in images)
        path = group[0]
        case = build_case(diff_of(pre, post), pre, title=path)
        case = replace(case, kernel=kernel)
        functions += sum(one.symbol == "function" for one in case.functions)
        checked = check_patches([case], checks)
        for note in checked.notes:
            print("   ", note.detail)
        for one in checked.findings:
            counts[one.check, one.origin] += 1
            kept.append({**finding_entry(one), "thread": f"{arguments.old}..{kernel}", "mbox": one.path})
        print(f"{time.monotonic() - start:6.0f} s {path}: {len(checked.findings)}", flush=True)
        if arguments.save:
            arguments.save.write_text("".join(json.dumps(one) + "\n" for one in kept))
    print(f"{functions} changed functions")
    for (check, origin), count in sorted(counts.items()):
        print(f"{check:20} {origin:14} {count:5}")


if __name__ == "__main__":
    main()

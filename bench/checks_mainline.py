"""The checks on released kernel code: each function as it stands, as if a patch had just written it.

Nearly all of what fires there is noise, since released code has been read and run: the count of hits for a
thousand functions says how quiet a check is where nothing is wrong. Checks that need a patch are left out.

    python bench/checks_mainline.py TREE [--version 6.1] [--show] mm/gup.c mm/hugetlb.c fs/userfaultfd.c ...
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

from lorelens.analyze.checks.registry import CHECKS
from lorelens.analyze.checks.view import PatchCase, PatchView
from lorelens.analyze.definition import ChangedFunction
from lorelens.analyze.diff import FileDiff
from lorelens.analyze.functions import outline
from lorelens.analyze.images import FileChange, Fragment, Image

LEFT_OUT = ("new-bug", "ioctl-direction", "flag-bit")
"""What fires on old code by its nature, or needs to know which lines are new."""


def view_of(path: str, text: str, version: str) -> PatchView:
    """Return a patch that leaves a file as it is and is said to change every function of it."""
    diff = FileDiff(
        path=path,
        pre_path=path,
        post_path=path,
        pre_blob=None,
        post_blob=None,
        binary=False,
        mode_changed=False,
        hunks=(),
    )
    image = Image(fragments=(Fragment(start=1, text=text),), whole=True)
    change = FileChange(path=path, diff=diff, pre=image, post=image, verified=True, source="", failure=None)
    functions = tuple(
        ChangedFunction(name=one.name, symbol="function", path=path, pre=one, post=one, kind=("modified",))
        for one in outline(text, path)
        if one.symbol == "function"
    )
    case = PatchCase(
        position=1,
        message_id="",
        title="",
        commit_message="",
        files=(change,),
        functions=functions,
        kernel=version,
    )
    return PatchView(case)


def main() -> None:
    """Count the hits, and show them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("tree", type=Path)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--version", default="")
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    start = time.monotonic()
    hits: Counter[str] = Counter()
    functions = lowered = given_up = 0
    for path in arguments.paths:
        view = view_of(path, (arguments.tree / path).read_text(errors="replace"), arguments.version)
        functions += len(view.post.changed)
        lowered += sum(one.lowered is not None for one in view.post.changed)
        for check in CHECKS:
            if check.side is None or check.id in LEFT_OUT:
                continue
            for hit in check.side(view.post):
                hits[check.id] += 1
                if arguments.show:
                    print(f"{check.id} {hit.path}:{hit.line} {hit.says}")
                    for step in hit.steps:
                        print(f"      > {step}")
        given_up += len(view.post.unread)
    spent = time.monotonic() - start
    print(f"{functions} functions, {lowered} lowered, {given_up} of too many paths, {spent:.0f} s")
    for check, count in hits.most_common():
        print(f"{check:20} {count:5}  {1000 * count / functions:6.2f} of 1000 functions")


if __name__ == "__main__":
    main()

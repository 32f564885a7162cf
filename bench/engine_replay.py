"""How much of the kernel the replay's harness takes: the share of functions whose text compiles, and what
it costs.

Each function of FOLDER/*.c is compared with itself by the random oracle. Printed: how many were run, why
the others
were not (counted by reason), milliseconds to build and microseconds a run, and every function that was told
apart from itself (there must be none).

    python bench/engine_replay.py --tree linux-source-6.12 [--folder mm] [--every 20] [--runs 300] [--show]
"""

from __future__ import annotations

import argparse
import collections
import re
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from lorelens.analyze.functions import outline
from lorelens.analyze.replay import Different, NoDifferenceFound, NotReplayable, Side, differ


def measure(task):
    """Compare one function with itself."""
    name, text, whole, runs = task
    side = Side(name=name, text=text, environment=(whole,))
    begun = time.perf_counter()
    try:
        found = differ(side, side, runs=runs)
    except Exception as error:
        return name, "raised", f"{type(error).__name__}: {error}", time.perf_counter() - begun
    spent = time.perf_counter() - begun
    if isinstance(found, NotReplayable):
        return name, found.reason, found.detail, spent
    if isinstance(found, Different):
        return (
            name,
            "DIFFERENT",
            f"{found.before.entries[found.at :][:1]} {found.after.entries[found.at :][:1]}",
            spent,
        )
    assert isinstance(found, NoDifferenceFound)
    return name, "ran", "", spent


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tree", type=Path, required=True)
    parser.add_argument("--folder", default="mm")
    parser.add_argument("--every", type=int, default=1, help="take each n-th function")
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--show", action="store_true", help="list what was not run")
    given = parser.parse_args()
    tasks = []
    for path in sorted((given.tree / given.folder).glob("*.c")):
        whole = path.read_text("utf-8", "replace")
        tasks += [
            (d.name, d.text, whole, given.runs) for d in outline(whole, path.name) if d.symbol == "function"
        ]
    tasks = tasks[:: given.every]
    with ProcessPoolExecutor(2) as pool:
        rows = list(pool.map(measure, tasks, chunksize=8))
    reasons = collections.Counter(reason for _, reason, _, _ in rows)
    spent = [seconds for _, reason, _, seconds in rows if reason == "ran"]
    for reason, count in reasons.most_common():
        print(f"{count:6} {100 * count / len(rows):6.2f}%  {reason}")
    if spent:
        ordered = sorted(spent)
        print(f"milliseconds a function ({given.runs} runs): median {1000 * statistics.median(spent):.0f}, "
              f"95% {1000 * ordered[int(len(ordered) * 0.95)]:.0f}")  # fmt: skip
    if given.show:
        details = collections.Counter()
        for name, reason, detail, _ in rows:
            if reason not in ("ran",):
                details[reason, re.sub(r"'[^']*'|\b\d+\b", "_", detail)] += 1
                print(f"{reason:12} {name:40} {detail[:140]}")
        for (reason, detail), count in details.most_common(40):
            print(f"{count:5} {reason}: {detail[:150]}")


if __name__ == "__main__":
    main()

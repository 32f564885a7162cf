"""The engine against itself: every function of mm/*.c and fs/userfaultfd.c compared with its own text.

The short cut for equal text is off, so the engine is what is measured: the share PRESERVED (without a guess,
by hash-consing alone or by the solver), UNDECIDED by reason, CHANGED (any is a defect), and the seconds.

    python bench/engine_self.py [--sample N] [--seed S] [--jobs 2] [--budget SECONDS] [--show N]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from pathlib import Path

from engine.corpus import ARCHIVE, open_corpus
from engine.parallel import run
from lorelens.analyze.engine.comparison import CompareOptions, Comparison
from lorelens.analyze.engine.environment import Environment
from lorelens.analyze.functions import outline


def main() -> None:
    options = _arguments()
    corpus = open_corpus(options.tree, options.archive)
    functions = [one for one in corpus.sample(options.sample, options.seed) if one.read]
    print(f"{len(functions)} functions of {len(corpus.functions)} listed, seed {options.seed}")

    outlines: dict[str, dict] = {}

    def work(number: int) -> tuple[str, str, str, tuple[str, ...], float]:
        listed = functions[number]
        text = corpus.texts[listed.path]
        if listed.path not in outlines:
            outlines[listed.path] = {(one.name, one.start): one for one in outline(text, listed.path)}
        environment = Environment.from_text(listed.path, text)
        comparison = Comparison(
            environment, environment, CompareOptions(budget=options.budget, by_text=False)
        )
        found = [
            one for one in outlines[listed.path].values()
            if one.symbol == "function" and one.name == listed.name and one.start <= listed.line <= one.end
        ]  # fmt: skip
        if not found:
            return "undecided", "unread", "", (), 0.0
        started = time.process_time()
        delta = comparison.compare(listed.name, found[0], found[0])
        reason = delta.reason
        return (
            delta.verdict,
            reason.code if reason else "",
            reason.text if reason else delta.how,
            delta.assumptions,
            time.process_time() - started,
        )

    started = time.perf_counter()
    rows = run([one.path for one in functions], work, jobs=options.jobs, limit=options.budget * 3)
    done = sorted(rows, key=lambda row: row.number)
    report(done, functions, options.show)
    print(f"wall clock {time.perf_counter() - started:.0f} s with {options.jobs} processes")


def report(done: list, functions: list, show: int) -> None:
    """Print the table."""
    verdicts = Counter(one.result[0] if one.result else "failed" for one in done)
    total = len(done)
    print("verdict     count   share")
    for verdict in ("preserved", "changed", "undecided", "failed"):
        print(f"{verdict:10} {verdicts[verdict]:6}  {verdicts[verdict] / max(total, 1):6.1%}")
    results = [one.result for one in done if one.result]
    print("how:", dict(Counter(one[2] for one in results if one[0] == "preserved")))
    print("with assumptions:", sum(bool(one[3]) for one in results if one[0] == "preserved"))
    print("undecided:", dict(Counter(one[1] for one in results if one[0] == "undecided").most_common()))
    print("construct:", Counter(one[2] for one in results if one[1] == "construct").most_common(12))
    seconds = sorted(one[4] for one in results)
    if seconds:
        print(
            f"CPU seconds: total {sum(seconds):.0f}, median {statistics.median(seconds):.3f}, "
            f"95th percentile {seconds[int(len(seconds) * 0.95)]:.3f}, largest {seconds[-1]:.2f}; "
            f"peak {max(one.peak for one in done)} MB"
        )
    for one in [one for one in done if one.failure or (one.result and one.result[0] != "preserved")][:show]:
        listed = functions[one.number]
        print(f"  {listed.path}:{listed.line} {listed.name}: {one.failure or one.result[:3]}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, help="that many functions instead of all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--budget", type=float, default=10.0)
    parser.add_argument("--show", type=int, default=15)
    parser.add_argument("--tree", type=Path)
    parser.add_argument("--archive", type=Path, default=ARCHIVE)
    return parser.parse_args()


if __name__ == "__main__":
    main()

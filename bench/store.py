"""How much faster the second run of an unchanged history is: the goal is at least twenty times.

usage: python bench/store.py [--tree T] [--timeout S] [--runs N] [SOURCE...]

Reviews the sources (default: the bundled example) as whole processes: once into an empty store with an empty
cache, then N times unchanged, and once with another --format, where results come out of the store; it
prints the seconds, the ratio, and whether the reports are the
same bytes. Everything is written below a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def run(arguments: list[str], folder: Path) -> tuple[float, float, str]:
    """Seconds of one `lorelens review`, those of its processors, and what it said on standard error."""
    environment = os.environ | {
        "LORELENS_STORE": os.environ.get("BENCH_STORE", str(folder / "store.sqlite3")),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    start, before = time.perf_counter(), os.times()
    done = subprocess.run(
        [sys.executable, "-m", "lorelens", "review", *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    seconds, after = time.perf_counter() - start, os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    if done.returncode not in (0, 3):
        sys.exit(done.stderr)
    return seconds, busy, done.stderr


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sources", nargs="*", metavar="SOURCE")
    parser.add_argument("--tree", action="append", default=[])
    parser.add_argument("--timeout", default="10")
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    sources = asked.sources or [str(EXAMPLES / "thread.mbox")]
    trees = asked.tree or ([] if asked.sources else [str(EXAMPLES / "tree")])
    common = [*sources, "--timeout", asked.timeout]
    for tree in trees:
        common += ["--tree", tree]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, first_busy, told = run([*common, "-o", str(folder / "first")], folder)
        assert "unchanged since" not in told
        times, work = [], []
        for _ in range(asked.runs):
            seconds, busy, told = run([*common, "-o", str(folder / "second")], folder)
            assert "unchanged since" in told, told
            times.append(seconds)
            work.append(busy)
        same = content(folder / "first") == content(folder / "second")
        other, _, told = run([*common, "--format", "json", "-o", str(folder / "third")], folder)
        assert "unchanged since" not in told
        size = sum(path.stat().st_size for path in folder.glob("store.sqlite3*"))
    median = statistics.median(times)
    print(f"first run   {first:8.2f} s")
    print(f"second run  {median:8.2f} s (median of {asked.runs}; least {min(times):.2f})")
    print(f"ratio       {first / median:8.1f} (goal: at least 20)")
    busy = statistics.median(work)
    print(f"processors  {first_busy:8.2f} s, then {busy:.2f} s: {first_busy / busy:.1f} times less")
    print(f"same bytes  {'yes' if same else 'NO'}")
    print(f"another --format, results out of the store: {other:.2f} s")
    print(f"store       {size / 1e6:8.1f} MB")


if __name__ == "__main__":
    main()

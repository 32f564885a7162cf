"""How long `lorelens --version` takes, beside bare python, in one run: the goal is at most 60 ms more.

usage: python bench/startup.py [--runs N]

Runs both alternately as whole processes and prints the minimum and median of each in milliseconds, and the
difference.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import time


def milliseconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=30)
    runs = parser.parse_args().runs
    script = shutil.which("lorelens") or sys.exit("lorelens is not on the PATH: install it first")
    commands = {"python -c pass": [sys.executable, "-c", "pass"], "lorelens --version": [script, "--version"]}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            times[name].append(milliseconds(command))
    print(f"{'':20} {'min ms':>8} {'median ms':>10}")
    for name, found in times.items():
        print(f"{name:20} {min(found):8.1f} {statistics.median(found):10.1f}")
    bare, ours = (statistics.median(found) for found in times.values())
    print(f"difference of the medians: {ours - bare:.1f} ms (goal: at most 60)")


if __name__ == "__main__":
    main()

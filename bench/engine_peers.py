"""Peers of the behaviour engine: what of them runs on this machine, their published figures, and ours.

Looks for them on the PATH. Neither cbmc nor diffkemp is packaged by Debian or PyPI, and diffkemp and the
LLVM tools need the LLVM IR of a built kernel besides; where they are absent their rows hold the published
figures alone.

    python bench/engine_peers.py [--eqbench DIR] [--sample N]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import time
from pathlib import Path

from engine.verdict import compare
from engine_eqbench import read_pairs

PUBLISHED = (
    ("CBMC 6.6", "EqBench, unwind 22, 10 s", "22 + 16 in bounds of 60 proved, 28 of 40 refuted, 1 wrong"),
    ("CBMC 6.6", "mm/gup.c", "does not parse it"),
    ("DiffKemp", "EqBench", "10 of 60 proved, 40 of 40 called different"),
    ("DiffKemp", "24 kernel edits", "7-9 of 12 equal proved, 11-12 of 12 changes seen; 0.33 s a comparison"),
    ("DiffKemp", "to prepare", "31 s, and LLVM IR of a built kernel: 0.9 s a file version"),
)


def version(command: str) -> str:
    """Return the first line of a command's version, or why there is none."""
    path = shutil.which(command)
    if path is None:
        return "not on the PATH"
    shown = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    return (shown.strip().splitlines() or ["?"])[0]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--eqbench", type=Path, metavar="DIR")
    parser.add_argument("--sample", type=int, default=100)
    options = parser.parse_args()
    print("on this machine")
    for command in ("cbmc", "diffkemp", "clang", "opt", "wasm-ld"):
        print(f"  {command:10} {version(command)}")
    print("published")
    for peer, what, figure in PUBLISHED:
        print(f"  {peer:10} {what:26} {figure}")
    if options.eqbench is None:
        return
    pairs = read_pairs(options.eqbench)[: options.sample]
    seconds = []
    for pair in pairs:
        started = time.perf_counter()
        for entry in pair.entries:
            compare(pair.pre, pair.post, entry, 10.0)
        seconds.append(time.perf_counter() - started)
    print(f"lorelens: median {statistics.median(seconds):.3f} s a pair over {len(pairs)} pairs of EqBench")


if __name__ == "__main__":
    main()

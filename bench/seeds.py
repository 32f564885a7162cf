"""The damaged documents of shared/seeds, recovered: which files come out under their patch's blob id.

usage: python bench/seeds.py [--shared DIR] [--tree PATH ...]

A file is exact when its pre-image is in one of the trees (under the id of the patch's own index line) and the
post-image comes out under the id of that line. Prints, for each file: the outcome, how many post-images were
hashed, the seconds of the whole patch, and the repairs.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from lorelens.config import Options
from lorelens.pipeline import recover

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
ROW = "{:4} {:34} {:28} {:10} {:>6} {:>7}  {}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--tree", action="append", default=[])
    arguments = parser.parse_args()
    print(ROW.format("seed", "file", "pre-image -> post-image", "outcome", "tries", "seconds", "repairs"))
    for seed in sorted((arguments.shared / "seeds").glob("*.txt")):
        start = time.perf_counter()
        _, recovered = recover(str(seed), Options(sources=(str(seed),), trees=tuple(arguments.tree)))
        seconds = time.perf_counter() - start
        if not recovered.files:
            print(f"{seed.name[:3]:4} no diff in it")
        for file in recovered.files:
            outcome = {True: "exact", False: "NOT exact", None: "unverified"}[file.verified]
            outcome = "broken" if file.failure else outcome
            repairs = ", ".join(f"{repair.kind} {repair.lines}" for repair in file.repairs)
            blobs = f"{file.pre_blob} -> {file.post_blob}"
            row = (seed.name[:3], file.path, blobs, outcome, file.tries, f"{seconds:.2f}", repairs)
            print(ROW.format(*row))
            if file.failure:
                print(f"     {file.failure.detail}")


if __name__ == "__main__":
    main()

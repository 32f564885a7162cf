"""How much of the kernel lowers: functions of mm/*.c and fs/userfaultfd.c, the reasons of the rest, and time.

    python bench/engine_lowering.py TREE [FILE...] [--list REASON]

TREE is a kernel tree (linux 6.12: Debian's linux-source-6.12 unpacked); FILEs are paths in it, with
mm/*.c and fs/userfaultfd.c as the default. A function is one that the front end cuts out (twins under
#ifdef are two). Printed are the share that lowers, the reasons of the rest with their counts, and CPU time
for each function: parsing, macro expansion and the lowering itself, the cut of the file apart.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from pathlib import Path

from lorelens.analyze.engine.environment import Environment
from lorelens.analyze.engine.ir import Unlowered
from lorelens.analyze.engine.lower import lower_piece


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tree", type=Path)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--list", metavar="REASON", help="name the functions whose reason holds this text")
    options = parser.parse_args()
    files = options.files or [
        *(f"mm/{one.name}" for one in sorted((options.tree / "mm").glob("*.c"))),
        "fs/userfaultfd.c",
    ]
    reasons: Counter[str] = Counter()
    seconds: list[float] = []
    blocks = cutting = 0.0
    for path in files:
        start = time.process_time()
        environment = Environment.from_text(path, (options.tree / path).read_text(errors="replace"))
        cutting += time.process_time() - start
        for (symbol, name), pieces in environment.pieces.items():
            for piece in pieces if symbol == "function" else ():
                start = time.process_time()
                found = lower_piece(environment.source, piece, environment)
                seconds.append(time.process_time() - start)
                if isinstance(found, Unlowered):
                    reasons[f"{found.code}: {found.text}"] += 1
                    if options.list and options.list in f"{found.code}: {found.text}":
                        print(f"{path}:{found.line}: {name}: {found.text}")
                else:
                    blocks += len(found.blocks)
    total, lowered = len(seconds), len(seconds) - reasons.total()
    seconds.sort()
    print(f"functions      {total}")
    print(f"lowered        {lowered}  {100 * lowered / total:.2f}%")
    print(f"blocks         {blocks / max(1, lowered):.1f} a function")
    print(f"cutting        {cutting:.2f} s, {len(files)} files")
    print(f"lowering       {sum(seconds):.2f} s, median {1000 * statistics.median(seconds):.2f} ms, ", end="")
    print(f"95% {1000 * seconds[int(0.95 * total)]:.1f} ms, longest {1000 * seconds[-1]:.0f} ms")
    print("not lowered, by reason")
    for reason, count in reasons.most_common():
        print(f"  {count:5}  {reason}")


if __name__ == "__main__":
    main()

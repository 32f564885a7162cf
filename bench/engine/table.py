"""Small things that the engine's tables share."""

from __future__ import annotations

import argparse
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from .corpus import ARCHIVE
from .parallel import Done
from .verdict import VERDICTS, Answer, reasons


def parser(text: str | None, *, sample: int | None) -> argparse.ArgumentParser:
    """Return a parser with the options that every one of these scripts has."""
    made = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--archive", type=Path, default=ARCHIVE, help="Debian's linux-source-6.12.tar.xz")
    made.add_argument("--tree", type=Path, help="an unpacked kernel tree, instead of the archive")
    made.add_argument("--sample", type=int, default=sample, metavar="N", help=f"(default: {sample or 'all'})")
    made.add_argument("--seed", type=int, default=1, help="of the sample")
    made.add_argument("--jobs", type=int, default=2)
    made.add_argument("--budget", type=float, default=5.0, metavar="SECONDS", help="the engine's, a function")
    made.add_argument(
        "--minutes", type=float, metavar="M", help="end the run after M minutes with what is done"
    )
    made.add_argument("--show", type=int, default=10, metavar="N", help="rows of what should not be")
    return made


def costs(done: Iterable[Done]) -> str:
    """Return the median, 95th percentile and largest seconds, and the peak memory."""
    rows = list(done)
    seconds = sorted(row.seconds for row in rows)
    if not seconds:
        return "-"
    p95 = seconds[min(len(seconds) - 1, int(len(seconds) * 0.95))]
    return (
        f"median {statistics.median(seconds):.3f} s, p95 {p95:.3f} s, max {seconds[-1]:.1f} s, "
        f"sum {sum(seconds):.0f} s; peak {max(row.peak for row in rows)} MB"
    )


def counts(label: str, answers: Sequence[Answer | None]) -> str:
    """Return one row: how many of each verdict; None counts as a failure."""
    counted = Counter(answer.verdict if answer else "failed" for answer in answers)
    total = max(1, len(answers))
    cells = "".join(f"{counted[word]:8} {counted[word] / total:7.2%}" for word in (*VERDICTS, "failed"))
    return f"{label:24}{len(answers):7}{cells}"


HEAD = f"{'':24}{'all':>7}" + "".join(f"{word:>16}" for word in (*VERDICTS, "failed"))


def why(answers: Sequence[Answer | None]) -> str:
    """Return the reason codes of what is undecided."""
    return reasons(Counter(answer.reason for answer in answers if answer and answer.verdict == "undecided"))

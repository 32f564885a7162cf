"""Series assembly over the whole of gold: time, peak memory and the score of revision matching.

    python bench/series.py [--shared DIR] [-o series.json]

The mails are in gold/revisions/mail.mbox.xz, unpacked first, outside the time; reading and parsing count.
A pair is two revisions of one series with different numbers, as tools/score_revisions.py counts them. Scores
of two halves, parted by a sum of the label, stand beside the whole; docs/series.md says what they prove and
what not. With -o the heads are written as JSON for that tool.
"""

from __future__ import annotations

import argparse
import itertools
import json
import lzma
import resource
import shutil
import tempfile
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from lorelens.fetch.series.assembly import Series, find_series
from lorelens.fetch.series.thread import build_threads
from lorelens.fetch.source.sources import read_messages

Gold = Mapping[str, tuple[int, str]]
Pairs = set[frozenset[str]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared")
    parser.add_argument("-o", "--output", type=Path, help="write the series as JSON")
    arguments = parser.parse_args()
    folder = arguments.shared / "gold" / "revisions"
    with tempfile.TemporaryDirectory() as scratch:
        mbox = Path(scratch) / "mail.mbox"
        start = time.perf_counter()
        with lzma.open(folder / "mail.mbox.xz") as packed, mbox.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
        print(f"unpack           {time.perf_counter() - start:7.2f} s   {mbox.stat().st_size / 1e6:.0f} MB")
        found = assemble(mbox)
    print(f"peak memory      {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:7.0f} MB")
    score(found, read_gold(folder / "gold.tsv"))
    if arguments.output:
        heads = [{"revisions": [{"head": one.head} for one in series.revisions]} for series in found]
        arguments.output.write_text(json.dumps({"series": heads}))


def assemble(mbox: Path) -> tuple[Series, ...]:
    """Read and assemble, and print what each step takes."""
    begin, busy = time.perf_counter(), time.process_time()
    messages = list(read_messages([str(mbox)]))
    read = time.perf_counter()
    threads = build_threads(messages)
    joined = time.perf_counter()
    found = find_series(threads)
    end = time.perf_counter()
    print(f"read and parse   {read - begin:7.2f} s   {len(messages)} mails")
    print(f"build_threads    {joined - read:7.2f} s   {len(threads)} threads")
    revisions = sum(len(series.revisions) for series in found)
    print(f"find_series      {end - joined:7.2f} s   {len(found)} series, {revisions} revisions")
    print(f"together         {end - begin:7.2f} s   {time.process_time() - busy:.2f} s of processor time")
    return found


def read_gold(path: Path) -> Gold:
    """Return number and label by the head's message-id."""
    rows = (line.split("\t") for line in path.read_text().splitlines())
    return {head: (int(number), label) for head, number, label in rows}


def score(found: Iterable[Series], gold: Gold) -> None:
    """Print precision, recall and F1: of all, and of each half."""
    groups = [[revision.head for revision in series.revisions] for series in found]
    labels: dict[str, list[str]] = defaultdict(list)
    for head, (_, label) in gold.items():
        labels[label].append(head)
    wanted, got = pairs(labels.values(), gold), pairs(groups, gold)
    halves = {"first half": 0, "second half": 1}
    print("\n              wanted  found  right       P       R      F1")
    for name in ("all", *halves):
        mine = [
            w if name == "all" else {p for p in w if half(p, gold) == halves[name]} for w in (wanted, got)
        ]
        hit = len(mine[0] & mine[1])
        precision, recall = hit / max(1, len(mine[1])), hit / max(1, len(mine[0]))
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        print(f"{name:12} {len(mine[0]):7} {len(mine[1]):6} {hit:6} {precision:7.4f} {recall:7.4f} {f1:7.4f}")


def pairs(groups: Iterable[Iterable[str]], gold: Gold) -> Pairs:
    """Return the pairs of heads of one group with different numbers."""
    return {
        frozenset(pair)
        for group in groups
        for pair in itertools.combinations(sorted({head for head in group if head in gold}), 2)
        if gold[pair[0]][0] != gold[pair[1]][0]
    }


def half(pair: frozenset[str], gold: Gold) -> int:
    """Return the half of a pair's first label; a wrong pair over two labels is counted once."""
    return zlib.crc32(min(gold[head][1] for head in pair).encode()) & 1


if __name__ == "__main__":
    main()

"""Series through their revisions: what it costs, and what becomes of findings. No tree, no engine.

    python bench/revisions.py SOURCE... [--function NAME]    SOURCE: a folder of mboxes, or one mbox

With --function the lines that the report has of that function, else a line for each series of several
revisions: processor seconds of its history and of the checks on its earlier revisions, doubts, and how many
findings are new, unchanged, fixed or not found any more; then the sums. --against holds the functions' states
against what `lorelens diff` finds.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from lorelens.analyze.checks.frame import check_review
from lorelens.analyze.history.earlier import follow_review
from lorelens.analyze.history.findings import FollowedFindings
from lorelens.analyze.history.history import build_history
from lorelens.analyze.history.interdiff import compare_revisions
from lorelens.analyze.review import chain_images, review_patches
from lorelens.fetch.series.assembly import Series, find_series
from lorelens.fetch.series.thread import build_threads
from lorelens.fetch.source.copies import merge_copies
from lorelens.fetch.source.sources import read_messages
from lorelens.fetch.tree.source_tree import NoTree
from lorelens.reports.revisions import block_rows, revision_names


def read(source: Path) -> tuple[Series, ...]:
    """Return the series of a folder's mboxes, read together, or of one mbox."""
    paths = sorted(map(str, source.glob("*.mbox"))) if source.is_dir() else [str(source)]
    found = find_series(build_threads(merge_copies(read_messages(paths))))
    return tuple(one for one in found if len(one.revisions) > 1)


def follow(series: Series, others: Sequence[Series]) -> tuple[str, FollowedFindings]:
    """Follow one series; return its line too."""
    at = len(series.revisions) - 1
    begin = time.process_time()
    history = build_history(series, at, others=others)
    middle = time.process_time()
    tree = chain_images(series, NoTree())
    findings = check_review(review_patches(series.revisions[at].patches, tree)).findings
    start = time.process_time()
    followed = follow_review(series, at, findings, history.lives, lambda _: NoTree())
    end = time.process_time()
    doubts = ", ".join(note.kind for note in history.notes)
    line = (
        f"{middle - begin:6.2f} {end - start:6.2f}  {len(series.revisions):2} revisions, "
        f"{len(series.revisions[at].patches):3} patches  {series.title[:60]}  {doubts}"
    )
    return line, followed


def told(series: Series, name: str, others: Sequence[Series]) -> list[str]:
    """Return what the report has of one function."""
    history = build_history(series, len(series.revisions) - 1, others=others)
    blocks = [block for block in history.blocks if block.name == name]
    lines = []
    for block in blocks:
        states = zip(revision_names(series), block.course.states, strict=True)
        lines.append(f"{block.path} {name}: " + ", ".join(f"{one} {state}" for one, state in states))
    for row in block_rows(history, series):
        lines += [row.says, *(f"  {part}" for part in row.parts)] if row.name == name else []
    return [series.title, *lines] if lines else []


def show(series: Series, followed: FollowedFindings) -> None:
    """Print what is new or gone, to be judged by hand."""
    names = revision_names(series)
    for life in followed.lives:
        if life.state in ("new", "absent"):
            one = life.finding
            gone = f", gone in {names[life.gone_in]}" if life.gone_in is not None else ""
            print(f"    {life.state} {one.check} {names[life.since]}{gone}: {one.title} [{life.why}]")
            print(f"        {one.message_id} {one.path}:{one.line} {one.shown[0].text if one.shown else ''}")


def against(series: Series) -> Counter[str]:
    """Hold a function's state one revision back against the pairs' interdiffs, over the last four steps."""
    counts: Counter[str] = Counter()
    for at in range(max(1, len(series.revisions) - 4), len(series.revisions)):
        history = build_history(series, at)
        matching, pairs = compare_revisions(series.revisions[at - 1], series.revisions[at])
        differing = {(one.path, one.name) for pair in pairs for one in pair.functions}
        lone = {id(one.patch) for one in (*matching.gone, *matching.come)}
        for block in history.blocks:
            state = block.course.states[-2]
            if (state == "same") != ((block.path, block.name) in differing) or state == "untouched":
                counts[f"alike, {state}"] += 1
            elif state == "differs":
                by_lone = any(id(patch) in lone for form in block.course.forms for patch in form.patches)
                counts["differs by a new or gone patch" if by_lone else "differs only here"] += 1
            else:
                parts = any(part.course.states[-2] != "same" for part in block.parts)
                counts["same together, parts differ" if parts else "differs only in the diff"] += 1
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("source", nargs="+", type=Path)
    parser.add_argument("--function")
    parser.add_argument("--against", action="store_true", help="functions' states against the interdiffs")
    parser.add_argument(
        "--show", action="store_true", help="each finding that is new or gone, with its lines"
    )
    arguments = parser.parse_args()
    sums: Counter[str] = Counter()
    for source in arguments.source:
        found = read(source)
        for series in found:
            if arguments.function:
                for said in told(series, arguments.function, found):
                    print(said)
                continue
            if arguments.against:
                sums += against(series)
                continue
            line, followed = follow(series, found)
            print(line, flush=True)
            sums["series"] += 1
            if arguments.show:
                show(series, followed)
            for life in followed.lives:
                what = life.state if life.state != "absent" else "fixed" if life.fixed else life.why
                sums[what] += 1
    if sums:
        print(dict(sums))


if __name__ == "__main__":
    main()

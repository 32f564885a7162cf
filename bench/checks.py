"""The checks over real threads: a table of findings by check and origin, and a random sample to read by hand.

Every revision of DIR/threads (shared/threads, or what bench/archive.py wrote) is read as `lorelens review`
reads it, with the trees at hand for its pre-images; a patch counts once, in the newest revision that has it.
Functions are compared by the engine only where a changelog claims that nothing changes.

    python bench/checks.py [--shared DIR] [--tree PATH ...] [--only THREAD] [--save FILE.jsonl]
    python bench/checks.py --sample 40 --seed 1 --save FILE.jsonl      # of the saved findings
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from lorelens.analyze.behaviour import Effort, judge_functions
from lorelens.analyze.callers.called import find_called, find_known
from lorelens.analyze.callers.index import build_index
from lorelens.analyze.checks.changelog_claim import CLAIM
from lorelens.analyze.checks.frame import case_of, check_patches
from lorelens.analyze.checks.kernel_version import version_of
from lorelens.analyze.checks.registry import CHECKS
from lorelens.analyze.results import FolderStore, NoStore, ResultStore
from lorelens.analyze.review import PatchReview, chain_images, review_patches
from lorelens.config import Options
from lorelens.fetch.series.assembly import Revision, Series
from lorelens.fetch.series.base import choose_tree
from lorelens.pipeline import read_series
from lorelens.reports.findings import finding_entry

ORIGINS = ("introduced", "fixed-later", "pre-existing", "fixed")


def check_thread(
    mbox: Path, trees: tuple[str, ...], compare: bool, results: ResultStore
) -> tuple[list[dict[str, object]], Counter[str]]:
    """Return the findings of one mbox's revisions, and counts of patches, files and failures."""
    found: list[dict[str, object]] = []
    counts: Counter[str] = Counter()
    for series in read_series(Options(sources=(str(mbox),), trees=trees, offline=True)):
        for revision in series.revisions:
            entries, one = check_revision(series, revision, trees, compare, results)
            found += [{**entry, "thread": mbox.parent.name, "mbox": mbox.name} for entry in entries]
            counts += one
    return found, counts


def check_revision(
    series: Series, revision: Revision, trees: tuple[str, ...], compare: bool, results: ResultStore
) -> tuple[list[dict[str, object]], Counter[str]]:
    tree, _ = choose_tree(trees, None, revision)
    patches = review_patches(revision.patches, chain_images(series, tree))
    kernel = version_of((tree.read("Makefile") or b"").decode("utf-8", "replace"))
    index = build_index(tree, results)
    called, known = find_called(patches, index), find_known(patches, index)
    cases = [case_of(_compared(patch) if compare else patch, kernel, called, known) for patch in patches]
    checked = check_patches(cases)
    counts: Counter[str] = Counter({"patches": len(patches), "failures": len(checked.notes)})
    for patch in patches:
        counts["files"] += len(patch.files)
        counts["files whole"] += sum(bool(file.post and file.post.whole) for file in patch.files)
        counts["functions"] += sum(one.symbol == "function" for one in patch.functions)
    for note in checked.notes:
        print("   ", note.detail)
    titles = {patch.patch.message.message_id: patch.patch.title for patch in patches}
    return [{**finding_entry(one), "subject": titles.get(one.message_id)} for one in checked.findings], counts


def _compared(patch: PatchReview) -> PatchReview:
    if not CLAIM.search(patch.patch.commit_message):
        return patch
    return replace(
        patch, functions=judge_functions(patch.functions, patch.files, Effort(budget=3, replay=False))
    )


def choose(threads: Path, newest_only: bool) -> list[Path]:
    """Return the mboxes, the newest of each title in front (or those alone)."""
    newest: dict[str, Path] = {}
    mboxes = sorted(threads.glob("*/*.mbox"))
    for mbox in mboxes:
        newest[f"{mbox.parent.name}/{mbox.name.split('_', 2)[-1][-20:]}"] = mbox
    first = set(newest.values())
    ordered = sorted(mboxes, key=lambda mbox: (mbox not in first, mbox))
    return ordered[: len(first)] if newest_only else ordered


def table(found: list[dict[str, object]]) -> None:
    """Print findings by check and origin."""
    counts = Counter((one["check"], one["origin"]) for one in found)
    print(f"{'check':20}" + "".join(f"{origin:>14}" for origin in ORIGINS))
    for check in CHECKS:
        print(f"{check.id:20}" + "".join(f"{counts[check.id, origin]:14}" for origin in ORIGINS))
    total = Counter(one["origin"] for one in found)
    print(f"{'all':20}" + "".join(f"{total[origin]:14}" for origin in ORIGINS))


def distinct(found: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return each finding once, as the last revision of its thread has it."""
    return list({(one["thread"], one["id"]): one for one in found}.values())


def show(one: dict[str, object]) -> None:
    """Print a finding with what it rests on."""
    print(f"[{one['severity']}] {one['id']} {one['path']}:{one['line']}  ({one['thread']}/{one['mbox']})")
    print(f"    {one['subject']}\n    {one['title']}")
    evidence = one["evidence"]
    for line in evidence["lines"]:
        print(f"      {line['side']} {line['line']}: {line['text']}  {line['note']}")
    for step in evidence["steps"]:
        print(f"        > {step}")


def main() -> None:
    """Run over the threads, or draw a sample of what was saved."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--shared", type=Path, default=Path(__file__).resolve().parent.parent.parent / "shared"
    )
    parser.add_argument("--tree", action="append", default=[])
    parser.add_argument("--only", default="")
    parser.add_argument("--compare", action="store_true", help="put claims of no change to the engine, too")
    parser.add_argument("--newest", action="store_true", help="the newest revision of each title alone")
    parser.add_argument("--cache", type=Path, help="where the index of calls is kept")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.sample:
        kept = [json.loads(line) for line in arguments.save.read_text().splitlines()]
        introduced = [one for one in distinct(kept) if one["origin"] == "introduced"]
        for one in random.Random(arguments.seed).sample(introduced, min(arguments.sample, len(introduced))):
            show(one)
        return
    results: ResultStore = FolderStore(arguments.cache) if arguments.cache else NoStore()
    start = time.monotonic()
    found: list[dict[str, object]] = []
    counts: Counter[str] = Counter()
    for mbox in choose(arguments.shared / "threads", arguments.newest):
        if arguments.only in str(mbox):
            entries, one = check_thread(mbox, tuple(arguments.tree), arguments.compare, results)
            found += entries
            counts += one
            if arguments.save:
                arguments.save.write_text("".join(json.dumps(one) + "\n" for one in found))
            print(f"{time.monotonic() - start:6.0f} s {mbox.name}: {len(entries)} findings", flush=True)
    print(dict(counts), f"{time.monotonic() - start:.0f} s")
    table(found)
    print("\nEach once, in the newest revision of its thread:")
    table(distinct(found))


if __name__ == "__main__":
    main()

"""Where the pre-images of real patches come from, and what fails; and how fast diffs are parsed beside git.

usage: python bench/images.py [--shared DIR] --tree PATH [--tree REPO:FOLDER ...] [--no-chain] [--reasons N]

Reads every patch of shared/threads (a mbox a revision), finds each revision's base in the trees, and each
file's images with the revision's earlier patches applied. Prints how many files each source gave, how many
post-images came out under their blob id, how many patches have all pre-images exact, and why files failed.
--no-chain leaves out what the thread's other patches prove (analyze/chain.py). Then the same diffs through
parse_diff, unidiff and `git apply --numstat`, as one text, in one run: megabytes a second, and the ratios.
"""

from __future__ import annotations

import argparse
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lorelens.analyze.chain import find_blobs
from lorelens.analyze.diff import FileDiff, parse_diff
from lorelens.analyze.images import FileChange, apply_to, images
from lorelens.fetch.patch.patch_mail import PatchMail, parse_patch_mail
from lorelens.fetch.series.base import Asked, rebase_tree
from lorelens.fetch.source.sources import read_messages
from lorelens.fetch.tree.source_tree import EARLIER, OTHER, PatchedTree, SourceTree, open_tree
from lorelens.fetch.tree.wanted import find_wanted
from unidiff import PatchSet, UnidiffParseError


def read_revision(mbox: Path) -> list[PatchMail]:
    """Return a revision's patches in order, then those in replies; quoted patches are left out."""
    found: dict[int, PatchMail] = {}
    for message in read_messages([str(mbox)]):
        mail = parse_patch_mail(message)
        if mail and mail.diff and not mail.quoted:
            position = mail.subject.position if mail.subject.position is not None else 1
            position += 1000 * mail.subject.is_reply  # what to fold into a patch comes after all of them
            while position in found:  # a resent patch, or another series in the thread
                position += 1000
            found[position] = mail
    return [found[position] for position in sorted(found)]


def origin(change: FileChange) -> str:
    """Name the row of the table that a file counts to."""
    if change.failure:
        return "failed"
    if change.source.startswith((EARLIER, OTHER)):
        kind = "by blob id" if ", by" in change.source and "path" not in change.source else "by path"
        return f"patches of the thread, {kind}"
    for end in ("by blob id", "by the post-image's blob id"):
        if change.source.endswith(end):
            return f"tree, {end}"
    if change.source.endswith("taken back"):
        return "tree, by path, patch taken back"
    return "tree, by path" if ", by path" in change.source else change.source.partition(":")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """What the table needs of one file's change; its texts are let go of."""

    origin: str
    verified: bool | None
    failure: str
    """Why its images were not found; "" where they were."""
    whole: bool
    """Whether both images are whole files."""


Rows = list[FileRow]


def look(
    folder: Path,
    tree: SourceTree,
    chain: bool,
    each: Callable[[PatchedTree, tuple[FileChange, ...]], None] = lambda tree, changes: None,
) -> tuple[Counter[str], Rows, list[str]]:
    """Return counts, a row for every file, and the diffs' text of one thread. `each` is told of each patch's
    changes and the tree that it applies to."""
    counts: Counter[str] = Counter()
    files: Rows = []
    revisions = [(mbox, read_revision(mbox)) for mbox in sorted(folder.glob("*.mbox"))]
    parsed: dict[int, tuple[FileDiff, ...]] = {
        id(mail): parse_diff(mail.diff).files for _, mails in revisions for mail in mails
    }
    known = find_blobs([diff for diffs in parsed.values() for diff in diffs], tree).blobs if chain else {}
    for mbox, mails in revisions:
        if not mails:
            continue
        asked = Asked(
            wanted=find_wanted(mail.diff for mail in mails),
            base_commit=mails[0].base_commit,
            prerequisites=mails[0].prerequisites,
            date=mails[0].date,
        )
        based, _ = rebase_tree(tree, asked)
        here = PatchedTree(based, {}, known)
        for mail in mails:
            changes = images(parsed[id(mail)], here)
            each(here, changes)
            here = apply_to(here, changes)
            rows = [row_of(change) for change in changes]
            files += rows
            counts["patches"] += 1
            if not changes:
                counts["patches without a file"] += 1
                print(f"no file: {mbox.name}: {mail.title}")
            by_tree = all(row.origin.startswith("tree, by blob id") for row in rows)
            counts["patches, all pre-images in the trees by id"] += bool(changes) and by_tree
            exact = all("id" in row.origin or "itself" in row.origin for row in rows)
            counts["patches, all pre-images exact"] += bool(changes) and exact
            whole = all(row.whole for row in rows)
            counts["patches, all files whole"] += bool(changes) and whole
            counts["patches, a file fails"] += any(row.origin == "failed" for row in rows)
    return counts, files, [mail.diff for _, mails in revisions for mail in mails]


def row_of(change: FileChange) -> FileRow:
    """Return a file's row."""
    return FileRow(
        origin=origin(change),
        verified=change.verified,
        failure=change.failure.detail if change.failure else "",
        whole=is_whole(change),
    )


def is_whole(change: FileChange) -> bool:
    """Whether both images are whole files."""
    return all(image is None or image.whole for image in (change.pre, change.post))


def reads(text: str) -> bool:
    """Whether unidiff and git read this diff."""
    try:
        PatchSet(text)
    except UnidiffParseError:
        return False
    git = subprocess.run(["git", "apply", "--numstat"], input=text.encode(), capture_output=True, check=False)
    return git.returncode == 0


def speed(texts: list[str]) -> None:
    """Print megabytes a second of the three parsers over the same text."""
    readable = [text for text in texts if reads(text)]
    whole = "".join(readable)
    size = len(whole.encode())
    print(f"{len(readable)} of {len(texts)} diffs, those that all three read: {size / 1e6:.1f} MB")
    git = ["git", "apply", "--numstat"]
    seconds = {}
    for name, parse in (
        ("lorelens", lambda: parse_diff(whole)),
        ("unidiff", lambda: PatchSet(whole)),
        ("git", lambda: subprocess.run(git, input=whole.encode(), capture_output=True, check=True)),
    ):
        best = 9e9
        for _ in range(3):
            start = time.perf_counter()
            parse()
            best = min(best, time.perf_counter() - start)
        seconds[name] = best
        print(f"{name:10} {size / best / 1e6:8.1f} MB/s")
    times = {name: seconds["lorelens"] / seconds[name] for name in ("unidiff", "git")}
    print(f"lorelens takes {times['unidiff']:.1f} times unidiff's time, {times['git']:.1f} times git's")


def main() -> None:
    """Run both measurements."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    shared = Path(__file__).resolve().parent.parent.parent / "shared"
    parser.add_argument("--shared", type=Path, default=shared)
    parser.add_argument("--tree", action="append", default=[])
    parser.add_argument("--no-chain", action="store_true")
    parser.add_argument("--reasons", type=int, default=5, metavar="N", help="print N of the failures")
    arguments = parser.parse_args()
    tree = open_tree(arguments.tree)
    counts: Counter[str] = Counter()
    files: Rows = []
    texts: list[str] = []
    start = time.perf_counter()
    for folder in sorted((arguments.shared / "threads").iterdir()):
        more, rows, diffs = look(folder, tree, not arguments.no_chain)
        counts += more
        files += rows
        texts += diffs
    print(f"{time.perf_counter() - start:.0f} seconds, {len(files)} files")
    for name, count in counts.items():
        print(f"  {name:42} {count:5}")
    head = "files whose pre-image comes from"
    print(f"{head:44} {'files':>5} {'exact':>6} {'wrong':>6} {'untold':>6}")
    for row, count in Counter(one.origin for one in files).most_common():
        verified = Counter(one.verified for one in files if one.origin == row)
        print(f"  {row:42} {count:5} {verified[True]:6} {verified[False]:6} {verified[None]:6}")
    failures = [one.failure for one in files if one.failure]
    step = max(len(failures) // max(arguments.reasons, 1), 1)
    for detail in failures[::step][: arguments.reasons]:
        print(f"  {detail}")
    speed(texts)


if __name__ == "__main__":
    main()

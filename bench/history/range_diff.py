"""`git range-diff` over patches out of mail: commits made of what their diffs show.

range-diff needs commits, and mail has none that a tree at hand could hold. For each patch a pre-image and a
post-image are built out of its hunks alone: each hunk stands at its own line number, its section heading in
the line above it, and the lines between hunks are a filler that neither revision changes. `git log -p` makes
the mail's own hunks of that again. In front of each patch a commit sets its pre-images up; it is written as
a merge, which range-diff leaves out.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from lorelens.analyze.diff import FileDiff, parse_diff
from lorelens.analyze.history.reading import read_files
from lorelens.fetch.series.assembly import Patch

_ROW = re.compile(r"^ *(\d+|-): +\S+ ([=!<>]) +(\d+|-): ", re.MULTILINE)
MOST_LINES = 200_000


def range_diff(repository: Path, *ranges: str, creation_factor: int = 60) -> dict[int, tuple[int, str]]:
    """Return earlier -> later position of what range-diff pairs, 1-based, and its mark: "=" or "!".

    60 is git's own factor.
    """
    options = ["--no-color", "--no-patch", f"--creation-factor={creation_factor}"]
    command = ["git", "-C", str(repository), "range-diff", *options, *ranges]
    text = subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "replace")
    rows = _ROW.findall(text)
    return {int(one): (int(other), mark) for one, mark, other in rows if one != "-" and other != "-"}


def build_repository(folder: Path, revisions: Sequence[Sequence[Patch]]) -> list[str]:
    """Write a repository with a branch for each revision on one empty root; return the branches' names."""
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    stream = Stream()
    root = stream.commit("root", None, (), {})
    names = []
    for number, patches in enumerate(revisions, 1):
        tip = root
        for patch in patches:
            files = read_files(patch)
            pre, post = {}, {}
            for file in files:
                before, after = images(file)
                pre |= {file.pre_path or file.path: before} if before is not None else {}
                post |= {file.post_path or file.path: after} if after is not None else {}
            setup = stream.commit("pre-images", tip, (root,), pre)
            text = f"{patch.title}\n\n{patch.commit_message}"
            tip = stream.commit(text, setup, (), post, author=f"{patch.author.name} <{patch.author.email}>")
        names.append(f"r{number}")
        stream.lines.append(f"reset refs/heads/r{number}\nfrom :{tip}\n\n".encode())
    stream.lines.append(f"reset refs/heads/root\nfrom :{root}\n\n".encode())
    command = ["git", "-C", str(folder), "fast-import", "--quiet"]
    subprocess.run(command, input=b"".join(stream.lines), check=True)
    return names


def faithful(repository: Path, name: str, patches: Sequence[Patch]) -> int:
    """Return how many commits of a branch, as git prints them, have the changed lines of the mail's diff."""
    command = [
        "git",
        "-C",
        str(repository),
        "log",
        "-p",
        "--no-merges",
        "--reverse",
        "--format=%x00",
        f"root..{name}",
    ]
    text = subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "replace")
    printed = [changed(parse_diff(part).files) for part in text.split("\0")[1:]]
    return sum(one == changed(read_files(patch)) for one, patch in zip(printed, patches, strict=True))


def changed(files: Iterable[FileDiff]) -> list[tuple[str, list[str]]]:
    return sorted(
        (file.path, [line.sign + line.text for hunk in file.hunks for line in hunk.lines if line.sign != " "])
        for file in files
        if file.hunks
    )


class Stream:
    """Commands for git fast-import, each commit with its whole tree."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.marks = 0

    def commit(
        self, text: str, parent: int | None, merged: Sequence[int], files: dict[str, str],
        author: str = "Nobody <nobody@example.org>",
    ) -> int:  # fmt: skip
        self.marks += 1
        when = 1_000_000_000 + 60 * self.marks
        author = author.replace("\n", " ")
        message = text.encode("utf-8", "replace")
        self.lines.append(b"commit refs/heads/building\n")
        self.lines.append(f"mark :{self.marks}\n".encode())
        self.lines.append(f"author {author} {when} +0000\ncommitter {author} {when} +0000\n".encode())
        self.lines.append(b"data %d\n%s\n" % (len(message), message))
        if parent is not None:
            self.lines.append(f"from :{parent}\n".encode())
        self.lines += [f"merge :{one}\n".encode() for one in merged]
        self.lines.append(b"deleteall\n")
        for path, content in files.items():
            raw = content.encode("utf-8", "replace")
            self.lines.append(f"M 100644 inline {path}\n".encode() + b"data %d\n%s\n" % (len(raw), raw))
        self.lines.append(b"\n")
        return self.marks


def images(file: FileDiff) -> tuple[str | None, str | None]:
    """Return a file before and after, out of its hunks; None where it is not there."""
    pre: list[str] = []
    post: list[str] = []
    for hunk in file.hunks:
        gap = max(min(hunk.pre_start, MOST_LINES) - 1 - len(pre), 0)
        filler = [f"  filler {len(pre) + n}" for n in range(gap)]
        if filler and hunk.section:
            filler[-1] = hunk.section
        pre += filler
        post += filler
        pre += [line.text for line in hunk.lines if line.sign != "+"]
        post += [line.text for line in hunk.lines if line.sign != "-"]
    return (
        None if file.pre_path is None else _joined(pre),
        None if file.post_path is None else _joined(post),
    )


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)

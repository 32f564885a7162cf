"""scripts/checkpatch.pl of the user's tree, over the patches as lorelens writes them.

Always with --no-tree: with a tree it hands words of the patch (an SPDX line, an include) to a shell.
Without a tree, and in a folder without .git, it starts no program.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...fetch.tree.source_tree import SourceTree
from ..checks.finding import Finding, Severity
from ..lines import numbers_in_diff
from .differ import finding, once
from .program import Ran, Stopped, find_program, run_program
from .tool import Remark, Said, not_run, told

if TYPE_CHECKING:
    from ..images import FileChange
    from ..review import PatchReview

NAME = "checkpatch"
LIMIT = 60.0
"""Seconds for one patch."""
MOST_DIFF = 4 << 20
"""Characters of one patch."""
SCRIPT = "scripts/checkpatch.pl"
_BESIDE = ("scripts/spelling.txt", "scripts/const_structs.checkpatch")
_OPTIONS = ("--no-tree", "--terse", "--show-types", "--showfile", "--no-summary", "--color=never")
_SAID = re.compile(r":(\d{1,9}): (ERROR|WARNING|CHECK):([A-Z0-9_]{1,60}): (.*)")
_OF_THE_MESSAGE = frozenset({"NO_AUTHOR_SIGN_OFF", "MISSING_SIGN_OFF", "COMMIT_MESSAGE"})
_SEVERITY: dict[str, Severity] = {"ERROR": "low", "WARNING": "note", "CHECK": "note"}


def checkpatch(patches: Sequence[PatchReview], tree: SourceTree, folder: Path) -> Said:
    """Run the tree's checkpatch.pl over each patch."""
    perl = find_program("perl")
    if perl is None:
        return not_run(NAME, "skipped", "not installed: perl")
    script = tree.read(SCRIPT)
    if script is None:
        return not_run(NAME, "skipped", f"no tree at hand has {SCRIPT}")
    _unpack(tree, script, folder)
    found: list[Finding] = []
    lacking: list[str] = []
    seen = 0
    for patch in patches:
        where = f"patch {patch.patch.position}"
        diffs, left_out = _diffs(patch)
        if left_out:
            lacking.append(f"{where} without {', '.join(left_out[:3])}: damaged, and its blanks are guessed")
        if not diffs or sum(map(len, diffs)) > MOST_DIFF:
            lacking.append(f"{where} left out: {'too large' if diffs else 'nothing to see'}")
            continue
        mail = folder / "work" / f"{patch.patch.position:04d}.patch"
        mail.write_bytes(mail_text(patch, diffs).encode("utf-8", "replace"))
        command = (perl, str(folder / SCRIPT), *_OPTIONS, str(mail))
        ran = run_program(command, folder=folder / "work", limit=LIMIT)
        if isinstance(ran, Stopped) or ran.code not in (0, 1):
            cut = "it wrote too much" if isinstance(ran, Ran) and ran.cut else ""
            why = ran.why if isinstance(ran, Stopped) else cut or f"it ended with {ran.code}"
            lacking.append(f"{where}: {why}")
            continue
        if ran.cut:
            lacking.append(f"{where}: it wrote too much")
        seen += 1
        found += once(_findings(patch, ran.out))
    if not seen and patches:
        return not_run(NAME, "failed", "; ".join(lacking[:3]))
    return told(NAME, f"over {seen} of {len(patches)} patches", lacking, found)


def _unpack(tree: SourceTree, script: bytes, folder: Path) -> None:
    """Put the script and what it reads where it looks for that: beside itself."""
    (folder / "scripts").mkdir(parents=True)
    (folder / "work").mkdir()
    (folder / SCRIPT).write_bytes(script)
    for path in _BESIDE:
        (folder / path).write_bytes(tree.read(path) or b"")


def _diffs(patch: PatchReview) -> tuple[list[str], list[str]]:
    """Return the diffs that stand as they were sent, and the paths of the others."""
    as_sent = [one.verified is True or not one.repairs for one in patch.recovered]
    pairs = list(zip(patch.recovered, as_sent, strict=True))
    return [one.diff for one, good in pairs if good], [one.path for one, good in pairs if not good]


def mail_text(patch: PatchReview, diffs: Sequence[str]) -> str:
    """Write a patch as `git format-patch` does: checkpatch looks at its author and its message, too."""
    author = patch.patch.author
    title, name, address = (" ".join(word.split()) for word in (patch.patch.title, author.name, author.email))
    head = [f"From {'0' * 40} Mon Sep 17 00:00:00 2001", f"From: {name} <{address}>"]
    head.append(f"Subject: [PATCH] {title}")
    body = patch.patch.commit_message.rstrip("\n")
    return "\n".join([*head, "", body, "---", ""]) + "\n" + "".join(diffs)


def _findings(patch: PatchReview, out: str) -> list[Finding]:
    changes = {change.path: change for change in patch.files}
    found = []
    for line in out.split("\n"):
        read = read_line(line, changes)
        if read is None:
            continue
        path, remark = read
        lines = _post_lines(changes.get(path))
        if remark.line in lines:
            at, _ = lines[remark.line]
            remark = Remark(rule=remark.rule, line=at, text=remark.text, severity=remark.severity)
        texts = dict(lines.values())
        whole = [texts.get(number, "") for number in range(1, max(texts, default=0) + 1)]
        found.append(finding(NAME, patch, path, remark, whole, origin="introduced"))
    return found


def read_line(line: str, paths: Sequence[str] | dict[str, FileChange]) -> tuple[str, Remark] | None:
    """Read "path:12: WARNING:LONG_LINE: text"; a path that the patch has not is that of its message."""
    path = max((one for one in paths if line.startswith(f"{one}:")), key=len, default="")
    match = _SAID.match(line, len(path)) or _SAID.search(line)
    if match is None:
        return None
    number, level, rule, text = match.groups()
    if not path or rule in _OF_THE_MESSAGE:
        path, number = "", "0"
    remark = Remark(rule=rule, line=int(number), text=text, severity=_SEVERITY[level])
    return path, remark


def _post_lines(change: FileChange | None) -> dict[int, tuple[int, str]]:
    """Return for the post-lines that the diff shows, by its number, the image's number and the text."""
    if change is None:
        return {}
    in_image = {number: at for at, number in numbers_in_diff(change, "post").items()}
    return {
        line.post: (in_image.get(line.post, line.post), line.text)
        for hunk in change.diff.hunks
        for line in hunk.lines
        if line.post is not None
    }

"""spatch with the semantic patches of the user's tree, over the files before and after each patch."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...fetch.tree.listing import list_files
from ...fetch.tree.source_tree import SourceTree
from .differ import mark_fixed_later
from .program import Ran, Stopped, find_program, run_program
from .texts import Texts
from .tool import Remark, Said, not_run, told

if TYPE_CHECKING:
    from ..review import PatchReview

NAME = "coccinelle"
FOLDER = "scripts/coccinelle"
LIMIT = 60.0
"""Seconds for one semantic patch."""
TOTAL = 600.0
"""Seconds for all of them."""
_REPORTS = re.compile(r"^virtual\b.*\breport\b", re.MULTILINE)
_SAID = re.compile(r"(\d{4}\.c):(\d{1,9}):\d+(?:-\d+)?: (.*)")
_OPTIONS = ("--very-quiet", "--no-show-diff", "--no-includes", "-D", "report")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A semantic patch of the tree."""

    name: str
    """Below FOLDER: "free/kfree.cocci"."""
    file: Path


def coccinelle(patches: Sequence[PatchReview], tree: SourceTree, folder: Path, jobs: int) -> Said:
    """Run each semantic patch that can report."""
    spatch = find_program("spatch")
    if spatch is None:
        return not_run(NAME, "skipped", "not installed: spatch")
    folder.mkdir(parents=True)
    rules = _unpack(tree, folder)
    if not rules:
        return not_run(NAME, "skipped", f"no tree at hand has {FOLDER}")
    texts = Texts(patches, lambda _: True)
    if not texts.names:
        return not_run(NAME, "skipped", "; ".join(["no C file at hand whole", *texts.lacking[:2]]))
    texts.write(folder / "texts")
    files = sorted(texts.paths)
    end = time.monotonic() + TOTAL

    def one(rule: Rule) -> Ran | Stopped:
        left = min(LIMIT, end - time.monotonic())
        if left <= 0:
            return Stopped(why="the time for all of them was used up")
        command = (spatch, *_OPTIONS, "--sp-file", str(rule.file), *files)
        return run_program(command, folder=folder / "texts", limit=left)

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        answers = list(zip(rules, pool.map(one, rules), strict=True))
    lacking = [f"{rule.name}: {why}" for rule, ran in answers if (why := _failure(ran))]
    if len(lacking) == len(rules):
        return not_run(NAME, "failed", "; ".join(lacking[:3]))
    said = read_answers(answers)
    found = mark_fixed_later(list(texts.findings(NAME, said)), patches)
    detail = f"{len(rules) - len(lacking)} of {len(rules)} semantic patches over {len(files)} texts"
    return told(NAME, detail, [*lacking, *texts.lacking], found)


def _failure(ran: Ran | Stopped) -> str:
    if isinstance(ran, Stopped):
        return ran.why
    if ran.cut:
        return "it wrote too much"
    last = ran.err.strip().rpartition("\n")[2][:160]
    said = f", saying {last!r}" if last else ""
    return f"it ended with {ran.code}{said}" if ran.code else ""


def _unpack(tree: SourceTree, folder: Path) -> list[Rule]:
    """Write the tree's semantic patches into `folder`, those that know how to report."""
    (folder / "rules").mkdir()
    rules: list[Rule] = []
    for path in list_files(tree, FOLDER):
        content = tree.read(path) if path.endswith(".cocci") else None
        if content is not None and _REPORTS.search(content.decode("utf-8", "replace")):
            file = folder / "rules" / f"{len(rules) + 1:04d}.cocci"
            file.write_bytes(content)
            rules.append(Rule(name=path.removeprefix(f"{FOLDER}/"), file=file))
    return rules


def read_answers(answers: Iterable[tuple[Rule, Ran | Stopped]]) -> Mapping[str, list[Remark]]:
    """Read lines of the form "0001.c:12:3-9: text"; by file name, in order of lines."""
    said: dict[str, set[tuple[int, str, str]]] = {}
    for rule, ran in answers:
        for line in ran.out.split("\n") if isinstance(ran, Ran) else ():
            match = _SAID.fullmatch(line)
            if match:
                said.setdefault(match[1], set()).add((int(match[2]), rule.name, match[3]))
    return {
        name: [
            Remark(rule=rule, line=line, text=text, severity="low" if "ERROR" in text else "note")
            for line, rule, text in sorted(found)
        ]
        for name, found in said.items()
    }

"""RevisionDiff -> text for a terminal: unchanged patches in one line, then each that changed, and how."""

from __future__ import annotations

from ..analyze.history.functions import FunctionInterdiff
from ..analyze.history.hunks import FileInterdiff
from ..analyze.history.interdiff import PatchInterdiff, RevisionDiff
from ..analyze.history.matching import LonePatch
from .columns import LONGEST, WIDTH, cut, wrap
from .diff_words import (
    diff_heading,
    diff_sentence,
    file_words,
    folded_sentence,
    function_words,
    is_folded,
    lone_heading,
    not_compared,
    quiet_files,
    tag_lines,
)
from .verdict import judge_delta
from .visible import plain
from .words import count, subject, titled

MOST_LINES = 60
"""Lines of one patch's interdiff that a terminal is given; page and document have them all."""
MOST_MESSAGE = 20
"""Lines of one message's differences."""
MOST_ROWS = 4
"""Differences in behaviour of one function."""


def diff_text(diff: RevisionDiff) -> str:
    """Return what `lorelens diff` prints."""
    blocks = [[*wrap(subject(diff.series), most=2), *wrap(diff_heading(diff)), *wrap(diff_sentence(diff))]]
    folded = folded_sentence(diff.patches)
    if folded:
        blocks.append(wrap(folded, rest="  "))
    shown = [
        (patch.pair.after.position, 0, _patch_lines(patch)) for patch in diff.patches if not is_folded(patch)
    ]
    shown += [(lone.patch.position, 1, _lone_lines(lone, "+")) for lone in diff.matching.come]
    blocks += [lines for _, _, lines in sorted(shown, key=lambda one: one[:2])]
    blocks += [_lone_lines(lone, "-") for lone in diff.matching.gone]
    blocks += [wrap(note.detail, first="* ", rest="  ") for note in diff.notes]
    return "\n\n".join("\n".join(lines) for lines in blocks) + "\n"


def brief_text(diff: RevisionDiff) -> str:
    """Return a line for each patch: what `lorelens diff` prints where the rest goes into files."""
    lines = [*wrap(subject(diff.series), most=2), *wrap(diff_heading(diff)), *wrap(diff_sentence(diff)), ""]
    folded = folded_sentence(diff.patches)
    lines += wrap(folded, rest="  ") if folded else []
    for patch in diff.patches:
        lines += [] if is_folded(patch) else _patch_head(patch)
    for lone in diff.matching.come:
        lines += _lone_lines(lone, "+")
    for lone in diff.matching.gone:
        lines += _lone_lines(lone, "-")
    return "\n".join(lines) + "\n"


def _lone_lines(lone: LonePatch, side: str) -> list[str]:
    arrow = f"-> {lone.patch.position}" if side == "+" else f"{lone.patch.position} ->"
    return [cut(f"{arrow} {titled(lone.patch)}"), *wrap(lone_heading(lone), first="    ")]


def _patch_head(patch: PatchInterdiff) -> list[str]:
    pair = patch.pair
    lines = [cut(f"{pair.before.position} -> {pair.after.position} {titled(pair.after)}")]
    if "renamed" in pair.kinds:
        lines += wrap(f'was "{titled(pair.before)}"', first="    ")
    return [*lines, *wrap(pair.words, first="    ")]


def _patch_lines(patch: PatchInterdiff) -> list[str]:
    lines = _patch_head(patch)
    for function in patch.functions:
        lines += _function_lines(function) if function.symbol == "function" and function.delta else []
    for words in not_compared(patch):
        lines += wrap(words, first="    ", rest="      ")
    quiet = quiet_files(patch.files)
    lines += wrap(quiet, first="    ", rest="      ") if quiet and len(patch.files) > 1 else []
    lines += _hunk_lines(patch.files)
    changed = [_whole(f"      {line.side} {line.text}") for line in patch.message.lines]
    if changed:
        lines += ["    commit message:", *changed[:MOST_MESSAGE]]
        lines += _more(len(changed) - MOST_MESSAGE)
    tags = tag_lines(patch.message)
    if tags:
        lines += ["    tags:", *(f"      {cut(line, WIDTH - 6)}" for line in tags)]
    return lines


def _hunk_lines(files: tuple[FileInterdiff, ...]) -> list[str]:
    lines: list[str] = []
    left = MOST_LINES
    hidden = 0
    for file in files:
        if file.kind in ("unchanged", "new base") and not file.former:
            continue
        lines += wrap(f"{file.path}: {file_words(file)}", first="    ", rest="      ")
        for hunk in file.hunks:
            if left <= 0:
                hidden += len(hunk.lines)
                continue
            lines.append(_whole(f"      @@ {hunk.section}"))
            lines += [_whole(f"      {one.side}{one.sign}{one.text}") for one in hunk.lines[:left]]
            hidden += max(len(hunk.lines) - left, 0)
            left -= len(hunk.lines)
    return lines + _more(hidden)


def _more(hidden: int) -> list[str]:
    return [f"      ... {count(hidden, 'more line')}: --format html or json has them"] if hidden > 0 else []


def _whole(line: str) -> str:
    """Return a line of a mail as wide as it is: a diff that is cut cannot be judged."""
    return plain(line[:LONGEST].expandtabs(8)).rstrip()


def _function_lines(function: FunctionInterdiff) -> list[str]:
    lines = wrap(f"{function.name}(): {function_words(function)}", first="    ", rest="      ")
    rows = judge_delta(function.delta).differences if function.delta else ()
    for row in rows[:MOST_ROWS]:
        lines += wrap(f"when {row.when}: {row.before} -> {row.after}", first="      > ", rest="        ")
    if len(rows) > MOST_ROWS:
        lines.append(f"      > and {count(len(rows) - MOST_ROWS, 'more difference')}")
    return lines

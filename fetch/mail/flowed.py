"""format=flowed (RFC 3676) -> lines as they were written.

    soft line   ends in a blank and goes on in the next line (with DelSp=yes that blank goes)
    stuffed     a line that began with a blank, ">" or "From " was given a blank in front
    signature   "-- " is a line of its own

Mailers say "flowed" and send a patch that is not: unstuffing it takes the blank from every context line,
and joining takes lines. So a text that holds a diff is read both ways, and its hunks tell which is true:
those whose lines have the right first characters and counts. Where both readings fit, the diffstat decides,
whose lines begin with one blank; where neither does the text stays as it is, for repair.py.

Quoted lines are never joined: a quoted patch must keep its lines. Thunderbird, which sends nearly all flowed
mail, stuffs them: of a quoted line that began with a blank it makes one that begins with two. That is
undone, level by level, where a quoted diff stands and every such line has two.
"""

from __future__ import annotations

import re

from .note import Note

_HUNK = re.compile(r"@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@")
_DIFF = re.compile(r"^ ?@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@", re.MULTILINE)
_QUOTED = re.compile(r"(>+) ?(.*)")
_BARE_DIFFSTAT = re.compile(r"^ (?! ).{1,200} \| {1,8}(?:\d|Bin)", re.MULTILINE)


def unflow(text: str, delete_blank: bool = False) -> tuple[str, Note | None]:
    """The text with its soft breaks joined and stuffing removed, where its diff (if any) agrees."""
    flowed = _unstuff_quotes(_join(text.split("\n"), delete_blank))
    if not _DIFF.search(text):
        return "\n".join(flowed), None
    as_is = _hunks_fit(text.split("\n"))
    unflowed = _hunks_fit(flowed)
    if unflowed and not (as_is and _BARE_DIFFSTAT.search(text)):
        return "\n".join(flowed), None
    why = "its diff is not" if as_is else "its diff fits neither reading"
    return text, Note(kind="flowed", detail=f"said to be format=flowed and {why}; read as it stands")


def _join(lines: list[str], delete_blank: bool) -> list[str]:
    """RFC 3676, section 4, for lines outside quotes."""
    done: list[str] = []
    pending: list[str] = []
    for line in lines:
        if line.startswith(">") or line == "-- ":
            if pending:
                done.append("".join(pending))
                pending = []
            done.append(line)
            continue
        line = line.removeprefix(" ")
        if line.endswith(" ") and line != "-- ":
            pending.append(line[:-1] if delete_blank else line)
            continue
        done.append("".join((*pending, line)))
        pending = []
    if pending:
        done.append("".join(pending))
    return done


def _unstuff_quotes(lines: list[str]) -> list[str]:
    """Take one blank from quoted lines that begin with two, at levels where a diff shows that all got one."""
    diffs: set[int] = set()
    exact: set[int] = set()
    for line in lines:
        quoted = _QUOTED.match(line)
        if quoted:
            level, rest = len(quoted[1]), quoted[2]
            if _HUNK.match(rest):
                diffs.add(level)
            if rest.startswith(" ") and not rest.startswith("  "):
                exact.add(level)
    stuffed = diffs - exact
    return [_unstuff_quote(line, stuffed) for line in lines] if stuffed else lines


def _unstuff_quote(line: str, stuffed: set[int]) -> str:
    quoted = _QUOTED.match(line)
    if quoted and len(quoted[1]) in stuffed and quoted[2].startswith("  "):
        return f"{quoted[1]} {quoted[2][1:]}"
    return line


def _hunks_fit(lines: list[str]) -> bool:
    """Whether each hunk has as many lines of each kind as its header says."""
    before = after = 0
    for line in lines:
        if before > 0 or after > 0:
            kind = line[:1]
            if kind not in ("", " ", "+", "-", "\\"):
                return False
            before -= kind in ("", " ", "-")
            after -= kind in ("", " ", "+")
            if before < 0 or after < 0:
                return False
            continue
        hunk = _HUNK.match(line)
        if hunk:
            before, after = int(hunk[1] or 1), int(hunk[2] or 1)
    return before == after == 0

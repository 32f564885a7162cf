"""White space inside a line: gaps that may be more than one blank, and what lines nearby show of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .layout import width

MAX_WORDS = 40
"""Words of a line whose gaps are looked at."""
_DECLARED = re.compile(
    r"(?:(?:const|static|struct|union|enum|unsigned|signed|volatile|long|short)\s)*\w+[\s*]+\w"
)
_HANG = re.compile(r"\s*\*\s+(?:@?[\w.()]+\s?:|[-*+]|\(?\w{1,2}[.)]|[\w.()@]+\s+-)\s+(?=\S)")
_LISTED = re.compile(r"\s*\*\s+(?:[-*+]|\(?\d{1,2}[.)]|Returns?:)\s")
_MNEMONIC = re.compile(r'"\.?[a-z][\w.]*$')
PARTS = re.compile(r"(\s+)")


def gap_kind(words: Sequence[str], at: int, in_comment: bool) -> str:
    """Say what stands in front of word `at`: "" for a gap that is one blank in nearly all kernel C.

    Else "remark" (a comment behind code), "slash" (a macro line's backslash), "hash" (in front of a
    #define's name),
    "value" (behind it), "equals" (of an initializer or enumerator), "name" (of a member or variable), "asm"
    (behind
    an instruction in a string), "assigned" (behind a Makefile's "+="), "star" (behind a comment's star),
    "param" (behind a kernel-doc parameter),
    "sentence".
    """
    word, before = words[at], words[at - 1]
    if word == "\\" and at == len(words) - 1:
        return "slash"
    if in_comment:
        return _comment_gap(words, at)
    if word.startswith(("/*", "//")):
        return "remark"
    if words[0] == "#define" and (at == 1 or _ends_macro_head(words, at)):
        return "hash" if at == 1 else "value"
    if _MNEMONIC.match(before):
        return "asm"
    if at == 2 and before in ("=", "+=", ":=", "?=") and words[-1][-1] not in ";,{)":
        return "assigned"
    if word == "=" and (words[0][0] in ".[" or (at == 1 and words[-1].endswith(","))):
        return "equals"
    return "name" if _is_name_gap(words, at) else ""


def _comment_gap(words: Sequence[str], at: int) -> str:
    before = words[at - 1]
    if at == 1 and words[0] in ("*", "/*", "/**"):
        return "star"
    if at == 2 and words[0] == "*" and before.endswith(":"):
        return "param"
    return "sentence" if before[-1] in ".!?:" and len(before) > 1 else ""


def _ends_macro_head(words: Sequence[str], at: int) -> bool:
    """Whether the name of a #define, and its parameters, end in front of word `at`."""
    head = " ".join(words[1:at])
    return head.count("(") == head.count(")") and (at == 2 or head.endswith(")")) and head.count(")") <= 1


def _is_name_gap(words: Sequence[str], at: int) -> bool:
    """Whether `words` declare one thing and word `at` is its name."""
    if words[at].startswith("(*") and all(re.fullmatch(r"\w+|\*+", word) for word in words[:at]):
        return True
    text = " ".join(words)
    declares = text.split("/*")[0].rstrip().endswith(";") and _DECLARED.match(text)
    if not declares or words[0] in ("return", "goto", "else"):
        return False
    stops = (i for i, word in enumerate(words) if word.endswith((";", ",")) or word == "=")
    stop = next(stops, len(words) - 1)
    end = stop - 1 if words[stop] == "=" else stop
    declared = text.split("=")[0]
    return "(" not in declared and ")" not in declared and at == end > 0


@dataclass(frozen=True, slots=True)
class Sibling:
    """A line nearby with known white space, and its gaps of kinds that lines align."""

    gaps: tuple[tuple[str, str, int], ...] = ()
    """(kind, run, column behind it) of each; kind "#n" is a run of several blanks in front of word n."""
    hang: int = 0
    """Column below which a comment's next line may hang: behind "@name:", "Return:" or a bullet; 0 for
    none.
    """
    listed: bool = False
    """Whether it likely does: behind a bullet, a number or "Return:"."""
    tabbed: bool = False
    """Whether a tab stands there."""


def sibling(line: str, in_comment: bool) -> Sibling:
    """Read a line's own gaps."""
    parts = PARTS.split(line.strip())
    words = parts[::2]
    if len(words) > MAX_WORDS:
        return Sibling()
    hang = _HANG.match(line) if in_comment else None
    gaps = []
    text = line[: len(line) - len(line.lstrip())]
    if words == ["\\"]:
        return Sibling((("slash", text, width(text)),))
    for at, word in enumerate(words):
        if at:
            run = parts[2 * at - 1]
            text += run
            kind = gap_kind(words, at, in_comment)
            if kind == "" and (len(run) > 1 or "\t" in run):
                kind = f"#{at}"
            if kind and kind != "sentence":
                gaps.append((kind, run, width(text)))
        text += word
    if hang is None:
        return Sibling(tuple(gaps))
    tabbed = "\t" in hang.group().lstrip()
    return Sibling(tuple(gaps), width(hang.group()), _LISTED.match(line) is not None, tabbed)


def begins_item(words: Sequence[str]) -> bool:
    """Whether a comment's line begins an item of its own, so that it does not hang below the one above."""
    return words[1][0] in "@-+" or bool(_HANG.match(" ".join(words) + " x"))

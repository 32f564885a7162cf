"""A patch, its cover letter's place and its commit message as lines that can be held against each other.

    Patch ──patch_text──▶ PatchText: the commit message's lines, then the diff's, file by file

White space never counts. Where a text flows (a commit message, documentation), neither do line breaks, so
that a paragraph set anew is the same paragraph.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ...fetch.comment.anchor import index_diff, squeeze
from ...fetch.mail.message import Message
from ...fetch.series.assembly import Patch

COVER = 0
"""The position of a cover letter."""
MESSAGE = "the commit message"
"""Stands for a path where a line of the commit message, or of the cover letter, is meant."""
LONGEST = 400_000
"""Characters of one mail's text that are looked at."""

_FLOWS = re.compile(r"\.(?:rst|txt|md|[1-9])$|^the commit message$")
_TRAILER = re.compile(r"(?:[A-Z][\w-]{1,30}-by|Cc|Link|Fixes|Closes|Suggested-by): ")
"""What comes and goes without the text being another."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a patch's text."""

    path: str
    """Of its file; MESSAGE for the commit message."""
    sign: str
    """"+", "-" or " "; a commit message's lines are "+"."""
    key: str
    """Without any white space and without the sign; "" for an empty line."""
    number: int
    """1-based in its image; in the commit message, from its first line."""


@dataclass(frozen=True, slots=True)
class PatchText:
    """A patch's lines, headers left out."""

    lines: tuple[Line, ...]
    shown: tuple[str, ...]
    """The lines as written, with their signs; as many as `lines`."""
    added: dict[str, str]
    """By path: the keys of the lines that the patch puts there."""
    removed: dict[str, str]
    post: dict[str, str]
    """By path: the keys of its added and context lines, a line each."""
    words: tuple[str, ...]
    """Of everything the patch says or adds, in lower case, in order."""

    def stands(self, path: str, sign: str, keys: list[str]) -> bool:
        """Whether these lines stand there one below the other."""
        text = (self.removed if sign == "-" else self.added).get(path, "")
        return joined(path, keys) in text if flows(path) else f"\n{joined(path, keys)}\n" in f"\n{text}\n"


EMPTY = PatchText((), (), {}, {}, {}, ())


def flows(path: str) -> bool:
    """Whether line breaks mean nothing there."""
    return _FLOWS.search(path) is not None


def joined(path: str, keys: list[str]) -> str:
    """Put keys together as PatchText.added has them."""
    return ("" if flows(path) else "\n").join(keys)


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case; an identifier is one."""
    return _WORD.findall(text[:LONGEST].lower())


@lru_cache(maxsize=1024)
def _text(message: str, diff: str) -> PatchText:
    lines: list[Line] = []
    shown: list[str] = []
    for number, text in enumerate(message[:LONGEST].split("\n"), 1):
        if _TRAILER.match(text):
            continue
        lines.append(Line(MESSAGE, "+", squeeze(text), number))
        shown.append(text)
    diff = diff[:LONGEST]
    for entry, text in zip(index_diff(diff).lines, diff.split("\n"), strict=True):
        if entry.line:
            sign = text[:1] if text[:1] in ("+", "-") else " "
            key = entry.key if sign == " " else entry.key[1:]
            lines.append(Line(entry.path, sign, key, entry.line))
            shown.append(text)
    said = "\n".join(text for line, text in zip(lines, shown, strict=True) if line.sign == "+")
    return PatchText(
        lines=tuple(lines),
        shown=tuple(shown),
        added=_by_path(lines, "+"),
        removed=_by_path(lines, "-"),
        post=_post_image(lines),
        words=tuple(words_of(said)),
    )


def _by_path(lines: list[Line], sign: str) -> dict[str, str]:
    keys: dict[str, list[str]] = {}
    for line in lines:
        if line.sign == sign:
            keys.setdefault(line.path, []).append(line.key)
    return {path: joined(path, found) for path, found in keys.items()}


def _post_image(lines: list[Line]) -> dict[str, str]:
    keys: dict[str, list[str]] = {}
    for line in lines:
        if line.sign != "-":
            keys.setdefault(line.path, []).append(line.key)
    return {path: "\n" + "\n".join(found) + "\n" for path, found in keys.items()}


def patch_text(patch: Patch) -> PatchText:
    """Return a patch's text; its title is the first line of its message."""
    return _text(f"{patch.title}\n\n{patch.commit_message}", patch.diff)


def diff_text(diff: str) -> PatchText:
    """Return the text of a diff without any message."""
    return _text("", diff)


def cover_text(cover: Message | None) -> PatchText:
    """Return a cover letter's text; that of nothing is empty."""
    return _text(f"{cover.subject}\n\n{cover.body}", "") if cover else EMPTY

"""The lines that a comment speaks of, and what stands in their place in a later revision.

    Comment, PatchText ──find_block──▶ Block ──follow──▶ Fate in each later revision

A block is the last quoted run of lines above the comment's text that the patch has: of its diff, or of its
commit message. Only whether these very lines stand later is asked; what changes beside them says nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from ...fetch.comment.anchor import squeeze
from ...fetch.comment.quote import Comment
from .texts import MESSAGE, Line, PatchText, flows, words_of

MOST_LINES = 4
"""Lines of a block: those that stand nearest above the comment."""
TELLING = 8
"""Characters of a line's key below which it may stand anywhere."""
NEAR = 6
"""Lines above an anchored context line in which an added line that was quoted with it is looked for."""
AROUND = 12
"""Lines of the later revision that are shown as what stands there."""
MOST_ALIGNED = 2_000_000
"""Pairs of one file's lines that are aligned; of a larger diff it is not said what stands there."""
_MARKS = re.compile(r"^(?:> ?)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The lines of a patch that a comment speaks of."""

    path: str
    sign: str
    keys: tuple[str, ...]
    shown: tuple[str, ...]
    """The lines as the patch has them."""
    first: int
    """Index of the first in the patch's lines."""
    line: int
    """1-based, of the last, in its image or in the commit message."""
    context: bool
    """True where a context line or an empty one is quoted, and no added line near above it: a later patch
    need not show it."""
    image: tuple[str, ...]
    """Of such a block the keys of the lines above it in the post-image, and its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a block in one later revision."""

    kind: str
    """"same", "changed" (the line above the comment itself), "around" (only others of the block), "elsewhere"
    (in another file of the patch), "gone" (the patch leaves that file alone), or "unseen" where the later
    diff does not show the place."""
    after: tuple[str, ...]
    """What stands in that place."""
    gained: tuple[str, ...]
    """Words there that the block had not."""
    lost: tuple[str, ...]
    """Words of the block that are not there."""


NOWHERE = Fate(kind="gone", after=(), gained=(), lost=())


def find_block(comment: Comment, text: PatchText) -> Block | None:
    """Return the lines that a comment speaks of; None where it quotes no line of the patch."""
    at = _anchored(comment, text) if comment.anchor else _quoted_message(comment, text)
    if at is None:
        return None
    quoted = {squeeze(_MARKS.sub("", line)) for line in comment.quote.split("\n")}
    context = text.lines[at].sign == " "
    if context:
        near = _added_above(at, text, quoted)
        at, context = (near, False) if near is not None else (at, True)
    first = at
    last = text.lines[at]
    while first > 0 and at - first + 1 < MOST_LINES and _belongs(text.lines[first - 1], last, quoted):
        first -= 1
    lines = text.lines[first : at + 1]
    blank = not any(line.key for line in lines)
    return Block(
        path=last.path,
        sign=last.sign,
        keys=tuple(line.key for line in lines),
        shown=text.shown[first : at + 1],
        first=first,
        line=last.number,
        context=context or blank,
        image=_image_above(at, text) if context or blank else (),
    )


def follow(block: Block, before: PatchText, after: PatchText) -> Fate:
    """Say what stands in a block's place in a later revision of its patch."""
    path = _path_in(block, after)
    if path is None:
        return NOWHERE
    if block.context:
        return _follow_context(block, before, after, path)
    if after.stands(path, block.sign, list(block.keys)):
        return Fate(kind="same", after=block.shown, gained=(), lost=())
    last = [block.keys[-1]]
    if len(last[0]) >= TELLING and _went(block, before, after):
        return Fate(kind="elsewhere", after=(), gained=(), lost=())
    shown = _place_of(block, before, after, path)
    mine, theirs = words_of("\n".join(block.shown)), words_of("\n".join(shown))
    beside = words_of("\n".join(_beside(block, before)))
    more, less = Counter(theirs) - Counter(mine), Counter(mine) - Counter(theirs)
    stays = len(last[0]) >= TELLING and after.stands(path, block.sign, last)
    return Fate(
        kind="around" if stays else "changed",
        after=shown,
        gained=tuple(word for word in dict.fromkeys(theirs) if more[word] and word not in beside),
        lost=tuple(word for word in dict.fromkeys(mine) if less[word]),
    )


def _path_in(block: Block, after: PatchText) -> str | None:
    """The file of a block in a later patch: by its path, else by its name alone."""
    paths = {line.path for line in after.lines}
    if block.path in paths:
        return block.path
    name = block.path.rpartition("/")[2]
    return next((path for path in sorted(paths) if path.rpartition("/")[2] == name), None)


def _went(block: Block, before: PatchText, after: PatchText) -> bool:
    """Whether the last line stands in another file of the later patch, where it did not stand before."""
    last = [block.keys[-1]]
    return any(
        path not in (block.path, MESSAGE)
        and after.stands(path, block.sign, last)
        and not before.stands(path, block.sign, last)
        for path in after.added
    )


def stands_elsewhere(block: Block, text: PatchText) -> bool:
    """Whether another patch of a later revision puts these lines there, in any file."""
    keys = [key for key in block.keys if len(key) >= TELLING]
    if block.context or block.sign != "+" or block.path == MESSAGE or sum(map(len, keys)) < 3 * TELLING:
        return False
    return any(text.stands(path, "+", keys) for path in text.added if path != MESSAGE)


def _follow_context(block: Block, before: PatchText, after: PatchText, path: str) -> Fate:
    """A context line is gone only where the later patch takes it out, and stands where it shows it."""
    key = block.keys[-1]
    removed = len(key) >= TELLING and after.stands(path, "-", [key])
    if removed and not before.stands(block.path, "-", [key]):
        shown = _place_of(block, before, after, path)
        gained = tuple(dict.fromkeys(word for word in words_of("\n".join(shown))))
        return Fate(kind="changed", after=shown, gained=gained, lost=tuple(words_of(block.shown[-1])))
    image = after.post.get(path, "")
    above = "\n" + "\n".join(block.image[:-1]) + "\n"
    if "\n" + "\n".join(block.image) + "\n" in image:
        return Fate(kind="same", after=block.shown, gained=(), lost=())
    if not key and len(above) > TELLING and above in image:
        return Fate(kind="changed", after=(), gained=(), lost=())
    return Fate(kind="unseen", after=(), gained=(), lost=())


def _image_above(at: int, text: PatchText) -> tuple[str, ...]:
    """Return the keys of a line and of the two above it in the post-image of its file."""
    path, found = text.lines[at].path, [text.lines[at].key]
    for above in range(at - 1, max(-1, at - 12), -1):
        line = text.lines[above]
        if line.path != path or len(found) == 3:
            break
        if line.sign != "-":
            found.append(line.key)
    return tuple(reversed(found))


def _anchored(comment: Comment, text: PatchText) -> int | None:
    anchor = comment.anchor
    assert anchor is not None
    signs = "-" if anchor.side == "pre" else "+ "
    for at, line in enumerate(text.lines):
        if line.path == anchor.path and line.number == anchor.line and line.sign in signs:
            return at
    return None


def _quoted_message(comment: Comment, text: PatchText) -> int | None:
    """The last quoted line that the commit message has, from the bottom of the quote up."""
    places = {line.key: at for at, line in enumerate(text.lines) if line.path == MESSAGE}
    for quoted in reversed(comment.quote.split("\n")):
        key = squeeze(_MARKS.sub("", quoted))
        if len(key) >= TELLING and key in places:
            return places[key]
    return None


def _added_above(at: int, text: PatchText, quoted: set[str]) -> int | None:
    """The nearest added line above a context line that was quoted with it."""
    for above in range(at - 1, max(-1, at - 1 - NEAR), -1):
        line = text.lines[above]
        if line.path != text.lines[at].path:
            return None
        if line.sign == "+":
            return above if f"+{line.key}" in quoted else None
    return None


def _belongs(line: Line, last: Line, quoted: set[str]) -> bool:
    """Whether the line above still is of the block: of one kind and file, and quoted."""
    key = line.key if line.path == MESSAGE else f"{line.sign.strip()}{line.key}"
    alike = line.path == last.path and line.sign == last.sign
    return alike and (key in quoted or (not line.key and not flows(line.path)))


def _beside(block: Block, text: PatchText) -> list[str]:
    """What stands near above and below a block."""
    end = block.first + len(block.keys)
    near = (*range(max(0, block.first - AROUND), block.first), *range(end, end + AROUND))
    return [text.shown[at] for at in near if at < len(text.lines) and text.lines[at].path == block.path]


def _place_of(block: Block, before: PatchText, after: PatchText, path: str) -> tuple[str, ...]:
    """The later revision's lines that stand where the block stood, by aligning the file's lines."""
    mine = [(at, line) for at, line in enumerate(before.lines) if line.path == block.path]
    theirs = [(at, line) for at, line in enumerate(after.lines) if line.path == path]
    if len(mine) * len(theirs) > MOST_ALIGNED:
        return ()
    start = next(n for n, (at, _) in enumerate(mine) if at == block.first)
    end = start + len(block.keys)
    found: list[int] = []
    for tag, one, one_end, other, other_end in _opcodes(_tokens(mine), _tokens(theirs)):
        if tag in ("replace", "insert") and one < end + (tag == "insert") and one_end >= start:
            if tag == "replace" and one_end <= start:
                continue
            found += range(other, other_end)
        elif tag == "equal" and one < end and one_end > start:
            first, last = max(one, start), min(one_end, end)
            found += range(other + first - one, other + last - one)
    shown = [after.shown[theirs[n][0]] for n in sorted(set(found))]
    return tuple(shown[:AROUND])


@lru_cache(maxsize=256)
def _opcodes(mine: tuple[str, ...], theirs: tuple[str, ...]) -> Sequence[tuple[str, int, int, int, int]]:
    """Align one file's lines; comments on one file ask for the same alignment again and again."""
    return SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes()


def _tokens(lines: Sequence[tuple[int, Line]]) -> tuple[str, ...]:
    return tuple(f"{line.sign}{line.key}" for _, line in lines)

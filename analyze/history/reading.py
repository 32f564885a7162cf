"""A patch -> what of it is compared: changed lines, their words, title, message, ids."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ...fetch.patch.subject import parse_subject
from ...fetch.patch.trailer import read_line
from ...fetch.repair import repair_patch
from ...fetch.series.assembly import Patch
from ...fetch.tree.source_tree import NoTree
from ..diff import FileDiff, parse_diff

SAYING, SHORT, EMPTY = 10, 3, 1
"""Weight of a changed line with two words at least, with one, and with none ("}")."""
MOST_WORDS = 20_000
"""Words of a message, and of all changed lines, that are compared."""

_WORD = re.compile(r"[A-Za-z_]\w*|\d+")
_PROSE = re.compile(r"\w+")
_ID = re.compile(r"[^\s<>\"'()\[\]/]{3,200}@[^\s<>\"'()\[\]/]{3,200}")
_FOLDED = re.compile(r"(?:fixup|squash|amend)! *(.+)", re.IGNORECASE)
_SLUG = re.compile(r"[^a-z0-9_]+")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadPatch:
    """A patch with what is compared of it; texts as bags (how often each stands there)."""

    patch: Patch
    files: tuple[FileDiff, ...]
    lines: Mapping[tuple[str, str, str], int]
    """(path, sign, text) of the changed lines; white space is that of the file."""
    bare: Mapping[tuple[str, str], int]
    """(sign, text) of them, white space aside: what of a line stays when it moves to another file."""
    code_words: Mapping[str, int]
    """Names and numbers in the changed lines, the sign in front."""
    title: str
    """In lower case, words alone."""
    title_words: Mapping[str, int]
    prose: Mapping[str, int]
    """Words of the commit message without its trailers."""
    paths: frozenset[str]
    change_id: str
    """The Change-Id: trailer that Gerrit gives a patch over all its revisions; "" where there is none."""
    linked: frozenset[str]
    """Message-ids that its message and remarks link to."""
    answered: frozenset[str]
    """Message-ids of the mail that it answers and of the one whose place it takes."""

    @property
    def weight(self) -> int:
        """Of all its changed lines."""
        return sum(line_weight(text) * times for (_, text), times in self.bare.items())


def read_patch(patch: Patch) -> ReadPatch:
    """Gather what is compared of a patch. Never raises on what the mail holds."""
    files = read_files(patch)
    lines: Counter[tuple[str, str, str]] = Counter()
    bare: Counter[tuple[str, str]] = Counter()
    for file in files:
        for hunk in file.hunks:
            changed = [line for line in hunk.lines if line.sign in "+-"]
            lines.update((file.path, line.sign, line.text) for line in changed)
            bare.update((line.sign, " ".join(line.text.split())) for line in changed)
    return ReadPatch(
        patch=patch,
        files=files,
        lines=lines,
        bare=bare,
        code_words=_code_words(bare),
        title=" ".join(_PROSE.findall(patch.title.casefold())),
        title_words=Counter(_PROSE.findall(patch.title.casefold())),
        prose=Counter(_PROSE.findall(message_text(patch).casefold())[:MOST_WORDS]),
        paths=frozenset(file.path for file in files),
        change_id=next((t.value for t in patch.trailers if t.name.lower() == "change-id"), ""),
        linked=_linked(patch),
        answered=frozenset(name for name in (patch.message.in_reply_to, patch.replaces) if name),
    )


def read_files(patch: Patch) -> tuple[FileDiff, ...]:
    """Return the patch's files; a copy of a mail is repaired first, as far as that goes without a tree."""
    diff = patch.diff
    if diff and (patch.quoted or not patch.message.verbatim or patch.notes):
        diff = "".join(file.diff for file in repair_patch(diff, NoTree()).files) or diff
    return parse_diff(diff).files


def message_text(patch: Patch) -> str:
    """Return the commit message without its trailers."""
    own = {str(trailer) for trailer in patch.trailers if trailer.given_by is None}
    lines = patch.commit_message.split("\n")
    return "\n".join(line for line in lines if not _is_trailer(line, own)).strip()


def _is_trailer(line: str, own: set[str]) -> bool:
    read = read_line(line) if ":" in line and len(line) < 1000 else None
    return read is not None and str(read) in own


def line_weight(text: str) -> int:
    """Say how much a changed line tells of the patch that has it."""
    words = _WORD.findall(text)
    return SAYING if len(words) > 1 else SHORT if words else EMPTY


def amended(patch: Patch) -> str:
    """Return the slug of the title that a patch amends: of "fixup! T", "mm-foo-fix", "T fix"; "" for none."""
    title = patch.title.strip()
    if found := _FOLDED.fullmatch(title):
        return slug(found[1])
    if of := parse_subject(title).fix_of:
        return slug(of)
    for ending in (" fix", ": fix", "-fix", " (fix)"):
        if title.casefold().endswith(ending):
            return slug(title[: -len(ending)])
    return ""


def slug(title: str) -> str:
    """Return a title as the -mm tree names its patches: "mm-gup-track-foll_pin-pages"."""
    return _SLUG.sub("-", title.casefold()).strip("-")


def _code_words(bare: Mapping[tuple[str, str], int]) -> Counter[str]:
    words: Counter[str] = Counter()
    for (sign, text), times in bare.items():
        for word in _WORD.findall(text):
            words[sign + word] += times
        if len(words) > MOST_WORDS:
            break
    return words


def _linked(patch: Patch) -> frozenset[str]:
    text = f"{patch.commit_message}\n{patch.remarks}"[:100_000]
    return frozenset(found.rstrip(".,;:") for found in _ID.findall(text)) if "://" in text else frozenset()

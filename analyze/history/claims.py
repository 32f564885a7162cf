"""Changelogs checked against the patches: what a list claims and no change shows, and what changed unclaimed.

Both ways carefully. A claim is "not found" only where it names an identifier or a file that no patch that
changed has in its diff, not even in context. A change is "not claimed" only where the revision has a
changelog, and no line of it shares a telling word with the patch that changed, its files or its title.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...fetch.series.assembly import Patch
from .changelog import Item
from .proof import telling
from .related import TAGS, stems
from .steps import Pair, Step
from .texts import MESSAGE, patch_text, words_of

Found = Literal["seen", "not found", "not checked"]

_IDENTIFIER = re.compile(
    r"(?<!\w)[A-Za-z]\w{0,100}_\w{1,100}(?!\w)|(?<!\w)\w{1,200}(?=\(\))|(?<![\w/-])[\w/-]{1,200}\.[ch]\b"
)
_FILE = re.compile(r"(?<![\w/.-])[\w/.-]{1,200}\.[ch]\b")
_TAGGED = re.compile(r"\b(?:reviewed|acked|tested|signed-off|suggested|reported)-by\b", re.IGNORECASE)
_PATCH_NUMBER = re.compile(
    r"\b(?:patch(?:es)?|commits?)\s*(?:#\s*)?([0-9]{1,3})\b|\b([0-9]{1,3})/[0-9]{1,3}\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A line of a changelog, and whether a change shows it."""

    item: Item
    found: Found
    where: tuple[str, ...]
    """Titles of the patches whose changes have its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclaimed:
    """A patch that changed, is new or is gone, of which the changelog says nothing that can be told."""

    revision: int
    patch: Patch
    what: Literal["changed", "new", "gone"]


@dataclass(frozen=True, slots=True)
class _Changed:
    """What a step changed, read once for all its claims."""

    parts: tuple[tuple[str, frozenset[str], frozenset[str]], ...]
    """Of each patch that changed: its title, the words of what changed, and their stems."""
    shown: frozenset[str]
    """Every word that these patches' diffs show, context too."""


def check_claims(
    steps: Sequence[Step], items: Sequence[Item]
) -> tuple[tuple[Claim, ...], tuple[Unclaimed, ...]]:
    """Hold the changelogs of a series against what changed."""
    claims: list[Claim] = []
    unclaimed: list[Unclaimed] = []
    for step in steps:
        here = [item for item in items if item.revision == step.revision]
        said = [item for item in here if not TAGS.match(item.text)]
        if said:
            changed = _read_changes(step)
            claims += [_claim(item, changed) for item in said]
            unclaimed += _unclaimed(step, said)
    return tuple(claims), tuple(unclaimed)


def _claim(item: Item, changed: _Changed) -> Claim:
    named = {word.lower() for word in _IDENTIFIER.findall(item.text) if len(word) > 4}
    wanted = stems(item.text)
    where = [
        title
        for title, words, touched in changed.parts
        if not words.isdisjoint(named) or len(wanted & touched) >= 2
    ]
    if where:
        return Claim(item=item, found="seen", where=tuple(where))
    elsewhere = _PATCH_NUMBER.search(item.text) or _TAGGED.search(item.text) or item.position
    checked = named and changed.shown.isdisjoint(named) and not elsewhere
    return Claim(item=item, found="not found" if checked else "not checked", where=())


def _read_changes(step: Step) -> _Changed:
    parts = []
    shown: set[str] = set()
    for pair in step.pairs:
        if pair.change is None or pair.change.any:
            text = _changed_text(pair)
            parts.append((pair.patch.title, _names(text), stems(text)))
            shown |= _names(pair.patch.diff + (pair.before.diff if pair.before else ""))
    for patch in step.gone:
        text = patch.title + "\n" + "\n".join(patch_text(patch).shown)
        parts.append((patch.title, _names(text), stems(text)))
    return _Changed(tuple(parts), frozenset(shown))


def _changed_text(pair: Pair) -> str:
    """What of a patch is another: all of a new one; else title, changed lines and message."""
    text = patch_text(pair.patch)
    if pair.change is None:
        return "\n".join(text.shown)
    lines = [pair.patch.title, *pair.change.gained, *pair.change.lost]
    if pair.change.moved:
        lines += text.shown
    if pair.change.message and pair.before:
        for one in (text, patch_text(pair.before)):
            lines += [shown for line, shown in zip(one.lines, one.shown, strict=True) if line.path == MESSAGE]
    return "\n".join(lines)


def _names(text: str) -> frozenset[str]:
    """Words, and file names with and without their folders."""
    files = _FILE.findall(text.lower())
    return frozenset((*words_of(text), *files, *(file.rpartition("/")[2] for file in files)))


def _unclaimed(step: Step, said: Sequence[Item]) -> list[Unclaimed]:
    spoken = frozenset(word for item in said for word in stems(item.text))
    numbers = {int(a or b) for item in said for a, b in _PATCH_NUMBER.findall(item.text)}
    own = {item.position for item in said if item.position}
    found = []
    for pair in step.pairs:
        changed = pair.change is None or pair.change.code
        if not changed or pair.patch.position in numbers | own:
            continue
        if not spoken & stems(_changed_text(pair)):
            what: Literal["changed", "new"] = "new" if pair.change is None else "changed"
            found.append(Unclaimed(revision=step.revision, patch=pair.patch, what=what))
    found += [
        Unclaimed(revision=step.revision, patch=patch, what="gone")
        for patch in step.gone
        if not any(telling(word) and word in spoken for word in stems(patch.title))
    ]
    return found

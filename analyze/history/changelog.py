"""What an author says has changed from revision to revision, item by item.

    section = header *item                       ; in a cover letter, below a patch's "---", in its message
    header  = "Changes since v2" / "Changes in v3" / "v2 -> v3" / "v3:" / "* from v2" / ...
    item    = a bullet and what hangs below it, or a line and what is indented below it

"since v2", "from v2" and "v2 -> v3" speak of the revision after v2; "in v3" and "v3:" of v3 itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...fetch.series.assembly import Revision, Series
from .texts import COVER, LONGEST

LONGEST_ITEM = 2000
"""Characters of one item."""
MOST_ITEMS = 500
"""Items of one mail that are read."""

_V = r"(?:RFC[ -]?)?(?:patch(?:set)?[ -]?)?[vV](?:er(?:sion)?)?[ .]?(?P<{}>[0-9]{{1,3}})(?:\.[0-9]{{1,3}})?"
_ARROW = re.compile(
    r"\W{0,6}(?:(?:changes?|changelog|diff|delta)[ :]{1,3})?(?:from |between )?"
    + _V.format("old")
    + r" {0,3}(?:-+>|=+>|→|to|\.\.+|and|/) {0,3}"
    + _V.format("new")
    + r"\W{0,8}(?P<rest>.*)$",
    re.IGNORECASE,
)
_SINCE = re.compile(
    r"\W{0,6}(?:(?:main |major |notable )?(?:changes?|changelog|changed|differences?|updates?|diff)?"
    r"(?: \(?log\)?)? ?(?:since|from|against|vs\.?|over)) (?:the )?(?:previous )?"
    + _V.format("old")
    + r"(?: \([^()]{0,60}\))?\W{0,8}(?P<rest>.*)$",
    re.IGNORECASE,
)
_IN = re.compile(
    r"\W{0,6}(?:(?:changes?|changelog|changed|new|updates?) (?:in|for|on|of) )?(?:the )?"
    + _V.format("new")
    + r"(?P<tail> (?:changes?|changelog|updates?))?(?: \([^()]{0,60}\))?"
    + r"(?P<mark>\s{0,2}[:\-–—]{1,3}|$)\s*(?P<rest>.*)$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"(?P<indent>\s*)(?:[-*+o•·]|\(?[0-9a-z]{1,2}[.)])\s+(?=\S)")
_LINK = re.compile(r"\S*https?://\S+$")
_END = re.compile(
    r"-{2,3} ?$|diff --git |\S.* \([0-9]{1,3}\):$|\s*\S+\s+\|\s+[0-9]+ |\s*[0-9]+ files? changed|base-commit:"
    r"|[A-Z][\w-]{2,30}-by: |(?:Cc|Link|Fixes): |_{20,}$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that an author says has changed."""

    revision: int
    """Index in `series.revisions` of the revision that it speaks of."""
    position: int
    """Of the patch whose mail says so; 0 for the cover letter."""
    message_id: str
    text: str
    """On one line, without its bullet."""


def read_items(series: Series) -> tuple[Item, ...]:
    """Return what the revisions' mails say has changed, each thing once, as its first mail says it."""
    found: dict[tuple[int, int, str], Item] = {}
    for revision in series.revisions:
        for position, message_id, text in _texts(revision):
            for old, new, said in sections(text):
                at = _revision_of(series, old, new)
                if at is None:
                    continue
                key = (at, position, " ".join(said.casefold().split()))
                found.setdefault(key, Item(revision=at, position=position, message_id=message_id, text=said))
    return tuple(sorted(found.values(), key=lambda item: (item.revision, item.position)))


def sections(text: str) -> Iterator[tuple[int | None, int | None, str]]:
    """Yield (since which version, in which version, item) for every item of a text's changelogs."""
    old: int | None = None
    new: int | None = None
    block: list[str] = []
    count = 0
    for line in [*text[:LONGEST].split("\n"), "---"]:
        header = _header(line)
        ends = header is not None or _END.match(line) or (block and _leaves(block, line))
        if ends and block:
            for item in _items(block):
                count += 1
                if count <= MOST_ITEMS:
                    yield old, new, item
        if header is not None:
            old, new, rest = header
            block = ["", rest.strip()]
        elif ends:
            block = []
        elif block:
            block.append(line)


def _texts(revision: Revision) -> Iterator[tuple[int, str, str]]:
    if revision.cover:
        yield COVER, revision.cover.message_id, revision.cover.body
    for patch in revision.patches:
        message_id = patch.message.message_id
        yield patch.position, message_id, f"{patch.commit_message}\n---\n{patch.remarks}"


def _header(line: str) -> tuple[int | None, int | None, str] | None:
    """Read a section's header: since which version, in which, and what stands behind it."""
    if len(line) > 300 or not re.search(r"[vV]", line):
        return None
    if found := _ARROW.match(line):
        return int(found["old"]), int(found["new"]), found["rest"]
    if found := _SINCE.match(line):
        return int(found["old"]), None, found["rest"]
    found = _IN.match(line)
    if found is None or (not found["mark"].strip() and len(line) > 40):
        return None
    return None, int(found["new"]), found["rest"]


def _revision_of(series: Series, old: int | None, new: int | None) -> int | None:
    """Return the index of the revision spoken of, where it is at hand."""
    numbers = [revision.number for revision in series.revisions]
    if new is not None:
        return max((at for at, number in enumerate(numbers) if number == new), default=None)
    assert old is not None
    later = [at for at, number in enumerate(numbers) if number > old]
    return min(later, default=None)


def _leaves(block: Sequence[str], line: str) -> bool:
    """Whether a line is prose behind the section: an empty line above it, no bullet, no indentation."""
    if block[-1].strip() or not any(text.strip() for text in block):
        return False
    return bool(line.strip()) and not line[:1].isspace() and not _BULLET.match(line)


def _items(block: Sequence[str]) -> list[str]:
    """Join a section's lines to items; the second is what stands behind the header itself."""
    lines = [line.expandtabs(8).rstrip() for line in block]
    said = [line for line in lines if line]
    if not said:
        return []
    bullets = any(_BULLET.match(line) for line in said)
    base = min((len(line) - len(line.lstrip()) for line in said[bool(lines[1]) :]), default=0)
    items: list[list[str]] = [[lines[1]]] if lines[1] else []
    fresh = True
    for line in lines[2:]:
        if not line:
            fresh = True
            continue
        bullet = _BULLET.match(line)
        depth = len(line) - len(line.lstrip())
        plain = not bullets and depth == base and not (items and _goes_on(items[-1][-1], line))
        text = line[bullet.end() :] if bullet else line.strip()
        if bullet or plain or not items or (fresh and depth == base and not bullets):
            items.append([text])
        else:
            items[-1].append(text)
        fresh = False
    texts = (" ".join(item).strip()[:LONGEST_ITEM] for item in items)
    return [text for text in texts if len(text) > 3 and not _LINK.match(text)]


def _goes_on(above: str, line: str) -> bool:
    """Whether a line continues the one above: that is long, and this begins in lower case."""
    return len(above) > 50 and line.strip()[:1].islower()

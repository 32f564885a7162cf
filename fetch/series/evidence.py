"""What speaks for two postings being revisions of one series. The table stands in docs/series.md too."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from urllib.parse import unquote

from ..mail.message import Address
from .person import email_key, person_key, same_person
from .revision import Posting

THRESHOLD = 4.5
"""Points from which two postings are joined."""

POINTS = {
    "same change-id": 10.0,
    "different change-ids": -3.0,
    "names it as an earlier version": 6.0,
    "answers it": 3.0,
    "answers the patch of its number": 3.0,
    "same title": 3.0,
    "similar title": 2.0,  # times the share of words in common
    "patch titles": 4.0,  # times the share in common
    "changed lines": 4.0,  # times the share in common
    "changelog": 4.0,  # times the share in common: "Changes in v2" stands in v3 as it stood in v2
    "prose": 3.0,  # times the share of the head's lines of text in common
    "files": 1.0,  # times the share in common
    "same poster": 1.0,
    "another poster": -4.0,
    "next version": 1.0,
    "more than a year apart": -1.0,
    "for another kernel release": -3.0,
}

SKETCH = 64
"""Hashes kept of one patch's changed lines and of a head's text: the smallest, as a sample."""

INDEXED = 64
"""Hashes of one posting's lines, and of its text, by which others are found."""

MOST_LINES = 2000
"""Lines of a head's text that are read for links."""

MOST_NOTES = 50
"""Footnotes among them that are followed to the lines that refer to them."""

_WORD = re.compile(r"\w+")
_COMMON = frozenset(
    [
        "a",
        "add",
        "an",
        "and",
        "by",
        "driver",
        "fix",
        "for",
        "from",
        "in",
        "of",
        "on",
        "patch",
        "patches",
        "series",
    ]
) | {"support", "the", "to", "use", "with"}
_RELEASE = re.compile(r"(?:v|linux-|stable-)?(\d{1,2}\.\d{1,3})(?:[.-](?:y|stable|\d+))?", re.IGNORECASE)
_PATH = re.compile(r"^(?:\+\+\+ b/|--- a/)(\S+)", re.MULTILINE)
_BREAK = re.compile(r"[\s<>()\[\]/\"',;]+")
_EARLIER = re.compile(
    r"\W*(?:(?:lore )?links?(?: to)?(?: the)? )?(?:orig\w*|prev\w*)?\W*(?:(?:rfc|patch)\W+)*"
    r"(?:(?:v|ver|version )\W?\d+|rfc)\b"
    r"|.*\b(?:previous|prior|earlier|last|old|original)(?: rfc| patch)* "
    r"(?:rfc|v\d+|version|revision|posting|series|submission)",
    re.IGNORECASE,
)
_OTHER = re.compile(r"depend|based|on top|prereq|appl(?:y|ies)|split|broken|part of|follow", re.IGNORECASE)
_REFERRED = re.compile(r"\b(?:v\d+|rfc|previous \w+)\W{1,4}(?:\w+\W{1,3}){0,2}$", re.IGNORECASE)
_HEADING = re.compile(
    r"^([^\w\n]{0,5}(?:(?:changes?|changelog|differences|history|new|updates?)\W{1,3})?"
    r"(?:(?:in|since|from|for|between)[ ])?(?:(?:patch|rfc)\W{1,2})?v[0-9]{1,3}\b[^\n]{0,40})$",
    re.IGNORECASE | re.MULTILINE,
)
_SECTION_END = re.compile(r"^---|\n\n(?=[A-Za-z\[])", re.MULTILINE)
"""A dashed line, or a paragraph that starts like a sentence, where changes are listed as items."""
_FOOTNOTE = re.compile(r"\s*(\[\d{1,3}\])")
_FORMAL = re.compile(
    r"[\w-]+-by:|(?:to|cc|from|link|fixes|closes|date|base-commit|change-id|prerequisite-[\w-]+):"
    r"|best regards|(?:create|delete) mode |https?://|.*\|\s+(?:\d|bin)|\d+ files? changed",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Traits:
    """What of a posting is compared; texts as sets of CRC-32 sums, so that a large archive fits in memory."""

    posting: Posting
    people: tuple[Address, ...]
    """Who posted it, and whom its head names as author."""
    date: datetime | None
    number: tuple[int, int] | None
    """Version and minor; None where no label says so."""
    title: str
    words: frozenset[str]
    patch_titles: frozenset[str]
    lines: frozenset[int]
    prose: frozenset[int]
    changelog: frozenset[int]
    paths: frozenset[str]
    recipients: frozenset[str]
    releases: frozenset[str]
    """Kernel releases that its prefixes name: "[PATCH 6.1 1/2]" is a backport."""
    message_ids: frozenset[str]
    named: frozenset[str]
    """Message-ids that the head's text names as an earlier version's."""
    answered: frozenset[str]
    """Message-ids that the head answers."""
    change_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Two postings, the evidence for their belonging together, and its weight."""

    earlier: Traits
    later: Traits
    points: float
    reasons: tuple[str, ...]
    """In words, the strongest first; what speaks against it is left out."""


def read_traits(posting: Posting) -> Traits:
    """Gather what is compared of a posting."""
    head, patches = posting.head, posting.patches
    diffs = [mail.patch.diff for mail in patches if mail.patch]
    text = f"{head.patch.commit_message}\n{head.patch.remarks}" if head.patch else head.message.body
    title = plain_title(head.title)
    changes = [mail.patch.change_id for mail in posting.mails.values() if mail.patch and mail.patch.change_id]
    return Traits(
        posting=posting,
        people=tuple(dict.fromkeys((posting.poster, head.author))),
        date=posting.date,
        number=None if posting.version is None else (posting.version, posting.minor or 0),
        title=title,
        words=frozenset(title.split()) - _COMMON,
        patch_titles=frozenset(plain_title(mail.title) for mail in patches),
        lines=frozenset().union(*map(_changed_lines, diffs)),
        prose=_smallest(_prose(text)),
        changelog=_changelog(text),
        paths=frozenset(path for diff in diffs for path in _PATH.findall(diff)),
        recipients=frozenset(email_key(to) for to in (*head.message.to, *head.message.cc)),
        releases=frozenset(found[1] for word in head.subject.prefixes if (found := _RELEASE.fullmatch(word))),
        message_ids=frozenset(mail.message.message_id for mail in posting.mails.values()),
        named=_named_as_earlier(text),
        answered=frozenset((*head.message.references, head.message.in_reply_to or "")) - {""},
        change_id=changes[0] if changes else None,
    )


def weigh(one: Traits, other: Traits) -> Link:
    """Weigh the evidence for two postings being revisions of one series."""
    if one.date and other.date and one.date > other.date:
        one, other = other, one
    found = [(POINTS[name] * share, reason) for name, share, reason in _evidence(one, other)]
    reasons = sorted((item for item in found if item[0] > 0.5), reverse=True)
    return Link(
        earlier=one, later=other, points=sum(item[0] for item in found), reasons=tuple(r for _, r in reasons)
    )


def same_people(one: Traits, other: Traits) -> bool:
    """Whether poster or author of the one are poster or author of the other."""
    return any(same_person(mine, theirs) for mine in one.people for theirs in other.people)


def share(one: frozenset[str] | frozenset[int], other: frozenset[str] | frozenset[int]) -> float:
    """Jaccard's index of two sets; 0 for two empty ones."""
    both = len(one & other)
    return both / (len(one) + len(other) - both) if both else 0.0


def plain_title(title: str) -> str:
    """Return a title's words in lower case, parted by single blanks, which is how titles are compared."""
    return " ".join(_WORD.findall(title.casefold()))


def _evidence(one: Traits, other: Traits) -> Iterable[tuple[str, float, str]]:
    """Yield (name in POINTS, share of its points, reason in words)."""
    if one.change_id and other.change_id:
        same = one.change_id == other.change_id
        name = "same change-id" if same else "different change-ids"
        yield name, 1.0, name
    if not other.named.isdisjoint(one.message_ids):
        yield "names it as an earlier version", 1.0, "its text names the earlier posting"
    if not other.answered.isdisjoint(one.message_ids):
        yield "answers it", 1.0, "it answers the earlier posting"
        like = one.posting.mails.get(other.posting.head.position)
        if like and like.position and like.message.message_id in other.answered and _same_total(one, other):
            yield "answers the patch of its number", 1.0, "it answers the patch of its number"
    yield from _titles(one, other)
    yield from _contents(one, other)
    if same_people(one, other):
        yield "same poster", 1.0, "same poster"
    else:
        yield "another poster", 1.0, "another poster"
    if (other.number or (1, 0))[0] - (one.number or (1, 0))[0] == 1:
        yield "next version", 1.0, "the next version"
    if one.date and other.date and other.date - one.date > timedelta(days=365):
        yield "more than a year apart", 1.0, ""
    if one.releases != other.releases:
        yield "for another kernel release", 1.0, ""


def _same_total(one: Traits, other: Traits) -> bool:
    return one.posting.total is not None and one.posting.total == other.posting.total


def _titles(one: Traits, other: Traits) -> Iterable[tuple[str, float, str]]:
    if one.title == other.title:
        yield "same title", 1.0, "same title"
    elif words := share(one.words, other.words):
        yield "similar title", words, "similar title"
    both = len(one.patch_titles & other.patch_titles)
    if both:
        sizes = len(one.patch_titles), len(other.patch_titles)
        yield "patch titles", both / _middle(*sizes), f"{both} of {min(sizes)} patch titles in common"


def _contents(one: Traits, other: Traits) -> Iterable[tuple[str, float, str]]:
    added = len(one.lines & other.lines)
    if added:
        part = added / _middle(len(one.lines), len(other.lines))
        yield "changed lines", part, f"{part:.0%} of the changed lines in common"
    for name, what, mine, theirs, fewest in (
        ("changelog", "changelog", one.changelog, other.changelog, 3),
        ("prose", "lines of text", one.prose, other.prose, 6),
    ):
        both = len(mine & theirs)
        if both:
            part = both / max(fewest, min(len(mine), len(theirs)))
            yield name, part, f"{part:.0%} of the {what} in common"
    if paths := share(one.paths, other.paths):
        yield "files", paths, "same files"


def _middle(one: int, other: int) -> float:
    """Return the geometric mean: one title of one and of nine is a weaker sign than of one and one."""
    return sqrt(one * other)


def _changed_lines(diff: str) -> frozenset[int]:
    """Return sums of the added lines, without blanks, that are long enough to mean something."""
    added = ("".join(line[1:].split()) for line in diff.split("\n") if line[:1] == "+" and line[:4] != "+++ ")
    return _smallest(line for line in added if len(line) >= 8)


def _prose(text: str) -> Iterable[str]:
    """Yield the lines of running text, as their letters alone: no trailers, diffstat, links or signature."""
    for line in text.split("\n"):
        if line.rstrip() == "--":
            break
        line = line.strip()
        if len(line) >= 20 and not _FORMAL.match(line[:200]):
            letters = "".join(_WORD.findall(line.casefold()))
            if len(letters) >= 16:
                yield letters


def _changelog(text: str) -> frozenset[int]:
    """Return sums of the changelog's lines, each with the heading ("Changes in v2") that it stands under."""
    found: list[str] = []
    parts = _HEADING.split(text)  # text, heading, text, heading, text, ...
    for heading, part in zip(parts[1::2], parts[2::2], strict=False):
        end = _SECTION_END.search(part)
        found += (f"{plain_title(heading)}: {line}" for line in _prose(part[: end.start()] if end else part))
    return _smallest(found)


def _smallest(lines: Iterable[str]) -> frozenset[int]:
    sums = {zlib.crc32(line.encode("utf-8", "replace")) for line in lines}
    return frozenset(sorted(sums)[:SKETCH])


def _named_as_earlier(text: str) -> frozenset[str]:
    """Return the message-ids behind a label such as "Link to v1:": on its line, the next, a footnote."""
    lines = [line[:300] for line in text.split("\n")[:MOST_LINES]]
    named: set[str] = set()
    notes = 0
    for index, line in enumerate(lines):
        found = [word for word in _BREAK.split(line) if "@" in word[1:-1]] if "@" in line else []
        if not found:
            continue
        note = _FOOTNOTE.match(line)
        if note and notes < MOST_NOTES:
            notes += 1
            told = any(
                _REFERRED.search(other.partition(note[1])[0]) for other in lines if note[1] in other[1:]
            )
        else:
            told = False
        label = line.partition("http")[0] if "http" in line else line
        if not any(c.isalnum() for c in label) and index:
            label = lines[index - 1]
        if told or (_EARLIER.match(label) and not _OTHER.search(label)):
            named.update(unquote(word).rstrip(".:") for word in found)
    return frozenset(named)


def index_keys(traits: Traits) -> Iterable[tuple[object, ...]]:
    """Yield keys of which two postings must have one in common to be compared at all."""
    yield "title", traits.title
    for title in traits.patch_titles:
        yield "title", title
    for sums in (traits.lines, traits.prose, traits.changelog):
        yield from (("line", number) for number in sorted(sums)[:INDEXED])
    for poster in dict.fromkeys(map(person_key, traits.people)):
        for path in traits.paths:
            yield "poster and path", poster, path
    for name in (*traits.message_ids, *traits.named, *traits.answered):
        yield "message-id", name
    if traits.change_id:
        yield "change-id", traits.change_id

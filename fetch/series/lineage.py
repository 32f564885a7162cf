"""Which postings are revisions of one series. The rules stand in docs/series.md, in the same order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from .evidence import THRESHOLD, Link, Traits, index_keys, read_traits, same_people, share, weigh
from .revision import Posting
from .thread import UNDATED

NEIGHBOURS = 10
"""How many later postings under one key of the index each posting is compared with: cost stays linear."""

MOST_REVISIONS = 200
"""Postings of one lineage; more are made by a hostile archive, not by an author."""

ALONE_WITHIN = timedelta(days=7)
"""How soon a v3 that nothing joined must follow a v2 to be joined on poster, files and recipients alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Postings of one series, oldest first, and what joined each of them to an earlier one."""

    postings: tuple[Posting, ...]
    links: Mapping[Posting, Link]
    """By the later posting the strongest link to an earlier one."""


def find_lineages(postings: Sequence[Posting]) -> tuple[Lineage, ...]:
    """Group postings into lineages, in the order of their first posting.

    Pairs that share a key of the index are weighed, and joined from the strongest down to THRESHOLD where the
    two lineages so far fit each other: versions ascend with the dates, and none occurs twice but as a repost.
    """
    traits = sorted((read_traits(posting) for posting in postings), key=_order)
    links = sorted(
        (weigh(one, other) for one, other in _candidates(traits)),
        key=lambda link: (-link.points, _order(link.earlier), _order(link.later), link.earlier.title),
    )
    clusters = _Clusters(traits)
    for link in links:
        if link.points < THRESHOLD:
            break
        clusters.join(link)
    for link in _lonely(clusters, links):
        clusters.join(link)
    best: dict[Posting, Link] = {}
    for link in reversed([*links, *clusters.joined]):
        if clusters.of(link.earlier) is clusters.of(link.later) and (
            link.points >= THRESHOLD or link in clusters.joined
        ):
            best[link.later.posting] = link
    return tuple(
        Lineage(
            postings=tuple(member.posting for member in members),
            links={member.posting: best[member.posting] for member in members if member.posting in best},
        )
        for members in clusters.all()
    )


class _Clusters:
    """Disjoint sets of postings that grow by links, as long as their members fit each other."""

    def __init__(self, traits: Iterable[Traits]) -> None:
        self._of = {one: [one] for one in traits}
        self.joined: list[Link] = []

    def of(self, one: Traits) -> list[Traits]:
        return self._of[one]

    def all(self) -> list[list[Traits]]:
        distinct = {id(members): members for members in self._of.values()}
        return [sorted(members, key=_order) for members in distinct.values()]

    def join(self, link: Link) -> None:
        mine, theirs = self._of[link.earlier], self._of[link.later]
        if mine is theirs or len(mine) + len(theirs) > MOST_REVISIONS:
            return
        if all(_fit(*sorted((one, other), key=_order)) for one in mine for other in theirs):
            mine += theirs
            for member in theirs:
                self._of[member] = mine
            self.joined.append(link)


def _order(one: Traits) -> tuple[object, ...]:
    return one.date or UNDATED, one.number or (1, 0), one.posting.head.message.message_id


def _candidates(traits: Sequence[Traits]) -> Iterable[tuple[Traits, Traits]]:
    """Yield pairs with a key in common, each with the NEIGHBOURS next by date under every key, once."""
    by_key: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number, one in enumerate(traits):
        for key in dict.fromkeys(index_keys(one)):
            by_key[key].append(number)
    pairs = {
        (earlier, later)
        for numbers in by_key.values()
        for place, earlier in enumerate(numbers)
        for later in numbers[place + 1 : place + 1 + NEIGHBOURS]
    }
    return ((traits[earlier], traits[later]) for earlier, later in sorted(pairs))


def _fit(earlier: Traits, later: Traits) -> bool:
    """Whether the two can stand in one lineage, by what they say of version and release."""
    if earlier.releases and later.releases and earlier.releases.isdisjoint(later.releases):
        return False  # backports to different stable kernels
    mine, theirs = earlier.number, later.number
    if theirs is None or theirs == (1, 0) or mine == theirs:
        return _is_repost(earlier, later) or _is_part(later, earlier) or _is_part(earlier, later)
    if mine is None or earlier.date is None or later.date is None:
        return True
    return mine < theirs or _is_part(later, earlier)


def _is_repost(earlier: Traits, later: Traits) -> bool:
    """Whether `later` may have the number of `earlier`, or none: the same posted again, or an RFC no more."""
    if not same_people(earlier, later):
        return False
    subject = later.posting.head.subject
    if earlier.title == later.title or subject.resend:
        return True
    if earlier.posting.head.subject.rfc and not subject.rfc:
        return True
    return share(earlier.patch_titles, later.patch_titles) > 0.6 and share(earlier.lines, later.lines) > 0.6


def _is_part(part: Traits, whole: Traits) -> bool:
    """Whether `part` may be some patches of a series posted alone, which takes no number of its own."""
    posting = part.posting
    if posting.cover or len(part.patch_titles) * 2 > len(whole.patch_titles) or not same_people(part, whole):
        return False
    if posting.total is not None:
        return not posting.whole
    return part.title in whole.patch_titles and not part.answered.isdisjoint(whole.message_ids)


def _lonely(clusters: _Clusters, links: Sequence[Link]) -> list[Link]:
    """Return links between a lineage that starts at vN and the only one that ends at v(N-1) and resembles it.

    Poster, files and recipients agree, and no more than a week lies between; the title may be another.
    """
    found: dict[int, list[Link]] = defaultdict(list)
    for link in links:
        mine, theirs = clusters.of(link.earlier), clusters.of(link.later)
        if link.points >= THRESHOLD or mine is theirs or not _close(link):
            continue
        last = max((one.number or (1, 0))[0] for one in mine)
        first = min((one.number or (1, 0))[0] for one in theirs)
        if (
            first == last + 1
            and link.earlier is max(mine, key=_order)
            and link.later is min(theirs, key=_order)
        ):
            found[id(theirs)].append(link)
    taken: dict[Traits, int] = defaultdict(int)
    for candidates in found.values():
        for link in candidates:
            taken[link.earlier] += 1
    return [c[0] for c in found.values() if len(c) == 1 and taken[c[0].earlier] == 1]


def _close(link: Link) -> bool:
    one, other = link.earlier, link.later
    return (
        same_people(one, other)
        and one.date is not None
        and other.date is not None
        and other.date - one.date <= ALONE_WITHIN
        and share(one.paths, other.paths) >= 0.8
        and share(one.recipients, other.recipients) >= 0.8
    )

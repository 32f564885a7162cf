"""`--me ADDRESS`: which patches of a revision somebody must read again, and since when.

Read is a patch in the last revision in which they commented on it or gave a trailer to it; a comment on the
cover letter is none. What changed since is told by lines (steps.py): context and trailers are no change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...fetch.mail.message import Address
from ...fetch.series.assembly import Patch, Series
from ...fetch.series.person import same_person
from .asked import Asked
from .spots import Spot, Successors, find_patch
from .steps import Change, compare_patches

Need = Literal["changed", "message", "same", "not read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """One patch of the reviewed revision, for one reader."""

    patch: Patch
    since: int | None
    """Index of the revision in which they spoke of it last; None where they never did."""
    need: Need
    """"changed" (other lines), "message" (only the message), "same", or "not read"."""
    change: Change | None


def is_me(address: Address, me: str) -> bool:
    """Whether an address is that of the reader who gave "ADDRESS" or "Name <ADDRESS>"."""
    name, bracket, rest = me.partition("<")
    email = (rest.partition(">")[0] if bracket else me).strip()
    return same_person(address, Address(name=name.strip() if bracket else "", email=email))


def find_reread(
    series: Series, successors: Successors, asked: tuple[Asked, ...], me: str, revision: int
) -> tuple[Reread, ...]:
    """Say of each patch of the revision of that index whether `me` must read it again."""
    before = {later: spot for spot, later in successors.items()}
    spoken = _spoken(series, asked, me)
    found = []
    for patch in series.revisions[revision].patches:
        at: Spot | None = (revision, patch.position)
        while at is not None and at not in spoken:
            at = before.get(at)
        former = find_patch(series, at) if at is not None else None
        change = compare_patches(former, patch) if former is not None else None
        found.append(
            Reread(patch=patch, since=at[0] if at is not None else None, need=_need(change), change=change)
        )
    return tuple(found)


def _need(change: Change | None) -> Need:
    if change is None:
        return "not read"
    return "changed" if change.code else "message" if change.message else "same"


def _spoken(series: Series, asked: tuple[Asked, ...], me: str) -> set[Spot]:
    """The patches of which `me` spoke, or to which they gave a trailer."""
    numbers = {id(revision): at for at, revision in enumerate(series.revisions)}
    spoken = {
        (numbers[id(one.revision)], one.patch.position)
        for one in asked
        if one.revision is not None and one.patch is not None and is_me(one.comment.author, me)
    }
    for at, revision in enumerate(series.revisions):
        for patch in revision.patches:
            for trailer in patch.trailers:
                person = trailer.person
                if trailer.given_by and not trailer.mismatch and person and is_me(person, me):
                    spoken.add((at, patch.position))
    return spoken

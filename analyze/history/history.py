"""Everything that is known of a series' way through its revisions, put together for the reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...fetch.mail.message import Note
from ...fetch.series.assembly import Series
from ...fetch.series.tree_notes import TreeNote
from .asked import place_comments
from .blocks import Block, follow_blocks
from .breaks import find_breaks
from .changelog import read_items
from .claims import Claim, Unclaimed, check_claims
from .entry import Entry
from .ledger import build_ledger
from .lives import Life, follow_lives
from .reread import Reread, find_reread
from .spots import Successors, follow_patches, match_revisions
from .steps import Step, find_steps
from .trailers import TrailerLife, follow_trailers


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A series through its revisions."""

    entries: tuple[Entry, ...]
    """The ledger, in the order of the comments."""
    steps: tuple[Step, ...]
    trailers: tuple[TrailerLife, ...]
    claims: tuple[Claim, ...]
    unclaimed: tuple[Unclaimed, ...]
    tree_notes: tuple[TreeNote, ...]
    me: str | None
    """Whose comments come first; None where nobody asked."""
    reread: tuple[Reread, ...]
    """Of each patch of the reviewed revision, whether `me` must read it again; () without `me`."""
    lives: tuple[Life, ...] = ()
    """Every patch up to the reviewed revision: those that it has, by place, then those that ended."""
    blocks: tuple[Block, ...] = ()
    """Every function that the reviewed revision changes, through the revisions."""
    notes: tuple[Note, ...] = ()
    """What makes the history doubtful: missing and doubled revisions, other authors and titles."""


def build_history(
    series: Series,
    revision: int | None,
    *,
    me: str | None = None,
    successors: Successors | None = None,
    others: Sequence[Series] = (),
) -> History:
    """Build a series' history; `revision` is the index of the reviewed one, None where there is none."""
    matchings = match_revisions(series)
    matched = follow_patches(series, matchings) if successors is None else successors
    last = len(series.revisions) - 1 if revision is None else revision
    lives = follow_lives(series, matchings, last, others)
    steps = find_steps(series, matched)
    claims, unclaimed = check_claims(steps, read_items(series))
    reread: tuple[Reread, ...] = ()
    if me is not None and revision is not None:
        reread = find_reread(series, matched, place_comments(series), me, revision)
    return History(
        entries=build_ledger(series, matched, others),
        steps=steps,
        trailers=follow_trailers(series, matched),
        claims=claims,
        unclaimed=unclaimed,
        tree_notes=series.tree_notes,
        me=me,
        reread=reread,
        lives=lives,
        blocks=follow_blocks(series.revisions[: last + 1], lives) if last > 0 else (),
        notes=find_breaks(series, matchings),
    )

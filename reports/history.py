"""History -> what people read of it: the ledger in order, what is still open, what to read again.

Wording as docs/ledger.md has it: "no answer in this archive", never "ignored"; nothing is counted by person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..analyze.history.entry import Entry, Hunk
from ..analyze.history.history import History
from ..analyze.history.kinds import ASKING
from ..analyze.history.reread import is_me
from ..analyze.history.steps import Step
from ..analyze.history.trailers import TrailerLife
from ..analyze.review import Review
from ..fetch.series.assembly import Series
from .summary import patch_name
from .words import count, listing, lore_link, person, revision_name

GLYPHS = {
    "addressed": "✓",
    "partly": "◐",
    "open": "○",
    "moved": "→",
    "declined": "✗",
    "unknown": "·",
}
"""A glyph beside each state's word: never colour alone."""
ORDER = ("open", "partly", "moved", "declined", "unknown", "addressed")
WORDS = {"unknown": "not told by the mails here"}
MOST_ENTRIES = 200
"""Comments that a page lists; more are a number."""
MOST_OPEN = 2
"""Open comments that the first screen tells in their own words."""
TOLD_FATES = ("carried over, patch changed", "lost", "lost, patch changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEntry:
    """One entry of the ledger, as a page lists it."""

    entry: Entry
    glyph: str
    mine: bool
    """Whether by the reader that --me names."""
    where: str
    """"v2 3/9", "v2, cover letter"."""
    asks: str
    """Its first request, else the beginning of its text."""
    hunks: tuple[Hunk, ...]
    """Those worth a look: where the lines changed, or the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The ledger in the order in which a page lists it."""

    mine: tuple[ShownEntry, ...]
    groups: tuple[tuple[str, tuple[ShownEntry, ...]], ...]
    """State, and its entries; states that none has are left out."""
    silent: int
    """Comments that ask for nothing, as far as their words tell; not listed."""
    left_out: int
    """Entries beyond MOST_ENTRIES."""


def show_ledger(history: History, series: Series) -> Ledger:
    """Order the ledger: the reader's own first, then by state, what is open first."""
    asking = [entry for entry in history.entries if entry.kind in ASKING]
    shown = [_show(entry, history, series) for entry in asking]
    mine = [one for one in shown if one.mine]
    rest = [one for one in shown if not one.mine]
    ordered = sorted(rest, key=lambda one: ORDER.index(one.entry.state))
    kept = ordered[: max(0, MOST_ENTRIES - len(mine))]
    groups = [(state, tuple(one for one in kept if one.entry.state == state)) for state in ORDER]
    return Ledger(
        mine=tuple(sorted(mine, key=lambda one: ORDER.index(one.entry.state))[:MOST_ENTRIES]),
        groups=tuple((state, found) for state, found in groups if found),
        silent=len(history.entries) - len(asking),
        left_out=len(shown) - min(len(mine), MOST_ENTRIES) - len(kept),
    )


def open_entries(review: Review) -> tuple[Entry, ...]:
    """Return what is open of all revisions up to the reviewed one, the reader's own first."""
    history, revision = review.history, review.revision
    if history is None or revision is None:
        return ()
    found = [
        entry
        for entry in history.entries
        if entry.state == "open" and entry.revision and entry.revision.number <= revision.number
    ]
    return tuple(sorted(found, key=lambda entry: not _mine(entry, history)))


def entry_line(entry: Entry) -> str:
    """Return "Ann, v2 3/9: "Why not ...?""."""
    asked = entry.comment.requests[0] if entry.comment.requests else " ".join(entry.comment.text.split())
    return f'{person(entry.comment.author)}, {_where(entry)}: "{asked}"'


def my_lines(review: Review) -> list[str]:
    """Return what became of the reader's own comments: a line by state, then those that are not done."""
    history = review.history
    if history is None or history.me is None:
        return []
    mine = [entry for entry in history.entries if entry.kind in ASKING and _mine(entry, history)]
    if not mine:
        return ["No comment of yours that asks for something is in this archive."]
    states = [f"{sum(e.state == state for e in mine)} {WORDS.get(state, state)}" for state in ORDER]
    lines = [f"Your comments: {listing([said for said in states if not said.startswith('0 ')])}."]
    left = [entry for state in ORDER[:4] for entry in mine if entry.state == state]
    return lines + [f"{GLYPHS[entry.state]} {entry.state}, {entry_line(entry)}" for entry in left[:MOST_OPEN]]


def ledger_lines(review: Review) -> list[str]:
    """Return a line for each comment that asks for something: its state, whose it is, and why."""
    if review.history is None:
        return []
    ledger = show_ledger(review.history, review.series)
    shown = [*ledger.mine, *(one for _, found in ledger.groups for one in found)]
    lines = [
        f"{one.glyph} {one.entry.state}: {entry_line(one.entry)} ({one.entry.evidence.why})" for one in shown
    ]
    return lines + ([f"and {count(ledger.left_out, 'more comment')}"] if ledger.left_out else [])


def reread_sentences(review: Review) -> list[str]:
    """Say what the reader that --me names must read again, and what not."""
    history, revision = review.history, review.revision
    if history is None or revision is None or not history.reread:
        return []
    names = [revision_name(one) for one in review.series.revisions]
    said: dict[str, list[str]] = {"changed": [], "message": [], "same": [], "not read": []}
    for one in history.reread:
        since = f" (since {names[one.since]})" if one.since is not None and one.need != "same" else ""
        said[one.need].append(patch_name(one.patch, revision) + since)
    words = (
        ("changed", "You read before, and it changed"),
        ("message", "Only the commit message is another"),
        ("not read", "You said nothing of"),
        ("same", "As when you spoke of it"),
    )
    return [f"{text}: {listing(said[need], 6)}." for need, text in words if said[need]]


def step_lines(step: Step, series: Series) -> list[str]:
    """Say what changed from one revision to the next, patch by patch; those that did not in one line."""
    revision = series.revisions[step.revision]
    lines = []
    for pair in step.pairs:
        name = f"{patch_name(pair.patch, revision)} {pair.patch.title}"
        if pair.kind == "new":
            lines.append(f"{name}: new")
        elif pair.kind == "message":
            lines.append(f"{name}: only the commit message is another")
        elif pair.change and pair.kind == "changed":
            lines.append(f"{name}: {_counts(len(pair.change.gained), len(pair.change.lost))}")
    lines += [f'"{patch.title}" is gone' for patch in step.gone]
    same = [patch_name(pair.patch, revision) for pair in step.pairs if pair.kind == "same"]
    if same:
        lines.append(f"as before, context and trailers aside: {listing(same, 12)}")
    return lines


def claim_lines(history: History, series: Series) -> list[str]:
    """Say which changelog lines no change shows, and which changes no changelog line speaks of."""
    names = [revision_name(one) for one in series.revisions]
    lines = [
        f'{names[claim.item.revision]} claims "{claim.item.text}": no changed diff has what it names'
        for claim in history.claims
        if claim.found == "not found"
    ]
    words = {"changed": "changed", "new": "is new", "gone": "is gone"}
    lines += [
        f'{names[one.revision]}: "{one.patch.title}" {words[one.what]}; its changelog does not speak of that'
        for one in history.unclaimed
    ]
    return lines


def told_trailers(history: History) -> tuple[TrailerLife, ...]:
    """Return the trailers worth a look: lost ones, and those kept on a patch that changed, newest first."""
    told = [life for life in history.trailers if life.fate in TOLD_FATES]
    return tuple(sorted(told, key=lambda life: (-life.revision, life.position)))


def trailer_line(life: TrailerLife, series: Series) -> str:
    """Return "v2 3/9 Reviewed-by: Ann: carried over to v3, patch changed (4 lines new, 1 gone)"."""
    revision, later = series.revisions[life.revision], series.revisions[life.revision + 1]
    patch = next(one for one in revision.patches if one.position == life.position)
    who = life.trailer.person
    name = f"{life.trailer.name}: {person(who) if who else life.trailer.value}"
    fate = life.fate.replace("carried over", f"carried over to {revision_name(later)}")
    fate = fate.replace("lost", f"not in {revision_name(later)}")
    counts = (
        f" ({_counts(len(life.change.gained), len(life.change.lost))})"
        if life.change and life.change.code
        else ""
    )
    return f"{revision_name(revision)} {patch_name(patch, revision)} {name}: {fate}{counts}"


def tree_lines(history: History) -> list[tuple[str, str | None]]:
    """Return what the -mm tree's mails say, each with its link."""
    words = {
        "added": "added to the -mm tree",
        "removed": "removed from the -mm tree",
        "fix": "a fix, folded into it",
    }
    return [
        (f"{note.title}: {words[note.kind]}", lore_link(note.message.message_id))
        for note in history.tree_notes
    ]


def _show(entry: Entry, history: History, series: Series) -> ShownEntry:
    comment = entry.comment
    asks = " ".join(comment.requests[:2]) or " ".join(comment.text.split())[:300]
    changed = [hunk for hunk in entry.evidence.hunks if hunk.kind in ("changed", "around", "elsewhere")]
    return ShownEntry(
        entry=entry,
        glyph=GLYPHS[entry.state],
        mine=_mine(entry, history),
        where=_where(entry),
        asks=asks,
        hunks=tuple(changed[:1] or entry.evidence.hunks[-1:]),
    )


def _mine(entry: Entry, history: History) -> bool:
    return history.me is not None and is_me(entry.comment.author, history.me)


def _where(entry: Entry) -> str:
    if entry.revision is None:
        return "on mail that is not at hand"
    if entry.patch is None:
        return f"{revision_name(entry.revision)}, cover letter"
    return f"{revision_name(entry.revision)} {patch_name(entry.patch, entry.revision)}"


def _counts(gained: int, lost: int) -> str:
    parts: Sequence[str] = [
        f"{count(gained, 'line')} new" if gained else "",
        f"{count(lost, 'line')} gone" if lost else "",
    ]
    return ", ".join(part for part in parts if part) or "the same lines elsewhere"

"""SeriesHistory -> lines for a terminal, and the JSON document lorelens/history/1 (docs/store.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from .store.values import KeptFunction, KeptRevision, SeriesHistory
from .visible import plain
from .words import count

MOST_SHOWN = 20
"""Functions, and comments, of one series that a terminal shows."""


def history_document(histories: Sequence[SeriesHistory]) -> dict[str, Any]:
    """Return what `lorelens history --format json` prints."""
    return {"schema": "lorelens/history/1", "series": [asdict(history) for history in histories]}


def history_text(histories: Sequence[SeriesHistory], store: str) -> str:
    """Return what `lorelens history` prints."""
    if not histories:
        return f"Nothing in {plain(store)} is like that.\n"
    blocks = ["\n".join(_lines(history)) for history in histories]
    return "\n\n".join([*blocks, f"{len(histories)} series in {plain(store)}."]) + "\n"


def _lines(history: SeriesHistory) -> Iterator[str]:
    yield f"{plain(one_line(history.title)) or '(no title)'}"
    yield f"  {plain(history.author) or 'author not known'}; {count(history.mails, 'mail')}"
    for revision in history.revisions:
        yield f"  {revision_line(history, revision)}"
    reviewed = [one for one in history.reviews if one.newest]
    if not reviewed:
        yield "  not reviewed"
    states = comment_counts(history)
    if states:
        words = ", ".join(f"{number} {state}" for state, number in states)
        yield f"  {count(len(history.comments), 'comment')}: {words}"
    for one in history.comments[-MOST_SHOWN:]:
        if one.requests or one.state != "unknown":
            where = f" {one.path}:{one.line}" if one.path else ""
            said = one_line(one.requests[0] if one.requests else one.text)[:100]
            yield f"    {one.state}: {plain(f'{day(one.date)} {one.author}{where}: {said}')}"
    for function in history.functions[:MOST_SHOWN]:
        yield f"  {plain(f'{function.path} {function.name}')}: {life(function)}"
    if len(history.functions) > MOST_SHOWN:
        yield f"  and {count(len(history.functions) - MOST_SHOWN, 'more function')}"
    for finding in history.findings[:MOST_SHOWN]:
        text = f"{finding.severity} {finding.check}: {finding.title} ({finding.path}:{finding.line})"
        yield f"  v{finding.revision} {plain(text)}"


def revision_line(history: SeriesHistory, revision: KeptRevision) -> str:
    """Return "v2, 2026-03-12: 3 patches; reviewed 2026-04-01"."""
    made = [one.made_at for one in history.reviews if one.revision == revision.number]
    label = plain(revision.label)
    name = label if "v" in label.lower() else f"{label} v{revision.number}".strip()
    here = count(len(revision.patches), "patch")
    if not revision.complete:
        here = f"{len(revision.patches)} of {count(revision.expected or 0, 'patch')} here"
    times = f"; reviewed {day(max(made))}" if made else ""
    return f"{name}, {day(revision.date)}: {here}{times}"


def comment_counts(history: SeriesHistory) -> list[tuple[str, int]]:
    """Return the states of the comments and how often, most frequent first."""
    found = Counter(one.state for one in history.comments)
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))


def life(function: KeptFunction) -> str:
    """Return "v1 changed, v2 undecided (budget)"."""
    parts = []
    for one in function.verdicts:
        why = f" ({one.code})" if one.verdict == "undecided" and one.code else ""
        parts.append(f"v{one.revision} {one.verdict}{why}")
    return plain(", ".join(dict.fromkeys(parts)))


def day(date: str | None) -> str:
    """Return the day of an ISO date."""
    return date[:10] if date else "date not known"


def one_line(text: str) -> str:
    """Return a text with its blanks and line ends as single blanks."""
    return " ".join(text.split())

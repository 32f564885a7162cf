"""SeriesHistory -> a static timeline page, in the report's frame and under its policy (docs/store.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .history_text import comment_counts, day, one_line, revision_line
from .html import render_page
from .store.values import KeptComment, KeptFunction, SeriesHistory
from .words import count

MOST_SERIES = 200
MOST_ROWS = 400
"""Functions, and comments, of one series that a page shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened on a day."""

    day: str
    kind: str
    """"posted", "said" or "reviewed": a class of the style sheet."""
    text: str
    message_id: str | None
    """Of the mail, where it was one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A function, and for each revision what is known of it."""

    name: str
    path: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSeries:
    """One series as the page shows it."""

    id: str
    title: str
    author: str
    events: tuple[Event, ...]
    revisions: tuple[str, ...]
    """Names, for the table of functions."""
    functions: tuple[Life, ...]
    more_functions: int
    comments: tuple[KeptComment, ...]
    more_comments: int
    counts: str
    history: SeriesHistory


def render_history(histories: Sequence[SeriesHistory], version: str, store: str) -> dict[str, bytes]:
    """Return file name -> content: one page. The same histories give the same bytes."""
    shown = [_show(number, history) for number, history in enumerate(histories[:MOST_SERIES], 1)]
    values: dict[str, object] = {
        "review": {"version": version},  # the frame's
        "series": shown,
        "store": store,
        "total": len(histories),
        "left_out": max(0, len(histories) - MOST_SERIES),
    }
    return {"history.html": render_page("history.html", values)}


def _show(number: int, history: SeriesHistory) -> ShownSeries:
    numbers = [revision.number for revision in history.revisions]
    functions = [_life(function, numbers) for function in history.functions]
    told = [one for one in history.comments if one.requests or one.state != "unknown" or one.text.strip()]
    return ShownSeries(
        id=f"s{number}",
        title=one_line(history.title) or "(no title)",
        author=history.author or "author not known",
        events=tuple(sorted(_events(history), key=lambda event: event.day)),
        revisions=tuple(f"v{number}" for number in numbers),
        functions=tuple(functions[:MOST_ROWS]),
        more_functions=max(0, len(functions) - MOST_ROWS),
        comments=tuple(told[:MOST_ROWS]),
        more_comments=max(0, len(told) - MOST_ROWS),
        counts=", ".join(f"{number} {state}" for state, number in comment_counts(history)),
        history=history,
    )


def _events(history: SeriesHistory) -> Iterator[Event]:
    """Yield the postings, who commented on which day, and the reviews."""
    for revision in history.revisions:
        text = revision_line(history, revision)
        yield Event(day=day(revision.date), kind="posted", text=f"Posted {text}", message_id=revision.head)
    said = Counter((day(one.date), one.author, one.message_id) for one in history.comments)
    for (when, author, message_id), number in said.items():
        text = f"{author or 'Somebody'}: {count(number, 'comment')}"
        yield Event(day=when, kind="said", text=text, message_id=message_id)
    for one in history.reviews:
        what = f"v{one.revision}" if one.revision is not None else "the thread"
        text = f"Reviewed {what} with lorelens {one.version}; tree: {one.tree}"
        yield Event(day=day(one.made_at), kind="reviewed", text=text, message_id=None)


def _life(function: KeptFunction, numbers: Sequence[int]) -> Life:
    cells = []
    for number in numbers:
        found = [one for one in function.verdicts if one.revision == number]
        words = [
            f"{one.verdict} ({one.code})" if one.verdict == "undecided" else one.verdict for one in found
        ]
        cells.append(", ".join(dict.fromkeys(words)) or "-")
    return Life(name=function.name, path=function.path, cells=tuple(cells))

"""RevisionDiff -> one static page, under the same rules as the report's (docs/report.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from ..analyze.history.functions import FunctionInterdiff
from ..analyze.history.hunks import FileInterdiff, InterLine
from ..analyze.history.interdiff import PatchInterdiff, RevisionDiff
from ..analyze.history.matching import LonePatch
from . import words
from .behaviour import REPLAY
from .delta import witness_value
from .diff_words import (
    LONE,
    diff_heading,
    diff_sentence,
    file_words,
    folded_sentence,
    function_words,
    is_folded,
    not_compared,
    tag_lines,
)
from .html import content_policy, page_environment, static_file
from .verdict import judge_delta

MOST_SHOWN = 3000
"""Lines of one file's interdiff that the page shows; the document has all."""
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """A line of a hunk as the page marks it."""

    kind: str
    """"add", "del", "hunk" or "same"."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFile:
    """A file of a pair."""

    path: str
    words: str
    lines: tuple[ShownLine, ...]
    left_out: int
    """Lines beyond MOST_SHOWN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """A difference in behaviour."""

    when: str
    before: str
    after: str
    replay: str
    reason: str
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFunction:
    """A function of a pair."""

    name: str
    path: str
    words: str
    compared: bool
    rows: tuple[ShownRow, ...]
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPair:
    """A patch in both revisions."""

    id: str
    patch: PatchInterdiff
    folded: bool
    files: tuple[ShownFile, ...]
    functions: tuple[ShownFunction, ...]
    not_compared: tuple[str, ...]
    """A sentence for each reason why functions were not compared."""
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEntry:
    """A line of the table: a pair, or a patch without a partner."""

    before: str
    after: str
    title: str
    words: str
    anchor: str
    """"" where the pair has no part of its own on the page."""


def render_diff(diff: RevisionDiff) -> bytes:
    """Return the page. The same diff gives the same bytes."""
    pairs = tuple(_pair(number, patch) for number, patch in enumerate(diff.patches, 1))
    style, script = static_file("style.css"), static_file("keys.js")
    values = {
        "review": {"version": diff.version},
        "diff": diff,
        "heading": diff_heading(diff),
        "sentence": diff_sentence(diff),
        "folded": folded_sentence(diff.patches),
        "pairs": [pair for pair in pairs if not pair.folded],
        "table": _table(diff, pairs),
        "style": Markup(style),  # noqa: S704 -- the package's own files
        "script": Markup(script),  # noqa: S704
        "policy": content_policy(style, script),
    }
    text = page_environment().get_template("diff.html").render(values)
    return _LONE_SURROGATE.sub("\ufffd", text).encode()


def _pair(number: int, patch: PatchInterdiff) -> ShownPair:
    return ShownPair(
        id=f"p{number}",
        patch=patch,
        folded=is_folded(patch),
        files=tuple(map(_file, patch.files)),
        functions=tuple(_function(one) for one in patch.functions if one.symbol == "function"),
        not_compared=tuple(not_compared(patch)),
        tags=tuple(tag_lines(patch.message)),
    )


def _file(file: FileInterdiff) -> ShownFile:
    lines = list(_lines(file))
    return ShownFile(
        path=file.path,
        words=file_words(file),
        lines=tuple(lines[:MOST_SHOWN]),
        left_out=max(len(lines) - MOST_SHOWN, 0),
    )


def _lines(file: FileInterdiff) -> Iterator[ShownLine]:
    for hunk in file.hunks:
        yield ShownLine(kind="hunk", text=f"@@ {hunk.section}")
        for line in hunk.lines:
            yield ShownLine(kind=_kind(line), text=f"{line.side}{line.sign}{line.text}")


def _kind(line: InterLine) -> str:
    return {"+": "add", "-": "del"}.get(line.side, "same")


def _function(function: FunctionInterdiff) -> ShownFunction:
    judged = judge_delta(function.delta) if function.delta else None
    return ShownFunction(
        name=function.name,
        path=function.path,
        words=function_words(function),
        compared=function.delta is not None,
        rows=tuple(
            ShownRow(
                when=row.when,
                before=row.before,
                after=row.after,
                replay=REPLAY[row.replay],
                reason=row.replay_reason or "",
                inputs=tuple(witness_value(row.witness).items()),
            )
            for row in (judged.differences if judged else ())
        ),
        assumptions=judged.assumptions if judged else (),
    )


def _table(diff: RevisionDiff, pairs: tuple[ShownPair, ...]) -> list[ShownEntry]:
    """Return the lines of the table: by place in the later revision, then what is gone."""
    rows = [(pair.patch.pair.after.position, 0, _pair_entry(pair)) for pair in pairs]
    rows += [(lone.patch.position, 1, _lone_entry(lone, came=True)) for lone in diff.matching.come]
    gone = [_lone_entry(lone, came=False) for lone in diff.matching.gone]
    return [*(entry for _, _, entry in sorted(rows, key=lambda row: row[:2])), *gone]


def _pair_entry(pair: ShownPair) -> ShownEntry:
    one = pair.patch.pair
    return ShownEntry(
        before=str(one.before.position),
        after=str(one.after.position),
        title=words.titled(one.after),
        words=f"unchanged: {one.words}" if pair.folded else one.words,
        anchor="" if pair.folded else pair.id,
    )


def _lone_entry(lone: LonePatch, *, came: bool) -> ShownEntry:
    place = str(lone.patch.position)
    return ShownEntry(
        before="-" if came else place,
        after=place if came else "-",
        title=words.titled(lone.patch),
        words=f"{LONE[lone.kind]}: {lone.words}",
        anchor="",
    )

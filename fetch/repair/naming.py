"""What was repaired, named for a reader: one Repair a kind of damage, with the number of lines and the
evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .fitting import Fitted
from .reading import Item
from .region import FileRegion
from .result import Repair
from .stream import squeeze

_WHAT = {
    "unquoted": "quote marks of a reply taken off",
    "interleaved": "lines that are no part of the diff (a reviewer's remarks, a signature) left out",
    "header": "the file's header put together again by the grammar of git diff",
    "line-ends": "line ends that were lost put back by the hunks' counts and the signs",
    "unwrapped": "lines that a mailer had wrapped joined again",
    "leading-blank": "white space in front of context and removed lines put back",
    "empty-line": "empty lines put back by the hunks' counts",
    "tabs": "tabs that had become blanks put back",
    "indentation": "indentation of added lines made again",
    "blanks": "runs of blanks inside lines or at their ends made again",
    "address": "text that the archive had masked or changed taken from the pre-image",
}


def _changes(item: Item) -> Iterable[str]:
    """Yield the kinds of damage that were made good in one line."""
    text = item.seen if item.text is None else item.text
    seen = item.seen
    if item.pieces > 1:
        yield "unwrapped"
    if text == seen:
        return
    if squeeze(text) != squeeze(seen):
        yield "address"
    lead, shown = text[: len(text) - len(text.lstrip())], seen[: len(seen) - len(seen.lstrip())]
    if lead != shown:
        if "\t" in lead and len(shown) > 1:
            yield "tabs"
        else:
            yield "indentation" if item.sign == "+" else "leading-blank"
    inner, shown_inner = text.lstrip(), seen.lstrip()
    if inner != shown_inner and squeeze(inner) == squeeze(shown_inner):
        yield (
            "tabs"
            if "\t" in inner and inner.count("\t") > shown_inner.count("\t") and "  " in shown_inner
            else "blanks"
        )


def name_repairs(
    region: FileRegion, fits: list[Fitted], items: list[list[Item]], evidence: str
) -> tuple[Repair, ...]:
    """Return the file's repairs, each with `evidence` (what stands behind the guesses)."""
    counts: Counter[str] = Counter()
    counts["unquoted"] = region.quoted
    counts["header"] = len(region.header.lines) if region.rebuilt else 0
    for fitted, lines in zip(fits, items, strict=True):
        for item in lines:
            counts.update(_changes(item))
        if fitted.joined:
            counts["line-ends"] += len(lines)
        elif fitted.alignments:
            segments = fitted.alignments[0].segments
            counts["interleaved"] += sum(segment.kind == "#" for segment in segments)
            counts["unwrapped"] += sum(
                segment.kind == "@" and fitted.stream.pieces(0, segment.end) > 1 for segment in segments
            )
            empty = sum(segment.kind == " " and segment.begin == segment.end for segment in segments)
            shown = sum(fitted.stream.blanks)
            counts["empty-line"] += max(0, empty - shown)
    return tuple(
        Repair(kind=kind, lines=counts[kind], detail=f"{what}; {evidence}" if evidence else what)
        for kind, what in _WHAT.items()
        if counts[kind]
    )

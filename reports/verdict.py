"""What is said of a changed function's behaviour, by its text or by the engine. The rule: docs/report.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..analyze.engine.delta import Delta, Difference
from ..analyze.functions import ChangedFunction
from .words import count

_SAME_TEXT = {"comment-only", "white-space", "moved", "unchanged"}
ASSUMPTIONS = (
    "the functions, macros and types that it names are as they were",
    "text that __LINE__ or a stringising macro makes of the source is not behaviour",
)
MOVED_ASSUMPTION = "the names in it mean the same at its new place in the file"


STANDING = (
    "no other thread writes between this function's own effects",
    "callees whose text did not change do as before; a call not known to be pure is an effect",
    "what is printed, traced or asserted for lockdep is not behaviour",
)
"""What every verdict of the engine assumes (docs/engine.md, section 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict with what it rests on."""

    verdict: Literal["preserved", "changed", "undecided"]
    code: str
    """A slug: "same-text", "not-compared", "proved", "differs", or the code of the engine's reason."""
    text: str
    """The reason, a clause for a reader."""
    assumptions: tuple[str, ...]
    differences: tuple[Difference, ...] = ()
    bounded: bool = False


def judge(function: ChangedFunction) -> Judged:
    """Say what is known of a changed function: from its text where that suffices, else from its Delta."""
    by_text = judge_text(function)
    delta = function.delta
    if by_text.verdict == "preserved" or delta is None:
        return by_text
    return judge_delta(delta)


def judge_delta(delta: Delta) -> Judged:
    """Put the engine's verdict in words."""
    assumptions = (*delta.assumptions, *STANDING)
    if delta.verdict == "preserved":
        text = "behaves as before, single-threaded, given what it assumes"
        return Judged(verdict="preserved", code="proved", text=text, assumptions=assumptions)
    if delta.verdict == "changed":
        return Judged(
            verdict="changed",
            code="differs",
            text=_changed_text(delta),
            assumptions=assumptions,
            differences=delta.differences,
            bounded=delta.bounded,
        )
    code, text = ("unparsed", "") if delta.reason is None else (delta.reason.code, delta.reason.text)
    return Judged(
        verdict="undecided", code=code, text=text, assumptions=assumptions if delta.assumptions else ()
    )


def _changed_text(delta: Delta) -> str:
    replayed = sum(row.replay == "confirmed" for row in delta.differences)
    text = f"{count(len(delta.differences), 'difference')}, {replayed} replayed on compiled C"
    return f"{text}; loops were followed for two turns, there may be more" if delta.bounded else text


def judge_text(function: ChangedFunction) -> Judged:
    """Say "preserved" where both texts are at hand whole and are the same up to comments and white space.

    The two must stand in one file and under one preprocessor condition, since a name may mean something else
    in another. Whatever differs in more is undecided, also where a reader sees at once that it does the same.
    """
    pre, post, kinds = function.pre, function.post, set(function.kind)
    if pre is None or post is None:
        return _not_compared("it is new" if pre is None else "it is gone")
    if not kinds or not kinds <= _SAME_TEXT:
        return _not_compared("its text differs beyond comments and white space")
    if not (pre.whole and post.whole):
        return _not_compared("only the lines that the diff shows are at hand")
    if not (pre.clean and post.clean):
        return _not_compared("its text does not parse without an error")
    if (pre.path, pre.config) != (post.path, post.config):
        return _not_compared("the same text now stands in another file or under another #ifdef")
    if _directives(pre.text) != _directives(post.text):
        return _not_compared("a preprocessor line in it differs")  # there, a line end has a meaning
    return Judged(
        verdict="preserved",
        code="same-text",
        text="the same text up to comments and white space",
        assumptions=(*ASSUMPTIONS, MOVED_ASSUMPTION) if "moved" in kinds else ASSUMPTIONS,
    )


def _directives(text: str) -> list[str]:
    """Return the preprocessor lines, joined where a backslash continues them, blanks alike."""
    lines = text.replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line.lstrip().startswith("#")]


def _not_compared(why: str) -> Judged:
    text = f"{why}; behaviour was not compared"
    return Judged(verdict="undecided", code="not-compared", text=text, assumptions=())

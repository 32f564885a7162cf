"""What can be said of a changed function's behaviour from its text alone. The rule: docs/report.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..analyze.functions import ChangedFunction

_SAME_TEXT = {"comment-only", "white-space", "moved", "unchanged"}
ASSUMPTIONS = (
    "the functions, macros and types that it names are as they were",
    "text that __LINE__ or a stringising macro makes of the source is not behaviour",
)
MOVED_ASSUMPTION = "the names in it mean the same at its new place in the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextVerdict:
    """A verdict that rests on comparing texts."""

    verdict: Literal["preserved", "undecided"]
    code: str
    """A slug: "same-text" or "not-compared"."""
    text: str
    """The reason, a clause for a reader."""
    assumptions: tuple[str, ...]


def judge_text(function: ChangedFunction) -> TextVerdict:
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
    return TextVerdict(
        verdict="preserved",
        code="same-text",
        text="the same text up to comments and white space",
        assumptions=(*ASSUMPTIONS, MOVED_ASSUMPTION) if "moved" in kinds else ASSUMPTIONS,
    )


def _directives(text: str) -> list[str]:
    """Return the preprocessor lines, joined where a backslash continues them, blanks alike."""
    lines = text.replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line.lstrip().startswith("#")]


def _not_compared(why: str) -> TextVerdict:
    text = f"{why}; behaviour was not compared"
    return TextVerdict(verdict="undecided", code="not-compared", text=text, assumptions=())

"""What a comment is, told by rules; they stand in docs/ledger.md in the same order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from ...fetch.comment.quote import Comment
from ...fetch.patch.robot_name import is_robot

Kind = Literal["question", "request", "nit", "praise", "trailer", "robot", "notice", "remark"]
ASKING = ("question", "request", "nit", "robot")
"""Kinds that ask for something."""

_I = re.IGNORECASE | re.VERBOSE
_NIT = re.compile(
    r"""
    \b(?:nit|nits|nitpick\w*|bikeshed\w*|typos?|misspel\w+|spelling|grammar|cosmetic|checkpatch|indent\w*
        |whitespace
        |white\sspaces?|(?:blank|empty|new)\s?lines?|line\sbreaks?|trailing\s\w+|braces|brackets
            |parenthes[ie]s|capitali[sz]e\w*)\b
    | ^minor\b | (?<!\w)s/[^/\s][^/]{0,80}/[^/]{0,80}/
    """,
    _I,
)
_PROPOSES = re.compile(
    r"""
    \b(?:can|could|should|shall|may|might|would|must)(?:n't|n’t)?\s(?:you|we|i|this|that|it|they|these|the
        |there|be)\b
    | \b(?:why\snot|why\s(?:don't|can't|cannot|doesn't)|how\sabout|what\sabout|maybe|perhaps|instead|better
        |rather|nicer|cleaner|simpler|worth|mind\sto|mind\s\w+ing)\b
    | \b(?:isn't|is\snot|aren't|wasn't|doesn't|don't|didn't)\s(?:it|this|that|there|we|you)\b
    | \b(?:do|does|did)\s(?:we|you|it|this)\s(?:still\s|really\s|even\s|also\s)?need\b | \bneed\sto\sbe\b
        | \bany\sreason\s(?:to\snot|not\sto|why)\b
    | ^(?:also\s|and\s|or\s|then\s)?(?:add|use|drop|remove|rename|move|fix|make|split|document|explain
        |update|merge|squash|fold|keep|put|call)\b
    """,
    _I,
)
_PRAISE = re.compile(
    r"""
    \b(?:looks?|seems?|sounds?|is|reads?)\s(?:\w+\s){0,2}(?:good|great|fine|nice|better|ok|okay|correct
        |sane|reasonable|right)\b
    | \b(?:thanks?|thank\syou|lgtm|nice|great|awesome|cool|well\sdone|good\s(?:job|work)|like\s(?:it|this)
        |works\sfor\sme|\+1|happy\swith)\b
    """,
    _I,
)
_ANNOUNCES = re.compile(
    r"(?:\S+ ){0,8}(?:nits?|typos?|comments?|questions?|things?)(?: \S+){0,6}[.:,…]*", re.IGNORECASE
)
"""What only says that something follows."""
_ASIDE = re.compile(
    r"\b(?:out of topic|off[- ]topic|another story|nothing to do with this (?:patch|series))\b", re.IGNORECASE
)
"""What says itself that it is about something else."""
_GOOD = re.compile(
    r"(?:this |it |that |all )?(?:looks|seems) (?:very |pretty |all )?(?:good|fine|great|nice|ok)\b",
    re.IGNORECASE,
)
_PLEADS = re.compile(r"\b(?:please|(?:could|can|would|will) you|mind (?:to|\w+ing))\b", re.IGNORECASE)
_ORDERS = re.compile(r"^(?:please )?(?:don't|do not|don’t)\b", re.IGNORECASE | re.MULTILINE)
_FAILS = re.compile(
    r"""
    ^\s{0,8}\[\s{0,8}[0-9]{1,7}\.[0-9]{6}\] | \b(?:call\strace:|BUG:\s|UBSAN:|KASAN:|Oops:|kernel\spanic
        |error:\s|undefined\sreference)
    | \b(?:isn't|is\snot|doesn't|does\snot|not)\s(?:work|working|build|compile|boot|apply)\b
        | \bfails?\sto\s(?:build|compile|boot|apply|link)\b
    """,
    _I | re.MULTILINE,
)
"""What a failure looks like in a person's mail."""
_SHORT = 12
"""Words of a text that only goes with a trailer."""
_PRAISE_WORDS = 40


def kind_of(comment: Comment, *, gives_trailer: bool, rests: bool) -> Kind:
    """Say what a comment is.

    `gives_trailer` where its mail gives a Reviewed-by or the like; `rests` where it answers an author and
    opens with "I see" or "fair enough".
    """
    if is_robot(comment.author):
        return "robot"
    asks = any(request.rstrip("\"')] ").endswith("?") for request in comment.requests)
    if comment.requests and (asks or not rests):
        if _ANNOUNCES.fullmatch(comment.text[:400].strip()) or _ASIDE.search(comment.text[:2000]):
            return "remark"
        if len(comment.requests) == 1 and not asks and _GOOD.match(comment.requests[0]):
            return "praise"
        if _FAILS.search(comment.text[:20_000]) or _ORDERS.search(comment.text[:2000]):
            return "request"
        if _PLEADS.search(comment.text[:4000]):
            return "nit" if _NIT.search(comment.text[:2000]) else "request"
        if all(is_pure_question(request) for request in comment.requests):
            return "question"
        return "nit" if _NIT.search(comment.text[:2000]) else "request"
    if _FAILS.search(comment.text[:20_000]):
        return "request"
    words = len(comment.text.split())
    if gives_trailer and words <= _SHORT:
        return "trailer"
    if words <= _PRAISE_WORDS and _PRAISE.search(comment.text):
        return "praise"
    return "remark"


def asks_by_answer(kind: Kind, taken: Sequence[object]) -> Kind:
    """A remark that an author takes up (promises, puts off, refuses) was a request, whatever its words."""
    return "request" if kind == "remark" and taken else kind


def is_pure_question(sentence: str) -> bool:
    """Whether a sentence wants to know something, and proposes nothing."""
    return (
        sentence.rstrip("\"')] ").endswith("?")
        and not _PROPOSES.search(sentence)
        and not _NIT.search(sentence)
    )

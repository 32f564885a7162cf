"""What in a later revision's text shows that a comment was followed.

    a run        four words or more that the comment proposes, new in the later patch
    s/a/b/       a is gone from the quoted lines, and b stands there
    a name       a word that the comment names, new in place of the quoted lines; or gone, where it asks so
    taken out    the quoted lines are gone, and the comment asks for that

That something beside the quoted lines changed proves nothing, and neither does that they changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice

from ...fetch.comment.anchor import squeeze
from ...fetch.comment.quote import Comment
from .spoken import TELLING, Block, Fate
from .texts import PatchText, words_of

RUN = 4
"""Words of a comment that must stand in a row."""
MOST_PHRASES = 20
"""Passages in quotation marks of one comment that are looked for."""
MOST_WORDS = 4000
"""Words of a comment that are looked at."""

_SUBSTITUTION = re.compile(
    r"(?<![\w/])s(?P<by>[/,|#])(?P<old>[^/\n]{1,80}?)(?P=by)(?P<new>[^/\n]{0,80}?)(?:(?P=by)|\?|$)"
)
_REMOVE = re.compile(
    r"\b(?:drop(?:ped|ping)?|remov\w+|delet\w+|get(?:ting)?\srid|omit\w*|kill|no\sneed|needless\w*|"
    r"not\s(?:really\s|strictly\s)?(?:be\s)?(?:needed|necessary|required)|unnecessary|unneeded|unused|redundant|superfluous|useless|"
    r"pointless|irrelevant|stray|leftover|extra|excessive|out\sof\splace|(?:why|do)\s(?:do\s)?(?:we|you)\s(?:\w+\s)?need|"
    r"don't\s(?:add|need|use)|do\snot\s(?:add|need|use)|should(?:n't|\snot)\sbe\shere|squash|without|instead|avoid)\b",
    re.IGNORECASE,
)
_NO_WORDS = re.compile(r"(?<!\S)\S{0,400}://\S*|(?<!\S)\S{1,200}@\S+|^[ \t]*(?:[$#] |>).*$", re.MULTILINE)
"""Links, addresses, commands and deeper quotes: no words of the comment's own."""
_LIKE = 0.6
"""How alike two lines are of which one took the other's place."""
_FEW = 15
"""Words of a comment so short that one word of it tells what it is about."""
_QUOTED = re.compile(
    r"\"([^\"]{6,200})\"|(?<!\w)'([^']{6,200})'(?!\w)|`([^`']{6,200})[`']|[“‘]([^”’]{6,200})[”’]"
)
_COMMON = frozenset(
    re.findall(
        r"\w+",
        """
    a about above add after again all already also always am an and another any are as at back be
    because been before being below better between both but by call called can case change changed check
    code comment could did different do does doing don done each either else even ever every far few
    first fix for from function get give go going good got had has have having he here how however i if
    in instead into is isn it its itself just keep kind know last least less let like line lines ll look
    looks made make makes many may maybe me mean might more most much must my name need needed needs
    never new next no not nothing now of off ok on once one only onto or other our out over own page
    pages patch patches perhaps please point possible probably put quite rather re read really right
    same say says see seems series set she should since so some something still such sure take than
    thank thanks that the their them then there these they thing things think this those though through
    thus to too two under until up us use used user using ve version very want was way we well were what
    when where whether which while who why will with without work works would yes yet you your int void
    return cover letter commit message minor various misc true false null static const struct unsigned
    long bool char if else
    """,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Why a later text is taken to follow a comment."""

    kind: str
    """"run", "substitution", "named", "unnamed" or "taken out"."""
    words: str
    """The words that are found there, or found gone."""


def telling(word: str) -> bool:
    """Whether a word says something by itself."""
    return "_" in word or (len(word) >= 4 and word not in _COMMON and not word.isdigit())


@lru_cache(maxsize=1024)
def runs_of(words: tuple[str, ...]) -> frozenset[int]:
    """Return the hash of every RUN words that stand in a row: a large patch has ten thousands."""
    return frozenset(map(hash, zip(*(words[at:] for at in range(RUN)), strict=False)))


def find_run(comment: Comment, earlier: Iterable[PatchText], after: PatchText) -> Proof | None:
    """Find a run of the comment's words that the later patch has, and nothing of the earlier revision."""
    words = words_of(_NO_WORDS.sub(" ", comment.text[:50_000]))[:MOST_WORDS]
    there = runs_of(after.words)
    known = [runs_of(text.words) for text in earlier] + [runs_of(tuple(words_of(comment.quote)))]
    best: list[str] = []
    at = 0
    while at + RUN <= len(words):
        end = at
        while end + RUN <= len(words):
            run = hash(tuple(words[end : end + RUN]))
            if run not in there or any(run in texts for texts in known):
                break
            end += 1
        found = words[at : end + RUN - 1] if end > at else []
        if len(found) > len(best) and sum(map(telling, set(found))) >= 2:
            best = found
        at = max(end, at + 1)
    return Proof(kind="run", words=" ".join(best)) if best else None


def find_phrase(comment: Comment, earlier: Iterable[PatchText], after: PatchText) -> Proof | None:
    """Find what the comment puts in quotation marks: two words or more that the earlier revision had not."""
    there = f" {' '.join(after.words)} "
    known = [f" {' '.join(text.words)} " for text in earlier]
    for found in islice(_QUOTED.finditer(comment.text[:20_000]), MOST_PHRASES):
        phrase = " ".join(words_of(found[found.lastindex or 0]))
        if phrase.count(" ") and f" {phrase} " in there and not any(f" {phrase} " in text for text in known):
            return Proof(kind="run", words=phrase)
    return None


def find_substitution(comment: Comment, fate: Fate) -> Proof | None:
    """Hold a comment's s/a/b/ against what stands in place of the quoted lines."""
    for found in _SUBSTITUTION.finditer(comment.text[:20_000]):
        old, new = words_of(found["old"]), words_of(found["new"])
        gained, lost = [w for w in new if w not in old], [w for w in old if w not in new]
        here = words_of("\n".join(fate.after))
        if not fate.after or not all(w in here for w in gained):
            continue
        if any(w in fate.gained for w in gained) or (not gained and any(w in fate.lost for w in lost)):
            return Proof(kind="substitution", words=found[0])
    return None


def find_named(comment: Comment, block: Block, fate: Fate) -> Proof | None:
    """Find what the comment names: new in place of the quoted lines, or gone from there where it asks so."""
    if fate.kind not in ("changed", "around"):
        return None
    named = set(words_of(comment.text)[:MOST_WORDS])
    gained = [word for word in fate.gained if word in named and telling(word)]
    few = len(comment.text.split()) <= _FEW
    if gained and fate.after and (few or len(gained) > 1 or any("_" in word for word in gained)):
        return Proof(kind="named", words=" ".join(gained[:8]))
    if not _asks_removal(comment):
        return None
    lost = [word for word in fate.lost if word in named and telling(word)]
    kept = not _is_gone(block, fate)
    if fate.kind == "changed" and lost and kept:
        return Proof(kind="unnamed", words=" ".join(lost[:8]))
    if fate.kind == "changed" and not kept and fate.lost:
        return Proof(kind="taken out", words=" ".join(fate.lost[:8]))
    return None


def _is_gone(block: Block, fate: Fate) -> bool:
    """Whether nothing like the last quoted line stands in its place."""
    last = block.keys[-1]
    there = [squeeze(line.lstrip("+- ")) for line in fate.after]
    return len(last) >= TELLING and not any(
        SequenceMatcher(None, last[:200], line[:200], autojunk=False).ratio() >= _LIKE for line in there
    )


def _asks_removal(comment: Comment) -> bool:
    said: Sequence[str] = comment.requests or (comment.text,)
    return any(_REMOVE.search(text) for text in said)

"""Quote marks and attribution lines: how deep a line is quoted, and whom it quotes.

    mark        = [ up to three blanks ] [ initials ] ">"        ; "> > ", ">>" are two deep
                / "|"                                             ; where a mail has no other mark
    attribution = [ "On" date ] name [ address ] ( "wrote" / "writes" / ... ) ":"   ; up to three lines
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ..mail.address import Address
from .trailer import parse_person

_MARK = re.compile(r"[ \t]{0,3}(?:[A-Z]{2,3}(?=>))?>")
_PIPE = re.compile(r"[ \t]{0,3}\|(?![|+-])")
_WROTE = re.compile(
    r"(?:\b(?:wrote|writes|said|says|a écrit|ha scritto|escribió|napsal(?:\(a\))?|skrev)\b"
    r"(?: in message [^:]{0,80}| on [^:]{0,40})? ?[:：]?|写道 ?[:：])$"
)
_SCHRIEB = re.compile(r"\bschrieb (?P<name>[^:]{1,160}?) ?:$")
_OPENS = re.compile(r"(?:On|At|Am|Le|El|Il|Op|Den|Dne|Quoting|在|于)\b|\* ")
_WHEN = re.compile(
    r"[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?(?: ?[AaPp]\.?[Mm]\b\.?)?"
    r"(?:,? (?:[+-][0-9]{4}|UTC|GMT|[A-Z]{2,4}T)\b)?"
    r"(?: \([^()]{1,40}\))?|\b(?:19|20)[0-9]{2}\b|\b[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}\b"
)
_LONGEST = 400


def take_off_marks(line: str, most: int = 1000, *, pipes: bool = False) -> tuple[int, str]:
    """Return how deep a line is quoted, at most `most`, and its text without the marks and one blank."""
    at = depth = 0
    mark = _PIPE if pipes else _MARK
    while depth < most and (found := mark.match(line, at)):
        at, depth = found.end(), depth + 1
    if depth and line.startswith(" ", at):
        at += 1
    return depth, line[at:]


def has_pipes(lines: Sequence[str]) -> bool:
    """Whether "|" is this mail's quote mark: no ">" opens a line, and several lines in a row open with "|".
    """
    if any(_MARK.match(line) for line in lines):
        return False
    piped = [bool(_PIPE.match(line)) and not line.rstrip().endswith("|") for line in lines]
    return any(one and other for one, other in pairwise(piped))


def attribution_length(lines: Sequence[str]) -> int:
    """How many of the last lines are an attribution of what stands below them; 0 where none is."""
    found = 0
    for length in range(1, min(3, len(lines)) + 1):
        text = " ".join(" ".join(lines[len(lines) - length :])[: _LONGEST + 1].split())
        says = _WROTE.search(text) or _SCHRIEB.search(text)
        if len(text) > _LONGEST or not lines[len(lines) - length].strip() or not says:
            break
        if _OPENS.match(text) and (length == 1 or _WHEN.search(text)):
            return length
        if length == 1 and ("<" in text or len(text) < 80):
            found = 1
    return found


def parse_attribution(text: str) -> Address | None:
    """Whom "On ..., NAME <address> wrote:" names; None where it names nobody."""
    text = " ".join(text[:_LONGEST].split())  # blanks that do not break, as in French, too
    if found := _SCHRIEB.search(text):
        text = found["name"]
    elif found := _WROTE.search(text):
        text = text[: found.start()]
    name = text.partition("<")[0]
    starts = [when.end() for when in _WHEN.finditer(name)]
    text = text[starts[-1] :] if starts else re.sub(r"^(?:\* |Quoting )", "", text)
    text = text.strip(" ,:-")
    person = parse_person(text)
    if person is not None:
        return Address(name=person.name.strip("\"' ,"), email=person.email)
    return Address(name=text, email="") if 0 < len(text) <= 80 else None

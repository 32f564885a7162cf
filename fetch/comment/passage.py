"""A reply's text -> passages: what its author wrote, each with the quoted lines above it.

What is no writing is left out: attribution lines, trims ("[...]"), signatures, list footers, greetings,
closings ("Thanks,"), trailers. An "-----Original Message-----", or Outlook's header block, makes all below
it a quote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..patch.attribution import attribution_length, has_pipes, take_off_marks
from ..patch.followup import without_trailers

TRIM = re.compile(
    r"[\[<({]? ?(?:\.{2,}|…|snip\w*|cut|trim\w*|deleted|omitted|zap\w*|-+ ?8< ?-+)"
    r"[^\[\]<>(){}]{0,30}[\])>}]?",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"[-_ ]{2,} ?(?:original|forwarded) (?:message|mail)[^-]{0,80}?(?:[-_]{2,}|:)$", re.IGNORECASE
)
_HEADER = re.compile(r"\*?(?:From|Von|De|发件人)\*? ?[:：]\*? ?\S")
_HEADER_BELOW = re.compile(
    r"\*?(?:Sent|Date|To|Cc|Subject|Gesendet|An|Betreff|Envoyé|发送时间|收件人)\*? ?[:：]"
)
_RULE = re.compile(r"[_=-]{20,}$")
_GREETING = re.compile(
    r"(?i:hi|hello|hey|dear|hallo|good (?:morning|day|afternoon|evening))\b[^.?!:;]{0,60}[,!.:]?"
    r"|(?:[A-Z]\w{1,20} ?){1,2},"
)
_CLOSING = re.compile(
    r"(?i:(?:many |best |kind |warm |with best |yours )*"
    r"(?:thanks?|thank you|thx|cheers|regards|wishes|br|rgds|mvh|sincerely|faithfully|ciao|hth|grüße)"
    r"(?: a lot| again| in advance| so much| very much| and regards)*)"
    r"(?:[,.!-]? {0,2}(?:[A-Z][\w.'-]{0,20} ?){0,3})?[,.!]*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedLine:
    """A quoted line, and how deep it is quoted."""

    depth: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What stands between two passages of the author's: first the quote, then the text."""

    quote: tuple[QuotedLine, ...]
    text: str
    """Without greetings, closings, trailers; never empty."""


@dataclass(slots=True)
class _Blocks:
    """Quoted lines and the own lines below them, while a body is read."""

    quote: list[QuotedLine] = field(default_factory=list)
    own: list[str] = field(default_factory=list)


def find_passages(body: str, author: str = "") -> tuple[Passage, ...]:
    """Part a reply's body. `author` is its sender's name, with which a passage may be signed.

    A body without quotes is one passage; one without own text has none.
    """
    names = frozenset(re.findall(r"\w+", author.lower()))
    passages: list[Passage] = []
    quote: list[QuotedLine] = []
    for block in _blocks(body.split("\n")):
        quote += block.quote
        text = written(block.own, names)
        if not text:
            continue
        if passages and all(is_trim(line.text) for line in quote):
            passages[-1] = Passage(quote=passages[-1].quote, text=f"{passages[-1].text}\n\n{text}")
        else:
            passages.append(Passage(quote=tuple(quote), text=text))
        quote = []
    return tuple(passages)


def is_trim(line: str) -> bool:
    """Whether a line is empty or says that something was left out here."""
    text = line.strip()
    return not text or (len(text) < 60 and TRIM.fullmatch(text) is not None)


def _blocks(lines: Sequence[str]) -> Iterator[_Blocks]:
    """Part the lines at each change from the author's own ones to quoted ones."""
    block, pipes = _Blocks(), has_pipes(lines)
    below = 0  # 1 below an "Original Message" line
    skipping = False
    for at, line in enumerate(lines):
        depth, text = take_off_marks(line, pipes=pipes)
        depth += below
        if depth == 0 and (_ORIGINAL.match(line.strip()) or _opens_header_block(lines, at)):
            below, skipping = 1, False
            depth = 1
        if depth:
            if any(own.strip() for own in block.own):
                _drop_attribution(block.own)
                yield block
                block = _Blocks()
            block.own, skipping = [], False
            block.quote.append(QuotedLine(depth=depth, text=text))
        elif _continues_quote(lines, at, block):
            last = block.quote.pop()
            block.quote.append(QuotedLine(depth=last.depth, text=f"{last.text} {line}"))
        else:
            skipping = skipping or _opens_footer(lines, at)
            if not skipping:
                block.own.append(line)
    yield block


def _drop_attribution(own: list[str]) -> None:
    while own and is_trim(own[-1]):
        own.pop()
    length = attribution_length(own)
    del own[len(own) - length :]


def _opens_header_block(lines: Sequence[str], at: int) -> bool:
    """Whether Outlook's "From: ... Sent: ... To: ... Subject: ..." stands here."""
    if not _HEADER.match(lines[at]):
        return False
    return sum(bool(_HEADER_BELOW.match(line)) for line in lines[at + 1 : at + 6]) >= 2


def _continues_quote(lines: Sequence[str], at: int, block: _Blocks) -> bool:
    """Whether a mailer broke a long quoted line and left the mark off its tail, between two quoted lines."""
    if block.own or not block.quote or not lines[at].strip() or at + 1 >= len(lines):
        return False
    long = len(block.quote[-1].text) >= 66 and len(lines[at]) <= 40
    return long and take_off_marks(lines[at + 1])[0] > 0


def _opens_footer(lines: Sequence[str], at: int) -> bool:
    """Whether a signature or a list's footer starts here."""
    if lines[at] == "-- " or (lines[at] == "--" and len(lines) - at <= 12):
        return True
    below = " ".join(lines[at + 1 : at + 4]).lower()
    return _RULE.match(lines[at]) is not None and ("mailing list" in below or "unsubscribe" in below)


def written(own: Sequence[str], names: frozenset[str]) -> str:
    """Return what is left of own lines without greeting, closing, name, trims and trailers; "" where
    nothing is."""
    lines = without_trailers(own)
    _trim(lines)
    while lines and len(lines[0]) < 80 and _GREETING.fullmatch(lines[0].strip()):
        del lines[0]
        _trim(lines)
    while lines and _closes(lines[-1], names):
        del lines[-1]
        _trim(lines)
    if not any(character.isalnum() for line in lines for character in line):
        return ""
    return "\n".join(line.rstrip() for line in lines)


def _trim(lines: list[str]) -> None:
    while lines and is_trim(lines[-1]):
        del lines[-1]
    while lines and is_trim(lines[0]):
        del lines[0]


def _closes(line: str, names: frozenset[str]) -> bool:
    """Whether a line says "Thanks," and the like, or nothing but the author's name."""
    if len(line) >= 80:
        return False
    if _CLOSING.fullmatch(line.strip()):
        return True
    words = re.findall(r"\w+", line.lower())
    return 0 < len(words) <= 4 and names.issuperset(words)

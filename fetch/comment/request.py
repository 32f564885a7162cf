"""The sentences of a comment that ask or propose something. The rules stand in docs/comments.md, in this
order.

Rules, not understanding: they are made to miss little, and a reader sees the sentence itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_VERBOSE = re.IGNORECASE | re.VERBOSE
_ASKS = re.compile(
    r"""
    \b(?:please|pls|plz|kindly)\b
    | \b(?:can|could|would|will|may|shall|should|might)\s(?:you|we|i|this|that|it|they|someone)
        \s(?:please|perhaps|maybe|also|just|instead)\b
    | \bwhy\snot\b | \b(?:how|what)\sabout\b | \blet(?:'|’)?s\b
    """,
    _VERBOSE,
)
_DEMANDS = re.compile(
    r"""
    \b(?:should|ought\sto|needs?\sto|must|has\sto|have\sto|had\sbetter)(?:n't|n’t)?\b
    | \b(?:wants?\sto\sbe|needs?\s(?:an?|the|some|more|splitting|fixing|documenting))\b
    | \b(?:is|are|'s|was)\s(?:still\s)?missing\b | ^missing\b | \blacks?\b
    | \b(?:do\snot|don't|don’t)\s
        (?:use|do|call|add|make|put|change|touch|introduce|open-code|pass|mix|export|hide)\b
    """,
    _VERBOSE,
)
_PROPOSES = re.compile(
    r"""
    \b(?:i|we)(?:'d|’d|\swould)\s(?:(?:rather|really|much|also|very|strongly|personally)\s){0,2}
        (?:prefer|suggest|recommend|propose|like|love|expect|argue|rather|go|say|vote|appreciate|use|do|just|drop)\b
    | \b(?:suggest|propose|recommend)(?:s|ed|ing|ion|ions)?\b | \bconsider(?:ing)?\b
    | \b(?:would|might|could|may|will)\s(?:also\s)?be\s(?:\w+\s){0,2}
        (?:nice|nicer|good|better|best|great|helpful|useful|worth|preferable|cleaner|clearer|simpler|easier|safer)\b
    | \b(?:it(?:'|’)?s|it\sis|that(?:'|’)s|seems?|looks?)\s(?:\w+\s)?
        (?:worth|better|best|preferable|cleaner|nicer)\b
    | \bbetter\s(?:to|if|as|name|named|off)\b
    | \bi\s(?:also\s|still\s|do\s|really\s)?(?:think|guess|believe|feel)\b[^.]{0,200}
        \b(?:should|could|need|can|may|might|instead|rather|better|must|want|would)\b
    | \b(?:you|we|this|that|it|one)\s(?:can|could|may|might)\s
        (?:also|just|simply|probably|maybe|instead|perhaps|then|be|use|drop|do|add|move|avoid|make|remove|merge|reuse|keep)\b
    | \b(?:maybe|perhaps|possibly|alternatively|instead)\b
    | ^(?:and\s)?(?:same|ditto|likewise|idem)\b(?=[^.]{0,60}\.?$)
    | ^(?:\w+\s)?(?:nit|nits|nitpick|bikeshed)\b | \bnit\s?[:,.] | \btypos?\b
    | (?<!\w)s/[^/\s][^/]{0,80}/[^/]{0,80}/
    """,
    _VERBOSE,
)
_DOUBTS = re.compile(
    r"""
    ^(?:but|however|except|unless|unfortunately|hmm+|although|though)\b
    | \bi(?:'m|’m|\sam)\s
        (?:not\s(?:sure|convinced|certain|a\sfan|happy|clear)|wondering|confused|worried|afraid|concerned)\b
    | \bi\s(?:(?:also|still|really|just)\s)?(?:do\snot|don't|don’t|can't|can’t|cannot|didn't|fail\sto)\s
        (?:\w+\s)?(?:see|understand|get|think|like|follow|believe|remember|find|quite)\b
    | \b(?:i|we)\swonder\b
    | \bnot\s(?:(?:very|quite|so|entirely)\s)?
        (?:clear|obvious|correct|right|true|needed|necessary|safe|enough)\b
    | \b(?:looks?|seems?|feels?|sounds?|is|are|'s|’s)\s(?:\w+\s){0,2}
        (?:wrong|odd|weird|strange|broken|buggy|bogus|racy|fishy|suspicious|unnecessary|redundant|confusing|ugly
        |incorrect|unsafe|pointless|misleading)\b
    | \b(?:will|would|could|can|may|might)\s(?:\w+\s){0,2}
        (?:break|leak|crash|deadlock|race|overflow|fail|oops|panic|hang|corrupt|underflow|warn|regress|explode)\b
    | \b(?:unused|uninitiali[sz]ed|undefined|double[- ]free|use[- ]after[- ]free|NAK|nacked)\b
    """,
    _VERBOSE,
)
_ORDERS = re.compile(
    r"""
    (?:also,?\s|then,?\s|and\s|so,?\s|or\s)?
    (?:add|use|drop|remove|rename|move|fix|check|make|split|document|explain|update|convert|replace|avoid|keep|put|send
    |resend|rebase|squash|merge|mention|call|return|change|fold|describe|clarify|delete|reuse|turn|try|note|take|pass
    |wrap|reword|reorder|sort|restore|revert|simplify|export|define|declare)\b(?!\s(?:is|was|are|has|of|will|would)\b)
    """,
    _VERBOSE,
)
_NO_DEMAND = re.compile(
    r"""
    \b(?:should|must|have\sto|has\sto)\s(?:(?:now|also|still|already|then|all|probably)\s)?
        (?:be\s(?:fine|ok|okay|good|safe|enough|sufficient|possible|able)|work
        |have\s(?:been|said|noticed|known|checked|mentioned|made|done))\b
    | \bi(?:'ll|\swill|\sshould|\smust|\shave\sto|\shad\sto|\sneed\sto|\sneeded\sto)\b
    """,
    _VERBOSE,
)
_END = re.compile(r"[.?!]{1,10}[\"')\]]{0,5}(?= [\"'(\[]{0,5}[^a-z]|$)")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|resp|incl|aka|Mr|Dr|fig|w\.r\.t|[A-Z])|\.\.)\.$")
_CODE = re.compile(
    r"\t| {4,}|[+-](?:\t| {2,})|diff --git|@@ |index [0-9a-f]{7}|https?://\S+$|\[[0-9]{1,2}\] |[$#] "
)
_STATEMENT = re.compile(r"^[^.?]*[;{}]\s*$|^\s*[\w>.()*&, -]{1,60}\)?;$")
_LONGEST = 2000
"""Characters of a sentence that are looked at."""
_MOST = 200_000
"""Characters of a comment that are looked at."""


def find_requests(text: str) -> tuple[str, ...]:
    """Return the sentences of a comment's text that ask, propose or doubt, each on one line, without
    repeats."""
    return tuple(dict.fromkeys(sentence for sentence in sentences(text[:_MOST]) if is_request(sentence)))


def is_request(sentence: str) -> bool:
    """Whether a sentence asks or proposes something, by the rules of docs/comments.md."""
    sentence = sentence[:_LONGEST]
    if sentence.rstrip("\"')]").endswith("?"):
        return True
    if _ASKS.search(sentence) or _PROPOSES.search(sentence) or _DOUBTS.search(sentence):
        return True
    if _ORDERS.match(sentence):
        return True
    return _DEMANDS.search(_NO_DEMAND.sub(" ", sentence)) is not None


def sentences(text: str) -> Iterator[str]:
    """Part prose into sentences; lines of code, indented blocks and bare links are left out."""
    for paragraph in _paragraphs(text):
        start = 0
        for end in _END.finditer(paragraph):
            if _ABBREVIATION.search(paragraph[max(start, end.start() - 8) : end.end()]):
                continue
            if sentence := paragraph[start : end.end()].strip():
                yield sentence
            start = end.end()
        if rest := paragraph[start:].strip():
            yield rest


def _paragraphs(text: str) -> Iterator[str]:
    """Join the prose lines between empty lines and code; a list's items are paragraphs of their own."""
    lines: list[str] = []
    for line in text.split("\n"):
        code = _CODE.match(line) or (len(line) < 200 and _STATEMENT.match(line))
        item = re.match(r"\s{0,3}(?:[-*o]|\(?[0-9a-z]{1,2}[.)])\s+", line)
        if lines and (not line.strip() or code or item):
            yield " ".join(" ".join(lines).split())
            lines = []
        if line.strip() and not code:
            lines.append((line[item.end() :] if item else line).strip())
    if lines:
        yield " ".join(" ".join(lines).split())

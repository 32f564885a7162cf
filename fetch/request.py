"""The sentences of a comment that ask or propose something. The rules stand in docs/comments.md, in this order.

Rules, not understanding: they are made to miss little, and a reader sees the sentence itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ASKS = re.compile(
    r"""
    \b(?:please|pls|plz|kindly)\b
    | \b(?:can|could|would|will|may|shall|should|might)\s(?:you|we|i|this|that|it|they|someone)\b(?=[^.]{0,200}\?|\s(?:please|perhaps|maybe|also|just|instead|have|add|use))
    | \bwhy\snot\b | \b(?:how|what)\sabout\b | \blet(?:'|’)?s\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DEMANDS = re.compile(
    r"""
    \b(?:should|ought\sto|needs?\sto|must|has\sto|have\sto|had\sbetter)(?:n't|n’t)?\b
    | \b(?:wants?|needs)\s(?:to\sbe|a|an|the|some|more|splitting|fixing|documenting)\b
    | \b(?:is|are|'s|was)\s(?:still\s)?missing\b | ^missing\b | \blacks?\b
    | \b(?:do\snot|don't|don’t)\s(?:use|do|call|add|make|put|change|touch|introduce|open-code|pass|mix|export|hide)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_PROPOSES = re.compile(
    r"""
    \b(?:i|we)(?:'d|’d|\swould)\s(?:(?:rather|really|much|also|very|strongly|personally)\s){0,2}
        (?:prefer|suggest|recommend|propose|like|love|expect|argue|rather|go|say|vote|appreciate|use|do|just|drop|put|have)\b
    | \b(?:i\s)?(?:suggest|propose|recommend)(?:s|ed|ing|ion|ions)?\b | \bconsider(?:ing)?\b
    | \b(?:it\s)?(?:would|might|could|may|will)\s(?:also\s)?be\s(?:\w+\s){0,2}
        (?:nice|nicer|good|better|best|great|helpful|useful|worth|worthwhile|preferable|cleaner|clearer|simpler|easier|safer)\b
    | \b(?:it(?:'|’)?s|it\sis|that(?:'|’)s|seems?|looks?)\s(?:\w+\s)?(?:worth|better|best|preferable|cleaner|nicer)\b
    | \bbetter\s(?:to|if|as|name|named|off)\b
    | \bi\s(?:also\s|still\s|do\s|really\s)?(?:think|guess|believe|feel)\b[^.]{0,200}
        \b(?:should|could|need|can|may|might|instead|rather|better|must|have\sto|want|would)\b
    | \b(?:you|we|this|that|it|one)\s(?:can|could|may|might)\s(?:also|just|simply|even|probably|maybe|instead|perhaps|then|be|use|drop|do|add|move|avoid|make|remove|merge|reuse|pass|keep|share)\b
    | \b(?:maybe|perhaps|possibly|how\sabout|alternatively)\b
    | \binstead\b | ^(?:and\s)?(?:same|ditto|likewise|idem)\b(?=[^.]{0,60}\.?$)
    | ^(?:ultra-?\s?|minor\s|tiny\s|super\s|small\s)?(?:nit|nits|nitpick|bikeshed)\b | \bnit\s?[:,.]
    | (?<!\w)s/[^/\s][^/]{0,80}/[^/]{0,80}/ | \btypos?\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DOUBTS = re.compile(
    r"""
    ^(?:but|however|except|unless|unfortunately|hmm+|although|though)\b
    | \bi(?:'m|’m|\sam)\s(?:not\s(?:sure|convinced|certain|a\sfan|happy|clear)|wondering|confused|worried|afraid|concerned)\b
    | \bi\s(?:also\s|still\s|really\s|just\s)?(?:do\snot|don't|don’t|can't|can’t|cannot|didn't|fail\sto)\s(?:\w+\s)?
        (?:see|understand|get|think|like|follow|believe|remember|find|quite)\b
    | \b(?:i|we)\swonder\b | \bnot\s(?:very\s|quite\s|so\s|entirely\s)?(?:clear|obvious|correct|right|true|needed|necessary|safe|enough)\b
    | \b(?:looks?|seems?|feels?|sounds?|is|are|'s|’s)\s(?:\w+\s){0,2}
        (?:wrong|odd|weird|strange|broken|buggy|bogus|racy|fishy|suspicious|unnecessary|redundant|confusing|ugly|incorrect|unsafe|pointless|misleading)\b
    | \b(?:will|would|could|can|may|might)\s(?:\w+\s){0,2}
        (?:break|leak|crash|deadlock|race|overflow|fail|oops|panic|hang|corrupt|underflow|warn|regress|explode)\b
    | \b(?:unused|uninitiali[sz]ed|undefined|double[- ]free|use[- ]after[- ]free|NAK|nacked)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ORDERS = re.compile(
    r"(?:also,? |then,? |and |so,? |or )?(?:add|use|drop|remove|rename|move|fix|check|make|split|document|explain|update|convert|"
    r"replace|avoid|keep|put|send|resend|rebase|squash|merge|mention|call|return|change|fold|describe|clarify|delete|"
    r"reuse|turn|try|see|note|take|pass|wrap|reword|reorder|sort|restore|revert|simplify|export|define|declare|cc)\b(?! (?:is|was|are|has|of|will|would)\b)",
    re.IGNORECASE,
)
_NO_DEMAND = re.compile(
    r"\b(?:should|must|have to|has to)(?: (?:now|also|still|already|then|all|probably))? "
    r"(?:be (?:fine|ok|okay|good|safe|enough|sufficient|possible|able|okay)|work|have (?:been|said|noticed|known|checked|mentioned|made|done))\b"
    r"|\bi(?:'ll| will| should| must| have to| had to| need to| needed to| guess i should)\b",
    re.IGNORECASE,
)
_END = re.compile(r"[.?!]+[\"')\]]*(?=\s+[\"'(\[]*[^\sa-z]|\s*$)")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|resp|approx|incl|aka|a\.k\.a|Mr|Dr|No|fig|w\.r\.t|[A-Z])|\.\.)\.$")
_CODE = re.compile(r"(?:\t| {4,}|[+-](?:\t|\s{2,})|diff --git|@@ |index [0-9a-f]{7}|https?://\S+$|\[[0-9]{1,2}\] |[$#] )")
_STATEMENT = re.compile(r"^[^.?]*[;{}]\s*$|^\s*[\w>.()*&, -]{1,60}\)?;$")
_LONGEST = 2000


def find_requests(text: str) -> tuple[str, ...]:
    """Return the sentences of a comment's text that ask, demand, propose or doubt, each on one line, without repeats."""
    return tuple(dict.fromkeys(sentence for sentence in sentences(text) if is_request(sentence)))


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
            yield " ".join(lines)
            lines = []
        if line.strip() and not code:
            lines.append((line[item.end() :] if item else line).strip())
    if lines:
        yield " ".join(lines)

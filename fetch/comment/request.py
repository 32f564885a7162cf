"""The sentences of a comment that ask or propose something. The rules stand in docs/comments.md, in this
order.

Rules, not understanding: what they reach is counted there, and a reader sees the sentence itself.
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
    | \bwhy\snot\b | \b(?:how|what)\sabout\b
    | \blet(?:'|’)?s\s(?!(?:just\s)?(?:say|see|assume|suppose|hope|face|imagine)\b)
    """,
    _VERBOSE,
)
_DEMANDS = re.compile(
    r"""
    \b(?:should|ought\sto|must|had\sbetter)(?:n't|n’t)?\b
    | (?:\b(?:you|we|this|these|patch|series|code|change|function|name)
        | \)|\w_\w+)\s(?:\w+\s){0,2}(?:needs?|has|have)\sto\b
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
        (?:prefer|suggest|recommend|propose|like|love|expect|argue|rather|go|vote|appreciate|use|do|just|drop)\b
        (?!\sto\s(?:thank|say|mention|apologi[sz]e|hear|note|point)\b)
    | (?<!you\s)\b(?:suggest|propose|recommend)(?:ing)?\b | \bmy\s(?:suggestion|proposal|recommendation)\b
    | (?<!\bi\s)\bconsider\b
    | (?:\b(?:would|might|could|may|will)|'ll|’ll)\s(?:also\s)?be\s(?:\w+\s){0,2}
        (?:nice|nicer|good|better|best|great|helpful|useful|worth|preferable|cleaner|clearer|simpler|easier|safer)\b
    | \b(?:it(?:'|’)?s|it\sis|that(?:'|’)s|seems?|looks?)\s(?:\w+\s)?
        (?:worth\s\w+ing|(?:better|best|preferable|cleaner|nicer)\s(?:to|if|as|when|with)\b)
    | \bbetter\s(?:to|if|as|name|named|off)\b
    | \bi\s(?:also\s|still\s|do\s|really\s)?(?:think|guess|believe|feel)\b[^.]{0,200}
        \b(?:should|could|needs?|instead|rather|must|(?:you|we)\s(?:just\s)?(?:can|may|might|want))\b
    | \b(?:you|we|one)\s(?:can|could|may|might)\s
        (?:also|just|simply|probably|maybe|instead|perhaps|then|want|use|drop|do|add|move|avoid|make|remove|merge|reuse
        |keep)\b
    | \b(?:this|that|it|they|these|\w+\(\))\s(?:can|could|might)\s(?:also\s|just\s|simply\s|probably\s)?
        (?:go|use|be\s(?:moved|dropped|removed|merged|folded|squashed|simplified|replaced|avoided|shared|made|static
        |const|inlined?|renamed|called|done|written|just))\b
    | (?:^|[,:;]\s|\b(?:so|or|and|but|thinking|think)\s)(?:maybe|perhaps|alternatively)\b
        (?!\s(?:i|i'm|i’m|there|there's|not|with|some|because|of|even)\b)
    | \b(?:could|would|might|may)\smake\s(?:\w+\s)?sense\sto\b
    | \bno\sneed\s(?:to|for)\s(?!be|worry|apolog|re(?:post|send|spin)|rush)
    | \binstead\b(?=\s?(?:[.,;:!)]|$))
    | ^(?:and\s)?(?:same|ditto|likewise|idem)\b(?=[^.]{0,60}\.?$)
    | ^(?:\w+\s)?(?:nit|nits|nitpick|bikeshed)\b | \bnit\s?[:,.] | \btypos?\b
    | (?<!\w)s/[^/\s][^/]{0,80}/[^/]{0,80}/
    """,
    _VERBOSE,
)
_DOUBTS = re.compile(
    r"""
    ^(?:but|however),?\s(?:(?:the|there|if|when|what|here|you|your|even|until|e\.g\.|i\.e\.|no|nothing|nobody)(?!\w)
        |(?:this|it)(?:\s(?:is|will|would|can|could|may|might|does|seems|still|also)|'s|’s|\sdoesn't|\sisn't|\swon't)\b
            (?!\s(?:\w+\s)?(?:fine|ok|okay|good|great|unrelated|minor|fair|true)\b)
        |\w+\(|\w+_\w)
    | \bi(?:'m|’m|\sam)\s
        (?:not\s(?:convinced|certain|a\sfan|happy|clear)|not\s(?:really\s)?sure(?!\show\sto\b|\sif\sthere\b|,|\.)
        |wondering|confused|worried|concerned)\b
    | \bi\s(?:(?:also|still|really|just)\s)?(?:do\snot|don't|don’t|can't|can’t|cannot|fail\sto)\s
        (?:\w+\s)?(?:see|understand|get|think|like|follow|quite)\b
        (?!\s(?:any(?:thing)?|an?|much|it|that|this|there|of)\b[^.]{0,40}
            \b(?:wrong|problems?|issues?|reasons?|objections?|matters?|concerns?|deal|hurts?|better|other)\b)
    | \b(?:i|we)\swonder\b
    | (?<!\bdo\s)(?<!\bdid\s)(?<!\bdoes\s)(?<!\bwill\s)\bnot\s(?:(?:very|quite|so|entirely)\s)?
        (?:clear|obvious|correct|right|true|needed|necessary|safe|enough)\b
    | \bnot\s(?:seem|look|sound|feel)\s(?:\w+\s)?(?:right|correct|good|safe|necessary|needed)\b
    | \b(?:looks?|seems?|feels?|sounds?|is|are|'s|’s)\s(?:\w+\s){0,2}
        (?:wrong|odd|weird|strange|broken|buggy|bogus|racy|fishy|suspicious|unnecessary|redundant|confusing|ugly
        |incorrect|unsafe|pointless|misleading|horrid|horrible)\b
    | \b(?:will|would|could|can|may|might)\s(?:\w+\s){0,2}
        (?:break|leak|crash|deadlock|race|overflow|oops|panic|hang|corrupt|underflow|regress)\b
    | \b(?:unused|uninitiali[sz]ed|double[- ]free|use[- ]after[- ]free|NAK|nacked)\b
    """,
    _VERBOSE,
)
_ORDERS = re.compile(
    r"""
    (?:also,?\s|then,?\s|and\s|so,?\s|or\s)?
    (?:add|use(?!\scases?\b)|drop|remove|rename|move|fix|check|make(?!\ssense\b)|split|document|explain|update|convert
    |replace|avoid|keep|put|send|resend|rebase|squash|merge|mention|call(?!\strace)|return(?!\svalue|\s[\w>.-]+\()|fold|describe
    |clarify|delete|reuse|turn|try|wrap|reword|reorder|sort|restore|revert|simplify|export|define|declare)
    \b(?!\s(?:is|was|are|has|of|will|would)\b)
    """,
    _VERBOSE,
)
_NO_DEMAND = re.compile(
    r"""
    \b(?:should|must|have\sto|has\sto)\s(?:(?:now|also|still|already|then|all|probably|just)\s)?
        (?:be\s(?:(?:really|very|quite|pretty)\s)?
            (?:fine|ok|okay|good|safe|enough|sufficient|possible|able|simple|easy|easier|trivial)|work|suffice|help
        |have\s(?:been|said|noticed|known|checked|mentioned|made|done))\b
    | \bshould(?:\snot|n't)\s(?:be\san?\s(?:\w+\s)?(?:problem|issue|deal)|matter|hurt|affect|change)\b
    | \bi(?:'ll|’ll|\swill|\sshould|\smust
        |\s(?:may\s|might\s|also\s|still\s|do\s){0,2}(?:have|need|had|needed)\sto)\b
    | \b(?:do|does|did|would|will|should|may|might|need)(?:\s?n[o'’]?t)\s(?:really\s|even\s|actually\s)?
        (?:need|have)\sto\b
    | \bno\sneed\sto\b | \bthan\s\w+\s(?:should|needs?\sto)\b | \bto\sbe\shonest\b
    """,
    _VERBOSE,
)
_COURTESY = re.compile(
    r"""
    \btop-?post | \bbe\spatient\b | \bbear\swith\b | \bfeel\sfree\b | \bgrain\sof\ssalt\b | \bno\sworries\b
    | \b(?:be|being|am|'m|so|very)\ssorry\b | ^(?:ah,?\s|oh,?\s)?sorry\b | \bapolog | \bforgive\b
    | \bmy\s(?:\w+\s)?(?:acks?|acked-by|r-?b|rb|reviewed-by|tested-by|tags?)\b
    | \bplease\s(?:ignore|disregard|correct\sme|see|find|note|refer|let\s(?:me|us)\sknow)\b
    | ^(?:just\s)?let\s(?:me|us)\sknow\b
    """,
    _VERBOSE,
)
"""How people speak with each other, not of the patch."""
_ASSENT = re.compile(
    r"""
    (?:(?:and|so|also|oh|ah|well|yes|yeah|yep|yup|ok|okay|right|sure|great|cool|nice|perfect|indeed|exactly|agreed?
        |(?:many\s)?thanks|thx|no|nope|ack|lgtm|fwiw|actually|hi\s\w+)\b[\s,.:;!-]{0,4}){0,6}
    (?:(?:many\s)?thank(?:s|\syou)\b[^,;:.]{0,120} | i\s(?:\w+\s)?agree\b(?:\s(?:with|to)\s\w+(?:'s|’s)?)?
    | (?:that\s|this\s|it\s)?(?:all\s)?makes?\s(?:\w+\s){0,2}sense\b[^,;:.]{0,80}
    | (?:it|this|that|the\s\w+|patch|rest|everything|all)?\s?
        (?:looks?|sounds?|reads?|seems?|works?|is)\s(?:\w+\s){0,2}
        (?:good|fine|great|better|nice|nicer|cleaner|reasonable|correct|ok|okay)\b(?!\s(?:to|if|as|when|with)\b)
        [^,;:.]{0,60})?
    [\s,.:;!-]{0,4}
    """,
    _VERBOSE,
)
"""Thanks, agreement and praise that a sentence opens with: only what follows may ask."""
_TOLD = re.compile(
    r"""
    i\s(?:(?:just|also|then|already|only|actually|even|really|still)\s){0,2}
    (?:was|had|did|took|tried|tested|looked|found|saw|ran|spent|sent|applied|queued|noticed|checked|realized|thought
    |wanted|forgot|missed|meant|used|wrote|read|came|went|got|reviewed|suppose|agree|will|shall|plan|have\s(?:been|no|just|now)|have(?:n't|\snot))\b
    | i(?:'ll|’ll|'ve|’ve)\s
    """,
    _VERBOSE,
)
"""Openings of a sentence that tells what its writer did, does or will do."""
_SHORT = re.compile(
    r"\b(?:why|what|how|where|when|which|who|really|typo|nit|unused|needed|missing|leftover|same|sure|static|const)\b"
    r"|[_(]",
    re.IGNORECASE,
)
"""What makes a request of a question of one or two words."""
_PING = re.compile(
    r"""
    (?:so,?\s|but,?\s|and,?\s)?
    (?:(?:what|how)\s(?:do|did|would)\s(?:you|people|others|everyone)\s(?:all\s)?(?:think|feel)
    |(?:any\s|other\s)?(?:thoughts|ideas?|opinions?|comments|objections)
    |does\s(?:that|this|it)\smake\s(?:any\s)?sense
    |(?:did|do|am)\si\s(?:\w+\s)?miss(?:ed|ing)?\s(?:some|any)thing|(?:is\s)?(?:that|this)\s(?:ok|okay|fine|right|correct)|no|right|ok|okay)
    (?:\s(?:about|on|to|with)\s\w+)?\s?\?
    """,
    _VERBOSE,
)
"""Questions that only hand over the word."""
_END = re.compile(r"[.?!]{1,10}[\"')\]]{0,5}(?= [\"'(\[]{0,5}[^a-z]|$)")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|resp|incl|aka|Mr|Dr|fig|w\.r\.t|[A-Z])|\.\.)\.$")
_CODE = re.compile(
    r"\t| {4,}|[+-](?:\t| {2,})|diff --git|@@ |index [0-9a-f]{7}|https?://\S+$|\[[0-9]{1,2}\] |[$#] "
    r"|make(?:\[[0-9]{1,3}\])?: |\S{1,200}\.[chS]:[0-9]{1,7}:|\[ {0,8}[0-9]{1,8}\.[0-9]{6}\] "
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
    sentence = sentence[:_LONGEST].strip("[] ")
    if sentence.rstrip("\"')]").endswith("?"):
        return _is_question(sentence)
    if _COURTESY.search(sentence):
        return False
    opening = _ASSENT.match(sentence)
    rest = sentence[opening.end() :] if opening else sentence
    if rest != sentence and not re.search(r"\w", rest):
        return False
    if _ASKS.search(rest):
        return True
    if _TOLD.match(rest):
        return False
    if _PROPOSES.search(rest) or _DOUBTS.search(rest) or _ORDERS.match(rest):
        return True
    return _DEMANDS.search(_NO_DEMAND.sub(" ", rest)) is not None


def _is_question(sentence: str) -> bool:
    """Whether a question asks for something: not "Hm?", and not one that only hands over the word."""
    if _PING.fullmatch(sentence.strip("()[]\"' ")):
        return False
    words = re.findall(r"\w+", sentence)
    return len(words) > 2 or _SHORT.search(sentence) is not None


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

"""What was answered to a comment, by whom, and what the answer says.

An answer to a comment is a passage of a mail that replies to the comment's mail and that quotes the comment's
own words, or that speaks of all comments, or that quotes nothing. What it says is told by its words alone:
"agrees" is a promise and no deed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...fetch.comment.anchor import squeeze
from ...fetch.comment.quote import Comment
from ...fetch.comment.request import sentences
from ...fetch.series.person import same_person
from .asked import Asked

_I = re.IGNORECASE | re.VERBOSE
_DEFERS = re.compile(
    r"""
    \b(?:separate|another|different|future|later|subsequent|standalone|independent|next)\s
        (?:\w+\s){0,2}(?:patch(?:es|set|sets|-set)?|series|change|effort|work|cleanup|pr|topic)\b
    | \bfollow(?:-|\s)?(?:up|on)s?\b(?!\s(?:to|on)\s(?:your|this|the|that)) | \bon\s?top\sof\sth(?:is
        |e)\sseries\b | \bas\sa\scleanup\b
    | \b(?:in|for)\sthe\s(?:near\s)?future\b | \bto-?do\slist\b | \bmy\stodo\b | \bsome\sother\stime\b
    | \b(?:after|outside(?:\sof)?|beyond)\sth(?:is|e)\s(?:current\s)?(?:patch\s)?(?:series|set|scope)\b
    | \bout\sof\sscope\b | \bseparable\b | \b(?:postpone|defer)\b
    """,
    _I,
)
_DECLINES = re.compile(
    r"""
    ^no(?:pe)?[,.;:]\s | ^no$ | ^nah\b | \bi(?:'d|\swould)\s(?:still\s|really\s|much\s){0,2}(?:rather
        |prefer|like\sto\s(?:keep|leave|stick))\b
    | \bi\s(?:still\s|really\s|actually\s){0,2}(?:do\snot|don't|don’t)\s(?:really\s|quite\s)?(?:think
        |believe|like|want|agree|see\s(?:a|any|the|how|why)|find)\b
    | \bi(?:'m|\sam)\s(?:not\s(?:sure\s(?:i\sagree|that\sworks|it(?:'s|\sis)\sworth|this\sis\sworth)
        |convinced|a\sfan)
        |(?:inclined|tempted|going)\sto\s(?:keep|leave))\b
    | \b(?:disagree|object\sto|overkill|over-?engineer\w*|not\sworth|isn't\sworth|won't\swork
        |will\snot\swork|wouldn't\swork
        |would\snot\swork|can(?:no|'|’)t\swork|doesn't\swork|does\snot\swork|not\spossible|impossible
            |not\sviable|unfeasible)\b
    | \b(?:keep|leave|leaving|keeping|stick\swith|sticking\swith)\s(?:it|this|that|them|these|things
        |the\s\w+)\s?
        (?:\w+\s){0,2}(?:as\s?-?is|as\s(?:it|they)\s(?:is|are)|for\snow|like\sthis|the\sway|alone|here
            |that\sway)\b
    | \b(?:may|might|will|'ll)\s(?:just\s)?leave\s(?:this|it|that)\b | \bas\s?-?is\b
    | \b(?:has|have|needs?)\sto\s(?:be|stay)\s(?:the\sway|like\sthis|this\sway|here|there)\b
        | \bmust\sbe\skept\b
    | \b(?:that|this|it|which)\s(?:is|was|'s)\s(?:\w+\s)?(?:intentional|intended|on\spurpose|by\sdesign
        |deliberate|required|necessary|needed)\b
    | \b(?:we|i)\s(?:still\s)?(?:need|require|have\sto\skeep)\s(?:it|this|that|them)\b
    | \bwas\s(?:rejected|nacked)\b | \b(?:can't|cannot|couldn't|can’t)\s(?:really\s|just\s|simply\s)?(?:do
        |use|drop|remove|change|move|be)\b
    | \bnot\s(?:needed|necessary|required|related)\b | \bno\sneed\sto\b(?!\s(?:be\ssorry|worry|apolog))
    """,
    _I,
)
_AGREES = re.compile(
    r"""
    \bwill\s(?:do|fix|change|add|update|send|include|incorporate|make|remove|drop|rename|move|rework|respin
        |use|address
        |squash|clarify|reword|correct|split|fold|be\s(?:fixed|done|changed|removed|added|in|addressed)
            |take\scare|try|post|amend|adjust|apply|switch|look)\b
    | \b(?:i|we)(?:'ll|’ll|\swill|\sshall)\s(?:\w+ly\s|also\s|just\s|then\s|try\sto\s|go\sahead\sand\s){0,2}
        (?!leave\b|keep\b|have\sto\b|not\b|wait\b|let\b|see\b|stick\b|need\b|be\b(?!\smaking|\schanging))\w+\b
    | \b(?:fixed|done|changed|removed|added|updated|renamed|applied|addressed|dropped|reworded|corrected
        |queued)\b
        (?=[.!,]?$|\s(?:in|for|this|that|it|both|now|all|up|thanks)\b)
    | \bgood\s(?:catch|point|idea|suggestion|spot|eye|eyes|call|one|find)\b | \bnice\s(?:catch|idea|find
        |spot|one)\b | \bgreat\s(?:catch|idea|point|suggestion)\b
    | ^(?:ah|oh|oops|whoops|ok|okay|yes|yep|yeah|yup|sure|agreed?|ack|absolutely|definitely|certainly|doh)\b
    | \bi\s(?:\w+\s)?agree\b | \byou(?:'re|’re|\sare)\s(?:\w+\s)?(?:right|correct)\b | \bfair\s(?:enough
        |point)\b
    | \bmakes?\s(?:\w+\s)?sense\b | \bsounds?\s(?:\w+\s)?(?:good|great|reasonable|right|fine
        |like\sa\splan)\b | \blooks?\sgood\sto\sme\b
    | \bmy\s(?:bad|mistake|apologies|fault)\b | \bin\sv[0-9]+\b | \b(?:in\sthe\s)?next\s(?:version|revision
        |spin|posting|iteration|round)\b
    | \bthanks\sfor\s(?:catching|spotting|pointing|noticing|finding|the\s(?:suggestion|catch))\b
        | \bi\smissed\s(?:that|this|it)\b
    | \b(?:that|this)\s(?:is|would\sbe|'s|looks)\s(?:\w+\s)?(?:better|cleaner|nicer|simpler)\b
    """,
    _I,
)
_PROMISES = re.compile(
    r"""
    (?:^|\b(?:i|we)\s(?:\w+ly\s|also\s|just\s)?|[,;:-]\s|\band\s|\bso\s)will\s(?!not\b|need\b|be\sable\b
        |wait\b|leave\b|keep\b|remember\b|result\b|happen\b)\w+
    | \b(?:i|we)(?:'ll|’ll)\s(?!have\b|not\b|leave\b|keep\b|wait\b|let\b|need\b|see\b)
    | ^(?:fixed|done|changed|removed|updated|renamed|applied|added)\b | \bi(?:'ve|\shave)\s(?:now\s
        |just\s)?(?:fixed|changed|done|removed|added)\b
    | \bin\s(?:my\s|the\s)?(?:v[0-9]+|next\s(?:version|revision|spin|posting|iteration|round))\b
    | \bi\splan\sto\b | \bi(?:'m|\sam)\sgoing\sto\b(?!\s(?:keep|leave)) | \bwe\scan\s(?:get\srid|drop
        |remove)\b | \bhappy\sto\b
    """,
    _I,
)
_CONCEDES = re.compile(
    r"""
    ^(?:i\ssee|ah|oh|ok|okay|right|got\sit|understood|fair|makes\ssense|never\s?mind|nevermind|sure|agreed?
        |yes|yeah|indeed|alright|thanks|good)\b
    | \bnever\s?mind\b | \bfair\s(?:enough|point)\b | \bmakes\s(?:\w+\s)?sense\b | \bi\s(?:get
        |see)\sthe\spoint\b | \bno\sobjection\b
    | \byou(?:'re|’re|\sare)\sright\b | \bi\smis(?:sed|read|understood)\b | \bstupid\sme\b
        | \bno\sstrong\sopinion\b | \bi(?:'m|\sam)\s(?:fine|ok|okay|good)\b
    """,
    _I,
)
_REJECTS = re.compile(r"\bNAK\b|\bnack|\bgood grief\b|\bdon't bother\b|\bmodulo\b|\bbut\b", re.IGNORECASE)
_ALL = re.compile(
    r"""
    \b(?:all|these|those|the\sabove|both|other|the\sother|your|most\sof\sthese)\s(?:of\s)?(?:the\s|your\s
        |these\s|above\s|other\s){0,2}
        (?:comments?|suggestions?|feedback|points?|changes|nits|remarks|issues|fixes)\b
    | \bthe\sother\sfeedback\b | \b(?:fix|address|change|do)\s(?:both|all\sof\s(?:these|them|those)
        |them\sall|it\sall)\b
    """,
    _I,
)
_DOUBTS = re.compile(r"(?:hm+,? )?i (?:do not|don't|don’t) (?:think|believe) ", re.IGNORECASE)
_BUT = re.compile(r"\b(?:but|however|although|though)\b", re.IGNORECASE)
_THANKS = re.compile(r"(?:many )?(?:thanks?|thank you|thx)\b", re.IGNORECASE)
_LONG_ENOUGH = 12
MOST_REPLIES = 300
"""Passages that answer one mail, and passages of one mail, that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One passage that answers a comment."""

    asked: Asked
    """The passage and its place."""
    says: str
    """"agrees", "declines", "defers" or "answers"."""
    sentence: str
    """The one that says so; else its first."""
    direct: bool
    """Whether it quotes the comment's own words."""
    promise: bool
    """Whether it speaks of doing, and not only of being of one mind."""

    @property
    def comment(self) -> Comment:
        """The passage itself."""
        return self.asked.comment


@dataclass(frozen=True, slots=True)
class Talk:
    """All comments of a series, by the mail that they answer."""

    by_parent: Mapping[str, Sequence[Asked]]
    by_mail: Mapping[str, Sequence[Asked]]
    spoken: dict[tuple[str, int, str], tuple[int, ...]]
    """What _spoken found before: a hostile mail with a thousand passages is compared once with each reply."""

    def replies(self, message_id: str) -> Sequence[Asked]:
        """Return the comments that answer a mail, so many as are looked at."""
        return self.by_parent.get(message_id, ())[:MOST_REPLIES]


def index_talk(asked: Iterable[Asked]) -> Talk:
    """Index all comments of a series."""
    by_parent: dict[str, list[Asked]] = {}
    by_mail: dict[str, list[Asked]] = {}
    for one in asked:
        by_mail.setdefault(one.comment.message_id, []).append(one)
        if one.comment.parent:
            by_parent.setdefault(one.comment.parent, []).append(one)
    return Talk(by_parent, by_mail, {})


def find_answers(one: Asked, talk: Talk) -> tuple[Answer, ...]:
    """Return the passages that answer a comment, by date; those of its own author are left out."""
    comment = one.comment
    beside = talk.by_mail.get(comment.message_id, ())
    found: list[Answer] = []
    for reply in talk.replies(comment.message_id):
        found += [
            _softened(read_answer(other, direct=True))
            for other in talk.replies(reply.comment.message_id)
            if reply.comment.number == 1
            and other.by_author
            and not same_person(reply.comment.author, other.comment.author)
            and comment.number in _spoken(other.comment, comment.message_id, talk)
        ]
        if same_person(reply.comment.author, comment.author):
            continue
        spoken = _spoken(reply.comment, comment.message_id, talk)
        direct = comment.number in spoken
        bare = not reply.comment.quote.strip() and len(beside) == 1
        whole = _ALL.search(reply.comment.text) is not None or bare
        if direct and spoken[-1] != comment.number and not whole:
            continue  # it stands below another comment, and the quote only leads up to that
        if direct or (whole and (reply.by_author or len(beside) == 1)):
            found.append(read_answer(reply, direct=direct))
    own = any(answer.direct and answer.asked.by_author for answer in found)
    return tuple(answer for answer in found if answer.direct or not own)


def gives_in(text: str) -> bool:
    """Whether a text opens with its author letting a matter rest."""
    first = [sentence for sentence, _ in zip(sentences(text), range(3), strict=False)]
    if any(_REJECTS.search(sentence) for sentence in first):
        return False
    return any(_CONCEDES.search(sentence) for sentence in first)


def find_concession(one: Asked, answers: Sequence[Answer], talk: Talk) -> Answer | None:
    """Return the passage in which a comment's author, answered, lets the matter rest."""
    for answer in answers:
        for back in find_answers(answer.asked, talk):
            mine = same_person(back.comment.author, one.comment.author)
            asks = any(request.endswith("?") for request in back.comment.requests)
            if mine and not asks and gives_in(back.comment.text):
                return back
    return None


def asks_on(one: Asked, answers: Sequence[Answer], talk: Talk) -> bool:
    """Whether a comment's author, answered by an author, asks on or rejects the answer."""
    for answer in answers:
        if not answer.asked.by_author:
            continue
        for back in find_answers(answer.asked, talk):
            text = back.comment.text
            if same_person(back.comment.author, one.comment.author) and (
                back.comment.requests or _REJECTS.search(text)
            ):
                return True
    return False


def says_something(answer: Answer) -> bool:
    """Whether an answer tells something, and does not only thank or ask back."""
    said = [text for text in sentences(answer.comment.text[:4000]) if not _THANKS.match(text)]
    return any(not text.rstrip().endswith("?") and len(text.split()) > 3 for text in said)


def read_answer(asked: Asked, *, direct: bool) -> Answer:
    """Say what a passage says: the first sentence that decides; a "but" outweighs what stands before it."""
    said = list(sentences(asked.comment.text[:8000]))
    says, sentence = "answers", said[0] if said else " ".join(asked.comment.text[:200].split())
    for text in said[:6]:
        kind = _says(text)
        if kind == "answers" or (says == "agrees" and kind == "agrees"):
            continue
        if says in ("declines", "defers") or (
            says == "agrees" and not _BUT.match(text) and kind == "declines"
        ):
            continue
        says, sentence = kind, text
    promised = next((t for t in said[:12] if _PROMISES.search(t) and _says(t) == "agrees"), "")
    promise = says == "agrees" and bool(promised)
    sentence = promised if promise else sentence
    return Answer(asked=asked, says=says, sentence=sentence, direct=direct, promise=promise)


def _softened(answer: Answer) -> Answer:
    """An answer to what somebody else answered: whom it agrees with is not told."""
    return replace(answer, says="answers", promise=False) if answer.says == "agrees" else answer


def _says(sentence: str) -> str:
    if sentence.rstrip().endswith("?"):
        return "declines" if _DOUBTS.match(sentence) else "answers"
    agrees = _AGREES.search(sentence)
    rest = sentence
    if agrees and (but := _BUT.search(sentence, agrees.end())):
        rest = sentence[but.end() :]
    if _DECLINES.search(rest) and not (agrees and rest == sentence):
        return "declines"
    if _DEFERS.search(rest):
        return "defers"
    return "agrees" if agrees else "answers"


def _spoken(reply: Comment, message_id: str, talk: Talk) -> tuple[int, ...]:
    """Return the numbers of the comments of a mail whose own words a passage quotes, in their order."""
    key = (reply.message_id, reply.number, message_id)
    if key not in talk.spoken:
        quoted = {squeeze(line.lstrip("> ")) for line in reply.quote.split("\n")}
        beside = talk.by_mail.get(message_id, ())[:MOST_REPLIES]
        talk.spoken[key] = tuple(one.comment.number for one in beside if _is_quoted(one.comment.text, quoted))
    return talk.spoken[key]


def _is_quoted(text: str, quoted: set[str]) -> bool:
    keys = [squeeze(line) for line in text.split("\n")]
    telling = [key for key in keys if len(key) >= _LONG_ENOUGH]
    return any(key in quoted for key in telling or [key for key in keys if key])

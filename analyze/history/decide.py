"""Facts -> a state. The rules stand in docs/ledger.md, in this order; the first that holds decides.

Nothing is "addressed" because something near it changed, nor because somebody promised to do it.
"""

from __future__ import annotations

import re

from .answers import says_something
from .entry import State
from .facts import Facts
from .kinds import ASKING
from .texts import MESSAGE

Decision = tuple[State, str]
"""A state, and why, in one sentence."""

_PLAIN = re.compile(
    r"""
    \?["')\]]*$
    | \b(?:please|should|must|needs?\s(?:to|an?|the)|missing|nit|typo|prefer|suggest|instead|consider
        |why|how\sabout|(?:would|could|might)(?:\s\w+)?\sbe\s(?:nice|nicer|good|great|better|clearer|cleaner|worth|ideal))\b
    | ^(?:also,?\s|and\s|so\s|then\s)?(?:add|use|drop|remove|rename|move|fix|check|make|split|document
        |explain|update|avoid|keep|don't|do\snot|replace|merge|squash)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""A question, a plea or a demand, and not only doubt or an opinion."""
_ADDS = re.compile(
    r"\b(?:add|insert|new ?line|(?:empty|blank) line|explain|describe|document|mention|comment|missing"
    r"|lacks?|check|test|handle|cc|also|changelog|commit (?:message|log))\b",
    re.IGNORECASE,
)
"""What asks for something beside the quoted lines, which then may stay as they are."""
NO_ANSWER = "no answer in this archive"


def decide(facts: Facts) -> Decision:
    """Decide what became of a comment."""
    if facts.kind == "notice":
        return "unknown", "a fix of the -mm tree: it is folded into the patch"
    if facts.kind not in ASKING:
        return "unknown", "it asks for nothing, as far as its words tell"
    for rule in (_partly, _shown, _settled, _put_off, _refused, _answered, _still_there, _nothing_later):
        found = rule(facts)
        if found is not None:
            return found
    return "unknown", _why_unknown(facts)


def _partly(facts: Facts) -> Decision | None:
    """Some of it is there, some of it was refused."""
    there = facts.proved or facts.changed
    agrees = facts.says("agrees")
    if there and facts.says("declines") and agrees and agrees.promise:
        return "partly", f"the author declines in part; {there.name} changes what was quoted"
    return None


def _shown(facts: Facts) -> Decision | None:
    """The later text follows it, or its very lines changed and somebody says why."""
    proved, changed = facts.proved, facts.changed
    if proved and proved.proof and proved.proof.kind in ("run", "substitution"):
        return "addressed", f'{proved.name} has it: {_PROVED[proved.proof.kind]} "{proved.proof.words}"'
    heard = facts.to_author or any(answer.direct for answer in facts.by_author)
    if facts.says("declines") or not heard:
        return None
    if facts.fixed and facts.fixed.answers:
        return "addressed", f'"{facts.fixed.title}" of the -mm tree changes the very line'
    agrees = facts.says("agrees")
    strong = [relation for relation in facts.related if relation.strong]
    if proved and proved.proof and not facts.rests:
        sure = changed and changed.revision == proved.revision and not facts.says("answers")
        if sure or agrees or strong:
            return "addressed", f'{proved.name} has it: {_PROVED[proved.proof.kind]} "{proved.proof.words}"'
    return _changed(facts) or _logged(facts)


def _changed(facts: Facts) -> Decision | None:
    """The very lines changed, and a promise, a changelog, a tag or a robot's silence goes with that."""
    changed, agrees = facts.changed, facts.says("agrees")
    if changed is None:
        return None
    if agrees:
        return "addressed", f"the author agreed, and {changed.name} changed the very lines"
    same_time = [relation for relation in facts.related if relation.item.revision == changed.revision]
    if any(relation.strong or relation.named for relation in same_time):
        return "addressed", f"{changed.name} changed the very lines, and its changelog speaks of it"
    if changed.message_id and facts.kind == "robot":
        return "addressed", f"{changed.name} changed the very line that the report names"
    tagged = any(at >= changed.revision for at, _, _ in facts.trailers)
    on_code = facts.block is not None and facts.block.path != MESSAGE
    if tagged and on_code and not facts.rests and facts.kind != "question" and _asks_plainly(facts):
        return "addressed", f"{changed.name} changed the very lines, and the reviewer gave a tag to it"
    return None


def _logged(facts: Facts) -> Decision | None:
    """A changelog speaks of it, and the author agreed; or it names the reviewer, and no line was quoted."""
    close = next((relation for relation in facts.related if relation.strong), None)
    if close is None or facts.rests:
        return None
    sure = close.named or (len(close.shared) > 2 and close.own > 1)
    if facts.says("agrees") and sure:
        return "addressed", "the author agreed, and a changelog speaks of it"
    if close.named and len(close.shared) > 2 and not (facts.block and not facts.around):
        return "addressed", "a changelog names the reviewer and speaks of it"
    return None


_PROVED = {
    "run": "words that the comment proposes,",
    "substitution": "the substitution",
    "named": "what the comment names,",
    "unnamed": "gone is",
    "taken out": "gone is",
}


def _settled(facts: Facts) -> Decision | None:
    """The reviewer, answered, lets it be."""
    if facts.rests is None:
        return None
    if facts.says("declines"):
        return "declined", "the author declined, and the reviewer lets it be"
    agrees = facts.says("agrees")
    if agrees and agrees.promise:
        return None
    if facts.kind == "question":
        return "addressed", "the question was answered, and the reviewer lets it be"
    if facts.says("answers") and _asks_plainly(facts) and not facts.changed:
        return "declined", "the author gave reasons, and the reviewer lets it be"
    return None


def _put_off(facts: Facts) -> Decision | None:
    """It was put off, or its lines stand in another patch."""
    if facts.says("defers") and facts.to_author and not facts.changed and facts.kind != "question":
        return "moved", "the author puts it off to other work"
    there = next((one for one in facts.later[:1] if one.elsewhere), None)
    if there:
        return "moved", f'in {there.name} the lines stand in "{there.elsewhere}"'
    return None


def _refused(facts: Facts) -> Decision | None:
    """The author said no, and the lines stayed."""
    if facts.says("declines") and not facts.changed and _asks_plainly(facts):
        return "declined", "the author declined"
    return None


def _answered(facts: Facts) -> Decision | None:
    """A question is answered by an answer, if that promises nothing."""
    direct = [answer for answer in facts.by_author if answer.direct and says_something(answer)]
    promised = any(answer.promise for answer in facts.by_author)
    settled = direct and not promised and not facts.says("declines") and not facts.asks_on
    if facts.kind == "question" and settled:
        return "addressed", "the author answered the question"
    return None


def _still_there(facts: Facts) -> Decision | None:
    """The very lines stand in the last revision at hand as they were."""
    if not facts.later or not facts.to_author or facts.beside:
        return None
    last = facts.later[-1]
    code = facts.block is not None and (facts.block.path != MESSAGE or facts.kind == "nit")
    same = all(one.same or (code and one.fate and one.fate.kind == "same") for one in facts.later)
    if _ADDS.search(facts.asked.comment.text) and not last.same:
        return None
    spoken = any(relation.strong for relation in facts.related)
    if not same or not _asks_plainly(facts) or facts.says("declines") or spoken:
        return None
    agrees = facts.says("agrees")
    if facts.answers and not (agrees and agrees.promise):
        return None
    what = "the patch is as it was" if last.same else "the very lines stand as they were"
    said = "the author agreed, but" if agrees else f"{NO_ANSWER}, and"
    return "open", f"{said} in {last.name} {what}"


def _asks_plainly(facts: Facts) -> bool:
    """Whether its words are a question, a plea or a demand, and not only doubt or an opinion."""
    requests = facts.asked.comment.requests
    return facts.kind in ("nit", "robot") or any(_PLAIN.search(request) for request in requests)


def _nothing_later(facts: Facts) -> Decision | None:
    """No later revision is at hand."""
    on_code = facts.on_patch and facts.block is not None and facts.block.path != MESSAGE
    if facts.later or not facts.to_author or facts.beside or not (on_code or _asks_plainly(facts)):
        return None
    agrees = facts.says("agrees")
    if agrees and agrees.promise:
        return "open", "the author agreed; no later revision is here"
    if not facts.answers:
        return "open", f"{NO_ANSWER}, and no later revision is here"
    return None


def _why_unknown(facts: Facts) -> str:
    """Say what is missing for a state."""
    if not facts.to_author and not facts.by_author:
        return "it was put to another reviewer"
    if facts.changed:
        return f"{facts.changed.name} changed the very lines; whether for this nobody says"
    gone = next((one for one in facts.later if one.message_id is None), None)
    if gone:
        return f"the patch is gone in {gone.name}"
    if facts.beside:
        return f'the same author\'s "{facts.beside}" touches the same file; that is not looked into'
    if facts.says("agrees"):
        return "the author agreed; the later text does not show it"
    if facts.asks_on:
        return "the author answered, and the reviewer asks on"
    if facts.by_author:
        return "the author answered; the later text does not show more"
    return f"{NO_ANSWER}; the later text does not show it"

"""Facts -> a state. The rules stand in docs/ledger.md, in this order; the first that holds decides.

Nothing is "addressed" because something near it changed, nor because somebody promised to do it.
"""

from __future__ import annotations


from .entry import State
from .facts import Facts
from .kinds import ASKING

Decision = tuple[State, str]
"""A state, and why, in one sentence."""

NO_ANSWER = "no answer in this archive"


def decide(facts: Facts) -> Decision:
    """Decide what became of a comment."""
    if facts.kind not in ASKING:
        return "unknown", "it asks for nothing, as far as its words tell"
    for rule in (_partly, _shown, _settled, _put_off, _refused, _answered, _still_there, _nothing_later):
        found = rule(facts)
        if found is not None:
            return found
    return "unknown", _why_unknown(facts)


def _partly(facts: Facts) -> Decision | None:
    """Some of it is there, some of it was refused."""
    if facts.proved and facts.says("declines") and facts.says("agrees"):
        return "partly", f"{facts.proved.name} follows it in part, and the author declines in part"
    return None


def _shown(facts: Facts) -> Decision | None:
    """The later text follows it, or its very lines changed and somebody says why."""
    proved, changed = facts.proved, facts.changed
    agrees = facts.says("agrees")
    close = next((relation for relation in facts.related if relation.strong or relation.named), None)
    if proved and proved.proof:
        sure = proved.proof.kind in ("run", "substitution") or (
            changed and changed.revision == proved.revision
        )
        if sure or agrees or close:
            return "addressed", f'{proved.name} has it: {_PROVED[proved.proof.kind]} "{proved.proof.words}"'
    if changed and agrees:
        return "addressed", f"the author agreed, and {changed.name} changed the very lines"
    if changed and close and close.item.revision == changed.revision:
        return "addressed", f"{changed.name} changed the very lines, and its changelog speaks of it"
    if changed and changed.message_id and facts.kind == "robot":
        return "addressed", f"{changed.name} changed the very line that the report names"
    if changed and facts.kind != "question" and any(at >= changed.revision for at, _, _ in facts.tags):
        return "addressed", f"{changed.name} changed the very lines, and the reviewer gave a tag to it"
    if agrees and close and close.strong:
        return "addressed", "the author agreed, and a changelog speaks of it"
    if close and close.strong and close.named and not (facts.block and not facts.around):
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
    if facts.kind == "question":
        return "addressed", "the question was answered, and the reviewer lets it be"
    if facts.says("declines") or facts.says("answers"):
        return "declined", "the author gave reasons, and the reviewer lets it be"
    return None


def _put_off(facts: Facts) -> Decision | None:
    """It was put off, or its lines stand in another patch."""
    if facts.says("defers"):
        return "moved", "the author puts it off to other work"
    there = next((one for one in facts.later[:1] if one.elsewhere), None)
    if there:
        return "moved", f'in {there.name} the lines stand in "{there.elsewhere}"'
    return None


def _refused(facts: Facts) -> Decision | None:
    """The author said no, and the lines stayed."""
    if facts.says("declines") and not facts.changed:
        return "declined", "the author declined"
    return None


def _answered(facts: Facts) -> Decision | None:
    """A question is answered by an answer, if that promises nothing."""
    direct = [answer for answer in facts.by_author if answer.direct and not answer.promise]
    if facts.kind == "question" and direct and not facts.says("declines"):
        return "addressed", "the author answered the question"
    return None


def _still_there(facts: Facts) -> Decision | None:
    """The very lines stand in the last revision at hand as they were."""
    if not facts.later or not facts.to_author:
        return None
    last = facts.later[-1]
    same = all(one.same or (one.fate is not None and one.fate.kind == "same") for one in facts.later)
    if not same or facts.says("declines") or facts.related:
        return None
    agrees = facts.says("agrees")
    if not agrees and facts.by_author:
        return None
    what = "the patch is as it was" if last.same else "the very lines stand as they were"
    said = "the author agreed, but" if agrees else f"{NO_ANSWER}, and"
    return "open", f"{said} in {last.name} {what}"


def _nothing_later(facts: Facts) -> Decision | None:
    """No later revision is at hand."""
    if facts.later or not facts.to_author:
        return None
    if facts.says("agrees"):
        return "open", "the author agreed; no later revision is here"
    if not facts.by_author:
        return "open", f"{NO_ANSWER}, and no later revision is here"
    return None


def _why_unknown(facts: Facts) -> str:
    """Say what is missing for a state."""
    if not facts.to_author:
        return "it was put to another reviewer"
    if facts.changed:
        return f"{facts.changed.name} changed the very lines; whether for this nobody says"
    gone = next((one for one in facts.later if one.message_id is None), None)
    if gone:
        return f"the patch is gone in {gone.name}"
    if facts.says("agrees"):
        return "the author agreed; the later text does not show it"
    if facts.by_author:
        return "the author answered; the later text does not show more"
    return f"{NO_ANSWER}; the later text does not show it"



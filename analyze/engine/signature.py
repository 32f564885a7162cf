"""A function whose parameters or result have other types in the other version (rules B6, C5, C9)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Protocol

from . import ir
from .bodies import Bodies
from .by_name import Matched, handed_on, match
from .callers import find_callers
from .clock import now
from .delta import Delta, Difference, Reason
from .environment import Environment
from .judgement import Judgement, Preserved

MOST_LEVELS = 3
"""How many callers up a function is judged whose callers' signatures change as well."""
ANY = "may be any value"
_LINKAGE = re.compile(
    r"\b(?:static|extern|inline|__inline|__inline__|__always_inline|noinline|__must_check|__maybe_unused"
    r"|__always_unused|__cold)\b"
)
"""What a declaration says to the compiler and the linker alone (B6)."""
_PLACE = re.compile(r"\b(?:_RET_IP_|_THIS_IP_|__builtin_(?:return_address|frame_address|constant_p))\b")


class Versions(Protocol):
    """What is asked of a comparison (comparison.Comparison)."""

    pre: Environment
    post: Environment
    under_way: list[str]
    proved: dict[str, Judgement]
    bodies: Bodies
    about: frozenset[str]

    def judge(
        self, pre: ir.Function, post: ir.Function, deadline: float
    ) -> tuple[Judgement, ir.Function, ir.Function, frozenset[str]]:
        """Judge two functions of equal types."""

    def in_step(self, delta: Delta, pre: ir.Function, post: ir.Function, deadline: float) -> Delta | None:
        """Return a proof of two functions run side by side (L10), if there is one."""

    def judged(self, delta: Delta, pre: ir.Function, post: ir.Function, deadline: float) -> Delta:
        """Return the verdict on two functions."""


def types_of(function: ir.Function) -> tuple[object, ...]:
    """Return what two versions have to have in common to be compared at once."""
    return (function.result, tuple(one.type for one in function.parameters), function.variadic)


def unlinked(signature: str) -> str:
    """Return a signature without the words of linkage and of hints to the compiler (B6)."""
    return " ".join(_LINKAGE.sub(" ", signature).split())


def asks_where_it_is(text: str) -> bool:
    """Say whether a function's text asks what inlining decides: where it was called, or whether a parameter
    is a constant there (B6)."""
    return _PLACE.search(text) is not None


def is_static(function: ir.Function) -> bool:
    """Say whether no other file can name a function."""
    return re.search(r"\bstatic\b", function.signature) is not None


def judge_signature(
    versions: Versions, delta: Delta, pre: ir.Function, post: ir.Function, deadline: float
) -> Delta:
    """Judge a function whose parameters or result have other types: with parameters matched by name (C9), and
    a static one by what its callers do (C5)."""
    matched = match(pre, post)
    if matched is None:
        return _through_callers(versions, delta, pre, post, deadline)
    state = versions.under_way, versions.proved, versions.bodies.under

    def by_name(what: Matched, share: float) -> Delta:
        versions.under_way, versions.proved, versions.bodies.under = list(state[0]), {}, state[2]
        return versions.judged(delta, what.pre, what.post, now() + (deadline - now()) * share)

    told = by_name(matched, 0.4)
    if told.verdict == "preserved":
        return replace(told, assumptions=(*told.assumptions, _said(matched, "makes no difference")))
    if told.verdict == "changed":
        whatever = by_name(matched.opened(), 0.4)
        if whatever.verdict == "changed":
            return replace(whatever, assumptions=(*whatever.assumptions, _said(matched, ANY)))
    through = _through_callers(versions, delta, pre, post, now() + (deadline - now()) * 0.6)
    if through.verdict != "undecided" or told.verdict != "changed":
        return through
    versions.under_way, versions.proved, versions.bodies.under = list(state[0]), {}, state[2]
    if not _adds(versions, matched, pre, post, deadline):
        return through
    return replace(told, assumptions=(*told.assumptions, _said(matched, ANY)))


def _said(matched: Matched, what: str) -> str:
    names = matched.names()
    return f"parameters are matched by name; {' and '.join(names)}, which one version alone has, {what}"


def _adds(versions: Versions, matched: Matched, pre: ir.Function, post: ir.Function, deadline: float) -> bool:
    """Say whether the versions do the same with zero for the parameters that one has alone, and a caller
    hands values on that nobody here knows, and that its other version does not speak of: what those do is no
    part of the other version (C9)."""
    fixed = matched.without()
    if fixed is None:
        return False
    side, environment = (("pre", versions.pre), ("post", versions.post))[matched.longer]
    other = (versions.post, versions.pre)[matched.longer]
    name = (pre, post)[matched.longer].name
    callers, why = find_callers(environment, name)
    if why not in ("", "it may be called from other files"):
        return False
    if not why:
        lowered = [versions.bodies.lower(side, one) for one in callers]
        bodies = [one for one in lowered if isinstance(one, ir.Function)]
        if all(
            _speaks_of(other, one.name, given)
            for one in bodies
            for position in matched.own
            for given in handed_on(one, name, position)
        ):
            return False
    found, _, _, left = versions.judge(fixed.pre, fixed.post, deadline)
    return isinstance(found, Preserved) and not left


def _speaks_of(environment: Environment, name: str, word: str) -> bool:
    """Say whether a word stands in a function's body."""
    return any(
        re.search(rf"\b{re.escape(word)}\b", environment.source.mask[own.body : own.end])
        for own in environment.functions(name)
    )


def _through_callers(
    versions: Versions, delta: Delta, pre: ir.Function, post: ir.Function, deadline: float
) -> Delta:
    """Judge a static function by what its callers do, with it inlined (C5)."""
    callers, why = _callers(versions, pre.name, post.name)
    assumptions: dict[str, None] = {}
    waiting = [(one, 1) for one in callers]
    seen, alone = set(callers), []
    while waiting and not why:
        caller, level = waiting.pop(0)
        if not (versions.pre.functions(caller) and versions.post.functions(caller)):
            alone.append(caller)
            continue
        versions.bodies.under = pre.config, post.config  # where the function is; not where another caller is
        first, second = versions.bodies.lower("pre", caller), versions.bodies.lower("post", caller)
        if not isinstance(first, ir.Function) or not isinstance(second, ir.Function):
            why = f"{caller}, which calls it, cannot be compared"
            break
        if types_of(first) != types_of(second):
            further, unknown = _callers(versions, caller, caller)
            if unknown or not further or level >= MOST_LEVELS:
                why = f"{caller}, which calls it, has another signature as well"
            waiting += [(one, level + 1) for one in further if one not in seen]
            seen |= {*further}
            continue
        versions.bodies.under, nothing = (first.config, second.config), replace(delta, reason=None)
        # each of the callers is proved assuming the others (C4): nothing else leads to the function
        others = [one for one in seen if _is_alike(versions, one)]
        versions.under_way, versions.proved = [caller, *others], {}
        proof = versions.in_step(nothing, first, second, deadline)
        versions.under_way, versions.proved = [caller], {}  # what was proved assumed the others
        versions.about = frozenset((pre.name, post.name))
        one = proof or versions.judged(nothing, first, second, deadline)
        versions.about = frozenset()
        told = [
            replace(row, when=f"{caller}() calls it: {row.when}")
            for row in one.differences
            if tells_of(row, {pre.name, post.name})
        ]
        if told:
            return replace(one, differences=tuple(told), through=caller)
        if one.verdict != "preserved":
            how = "differs elsewhere" if one.differences else "is not decided"
            why = f"{caller}, which calls it, {how}"
            break
        assumptions.update(dict.fromkeys(one.assumptions))
    if callers and not why and len(alone) == len(seen):
        why = "no function calls it in both versions"
    if why:
        text = f"its parameters or its result have other types; {why}"
        return replace(delta, reason=Reason(code="signature", text=text))
    assumptions[f"it is called by {', '.join(callers)} alone"] = None
    for caller in alone:
        assumptions[f"what {caller}, which one version has alone, does with it is told there"] = None
    return replace(delta, verdict="preserved", reason=None, assumptions=tuple(assumptions), how="callers")


def _is_alike(versions: Versions, name: str) -> bool:
    """Say whether a caller is one that is compared: both versions have it, with equal types."""
    both = [versions.bodies.lower(side, name) for side in ("pre", "post")]
    types = [types_of(one) for one in both if isinstance(one, ir.Function)]
    return len(types) == 2 and types[0] == types[1]


def tells_of(row: Difference, names: Collection[str]) -> bool:
    """Say whether what differs in a row is a call of one of some functions, or happens in one (C5)."""
    return any(re.search(rf"\b{re.escape(name)}\b", f"{row.before} {row.after}") for name in names)


def _callers(versions: Versions, before: str, after: str) -> tuple[tuple[str, ...], str]:
    """Return the callers in either version, or why they do not tell all."""
    pre, why = find_callers(versions.pre, before)
    post, why_after = find_callers(versions.post, after)
    found = tuple(dict.fromkeys((*pre, *post)))
    return found, why or why_after or ("" if found else "nothing here calls it")

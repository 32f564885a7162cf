"""One version's run under a model: its effects in order, and where two runs first differ."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from . import ir
from .difference import BOUND
from .effects import Event
from .execute import Result
from .leaves import OBSERVED, is_tainted, subterms_with_addresses
from .pair import Pair
from .simplify import build
from .solve import Model
from .term import Term

_NAMES = re.compile(r"\$\d+|\b[a-z_]\w*")
"""Variables and functions, no constants."""
_STORES = re.compile(r"\+\+|--|(?<![=!<>])=(?!=)")
_ASSIGNED = re.compile(r"^((?:->|[^()=!<>])*)(?:<<|>>)?=(?!=)")
"""A marked assignment up to its sign: what it stores to, once all else in it is done."""


@dataclass(slots=True)
class Run:
    """One version's run under a model: its effects in order, its outcome, the decisions on the way."""

    events: list[Term] = field(default_factory=list)
    outcome: Term | None = None
    decisions: dict[Term, int] = field(default_factory=dict)

    begun: list[tuple[Event, int]] = field(default_factory=list)
    """The expressions whose order C leaves open (T10), and the index of the effect behind each mark."""

    def step(self, index: int) -> Term | None:
        """Return an effect, or the outcome, which comes after the last."""
        return self.events[index] if index < len(self.events) else self.outcome

    def marks(self, index: int) -> list[tuple[Event, int]]:
        """Return the marked expressions that were begun before an effect came to its turn."""
        return [mark for mark in self.begun if mark[1] <= index]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A version with its text, for wording."""

    function: ir.Function
    result: Result


def run_of(term: Term, model: Model) -> Run:
    """Follow a term of behaviour under a model, from its outcome back to the start."""
    run = Run()
    while True:
        if term.op == "ite":
            value = model.value(term.args[0])
            run.decisions[term.args[0]] = value
            term = term.args[1] if value else term.args[2]
            continue
        if term.op in ("return", "stop", "endless"):
            run.outcome = term
            for part in term.args[2:]:
                arm_of = part
                while arm_of.op == "ite":
                    run.decisions[arm_of.args[0]] = chosen = model.value(arm_of.args[0])
                    arm_of = arm_of.args[1] if chosen else arm_of.args[2]
        elif term.op in ("event", "loop"):
            if isinstance(term.data, Event) and term.data.kind == "unsequenced":
                run.begun.append((term.data, len(run.events)))  # no effect: what it stands before tells (T10)
            else:
                run.events.append(term)
        else:
            break
        term = term.args[1] if term.op == "loop" else term.args[0]
    run.events.reverse()
    run.begun = [(mark, len(run.events) - behind) for mark, behind in reversed(run.begun)]
    return run


def span_at(result: Result, step: Term, model: Model) -> ir.Span | None:
    """Return where a step of a run stands: at the block that the run comes through, where several do it."""
    sites = result.sites.get(step, {})
    if len(sites) > 1:
        here = result.ways.get(0)
        while here is not None:
            while isinstance(here, tuple):
                here = here[1] if model.value(here[0]) else here[2]
            if here in sites:
                return sites[here]
            here = result.ways.get(here) if isinstance(here, int) else None
    return result.spans.get(step)


def arm(term: Term, run: Run) -> Term:
    """Return what a merged value is in a run."""
    while term.op == "ite" and term.args[0] in run.decisions:
        term = term.args[1] if run.decisions[term.args[0]] else term.args[2]
    return term


def both_come(pair: Pair, sides: tuple[Result, Result], before: Run, after: Run, index: int) -> Term:
    """Return the condition under which each version comes to its step of the first difference."""
    found = pair.terms.const(1, 1)
    for side, run in zip(sides, (before, after), strict=True):
        if index < len(run.events):
            found = build(pair.terms, "and", found, _comes_to(pair, side.term, run.events[index]))
            continue
        if run.outcome is not None:
            found = build(pair.terms, "and", found, _comes_to(pair, side.term, run.outcome))
            for part in (run.outcome.args[0], *run.outcome.args[2:]):
                found = build(pair.terms, "and", found, _comes_to(pair, part, arm(part, run), through=False))
    return found


def same_way(pair: Pair, before: Run, after: Run, index: int) -> Term:
    """Return the condition under which each version has the steps of its run before its step at `index`, and
    no others, as far as it depends on what a difference must not rest on (V2): a step behind a join is one
    for all ways there."""
    found = pair.terms.const(1, 1)
    for run in (before, after):
        step = run.step(index)
        while step is not None and step.op in ("event", "loop", "return", "stop", "endless"):
            past = step.args[1] if step.op == "loop" else step.args[0]
            step = arm(past, run)
            comes = _comes_to(pair, past, step, through=False)
            if any(_is_doubtful(pair, term) for term in subterms_with_addresses(comes)):
                found = build(pair.terms, "and", found, comes)
    return found


def _is_doubtful(pair: Pair, term: Term) -> bool:
    return is_tainted(term) or term.op in (*OBSERVED, "free", "converted") or pair.solver.is_untyped(term)


def _comes_to(pair: Pair, end: Term, step: Term, through: bool = True) -> Term:
    """Return the condition under which the run that ends with `end` goes through `step`, or, without
    `through`, under which the merged value `end` is `step`."""
    terms = pair.terms
    known: dict[Term, Term] = {step: terms.const(1, 1)}
    waiting = [end]
    while waiting:
        term = waiting[-1]
        if term in known:
            waiting.pop()
            continue
        if term.op == "ite":
            parts = term.args[1:]
        elif through and term.op in ("return", "stop", "endless", "event", "loop"):
            parts = (term.args[1] if term.op == "loop" else term.args[0],)
        else:
            parts = ()
        missing = [part for part in parts if part not in known]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        if term.op == "ite":
            known[term] = build(terms, "ite", term.args[0], *(known[part] for part in parts))
        else:
            known[term] = known[parts[0]] if parts else terms.const(0, 1)
    return known[end]


def first_difference(pair: Pair, model: Model, before: Run, after: Run) -> int:
    """Return the index of the first effect that is not the same in both; the outcome's is the number of
    effects."""
    for index, (one, two) in enumerate(zip(before.events, after.events, strict=False)):
        if not _alike(pair, model, one, two):
            return index
    return min(len(before.events), len(after.events))


def order_matters(before: Run, after: Run, index: int) -> bool:
    """Say whether the runs may part at `index` for nothing but an order that C leaves open (T10).

    They do not where one of them is among the calls of a marked expression, in whatever order, and the other
    goes on with none of these; nor where each of them is at the only call of such an expression, which comes
    first in it, with what the expression finds.
    """
    first, second = ([mark for mark, _ in run.marks(index)] for run in (before, after))
    if first == second or _behind_alike(before, after, index):
        return False
    shared = next(
        (n for n, (one, two) in enumerate(zip(first, second, strict=False)) if one != two),
        min(len(first), len(second)),
    )
    if all(_is_at_only_call(run, shared, index) for run in (before, after)) and not any(
        _is_access(run.step(index)) for run in (before, after)
    ):
        return False
    if len(second) == shared:
        return not _apart_from_operands(before, shared, after.step(index), index)
    return len(first) > shared or not _apart_from_operands(after, shared, before.step(index), index)


def _behind_alike(before: Run, after: Run, index: int) -> bool:
    """Say whether the runs' last marks differ in nothing but constants and operators, and the runs part
    behind what the operands call: whatever order is taken, it is taken in both."""
    marks = before.marks(index), after.marks(index)
    if not all(marks) or marks[0][:-1] != marks[1][:-1]:
        return False
    (one, begun), (two, other) = marks[0][-1], marks[1][-1]
    names = one.detail.split("|")
    alike = one.detail == two.detail and _NAMES.findall(one.name) == _NAMES.findall(two.name)
    if begun != other or not alike:
        return False
    if all(_calls_all(run, names, begun, index) for run in (before, after)):
        return True
    parts = [run.step(index) for run in (before, after)]
    return not any(part is not None and _is_call_of(part, set(names)) for part in parts)


def _calls_all(run: Run, names: list[str], begun: int, index: int) -> bool:
    """Say whether a run makes each of a marked expression's calls between its mark and `index`, and nothing
    else up to the last of them."""
    first = run.events[begun : min(begun + len(names), index)]
    made = sorted(event.data.name for event in first if _is_call_of(event, set(names)))  # type: ignore[attr-defined]
    return made == names


def _is_at_only_call(run: Run, shared: int, index: int) -> bool:
    """Say whether a run's marked expressions behind the first `shared` have one call each, which is its step
    at `index`, and store nothing: in whatever order, that call is their first effect."""
    step = run.step(index)
    for mark, begun in run.marks(index)[shared:]:
        stores = _STORES.search(_ASSIGNED.sub(r"\1", mark.name))
        alone = begun == index and mark.detail and "|" not in mark.detail and not stores
        if not alone or step is None or not _is_call_of(step, {mark.detail}):
            return False
    return True


def _apart_from_operands(run: Run, shared: int, other: Term | None, index: int) -> bool:
    marks = run.marks(index)[shared:]
    begun = marks[0][1]
    if len(marks) > 1 and begun < index:
        return False
    names = {name for mark, _ in marks for name in mark.detail.split("|")}
    inside = run.events[begun : index + 1]
    if len(inside) != index + 1 - begun or not all(_is_call_of(step, names) for step in inside):
        return False
    if other is None or other.op in ("return", "stop"):
        return other is not None and other.data != BOUND
    if not isinstance(other.data, Event) or other.data.kind not in ("call", "warn"):
        return False
    return not other.data.name.startswith(("*", "->")) and other.data.name not in names and "" not in names


def _is_access(step: Term | None) -> bool:
    """Say whether a step is a volatile access, which may stand beside a marked expression's only call."""
    return step is not None and isinstance(step.data, Event) and step.data.kind in ("read", "write")


def _is_call_of(step: Term, names: set[str]) -> bool:
    return isinstance(step.data, Event) and step.data.kind == "call" and step.data.name in names


def _alike(pair: Pair, model: Model, one: Term, two: Term) -> bool:
    if one is two:
        return True
    if one.data != two.data or len(one.args) != len(two.args) or one.op != "event":
        return False
    differ = pair.difference.memories(one.args[1], two.args[1])
    if model.value(differ):
        return False
    pairs = zip(one.args[2:], two.args[2:], strict=True)
    return not any(model.value(pair.difference.values(left, right)) for left, right in pairs)

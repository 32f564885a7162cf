"""A model -> rows of a delta: the first difference of two runs, under conditions as few as cover it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from . import ir
from .delta import Call, Cell, Difference, Witness
from .difference import _contents
from .effects import Event
from .execute import Result
from .judge import Changed, Pair
from .memory import Field, read, root
from .simplify import build, negation
from .solve import Model, UnansweredError, subterms_of_values
from .term import Term
from .wording import effect_of, say, text_at

MOST_ROWS = 6
MOST_LITERALS = 24


@dataclass(slots=True)
class Run:
    """One version's run under a model: its effects in order, its outcome, the decisions on the way."""

    events: list[Term] = field(default_factory=list)
    outcome: Term | None = None
    decisions: dict[Term, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A version with its text, for wording."""

    function: ir.Function
    result: Result


def rows(changed: Changed, pre: ir.Function, post: ir.Function, deadline: float) -> tuple[Difference, ...]:
    """Return the differences that the solver finds, one model each; the first is the model at hand."""
    pair, model = changed.pair, changed.model
    sides = (Side(function=pre, result=pair.pre), Side(function=post, result=pair.post))
    found: list[Difference] = []
    excluded = list(changed.excluded)
    current: Model | None = model
    while current is not None and len(found) < MOST_ROWS:
        row, literals = _row(pair, current, sides, excluded)
        if not any((row.when, row.before, row.after) == (o.when, o.before, o.after) for o in found):
            found.append(row)
        if not literals or time.monotonic() > deadline:
            break
        together = pair.terms.const(1, 1)
        for literal in literals:
            together = build(pair.terms, "and", together, literal)
        excluded.append(together)
        try:
            symbols = pair.solver.plain_symbols([pair.question])
            current = pair.solver.witness(pair.question, excluded, symbols)
        except UnansweredError:
            break
    return tuple(found)


def _row(
    pair: Pair, model: Model, sides: tuple[Side, Side], excluded: list[Term]
) -> tuple[Difference, list[Term]]:
    before, after = (_run(side.result.term, model) for side in sides)
    index = _first_difference(pair, model, before, after)
    effect, words, lines = _words(pair, model, sides, before, after, index)
    literals = _literals(pair, before, after)
    kept = _fewest(pair, literals, excluded)
    said = {**pair.pre.words, **pair.post.words}
    when = " and ".join(_said(literal, said) for literal in kept) or "always"
    row = Difference(
        when=when,
        effect=effect,
        before=words[0],
        after=words[1],
        witness=_witness(pair, model, sides, before, after),
        line_before=lines[0],
        line_after=lines[1],
    )
    return row, kept


def _run(term: Term, model: Model) -> Run:
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
        elif term.op in ("event", "loop"):
            run.events.append(term)
        else:
            break
        term = term.args[1] if term.op == "loop" else term.args[0]
    run.events.reverse()
    return run


def _first_difference(pair: Pair, model: Model, before: Run, after: Run) -> int:
    """Return the index of the first effect that is not the same in both; the outcome's is the number of
    effects."""
    for index, (one, two) in enumerate(zip(before.events, after.events, strict=False)):
        if not _alike(pair, model, one, two):
            return index
    return min(len(before.events), len(after.events))


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


def _words(
    pair: Pair, model: Model, sides: tuple[Side, Side], before: Run, after: Run, index: int
) -> tuple[str, tuple[str, str], tuple[int | None, int | None]]:
    """Return the effect's kind, what either side does, and where."""
    steps = [run.events[index] if index < len(run.events) else run.outcome for run in (before, after)]
    one, two = steps
    stored = _stores_differ(pair, model, one, two, sides)
    texts = [_step_words(side, step, model) for side, step in zip(sides, steps, strict=True)]
    lines = tuple(_line(side, step) for side, step in zip(sides, steps, strict=True))
    if stored is not None:
        return "store", stored, (lines[0], lines[1])
    if texts[0] == texts[1] and one is not None and two is not None:
        texts = [f"{text} with {_values(step, model)}" for text, step in zip(texts, (one, two), strict=True)]
    chosen = one if one is not None and one.op == "event" else two
    if chosen is not None and chosen.op == "event" and isinstance(chosen.data, Event):
        kind = effect_of(chosen.data.kind, chosen.data.name)
    else:
        kind = "stop" if any(step is not None and step.op == "stop" for step in steps) else "return"
    return kind, (texts[0], texts[1]), (lines[0], lines[1])


def _stores_differ(
    pair: Pair, model: Model, one: Term | None, two: Term | None, sides: tuple[Side, Side]
) -> tuple[str, str] | None:
    """Return the stored values that differ where both sides do the same step over other memory."""
    if (
        one is None
        or two is None
        or one.op != two.op
        or one.data != two.data
        or len(one.args) != len(two.args)
    ):
        return None
    pairs = zip(one.args[2:], two.args[2:], strict=True)
    if any(model.value(pair.difference.values(left, right)) for left, right in pairs):
        return None
    places = dict.fromkeys((*_contents(one.args[1])[0], *_contents(two.args[1])[0]))
    for address, key in places:
        values = [read(pair.terms, step.args[1], address, key, pair.difference.rules) for step in (one, two)]
        if values[0] is values[1] or not model.value(pair.difference.values(*values)):
            continue
        said = []
        for side, value in zip(sides, values, strict=True):
            kept = value.op == "read" and value.args[1] is address
            place = say(address, side.function).removeprefix("&")
            said.append(f"{place} as it was" if kept else f"{place} = {say(value, side.function)}")
        if said[0] == said[1]:
            said = [f"{text} ({model.value(value)})" for text, value in zip(said, values, strict=True)]
        where = _step_words(sides[1], two, model)
        return f"{said[0]} at {where}", f"{said[1]} at {where}"
    return None


def _step_words(side: Side, step: Term | None, model: Model) -> str:
    if step is None:
        return "nothing"
    if step.op == "return":
        if len(step.args) < 3:
            return "return"
        value = step.args[2]
        text = say(value, side.function)
        return f"return {text if '...' not in text else model_value(value, model)}"
    if step.op == "stop":
        return "fault" if step.data == "fault" else f"stop ({step.data})"
    text = text_at(side.function, side.result.spans.get(step))
    name = step.data.name if isinstance(step.data, Event) else step.op
    if isinstance(step.data, Event) and step.data.kind == "warn":
        return text or "warning"
    return text if name.lstrip("->*") in text else f"{name}()" if text == "" else f"{name}() in {text}"


def model_value(term: Term, model: Model) -> str:
    """Return a value of the model as a signed number."""
    number = model.value(term)
    return str(number - (1 << term.width) if number >> (term.width - 1) else number)


def _values(step: Term, model: Model) -> str:
    values = [model_value(arg, model) for arg in step.args[2:] if arg.width > 0]
    return ", ".join(values) or "nothing"


def _line(side: Side, step: Term | None) -> int | None:
    if step is None:
        return None
    if step.op == "return":
        step = step.args[2] if len(step.args) > 2 else step
    span = side.result.spans.get(step)
    return span.line if span else None


# Conditions


def _literals(pair: Pair, before: Run, after: Run) -> list[Term]:
    """Return the conditions that the two runs took, as terms that are true; those with words of the source
    first."""
    said = {**pair.pre.words, **pair.post.words}
    taken = {**before.decisions, **after.decisions}
    found = [term if value else negation(pair.terms, term) for term, value in taken.items()]
    found = [term for term in dict.fromkeys(found) if term.op != "const"]
    worded = [term for term in found if _is_worded(term, said)]
    return (worded + [term for term in found if term not in worded])[:MOST_LITERALS]


def _is_worded(term: Term, said: dict[Term, str]) -> bool:
    return term in said or (term.op == "not" and term.args[0] in said)


def _fewest(pair: Pair, literals: list[Term], excluded: list[Term]) -> list[Term]:
    """Drop each condition that the difference does not need: what is left implies it (or all where they do
    not)."""
    same = negation(pair.terms, pair.question)

    def implied(kept: list[Term]) -> bool:
        together = same
        for literal in kept:
            together = build(pair.terms, "and", together, literal)
        try:
            return pair.solver.ask(together, excluded, pair.solver.plain_symbols([pair.question])) is None
        except UnansweredError:
            return False

    said = {**pair.pre.words, **pair.post.words}
    if not implied(literals):
        return [literal for literal in literals if _is_worded(literal, said)][:8]
    kept = list(literals)
    for literal in reversed(literals):
        without = [one for one in kept if one is not literal]
        if implied(without):
            kept = without
    return kept


def _said(literal: Term, said: dict[Term, str]) -> str:
    if literal in said:
        return said[literal]
    if literal.op == "not" and literal.args[0] in said:
        return f"!({said[literal.args[0]]})"
    if literal.op == "bad" or (literal.op == "not" and literal.args[0].op == "bad"):
        return "a pointer is invalid" if literal.op == "bad" else "the pointers are valid"
    return "a condition without words in the source"


# The witness


def _witness(pair: Pair, model: Model, sides: tuple[Side, Side], before: Run, after: Run) -> Witness:
    parameters = []
    for position, variable in enumerate(sides[1].function.parameters):
        value = next(
            (
                term
                for term in subterms_of_values(pair.question)
                if term.op == "input" and term.data == ("parameter", position)
            ),
            None,
        )
        parameters.append((variable.name, model.value(value) if value is not None else 0))
    cells, constants, config = [], [], {}
    for term in subterms_of_values(pair.question):
        if term.op == "read":
            cells.append(_cell(term, model, before))
        elif term.op == "symbol":
            constants.append((str(term.data), model.value(term)))
        elif term.op == "config":
            kind, _, name = str(term.data).partition(":")
            if model.value(term) and name:
                config[name.removeprefix("CONFIG_")] = kind
    return Witness(
        parameters=tuple(parameters),
        cells=tuple(cells),
        constants=tuple(constants),
        config=tuple(config.items()),
        before=_calls(pair, model, before),
        after=_calls(pair, model, after),
    )


def _cell(term: Term, model: Model, run: Run) -> Cell:
    epoch, address = term.args
    path: list[tuple[str, str]] = []
    step = address
    while step.op in ("field", "plus"):
        if isinstance(step.data, Field):
            path.append((step.data.record, step.data.field))
        step = step.args[0]
    base = root(address)
    return Cell(
        base=model.value(base),
        path=tuple(reversed(path)),
        name=str(base.data) if base.op == "global" else "",
        width=term.width,
        value=model.value(term),
        epoch=_epoch(epoch, run),
    )


def _epoch(history: Term, run: Run) -> int:
    return run.events.index(history) + 1 if history in run.events else 0


def _calls(pair: Pair, model: Model, run: Run) -> tuple[Call, ...]:
    answers: dict[Term, Term] = {}
    outputs: dict[Term, list[tuple[str, int]]] = {}
    for term in subterms_of_values(pair.question):
        if term.op == "answer":
            answers[term.args[0]] = term
        elif term.op == "output":
            outputs.setdefault(term.args[0], []).append((str(term.data), model.value(term)))
    found = []
    for event in run.events:
        named = event.data
        if not isinstance(named, Event):
            continue
        answer = answers.get(event)
        found.append(
            Call(
                name=named.name,
                kind=named.kind,
                arguments=tuple(model.value(arg) for arg in event.args[2:] if arg.width > 0),
                answer=None if answer is None else model.value(answer),
                outputs=tuple(outputs.get(event, ())),
            )
        )
    return tuple(found)

"""The first difference of two runs, in the source's words."""

from __future__ import annotations

from .difference import _contents
from .effects import Event
from .leaves import subterms_of_values
from .memory import read
from .pair import Pair
from .runs import Run, Side, arm, span_at
from .solve import Model
from .term import Term
from .wording import effect_of, say, text_at

IN_THIS_RUN = " in this run"
"""Behind a value that is a model's."""


def step_words(
    pair: Pair, model: Model, sides: tuple[Side, Side], before: Run, after: Run, index: int
) -> tuple[str, tuple[str, str], tuple[int | None, int | None]]:
    """Return the effect's kind, what either side does, and where."""
    one, two = steps = (before.step(index), after.step(index))
    stored = _stores_differ(pair, model, (one, two), sides, (before, after))
    texts = [
        _step_words(side, step, model, run)
        for side, step, run in zip(sides, steps, (before, after), strict=True)
    ]
    lines = tuple(_line(side, step, model) for side, step in zip(sides, steps, strict=True))
    if stored is not None:
        return "store", stored, (lines[0], lines[1])
    if one is not None and two is not None and (texts[0] == texts[1] or _is_one_call(one, two)):
        texts = _with_arguments(pair, model, sides, (one, two), (before, after), texts)
    chosen = one if one is not None and one.op == "event" else two
    if chosen is not None and chosen.op == "event" and isinstance(chosen.data, Event):
        kind = effect_of(chosen.data.kind, chosen.data.name)
    else:
        kind = "stop" if any(step is not None and step.op == "stop" for step in steps) else "return"
    return kind, (texts[0], texts[1]), (lines[0], lines[1])


def _is_one_call(one: Term, two: Term) -> bool:
    names = [step.data.name if isinstance(step.data, Event) else "" for step in (one, two)]
    return names[0] == names[1] != ""


def _stores_differ(
    pair: Pair,
    model: Model,
    steps: tuple[Term | None, Term | None],
    sides: tuple[Side, Side],
    runs: tuple[Run, Run],
) -> tuple[str, str] | None:
    """Return the stored values that differ where both sides do the same step over other memory."""
    one, two = steps
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
        first, second = (
            read(pair.terms, step.args[1], address, key, pair.difference.rules) for step in (one, two)
        )
        if first is second or not model.value(pair.difference.values(first, second)):
            continue
        arms = [arm(value, run) for value, run in zip((first, second), runs, strict=True)]
        words = [say(value, side.function) for value, side in zip(arms, sides, strict=True)]
        if words[0] == words[1] or any("..." in word for word in words):
            words = [f"{_number_words(pair, value, model)}{IN_THIS_RUN}" for value in arms]
        said = []
        for side, value, word in zip(sides, arms, words, strict=True):
            kept = value.op == "read" and value.args[1] is address
            place = say(address, side.function).removeprefix("&")
            said.append(f"{place} as it was" if kept else f"{place} = {word}")
        where = _step_words(sides[1], two, model, Run())
        return f"{said[0]} at {where}", f"{said[1]} at {where}"
    return None


def _step_words(side: Side, step: Term | None, model: Model, run: Run) -> str:
    if step is None:
        return "nothing"
    if step.op == "return":
        return _return_words(side, step, model, run)
    if step.op == "stop":
        return "fault" if step.data == "fault" else f"stop ({step.data})"
    text = text_at(side.function, span_at(side.result, step, model))
    name = step.data.name if isinstance(step.data, Event) else step.op
    if isinstance(step.data, Event) and step.data.kind == "warn":
        return text if "WARN" in text else f"a warning in {text}" if text else "warning"
    return text if name.lstrip("->*") in text else f"{name}()" if text == "" else f"{name}() in {text}"


def _return_words(side: Side, step: Term, model: Model, run: Run) -> str:
    """Return the statement where the run's value stands in one, else what is known of the value."""
    if len(step.args) < 3:
        return "return"
    value, text = step.args[2], ""
    while True:
        span = side.result.spans.get(value)
        found = text_at(side.function, span) if span else ""
        if found.startswith("return ") and not found.removeprefix("return ").isidentifier():
            text = found
        if value.op != "ite" or value.args[0] not in run.decisions:
            break
        value = value.args[1] if run.decisions[value.args[0]] else value.args[2]
    if text:
        return text
    text = say(value, side.function)
    return f"return {text if '...' not in text else model_value(value, model)}"


def model_value(term: Term, model: Model) -> str:
    """Return a value of the model as a signed number."""
    number = model.value(term)
    return str(number - (1 << term.width) if number >> (term.width - 1) else number)


def _with_arguments(
    pair: Pair,
    model: Model,
    sides: tuple[Side, Side],
    steps: tuple[Term, Term],
    runs: tuple[Run, Run],
    texts: list[str],
) -> list[str]:
    """Add to two steps of equal words the values that differ between them."""
    said: tuple[list[str], list[str]] = ([], [])
    named = steps[0].op == "event"
    for place, (one, two) in enumerate(zip(steps[0].args[2:], steps[1].args[2:], strict=False), 1):
        if one is two or not one.width or not model.value(pair.difference.values(one, two)):
            continue
        arms = [arm(value, run) for value, run in zip((one, two), runs, strict=True)]
        words = [say(arm, side.function) for arm, side in zip(arms, sides, strict=True)]
        if words[0] == words[1] or any("..." in word for word in words):
            words = [_number_words(pair, arm, model) for arm in arms]
        for kept, word in zip(said, words, strict=True):
            kept.append(f"argument {place} = {word}" if named else word)
    return [
        f"{text} with {', '.join(kept)}" if kept else text for text, kept in zip(texts, said, strict=True)
    ]


def _number_words(pair: Pair, term: Term, model: Model) -> str:
    """Return a value of the model: named constants that make it up by name, else as a signed number."""
    number = model.value(term)
    own = [one for one in subterms_of_values(term) if one.op == "symbol"]
    others = [one for one in subterms_of_values(pair.question) if one.op == "symbol" and one not in own]
    told: list[str] = []
    together = 0
    for symbol in (*sorted(own, key=model.value), *sorted(others, key=model.value)):
        value = model.value(symbol)
        if value & number == value and value & ~together:
            told.append(str(symbol.data))
            together |= value
    return " | ".join(told) if told and together == number else model_value(term, model)


def _line(side: Side, step: Term | None, model: Model) -> int | None:
    if step is None:
        return None
    if step.op == "return":
        step = step.args[2] if len(step.args) > 2 else step
    span = span_at(side.result, step, model)
    return span.line if span else None

"""A function's outcomes where some flags and kinds are fixed: what it can return and call.

Everything else is free, so what is said is what *may* happen; a path that contradicts itself is not followed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from ..checks.paths import Budget, Explorer, Here, TooManyError, Watcher, is_pure
from ..checks.values import ANY, NEGATIVE, POSITIVE, ZERO, Value
from ..engine import ir
from ..engine.ctype import spell
from ..engine.graph import IrreducibleError
from ..kernel.axes import answering, case_rule, given_types, handed_types, kinds
from .truth import Fixed, Key, NamedKnown, Truth

MOST_STATES = 2500
"""Of one walk."""
BUDGET = 40_000
"""States of all walks for one patch: some ten seconds."""
TOO_MANY = "too many paths"
_SIGNS = {
    NEGATIVE: "a negative number",
    ZERO: "0",
    POSITIVE: "a positive number",
    NEGATIVE | ZERO: "0 or negative",
    ZERO | POSITIVE: "0 or positive",
    NEGATIVE | POSITIVE: "other than 0",
    ANY: "any number",
}
_QUIET = ("likely", "unlikely", "READ_ONCE", "WRITE_ONCE", "cond_resched", "IS_ERR", "PTR_ERR", "ERR_PTR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a function may do in one case."""

    returns: tuple[str, ...]
    """"-EINVAL", "0", "what f() answers", "a negative number"; "" of a function without a value."""
    calls: tuple[str, ...]
    """Functions that it may call, by name."""
    not_told: str = ""
    """Why nothing is said, else ""."""

    @property
    def too_many(self) -> bool:
        """Whether the paths were too many to be followed."""
        return self.not_told == TOO_MANY


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """An outcome, and what its conditions asked for."""

    outcome: Outcome
    asked: tuple[Key, ...]


def walk(function: ir.Function, fixed: Fixed, budget: Budget, *, coarse: bool = False) -> Walk:
    """Follow a function's paths with some axes fixed. Never raises.

    A `coarse` walk forgets at each block's start what calls answered, so that more of it may happen.
    """
    walker = (_Coarse if coarse else _Walker)(function, fixed, budget)
    not_told = ""
    try:
        walker.run()
    except TooManyError:
        not_told = TOO_MANY if budget.left > 0 else "the patch has too many cases"
    except (IrreducibleError, RecursionError):
        not_told = "its graph is not followed"
    seen = walker.watched
    outcome = Outcome(
        returns=() if not_told else tuple(sorted(seen.returns)),
        calls=() if not_told else tuple(sorted(seen.calls)),
        not_told=not_told,
    )
    return Walk(outcome=outcome, asked=tuple(walker.truth.asked))


@dataclass(slots=True)
class _Seen(Watcher):
    """Collects returns and calls."""

    function: ir.Function
    returns: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)

    def step(self, here: Here, step: ir.Instruction | ir.Terminator, extra: Hashable) -> Hashable:
        if isinstance(step, ir.Call):
            if not is_pure(step.callee) and step.callee not in _QUIET:
                self.calls.add(step.callee)
        elif isinstance(step, ir.Return):
            self.returns.add("" if step.value is None else self._named(here, here.known.value(step.value)))
        elif isinstance(step, ir.Stop):
            self.returns.add(f"stops ({step.how})")
        return extra

    def _named(self, here: Here, value: Value) -> str:
        """Return a returned value in words."""
        if value[0] == "k":
            return str(value[1])
        if value[0] == "s":
            return str(value[1])
        if value[0] == "n" and value[1] == "-" and value[2][0] == "s":
            return f"-{value[2][1]}"
        signs = here.known.sign(value)
        if signs == ZERO:
            return "0"
        if value[0] == "c":
            call = self.function.blocks[value[1]].instructions[value[2]]
            if isinstance(call, ir.Call):
                more = "" if signs == ANY else f" ({_SIGNS[signs]})"
                return f"what {call.callee}() answers{more}"
        if value[0] == "f":
            return f"what {value[1]}() answers"
        return "a pointer" if value[0] == "&" else _SIGNS[signs]


class _Walker(Explorer):
    """Paths on which the fixed axes decide what they can decide."""

    knowing = NamedKnown
    most_states = MOST_STATES

    def __init__(self, function: ir.Function, fixed: Fixed, budget: Budget) -> None:
        self.watched = _Seen(function)
        super().__init__(function, self.watched, 1, budget)
        spelt = {one.number: spell(one.type) for one in function.parameters}
        given = {number: given_types()[text] for number, text in spelt.items() if text in given_types()}
        handed = {number: handed_types()[text] for number, text in spelt.items() if text in handed_types()}
        names = {one.number: one.name for one in function.parameters}
        self.truth = Truth(names, given, handed, fixed)

    def _call(self, here: Here, call: ir.Call) -> None:
        super()._call(here, call)
        told = self._told(call.callee)
        if told is not None and call.target is not None:
            value = here.known.read(ir.Local(variable=call.target))
            here.known.narrow(value, POSITIVE if told else ZERO)

    def _told(self, callee: str) -> bool | None:
        """Say whether a function's answer is other than 0, by the axes."""
        name = answering().get(callee)
        if name is not None:
            key = (name, "")
            self.truth.asked.setdefault(key)
            return self.truth.fixed.get(key)
        for axis, values in kinds().items():
            if not any(callee in truths for truths in values.values()):
                continue
            for value, truths in values.items():
                self.truth.asked.setdefault((axis, value))
                if self.truth.fixed.get((axis, value)):
                    return truths.get(callee)
        return None

    def _leave(self, here: Here, end: ir.Terminator, extra: Hashable) -> Iterator[tuple[Here, Hashable]]:
        if isinstance(end, ir.Branch):
            holds = self.truth.holds(here.known.value(end.condition))
            if holds is not None:
                known = here.known.copy()
                if known.assume(end.condition, holds):
                    yield Here(known, here.trace, end.then if holds else end.other), extra
                return
        elif isinstance(end, ir.Switch):
            told = self._case(here, end)
            if told is not None:
                yield Here(here.known.copy(), here.trace, told), extra
                return
        yield from super()._leave(here, end, extra)

    def _case(self, here: Here, end: ir.Switch) -> int | None:
        """Return where a switch over a parameter goes, by the axes."""
        rule = next((rule for case in end.cases if (rule := case_rule(case.words))), None)
        if rule is None or here.known.value(end.value)[0] not in ("in", "m"):
            return None
        keys = [(rule, case.words) for case in end.cases]
        self.truth.asked |= dict.fromkeys(keys)
        if not any(name == rule for name, _ in self.truth.fixed):
            return None
        taken = (case.to for case in end.cases if self.truth.fixed.get((rule, case.words)))
        return next(taken, end.other)


class _Coarse(_Walker):
    """The same, keeping only constants, parameters and what is made of them."""

    def _project(self, here: Here) -> None:
        super()._project(here)
        known = here.known
        known.places = {name: value for name, value in known.places.items() if _is_plain(value)}
        known.signs = {value: signs for value, signs in known.signs.items() if value[0] in ("in", "d", "m")}


def _is_plain(value: Value) -> bool:
    """Say whether a value is made of constants, parameters and fields alone."""
    if value[0] in ("k", "s", "in", "g", "m"):
        return True
    return value[0] in ("b", "n") and all(_is_plain(one) for one in value[1:] if isinstance(one, tuple))

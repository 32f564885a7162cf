"""Two versions of a function -> a Delta. What the rest of lorelens calls (rules B6, B7, C3 to C5, V1 to
V4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from ..definition import Definition
from ..functions import outline
from . import ir
from .answers import constant_answers
from .callers import ELSEWHERE, covers_calls, may_stand_in
from .clock import now
from .delta import Delta as Delta
from .delta import Difference as Difference
from .delta import Reason as Reason
from .delta import Unchanged as Unchanged
from .delta import Witness as Witness
from .effects import Event
from .environment import Environment
from .inline import expand, inline
from .judge import (
    Case,
    Changed,
    Judgement,
    Preserved,
    Undecided,
    each,
    judge,
    judge_alike,
    judge_cut,
    judge_early,
    judge_in_step,
)
from .lazily import Lazily
from .leaves import names_in
from .loops.recursion import prove_recursive
from .lower.configuration import covers, may_meet, settled
from .lower.function import lower_partly, lower_piece, lower_twins
from .lower.tabled import is_tabled, is_tabled_function
from .mentions import argument_counts, calls_of, is_arithmetic, named, spans_of, uneven
from .observers import Lower, Observers
from .reach import NOTHING as NOTHING_DONE
from .reach import OTHER, FirstSteps, reachable_from
from .rows import MayDo, rows
from .runs import first_difference, run_of
from .signature import asks_where_it_is, is_static, judge_signature, tells_of, types_of, unlinked
from .surroundings import Surroundings
from .unroll import TooManyBlocksError, merge_returns, without_branches

NOTHING = Witness(parameters=(), cells=(), constants=(), config=(), before=(), after=())
EXPANDED = (12, 6, 3)
"""How deep arithmetic and recursive calls are followed for a difference: the first that is not too large."""
MOST_CALLEES = 3
"""How deep changed callees are proved equal before they are inlined (C4)."""
MOST_LAYERS = 5
"""How many layers of changed callees are opened in search of a difference that shows before the others."""
_PRINTS = re.compile(
    r"print|scanf|^panic$|(?:^|_)(?:warn|err|info|dbg|notice|log|emerg|alert|crit)(?:_once|_ratelimited)?$"
)
"""Names of functions that take any number of arguments."""
_EXPRESSION = re.compile(r"(?:[^\w(){};=+-]|[+-](?![+-])|\w++(?!\s*\()|\((?!\s*\{)|\)(?!\s*\())*", re.ASCII)
"""A macro's body that calls, assigns and declares nothing."""
MOST_REPEATED = 40
"""How many blocks a function may have that both versions call, one more often, and that is inlined for it."""
MOST_TWINS = 4
"""Definitions of one function under different conditions (#ifdef) that are read as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions:
    """How much a comparison may cost, and what it may skip."""

    budget: float = 10.0
    """Seconds for one function."""
    by_text: bool = True
    """Whether equal text in an equal environment is PRESERVED without the engine."""


class Comparison:
    """One pair of texts: the functions in them are compared on demand and kept."""

    def __init__(self, pre: Environment, post: Environment, options: CompareOptions) -> None:
        self.pre, self.post, self.options = pre, post, options
        self.around = Surroundings(pre, post)
        self.lowered: dict[
            tuple[str, int, int, tuple[str | None, str | None]], ir.Function | ir.Unlowered
        ] = {}
        self.proved: dict[str, Judgement] = {}
        self.out_of_step: set[str] = set()
        """Callees whose versions do not do the same step by step."""
        self.under_way: list[str] = []
        self.deadline = now() + options.budget
        self.inlined: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        """The functions that were inlined into the last that was judged, before and after."""
        self._seen: dict[tuple[str, str, tuple[str | None, str | None]], Observers] = {}
        self._covered: dict[tuple[Environment, str], bool] = {}
        self.about: frozenset[str] = frozenset()
        """The functions whose calls the rows have to tell of, while a caller is judged for theirs (C5)."""
        self.elsewhere: Delta | None = None
        """Rows that tell of none of these."""
        self.spans: tuple[frozenset[ir.Span], frozenset[ir.Span]] = (frozenset(), frozenset())
        """Where the two that are judged call these."""
        self.under: tuple[str | None, str | None] = (None, None)
        """The conditions that the compared definitions stand under, before and after."""

    def lower(self, side: str, name: str, start: int | None = None) -> ir.Function | ir.Unlowered | None:
        """Return a function of one side lowered; None where it has no definition there.

        Of several definitions (#ifdef) the one that starts at line `start` is taken; else all, as the
        configuration chooses. Past MOST_TWINS they are Unlowered.
        """
        environment = self._home(side, name)
        pieces = environment.functions(name)
        if start is not None:
            pieces = tuple(piece for piece in pieces if environment.source.line(piece.start) == start)
        if not pieces:
            return None
        if len(pieces) > MOST_TWINS:
            return _left_out(name)
        key = (side + environment.path, pieces[0].start, pieces[-1].end, self.under)
        if key not in self.lowered:
            source = environment.source
            found = (
                lower_piece(source, pieces[0], environment)
                if len(pieces) == 1
                else lower_twins(source, pieces, environment)
            )
            if isinstance(found, ir.Function):
                found = merge_returns(without_branches(found, settled(*self.under)))
            self.lowered[key] = found
        return self.lowered[key]

    def body(self, side: str, name: str) -> ir.Function | ir.Unlowered | None:
        """Return what a call of `name` runs. Unlowered where the definitions at hand stand under conditions
        that leave others: there the call goes to a definition that is not seen (T7); None where another may
        take its place (C1)."""
        environment = self._home(side, name)
        pieces = environment.functions(name)
        if not pieces and environment.is_inline(name) and not is_tabled_function(name):
            left = _left_out(name, "an inline function whose body is not at hand")
            return replace(left, reaches=reachable_from(environment, name))
        configs = [piece.config for piece in pieces]
        if (
            pieces
            and not covers(configs, self.under[side == "post"])
            and not self._covers_calls(environment, name)
        ):
            return _left_out(name)
        if len(pieces) > 1 and any(environment.settles(config or "") for config in configs):
            return _left_out(name, "defined under what the text turns")
        if any(environment.may_be_replaced(piece) for piece in pieces):
            return None
        return self.lower(side, name)

    def _covers_calls(self, environment: Environment, name: str) -> bool:
        key = (environment, name)
        if key not in self._covered:
            self._covered[key] = covers_calls(environment, name)
        return self._covered[key]

    def _some_body(self, side: str, name: str) -> ir.Function | ir.Unlowered | None:
        """Return the same; of a function whose definitions at hand leave configurations to others what it
        does where one of them holds, and stops with BOUND elsewhere: for a difference, not for a proof
        (T7)."""
        found = self.body(side, name)
        environment = self._home(side, name)
        pieces = environment.functions(name)
        if not isinstance(found, ir.Unlowered) or found.code != "callee" or not 0 < len(pieces) <= MOST_TWINS:
            return found
        if environment.macros(name) or any(environment.may_be_replaced(piece) for piece in pieces):
            return found
        configs = [one.config or "" for one in pieces]
        under = self.under[side == "post"]
        if not all(one and may_meet(one, under) and not environment.settles(one) for one in configs):
            return found
        key = (f"partly {side}{environment.path}", pieces[0].start, pieces[-1].end, self.under)
        if key not in self.lowered:
            partly = lower_partly(environment.source, pieces, environment)
            if isinstance(partly, ir.Function):
                partly = without_branches(partly, settled(*self.under))
            self.lowered[key] = partly
        return self.lowered[key]

    def _first_body(self, side: str, name: str) -> ir.Function | ir.Unlowered | None:
        """Return the same, and Unlowered for a macro that is not read and is no function under another
        condition either, and for a function that the patch has elsewhere: what a call of it does first is not
        told."""
        environment = self.pre if side == "pre" else self.post
        texts = [one for one in (environment, environment.headers) if one is not None]
        as_function = [one.pieces.get((kind, name)) for one in texts for kind in ("function", "prototype")]
        macros = environment.macros(name)
        if environment.macros(ELSEWHERE + name) and not self._home(side, name).functions(name):
            return _left_out(name, "a function of another file of the patch")
        if macros and not any(as_function) and not is_tabled(name):
            left = _left_out(name, "a macro that is not read")
            generic = all(one.config == f"!{name}" and _EXPRESSION.fullmatch(one.body) for one in macros)
            return replace(left, reaches=frozenset((name, OTHER, NOTHING_DONE))) if generic else left
        return self.body(side, name)

    def _home(self, side: str, name: str) -> Environment:
        """Return the environment that a function is defined in: the file's, or that of its headers."""
        environment = self.pre if side == "pre" else self.post
        if environment.headers is not None and not environment.functions(name):
            return environment.headers
        return environment

    # Judging

    def judge(
        self, pre: ir.Function, post: ir.Function, deadline: float
    ) -> tuple[Judgement, ir.Function, ir.Function, frozenset[str]]:
        """Judge two lowered functions: what their texts do not share is inlined (C3). Also return what was
        judged, and the names whose meaning differs or is not known to be the same."""
        first, second, deeper, unread, assumed = self._opened_up(pre, post, deadline)
        found: Judgement | None = judge_alike(Case(pre=first, post=second, deadline=deadline))
        read: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
        if found is None:
            (first, read_pre), (second, read_post) = (
                self._observed(side, one) for side, one in (("pre", first), ("post", second))
            )
            read = read_pre, read_post
            found = judge(self._case(first, second, deadline))
        left = self._not_shared(first, second) | unread
        self.inlined = (tuple(sorted({*deeper[0], *read[0]})), tuple(sorted({*deeper[1], *read[1]})))
        if isinstance(found, Preserved) and assumed:
            found = _resting_on(found, tuple(sorted(assumed)))
        return (
            found,
            first,
            second,
            frozenset(name for name in left if name in calls_of(first) | calls_of(second)),
        )

    def _opened_up(
        self, pre: ir.Function, post: ir.Function, deadline: float, *, proofs: bool = True
    ) -> tuple[
        ir.Function,
        ir.Function,
        tuple[dict[str, ir.Function], dict[str, ir.Function]],
        frozenset[str],
        set[str],
    ]:
        """Return both functions with what their texts do not share inlined (C3): but for callees that are
        proved to be the same, where `proofs` are asked for. Also return the names that were inlined on each
        side, those that could not be, and what the proofs assume."""
        assumed: set[str] = set()
        unread: set[str] = set()
        bodies: tuple[dict[str, ir.Function], dict[str, ir.Function]] = ({}, {})
        held = frozenset(self.under_way)
        more = uneven(pre, post)
        behind = self._behind("pre", pre.calls - post.calls), self._behind("post", post.calls - pre.calls)
        for name in sorted((pre.calls | post.calls) - {pre.name} - held):
            one_sided = (name in pre.calls) != (name in post.calls)
            changed = self.around.changed(name, held)
            if one_sided and not changed and name in behind[name in pre.calls]:
                continue  # both versions call it, one of them from what it calls alone
            if not one_sided and not changed and not (name in more and self._is_small(name)):
                continue
            if not one_sided and changed and proofs:
                proof = self._proof(name, deadline)
                if isinstance(proof, Preserved):
                    assumed.update(proof.assumptions)
                    continue
            for side, kept in (("pre", bodies[0]), ("post", bodies[1])):
                body = self.body(side, name)
                if isinstance(body, ir.Function):
                    kept[name] = self._unmarked(side, body)
                elif body is not None and one_sided and self._home(side, name).functions(name):
                    unread.add(name)
        deeper = self._deeper("pre", bodies[0]), self._deeper("post", bodies[1])
        first, left_pre = inline(self._unmarked("pre", pre), deeper[0])
        second, left_post = inline(self._unmarked("post", post), deeper[1])
        return first, second, deeper, left_pre | left_post | frozenset(unread), assumed

    def in_step(self, delta: Delta, pre: ir.Function, post: ir.Function, deadline: float) -> Delta | None:
        """Return PRESERVED where both versions do the same step by step (L10): a proof that costs next to
        nothing, and that spares the search for a difference."""
        found = self._proof_in_step(pre, post, deadline)
        if found is None:
            return None
        shown = self._not_standing(delta, *found, frozenset())
        return shown if shown.verdict == "preserved" else None

    def _proof_in_step(
        self, pre: ir.Function, post: ir.Function, deadline: float
    ) -> tuple[Preserved, ir.Function, ir.Function] | None:
        """Return a proof (L10) with what it is of: callees that are not shared are inlined, layer by
        layer."""
        try:
            first, second, opened, unread, _ = self._opened_up(pre, post, deadline, proofs=False)
            for _ in range(MOST_CALLEES):
                given = (unread | self._not_shared(first, second)) & (calls_of(first) | calls_of(second))
                more = self._bodies("pre", given), self._bodies("post", given)
                if not any(more):
                    break
                opened = opened[0] | more[0], opened[1] | more[1]
                first, second = inline(first, opened[0])[0], inline(second, opened[1])[0]
        except TooManyBlocksError:
            return None
        if (unread | self._not_shared(first, second)) & (calls_of(first) | calls_of(second)):
            return None
        found = judge_in_step(Case(pre=first, post=second, deadline=deadline))
        if not isinstance(found, Preserved):
            return None
        self.inlined = _names_of(((), ()), opened)
        return found, first, second

    def _behind(self, side: str, names: Iterable[str]) -> frozenset[str]:
        """Return what the bodies of some functions call."""
        return frozenset(name for body in self._bodies(side, names).values() for name in body.calls)

    def _is_small(self, name: str) -> bool:
        """Say whether the bodies that calls of a name run are at hand and may be put in the place of each."""
        bodies = [self.body(side, name) for side in ("pre", "post")]
        return all(isinstance(body, ir.Function) and len(body.blocks) <= MOST_REPEATED for body in bodies)

    def _observed(self, side: str, function: ir.Function) -> tuple[ir.Function, frozenset[str]]:
        """Put the bodies of functions that only read in the place of their calls (C1); return their names."""
        observers = self._observers(side, "own", partial(self._own_body, side))
        return observers.inlined_in(function, frozenset(self.under_way))

    def _own_body(self, side: str, name: str) -> ir.Function | ir.Unlowered | None:
        """Return the body of a function of the file, or of a header's that the versions do not share: others
        would cost more than they tell."""
        shared = not self.pre.functions(name) and not self.post.functions(name)
        return None if shared and not self.around.changed(name) else self.body(side, name)

    def _unmarked(self, side: str, function: ir.Function) -> ir.Function:
        """Return a function without the marks that its callees' bodies show to mean nothing (C1, T10)."""
        observers = self._observers(side, "all", partial(self.body, side))
        return observers.unmarked(function, frozenset(self.under_way))

    def _observers(self, side: str, which: str, lower: Lower) -> Observers:
        """Return what is known of one version's bodies, under the conditions that the compared functions
        stand under."""
        return self._seen.setdefault((side, which, self.under), Observers(lower))

    def _not_shared(self, first: ir.Function, second: ir.Function) -> frozenset[str]:
        """Return what is still called, in inlined bodies too, and is neither unchanged nor proved (C4)."""
        held = frozenset(self.under_way)
        return frozenset(
            name
            for name in (calls_of(first) | calls_of(second)) - held
            if self.around.changed(name, held) and not isinstance(self.proved.get(name), Preserved)
        ) | self._called_otherwise(first, second)

    def _called_otherwise(self, first: ir.Function, second: ir.Function) -> frozenset[str]:
        """Return the functions that the versions call with another number of arguments: their definitions,
        which are not at hand, differ (C4). Those that print take any number."""
        before, after = argument_counts(first), argument_counts(second)
        return frozenset(
            name
            for name in before.keys() & after.keys()
            if not before[name] & after[name] and not _PRINTS.search(name) and not self._is_variadic(name)
        )

    def _is_variadic(self, name: str) -> bool:
        found = [environment.prototype(name) for environment in (self.pre, self.post)]
        return any(prototype is not None and prototype.variadic for prototype in found)

    def _deeper(self, side: str, bodies: dict[str, ir.Function]) -> dict[str, ir.Function]:
        """Add the changed callees of what is inlined (two deep)."""
        found = dict(bodies)
        for body in bodies.values():
            for name in body.calls:
                if name not in {*found, *self.under_way} and self.around.changed(
                    name, frozenset(self.under_way)
                ):
                    lowered = self.body(side, name)
                    if isinstance(lowered, ir.Function):
                        found[name] = lowered
        return found

    def _proof(self, name: str, deadline: float, *, solved: bool = True) -> Judgement:
        """Compare a callee; one that is under comparison further out is not proved by itself (C4). Without
        `solved`, only by a proof that costs next to nothing (L10)."""
        if name in self.proved:
            return self.proved[name]
        pre, post = self.body("pre", name), self.body("post", name)
        if (
            name in self.under_way
            or len(self.under_way) >= MOST_CALLEES
            or not isinstance(pre, ir.Function)
            or not isinstance(post, ir.Function)
            or types_of(pre) != types_of(post)
        ):
            return Undecided(code="callee", text=f"given {name}")
        known = set(self.proved)
        self.under_way.append(name)
        until = min(deadline, now() + self.options.budget / 3)
        found: Judgement
        in_step = None if name in self.out_of_step else self._proof_in_step(pre, post, until)
        if in_step is not None:
            found, first, second, left = (*in_step, frozenset[str]())
        elif solved:
            found, first, second, left = self.judge(pre, post, until)
        else:
            self.out_of_step.add(name)
            self.under_way.pop()
            return Undecided(code="callee", text=f"given {name}")
        self.under_way.pop()
        others = self._other_names(first, second)
        if isinstance(found, Preserved) and (left or others):
            found = Undecided(code="callee", text=f"given {', '.join(sorted(left | others) or [name])}")
        if isinstance(found, Preserved):
            found = _resting_on(found, self._inherited(first, second))
        if not isinstance(found, Preserved):  # what was proved meanwhile took it for the same (C4)
            self.proved = {one: proof for one, proof in self.proved.items() if one in known}
        self.proved[name] = found
        return found

    def _inherited(self, first: ir.Function, second: ir.Function) -> tuple[str, ...]:
        """Return what the proofs of what is called assume (C4)."""
        called = calls_of(first) | calls_of(second)
        proofs = [proof for name, proof in self.proved.items() if name in called]
        return tuple(text for proof in proofs if isinstance(proof, Preserved) for text in proof.assumptions)

    def _handed_on(self, names: frozenset[str]) -> tuple[frozenset[str], tuple[str, ...]]:
        """Return those of some names used as values that are no functions which are proved to be the same
        (C4), and what the proofs of the others assume."""
        proofs = {
            name: self._proof(name, self.deadline)
            for name in sorted(names)
            if any(environment.functions(name) for environment in (self.pre, self.post))
            and not any(_is_something_else(environment, name) for environment in (self.pre, self.post))
        }
        held = {name: proof for name, proof in proofs.items() if isinstance(proof, Preserved)}
        return names - held.keys(), tuple(text for proof in held.values() for text in proof.assumptions)

    def _other_names(self, pre: ir.Function, post: ir.Function) -> frozenset[str]:
        """Return the names used as values or types whose meaning differs: tables, functions passed on,
        sizes."""
        held = frozenset(self.under_way)
        names = named(pre), named(post)
        used = {
            name
            for name in (names[0] | names[1]) - held
            if not any(name not in names[side] and self.around.lacks(side, name) for side in (0, 1))
        }  # what one version alone has and names is no name of two meanings
        return frozenset(name for name in used if self.around.changed(name, held))

    # A whole function

    def compare(self, name: str, pre: Definition, post: Definition) -> Delta:
        """Compare one function's two definitions."""
        deadline = self.deadline = now() + self.options.budget
        nothing = blank_delta(post, _kinds(pre, post))
        if self.options.by_text and pre.text == post.text and self._same_text(pre):
            return replace(nothing, verdict="preserved", reason=None, how="text")
        first, second = self.lower("pre", pre.name, pre.start), self.lower("post", post.name, post.start)
        for lowered in (first, second):
            if isinstance(lowered, ir.Unlowered):
                return replace(nothing, reason=Reason(code=lowered.code, text=lowered.text))
        if not isinstance(first, ir.Function) or not isinstance(second, ir.Function):
            return replace(
                nothing, reason=Reason(code="unparsed", text="its definition is not found in the text")
            )
        for environment, one in ((self.pre, pre), (self.post, post)):
            for piece in environment.functions(one.name):
                if environment.source.line(piece.start) == one.start and (late := environment.is_late(piece)):
                    return replace(
                        nothing, reason=Reason(code="construct", text=f"macro {late} is defined behind it")
                    )
        self.under_way, self.proved = [name], {}
        self.under = (first.config, second.config)
        flags = settled(*self.under)  # they are compared where both are (B6)
        first, second = (without_branches(one, flags) for one in (first, second))
        return self.judged(nothing, first, second, deadline)

    def _followed(
        self, pre: ir.Function, post: ir.Function, left: frozenset[str], deadline: float, likely: bool
    ) -> tuple[Judgement, ir.Function, ir.Function, frozenset[str]] | None:
        """Judge with calls followed that are recursive, or whose answer the body at hand tells (C3, L5);
        None: no such call. `likely`: they differ with these left alone."""
        bodies = self._answering("pre", pre, left), self._answering("post", post, left)
        if not (calls_of(pre) & bodies[0].keys() or calls_of(post) & bodies[1].keys()):
            return None
        until = min(deadline, now() + self.options.budget / 4)
        if prove_recursive((pre, post), bodies, until):
            return Preserved(assumptions=(), how="solver"), pre, post, frozenset()
        for depth in EXPANDED:
            try:
                first, second = expand(pre, bodies[0], depth), expand(post, bodies[1], depth)
            except TooManyBlocksError:
                continue
            found = judge_cut(Case(pre=first, post=second, deadline=deadline, likely=likely))
            still = frozenset(name for name in left if name in calls_of(first) | calls_of(second))
            still |= self._not_shared(first, second)
            self.inlined = (
                tuple(sorted({*self.inlined[0], *bodies[0]})),
                tuple(sorted({*self.inlined[1], *bodies[1]})),
            )
            if isinstance(found, Preserved):
                proofs = [proof for proof in self.proved.values() if isinstance(proof, Preserved)]
                inherited = dict.fromkeys(text for proof in proofs for text in proof.assumptions)
                found = replace(found, assumptions=tuple(inherited))
            return found, first, second, still
        return Undecided(code="budget", text="too large with its calls followed"), pre, post, left

    def _answering(self, side: str, function: ir.Function, left: frozenset[str]) -> dict[str, ir.Function]:
        """Return the bodies to follow: the function itself, what it calls of `left`, and arithmetic."""
        found: dict[str, ir.Function] = {}
        waiting = sorted(calls_of(function))
        seen = set(waiting)
        while waiting:
            name = waiting.pop()
            body = self.body(side, name)
            if not isinstance(body, ir.Function):
                continue
            found[name] = body
            waiting.extend(sorted(calls_of(body) - seen))
            seen |= calls_of(body)
        arithmetic = {name for name, body in found.items() if is_arithmetic(body)}
        while True:
            kept = {name for name in arithmetic if calls_of(found[name]) <= arithmetic}
            if kept == arithmetic:
                break
            arithmetic = kept
        return {
            name: body
            for name, body in found.items()
            if name in arithmetic or name in left or name == function.name
        }

    def _same_text(self, definition: Definition) -> bool:
        return self.around.equal or not self.around.changed(definition.name)

    def judged(self, delta: Delta, pre: ir.Function, post: ir.Function, deadline: float) -> Delta:
        """Return the verdict on two lowered functions."""
        if types_of(pre) != types_of(post):
            kind = tuple(dict.fromkeys((*delta.kind, "signature")))
            return judge_signature(self, replace(delta, kind=kind), pre, post, deadline)
        self.spans = spans_of(pre, self.about), spans_of(post, self.about)
        self.elsewhere = None
        early = self.in_step(delta, pre, post, deadline) or self._before_calls(delta, pre, post, deadline)
        if early is not None:
            return early
        try:
            found, first, second, left = self.judge(pre, post, deadline)
        except TooManyBlocksError:
            return replace(
                delta, reason=Reason(code="budget", text="too large with its changed callees inlined")
            )
        shown = self._standing(delta, found, first, second, deadline, left) if left else None
        if shown is None and left and isinstance(found, Changed):
            shown = self._opened(delta, found, first, second, deadline)
        if shown is not None:
            return shown
        if not isinstance(found, Preserved) or left:
            followed = self._followed(first, second, left, deadline, isinstance(found, Changed))
            if followed is not None:
                found, first, second, left = followed
        if isinstance(found, Undecided):
            return replace(delta, reason=Reason(code=found.code, text=found.text))
        shown = self._standing(delta, found, first, second, deadline, left)
        if shown is None and isinstance(found, Changed):
            shown = self._opened(delta, found, first, second, deadline)
        return shown or self.elsewhere or self._not_standing(delta, found, first, second, left)

    def _opened(
        self, delta: Delta, found: Judgement, first: ir.Function, second: ir.Function, deadline: float
    ) -> Delta | None:
        """Look for a difference, or a proof (L10), with the calls opened that hide one: a function with its
        body at hand may begin as the other version goes on (C4), whether its meaning is shared or not."""
        begun = self.inlined
        opened: tuple[dict[str, ir.Function], dict[str, ir.Function]] = ({}, {})
        partly = False
        for _ in range(MOST_LAYERS - 1):
            names = self._hiding(found)
            bodies = self._bodies("pre", names), self._bodies("post", names)
            parts = [
                {one: body for one in names if isinstance(body := self._some_body(side, one), ir.Function)}
                for side in ("pre", "post")
            ]
            if not any(parts) or now() > deadline:
                break
            partly = partly or (parts[0].keys(), parts[1].keys()) != (bodies[0].keys(), bodies[1].keys())
            opened = opened[0] | parts[0], opened[1] | parts[1]
            try:
                first, second = inline(first, opened[0])[0], inline(second, opened[1])[0]
            except TooManyBlocksError:
                break
            self.inlined = _names_of(begun, opened)
            case = self._case(first, second, deadline)
            proof = None if partly else judge_in_step(case)
            if isinstance(proof, Preserved):
                return self._not_standing(delta, proof, first, second, self._not_shared(first, second))
            found = judge_early(case)
            shown = self._standing(delta, found, first, second, deadline, self._given(first, second))
            if shown is not None:
                return shown
        self.inlined = begun
        return None

    def _bodies(self, side: str, names: Iterable[str]) -> dict[str, ir.Function]:
        found = {name: self.body(side, name) for name in names}
        return {name: body for name, body in found.items() if isinstance(body, ir.Function)}

    def _hiding(self, found: Judgement) -> set[str]:
        """Return the functions whose calls are where the runs of a difference part."""
        names: set[str] = set()
        for one in each(found) if isinstance(found, Changed) else ():
            runs = [run_of(result.term, one.model) for result in (one.pair.pre, one.pair.post)]
            index = first_difference(one.pair, one.model, *runs)
            steps = [step for run in runs if (step := run.step(index)) is not None]
            names |= {step.data.name for step in steps if isinstance(step.data, Event)}
        return names

    def _not_standing(
        self,
        delta: Delta,
        found: Preserved | Changed,
        first: ir.Function,
        second: ir.Function,
        left: frozenset[str],
    ) -> Delta:
        """Return the verdict where no difference stands: PRESERVED only if nothing is given and the
        declarations agree (C4, B6)."""
        others = self._other_names(first, second)
        if isinstance(found, Preserved) and not left:
            others, assumed = self._handed_on(others)
            found = _resting_on(found, (*self._inherited(first, second), *assumed))
        own = {first.name, second.name} & (calls_of(first) | calls_of(second))  # recursive: not shared either
        given = left | others | (own if isinstance(found, Changed) and not others else set())
        if given:
            text = f"given {', '.join(sorted(given))}"
            return replace(delta, reason=Reason(code="callee", text=text))
        if isinstance(found, Changed):
            return replace(delta, reason=Reason(code="solver", text="no difference was found again"))
        kind = delta.kind
        if first.signature != second.signature:
            kind = tuple(dict.fromkeys((*delta.kind, "signature")))
        where = self._where_both_are(first, second)
        inlined = first.signature != second.signature and any(
            asks_where_it_is(side.text_of(piece))
            for side, one in ((self.pre, first), (self.post, second))
            for piece in side.functions(one.name)
        )
        if unlinked(first.signature) != unlinked(second.signature) or where is None or inlined:
            kind = tuple(dict.fromkeys((*delta.kind, "signature")))
            text = "its body does the same, its declaration differs"
            if where is None:
                text = "its body does the same, and stands under another condition"
            return replace(
                delta, kind=kind, reason=Reason(code="signature", text=text), assumptions=found.assumptions
            )
        return replace(
            delta,
            kind=kind,
            verdict="preserved",
            reason=None,
            assumptions=(*found.assumptions, *where),
            how=found.how,
        )

    def _where_both_are(self, first: ir.Function, second: ir.Function) -> tuple[str, ...] | None:
        """Return what to say of the conditions that the definitions stand under; None where they may choose
        between more than these two (B6)."""
        if first.config == second.config:
            return ()
        conditions = [one for one in (first.config, second.config) if one is not None]
        alone = len(self.pre.functions(first.name)) == len(self.post.functions(second.name)) == 1
        if len(conditions) != 1 or not alone or not all(is_static(one) for one in (first, second)):
            return None
        if may_stand_in(self.pre, first.name) or may_stand_in(self.post, second.name):
            return None
        which = "before" if first.config is not None else "after"
        return (f"where {conditions[0]} is not set, the version {which} has no such function",)

    def _before_calls(
        self, delta: Delta, pre: ir.Function, post: ir.Function, deadline: float
    ) -> Delta | None:
        """Look for differences that show before any callee that is not shared comes into play: first without
        a look into these, then with those that one version alone calls inlined, then with one more layer of
        all of them each time (C4)."""
        early = min(deadline, now() + self.options.budget / 3)  # the rest is for a proof
        first, second, focus = pre, post, 0
        found: Judgement = Undecided(code="budget", text="not looked for")
        opened: tuple[dict[str, ir.Function], dict[str, ir.Function]] = ({}, {})
        for depth in range(MOST_LAYERS):
            for name in sorted(self._given(first, second) & calls_of(first) & calls_of(second)):
                self._proof(name, early, solved=False)
            given = self._given(first, second)
            if not given or now() > early:
                return None
            if depth:
                alone = given & (calls_of(first) ^ calls_of(second)) if depth == 1 else frozenset()
                deeper = self._bodies("pre", alone), self._bodies("post", alone)
                if not any(deeper):
                    hiding = given | self._hiding(found)
                    deeper = self._bodies("pre", hiding), self._bodies("post", hiding)
                if not any(deeper):
                    return None
                opened = opened[0] | deeper[0], opened[1] | deeper[1]
                try:
                    first, second = inline(first, opened[0])[0], inline(second, opened[1])[0]
                except TooManyBlocksError:
                    return None
            (one, read_pre), (two, read_post) = self._observed("pre", first), self._observed("post", second)
            self.inlined = _names_of((tuple(read_pre), tuple(read_post)), opened)
            found = judge_early(replace(self._case(one, two, early), focus=focus))
            shown = self._standing(delta, found, one, two, early, self._given(one, two))
            if shown is not None:
                return shown
            focus = found.focus if isinstance(found, Changed) else focus
        return None

    def _answers(self, first: ir.Function, second: ir.Function) -> dict[str, frozenset[int]]:
        """Return what functions answer that are called and return a few constants alone, the same in each
        version that calls them (C4)."""
        found: dict[str, set[frozenset[int] | None]] = {}
        for side, function in (("pre", first), ("post", second)):
            for name, body in self._bodies(side, calls_of(function)).items():
                found.setdefault(name, set()).add(constant_answers(body))
        alike = {name: next(iter(values)) for name, values in found.items() if len(values) == 1}
        return {name: values for name, values in alike.items() if values is not None}

    def _given(self, pre: ir.Function, post: ir.Function) -> frozenset[str]:
        """Return what two functions call that is not the same in both versions, or that one of them has."""
        held = frozenset(self.under_way)
        before, after = calls_of(pre), calls_of(post)
        unlike = (before ^ after) | uneven(pre, post)
        at_hand = {
            name
            for name in unlike
            if any(
                self._home(side, name).functions(name) and self.body(side, name) for side in ("pre", "post")
            )
        }
        return frozenset(
            name
            for name in (before | after) - held
            if name in at_hand
            or (self.around.changed(name, held) and not isinstance(self.proved.get(name), Preserved))
        ) | self._called_otherwise(pre, post)

    def _standing(
        self,
        delta: Delta,
        found: Judgement,
        first: ir.Function,
        second: ir.Function,
        deadline: float,
        given: frozenset[str],
    ) -> Delta | None:
        """Return the rows that show whatever the functions of `given` do, the function itself where it is
        recursive, and the names mean that do not mean the same; None where there are none."""
        if not isinstance(found, Changed):
            return None
        others = self._other_names(first, second)
        free = Lazily(one for one in each(found) if not names_in(one.pair.question) & others)
        first_free = next(iter(free), None)
        if first_free is None:
            return None
        found = replace(first_free, others=Lazily(islice(free, 1, None)))
        own = {name for one in (self.pre, self.post) for name in one.by_name}
        sides = [FirstSteps(partial(self._first_body, side), own) for side in ("pre", "post")]

        def may_do(side: int, name: str) -> frozenset[str] | None:
            return sides[side].of(second if side else first, name)

        again = {first.name, second.name} & (calls_of(first) | calls_of(second))
        answers = self._answers(first, second)
        without = given | again | others | self.around.renamed
        shown = _changed(delta, found, first, second, deadline, without, may_do, answers)
        shown = replace(shown, inlined=self.inlined)
        if self.about and shown.differences:
            told = tuple(row for row in shown.differences if tells_of(row, self.about))
            self.elsewhere = None if told else shown
            shown = replace(shown, differences=told)
        return shown if shown.differences else None

    def _case(self, first: ir.Function, second: ir.Function, deadline: float) -> Case:
        """Return a comparison, of the places where functions of `about` are called or were (C3)."""
        return Case(pre=first, post=second, deadline=deadline, about=self.spans)


def _resting_on(found: Preserved, assumptions: tuple[str, ...]) -> Preserved:
    """Return a proof that rests on more assumptions."""
    return replace(found, assumptions=tuple(dict.fromkeys((*found.assumptions, *assumptions))))


def _names_of(
    known: tuple[tuple[str, ...], tuple[str, ...]],
    opened: tuple[dict[str, ir.Function], dict[str, ir.Function]],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of what is inlined, with those of further bodies."""
    before, after = (tuple(sorted({*one, *more})) for one, more in zip(known, opened, strict=True))
    return before, after


def _is_something_else(environment: Environment, name: str) -> bool:
    """Say whether a name may be a tag or a macro as well as a function."""
    texts = [one for one in (environment, environment.headers) if one is not None]
    return any(
        piece.symbol not in ("function", "prototype") for one in texts for piece in one.by_name.get(name, ())
    )


def _left_out(name: str, text: str = "defined under conditions that leave others") -> ir.Unlowered:
    """Say that a function's definitions at hand do not tell what every configuration runs."""
    return ir.Unlowered(name=name, code="callee", text=text, line=1)


def _changed(
    delta: Delta,
    found: Changed,
    pre: ir.Function,
    post: ir.Function,
    deadline: float,
    given: frozenset[str],
    may_do: MayDo,
    answers: dict[str, frozenset[int]],
) -> Delta:
    """Return the differences that show before any function of `given` is called (C4): what those do cannot
    undo them."""
    bounded = found.bounded
    return replace(
        delta,
        verdict="changed",
        reason=None,
        bounded=bounded,
        differences=rows(found, pre, post, deadline, given, may_do, answers),
        how="solver",
    )


def compare(
    pre: Definition | None,
    post: Definition | None,
    pre_environment: Environment | None,
    post_environment: Environment | None,
    options: CompareOptions | None = None,
) -> Delta:
    """Compare two versions of a function; None is a version that does not have it. One of them must be given.

    An environment is what the definition's file defines; None where only the definition's own text is at
    hand.
    """
    options = options or CompareOptions()
    one = pre or post
    assert one is not None
    if pre is None or post is None:
        return _added_or_removed(pre, post)
    before = pre_environment or Environment.from_text(pre.path, pre.text)
    after = post_environment or Environment.from_text(post.path, post.text)
    if not (pre.whole and post.whole):
        reason = Reason(code="unparsed", text="only the lines that the hunks show are at hand")
        return replace(blank_delta(post, _kinds(pre, post)), reason=reason)
    return Comparison(before, after, options).compare(pre.name, pre, post)


def compare_texts(
    pre_text: str,
    post_text: str,
    function: str | None = None,
    budget: float = 10.0,
    path: str = "",
    by_text: bool = True,
) -> tuple[Delta, ...]:
    """Compare two C files; with `function` only it, else every function that differs or whose surroundings
    do.

    `budget` is in seconds for each function. A name that neither file defines gives ().
    """
    before = Environment.from_text(path, pre_text)
    after = Environment.from_text(path, post_text)
    options = CompareOptions(budget=budget, by_text=by_text)
    return tuple(
        compare(pre, post, before, after, options)
        for pre, post in select(pre_text, post_text, function, path)
    )


def select(
    pre_text: str, post_text: str, function: str | None = None, path: str = ""
) -> tuple[tuple[Definition | None, Definition | None], ...]:
    """Return the functions of two C files that are to be compared, those of the version after first.

    With `function` only it, else every function that differs, that only one file has, or whose surroundings
    (B7) differ. Functions are matched by name and preprocessor condition.
    """
    around = Surroundings(Environment.from_text(path, pre_text), Environment.from_text(path, post_text))
    old = {(one.name, one.config): one for one in outline(pre_text, path) if one.symbol == "function"}
    new = {(one.name, one.config): one for one in outline(post_text, path) if one.symbol == "function"}
    found = []
    for key in dict.fromkeys((*new, *old)):
        if function is not None and key[0] != function:
            continue
        pre, post = old.get(key), new.get(key)
        same = pre is not None and post is not None and pre.text == post.text
        if function is not None or not same or around.changed(key[0]):
            found.append((pre, post))
    return tuple(found)


def _added_or_removed(pre: Definition | None, post: Definition | None) -> Delta:
    one = post or pre
    assert one is not None
    words = ("no such function", "defined") if pre is None else ("defined", "no such function")
    row = Difference(
        when="always",
        effect="call",
        before=words[0],
        after=words[1],
        witness=NOTHING,
        line_before=None,
        line_after=None,
        replay_reason="one version has no such function",
    )
    kind = ("added",) if pre is None else ("removed",)
    return replace(blank_delta(one, kind), verdict="changed", reason=None, differences=(row,))


def blank_delta(definition: Definition, kind: tuple[str, ...] = ("modified",)) -> Delta:
    """Return a Delta that says nothing yet."""
    return Delta(
        name=definition.name,
        path=definition.path,
        line=definition.start,
        config=definition.config,
        kind=kind,
        verdict="undecided",
        reason=Reason(code="unparsed", text=""),
        bounded=False,
        assumptions=(),
        differences=(),
    )


def _kinds(pre: Definition, post: Definition) -> tuple[str, ...]:
    return ("unchanged",) if pre.text == post.text else ("modified",)

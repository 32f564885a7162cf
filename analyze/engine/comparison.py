"""Two versions of a function, judged: what they share is told from what is opened (rules B6, C3 to C5, V1 to
V4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from ..definition import Definition
from . import ir
from .answers import constant_answers
from .bodies import Bodies
from .callers import may_stand_in
from .clock import now
from .delta import Delta as Delta
from .delta import Difference as Difference
from .delta import Reason as Reason
from .delta import Unchanged as Unchanged
from .delta import Witness as Witness
from .effects import Event
from .environment import Environment
from .inline import expand, inline
from .judge import Case, judge, judge_alike, judge_cut, judge_early, judge_in_step
from .judgement import Changed, Judgement, Preserved, Undecided
from .lazily import Lazily
from .leaves import names_in
from .loops.recursion import prove_recursive
from .lower.configuration import settled
from .mentions import argument_counts, calls_of, is_arithmetic, named, spans_of, uneven
from .reach import FirstSteps
from .rows import rows
from .runs import first_difference, run_of
from .shown import each
from .signature import asks_where_it_is, is_static, judge_signature, tells_of, types_of, unlinked
from .standing import MayDo
from .surroundings import Surroundings
from .unroll import TooManyBlocksError, without_branches

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
        self.bodies = Bodies(pre, post, self.around)
        self.proved: dict[str, Judgement] = {}
        self.out_of_step: set[str] = set()
        """Callees whose versions do not do the same step by step."""
        self.under_way: list[str] = []
        self.deadline = now() + options.budget
        self.inlined: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        """The functions that were inlined into the last that was judged, before and after."""
        self.about: frozenset[str] = frozenset()
        """The functions whose calls the rows have to tell of, while a caller is judged for theirs (C5)."""
        self.elsewhere: Delta | None = None
        """Rows that tell of none of these."""
        self.spans: tuple[frozenset[ir.Span], frozenset[ir.Span]] = (frozenset(), frozenset())
        """Where the two that are judged call these."""

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
                self.bodies.observed(side, one, frozenset(self.under_way))
                for side, one in (("pre", first), ("post", second))
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
            if not one_sided and not changed and not (name in more and self.bodies.is_small(name)):
                continue
            if not one_sided and changed and proofs:
                proof = self._proof(name, deadline)
                if isinstance(proof, Preserved):
                    assumed.update(proof.assumptions)
                    continue
            for side, kept in (("pre", bodies[0]), ("post", bodies[1])):
                body = self.bodies.body(side, name)
                if isinstance(body, ir.Function):
                    kept[name] = self.bodies.unmarked(side, body, held)
                elif body is not None and one_sided and self.bodies.home(side, name).functions(name):
                    unread.add(name)
        deeper = self._deeper("pre", bodies[0]), self._deeper("post", bodies[1])
        first, left_pre = inline(self.bodies.unmarked("pre", pre, held), deeper[0])
        second, left_post = inline(self.bodies.unmarked("post", post, held), deeper[1])
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
                more = self.bodies.of("pre", given), self.bodies.of("post", given)
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
        return frozenset(name for body in self.bodies.of(side, names).values() for name in body.calls)

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
                    lowered = self.bodies.body(side, name)
                    if isinstance(lowered, ir.Function):
                        found[name] = lowered
        return found

    def _proof(self, name: str, deadline: float, *, solved: bool = True) -> Judgement:
        """Compare a callee; one that is under comparison further out is not proved by itself (C4). Without
        `solved`, only by a proof that costs next to nothing (L10)."""
        if name in self.proved:
            return self.proved[name]
        pre, post = self.bodies.body("pre", name), self.bodies.body("post", name)
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
        nothing = blank_delta(post, kinds(pre, post))
        if self.options.by_text and pre.text == post.text and self._same_text(pre):
            return replace(nothing, verdict="preserved", reason=None, how="text")
        first, second = (
            self.bodies.lower("pre", pre.name, pre.start),
            self.bodies.lower("post", post.name, post.start),
        )
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
        self.bodies.under = (first.config, second.config)
        flags = settled(*self.bodies.under)  # they are compared where both are (B6)
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
            body = self.bodies.body(side, name)
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
            bodies = self.bodies.of("pre", names), self.bodies.of("post", names)
            parts = [
                {
                    one: body
                    for one in names
                    if isinstance(body := self.bodies.partial(side, one), ir.Function)
                }
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
                deeper = self.bodies.of("pre", alone), self.bodies.of("post", alone)
                if not any(deeper):
                    hiding = given | self._hiding(found)
                    deeper = self.bodies.of("pre", hiding), self.bodies.of("post", hiding)
                if not any(deeper):
                    return None
                opened = opened[0] | deeper[0], opened[1] | deeper[1]
                try:
                    first, second = inline(first, opened[0])[0], inline(second, opened[1])[0]
                except TooManyBlocksError:
                    return None
            held = frozenset(self.under_way)
            one, read_pre = self.bodies.observed("pre", first, held)
            two, read_post = self.bodies.observed("post", second, held)
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
            for name, body in self.bodies.of(side, calls_of(function)).items():
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
                self.bodies.home(side, name).functions(name) and self.bodies.body(side, name)
                for side in ("pre", "post")
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
        sides = [FirstSteps(partial(self.bodies.first, side), own) for side in ("pre", "post")]

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


def kinds(pre: Definition, post: Definition) -> tuple[str, ...]:
    """Return what kind of change it is, as far as the texts tell."""
    return ("unchanged",) if pre.text == post.text else ("modified",)

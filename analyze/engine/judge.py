"""Two lowered functions -> what is proved of them (rules A0, S1 to S4, V1 to V3).

The order of the proofs is that of A0: without any guess, then with all of them, then with as few as suffice.
A difference is looked for with loops unrolled, in a world of separate objects and unequal constants (V2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from . import ir
from .clock import now
from .difference import Difference, WalkTooLargeError
from .evaluate import Guesses, NoValueError
from .execute import Execution
from .focus import Focus
from .graph import IrreducibleError, find_loops
from .judgement import UNFOUND, Changed, Judgement, Preserved, Undecided
from .lazily import Lazily
from .leaves import dereferenced
from .loops.lockstep import prove as prove_in_step
from .loops.prove import prove as prove_aligned
from .memory import Rules, pointers
from .pair import Pair
from .pairing import Pairing
from .shown import aliases_of, compared, difference_in, each, is_long, is_never
from .solve import Solver, UnansweredError
from .term import Term, Terms, TooManyTermsError, subterms
from .unroll import MOST_BLOCKS, TooManyBlocksError, unroll
from .wording import say

ALL = Guesses(
    separate=True, valid=True, functions=True, constants=True, unkept=True, getters=True, answers=True
)
LIKELY = replace(ALL, likely=True)
"""What a difference is looked for with."""
SAID = {
    "separate": "different fields, and what generic pointers point to, do not overlap",
    "valid": "a pointer that neither version tests is valid",
    "functions": "an undeclared name that is called is a function, not a macro",
    "constants": "an undeclared UPPER_CASE name is a constant",
    "answers": "allocators and look-ups of the kernel's tables answer no error pointer",
    "unkept": "a callee keeps no pointer to a local scalar that it is given",
    "getters": "functions of the kernel's headers that are known to only read do so",
}

GUESSED = frozenset(
    {"read", "stuck", "whole", "store", "cells", "event", "bad", "global", "symbol", "object"}
)
"""Terms without which no guess changes anything."""
SHORT_RUNS = (2, 1, 0)
"""Turns of each loop within which a difference is looked for first."""
QUICK = 2.5
"""Seconds that are spent on a difference before a proof is tried."""
AFTERWARDS = 1.0
"""Seconds of these that are left for the whole functions, where they were looked at in parts first."""
LEAST = 0.5
"""Seconds below which none is looked for."""
LARGE = 40
"""Blocks with two turns of each loop past which a difference is looked for around the change first."""
FOCUSES = ((0, 0, 3), (1, 0, 8), (0, 2, 12), (1, 3, 40))
"""Turns of each loop, detours, blocks behind the change (Focus.narrowed): the first that shows any."""
MOST_FOCUSED = 12_000
"""Blocks of an unrolled function that is cut down to its change."""
MOST_LATE = 2
"""Long questions about parts that are kept until all short ones are answered."""
MORE_TURNS = (12, 24)
MOST_WHOLE = 300
"""How many blocks a function may have that is unrolled that far."""


@dataclass(slots=True)
class Case:
    """One comparison in work."""

    pre: ir.Function
    post: ir.Function
    deadline: float
    likely: bool = False
    """Whether a difference is more likely than a proof: it is looked for first."""
    about: tuple[frozenset[ir.Span], frozenset[ir.Span]] = (frozenset(), frozenset())
    """Places in each version's text that a difference is looked for at, where there are any (C5)."""
    unrolled: dict[int, tuple[Pair, bool] | Exception] = field(default_factory=dict)
    """What was executed with so many turns of each loop, or why that is too much: a second look goes on where
    the first ended."""
    focus: int = 0
    """Which of FOCUSES a quick look begins with: the first that showed one with less opened."""


def judge(case: Case) -> Judgement:
    """Compare two functions of equal parameters and return type. Never raises on what they hold."""
    return _safely(case, _judge)


def judge_alike(case: Case) -> Preserved | None:
    """Return a proof that needs the terms alone (S1), if there is one."""
    found = _safely(case, _alike)
    return found if isinstance(found, Preserved) else None


def judge_in_step(case: Case) -> Judgement:
    """Look for a proof that two functions do the same step by step (L10), and for nothing else."""
    return _safely(case, _judged_in_step)


def judge_cut(case: Case) -> Judgement:
    """Compare two functions cut off with BOUND somewhere: equal if no run gets there (L5)."""
    return _safely(case, _judged_cut)


def judge_early(case: Case) -> Judgement:
    """Look for a difference alone, for a short time."""
    none = Undecided(code="budget", text="no difference was found")
    return _safely(case, lambda one: _quickly(one) or none)


def _safely(case: Case, how: Callable[[Case], Judgement]) -> Judgement:
    try:
        return how(case)
    except TooManyTermsError:
        return Undecided(code="budget", text="more terms than a pair may have")
    except RecursionError:
        return Undecided(code="budget", text="conditions nested too deep")
    except WalkTooLargeError:
        return Undecided(code="solver", text="the two histories do not align")
    except NoValueError as error:
        return Undecided(code="undefined", text=f"{error} is read where it has no value")
    except IrreducibleError:
        return Undecided(code="irreducible", text="a cycle is entered at two places")
    except UnansweredError as error:
        code = "budget" if str(error) == "budget" else "solver"
        return Undecided(code=code, text="the solver gave no answer in time")


def _alike(case: Case) -> Judgement:
    if _in_step(case, Guesses()):
        return Preserved(assumptions=(), how="terms")
    if is_never(_executed(case, Guesses(), paired=False)):
        return Preserved(assumptions=(), how="terms")
    return Undecided(code="solver", text="the terms differ")


def _judged_in_step(case: Case) -> Judgement:
    if _in_step(case, Guesses()):
        return Preserved(assumptions=(), how="terms")
    if _in_step(case, ALL):
        return _guessed_in_step(case)
    return Undecided(code="solver", text="the steps differ")


def _in_step(case: Case, guesses: Guesses) -> bool:
    """Prove two functions equal that do the same step by step (L10)."""
    terms = Terms()
    tested = _tested_in(terms, case, guesses) if guesses.valid else set()
    return prove_in_step(case.pre, case.post, guesses, tested, _same_statics(case), terms, case.deadline)


def _judge(case: Case) -> Judgement:
    in_step = _judged_in_step(case)
    if isinstance(in_step, Preserved):
        return in_step
    strict = None if _has_loops(case) else _executed(case, Guesses())  # to pair loops asks the solver
    if strict is not None and is_never(strict):
        return Preserved(assumptions=(), how="terms")
    quick = _quickly(case)
    if quick is not None:
        return quick
    strict = strict or _executed(case, Guesses())
    if is_never(strict):
        return Preserved(assumptions=(), how="terms")
    if _proved(strict) or _aligned(case, Guesses()):
        return Preserved(assumptions=(), how="solver")
    if not _is_open_to_guesses(strict):
        return _judged_unrolled(case)
    guessed = _executed(case, ALL)
    if _proved(guessed):
        return _fewest(case, lambda guesses: _proved(_executed(case, guesses)))
    if _aligned(case, ALL):
        return _fewest(case, lambda guesses: _aligned(case, guesses))
    aliases = aliases_of(guessed)
    if aliases and _holds(guessed, aliases):
        kept = _fewest_aliases(guessed, aliases)
        named = tuple(sorted({_apart(guessed, term) for term in kept}))
        return Preserved(assumptions=_said(ALL) + named, how="solver")
    return _judged_unrolled(case)


def _has_loops(case: Case) -> bool:
    return all(find_loops(function) for function in (case.pre, case.post))


def _guessed_in_step(case: Case) -> Preserved:
    """Prove without a guess, else with those that the same steps rest on, what is the same step by step under
    all guesses: no difference is looked for."""
    try:
        if _proved(_executed(case, Guesses())):
            return Preserved(assumptions=(), how="solver")
    except (UnansweredError, WalkTooLargeError, TooManyTermsError):
        pass
    return _fewest(case, lambda guesses: _in_step(case, guesses))


def _is_open_to_guesses(pair: Pair) -> bool:
    """Say whether anything in either version is what a guess speaks of: memory, a callee, a name."""
    return any(term.op in GUESSED for term in subterms(pair.pre.term, pair.post.term))


def _executed(case: Case, guesses: Guesses, whole: bool = False, paired: bool = True) -> Pair:
    terms = Terms()
    tested: set[Term] = set()
    rules = Rules(separate=guesses.separate, likely=guesses.likely)
    if guesses.valid:
        tested = _tested_in(terms, case, guesses)
    by_name = _same_statics(case)
    pre = Execution(terms, case.pre, guesses, tested, by_name).run()
    post = Execution(terms, case.post, guesses, tested, by_name).run()
    difference = Difference(terms, rules)
    difference.whole = whole
    solver = Solver(difference, case.deadline)
    chosen = {one for choice in pre.tested | post.tested for one in pointers(choice)}
    solver.tested = pre.tested | post.tested | chosen
    solver.pointers = dereferenced(pre.term, post.term)
    after = post.term
    if paired and pre.loops and post.loops and pre.term is not after:
        after = Pairing(solver).align(pre.term, after, terms.const(1, 1))
    question = difference.between(pre.term, after)
    return Pair(
        terms=terms,
        pre=pre,
        post=post,
        guesses=guesses,
        difference=difference,
        question=question,
        solver=solver,
        function=case.post,
    )


def _tested_in(terms: Terms, case: Case, guesses: Guesses) -> set[Term]:
    """Return the pointers that either version tests (F3): found by an execution that leaves faults out."""
    found: set[Term] = set()
    for function in (case.pre, case.post):
        by_name = _same_statics(case)
        found |= Execution(terms, function, guesses, set(), by_name).run().tested
    return found


def _same_statics(case: Case) -> bool:
    """Say whether both versions have static variables of the same names, no two of one name."""
    names = [
        sorted(one.name for one in function.variables if one.kind == "static")
        for function in (case.pre, case.post)
    ]
    return names[0] == names[1] and len(set(names[0])) == len(names[0])


def _proved(pair: Pair) -> bool:
    if pair.question.op == "const":
        return not pair.question.data
    try:
        return pair.solver.ask(pair.question) is None
    except UnansweredError:
        if now() > pair.solver.deadline:
            raise
        return False


def _holds(pair: Pair, excluded: tuple[Term, ...]) -> bool:
    try:
        return pair.solver.ask(pair.question, excluded) is None
    except UnansweredError:
        return False


def _aligned(case: Case, guesses: Guesses) -> bool:
    """Prove two functions equal whose loops go round out of step (L8)."""
    terms = Terms()
    tested = _tested_in(terms, case, guesses) if guesses.valid else set()
    until = min(case.deadline, now() + (case.deadline - now()) / 4)
    return prove_aligned(case.pre, case.post, guesses, tested, _same_statics(case), terms, until)


def _fewest(case: Case, proved: Callable[[Guesses], bool]) -> Preserved:
    """Drop each guess that the proof does not need."""
    kept = ALL
    for name in SAID:
        without = replace(kept, **{name: False})
        try:
            if proved(without):
                kept = without
        except (UnansweredError, WalkTooLargeError):
            continue
    return Preserved(assumptions=_said(kept), how="solver")


def _said(guesses: Guesses) -> tuple[str, ...]:
    return tuple(text for name, text in SAID.items() if getattr(guesses, name))


def _fewest_aliases(pair: Pair, aliases: tuple[Term, ...]) -> tuple[Term, ...]:
    kept = aliases
    for one in aliases:
        without = tuple(term for term in kept if term is not one)
        if without and _holds(pair, without):
            kept = without
    return kept


def _apart(pair: Pair, term: Term) -> str:
    return f"{words_of(term.args[0], pair)} and {words_of(term.args[1], pair)} are different objects"


def words_of(term: Term, pair: Pair) -> str:
    """Return a value in the source's words, as far as they are known."""
    return say(term, pair.function)


def _judged_unrolled(case: Case) -> Judgement:
    """Look for a difference in short runs; if there is none, unroll further, whole where runs end (L5)."""
    found = _in_short_runs(case)
    if isinstance(found, Undecided) and found.code == "loop-summary":
        for turns in MORE_TURNS:
            try:
                later = _ended(case, turns) or _changed(case, turns)
            except (UnansweredError, WalkTooLargeError, TooManyTermsError, RecursionError):
                return found
            if not isinstance(later, Undecided):
                return later
    return found


def _quickly(case: Case) -> Changed | None:
    """Look for a difference before anything is proved: most functions that a patch changes do differ, and a
    difference under all guesses rules a proof out."""
    if now() + LEAST > case.deadline:
        return None
    quick = replace(case, deadline=min(case.deadline, now() + QUICK))
    try:
        found = _focused(quick) if any(case.about) or _is_large(case) else None
        quick.deadline = min(case.deadline, max(quick.deadline, now() + AFTERWARDS))
        later = found or _in_short_runs(quick)
    except (UnansweredError, NoValueError, IrreducibleError, RecursionError):
        return None
    if not isinstance(later, Changed):
        return None
    later.pair.solver.deadline = case.deadline
    return later


def _is_large(case: Case) -> bool:
    try:
        return any(len(unroll(one, SHORT_RUNS[0], LARGE)[0].blocks) > LARGE for one in (case.pre, case.post))
    except TooManyBlocksError:
        return True


def _focused(case: Case) -> Changed | None:
    """Look for differences around each place of the change, in graphs that are cut down to it: those behind
    the first when they are asked for."""
    found = Lazily(_at_each_place(case))
    first = next(iter(found), None)
    return None if first is None else replace(first, others=Lazily(islice(found, 1, None)))


def _at_each_place(case: Case) -> Iterator[Changed]:
    """Yield the differences of the first of FOCUSES that shows any; where all ask long questions, those of
    whole runs that go through no loop again come first."""
    late: list[Pair] = []
    for number, (turns, detour, behind) in enumerate(FOCUSES[case.focus :], case.focus):
        try:
            pre, post = (unroll(one, turns, MOST_FOCUSED)[0] for one in (case.pre, case.post))
        except TooManyBlocksError:
            continue
        any_found = False
        for first, second in Focus(pre, post, case.about).narrowed(detour, behind):
            if now() > case.deadline:
                break
            try:
                pair = _executed(Case(pre=first, post=second, deadline=case.deadline), LIKELY)
            except (WalkTooLargeError, TooManyTermsError, NoValueError, RecursionError):
                continue
            if is_long(pair):
                late += [pair][: MOST_LATE - len(late)]
                continue
            one = _difference_around(pair)
            if one is not None:
                any_found = True
                yield from (replace(other, focus=number) for other in each(one))
        if any_found:
            return
    whole = _in_fewer_turns(case, 1) if late else None
    if whole is not None:
        yield from each(whole)
        return
    for pair in late:
        one = _difference_around(pair)
        if one is not None:
            yield from each(one)
            return


def _difference_around(pair: Pair) -> Changed | None:
    try:
        return difference_in(pair, bounded=True)
    except UNFOUND:
        return None


def _in_short_runs(case: Case) -> Judgement:
    """Look for a difference within two turns of each loop; where that is too much, in one, then none (L5)."""
    found: Judgement | None = None
    for turns in SHORT_RUNS:
        try:
            if turns and _is_long_question(case, turns):
                fewer = _in_fewer_turns(case, turns)
                if fewer is not None:
                    return fewer
            later = _changed(case, turns)
        except (WalkTooLargeError, TooManyTermsError) as error:
            later = Undecided(code="budget", text=str(error) or "the two histories do not align")
        if not isinstance(later, Undecided) or later.code not in ("loop-bound", "budget", "solver"):
            return later if found is None or not isinstance(later, Undecided) else found
        found = found or later
    assert found is not None
    return found


def _is_long_question(case: Case, turns: int) -> bool:
    found = _in_turns(case, turns)
    return found is not None and is_long(found[0])


def _in_fewer_turns(case: Case, turns: int) -> Changed | None:
    """Look for a difference in fewer turns, the fewest first: it may be told where more are too much."""
    for fewer in range(turns):
        try:
            found = _changed(case, fewer)
        except (WalkTooLargeError, TooManyTermsError, UnansweredError):
            continue
        if isinstance(found, Changed):
            return found
    return None


def _judged_cut(case: Case) -> Judgement:
    if case.likely:
        try:
            found = _changed(replace(case, deadline=case.deadline - 1.0), 2, True)
        except (UnansweredError, WalkTooLargeError):
            found = Undecided(code="budget", text="no difference was found")
        if isinstance(found, Changed):
            found.pair.solver.deadline = case.deadline
            return found
    if _aligned(case, Guesses()):
        return Preserved(assumptions=(), how="solver")
    for turns in (2, *MORE_TURNS):
        found = _ended(case, turns) or _changed(case, turns, True)
        if not isinstance(found, Undecided):
            return found
        if found.code != "loop-summary":
            break
    return found


def _ended(case: Case, turns: int) -> Preserved | None:
    """Prove two functions equal whose loops end within so many turns for every input: a run that goes on
    counts as a difference."""
    try:
        pre, post = (unroll(function, turns, MOST_WHOLE)[0] for function in (case.pre, case.post))
    except TooManyBlocksError:
        return None
    pair = _executed(Case(pre=pre, post=post, deadline=case.deadline), Guesses(), whole=True)
    return Preserved(assumptions=(), how="solver") if _proved(pair) else None


def _changed(case: Case, turns: int, cut: bool = False) -> Judgement:
    found = _in_turns(case, turns)
    if found is None:
        return Undecided(code="loop-bound", text="the loops are too large to unroll")
    pair, bounded = found
    pair.solver.deadline = case.deadline
    return compared(pair, cut or bounded)


def _in_turns(case: Case, turns: int) -> tuple[Pair, bool] | None:
    """Return what is executed with so many turns of each loop, and whether there are loops; None where that
    is too large."""
    known = case.unrolled.get(turns)
    if isinstance(known, Exception):
        raise known
    if known is None:
        try:
            most = MOST_WHOLE if turns in MORE_TURNS else MOST_BLOCKS
            pre, cut_pre = unroll(case.pre, turns, most)
            post, cut_post = unroll(case.post, turns, most)
        except TooManyBlocksError:
            return None
        plain = Case(pre=pre, post=post, deadline=case.deadline)
        try:
            known = _executed(plain, LIKELY), cut_pre or cut_post
        except (WalkTooLargeError, TooManyTermsError) as error:
            case.unrolled[turns] = error
            raise
        case.unrolled[turns] = known
    return known

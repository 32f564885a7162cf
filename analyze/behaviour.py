"""Pairs of definitions -> Deltas: compared, replayed, kept by content, several at once.

A pair costs what its budget allows, whatever its text holds: it is compared in a process of its own that is
ended where it overruns, and an ended one is UNDECIDED(budget), never PRESERVED.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from .around import PatchHeaders
from .compiler import installed
from .definition import NOTHING_AROUND, Around, ChangedFunction, Definition
from .engine.callers import forges_marks
from .engine.clock import now
from .engine.compare import CompareOptions, blank_delta, compare
from .engine.delta import Delta, Reason
from .engine.environment import Environment
from .images import FileChange
from .renames import renamed, renamed_definition, unclear, usable
from .replayed import replay_delta
from .results import NoStore, ResultStore, decode_delta, encode_delta
from .review import PatchReview
from .workers import run_all

OVERRUN = 20.0
"""Seconds beyond the budget after which a comparison is ended: what is compiled and replayed comes on top."""
_UNKEPT = ("budget", "solver")
"""Reasons that another run, on a quieter machine, may not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two definitions of a function with the texts of their files."""

    pre: Definition
    post: Definition
    pre_text: str
    post_text: str
    around: Around = NOTHING_AROUND
    """What is at hand of the headers (docs/engine.md, section 11)."""

    def key(self, budget: float) -> str:
        """Return what a result is kept by: 64 hex digits over all that the verdict rests on (B7)."""
        made_by = (_engine_digest(), installed())
        parts = [
            repr(made_by),
            repr((self.pre, self.post, self.around, budget)),
            self.pre_text,
            self.post_text,
        ]
        digest = hashlib.sha256()
        for part in parts:
            raw = part.encode("utf-8", "surrogatepass")
            digest.update(b"%d\0" % len(raw) + raw)
        return digest.hexdigest()


RENAMED = "{}() is what {}() was: the patch renames it and leaves its text as it is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What a set of comparisons may cost."""

    jobs: int = 1
    budget: float = 10.0
    """Seconds for one function."""
    total: float | None = None
    """Seconds for all of them; what is not reached is UNDECIDED(budget). No bound where None."""
    replay: bool = True


def judge_pair(pair: Pair, effort: Effort) -> Delta:
    """Compare one pair in this process and replay its differences."""
    return compare_pair(pair, CompareOptions(budget=effort.budget), replayed=effort.replay)


def compare_pair(pair: Pair, options: CompareOptions, *, replayed: bool = True) -> Delta:
    """Compare one pair. Where its headers are a guess, what holds without them is said without it (A0), but
    not where they differ between the versions, nor where they chose what of the patch's other files is taken
    (I8)."""
    around = pair.around
    started = now()
    found = _compared(pair, around, options, replayed=replayed)
    alike = bool(around.pre) and around.pre == around.post and not around.assumed
    if around.guess and alike and found.verdict != "changed":
        left = replace(options, budget=max(1.0, options.budget - (now() - started)))
        without = _compared(pair, replace(around, pre="", post="", guess=""), left, replayed=replayed)
        if without.verdict == "preserved" or found.verdict == "undecided":
            return without
    if not around.pre and not around.post and found.verdict != "preserved":
        return found
    return _assuming(found, [around.guess] if around.guess else [])


def _assuming(delta: Delta, guesses: Iterable[str]) -> Delta:
    if delta.verdict == "undecided":
        return delta
    return replace(delta, assumptions=(*delta.assumptions, *guesses))


def _compared(pair: Pair, around: Around, options: CompareOptions, *, replayed: bool) -> Delta:
    if forges_marks((pair.pre_text, pair.post_text), (*around.beside, around.pre, around.post)):
        text = "the file uses a name that lorelens keeps for itself"
        return replace(blank_delta(pair.post), reason=Reason(code="construct", text=text))
    files = pair.pre_text + around.beside[0], pair.post_text + around.beside[1]
    texts = files[0] + around.pre, files[1] + around.post
    names = usable(dict(around.renames), *texts)
    pre = renamed_definition(pair.pre, names)
    before = Environment.from_text(pre.path, renamed(files[0], names), renamed(around.pre, names))
    after = Environment.from_text(pair.post.path, files[1], around.post)
    delta = compare(pre, pair.post, before, after, options)
    delta = replay_delta(delta, pre, pair.post, before, after) if replayed else delta
    doubtful = unclear(names, *texts) if names and delta.verdict == "preserved" else ()
    if doubtful:
        text = f"the patch renames {doubtful[0]}(), and a macro, a field or a tag here may go by that name"
        return replace(delta, verdict="undecided", reason=Reason(code="callee", text=text))
    used = [old for old in names if delta.inlined[0] or re.search(rf"\b{old}\b", pair.pre.text)]
    delta = _assuming(delta, around.assumed)
    return _assuming(delta, [RENAMED.format(names[old], old) for old in used if old != pair.pre.name])


def judge_pairs(
    pairs: Sequence[Pair],
    effort: Effort,
    store: ResultStore | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Delta, ...]:
    """Return a Delta for each pair, in order. Never raises on what the texts hold."""
    store = store or NoStore()
    keys = [pair.key(effort.budget) for pair in pairs]
    found: dict[str, Delta] = {}
    for key in dict.fromkeys(keys):
        kept = decode_delta(store.get(key))
        if kept is not None:
            found[key] = kept
    waiting = {key: pair for key, pair in zip(keys, pairs, strict=True) if key not in found}
    tasks = [(pair, effort) for pair in waiting.values()]
    outcomes = run_all(judge_pair, tasks, jobs=effort.jobs, limit=effort.budget + OVERRUN, total=effort.total)
    for number, outcome in outcomes:
        key, pair = list(waiting.items())[number]
        if isinstance(outcome, Delta):
            found[key] = outcome
            if outcome.reason is None or outcome.reason.code not in _UNKEPT:
                store.put(key, encode_delta(outcome))
        else:
            found[key] = replace(blank_delta(pair.post), reason=Reason(code="budget", text=f"{outcome.why}"))
        progress(
            f"{len(found)} of {len(set(keys))} functions compared: {pair.post.name} {found[key].verdict}"
        )
    return tuple(found[key] for key in keys)


def judge_patches(
    patches: Sequence[PatchReview],
    effort: Effort,
    store: ResultStore | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[PatchReview, ...]:
    """Return the patches with a Delta at each changed function whose versions are both at hand whole."""
    pairs: dict[tuple[int, int], Pair] = {}
    for number, reviewed in enumerate(patches):
        texts = {change.path: change for change in reviewed.files}
        for index, function in enumerate(reviewed.functions):
            pair = _pair(function, texts, reviewed.headers)
            if pair is not None:
                pairs[number, index] = pair
    deltas = dict(zip(pairs, judge_pairs(list(pairs.values()), effort, store, progress), strict=True))
    return tuple(
        replace(
            reviewed,
            functions=tuple(
                replace(
                    function, delta=deltas.get((number, index)), around=_around(pairs.get((number, index)))
                )
                for index, function in enumerate(reviewed.functions)
            ),
        )
        for number, reviewed in enumerate(patches)
    )


def judge_functions(
    functions: Sequence[ChangedFunction], files: Sequence[FileChange], effort: Effort
) -> tuple[ChangedFunction, ...]:
    """Return one patch's functions with their Deltas, compared in this process."""
    texts = {change.path: change for change in files}
    pairs = [_pair(function, texts) for function in functions]
    return tuple(
        function if pair is None else replace(function, delta=judge_pair(pair, effort))
        for function, pair in zip(functions, pairs, strict=True)
    )


def _around(pair: Pair | None) -> Around:
    return NOTHING_AROUND if pair is None else pair.around


def _pair(
    function: ChangedFunction, changes: dict[str, FileChange], headers: PatchHeaders | None = None
) -> Pair | None:
    pre, post = function.pre, function.post
    if function.symbol != "function" or pre is None or post is None or not (pre.whole and post.whole):
        return None
    before, after = _whole(changes.get(pre.path), "pre"), _whole(changes.get(post.path), "post")
    if before is None or after is None:
        return None
    around = function.around if headers is None else headers.of(pre, post)
    return Pair(pre=pre, post=post, pre_text=before, post_text=after, around=around)


def _whole(change: FileChange | None, side: str) -> str | None:
    """Return a file's whole text on one side; None where only its hunks are at hand."""
    image = None if change is None else change.pre if side == "pre" else change.post
    return image.fragments[0].text if image is not None and image.whole and image.fragments else None


@cache
def _engine_digest() -> str:
    """Return a digest of the code that verdicts come from: a result of another engine is not one of this."""
    digest = hashlib.sha256()
    for package in ("lorelens.analyze", "lorelens.analyze.engine", "lorelens.analyze.engine.lower",
                    "lorelens.analyze.replay"):  # fmt: skip
        for one in sorted(_sources(package), key=lambda one: one[0]):
            digest.update(one[0].encode() + b"\0" + one[1])
    return digest.hexdigest()


def _sources(package: str) -> Iterable[tuple[str, bytes]]:
    for one in files(package).iterdir():
        if one.name.endswith((".py", ".c", ".h")):
            yield one.name, one.read_bytes()

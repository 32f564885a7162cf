"""Random pairs of small functions: the engine's verdict against what both do when compiled and run.

A wrong PRESERVED is one that some run tells apart in a world that the verdict's assumptions allow; a CHANGED
that no run shows is listed for a reader (a run may miss what the solver finds). Nothing of this text comes
from a mail, so it runs natively.

    python bench/engine_fuzz.py [--loops] [--first 0] [--count 1000] [--budget 2] [--runs 250] [--show NUMBER]

With --loops the pairs are loops and rewrites of them (fuzz_loops.py).
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from engine import fuzz, fuzz_loops
from engine.fuzz import TOLD
from engine.native import Oracle

Pair = Callable[[int], tuple[str, str, str]]
BATCH = 25
WORLDS = (
    (False, False, False),
    (False, True, False),
    (True, True, False),
    (True, True, True),
    (False, True, True),
)
"""Distinct pointers, valid pointers, calm callees (native.Oracle.run)."""


def allowed(assumptions: tuple[str, ...], before: str, after: str) -> list[tuple[bool, bool, bool]]:
    """Return the worlds that a PRESERVED speaks of."""
    said = " ".join(assumptions)
    apart = "different" in said or "overlap" in said
    valid = "is valid" in said
    found = [one for one in WORLDS if (one[0] or not apart) and (one[1] or not valid)]
    return found or [(True, True, False)]


def told_apart(oracle: Oracle, asked: list[Asked], runs: int) -> list[str]:
    """Return of each pair how a run differs, "same", or what went wrong."""
    found = ["same"] * len(asked)
    for turn in range(2):
        texts = [one.texts for one in asked]
        if oracle.build(texts, asked[0].seed + turn, bool(turn)):
            if len(asked) > 1:
                return [told_apart(oracle, [one], runs)[0] for one in asked]
            return ["uncompiled"]
        for number, one in enumerate(asked):
            first = one.seed * 1000 % 10**7
            for world in one.worlds[: 2 if turn else None]:
                said = oracle.run(number, first, first + runs, world)
                if not said.startswith("same") and found[number] == "same":
                    found[number] = f"{said} in {world} turn {turn} of {asked[0].seed}"
                if not said.startswith("same"):
                    break
    return found


def verdict(seed: int, before: str, after: str, budget: float) -> tuple[str, tuple[str, ...], str]:
    """Return the engine's verdict, its assumptions, and what it says of it."""
    from lorelens.analyze.engine.compare import compare_texts

    (delta,) = compare_texts(TOLD + before, TOLD + after, function="f", budget=budget, by_text=False)
    rows = "; ".join(f"[{row.when}] {row.before} | {row.after}" for row in delta.differences[:3])
    reason = f"{delta.reason.code}: {delta.reason.text}" if delta.reason else ""
    return delta.verdict, delta.assumptions, rows or reason or "; ".join(delta.assumptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A pair with the engine's verdict."""

    seed: int
    texts: tuple[str, str]
    edits: str
    verdict: str
    detail: str
    worlds: list[tuple[bool, bool, bool]]
    """In which the oracle may speak of it."""


def asked(seed: int, budget: float, pair: Pair) -> Asked:
    """Ask the engine about a pair."""
    before, after, edits = pair(seed)
    try:
        found, assumptions, detail = verdict(seed, before, after, budget)
    except Exception as error:  # the engine never raises: a defect
        found, assumptions, detail = "raised", (), repr(error)[:200]
    worlds = allowed(assumptions, before, after) if found == "preserved" else list(WORLDS)
    return Asked(seed=seed, texts=(before, after), edits=edits, verdict=found, detail=detail, worlds=worlds)


def show(seed: int, budget: float, pair: Pair) -> None:
    """Print a pair and its verdict."""
    before, after, names = pair(seed)
    print(before, after, names, *verdict(seed, before, after, budget), sep="\n")


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--count", type=int, default=1000)
    options.add_argument("--budget", type=float, default=2.0)
    options.add_argument("--runs", type=int, default=250)
    options.add_argument("--minutes", type=float, default=60.0)
    options.add_argument("--show", type=int, metavar="NUMBER")
    options.add_argument("--loops", action="store_true")
    options = options.parse_args()
    pair = fuzz_loops.pair if options.loops else fuzz.pair
    if options.show is not None:
        show(options.show, options.budget, pair)
        return
    oracle = Oracle()
    counted: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    begun = time.monotonic()
    for first in range(options.first, options.first + options.count, BATCH):
        if time.monotonic() - begun > options.minutes * 60:
            break
        answers = [asked(seed, options.budget, pair) for seed in range(first, first + BATCH)]
        said = [one for one in answers if one.verdict in ("preserved", "changed")]
        outcomes = told_apart(oracle, said, options.runs) if said else []
        for one in answers:
            if one not in said:
                counted[one.verdict] += 1
                reasons[one.detail[:60]] += 1
        for one, found in zip(said, outcomes, strict=True):
            outcome = f"{one.verdict}/{found.split()[0]}"
            counted[outcome] += 1
            if outcome not in ("preserved/same", "changed/differ"):
                print(f"{one.seed} {outcome} [{one.edits}] {found} -- {one.detail[:300]}", flush=True)
        print(f"# {counted.total()} {time.monotonic() - begun:.0f} s {dict(counted)}", flush=True)
    print(f"{counted.total()} pairs in {time.monotonic() - begun:.0f} s")
    for outcome, count in counted.most_common():
        print(f"{outcome:24} {count:6} {count / counted.total():7.2%}")
    for reason, count in reasons.most_common(12):
        print(f"    {count:5}  {reason}")


if __name__ == "__main__":
    main()

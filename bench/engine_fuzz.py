"""Random pairs of small functions: the engine's verdict against what both do when compiled and run.

A wrong PRESERVED is one that some run tells apart in a world that the verdict's assumptions allow; a CHANGED
that no run shows is listed for a reader (a run may miss what the solver finds). Nothing of this text comes
from a mail, so it runs natively.

    python bench/engine_fuzz.py [--first 0] [--count 1000] [--budget 2] [--runs 400] [--show NUMBER]
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter

from engine.fuzz import TOLD, pair
from engine.native import Oracle

WORLDS = ((False, False, False), (False, True, False), (True, True, False), (True, True, True), (False, True, True))
"""Distinct pointers, valid pointers, calm callees (native.Oracle.run)."""


def allowed(assumptions: tuple[str, ...], before: str, after: str) -> list[tuple[bool, bool, bool]]:
    """Return the worlds that a PRESERVED speaks of."""
    said = " ".join(assumptions)
    apart = "different" in said or "overlap" in said
    valid = "is valid" in said
    found = [one for one in WORLDS if (one[0] or not apart) and (one[1] or not valid)]
    return found or [(True, True, False)]


def told_apart(oracle: Oracle, seed: int, texts: tuple[str, str], worlds: list[tuple[bool, bool, bool]], runs: int) -> str:
    """Return how a run differs, "same", or what went wrong."""
    said = "same"
    for turn in range(2):
        if turn and "CONFIG_" not in texts[0] + texts[1] and not re.search(r"\b(hp|zz|unkp?)\b", texts[0] + texts[1]):
            break
        complaint = oracle.build(*texts, seed + turn, bool(turn))
        if complaint:
            return "uncompiled"
        for world in worlds:
            found = oracle.run(seed * 1000 % 10**7, seed * 1000 % 10**7 + runs, *world)
            if found.startswith("slow"):
                said = found
            if found.startswith("differ"):
                return f"{found} in {world} turn {turn}"
            if "timeout" in found or "died" in found:
                said = found
    return said


def verdict(seed: int, before: str, after: str, budget: float) -> tuple[str, tuple[str, ...], str]:
    """Return the engine's verdict, its assumptions, and what it says of it."""
    from lorelens.analyze.engine.compare import compare_texts

    (delta,) = compare_texts(TOLD + before, TOLD + after, function="f", budget=budget, by_text=False)
    rows = "; ".join(f"[{row.when}] {row.before} | {row.after}" for row in delta.differences[:3])
    reason = f"{delta.reason.code}: {delta.reason.text}" if delta.reason else ""
    return delta.verdict, delta.assumptions, rows or reason or "; ".join(delta.assumptions)


def judged(oracle: Oracle, seed: int, budget: float, runs: int) -> tuple[str, str, str]:
    """Return the edits, the verdict beside the oracle's, and a line for the reader."""
    before, after, names = pair(seed)
    found, assumptions, detail = verdict(seed, before, after, budget)
    if found == "undecided":
        return names, "undecided", detail
    worlds = allowed(assumptions, before, after) if found == "preserved" else list(WORLDS)
    said = told_apart(oracle, seed, (before, after), worlds, runs)
    word = said.split()[0]
    return names, f"{found}/{word}", f"{said} -- {detail}"


def show(seed: int, budget: float) -> None:
    """Print a pair and its verdict."""
    before, after, names = pair(seed)
    print(before, after, names, *verdict(seed, before, after, budget), sep="\n")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--count", type=int, default=1000)
    options.add_argument("--budget", type=float, default=2.0)
    options.add_argument("--runs", type=int, default=400)
    options.add_argument("--minutes", type=float, default=60.0)
    options.add_argument("--show", type=int, metavar="NUMBER")
    options = options.parse_args()
    if options.show is not None:
        show(options.show, options.budget)
        return
    oracle = Oracle()
    counted: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    begun = time.monotonic()
    for seed in range(options.first, options.first + options.count):
        if time.monotonic() - begun > options.minutes * 60:
            break
        try:
            names, outcome, detail = judged(oracle, seed, options.budget, options.runs)
        except Exception as error:
            names, outcome, detail = "", "raised", repr(error)[:200]
        counted[outcome] += 1
        if outcome == "undecided":
            reasons[detail[:60]] += 1
        if outcome in ("preserved/differ", "changed/same", "raised"):
            print(f"{seed} {outcome} [{names}] {detail[:300]}", flush=True)
    print(f"{counted.total()} pairs in {time.monotonic() - begun:.0f} s")
    for outcome, count in counted.most_common():
        print(f"{outcome:24} {count:6} {count / counted.total():7.2%}")
    for reason, count in reasons.most_common(12):
        print(f"    {count:5}  {reason}")


if __name__ == "__main__":
    main()

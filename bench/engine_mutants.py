"""No false equality: semantic mutants of real functions, those that the oracle tells from the original.

A mutant counts where it compiles in the replay's harness and where random runs of both texts differ (the
oracle, never the engine, says so; `plain` are those told apart without callees that change memory or keep
addresses). Goal: of at least 500, at least 95% changed, none preserved.

    python bench/engine_mutants.py [--sample 800] [--seed 1] [--oracle-only | --engine-only] [--budget S]
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict

from engine.corpus import Corpus, Listed, open_corpus
from engine.mutants import KINDS, Mutant, mutants
from engine.oracle import OUTCOMES, judge
from engine.parallel import Done, run
from engine.table import HEAD, costs, counts, parser, why
from engine.verdict import Answer, compare, replayed


def choose(corpus: Corpus, count: int, seed: int) -> list[tuple[Listed, Mutant]]:
    """Return `count` mutants, as even over the kinds as there are, at most one of a kind and function."""
    chance = random.Random(seed)
    order = [function for function in corpus.functions if function.read]
    chance.shuffle(order)
    by_kind: dict[str, list[tuple[Listed, Mutant]]] = defaultdict(list)
    share = -(-count // len(KINDS)) * 2
    for function in order:
        offered: dict[str, list[Mutant]] = defaultdict(list)
        for mutant in mutants(corpus.text(function)):
            offered[mutant.kind].append(mutant)
        for kind, found in offered.items():
            by_kind[kind].append((function, chance.choice(found)))
        if all(len(by_kind[kind]) >= share for kind in KINDS):
            break
    chosen: list[tuple[Listed, Mutant]] = []
    for place in range(max(map(len, by_kind.values()))):
        chosen += [by_kind[kind][place] for kind in KINDS if place < len(by_kind[kind])]
    return sorted(chosen[:count], key=lambda pair: (pair[0].path, pair[0].line))


def main() -> None:
    options = parser(__doc__, sample=800)
    options.add_argument("--oracle-only", action="store_true", help="do not ask the engine")
    options.add_argument(
        "--engine-only",
        action="store_true",
        help="do not ask the oracle: print every mutant called preserved",
    )
    options.add_argument(
        "--list", action="store_true", help="print what is undecided, and what was not confirmed"
    )
    options = options.parse_args()
    corpus = open_corpus(options.tree, options.archive)
    cases = choose(corpus, options.sample, options.seed)
    print(f"{len(cases)} mutants, seed {options.seed}")

    def work(number: int) -> tuple[str, str, Answer | None]:
        function, mutant = cases[number]
        file = corpus.texts[function.path]
        after = corpus.with_text(function, mutant.text)
        if options.engine_only:
            return (
                "different",
                "unjudged",
                compare(file, after, function.name, options.budget, function.number),
            )
        outcome, detail = judge(file, after, function.name, seed=options.seed)
        if options.oracle_only or outcome != "different":
            return outcome, detail, None
        return outcome, detail, compare(file, after, function.name, options.budget, function.number)

    rows = []
    for row in run(
        [f.path for f, _ in cases],
        work,
        jobs=options.jobs,
        minutes=options.minutes,
        limit=options.budget * 2 + 60,
    ):
        rows.append(row)
        if row.result and row.result[2] and row.result[2].verdict == "preserved":
            print(described(row, *cases[row.number]), flush=True)
    if options.engine_only:
        print("the oracle is not asked: equivalent mutants are among these, and all count as different")
    print(f"{'what the oracle says':24}{'all':>7}" + "".join(f"{word:>16}" for word in (*OUTCOMES, "failed")))
    for kind in (*KINDS, "all"):
        own = [row for row in rows if kind in ("all", cases[row.number][1].kind)]
        counted = Counter(row.result[0] if row.result else "failed" for row in own)
        print(f"{kind:24}{len(own):7}" + "".join(f"{counted[word]:16}" for word in (*OUTCOMES, "failed")))
    why_not = Counter(
        row.result[1].split(":")[0] for row in rows if row.result and row.result[0].startswith("not ")
    )
    print("  not judged for:", ", ".join(f"{reason} {count}" for reason, count in why_not.most_common()))
    if options.oracle_only:
        return
    told = [row for row in rows if row.result and row.result[0] == "different"]
    print("\nthe engine on those that compile and differ")
    print(HEAD)
    for kind in (*KINDS, "all"):
        own = [row.result[2] for row in told if kind in ("all", cases[row.number][1].kind)]
        print(counts(kind, own))
    plain = [row.result[2] for row in told if not row.result[1]]
    print(counts("all, plain", plain))
    print("  undecided for:", why([row.result[2] for row in told]))
    print("  ", costs(told))
    print("   replays of the differences", replayed([row.result[2] for row in told]))
    for row in told if options.list else ():
        answer = row.result[2]
        if answer and (answer.verdict == "undecided" or any(w != "confirmed" for w in answer.replays)):
            print(described(row, *cases[row.number]))
    show(rows, cases, options.show)


def show(rows: list[Done], cases: list[tuple[Listed, Mutant]], most: int) -> None:
    """Print the wrong answers again, and what failed."""
    wrong = [row for row in rows if row.result and row.result[2] and row.result[2].verdict == "preserved"]
    for row in wrong + [row for row in rows if row.failure][:most]:
        print(described(row, *cases[row.number]))


def described(row: Done, function: Listed, mutant: Mutant) -> str:
    """Return one line on a mutant's end."""
    what = row.failure
    if not what:
        answer = row.result[2]
        why = answer.detail or "; ".join((*answer.assumptions, *answer.replays))
        what = f"{answer.verdict.upper()} (oracle: {row.result[1] or 'plain'}) {answer.reason} {why}"
    place = f"{function.path}:{function.line} {function.name}+{mutant.line - 1}"
    return f"   {place}: {mutant.kind}: {mutant.before!r} -> {mutant.after!r}: {what}"


if __name__ == "__main__":
    main()

"""Refactorings of real functions, made by generators (bench/engine/refactor_*.py), against the engine.

Each is first judged by the oracle: random runs of both versions. One that the oracle tells apart is a
defect of the generator, or of the oracle, and is printed; it is not compared. Goal: of 300, at least 90%
preserved, none changed. DiffKemp proves 7 to 9 of 12 such edits.

    python bench/engine_refactorings.py [--sample 330] [--seed 1] [--oracle-only] [--unjudged] [--jobs 2]
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict

from engine.corpus import Corpus, Listed, open_corpus
from engine.oracle import OUTCOMES, judge
from engine.parallel import run
from engine.refactorings import KINDS, Refactorer, Refactoring
from engine.table import HEAD, costs, counts, parser, why
from engine.verdict import Answer, compare


def choose(corpus: Corpus, count: int, seed: int) -> list[tuple[Listed, Refactoring]]:
    """Return `count` refactorings, evenly over the kinds, at most one of a kind and function."""
    chance = random.Random(seed)
    order = [function for function in corpus.functions if function.read]
    chance.shuffle(order)
    by_kind: dict[str, list[tuple[Listed, Refactoring]]] = defaultdict(list)
    refactorer = Refactorer(corpus)
    share = -(-count // len(KINDS)) * 2
    for function in order:
        offered: dict[str, list[Refactoring]] = defaultdict(list)
        for refactoring in refactorer.of(function):
            offered[refactoring.kind].append(refactoring)
        for kind, found in offered.items():
            if len(by_kind[kind]) < share:
                by_kind[kind].append((function, chance.choice(found)))
        if (
            all(len(by_kind[kind]) >= share // 2 for kind in KINDS)
            and sum(map(len, by_kind.values())) >= count
        ):
            break
    chosen: list[tuple[Listed, Refactoring]] = []
    for place in range(share):
        chosen += [by_kind[kind][place] for kind in KINDS if place < len(by_kind[kind])]
    return sorted(chosen[:count], key=lambda pair: (pair[0].path, pair[0].line))


def main() -> None:
    options = parser(__doc__, sample=330)
    options.add_argument("--oracle-only", action="store_true", help="do not ask the engine")
    options.add_argument(
        "--unjudged", action="store_true", help="compare those too that the oracle cannot run"
    )
    options = options.parse_args()
    corpus = open_corpus(options.tree, options.archive)
    cases = choose(corpus, options.sample, options.seed)
    print(f"{len(cases)} refactorings, seed {options.seed}")

    def work(number: int) -> tuple[str, str, Answer | None]:
        function, refactoring = cases[number]
        file = corpus.texts[function.path]
        name = refactoring.judged or function.name
        also = frozenset(refactoring.runs)
        outcome, detail = judge(file, refactoring.file, name, seed=options.seed, also=also)
        asked = outcome == "no difference" or (options.unjudged and outcome != "different")
        if options.oracle_only or not asked:
            return outcome, detail, None
        return (
            outcome,
            detail,
            compare(file, refactoring.file, function.name, options.budget, function.number),
        )

    rows = list(
        run(
            [f.path for f, _ in cases],
            work,
            jobs=options.jobs,
            minutes=options.minutes,
            limit=options.budget * 2 + 60,
        )
    )
    print(f"{'what the oracle says':24}{'all':>7}" + "".join(f"{word:>16}" for word in (*OUTCOMES, "failed")))
    for kind in (*KINDS, "all"):
        own = [row for row in rows if kind in ("all", cases[row.number][1].kind)]
        counted = Counter(row.result[0] if row.result else "failed" for row in own)
        print(f"{kind:24}{len(own):7}" + "".join(f"{counted[word]:16}" for word in (*OUTCOMES, "failed")))
    why_not = Counter(
        row.result[1].split(":")[0] for row in rows if row.result and row.result[0].startswith("not ")
    )
    print("  not judged for:", ", ".join(f"{reason} {count}" for reason, count in why_not.most_common()))
    asked = [row for row in rows if row.result and row.result[2]]
    if not options.oracle_only:
        print(
            "\nthe engine"
            + ("" if options.unjudged else " on those for which the oracle finds no difference")
        )
        print(HEAD)
        for kind in (*KINDS, "all"):
            print(
                counts(kind, [row.result[2] for row in asked if kind in ("all", cases[row.number][1].kind)])
            )
        print("  undecided for:", why([row.result[2] for row in asked]))
        print("  ", costs(asked))
    shown = 0
    for row in rows:
        function, refactoring = cases[row.number]
        place = f"{function.path}:{function.line} {function.name}+{refactoring.line - 1}: {refactoring.kind}"
        if row.result and row.result[0] == "different":
            print(f"   {place}: THE ORACLE DIFFERS ({row.result[1] or 'plain'})")
        elif row.failure and shown < options.show:
            shown += 1
            print(f"   {place}: {row.failure}")
        elif row.result and row.result[2] and row.result[2].verdict == "changed":
            print(f"   {place}: CHANGED")


if __name__ == "__main__":
    main()

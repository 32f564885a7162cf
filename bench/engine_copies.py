"""No false difference: every function against itself and against a rewritten copy of itself.

The copy has other names for its locals and parameters, its declarations in another order, and every
condition c written !!(c) (bench/engine/copies.py). Any `changed` is a false difference. The list of
functions is Universal Ctags' of mm/*.c and fs/userfaultfd.c. Goal: at least 95% preserved, none changed,
in 20 minutes on two cores.

    python bench/engine_copies.py [--sample N] [--seed S] [--only copy] [--jobs 2] [--budget SECONDS]
    python bench/engine_copies.py --check-copies      # the copies alone: do they parse, does the oracle agree
"""

from __future__ import annotations

import time
from collections import Counter

from engine.copies import copy
from engine.corpus import open_corpus
from engine.oracle import judge
from engine.parallel import Done, run
from engine.table import HEAD, costs, counts, parser, why
from engine.verdict import Answer, compare
from engine.view import view


def main() -> None:
    options = parser(__doc__, sample=None)
    options.add_argument("--only", choices=("self", "copy"), help="one of the two comparisons")
    options.add_argument("--check-copies", action="store_true", help="ask the oracle, not the engine")
    options = options.parse_args()
    corpus = open_corpus(options.tree, options.archive)
    functions = corpus.sample(options.sample, options.seed)
    print(f"{len(functions)} of {len(corpus.functions)} functions listed, seed {options.seed}")

    def work(number: int) -> tuple[str, Answer | None]:
        kind, function = cases[number]
        if not function.read:
            return "unread", None
        file = corpus.texts[function.path]
        if kind == "self":
            return "compared", compare(file, file, function.name, options.budget, function.number)
        text = copy(corpus.text(function), file)
        if text is None or view(text) is None:
            return "no copy" if text is None else "unclean copy", None
        after = corpus.with_text(function, text)
        if options.check_copies:
            outcome, detail = judge(file, after, function.name)
            return outcome, Answer(verdict=outcome, reason=detail, detail="")
        return "same text" if after == file else "compared", compare(
            file, after, function.name, options.budget, function.number
        )

    kinds = [options.only] if options.only else ["self", "copy"]
    if options.check_copies:
        kinds = ["copy"]
    cases = [(kind, function) for kind in kinds for function in functions]
    started = time.perf_counter()
    limit = options.budget * 2 + 20
    done = sorted(
        run([f.path for _, f in cases], work, jobs=options.jobs, minutes=options.minutes, limit=limit),
        key=lambda d: d.number,
    )
    wall = time.perf_counter() - started
    if options.check_copies:
        check(done, cases, options.show)
    else:
        print(HEAD)
        for kind in kinds:
            rows = [row for row in done if cases[row.number][0] == kind]
            report(kind, rows, [cases[row.number][1] for row in rows], options.show)
    print(f"wall clock {wall:.0f} s with {options.jobs} processes")


def report(kind: str, rows: list[Done], functions: list, show: int) -> None:
    """Print one comparison's rows."""
    answers = [row.result[1] if row.result else None for row in rows]
    print(counts("itself" if kind == "self" else "rewritten copy", answers))
    print("  undecided for:", why(answers))
    print("  ", costs(rows))
    assumed = sum(bool(answer and answer.verdict == "preserved" and answer.assumptions) for answer in answers)
    print(f"   preserved with assumptions listed: {assumed}")
    states = Counter(row.result[0] if row.result else "failed" for row in rows)
    print("  ", ", ".join(f"{state} {count}" for state, count in states.most_common()))
    shown = 0
    for row, answer, function in zip(rows, answers, functions, strict=True):
        bad = row.failure or (answer is not None and answer.verdict == "changed")
        if bad and shown < show:
            shown += 1
            print(f"   {function.path}:{function.line} {function.name}: {row.failure or 'CHANGED'}")


def check(rows: list[Done], cases: list, show: int) -> None:
    """Print what the oracle says of the copies; a difference is the rewriting's defect, or the oracle's."""
    states = Counter(row.result[0] if row.result else "failed" for row in rows)
    for state, count in states.most_common():
        print(f"  {state:16}{count:7}{count / len(rows):9.2%}")
    odd = [row for row in rows if row.failure or row.result[0] in ("different", "unclean copy")]
    for row in odd[:show]:
        function = cases[row.number][1]
        detail = row.failure or (row.result[1].reason if row.result[1] else row.result[0])
        print(f"   {function.path}:{function.line} {function.name}: {detail}")


if __name__ == "__main__":
    main()

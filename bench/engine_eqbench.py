"""EqBench's 100 integer C pairs: proved, refuted, undecided, wrong, beside CBMC's and DiffKemp's figures.

Compared is a program's main(); where it has none, every function of both versions that no other one
calls: all preserved is preserved, one changed is changed. The label is the name of the pair's directory;
eight pairs labelled equivalent are not and are counted apart. A pair counts as refuted
where the engine says `changed`, as proved where it says `preserved`, as wrong where that is false.

    python bench/engine_eqbench.py --eqbench DIR [--jobs 2] [--budget SECONDS]

DIR is a checkout of shrBadihi/EqBench, or its git directory (read with git; nothing is written to it).
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from engine.parallel import run
from engine.table import costs, parser
from engine.verdict import Answer, compare, reasons
from lorelens.analyze.lexical import scan
from lorelens.analyze.outline import cut

MISLABELLED = (
    "CLEVER/fib",
    "CLEVER/is_prime2",
    "CLEVER/ltfive",
    "CLEVER/multiple",
    "CLEVER/oneN2",
    "pow/test",
    "tcas/altseptest",
    "tcas/tcas",
)
"""Labelled equivalent, and different: fib at 2 (1 and 2), is_prime2 at 19 (0 and 1) when compiled and
run, the others by the notes on peers where arithmetic wraps around.

The two of tcas differ only where an index lies outside its array (60,000 random runs inside it agree).
All are printed, and count as neither right nor wrong.
"""
PEERS = {"CBMC (unwind 22, 10 s)": (22, 16, 28, 1), "DiffKemp": (10, 0, 40, None)}
"""Published in the project's notes on its peers: proved of 60, within bounds, refuted of 40, wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two programs and their label."""

    name: str
    equal: bool
    pre: str
    post: str
    entries: tuple[str, ...]

    @property
    def mislabelled(self) -> bool:
        """Whether its label does not hold under wrap-around."""
        return self.equal and self.name in MISLABELLED


def read_pairs(folder: Path) -> list[Pair]:
    """Return the pairs whose two programs use no floating point."""
    pairs = []
    for directory, files in sorted(_directories(folder).items()):
        texts = {name: _read(folder, f"{directory}/{name}") for name in files}
        old = next((text for name, text in texts.items() if name.startswith("old")), None)
        new = next((text for name, text in texts.items() if name.startswith("new")), None)
        if old is None or new is None or re.search(r"\b(?:double|float)\b", old + new):
            continue
        _, program, kind, label = directory.rsplit("/", 3)
        entries = find_entries(old, new)
        pairs.append(Pair(name=f"{program}/{kind}", equal=label == "Eq", pre=old, post=new, entries=entries))
    return pairs


def find_entries(old: str, new: str) -> tuple[str, ...]:
    """Return what is compared of two programs, in the order of the newer text."""
    roots: list[list[str]] = []
    for text in (old, new):
        source = scan(text)
        functions = [piece for piece in cut(source) if piece.symbol == "function"]
        bodies = {piece.name: source.mask[piece.body : piece.end] for piece in functions}
        called = {
            other
            for name, body in bodies.items()
            for other in bodies
            if other != name and re.search(rf"\b{other}\s*\(", body)
        }
        roots.append([name for name in bodies if name not in called] or list(bodies))
    common = tuple(name for name in roots[1] if name in roots[0])
    return ("main",) if "main" in common else common


def _directories(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if (folder / "benchmarks").is_dir():
        names = [str(path.relative_to(folder)) for path in folder.glob("benchmarks/**/*.c")]
    else:
        command = ["git", "--git-dir", str(folder), "ls-tree", "-r", "--name-only", "HEAD", "benchmarks"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        names = [name for name in listed.split("\n") if name.endswith(".c")]
    for name in sorted(names):
        directory, file = name.rsplit("/", 1)
        found.setdefault(directory, []).append(file)
    return found


def _read(folder: Path, name: str) -> str:
    if (folder / name).exists():
        return (folder / name).read_text("utf-8", "replace")
    command = ["git", "--git-dir", str(folder), "show", f"HEAD:{name}"]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "replace")


def main() -> None:
    options = parser(__doc__, sample=None)
    options.add_argument("--eqbench", type=Path, required=True, metavar="DIR")
    options = options.parse_args()
    pairs = read_pairs(options.eqbench)

    def work(number: int) -> Answer:
        pair = pairs[number]
        answers = [compare(pair.pre, pair.post, entry, options.budget) for entry in pair.entries]
        by_verdict = {answer.verdict: answer for answer in answers}
        return by_verdict.get("changed") or by_verdict.get("undecided") or answers[0]

    done = sorted(
        run(
            [p.name for p in pairs],
            work,
            jobs=options.jobs,
            minutes=options.minutes,
            limit=options.budget * 2 + 20,
        ),
        key=lambda row: row.number,
    )
    pairs = [pairs[row.number] for row in done]
    verdicts = [row.result.verdict if row.result else "failed" for row in done]
    right = [v for p, v in zip(pairs, verdicts, strict=True) if p.equal and not p.mislabelled]
    odd = [v for p, v in zip(pairs, verdicts, strict=True) if p.mislabelled]
    unequal = [v for p, v in zip(pairs, verdicts, strict=True) if not p.equal]
    wrong = right.count("changed") + unequal.count("preserved")
    print(f"{len(pairs)} pairs: {len(right)} equivalent, {len(odd)} labelled so, {len(unequal)} not")
    print(f"{'':26}{'proved':>12}{'in bounds':>12}{'refuted':>12}{'wrong':>8}")
    ours = f"{right.count('preserved')} of {len(right)}", "0", f"{unequal.count('changed')} of {len(unequal)}"
    print(f"{'lorelens':26}" + "".join(f"{cell:>12}" for cell in ours) + f"{wrong:>8}")
    for peer, (proved, bounded, refuted, bad) in PEERS.items():
        shown = "?" if bad is None else str(bad)
        print(f"{peer + ' *':26}{f'{proved} of 60':>12}{bounded:>12}{f'{refuted} of 40':>12}{shown:>8}")
    print("* published; their 60 hold the mislabelled pairs")
    print("the mislabelled:", ", ".join(f"{v} {n}" for v, n in Counter(odd).most_common()))
    undecided = [row.result for row in done if row.result and row.result.verdict == "undecided"]
    print("undecided for:", reasons(Counter(answer.reason for answer in undecided)))
    print(costs(done))
    for pair, row, verdict in zip(pairs, done, verdicts, strict=True):
        goal = "preserved" if pair.equal and not pair.mislabelled else "changed"
        if verdict != goal:
            label = "mislabelled" if pair.mislabelled else "equal" if pair.equal else "not equal"
            bad = "WRONG " if verdict in ("preserved", "changed") and not pair.mislabelled else ""
            reason = row.failure or (row.result.reason + " " + row.result.detail[:80])
            print(f"  {bad}{pair.name} {'/'.join(pair.entries)} ({label}): {verdict} {reason}")


if __name__ == "__main__":
    main()

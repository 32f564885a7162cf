"""The ledger of real histories: its states, and with judgements made by hand, how often they are right.

    python bench/ledger.py [--judged bench/ledger_judged.tsv] [--show] MBOX...
    python bench/ledger.py --judged bench/ledger_judged.tsv --threads DIR

A judgement is one line, parted by tabs: sample, history, message-id, the comment's number in its mail, the
judgement, a paraphrase; docs/ledger.md says which sample was judged when. Precision of a state is how many of
the comments that lorelens puts there the judgement puts there too. --show lists those that differ.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from lorelens.analyze.history.entry import Entry
from lorelens.analyze.history.ledger import build_ledger
from lorelens.fetch.series.assembly import find_series
from lorelens.fetch.series.thread import build_threads
from lorelens.fetch.source.sources import read_messages

STATES = ("addressed", "partly", "open", "moved", "declined", "unknown")


class Judgement(NamedTuple):
    half: str
    history: str
    state: str
    paraphrase: str


Judged = Mapping[tuple[str, int], Judgement]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("mbox", nargs="*", help="the mails of one history")
    parser.add_argument("--threads", type=Path, help="a folder of histories, each a folder of mboxes")
    parser.add_argument("--judged", type=Path, help="judgements, tab-separated")
    parser.add_argument("--half", help="only that half")
    parser.add_argument("--show", action="store_true", help="list what differs from the judgement")
    parser.add_argument("--table", action="store_true", help="print the table of docs/ledger.md")
    arguments = parser.parse_args()
    groups = [arguments.mbox] if arguments.mbox else []
    if arguments.threads:
        groups += [
            sorted(map(str, folder.glob("*.mbox")))
            for folder in sorted(arguments.threads.iterdir())
            if folder.is_dir()
        ]
    entries = [entry for group in groups for entry in read_ledger(group)]
    print_states(entries)
    if arguments.judged:
        judged = read_judged(arguments.judged)
        for half in (
            [arguments.half]
            if arguments.half
            else [*dict.fromkeys(one.half for one in judged.values()), None]
        ):
            score(entries, judged, half)
        if arguments.show:
            show(entries, judged, arguments.half)
        if arguments.table:
            table(entries, judged)


def read_ledger(paths: Iterable[str]) -> list[Entry]:
    """Return the ledgers of all series that the files hold."""
    found = find_series(build_threads(list(read_messages(list(paths)))))
    return [entry for series in found for entry in build_ledger(series, others=found)]


def read_judged(path: Path) -> Judged:
    """Return the judgements by message-id and number."""
    rows = (line.split("\t") for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return {
        (message_id, int(number)): Judgement(half, history, state, paraphrase)
        for half, history, message_id, number, state, paraphrase in rows
    }


def key(entry: Entry) -> tuple[str, int]:
    return entry.comment.message_id, entry.comment.number


def print_states(entries: Iterable[Entry]) -> None:
    """Print how many comments of each kind have each state."""
    entries = list(entries)
    counted = Counter((entry.kind, entry.state) for entry in entries)
    kinds = sorted({entry.kind for entry in entries})
    print(f"{'kind':10}" + "".join(f"{state:>11}" for state in STATES))
    for kind in kinds:
        print(f"{kind:10}" + "".join(f"{counted[kind, state]:11}" for state in STATES))
    print(f"{'all':10}" + "".join(f"{sum(counted[k, state] for k in kinds):11}" for state in STATES) + "\n")


def score(entries: Iterable[Entry], judged: Judged, half: str | None) -> None:
    """Print, for each state, how many lorelens puts there and how many of them rightly."""
    pairs = [
        (entry.state, judged[key(entry)].state)
        for entry in entries
        if key(entry) in judged and half in (None, judged[key(entry)].half)
    ]
    print(f"{half or 'all'}: {len(pairs)} comments judged by hand")
    for state in STATES:
        here = [truth for found, truth in pairs if found == state]
        right = here.count(state)
        wanted = sum(truth == state for _, truth in pairs)
        share = f"{100 * right / len(here):5.1f} %" if here else "      -"
        print(f"  {state:10} {len(here):4} found, {right:4} right {share}; {wanted:4} by hand")
    print()


def show(entries: Iterable[Entry], judged: Judged, half: str | None) -> None:
    """List every comment that was put elsewhere than by hand."""
    for entry in entries:
        one = judged.get(key(entry))
        if one and half in (None, one.half) and one.state != entry.state:
            print(f"{one.history} {one.paraphrase}: {entry.kind}, {entry.state}, by hand {one.state}")
            print(f"    {entry.comment.message_id}.{entry.comment.number}: {entry.evidence.why}")


def table(entries: Iterable[Entry], judged: Judged) -> None:
    """Print a row for each judged comment."""
    for entry in entries:
        one = judged.get(key(entry))
        if one:
            where = f"{entry.comment.message_id} {entry.comment.number}"
            print(f"| {one.half} | {where} | {one.paraphrase} | {entry.state} | {one.state} |")


if __name__ == "__main__":
    main()

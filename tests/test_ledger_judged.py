"""The ledger against what a person judged: the precision that docs/ledger.md tells, on real threads."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))

import ledger as bench  # below the path that it needs

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_precision_on_nine_histories(shared):
    judged = bench.read_judged(ROOT / "bench" / "ledger_judged.tsv")
    entries = []
    for folder in sorted((shared / "threads").iterdir()):
        entries += bench.read_ledger(sorted(map(str, folder.glob("*.mbox"))))
    right = {"addressed": [], "open": []}
    for entry in entries:
        if entry.state in right and bench.key(entry) in judged:
            right[entry.state].append(judged[bench.key(entry)].state == entry.state)
    assert len(right["addressed"]) >= 100
    assert sum(right["addressed"]) >= 0.9 * len(right["addressed"])
    assert sum(right["open"]) >= 0.8 * len(right["open"])


def test_judgements_are_whole():
    judged = bench.read_judged(ROOT / "bench" / "ledger_judged.tsv")
    assert len(judged) >= 100
    assert {one.state for one in judged.values()} <= set(bench.STATES)
    assert all(1 <= len(one.paraphrase.split()) <= 4 for one in judged.values())
    listed = (ROOT / "docs" / "ledger.md").read_text()
    assert all(f"| {message_id} {number} |" in listed for message_id, number in judged)

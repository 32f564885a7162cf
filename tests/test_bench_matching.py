"""The peer of bench/matching.py: commits made of mail say what the mail says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from history.judged import JUDGED
from history.range_diff import build_repository, faithful, range_diff
from history_patches import added_file, patches_of, small

FIRST = patches_of(
    ("mm: pool: count pages", small("mm/pool.c", 1)),
    ("mm: pool: lock the list", small("mm/list.c", 2) + added_file("mm/new.c", "int a;\nint b;\n")),
)
SECOND = patches_of(
    ("mm: pool: lock the list", small("mm/list.c", 2) + added_file("mm/new.c", "int a;\nint c;\n")),
    ("mm: pool: count pages", small("mm/pool.c", 1)),
    version=2,
)


def test_commits_out_of_mail_have_its_changed_lines(tmp_path):
    names = build_repository(tmp_path / "r", [FIRST, SECOND])
    for name, patches in zip(names, (FIRST, SECOND), strict=True):
        assert faithful(tmp_path / "r", name, patches) == len(patches)
    found = range_diff(tmp_path / "r", *(f"root..{name}" for name in names))
    assert found == {1: (2, "="), 2: (1, "!")}


@pytest.mark.parametrize("one", JUDGED, ids=lambda one: f"{one.folder}-{one.numbers[0]}")
def test_the_judgement_names_each_patch_once(one):
    partners = one.partners()
    assert not partners.keys() & one.gone.keys()
    certain = [next(iter(later)) for later in partners.values() if len(later) == 1]
    assert len(certain) == len(set(certain))
    assert not set(certain) & one.come.keys()

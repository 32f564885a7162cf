"""A patch mail -> what is known of it: lies of its counts are told, earlier patches are seen applied."""

from __future__ import annotations

import pytest
from lorelens.analyze.review import review_patches
from lorelens.fetch.mail.message import parse_message
from lorelens.fetch.series.assembly import find_series
from lorelens.fetch.series.thread import build_threads
from lorelens.fetch.tree.source_tree import NoTree

HEAD = """\
From: Ana Ruiz <ana@example.org>
Subject: [PATCH] mm: pool: count twice
Message-ID: <lying@example.org>
Date: Mon, 2 Mar 2026 10:14:06 +0000

Count twice.
---
diff --git a/mm/pool.c b/mm/pool.c
--- a/mm/pool.c
+++ b/mm/pool.c
"""
LINES = """\
 int pool_count(int n)
 {
-	return n;
+	return 2 * n;
 }
"""


def review(mail: str):
    (series,) = find_series(build_threads([parse_message(mail.encode())]))
    return review_patches(series.revisions[-1].patches, NoTree())


def test_a_hunk_that_tells_the_truth():
    (found,) = review(HEAD + "@@ -1,4 +1,4 @@\n" + LINES)
    assert [function.name for function in found.functions] == ["pool_count"]
    assert not any(file.failure for file in (*found.files, *found.recovered))
    assert found.notes == ()


@pytest.mark.parametrize(
    "header",
    [
        "@@ -1,1 +1,1 @@",  # fewer lines than there are
        "@@ -1,4 +1,3 @@",  # an added line too many
        "@@ -1,9 +1,9 @@",  # more than there are
        "@@ -99999999999999999999,4 +1,4 @@",  # no number of a line
        "@@ -1,4",  # cut
    ],
)
def test_a_hunk_that_lies_is_a_failure_and_not_a_change_unseen(header):
    (found,) = review(HEAD + header + "\n" + LINES)
    assert any(file.failure for file in found.files)
    assert found.notes
    assert not any("stay as they are" in note.detail for note in found.notes)

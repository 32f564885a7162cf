"""Findings over the revisions: new, still there, fixed, not found any more."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
from lorelens.analyze.checks.frame import check_review
from lorelens.analyze.history import earlier
from lorelens.analyze.history.earlier import follow_review
from lorelens.analyze.history.history import build_history
from lorelens.analyze.review import Review, review_patches
from lorelens.fetch.tree.source_tree import NoTree
from lorelens.reports.followed import followed_sentence, gone_lines, state_words
from lorelens.reports.html import render_html
from lorelens.reports.schema import schema_path
from lorelens.reports.text import first_screen, review_text
from lorelens.reports.to_json import review_document

_spec = importlib.util.spec_from_file_location(
    "test_revisions", Path(__file__).with_name("test_revisions.py")
)
assert _spec
assert _spec.loader
base = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(base)
posted, of, made = base.posted, base.of, base.made

LEAK = """\
int fill_pool(struct pool *pool, int count)
{
	spin_lock(&pool->lock);
	if (count > 3)
		return 0;
	pool->count = count;
	spin_unlock(&pool->lock);
	return 0;
}
"""
BUG = "int stash(struct pool *pool)\n{\n\tBUG_ON(!pool->count);\n\treturn pool->count;\n}\n"
WARN = BUG.replace("BUG_ON(", "WARN_ON(")


def new_file(text, title="mm: add a pool", path="mm/pool.c", above=0):
    return title, made.added_file(path, "\n" * above + text)


def review_of(*revisions, at=-1):
    series = next(one for one in base.all_series(*revisions) if one.revisions)
    index = len(series.revisions) + at
    patches = review_patches(series.revisions[index].patches, NoTree())
    history = build_history(series, index)
    findings = check_review(patches).findings
    return Review(
        series=series, revision=series.revisions[index], patches=patches, tree="none",
        command="lorelens review", version="0", notes=(), history=history, findings=findings,
        followed=follow_review(series, index, findings, history.lives, lambda _: NoTree()),
    )  # fmt: skip


def states(review, check):
    return [state_words(review, one) for one in review.findings if one.check == check]


def test_a_finding_is_new_or_still_there():
    review = review_of(
        posted(1, of(1)),
        posted(2, of(1), new_file(LEAK)),
        posted(3, new_file("/* A pool. */\n" + LEAK, above=9), of(1)),
        posted(4, new_file("/* A pool. */\n" + LEAK), new_file(BUG, "mm: stash", "mm/stash.c"), of(1)),
    )
    assert states(review, "lock-balance") == ["still there since v2"]
    assert states(review, "new-bug") == ["new in v4, its line was in no patch before"]
    assert followed_sentence(review) == "Findings over v1 to v4: 1 still there."
    assert followed_sentence(review) in first_screen(review)
    assert len(first_screen(review).splitlines()) <= 25


def test_a_renamed_function_keeps_its_finding():
    review = review_of(
        posted(1, new_file(BUG)), posted(2, new_file(BUG.replace("int stash", "int stash_cups")))
    )
    assert states(review, "new-bug") == ["still there since v1"]


def test_a_line_that_changed_is_fixed():
    review = review_of(
        posted(1, of(1), new_file(BUG)), posted(2, of(1), new_file(BUG)), posted(3, of(1), new_file(WARN))
    )
    (line,) = gone_lines(review)
    assert "fixed in v3 (there since v1): its line changed or is gone" in line
    assert "fixed in v3" in " ".join(review_text(review).split())


def test_a_line_that_went_with_its_patch_is_fixed():
    (line,) = gone_lines(review_of(posted(1, of(1), of(2), new_file(BUG)), posted(2, of(1), of(2))))
    assert "fixed in v2 (only in v1): its line went with its patch" in line


def test_a_finding_whose_line_stands_is_not_called_fixed():
    kept = LEAK.replace("\tif (count > 3)\n\t\treturn 0;\n", "\tif (count > 3) {\n\t\tspin_unlock"
                        "(&pool->lock);\n\t\treturn 0;\n\t}\n")  # fmt: skip
    review = review_of(posted(1, new_file(LEAK)), posted(2, new_file(kept)))
    (life,) = review.followed.gone
    assert life.finding.check == "lock-balance"
    assert not life.fixed
    (line,) = gone_lines(review)
    assert (
        "not found any more in v2 (only in v1): its line stands as it did, but its function changed" in line
    )


def test_a_finding_that_comes_back_says_so():
    review = review_of(posted(1, new_file(BUG)), posted(2, new_file(WARN)), posted(3, new_file(BUG)))
    (said,) = states(review, "new-bug")
    assert said.startswith("new in v3")
    assert said.endswith("v1 had it too, not what came between")
    assert not review.followed.gone


def test_the_document_has_baselines():
    review = review_of(
        posted(1, new_file(LEAK), new_file(BUG, "mm: stash", "mm/stash.c")), posted(2, new_file(LEAK))
    )
    document = review_document(review)
    jsonschema.validate(document, json.loads(schema_path("review").read_text()))
    (leak,) = [one for one in document["findings"] if one["check"] == "lock-balance"]
    assert leak["baseline"] == {"state": "unchanged", "since": "v1", "earlier": None, "why": ""}
    (absent,) = document["followed"]["absent"]
    assert (absent["check"], absent["last"], absent["gone_in"], absent["fixed"]) == (
        "new-bug",
        "v1",
        "v2",
        True,
    )
    (life, gone) = document["history"]["patches"]
    assert [stage["kinds"] for stage in life["stages"]] == [["first"], ["identical"]]
    assert gone["end"]["kind"] == "dropped"
    assert document["history"]["functions"][0]["same"] == ["v1", "v2"]


def test_the_page_has_the_states():
    page = render_html(review_of(posted(1, new_file(BUG)), posted(2, new_file(LEAK))))["index.html"].decode()
    assert "new in v2, its line was in no patch before" in page
    assert "1 finding of earlier revisions, not here" in page


def test_the_work_is_bounded_and_says_so(monkeypatch):
    monkeypatch.setattr(earlier, "MOST_REVISIONS", 2)
    review = review_of(*(posted(number, new_file(BUG)) for number in (1, 2, 3)))
    assert states(review, "new-bug") == ["still there since v2"]
    (note,) = review.followed.notes
    assert note.detail == "findings were followed back to v2 only: the work is bounded"
    assert "followed back to v2 only" in " ".join(review_text(review).split())


def test_one_revision_alone_is_not_compared():
    review = review_of(posted(1, new_file(BUG)))
    assert states(review, "new-bug") == ["not looked for in earlier revisions"]
    assert review_document(replace(review, followed=None))["findings"][0]["baseline"] is None

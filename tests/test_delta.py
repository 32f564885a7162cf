"""A comparison as the document and the text that people and programs read."""

# ruff: noqa: E501 -- rows of tables and C text

from __future__ import annotations

import json

from lorelens.analyze.engine.compare import compare_texts
from lorelens.reports.delta import compare_document, delta_text

BEFORE = """
struct page { int n; };
int take(struct page *page, int flags)
{
	if (!page)
		return -22;
	lock_page(page);
	if (flags & 4)
		page->n = 1;
	unlock_page(page);
	return 0;
}
int same(int a) { return a ? 1 : 2; }
int gone(void) { return 0; }
"""
AFTER = """
struct page { int n; };
int take(struct page *page, int flags)
{
	if (!page)
		return -14;
	lock_page(page);
	if (flags & 4)
		page->n = 1;
	return 0;
}
int same(int a) { if (!a) return 2; return 1; }
int come(void) { return 0; }
"""
KEYS = {
    "name", "path", "line", "config", "kind", "verdict", "reason", "bounded", "assumptions", "differences", "unchanged",
}  # fmt: skip


def deltas():
    return {delta.name: delta for delta in compare_texts(BEFORE, AFTER, path="mm/x.c")}


def test_every_function_that_differs_has_an_entry():
    found = deltas()
    assert {name: delta.verdict for name, delta in found.items()} == {
        "take": "changed", "same": "preserved", "come": "changed", "gone": "changed",
    }  # fmt: skip
    assert found["come"].kind == ("added",)
    assert found["gone"].kind == ("removed",)


def test_rows_name_the_effect_and_its_condition():
    rows = {(row.when, row.effect, row.before, row.after) for row in deltas()["take"].differences}
    assert ("!page", "return", "return -22", "return -14") in rows
    assert ("page", "lock", "unlock_page(page)", "return 0") in rows
    assert len(rows) == 2


def test_the_witness_shows_the_condition():
    row = next(row for row in deltas()["take"].differences if row.when == "!page")
    assert dict(row.witness.parameters)["page"] == 0


def test_document_has_the_contracts_keys():
    document = compare_document(tuple(deltas().values()))
    assert document["schema"] == "lorelens/delta/1"
    assert all(set(function) == KEYS for function in document["functions"])
    take = next(function for function in document["functions"] if function["name"] == "take")
    row = take["differences"][0]
    assert set(row) == {"when", "effect", "before", "after", "witness", "replay", "replay_reason"}
    assert all(isinstance(value, str) for value in row["witness"].values())
    json.dumps(document)


def test_text_says_verdict_and_rows():
    text = delta_text(tuple(deltas().values()))
    assert "mm/x.c:3: take: CHANGED" in text
    assert "return -22  ->  return -14" in text
    assert "same: PRESERVED" in text


def test_no_function_of_that_name_is_no_delta():
    assert compare_texts(BEFORE, AFTER, function="absent") == ()

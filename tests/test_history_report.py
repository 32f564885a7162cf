"""The history as people and programs read it: the page, the first screen, review.json."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import jsonschema
import pytest
from lorelens.analyze.history.history import build_history
from lorelens.analyze.review import Review, review_patches
from lorelens.fetch.tree.source_tree import NoTree
from lorelens.reports.html import render_html
from lorelens.reports.schema import schema_path
from lorelens.reports.text import first_screen, review_text
from lorelens.reports.to_json import review_document, to_bytes

_spec = importlib.util.spec_from_file_location("history_mails", Path(__file__).with_name("history_mails.py"))
assert _spec
assert _spec.loader
mails = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(mails)
ADA, CY, FIRST = mails.ADA, mails.CY, mails.FIRST
comment, mail, patch, reply = mails.comment, mails.mail, mails.patch, mails.reply

CHANGED = (*FIRST[:3], "\treturn cups * 2;", FIRST[4])
RETURN = "> +\treturn cups + teh_rest;\n\n"


def review_of(*sent, me=None):
    series = mails.series_of(*sent)
    revision = series.revisions[-1]
    return Review(
        series=series,
        revision=revision,
        patches=review_patches(revision.patches, NoTree()),
        tree="none",
        command="lorelens review",
        version="0",
        notes=(),
        history=build_history(series, len(series.revisions) - 1, me=me),
    )


@pytest.fixture
def sent():
    body = f"{RETURN}Please lock <here>.\n\n> +int pour_tea(int cups)\n\nWhy an int?\n"
    return (
        patch(1),
        comment(body),
        reply("> Please lock <here>.\n\nGood catch, will do.\n"),
        patch(2, CHANGED, log="v2:\n- dropped boil_water()\n"),
    )


def test_the_page_lists_the_ledger(sent):
    page = render_html(review_of(*sent))["index.html"].decode()
    assert "✓ addressed" in page
    assert "○ open" in page
    assert "Please lock &lt;here&gt;." in page
    assert "<here>" not in page
    assert "the author agreed, and v2 changed the very lines" in page
    assert "return cups * 2;" in page
    assert "https://lore.kernel.org/all/c@x/" in page


def test_one_revision_alone_has_no_section_of_revisions():
    page = render_html(review_of(patch(1), comment(RETURN + "Why?\n")))["index.html"].decode()
    assert "What became of the comments" not in page


def test_what_is_still_open_stands_on_the_first_screen(sent):
    screen = first_screen(review_of(*sent))
    assert "Still open, as far as this archive shows:" in screen
    assert 'Cyrus Roe, v1 1/1: "Why an int?"' in screen
    assert len(screen.splitlines()) <= 25


def test_the_whole_text_has_every_state(sent):
    text = review_text(review_of(*sent))
    assert "What became of the comments, as far as this archive shows:" in text
    assert '✓ addressed: Cyrus Roe, v1 1/1: "Please lock <here>."' in text
    assert max(map(len, text.splitlines())) <= 78


def test_me_first(sent):
    screen = first_screen(review_of(*sent, me="cy@example.org"))
    assert "Your comments: 1 open and 1 addressed." in screen
    assert "You read before, and it changed: 1/1 (since v1)." in screen
    assert "Read again since v1" not in screen
    page = render_html(review_of(*sent, me="cy@example.org"))["index.html"].decode()
    assert "<h4>Yours</h4>" in page
    screen = first_screen(review_of(*sent, me="dee@example.org"))
    assert "No comment of yours" in screen
    assert "You said nothing of: 1/1." in screen


def test_review_json_has_states_evidence_and_history(sent):
    document = json.loads(to_bytes(review_document(review_of(*sent))))
    jsonschema.validate(document, json.loads(schema_path("review").read_text()))
    asked, why, said = document["comments"]
    assert (asked["kind"], asked["state"], asked["findings"]) == ("request", "addressed", [])
    (hunk,) = asked["evidence"]["hunks"]
    assert (hunk["kind"], hunk["revision"], hunk["message_id"]) == ("changed", "v2", "v2@x")
    assert asked["evidence"]["replies"][0]["sentence"] == "Good catch, will do."
    assert (why["kind"], why["state"]) == ("question", "open")
    assert "no answer in this archive" in why["evidence"]["why"]
    assert (said["author"], said["state"]) == (ADA, "unknown")
    (step,) = document["history"]["steps"]
    assert [one["kind"] for one in step["patches"]] == ["changed"]
    assert document["history"]["claims"][0]["found"] == "not checked"


def test_hostile_names_and_texts_stay_text():
    evil = '"</pre><script>x()</script>" <e@example.org>'
    review = review_of(
        patch(1), comment(RETURN + "Please </details><b>lock</b>.\n", evil), patch(2, CHANGED), me="<script>"
    )
    page = render_html(review)["index.html"].decode()
    assert "<script>x()" not in page
    assert "<b>lock" not in page

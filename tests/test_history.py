"""The way through the revisions: changelogs, steps, claims, trailers, and what to read again."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lorelens.analyze.history.changelog import read_items, sections
from lorelens.analyze.history.history import build_history
from lorelens.analyze.history.spots import follow_patches

_spec = importlib.util.spec_from_file_location("history_mails", Path(__file__).with_name("history_mails.py"))
assert _spec
assert _spec.loader
mails = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(mails)
CY, FIRST = mails.CY, mails.FIRST
comment, diff_of, mail, patch, series_of = (
    mails.comment, mails.diff_of, mails.mail, mails.patch, mails.series_of,
)  # fmt: skip

CHANGED = (*FIRST[:3], "\treturn cups * 2;", FIRST[4])


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (
            "Changes since v1:\n- one thing\n- another,\n  on two lines\n",
            [(1, None, "one thing"), (1, None, "another, on two lines")],
        ),
        ("v1 -> v2:\n * one thing\n", [(1, 2, "one thing")]),
        ("v3: reimplement the kettle\n", [(None, 3, "reimplement the kettle")]),
        (
            "Changes in v2:\n\n- one thing\n\n- another\n\nProse below.\n",
            [(None, 2, "one thing"), (None, 2, "another")],
        ),
        ("* from v2\n  * one thing - cy\n", [(2, None, "one thing - cy")]),
        (
            "v2 -\n   one thing (Cy)\n   another\n     that goes on\n",
            [(None, 2, "one thing (Cy)"), (None, 2, "another that goes on")],
        ),
        ("v1: https://lists.example.org/1\n", []),
        ("This is version 2 of the tea.\n", []),
    ],
)
def test_changelogs(text, items):
    assert list(sections(text)) == items


def test_items_belong_to_the_revision_that_they_speak_of():
    log = "Changes since v1:\n- pour slowly\nv3:\n- boil longer\n"
    series = series_of(patch(1), patch(2, CHANGED), patch(3, CHANGED, log=log))
    assert [(item.revision, item.text) for item in read_items(series)] == [
        (1, "pour slowly"),
        (2, "boil longer"),
    ]


def pair_of(number, first, second, day):
    label = f" v{number}" if number > 1 else ""
    cover = mail(f"c{number}", f"[PATCH{label} 0/2] mm: tea", "Both.\n", day=day)
    patches = [
        mail(
            f"p{number}{n}",
            f"[PATCH{label} {n}/2] {title}",
            f"Why.\n---\n{diff_of(lines)}",
            answers=f"c{number}",
            day=day,
        )
        for n, (title, lines) in enumerate((first, second), 1)
    ]
    return [cover, *patches]


def test_patches_are_matched_by_title_then_by_their_lines():
    cups = ("static int a_row_of_cups;", "static int another_row_of_cups;")
    series = series_of(
        *pair_of(1, ("mm: pour tea", FIRST), ("mm: count cups", cups), 1),
        *pair_of(2, ("mm: keep a row of cups", cups), ("mm: pour tea", CHANGED), 6),
    )
    assert follow_patches(series) == {(0, 0): (1, 0), (0, 1): (1, 2), (0, 2): (1, 1)}


def test_trailers_carried_over_lost_or_kept_on_another_text():
    given = f"Reviewed-by: {CY}\n"
    tag = comment(f"Fine.\n\n{given}")
    for second, fate in (
        (patch(2, trailers=given), "carried over"),
        (patch(2, CHANGED, trailers=given), "carried over, patch changed"),
        (patch(2), "lost"),
        (patch(2, CHANGED), "lost, patch changed"),
    ):
        series = series_of(patch(1), tag, second)
        life = build_history(series, 1).trailers[0]
        assert (life.fate, life.trailer.given_by) == (fate, "c@x")


def test_context_and_trailers_are_no_change():
    moved = patch(2, trailers=f"Acked-by: {CY}\n")
    (step,) = build_history(series_of(patch(1), moved), 1).steps
    assert [pair.kind for pair in step.pairs] == ["same"]
    (step,) = build_history(series_of(patch(1), patch(2, CHANGED)), 1).steps
    assert step.pairs[0].kind == "changed"
    assert step.pairs[0].change.gained == ("mm/tea.c: +\treturn cups * 2;",)
    (step,) = build_history(series_of(patch(1), patch(2, message="Tea, at last.")), 1).steps
    assert step.pairs[0].kind == "message"


def test_a_claim_in_the_cover_letter_that_no_diff_has():
    first = pair_of(1, ("mm: pour tea", FIRST), ("mm: clean trays", ("static int row;",)), 1)
    second = pair_of(2, ("mm: pour tea", CHANGED), ("mm: clean trays", ("static int shelf;",)), 6)
    body = "Changes since v1:\n- double the cups without teh_rest\n- dropped boil_water()\n- nicer wording\n"
    second[0] = mail("c2", "[PATCH v2 0/2] mm: tea", body, day=6)
    history = build_history(series_of(*first, *second), 1)
    assert [claim.found for claim in history.claims] == ["seen", "not found", "not checked"]
    assert [(one.what, one.patch.title) for one in history.unclaimed] == [("changed", "mm: clean trays")]


@pytest.mark.parametrize(
    ("lines", "message", "need"),
    [(CHANGED, None, "changed"), (FIRST, "Tea, at last.", "message"), (FIRST, None, "same")],
)
def test_what_must_be_read_again(lines, message, need):
    more = {} if message is None else {"message": message}
    series = series_of(patch(1), comment("> Tea\n\nFine?\n"), patch(2, lines, **more))
    for me in ("cy@example.org", "Cyrus Roe <cy@example.org>"):
        (one,) = build_history(series, 1, me=me).reread
        assert (one.need, one.since) == (need, 0)
    (other,) = build_history(series, 1, me="dee@example.org").reread
    assert (other.need, other.since) == ("not read", None)


@given(st.text(alphabet="v0123 ->:\n-*changesinc()[]", max_size=400))
def test_no_changelog_raises(text):
    for old, new, item in sections(text):
        assert item
        assert old is not None or new is not None

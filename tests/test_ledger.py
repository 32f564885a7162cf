"""What became of a comment: each state by the evidence that it needs, and not by less."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lorelens.analyze.history.ledger import build_ledger

_spec = importlib.util.spec_from_file_location("history_mails", Path(__file__).with_name("history_mails.py"))
assert _spec
assert _spec.loader
mails = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(mails)
BO, CY, FIRST, KEEPER, ROBOT = mails.BO, mails.CY, mails.FIRST, mails.KEEPER, mails.ROBOT
comment, diff_of, mail, patch = mails.comment, mails.diff_of, mails.mail, mails.patch
reply, series_of = mails.reply, mails.series_of

RETURN = "> +\treturn cups + teh_rest;\n\n"
FIXED = (*FIRST[:3], "\treturn cups + the_rest;", FIRST[4])
OTHER = (*FIRST[:3], "\treturn cups * 2 + kettle;", FIRST[4])
NEARBY = ("static int cups_ready;", *FIRST[1:])


def only(*sent, **others):
    (entry,) = build_ledger(series_of(*sent), **others)
    return entry


def state(*sent):
    return only(*sent).state


def test_a_change_nearby_is_no_deed():
    """Another line of the same hunk changed; the quoted one stands, and nobody said anything."""
    entry = only(patch(1), comment(RETURN + "Why not use a macro?\n"), patch(2, NEARBY))
    assert entry.state == "open"
    assert "no answer in this archive" in entry.evidence.why
    assert entry.evidence.hunks[-1].kind == "same"


def test_the_very_line_changed_but_nobody_says_why():
    assert state(patch(1), comment(RETURN + "Please lock here.\n"), patch(2, OTHER)) == "unknown"


def test_a_promise_alone_is_no_deed():
    sent = patch(1), comment(RETURN + "Please lock here.\n"), reply("> Please lock here.\n\nWill do.\n")
    assert state(*sent) == "open"
    assert state(*sent, patch(2, NEARBY)) == "open"


def test_a_promise_and_the_very_line_changed():
    entry = only(
        patch(1),
        comment(RETURN + "Please lock here.\n"),
        reply("> Please lock here.\n\nGood catch, will do.\n"),
        patch(2, OTHER),
    )
    assert entry.state == "addressed"
    (hunk,) = entry.evidence.hunks
    assert hunk.before[-1] == "+\treturn cups + teh_rest;"
    assert "+\treturn cups * 2 + kettle;" in hunk.after
    (said,) = entry.evidence.replies
    assert (said.message_id, said.says, said.by_author) == ("a@x", "agrees", True)


@pytest.mark.parametrize(
    ("asked", "lines", "proof"),
    [
        ("s/teh_rest/the_rest/\n", FIXED, "substitution"),
        ("Typo: the_rest.\n", FIXED, "named"),
        (
            "Maybe:\n\n\treturn min(cups, most_cups_of(kettle));\n",
            (*FIRST[:3], "\treturn min(cups, most_cups_of(kettle));", "}"),
            "run",
        ),
        ("Please drop this function.\n", FIRST[:1], "taken out"),
    ],
)
def test_the_later_text_follows(asked, lines, proof):
    entry = only(patch(1), comment(RETURN + asked), patch(2, lines))
    assert entry.state == "addressed"
    assert entry.evidence.hunks[0].proof.startswith(proof)


def test_words_that_were_there_before_prove_nothing():
    text = "I see that\n\n\treturn cups + teh_rest;\n\nis odd, please check it.\n"
    assert state(patch(1), comment("> +{\n\n" + text), patch(2, NEARBY)) != "addressed"


def test_a_changelog_that_names_the_reviewer():
    log = "v2:\n - Lock the kettle before pouring. [Cyrus]\n - Rebased.\n"
    entry = only(patch(1), comment(RETURN + "Please lock the kettle first.\n"), patch(2, OTHER, log=log))
    assert entry.state == "addressed"
    (line,) = entry.evidence.changelog
    assert line.text.startswith("Lock the kettle")
    assert line.revision == "v2"


def test_a_changelog_line_speaks_of_the_closest_comment_alone():
    log = "v2:\n - Lock the kettle before pouring. [Cyrus]\n"
    body = f"{RETURN}Please lock the kettle before pouring.\n\n> + }}\n\nIs the kettle hot?\n"
    first, second = build_ledger(series_of(patch(1), comment(body), patch(2, OTHER, log=log)))
    assert first.evidence.changelog
    assert not second.evidence.changelog


def test_a_comment_that_quotes_no_line_counts():
    log = "v2:\n - Document most_cups in the manual page.\n"
    sent = (
        patch(1),
        comment("Please document most_cups in the manual.\n"),
        reply("> Please document most_cups in the manual.\n\nSure, I'll add it.\n"),
    )
    assert state(*sent, patch(2, log=log)) == "addressed"
    assert state(*sent, patch(2, NEARBY)) == "unknown"


def test_a_question_is_settled_by_an_answer_that_promises_nothing():
    asked = patch(1), comment(RETURN + "Where does teh_rest come from?\n")
    answered = reply("> Where does teh_rest come from?\n\nFrom the header of the kettle.\n")
    promised = reply("> Where does teh_rest come from?\n\nOops, I'll fix this in v2.\n")
    assert only(*asked).kind == "question"
    assert state(*asked, answered) == "addressed"
    assert state(*asked, promised) == "open"
    assert state(*asked) == "open"


def test_declined_by_the_author():
    sent = patch(1), comment(RETURN + "Please use a macro.\n")
    no = reply("> Please use a macro.\n\nNo, I'd rather keep it as is.\n")
    entry = only(*sent, no, patch(2, NEARBY))
    assert entry.state == "declined"
    assert entry.evidence.replies[0].sentence == "No, I'd rather keep it as is."


def test_put_off_to_another_series():
    later = reply("> Please use a macro.\n\nI will do that in a follow-up series.\n")
    assert state(patch(1), comment(RETURN + "Please use a macro.\n"), later, patch(2, NEARBY)) == "moved"


def test_partly():
    both = reply(
        "> Please use a macro.\n\nI don't think a macro is right.\n\n"
        "> Please lock here.\n\nI'll lock it in v2.\n"
    )
    body = RETURN + "Please use a macro.\nPlease lock here.\n"
    assert state(patch(1), comment(body), both, patch(2, OTHER)) == "partly"


def test_the_reviewer_lets_it_be():
    said = "The kettle may be hot, see boil()."
    series = series_of(
        patch(1),
        comment(RETURN + "Is this lock needed?\n"),
        reply(f"> Is this lock needed?\n\n{said}\n"),
        mail("b", "Re: [PATCH] mm: pour tea", f"> {said}\n\nI see, makes sense.\n", CY, "a", 4),
        patch(2, NEARBY),
    )
    entry = build_ledger(series)[0]
    assert entry.state == "addressed"
    assert entry.evidence.replies[-1].says == "rests"


def test_what_is_put_to_another_reviewer_is_not_open():
    sent = (
        patch(1),
        comment(RETURN + "Looks wrong to me, please check.\n", BO, name="b"),
        comment("> Looks wrong to me, please check.\n\nBo, why do you think so?\n", on="b", day=3),
    )
    entry = next(e for e in build_ledger(series_of(*sent)) if e.comment.message_id == "c@x")
    assert (entry.state, entry.evidence.why) == ("unknown", "it was put to another reviewer")


def test_a_robots_line_that_changed():
    report = "tree: x\n\nmm/tea.c:5:2: error: 'teh_rest' undeclared\n     5 |\treturn cups + teh_rest;\n"
    sent = patch(1), comment(report, ROBOT)
    assert only(*sent).kind == "robot"
    assert state(*sent, patch(2, FIXED)) == "addressed"
    assert state(*sent, patch(2, NEARBY)) != "addressed"


def test_a_fix_of_the_mm_tree_is_folded_in():
    fix = (
        "fix the spelling of the_rest\n---\n--- a/mm/tea.c\n+++ b/mm/tea.c\n@@ -4,3 +4,3 @@\n {\n"
        "-\treturn cups + teh_rest;\n+\treturn cups + the_rest;\n }\n"
    )
    series = series_of(
        patch(1),
        comment(RETURN + "Please mind the spelling.\n"),
        mail("f", "[PATCH] mm-pour-tea-fix", fix, KEEPER, "c", 3),
    )
    assert [(note.kind, note.patch) for note in series.tree_notes] == [("fix", "v1@x")]
    asked, folded = build_ledger(series)
    assert asked.state == "addressed"
    assert asked.evidence.hunks[0].revision == "mm-pour-tea-fix"
    assert folded.kind == "notice"


def test_a_notice_of_the_mm_tree_is_known():
    above = f"The patch titled\n     Subject: mm: pour tea\n\n{'-' * 54}\n"
    body = f"{above}From: Ada <ada@example.org>\n{diff_of(FIRST)}"
    notice = mail("n", "+ mm-pour-tea.patch added to mm-unstable branch", body, KEEPER, "v1", 2)
    (note,) = series_of(patch(1), notice).tree_notes
    assert (note.kind, note.patch) == ("added", "v1@x")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("Where is this used?\n", "question"),
        ("Could you use a macro?\n", "request"),
        ("Please use a macro.\n", "request"),
        ("nit: stray blank line here, please drop it.\n", "nit"),
        ("Looks good to me, thanks for this.\n", "praise"),
        ("For the kettle alone.\n\nReviewed-by: Cyrus Roe <cy@example.org>\n", "trailer"),
        ("One comment below:\n", "remark"),
        ("This does not build on my kettle.\n", "request"),
        ("I have a kettle like that.\n", "remark"),
    ],
)
def test_kinds(body, kind):
    entries = build_ledger(series_of(patch(1), comment(RETURN + body)))
    assert [entry.kind for entry in entries] == [kind]


def test_lines_that_went_to_another_patch():
    more = (
        "static int deep_cellar_of_cups[12];",
        "static int high_shelf_of_cups[12];",
        "static int tray_of_cups;",
    )
    cover = mail("c2", "[PATCH v2 0/2] mm: tea", "Both.\n", day=6)
    one = mail("p1", "[PATCH v2 1/2] mm: pour tea", f"Why.\n---\n{diff_of(FIRST)}", answers="c2", day=6)
    two = mail("p2", "[PATCH v2 2/2] mm: store cups", f"Why.\n---\n{diff_of(more)}", answers="c2", day=6)
    first = patch(1, (*FIRST, *more))
    quoted = "".join(f"> +{line}\n" for line in more) + "\nThis belongs elsewhere, please split it.\n"
    (entry,) = build_ledger(series_of(first, comment(quoted), cover, one, two))
    assert entry.state == "moved"
    assert "mm: store cups" in entry.evidence.why


def test_another_matching_of_the_patches_is_taken():
    """The matching of patches is a parameter: without it the line would be found again."""
    sent = patch(1), comment(RETURN + "Why not use a macro?\n"), patch(2, NEARBY)
    assert only(*sent).state == "open"
    entry = only(*sent, successors={})
    assert entry.state == "unknown"
    assert "gone in v2" in entry.evidence.why


def test_a_hostile_star_of_replies():
    passages = "".join(f"> +{line}\n\nPlease lock number {n} here.\n\n" for n in range(60) for line in FIRST)
    quoted = "".join(f"> Please lock number {n} here.\n\nI'll do number {n}.\n\n" for n in range(60))
    sent = [patch(1), comment(passages)]
    sent += [reply(quoted, name=f"a{n}") for n in range(30)]
    assert len(build_ledger(series_of(*sent, patch(2, OTHER)))) >= 60


@pytest.mark.parametrize("versions", [(1, 2, 2), (1, 3), (1, 2, 3)])
def test_revisions_that_are_missing_or_doubled(versions):
    sent = [patch(1), comment(RETURN + "Why not use a macro?\n")]
    for at, number in enumerate(versions[1:], 1):
        later = patch(number, (*NEARBY, f"static int tray_{at};"))
        sent.append(replace(later, message_id=f"r{at}@x", date=later.date.replace(day=10 + at)))
    (entry,) = build_ledger(series_of(*sent))
    assert entry.state == "open"


@given(st.lists(st.text(alphabet=">+-@ \tab_();\n/s\"'", max_size=80), min_size=1, max_size=12))
def test_no_text_of_a_comment_raises(lines):
    body = RETURN + "\n".join(lines) + "\nPlease check.\n"
    for entry in build_ledger(series_of(patch(1), comment(body), reply(body, on="c"), patch(2, OTHER))):
        assert entry.evidence.why

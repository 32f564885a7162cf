"""Series: which mails make a revision, and what becomes of the others."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lorelens.fetch.mail.message import Address, parse_message
from lorelens.fetch.series.assembly import find_series
from lorelens.fetch.series.thread import build_threads
from lorelens.fetch.source.sources import read_messages

MINUTES_A_DAY = 24 * 60


def diff(path="mm/pool.c", added="pool->used += count;"):
    """A patch of one line, as format-patch writes it."""
    return (
        f"---\n {path} | 1 +\n 1 file changed, 1 insertion(+)\n\ndiff --git a/{path} b/{path}\n"
        f"index 1111111..2222222 100644\n--- a/{path}\n+++ b/{path}\n"
        "@@ -10,2 +10,3 @@ int pool_take(struct pool *pool)\n"
        f" \tspin_lock(&pool->lock);\n+\t{added}\n \tspin_unlock(&pool->lock);\n-- \n2.43.0\n"
    )


def mail(name, subject, body="", *, answers="", minute=0, author="Ada Byte <ada@example.org>", more=""):
    """One mail; `minute` counts from a Monday's midnight."""
    day, minutes = divmod(minute, MINUTES_A_DAY)
    date = f"{1 + day} Jan 2024 {minutes // 60:02d}:{minutes % 60:02d}:00 +0000"
    to = f"In-Reply-To: <{answers}@x>\nReferences: <{answers}@x>\n" if answers else ""
    raw = f"From: {author}\nSubject: {subject}\nMessage-ID: <{name}@x>\nDate: {date}\n{to}{more}\n{body}"
    return parse_message(raw.encode())


def patch(
    name,
    subject,
    *,
    text="Why this is done.\n\nSigned-off-by: Ada Byte <ada@example.org>\n",
    path="mm/pool.c",
    added="pool->used += count;",
    **more,
):
    return mail(name, subject, text + diff(path, added), **more)


def posting(prefix, *titles, label="PATCH", minute=0, answers="", version="a", cover="mm: pool: account"):
    """A cover letter and its patches: <version>0, <version>1, ..."""
    total = len(titles)
    mails = [
        mail(f"{version}0", f"[{label} 0/{total}] {cover}", "What and why.\n", minute=minute, answers=answers)
    ]
    for n, title in enumerate(titles, 1):
        line = f"{prefix}_{n}(pool, count + {n});"
        mails.append(
            patch(
                f"{version}{n}",
                f"[{label} {n}/{total}] {title}",
                answers=f"{version}0",
                minute=minute,
                path=f"mm/{prefix}{n}.c",
                added=line,
            )
        )
    return mails


def assemble(mails):
    return find_series(build_threads(mails))


def shape(series):
    """Per revision: number, label, and the patches' names by position."""
    return [
        (r.number, r.label, {p.position: p.message.message_id.removesuffix("@x") for p in r.patches})
        for r in series.revisions
    ]


THREE = ("mm: pool: count", "mm: pool: charge", "mm: pool: report")


def rows(shared):
    lines = (shared / "fixtures" / "patchwork-series.tsv").read_text().splitlines()
    return [[*line.split("\t"), ""][:3] for line in lines if not line.startswith("#")]


def test_patchworks_series_are_right(shared):
    wrong = []
    for name, patches, covers in rows(shared):
        found = assemble(read_messages([str(shared / "fixtures" / "patchwork" / name)]))
        revisions = sorted((r for series in found for r in series.revisions), key=lambda r: r.date)
        got = (
            ",".join(str(len(r.patches)) for r in revisions),
            ",".join(str(int(r.cover is not None)) for r in revisions),
        )
        if got[0] != patches or (covers and got[1] != covers):
            wrong.append((name, got, (patches, covers)))
    assert not wrong


def test_no_fixture_raises_and_no_mail_is_lost(shared):
    fixtures = shared / "fixtures"
    paths = [
        *fixtures.glob("patchwork/mail-*.mbox"),
        *fixtures.glob("git-mailinfo/*.eml"),
        *fixtures.glob("b4/*.mbox"),
    ]
    assert len(paths) > 30
    for path in paths:
        messages = list(read_messages([str(path)]))
        counted = [name for series in assemble(messages) for name in series.messages]
        assert sorted(counted) == sorted({m.message_id for m in messages}), path.name


def test_an_unlabelled_repost_gets_the_next_number():
    (series,) = assemble(
        posting("take", *THREE) + posting("take", *THREE, version="b", minute=3 * MINUTES_A_DAY)
    )
    assert [(r.number, r.label) for r in series.revisions] == [(1, ""), (2, "")]
    assert {note.kind for note in series.revisions[1].notes} >= {"number", "joined"}


def test_an_unlabelled_repost_does_not_take_the_number_of_a_labelled_one():
    mails = posting("take", *THREE) + posting("take", *THREE, version="b", minute=MINUTES_A_DAY)
    mails += posting("take", *THREE, version="c", label="PATCH v2", minute=2 * MINUTES_A_DAY)
    (series,) = assemble(mails)
    assert [r.number for r in series.revisions] == [1, 1, 2]


def test_a_patch_posted_again_alone_takes_its_place():
    mails = posting("take", *THREE, label="PATCH v5")
    mails.append(
        patch("n", "[PATCH v5.1 2/3] mm: pool: charge", minute=60, answers="a2", added="charge(pool);")
    )
    (series,) = assemble(mails)
    assert shape(series) == [(5, "v5", {1: "a1", 2: "n", 3: "a3"})]
    assert [p.replaces for p in series.revisions[0].patches] == [None, "a2@x", None]
    assert series.revisions[0].complete


def test_a_patch_written_anew_takes_the_place_of_the_one_it_answers():
    mails = posting("take", *THREE, label="PATCH v4")
    anew = "[PATCH v4 2/3] mm: memcg: let the owner pay"
    mails.append(patch("n", anew, minute=60, answers="a2", path="mm/memcg.c", added="owner_pays(memcg);"))
    (series,) = assemble(mails)
    assert shape(series) == [(4, "v4", {1: "a1", 2: "n", 3: "a3"})]


def test_a_patch_posted_again_alone_needs_no_reference_where_its_label_tells():
    mails = posting("take", *THREE, label="PATCH v5")
    mails.append(
        patch(
            "n",
            "[PATCH v5.1 2/3] mm: pool: charge",
            minute=2 * MINUTES_A_DAY,
            path="mm/take2.c",
            added="take_2(pool, count);",
        )
    )
    (series,) = assemble(mails)
    assert shape(series) == [(5, "v5", {1: "a1", 2: "n", 3: "a3"})]


def test_one_patch_of_the_next_version_in_the_thread_makes_that_version_with_the_others():
    mails = posting("take", *THREE, label="PATCH v3")
    mails.append(
        patch("n", "[PATCH v4 2/3] mm: pool: charge", minute=60, answers="a2", added="charge(pool);")
    )
    (series,) = assemble(mails)
    assert shape(series) == [(3, "v3", {1: "a1", 2: "a2", 3: "a3"}), (4, "v4", {1: "a1", 2: "n", 3: "a3"})]
    after = series.revisions[1]
    assert [p.replaces for p in after.patches] == [None, "a2@x", None]
    assert after.complete
    assert after.date == mails[-1].date


def test_the_same_patch_sent_twice_is_counted_once_and_said():
    mails = [
        *posting("take", *THREE),
        patch(
            "n",
            f"[PATCH 2/3] {THREE[1]}",
            minute=2,
            answers="a0",
            path="mm/take2.c",
            added="take_2(pool, count + 2);",
        ),
    ]
    (series,) = assemble(mails)
    assert shape(series) == [(1, "", {1: "a1", 2: "a2", 3: "a3"})]
    assert "double" in {note.kind for note in series.revisions[0].notes}
    assert "n@x" in series.messages


def test_a_missing_patch_is_named():
    (series,) = assemble([m for m in posting("take", *THREE) if m.message_id != "a2@x"])
    (revision,) = series.revisions
    assert (revision.complete, revision.expected) == (False, 3)
    assert any(note.kind == "missing" and note.detail.endswith(": 2") for note in revision.notes)


def test_mails_without_references_are_gathered_by_poster_total_and_time():
    def bare(n, minute):
        name, subject = f"a{n}", f"[PATCH {n}/3] {THREE[n - 1]}"
        return patch(name, subject, minute=minute, path=f"mm/take{n}.c", added=f"take_{n}(pool);")

    cover = mail("a0", "[PATCH 0/3] mm: pool: account", "Why.\n")
    (series,) = assemble([bare(3, 75), bare(1, 25), cover, bare(2, 50)])
    assert shape(series) == [(1, "", {1: "a1", 2: "a2", 3: "a3"})]
    assert series.revisions[0].cover == cover
    first, late = assemble([cover, bare(1, 25), bare(2, 50), bare(3, 5 * MINUTES_A_DAY)])
    assert [shape(first), shape(late)] == [[(1, "", {1: "a1", 2: "a2"})], [(1, "", {3: "a3"})]]


def test_each_patch_a_reply_to_the_one_before():
    mails = [
        patch(
            f"p{n}",
            f"[PATCH {n}/12] mm: step {n}",
            minute=n,
            answers=f"p{n - 1}" if n > 1 else "",
            path=f"mm/s{n}.c",
        )
        for n in range(1, 13)
    ]
    (series,) = assemble(mails)
    assert shape(series) == [(1, "", {n: f"p{n}" for n in range(1, 13)})]


def test_independent_patches_in_one_thread_are_series_of_their_own():
    mails = [
        patch("p", "[PATCH] mm: pool: count", path="mm/pool.c", added="count(pool);"),
        patch(
            "q",
            "[PATCH] mm: slab: trace",
            path="mm/slab.c",
            added="trace_slab(cache);",
            answers="p",
            minute=5,
        ),
        patch(
            "r", "[PATCH] fs: proc: show", path="fs/proc.c", added="seq_show(file);", answers="p", minute=9
        ),
    ]
    assert [shape(s) for s in assemble(mails)] == [[(1, "", {1: name})] for name in "pqr"]


@pytest.mark.parametrize(
    ("subject", "author"),
    [
        ("Re: [PATCH 2/3] mm: pool: charge", "Rev Iewer <rev@example.org>"),
        ("[PATCH] fixup! mm: pool: charge", "Rev Iewer <rev@example.org>"),
        ("[PATCH] mm-pool-charge-fix", "Andrew <akpm@example.org>"),
        ("+ mm-pool-charge.patch added to mm-unstable branch", "Andrew <akpm@example.org>"),
    ],
)
def test_what_others_offer_in_a_thread_is_no_patch_of_the_series(subject, author):
    offer = mail(
        "r",
        subject,
        "How about this?\n\n" + diff(added="charge_all(pool);"),
        answers="a2",
        minute=30,
        author=author,
    )
    (series,) = assemble([*posting("take", *THREE), offer])
    assert shape(series) == [(1, "", {1: "a1", 2: "a2", 3: "a3"})]
    assert "r@x" in series.messages


def test_a_reviewers_own_patch_in_the_thread_is_a_series_beside_it():
    offer = patch(
        "r",
        "[PATCH] mm: pool: do it the other way",
        answers="a2",
        minute=30,
        author="Rev Iewer <rev@example.org>",
        added="other(pool);",
    )
    main, beside = assemble([*posting("take", *THREE), offer])
    assert shape(main) == [(1, "", {1: "a1", 2: "a2", 3: "a3"})]
    assert shape(beside) == [(1, "", {1: "r"})]


def test_trailers_of_replies_stand_with_the_patches_they_answer():
    acks = [
        mail(
            "r1",
            f"Re: [PATCH 2/3] {THREE[1]}",
            "Fine.\n\nAcked-by: Rev Iewer <rev@example.org>\n",
            answers="a2",
            minute=9,
            author="Rev Iewer <rev@example.org>",
        ),
        mail(
            "r2",
            "Re: [PATCH 0/3] mm: pool: account",
            "Tested-by: Tess Ter <tess@example.org>\n",
            answers="a0",
            minute=9,
            author="Tess Ter <tess@example.org>",
        ),
    ]
    (series,) = assemble([*posting("take", *THREE), *acks])
    given = [[(t.name, t.given_by) for t in p.trailers if t.given_by] for p in series.revisions[0].patches]
    tested = ("Tested-by", "r2@x")
    assert given == [[tested], [("Acked-by", "r1@x"), tested], [tested]]


def test_comments_of_all_revisions_by_date_and_at_their_lines():
    def reply(name, to, title, line, text, minute):
        quote = (
            "> diff --git a/mm/take2.c b/mm/take2.c\n> --- a/mm/take2.c\n> +++ b/mm/take2.c\n"
            "> @@ -10,2 +10,3 @@ int pool_take(struct pool *pool)\n>  \tspin_lock(&pool->lock);\n"
            f"> +\t{line}\n\n{text}\n"
        )
        return mail(
            name, f"Re: {title}", quote, answers=to, minute=minute, author="Rev Iewer <rev@example.org>"
        )

    mails = posting("take", *THREE) + posting(
        "take", *THREE, version="b", label="PATCH v2", minute=MINUTES_A_DAY
    )
    mails.append(
        reply(
            "r2",
            "b2",
            f"[PATCH v2 2/3] {THREE[1]}",
            "take_2(pool, count + 2);",
            "Still here?",
            2 * MINUTES_A_DAY,
        )
    )
    mails.append(
        reply("r1", "a2", f"[PATCH 2/3] {THREE[1]}", "take_2(pool, count + 2);", "Why plus two?", 60)
    )
    (series,) = assemble(mails)
    assert [(c.message_id, c.text.strip()) for c in series.comments] == [
        ("r1@x", "Why plus two?"),
        ("r2@x", "Still here?"),
    ]
    assert [(c.anchor.message_id, c.anchor.path, c.anchor.line) for c in series.comments] == [
        ("a2@x", "mm/take2.c", 11),
        ("b2@x", "mm/take2.c", 11),
    ]


def test_a_thread_without_a_patch_is_a_series_with_comments_only():
    mails = [
        mail("q", "mm: is the pool lock needed?", "I wonder. Should it go?\n"),
        mail(
            "r", "Re: mm: is the pool lock needed?", "> I wonder.\n\nPlease keep it.\n", answers="q", minute=5
        ),
    ]
    (series,) = assemble(mails)
    assert series.revisions == ()
    assert "r@x" in {c.message_id for c in series.comments}


def test_a_whole_patch_in_a_quote_stands_in_for_the_mail_that_is_missing():
    whole = "On Monday, Ada Byte wrote:\n" + "".join(
        f"> {line}\n"
        for line in (
            "From: Ada Byte <ada@example.org>\n\nCharge the pool.\n\n"
            "Signed-off-by: Ada Byte <ada@example.org>\n" + diff()
        ).split("\n")
    )
    reply = mail(
        "r",
        "Re: [PATCH v4 1/2] mm: pool: charge",
        whole + "\nThe lock is not held here.\n",
        answers="gone",
        author="Rev Iewer <rev@example.org>",
    )
    (series,) = assemble([reply])
    (revision,) = series.revisions
    (only,) = revision.patches
    assert (revision.number, revision.expected, only.position, only.quoted) == (4, 2, 1, True)
    assert any("not held" in c.text for c in series.comments)


def test_a_quoted_patch_is_none_where_the_patch_itself_is_at_hand_in_another_thread():
    own = patch("p", "[PATCH v4 1/2] mm: pool: charge")
    quote = "".join(f"> {line}\n" for line in own.body.split("\n"))
    reply = mail(
        "r",
        "Re: [PATCH v4 1/2] mm: pool: charge",
        f"On Monday, Ada Byte wrote:\n{quote}\nNot held.\n",
        answers="gone",
        minute=90,
        author="Rev Iewer <rev@example.org>",
    )
    (series,) = assemble([own, reply])
    assert shape(series) == [(4, "v4", {1: "p"})]
    assert "r@x" in series.messages


def test_a_revision_is_labelled_as_its_mails_say():
    mails = posting("take", *THREE, label="RFC PATCH v2") + posting(
        "take", *THREE, version="b", label="PATCH v3", minute=MINUTES_A_DAY
    )
    (series,) = assemble(mails)
    assert [(r.number, r.label) for r in series.revisions] == [(2, "RFC v2"), (3, "v3")]


BIG = (
    posting("take", *THREE)
    + posting("take", *THREE, version="b", label="PATCH v2", minute=MINUTES_A_DAY, answers="a0")
    + [
        patch(
            "n",
            "[PATCH v2.1 2/3] mm: pool: charge",
            minute=MINUTES_A_DAY + 60,
            answers="b2",
            added="charge(pool);",
        )
    ]
    + [mail("r", "Re: [PATCH 0/3] mm: pool: account", "Fine.\n", answers="a0", minute=9)]
    + [patch("s", "[PATCH] fs: proc: show", path="fs/proc.c", added="seq_show(file);", minute=3)]
)


@settings(max_examples=40, deadline=None)
@given(st.permutations(BIG))
def test_the_order_of_arrival_changes_nothing(mails):
    assert [(shape(s), s.messages) for s in assemble(mails)] == [
        (shape(s), s.messages) for s in assemble(BIG)
    ]


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(range(len(BIG)))))
def test_whatever_is_missing_each_mail_is_counted_once(chosen):
    mails = [BIG[n] for n in chosen]
    counted = [name for series in assemble(mails) for name in series.messages]
    assert sorted(counted) == sorted(m.message_id for m in mails)


@pytest.mark.slow
def test_ten_thousand_parts_of_one_posting_cost_what_their_number_does():
    def seconds(count):
        mails = [patch(f"p{n}", f"[PATCH {n}/9999] mm: step {n}", minute=n % 50) for n in range(1, count)]
        start = time.perf_counter()
        found = assemble(mails)
        assert sum(len(r.patches) for s in found for r in s.revisions) == count - 1
        return time.perf_counter() - start

    seconds(100)
    assert seconds(4000) < 4 * 4 * seconds(1000)


# ---- what mails say wrongly


def kinds(revision):
    return [note.kind for note in revision.notes]


def test_a_diff_numbered_0_of_0_is_a_patch():
    (series,) = assemble([patch("a", "[PATCH 0/0] mm: pool: account")])
    (revision,) = series.revisions
    assert shape(series) == [(1, "", {1: "a"})]
    assert "pool->used += count;" in revision.patches[0].diff
    assert (revision.expected, revision.complete, kinds(revision)) == (None, True, ["number"])


def test_a_diff_in_a_cover_letter_is_said():
    mails = posting("take", "one", "two")
    mails[0] = mail("a0", "[PATCH 0/2] mm: pool: account", "Interdiff:\n" + diff())
    (series,) = assemble(mails)
    assert "cover-diff" in kinds(series.revisions[0])


@pytest.mark.parametrize("label", ["PATCH v2.1", "PATCH v2", "PATCH v3"])
def test_a_strangers_patch_replaces_none(label):
    mails = posting("take", "one", "two", label="PATCH v2")
    forged = patch("e", f"[{label} 1/2] one", answers="a1", minute=90, author="Eve <eve@example.org>")
    found = assemble([*mails, forged])
    assert shape(found[0]) == [(2, "v2", {1: "a1", 2: "a2"})]
    assert sum("e@x" in series.messages for series in found) == 1
    if len(found) == 1:
        assert ["e@x" in note.detail for note in found[0].revisions[0].notes] == [True]


def test_a_strangers_patch_gives_its_place_back():
    mails = posting("take", "one", "two", label="PATCH v2")
    forged = patch("e", "[PATCH v2 1/2] other", answers="a0", author="Eve <eve@example.org>", path="mm/e.c")
    found = assemble([mails[0], forged, *mails[1:]])
    assert (2, "v2", {1: "a1", 2: "a2"}) in [one for series in found for one in shape(series)]


def test_the_author_of_one_patch_may_post_it_again():
    mails = posting("take", "one", "two", label="PATCH v2")
    text = "From: Bo <bo@example.org>\n\nWhy.\n"
    mails[1] = patch("a1", "[PATCH v2 1/2] one", answers="a0", text=text, path="mm/take1.c")
    again = patch("b1", "[PATCH v2.1 1/2] one", answers="a1", minute=90, author="Bo <bo@example.org>")
    (series,) = assemble([*mails, again])
    assert shape(series) == [(2, "v2", {1: "b1", 2: "a2"})]


def test_a_revision_by_another_poster_is_said():
    first = posting("take", "one", "two", label="PATCH v2")
    second = posting("take", "one", "two", label="PATCH v3", version="b", minute=2000)
    second = [replace(m, author=Address(name="Eve", email="eve@example.org")) for m in second]
    (series,) = assemble([*first, *second])
    assert [r.number for r in series.revisions] == [2, 3]
    assert "author" not in kinds(series.revisions[0])
    assert "author" in kinds(series.revisions[1])


def test_one_patch_of_the_next_version_stays_below_when_that_follows_as_a_whole():
    third = posting("take", "one", "two", "three", label="PATCH v3")
    early = patch("c", "[PATCH v4 2/3] two", answers="a2", minute=60, path="mm/take2.c", added="v4();")
    fourth = posting("take", "one", "two", "three", label="PATCH v4", version="b", minute=2000)
    (series,) = assemble([*third, early, *fourth])
    assert shape(series) == [
        (3, "v3", {1: "a1", 2: "c", 3: "a3"}),
        (4, "v4", {1: "b1", 2: "b2", 3: "b3"}),
    ]
    assert series.revisions[0].patches[1].replaces == "a2@x"
    assert kinds(series.revisions[0]) == ["replaced"]


def test_a_number_that_stands_twice_is_said():
    """A posting that broke off, sent again whole minutes later, and a v2 that is labelled."""
    broken = posting("take", "one", "two", "three")[:2]
    whole = posting("take", "one", "two", "three", version="b", minute=3)
    second = posting("take", "one", "two", "three", label="PATCH v2", version="c", minute=2000)
    (series,) = assemble([*broken, *whole, *second])
    assert [(r.number, r.complete) for r in series.revisions] == [(1, False), (1, True), (2, True)]
    assert [[n.detail for n in r.notes if n.kind == "number"] for r in series.revisions] == [
        ["v1 was posted 2 times; also: b0@x"],
        ["v1 was posted 2 times; also: a0@x"],
        [],
    ]


def test_the_patches_count_themselves_where_the_cover_letter_counts_wrong():
    mails = posting("take", "one", "two", "three")
    cover = mail("a0", "[PATCH 0/2] mm: pool: account", "What and why.\n")
    (series,) = assemble([cover, *mails[1:3]])
    (revision,) = series.revisions
    assert (revision.expected, revision.complete) == (3, False)
    assert "total" in kinds(revision)

"""Threads: joined by what mails name, whatever is missing, doubled or looped."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lorelens.fetch.mail.message import parse_message
from lorelens.fetch.series.thread import build_threads, parents


def mail(name, *, answers="", references=(), minute=0, subject="x", more="", dated=True):
    """One mail. `answers` is In-Reply-To, `references` the References, oldest first."""
    date = f"Date: Mon, 1 Jan 2024 {minute // 60:02d}:{minute % 60:02d}:00 +0000\n" if dated else ""
    to = f"In-Reply-To: <{answers}>\n" if answers else ""
    chain = f"References: {' '.join(f'<{r}>' for r in references)}\n" if references else ""
    raw = (
        f"From: A <a@example.org>\nSubject: {subject}\nMessage-ID: <{name}>\n{date}{to}{chain}{more}\nbody\n"
    )
    return parse_message(raw.encode())


def shape(messages):
    return [(thread.root, [m.message_id for m in thread.messages]) for thread in build_threads(messages)]


def test_replies_join_what_they_answer_in_the_order_of_dates():
    mails = [
        mail("c@x", references=["a@x", "b@x"], minute=3),
        mail("a@x", minute=1),
        mail("z@x", minute=0),
        mail("b@x", answers="a@x", minute=2),
    ]
    assert shape(mails) == [("z@x", ["z@x"]), ("a@x", ["a@x", "b@x", "c@x"])]


def test_a_missing_mail_still_joins_those_that_name_it():
    mails = [mail("b@x", references=["gone@x"], minute=1), mail("c@x", answers="gone@x", minute=2)]
    assert shape(mails) == [("gone@x", ["b@x", "c@x"])]


def test_references_of_a_reply_tell_what_stands_above_a_mail_that_is_missing():
    mails = [
        mail("root@x"),
        mail("d@x", references=["root@x", "gone@x"], minute=1),
        mail("e@x", answers="gone@x", minute=2),
    ]
    assert shape(mails) == [("root@x", ["root@x", "d@x", "e@x"])]


def test_the_same_subject_joins_nothing():
    assert len(shape([mail("a@x", subject="one"), mail("b@x", subject="Re: one", minute=1)])) == 2


def test_copies_from_several_lists_are_one_mail():
    copies = [mail("a@x", more=f"List-Id: <{name}.example.org>\n") for name in ("linux-mm", "linux-kernel")]
    (thread,) = build_threads(copies)
    (message,) = thread.messages
    assert message.lists == ("linux-kernel.example.org", "linux-mm.example.org")


def test_a_mail_without_a_date_stands_behind_the_one_it_answers():
    mails = [
        mail("c@x", answers="b@x", minute=9),
        mail("u@x", answers="b@x", dated=False),
        mail("b@x", minute=5),
    ]
    assert shape(mails) == [("b@x", ["b@x", "u@x", "c@x"])]


def test_loops_are_cut_and_nothing_is_lost():
    mails = [
        mail("a@x", answers="c@x"),
        mail("b@x", answers="a@x"),
        mail("c@x", answers="b@x"),
        mail("d@x", answers="d@x"),
    ]
    assert sorted(name for _, names in shape(mails) for name in names) == ["a@x", "b@x", "c@x", "d@x"]
    above = parents(mails)
    for name in above:
        steps = [name]
        while steps[-1] in above:
            steps.append(above[steps[-1]])
            assert len(steps) <= 4


names = st.sampled_from("abcdefgh")


@given(
    st.lists(st.tuples(names, st.lists(names, max_size=4), st.sampled_from(["", *"abcdefgh"])), max_size=12)
)
def test_every_mail_is_in_one_thread_and_beside_what_it_answers(drawn):
    mails = [
        mail(f"{name}@x", references=[f"{r}@x" for r in refs], answers=up and f"{up}@x")
        for name, refs, up in drawn
    ]
    threads = build_threads(mails)
    found = [m.message_id for thread in threads for m in thread.messages]
    assert sorted(found) == sorted({m.message_id for m in mails})


@given(st.lists(st.tuples(names, st.sets(names, max_size=3)), max_size=12, unique_by=lambda drawn: drawn[0]))
def test_a_mail_stands_beside_the_last_it_refers_to(drawn):
    """Without loops: a mail refers to letters before its own."""
    mails = [
        mail(f"{name}@x", references=[f"{r}@x" for r in sorted(refs) if r < name]) for name, refs in drawn
    ]
    of = {m.message_id: thread.root for thread in build_threads(mails) for m in thread.messages}
    for one in mails:
        if one.references and one.references[-1] in of:
            assert of[one.message_id] == of[one.references[-1]]


@pytest.mark.parametrize("long", [10_000])
def test_a_deep_thread_costs_what_its_length_does(long):
    mails = [mail("0@x")]
    mails += [mail(f"{n}@x", answers=f"{n - 1}@x", references=[f"{n - 1}@x"]) for n in range(1, long)]
    start = time.perf_counter()
    (thread,) = build_threads(mails)
    assert (thread.root, len(thread.messages)) == ("0@x", long)
    assert time.perf_counter() - start < 5  # quadratic: minutes

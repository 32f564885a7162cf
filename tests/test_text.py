"""Plain text: a screen is a screen, and mail does not drive the terminal."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lorelens.config import Options
from lorelens.fetch.mail.message import Address
from lorelens.pipeline import read_series, review
from lorelens.reports.columns import WIDTH, columns, cut, cut_kept, wrap
from lorelens.reports.text import first_screen, review_text, series_text

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
OPTIONS = Options(
    sources=(str(EXAMPLES / "thread.mbox"),), trees=(str(EXAMPLES / "tree"),), command="lorelens demo"
)


@pytest.fixture(scope="module")
def demo():
    (found,) = review(OPTIONS)
    return found


def assert_screen(text):
    assert text.endswith("\n")
    assert text.count("\n") <= 25
    assert max(map(columns, text.splitlines())) <= 78


def unprintable(text):
    return [char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != "\n"]


def test_the_first_screen_tells_what_a_reader_wants_first(demo):
    screen = first_screen(demo)
    assert_screen(screen)
    lines = screen.splitlines()
    assert lines[0] == "[PATCH v3 0/2] mm/stash: populate without waiting"
    assert "Mira Halvorsen <mira@halvorsen.example.org>, 2026-03-02" in lines
    assert any(line.startswith("v3 (also here: v1 and v2); base ") for line in lines)
    assert "2/2 mm/stash: add STASH_NOWAIT" in lines
    assert '1/2 says "No functional change"; that was not put to the test.' in lines
    assert "No answer in this archive:" in lines
    assert '    Tomas Okafor, 2/2: "Please either keep the error for them or say it here."' in lines
    assert "Read again since v2: 2/2." in lines
    assert "Same diff as in v2: 1/2." in lines
    assert 'Gone since v2: "mm/stash: count pages that were kept already".' in lines


def test_the_first_screen_stays_one_with_everything_too_long(demo):
    patch = demo.patches[1]
    patches = tuple(
        replace(
            patch,
            patch=replace(
                patch.patch, position=n, title=f"{n} " + "word " * 90, commit_message="No functional change."
            ),
        )
        for n in range(1, 200)
    )
    comments = tuple(
        replace(c, message_id=f"{n}@example.org", author=Address(name="Anna " * 40, email=f"{n}@example.org"))
        for n, c in enumerate(demo.series.comments * 30)
    )
    subject = replace(demo.revision.cover, subject="[PATCH v3] " + "long " * 200)
    revision = replace(demo.revision, cover=subject, expected=500, patches=tuple(p.patch for p in patches))
    series = replace(
        demo.series, author=Address(name="B" * 400, email="b@example.org"), comments=comments,
        revisions=(*demo.series.revisions[:-1], revision),
    )  # fmt: skip
    big = replace(demo, series=series, revision=revision, patches=patches, tree="tree " * 90)
    assert_screen(first_screen(big))
    assert max(map(columns, review_text(big).splitlines())) <= WIDTH


def test_the_longer_text_names_every_changed_function(demo):
    text = review_text(demo)
    for name in ("stash_one", "stash_populate", "stash_fault", "stash_ioctl_populate", "STASH_NOWAIT"):
        assert name in text
    assert max(map(columns, text.splitlines())) <= WIDTH


def test_a_thread_reads_as_who_said_what_of_which_line(demo):
    text = series_text([demo.series])
    assert "v2, 2026-02-12: " in text
    assert "(takes the place of" in text
    assert "Acked-by: Adaeze Brandt <adaeze@brandt.example.org> (by reply)" in text
    assert "Tomas Okafor, 2026-02-04 on v1 3/3, mm/stash.c:" in text
    assert "  asks: Shouldn't this be out_put?" in text


def test_a_reply_without_a_patch_tells_what_it_asks_for(tmp_path):
    mail = tmp_path / "reply.eml"
    mail.write_text(
        "From: Ada <ada@example.org>\nSubject: Re: mm: an idea\nMessage-ID: <a@example.org>\n"
        "Date: Mon, 2 Mar 2026 10:00:00 +0000\n\nOn Sunday, Bo wrote:\n> Let us drop the lock.\n\n"
        "I see no other way. Could you say which one?\n"
    )
    options = replace(OPTIONS, sources=(str(mail),), trees=())
    (found,) = review(options)
    assert_screen(first_screen(found))
    assert 'Ada: "Could you say which one?"' in first_screen(found)
    assert "a thread without a patch" in first_screen(found)
    assert "  > Let us drop the lock." in series_text(read_series(options))


def test_an_escape_sequence_in_mail_never_reaches_the_terminal(tmp_path):
    mail = (EXAMPLES / "thread.mbox").read_bytes()
    for place in (b"mm/stash: add STASH_NOWAIT", b"That is not what", b"static int stash_one("):
        assert place in mail
        mail = mail.replace(place, b"\x1b]0;owned\x07\x9b31m\xe2\x80\xae" + place)
    path = tmp_path / "escapes.mbox"
    path.write_bytes(mail)
    options = replace(OPTIONS, sources=(str(path),))
    (found,) = review(options)
    for text in (first_screen(found), review_text(found), series_text([found.series])):
        assert not unprintable(text)
        assert "<U+001B>]0;owned<U+0007>" in text


words = st.lists(st.text(st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=100), max_size=40)


@given(words)
def test_wrapping_loses_no_word_and_keeps_the_width(parts):
    parts = [part for part in parts if "\u2800" not in part]
    lines = wrap(" ".join(parts), first="* ", rest="  ")
    assert all(columns(line) <= WIDTH for line in lines)
    if all(len(part) < WIDTH // 3 and part.isascii() for part in parts):
        assert " ".join(lines).split() == ["*", *parts]


@given(st.text(max_size=500), st.integers(min_value=8, max_value=WIDTH))
def test_a_cut_line_is_one_line_that_a_terminal_can_show(text, width):
    for line in (cut(text, width), cut_kept(text.replace("\n", " "))):
        assert "\n" not in line
        assert not unprintable(line)
    assert columns(cut(text, width)) <= width

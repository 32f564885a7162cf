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
from lorelens.fetch.patch.trailer import Trailer
from lorelens.fetch.repair import Recovered, RecoveredFile, Repair
from lorelens.pipeline import read_series, review
from lorelens.reports.columns import WIDTH, columns, cut, cut_kept, wrap
from lorelens.reports.patch import repair_lines
from lorelens.reports.text import first_screen, review_text, series_text

pytestmark = pytest.mark.slow

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
    assert any(line.startswith('1/2 says "No functional change"; ') for line in lines)
    said = " ".join(screen.split())
    assert "> stash_fault: when flags & STASH_NOWAIT: handle_mm_fault(vma, addr, fault_flags, NULL)" in said
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


BARE = (
    "From x@y Thu Jan  1 00:00:00 1970\nSubject: [PATCH]\nMessage-ID: <p@example.org>\n\n---\n"
    "diff --git a/include/linux/out.h b/include/linux/out.h\n"
    "--- a/include/linux/out.h\n+++ b/include/linux/out.h\n"
    "@@ -1,8 +1,12 @@\n"
    " struct out_ops {\n \tint (*open)(struct out *out);\n"
    "+\tint (*fill)(struct out *out, long length);\n };\n"
    " \n-int out_put(struct out *out);\n+int out_put(struct out *out, bool last);\n \n"
    "+#define OUT_FILL 0x04\n #define OUT_LAST 0x08\n+\n+enum out_mode { OUT_ONCE, OUT_AGAIN };\n \n"
    "diff --git a/mm/out.c b/mm/out.c\n--- a/mm/out.c\n+++ b/mm/out.c\n@@ -1,4 +1,4 @@\n"
    "-int out_put(struct out *out)\n+int out_put(struct out *out, bool last)\n {\n \treturn 0;\n }\n"
)
REPLY = (
    "From x@y Thu Jan  1 00:00:00 1970\nSubject: Re: [PATCH]\nMessage-ID: <r@example.org>\n"
    "In-Reply-To: <p@example.org>\n\n> +\tint (*fill)(struct out *out, long length);\n\n"
    "Could this be unsigned?\n"
)


def bare(folder, *, replies=0):
    path = folder / "bare.mbox"
    more = [REPLY.replace("<r@", f"<r{number}@") for number in range(replies)]
    path.write_text("\n".join([BARE, *more]))
    options = replace(OPTIONS, sources=(str(path),), trees=())
    (found,) = review(options)
    return found


def test_who_when_and_what_is_not_known_is_said_so(tmp_path):
    found = bare(tmp_path)
    lines = first_screen(found).splitlines()
    assert "author not known, date not known" in lines
    assert any(line.startswith("1/1 (no title)") for line in lines)
    for text in (review_text(found), series_text([found.series])):
        assert "by author not known" in text
        assert "(no title)" in text
        assert not [line for line in text.splitlines() if line.strip() in ("by", "1/1") or line[:1] == ","]


def test_it_is_said_once_that_a_commenter_is_not_named(tmp_path):
    found = bare(tmp_path, replies=3)
    for text in (review_text(found), series_text([found.series])):
        assert text.count("somebody, date not known") == 3
        said = " ".join(text.split())
        assert said.count("3 comments by somebody whom the mail or page does not name") == 1


def test_changed_types_and_macros_are_named_with_what_they_are(tmp_path):
    screen = first_screen(bare(tmp_path))
    said = " ".join(screen.split())
    assert "1 function changed; also 1 enum, 1 macro and 1 struct; " in said
    for change in ("struct out_ops (modified)", "macro OUT_FILL (added)", "enum out_mode (added)"):
        assert change in said
    assert said.count("out_put") == 1, "the prototype changes as its function does"
    only_types = replace(bare(tmp_path), patches=())
    assert "No C function is changed" in first_screen(only_types)


def test_a_mail_in_another_name_gives_nothing(demo):
    claim = Trailer(
        name="Acked-by", value="Ada Lim <ada@lim.example.org>", given_by="m@example.org", mismatch=True
    )
    patch = replace(demo.revision.patches[0], trailers=(claim,))
    revision = replace(demo.revision, patches=(patch,))
    said = " ".join(series_text([replace(demo.series, revisions=(revision,))]).split())
    assert "Ada Lim <ada@lim.example.org> (claimed by a mail from another address)" in said
    assert "Ada Lim <ada@lim.example.org> (by reply)" not in said


def test_one_is_not_many():
    repair = Repair(kind="tabs", lines=1, detail="made again")
    file = RecoveredFile(
        path="a.c", pre_blob="1", post_blob="2", verified=True, tries=1, repairs=(repair,),
        diff="", post_image=None, failure=None,
    )  # fmt: skip
    assert list(repair_lines(Recovered(preamble="", files=(file,)))) == [
        "a.c: tabs, 1 line: made again",
        "a.c: exact: blob 2 came out after 1 attempt",
    ]

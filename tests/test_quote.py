"""Comments: what a reply says, about which line of which patch, and what it asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lorelens.fetch.comment.quote import Anchor, Comment, Target, find_comments
from lorelens.fetch.comment.request import find_requests
from lorelens.fetch.mail.message import Address, Message
from lorelens.fetch.patch.patch_mail import parse_patch_mail
from lorelens.fetch.repair import repair_patch
from lorelens.fetch.tree.source_tree import NoTree

DIFF = """\
diff --git a/mm/pin.c b/mm/pin.c
index 1111111..2222222 100644
--- a/mm/pin.c
+++ b/mm/pin.c
@@ -10,7 +10,9 @@ static int pin_one(struct page *page)
 →struct pin *pin = page_pin(page);
 ~
 →if (!pin)
-→→return 0;
+→→return -EINVAL;
+→if (pin->count == PIN_MAX)
+→→return -EBUSY;
 →pin->count++;
 →return 1;
 }
@@ -40,6 +42,10 @@ static void unpin_one(struct page *page, bool dirty, unsigned long addr)
 →struct pin *pin = page_pin(page);
 ~
 →pin->count--;
+→if (dirty)
+→→mark_dirty(page);
+→if (!pin)
+→→return;
 →put(page);
 }
 ~
""".replace("→", "\t").replace("~", "")
TARGET = Target(message_id="patch@example.org", diff=DIFF)


def reply(body: str, sender: Address | None = None) -> Message:
    return Message(
        message_id="reply@example.org", in_reply_to="patch@example.org", references=("patch@example.org",),
        to=(), cc=(), date=None, subject="Re: [PATCH] mm: pin", body=body, lists=(), origin="",
        author=sender or Address(name="Ann Other", email="ann@example.org"), verbatim=True, notes=(),
    )  # fmt: skip


def comments(body: str, *targets: Target) -> tuple[Comment, ...]:
    return find_comments(reply(body), targets or (TARGET,))


def quoted(text: str, mark: str = "> ") -> str:
    return "".join(f"{mark}{line}".rstrip() + "\n" for line in text.splitlines())


def upto(last: str) -> str:
    """The diff down to the line that ends with `last`."""
    return DIFF[: DIFF.index(last) + len(last)] + "\n"


def place(comment: Comment) -> tuple[str, str, int] | None:
    anchor = comment.anchor
    return (anchor.path, anchor.side, anchor.line) if anchor else None


# ---- anchors. The lines are counted by hand in DIFF.


@pytest.mark.parametrize(
    ("last", "side", "line"),
    [
        ("-\t\treturn 0;", "pre", 13),
        ("+\t\treturn -EINVAL;", "post", 13),
        ("+\t\treturn -EBUSY;", "post", 15),
        (" \treturn 1;", "post", 17),
        ("+\t\tmark_dirty(page);", "post", 46),
        (" \tput(page);", "post", 49),
    ],
)
@pytest.mark.parametrize("mark", ["> ", ">", "> > ", ">> ", "| "])
def test_the_last_quoted_line(last: str, side: str, line: int, mark: str) -> None:
    (comment,) = comments(f"On Monday, Carl wrote:\n{quoted(upto(last), mark)}\nWhy this?\n")
    assert place(comment) == ("mm/pin.c", side, line)
    assert comment.anchor == Anchor(message_id="patch@example.org", path="mm/pin.c", side=side, line=line)
    assert comment.text == "Why this?"


def test_comments_in_order_each_with_its_own_quote() -> None:
    first, second = upto("-EINVAL;"), DIFF[len(upto("-EINVAL;")) : len(upto("-EBUSY;"))]
    found = comments(f"{quoted(first)}\nWhy not 0?\n\n{quoted(second)}\nAnd this?\n")
    assert [(c.number, c.text, place(c)) for c in found] == [
        (1, "Why not 0?", ("mm/pin.c", "post", 13)),
        (2, "And this?", ("mm/pin.c", "post", 15)),
    ]
    assert found[1].quote == second.rstrip("\n")


def test_white_space_is_not_looked_at() -> None:
    bare = "\n".join(" ".join(line.split()) for line in upto("-EBUSY;").splitlines())
    (comment,) = comments(f"{quoted(bare)}\nWhy?\n")
    assert place(comment) == ("mm/pin.c", "post", 15)


def test_wrapped_lines_are_joined() -> None:
    wrapped = quoted(upto("mark_dirty(page);"))
    wrapped = wrapped.replace("dirty, unsigned long addr)", "dirty,\n> unsigned long addr)")
    wrapped = wrapped.replace("+\t\tmark_dirty(page);", "+\t\tmark_dirty(\n> page);")
    (comment,) = comments(f"{wrapped}\nHere?\n")
    assert place(comment) == ("mm/pin.c", "post", 46)


def test_a_diff_without_git_headers_names_the_file_of_each_hunk() -> None:
    """A hunk ends by its counts: a line "--- a/x" inside one is removed text, behind it the next file."""
    plain = (
        "--- a/mm/a.c\n+++ b/mm/a.c\n@@ -1,3 +1,2 @@\n int one;\n--- b/mm/no.c is gone now\n int two;\n"
        "--- a/mm/b.c\n+++ b/mm/b.c\n@@ -7,2 +7,2 @@ int z(void)\n"
        " int three;\n-int four;\n+int fourth_of_them;\n"
    )
    target = Target(message_id="patch@example.org", diff=plain)
    first = plain[: plain.index(" int two")]
    assert place(comments(f"{quoted(first)}\nWhy?\n", target)[0]) == ("mm/a.c", "pre", 2)
    assert place(comments(f"{quoted(plain)}\nWhy?\n", target)[0]) == ("mm/b.c", "post", 8)


def test_equal_lines_are_told_by_those_above_them() -> None:
    trimmed = "> +\t\tmark_dirty(page);\n> +\tif (!pin)\n> +\t\treturn;\n"
    assert [place(c) for c in comments(f"{trimmed}\nToo late.\n")] == [("mm/pin.c", "post", 48)]


def test_equal_lines_are_told_by_the_hunk_above_them() -> None:
    line = ">  \tstruct pin *pin = page_pin(page);\n"
    head = "> @@ -40,6 +42,10 @@ static void unpin_one(struct page *page, bool dirty, unsigned long addr)\n"
    assert [place(c) for c in comments(f"{head}> [...]\n{line}\nNULL?\n")] == [("mm/pin.c", "post", 42)]
    assert [place(c) for c in comments(f"{line}\nNULL?\n")] == [None]


def test_none_rather_than_wrong() -> None:
    unsure = [
        ">  }\n\nA brace tells nothing.\n",
        "> +\tfoo();\n\nNot of this patch.\n",
        f"{quoted(upto('-EBUSY;'))}> Thanks,\n> Carl\n\nIn all, fine work on this.\n",
        f"{quoted(upto('-EBUSY;'))}> > @@ -1,2 +1,2 @@\n> > +\tmine();\n\nNo, the other diff.\n",
        "Top posted, about nothing quoted.\n\n" + quoted(DIFF),
    ]
    for body in unsure:
        assert [place(c) for c in comments(body)] == [None], body


def test_a_reply_to_a_reply_is_anchored_through_the_deeper_quote() -> None:
    code = quoted(upto("-EBUSY;"), "> > ")
    asked = f"On Tuesday, Dora wrote:\n> On Monday, Carl wrote:\n{code}>\n> Why busy?\n"
    found = comments(f"{asked}\nSince it is.\n\n> And elsewhere?\n\nToo.\n")
    assert [c.text for c in found] == ["Since it is.", "Too."]
    assert [place(c) for c in found] == [("mm/pin.c", "post", 15)] * 2


def test_the_patch_with_the_longer_run_wins() -> None:
    other = Target(message_id="other@example.org", diff=DIFF.replace("pin->count--", "other--"))
    hunk = DIFF[DIFF.index("@@ -40") : DIFF.index("+\tif (dirty)")]
    (comment,) = comments(f"{quoted(hunk)}\nWhy?\n", other, TARGET)
    assert comment.anchor is not None
    assert comment.anchor.message_id == "patch@example.org"


def test_every_line_of_a_patch_is_found_by_its_whole_quote() -> None:
    """The oracle counts lines by the hunk headers alone."""
    lines = DIFF.splitlines()
    pre = post = 0
    for at, line in enumerate(lines):
        if line.startswith("@@"):
            pre, post = (int(part.split(",")[0]) - 1 for part in (line[4:], line.split("+")[1]))
        elif post and line[:1] in "+- " and line.strip("+- \t"):
            pre, post = pre + (line[0] != "+"), post + (line[0] != "-")
            (comment,) = comments(quoted("\n".join(lines[: at + 1])) + "\nWhy?\n")
            expected = ("mm/pin.c", "pre", pre) if line[0] == "-" else ("mm/pin.c", "post", post)
            assert place(comment) == expected, line
        elif post and line[:1] in "+- ":
            pre, post = pre + (line[:1] != "+"), post + (line[:1] != "-")


# ---- what is a comment


@pytest.mark.parametrize(
    "body",
    [
        "",
        quoted(DIFF),
        f"Hi Carl,\n\n{quoted(DIFF)}\nThanks,\nAnn\n",
        f"{quoted(DIFF)}\nReviewed-by: Ann Other <ann@example.org>\n",
        f"You can add:\nAcked-by: Ann Other <ann@example.org>\n\n{quoted(DIFF)}",
        f"On Mon, 1 Jan 2021 at 10:00, Carl\n<carl@example.org> wrote:\n{quoted(DIFF)}\n[...]\n",
        f"{quoted(DIFF)}\nBest regards\n-- \nAnn Other\nKernels & Sons\n",
        f"{quoted(DIFF)}\n{'_' * 40}\nlinux mailing list\nlinux@lists.example.org\n",
    ],
)
def test_what_is_no_comment(body: str) -> None:
    assert comments(body) == ()


@pytest.mark.parametrize(
    "below",
    [
        "-----Original Message-----\nFrom: Carl <carl@example.org>\nTo: Ann\nSubject: x\n\nWhy this?\n",
        "From: Carl <carl@example.org>\nSent: Monday\nTo: Ann\nSubject: x\n\nWhy this?\n",
        "On Monday, Carl wrote:\n> Why this?\n",
    ],
)
def test_top_posting(below: str) -> None:
    (comment,) = comments(f"Hello Carl,\n\nBecause of that.\n\nRegards,\nAnn\n\n{below}")
    assert (comment.text, comment.quote, comment.anchor) == ("Because of that.", "", None)


def test_the_tail_of_a_broken_quoted_line_is_no_comment() -> None:
    long = "> a very long line that the mailer of the sender broke behind its 72nd column\nand left alone\n"
    (comment,) = comments(f"{long}> more\n\nYes.\n")
    assert comment.text == "Yes."
    assert comment.quote.split("\n")[0].endswith("column and left alone")


def test_deeper_marks_stay_visible_in_the_quote() -> None:
    (comment,) = comments("> > one\n> two\n\nThree it is.\n")
    assert comment.quote == "> one\ntwo"


def test_trailers_are_taken_out_of_a_comment() -> None:
    acked = "Acked-by: Ann Other <ann@example.org>"
    (comment,) = comments(f"> x\n\nFine by me.\n\n{acked}\n\nThanks for the test.\n")
    assert comment.text == "Fine by me.\n\nThanks for the test."


REPORT = """\
Hi Carl,

Perhaps something to improve:

All warnings (new ones prefixed by >>):

   mm/pin.c: In function 'pin_one':
>> mm/pin.c:{line}:6: warning: comparison is always false
      {line} |  if (pin->count == PIN_MAX)
         |      ^~~
"""


@pytest.mark.parametrize("line", [14, 90])
def test_a_robots_report_is_one_comment_and_anchored_by_its_code(line: int) -> None:
    robot = Address(name="kernel test robot", email="lkp@example.org")
    (comment,) = find_comments(reply(REPORT.format(line=line), robot), [TARGET])
    assert comment.requests == (f"mm/pin.c:{line}:6: warning: comparison is always false",)
    assert place(comment) == ("mm/pin.c", "post", 14)
    (lost,) = find_comments(reply(REPORT.format(line=14).replace("PIN_MAX)", "OTHER)"), robot), [TARGET])
    assert lost.anchor is None


@given(st.text(max_size=300), st.text(max_size=100))
def test_any_text_is_read(body: str, diff: str) -> None:
    comments(body, TARGET, Target(message_id="x", diff=diff))
    comments(quoted(body) + DIFF + body, Target(message_id="x", diff=DIFF + diff))


# ---- requests: sentences written for this test, judged by hand

ASKED = [
    "Why is the lock taken twice?",
    "Please add a comment here.",
    "could we perhaps have a flag for this",
    "This should be under the lock.",
    "You need to drop the reference first.",
    "I'd prefer a helper for that.",
    "Consider a static inline.",
    "It would be nicer to return early.",
    "Maybe fold this into the previous patch.",
    "I think pin_one() could return a bool instead.",
    "Use READ_ONCE() here.",
    "nit: spelling",
    "s/pined/pinned/",
    "But the caller never gets here with the lock held.",
    "I don't see how this can be zero.",
    "This may deadlock against reclaim.",
    "Looks wrong to me.",
    "Same here.",
    "Don't use BUG_ON() for that.",
]
SAID = [
    "Looks good to me.",
    "Thanks for doing this.",
    "I applied it to my tree.",
    "This should be fine.",
    "That should work.",
    "I should have noticed that.",
    "The lock is taken in the caller.",
    "Queued for 5.12.",
]
KIND = [
    "Thanks, the second attempt looks much nicer.",
    "Makes perfect sense to me",
    "That sounds better indeed.",
    "I can't see anything wrong with the locking.",
    "I think what you propose is a fair compromise.",
    "And thank you very much for the kind suggestion.",
    "I'd also like to thank the testers.",
    "But please be patient with me.",
    "spellchecker?",
    "Hm?",
    "Any thoughts?",
    "[ Please do not top-post ]",
    "You can keep my Ack.",
    "No need to apologize.",
    "I tested it again this morning and maybe that is enough.",
    "I'll have to rebase my own patches.",
    "This was converted, so it doesn't have to take the lock.",
    "But I agree with the direction.",
]
"""Thanks, agreement, praise, manners, and what the writer did: each has a word that asks elsewhere."""


@pytest.mark.parametrize("sentence", ASKED)
def test_what_asks(sentence: str) -> None:
    assert find_requests(f"The code is short. {sentence}") == (sentence,) or sentence[0].islower()
    assert find_requests(sentence) == (sentence,)


@pytest.mark.parametrize("sentence", [*SAID, *KIND])
def test_what_does_not_ask(sentence: str) -> None:
    assert find_requests(sentence) == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "Thanks, but please split the rename out.",
        "I agree with Ann that the lock should be dropped first.",
        "Looks good to me, though the name is confusing.",
        "Makes sense, maybe say so in the changelog.",
        "Why?",
        "typo?",
        "pin_one()?",
        "Then no need to take the lock.",
    ],
)
def test_what_asks_behind_thanks_and_in_few_words(sentence: str) -> None:
    assert find_requests(sentence) == (sentence,)


def test_a_build_log_asks_nothing() -> None:
    log = "It stops:\nmake[4]: *** [Makefile:12: mm/pin.o] Error 1\nmm/pin.c:12:3: error: must return\n"
    assert find_requests(log) == ()


def test_sentences_across_lines_lists_and_code() -> None:
    text = """\
I read this, e.g. the part of
pin_one(). Could you
split it? The rest is fine.

 - rename the flag
 - fine as it is

\tif (should_pin(page))
\t\tplease_pin(page);

Please see
https://example.org/should
"""
    assert find_requests(text) == ("Could you split it?", "rename the flag")


# ---- the seeds


def test_the_reply_without_a_diff(shared: Path) -> None:
    text = next((shared / "seeds").glob("001_*")).read_text("utf-8")
    comment = comments(text.split("\n", 3)[3])[0]
    assert comment.quote.endswith("hooked in to populate_vma_page_range() or its callers.")
    assert any("could we perhaps have a VM flag for SGX?" in request for request in comment.requests)
    assert any("__mm_populate()" in request and "filtered out" in request for request in comment.requests)
    assert "BR, Jarkko" not in comment.text


def test_the_review_in_a_wrapped_quote(shared: Path) -> None:
    """MM_RULES.md: two comments that are right, on mm/hugetlb.c; the third goes on about the first.

    The lines are counted by hand from the hunk headers.
    """
    text = next((shared / "seeds").glob("004_*")).read_text("utf-8")
    patch = parse_patch_mail(reply(text))
    assert patch is not None
    diff = "".join(file.diff for file in repair_patch(patch.diff, NoTree()).files)
    found = comments(text, Target(message_id="reply@example.org", diff=diff))
    assert [place(comment) for comment in found] == [
        ("mm/hugetlb.c", "post", 4705),
        ("mm/hugetlb.c", "post", 4766),
        ("mm/userfaultfd.c", "post", 310),
    ]
    assert [comment.text.split("\n")[0] for comment in found] == [
        "hugetlb_mcopy_atomic_pte() can be called with *page being set, when",
        "Same here.",
        "If my above understanding is right, we may also consider to move this",
    ]
    assert all(comment.requests for comment in found)

"""What changed in a patch between two revisions: by hunks, by function, in the message, in behaviour."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent))

from history_patches import added_file, file_diff, hunk, patches_of, posting, series_of, small
from lorelens.analyze.behaviour import Effort
from lorelens.analyze.diff import parse_diff
from lorelens.analyze.history.hunks import compare_files
from lorelens.analyze.history.interdiff import compare_pair, compare_revisions, judge_interdiffs
from lorelens.analyze.history.matching import match_patches
from lorelens.analyze.history.post_images import HUNKS_ALONE
from lorelens.fetch.tree.source_tree import NoTree, PlainTree

NEW = ("+\tpool->used += count;", "-\tpool->used++;")


def compare(before, after):
    """The file that differs, of two diffs."""
    (file,) = compare_files(parse_diff(before).files, parse_diff(after).files)
    return file


def marked(file):
    return [
        f"{line.side}{line.sign}{line.text.strip()}"
        for part in file.hunks
        for line in part.lines
        if line.side != " "
    ]


def interdiff(before, after):
    """The interdiff of two revisions of one patch."""
    (pair,) = match_patches(patches_of(before), patches_of(after, version=2)).pairs
    return compare_pair(pair)


# Hunks


def test_line_numbers_and_context_are_no_change():
    before = file_diff("mm/a.c", hunk(" \tlock(pool);", *NEW, " \tunlock(pool);", start=10, section="f()"))
    after = file_diff("mm/a.c", hunk(" \tlock_irq(pool);", *NEW, " \tunlock(pool);", start=99, section="g()"))
    assert compare(before, before).kind == "unchanged"
    file = compare(before, after)
    assert (file.kind, file.hunks, file.differs) == ("new base", (), 0)


def test_hunks_that_a_new_base_joins_are_no_change():
    context = [f" \tstep_{number}();" for number in range(4)]
    one, other = ("+\ta = 1;", "-\ta = 2;"), ("+\tb = 1;", "-\tb = 2;")
    before = file_diff(
        "mm/a.c", hunk(context[0], *one, context[1]), hunk(context[2], *other, context[3], start=40)
    )
    after = file_diff("mm/a.c", hunk(context[0], *one, context[1], context[2], *other, context[3]))
    assert compare(before, after).kind == "new base"


def test_a_changed_line_has_two_signs():
    before = file_diff("mm/a.c", hunk(" \tlock(pool);", *NEW, " \tunlock(pool);"))
    after = file_diff("mm/a.c", hunk(" \tlock(pool);", "+\tpool->used += n;", NEW[1], " \tunlock(pool);"))
    file = compare(before, after)
    assert (file.kind, file.differs) == ("changed", 2)
    assert marked(file) == ["-+pool->used += count;", "++pool->used += n;"]
    assert file.hunks[0].lines[0].text == "\tlock(pool);"


def test_a_line_that_moved_over_its_context_is_a_change():
    before = file_diff("mm/a.c", hunk(" \tlock(pool);", "+\tcount(pool);", " \tunlock(pool);", " \treturn;"))
    after = file_diff("mm/a.c", hunk(" \tlock(pool);", " \tunlock(pool);", "+\tcount(pool);", " \treturn;"))
    file = compare(before, after)
    assert file.kind == "changed"
    assert "unlock(pool);" in " ".join(marked(file)) or "count(pool);" in " ".join(marked(file))


def test_lines_that_stand_in_another_function_are_a_change():
    lines = ("+\tpool->used = 0;", "-\tpool->used--;")
    before = file_diff(
        "mm/a.c", hunk(" \tlock(pool);", *lines, " \tunlock(pool);", section="int take(int n)")
    )
    after = file_diff("mm/a.c", hunk(" \tcheck(list);", *lines, " \tkick(list);", section="int give(int n)"))
    file = compare(before, after)
    assert (file.kind, file.facts) == ("changed", ("what stood below take() stands below give() now",))


def test_white_space_is_told_as_such():
    before = file_diff("mm/a.c", hunk(" a", "+\tx = 1;", " b"))
    after = file_diff("mm/a.c", hunk(" a", "+        x = 1;", " b"))
    file = compare(before, after)
    assert (file.kind, file.white_space) == ("changed", True)


def test_a_file_renamed_between_revisions_is_one():
    file = compare(small("mm/a.c", 1), small("mm/b.c", 1))
    assert (file.path, file.former, file.differs) == ("mm/b.c", "mm/a.c", 0)


def test_files_that_only_one_revision_touches():
    files = compare_files(
        parse_diff(small("mm/a.c", 1) + small("mm/b.c", 2)).files,
        parse_diff(small("mm/a.c", 1) + small("mm/c.c", 3)).files,
    )
    assert [(file.path, file.kind) for file in files] == [
        ("mm/a.c", "unchanged"), ("mm/c.c", "added"), ("mm/b.c", "dropped"),
    ]  # fmt: skip


hunk_lines = st.lists(
    st.builds(lambda sign, name: f"{sign}\t{name}();", st.sampled_from(" +-"), st.sampled_from("abcdefgh")),
    min_size=1,
    max_size=12,
)


@given(hunk_lines, hunk_lines)
def test_what_is_marked_are_the_lines_that_only_one_has(one, other):
    file = compare(file_diff("mm/a.c", hunk(*one)), file_diff("mm/a.c", hunk(*other)))
    mine, theirs = ([line for line in lines if line[0] != " "] for lines in (one, other))
    left = list(mine)
    for line in (found for part in file.hunks for found in part.lines):
        if line.side == "-" and line.sign != " ":
            left.remove(f"{line.sign}{line.text}")
    kept = list(theirs)
    for line in (found for part in file.hunks for found in part.lines):
        if line.side == "+" and line.sign != " ":
            kept.remove(f"{line.sign}{line.text}")
    assert sorted(left) == sorted(kept)
    assert file.differs == len(mine) + len(theirs) - len(left) - len(kept)


@given(hunk_lines)
def test_a_diff_against_itself_is_unchanged(lines):
    text = file_diff("mm/a.c", hunk(*lines))
    assert compare(text, text).kind == "unchanged"


# Messages and tags

TITLE = "mm: pool: count pages"
DIFF = small("mm/pool.c", 1)


def test_a_message_that_was_rewrapped_is_the_same():
    before = (TITLE, DIFF, {"body": "The pool counts\nwhat it hands out."})
    after = (TITLE, DIFF, {"body": "The pool counts what it\nhands out."})
    found = interdiff(before, after)
    assert found.message.kind == "rewrapped"
    assert found.message.lines == ()
    assert found.pair.kinds == ("identical",)


def test_a_changed_message_shows_its_lines():
    before = (TITLE, DIFF, {"body": "Why.\n\nIt is slow.\n\nSo be it."})
    after = (TITLE, DIFF, {"body": "Why.\n\nIt is wrong.\n\nSo be it."})
    found = interdiff(before, after)
    assert found.message.kind == "changed"
    assert [(line.side, line.text) for line in found.message.lines if line.text] == [
        ("-", "It is slow."), ("+", "It is wrong."),
    ]  # fmt: skip
    assert found.pair.words == "same hunks, new commit message"


def test_tags_come_go_and_get_lost():
    sign = "Signed-off-by: Ada Byte <ada@example.org>\n"
    given_by_reply = (
        "From: Bo Bit <bo@example.org>\nSubject: Re: [PATCH 1/1] mm: pool: count pages\n"
        "Message-ID: <reply@example.org>\nIn-Reply-To: <v1-1@example.org>\n"
        "Date: 1 Jan 2024 08:00:00 +0000\n\nReviewed-by: Bo Bit <bo@example.org>\n"
    )
    first = posting((TITLE, DIFF, {"tags": f"{sign}Acked-by: Cy Core <cy@example.org>\n"}))
    second = posting((TITLE, DIFF, {"tags": f"{sign}Tested-by: Di Disk <di@example.org>\n"}), version=2)
    series = series_of(*first, given_by_reply, *second)
    _, (found,) = compare_revisions(*series.revisions)
    message = found.message
    assert [trailer.name for trailer in message.added] == ["Tested-by"]
    assert [trailer.name for trailer in message.removed] == ["Acked-by"]
    assert [trailer.name for trailer in message.lost] == ["Reviewed-by"]


# Functions and behaviour

PRE = "int take(int n)\n{\n\tif (n > 4)\n\t\treturn -1;\n\treturn n;\n}\n"


def body(limit):
    return PRE.replace("n > 4", f"n > {limit}").splitlines()


def test_differences_by_function():
    section = "int take(struct pool *pool)"
    before = file_diff("mm/a.c", hunk(" \tlock(pool);", *NEW, " \tunlock(pool);", section=section))
    after = file_diff(
        "mm/a.c", hunk(" \tlock(pool);", "+\tpool->used = 1;", " \tunlock(pool);", section=section)
    )
    (function,) = interdiff((TITLE, before), (TITLE, after)).functions
    assert (function.name, function.kind, function.differs) == ("take", "changed", 3)


def judged(before, after, tree=None):
    revisions = [series_of(*posting(one, version=v)).revisions[-1] for v, one in ((1, before), (2, after))]
    _, patches = compare_revisions(*revisions)
    tree = tree or NoTree()
    effort = Effort(replay=False)
    ((function,),) = (
        one.functions for one in judge_interdiffs(patches, tuple(revisions), (tree, tree), effort)
    )
    return function


@pytest.mark.slow
def test_behaviour_of_functions_that_are_whole_in_a_new_file():
    function = judged((TITLE, added_file("mm/a.c", PRE)), (TITLE, added_file("mm/a.c", "\n".join(body(5)))))
    assert function.delta is not None
    assert function.delta.verdict == "changed"
    assert function.delta.differences[0].when == "n > 4 and n <= 5"
    assert HUNKS_ALONE not in function.delta.assumptions


@pytest.mark.slow
def test_behaviour_of_functions_that_are_whole_in_a_hunk_says_what_it_assumes():
    def diff(limit):
        lines = (f"+{line}" for line in body(limit))
        return file_diff("mm/a.c", hunk(" ", *lines, " ", " int other(void);", start=30))

    function = judged((TITLE, diff(4)), (TITLE, diff(5)))
    assert function.delta is not None
    assert function.delta.verdict == "changed"
    assert HUNKS_ALONE in function.delta.assumptions


@pytest.mark.slow
def test_behaviour_with_a_tree(tmp_path):
    (tmp_path / "mm").mkdir()
    (tmp_path / "mm" / "a.c").write_text(PRE)

    def diff(limit):
        return file_diff(
            "mm/a.c",
            hunk(
                " {",
                "-\tif (n > 4)",
                f"+\tif (n > {limit})",
                " \t\treturn -1;",
                start=2,
                section="int take(int n)",
            ),
        )

    function = judged((TITLE, diff(7)), (TITLE, diff(9)), PlainTree(tmp_path))
    assert function.delta is not None
    assert function.delta.verdict == "changed"
    assert function.delta.differences[0].when == "n > 7 and n <= 9"


def test_behaviour_is_not_compared_of_what_hunks_show_in_part():
    def diff(limit):
        return file_diff(
            "mm/a.c",
            hunk(" {", "-\tif (n > 4)", f"+\tif (n > {limit})", " \t\treturn -1;", section="int take(int n)"),
        )

    function = judged((TITLE, diff(7)), (TITLE, diff(9)))
    assert function.delta is None
    assert function.why_not == "only a part of it is in the hunks in the earlier revision"


def test_behaviour_is_not_compared_where_a_callee_differs_out_of_sight():
    def patches(limit, line):
        whole = (
            f"+{row}"
            for row in PRE.replace("return n;", "return clamp_it(n);").replace("4", limit).splitlines()
        )
        helper = hunk(" {", f"+\t{line};", " \treturn n;", start=4, section="static int clamp_it(int n)")
        return (
            ("mm: clamp it", file_diff("mm/a.c", helper)),
            (TITLE, file_diff("mm/a.c", hunk(" ", *whole, " ", " int other(void);", start=30))),
        )

    revisions = [
        series_of(*posting(*patches(limit, line), version=version)).revisions[-1]
        for version, limit, line in ((1, "4", "n = low(n)"), (2, "5", "n = high(n)"))
    ]
    _, found = compare_revisions(*revisions)
    found = judge_interdiffs(found, tuple(revisions), (NoTree(), NoTree()), Effort(replay=False))
    (function,) = found[1].functions
    assert (
        function.why_not == "clamp_it, which it uses, differs between the revisions and is not at hand whole"
    )


@pytest.mark.slow
def test_a_new_function_under_another_name_is_compared():
    before = (TITLE, added_file("mm/a.c", PRE))
    after = (TITLE, added_file("mm/a.c", PRE.replace("take", "grab")))
    function = judged(before, after)
    assert (function.name, function.former, function.kind) == ("grab", "take", "renamed")
    assert function.delta is not None
    assert function.delta.verdict == "preserved"


def test_a_comment_is_no_change_of_behaviour():
    def diff(text):
        return file_diff("mm/a.c", hunk(" {", f"+\t/* {text} */", " \treturn 1;", section="int take(int n)"))

    function = judged((TITLE, diff("once")), (TITLE, diff("twice")))
    assert function.delta is None
    assert function.why_not == "the lines that differ look like comments"

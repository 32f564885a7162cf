"""Patches matched across revisions: laws of the pairing, and one example for each kind."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import combinations, permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent))

from history_patches import file_diff, hunk, patches_of, small
from lorelens.analyze.history.assignment import MOST_OPTIMAL, assign
from lorelens.analyze.history.matching import match_patches
from lorelens.analyze.history.reading import amended, slug

TITLES = ("mm: pool: count pages", "mm: pool: lock the list", "mm: pool: drop the cache", "mm: add pool.rst")
FILES = ("mm/pool.c", "mm/list.c", "mm/cache.c")


def pairs(found):
    return {pair.before.position: pair.after.position for pair in found.pairs}


def kinds(found):
    return {pair.after.position: pair.kinds for pair in found.pairs}


# Assignment


@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(1, 9)))
def test_the_sum_of_gains_is_the_largest(gains):
    found = assign(gains)
    assert len(set(found.values())) == len(found)
    assert set(found.items()) <= set(gains)
    assert sum(gains[pair] for pair in found.items()) == best(gains)


def best(gains):
    """The largest sum, by trying all."""
    rows, columns = ({pair[side] for pair in gains} for side in (0, 1))
    return max(
        sum(gains.get(pair, 0) for pair in zip(some, order, strict=True))
        for number in range(min(len(rows), len(columns)) + 1)
        for some in combinations(sorted(rows), number)
        for order in permutations(sorted(columns), number)
    )


def test_a_part_too_large_is_taken_greedily():
    size = MOST_OPTIMAL + 1
    found = assign({(row, column): 2 if row == column else 1 for row in range(size) for column in (row, 0)})
    assert len(found) == size


# Laws of the matching

patch_texts = st.tuples(
    st.sampled_from(TITLES),
    st.builds(small, st.sampled_from(FILES), st.integers(0, 4)),
    st.fixed_dictionaries({"body": st.sampled_from(("Why this is done.", "Since the count was wrong.", ""))}),
)
revisions = st.lists(patch_texts, min_size=1, max_size=6).map(lambda texts: patches_of(*texts))


@settings(max_examples=60)
@given(revisions, revisions)
def test_each_patch_has_one_partner_or_is_told_alone(before, after):
    found = match_patches(before, after)
    earlier = [pair.before.position for pair in found.pairs] + [lone.patch.position for lone in found.gone]
    later = [pair.after.position for pair in found.pairs] + [lone.patch.position for lone in found.come]
    assert sorted(earlier) == [patch.position for patch in before]
    assert sorted(later) == [patch.position for patch in after]


@settings(max_examples=60)
@given(revisions, revisions)
def test_the_order_of_the_two_makes_no_difference(before, after):
    there, back = match_patches(before, after), match_patches(after, before)
    assert pairs(there) == {earlier: later for later, earlier in pairs(back).items()}
    likeness = {pair.after.position: pair.likeness for pair in there.pairs}
    assert likeness == {pair.before.position: pair.likeness for pair in back.pairs}


@settings(max_examples=60)
@given(revisions)
def test_a_revision_against_itself_is_identical(patches):
    found = match_patches(patches, patches)
    assert pairs(found) == {patch.position: patch.position for patch in patches}
    assert all(pair.kinds == ("identical",) for pair in found.pairs)
    assert all(pair.words.startswith("same hunks") for pair in found.pairs)


# Kinds


def test_tags_and_the_base_leave_a_patch_identical():
    def diff(context, start):
        changed = ("+\tpool->used += count;", "-\tpool->used++;")
        return file_diff("mm/pool.c", hunk(f" \t{context}", *changed, " \tunlock(pool);", start=start))

    before = patches_of((TITLES[0], diff("lock(pool);", 10)))
    tags = "Signed-off-by: Ada Byte <ada@example.org>\nReviewed-by: Bo Bit <bo@example.org>\n"
    after = patches_of((TITLES[0], diff("lock_irq(pool);", 30), {"tags": tags}), version=2)
    (pair,) = match_patches(before, after).pairs
    assert pair.kinds == ("identical",)
    assert pair.words == "same hunks on a new base, other tags"


def test_a_new_title_is_no_new_patch():
    before = patches_of((TITLES[0], small("mm/pool.c", 1)))
    after = patches_of(("mm: account what the pool hands out", small("mm/pool.c", 1)), version=2)
    (pair,) = match_patches(before, after).pairs
    assert pair.kinds == ("renamed",)
    assert pair.words == "same hunks, new title"


def test_one_that_was_put_elsewhere_is_reordered_and_the_others_are_not():
    texts = [(title, small("mm/pool.c", number)) for number, title in enumerate(TITLES)]
    found = match_patches(patches_of(*texts), patches_of(*texts[1:], texts[0], version=2))
    assert pairs(found) == {1: 4, 2: 1, 3: 2, 4: 3}
    assert kinds(found)[4] == ("identical", "reordered")
    assert kinds(found)[1] == kinds(found)[2] == kinds(found)[3] == ("identical",)


def test_dropped_and_new():
    texts = [(title, small(f"mm/file{number}.c", number)) for number, title in enumerate(TITLES)]
    found = match_patches(patches_of(*texts[:3]), patches_of(texts[0], texts[3], version=2))
    assert pairs(found) == {1: 1}
    assert [(lone.patch.position, lone.kind) for lone in found.gone] == [(2, "dropped"), (3, "dropped")]
    assert [(lone.patch.position, lone.kind) for lone in found.come] == [(2, "new")]


@pytest.mark.parametrize("backwards", [False, True])
def test_split_and_merged(backwards):
    one, other = small("mm/pool.c", 1), small("mm/list.c", 2)
    whole = patches_of((TITLES[0], one + other))
    parts = patches_of((TITLES[0], one), ("mm: list: read more of it", other), version=2)
    found = match_patches(parts, whole) if backwards else match_patches(whole, parts)
    assert pairs(found) == {1: 1}
    (lone,) = found.gone if backwards else found.come
    assert lone.kind == ("merged" if backwards else "split")
    assert lone.other is not None
    assert lone.other.position == 1
    assert lone.share == 1.0
    assert kinds(found)[1] == ("modified", "merged" if backwards else "split")


def test_a_fix_is_folded_into_what_it_amends():
    fix = file_diff("mm/pool.c", hunk(" \ta(pool);", "-\tb(pool);", "+\tc(pool);", " \td(pool);"))
    before = patches_of((TITLES[0], small("mm/pool.c", 1)), (f"fixup! {TITLES[0]}", fix))
    found = match_patches(before, patches_of((TITLES[0], small("mm/pool.c", 1)), version=2))
    assert pairs(found) == {1: 1}
    (lone,) = found.gone
    assert lone.kind == "folded"
    assert lone.words == "a fix of 1 (mm: pool: count pages)"
    assert pairs(match_patches(before, before)) == {1: 1, 2: 2}


@pytest.mark.parametrize(
    "title",
    ["mm-pool-count-pages-fix", "mm: pool: count pages fix", "squash! mm: pool: count pages"],
)
def test_names_of_fixes(title):
    (patch,) = patches_of((title, small("mm/pool.c", 1)))
    assert amended(patch) == slug("mm: pool: count pages")


def test_a_change_id_joins_what_nothing_else_would():
    tags = "Change-Id: I0123456789abcdef0123456789abcdef01234567\n"
    before = patches_of((TITLES[0], small("mm/pool.c", 1), {"tags": tags}))
    after = patches_of(("Rewritten", small("fs/other.c", 9), {"tags": tags, "body": "Anew."}), version=2)
    (pair,) = match_patches(before, after).pairs
    assert pair.likeness == 1.0
    assert "same Change-Id" in pair.words


def test_a_link_to_the_earlier_mail_speaks_for_a_pair():
    before = patches_of((TITLES[0], small("mm/pool.c", 1)))
    link = {"remarks": f"v1: https://lore.kernel.org/all/{before[0].message.message_id}/\n"}
    for more, found in (({}, {}), (link, {1: 1})):
        after = patches_of(("Rewritten", small("mm/pool.c", 9), {"body": "Anew.", **more}), version=2)
        assert pairs(match_patches(before, after)) == found


def test_an_answer_to_the_earlier_mail_joins_unless_all_answer_it():
    before = patches_of((TITLES[0], small("mm/pool.c", 1)), (TITLES[1], small("mm/list.c", 2)))
    rewritten = [(f"Rewritten {n}", small("fs/other.c", n), {"body": "Anew."}) for n in (8, 9)]
    plain = patches_of(*rewritten, version=2)
    answers = [answering(patch, before[1]) for patch in plain]
    assert pairs(match_patches(before, [plain[0], answers[1]])) == {2: 2}
    assert pairs(match_patches(before, answers)) == {}


def answering(patch, other):
    """The patch as if it were posted in answer to the other."""
    message = replace(patch.message, in_reply_to=other.message.message_id)
    return replace(patch, message=message)


def test_patches_of_one_shape_are_told_apart_by_their_files():
    def conversion(name):
        line = "put_page(pages[i]);"
        return file_diff(
            f"drivers/{name}.c", hunk(" \tfor (;;)", f"-\t\t{line}", "+\t\tput_user_page(pages[i]);")
        )

    names = ("one", "two", "three", "four")
    before = patches_of(*((f"drivers/{name}: convert put_page()", conversion(name)) for name in names))
    after = patches_of(
        *(
            (f"drivers/{name}: convert put_page() to put_user_page()", conversion(name))
            for name in names[::-1]
        ),
        version=2,
    )
    assert pairs(match_patches(before, after)) == {1: 4, 2: 3, 3: 2, 4: 1}


def test_patches_without_titles_fix_nothing():
    patches = patches_of(*((title, small("mm/pool.c", number)) for number, title in enumerate(TITLES)))
    untitled = [replace(patch, title="") for patch in patches]
    assert pairs(match_patches(untitled, untitled)) == {1: 1, 2: 2, 3: 3, 4: 4}


def test_patches_without_diff_or_text():
    before = patches_of(("mm: an empty one", "", {"body": ""}))
    (pair,) = match_patches(before, before).pairs
    assert pair.words == "no diff in either"
    assert match_patches((), before).come[0].kind == "new"
    assert match_patches((), ()).pairs == ()


def test_a_hundred_patches():
    texts = [
        (f"mm: change number {number}", small(f"mm/file{number % 7}.c", number)) for number in range(100)
    ]
    found = match_patches(patches_of(*texts), patches_of(*texts[1:], texts[0], version=2))
    assert pairs(found) == {1: 100} | {number: number - 1 for number in range(2, 101)}

"""A series through its revisions: each patch's life, each function's change, doubtful histories."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from lorelens.analyze.history.block_lines import BlockLine, same_lines
from lorelens.analyze.history.history import build_history
from lorelens.analyze.review import Review, review_patches
from lorelens.fetch.series.assembly import find_series
from lorelens.fetch.series.thread import build_threads
from lorelens.fetch.tree.source_tree import NoTree
from lorelens.reports.html import render_html
from lorelens.reports.revisions import block_rows, life_lines, life_rows, spans, steady_lines
from lorelens.reports.text import review_text
from lorelens.reports.to_json import review_document


def _load(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


made = _load("history_patches")
parse_message = made.parse_message
CHANGE_A = "\tcount = clamp_drinks(count, pool->most);"


def pour(*added, start=40):
    """A diff of pour_cups() that adds lines to it."""
    lines = ("int pour_cups(struct pool *pool, int count)", "{", "\tint left;")
    return made.file_diff(
        "mm/cups.c",
        made.hunk(*(f" {line}" for line in lines), *(f"+{line}" for line in added), " \treturn count;", " }",
                  start=start),
    )  # fmt: skip


def cover(title, version, total, name, author=made.AUTHOR, text="What it is about."):
    label = f"PATCH v{version}" if version > 1 else "PATCH"
    return parse_message(
        f"From: {author}\nSubject: [{label} 0/{total}] {title}\nMessage-ID: <{name}@example.org>\n"
        f"Date: {version} Jan 2024 00:00:00 +0000\n\n{text}\n".encode()
    )


def posted(version, *patches, title="mm: cups", author=made.AUTHOR, prefix="v", minute=0, text="About cups."):
    """A cover letter and its patches, (title, diff) each."""
    head = f"{prefix}{version}"
    mails = [cover(title, version, len(patches), head, author, text)]
    for at, (name, diff) in enumerate(patches, 1):
        raw = made.mail(name, diff, name=f"{head}-{at}", position=at, total=len(patches), version=version,
                        minute=at + minute, answers=head)  # fmt: skip
        mails.append(parse_message(raw.replace(made.AUTHOR, author).encode()))
    return mails


def all_series(*revisions):
    return find_series(build_threads([mail for revision in revisions for mail in revision]))


def review_of(*revisions, at=-1, others=()):
    series = next(one for one in all_series(*revisions) if one.revisions)
    index = len(series.revisions) + at
    revision = series.revisions[index]
    return Review(
        series=series,
        revision=revision,
        patches=review_patches(revision.patches, NoTree()),
        tree="none",
        command="lorelens review",
        version="0",
        notes=(),
        history=build_history(series, index, others=others),
    )


def of(number, text=""):
    return f"mm: take {number}{text}", made.small(f"mm/take{number}.c", number)


def lives_of(review):
    rows = life_rows(review.history, review.series)
    return {row.title: (row.name, row.brief, row.end) for row in rows}


def test_a_life_tells_renamed_dropped_and_new_patches():
    review = review_of(
        posted(1, of(1), of(2), of(3)),
        posted(2, of(1), of(2, ", better")),
        posted(3, of(4), of(1), of(2, ", better")),
    )
    lives = lives_of(review)
    assert lives["mm: take 1"][:2] == ("2/3", "from the first revision here; the same since")
    assert lives["mm: take 2, better"][1] == "from the first revision here; new title in v2"
    assert lives["mm: take 4"][1] == "new in v3"
    name, _, end = lives["mm: take 3"]
    assert name == "v1 3/3"
    assert end.startswith("last in v1; in v2 not there any more")


def test_a_patch_that_comes_back_goes_on_with_its_life():
    review = review_of(posted(1, of(1), of(2)), posted(2, of(1)), posted(3, of(1), of(2)))
    assert lives_of(review)["mm: take 2"][1] == "from the first revision here; back again in v3"


def test_a_life_folds_what_stays_the_same():
    review = review_of(*(posted(number, of(1), of(2)) for number in (1, 2, 3, 4)))
    (row, other) = life_rows(review.history, review.series)
    assert row.quiet
    assert other.quiet
    assert [step.revisions for step in row.steps] == ["v1", "v2 to v4"]
    assert life_lines(review.history, review.series) == ["the same since v1: 1/2 and 2/2"]


def test_a_dropped_patch_is_found_in_another_series_of_the_author():
    other = all_series(posted(5, ("mm: take 3", made.small("mm/take3.c", 3)), title="mm: spoons", prefix="s"))
    review = review_of(posted(1, of(1), of(2), of(3)), posted(2, of(1), of(2)), others=other)
    end = lives_of(review)["mm: take 3"][2]
    assert end.startswith('last in v1; goes on as 1/1 of "mm: spoons"')


def test_an_earlier_revision_has_only_its_own_past():
    review = review_of(posted(1, of(1)), posted(2, of(1), of(2)), posted(3, of(1), of(2), of(4)), at=-2)
    assert [life.last.revision for life in review.history.lives] == [1, 1]
    assert "mm: take 4" not in lives_of(review)


def block_of(review, name="pour_cups"):
    return next(block for block in review.history.blocks if block.name == name)


def test_a_function_is_as_now_since_a_revision():
    first = pour("\tcount = min(count, 3);")
    later = pour(CHANGE_A)
    review = review_of(
        posted(1, of(1), of(2)),
        posted(2, of(1), ("mm: pour", first)),
        posted(3, of(1), ("mm: pour", later)),
        posted(4, ("mm: pour", pour(CHANGE_A, start=70)), of(1)),
    )
    block = block_of(review)
    assert block.course.states == ("untouched", "differs", "same", "same")
    (row,) = block_rows(review.history, review.series)
    assert row.says == "as in v4 since v3; v2 differs; v1 does not touch it"
    assert [form.revisions for form in row.forms] == ["v1", "v2", "v3 and v4"]
    assert [text for sign, text in row.forms[2].lines if sign == "+"] == [CHANGE_A]


def test_white_space_and_comments_are_told_apart():
    review = review_of(
        posted(1, ("mm: pour", pour("\t/* At most three. */", CHANGE_A))),
        posted(2, ("mm: pour", pour("\t/* No more than three. */", CHANGE_A.replace(", ", ",  ")))),
        posted(3, ("mm: pour", pour("\t/* No more than three. */", CHANGE_A))),
    )
    (row,) = block_rows(review.history, review.series)
    assert row.says == "as in v3 since v2; v1 differs in comments alone"


def test_what_two_patches_change_is_told_patch_by_patch():
    one, other = pour(CHANGE_A), pour("\tpool->poured += count;")
    review = review_of(
        posted(1, ("mm: pour", one), ("mm: count what is poured", pour("\tpool->poured++;"))),
        posted(2, ("mm: pour", one), ("mm: count what is poured", other)),
    )
    (row,) = block_rows(review.history, review.series)
    assert row.says == "as now only in v2; v1 differs"
    assert row.parts[0] == "1/2 mm: pour: as in v2 since v1"
    assert "2/2 mm: count what is poured: as now only in v2" in row.parts[1]


def test_a_change_by_a_patch_that_is_gone_is_told():
    review = review_of(
        posted(1, ("mm: pour", pour(CHANGE_A)), ("mm: count cups", pour("\tpool->poured++;")), of(1)),
        posted(2, ("mm: pour", pour(CHANGE_A)), of(1)),
    )
    (row,) = block_rows(review.history, review.series)
    assert row.parts[-1] == 'v1 changed it in "mm: count cups" too, which v2 has not'


def test_functions_that_never_differ_are_one_line():
    review = review_of(posted(1, of(1)), posted(2, of(1), of(2)))
    assert steady_lines(review.history, review.series) == ["since v1: take_1", "since v2: take_2"]


def lines(*texts):
    return [BlockLine(text[0], text[1:]) for text in texts]


def test_a_moved_function_is_held_against_one_in_place():
    body = ("int f(void)", "{", "\told();", "\tkept();", "}")
    new = ("int f(void)", "{", "\tbetter();", "\tkept();", "}")
    moved = lines(*(f"-{line}" for line in body), *(f"+{line}" for line in new))
    assert same_lines(moved, lines("-\told();", "+\tbetter();"))
    assert not same_lines(moved, lines("-\told();", "+\tworse();"))
    assert not same_lines(lines("-\tkept();", "+\tkept();"), [])


def test_a_line_that_stands_elsewhere_among_its_context_differs():
    before = lines(" \tfirst_step(pool);", "+\tnew_step(pool);", " \tsecond_step(pool);")
    after = lines(" \tfirst_step(pool);", " \tsecond_step(pool);", "+\tnew_step(pool);")
    on_a_new_base = lines(" \tother_step(pool);", "+\tnew_step(pool);", " \tsecond_step(pool);")
    assert not same_lines(before, after)
    assert same_lines(before, on_a_new_base)


def notes_of(review):
    return [(note.kind, note.detail) for note in review.history.notes]


def test_a_missing_revision_is_told_and_the_report_goes_on():
    review = review_of(posted(1, of(1), of(2)), posted(4, of(1), of(2)))
    ((kind, detail),) = notes_of(review)
    assert kind == "gap"
    assert detail.startswith("v2 to v3 are not at hand: v4 is held against v1")
    assert "v2 to v3 are not at hand" in " ".join(review_text(review).split())
    assert b"v2 to v3 are not at hand" in render_html(review)["index.html"]
    assert any(note["kind"] == "gap" for note in review_document(review)["notes"])


def test_a_missing_beginning_is_told():
    ((kind, detail),) = notes_of(review_of(posted(3, of(1))))
    assert kind == "gap"
    assert detail.startswith("v1 to v2 are not at hand")


def test_two_of_one_number_are_told_and_named_apart():
    second = posted(3, of(1), of(2, ", better"), prefix="w", minute=20)
    review = review_of(posted(2, of(1), of(2)), posted(3, of(1), of(2)), second)
    kinds = [kind for kind, _ in notes_of(review)]
    assert kinds == ["gap", "double"]
    assert "v3 was posted twice" in notes_of(review)[1][1]
    text = " ".join(review_text(review).split())
    assert "new title in v3 (2)" in text


def test_a_revision_by_another_author_is_told():
    review = review_of(posted(1, of(1), of(2)), posted(2, of(1), of(2), author="Dee Roe <dee@example.net>"))
    ((kind, detail),) = notes_of(review)
    assert (kind, detail) == (
        "author", "v2 was posted by Dee Roe <dee@example.net>, v1 by Ada Byte <ada@example.org>",
    )  # fmt: skip


def test_an_author_who_posts_from_another_address_is_no_other_author():
    work = "ada@example.com"
    first = [
        parse_message(
            made.mail(title, diff, name=f"v1-{at}", position=at, total=2, minute=at, answers="v1",
                      body=f"From: {made.AUTHOR}\n\nWhy this is done.").replace(made.AUTHOR, work, 1).encode()
        )
        for at, (title, diff) in enumerate((of(1), of(2)), 1)
    ]  # fmt: skip
    review = review_of([cover("mm: cups", 1, 2, "v1", work), *first], posted(2, of(1), of(2)))
    assert notes_of(review) == []


def test_a_series_that_turns_into_another_is_told():
    review = review_of(
        posted(1, of(1), of(2), of(3), title="mm: cups"),
        posted(
            2, of(7), of(8), of(9), title="mm: cups", text="v1: https://lore.kernel.org/all/v1@example.org/"
        ),
    )
    kinds = dict(notes_of(review))
    assert "no patch of v1 goes on in v2: it may be another series" in kinds["turn"]
    assert len(review.history.lives) == 6


def test_a_new_title_is_told():
    review = review_of(posted(1, of(1), of(2)), posted(2, of(1), of(2), title="mm: cups and mugs"))
    assert ("title", 'from v2 on it is called "mm: cups and mugs"; v1 was "mm: cups"') in notes_of(review)


@pytest.mark.parametrize(
    ("indexes", "said"),
    [((), ""), ((0,), "v1"), ((0, 1), "v1 and v2"), ((0, 1, 2, 4), "v1 to v3 and v5"), ((4, 0), "v1 and v5")],
)
def test_spans(indexes, said):
    assert spans(indexes, ["v1", "v2", "v3", "v4", "v5"]) == said

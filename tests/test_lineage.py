"""Which postings are revisions of one series: by evidence, never against what they say of themselves."""

from __future__ import annotations

import itertools
import lzma
from collections import defaultdict

import pytest
from lorelens.fetch.mail.message import parse_message
from lorelens.fetch.series.assembly import find_series
from lorelens.fetch.series.evidence import POINTS, read_traits
from lorelens.fetch.series.lineage import find_lineages
from lorelens.fetch.series.revision import read_thread
from lorelens.fetch.series.thread import build_threads
from lorelens.fetch.source.sources import read_messages

ADA = "Ada Byte <ada@example.org>"
POOL = ("pool_lock_irqsave(pool, flags);", "pool->charged += charge;", "pool_unlock_irqrestore(pool, flags);")
SLAB = ("slab_trace_enter(cache, order);", "cache->colour_next = 0;", "slab_trace_leave(cache, order);")


def single(
    name, subject, lines, *, text="It was wrong.", below="", path="mm/pool.c", day=1, author=ADA, more=""
):
    """A patch mail of its own thread that adds `lines`."""
    added = "".join(f"+\t{line}\n" for line in lines)
    raw = (
        f"From: {author}\nTo: linux-mm@example.org\nSubject: {subject}\nMessage-ID: <{name}@x>\n"
        f"Date: {day} Jan 2024 12:00:00 +0000\n{more}\n{text}\n\nSigned-off-by: {author}\n---\n{below}\n"
        f" {path} | {len(lines)} +\n 1 file changed\n\n"
        f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
        f"@@ -1,2 +1,{2 + len(lines)} @@\n a\n{added} b\n"
    )
    return parse_message(raw.encode())


def groups(*mails):
    """The message-ids of each lineage's heads, oldest first, without "@x"."""
    threads = [read_thread(thread) for thread in build_threads(mails)]
    postings = list(dict.fromkeys(p for one in threads for p in one.posting_of.values()))
    return sorted(
        [p.head.message.message_id.removesuffix("@x") for p in lineage.postings]
        for lineage in find_lineages(postings)
    )


def test_another_title_and_much_the_same_diff():
    one = single("a", "[PATCH] mm: pool: take the lock", POOL)
    two = single("b", "[PATCH v2] mm: make charging safe against interrupts", POOL, day=3)
    assert groups(one, two) == [["a", "b"]]


def test_another_diff_and_a_changelog_that_goes_on():
    log = "Changes in v2:\n- count the pages of huge pools too, as Rev asked\n- do not sleep under the lock\n"
    two = single("b", "[PATCH v2] mm: pool: take the lock", POOL, below=log)
    three = single(
        "c",
        "[PATCH v3] mm: charge by the page",
        SLAB,
        path="mm/charge.c",
        day=9,
        below=f"Changes in v3:\n- all anew\n\n{log}",
    )
    assert groups(two, three) == [["b", "c"]]


def test_a_change_id_joins_what_nothing_else_does():
    one = single(
        "a", "[PATCH] mm: pool: take the lock", POOL, below="change-id: 20240101-pool-0123456789ab\n"
    )
    two = single(
        "b",
        "[PATCH v2] slab: trace",
        SLAB,
        path="mm/slab.c",
        below="change-id: 20240101-pool-0123456789ab\n",
        day=3,
    )
    assert groups(one, two) == [["a", "b"]]


@pytest.mark.parametrize("label", ["- Link to v1: ", "v1: ", "Previous version: ", "[v1] "])
def test_a_link_that_is_labelled_as_an_earlier_version_joins(label):
    one = single("a", "[PATCH] mm: pool: take the lock", POOL)
    two = single(
        "b",
        "[PATCH v2] slab: trace",
        SLAB,
        path="mm/slab.c",
        below=f"{label}https://lore.kernel.org/r/a@x\n",
        day=3,
    )
    assert groups(one, two) == [["a", "b"]]


@pytest.mark.parametrize("label", ["Based on: ", "This is on top of v2 of the pool series: ", "See also "])
def test_any_other_link_does_not(label):
    one = single("a", "[PATCH] mm: pool: take the lock", POOL)
    two = single(
        "b",
        "[PATCH v2] slab: trace",
        SLAB,
        path="mm/slab.c",
        below=f"{label}https://lore.kernel.org/r/a@x\n",
        day=3,
    )
    assert groups(one, two) == [["a"], ["b"]]


def test_an_author_with_a_new_address_and_one_behind_a_relay():
    one = single("a", "[PATCH] mm: pool: take the lock", POOL)
    two = single(
        "b", "[PATCH v2] mm: pool: take the lock", POOL, author="Ada Byte <ada@elsewhere.example>", day=3
    )
    relay = "Ada Byte via B4 Relay <devnull+ada.elsewhere.example@kernel.org>"
    three = single("c", "[PATCH v3] mm: pool: take the lock", POOL, author=relay, day=5)
    assert groups(one, two, three) == [["a", "b", "c"]]


def test_two_people_with_one_title_are_two_series():
    one = single("a", "[PATCH] mm: fix typos", POOL)
    two = single(
        "b", "[PATCH v2] mm: fix typos", SLAB, path="mm/slab.c", author="Tess Ter <tess@example.org>", day=3
    )
    assert groups(one, two) == [["a"], ["b"]]


def test_parallel_series_of_one_author_in_one_file_stay_apart():
    mails = []
    for day, label in ((1, "PATCH"), (4, "PATCH v2"), (8, "PATCH v3")):
        mails.append(single(f"p{day}", f"[{label}] mm: pool: take the lock", POOL, day=day))
        mails.append(single(f"s{day}", f"[{label}] mm: pool: trace the slabs", SLAB, day=day))
    assert groups(*mails) == [["p1", "p4", "p8"], ["s1", "s4", "s8"]]


def test_versions_ascend_with_the_dates():
    three = single("a", "[PATCH v3] mm: pool: take the lock", POOL)
    two = single("b", "[PATCH v2] mm: pool: take the lock again", POOL, day=5)
    assert groups(three, two) == [["a"], ["b"]]


def test_an_rfc_may_start_again_at_one():
    rfc = single("a", "[RFC PATCH v2] mm: pool: take the lock", POOL)
    one = single("b", "[PATCH] mm: pool: take the lock for good", POOL, day=5)
    assert groups(rfc, one) == [["a", "b"]]


def test_backports_to_several_kernels_are_several_series():
    mails = [
        single(name, f"[PATCH {name} v2] mm: pool: take the lock", POOL) for name in ("5.10", "5.15", "6.1")
    ]
    assert groups(*mails) == [["5.10"], ["5.15"], ["6.1"]]


def test_another_approach_to_the_same_file_days_later_is_the_next_version():
    """Nothing but poster, file, recipients and numbers agree, and no other posting is as near."""
    one = single("a", "[PATCH] mm: pool: take the lock", POOL)
    two = single("b", "[PATCH v2] mm: count without any lock", SLAB, text="Use per-CPU counters.", day=2)
    unlike = single(
        "c", "[PATCH v2] net: count", SLAB, text="Use per-CPU counters.", path="net/pool.c", day=2
    )
    assert groups(one, two) == [["a", "b"]]
    assert groups(one, unlike) == [["a"], ["c"]]


def test_every_revision_but_the_first_says_what_joined_it():
    one = single("a", "[PATCH] mm: pool: take the lock", POOL)
    two = single("b", "[PATCH v2] mm: pool: take the lock", POOL, day=3)
    (series,) = find_series(build_threads([one, two]))
    notes = [[n.detail for n in r.notes if n.kind == "joined"] for r in series.revisions]
    assert notes[0] == []
    (detail,) = notes[1]
    assert detail.startswith("joined to v1: ")
    assert "same title" in detail


def test_the_table_in_the_documentation_is_the_one_in_the_code(request):
    text = (request.config.rootpath / "docs" / "series.md").read_text()
    table = {
        cells[1].strip(): cells[2].strip() for line in text.splitlines() if len(cells := line.split("|")) >= 4
    }
    for name, points in POINTS.items():
        assert table[name].replace("−", "-").split()[0] == f"{points:+g}", name


def test_traits_of_a_hostile_text_are_bounded():
    text = "\n".join(f"[{n % 900}] v1 [{n % 900}] https://lore.kernel.org/r/{n}@x" for n in range(20_000))
    mail = single("a", "[PATCH] mm: pool: take the lock", [f"line_{n}();" for n in range(20_000)], text=text)
    (thread,) = build_threads([mail])
    (posting,) = set(read_thread(thread).posting_of.values())
    traits = read_traits(posting)
    assert max(len(traits.lines), len(traits.prose), len(traits.changelog)) <= 64


@pytest.mark.slow
def test_gold(shared, tmp_path):
    """1,236 real postings whose change-ids are hidden: precision .98, F1 .95 (best simple rule: .850)."""
    folder = shared / "gold" / "revisions"
    rows = (line.split("\t") for line in (folder / "gold.tsv").read_text().splitlines())
    gold = {head: (int(number), label) for head, number, label in rows}
    labels = defaultdict(list)
    for head, (_, label) in gold.items():
        labels[label].append(head)

    def pairs(groups):
        both = (pair for group in groups for pair in itertools.combinations(sorted(group & gold.keys()), 2))
        return {pair for pair in both if gold[pair[0]][0] != gold[pair[1]][0]}

    mbox = tmp_path / "mail.mbox"
    mbox.write_bytes(lzma.decompress((folder / "mail.mbox.xz").read_bytes()))
    found = find_series(build_threads(read_messages([str(mbox)])))
    heads = {revision.head for series in found for revision in series.revisions}
    assert gold.keys() <= heads
    got = pairs({revision.head for revision in series.revisions} for series in found)
    wanted = pairs(map(set, labels.values()))
    precision, recall = len(got & wanted) / len(got), len(got & wanted) / len(wanted)
    assert precision >= 0.98
    assert 2 * precision * recall / (precision + recall) >= 0.95


def test_a_history_of_real_postings_under_two_titles(shared):
    folder = shared / "threads" / "jhubbard-foll-pin-2019"
    found = find_series(build_threads(read_messages([str(path) for path in sorted(folder.iterdir())])))
    (history,) = [s for s in found if s.title == "mm/gup: prereqs to track dma-pinned pages: FOLL_PIN"]
    whole = [r.number for r in history.revisions if r.cover]
    assert whole == list(range(1, 13))

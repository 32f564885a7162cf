"""The grammar of subjects: hand-read forms, git's own title, and the law that rendering is undone by
parsing."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lorelens.fetch.patch.subject import Subject, parse_subject

# subject -> the fields that differ from Subject's defaults, read by hand
FORMS = {
    "[PATCH] mm: fix it": {"prefixes": ("PATCH",)},
    "[PATCH RFC v2 1/3] mm: fix it": {
        "prefixes": ("PATCH", "RFC"), "rfc": True, "label": "v2", "version": 2, "position": 1, "total": 3,
    },
    "[v3 PATCH 1/2] mm: fix it": {
        "prefixes": ("PATCH",), "label": "v3", "version": 3, "position": 1, "total": 2,
    },
    "[PATCHv3 0/2] mm: fix it": {
        "prefixes": ("PATCH",), "label": "v3", "version": 3, "position": 0, "total": 2,
    },
    "[PATCH-v2 1/2] mm: fix it": {
        "prefixes": ("PATCH",), "label": "v2", "version": 2, "position": 1, "total": 2,
    },
    "[PATCH V2] mm: fix it": {"prefixes": ("PATCH",), "label": "v2", "version": 2},
    "[PATCH v5.1 10/12] mm: fix it": {
        "prefixes": ("PATCH",), "label": "v5.1", "version": 5, "minor": 1, "position": 10, "total": 12,
    },
    "[PATCH take 3 03/09] mm: fix it": {
        "prefixes": ("PATCH",), "label": "take 3", "version": 3, "position": 3, "total": 9,
    },
    "[RFC/PATCH v2 2/n] mm: fix it": {
        "prefixes": ("RFC", "PATCH"), "rfc": True, "label": "v2", "version": 2, "position": 2,
    },
    "[PATCH,RFC,v2,3/4] mm: fix it": {
        "prefixes": ("PATCH", "RFC"), "rfc": True, "label": "v2", "version": 2, "position": 3, "total": 4,
    },
    "[PATCH][RESEND] mm: fix it": {"prefixes": ("PATCH", "RESEND"), "resend": True},
    "[PATCH 0 of 3] mm: fix it": {"prefixes": ("PATCH",), "position": 0, "total": 3},
    "[PATCH 2 of 3] mm: fix it": {"prefixes": ("PATCH",), "position": 2, "total": 3},
    "[PATCH net-next v2] mm: fix it": {"prefixes": ("PATCH", "net-next"), "label": "v2", "version": 2},
    "[PATCH mm-unstable v3 04/11] mm: fix it": {
        "prefixes": ("PATCH", "mm-unstable"), "label": "v3", "version": 3, "position": 4, "total": 11,
    },
    "[PATCH -mm] mm: fix it": {"prefixes": ("PATCH", "-mm")},
    "[PATCH 5.10 001/100] mm: fix it": {"prefixes": ("PATCH", "5.10"), "position": 1, "total": 100},
    "[linux-mm] [PATCH v2] mm: fix it": {
        "prefixes": ("PATCH",), "tags": ("linux-mm",), "label": "v2", "version": 2,
    },
    "[PATCH] [media] mm: fix it": {"prefixes": ("PATCH",), "tags": ("media",)},
    "Re: [PATCH v2 1/2] mm: fix it": {
        "is_reply": True, "prefixes": ("PATCH",), "label": "v2", "version": 2, "position": 1, "total": 2,
    },
}  # fmt: skip


@pytest.mark.parametrize("text", FORMS)
def test_forms(text: str) -> None:
    assert parse_subject(text) == Subject(title="mm: fix it", is_patch=True, **FORMS[text])


@pytest.mark.parametrize("text", FORMS)
def test_title_is_the_one_that_git_would_commit(text: str) -> None:
    if shutil.which("git") is None:
        pytest.skip("no git")
    mail = f"From: A B <a@example.org>\nSubject: {text}\n\nmessage\n"
    told = subprocess.run(
        ["git", "mailinfo", "/dev/null", "/dev/null"], input=mail, capture_output=True, text=True, check=True
    ).stdout
    assert f"Subject: {parse_subject(text).title}\n" in told


MARKS = ["Re:", "RE:", "AW:", "Aw: Re:", "Re[2]:", "Re^3:", "SV:", "回复:", "答复：", "Re :"]


@pytest.mark.parametrize("mark", MARKS)
def test_reply_marks(mark: str) -> None:
    subject = parse_subject(f"{mark} [PATCH] mm: fix it")
    assert (subject.is_reply, subject.is_forward, subject.title) == (True, False, "mm: fix it")


@pytest.mark.parametrize("mark", ["Fwd:", "FW:", "WG:"])
def test_forward_marks(mark: str) -> None:
    subject = parse_subject(f"{mark} [PATCH] mm: fix it")
    assert (subject.is_reply, subject.is_forward, subject.title) == (False, True, "mm: fix it")


def test_brackets_of_the_title_stay() -> None:
    assert parse_subject("[PATCH] mm: [foo] bar [baz]").title == "mm: [foo] bar [baz]"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("[syzbot] BUG in gup", "[syzbot] BUG in gup"),
        ("[LSF/MM TOPIC] folios", "[LSF/MM TOPIC] folios"),
        ("Re: [linux-mm] a question", "a question"),
        ("[PATCHWORK] is down", "[PATCHWORK] is down"),
        ("[unclosed", "[unclosed"),
        ("", ""),
    ],
)
def test_what_is_no_patch_keeps_its_title(text: str, title: str) -> None:
    subject = parse_subject(text)
    assert (subject.title, subject.is_patch, subject.prefixes) == (title, False, ())


def test_words_behind_the_title_count_and_stay() -> None:
    assert parse_subject("[PATCH] mm: fix it (resend)").resend
    again = parse_subject("[PATCH] mm: fix it (try #2)")
    assert (again.version, again.title) == (2, "mm: fix it (try #2)")


def test_a_release_is_no_version() -> None:
    assert parse_subject("[GIT PULL FOR v5.2] media").version is None
    assert parse_subject("[PATCH v2 v5.10 1/3] x").version == 2


@pytest.mark.parametrize("text", ["[GIT PULL] hugetlb for 5.12", "[git pull] hugetlb", "[PULL 00/12] x"])
def test_pull_requests(text: str) -> None:
    assert parse_subject(text).is_pull


@pytest.mark.parametrize(
    ("text", "notice", "title", "fix_of"),
    [
        ("+ mm-foo.patch added to mm-unstable branch", "added", "mm-foo", None),
        ("+ mm-foo-fix-2.patch added to -mm tree", "added", "mm-foo-fix-2", "mm-foo"),
        ("[folded-merged] mm-foo-fix.patch removed from -mm tree", "removed", "mm-foo-fix", "mm-foo"),
        ("- mm-foo-checkpatch.patch removed from -mm tree", "removed", "mm-foo-checkpatch", None),
    ],
)
def test_notices_of_the_mm_tree(text: str, notice: str, title: str, fix_of: str | None) -> None:
    subject = parse_subject(text)
    assert (subject.notice, subject.title, subject.fix_of) == (notice, title, fix_of)
    assert subject.is_patch == (notice == "added")


PIECES = st.sampled_from(
    [
        "[", "]", "[PATCH", "[RFC]", "Re:", "Fwd:", "v2", "v3.1", "1/3", "0/n", "1 of 3", "take 3", "(v2)",
        "(resend)", "[linux-mm]", "[GIT PULL]", "PATCHv3", "mm:", "fix", "a.patch", "added to", "-mm tree",
        "+", ":", ",", "-", "for",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(PIECES, max_size=10).map(" ".join),
    st.lists(PIECES, max_size=10).map("".join),
    st.text(max_size=40),
)


@given(TEXTS)
def test_rendering_is_undone_by_parsing(text: str) -> None:
    subject = parse_subject(text)
    assert parse_subject(str(subject)) == subject


@given(TEXTS)
def test_white_space_does_not_matter(text: str) -> None:
    assert parse_subject(f"  {text}\t") == parse_subject(" ".join(text.split()))


def test_hostile_subjects_are_read_in_time() -> None:
    for text in ("[" * 100_000, "[PATCH] " * 20_000, "Re: " * 50_000, "[[]" * 50_000):
        parse_subject(text)

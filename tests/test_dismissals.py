"""Dismissals: a finding stays set aside until the code that it rests on changes."""

from __future__ import annotations

import json

import pytest
from lorelens.analyze.checks.build import diff_of
from lorelens.analyze.checks.dismissal import Dismissal, DismissalError, read_dismissals, write_dismissals
from lorelens.cli import main

HEAD = "int stash_top;\n\nstatic int stash_get(struct stash *s)\n{\n\tint ret;\n\n"
GOOD = HEAD + "\tret = stash_first(s);\n\treturn ret;\n}\n"
BAD = HEAD + "\tif (s->full)\n\t\tret = stash_first(s);\n\treturn ret;\n}\n"


def mail(post, version):
    """A one-patch series that leaves `post`."""
    diff = diff_of({"mm/a.c": GOOD}, {"mm/a.c": post})
    return (
        f"From: Ada <ada@example.org>\nMessage-ID: <{version}@example.org>\n"
        f"Date: Mon, {version} Mar 2026 10:00:00 +0000\nSubject: [PATCH v{version}] mm: stash in part\n\n"
        f"mm: stash in part\n\nSigned-off-by: Ada <ada@example.org>\n---\n{diff}--\n2.40.0\n"
    )


@pytest.fixture
def place(tmp_path):
    (tmp_path / "tree/mm").mkdir(parents=True)
    (tmp_path / "tree/mm/a.c").write_text(GOOD)
    return tmp_path


def review(place, post=BAD, version=1, more=(), store="none"):
    """Review a revision; return exit code and the findings."""
    file = place / f"v{version}.eml"
    file.write_text(mail(post, version))
    command = ["review", str(file), "--tree", str(place / "tree"), "--jobs", "1", "--fail-on", "new"]
    out = place / f"out{version}"
    code = main([*command, "--store", store, "-o", str(out), *more])
    return code, json.loads((out / "review.json").read_text())["findings"]


def dismiss(place, *more):
    code, (finding,) = review(place)
    assert code == 1
    named = ["--dismissals", str(place / "aside.jsonl")]
    assert main(["dismiss", str(place / "out1"), finding["id"], *named, *more]) == 0
    return named


def test_set_aside_and_taken_back(place, capsys):
    named = dismiss(place, "--reason", "full is always\nset here", "--by", "eve@example.org")
    capsys.readouterr()
    code, (finding,) = review(place, more=named)
    assert code == 0
    assert finding["dismissed"]["reason"] == "full is always set here"
    assert finding["dismissed"]["by"] == "eve@example.org"
    assert "1 finding set aside." in capsys.readouterr().out
    page = (place / "out1/index.html").read_text()
    assert "1 finding set aside</summary>" in page
    assert "full is always set here" in page
    assert main(["dismiss", str(place / "out1"), finding["id"], "--undo", *named]) == 0
    assert review(place, more=named)[0] == 1


def test_it_stays_in_a_later_revision_that_only_moves_it(place):
    named = dismiss(place, "--reason", "full is always set here")
    moved = BAD.replace("int stash_top;", "int stash_top;\nint stash_low;").replace(
        "\tint ret;", "\tint ret;\t/* as told */"
    )
    code, (finding,) = review(place, moved, 2, named)
    assert code == 0
    assert finding["dismissed"]["reason"] == "full is always set here"


def test_it_comes_back_when_its_function_changes_and_says_why(place, capsys):
    named = dismiss(place, "--reason", "full is always set here")
    code, (finding,) = review(
        place, BAD.replace("s->full", "s->full > 1"), 3, [*named, "--format", "text,json"]
    )
    assert code == 1
    assert finding["dismissed"] is None
    assert "back since" in finding["returned"]
    assert "stash_get() changed" in finding["returned"]
    assert "back since" in " ".join(capsys.readouterr().out.split())


def test_a_changed_file_is_no_unchanged_run(place, capsys):
    store, file = str(place / "store.sqlite3"), place / "aside.jsonl"
    file.write_text("")
    named = ["--dismissals", str(file)]
    _, (finding,) = review(place, more=named, store=store)
    assert review(place, more=named, store=store)[1] == [finding]
    assert "unchanged since" in capsys.readouterr().err
    assert main(["dismiss", str(place / "out1"), finding["id"], "--reason", "no", *named]) == 0
    capsys.readouterr()
    code, (finding,) = review(place, more=named, store=store)
    assert "unchanged since" not in capsys.readouterr().err
    assert code == 0
    assert finding["dismissed"]["reason"] == "no"


def test_the_users_own_file(place, monkeypatch):
    monkeypatch.setenv("LORELENS_DISMISSALS", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(place / "own"))
    _, (finding,) = review(place)
    assert main(["dismiss", str(place / "out1"), finding["id"], "--reason", "no"]) == 0
    assert (place / "own/lorelens/dismissals.jsonl").exists()
    assert review(place)[0] == 0


@pytest.mark.parametrize(
    "more", [[], ["--reason", " "], ["--reason", "x", "--undo"], ["--undo"], ["--reason", "x" * 3000]]
)
def test_what_dismiss_refuses(place, more):
    _, (finding,) = review(place)
    file = str(place / "aside.jsonl")
    assert main(["dismiss", str(place / "out1"), finding["id"], "--dismissals", file, *more]) == 2
    assert main(["dismiss", str(place / "out1"), "absent-1", "--dismissals", file, "--undo"]) == 2
    assert main(["dismiss", str(place / "tree"), "absent-1", "--dismissals", file, "--undo"]) == 2


def test_a_named_file_has_to_be_there(place):
    (place / "v1.eml").write_text(mail(BAD, 1))
    assert main(["review", str(place / "v1.eml"), "--dismissals", str(place / "absent")]) == 2


ONE = Dismissal(
    path="mm/a.c",
    function="f",
    check="x",
    id="x-1",
    lines="0" * 32,
    code="",
    reason="r\u2028\x1b",
    by="b",
    date="",
)


def test_the_file_reads_what_it_writes():
    text = write_dismissals([ONE, ONE])
    assert read_dismissals("# a word\n\n" + text + text) == (ONE,)
    assert len(text.splitlines()) == 1
    assert text.isascii()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("<<<<<<< HEAD", "merge"),
        ("{", "no JSON"),
        ("[" * 100_000, "no"),
        ("[]", "no object"),
        ('{"path": 1}', "no object of strings"),
        ('{"path": ""}', "lacks check, code"),
        (write_dismissals([ONE])[:-2] + ', "more": ""}', "has more"),
    ],
)
def test_a_line_that_is_none_says_which_and_why(line, why):
    with pytest.raises(DismissalError, match=f"line 2: .*{why}"):
        read_dismissals("\n" + line + "\n")

"""Mechanical checks: programs run over a series, under limits; no word of a mail reaches a command."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from lorelens.analyze.checks.build import diff_of
from lorelens.analyze.mechanical import checkpatch as checkpatch_module
from lorelens.analyze.mechanical.checkpatch import read_line
from lorelens.analyze.mechanical.program import MOST_OUTPUT, Ran, Stopped, find_program, run_program
from lorelens.analyze.mechanical.run import run_tools
from lorelens.analyze.mechanical.sparse import includes_only_the_tree
from lorelens.analyze.review import review_patches
from lorelens.cli import main
from lorelens.fetch.mail.message import parse_message
from lorelens.fetch.series.assembly import find_series
from lorelens.fetch.series.thread import build_threads
from lorelens.fetch.tree.source_tree import open_tree

REAL_PATH = os.environ.get("PATH", os.defpath)
RULE = """virtual report

@r@
expression E;
position p;
@@
stash_one@p(E, 0)

@script:python depends on report@
p << r.p;
@@
coccilib.report.print_report(p[0], "ERROR: stash_one takes no zero")
"""
PRE = "int stash_top;\n\nint stash_get(int n)\n{\n\treturn n;\n}\n"
POST = "int stash_top;\n\nint stash_get(int n)\n{\n\treturn n; /* BAD */\n}\n"
OLD_BAD = PRE.replace("int stash_top;", "int stash_top; /* BAD */")
SPATCH = """#!/bin/sh
# says of each text on which lines BAD stands, as a semantic patch does
for last; do
case "$last" in *.c)
    grep -n BAD "$last" | sed "s/^\\([0-9]*\\):.*/$last:\\1:0-1: WARNING: bad on line \\1/";;
esac
done
"""
SPARSE = """#!/bin/sh
for last; do :; done
grep -n BAD "$last" | sed "s/^\\([0-9]*\\):.*/$last:\\1:3: warning: bad/" >&2
"""
PERL = """#!/bin/sh
for last; do :; done
printf '%s\\n' "$@" > "$KEPT/arguments"; env > "$KEPT/environment"; cp "$last" "$KEPT/patch"
grep -q BAD "$last" && echo 'mm/a.c:5: WARNING:BAD_WORD: a bad word' && exit 1
exit 0
"""


def mail(diff, number=1, of=1, title="mm: stash"):
    return (
        f"From: Ada <ada@example.org>\nMessage-ID: <{number}@example.org>\n"
        f"Date: Mon, 2 Mar 2026 10:00:0{number} +0000\nSubject: [PATCH {number}/{of}] {title}\n"
        + ("In-Reply-To: <1@example.org>\n" if number > 1 else "")
        + f"\n{title}\n\nSigned-off-by: Ada <ada@example.org>\n---\n{diff}--\n2.40.0\n\n"
    )


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A configured tree with scripts of its own, and a PATH with nothing but fakes and a few programs."""
    for folder in ("tree/mm", "tree/scripts/coccinelle/free", "bin", "kept", "tree/include/generated"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "tree/mm/a.c").write_text(PRE)
    (tmp_path / "tree/arch/x86/include/generated").mkdir(parents=True)
    (tmp_path / "tree/include/generated/autoconf.h").write_text("")
    (tmp_path / "tree/scripts/checkpatch.pl").write_text("# the tree's own\n")
    (tmp_path / "tree/scripts/coccinelle/free/bad.cocci").write_text("virtual patch, report\n")
    (tmp_path / "tree/scripts/coccinelle/free/patch.cocci").write_text("virtual patch\n")
    for name in ("sh", "grep", "sed", "env", "cp", "sleep", "yes", "git"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def fake(place, **programs):
    for name, text in programs.items():
        file = place / "bin" / name
        file.write_text(text.replace("$KEPT", str(place / "kept")))
        file.chmod(0o755)


def run(place, *mails, pre=None):
    """Run all tools over the mails' series; return tools by name and findings."""
    if pre is not None:
        (place / "tree/mm/a.c").write_text(pre)
    messages = [parse_message(one.encode()) for one in mails]
    (series,) = find_series(build_threads(messages))
    tree = open_tree([str(place / "tree")])
    patches = review_patches(series.revisions[-1].patches, tree)
    said = run_tools(patches, tree, jobs=1, command="again", progress=lambda _: None)
    return {one.name: one for one in said.tools}, said.findings


def told(findings):
    return sorted((one.check, one.origin, one.severity, one.function, one.line) for one in findings)


def test_what_is_not_installed_is_skipped(place):
    tools, found = run(place, mail(diff_of({"mm/a.c": PRE}, {"mm/a.c": POST})))
    assert {name: tool.state for name, tool in tools.items()} == {
        "applies": "ran",
        "checkpatch": "skipped",
        "coccinelle": "skipped",
        "sparse": "skipped",
    }
    assert tools["checkpatch"].detail == "not installed: perl"
    assert tools["coccinelle"].detail == "not installed: spatch"
    assert tools["sparse"].detail == "not installed: sparse"
    assert found == ()


def test_what_the_tree_has_not_is_skipped(place):
    fake(place, perl=PERL, spatch=SPATCH, sparse=SPARSE)
    shutil.rmtree(place / "tree/scripts")
    shutil.rmtree(place / "tree/include")
    tools, _ = run(place, mail(diff_of({"mm/a.c": PRE}, {"mm/a.c": POST})))
    states = {tool.state for name, tool in tools.items() if name != "applies"}
    assert states == {"skipped"}


def test_what_the_patch_adds_is_introduced(place):
    fake(place, perl=PERL, spatch=SPATCH, sparse=SPARSE)
    tools, found = run(place, mail(diff_of({"mm/a.c": PRE}, {"mm/a.c": POST})))
    assert {tool.state for tool in tools.values()} == {"ran"}
    assert told(found) == [
        ("checkpatch", "introduced", "note", "stash_get", 5),
        ("coccinelle", "introduced", "note", "stash_get", 5),
        ("sparse", "introduced", "note", "stash_get", 5),
    ]
    assert all(one.kind == "mechanical" and one.rerun == "again" for one in found)
    assert found[0].shown[0].text == "\treturn n; /* BAD */"


def test_what_was_there_before_is_not_introduced(place):
    """It is told where it stands in a function that the patch changes, and of the first patch alone."""
    fake(place, spatch=SPATCH)
    again = POST.replace("stash_top;", "stash_top, a;")
    third = again.replace("(int n)", "(long n)")
    texts = (POST, again, third)
    mails = [
        mail(diff_of({"mm/a.c": pre}, {"mm/a.c": post}), at, 2)
        for at, (pre, post) in enumerate(pairwise(texts), 1)
    ]
    _, found = run(place, *mails, pre=POST)
    assert told(found) == [("coccinelle", "pre-existing", "note", "stash_get", 5)]
    _, found = run(place, mail(diff_of({"mm/a.c": OLD_BAD}, {"mm/a.c": OLD_BAD + "int b;\n"})), pre=OLD_BAD)
    assert found == ()


def test_what_is_taken_away_is_fixed_and_fixed_later(place):
    fake(place, spatch=SPATCH)
    first = mail(diff_of({"mm/a.c": PRE}, {"mm/a.c": POST}), 1, 2)
    second = mail(diff_of({"mm/a.c": POST}, {"mm/a.c": PRE}), 2, 2, "mm: mend")
    _, found = run(place, first, second)
    assert told(found) == [
        ("coccinelle", "fixed", "note", "stash_get", 5),
        ("coccinelle", "fixed-later", "note", "stash_get", 5),
    ]
    assert next(one for one in found if one.origin == "fixed-later").fixed_by == "mm: mend"


def test_a_patch_that_does_not_apply_fails_the_first_row(place):
    tools, _ = run(place, mail(diff_of({"mm/a.c": "int x;\n"}, {"mm/a.c": "int y;\n"})))
    assert tools["applies"].state == "failed"
    assert "0 of 1 patches apply" in tools["applies"].detail


# Hostile mail and programs that misbehave

HOSTILE = ("--root=/", "-D", "mm/a b;$(touch owned)`touch owned`.c", "mm/--file=x.c", "../../owned.c")


def test_no_word_of_a_mail_reaches_a_command(place, monkeypatch):
    fake(
        place,
        perl=PERL,
        spatch=PERL.replace("arguments", "cocci"),
        sparse=PERL.replace("arguments", "sparse"),
    )
    monkeypatch.setenv("GIT_DIR", "/somewhere")
    monkeypatch.setenv("SECRET", "word")
    post = dict.fromkeys(HOSTILE, "/* SPDX-License-Identifier: $(touch owned) */\nint BAD;\n")
    title = "--fix $(touch owned)"
    tools, _ = run(place, mail(diff_of({}, post), title=title).replace("Ada <", '"--fix $(id)" <'))
    kept = place / "kept"
    arguments = (kept / "arguments").read_text().split("\n")
    assert arguments[1:-2] == list(checkpatch_module._OPTIONS)
    assert "--no-tree" in arguments
    assert os.path.basename(arguments[-2]) == "0001.patch"
    for name in ("cocci", "sparse"):
        words = (kept / name).read_text() if (kept / name).exists() else ""
        assert not any(part in words for part in ("touch", "--root", "owned", "--file", "\n-D\nmm"))
    environment = (kept / "environment").read_text()
    assert "GIT_DIR" not in environment
    assert "SECRET" not in environment
    assert "$(touch owned)" in (kept / "patch").read_text()
    assert not list(place.rglob("owned*"))
    assert tools["checkpatch"].state in ("ran", "partly")


def test_a_series_cannot_bring_the_script_that_is_run(place):
    fake(place, perl='#!/bin/sh\ncp "$1" "$KEPT/script"\n')
    path = "scripts/checkpatch.pl"
    diff = diff_of({path: "# the tree's own\n"}, {path: "system('evil');\n"})
    run(place, mail(diff, 1, 2), mail(diff_of({"mm/a.c": PRE}, {"mm/a.c": POST}), 2, 2))
    assert (place / "kept/script").read_text() == "# the tree's own\n"


def test_a_program_that_hangs_is_ended_with_what_it_started(place, monkeypatch):
    fake(place, perl='#!/bin/sh\nsleep 60 &\necho $! > "$KEPT/pid"\nsleep 60\n')
    monkeypatch.setattr(checkpatch_module, "LIMIT", 0.5)
    start = time.monotonic()
    tools, _ = run(place, mail(diff_of({"mm/a.c": PRE}, {"mm/a.c": POST})))
    assert time.monotonic() - start < 20
    assert tools["checkpatch"].state == "failed"
    assert "took more than 0.5 seconds" in tools["checkpatch"].detail
    status = Path("/proc", (place / "kept/pid").read_text().strip(), "stat")
    deadline = time.monotonic() + 20
    while _is_alive(status) and time.monotonic() < deadline:
        time.sleep(0.05)  # a killed process is there until the kernel has ended it
    assert not _is_alive(status)


def _is_alive(status):
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_huge_output_is_cut(place):
    fake(place, loud="#!/bin/sh\nyes 'mm/a.c:5: WARNING:BAD_WORD: a bad word'\n")
    ran = run_program((find_program("loud"),), folder=place, limit=60)
    assert isinstance(ran, Ran)
    assert ran.cut
    assert len(ran.out) <= MOST_OUTPUT


def test_a_thousand_remarks_are_bounded(place):
    many = "".join(f"\tint bad{n}; /* BAD */\n" for n in range(1000))
    fake(place, spatch=SPATCH)
    _, found = run(
        place, mail(diff_of({"mm/a.c": PRE}, {"mm/a.c": PRE.replace("\treturn", f"{many}\treturn")}))
    )
    assert len(found) == 100


def test_a_program_that_cannot_start_or_crashes_says_so(place):
    fake(
        place, perl="#!/absent/program\n", spatch="#!/bin/sh\nkill -9 $$\n", sparse="#!/bin/sh\nkill -9 $$\n"
    )
    tools, found = run(place, mail(diff_of({"mm/a.c": PRE}, {"mm/a.c": POST})))
    assert "could not be started" in tools["checkpatch"].detail
    assert tools["coccinelle"].detail == "free/bad.cocci: it ended with -9"
    assert tools["sparse"].state == "failed"
    assert found == ()


def test_a_relative_path_finds_no_program(place, monkeypatch):
    fake(place, perl=PERL)
    monkeypatch.chdir(place)
    monkeypatch.setenv("PATH", "bin::.")
    assert find_program("perl") is None


def test_a_program_that_is_absent_is_stopped(place):
    assert isinstance(run_program(("/absent",), folder=place, limit=1), Stopped)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ('#include "internal.h"\n# include <linux/mm.h> /* why */\n', True),
        ('#include "../mm/internal.h"\n', True),
        ('#include "/etc/passwd"\n', False),
        ('#include "../../secret"\n', False),
        ('#inc\\\nlude "/etc/passwd"\n', False),
        ('/* a */ #include "/etc/passwd"\n', False),
        ('# /* a\n */ include "/etc/passwd"\n', False),
        ('%: include "/etc/passwd"\n', False),
        ("#include MACRO\n", False),
        ('#include_next "x.h"\n', False),
        ('#include "a.h" "/etc/passwd"\n', False),
    ],
)
def test_no_mail_chooses_a_file_of_this_machine(text, safe):
    assert includes_only_the_tree(text) is safe


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("mm/a.c:5: WARNING:LONG_LINE: too long", ("mm/a.c", "LONG_LINE", 5)),
        (":7: WARNING:TYPO_SPELLING: 'teh'", ("", "TYPO_SPELLING", 0)),
        ("mm/a.c:9: ERROR:MISSING_SIGN_OFF: none", ("", "MISSING_SIGN_OFF", 0)),
        ("x:1: ERROR:X: y:3: ERROR:Z: none", ("x:1: ERROR:X: y", "Z", 3)),
        ("total: 1 errors", None),
        ("mm/a.c:99999999999: ERROR:A: b", None),
    ],
)
def test_lines_of_checkpatch(line, read):
    found = read_line(line, ["mm/a.c", "x:1: ERROR:X: y"])
    assert (found and (found[0], found[1].rule, found[1].line)) == read


# The whole command


def test_review_tells_programs_apart(place, capsys):
    fake(place, perl=PERL, spatch=SPATCH, sparse=SPARSE)
    (place / "mbox.eml").write_text(mail(diff_of({"mm/a.c": PRE}, {"mm/a.c": POST})))
    command = ["review", str(place / "mbox.eml"), "--tree", str(place / "tree"), "--jobs", "1"]
    command += [
        "--format",
        "text,json,html",
        "-o",
        str(place / "out"),
        "--store",
        str(place / "store.sqlite3"),
    ]
    assert main([*command, "--fail-on", "new"]) == 0
    document = json.loads((place / "out/review.json").read_text())
    assert [tool["state"] for tool in document["tools"]] == ["ran", "not-run", "not-run", "not-run"]
    assert main([*command, "--mechanical"]) == 0
    out = capsys.readouterr().out
    assert "Mechanical: checkpatch 1, coccinelle 1, sparse 1 introduced." in out
    assert "mechanical, note, introduced: BAD_WORD: a bad word" in out
    document = json.loads((place / "out/review.json").read_text())
    assert {one["kind"] for one in document["findings"]} == {"mechanical"}
    assert [tool["introduced"] for tool in document["tools"]] == [0, 1, 1, 1]
    page = (place / "out/index.html").read_text()
    assert "Mechanical checks</h3>" in page
    assert "3 remarks of programs on what is introduced" in page
    assert main(["check", str(place / "out")]) == 0
    assert capsys.readouterr().out.count("left out    ") == 3


def test_a_run_with_programs_is_served_until_a_script_changes(place, capsys):
    fake(place, perl=PERL, spatch=SPATCH)
    (place / "mbox.eml").write_text(mail(diff_of({"mm/a.c": PRE}, {"mm/a.c": POST})))
    command = [
        "review",
        str(place / "mbox.eml"),
        "--tree",
        str(place / "tree"),
        "--jobs",
        "1",
        "--mechanical",
    ]
    command += ["-o", str(place / "out"), "--store", str(place / "store.sqlite3")]
    scripts = place / "tree/scripts"
    for change in (
        lambda: None,
        lambda: (scripts / "checkpatch.pl").write_text("# another\n"),
        lambda: (scripts / "coccinelle/new.cocci").write_text("virtual report\n"),
        lambda: fake(place, perl=PERL + "\n"),
        lambda: fake(place, sparse=SPARSE),  # what sparse reads is not noted: never served
    ):
        change()
        assert main(command) == 0
        assert "unchanged since" not in capsys.readouterr().err
        if change is not None and "sparse" not in os.listdir(place / "bin"):
            assert main(command) == 0
            assert "unchanged since" in capsys.readouterr().err
    assert main(command) == 0
    assert "unchanged since" not in capsys.readouterr().err


def test_damaged_blanks_are_not_checked(place):
    """What was guessed is no fault of the author's: such a file is left out of checkpatch."""
    fake(place, perl=PERL)
    (series,) = find_series(
        build_threads([parse_message(mail(diff_of({"mm/a.c": PRE}, {"mm/a.c": POST})).encode())])
    )
    (patch,) = review_patches(series.revisions[-1].patches, open_tree([str(place / "tree")]))
    guessed = tuple(replace(one, repairs=("tabs",), verified=None) for one in patch.recovered)
    said = checkpatch_module.checkpatch(
        [replace(patch, recovered=guessed)], open_tree([str(place / "tree")]), place / "scratch"
    )
    assert said.run.state == "failed"
    assert said.findings == ()


@pytest.mark.skipif(find_program("sparse") is None, reason="sparse is not installed")
def test_sparse_itself(place):
    """The real program, where it is there: a value that is lost in an assignment."""
    (place / "bin/sparse").symlink_to(shutil.which("sparse", path=REAL_PATH))
    post = PRE.replace("\treturn n;", "\tint *p = 0;\n\n\treturn n + !p;")
    tools, found = run(place, mail(diff_of({"mm/a.c": PRE}, {"mm/a.c": post})))
    assert tools["sparse"].state == "ran"
    new = [(one.check, one.line) for one in found if one.origin == "introduced"]
    assert new == [("sparse", 5)]


@pytest.mark.skipif(find_program("spatch") is None, reason="coccinelle is not installed")
def test_coccinelle_itself(place, monkeypatch):
    """The real program with a semantic patch written for this test."""
    monkeypatch.setenv("PATH", REAL_PATH)  # it looks for Python there
    (place / "tree/scripts/coccinelle/free/bad.cocci").write_text(RULE)
    post = PRE.replace("\treturn n;", "\tn = stash_one(n, 0);\n\treturn n;")
    tools, found = run(place, mail(diff_of({"mm/a.c": PRE}, {"mm/a.c": post})))
    assert tools["coccinelle"].state == "ran", tools["coccinelle"].detail
    said = [(one.title, one.severity, one.line) for one in found if one.check == "coccinelle"]
    assert said == [("free/bad.cocci: ERROR: stash_one takes no zero", "low", 5)]

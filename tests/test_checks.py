"""Checks: each example fires or stays silent, and what the frame says of origins."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from lorelens.analyze.behaviour import Effort, judge_functions
from lorelens.analyze.checks.build import build_case, diff_of, example_case
from lorelens.analyze.checks.frame import check_patches
from lorelens.analyze.checks.kernel_version import holds_for
from lorelens.analyze.checks.registry import CHECKS
from lorelens.analyze.kernel.contracts import ContractError, Function, read_table
from lorelens.analyze.kernel.page import page
from lorelens.cli import main

ROOT = Path(__file__).resolve().parent.parent
BY_ID = {check.id: check for check in CHECKS}
LATER = {"mm/stash.c": "int stash_later_one(void)\n{\n\treturn 1;\n}\n"}


def found(check, example):
    case = example_case(example)
    if check.needs_delta:
        case = replace(case, functions=judge_functions(case.functions, case.files, Effort(replay=False)))
    cases = [case]
    if check.id == "defined-later" and "mm/stash.c" in example.post:
        post = {"mm/stash.c": example.post["mm/stash.c"] + LATER["mm/stash.c"]}
        cases.append(build_case(diff_of(example.post, post), example.post, title="a later one", position=2))
    return [one for one in check_patches(cases, [check]).findings if one.origin == "introduced"]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_fires(check):
    findings = found(check, check.fires)
    assert findings
    assert {one.check for one in findings} == {check.id}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_stays_silent(check):
    assert found(check, check.silent) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_no_check_fires_on_another_ones_silent_example(check):
    for other in CHECKS:
        assert found(check, other.silent) == [], other.id


# Origins


HEAD = "static int stash_get(struct stash *s)\n{\n\tint ret;\n\n"
GOOD = HEAD + "\tret = stash_first(s);\n\treturn ret;\n}\n"
BAD = HEAD + "\tif (s->full)\n\t\tret = stash_first(s);\n\treturn ret;\n}\n"


def origins(*texts, check="uninitialised"):
    """Run one check on a series that takes a file from text to text."""
    cases = [
        build_case(
            diff_of({"mm/a.c": pre}, {"mm/a.c": post}),
            {"mm/a.c": pre},
            position=number,
            title=f"patch {number}",
        )
        for number, (pre, post) in enumerate(pairwise(texts), 1)
    ]
    return [(one.position, one.origin, one.fixed_by) for one in check_patches(cases, [BY_ID[check]]).findings]


def test_what_both_images_have_is_not_told_again():
    assert origins(BAD, BAD.replace("stash_first", "stash_last")) == []


def test_what_the_patch_takes_away_is_fixed():
    assert origins(BAD, GOOD) == [(1, "fixed", "")]


def test_what_a_later_patch_takes_away_is_fixed_later():
    assert origins(GOOD, BAD, GOOD) == [(1, "fixed-later", "patch 2"), (2, "fixed", "")]


def test_a_copied_idiom_is_told_as_such():
    check = BY_ID["ioctl-result"]
    path, old = next(iter(check.fires.post.items()))
    new = old + old.replace("stash_move(struct stash", "stash_push(struct stash")
    found = check_patches([build_case(diff_of({path: old}, {path: new}), {path: old})], [check]).findings
    assert {(one.function, one.origin) for one in found} == {
        ("stash_push", "introduced"),
        ("stash_move", "pre-existing"),
    }


def test_findings_keep_their_id_when_lines_move():
    check = BY_ID["uninitialised"]
    ids = {
        one.id
        for top in ("", "int a;\nint b;\n")
        for one in check_patches(
            [build_case(diff_of({"mm/a.c": top + GOOD}, {"mm/a.c": top + BAD}), {"mm/a.c": top + GOOD})],
            [check],
        ).findings
    }
    assert len(ids) == 1


# The report checks itself


@pytest.fixture
def report(tmp_path):
    """A series with a finding of a later patch and one of the whole patch, reviewed into a folder."""
    (tmp_path / "tree/mm").mkdir(parents=True)
    (tmp_path / "tree/mm/a.c").write_text(GOOD)
    mails = []
    for number, (pre, post) in enumerate(pairwise((GOOD, GOOD + "\nint stash_more;\n", BAD)), 1):
        diff = diff_of({"mm/a.c": pre}, {"mm/a.c": post})
        mails.append(
            f"From git@z Thu Jan  1 00:00:00 1970\nFrom: Ada <ada@example.org>\n"
            f"Message-ID: <{number}@example.org>\n"
            f"Date: Mon, 2 Mar 2026 10:00:0{number} +0000\nSubject: [PATCH {number}/2] mm: step {number}\n"
            + ("In-Reply-To: <1@example.org>\n" if number > 1 else "")
            + f"\nmm: step {number}\n\nSigned-off-by: Ada <ada@example.org>\n---\n{diff}--\n2.40.0\n\n"
        )
    (tmp_path / "mbox").write_text("".join(mails))
    command = ["review", str(tmp_path / "mbox"), "--tree", str(tmp_path / "tree"), "--format", "json"]
    code = main([*command, "--no-cache", "--jobs", "1", "--fail-on", "new", "-o", str(tmp_path / "out")])
    return tmp_path, code


def test_a_report_checks_itself_without_the_tree(report, capsys):
    folder, code = report
    assert code == 1
    copy = folder / "elsewhere"
    (folder / "out").rename(copy)
    shutil.rmtree(folder / "tree")
    capsys.readouterr()
    assert main(["check", str(copy)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines
    assert all(line.startswith("reproduced  ") for line in lines)


def test_a_report_that_was_changed_differs(report, capsys):
    folder, _ = report
    file = folder / "out/review.json"
    document = json.loads(file.read_text())
    document["findings"][0]["line"] += 1
    file.write_text(json.dumps(document))
    assert main(["check", str(file), document["findings"][0]["id"]]) == 1
    assert "differs" in capsys.readouterr().out


def test_a_report_without_its_sources_is_incomplete(report, capsys):
    folder, _ = report
    file = folder / "out/review.json"
    document = json.loads(file.read_text())
    needed = {one["pre"] for patch in document["patches"] for one in patch["files"] if one["pre"]}
    for key in needed:
        del document["sources"][key]
    file.write_text(json.dumps(document))
    assert needed
    assert main(["check", str(file)]) == 3


def test_what_is_no_report_is_an_input_error(tmp_path):
    (tmp_path / "review.json").write_text("[]")
    assert main(["check", str(tmp_path)]) == 2
    assert main(["check", str(tmp_path / "absent")]) == 2


# Contracts


def test_the_page_lists_every_contract():
    text = (ROOT / "docs/contracts.md").read_text()
    assert page(text) == text


def test_the_page_lists_every_check():
    text = (ROOT / "docs/checks.md").read_text()
    for check in CHECKS:
        assert f"| `{check.id}` | {check.proves} |" in text


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('name = "f"', "lacks source"),
        ('name = "f"\nsource = "mm/a.c:1"\nreturn = "x"', "no such key"),
        ('name = "f"\nsource = "mm/a.c:1"\nreturns = "maybe"', "returns is none of"),
        ('name = "f"\nsource = "somewhere"', "source names"),
        ('name = "f"\nsource = "mm/a.c:1"\nversions = "5"', "versions is no range"),
        ('name = "f"\nsource = "mm/a.c:1"\nsleeps = "yes"', "sleeps is no"),
    ],
)
def test_a_contract_that_does_not_fit_says_why(entry, why):
    with pytest.raises(ContractError, match=why):
        read_table(f"[[function]]\n{entry}\n", "functions.toml", "function", Function)


@pytest.mark.parametrize(
    ("versions", "kernel", "holds"),
    [("..", "", True), ("5.6..", "", False), ("5.6..", "5.17", True), ("5.6..", "5.4", False),
     ("..6.4", "6.10", False), ("5.6..6.4", "6.4", True)],
)  # fmt: skip
def test_contracts_hold_for_their_kernels(versions, kernel, holds):
    assert holds_for(versions, kernel) is holds

"""The command line keeps CONTRACT.md: exit codes, data on standard output, messages on standard error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
THREAD = str(EXAMPLES / "thread.mbox")
TREE = str(EXAMPLES / "tree")


def lorelens(*arguments, cwd, stdin=b""):
    return subprocess.run(
        [sys.executable, "-m", "lorelens", *map(str, arguments)], cwd=cwd, input=stdin, capture_output=True
    )


@pytest.mark.slow
def test_demo_writes_a_report_and_the_first_screen(tmp_path):
    done = lorelens("demo", "-o", "report", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "report" / "index.html").read_bytes().startswith(b"<!doctype html>")
    review = json.loads((tmp_path / "report" / "review.json").read_text())
    assert review["schema"] == "lorelens/review/1"
    assert review["revision"] == 3
    verified = [file["verified"] for patch in review["patches"] for file in patch["files"]]
    assert verified
    assert all(verified)
    assert len(done.stdout.splitlines()) <= 25


@pytest.mark.slow
def test_the_same_mails_give_the_same_bytes(tmp_path):
    for folder in ("one", "two"):  # no time for the solver: what a budget cuts short is no promise
        assert lorelens("demo", "-o", folder, "--timeout", "0.001", cwd=tmp_path).returncode == 0
    for name in ("index.html", "review.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.slow
def test_review_of_an_older_revision(tmp_path):
    done = lorelens("review", THREAD, "--tree", TREE, "-v", "1", "-o", "r", cwd=tmp_path)
    assert json.loads((tmp_path / "r" / "review.json").read_text())["revision"] == 1
    assert done.returncode == 0
    missing = lorelens("review", THREAD, "-v", "9", "-o", "r", cwd=tmp_path)
    assert missing.returncode == 2
    assert b"there are v1, v2, v3" in missing.stderr


def test_series_as_json_on_standard_output(tmp_path):
    done = lorelens("series", THREAD, "--format", "json", cwd=tmp_path)
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert document["schema"] == "lorelens/series/1"
    assert [revision["number"] for revision in document["series"][0]["revisions"]] == [1, 2, 3]


def test_series_from_standard_input(tmp_path):
    from_file = lorelens("series", THREAD, "--format", "json", cwd=tmp_path)
    from_stdin = lorelens("series", "-", "--format", "json", cwd=tmp_path, stdin=Path(THREAD).read_bytes())
    assert json.loads(from_stdin.stdout) == json.loads(from_file.stdout)


def test_recover_prints_a_patch_that_git_applies(tmp_path):
    copy = EXAMPLES / "archive-copy.txt"
    done = lorelens("recover", copy, "--tree", TREE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    as_json = json.loads(lorelens("recover", copy, "--tree", TREE, "--format", "json", cwd=tmp_path).stdout)
    assert as_json["schema"] == "lorelens/recover/1"
    assert all(file["verified"] for file in as_json["files"])
    for file in as_json["files"]:
        work = tmp_path / file["path"]
        work.parent.mkdir(parents=True, exist_ok=True)
        work.write_bytes((EXAMPLES / "tree" / file["path"]).read_bytes())
    applied = subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=done.stdout, capture_output=True)
    assert applied.returncode == 0, applied.stderr
    for file in as_json["files"]:
        made = subprocess.run(
            ["git", "hash-object", file["path"]], cwd=tmp_path, capture_output=True, text=True
        )
        assert made.stdout.startswith(file["post_blob"])


def test_a_patch_is_missing(tmp_path):
    mails = Path(THREAD).read_text().split("\nFrom ")
    kept = [mail for mail in mails if "[PATCH v3 1/2]" not in mail]
    assert len(kept) < len(mails)
    (tmp_path / "part.mbox").write_text("\nFrom ".join(kept))
    done = lorelens("review", "part.mbox", "-o", "r", cwd=tmp_path)
    assert done.returncode == 3
    assert b"Incomplete: 1 of 2 patches" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["review", "absent.mbox"], b"absent.mbox"),
        (["review", "empty.mbox"], b"empty"),
        (["review", THREAD, "--tree", "nowhere"], b"nowhere"),
        (["review", THREAD, "--format", "pdf"], b"pdf"),
        (["review", THREAD, "--base", "--upload-pack=x", "--tree", TREE], b"--base"),
        (["review"], b"SOURCE"),
        (["nonsense"], b"nonsense"),
    ],
)
def test_usage_and_input_errors_are_2_and_say_what(tmp_path, arguments, word):
    (tmp_path / "empty.mbox").write_bytes(b"")
    done = lorelens(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert word in done.stderr
    assert b"Traceback" not in done.stderr


def test_version(tmp_path):
    done = lorelens("--version", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith(b"lorelens ")


def test_reader_that_leaves_early(tmp_path):
    command = f"{sys.executable} -m lorelens series {THREAD} | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def test_doctor_lists_what_is_there(tmp_path):
    done = lorelens("doctor", cwd=tmp_path)
    assert done.returncode == 0
    assert b"liblore" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("where", ["file", "file/below"])
def test_a_report_that_cannot_be_written_is_no_defect(tmp_path, where):
    (tmp_path / "file").write_text("in the way")
    done = lorelens("demo", "-o", where, cwd=tmp_path)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_standard_output_that_is_full(tmp_path):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full on this system")
    with full.open("wb") as stdout:
        done = subprocess.run(
            [sys.executable, "-m", "lorelens", "series", THREAD], stdout=stdout, cwd=tmp_path
        )
    assert done.returncode == 2


def test_a_terminal_without_utf8_gets_escapes(tmp_path):
    mail = "From: Zoë <z@example.org>\nSubject: [PATCH] mm: é\nMessage-ID: <1@x>\n\nü\n".encode()
    environment = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "lorelens", "series", "-"]
    done = subprocess.run(command, cwd=tmp_path, input=mail, capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_undecided_functions_fail_where_that_is_asked_for(tmp_path):
    assert lorelens("review", THREAD, "--tree", TREE, "-o", "r", cwd=tmp_path).returncode == 0
    asked = lorelens("review", THREAD, "--tree", TREE, "-o", "r", "--fail-on", "undecided", cwd=tmp_path)
    assert asked.returncode == 3


def test_an_empty_argument_is_refused(tmp_path):
    for arguments in (["review", ""], ["review", THREAD, "--tree", ""]):
        assert lorelens(*arguments, cwd=tmp_path).returncode == 2


@pytest.mark.slow
def test_pages_of_an_earlier_report_do_not_stay(tmp_path):
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "patch-0007.html").write_text("another series")
    (tmp_path / "r" / "notes.html").write_text("mine")
    assert lorelens("demo", "-o", "r", cwd=tmp_path).returncode == 0
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == [
        "index.html",
        "notes.html",
        "review.json",
    ]


TAKE = "int take(int n) { if (n < 0) return -22; lock(); work(n); unlock(); return 0; }\n"
BEFORE = TAKE + "int same(int a) { return a; }\n"
AFTER = TAKE.replace("-22", "-14") + "int same(int b) { return b + 0; }\n"


def compared(tmp_path, *arguments, before=BEFORE, after=AFTER):
    (tmp_path / "a.c").write_text(before)
    (tmp_path / "b.c").write_text(after)
    return lorelens("compare", "a.c", "b.c", "--no-cache", *arguments, cwd=tmp_path)


def test_compare_tells_what_differs_and_what_does_not(tmp_path):
    done = compared(tmp_path)
    assert done.returncode == 0, done.stderr
    told = done.stdout.decode()
    assert "b.c:1: take: CHANGED" in told
    assert "  when n < 0:\n    return: return -22  ->  return -14" in told
    assert "same: PRESERVED" in told
    assert "Assumed throughout:" in told


def test_compare_as_json_for_one_function(tmp_path):
    done = compared(tmp_path, "--function", "take", "--format", "json")
    (function,) = json.loads(done.stdout)["functions"]
    assert (function["name"], function["verdict"]) == ("take", "changed")
    assert function["differences"][0]["witness"]["n"].startswith("-")


@pytest.mark.parametrize(
    ("arguments", "after", "code"),
    [
        (("--fail-on", "changed"), AFTER, 1),
        (("--fail-on", "changed"), BEFORE.replace("return a", "return a + 0"), 0),
        (("--fail-on", "undecided"), BEFORE.replace("return a", "return a * 1.5"), 3),
        (("--function", "absent"), AFTER, 2),
        (("--jobs", "0"), AFTER, 2),
        (("--timeout", "0"), AFTER, 2),
    ],
)
def test_compare_exits_as_the_contract_says(tmp_path, arguments, after, code):
    assert compared(tmp_path, *arguments, after=after).returncode == code


def test_compare_of_what_is_no_c_is_no_defect(tmp_path):
    assert compared(tmp_path, before="", after="").returncode == 0
    assert compared(tmp_path, before="\x00{{{((", after="int f(\n#if 1\n{").returncode == 0
    assert lorelens("compare", "absent.c", "b.c", cwd=tmp_path).returncode == 2

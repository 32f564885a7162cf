"""apply.py: what `git apply` makes of a file, and the reason where it makes nothing."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest
from lorelens.analyze.apply import Applied, Conflict, apply_hunks, reverse, split_lines
from lorelens.analyze.diff import FileDiff, parse_diff

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

TEN = "".join(f"line {number}\n" for number in range(1, 11))
FIVE = "@@ -4,3 +4,3 @@ f(void)\n line 4\n-line 5\n+five\n line 6\n"


def diff(hunks: str) -> FileDiff:
    parsed = parse_diff("--- a/x\n+++ b/x\n" + hunks)
    assert parsed.files[0].failure is None
    return parsed.files[0]


def conflict(pre: str, hunks: str) -> Conflict:
    answer = apply_hunks(pre, diff(hunks))
    assert isinstance(answer, Conflict)
    return answer


def test_at_its_place_and_elsewhere():
    assert apply_hunks(TEN, diff(FIVE)) == Applied(text=TEN.replace("line 5", "five"), offsets=(0,))
    answer = apply_hunks("new\nnew\n" + TEN, diff(FIVE))
    assert answer == Applied(text="new\nnew\n" + TEN.replace("line 5", "five"), offsets=(2,))


def test_the_first_line_that_differs_is_named():
    answer = conflict(TEN.replace("line 6", "six"), FIVE)
    assert (answer.hunk, answer.line, answer.nearest, answer.differing) == (1, 4, 4, 1)
    assert (answer.expected, answer.found) == ("line 6", "six")
    assert answer.reason == (
        "hunk 1 at line 4: context line 'line 6' not found; nearest at line 4, 1 of its 3 lines different: "
        "line 6 is 'six'"
    )


def test_the_second_hunk_is_the_one_that_fails():
    answer = conflict("a\n" * 20 + TEN, FIVE + "@@ -8,3 +8,3 @@\n line 8\n-line NINE\n+9\n line 10\n")
    assert answer.hunk == 2
    assert "hunk 2 at line 8: removed line 'line NINE' not found; nearest at line 28" in answer.reason


REASONS = [
    (TEN.replace("line 5", "line  5"), FIVE, "line 5 is 'line  5', the same but for white space"),
    (TEN.replace("\n", "\r\n"), FIVE, "none of its 3 context and removed lines stands in the file"),
    (TEN.replace("line 6\n", "line 6\r\n"), FIVE, "line 6 is the same with another line end"),
    (TEN.replace("line 5", "five"), FIVE, "what the hunk would make stands there already"),
    ("x\n" + TEN, "@@ -1,2 +1,2 @@\n-line 1\n+one\n line 2\n", "must stand at the file's beginning"),
    (TEN + "x\n", "@@ -9,2 +9,2 @@\n line 9\n-line 10\n+ten\n", "must stand at the file's end"),
    (TEN, "@@ -0,0 +1 @@\n+x\n", "the file must be empty, and it has 10 lines"),
    ("line 1\n", FIVE, "none of its 3"),
    ("", FIVE, "none of its 3"),
    ("line 4\n", FIVE, "line 2 is past the file's end"),
]


@pytest.mark.parametrize(("pre", "hunks", "why"), REASONS)
def test_reasons(pre, hunks, why):
    assert why in conflict(pre, hunks).reason


def test_lines_that_a_hunk_wrote_match_no_later_one():
    second = "@@ -6,3 +6,3 @@\n line 6\n-line 7\n+seven\n line 8\n"
    assert "where an earlier hunk of this file has written" in conflict(TEN, FIVE + second).reason


def test_only_lf_ends_a_line():
    text = "a\rb\x0cc\u2028d\x85e\nf"
    assert split_lines(text) == ["a\rb\x0cc\u2028d\x85e\n", "f"]
    assert "".join(split_lines(text)) == text
    assert split_lines("") == []


def test_hostile_files_take_linear_time():
    """A file and a hunk of equal lines, and thousands of hunks far from their place."""
    blank = "\n" * 200_000
    hunk = f"@@ -5,{50_001} +5,{50_001} @@\n" + " \n" * 50_000 + "-x\n+y\n"
    assert isinstance(apply_hunks(blank, diff(hunk)), Conflict)
    far = "".join(f"@@ -900000,2 +900000,2 @@\n-l{n}\n+m\n m\n" for n in range(3000))
    target = "".join(f"l{n}\nm\n" for n in range(3000)) + "x\n" * 100_000
    assert isinstance(apply_hunks(target, diff(far)), Conflict)
    many = "@@ -1 +1 @@\n-a\n+a\n" * 10_001
    assert isinstance(apply_hunks("a", diff(many)), Conflict)


def edited(lines: list[str], words: list[str], edits: int, random_: random.Random) -> list[str]:
    lines = list(lines)
    for _ in range(edits):
        at = random_.randrange(len(lines) + 1)
        kind = random_.randrange(3)
        if kind == 0 and (at < len(lines) or not lines or lines[-1].endswith("\n")):
            lines[at:at] = [random_.choice(words) + "\n" for _ in range(random_.randrange(1, 5))]
        elif kind == 1 and at < len(lines):
            lines[at] = random_.choice(words) + "\n" * lines[at].endswith("\n")
        else:
            del lines[at : at + 1]
    return lines


def check_beside_git(seed: int, folder: Path) -> bool:
    """Make a diff and a file that it was not made for; both must agree. Return whether the diff applies."""
    random_ = random.Random(seed)
    words = [f"w{number}" for number in range(random_.choice([2, 5, 40]))] + ["", "\ttab  ", "é\x0c\r"]
    pre = [random_.choice(words) + "\n" for _ in range(random_.randrange(40))]
    if pre and random_.random() < 0.2:
        pre[-1] = "end"
    post = edited(pre, words, random_.randrange(1, 5), random_)
    target = edited(pre, words, random_.randrange(3), random_)
    for name, lines in (("pre", pre), ("post", post), ("file", target)):
        (folder / name).write_bytes("".join(lines).encode())
    context = random_.choice(["-U0", "-U1", "-U3"])
    made = subprocess.run(
        ["git", "diff", "--no-index", context, "pre", "post"], cwd=folder, capture_output=True, check=False
    ).stdout.decode()
    if "@@" not in made:
        return True
    made = "--- a/file\n+++ b/file\n" + made[made.index("@@") :]
    (folder / "patch").write_bytes(made.encode())
    command = ["git", "apply", "--whitespace=nowarn", "patch"]
    git = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    parsed = parse_diff(made).files[0]
    answer = apply_hunks("".join(target), parsed)
    assert isinstance(answer, Applied) == (git.returncode == 0), (made, target, answer, git.stderr)
    if isinstance(answer, Applied):
        left = (folder / "file").read_bytes() if (folder / "file").exists() else b""
        assert answer.text.encode() == left, (made, target)
        back = apply_hunks("".join(post), reverse(parsed))
        assert context == "-U0" or (isinstance(back, Applied) and back.text == "".join(pre)), made
    return isinstance(answer, Applied)


@needs_git
def test_git_apply_does_the_same(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    applied = [check_beside_git(seed, tmp_path) for seed in range(120)]
    assert 30 < sum(applied) < 110  # both outcomes are tried


@needs_git
@pytest.mark.slow
def test_git_apply_does_the_same_many_times(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    for seed in range(1000, 2000):
        check_beside_git(seed, tmp_path)

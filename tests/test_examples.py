"""The bundled demo: git agrees with every diff in it, and it is what its generator makes."""

from __future__ import annotations

import mailbox
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lorelens.config import Options
from lorelens.pipeline import read_series, recover

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
THREAD = EXAMPLES / "thread.mbox"


def git(folder, *words, text=None):
    done = subprocess.run(
        ["git", "-C", str(folder), *words], input=text, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def series():
    (found,) = read_series(Options(sources=(str(THREAD),)))
    return found


def test_the_tree_is_small():
    files = [path for path in (EXAMPLES / "tree").rglob("*") if path.is_file()]
    assert sum(len(path.read_text().splitlines()) for path in files) < 1000


def test_nobody_in_it_is_real():
    for path in (THREAD, EXAMPLES / "archive-copy.txt"):
        for domain in re.findall(r"[\w.+-]+@([\w.-]+)", path.read_text()):
            assert domain.endswith("example.org") or set(domain) <= {"x"} or domain in ("mboxrd", "z")


def test_its_mails_are_read_as_the_three_revisions_that_they_are(series):
    assert len(mailbox.mbox(THREAD)) == 23
    assert [(r.number, len(r.patches), r.complete) for r in series.revisions] == [
        (1, 3, True),
        (2, 3, True),
        (3, 2, True),
    ]
    assert [patch.replaces is not None for patch in series.revisions[1].patches] == [False, True, False]
    assert {(t.name, t.value) for t in series.revisions[0].patches[0].trailers} >= {
        ("Reviewed-by", "Jun Ishikawa <jun.ishikawa@mm.example.org>")
    }
    assert len({comment.author.name for comment in series.comments}) == 5


@pytest.mark.parametrize("number", [1, 2, 3])
def test_git_applies_every_revision_and_finds_its_blob_ids(series, tmp_path, number):
    tree = tmp_path / "tree"
    shutil.copytree(EXAMPLES / "tree", tree)
    git(tree, "init", "--quiet")
    revision = series.revisions[number - 1]
    assert revision.base_commit
    for patch in revision.patches:
        git(tree, "apply", text=patch.diff)
        if number == 2 and patch.position == 3:
            continue  # posted on 2/3, which v2.1 2/3 replaced since
        for post_blob, path in re.findall(
            r"^index \w+\.\.(\w+).*\n--- .*\n\+\+\+ b/(\S+)$", patch.diff, re.MULTILINE
        ):
            assert git(tree, "hash-object", path).startswith(post_blob)


def test_the_archive_copy_is_recovered_exactly(series):
    _, recovered = recover(
        str(EXAMPLES / "archive-copy.txt"), Options(sources=(), trees=(str(EXAMPLES / "tree"),))
    )
    (file,) = recovered.files
    assert file.verified is True
    assert file.repairs
    assert file.diff.rstrip("\n") == series.revisions[-1].patches[0].diff.rstrip("\n")


def test_the_generator_makes_the_same_bytes_again(tmp_path):
    subprocess.run([sys.executable, ROOT / "bench" / "demo" / "make.py", "--into", tmp_path], check=True)
    for name in ("thread.mbox", "archive-copy.txt"):
        assert (tmp_path / name).read_bytes() == (EXAMPLES / name).read_bytes()

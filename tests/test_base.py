"""base.py: the commit that a revision applies to, and what speaks for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lorelens.fetch.series.base import Asked, Base, NoBase, find_base, rebase_tree
from lorelens.fetch.tree.source_tree import GitTree, ManyTrees, NoTree, PlainTree
from lorelens.fetch.tree.wanted import Wanted, find_wanted

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

START = 1_600_000_000
DAY = 86_400


def git(folder: Path, *arguments: str, day: int = 0) -> str:
    date = f"{START + day * DAY} +0000"
    me = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgSign=false")
    environment = os.environ | {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    command = ["git", "-C", str(folder), *me, "-c", "tag.gpgSign=false", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return run.stdout.rstrip("\n")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Ten days, a commit a day; the fourth and the eighth are tagged."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for day in range(1, 11):
        (folder / "a.c").write_text("".join(f"line {n}\n" for n in range(20)) + f"day {day}\n")
        (folder / "b.c").write_text("same\n" * 5 + f"week {day // 7}\n")
        git(folder, "add", ".", day=day)
        git(folder, "commit", "-q", "-m", f"day {day}", day=day)
        if day in (4, 8):
            git(folder, "tag", "-a", "-m", "x", f"v{day}", day=day)
    return folder


def commit(repository: Path, day: int) -> str:
    return git(repository, "rev-parse", f"HEAD~{10 - day}")


def asked(repository: Path, day: int, **more) -> Asked:
    """What a patch says that was made on that day's files."""
    blobs = [git(repository, "rev-parse", f"HEAD~{10 - day}:{name}") for name in ("a.c", "b.c")]
    wanted = tuple(Wanted(name, blob[:12], ()) for name, blob in zip(("a.c", "b.c"), blobs, strict=True))
    return Asked(**{"wanted": wanted, "date": datetime.fromtimestamp(START + day * DAY, UTC)} | more)


def test_the_mail_s_own_word(repository):
    found = find_base(GitTree(repository), asked(repository, 3, base_commit=commit(repository, 3)))
    assert isinstance(found, Base)
    assert (found.revision, found.how) == (commit(repository, 3), "base-commit of the mail")
    assert "2 of 2 pre-images stand there" in found.evidence


def test_prerequisite_patches(repository):
    """The author had two patches on the base; they were applied since, as other commits."""
    ids = []
    for day in (5, 6):
        patch = git(repository, "show", commit(repository, day)) + "\n"
        run = subprocess.run(
            ["git", "patch-id", "--stable"], input=patch, capture_output=True, text=True, check=True
        )
        ids.append(run.stdout.split()[0])
    for base in (commit(repository, 4), None):
        question = asked(repository, 6, base_commit=base, prerequisites=(*ids, "0" * 40))
        found = find_base(GitTree(repository), question)
        assert found.revision == commit(repository, 6)
        assert "2 of 3" in found.evidence


def test_a_tag_that_holds_the_files(repository):
    found = find_base(GitTree(repository), asked(repository, 4))
    assert (found.revision, found.how, found.held) == (commit(repository, 4), "tag v4", 2)


def test_a_commit_between_the_tags(repository):
    found = find_base(GitTree(repository), asked(repository, 6, base_commit="0" * 40))
    assert (found.revision, found.held) == (commit(repository, 6), 2)


def test_a_branch_as_it_was_that_day(repository):
    late = asked(repository, 5)
    found = find_base(GitTree(repository), late)
    assert (found.revision, found.how) == (commit(repository, 5), "branch main on the mail's date")


def test_no_ids_but_hunks(repository):
    """Diffs without index lines: the lines around the hunks."""
    wanted = (Wanted("a.c", None, (b"line 18\nline 19\nday 4\n", b"line 2\n")),)
    found = find_base(GitTree(repository), asked(repository, 4, wanted=wanted))
    assert (found.how, found.held) == ("tag v4", 0)
    assert "2 of 2 hunks" in found.evidence


def test_nothing_found_says_what_is_at_hand(repository):
    """No commit has the file there, yet its content is in the repository under another name."""
    blob = git(repository, "rev-parse", "HEAD:a.c")
    found = find_base(GitTree(repository), asked(repository, 4, wanted=(Wanted("x.c", blob[:12], ()),)))
    assert isinstance(found, NoBase)
    assert "1 of 1 pre-images are at hand by blob id" in found.reason


def test_hostile_words_reach_no_command(repository):
    question = asked(repository, 4, base_commit="--output=x", prerequisites=("--all", "; touch x"))
    wanted = (Wanted("--output=x", "1234567", (b"x\n",)), Wanted("../a.c", "--all", ()), *question.wanted)
    found = find_base(GitTree(repository), Asked(wanted=wanted, date=question.date, prerequisites=("-x",)))
    assert found.revision == commit(repository, 4)


def test_trees_come_in_the_order_of_what_they_hold(repository, tmp_path):
    (tmp_path / "plain").mkdir()
    plain = PlainTree(tmp_path / "plain")
    tree, notes = rebase_tree(ManyTrees((plain, GitTree(repository))), asked(repository, 4))
    assert isinstance(tree, ManyTrees)
    assert tree.trees[1] == plain
    assert tree.read("a.c").endswith(b"day 4\n")
    assert "tag v4: 2 of 2" in notes[0].detail
    assert "tag v4" in tree.name
    assert rebase_tree(NoTree(), asked(repository, 4)) == (NoTree(), ())


def test_what_the_diffs_want():
    first = (
        "diff --git a/mm/a.c b/mm/a.c\nindex 1111111..2222222 100644\n--- a/mm/a.c\n+++ b/mm/a.c\n"
        "@@ -1,2 +1,2 @@ f\n one\n-two\n+2\n"
        "diff --git a/n.c b/n.c\nnew file mode 100644\nindex 0000000..3333333\n--- /dev/null\n+++ b/n.c\n"
        "@@ -0,0 +1 @@\n+x\n"
    )
    second = first.replace("1111111..2222222", "2222222..4444444")
    renamed = "diff --git a/old.c b/new.c\nsimilarity index 100%\nrename from old.c\nrename to new.c\n"
    assert find_wanted([first, second, renamed]) == (
        Wanted("mm/a.c", "1111111", (b"one\ntwo\n",)),
        Wanted("old.c", None, ()),
    )
    assert find_wanted(["", "text", "--- a/../x\n+++ b/../x\n@@ -1 +1 @@\n-a\n+b\n"]) == ()

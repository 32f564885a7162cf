"""git.py: whatever a repository, the environment or a revision says, git runs, writes and fetches nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from lorelens.errors import InputError, ToolError
from lorelens.fetch.tree import git as git_module
from lorelens.fetch.tree.git import Git, Objects, find_git_dir, refuse_revision

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str) -> str:
    me = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgSign=false")
    command = ["git", "-C", str(folder), *me, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "a.c").write_text("int a;\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    (folder / "a.c").write_text("int a = 1;\n")
    git(folder, "commit", "-q", "-a", "-m", "second")
    return folder


def test_repository_config_runs_nothing(repository, tmp_path):
    """Every setting by which git starts a program names one that would leave a mark."""
    mark = tmp_path / "mark"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho $0 $* >> {mark}\n")
    program.chmod(0o755)
    for key in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "core.askPass", "core.editor", "core.gitProxy",
        "core.alternateRefsCommand", "diff.external", "diff.x.command", "diff.x.textconv", "filter.x.smudge",
        "filter.x.clean", "filter.x.process", "gpg.program", "credential.helper", "pager.rev-list",
        "pager.diff-tree", "pager.cat-file", "uploadpack.packObjectsHook",
    ):  # fmt: skip
        git(repository, "config", key, str(program))
    git(repository, "config", "log.showSignature", "true")
    git(repository, "config", "core.hooksPath", str(tmp_path))
    (repository / ".git" / "info" / "attributes").write_text("* diff=x filter=x\n")
    # a partial clone whose missing objects would come out of a program
    git(repository, "config", "core.repositoryFormatVersion", "1")
    git(repository, "config", "extensions.partialClone", "origin")
    git(repository, "config", "remote.origin.promisor", "true")
    git(repository, "config", "remote.origin.url", f"ext::{program}")
    git(repository, "config", "protocol.ext.allow", "always")
    mark.unlink(missing_ok=True)

    subject = Git(repository / ".git")
    commit = subject.resolve("HEAD")
    assert commit
    objects = Objects(subject)
    assert objects.read(f"{commit}:a.c").content == b"int a = 1;\n"
    assert objects.read("1" * 40) is None
    assert objects.read("1" * 12) is None
    assert len(subject.patch_ids([commit])) == 1
    assert subject.run("for-each-ref").endswith(b"refs/heads/main\n")
    assert subject.run("rev-list", "--max-count=9", "HEAD", "--", "a.c").count(b"\n") == 2
    assert not mark.exists(), mark.read_text()


def test_environment_is_not_believed(repository, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    config = tmp_path / "config"
    config.write_text("[alias]\n\trev-parse = !false\n[core]\n\tworktree = /nowhere\n")
    wanted = git(repository, "rev-parse", "HEAD")
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other / ".git" / "objects"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_TRACE", str(trace))
    assert Git(repository / ".git").resolve("HEAD") == wanted
    assert not trace.exists()


@pytest.mark.parametrize(
    "revision",
    ["", "-h", "--output=x", "--all", "^HEAD", "HEAD..main", "HEAD...main", "HEAD\n--all", "a\0b", "x" * 300],
)
def test_dangerous_revisions_never_reach_git(repository, revision):
    assert refuse_revision(revision)
    with pytest.raises(InputError):
        Git(repository / ".git").resolve(revision)


def test_revisions(repository):
    subject = Git(repository / ".git")
    head = git(repository, "rev-parse", "HEAD")
    assert subject.resolve("main") == subject.resolve(head[:10]) == head
    assert subject.resolve("HEAD~1") == git(repository, "rev-parse", "HEAD~1")
    assert subject.resolve("nosuch") is subject.resolve("HEAD:a.c") is subject.resolve("HEAD^@") is None


def test_objects_by_every_name(repository):
    objects = Objects(Git(repository / ".git"))
    head = git(repository, "rev-parse", "HEAD")
    first = git(repository, "rev-parse", "HEAD~1:a.c")
    assert objects.read(first[:7]).content == b"int a;\n"
    assert objects.read(first[:7]).oid == objects.find(first[:9]) == first
    tree = f"{head}^{{tree}}"
    for name in ("", "nosuch", f"{head}:nosuch", head, tree, f"{head}:a.c\n{head}", "-h", "a\0b", "\udcff"):
        assert objects.read(name) is None
        assert objects.find(name) is None
    assert objects.read(f"{head}:a.c").content == b"int a = 1;\n"  # still in step


def test_large_blob_is_left_out(repository, monkeypatch):
    (repository / "big.c").write_text("x" * 5000)
    (repository / "small.c").write_text("y" * 100)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "big")
    monkeypatch.setattr(git_module, "MAX_BLOB", 1000)
    objects = Objects(Git(repository / ".git"))
    assert objects.read("HEAD:big.c") is None
    assert objects.read("HEAD:small.c").content == b"y" * 100


def test_damaged_repository_is_an_error_with_a_next_step(repository):
    shutil.rmtree(repository / ".git" / "objects")
    with pytest.raises(ToolError, match="not a git repository"):
        Objects(Git(repository / ".git")).read("HEAD:a.c")


def test_only_the_top_is_a_repository(repository):
    (repository / "mm").mkdir()
    assert find_git_dir(repository) == repository / ".git"
    assert find_git_dir(repository / ".git") == repository / ".git"
    assert find_git_dir(repository / "mm") is None


def test_patch_ids_are_git_s(repository):
    head = git(repository, "rev-parse", "HEAD")
    patch = git(repository, "show", head) + "\n"
    command = ["git", "patch-id", "--stable"]
    said = subprocess.run(command, input=patch, capture_output=True, text=True, check=True).stdout
    assert Git(repository / ".git").patch_ids([head, "not an id"]) == {said.split()[0]: head}

"""tree.py: the right file out of the right place, and nothing from outside."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lorelens.errors import InputError
from lorelens.fetch.tree import source_tree as tree_module
from lorelens.fetch.tree.source_tree import (
    EARLIER,
    GitTree,
    ManyTrees,
    NoTree,
    PatchedTree,
    PlainTree,
    blob_id,
    candidates,
    has_id,
    open_tree,
    refuse_path,
)

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str) -> str:
    me = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgSign=false")
    command = ["git", "-C", str(folder), *me, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "linux" / "mm").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    for number, text in enumerate(("int old;\n", "int new;\n"), 1):
        (folder / "linux" / "mm" / "gup.c").write_text(text)
        (folder / "top.c").write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", text)
        git(folder, "tag", f"v{number}")
    return folder


@needs_git
def test_git_tree_by_path_and_by_blob(repository):
    old = git(repository, "rev-parse", "v1:top.c")
    tree = GitTree(repository, "v2")
    assert tree.read("top.c") == b"int new;\n"
    assert tree.read("anything", old[:12]) == tree.read("top.c", old.upper()) == b"int old;\n"
    assert tree.read("top.c", "0" * 12) is tree.read("top.c", "") is tree.read("top.c", "main") is None
    assert "v2" in tree.name
    assert str(repository) in tree.name


@needs_git
def test_short_blob_ids_count_at_their_path_alone(repository):
    old, new = (git(repository, "rev-parse", f"{tag}:top.c") for tag in ("v1", "v2"))
    tree = GitTree(repository)
    assert tree.read("top.c", new[:5]) == b"int new;\n"
    assert tree.read("top.c", old[:5]) is None


@needs_git
def test_folder_in_a_repository(repository):
    assert open_tree([f"{repository}:linux"], "v1").read("mm/gup.c") == b"int old;\n"
    assert open_tree([f"{repository}:linux"]).read("top.c") is None


@needs_git
def test_bare_and_linked_repositories(repository, tmp_path):
    git(repository, "clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    git(repository, "worktree", "add", "-q", str(tmp_path / "linked"), "v1")
    assert open_tree([tmp_path / "bare"]).read("top.c") == b"int new;\n"
    assert open_tree([tmp_path / "linked"]).read("top.c") == b"int old;\n"


@needs_git
def test_empty_repository_has_no_files_and_no_error(tmp_path):
    git(tmp_path, "init", "-q")
    assert open_tree([tmp_path]).read("top.c") is None


@needs_git
def test_partial_clone_is_not_completed(repository, tmp_path):
    """A blob that the clone left out stays absent, though its origin is at hand."""
    git(repository, "config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    git(repository, "clone", "-q", "--bare", "--filter=blob:none", f"file://{repository}", str(partial))
    tree = GitTree(partial, "v2")
    assert tree.read("top.c") is None
    assert tree.read("top.c", git(repository, "rev-parse", "v1:top.c")) is None


@needs_git
def test_a_directory_within_a_repository_is_a_directory(repository):
    """A fixture folder in a checkout must not turn into the checkout around it."""
    tree = open_tree([repository / "linux"])
    assert isinstance(tree, PlainTree)
    assert tree.read("mm/gup.c") == b"int new;\n"


@needs_git
@pytest.mark.parametrize("base", ["nosuch", "-h", "v1..v2", "^v1", ""])
def test_bad_base_is_an_input_error(repository, base):
    with pytest.raises(InputError, match="--base"):
        open_tree([repository], base)


@needs_git
def test_base_needs_a_repository_that_has_it(repository, tmp_path):
    plain = tmp_path / "plain"
    plain.mkdir()
    with pytest.raises(InputError, match="no --tree is a repository"):
        open_tree([plain], "v1")
    tree = open_tree([plain, repository], "v1")
    assert tree.read("top.c") == b"int old;\n"


def test_absent_tree_is_an_input_error(tmp_path):
    (tmp_path / "file").write_text("")
    for path, why in ((tmp_path / "nosuch", "absent"), (tmp_path / "file", "not a directory")):
        with pytest.raises(InputError, match=why):
            open_tree([path])
    with pytest.raises(InputError, match="no folder"):
        open_tree([f"{tmp_path}:nosuch"])
    assert open_tree([]) == NoTree()


def test_plain_tree_reads_nothing_outside(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    top = tmp_path / "top"
    (top / "mm").mkdir(parents=True)
    (top / "mm" / "gup.c").write_bytes(b"x")
    (top / "link").symlink_to(secret)
    (top / "folder").symlink_to(tmp_path)
    os.mkfifo(top / "fifo")
    tree = PlainTree(top)
    assert tree.read("mm/gup.c") == tree.read("mm/gup.c", blob_id(b"x")[:9]) == b"x"
    outside = ("link", "folder/secret", "../secret", "mm/../../secret", str(secret), ".git/config")
    no_file = ("mm", "fifo", "", "mm/", "./mm/gup.c", "mm//gup.c", "mm/gup.c\0", "mm/gup.c/x", "nosuch")
    for path in (*outside, *no_file, "\udcff", "x" * 300):
        assert tree.read(path) is None, path
    assert tree.read("mm/gup.c", "1234567") is None


def test_plain_tree_leaves_large_files_out(tmp_path, monkeypatch):
    monkeypatch.setattr(tree_module, "MAX_BLOB", 10)
    (tmp_path / "a").write_text("x" * 11)
    (tmp_path / "b").write_text("x" * 10)
    assert PlainTree(tmp_path).read("a") is None
    assert PlainTree(tmp_path).read("b") == b"x" * 10


@given(st.text())
def test_no_path_of_mail_raises(path):
    assert PlainTree(Path(__file__).parent).read(path) is None or refuse_path(path) is None


def test_blob_id_is_git_s():
    """The empty blob, and Pro Git's example in "Git Objects"."""
    assert blob_id(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert blob_id(b"what is up, doc?") == "bd9dbf5aae1a3862dd1526723246b20206e5fc37"
    assert has_id(b"", "E69DE29")
    assert not has_id(b"", "")


def folder(path: Path, **files: str) -> PlainTree:
    path.mkdir()
    for name, text in files.items():
        (path / name).write_text(text)
    return PlainTree(path)


def test_in_several_trees_the_id_decides_then_the_order(tmp_path):
    first, second = folder(tmp_path / "1", a="first", b="b"), folder(tmp_path / "2", a="second", c="c")
    tree = ManyTrees((first, second))
    assert tree.read("a") == b"first"
    assert tree.read("a", blob_id(b"second")) == b"second"
    assert tree.read("c") == b"c"
    assert [found.content for found in candidates(tree, "a")] == [b"first", b"second"]


def test_patched_files_hide_the_base_by_path_but_not_by_id(tmp_path):
    base = folder(tmp_path / "base", a="old", b="b")
    tree = PatchedTree(base, {"a": b"new", "b": None}, {blob_id(b"other"): b"other"})
    assert tree.read("a") == b"new"
    assert tree.read("b") is None
    assert tree.read("a", blob_id(b"old")) == b"old"
    assert tree.read("b", blob_id(b"b")) == b"b"
    assert tree.read("a", blob_id(b"other")[:10]) == b"other"
    assert next(candidates(tree, "a")).name == EARLIER
    assert tree.restarted().read("a") == b"old"
    assert tree.restarted().read("a", blob_id(b"other")) == b"other"

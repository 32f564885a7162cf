"""Who calls a changed function: found in the whole tree, shown beside it, and asked by old-caller."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from lorelens.analyze.callers.index import build_index
from lorelens.analyze.checks.build import diff_of
from lorelens.cli import main
from lorelens.fetch.tree.source_tree import PlainTree, blob_id, open_tree

HOME = """\
int stash_fill(struct stash *s, unsigned int flags)
{
	if (flags & STASH_WRITE)
		return stash_write(s);
	return 0;
}
"""
TREE = {
    "mm/stash.c": HOME,
    "mm/lock.c": """\
static int lock_one(struct stash *s)
{
	unsigned int flags = STASH_READ;

	if (s->shared)
		flags |= STASH_WRITE;
	return stash_fill(s, flags);
}

SYSCALL_DEFINE1(lock_stash, struct stash *, s)
{
	return lock_one(s);
}
""",
    "fs/other.c": """\
static int stash_fill(struct stash *s, unsigned int flags)
{
	return 1;
}

int other(struct stash *s)
{
	return stash_fill(s, 0);
}
""",
    "include/linux/stash.h": """\
/* stash_fill() is described elsewhere. */
#define stash_touch(s) stash_fill(s, STASH_READ)
""",
    "drivers/far.c": "int far(struct stash *s)\n{\n\treturn stash_fill(s, 0);\n}\n",
}
WIDER = HOME.replace("unsigned int flags)", "unsigned int flags, int more)")
DENIES = HOME.replace("return stash_write(s);", "return -EPERM;")


@pytest.fixture
def tree(tmp_path):
    for path, text in TREE.items():
        file = tmp_path / "tree" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "tree"


def review(tmp_path, tree, post, blob=None, more=()):
    """Review a patch that makes mm/stash.c `post`; return the report's folder."""
    pre = {"mm/stash.c": HOME}
    diff = diff_of(pre, {"mm/stash.c": post})
    ids = blob or f"{blob_id(HOME.encode())[:12]}..{blob_id(post.encode())[:12]}"
    diff = diff.replace("--- a/", f"index {ids} 100644\n--- a/")
    (tmp_path / "mbox").write_text(
        "From git@z Thu Jan  1 00:00:00 1970\nFrom: Ada <ada@example.org>\nMessage-ID: <1@example.org>\n"
        "Date: Mon, 2 Mar 2026 10:00:00 +0000\nSubject: [PATCH] mm: stash\n\nmm: stash\n\n"
        f"Signed-off-by: Ada <ada@example.org>\n---\n{diff}--\n2.40.0\n\n"
    )
    out = tmp_path / "out"
    command = [
        "review",
        str(tmp_path / "mbox"),
        "--tree",
        str(tree),
        "--no-cache",
        "--jobs",
        "1",
        "-o",
        str(out),
    ]
    assert main([*command, *more]) == 0
    return out


def called(out):
    return json.loads((out / "review.json").read_text())["called"]


def test_callers_are_found_with_what_they_pass_and_what_comes_to_them(tmp_path, tree):
    (one,) = called(review(tmp_path, tree, DENIES))
    sites = {(site["path"], site["function"]): site for site in one["sites"]}
    assert set(sites) == {("mm/lock.c", "lock_one"), ("include/linux/stash.h", "stash_touch")}
    assert sites["mm/lock.c", "lock_one"]["passes"] == ["STASH_READ", "STASH_WRITE"]
    assert sites["mm/lock.c", "lock_one"]["meets"] == ["STASH_WRITE"]
    assert [(up["function"], up["through"]) for up in one["reached"]] == [("sys_lock_stash", "lock_one")]
    assert (one["calls"], one["files"], one["arguments"]) == (2, 2, 2)


def test_the_text_and_the_page_say_who_calls(tmp_path, tree, capsys):
    out = review(tmp_path, tree, DENIES, more=["--format", "html,json,text"])
    said = " ".join(capsys.readouterr().out.split())
    assert (
        "called from mm/lock.c: lock_one (passes STASH_READ, STASH_WRITE, and the difference asks for" in said
    )
    assert "sys_lock_stash (through lock_one)" in said
    page = (out / "index.html").read_text()
    assert "who calls it" in page
    assert "sys_lock_stash (through lock_one)" in page


def test_a_function_that_is_shown_to_do_the_same_comes_to_nothing(tmp_path, tree):
    same = HOME.replace("return 0;", "return s ? 0 : 0;")
    (one,) = called(review(tmp_path, tree, same))
    assert one["calls"] == 2
    assert one["reached"] == []


def old_callers(out):
    findings = json.loads((out / "review.json").read_text())["findings"]
    return [(one["path"], one["function"], one["line"]) for one in findings if one["check"] == "old-caller"]


def test_a_caller_elsewhere_in_the_tree_that_passes_the_old_parameters(tmp_path, tree, capsys):
    out = review(tmp_path, tree, WIDER)
    assert old_callers(out) == [
        ("include/linux/stash.h", "stash_touch", 2),
        ("mm/lock.c", "lock_one", 7),
    ]
    shutil.rmtree(tree)
    capsys.readouterr()
    assert main(["check", str(out)]) == 0
    assert capsys.readouterr().out.count("reproduced") == 2


def test_callers_of_a_tree_that_may_be_another_one_are_left_alone(tmp_path, tree):
    assert old_callers(review(tmp_path, tree, WIDER, blob="1234567890ab..234567890abc")) == []


def test_a_function_that_is_taken_away_and_is_still_called(tmp_path, tree):
    gone = "int stash_drain(struct stash *s)\n{\n\treturn 3;\n}\n"
    assert {
        path for path, _, _ in old_callers(review(tmp_path, tree, gone))
    } == set()  # fs/other.c has it too
    (tree / "fs/other.c").unlink()
    assert {path for path, _, _ in old_callers(review(tmp_path, tree, gone))} == {
        "include/linux/stash.h",
        "mm/lock.c",
    }


class Kept(dict):
    """Results by key, in memory."""

    def get(self, key):
        return super().get(key)

    def put(self, key, value):
        self[key] = value


def test_a_file_is_read_again_only_where_it_changed(tree, monkeypatch):
    kept, read = Kept(), []
    from lorelens.analyze.callers import index as module

    whole = module.read_source
    monkeypatch.setattr(module, "read_source", lambda tree, file: read.append(file.path) or whole(tree, file))
    first = build_index(PlainTree(tree), kept)
    assert sorted(read) == sorted(path for path in TREE if not path.startswith("drivers/"))
    read.clear()
    (tree / "mm/lock.c").write_text("int unlock(struct stash *s)\n{\n\treturn stash_drain(s);\n}\n")
    os.utime(tree / "mm/lock.c", ns=(1, 1))
    second = build_index(PlainTree(tree), kept)
    assert read == ["mm/lock.c"]
    assert [file.path for file in first.naming("lock_one")] == ["mm/lock.c"]
    assert second.naming("lock_one") == ()
    assert [file.path for file in second.naming("stash_drain")] == ["mm/lock.c"]


def test_an_index_that_is_damaged_is_made_anew(tree):
    kept = Kept()
    build_index(PlainTree(tree), kept)
    for key in kept:
        kept[key] = kept[key][:20]
    assert build_index(PlainTree(tree), kept).naming("lock_one")


def test_a_commit_is_searched_as_it_was(tree):
    git = ["git", "-C", str(tree), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], check=True)
    (tree / "mm/lock.c").unlink()
    subprocess.run([*git, "commit", "-qam", "two"], check=True)
    old, new = (build_index(open_tree([str(tree)], base)) for base in ("HEAD~1", "HEAD"))
    assert [file.path for file in old.naming("lock_one")] == ["mm/lock.c"]
    assert new.naming("lock_one") == ()


def test_links_out_of_the_tree_are_not_followed(tmp_path, tree):
    (tmp_path / "outside.c").write_text("int outside(void)\n{\n\treturn stash_fill(0, 0);\n}\n")
    (tree / "mm/link.c").symlink_to(tmp_path / "outside.c")
    index = build_index(PlainTree(tree))
    assert [file.path for file in index.naming("stash_fill")] == ["fs/other.c", "include/linux/stash.h",
                                                                 "mm/lock.c", "mm/stash.c"]  # fmt: skip


@pytest.mark.parametrize(("name", "missing"), [("stash_touch", False), ("stash_drained", True)])
def test_a_name_that_a_later_patch_defines_and_a_header_of_the_tree_has(
    tmp_path, tree, capsys, name, missing
):
    """Another header may give it to the user already; that of another function shows that it is looked up."""
    used = HOME + f"int stash_more(struct stash *s)\n{{\n\treturn {name}(s);\n}}\n"
    later = used + f"int {name}(struct stash *s)\n{{\n\treturn 1;\n}}\n"
    mails = []
    for number, (pre, post) in enumerate([(HOME, used), (used, later)], 1):
        mails.append(
            f"From git@z Thu Jan  1 00:00:00 1970\nFrom: Ada <ada@example.org>\n"
            f"Message-ID: <{number}@example.org>\nDate: Mon, 2 Mar 2026 10:00:0{number} +0000\n"
            f"Subject: [PATCH {number}/2] mm: step {number}\n"
            + ("In-Reply-To: <1@example.org>\n" if number > 1 else "")
            + "\nmm: stash\n\nSigned-off-by: Ada <ada@example.org>\n---\n"
            + diff_of({"mm/stash.c": pre}, {"mm/stash.c": post})
            + "--\n2.40.0\n\n"
        )
    (tmp_path / "mbox").write_text("".join(mails))
    command = ["review", str(tmp_path / "mbox"), "--tree", str(tree), "--no-cache", "--jobs", "1"]
    assert main([*command, "-o", str(tmp_path / "out")]) == 0
    document = json.loads((tmp_path / "out/review.json").read_text())
    found = [one for one in document["findings"] if one["check"] == "defined-later"]
    assert (bool(found), document["known"]) == (missing, [] if missing else [name])
    shutil.rmtree(tree)
    capsys.readouterr()
    assert main(["check", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.count("defined-later") == len(found)

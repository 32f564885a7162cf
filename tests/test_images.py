"""images.py and chain.py: the right images, from the best place, and no claim that an id does not back."""

from __future__ import annotations

import difflib
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lorelens.analyze import images as images_module
from lorelens.analyze.chain import find_blobs
from lorelens.analyze.diff import FileDiff, parse_diff
from lorelens.analyze.images import FileChange, apply_to, images
from lorelens.fetch.tree.source_tree import ManyTrees, NoTree, PatchedTree, PlainTree, blob_id

OLD = "".join(f"line {number}\n" for number in range(1, 31))
NEW = OLD.replace("line 9\n", "nine\n")
NEWER = NEW.replace("line 20\n", "twenty\n")


def make(old: str | bytes, new: str | bytes, path: str = "mm/a.c", index: bool = True) -> str:
    """Return a diff as git prints it, made without git and without the code under test."""
    before, after = (text if isinstance(text, bytes) else text.encode() for text in (old, new))
    head = f"diff --git a/{path} b/{path}\n"
    if index:
        head += f"index {blob_id(before)[:12]}..{blob_id(after)[:12]} 100644\n"
    lines = [text.decode("latin-1").splitlines(keepends=True) for text in (before, after)]
    body = "".join(difflib.unified_diff(*lines, f"a/{path}", f"b/{path}"))
    return head + body.encode("latin-1").decode("utf-8", "replace")


def tree(folder: Path, **files: str | bytes) -> PlainTree:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return PlainTree(folder)


def only(text: str, tree) -> FileChange:
    changes = images(parse_diff(text).files, tree)
    assert len(changes) == 1
    return changes[0]


def whole(image) -> str:
    assert image.whole
    assert [fragment.start for fragment in image.fragments] == [1]
    return image.fragments[0].text


def test_by_blob_id(tmp_path):
    change = only(make(OLD, NEW), tree(tmp_path, **{"mm__a.c": OLD}))
    assert (whole(change.pre), whole(change.post)) == (OLD, NEW)
    assert (change.verified, change.failure, change.source) == (True, None, f"{tmp_path}, by blob id")


def test_a_wrong_post_image_is_said(tmp_path):
    """The hunk's added line lost a blank on its way: it applies, and is not what the index line names."""
    text = make(OLD, NEW).replace("+nine", "+nine ")
    change = only(text, tree(tmp_path, **{"mm__a.c": OLD}))
    assert change.verified is False
    assert change.failure is None


def test_by_path_claims_nothing(tmp_path):
    change = only(make(OLD, NEW), tree(tmp_path, **{"mm__a.c": "other\n" + OLD}))
    assert whole(change.post) == "other\n" + NEW
    assert (change.verified, change.source) == (None, f"{tmp_path}, by path")


def test_several_trees_are_tried_by_path(tmp_path):
    first = tree(tmp_path / "1", **{"mm__a.c": "nothing of it\n"})
    second = tree(tmp_path / "2", **{"mm__a.c": "x\n" + OLD})
    assert whole(only(make(OLD, NEW), ManyTrees((first, second))).pre) == "x\n" + OLD


def test_a_conflict_names_file_tree_hunk_and_line(tmp_path):
    change = only(make(OLD, NEW), tree(tmp_path, **{"mm__a.c": OLD.replace("line 9", "neuf")}))
    assert change.failure.kind == "conflict"
    assert change.failure.detail == (
        f"mm/a.c: does not apply to {tmp_path}: hunk 1 at line 6: removed line 'line 9' not found; "
        "nearest at line 6, 1 of its 7 lines different: line 9 is 'neuf'."
    )
    assert change.verified is None
    assert not change.pre.whole


def test_hunks_alone():
    text = make(OLD, NEWER).replace("@@ -6,7 +6,7 @@", "@@ -6,7 +6,7 @@ int f(void)")
    change = only(text, NoTree())
    assert (change.source, change.failure, change.verified) == ("hunks alone", None, None)
    first, second = change.pre.fragments
    assert (first.start, first.section, second.start) == (6, "int f(void)", 17)
    assert first.text == "".join(f"line {number}\n" for number in range(6, 13))
    assert "nine\n" in change.post.fragments[0].text


def test_the_patch_is_in_the_tree_already(tmp_path):
    exact = only(make(OLD, NEW), tree(tmp_path / "1", **{"mm__a.c": NEW}))
    assert (whole(exact.pre), exact.verified) == (OLD, True)
    assert exact.source.endswith("by the post-image's blob id")
    near = only(make(OLD, NEW), tree(tmp_path / "2", **{"mm__a.c": NEWER}))
    assert (whole(near.pre), near.verified) == (NEWER.replace("nine", "line 9"), None)
    assert near.source.endswith("taken back")


ADDED = make("", "x\n").replace("--- a/mm/a.c", "--- /dev/null").replace(" 100644", "")
ADDED = ADDED.replace("index", "new file mode 100644\nindex").replace(blob_id(b"")[:12], "0" * 12)
REMOVED = make("x\n", "").replace("+++ b/mm/a.c", "+++ /dev/null").replace(" 100644", "")
REMOVED = REMOVED.replace("index", "deleted file mode 100644\nindex").replace(blob_id(b"")[:12], "0" * 12)


def test_added(tmp_path):
    change = only(ADDED, NoTree())
    assert (change.pre, whole(change.post), change.verified) == (None, "x\n", True)
    assert only(ADDED.replace("+x", "+y"), NoTree()).verified is False


def test_removed(tmp_path):
    change = only(REMOVED, tree(tmp_path, **{"mm__a.c": "x\n"}))
    assert (whole(change.pre), change.post, change.verified) == ("x\n", None, True)
    more = only(REMOVED, tree(tmp_path / "2", **{"mm__a.c": "x\nmore\n"}))
    assert "file's end" in more.failure.detail


def test_renamed_and_copied(tmp_path):
    base = tree(tmp_path, **{"mm__a.c": OLD})
    head = "diff --git a/mm/a.c b/mm/b.c\nsimilarity index 100%\n"
    renamed = images(parse_diff(head + "rename from mm/a.c\nrename to mm/b.c\n").files, base)
    assert whole(renamed[0].pre) == whole(renamed[0].post) == OLD
    after = apply_to(base, renamed)
    assert (after.read("mm/a.c"), after.read("mm/b.c")) == (None, OLD.encode())
    copied = images(parse_diff(head + "copy from mm/a.c\ncopy to mm/b.c\n").files, base)
    after = apply_to(base, copied)
    assert after.read("mm/a.c") == after.read("mm/b.c") == OLD.encode()


def test_two_renames_that_swap(tmp_path):
    base = tree(tmp_path, **{"mm__a.c": "a\n", "mm__b.c": "b\n"})
    text = "".join(
        f"diff --git a/mm/{x}.c b/mm/{y}.c\nsimilarity index 100%\nrename from mm/{x}.c\nrename to mm/{y}.c\n"
        for x, y in ("ab", "ba")
    )
    after = apply_to(base, images(parse_diff(text).files, base))
    assert (after.read("mm/a.c"), after.read("mm/b.c")) == (b"b\n", b"a\n")


def test_later_patches_see_earlier_ones(tmp_path):
    base = tree(tmp_path, **{"mm__a.c": OLD})
    first = images(parse_diff(make(OLD, NEW)).files, base)
    second = only(make(NEW, NEWER), apply_to(base, first))
    assert (whole(second.pre), whole(second.post), second.verified) == (NEW, NEWER, True)
    assert second.source == "earlier patch of the thread, by blob id"


def test_later_patches_see_earlier_ones_without_ids(tmp_path):
    base = tree(tmp_path, **{"mm__a.c": OLD})
    first = images(parse_diff(make(OLD, NEW, index=False)).files, base)
    second = only(make(NEW, NEW.replace("nine", "9"), index=False), apply_to(base, first))
    assert whole(second.post) == NEW.replace("nine", "9")
    assert second.source == "earlier patch of the thread, by path"


def test_an_earlier_patch_that_failed_is_missed_aloud(tmp_path):
    base = tree(tmp_path, **{"mm__a.c": OLD})
    lost = images(parse_diff(make(OLD.replace("line 2\n", ""), NEWER.replace("line 2", "2"))).files, base)
    assert lost[0].failure
    second = only(make(NEW, NEWER, index=False), apply_to(base, lost))
    assert second.source.endswith("by path and without an earlier patch of this file")


def test_two_diffs_of_one_file_in_a_patch(tmp_path):
    base = tree(tmp_path, **{"mm__a.c": OLD})
    changes = images(parse_diff(make(OLD, NEW, index=False) + make(NEW, NEWER, index=False)).files, base)
    assert whole(changes[1].post) == NEWER


def test_crlf_files_take_hunks_that_lost_their_cr(tmp_path):
    old, new = OLD.replace("\n", "\r\n"), NEW.replace("\n", "\r\n")
    text = make(old, new)
    for diff in (text, text.replace("\r", "")):
        change = only(diff, tree(tmp_path, **{"mm__a.c": old}))
        assert (whole(change.pre), whole(change.post), change.verified) == (old, new, True)


def test_files_that_are_not_utf_8(tmp_path):
    old, new = ("ä\n" + OLD).encode("latin-1"), ("ä\n" + NEW).encode("latin-1")
    change = only(make(old, new), tree(tmp_path, **{"mm__a.c": old}))
    assert change.verified is True
    assert apply_to(NoTree(), (change,)).read("mm/a.c") == new


def test_binary_files_are_told(tmp_path):
    text = "diff --git a/x b/x\nindex 1234567..89abcde 100644\nBinary files a/x and b/x differ\n"
    change = only(text, tree(tmp_path, x=b"\0"))
    assert (change.verified, change.failure, change.source) == (None, None, "binary file: not read")
    assert apply_to(NoTree(), (change,)).unknown == {"x"}


def test_a_hunk_that_lies_is_true_where_the_id_proves_it(tmp_path):
    base = tree(tmp_path, **{"mm__a.c": OLD})
    lying = make(OLD, NEW).replace("@@ -6,7 +6,7 @@", "@@ -6,9 +6,9 @@")
    assert only(lying, base).verified is True
    assert only(lying, base).failure is None
    unproved = only(make(OLD, NEW, index=False).replace("@@ -6,7 +6,7 @@", "@@ -6,9 +6,9 @@"), base)
    assert "announces -9 +9" in unproved.failure.detail
    assert not unproved.post.whole


@pytest.mark.parametrize("path", ["../secret", "/etc/hostname", ".git/config"])
def test_refused_paths_are_not_read(tmp_path, path):
    class Loud(NoTree):
        def read(self, path: str, blob: str | None = None) -> bytes | None:
            raise AssertionError(path)

    text = f"--- {path}\n+++ {path}\n@@ -1 +1 @@\n-a\n+b\n"
    change = only(text, Loud())
    assert "refused" in change.failure.detail
    assert dict(apply_to(NoTree(), (change,)).files) == {}


def test_memory_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(images_module, "MAX_IMAGES", 1000)
    monkeypatch.setattr(images_module, "MAX_REMEMBERED", 500)
    base = tree(tmp_path, **{f"{n}.c": OLD for n in range(9)})
    changes = images(parse_diff("".join(make(OLD, NEW, f"{n}.c") for n in range(9))).files, base)
    kept = [change for change in changes if change.pre.whole]
    assert 0 < len(kept) < 9
    assert changes[-1].failure.kind == "size"
    assert sum(map(len, apply_to(base, changes).blobs.values())) <= 500


def diffs(*texts: str) -> list[FileDiff]:
    return [file for text in texts for file in parse_diff(text).files]


def test_one_image_of_the_thread_gives_the_others(tmp_path):
    """The tree has what the second patch made; the first one's pre-image follows, and its id proves it."""
    base = tree(tmp_path, **{"mm__a.c": NEWER})
    known = find_blobs(diffs(make(OLD, NEW), make(NEW, NEWER)), base)
    assert known.read("mm/a.c", blob_id(OLD.encode())) == OLD.encode()
    change = only(make(OLD, NEW), known)
    assert (whole(change.pre), change.verified) == (OLD, True)
    assert change.source == "another patch of the thread, by blob id"


def test_an_added_file_needs_no_tree():
    added = make("x\n", "x\ny\n")
    known = find_blobs(diffs(ADDED, added), NoTree())
    assert only(added, known).verified is True


def test_nothing_follows_from_a_damaged_patch(tmp_path):
    base = tree(tmp_path, **{"mm__a.c": OLD})
    damaged = make(OLD, NEW).replace("+nine", "+nine ")
    assert dict(find_blobs(diffs(damaged), base).blobs) == {}


@given(st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_no_mutated_patch_raises_or_is_called_exact_wrongly(seed):
    """Whatever happened to the diff's text: True is said only of an image that has the id."""
    random_ = random.Random(seed)
    text = make(OLD, NEW) + ADDED.replace("mm/a.c", "mm/n.c") + make(NEW, NEWER) + REMOVED
    for _ in range(random_.randrange(1, 5)):
        at, size = random_.randrange(len(text)), random_.randrange(12)
        text = (
            text[:at]
            + "".join(random_.choices("+- @\n\\/ab0,\r", k=random_.randrange(6)))
            + text[at + size :]
        )
    base = PatchedTree(NoTree(), {"mm/a.c": OLD.encode()})
    changes = images(parse_diff(text).files, base)
    apply_to(base, changes)
    find_blobs([change.diff for change in changes], base)
    for change in changes:
        if change.verified and change.post:
            assert blob_id(whole(change.post).encode()).startswith(change.diff.post_blob)

"""Comments that name code are linked with its lines, and the model says what it knows of them."""

from __future__ import annotations

import subprocess
from datetime import datetime

from lorelens.analyze.checks.build import build_case, diff_of
from lorelens.analyze.linked import link_comments
from lorelens.fetch.comment.quote import Comment
from lorelens.fetch.mail.address import Address
from lorelens.fetch.tree.source_tree import GitTree, NoTree, PlainTree

SHELF = """\
static int shelf_room(struct shelf *s)
{
	return s->room;
}

int shelf_fill(struct shelf *s, struct vm_area_struct *vma)
{
	if (vma->vm_flags & (VM_IO | VM_PFNMAP))
		return 0;
	/* shelf_room() and VM_IO in a remark */
	return shelf_room(s);
}
"""


def comment(text):
    return Comment(
        message_id="c@x",
        number=1,
        author=Address(name="A Reader", email="a@x"),
        date=datetime.fromisoformat("2024-01-01T00:00:00+00:00"),
        parent=None,
        quote="",
        text=text,
        requests=(),
        anchor=None,
    )


def changes(text=SHELF):
    pre = {"mm/shelf.c": text.replace("return s->room", "return 1")}
    return [("p@x", build_case(diff_of(pre, {"mm/shelf.c": text}), pre).files)]


def places(text, tree=None, held=None):
    found = link_comments([comment(text)], changes() if held is None else held, tree or NoTree())
    return [(one.function, one.line, one.side) for one in found]


def test_a_doubt_is_linked_with_the_line_of_its_flags():
    said = "But e.g. in shelf_fill() anything with (VM_IO | VM_PFNMAP) is left out."
    assert places(said) == [("shelf_fill", 8, "post")]


def test_a_proposal_is_linked_with_the_function_and_the_call_of_it():
    said = "Hooking into shelf_room() is better, since shelf_fill() calls it."
    assert places(said) == [("shelf_room", 1, "post"), ("shelf_fill", 11, "post")]


def test_what_names_no_function_at_hand_is_not_linked():
    assert places("I like this (VM_IO) better.") == []
    assert places("What about shelf_empty()?") == []


def test_a_name_that_is_defined_in_two_files_is_not_linked():
    pre = {"mm/a.c": "", "mm/b.c": ""}
    post = {"mm/a.c": SHELF, "mm/b.c": SHELF}
    held = [("p@x", build_case(diff_of(pre, post), pre).files)]
    assert places("See shelf_fill().", held=held) == []


def test_a_directory_answers_where_no_patch_does(tmp_path):
    (tmp_path / "mm").mkdir()
    (tmp_path / "mm" / "shelf.c").write_text(SHELF)
    (tmp_path / "mm" / "other.c").write_text(
        "int shelf_fill(struct shelf *s);\nint x(void) { return shelf_fill(0); }\n"
    )
    assert places("See VM_PFNMAP in shelf_fill().", PlainTree(tmp_path), []) == [("shelf_fill", 8, "tree")]


def test_a_repository_answers_where_no_patch_does(tmp_path):
    (tmp_path / "mm").mkdir()
    (tmp_path / "mm" / "shelf.c").write_text(SHELF)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "shelf.c").write_text(SHELF)
    who = ("-c", "user.name=A", "-c", "user.email=a@x")
    for command in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "x")):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    assert places("See VM_PFNMAP in shelf_fill().", GitTree(tmp_path), []) == [("shelf_fill", 8, "tree")]
    assert places("See -e() and --output=x().", GitTree(tmp_path), []) == []

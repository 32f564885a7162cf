"""Matrices: outcomes before and after by flags and kinds, on small functions of our own."""

from __future__ import annotations

from lorelens.analyze.checks.build import build_case, diff_of
from lorelens.analyze.checks.view import PatchView
from lorelens.analyze.kernel.axes import axis_rules, notable_calls
from lorelens.analyze.models.build import patch_models


def models(before, after):
    pre, post = {"mm/shelf.c": before}, {"mm/shelf.c": after}
    return patch_models(PatchView(build_case(diff_of(pre, post), pre)))


def told(matrix):
    """Rows as state, condition, returns before and after."""
    return {
        (row.state, *(f"{axis}={value}" for axis, value in row.condition)): (
            row.before.returns,
            row.after.returns,
        )
        for row in matrix.rows
    }


SKIPS = """\
int shelf_fill(struct vm_area_struct *vma)
{
	int plain = !(vma->vm_flags & (VM_IO | VM_PFNMAP));

	if (!plain)
		return 0;
	return handle_mm_fault(vma);
}
"""


def test_a_flag_that_is_no_longer_asked_for_opens_its_row():
    (matrix,) = models(SKIPS, SKIPS.replace("(VM_IO | VM_PFNMAP)", "VM_PFNMAP"))
    assert told(matrix) == {
        ("differs", "VM_IO=yes", "VM_PFNMAP=no"): (("0",), ("what handle_mm_fault() answers",)),
        ("same", "VM_PFNMAP=yes"): (("0",), ("0",)),
        ("same", "VM_IO=no", "VM_PFNMAP=no"): (
            ("what handle_mm_fault() answers",),
            ("what handle_mm_fault() answers",),
        ),
    }
    (open_row,) = [row for row in matrix.rows if row.state == "differs"]
    assert (open_row.before.calls, open_row.after.calls) == ((), ("handle_mm_fault",))


def test_the_same_code_in_other_words_has_no_row_that_differs():
    other = SKIPS.replace("!(vma->vm_flags & (VM_IO | VM_PFNMAP))", "1").replace(
        "if (!plain)", "if (vma->vm_flags & VM_PFNMAP || vma->vm_flags & VM_IO)"
    )
    (matrix,) = models(SKIPS, other)
    assert {row.state for row in matrix.rows} == {"same"}


def test_code_that_asks_for_nothing_has_no_matrix():
    plain = "int shelf_size(int a)\n{\n\treturn a;\n}\n"
    assert models(plain, plain.replace("return a", "return a + 1")) == []


HANDED = """\
int shelf_put(struct page **pagep, struct vm_area_struct *vma)
{
	int fresh = 0;

	if (!*pagep)
		fresh = 1;
	if (vma->vm_flags & VM_SHARED)
		return add_to_page_cache(*pagep);
	return fresh;
}
"""


def test_a_page_handed_in_is_an_axis():
    (matrix,) = models(HANDED, HANDED.replace("VM_SHARED)", "VM_SHARED && fresh)"))
    rows = told(matrix)
    assert rows["differs", "VM_SHARED=yes", "*pagep given=yes"] == (
        ("what add_to_page_cache() answers",),
        ("0",),
    )
    assert [state for state, *_ in rows].count("differs") == 1


ENTRIES = """\
enum shelf_mode { SHELF_COPY, SHELF_ZERO };

static int shelf_do(struct vm_area_struct *vma, enum shelf_mode mode)
{
	if (is_vm_hugetlb_page(vma) && mode == SHELF_ZERO)
		return -EINVAL;
	return 0;
}

int shelf_copy(struct vm_area_struct *vma)
{
	return shelf_do(vma, SHELF_COPY);
}

int shelf_zero(struct vm_area_struct *vma)
{
	return shelf_do(vma, SHELF_ZERO);
}
"""


def test_modes_are_told_apart_by_the_entries_that_pass_them():
    (matrix,) = models(ENTRIES, ENTRIES.replace("return -EINVAL", "return -EOPNOTSUPP"))
    assert matrix.function == "shelf_do"
    rows = told(matrix)
    assert rows["differs", "through=shelf_zero", "vma kind=hugetlb"] == (("-EINVAL",), ("-EOPNOTSUPP",))
    assert ("same", "through=shelf_copy") in rows


def test_an_entry_that_is_new_says_so():
    more = "\nint shelf_third(struct vm_area_struct *vma)\n{\n\treturn shelf_do(vma, SHELF_COPY);\n}\n"
    after = ENTRIES.replace("return -EINVAL", "return -EOPNOTSUPP") + more
    (matrix,) = models(ENTRIES, after)
    (row,) = [row for row in matrix.rows if row.state == "new"]
    assert row.before.not_told
    assert row.after.returns == ("0",)


REGISTERED = """\
int shelf_fault(struct vm_area_struct *vma, unsigned long flags)
{
	if (vma->vm_flags & VM_UFFD_WP)
		return handle_userfault(vma);
	return flags & FOLL_WRITE ? -EFAULT : 0;
}
"""


def test_flags_of_a_family_that_are_not_asked_for_are_named():
    (matrix,) = models(REGISTERED, REGISTERED.replace("-EFAULT", "-EIO"))
    assert matrix.unasked == ("VM_UFFD_MISSING", "VM_UFFD_MINOR")
    assert told(matrix)["differs", "FOLL_WRITE=yes", "VM_UFFD_WP=no"] == (("-EFAULT",), ("-EIO",))


def test_cases_of_a_switch_are_an_axis():
    before = """\
int shelf_ioctl(unsigned cmd)
{
	switch (cmd) {
	case UFFDIO_COPY:
		return do_copy();
	}
	return -EINVAL;
}
"""
    after = before.replace("\t}\n", "\tcase UFFDIO_CONTINUE:\n\t\treturn do_continue();\n\t}\n")
    (matrix,) = models(before, after)
    rows = told(matrix)
    assert rows["differs", "ioctl=UFFDIO_CONTINUE"] == (("-EINVAL",), ("what do_continue() answers",))
    assert {state for state, *_ in rows} == {"differs", "same"}


def test_a_flag_that_came_out_of_a_loop_is_not_taken_for_the_callers():
    before = """\
int shelf_loop(unsigned long flags, int n)
{
	while (n--)
		flags |= FOLL_GET;
	return flags & FOLL_GET ? -EINVAL : 0;
}
"""
    found = models(before, before.replace("-EINVAL", "-EIO"))
    for matrix in found:
        assert all(row.state != "same" for row in matrix.rows)


def test_the_tables_are_read():
    assert {one.kind for one in axis_rules()} == {"flags", "kinds", "cases", "answers", "given", "handed"}
    assert {"huge_add_to_page_cache", "unlock_page"} <= notable_calls()


def test_an_argument_that_may_be_left_out_is_an_axis():
    before = """\
long shelf_pin(unsigned int flags, int *locked)
{
	if (flags & FOLL_LONGTERM)
		return -EINVAL;
	return pin(flags);
}
"""
    (matrix,) = models(before, before.replace("FOLL_LONGTERM)", "FOLL_LONGTERM && locked)"))
    rows = told(matrix)
    opened = [key for key in rows if key[0] == "differs"]
    assert opened == [("differs", "FOLL_LONGTERM=yes", "locked given=no")]
    assert rows[opened[0]] == (("-EINVAL",), ("what pin() answers",))

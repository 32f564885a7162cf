"""What the checks make of paths and texts: conditions that agree, loops, locks that are tried, comments."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from lorelens.analyze.checks.build import build_case, diff_of
from lorelens.analyze.checks.frame import check_patches
from lorelens.analyze.checks.registry import CHECKS

BY_ID = {check.id: check for check in CHECKS}
EMPTY = "{\n\treturn 0;\n}\n"


def fires(check, head, body, kernel=""):
    """Whether a check says something of a function that gets this body."""
    pre, post = {"mm/a.c": head + EMPTY}, {"mm/a.c": head + body}

    case = replace(build_case(diff_of(pre, post), pre), kernel=kernel)
    return [one.title for one in check_patches([case], [BY_ID[check]]).findings if one.origin == "introduced"]


def cases(text):
    """Read cases: "name: fires" or "name: silent", the function's body indented below it."""
    found = []
    for block in re.split(r"\n(?=\S)", text.strip("\n")):
        head, _, body = block.partition("\n")
        name, _, says = head.rpartition(": ")
        assert says in ("fires", "silent"), head
        found.append((name, says == "fires", body))
    return found


LOCKS = cases("""
one way out keeps it: fires
    spin_lock(&s->l); if (a) return 0; spin_unlock(&s->l); return 0;
each gives it back: silent
    spin_lock(&s->l); if (a) { spin_unlock(&s->l); return 0; } spin_unlock(&s->l); return 0;
held where it answers 1: silent
    spin_lock(&s->l); if (a) return 1; spin_unlock(&s->l); return 0;
asked twice alike: silent
    if (a) spin_lock(&s->l); if (!b) c(); if (a) spin_unlock(&s->l); return 0;
a flag tells: silent
    int h = 0; if (b()) { spin_lock(&s->l); h = 1; } if (h) spin_unlock(&s->l); return 0;
a flag tells wrongly: fires
    int h = 0; if (b()) { spin_lock(&s->l); h = 1; } if (c()) h = 1; if (h) spin_unlock(&s->l);
    return 0;
tried: silent
    if (!spin_trylock(&s->l)) return 0; spin_unlock(&s->l); return 0;
tried and kept: fires
    if (!spin_trylock(&s->l)) return 0; if (a) return 0; spin_unlock(&s->l); return 0;
answered: silent
    spinlock_t *p = pmd_lock(s, a); if (a) { spin_unlock(p); return 0; } spin_unlock(p); return
    0;
answered and kept: fires
    spinlock_t *p = pmd_lock(s, a); if (a) return 0; spin_unlock(p); return 0;
stored: silent
    spinlock_t *p; int *q = pte_offset_map_lock(s, a, a, &p); pte_unmap_unlock(q, p); return 0;
in a loop, taken anew: silent
    spinlock_t *p; int i; pte_offset_map_lock(s, a, a, &p); for (i = 0; i < a; i++) { if (!b(i))
    continue; pte_unmap_unlock(s, p); c(); pte_offset_map_lock(s, a, a, &p); }
    pte_unmap_unlock(s, p); return 0;
in a loop, kept by break: fires
    spinlock_t *p; int i; for (i = 0; i < a; i++) { spin_lock(&s->l); if (b(i)) break;
    spin_unlock(&s->l); } return 0;
dropped by a callee: silent
    if (b()) mmap_read_lock(s->mm); return 0;
error ways: fires
    mutex_lock(&s->l); if (a) return -EINVAL; if (b()) { mutex_unlock(&s->l); return -ENOMEM; }
    mutex_unlock(&s->l); return 0;
held while its vma is handed on: silent
    if (a) b(); else hugetlb_vma_lock_read(s->v); c(s->v); if (!a) hugetlb_vma_unlock_read(s->v); return 0;
given back after its mm was handed on: silent
    mmap_read_lock(s->m); if (a) b(s->m); mmap_read_unlock(s->m); return 0;
taken on one way, and its mm handed on: silent
    mmap_read_lock(s->m); if (a) return b(s->m); if (c()) { d(s->m); return 0; }
    mmap_read_unlock(s->m); return 0;
two names of one lock: silent
    struct s *q = s->q; if (a) { mutex_lock(&s->l); if (b(s)) q = s->o; else { mutex_unlock(&s->l);
    mutex_lock(&q->l); } } else mutex_lock(&q->l); mutex_unlock(&q->l); return 0;
another lock is given back, too: fires
    mutex_lock(&s->l); if (a) return 0; mutex_unlock(&s->l); mutex_lock(&s->k); mutex_unlock(&s->k);
    return 0;
whether it is held stands in a field: silent
    struct s k; spinlock_t *p; k.b = pte_offset_map_lock(s, a, a, &p); g(&k);
    if (k.b) pte_unmap_unlock(k.b, p); return 0;
an earlier call kept it: silent
    if (!s->on && !mutex_trylock(&s->l)) return 0; if (c(s)) { s->on = 1; return 0; } s->on = 0;
    mutex_unlock(&s->l); return 0;
two locks: silent
    spin_lock(&s->l); spin_lock(&s->k); spin_unlock(&s->k); spin_unlock(&s->l); return 0;
""")


@pytest.mark.parametrize(("what", "says", "body"), LOCKS, ids=[one[0] for one in LOCKS])
def test_locks(what, says, body):
    assert bool(fires("lock-balance", "int f(struct s *s, int a)\n", f"{{\n{body}\n}}\n")) is says


KEEPS = "{\n\tmutex_lock(&s->l);\n\tif (a)\n\t\treturn 0;\n\tmutex_unlock(&s->l);\n\treturn 0;\n}\n"
HELD = "{\n\tmutex_lock(&s->l);\n\tif (a)\n\t\treturn 1;\n\tmutex_unlock(&s->l);\n\treturn 0;\n}\n"
GLOBAL = """{
	if (!busy && !mutex_trylock(&m))
		return 0;
	if (a)
		goto out;
	s->b = 1;
out:
	if (!busy)
		mutex_unlock(&m);
	return 0;
}
"""


@pytest.mark.parametrize(
    ("head", "before", "after", "says"),
    [
        ("int f(struct s *s, int a)\n", EMPTY, KEEPS, True),
        ("int s_lock_all(struct s *s, int a)\n", EMPTY, KEEPS, False),
        ("int block(struct s *s, int a)\n", EMPTY, KEEPS, True),
        ("int f(struct s *s, int a)\n", HELD, KEEPS, False),
        ("static DEFINE_MUTEX(m);\nstatic bool busy;\nint f(struct s *s, int a)\n", EMPTY, GLOBAL, False),
    ],
)
def test_functions_that_keep_a_lock_for_their_caller(head, before, after, says):
    pre, post = {"mm/a.c": head + before}, {"mm/a.c": head + after}
    found = check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["lock-balance"]]).findings
    assert bool([one for one in found if one.origin == "introduced"]) is says


def test_a_lock_that_a_later_patch_still_keeps_is_not_fixed_by_it():
    head = "int f(struct s *s, int a)\n"
    texts = [head + EMPTY, head + KEEPS, head + KEEPS.replace("if (a)", "if (a > 3)")]
    cases = [
        build_case(diff_of({"mm/a.c": a}, {"mm/a.c": b}), {"mm/a.c": a}, position=n, title=f"patch {n}")
        for n, (a, b) in enumerate(pairwise(texts), 1)
    ]
    found = check_patches(cases, [BY_ID["lock-balance"]]).findings
    assert [(one.position, one.origin) for one in found if one.origin == "introduced"] == [(1, "introduced")]


@pytest.mark.parametrize(("gone", "says"), [(KEEPS, False), (EMPTY, True)])
def test_a_new_function_that_may_be_one_that_kept_a_lock(gone, says):
    pre = {"mm/a.c": "int old_one(struct s *s, int a)\n" + gone.replace("{", "{\n\tg(1);\n\th(2, 3);", 1)}
    post = {"mm/a.c": "int f(struct s *s, int a)\n" + KEEPS.replace("return 0", "return -5")}
    found = check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["lock-balance"]]).findings
    assert bool([one for one in found if one.origin == "introduced"]) is says


POINTERS = cases("""
not asked: fires
    p = kmalloc(8, GFP_KERNEL); p->a = 1; return 0;
asked: silent
    p = kmalloc(8, GFP_KERNEL); if (!p) return 1; p->a = 1; return 0;
asked by goto: silent
    p = kmalloc(8, GFP_KERNEL); if (p == NULL) goto out; p->a = 1; out: return 0;
a macro that is not at hand may ask, and leave: silent
    p = kmalloc(8, GFP_KERNEL); UNIT_ASSERT_NOT_NULL(s, p); p->a = 1; return 0;
it is asked about another pointer: fires
    p = kmalloc(8, GFP_KERNEL); UNIT_ASSERT_NOT_NULL(s, q); p->a = 1; return 0;
cannot fail: silent
    p = kmalloc(8, GFP_KERNEL | __GFP_NOFAIL); p->a = 1; return 0;
asked the wrong way: fires
    p = kmalloc(8, GFP_KERNEL); if (IS_ERR(p)) return 1; p->a = 1; return 0;
an error pointer asked for NULL: fires
    p = memdup_user(s, 8); if (!p) return 1; p->a = 1; return 0;
an error pointer asked for both: silent
    p = memdup_user(s, 8); if (IS_ERR_OR_NULL(p)) return 1; p->a = 1; return 0;
one of two ways asked: fires
    p = kmalloc(8, GFP_KERNEL); if (a && !p) return 1; p->a = 1; return 0;
asked in another variable: silent
    struct s *q; p = kmalloc(8, GFP_KERNEL); q = p; if (!q) return 1; p->a = 1; return 0;
the same as another one: silent
    p = find_vma(s, a); if (p == s->p) p->a = 1; return 0;
not the same as another one: fires
    p = find_vma(s, a); if (p != s->p) p->a = 1; return 0;
passed on alone: silent
    p = kmalloc(8, GFP_KERNEL); return g(p);
""")


@pytest.mark.parametrize(("what", "says", "body"), POINTERS, ids=[one[0] for one in POINTERS])
def test_answers(what, says, body):
    head = "int f(struct s *s, int a)\n"
    assert bool(fires("unchecked-pointer", head, f"{{\nstruct s *p;\n{body}\n}}\n")) is says


@pytest.mark.parametrize(("kernel", "says"), [("", False), ("5.17", False), ("6.6", True)])
def test_contracts_are_asked_for_the_kernel_at_hand(kernel, says):
    body = "{\nint *p = pte_offset_map(s->pmd, a);\nreturn p[0];\n}\n"
    assert bool(fires("unchecked-pointer", "int f(struct s *s, int a)\n", body, kernel)) is says


UNSET = cases("""
a list is asked twice: silent
    if (list_empty(&s->l)) r = 1; g(s); if (list_empty(&s->l)) return r; return 0;
asked alike by a function that only says whether it can: silent
    if (can_sleep(s)) r = 1; g(s); if (can_sleep(s)) return r; return 0;
a switch with all its values: silent
    switch (a) { case X: r = 1; break; case Y: r = 2; break; } return r;
set by a macro: silent
    FILL(r, s); return r;
set through its address: silent
    g(&r); return r;
set in a loop that may not run: silent
    for (i = 0; i < a; i++) r = g(i); return r;
set and asked alike: silent
    if (a) r = 1; g(s); if (a) return r; return 0;
asked otherwise: fires
    if (a) r = 1; g(s); if (s->b) return r; return 0;
set by an iteration macro: silent
    list_for_each_entry(r, s, list) g(r); return 0;
any function asked twice alike: silent
    if (g(s, a)) r = 1; h(s); if (g(s, a)) return r; return 0;
a function asked of something else: fires
    if (g(s, a)) r = 1; h(s); if (g(s, s->b)) return r; return 0;
a flag, and two of which it is one: silent
    if (s->w & (A | B)) r = 1; if (s->w & A) return r; return 0;
two flags, and one of them: fires
    if (s->w & A) r = 1; if (s->w & (A | B)) return r; return 0;
above a number, and above a larger one: silent
    if (a > 5) r = 1; if (a > 7) return r; return 0;
above a number, and above a smaller one: fires
    if (a > 5) r = 1; if (a > 3) return r; return 0;
a loop that runs where it was set: silent
    if (a) r = 1; for (i = 0; i < a; i++) g(r + 1); return 0;
all constants that there are, it may be: silent
    if (a == X) r = 1; else if (a == Y) r = 2; return r;
one constant: fires
    if (a == X) r = 1; return r;
one of all flags, it may be: silent
    if (a & X) r = 1; else if (a & Y) r = 2; return r;
handed to what may be a macro: silent
    if (a) r = 1; return g(r);
handed to a function that looks at it: fires
    if (a) r = 1; return looks(r);
handed to a function that sets it: silent
    if (a) r = 1; return sets(r);
copied alone: silent
    if (a) r = 1; s->b = r; i = r; return 0;
copied, and the copy used: fires
    if (a) r = 1; i = r; return i + 1;
its size alone: silent
    return sizeof(r) + size_of_row(r, s);
a macro of its name: silent
    r = r(s); return r;
set to itself: silent
    int q = q; return q;
set by an iteration macro through its address: silent
    for_each_span(i, a, &r) g(r); return 0;
""")


@pytest.mark.parametrize(("what", "says", "body"), UNSET, ids=[one[0] for one in UNSET])
def test_unset(what, says, body):
    callees = "int looks(int v)\n{\n\treturn v + 1;\n}\n\nint sets(int v)\n{\n\tfill(&v);\n\treturn v;\n}\n\n"
    head = f"{callees}int f(struct s *s, int a)\n"
    assert bool(fires("uninitialised", head, f"{{\nint r, i;\n{body}\n}}\n")) is says


TASK = "int f(struct task_struct *t, int a)\n"
FLAGS = "{\n\tif (t->flags & %s)\n\t\treturn 0;\n\treturn t->mm->map_count;\n}\n"


@pytest.mark.parametrize(
    ("head", "flags", "says"),
    [
        (TASK, "(PF_EXITING | PF_KTHREAD)", False),
        (TASK, "PF_KTHREAD", False),
        (TASK, "PF_DUMPCORE", True),
        (TASK.replace(" f(", " s_dump_task("), "PF_DUMPCORE", False),
    ],
)
def test_the_memory_of_a_task_whose_flags_were_asked(head, flags, says):
    assert bool(fires("null-deref", head, FLAGS % flags)) is says


def test_a_flag_that_keeps_the_condition_of_before():
    head, ask = "int f(struct s *s, int a)\n{\n", "\tif (s_room(s) < a) {\n\t\ts_add(s);\n\t}\n"
    pre = {"mm/a.c": f"{head}{ask}\treturn 0;\n}}\n"}
    kept = "\tbool full = false;\n\n\tif (s_left(s) < a)\n\t\tfull = true;\n\tg(s);\n"
    then = "\tif (full) {\n\t\tif (a > 3)\n\t\t\tgoto out;\n\t\ts_add(s);\n\t}\nout:\n\treturn 0;\n}\n"
    post = {"mm/a.c": head + kept + then}
    assert check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["newly-skipped"]]).findings == ()


SKIPPED = """int f(struct s *s, int a)
{
	bool on = false;

	if (a)
		on = true;
%s	if (on)
		s_add(s);
	return 0;
}
"""


@pytest.mark.parametrize(
    ("more", "says"),
    [("", True), ("\tif (s->full)\n\t\ton = true;\n", False), ("\tg(&on);\n", False)],
)
def test_a_call_behind_a_new_flag_that_is_set_at_one_place(more, says):
    pre = {"mm/a.c": "int f(struct s *s, int a)\n{\n\ts_add(s);\n\treturn 0;\n}\n"}
    post = {"mm/a.c": SKIPPED % more}
    found = check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["newly-skipped"]]).findings
    assert bool(found) is says


SLEEPS = cases("""
with GFP_KERNEL: fires
    spin_lock(&s->l); g(kmalloc(8, GFP_KERNEL)); spin_unlock(&s->l); return 0;
with GFP_ATOMIC: silent
    spin_lock(&s->l); g(kmalloc(8, GFP_ATOMIC)); spin_unlock(&s->l); return 0;
under a mutex: silent
    mutex_lock(&s->l); g(kmalloc(8, GFP_KERNEL)); mutex_unlock(&s->l); return 0;
behind it: silent
    rcu_read_lock(); rcu_read_unlock(); cond_resched(); return 0;
under RCU: fires
    rcu_read_lock(); mutex_lock(&s->l); mutex_unlock(&s->l); rcu_read_unlock(); return 0;
a call that may end it: silent
    rcu_read_lock(); obj_unlock(s); cond_resched(); return 0;
""")


@pytest.mark.parametrize(("what", "says", "body"), SLEEPS, ids=[one[0] for one in SLEEPS])
def test_sleeping(what, says, body):
    assert bool(fires("atomic-sleep", "int f(struct s *s, int a)\n", f"{{\n{body}\n}}\n")) is says


REFERENCES = cases("""
an error way keeps it: fires
    m = get_task_mm(s); if (!m) return -ESRCH; if (a) return -EINVAL; if (b()) { mmput(m);
    return -EIO; } mmput(m); return 0;
stored before: silent
    m = get_task_mm(s); if (!m) return -ESRCH; s->mm = m; if (a) return -EINVAL; if (b()) {
    mmput(m); return -EIO; } return 0;
success keeps it: silent
    m = get_task_mm(s); if (!m) return -ESRCH; if (b()) { mmput(m); return -EIO; } return 0;
""")


@pytest.mark.parametrize(("what", "says", "body"), REFERENCES, ids=[one[0] for one in REFERENCES])
def test_references(what, says, body):
    head = "int f(struct s *s, int a)\n"
    assert bool(fires("reference-balance", head, f"{{\nstruct mm_struct *m;\n{body}\n}}\n")) is says


PAGES = cases("""
handed in, one way clears the mark: fires
    page = *pagep; if (a) huge_add_to_page_cache(page, s->m, 1); page_dup_rmap(page, true); return 0;
handed in, no way clears it: silent
    page = *pagep; page_dup_rmap(page, true); return 0;
handed in, each way clears it: silent
    page = *pagep; if (a) { huge_add_to_page_cache(page, s->m, 1); } else { ClearPagePrivate(page); }
    page_dup_rmap(page, true); return 0;
cleared behind the step: silent
    page = alloc_huge_page(s, a, 0); page_dup_rmap(page, true); ClearPagePrivate(page); return 0;
allocated and not cleared: fires
    page = alloc_huge_page(s, a, 0); page_dup_rmap(page, true); return 0;
found in the page cache: silent
    page = find_lock_page(s->m, 1); if (page) page_dup_rmap(page, true); return 0;
found, and mapped as anonymous: fires
    page = find_lock_page(s->m, 1); if (page) hugepage_add_new_anon_rmap(page, s->v, a); return 0;
found or allocated, a flag tells: silent
    int fresh = 0; page = find_lock_page(s->m, 1); if (!page) { page = alloc_huge_page(s, a, 0); fresh = 1; }
    if (fresh) { ClearPagePrivate(page); hugepage_add_new_anon_rmap(page, s->v, a); } else
    page_dup_rmap(page, true); return 0;
seen by others when it is set: fires
    page = alloc_huge_page(s, a, 0); if (!huge_add_to_page_cache(page, s->m, 1)) __SetPageUptodate(page);
    return 0;
set where it could not be added: silent
    page = alloc_huge_page(s, a, 0); if (huge_add_to_page_cache(page, s->m, 1)) __SetPageUptodate(page);
    return 0;
another page at each turn: silent
    for (i = 0; i < a; i++) { page = alloc_huge_page(s, i, 0); __SetPageUptodate(page);
    huge_add_to_page_cache(page, s->m, i); } return 0;
""")


@pytest.mark.parametrize(("what", "says", "body"), PAGES, ids=[one[0] for one in PAGES])
def test_states_of_pages(what, says, body):
    head = "int f(struct s *s, struct page **pagep, int a)\n"
    text = f"{{\nstruct page *page;\nint i;\n{body}\n}}\n"
    assert bool(fires("page-state", head, text, "5.11")) is says


INSTALL = """\
int install(struct s *s, struct page **pagep, int shared)
{
	struct page *page = *pagep;

	if (!page)
		page = alloc_huge_page(s, 0, 0);
	if (shared) {
		page_dup_rmap(page, true);
	} else {
		hugepage_add_new_anon_rmap(page, s->v, 0);
	}
	return 0;
}

int copy(struct s *s, int shared)
{
	struct page *page = NULL;

	return install(s, &page, shared);
}
"""
AGAIN = """
int again(struct s *s, int shared)
{
	struct page *page = find_lock_page(s->m, 1);

	if (!page%s)
		return -EFAULT;
	return install(s, &page, shared);
}
"""


@pytest.mark.parametrize(("asks", "says"), [("", True), (" || !shared", False)])
def test_the_state_of_a_page_is_followed_into_the_function_that_gets_it(asks, says):
    pre = {"mm/a.c": INSTALL}
    post = {"mm/a.c": INSTALL.replace("	if (!page)", "	s->calls++;\n	if (!page)") + AGAIN % asks}
    found = check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["page-state"]]).findings
    assert [(one.function, "again()" in one.title) for one in found] == ([("install", True)] if says else [])


def test_a_function_of_too_many_paths_ends_and_claims_nothing_wrong():
    asked = "".join(f"\tif (s->a{n})\n\t\tb{n}();\n" for n in range(60))
    text = f"{{\nint r;\n\tif (a)\n\t\tr = 1;\n{asked}{asked}\tif (a)\n\t\treturn r;\n\treturn 0;\n}}\n"
    assert fires("uninitialised", "int f(struct s *s, int a)\n", text) == []


CALLEE = "static int g(int a)\n{\n\treturn a ? -EIO : 0;\n}\n\n"


@pytest.mark.parametrize(
    ("comment", "says"),
    [
        (
            "/* This may return -EPERM. */",
            ["a new comment names -EPERM, which nothing in the code of this file returns"],
        ),
        ("/* This may return -EIO. */", []),
        ("/* If h() says -EPERM, a is gone. */", []),
    ],
)
def test_a_comment_names_an_error_that_nothing_returns(comment, says):
    head = CALLEE + "int f(int a)\n"
    assert fires("comment-names", head, f"{{\n\t{comment}\n\treturn g(a);\n}}\n") == says


def test_a_comment_that_was_there_before_is_no_new_one():
    pre = {"mm/a.c": "/*\n * Returns -EBUSY if it is busy.\n */\n" + CALLEE}
    post = {"mm/a.c": "/*\n * It waits. Returns -EBUSY if it is busy.\n */\n" + CALLEE}
    assert check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["comment-names"]]).findings == ()


@pytest.mark.parametrize(("colon", "says"), [("b: the other", 0), ("b the other", 0), ("a and b", 1)])
def test_a_parameter_that_is_described_without_a_colon_is_described(colon, says):
    doc = "/**\n * add - add\n * @a: the one\n%s */\n"
    body = "\n{\n\treturn a;\n}\n"
    pre = {"mm/a.c": doc % "" + "int add(int a)" + body}
    post = {"mm/a.c": doc % f" * @{colon}\n" + "int add(int a, int b)" + body}
    found = check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["comment-names"]]).findings
    assert len(found) == says


def test_a_comment_that_speaks_of_a_function_that_is_gone():
    kept = "/* See stash_first_of() below. */\nint a(void)\n{\n\treturn 0;\n}\n\n"
    gone = "static int stash_first_of(int a)\n{\n\treturn a * 2 + 1;\n}\n"
    pre, post = {"mm/a.c": kept + gone}, {"mm/a.c": kept}
    (one,) = check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["comment-names"]]).findings
    assert one.title == "a comment speaks of stash_first_of(), which the patch takes away"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("(1 << 3)", True),
        ("BIT(3)", True),
        ("0x8", True),
        ("0x00000008UL", True),
        ("(1UL << 9)", False),
        ("STASH_D", False),
    ],
)
def test_a_bit_that_is_taken_is_found_however_it_is_written(written, says):
    flags = "".join(f"#define STASH_{name} (1 << {at})\n" for at, name in enumerate("ABCDE"))
    pre = {"include/linux/stash.h": flags}
    post = {"include/linux/stash.h": flags + f"#define STASH_F {written}\n"}
    found = check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["flag-bit"]]).findings
    assert bool(found) is says


@pytest.mark.parametrize(
    ("tag", "says"),
    [
        ('Fixes: 123456789abc ("mm: add")', False),
        ('Fixes: 123456789abc ("mm: add") # 5.4', False),
        ("Fixes: 1234567 (mm: add)", True),
        ("Fixes: 123456789abc", True),
        ("Fixes: 123456789abc mm: add", True),
        ("Fixes: https://example.org/bug", False),
    ],
)
def test_the_form_of_a_fixes_tag(tag, says):
    pre, post = {"mm/a.c": "int a;\n"}, {"mm/a.c": "int b;\n"}
    case = build_case(diff_of(pre, post), pre, message=f"mm: fix\n\n{tag}\n")
    assert bool(check_patches([case], [BY_ID["fixes-tag"]]).findings) is says


@pytest.mark.parametrize(
    ("kernel", "call", "says"),
    [
        ("6.12", "get_user_pages(a, 1, FOLL_PIN | FOLL_WRITE, p)", True),
        ("6.12", "get_user_pages_remote(m, a, 1, FOLL_TOUCH, p, 0)", True),
        ("6.1", "get_user_pages_remote(m, a, 1, FOLL_TOUCH, p, 0)", False),
        ("6.12", "pin_user_pages(a, 1, FOLL_WRITE | FOLL_LONGTERM, p)", False),
        ("6.12", "get_user_pages(a, 1, FOLL_WRITE | FOLL_LONGTERM, p)", True),
        ("6.12", "get_user_pages_fast(a, 1, FOLL_NOWAIT, p)", True),
        ("6.12", "g(a, FOLL_PIN | FOLL_TOUCH)", False),
    ],
)
def test_flags_that_functions_refuse(kernel, call, says):
    body = f"{{\n\treturn {call};\n}}\n"
    assert bool(fires("flag-rules", "long f(long a, struct page **p)\n", body, kernel)) is says


HUNK = """\
diff --git a/mm/far.c b/mm/far.c
--- a/mm/far.c
+++ b/mm/far.c
@@ -10,7 +10,7 @@ int far(struct s *s)
 {
 \tint a = 0;
@
-\ta = 1;
+\ta = 2;
 \treturn g(s%s);
 }
@
"""


@pytest.mark.parametrize(("more", "says"), [("", True), (", a", False)])
def test_an_old_call_in_a_file_that_is_at_hand_in_hunks_alone(more, says):
    pre = {"mm/a.c": "int g(struct s *s)\n{\n\treturn s->a;\n}\n"}
    post = {"mm/a.c": "int g(struct s *s, int a)\n{\n\treturn s->a + a;\n}\n"}
    case = build_case(diff_of(pre, post) + HUNK.replace("@\n", " \n") % more, pre)
    found = check_patches([case], [BY_ID["old-caller"]]).findings
    assert [(one.path, one.line, one.function) for one in found] == (
        [("mm/far.c", 14, "far")] if says else []
    )


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ("BUG_ON(!g(a, 1));", 0),
        ("BUG_ON(!g(a));\nBUG_ON(!h(a));", 1),
        ("BUG_ON(s->count && a > 3);", 1),
        ("BUG_ON(!g(a));\nBUG_ON(!g(a + 1));", 1),
    ],
)
def test_a_bug_on_whose_arguments_change_is_no_new_one(after, says):
    pre = {"mm/a.c": "void f(int a)\n{\n\tBUG_ON(!g(a));\n}\n"}
    post = {"mm/a.c": f"void f(int a)\n{{\n\t{after}\n}}\n"}
    found = check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["new-bug"]]).findings
    assert sum(one.origin == "introduced" for one in found) == says


MOVED = "static int stay(int a)\n{\n\tint b = a;\n\n\tb += 2;\n\treturn b;\n}\n\n"
LESS = MOVED.replace("+= 2", "+= 3")
THIRD = "static int third(int a)\n{\n\tint d = a;\n\n\td -= 9;\n\treturn d;\n}\n\n"
OTHER = "static int other(int a)\n{\n\tint c = a;\n\n\tc *= 7;\n\treturn c;\n}\n\n"


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (MOVED + OTHER, OTHER + MOVED.replace("+= 2", "+= 3"), True),
        (MOVED + OTHER, OTHER.replace("other", "fresh") + MOVED.replace("+= 2", "+= 3") + OTHER, False),
        # the one in front of it is renamed, and changes, too
        (OTHER + MOVED, OTHER.replace("other", "fresh").replace("7", "8") + LESS, False),
        # the one that moves is in front of it now
        (MOVED + OTHER + THIRD, THIRD + LESS + OTHER, False),
        (MOVED + OTHER + THIRD, OTHER + LESS + THIRD, True),
    ],
)
def test_a_function_that_new_ones_stand_in_front_of_has_not_moved(before, after, says):
    pre, post = {"mm/a.c": before}, {"mm/a.c": after}
    found = check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["moved-changed"]]).findings
    assert ("stay" in {one.function for one in found}) is says


def test_each_function_that_moved_and_changed_is_told():
    pre = {"mm/a.c": MOVED + OTHER + THIRD + THIRD.replace("third", "fourth")}
    post = {"mm/a.c": THIRD + THIRD.replace("third", "fourth") + LESS + OTHER.replace("7", "8")}
    found = check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["moved-changed"]]).findings
    assert {one.function for one in found} == {"stay", "other"}


LOOKUP = """\
static struct s *lookup(struct t *t)
{
	struct s *s;

	task_lock(t);
	s = t->s;
%s
	task_unlock(t);

	return s;
}

"""


STUB = "static inline int size(struct s *s)\n{\n\treturn 0;\n}\n"


def test_a_stub_is_not_taken_for_the_function_that_it_stands_in_for():
    real = STUB.replace("return 0;", "if (s->on)\n\t\treturn s_size(s);\n\treturn 0;")
    first = f"#ifdef CONFIG_S\n{real}int a;\n#else\n{STUB}int a;\n#endif\n"
    head = "#ifdef CONFIG_S\nint a;\n#else\nint a;\n#endif\n"
    then = f"{head}#ifdef CONFIG_T\nint size(struct s *s);\n#else\n{STUB}#endif\n"
    pre, post = {"mm/a.h": first + OTHER}, {"mm/a.h": then + OTHER}
    found = check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["moved-changed"]]).findings
    assert [
        one.title for one in found if "CONFIG_S before" in one.title and "!CONFIG_S" not in one.title
    ] == []


def test_a_function_in_another_file_is_built_under_what_builds_that_file():
    pre = {"mm/a.c": f"#ifdef CONFIG_S\n{MOVED}#endif\n{OTHER}", "mm/b.c": THIRD}
    post = {"mm/a.c": OTHER, "mm/b.c": THIRD + LESS}
    found = check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["moved-changed"]]).findings
    assert ["changed on the way" in one.title for one in found] == [True]


def test_a_member_of_a_struct_is_not_the_function_that_a_later_patch_adds():
    texts = [
        "int first(void);\n",
        "struct ops {\n\tint (*migrate_row)(int a);\n};\nvoid f(struct ops *o)\n{\n\to->migrate_row(1);\n}\n",
    ]
    texts.append(texts[1] + "int migrate_row(int a)\n{\n\treturn a;\n}\n")
    cases = [
        build_case(diff_of({"mm/a.c": pre}, {"mm/a.c": post}), {"mm/a.c": pre}, position=number)
        for number, (pre, post) in enumerate(pairwise(texts), 1)
    ]
    assert check_patches(cases, [BY_ID["defined-later"]]).findings == ()


def test_a_function_of_a_pair_that_got_other_names_is_not_exported_as_before():
    def side(name):
        one = f"int {name}(int a)\n{{\n\treturn a;\n}}\n"
        two = one.replace(name, f"{name}_norefs")
        heads = f"int {name}(int a);\nint {name}_norefs(int a);\n"
        return {"mm/a.c": f"{one}EXPORT_SYMBOL({name});\n{two}", "include/linux/a.h": heads}

    pre, post = side("move_a_page"), side("move_one_folio")
    assert check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["missing-export"]]).findings == ()


def test_a_new_function_is_not_taken_for_one_that_is_gone():
    gone = LOOKUP % "\tif (s)\n\t\tatomic_inc(&s->count);"
    new = LOOKUP.replace("lookup(struct t *t", "find_in(struct t *t, int a") % (
        "\tif (s && a < s->count)\n\t\ts = s->rows[array_index_nospec(a, s->count)].s;"
    )
    pre, post = {"mm/a.c": gone + OTHER}, {"mm/a.c": OTHER + new}
    found = check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["moved-changed"]]).findings
    assert found == ()


def bugs(*texts):
    """The functions with a new BUG() in a series that takes files from text to text, by patch."""
    cases = [
        build_case(diff_of(pre, post), pre, position=number)
        for number, (pre, post) in enumerate(pairwise(texts), 1)
    ]
    found = check_patches(cases, [BY_ID["new-bug"]]).findings
    return [(one.position, one.function) for one in found if one.origin == "introduced"]


BARE = "int f(int a)\n{\n\treturn a;\n}\n"
ASKS = "int f(int a)\n{\n\tBUG_ON(!g(a, THREE));\n\treturn a;\n}\n"


@pytest.mark.parametrize(
    ("elsewhere", "says"),
    [
        (("int h(int a);\n", "int h(int a);\n"), [(1, "f")]),
        (("#define h(a) BUG_ON(!g(a, THREE)); k(a)\n", "int h(int a);\n"), []),
        (("int h(int a);\n#define h(a) BUG_ON(!g(a, FOUR)); k(a)\n", "int h(int a);\n"), [(1, "f")]),
        (("static inline int f(int a)\n{\n\tBUG_ON(!g(THREE, a));\n\treturn 0;\n}\n",) * 2, []),
    ],
)
def test_a_bug_on_that_comes_from_a_header_is_no_new_one(elsewhere, says):
    pre = {"mm/a.c": "int e;\n", "mm/a.h": elsewhere[0] + "int e;\n"}
    post = {"mm/a.c": "int e;\n" + ASKS, "mm/a.h": elsewhere[1] + "int i;\n"}
    assert bugs(pre, post) == says


def test_a_bug_on_that_a_later_patch_takes_away_from_where_it_stood_is_no_new_one():
    old = {"mm/a.c": BARE, "mm/b.c": ASKS.replace("f(", "old(") + BARE.replace("f(", "h(")}
    copied = {**old, "mm/a.c": ASKS}
    moved = {**copied, "mm/b.c": BARE.replace("f(", "h(")}
    assert bugs(old, copied) == [(1, "f")]
    assert bugs(old, copied, moved) == []


def test_a_bug_on_that_a_later_patch_takes_away_again_is_fixed_later():
    cases = [
        build_case(
            diff_of({"mm/a.c": pre}, {"mm/a.c": post}), {"mm/a.c": pre}, position=number, title="a patch"
        )
        for number, (pre, post) in enumerate([(BARE, ASKS), (ASKS, BARE)], 1)
    ]
    found = check_patches(cases, [BY_ID["new-bug"]]).findings
    assert [(one.position, one.origin) for one in found] == [(1, "fixed-later"), (2, "fixed")]


def test_a_bug_on_in_other_words_is_no_new_one():
    pre = {"mm/a.c": BARE.replace("return", "BUG_ON(span == first_group_span);\n\treturn")}
    post = {"mm/a.c": BARE.replace("return", "BUG_ON(group_span_is_first(span));\n\treturn")}
    assert bugs(pre, post) == []


def test_a_struct_that_is_set_field_by_field_is_set():
    body = "{\n\tpmd_t p;\n\n\tp.low = a;\n\tp.high = a;\n\treturn g(p) + h(p);\n}\n"
    assert fires("uninitialised", "int f(struct s *s, int a)\n", body) == []


@pytest.mark.parametrize(("inner", "says"), [("read_unlock(&s->l);", False), ("g(s);", True)])
def test_a_lock_that_a_callees_callee_of_the_file_gives_back(inner, says):
    callees = (
        f"static int one(struct s *s)\n{{\n\t{inner}\n\treturn 1;\n}}\n\n"
        "static int two(struct s *s)\n{\n\treturn one(s);\n}\n\n"
    )
    body = "{\n\tread_lock(&s->l);\n\tif (two(s))\n\t\treturn;\n\tread_unlock(&s->l);\n}\n"
    pre = {"mm/a.c": callees + "void f(struct s *s)\n{\n\treturn;\n}\n"}
    post = {"mm/a.c": callees + "void f(struct s *s)\n" + body}
    found = check_patches([build_case(diff_of(pre, post), pre)], [BY_ID["lock-balance"]]).findings
    assert bool(found) is says

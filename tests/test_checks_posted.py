"""What the checks took wrongly on posted patches: each case beside the nearest one that is a finding."""

from __future__ import annotations

from itertools import pairwise

import pytest
from lorelens.analyze.checks.build import build_case, diff_of
from lorelens.analyze.checks.frame import check_patches
from lorelens.analyze.checks.registry import CHECKS

BY_ID = {check.id: check for check in CHECKS}
HEAD = "int f(struct s *s, int a)\n"
EMPTY = "{\n\treturn 0;\n}\n"


def findings(check, pre, post, *more):
    """What a check says of a series that takes files from state to state."""
    cases = [
        build_case(diff_of(one, two), one, title=f"patch {number}", position=number)
        for number, (one, two) in enumerate(pairwise((pre, post, *more)), 1)
    ]
    return [one for one in check_patches(cases, [BY_ID[check]]).findings if one.origin != "fixed"]


def says(check, head, body, before=EMPTY):
    """What a check says of a function that gets this body."""
    return [one.title for one in findings(check, {"mm/a.c": head + before}, {"mm/a.c": head + body})]


# lock-balance

KEEP = """static int row_keep(struct s *s, int i)
{
	if (!s->row[i])
		return -ENOMEM;
	row_set_%s(s, i);
	return 0;
}

"""
GUARDED = """{
	int rc, i;

	guard(write_lock)(&s->k->lock);
	if (g(s))
		return -EAGAIN;
	for (i = 0; i < a; i++) {
		rc = row_keep(s, i);
		if (rc)
			return rc;
	}
	return 0;
}
"""
AROUND = """{
	int i;

	if (a)
		write_lock(&s->k->lock);
	for (i = 0; i < 3; i++)
		g(s, i);
	write_unlock(&s->k->lock);
	return 0;
}
"""
MOVING = """{
	struct s *k = s->k;
	int i;

	write_lock(&k->k->k->lock);
	for (i = 0; i < a; i++) {
		write_unlock(&k->k->k->lock);
		k = k->next;
		write_lock(&k->k->k->lock);
	}
	write_unlock(&k->k->k->lock);
	return 0;
}
"""


@pytest.mark.parametrize(
    ("body", "fires"),
    [
        (GUARDED, False),
        (GUARDED.replace("s->k->lock", "s->k->next->lock"), False),
        (AROUND, True),
        (MOVING, False),
    ],
)
@pytest.mark.parametrize("callee", ["clear", "unlock"])
def test_what_was_taken_in_front_of_a_loop_is_given_back_behind_it(body, fires, callee):
    assert bool(says("lock-balance", KEEP % callee + HEAD, body)) is fires


@pytest.mark.parametrize(("first", "words"), [("-EFAULT", "an error, too"), ("0", "the same")])
def test_two_error_numbers_are_not_said_to_be_the_same(first, words):
    body = "{\n\tmutex_lock(&s->l);\n\tif (a)\n\t\treturn %s;\n\tmutex_unlock(&s->l);\n\treturn %s;\n}\n"
    title = says("lock-balance", HEAD, body % (first, "0" if first == "0" else "-ENODEV"))
    assert [words in one for one in title] == [True]


# uninitialised

ROW = "typedef struct { DECLARE_BITMAP(__private bits, 64); } row_t;\n"


@pytest.mark.parametrize(
    ("body", "fires"),
    [
        ("row_t d; unsigned long *p = d.bits; bits_or(p, s, a); return d;", False),
        ("row_t d; if (a) d = g(s); return d;", True),
        ("unsigned long d; unsigned long *p = &d; if (a) bits_or(p, s); return d;", False),
        ("unsigned long d; unsigned long *p = &s->b; if (a) d = 1; bits_or(p, s); return d;", True),
        ("unsigned long d[2]; unsigned long *p = &d[0]; bits_or(p, s); return d[0];", False),
    ],
)
def test_what_is_set_through_a_pointer_to_it_is_set(body, fires):
    assert bool(says("uninitialised", ROW + HEAD, f"{{\n{body}\n}}\n")) is fires


# moved-changed

MOVED = """%sint stay(struct s *s, int a)
{
	int b = a * 2;

%s	if (b > 7)
		b = 7;
	g(s);
	return b;
}

"""
LEFT = "int left(int a)\n{\n\treturn a + 3;\n}\n\n"


@pytest.mark.parametrize(
    ("head", "inner", "words"),
    [
        ("", "\t/* not more */\n", []),
        ("static ", "", ["linkage alone on the way (static is new)"]),
        ("static inline ", "\t/* not more */\n", ["linkage alone on the way (static is new, inline is new)"]),
        ("static unsigned ", "", ["changed on the way"]),
        ("", "\tg(s);\n", ["changed on the way"]),
    ],
)
def test_what_changed_in_a_function_that_went_to_another_file(head, inner, words):
    pre = {"mm/a.c": MOVED % ("", "") + LEFT, "mm/b.c": LEFT.replace("left", "other")}
    post = {"mm/a.c": LEFT, "mm/b.c": pre["mm/b.c"] + MOVED % (head, inner)}
    found = findings("moved-changed", pre, post)
    assert len(found) == len(words)
    assert all(word in one.title for word, one in zip(words, found, strict=True))


REAL = "static inline int is_on(struct s *s)\n{\n\tg(s);\n\treturn s->on && s->mask;\n}\n"


@pytest.mark.parametrize(("copied", "fires"), [(REAL, False), (REAL.replace("mask", "other"), True)])
def test_a_function_whose_body_goes_to_another_file_has_not_moved_within_its_own(copied, fires):
    """The second definition of its name is what the first one was for; the sentence would mix the two."""
    stub = REAL.replace("s->on && s->mask", "s->on && 0")
    around = LEFT + LEFT.replace("left", "right")
    pre = {"mm/a.h": f"#ifdef CONFIG_S\nint a;\n#else\nint b;\n#endif\n{around}{REAL}", "arch/z/b.h": LEFT}
    post = {
        "mm/a.h": f"#ifdef CONFIG_S\nint a;\n#else\nint b;\n{stub}#endif\n{around}",
        "arch/z/b.h": LEFT + copied,
    }
    assert bool(findings("moved-changed", pre, post)) is fires


# ioctl-direction

UAPI = "struct s_log {\n\t__u64 a;\n};\nstruct s_cmd {\n\t__u64 a;\n};\n"
CASES = """static long s_ioctl(unsigned int nr, void __user *argp)
{
	switch (nr) {
	case S_LOG: {
		struct s_log args;

		if (copy_from_user(&args, argp, sizeof(args)))
			return -EFAULT;
		return copy_to_user(argp, &args, sizeof(args));
	}
	case S_CMD: {
		struct s_cmd args; /* } */

		if (copy_from_user(&args, argp, sizeof(args)))
			return -EFAULT;
		return %s;
	}
	}
	return 0;
}
"""


@pytest.mark.parametrize(
    ("answer", "fires"), [("s_run(&args)", False), ("copy_to_user(argp, &args, sizeof(args))", True)]
)
def test_each_case_of_an_ioctl_has_a_variable_of_its_own(answer, fires):
    pre = {"include/uapi/linux/s.h": UAPI, "mm/s.c": "int a;\n"}
    post = {
        "include/uapi/linux/s.h": UAPI + "#define S_CMD _IOW('s', 2, struct s_cmd)\n",
        "mm/s.c": "int a;\n" + CASES % answer,
    }
    assert bool(findings("ioctl-direction", pre, post)) is fires


# newly-skipped

FREED = HEAD + "{\n%s\tpage = s_copy(s, a);\n\ts_write(s, page);\n\ts_free(%s);\n\treturn 0;\n}\n"


@pytest.mark.parametrize(("given", "word"), [("page", ""), ("s", "r is set at line 8, where a > 3")])
def test_a_call_that_gives_back_what_is_made_behind_the_same_flag(given, word):
    flag = "\tchar *page;\n\tint r = 0;\n\n\tg(s);\n\tif (a > 3)\n\t\tr = 1;\n\tif (r)\n\t\treturn 5;\n"
    pre = {"mm/a.c": FREED % ("\tchar *page;\n\n\tg(s);\n", given)}
    found = findings("newly-skipped", pre, {"mm/a.c": FREED % (flag, given)})
    freed = [one.title for one in found if "s_free()" in one.title]
    assert [word in one and "set at line 4" not in one for one in freed] == ([True] if word else [])


# missing-export


def row(name, export=False, head="int"):
    text = f"{head} {name}(int a)\n{{\n\treturn a + {len(name)};\n}}\n"
    return text + (f"EXPORT_SYMBOL({name});\n" if export else "")


@pytest.mark.parametrize(
    ("other", "fires"),
    [
        (row("row_insert_print_info"), False),
        (row("row_insert_print_info", head="static int"), True),
        (row("row_insert_print_info", export=True), True),
        (row("row_insert_printer"), True),
        (row("row_insert_set_name"), True),
    ],
)
def test_a_new_function_beside_nearer_ones_that_are_not_exported(other, fires):
    pre = {"mm/a.c": row("row_insert", export=True) + other, "include/linux/a.h": "int row_insert(int a);\n"}
    post = {
        "mm/a.c": pre["mm/a.c"] + row("row_insert_print_line"),
        "include/linux/a.h": pre["include/linux/a.h"] + "int row_insert_print_line(int a);\n",
    }
    assert bool(findings("missing-export", pre, post)) is fires


# old-caller

ONE = "int get(int a%s)\n{\n\treturn a;\n}\n\nint one(void)\n{\n\treturn get(1%s);\n}\n\n"
TWO = "int two(void)\n{\n\treturn get(2%s);\n}\n"


@pytest.mark.parametrize(
    ("later", "origin"),
    [(", 0", ("fixed-later", "patch 2")), (" + 1", ("introduced", ""))],
)
def test_an_old_call_that_a_later_patch_mends(later, origin):
    states = [("", "", ""), (", int b", ", 0", ""), (", int b", ", 0", later)]
    found = findings("old-caller", *({"mm/a.c": (ONE + TWO) % state} for state in states))
    assert [(one.origin, one.fixed_by) for one in found if one.position == 1] == [origin]


# defined-later

USE = "int two(struct s *s)\n{\n\treturn row_pointer_set(s, 1);\n}\n"
SET = "static inline int row_pointer_set(struct s *s, int a)\n{\n\treturn a;\n}\n"


@pytest.mark.parametrize(
    ("user", "home", "fires"),
    [
        ("arch/x86/kernel/s.c", "arch/arm64/include/asm/s.h", False),
        ("arch/x86/kernel/s.c", "arch/x86/include/asm/s.h", True),
        ("arch/x86/kernel/s.c", "include/linux/s.h", True),
        ("mm/s.c", "arch/arm64/include/asm/s.h", True),
    ],
)
def test_a_name_that_a_later_patch_defines_for_another_architecture(user, home, fires):
    states = [("", ""), (USE, ""), (USE, SET)]
    found = findings("defined-later", *({user: "int a;\n" + u, home: "int b;\n" + d} for u, d in states))
    assert bool(found) is fires

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

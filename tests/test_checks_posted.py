"""What the checks took wrongly on posted patches: each case beside the nearest one that is a finding."""

from __future__ import annotations

import pytest
from lorelens.analyze.checks.build import build_case, diff_of
from lorelens.analyze.checks.frame import check_patches
from lorelens.analyze.checks.registry import CHECKS

BY_ID = {check.id: check for check in CHECKS}
HEAD = "int f(struct s *s, int a)\n"
EMPTY = "{\n\treturn 0;\n}\n"


def findings(check, pre, post, *more):
    """What a check says of a series that takes files from state to state."""
    states = (pre, post, *more)
    patches = enumerate(zip(states, states[1:], strict=False), 1)
    cases = [
        build_case(diff_of(one, two), one, title=f"patch {number}", position=number)
        for number, (one, two) in patches
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

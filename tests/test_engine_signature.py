"""Functions whose parameter lists differ (docs/engine.md, B6, C5, C9). Expected values are worked by hand."""

# ruff: noqa: E501 -- a line of the table is a C function

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from engine_judged import judged
from lorelens.analyze.behaviour import Pair, compare_pair
from lorelens.analyze.engine.compare import CompareOptions
from lorelens.analyze.functions import outline

C, P, U = "changed", "preserved", "undecided"
HEAD = """struct obj { int n; struct obj *next; };
void take(struct obj *); void give(struct obj *); void mark(struct obj *); int count(struct obj *);
#define F_PIN 4
"""
LOCKED = "void f({head}) {{ take(p); {body} give(p); }}"


def versions(before, after, body_before, body_after, around=""):
    return (
        HEAD + around + LOCKED.format(head=before, body=body_before),
        HEAD + around + LOCKED.format(head=after, body=body_after),
    )


MORE = "struct obj *p, unsigned int flags"
PAIRS = [
    ("a parameter that nothing depends on",
     *versions("struct obj *p", MORE, "mark(p);", "mark(p);"), {P}),
    ("a parameter in front that nothing depends on",
     *versions("struct obj *p", "int why, struct obj *p", "mark(p);", "mark(p);"), {P}),
    ("a parameter that is gone, and that nothing depended on",
     *versions(MORE, "struct obj *p", "mark(p);", "mark(p);"), {P}),
    ("it does more where the new parameter asks for it",
     *versions("struct obj *p", MORE, "mark(p);", "mark(p); if (flags & F_PIN) mark(p);"), {C}),
    ("it does something else whatever the new parameter is",
     *versions("struct obj *p", MORE, "mark(p);", "if (flags & F_PIN) p->next = p; else p->next = 0;"), {C}),
    ("a store whose value is the parameter: the callers may hand the old one on",
     *versions("struct obj *p", "struct obj *p, int n", "p->n = 7;", "p->n = n;"), {U}),
    ("a condition that the callers hand on in place of the one that it tested itself",
     *versions("struct obj *p", MORE, "if (p->n) mark(p);", "if (flags) mark(p);"), {U}),
    ("a constant that the callers hand on",
     *versions("struct obj *p", MORE, "if (p->n == 5) mark(p);", "if (p->n == flags) mark(p);"), {U}),
    ("something else is done in each case, behind a join too",
     *versions("struct obj *p", MORE, "if (p->n) mark(p);", "if (p->n) { if (flags) count(p); else mark(p->next); }"), {C}),
    ("what it loaded itself is loaded through a new parameter",
     *versions("struct obj *p", "struct obj *p, struct obj *q", "mark(p->next->next);", "mark(q->next);"), {U}),
    ("an index that the callers hand on, of elements whose size is not told",
     HEAD + "void note(struct ref *); static void f(struct obj *p, struct ref *r) { take(p); note(r); give(p); }"
     "void g(struct obj *p, struct ref *r) { f(p, r); }",
     HEAD + "void note(struct ref *); static void f(struct obj *p, struct ref *r, int n) { take(p); note(&r[n]); give(p); }"
     "void g(struct obj *p, struct ref *r) { f(p, r, 0); }", {P}),
    ("a call that the callers choose",
     *versions("struct obj *p", "struct obj *p, struct ops *ops", "mark(p);", "ops->mark(p);",
               "struct ops { void (*mark)(struct obj *); };\n"), {U}),
    ("what it returned is stored for the callers, maybe in a variable of theirs",
     HEAD + "int f(struct obj *p) { take(p); int n = count(p); give(p); return n; }",
     HEAD + "int f(struct obj *p, int *out) { take(p); *out = count(p); give(p); return 0; }", {U}),
    ("what its caller did is moved into it, and the caller differs elsewhere",
     HEAD + "static void f(struct obj *p) { mark(p); } "
     "void all(struct obj *p, int n) { if (n) give(p); f(p); take(p); }",
     HEAD + "static void f(struct obj *p, int n) { if (n) give(p); mark(p); } "
     "void all(struct obj *p, int n) { f(p, n); give(p); }", {U}),
    ("noinline, where it asks for its caller",
     HEAD + "void at(unsigned long); static inline void f(int n) { at(_RET_IP_); }",
     HEAD + "void at(unsigned long); static noinline void f(int n) { at(_RET_IP_); }", {U}),
    ("what it counted itself is handed to it",
     HEAD + "int f(struct obj *p) { int n = count(p); return n + 1; }",
     HEAD + "int f(struct obj *p, int n) { return n + 1; }", {U}),
    ("what it did last is left to its callers",
     HEAD + "void f(struct obj *p) { take(p); mark(p); }", HEAD + "void f(struct obj *p, int n) { take(p); }", {U}),
    ("parameters in another order as well",
     HEAD + "int f(struct obj *p, int n) { take(p); return n; }",
     HEAD + "int f(int n, struct obj *p, int why) { take(p); return n; }", {U}),
    ("a parameter of another type as well",
     HEAD + "int f(long n) { return n; }", HEAD + "int f(int n, int why) { return n; }", {U}),
    ("another result as well",
     HEAD + "int f(struct obj *p) { return p->n; }", HEAD + "long f(struct obj *p, int why) { return p->n; }", {U}),
    ("no longer static", HEAD + "static int f(int n) { return n; }", HEAD + "int f(int n) { return n; }", {P}),
    ("inline, and to be used", HEAD + "static int f(int n) { return n; }",
     HEAD + "static inline int __must_check f(int n) { return n; }", {P}),
    ("weak is no hint", HEAD + "int f(int n) { return n; }", HEAD + "int __weak f(int n) { return n; }", {U}),
    ("in a section that is freed", HEAD + "int f(int n) { return n; }",
     HEAD + "int __init f(int n) { return n; }", {U}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "before", "after", "expected"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_pair(name, before, after, expected):
    delta = judged(before, after)
    assert delta.verdict in expected, delta


def compared(before, after):
    """Compare the first definitions of f in two files, as a patch's are: whatever condition they are under."""
    pre, post = (next(one for one in outline(text, "a.c") if one.name == "f") for text in (before, after))
    pair = Pair(pre=pre, post=post, pre_text=before, post_text=after)
    return compare_pair(pair, CompareOptions(budget=10, by_text=False))


ONE = "static int f(int n) {{ return n{more}; }}\n"
UNDER = "#ifdef CONFIG_SEEN\n{}#endif\n"
TWINS = "#ifdef CONFIG_SEEN\n{}#else\nstatic int f(int n) {{ return 0; }}\n#endif\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (UNDER.format(ONE.format(more="")), ONE.format(more=" + 0"), P),
        (ONE.format(more=""), UNDER.format(ONE.format(more=" + 0")), P),
        (TWINS.format(ONE.format(more="")), ONE.format(more=" + 0"), U),
        (
            UNDER.format(ONE.format(more="")).replace("static ", ""),
            ONE.format(more="").replace("static ", ""),
            U,
        ),
        (
            TWINS.replace("static int f(int n) {{ return 0; }}", "#define f(n) 0").format(
                ONE.format(more="")
            ),
            ONE.format(more=""),
            U,
        ),
        (
            "#define RETURNS(name) static int name(int n) { return 0; }\n"
            + TWINS.replace("static int f(int n) {{ return 0; }}", "RETURNS(f)").format(ONE.format(more="")),
            "#define RETURNS(name) static int name(int n) { return 0; }\n" + ONE.format(more=""),
            U,
        ),
        (UNDER.format(ONE.format(more="")), UNDER.replace("SEEN", "OTHER").format(ONE.format(more="")), U),
    ],
    ids=[
        "out of an #ifdef",
        "into one",
        "one of two is left",
        "others may have another",
        "a macro is the other",
        "a macro makes the other",
        "another condition",
    ],
)
def test_a_definition_that_leaves_its_condition(before, after, expected):
    delta = compared(HEAD + before, HEAD + after)
    assert delta.verdict == expected, delta
    if expected == P:
        assert any("CONFIG_SEEN is not set" in text for text in delta.assumptions)


STATIC = "static void put({head}) {{ take(p); {body} give(p); }} "
ASKED = "if (flags & F_PIN) mark(p);"


@pytest.mark.parametrize(
    ("callers_before", "callers_after", "expected"),
    [
        ("void f(struct obj *p) { put(p); }", "void f(struct obj *p) { put(p, 0); }", P),
        ("void f(struct obj *p) { put(p); }", "void f(struct obj *p) { put(p, F_PIN); }", C),
        (
            "void f(struct obj *p, int flags) { mark(p); put(p); }",
            "void f(struct obj *p, int flags) { give(p); put(p, flags); }",
            C,
        ),
        (
            "void f(struct obj *p) { int n = 0; mark(p); put(p); }",
            "void f(struct obj *p) { int n = 0; give(p); put(p, n); }",
            U,
        ),
    ],
)
def test_a_static_function_does_more_where_a_caller_may_ask_for_it(callers_before, callers_after, expected):
    before = HEAD + STATIC.format(head="struct obj *p", body="") + callers_before
    after = HEAD + STATIC.format(head=MORE, body=ASKED) + callers_after
    delta = judged(before, after, "put")
    assert delta.verdict == expected, delta
    assert "signature" in delta.kind


def test_a_local_of_a_loop_that_its_callers_hand_on_is_no_change():
    """What the loop does in its later turns differs whatever the parameter is but for the old value."""
    body = "void walk(struct obj *p{more}) {{ struct obj *q; {own} take(p); list_for(q, p) {{ mark(q); if (++n < LIMIT) continue; n = 0; give(q); take(q); }} give(p); }}"
    before = HEAD + "static " + body.format(more="", own="int n = 0;") + " void f(struct obj *p) { walk(p); }"
    after = HEAD + "static " + body.format(more=", int n", own="") + " void f(struct obj *p) { walk(p, 0); }"
    assert judged(before, after, "walk").verdict in {P, U}


def test_callers_whose_parameters_change_as_well_are_judged_through_theirs():
    inner = "static int inner(struct obj *p{more}) {{ {body} }} static int outer(struct obj *p{more}) {{ take(p); return inner(p{given}); }} "
    caller = "int f(struct obj *p) {{ return outer(p{given}); }}"
    before = HEAD + inner.format(more="", given="", body="return count(p);") + caller.format(given="")
    for given, expected in ((", 0", P), (", 1", C)):
        after = (
            HEAD
            + inner.format(more=", int n", given=", n", body="return n ? -22 : count(p);")
            + caller.format(given=given)
        )
        assert judged(before, after, "inner").verdict == expected


def test_what_a_new_parameter_in_front_asks_for_is_replayed_by_name():
    delta = compared(
        *versions("struct obj *p", "int why, struct obj *p", "mark(p);", "mark(p); if (why == 7) take(p);")
    )
    (row,) = delta.differences
    assert dict(row.witness.parameters)["why"] == 7
    assert row.replay == "confirmed"


@pytest.mark.parametrize(
    "macro", ["CALL(x) sum(x{})", "CALL(x) MADE(su, m)(x{})\n#define MADE(a, b) a##b", "CALL(x) su##x(x{})"]
)
def test_a_call_that_a_macro_of_the_file_hides_is_a_caller_too(macro: str) -> None:
    text = (
        "static int sum(int a{}) {{ return a + {}; }}\n#define {}\n"
        "int one(int x) {{ return sum(x{}); }}\nint two(int m) {{ return CALL(m); }}"
    )
    before = text.format(", int b", "b", macro.format(", 2"), ", 1")
    after = text.format("", "1", macro.format(""), "")
    assert judged(before, after, "sum").verdict != "preserved"

"""Differences in large functions and before callees that are not shared: each verdict is what a careful
reader of C expects of the pair (rules S3, C4, T2, T7, T10, C5)."""

# ruff: noqa: E501 -- a line of the table is a C function

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from engine_judged import judged

P, C, U = "preserved", "changed", "undecided"

LADDER = " ".join(f"if (flags & F_{i}) {{ if (step{i}(p)) {{ undo{i}(p); return -{i}; }} }}" for i in range(1, 40))
"""Forty stages, each with a way out: 2^40 ways through."""
ROUNDS = "while (more(p)) { r = turn(p, flags); if (r == -11) continue; if (r < 0) break; done++; }"


def large(stage: str) -> str:
    return f"int f(struct obj *p, unsigned int flags) {{ int r = 0, done = 0; {LADDER} {stage} {ROUNDS} return done ? done : r; }}"


TAKE = (
    "static int take(struct obj *p, int flags) {{ int i; {check} for (i = 0; i < 8; i++) if (walk(p, i) < 0) return -14;"
    " return deep(p, flags); }}"
)
DEEP = "static int deep(struct obj *p, int flags) {{ if (flags & F_PIN) return {pin}; return get(p); }} "
ONE = TAKE.format(check="if (WARN_ON(flags & F_PIN)) return -22;")
MARKED = "mod(node(p), N_ISOLATED + is_file(p), nr_pages(p));"
TWINS = (
    "#ifdef CONFIG_A\nstatic int inner(int x) {{ return {value}; }}\nstatic int outer(int x) {{ return inner(x); }}\n"
    "#else\nstatic int outer(int x) {{ return 0; }}\n#endif\n"
    "int f(int x) {{ mark(); return outer(x); }}"
)
LONE = "#ifdef CONFIG_A\nstatic int inner(int x) {{ return {value}; }}\n#endif\nint f(int x) {{ mark(); return inner(x); }}"
HELPER = "static int put_all(struct obj *p, int n) { return drop(p, n); } "
WIDER = "static int put_all(struct obj *p, int n, int dirty) { if (dirty) mark(p); return drop(p, n); } "

#: (name, text before, text after, verdicts that are right)
PAIRS = [
    ("S3 behind forty stages", large("if (p->busy) return -16;"), large("if (p->busy) return -11;"), {C}),
    ("S3 a call behind forty stages", large("r = start(p);"), large("r = start(p); if (r) note(p);"), {C}),
    ("S3 in the loop behind them", large(""), large("").replace("r == -11", "r == -4"), {C}),
    ("S3 nothing but another form", large("if (p->busy) return -16;"), large("if (!p->busy) { } else { return -16; }"), {P}),
    ("S3 an order in the middle", large("one(p); two(p);"), large("two(p); one(p);"), {C}),
    ("C4 before what the callee does", DEEP.format(pin="0") + ONE + " int f(struct obj *p, int flags) { return take(p, flags); }",
     DEEP.format(pin="pin(p)") + ONE + " int f(struct obj *p, int flags) { if (WARN_ON(flags & F_GET)) return -22; return take(p, flags); }", {C}),
    ("C4 the callee warns as well", DEEP.format(pin="0") + TAKE.format(check="if (WARN_ON(flags & F_GET)) return -22;")
     + " int f(struct obj *p, int flags) { return take(p, flags); }",
     DEEP.format(pin="0") + TAKE.format(check="")
     + " int f(struct obj *p, int flags) { if (WARN_ON(flags & F_GET)) return -22; return take(p, flags); }", {P, U}),
    ("C4 a helper that may do nothing is called on other ways",
     "static void fill(struct obj *p) { if (p->nr) grow(p); } int f(struct obj *p) { next_of(p) ; if (p->n > 0) fill(p); return last(p); }",
     "static void fill(struct obj *p) { if (p->nr) grow(p); } int f(struct obj *p) { next_of(p) ; if (!(p->n > 0)) fill(p); return last(p); }", {C}),
    ("C4 a helper in place of its own body",
     "static void fill(struct obj *p) { if (p->nr) grow(p); } int f(struct obj *p) { fill(p); next_of(p); if (p->nr) grow(p); return last(p); }",
     "static void fill(struct obj *p) { if (p->nr) grow(p); } int f(struct obj *p) { fill(p); next_of(p); fill(p); return last(p); }", {P}),
    ("C4 a flag moves into the callee", "static int g(int flags) { return walk(flags | F_GET); } int f(int flags) { return g(flags); }",
     "static int g(int flags) { return walk(flags); } int f(int flags) { return g(flags | F_GET); }", {P, U}),
    ("C4 another number of arguments", "int f(struct obj *p) { lock(p); return g(p); }",
     "int f(struct obj *p) { lock(p); return g(p, 0); }", {U}),
    ("C4 what prints takes any number", 'int f(struct obj *p) { return seq_printf(p, "%d", 1); }',
     'int f(struct obj *p) { return seq_printf(p, "%d%d", 1, 2); }', {C}),
    ("C4 a name with another meaning", "enum { N_A = 3, N_B }; int f(struct obj *p) { one(p); return count(p, N_B); }",
     "enum { N_B = 3, N_A }; int f(struct obj *p) { two(p); return count(p, N_B); }", {C}),
    ("C4 a table with another meaning", "struct ops o = { .a = x }; int f(struct obj *p) { return reg(p, &o); }",
     "struct ops o = { .a = y }; int f(struct obj *p) { first(p); return reg(p, &o); }", {C}),
    ("C4 nothing but the table", "struct ops o = { .a = x }; int f(struct obj *p) { return reg(p, &o); }",
     "struct ops o = { .a = y }; int f(struct obj *p) { return reg(p, &o); }", {U, C}),
    ("T2 a magic number", "int f(struct buf *b) { if (b->magic != 0x19721112) return -22; return one(b); }",
     "int f(struct buf *b) { if (b->magic != 0x19721112) return -22; return two(b); }", {C}),
    ("T2 a field that holds it or not", "int f(struct buf *b) { b->small = 300; return b->small == 300; }",
     "int f(struct buf *b) { b->small = 300; return 1; }", {U}),
    ("V2 a number gets a name", "int f(int x) { if (x == 4) return one(x); return 0; }",
     "int f(int x) { if (x == LIMIT) return one(x); return 0; }", {U}),
    ("V2 a name becomes a number", "int f(int x) { mark(); return x > A_MAX ? -22 : x < A_MIN ? -34 : 0; }",
     "int f(int x) { mark(); return x > 8 ? -22 : x < 3 ? -34 : 0; }", {U}),
    ("V2 a new flag", "int f(int x) { if (x & 4) return one(x); return 0; }",
     "int f(int x) { if (x & 4) return one(x); if (x & F_NEW) return two(x); return 0; }", {C}),
    ("V2 a number and a name and more", "int f(int x) { if (x == 4) return one(x); return 0; }",
     "int f(int x) { if (x == LIMIT) return two(x); return 0; }", {C}),
    ("T10 operands dropped", f"int f(struct obj *p) {{ one(p); {MARKED} two(p); return 0; }}",
     "int f(struct obj *p) { one(p); two(p); return 0; }", {C}),
    ("T10 a flag among operands", "int f(struct obj *p) { return init(p->dev, W_OP | W_SWAP | flags_of(p)); }",
     "int f(struct obj *p) { return init(p->dev, W_OP | flags_of(p)); }", {C}),
    ("T10 operands turned round", "int f(struct obj *p) { return init(p->dev + flags_of(p)); }",
     "int f(struct obj *p) { return init(flags_of(p) + p->dev); }", {U}),
    ("T10 operands in an order", "int f(struct obj *p) { return mod(node(p), is_file(p)); }",
     "int f(struct obj *p) { int a = node(p); int b = is_file(p); return mod(a, b); }", {U}),
    ("T2 the largest long", "int f(struct map *m) { if (!m->pfn || m->pfn == ULONG_MAX) m->pfn = first(m); return use(m); }",
     "int f(struct map *m) { if (!m->pfn) m->pfn = first(m); return use(m); }", {C}),
    ("T2 a negative number", "int f(struct oc *o) { if (o->order != -1 && busy(o)) return one(o); return 0; }",
     "int f(struct oc *o) { if (busy(o)) return one(o); return 0; }", {C}),
    ("T2 greater than a negative number", "int f(struct oc *o) { return o->n > -1; }", "int f(struct oc *o) { return 1; }", {U}),
    ("T2 stores the largest long", "int f(struct map *m) { m->pfn = ~0UL; return m->pfn == ~0UL; }",
     "int f(struct map *m) { m->pfn = ~0UL; return 1; }", {U}),
    ("T2 compared with a pointer", "int f(struct obj *p) { if (p == first || p == kept) return 0; return p->on && p->nr; }",
     "int f(struct obj *p) { if (p == kept) return 0; return p->on && p->nr; }", {C}),
    ("T2 a field compared with a pointer", "int f(struct obj *p, struct map *m) { if (p->map != m) return 0; lock(&m->host->l); unlock(&m->host->l); return 1; }",
     "int f(struct obj *p, struct map *m) { if (p->map != m) return 0; lock(&m->host->l); return 1; }", {C}),
    ("F3 only where what is dereferenced is NULL", "int f(struct obj *p) { if (first == p) one(p->n); return 0; }",
     "int f(struct obj *p) { if (first == p && first) one(p->n); return 0; }", {P, U}),
    ("M2 fields of one slab", "int f(struct slab *s) { s->list = 0; s->inuse = s->objects; fix(s); return 0; }",
     "int f(struct slab *s) { s->list = 0; fix(s); s->inuse = s->objects; return 0; }", {C}),
    ("M2 fields of one slab for a proof", "int f(struct slab *s) { s->a = 1; return s->b; }",
     "int f(struct slab *s) { int t = s->b; s->a = 1; return t; }", {U}),
    ("M2 a page is a folio", "int f(struct page *p) { p->mapping = 0; return ((struct folio *)p)->mapping == 0; }",
     "int f(struct page *p) { p->mapping = 0; return 1; }", {P, U}),
    ("M4 elements of two arrays", "void f(unsigned long *r, struct ev *e) { int i; for (i = 0; i < N_EV; i++) r[i] += e->n[i]; }",
     "void f(unsigned long *r, struct ev *e) { int i; for (i = 0; i <= N_EV; i++) r[i] += e->n[i]; }", {C}),
    ("M4 a load over a store of another type", "int f(long *r, struct ev *e) { *r = 5; return e->n[0]; }",
     "int f(long *r, struct ev *e) { int t = e->n[0]; *r = 5; return t; }", {U}),
    ("M8 a flag in a whole object", "int f(struct pol *p, int n) { *p = (struct pol) { .mode = n, .flags = F_A | F_B }; return n; }",
     "int f(struct pol *p, int n) { *p = (struct pol) { .mode = n, .flags = F_A }; return n; }", {C}),
    ("M8 a field less in a whole object", "int f(struct pol *p, int n) { *p = (struct pol) { .mode = n, .flags = F_A | F_B }; return n; }",
     "int f(struct pol *p, int n) { *p = (struct pol) { .mode = n }; return n; }", {C}),
    ("M8 fields in another order", "int f(struct pol *p, int n) { *p = (struct pol) { .mode = n, .flags = F_A | F_B }; return n; }",
     "int f(struct pol *p, int n) { struct pol q = { .flags = F_B | F_A }; q.mode = n; *p = q; return n; }", {P}),
    ("M8 not filled", "int f(struct pol *p, int n) { *p = (struct pol) { .mode = n, .flags = F_A | F_B }; return n; }",
     "int f(struct pol *p, int n) { struct pol q; q.flags = F_B | F_A; q.mode = n; *p = q; return n; }", {U, C}),
    ("M8 a wide store in a whole object", "struct pol { int mode; int flags; }; int f(struct pol *p, long n) { struct pol q = { 0 }; q.flags = 1; *(long *)&q = n; *p = q; return 0; }",
     "struct pol { int mode; int flags; }; int f(struct pol *p, long n) { struct pol q = { 0 }; *(long *)&q = n; q.flags = 1; *p = q; return 0; }", {U, C}),
    ("M8 a union in a whole object", "struct pol { union { int all; short low; }; }; int f(struct pol *p, int n) { struct pol q = { 0 }; q.all = n; q.low = 1; *p = q; return 0; }",
     "struct pol { union { int all; short low; }; }; int f(struct pol *p, int n) { struct pol q = { 0 }; q.low = 1; q.all = n; *p = q; return 0; }", {U, C}),
    ("T7 a condition of two lines", "int f(int x) {\n#if defined(CONFIG_A) && \\\n\tdefined(CONFIG_B)\n\tone(x);\n#endif\n\treturn x; }",
     "int f(int x) {\n#if defined(CONFIG_A) && defined(CONFIG_B)\n\tone(x);\n#endif\n\treturn x; }", {P}),
    ("T10 behind all operands", "int f(struct obj *p) { if (order(p) > limit) { int o = order(p); use(p, o); } return 0; }",
     "int f(struct obj *p) { if (order(p) >= limit) { int o = order(p); use(p, o); } return 0; }", {C}),
    ("T10 the other operand first", "int f(struct obj *p) { if (order(p) > limit) { int o = order(p); use(p, o); } return 0; }",
     "int f(struct obj *p) { if (limit < order(p)) { int o = order(p); use(p, o); } return 0; }", {U}),
    ("T4 clamp() of what it limits and the limit below", "unsigned long f(unsigned long a, unsigned long b, unsigned long c) { return clamp(a, b, c); }",
     "unsigned long f(unsigned long a, unsigned long b, unsigned long c) { return clamp(b, a, c); }", {C}),
    ("T4 clamp() written out", "int f(int a, int b, int c) { return clamp(a, b, c); }",
     "int f(int a, int b, int c) { if (a >= c) return c; return a <= b ? b : a; }", {P}),
    ("T7 under the condition of its caller", TWINS.format(value="one(x)"), TWINS.format(value="two(x)"), {C}),
    ("T7 under a condition that its caller is not under", LONE.format(value="one(x)"), LONE.format(value="two(x)"), {U}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "before", "after", "expected"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_pair(name, before, after, expected):
    delta = judged(before, after)
    assert delta.verdict in expected, delta


def test_a_caller_that_differs_elsewhere_tells_nothing_of_a_function_whose_parameters_changed():
    before = HELPER + "int f(struct obj *p, int n) { if (n > 4) return one(p); return put_all(p, n); }"
    after = WIDER + "int f(struct obj *p, int n) { if (n > 4) return two(p); return put_all(p, n, 0); }"
    assert judged(before, after).verdict == C
    delta = judged(before, after, "put_all")
    assert delta.verdict == U, delta
    assert delta.reason.code == "signature"


def test_a_row_names_the_warning_that_the_run_comes_through():
    text = "int f(int a, int b) {{ if (WARN_ON(a & 1)) return -22; if (b) {{ {second} }} return g(a); }}"
    delta = judged(text.format(second="if (WARN_ON(a & 2)) return -22;"), text.format(second=""))
    assert delta.verdict == C
    assert [row.before for row in delta.differences] == ["WARN_ON(a & 2)"]


REMOTE = (
    "static int longterm(struct obj *p, int flags) {{ if (!p) return -22; return pinned(p, flags); }} "
    "int f(struct obj *p, int flags, int *locked) {{ if (flags & F_LONG) {{ {test} return longterm(p, flags | F_TOUCH); }} return plain(p, flags, locked); }}"
)


def test_a_call_of_a_helper_that_may_do_nothing_is_one_row():
    before = REMOTE.format(test="if (WARN_ON(flags & F_LONG)) return -22;")
    after = REMOTE.format(test="if (WARN_ON(locked)) return -22;")
    delta = judged(before, after)
    assert delta.verdict == C
    (row,) = delta.differences
    assert (row.when, row.before) == ("flags & F_LONG and !locked", "WARN_ON(flags & F_LONG)")
    assert row.after == "longterm(p, flags | F_TOUCH)"

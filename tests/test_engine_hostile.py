"""Pairs that a hostile reading found, or that an engine which is broken in a likely way would get wrong.

Expected values are by C itself; `"pu"` is a pair that is equal, on which the engine may give up.
"""

# ruff: noqa: E501 -- a line of the table is a C function

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from engine_judged import judged

P, C, U = "preserved", "changed", "undecided"
HEAD = """
struct obj { int n; int m; struct obj *next; int a[8]; unsigned long flags; };
struct ops { int (*fn)(int); };
"""
UNROLLED = "{ for (i = 0; i + 1 < n; i += 2) { g(i); g(i + 1); } if (i < n) g(i); }"

#: (name, why, text before, text after, verdicts that are right)
PAIRS = [
    ("an indeterminate condition in front of a join", "x may be true whenever n is",
     "void f(int n) { a(); if (n) g(n); b(); }", "void f(int n) { int x; a(); if (x) g(n); b(); }", {U}),
    ("a value of no told type in front of a join", "an u8 is always both",
     "void f(int n) { a(); if (limit < 256) g(n); b(); }",
     "void f(int n) { a(); if (limit < 256 && limit > -1) g(n); b(); }", {U}),
    ("unrolled", "the runs meet the same call at different turns: no step differs",
     "void f(int n) { int i; for (i = 0; i < n; i++) g(i); }", f"void f(int n) {{ int i; {UNROLLED} }}", {P, U}),
    ("unrolled unsigned", "the same",
     "void f(unsigned n) { unsigned i; for (i = 0; i < n; i++) g(i); }", f"void f(unsigned n) {{ unsigned i; {UNROLLED} }}", {P, U}),
    ("unrolled, last one lost", "an odd n has one call less",
     "void f(int n) { int i; for (i = 0; i < n; i++) g(i); }",
     "void f(int n) { int i; for (i = 0; i + 1 < n; i += 2) { g(i); g(i + 1); } }", {C}),
    ("recursive, narrow result", "the results have another width: 256 gives 0",
     "static unsigned char g(int n) { if (n <= 0) return 0; return g(n - 1) + 1; } int f(int n) { return g(n); }",
     "int f(int n) { if (n <= 0) return 0; return n; }", {C, U}),
    ("designator called", "p is g",
     "int f(int n) { return g(n); }", "int f(int n) { int (*p)(int) = g; return p(n); }", {P, U}),
    ("designator with a body", "p is g, which adds 1",
     "static int g(int n) { return n + 1; } int f(int n) { return n + 1; }",
     "static int g(int n) { return n + 1; } int f(int n) { int (*p)(int) = g; return p(n); }", {P, U}),
    ("one of two designators", "p is the function that was called",
     "int f(int n, int x) { if (x) return g(n); return h(n); }",
     "int f(int n, int x) { int (*p)(int) = x ? g : h; return p(n); }", {P, U}),
    ("table called", "o.fn is g",
     "static int g(int n) { return act(n); } static const struct ops o = { .fn = g }; int f(int n) { return o.fn(n); }",
     "static int g(int n) { return act(n); } static const struct ops o = { .fn = g }; int f(int n) { return g(n); }", {P, U}),
    ("table's function changed with its caller", "n + 1 and n + 2 - 1",
     "static int g(int n) { return n + 1; } static const struct ops o = { .fn = g }; int f(int n) { return o.fn(n); }",
     "static int g(int n) { return n + 2; } static const struct ops o = { .fn = g }; int f(int n) { return o.fn(n) - 1; }", {P, U}),
    ("callback changed with its caller", "what each() answers may be what cb() does",
     "static int cb(int n) { return n + 1; } int f(int n) { return each(cb, n); }",
     "static int cb(int n) { return n + 2; } int f(int n) { return each(cb, n) - 1; }", {U}),
    ("callback handed to a helper", "each() calls act()",
     "static int each(int (*cb)(int), int n) { return cb(n); } int f(int n) { return each(act, n); }", "int f(int n) { return act(n); }", {P, U}),
    ("call through a field", "whoever fills the table may fill it with anything",
     "int f(struct ops *o, int n) { return o->fn(n); }", "int f(struct ops *o, int n) { return g(n); }", {C}),
    ("recursive through its own designator", "p is f",
     "int f(int n) { int (*p)(int) = f; if (n <= 0) return 0; return p(n - 1) + 1; }", "int f(int n) { if (n <= 0) return 0; return n; }", {P, U}),
    ("store through one of two", "the pointer that is tested faults in both",
     "void f(struct obj *q, struct obj *r, int i) { struct obj *p = q ? q : r; p->n = i; }",
     "void f(struct obj *q, struct obj *r, int i) { if (q) q->n = i; else r->n = i; }", {P}),
    ("READ_ONCE through one of two", "the same with an effect",
     "int f(struct obj *q, struct obj *r, int x) { if (!r) act(); return READ_ONCE((x ? q : r)->n); }",
     "int f(struct obj *q, struct obj *r, int x) { if (!r) act(); if (x) return READ_ONCE(q->n); return READ_ONCE(r->n); }", {P}),
    ("store through one of two, hoisted over the test", "r faults before act()",
     "void f(struct obj *q, struct obj *r, int x) { if (!r) act(); *(x ? &q->n : &r->n) = 1; }",
     "void f(struct obj *q, struct obj *r, int x) { *(x ? &q->n : &r->n) = 1; if (!r) act(); }", {C}),
    ("helper that both call takes the place of its body", "h() calls g()",
     "static int h(int n) { return g(n); } int f(int n, int x) { if (x) h(1); return g(n); }",
     "static int h(int n) { return g(n); } int f(int n, int x) { if (x) h(1); return h(n); }", {P, U}),
    ("helper that both call may do nothing", "h(0) returns 0",
     "static int h(int n) { if (n) return g(n); return 0; } int f(int n) { h(1); if (n) return g(n); return 0; }",
     "static int h(int n) { if (n) return g(n); return 0; } int f(int n) { h(1); return h(n); }", {P, U}),
    ("helper that both call comes before another call", "h() begins with g(), not with act()",
     "static int h(int n) { return g(n); } int f(int n) { h(1); act(); return 0; }",
     "static int h(int n) { return g(n); } int f(int n) { h(1); h(n); act(); return 0; }", {C}),
    ("helper that both call is called once more", "h() does something before it returns",
     "static int h(int n) { return g(n); } int f(int n) { h(1); return 0; }",
     "static int h(int n) { return g(n); } int f(int n) { h(1); h(n); return 0; }", {C}),
    ("type told by a local", "mm is v->vm_mm",
     "int f(struct vma *v) { struct mm *mm = v->vm_mm; return mm->total; }", "int f(struct vma *v) { return v->vm_mm->total; }", {P, U}),
    ("type told by a local, stored", "the same",
     "int f(int k) { struct foo *p = get(k); p->n = 1; act(); return 0; }", "int f(int k) { get(k)->n = 1; act(); return 0; }", {P, U}),
    ("type told by a local, another field", "total is not used",
     "int f(struct vma *v) { struct mm *mm = v->vm_mm; return mm->total; }", "int f(struct vma *v) { return v->vm_mm->used; }", {C, U}),
    ("struct assigned to a number", "no C: nothing is raised",
     "void f(struct obj *p, struct obj *q) { *p = *q; if (p->n) a(p); }",
     "void f(struct obj *p, struct obj *q) { bool h = *q; *p = h; if (p->n && q->n) a(p); }", {C, U}),
    ("macro torn by its neighbour", "dbl(a) * 2 is a + a * 2",
     "#define dbl(x) x + x\nint f(int a) { return dbl(a) * 2; }", "int f(int a) { return 4 * a; }", {C, U}),
    ("constant torn", "K * a is 1 + 2 * a",
     "#define K 1 + 2\nint f(int a) { return K * a; }", "int f(int a) { return 3 * a; }", {C, U}),
    ("constant torn in a constant", "B * 2 is 1 + 2 * 2",
     "#define B 1 + 2\n#define K (B * 2)\nint f(int a) { return a + K; }", "int f(int a) { return a + 6; }", {C, U}),
    ("constant torn in an enumerator", "the same",
     "#define B 1 + 2\nenum { K = B * 2 };\nint f(int a) { return a + K; }", "int f(int a) { return a + 6; }", {C, U}),
    ("constant torn in a label", "the same",
     "#define B 1 + 2\nint f(int a) { switch (a) { case B * 2: return 1; } return 0; }", "int f(int a) { return a == 6; }", {C, U}),
    ("constant torn through another name", "K is B",
     "#define B 1 + 2\n#define K B\nint f(int a) { return a * K; }", "int f(int a) { return a * 3; }", {C, U}),
    ("condition torn", "b && a < 0 || a > 4",
     "#define BAD(x) x < 0 || x > 4\nint f(int a, int b) { if (b && BAD(a)) return 1; return 0; }",
     "int f(int a, int b) { if (b && (a < 0 || a > 4)) return 1; return 0; }", {C, U}),
    ("condition whole", "nothing stands beside it",
     "#define BAD(x) x < 0 || x > 4\nint f(int a) { if (BAD(a)) return 1; return 0; }", "int f(int a) { if (a < 0 || a > 4) return 1; return 0; }", {P}),
    ("prefix operators are whole", "-x->n and *x are operands",
     "#define V *x\nint f(int *x) { return V + 1 + V * 2; }", "int f(int *x) { return *x + 1 + *x * 2; }", {P}),
    ("prefix operator before ->", "*x->n is *(x->n)",
     "#define V *x\nint f(struct obj **x) { return V->n; }", "int f(struct obj **x) { return (*x)->n; }", {C, U}),
    ("page mask", "PAGE_MASK is ~(PAGE_SIZE - 1)",
     "unsigned long f(unsigned long x) { return PAGE_ALIGN(x); }", "unsigned long f(unsigned long x) { return (x + PAGE_SIZE - 1) & PAGE_MASK; }", {P, U}),
    ("page shift", "PAGE_SIZE is 1 << PAGE_SHIFT",
     "unsigned long f(unsigned long x) { return x >> PAGE_SHIFT; }", "unsigned long f(unsigned long x) { return x / PAGE_SIZE; }", {P, U}),
    ("page aligned", "the same question",
     "int f(unsigned long x) { if (x & ~PAGE_MASK) return -22; return g(x); }",
     "int f(unsigned long x) { if (!PAGE_ALIGNED(x)) return -22; return g(x); }", {P, U}),
    ("page rounded the other way", "down, not up",
     "unsigned long f(unsigned long x) { return PAGE_ALIGN(x); }", "unsigned long f(unsigned long x) { return x & PAGE_MASK; }", {C}),
    ("size of a struct", "it is 4",
     "struct s { int a; }; int f(int a) { return sizeof(struct s); }", "struct s { int a; }; int f(int a) { return 4; }", {P, U}),
    ("what an unknown macro leaves", "FOO may be a function of x's value",
     "int f(int x) { FOO(x); return x; }", "int f(int x) { int y = x; FOO(x); return y; }", {U}),
    ("behind an unknown macro", "whatever FOO leaves in x",
     "int f(int x) { FOO(x); return x; }", "int f(int x) { FOO(x); return x + 1; }", {C}),
    ("call through a field of another type", "the function behind it has another parameter, too",
     "struct o { int (*fn)(int); }; int f(struct o *o, int a) { return o->fn(a); }",
     "struct o { int (*fn)(int, int); }; int f(struct o *o, int a) { return o->fn(a, 0); }", {U}),
    ("field renamed", "one place under two names",
     "struct s { int q; }; int f(struct s *p) { p->q = 1; return act(p); }",
     "struct s { int r; }; int f(struct s *p) { p->r = 1; return act(p); }", {P, U}),
    ("field added", "another place",
     "struct s { int q; }; int f(struct s *p) { p->q = 1; return act(p); }",
     "struct s { int q; int r; }; int f(struct s *p) { p->q = 1; p->r = 2; return act(p); }", {C}),
    ("another field", "both are there in both versions",
     "struct s { int q; int r; }; int f(struct s *p) { p->q = 1; return act(p); }",
     "struct s { int q; int r; }; int f(struct s *p) { p->r = 1; return act(p); }", {C}),
    ("macro of two statements behind an if", "h() is called whatever b is",
     "#define X(a) g(a); h(a)\nint f(int a, int b) { if (b) X(a); return 0; }", "int f(int a, int b) { if (b) { g(a); h(a); } return 0; }", {C, U}),
    ("macro of two statements behind a loop, through another", "the same",
     "#define X(a) g(a); h(a)\n#define Y(a) X(a)\nint f(int a, int b) { while (b--) Y(a); return 0; }",
     "int f(int a, int b) { while (b--) { g(a); h(a); } return 0; }", {C, U}),
    ("macro of two statements in a block", "both stand under b",
     "#define X(a) g(a); h(a)\nint f(int a, int b) { if (b) { X(a); } return 0; }", "int f(int a, int b) { if (b) { g(a); h(a); } return 0; }", {P}),
    ("macro that takes an else", "the else belongs to the macro's if",
     "#define X(a) if (a) g(a)\nint f(int a, int b) { if (b) X(a); else h(); return 0; }",
     "int f(int a, int b) { if (b) { if (a) g(a); } else h(); return 0; }", {C, U}),
    ("macro that has its else", "the else belongs to the function's if",
     "#define X(a) if (a) g(a); else k(a)\nint f(int a, int b) { if (b) X(a); else h(); return 0; }",
     "int f(int a, int b) { if (b) { if (a) g(a); else k(a); } else h(); return 0; }", {P}),
    ("macro of one do while (0)", "one statement",
     "#define X(a) do { g(a); h(a); } while (0)\nint f(int a, int b) { if (b) X(a); else h(b); return 0; }",
     "int f(int a, int b) { if (b) { g(a); h(a); } else h(b); return 0; }", {P}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "before", "after", "expected"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS]
)
def test_pair(why, before, after, expected):
    for one, two in ((before, after), (after, before)):
        delta = judged(HEAD + one, HEAD + two)
        assert delta.verdict in expected, (why, delta)
        assert not any("<bound>" in f"{row.before} {row.after}" for row in delta.differences)


def test_two_long_bodies_behind_a_fault_are_no_error():
    """The walk over both histories may be too large while words are sought for a row."""
    long = "".join(f"if (limit == {number}) g({number}); " for number in range(45))
    bodies = "static int one(int n) {{ *(volatile int *)0 = 1; {} return 0; }} static int two(int n) {{ *(volatile int *)0 = 1; {} return 0; }} "
    around = "extern int limit; " + bodies.format(long, long.replace("g(", "h("))
    before = around + "int f(int n) { a(); n = one(n); b(); return n; }"
    assert judged(before, before.replace("= one(", "= two(")).verdict in {P, U}

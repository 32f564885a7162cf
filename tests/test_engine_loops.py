"""Pairs of loops that do not run in lockstep, and near-misses of them (rule L8): what a careful reader expects.

Arithmetic wraps around, and a run that does not end is behaviour.
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
struct node { int n; int m; struct node *next; };
int g(int x); int more(void); void put(struct node *p); void a(int x); void b(int x);
"""
SUM = "int f(int n) { int i, s = 0; for (i = 0; i < n; i++) s += i; return s; }"
CALLS = "void f(int n) { int i; for (i = 0; i < n; i++) g(i); }"

#: (name, text before, text after, verdicts that are right)
PAIRS = [
    ("first turn apart", CALLS, "void f(int n) { int i; if (n <= 0) return; g(0); for (i = 1; i < n; i++) g(i); }", {P}),
    ("first turn apart, too late", CALLS, "void f(int n) { int i; if (n <= 0) return; g(0); for (i = 2; i < n; i++) g(i); }", {C}),
    ("first turn apart, unguarded", CALLS, "void f(int n) { int i; g(0); for (i = 1; i < n; i++) g(i); }", {C}),
    ("empty turn left out", SUM, "int f(int n) { int i, s = 0; for (i = 1; i < n; i++) s += i; return s; }", {P}),
    ("one turn more", SUM, "int f(int n) { int i, s = 0; for (i = 1; i <= n; i++) s += i; return s; }", {C}),
    ("endless at the largest", "int f(int n) { int i, s = 0; for (i = 0; i < n; i++) s += 2; return s; }",
     "int f(int n) { int i, s = 0; for (i = 1; i <= n; i++) s += 2; return s; }", {C, U}),
    ("endless at the largest, one turn apart", "int f(int n) { int i, s = 0; if (n < 1) n = 1; for (i = 1; i <= n; i++) s += 2; return s; }",
     "int f(int n) { int i, s = 2; if (n < 1) n = 1; for (i = 1; i < n; i++) s += 2; return s; }", {C, U}),
    ("counted down", "int f(int n) { int i, s = 0; for (i = 0; i < n; i++) s += 3; return s; }",
     "int f(int n) { int i, s = 0; for (i = n; i > 0; i--) s += 3; return s; }", {P}),
    ("counted down, one less", "int f(int n) { int i, s = 0; for (i = 0; i < n; i++) s += 3; return s; }",
     "int f(int n) { int i, s = 0; for (i = n; i > 1; i--) s += 3; return s; }", {C}),
    ("counted down without sign", "unsigned f(unsigned n) { unsigned i, s = 0; for (i = 0; i < n; i++) s += 3; return s; }",
     "unsigned f(unsigned n) { unsigned s = 0; while (n) { s += 3; n--; } return s; }", {P}),
    ("counted down without sign, closed end", "unsigned f(unsigned n) { unsigned i, s = 0; for (i = 0; i <= n; i++) s += 3; return s; }",
     "unsigned f(unsigned n) { unsigned i, s = 0; for (i = n + 1; i > 0; i--) s += 3; return s; }", {C, U}),
    ("never below zero", "unsigned f(unsigned n) { unsigned i, s = 0; for (i = 0; i <= n; i++) s++; return s; }",
     "unsigned f(unsigned n) { unsigned s = 0; do { s++; } while (n-- >= 0); return s; }", {C, U}),
    ("order of effects", CALLS, "void f(int n) { int i; for (i = n - 1; i >= 0; i--) g(i); }", {C}),
    ("waits for ever", "int f(int t, int c) { int x = 0; if (0 < t) { while (0 < c) { x++; c--; } } return x; }",
     "int f(int t, int c) { int x = 0; while (0 < c) { if (0 < t) { x++; c--; } } return x; }", {C, U}),
    ("one ends, one does not", "int f(int x) { if (x > 3) for (;;) ; return x; }", "int f(int x) { return x; }", {C, U}),
    ("one ends, one does not, stepping two", "int f(int n) { int i = 0; while (i != n) i++; return n; }",
     "int f(int n) { int i = 0; while (i != n) i += 2; return n; }", {C, U}),
    ("stepping three comes everywhere", "unsigned f(unsigned n) { unsigned i = 0; while (i != n) i++; return n; }",
     "unsigned f(unsigned n) { return n; }", {P}),
    ("an empty loop that ends", "int f(int n) { int i; for (i = 0; i < n; i++) ; return n; }", "int f(int n) { return n; }", {P}),
    ("an empty loop that may not end", "int f(int n) { int i; for (i = 0; i <= n; i++) ; return n; }", "int f(int n) { return n; }", {C, U}),
    ("an empty loop on memory", "int f(struct node *p) { while (p->n) ; return 0; }", "int f(struct node *p) { return 0; }", {C, U}),
    ("a count without a loop", "int f(int x) { int c = 0; while (x < 0) { x++; c++; } return c; }",
     "int f(int x) { return x < 0 ? -x : 0; }", {P}),
    ("a count without a loop, off by one", "int f(int x) { int c = 0; while (x < 1) { x++; c++; } return c; }",
     "int f(int x) { return x < 0 ? -x : 0; }", {C}),
    ("test out of the loop", "void f(int n, int c) { int i; for (i = 0; i < n; i++) if (c) a(i); else b(i); }",
     "void f(int n, int c) { int i; if (c) for (i = 0; i < n; i++) a(i); else for (i = 0; i < n; i++) b(i); }", {P}),
    ("test out of the loop, which changes it", "void f(int n, int c) { int i; for (i = 0; i < n; i++) if (c) { a(i); c = 0; } else b(i); }",
     "void f(int n, int c) { int i; if (c) for (i = 0; i < n; i++) a(i); else for (i = 0; i < n; i++) b(i); }", {C}),
    ("test out of the loop, in memory", "void f(int n, struct node *p) { int i; for (i = 0; i < n; i++) if (p->n) a(i); else b(i); }",
     "void f(int n, struct node *p) { int i; if (p->n) for (i = 0; i < n; i++) a(i); else for (i = 0; i < n; i++) b(i); }", {C, U}),
    ("bound read once", "void f(struct node *p) { int i; for (i = 0; i < p->n; i++) g(i); }",
     "void f(struct node *p) { int i, n = p->n; for (i = 0; i < n; i++) g(i); }", {C, U}),
    ("bound read once, quiet", "int f(struct node *p) { int i, s = 0; for (i = 0; i < p->n; i++) s += 2; return s; }",
     "int f(struct node *p) { int i, n = p->n, s = 0; for (i = n; i > 0; i--) s += 2; return s; }", {P}),
    ("bound stored in the loop", "int f(struct node *p) { int i; for (i = 0; i < p->n; i++) p->n = 7; return i; }",
     "int f(struct node *p) { int i, n = p->n; for (i = 0; i < n; i++) p->n = 7; return i; }", {C}),
    ("read before its test", "int f(struct node *p, int n) { int i, s = 0; for (i = 0; i < n; i++) { if (!p) return -1; s += p->n; } return s; }",
     "int f(struct node *p, int n) { int i, s = 0, v = p->n; for (i = 0; i < n; i++) { if (!p) return -1; s += v; } return s; }", {C}),
    ("two turns for one", "void f(int n) { int i; for (i = 0; i < n; i++) g(7); }",
     "void f(int n) { int i; for (i = 0; i < n; i++) { g(7); i++; if (i >= n) break; g(7); } }", {P}),
    ("two turns for one, one too many", "void f(int n) { int i; for (i = 0; i < n; i++) g(7); }",
     "void f(int n) { int i; for (i = 0; i < n; i++) { g(7); i++; g(7); } }", {C}),
    ("a list's first", "void f(struct node *p) { while (p) { put(p); p = p->next; } }",
     "void f(struct node *p) { if (!p) return; for (;;) { put(p); p = p->next; if (!p) return; } }", {P}),
    ("a list's first, not its last", "void f(struct node *p) { while (p) { put(p); p = p->next; } }",
     "void f(struct node *p) { if (!p) return; for (;;) { put(p); p = p->next; if (!p->next) return; } }", {C, U}),
    ("a list's next before", "void f(struct node *p) { while (p) { put(p); p = p->next; } }",
     "void f(struct node *p) { struct node *q; if (!p) return; q = p->next; put(p); while (q) { p = q; q = p->next; put(p); } }", {C, U}),
    ("goto again", "int f(int x) { int r; do { r = g(x); } while (r == 5); return r; }",
     "int f(int x) { int r = g(x); while (r == 5) r = g(x); return r; }", {P}),
    ("goto again, at most thrice", "int f(int x) { int r; do { r = g(x); } while (r == 5); return r; }",
     "int f(int x) { int i, r; for (i = 0; i < 3; i++) { r = g(x); if (r != 5) return r; } return r; }", {C, U}),
    ("a flag instead of break", "int f(int n) { int i, r = 0; for (i = 0; i < n; i++) { r = g(i); if (r) break; } return r; }",
     "int f(int n) { int i = 0, r = 0, done = 0; while (!done && i < n) { r = g(i); if (r) done = 1; else i++; } return r; }", {P}),
    ("a flag that is looked at too late", "int f(int n) { int i, r = 0; for (i = 0; i < n; i++) { r = g(i); if (r) break; } return r; }",
     "int f(int n) { int i = 0, r = 0, done = 0; while (!done && i < n) { r = g(i); if (r) done = 1; i++; b(i); } return r; }", {C}),
    ("stores in another order", "void f(int *v, int n) { int i; for (i = 0; i < n; i++) { v[0] = i; v[1] = n; } }",
     "void f(int *v, int n) { int i; for (i = n; i > 0; i--) { v[1] = n; v[0] = n - i; } }", {P}),
    ("stores of other values", "void f(int *v, int n) { int i; for (i = 0; i < n; i++) { v[0] = i; v[1] = n; } }",
     "void f(int *v, int n) { int i; for (i = n; i > 0; i--) { v[1] = n; v[0] = i; } }", {C}),
    ("indeterminate", "int f(int n) { int i, r; for (i = 0; i < n; i++) { r = g(i); } return r; }",
     "int f(int n) { int i, r; if (n > 0) r = g(0); for (i = 1; i < n; i++) { r = g(i); } return r; }", {P, U}),
    ("indeterminate in each turn", "void f(int n) { int i, r = 0; for (i = 0; i < n; i++) { if (g(i)) r = i; a(r); } }",
     "void f(int n) { int i; for (i = 0; i < n; i++) { int r; if (g(i)) r = i; a(r); } }", {U}),
    ("a loop more", CALLS, "void f(int n) { int i; for (i = 0; i < n; i++) ; for (i = 0; i < n; i++) g(i); }", {P}),
    ("a loop more that may not end", CALLS, "void f(int n) { int i; for (i = 0; i <= n; i++) ; for (i = 0; i < n; i++) g(i); }", {C, U}),
    ("rows and columns", "void f(int n, int m) { int i, j; for (i = 0; i < n; i++) for (j = 0; j < m; j++) g(j); }",
     "void f(int n, int m) { int i, j; for (i = n; i > 0; i--) for (j = 0; j < m; j++) g(j); }", {P}),
    ("columns and rows", "void f(int n, int m) { int i, j; for (i = 0; i < n; i++) for (j = 0; j < m; j++) g(j); }",
     "void f(int n, int m) { int i, j; for (j = 0; j < m; j++) for (i = 0; i < n; i++) g(j); }", {C}),
    ("narrow counter", "int f(unsigned char n) { int s = 0; unsigned char i; for (i = 0; i < n; i++) s += 2; return s; }",
     "int f(unsigned char n) { int i, s = 0; for (i = 0; i < n; i++) s += 2; return s; }", {P}),
    ("narrow counter of a wide bound", "int f(int n) { int s = 0; unsigned char i; for (i = 0; i < n; i++) s += 2; return s; }",
     "int f(int n) { int i, s = 0; for (i = 0; i < n; i++) s += 2; return s; }", {C, U}),
    ("ends by what is indeterminate", "int f(int n) { return n; }",
     "int f(int n) { int i = 0; for (;;) { int r; if (r <= i) break; i++; } return n; }", {P, U}),
    ("may not end by what is indeterminate", "int f(int n) { return n; }",
     "int f(int n) { int i = 0; for (;;) { int r; if (r == i) break; i++; } return n; }", {C, U}),
    ("ends by what is indeterminate, wrapping once", "unsigned f(unsigned n) { return n; }",
     "unsigned f(unsigned n) { unsigned i = 0; for (;;) { unsigned r; if (i >= r) break; i--; } return n; }", {P, U}),
    ("ends by what a callee says", "int f(int n) { return n; }", "int f(int n) { while (more()) ; return n; }", {C}),
    ("ends by a list's length", "int f(struct node *p) { return 0; }", "int f(struct node *p) { while (p) p = p->next; return 0; }", {C, U}),
    ("returns a value, or none", "int f(int n) { int i; for (i = 0; i < n; i++) if (i == 5) return; return n; }",
     "int f(int n) { int i; for (i = n; i > 0; i--) if (n - i == 5) return 7; return n; }", {C, U}),
    ("endless in the middle", "int f(int n) { int i; for (i = 0; i < n; i++) g(i); return 0; }",
     "int f(int n) { int i; for (i = 0; i < n; i++) { while (i == 7) ; g(i); } return 0; }", {C, U}),
    ("leaves in the middle", "int f(int n) { int i, s = 0; for (i = 0; i < n; i++) { s += 2; if (s == 10) return s; } return s; }",
     "int f(int n) { int i, s = 0; for (i = n; i > 0; i--) { s += 2; if (s == 10) return s; } return s; }", {P}),
    ("leaves in the middle, one later", "int f(int n) { int i, s = 0; for (i = 0; i < n; i++) { s += 2; if (s == 10) return s; } return s; }",
     "int f(int n) { int i, s = 0; for (i = n; i > 0; i--) { if (s == 10) return s; s += 2; } return s; }", {P, C}),
    ("a store before the loop", "void f(struct node *p, int n) { int i; p->m = 1; for (i = 0; i < n; i++) g(i); }",
     "void f(struct node *p, int n) { int i; for (i = 0; i < n; i++) g(i); p->m = 1; }", {C}),
    ("a store before a quiet loop", "int f(struct node *p, int n) { int i, s = 0; p->m = 1; for (i = 0; i < n; i++) s += 2; return s; }",
     "int f(struct node *p, int n) { int i, s = 0; for (i = n; i > 0; i--) s += 2; p->m = 1; return s; }", {P, U}),
    ("a store before a loop that may not end", "int f(struct node *p, int n) { unsigned i; p->m = 1; for (i = 0; i != n; i += 2) ; return n; }",
     "int f(struct node *p, int n) { unsigned i; for (i = 0; i != n; i += 2) ; p->m = 1; return n; }", {P, C, U}),
    ("a fault after the loop", "int f(struct node *p, int n) { int i, v; if (!p) n = 3; for (i = 0; i < n; i++) g(i); return p->n; }",
     "int f(struct node *p, int n) { int i, v; if (!p) n = 3; v = p->n; for (i = 0; i < n; i++) g(i); return v; }", {C}),
    ("two of three turns", "unsigned f(unsigned n) { unsigned i, s = 0; for (i = 0; i < n; i++) s += i; return s; }",
     "unsigned f(unsigned n) { unsigned i, s = 0; for (i = 0; i + 1 < n; i += 2) s += 2 * i + 1; if (i < n) s += i; return s; }", {P, C, U}),
    ("unwinding", "void f(struct node *v[], int i) { while (--i >= 0) put(v[i]); }", "void f(struct node *v[], int i) { for (i--; i >= 0; i--) put(v[i]); }", {P}),
    ("unwinding, from below zero", "void f(struct node *v[], int i) { while (i--) put(v[i]); }", "void f(struct node *v[], int i) { for (i--; i >= 0; i--) put(v[i]); }", {C, U}),
    ("first try in front", "int f(struct node *p) { int v; for (;;) { put(p); v = more(); if (v) return v; a(1); } }",
     "int f(struct node *p) { int v; put(p); v = more(); while (!v) { a(1); put(p); v = more(); } return v; }", {P}),
    ("first try in front, without what stands between", "int f(struct node *p) { int v; for (;;) { put(p); v = more(); if (v) return v; a(1); } }",
     "int f(struct node *p) { int v; put(p); v = more(); while (!v) { put(p); v = more(); } return v; }", {C}),
    ("a pointer for an index", "void f(struct node *p, int n) { int i; for (i = 0; i < n; i++) put(p + i); }",
     "void f(struct node *p, int n) { int i; for (i = 0; i < n; i++, p++) put(p); }", {P}),
    ("a pointer for an index, a step ahead", "void f(struct node *p, int n) { int i; for (i = 0; i < n; i++) put(p + i); }",
     "void f(struct node *p, int n) { int i; for (i = 0; i < n; i++) put(++p); }", {C}),
    ("a result for a goto", "int f(struct node **v, int n) { int i, ret = 0; for (i = 0; i < n; i++) { if (!v[i]) { ret = -22; goto out; } put(v[i]); } out: a(1); return ret; }",
     "int f(struct node **v, int n) { int i, ret = 0; for (i = 0; i < n && !ret; i++) { if (!v[i]) ret = -22; else put(v[i]); } a(1); return ret; }", {P}),
    ("a result for a goto, not kept", "int f(struct node **v, int n) { int i, ret = 0; for (i = 0; i < n; i++) { if (!v[i]) { ret = -22; goto out; } put(v[i]); } out: a(1); return ret; }",
     "int f(struct node **v, int n) { int i, ret = 0; for (i = 0; i < n; i++) { if (!v[i]) ret = -22; else put(v[i]); } a(1); return ret; }", {C}),
    ("a local array", "int f(int n) { int i, s = 0, k[4] = { 1, 2, 3, 4 }; for (i = 0; i < n; i++) s += k[1]; return s; }",
     "int f(int n) { int i, s = 0, k[4] = { 1, 2, 3, 4 }; for (i = n; i > 0; i--) s += k[1]; return s; }", {P}),
    ("a local array that is filled", "int f(unsigned n) { unsigned i; int k[4] = { 0 }; for (i = 0; i < n; i++) k[i & 3] = i; return k[2]; }",
     "int f(unsigned n) { unsigned i; int k[4] = { 0 }; for (i = n; i > 0; i--) k[(n - i) & 3] = n - i; return k[2]; }", {P, U}),
    ("a local array that is filled otherwise", "int f(unsigned n) { unsigned i; int k[4] = { 0 }; for (i = 0; i < n; i++) k[i & 3] = i; return k[2]; }",
     "int f(unsigned n) { unsigned i; int k[4] = { 0 }; for (i = n; i > 0; i--) k[i & 3] = n - i; return k[2]; }", {C}),
    ("a local's address in a variable", "int f(int n) { int i, a = 1, b = 2, *p = &a; for (i = 0; i < n; i++) p = &b; *p = 5; return a; }",
     "int f(int n) { int i, a = 1, b = 2, *p = &a; for (i = n; i > 0; i--) p = &b; *p = 5; return a; }", {P, U}),
    ("a local's address in a variable, the other's value", "int f(int n) { int i, a = 1, b = 2, *p = &a; for (i = 0; i < n; i++) p = &b; *p = 5; return a; }",
     "int f(int n) { int i, a = 1, b = 2, *p = &a; for (i = n; i > 0; i--) p = &b; *p = 5; return 1; }", {C, U}),
    ("a local that a callee fills", "void get(int *p); int f(int n) { int i, v = 0; for (i = 0; i < n; i++) get(&v); return v; }",
     "void get(int *p); int f(int n) { int i, v = 0; if (n <= 0) return 0; get(&v); for (i = 1; i < n; i++) get(&v); return v; }", {P, U}),
    ("a local that a callee fills, or does not", "void get(int *p); int f(int n) { int i, v = 0; for (i = 0; i < n; i++) get(&v); return v; }",
     "void get(int *p); int f(int n) { int i, v = 1; if (n <= 0) return 0; get(&v); for (i = 1; i < n; i++) get(&v); return v; }", {C}),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "before", "after", "expected"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_pair(name, before, after, expected):
    assert judged(HEAD + before, HEAD + after).verdict in expected
    assert judged(HEAD + after, HEAD + before).verdict in expected


ENTERED = "void f(int a, int b) {{ if (a) goto in; again: {first} in: {second} if (b-- > 0) goto again; }}"
OUTER = "int f(int n, int m) {{ int i = 0; if (m) goto inner; while (i < n) {{ g(i); inner: do {{ h(i); i++; }} while ({test}); }} return i; }}"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (ENTERED.format(first="g();", second="h();"), ENTERED.format(first="g();", second="h();"), {P}),
        (
            ENTERED.format(first="g();", second="h();"),
            "void f(int a, int b) { if (!a) g(); for (;;) { h(); if (b-- <= 0) break; g(); } }",
            {P, U},
        ),
        (ENTERED.format(first="g();", second="h();"), ENTERED.format(first="h();", second="g();"), {C}),
        (ENTERED.format(first="g();", second="h();"), ENTERED.format(first="", second="h();"), {C}),
        (OUTER.format(test="i & 3"), OUTER.format(test="(i & 3) != 0"), {P}),
        (OUTER.format(test="i & 3"), OUTER.format(test="i & 1"), {C}),
    ],
)
def test_a_loop_that_is_entered_at_two_places(before, after, expected):
    delta = judged(before, after)
    assert delta.verdict in expected, delta

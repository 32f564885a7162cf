"""Rule L10: two versions side by side from branch to branch, and what goes with it (B7 #undef, C3, C5, T10).

Beside what must be PRESERVED, and without a guess, stand the near misses that must not: a value of the turn
before, one more turn, an effect or a load moved, an object that is reached too late, values without a
declaration's value.
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
struct o { int n; int m; struct o *next; };
int ext(struct o *p); int two(struct o *p); int num(int v); int more(void); void fill(int *p);
"""
F = "int f(struct o *p, int n) "
F2 = "int f(struct o *p, struct o *q, int n) "
AND = "static bool h(struct o *q) { return ext(q) && two(q); }\n"
GET = "static int get(struct o *p) { return p->n; }\n"
WARNS = "static int get(struct o *p) { WARN_ON(p->m); return p->n; }\n"
CALLS = "static int k(struct o *p) { num(1); return ext(p); }\n"
UNDEF = "#define D 1\nstatic int u(int v) { return v + D; }\n#undef D\n"
TAKES = "static int g(struct o *p) { int s = 0; while (more()) s += ext(p); return s; }\nint other(struct o *p);\n"
TAKES_IT = (
    "static int g(struct o *p, int s) { while (more()) s += ext(p); return s; }\nint other(struct o *p);\n"
)
OTHER = "int other(struct o *p) { if (more()) f(p, 1); return g(p); }\n"

#: (name, text before, text after, verdicts that are right)
PAIRS = [
    ("turned", F + "{ int i = 0; while (i < n) { num(i); i++; } return i; }",
     F + "{ int i = 0; if (i < n) do { num(i); i++; } while (i < n); return i; }", {P}),
    ("turned, one more turn", F + "{ int i = 0; while (i < n) { num(i); i++; } return i; }",
     F + "{ int i = 0; if (i < n) do { num(i); i++; } while (i <= n); return i; }", {C}),
    ("turned, without its guard", F + "{ int i = 0; while (i < n) { num(i); i++; } return i; }",
     F + "{ int i = 0; do { num(i); i++; } while (i < n); return i; }", {C}),
    ("turned, with effects in its condition", F + "{ while (more() && ext(p)) { if (n) break; two(p); } return n; }",
     F + "{ if (more() && ext(p)) do { if (n) break; two(p); } while (more() && ext(p)); return n; }", {P}),
    ("turned, with effects in another order", F + "{ while (more() && ext(p)) { if (n) break; two(p); } return n; }",
     F + "{ if (more() && ext(p)) do { if (n) break; two(p); } while (ext(p) && more()); return n; }", {C}),
    ("a turn written out", F + "{ while (more()) num(1); return 0; }", F + "{ while (more()) { num(1); if (!more()) return 0; num(1); } return 0; }", {P}),
    ("a turn written out wrongly", F + "{ while (more()) num(1); return 0; }",
     F + "{ while (more()) { num(1); if (!more()) return 0; num(2); } return 0; }", {C}),
    ("without an end", F + "{ for (;;) num(n); }", F + "{ num(n); for (;;) num(n); }", {P}),
    ("without an end, two effects", F + "{ for (;;) num(n); }", F + "{ for (;;) { num(n); num(n + 1); } }", {C, U}),
    ("without an end on one side", F + "{ if (n) return 1; for (;;) ; }", F + "{ if (n) return 1; return 0; }", {C, U}),

    ("of the turn before", F + "{ int l = 0; while (more()) l = num(n); return l; }",
     F + "{ int l = 0, k = 0; while (more()) { k = l; l = num(n); } return k; }", {C}),
    ("of the outer turn before", F + "{ int o = 0, s = 0; while (more()) { int x = num(1); while (more()) s = o; o = x; } return s; }",
     F + "{ int o = 0, s = 0; while (more()) { int x = num(1); while (more()) s = x; o = x; } return s; }", {C}),
    ("alike until a way parts them", F + "{ int a = 0, b = 0; while (more()) { a = num(1); if (n) b = a; } return a; }",
     F + "{ int a = 0, b = 0; while (more()) { a = num(1); if (n) b = a; } return b; }", {C}),
    ("two variables for one", F + "{ int a = 0; while (more()) { a = num(a); ext(p); } return a; }",
     F + "{ int a = 0, b = 0; while (more()) { b = num(a); ext(p); a = b; } return b; }", {P}),
    ("the same constant in each turn", F + "{ int k = 3; while (more()) { num(k); k = 3; } return k; }", F + "{ while (more()) num(3); return 3; }", {P}),
    ("a constant of the first turn", F + "{ int k = 3; while (more()) { num(k); k = 4; } return 0; }", F + "{ while (more()) num(3); return 0; }", {C}),
    ("a condition asked twice", F + "{ while (more()) { int x = num(1); if (x) ext(p); if (x) two(p); } return 0; }",
     F + "{ while (more()) { int x = num(1); if (x) { ext(p); two(p); } } return 0; }", {P}),
    ("a condition of the turn before", F + "{ while (more()) { int x = num(1); if (x) ext(p); if (x) two(p); } return 0; }",
     F + "{ int x = 0, y = 0; while (more()) { y = x; x = num(1); if (x) ext(p); if (y) two(p); } return 0; }", {C}),
    ("a condition on memory, over an effect", F + "{ if (p->n) ext(p); if (p->n) two(p); return 0; }", F + "{ if (p->n) { ext(p); two(p); } return 0; }", {C}),
    ("a load over an effect", F + "{ int s = 0; while (more()) { int x = p->n; ext(p); s += x; } return s; }",
     F + "{ int s = 0; while (more()) { ext(p); s += p->n; } return s; }", {C}),

    ("no value, each turn another", F + "{ int r; while (more()) { if (n) r = n; num(r); } return 0; }",
     F + "{ while (more()) { int r; if (n) r = n; num(r); } return 0; }", {U}),
    ("no value, of the turn before", F + "{ int k = 0; while (more()) { int r; num(r); k = r; } return k; }",
     F + "{ int k = 0, l = 0; while (more()) { int r; num(r); l = k; k = r; } return l; }", {C, U}),
    ("a local that is reached by one way", F + "{ int v = 5; while (more()) { num(v); if (n) fill(&v); } return v; }",
     F + "{ int v = 5; if (more()) do { num(v); if (n) fill(&v); } while (more()); return v; }", {P}),
    ("a local that is reached later", F + "{ int v = 5; if (more()) fill(&v); num(1); return v; }",
     F + "{ int v = 5; num(1); if (more()) fill(&v); return v; }", {C}),
    ("one of two locals", F + "{ int v = 1, w = 1; while (more()) { fill(&v); fill(&w); } return v; }",
     F + "{ int v = 1, w = 1; while (more()) { fill(&v); fill(&w); } return w; }", {C}),
    ("a pointer to one of two locals", F + "{ int a = 1, b = 2, *q = &a; while (more()) q = n ? &a : &b; *q = 7; return a; }",
     F + "{ int a = 1, b = 2, *q = &a; while (more()) q = n ? &b : &a; *q = 7; return a; }", {C, U}),
    ("a parameter's address", F + "{ while (more()) fill(&n); return n; }", F + "{ if (more()) do fill(&n); while (more()); return n; }", {P}),

    ("a condition taken out", F + "{ while (more()) if (ext(p) && two(p)) num(1); return 0; }", AND + F + "{ while (more()) if (h(p)) num(1); return 0; }", {P}),
    ("a condition taken out wrongly", F + "{ while (more()) if (two(p) && ext(p)) num(1); return 0; }", AND + F + "{ while (more()) if (h(p)) num(1); return 0; }", {C}),
    ("cut on its way through a helper", F + "{ while (more()) num(n & 256); return 0; }",
     "static unsigned char h(int v) { return v & 256; }\n" + F + "{ while (more()) num(h(n)); return 0; }", {C}),
    ("called from a helper", CALLS + F + "{ k(p); return 0; }", CALLS + "static void h(struct o *q) { k(q); }\n" + F + "{ h(p); return 0; }", {P}),
    ("called from a helper, twice", CALLS + F + "{ k(p); return 0; }", CALLS + "static void h(struct o *q) { k(q); k(q); }\n" + F + "{ h(p); return 0; }", {C}),
    ("an operand written out", GET + F + "{ return get(p) == p->m; }", GET + F + "{ return ((int)(p->n)) == p->m; }", {P}),
    ("an operand written out that warns", WARNS + F + "{ return get(p) == num(n); }", WARNS + F + "{ WARN_ON(p->m); return p->n == num(n); }", {C, U}),

    ("read in front of its test in a loop", F + "{ int s = 0; while (more()) { if (!p) return -1; s += p->n; } return s; }",
     F + "{ int s = 0, v = p->n; while (more()) { if (!p) return -1; s += p->n; } return s; }", {C}),
    ("read in front of its test, a choice", F2 + "{ struct o *r = q; if (n) r = p; ext(0); if (!r) return 1; return r->n; }",
     F2 + "{ struct o *r = q; int v; if (n) r = p; v = r->n; ext(0); if (!r) return 1; return r->n; }", {C}),
    ("read in front of its test, before it is chosen", F2 + "{ struct o *r = q; if (n) r = p; ext(0); if (!r) return 1; return r->n; }",
     F2 + "{ struct o *r = q; int v; if (n) { v = p->m; r = p; } ext(0); if (!r) return 1; return r->n; }", {C}),
    ("read behind the last of a list", F + "{ while (p) { num(p->n); p = p->next; } return 0; }",
     F + "{ while (p) { num(p->n); p = p->next; n = p->n; } return 0; }", {C}),

    ("#undef, a helper that does not name it", UNDEF + F + "{ while (more()) num(u(n)); return 0; }",
     UNDEF + "static void h(int v) { num(u(v)); }\n" + F + "{ while (more()) h(n); return 0; }", {P}),
    ("#undef, moved over it", UNDEF + "#define D 2\n" + F + "{ return num(D) + u(n); }",
     "#define D 1\n#undef D\n#define D 2\nstatic int u(int v) { return v + D; }\n" + F + "{ return num(D) + u(n); }", {C, U}),
    ("#undef, moved over it by a macro", "#define D 1\n#define E (D)\nstatic int u(int v) { return v + E; }\n#undef D\n#define D 2\n" + F + "{ return u(n); }",
     "#define D 1\n#define E (D)\n#undef D\n#define D 2\nstatic int u(int v) { return v + E; }\n" + F + "{ return u(n); }", {C, U}),
    ("#undef, moved over it by its condition", "#define D 1\n#ifdef D\nstatic int u(int v) { return v + 1; }\n#endif\n#undef D\n#ifndef D\n#define E 1\n#endif\n" + F + "{ return u(n); }",
     "#define D 1\n#ifdef D\n#endif\n#undef D\n#ifdef D\nstatic int u(int v) { return v + 1; }\n#endif\n#ifndef D\n#define E 1\n#endif\n" + F + "{ return u(n); }", {C, U}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "before", "after", "expected"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_pair(name, before, after, expected):
    for one, two in ((before, after), (after, before)):
        delta = judged(HEAD + one, HEAD + two)
        assert delta.verdict in expected, delta
        if expected == {P}:
            assert not delta.assumptions, delta


@pytest.mark.parametrize("pair", PAIRS, ids=[pair[0] for pair in PAIRS])
def test_each_side_is_itself(pair):
    for text in pair[1:3]:
        assert judged(HEAD + text, HEAD + text).verdict == P


def test_callers_that_reach_each_other_are_proved_together():
    """C5: a local made a parameter, where two callers reach each other by other functions."""
    body = "int f(struct o *p, int n) { if (n) other(p); return g(p%s); }\n"
    before, after = TAKES + body % "" + OTHER, TAKES_IT + body % ", 0" + OTHER.replace("g(p)", "g(p, 0)")
    assert judged(HEAD + before, HEAD + after, "g").verdict == P
    for wrong in (
        after.replace("g(p, 0); }\nint", "g(p, 1); }\nint"),
        after.replace("if (more()) f", "if (!more()) f"),
    ):
        assert judged(HEAD + before, HEAD + wrong, "g").verdict != P

"""Pairs of recursive functions, and near-misses of them (rule L9): what a careful reader expects.

Arithmetic wraps around; how deep the stack may be is no part of it.
"""

# ruff: noqa: E501 -- a line of the table is a C function

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from engine_judged import judged

P, C, U = "preserved", "changed", "undecided"
SUM = "int f(int n) { if (n <= 0) return 0; return n + f(n - 1); }"
ADD = "int f(int i, int j) { if (i == 0) return j; return f(i - 1, j + 1); }"
TIMES = "unsigned f(unsigned x, unsigned n) { if (!n) return 0; return x + f(x, n - 1); }"

#: (name, text before, text after, verdicts that are right)
PAIRS = [
    ("one end more", SUM, "int f(int n) { if (n <= 0) return 0; if (n == 1) return 1; return n + f(n - 1); }", {P}),
    ("one end more, wrong", SUM, "int f(int n) { if (n <= 0) return 0; if (n == 1) return 2; return n + f(n - 1); }", {C}),
    ("two steps at once", SUM, "int f(int n) { if (n <= 0) return 0; if (n == 1) return 1; return n + n - 1 + f(n - 2); }", {P}),
    ("two steps at once, over the end", SUM, "int f(int n) { if (n <= 0) return 0; return n + n - 1 + f(n - 2); }", {P}),
    ("three steps at once, over the end", SUM, "int f(int n) { if (n <= 0) return 0; return n + n - 1 + n - 2 + f(n - 3); }", {C}),
    ("never ends", SUM, "int f(int n) { if (n <= 0) return 0; return n + f(n); }", {C, U}),
    ("neither ends", "int f(int n) { if (!n) return 1; return f(n); }", "int f(int n) { if (!n) return 1; return f(n) + 0; }", {P, U}),
    ("ends for half", "unsigned f(unsigned n) { if (!n) return 0; return f(n - 1); }",
     "unsigned f(unsigned n) { if (!n) return 0; return f(n - 2); }", {C, U}),
    ("its solution, but it does not end", "int f(int n) { return n; }", "int f(int n) { if (!n) return 0; return f(n); }", {C, U}),
    ("solved by more than one", "unsigned f(unsigned n) { if (n & 1) return 7; return 7; }",
     "unsigned f(unsigned n) { if (n & 1) return 7; return f(n + 2); }", {C, U}),
    ("ends by wrapping", ADD, "int f(int i, int j) { if (i == 0) return j; if (i == 1) return j + 1; return f(i - 1, j + 1); }", {P}),
    ("ends by wrapping, one less", ADD, "int f(int i, int j) { if (i == 0) return j; if (i == 2) return j; return f(i - 1, j + 1); }", {C}),
    ("without the calls", ADD, "int f(int i, int j) { return i + j; }", {P}),
    ("without the calls, not below zero", ADD, "int f(int i, int j) { return i > 0 ? i + j : j; }", {C, U}),
    ("clamped", "int f(int x) { if (x > 0) x = f(x - 1) + 1; if (x < 0) x = 0; return x; }", "int f(int x) { return x < 0 ? 0 : x; }", {P}),
    ("clamped elsewhere", "int f(int x) { if (x > 0) x = f(x - 1) + 1; if (x < 0) x = 0; return x; }", "int f(int x) { return x < 1 ? 1 : x; }", {C}),
    ("overflow is looked at", SUM, "int f(int n) { int r; if (n <= 0) return 0; r = f(n - 1); if (r >= 0) r += n; return r; }", {C, U}),
    ("an accumulator", "static int g(int n) { if (n <= 0) return 0; return n + g(n - 1); } int f(int n) { return g(n); }",
     "static int g(int n, int s) { if (n <= 0) return s; return g(n - 1, n + s); } int f(int n) { return g(n, 0); }", {P}),
    ("an accumulator from one", "static int g(int n) { if (n <= 0) return 0; return n + g(n - 1); } int f(int n) { return g(n); }",
     "static int g(int n, int s) { if (n <= 0) return s; return g(n - 1, n + s); } int f(int n) { return g(n, 1); }", {C}),
    ("an accumulator that is dropped", "static int g(int n) { if (n <= 0) return 0; return n + g(n - 1); } int f(int n) { return g(n); }",
     "static int g(int n, int s) { if (n <= 0) return 0; return g(n - 1, n + s); } int f(int n) { return g(n, 0); }", {C}),
    ("arguments in another order", TIMES, "unsigned f(unsigned x, unsigned n) { if (!n) return 0; return f(x, n - 1) + x; }", {P}),
    ("counted by the other one", TIMES, "unsigned f(unsigned x, unsigned n) { if (!x) return 0; return n + f(x - 1, n); }", {U}),
    ("a static counts the calls", "int f(int n) { static int c; if (n <= 0) return 0; c++; return n + f(n - 1); }",
     "int f(int n) { static int c; if (n <= 0) return 0; if (n == 1) return 1; c++; return n + f(n - 1); }", {C, U}),
    ("an effect in between", "int g(int); int f(int n) { if (n <= 0) return 0; g(n); return n + f(n - 1); }",
     "int g(int); int f(int n) { int r; if (n <= 0) return 0; r = n + f(n - 1); g(n); return r; }", {C, U}),
    ("a division that does not fault", "int f(int n) { if (n <= 0) return 0; return f(n - 1); }",
     "int f(int n) { if (n <= 0) return 0; return 0 * (12 / (n - 3)) + f(n - 1); }", {C, U}),
    ("a narrower result", "long g(int n) { if (n <= 0) return 0; return n + g(n - 1); } long f(int n) { return g(n); }",
     "int g(int n) { if (n <= 0) return 0; return n + g(n - 1); } long f(int n) { return g(n); }", {C, U}),
    ("an uninitialised end", "int f(int n) { int r; if (n > 0) r = f(n - 1); else r = 0; return r; }",
     "int f(int n) { int r; if (n > 0) r = f(n - 1); return r; }", {C, U}),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "before", "after", "expected"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_pair(name, before, after, expected):
    assert judged(before, after).verdict in expected
    assert judged(after, before).verdict in expected

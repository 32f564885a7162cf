"""Floating values (docs/engine.md, T14): functions of their operands, with none of the laws of integers.

The expected verdicts are what IEEE 754 says of the two versions.
"""

# ruff: noqa: E501 -- a line of the table is a C function

from __future__ import annotations

import pytest
from lorelens.analyze.engine.compare import compare_texts

P, C, U = "preserved", "changed", "undecided"
NOT_P, NOT_C = (C, U), (P, U)

PAIRS = [
    ("moved apart", "int f(long n) { double r = n / 3.0; show(r); return 0; }", "int f(long n) { double r; r = n / 3.0; show(r); return 0; }", (P,)),
    ("not associative", "void f(double a, double b, double c) { show((a + b) + c); }", "void f(double a, double b, double c) { show(a + (b + c)); }", NOT_P),
    ("no order among what is not a number", "int f(double a, double b) { return a < b; }", "int f(double a, double b) { return !(a >= b); }", NOT_P),
    ("not equal to itself", "int f(double a) { return a == a; }", "int f(double a) { return 1; }", NOT_P),
    ("minus zero", "int f(double a) { show(0.0 - a); return 0; }", "int f(double a) { show(-a); return 0; }", NOT_P),
    ("division by zero is no fault", "int f(double a) { double r = 1.0 / a; stop(); show(r); return 0; }", "int f(double a) { double r = 1.0 / a; stop(); show(r + 0.0); return 0; }", NOT_P),
    ("a conversion cuts off", "int f(double a) { return (int)a; }", "int f(double a) { return (int)(long)a; }", NOT_P),
    ("a conversion rounds", "long f(long n) { return (long)(double)n; }", "long f(long n) { return n; }", NOT_P),
    ("signs are converted otherwise", "void f(unsigned long n) { show((double)n); }", "void f(unsigned long n) { show((double)(long)n); }", NOT_P),
    ("narrower", "void f(double a) { show((double)(float)a); }", "void f(double a) { show(a); }", NOT_P),
    ("in float or in double", "void f(float a, float b) { show((double)(a * b)); }", "void f(float a, float b) { show((double)a * b); }", NOT_P),
    ("an integer's product or a floating one", "void f(int a, int b) { show((double)(a * b)); }", "void f(int a, int b) { show((double)a * b); }", NOT_P),
    ("other steps beside the same", "int f(long n) { double r = n * 2.5; show(r); return 1; }", "int f(long n) { double r = n * 2.5; show(r); return 2; }", (C,)),
    ("a call beside is dropped", "int f(long n) { double r = n * 2.5; show(r); drop(n); return 1; }", "int f(long n) { double r = n * 2.5; show(r); return 1; }", (C,)),
    ("the same condition", "int f(double a, double b) { if (a < b) return g(); return 0; }", "int f(double a, double b) { int r = 0; if (a < b) r = g(); return r; }", (P,)),
    ("the opposite of equal", "int f(double a, double b) { if (a != b) return g(); return 0; }", "int f(double a, double b) { if (a == b) return 0; return g(); }", NOT_C),
    ("one literal in two spellings", "void f(double a) { show(a * 1.50); }", "void f(double a) { show(a * 1.5); }", (P, U)),
    ("two literals", "void f(double a) { show(a * 1.5); }", "void f(double a) { show(a * 2.5); }", NOT_P),
    ("an integer or a floating quotient", "void f(int n) { show((double)(n / 2)); }", "void f(int n) { show(n / 2.0); }", NOT_P),
    ("truth", "int f(double a) { return !a; }", "int f(double a) { return a == 0; }", NOT_C),
    ("a truth value of one that is small", "_Bool f(double a) { return a; }", "_Bool f(double a) { return (long)a; }", NOT_P),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "right"), [one[1:] for one in PAIRS], ids=[one[0] for one in PAIRS]
)
def test_no_law_of_integers_holds(before, after, right):
    assert compare_texts(before, after, "f")[0].verdict in right

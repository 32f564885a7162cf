"""Laws of every lowered graph, over the kernel's own functions and over hostile text."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lorelens.analyze.engine.environment import Environment
from lorelens.analyze.engine.ir import Function, Unlowered, Variable, successors
from lorelens.analyze.engine.lower import lower_function, lower_piece
from lorelens.analyze.engine.show import show

FILES = ("mm/gup.c", "mm/mremap.c", "mm/hugetlb.c", "fs/userfaultfd.c", "mm/slub.c")


def inside(value: object, found: list[object]) -> list[object]:
    """All dataclass values below a value."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if dataclasses.is_dataclass(one):
            found.append(one)
            waiting.extend(getattr(one, part.name) for part in dataclasses.fields(one))
        elif isinstance(one, tuple):
            waiting.extend(one)
    return found


def check(function: Function) -> None:
    """Every block reachable and ended; every variable declared; every span inside the text."""
    reached, waiting = {0}, [0]
    while waiting:
        for to in successors(function.blocks[waiting.pop()].terminator):
            assert 0 <= to < len(function.blocks)
            if to not in reached:
                reached.add(to)
                waiting.append(to)
    assert reached == set(range(len(function.blocks)))
    assert [one.number for one in function.variables] == list(range(len(function.variables)))
    for one in inside(function.blocks, []):
        if isinstance(one, Variable):
            assert function.variables[one.number] is one
        span = getattr(one, "span", None)
        if span is not None:
            assert 0 <= span.start <= span.end <= len(function.text)
            assert 1 <= span.line <= function.text.count("\n") + 1
    assert function.addressed <= set(range(len(function.variables)))


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES)
def test_kernel_functions_keep_the_laws(kernel: Path, path: str) -> None:
    text = (kernel / path).read_text(errors="replace")
    environment, again = Environment.from_text(path, text), Environment(path, text)
    again.outer = environment.outer
    total = lowered = 0
    for (symbol, _), pieces in environment.pieces.items():
        for piece in pieces if symbol == "function" else ():
            total += 1
            found = lower_piece(environment.source, piece, environment)
            if isinstance(found, Function):
                lowered += 1
                check(found)
                assert found == lower_piece(again.source, piece, again)
    assert lowered >= 0.98 * total


HOSTILE = {
    "parentheses": "int f(int a) { return " + "(" * 5000 + "a" + ")" * 5000 + "; }",
    "negations": "int f(int a) { return " + "!" * 5000 + "a; }",
    "blocks": "int f(int a) { " + "{" * 3000 + "a++;" + "}" * 3000 + " return a; }",
    "ifs": "int f(int a) { " + "if (a) " * 3000 + "a++; return a; }",
    "sum": "int f(int a) { return a" + " + a" * 5000 + "; }",
    "conjunction": "int f(int a) { return a" + " && a" * 5000 + "; }",
    "else if": "int f(int a) { "
    + "".join(f"if (a == {n}) g({n}); else " for n in range(2000))
    + "g(0); return a; }",
    "lines": "int f(int a)\n{\n" + "\ta = g(a);\n" * 5000 + "\treturn a;\n}\n",
    "gotos": "void f(void) { "
    + "".join(f"l{n}: if (g()) goto l{(n * 7919) % 500}; " for n in range(500))
    + "}",
    "cases": "int f(int a) { switch (a) { "
    + "".join(f"case {n}: " for n in range(3000))
    + "return 1; } return 0; }",
    "doubling macros": "#define A(x) x + x\n"
    + "".join(f"#define A{n}(x) A{n - 1 if n else ''}(x) + A{n - 1 if n else ''}(x)\n" for n in range(40))
    + "int f(int a) { return A39(a); }",
    "a macro of itself": "#define A(x) A(A(x))\n#define B C\n#define C B\nint f(int a) { return A(B); }",
    "half a macro": "#define BEGIN if (a) {\n#define END }\nint f(int a) { BEGIN g(); END return a; }",
    "initialisers": "void f(void) { int a[] = " + "{" * 2000 + "1" + "}" * 2000 + "; g(a); }",
    "members": "int f(struct a *p) { return p" + "->a" * 4000 + "; }",
    "pointers": "int f(int " + "*" * 3000 + "p) { return " + "*" * 3000 + "p; }",
    "conditionals": "int f(int a) {\n" + "#ifdef A\n" * 800 + "a++;\n" + "#endif\n" * 800 + "return a; }",
    "arms that cut": "int f(int a) {\n"
    + "".join(f"if (a) {{\n#ifdef C{n}\n}} else {{\n#endif\n}}\n" for n in range(30))
    + "return a; }",
    "nul and not ascii": 'int f(int a) { char *s = "\0\u00e9"; return s[a]; } \x00',
    "huge number": "int f(void) { return " + "9" * 5000 + "; }",
    "strings": "void f(void) { g(" + '"a" ' * 5000 + "); }",
    "lambda-like": "void f(void) { g(({ ({ ({ h(); }); }); })); }",
    "statement in a condition": "int f(int a) { while (({ if (a) break; a; })) a--; return a; }",
}


@pytest.mark.slow
@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_text_ends_within_bounds(title: str) -> None:
    start = time.process_time()
    found = lower_function(HOSTILE[title])
    assert time.process_time() - start < 20
    if isinstance(found, Function):
        check(found)
        show(found)
    else:
        assert found.code in ("unparsed", "partial", "construct", "irreducible", "budget")


PIECES = st.sampled_from(
    [
        "if (a) ",
        "else ",
        "{ ",
        "} ",
        "goto x; ",
        "x: ",
        "return a; ",
        "g(a); ",
        "for (;;) ",
        "while (a--) ",
        "break; ",
        "continue; ",
        "switch (a) ",
        "case 1: ",
        "default: ",
        "int b = a; ",
        "b++; ",
        "a = a ? b : 2; ",
        "do ",
        "while (a); ",
        "\n#ifdef X\n",
        "\n#else\n",
        "\n#endif\n",
        "for_each_x(a) ",
        "guard(mutex)(&m); ",
        "({ a; }); ",
        "a && b; ",
        "scoped_guard(rcu) ",
        "LIST_HEAD(l); ",
        "*p = &a; ",
        "; ",
        ", ",
        "( ",
        ") ",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=25))
def test_any_text_is_lowered_or_refused(parts: list[str]) -> None:
    found = lower_function("int f(int a, int *p)\n{\n" + "".join(parts) + "\n}\n")
    assert isinstance(found, Function | Unlowered)
    if isinstance(found, Function):
        check(found)

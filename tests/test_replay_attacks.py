"""Text out of a mail attacks the harness: nothing reaches options, files, the shell or the machine. One
test an attack."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lorelens.analyze.replay import NoDifferenceFound, NotReplayable, Side, differ
from lorelens.analyze.replay import machine as machine_module
from lorelens.analyze.replay.machine import has_wasmtime
from lorelens.analyze.replay.outcome import RefusedError
from lorelens.analyze.replay.sandbox import compile_checked, find_compiler, link, preprocess
from lorelens.analyze.replay.words import MAX_TEXT, MAX_TOKEN, tokens, write

needs_compiler = pytest.mark.skipif(
    find_compiler() is None or not has_wasmtime(),
    reason="no compiler for WebAssembly (clang and lld, wasmtime)",
)


def run(text: str, environment: str = "", name: str = "f") -> object:
    given = Side(name=name, text=text, environment=(environment,) if environment else ())
    return differ(given, given, runs=20)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('#include "/etc/passwd"\nint f(void) { return 0; }', "directive"),
        ("int f(void) {\n#include </etc/passwd>\nreturn 0; }", "directive"),
        ("int f(void) {\n#  include_next <stdio.h>\nreturn 0; }", "directive"),
        ("int f(void) {\n#import <x>\nreturn 0; }", "directive"),
        ('int f(void) {\n#embed "/etc/passwd"\nreturn 0; }', "directive"),
        ("int f(void) {\n#pragma clang attribute push\nreturn 0; }", "directive"),
        ('int f(void) {\n#line 1 "/etc/passwd"\nreturn 0; }', "directive"),
        ("int f(void) {\n#error boo\nreturn 0; }", "directive"),
        ("int f(void) {\n#inc\\\nlude </etc/passwd>\nreturn 0; }", "directive"),
        ("int f(void) {\n/* x */ # /* y */ include </etc/passwd>\nreturn 0; }", "directive"),
        ("int f(void) {\n%:include </etc/passwd>\nreturn 0; }", "text"),
        ("int f(void) {\n??=include </etc/passwd>\nreturn 0; }", "text"),
        ("int f(void) { x %: y; return 0; }", "text"),
        ("int f(void) { int a<:4:>; return 0; }", "text"),
        ('int f(void) { _Pragma("clang diagnostic push") return 0; }', "directive"),
        ("int f(void) { __pragma(x) return 0; }", "directive"),
        ("int f(void) { return x # y; }", "directive"),
        ("int f(void) { return x ## y; }", "directive"),
        ('int f(void) { asm volatile("unreachable"); return 0; }', "asm"),
        ('int f(void) { __asm__("syscall"); return 0; }', "asm"),
        ('int x __asm("memory"); int f(void) { return 0; }', "asm"),
        ("int f(void) { void *p = &&out; goto *p; out: return 0; }", "construct"),
        ("int f(void) { float x = 1; return x; }", "construct"),
        ("int f(void) { return 1.5e3; }", "construct"),
        ("int f(void) { return @y; }", "text"),
        ("int f(void) { return $y; }", "text"),
        ("int f(void) { return `id`; }", "text"),
        ("int f(void) { return \\u0041; }", "text"),
        ("int f(void) { return \x00; }", "text"),
        ("int f(void) { return caf\u00e9; }", "text"),
        ('int f(void) { return "open', "text"),
        ("int f(void) { int x __attribute__((cleanup(boom))); return 0; }", "construct"),
    ],
)
def test_what_is_refused(text: str, reason: str) -> None:
    found = run(text)
    assert isinstance(found, NotReplayable), found
    assert found.reason == reason


def test_has_include_sees_no_files() -> None:
    """`__has_include` in a condition is a free boolean like any other: it never reaches the preprocessor."""
    with_file = 'int f(void) {\n#if __has_include("/etc/passwd")\nreturn 1;\n#else\nreturn 1;\n#endif\n}'
    found = run(with_file)
    assert isinstance(found, NoDifferenceFound | NotReplayable)


def test_what_is_written_holds_only_tokens_made_here() -> None:
    text = 'int f(int a) { return g("%s`rm -rf`$(x)\\"\\x41\\n#include", \'a\')'
    text += " + a /* #include <x> */; } // #pragma x"
    words = write(tokens(text))
    assert "#" not in words
    assert "include" not in words
    assert "`" not in words
    assert "k_f" in words
    assert " 97 " in words
    assert '"\\045\\163' in words


@pytest.mark.parametrize(
    "name",
    [
        "__builtin_trap",
        "__builtin_memcpy",
        "memcpy",
        "abort",
        "printf",
        "main",
        "_start",
        "rt_call",
        "rt_returned",
        "rt_pool",
        "rt_side_before",
        "__tsan_read8",
        "__wasm_call_ctors",
        "__heap_base",
        "__has_include",
        "__COUNTER__",
        "__FILE__",
        "__builtin_wasm_memory_grow",
        "__builtin_alloca",
        "__VA_OPT__",
        "__declare",
    ],
)
@needs_compiler
def test_names_of_the_compiler_and_of_the_harness_are_just_names(name: str) -> None:
    """A call of such a name is a stub like any other; both sides answer alike."""
    words = write(tokens(f"int f(int a) {{ return {name}(a) + 1; }}"))
    assert f"k_{name}" in words
    assert isinstance(run(f"int f(int a) {{ return {name}(a) + 1; }}"), NoDifferenceFound)


@pytest.mark.parametrize(
    "attribute",
    [
        'section("evil")',
        "constructor",
        'alias("rt_go")',
        'import_module("env")',
        'import_name("fd_write")',
        'export_name("rt_go")',
        'annotate("x")',
        'no_sanitize("thread")',
        "disable_sanitizer_instrumentation",
    ],
)
@needs_compiler
def test_attributes_are_taken_out(attribute: str) -> None:
    text = f"__attribute__(({attribute})) int f(int a) {{ return a; }}"
    assert "__attribute__" not in write(tokens(text))
    assert isinstance(run(text), NoDifferenceFound)


@needs_compiler
def test_the_module_has_no_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "extern int escape(int); int f(int a) { extern int g_escape; return escape(a) + g_escape; }"
    assert isinstance(run(text), NoDifferenceFound | NotReplayable)
    with pytest.raises(RefusedError) as refused:
        link(
            compile_checked("int away(int); int f(int a) { return away(a); }"),
            compile_checked("int g;"),
            ("f",),
        )
    assert refused.value.outcome.reason == "link"


@needs_compiler
def test_macros_of_the_file_cannot_hold_directives() -> None:
    environment = (
        '#define GET(x) _Pragma("once") x\n#define PASTE(a, b) a##b\n#define STR(x) #x\n#define TWO 2\n'
    )
    assert isinstance(run("int f(void) { return TWO; }", environment), NoDifferenceFound)
    for text in (
        "int f(int a) { return GET(a); }",
        "int f(int a) { return PASTE(a, a); }",
        "int f(int a) { return STR(a)[0]; }",
    ):
        assert isinstance(run(text, environment), NoDifferenceFound | NotReplayable)


@needs_compiler
def test_the_environment_of_the_process_does_not_reach_the_compiler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "found.h").write_text("int found;")
    for name in ("CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "COMPILER_PATH", "CCC_OVERRIDE_OPTIONS"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("CCC_OVERRIDE_OPTIONS", "+-DEVIL")
    with pytest.raises(RefusedError):
        preprocess("#include <found.h>\n")
    with pytest.raises(RefusedError):
        preprocess('#include "found.h"\n')
    assert "EVIL" in preprocess("EVIL\n")


@needs_compiler
def test_no_standard_headers_and_no_file_named_in_text() -> None:
    for line in ("#include <stdint.h>", "#include <stdio.h>", '#include "/etc/hostname"'):
        if "hostname" in line and not Path("/etc/hostname").exists():
            continue
        if line.startswith("#include <"):
            with pytest.raises(RefusedError):
                preprocess(line + "\n")
    with pytest.raises(RefusedError):
        write(tokens('#include "/etc/hostname"\n'))


@needs_compiler
def test_a_function_called_like_a_response_file_is_no_argument(tmp_path: Path) -> None:
    """The text goes in by standard input; its name is never an argument."""
    found = run("int f(void) { return 0; }", name="@/etc/passwd")
    assert isinstance(found, NotReplayable)
    assert isinstance(run("int f(void) { return 0; }", name="-fplugin=/tmp/x.so"), NotReplayable)
    assert isinstance(run("int f(void) { return 0; }", name="; touch /tmp/x"), NotReplayable)


@pytest.mark.parametrize(
    "text",
    [
        "int f(void) { return " + "a" * (MAX_TOKEN + 1) + "; }",
        'int f(void) { g("' + "x" * (MAX_TOKEN + 1) + '"); }',
        " " * (MAX_TEXT + 1),
        "int f(void) { return " + "(" * 5000 + "1" + ")" * 5000 + "; }",
        "int f(void) { " + "{" * 3000 + "}" * 3000 + " }",
        "int f(void) { return " + "-" * 2001 + "1; }",
        "int f(void) { return " + "+".join(["1"] * 200_000) + "; }",
    ],
    ids=["name", "string", "text", "parentheses", "blocks", "signs", "tokens"],
)
def test_size_and_depth_are_bounded(text: str) -> None:
    found = run(text)
    assert isinstance(found, NotReplayable), found


@pytest.mark.slow
@needs_compiler
def test_macros_that_explode_are_stopped() -> None:
    lines = ["#define X0 1+1+1+1+1+1+1+1+1+1"] + [
        f"#define X{n} " + "+".join([f"X{n - 1}"] * 10) for n in range(1, 9)
    ]
    found = run("int f(void) { return X8; }", "\n".join(lines) + "\n")
    assert isinstance(found, NotReplayable)


@needs_compiler
def test_memory_is_bounded() -> None:
    found = run("int f(int n) { char a[1 << 30]; use(a); return n; }")
    assert isinstance(found, NoDifferenceFound | NotReplayable)
    found = run("int f(int n) { char a[n * 1000000 + 1]; use(a); return n; }")
    assert isinstance(found, NoDifferenceFound | NotReplayable)


@needs_compiler
def test_recursion_and_endless_loops_come_back() -> None:
    given = Side(
        name="f",
        text="int f(int n) { return g(n); }",
        helpers=(("g", "static int g(int n) { return g(n + 1) + 1; }"),),
    )
    assert isinstance(differ(given, given, runs=5), NoDifferenceFound | NotReplayable)
    assert isinstance(run("int f(int n) { for (;;) n++; }"), NoDifferenceFound | NotReplayable)


@needs_compiler
def test_text_cannot_write_into_the_harness() -> None:
    """A store outside of the run's objects is a fault, also to the runtime's own variables."""
    for address in (65536, 65600, 70000, 0x2000000, 16):
        given = Side(name="f", text=f"int f(void) {{ *(long *){address} = 1; return 0; }}")
        found = differ(given, Side(name="f", text="int f(void) { return 0; }"), runs=20)
        assert getattr(found, "before", None) is not None, address
        assert found.before.outcome == "fault"


@needs_compiler
def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert isinstance(run("int f(int a) { return g(a); }"), NoDifferenceFound)
    assert os.listdir(tmp_path) == []


def test_without_a_compiler_the_reason_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lorelens.analyze.replay.sandbox.find_compiler", lambda: None)
    found = run("int f(int a) { return a; }")
    assert isinstance(found, NotReplayable)
    assert found.reason == "compiler"
    monkeypatch.undo()
    monkeypatch.setattr(machine_module, "has_wasmtime", lambda: False)
    if find_compiler() is not None:
        assert run("int f(int a) { return a; }") == NotReplayable(
            reason="compiler", detail="wasmtime is not installed"
        )

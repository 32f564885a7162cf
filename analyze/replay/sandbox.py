"""The compiler, run where it can reach nothing: fixed arguments, text on standard input, an empty folder,
no environment.

What a mail holds is never an argument, a file name or a variable; what goes in was spelled anew by
words.py. Time,
memory, output size and number of files are bounded by the kernel (setrlimit(2)); the folder goes when the
run ends.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from functools import cache, lru_cache
from pathlib import Path

from ..compiler import Compiler as Compiler
from ..compiler import find_compiler as find_compiler
from .outcome import RefusedError

SECONDS = 10
MEMORY = 2 << 30
MAX_OUTPUT = 16 << 20
MAX_INPUT = 8 << 20

_COMMON = (
    "--target=wasm64",
    "-nostdinc",
    "-nostdlib",
    "-ffreestanding",
    "-fno-builtin",
    "-fwrapv",
    "-fno-strict-aliasing",
    "-fno-delete-null-pointer-checks",
    "-ffine-grained-bitfield-accesses",
    "-funsigned-char",
    "-std=gnu11",
    "-w",
    "-Wno-int-conversion",
    "-Wno-incompatible-pointer-types",
    "-Wno-return-type",
    "-Wno-return-mismatch",
    "-Wno-unknown-warning-option",
    "-fno-color-diagnostics",
    "-fno-caret-diagnostics",
    "-ferror-limit=5",
    "-ftemplate-depth=16",
    "-fbracket-depth=512",
    "-fconstexpr-steps=10000",
)
_CHECKED = (
    "-O0",
    "-Xclang",
    "-fsanitize=thread",
    "-mllvm",
    "-tsan-instrument-func-entry-exit=0",
    "-mllvm",
    "-tsan-distinguish-volatile=1",
    "-mllvm",
    "-tsan-instrument-atomics=0",
    "-mllvm",
    "-tsan-instrument-read-before-write=1",
    "-fsanitize=shift-exponent,unreachable,bool",
    "-fsanitize-minimal-runtime",
    "-fno-sanitize-recover=all",
    "-ftrivial-auto-var-init=pattern",
)
_LINK = (
    "--no-entry",
    "-mwasm64",
    "--global-base=65536",
    "-z",
    "stack-size=1048576",
    "--initial-memory=50331648",
    "--max-memory=50331648",
    "--export=__stack_pointer",
    "--no-check-features",
)


@lru_cache(maxsize=8)
def preprocess(text: str) -> str:
    """Expand macros. Raises RefusedError("compile", ...)."""
    return _run(_clang(), (*_COMMON, "-undef", "-E", "-P", "-x", "c", "-"), text, {}, None).decode(
        "ascii", "replace"
    )


def compile_checked(text: str) -> bytes:
    """Compile a translation unit with hooks in front of its accesses; returns the object file."""
    return _run(_clang(), (*_COMMON, *_CHECKED, "-c", "-x", "c", "-", "-o", "out.o"), text, {}, "out.o")


@cache
def compile_runtime(text: str) -> bytes:
    """Compile the runtime, which is lorelens' own text; once a process."""
    return _run(_clang(), (*_COMMON, "-O2", "-c", "-x", "c", "-", "-o", "out.o"), text, {}, "out.o")


def link(first: bytes, second: bytes, exports: tuple[str, ...]) -> bytes:
    """Link two object files to a module whose only imports would be undefined names: there are none, or it
    fails."""
    compiler = find_compiler()
    assert compiler is not None
    arguments = (*_LINK, *(f"--export={name}" for name in exports), "-o", "out.wasm", "a.o", "b.o")
    return _run(compiler.linker, arguments, "", {"a.o": first, "b.o": second}, "out.wasm", "link")


def _clang() -> tuple[str, ...]:
    compiler = find_compiler()
    if compiler is None:
        raise RefusedError("compiler", "no clang with wasm-ld, and no ziglang")
    return compiler.clang


_LIMITS = {
    resource.RLIMIT_CPU: SECONDS,
    resource.RLIMIT_AS: MEMORY,
    resource.RLIMIT_FSIZE: MAX_OUTPUT,
    resource.RLIMIT_NOFILE: 64,
    resource.RLIMIT_CORE: 0,
}
_FROM_OUTSIDE = hasattr(resource, "prlimit")
"""Whether a process' limits can be set while it waits for its input: it need not be forked then, and a fork
copies the page tables of a large process each time."""


def _limit() -> None:
    for what, most in _LIMITS.items():
        resource.setrlimit(what, (most, most))


def _run(
    command: tuple[str, ...],
    arguments: tuple[str, ...],
    text: str,
    files: dict[str, bytes],
    output: str | None,
    stage: str = "compile",
) -> bytes:
    if len(text) > MAX_INPUT:
        raise RefusedError("text", f"{len(text)} characters for the compiler")
    with tempfile.TemporaryDirectory(prefix="lorelens-replay-") as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        environment = {
            "PATH": "/nonexistent",
            "HOME": name,
            "TMPDIR": name,
            "LC_ALL": "C",
            "ZIG_LOCAL_CACHE_DIR": name,
            "ZIG_GLOBAL_CACHE_DIR": name,
        }
        try:
            with subprocess.Popen(  # noqa: S603 - a fixed command; the text goes to standard input
                [*command, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=folder,
                env=environment,
                preexec_fn=None if _FROM_OUTSIDE or sys.platform == "win32" else _limit,
            ) as process:
                try:
                    if _FROM_OUTSIDE:
                        for what, most in _LIMITS.items():
                            resource.prlimit(process.pid, what, (most, most))
                    stdout, stderr = process.communicate(text.encode("ascii", "replace"), SECONDS)
                except BaseException:
                    process.kill()
                    raise
        except (subprocess.TimeoutExpired, OSError) as error:
            raise RefusedError(stage, type(error).__name__) from error
        if process.returncode:
            raise RefusedError(stage, _first_error(stderr))
        found = (folder / output).read_bytes() if output else stdout
    if len(found) > MAX_OUTPUT:
        raise RefusedError(stage, f"{len(found)} bytes of output")
    return found


def _first_error(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").splitlines()
    errors = [line for line in lines if "error:" in line] or lines[-1:]
    return errors[0].replace("<stdin>:", "")[:200] if errors else "no message"

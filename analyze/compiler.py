"""What is installed that results depend on: the compiler that replays, and the libraries' versions."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_LIBRARIES = (
    "jinja2",
    "liblore",
    "markupsafe",
    "msgspec",
    "selectolax",
    "tree-sitter",
    "tree-sitter-c",
    "unidiff",
    "wasmtime",
    "z3-solver",
    "ziglang",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiler:
    """A clang that makes wasm64, and its linker: each a command."""

    clang: tuple[str, ...]
    linker: tuple[str, ...]
    name: str


def find_compiler() -> Compiler | None:
    """Return the compiler that is used: the first of those that are there, None where there is none."""
    found = find_compilers()
    return found[0] if found else None


@cache
def find_compilers() -> tuple[Compiler, ...]:
    """Return what is installed of PyPI's ziglang, and of clang and wasm-ld in a fixed path.

    ziglang comes first: whoever installs it asks for it, it is the same on every machine, and, linked
    statically, it starts in less than half of the time of a distribution's clang.
    """
    compilers = []
    found = find_spec("ziglang")
    if found is not None and found.origin is not None:
        zig = str(Path(found.origin).parent / "zig")
        compilers.append(
            Compiler(clang=(zig, "clang"), linker=(zig, "wasm-ld", "--no-stack-first"), name="zig")
        )
    path = "/usr/local/bin:/usr/bin:/bin"
    clang, linker = shutil.which("clang", path=path), shutil.which("wasm-ld", path=path)
    if clang and linker:
        compilers.append(Compiler(clang=(clang,), linker=(linker,), name="clang"))
    return tuple(compilers)


@cache
def installed() -> str:
    """Return a text that changes where Python, a library or the compiler does: kept results name it."""
    compiler = find_compiler()
    programs = (compiler.clang[0], compiler.linker[0]) if compiler else ()
    parts = [platform.python_version(), platform.machine(), compiler.name if compiler else "no compiler"]
    parts += [program_state(name) for name in programs]
    parts += [f"{name} {_version(name)}" for name in _LIBRARIES]
    return "; ".join(parts)


def program_state(name: str) -> str:
    """Return the file that a program is, and its size and date: another version is another file."""
    real = Path(shutil.which(name) or name).resolve()
    try:
        status = real.stat()
    except OSError:
        return f"{real} absent"
    return f"{real} {status.st_size} {status.st_mtime_ns}"


@cache
def _versions() -> dict[str, str]:
    """Return the versions of all that is installed, by normalized name: the names of the metadata folders
    say them (binary distribution format, "The .dist-info directory"); to open each takes ten times longer."""
    found: dict[str, str] = {}
    for folder in reversed(sys.path):
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if name.endswith(".dist-info"):
                project, _, number = name.removesuffix(".dist-info").rpartition("-")
                found[project.lower().replace("_", "-").replace(".", "-")] = number
    return found


def _version(name: str) -> str:
    number = _versions().get(name)
    if number is not None:
        return number
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"

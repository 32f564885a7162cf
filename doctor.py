"""What is installed, what is missing, and what that costs."""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

PACKAGES = (
    ("liblore", "threads are fetched from lore.kernel.org"),
    ("unidiff", "diffs are read"),
    ("tree-sitter", "C is parsed"),
    ("tree-sitter-c", "C is parsed"),
    ("z3-solver", "functions are compared"),
    ("wasmtime", "differences are replayed"),
    ("msgspec", "results of comparisons are kept"),
    ("platformdirs", "the place where they are kept is found"),
    ("sqlalchemy", "reviews are kept (docs/store.md)"),
    ("alembic", "a store of an older lorelens is brought up to date"),
    ("jinja2", "the HTML report is written"),
    ("selectolax", "pages of web archives are read"),
)
PROGRAMS = (
    (
        "git",
        "git repositories and public-inbox archives are read",
    ),
)
MECHANICAL = (("perl", "checkpatch.pl of a tree"), ("spatch", "coccinelle"), ("sparse", "sparse"))


def examine() -> Iterator[str]:
    """Yield one line a part: its version, or that it is missing and what is lost without it."""
    from . import __version__

    yield f"lorelens {__version__}, Python {platform.python_version()}"
    for name, use in PACKAGES:
        try:
            yield f"ok       {name} {version(name)}: {use}"
        except PackageNotFoundError:
            yield f"missing  {name}: needed, since with it {use}; install it with pip"
    for name, use in PROGRAMS:
        path = shutil.which(name)
        if path is None:
            yield f"missing  {name}: without it no {use}; plain directories and mboxes still are"
            continue
        found = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False)  # noqa: S603 -- a name of this table
        yield f"ok       {found.stdout.strip() or name}: {use}"
    for name, use in MECHANICAL:
        if shutil.which(name):
            yield f"ok       {name}: {use} is run by review --mechanical"
        else:
            yield f"missing  {name}: without it review --mechanical skips {use}"
    yield _compiler()


def _compiler() -> str:
    """Say what compiles a replay."""
    from .analyze.compiler import find_compiler

    found = find_compiler()
    if found is not None:
        return f"ok       {found.name}: differences are replayed on compiled C"
    return (
        "missing  a C compiler for WebAssembly: differences rest on the solver alone; "
        "install clang with lld, or lorelens[zig]"
    )

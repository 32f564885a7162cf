"""The house holds together: packages, lint, types, and the one way in which imports point."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | environment
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True
    )


def test_packages_are_the_folders():
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    beside = {"tests", "bench", "docs", "build", "dist"}
    there = {
        ".".join(("lorelens", *init.relative_to(ROOT).parts[:-1]))
        for init in ROOT.rglob("__init__.py")
        if not any(part.startswith(".") or part in beside for part in init.relative_to(ROOT).parts)
    }
    assert listed == there


def test_lint():
    result = run("ruff", "check", "--no-cache", ".")
    assert result.returncode == 0, result.stdout


@pytest.mark.slow
def test_types(tmp_path):
    (tmp_path / "lorelens").symlink_to(ROOT)
    cache = tmp_path / "cache"
    result = run("mypy", "--strict", "--cache-dir", str(cache), "-p", "lorelens", MYPYPATH=str(tmp_path))
    assert result.returncode == 0, result.stdout


@pytest.mark.slow
def test_imports_point_one_way():
    lint = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    result = subprocess.run([sys.executable, "-c", lint], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_version_imports_nothing_heavy():
    """`lorelens --version` answers at once: what costs is imported when it is needed."""
    code = "import sys; from lorelens.cli import main; main(['--version']); print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(result.stdout.split())
    heavy = {"jinja2", "unidiff", "tree_sitter", "b4", "liblore", "requests", "email", "dataclasses"}
    assert not loaded & heavy

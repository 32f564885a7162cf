"""The house holds together: packages listed one by one are the folders that there are."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_packages_are_the_folders():
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    beside = {"tests", "bench", "docs", "build", "dist"}
    there = {
        ".".join(("lorelens", *init.relative_to(ROOT).parts[:-1]))
        for init in ROOT.rglob("__init__.py")
        if not any(part.startswith(".") or part in beside for part in init.relative_to(ROOT).parts)
    }
    assert listed == there

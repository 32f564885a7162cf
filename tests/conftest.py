"""What the tests share: real data where it is at hand, skipped with the reason where it is not."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Timing never fails a test: neither an example that takes long nor a slow generator.
settings.register_profile("lorelens", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lorelens")

# Tests never touch the user's own store: those of the store name one, all others keep nothing.
os.environ["LORELENS_STORE"] = "none"
os.environ["LORELENS_DISMISSALS"] = "none"

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("mm", "fs", "kernel", "arch/x86/mm", "include")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real mail and peers' fixtures: $LORELENS_SHARED, else `shared` beside the checkout."""
    folder = Path(os.environ.get("LORELENS_SHARED", ROOT.parent / "shared"))
    if not (folder / "threads").is_dir():
        pytest.skip(f"no real data: {folder} is absent")
    return folder


@pytest.fixture(scope="session")
def kernel() -> Path:
    """FOLDERS of Debian's linux-source-6.12, unpacked once into a cache."""
    archive = Path("/usr/src/linux-source-6.12.tar.xz")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "lorelens-tests"
    tree = cache / "linux-source-6.12"
    if not (tree / ".whole").exists():
        if not archive.exists():
            pytest.skip(f"no kernel tree: {archive} is absent (Debian package linux-source-6.12)")
        wanted = tuple(f"linux-source-6.12/{folder}/" for folder in FOLDERS)
        cache.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as tar:
            tar.extractall(cache, (m for m in tar if m.name.startswith(wanted)), filter="data")
        (tree / ".whole").touch()
    return tree

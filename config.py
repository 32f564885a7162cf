"""Options: frozen, out of arguments, environment and git config. Only cli and pipeline know them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FORMATS = ("html", "json", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `lorelens review` was asked to do (CONTRACT.md)."""

    sources: tuple[str, ...]
    trees: tuple[Path, ...] = ()
    base: str | None = None
    output: Path = Path("lorelens-report")
    formats: tuple[str, ...] = ("html", "json")
    revision: int | None = None
    offline: bool = False
    jobs: int = 1
    lore_url: str = "https://lore.kernel.org/all"
    """The public-inbox server; git config `b4.midmask`-like overrides come from $LORELENS_LORE_URL."""
    fail_on: str = "none"

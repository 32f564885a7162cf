"""Options: frozen, out of arguments and environment. Only what stands above reports knows them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .analyze.checks.dismissal import Dismissal

FORMATS = ("html", "json", "text")
FAIL_ON = ("new", "any", "undecided", "none")
LORE_URL = "https://lore.kernel.org/all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a command was asked to do (CONTRACT.md)."""

    sources: tuple[str, ...]
    trees: tuple[str, ...] = ()
    """Git repositories ("REPO" or "REPO:FOLDER") and plain directories that hold pre-images."""
    base: str | None = None
    """The commit whose files are the pre-images; searched for where None (docs/trees.md)."""
    output: Path = Path("lorelens-report")
    formats: tuple[str, ...] = ("html", "json")
    revision: int | None = None
    """The revision to review; the newest where None."""
    offline: bool = False
    lore_url: str = LORE_URL
    """The public-inbox server that message-ids are asked of; $LORELENS_LORE_URL overrides the default."""
    fail_on: str = "none"
    me: str | None = None
    """Whose comments come first in a review, as an address; nobody's where None."""
    command: str = "lorelens review"
    """The command line that reproduces the report."""
    jobs: int = 1
    """Functions compared at once."""
    timeout: float = 10.0
    """Seconds that one function's comparison may take."""
    cache: Path | None = None
    """Where results of comparisons are kept; nowhere where None."""
    store: str | None = None
    """Where reviews are kept: a path or a database URL; nowhere where None (docs/store.md)."""
    dismissals: tuple[Dismissal, ...] = ()
    """What a person set aside; their content, not the file's name, since reports depend on it."""
    mechanical: bool = False
    """Whether programs are run over the patches (docs/mechanical.md)."""
    anew: bool = False
    """Whether nothing is served that was kept."""

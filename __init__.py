"""lorelens: what a kernel patch series changes in behaviour, read from the mailing-list thread alone."""

from typing import Any

__version__ = "0.1.0"

__all__ = ["__version__", "review"]


def __getattr__(name: str) -> Any:
    """Import the public API when it is first asked for (PEP 562): importing lorelens costs nothing."""
    if name == "review":
        from .pipeline import review

        return review
    raise AttributeError(f"module 'lorelens' has no attribute {name!r}")

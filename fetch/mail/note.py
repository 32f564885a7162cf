"""Note: something that was read with a guess, left out or cut. Every module that reads mail makes them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that was read with a guess, left out or cut, said once and carried to the report."""

    kind: str
    """A slug: "date", "charset", "header", "size", "parts", "html-only", "message-id", ..."""
    detail: str
    """One sentence for a reader."""

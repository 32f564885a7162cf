"""Images of a file -> its changed functions, types, macros and prototypes; moved and renamed ones recognised."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A definition or declaration at file level."""

    name: str
    symbol: str
    """"function", "prototype", "struct", "union", "enum", "macro", "typedef" or "variable"."""
    path: str
    start: int
    end: int
    """1-based first and last line, from the first token of its declaration (not its comment) to its closing one."""
    text: str
    """Exactly those lines."""
    config: str | None
    """The preprocessor condition it stands under ("CONFIG_HUGETLB_PAGE"), None where there is none."""
    whole: bool
    """False where only the lines that a hunk shows are at hand."""
    clean: bool
    """Whether its syntax tree has neither an ERROR nor a MISSING node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFunction:
    """A definition that a patch changes (most are functions; `symbol` tells)."""

    name: str
    symbol: str
    path: str
    pre: Definition | None
    """None where it is added."""
    post: Definition | None
    """None where it is removed."""
    kind: tuple[str, ...]
    """Of CONTRACT.md's kinds: modified, added, removed, moved, renamed, signature, comment-only, white-space, unchanged."""

"""What stands at file level of a C file, and what a patch does to it: the values of functions.py."""

from __future__ import annotations

from dataclasses import dataclass

from .engine.delta import Delta


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A definition or declaration at file level."""

    name: str
    """As the source calls it; `sys_name` of a SYSCALL_DEFINEn, `(struct)` of an anonymous type."""
    symbol: str
    """"function", "prototype", "struct", "union", "enum", "macro", "typedef" or "variable"; "other" for an
    include, a
    conditional, an exported symbol, another macro call or a comment at file level."""
    path: str
    start: int
    end: int
    """1-based first and last line, from the first token of its declaration (not its comment) to its closing
    one."""
    text: str
    """Exactly those lines; of a definition that is not whole those that the hunks show."""
    config: str | None
    """The preprocessor condition it stands under ("CONFIG_HUGETLB_PAGE"), None where there is none."""
    whole: bool
    """False where only the lines that a hunk shows are at hand."""
    clean: bool
    """Whether its syntax tree has neither an ERROR nor a MISSING node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What of the headers is given to a comparison."""

    pre: str = ""
    post: str = ""
    """Excerpts (engine/excerpt.py); "" where no headers are at hand."""
    guess: str = ""
    """What is assumed by using them; "" where the tree is shown to be the patch's own."""
    renames: tuple[tuple[str, str], ...] = ()
    """Functions that the patch renames and leaves as they are otherwise: names before and after (I7)."""
    beside: tuple[str, str] = ("", "")
    """Definitions of the patch's other files, before and after, as if they stood behind the file's (I8)."""
    assumed: tuple[str, ...] = ()
    """What is assumed by using those."""


NOTHING_AROUND = Around()


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
    """Of CONTRACT.md's kinds: modified, added, removed, moved, renamed, signature, comment-only,
    white-space, unchanged."""
    delta: Delta | None = None
    """What it does differently; None where that was not asked, or its versions are not both at hand whole."""
    around: Around = NOTHING_AROUND
    """What its versions reach of the headers around them, for `delta`."""

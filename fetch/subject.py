"""The grammar of "[PATCH RFC v2 1/3] ..."."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A mail's subject, taken apart."""

    title: str
    """What is left without reply marks and the leading brackets; brackets of its own stay."""
    is_reply: bool = False
    """Whether "Re:" or the like stands before it."""
    is_forward: bool = False
    """Whether "Fwd:" or the like stands before it."""
    is_patch: bool = False
    """Whether a bracket says PATCH (or an -mm notice that a patch was added)."""
    is_pull: bool = False
    """Whether a bracket says PULL."""
    prefixes: tuple[str, ...] = ()
    """The words of the leading brackets in order, as written, without version, numbering and list tags."""
    rfc: bool = False
    resend: bool = False
    label: str = ""
    """The version as written, "v" made lower case: "v2", "v5.1"; "" where there is none."""
    version: int | None = None
    """The version's integer part; None where the subject tells none (which is usually 1)."""
    minor: int | None = None
    """1 in "v5.1"; None where there is none."""
    position: int | None = None
    """0 for a cover letter."""
    total: int | None = None


def parse_subject(text: str) -> Subject:
    """Take a decoded, unfolded subject apart; never raises, and what is no prefix is title."""
    raise NotImplementedError

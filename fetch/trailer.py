"""The grammar of trailers ("Reviewed-by: Name <address>"), and which trailers replies give to which patch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailer:
    """One trailer line of a commit message (Documentation/process/submitting-patches.rst; git-interpret-trailers)."""

    name: str
    """As written: "Reviewed-by", "Fixes", "Link"."""
    value: str
    given_by: str | None
    """Message-id of the reply that gave it; None where it stands in the patch mail itself."""
    mismatch: bool = False
    """True where a reply gave it for an address that is not the reply's From: (b4 leaves such out by default)."""


def parse_trailers(text: str) -> tuple[Trailer, ...]:
    """Return the trailers of a commit message."""
    raise NotImplementedError


def followup_trailers(
    patch_messages: Sequence[Message], replies: Sequence[Message]
) -> Mapping[str, tuple[Trailer, ...]]:
    """Return the trailers that `replies` give, by message-id of the patch (cover letters are told by their "0/n")."""
    raise NotImplementedError

"""The grammar of trailers ("Reviewed-by: Name <address>"), and which trailers replies give to which patch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailer:
    """One trailer line of a commit message (Documentation/process/submitting-patches.rst; git-interpret-trailers)."""

    name: str
    """As written: "Reviewed-by", "Fixes", "Link"."""
    value: str
    given_by: str | None
    """Message-id of the reply that gave it; None where it stands in the patch mail itself."""

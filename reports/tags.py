"""A patch's trailers, told apart: those that count, and those that a mail claims for somebody else."""

from __future__ import annotations

from ..fetch.patch.trailer import Trailer
from ..fetch.series.assembly import Patch

CLAIMED = "claimed by a mail from another address"


def given(patch: Patch) -> tuple[Trailer, ...]:
    """Return the patch's own trailers, and those that replies gave in their senders' own name."""
    return tuple(trailer for trailer in patch.trailers if not trailer.mismatch)


def claimed(patch: Patch) -> tuple[Trailer, ...]:
    """Return what replies gave in the name of another person than their sender."""
    return tuple(trailer for trailer in patch.trailers if trailer.mismatch)

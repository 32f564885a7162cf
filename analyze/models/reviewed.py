"""The matrices of a whole review."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..checks.frame import case_of
from ..checks.view import PatchView
from .build import patch_models
from .matrix import Matrix

if TYPE_CHECKING:
    from ..review import PatchReview


def build_models(patches: Sequence[PatchReview], kernel: str = "") -> tuple[Matrix, ...]:
    """Return the matrices of a review's patches that have something to tell apart."""
    found: list[Matrix] = []
    for reviewed in patches:
        found += patch_models(PatchView(case_of(reviewed, kernel)))
    return tuple(found)

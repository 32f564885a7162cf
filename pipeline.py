"""The pipeline: sources in, reviews out. The command line, CI and tests all call it."""

from __future__ import annotations

from collections.abc import Iterator

from .analyze.review import Review
from .config import Options


def review(options: Options) -> Iterator[Review]:
    """Yield a Review for each series that the sources hold, in the order of their first mail."""
    raise NotImplementedError

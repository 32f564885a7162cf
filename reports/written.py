"""A review in the formats that were asked for: what is printed, written and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A review in the formats that were asked for."""

    text: str
    """For standard output: the first screen, or the whole text where that format was asked for."""
    files: Mapping[str, bytes]
    """File name -> content, relative to the report's folder."""

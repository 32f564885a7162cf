"""Comments in their places; the ledger needs them too, so that the code is analyze/history/asked.py."""

from __future__ import annotations

from ..analyze.history.asked import Asked, place_comments

__all__ = ["Asked", "place_comments"]

"""Messages -> Threads (RFC 5256, section 3, REFERENCES; without joining by subject)."""

from __future__ import annotations

from dataclasses import dataclass

from .message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """Mails joined by In-Reply-To and References."""

    root: str
    """Message-id of the topmost mail, which may not be at hand."""
    messages: tuple[Message, ...]
    """By date, those without a readable date after the mail they answer."""

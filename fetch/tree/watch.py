"""What was read of plain directories, so that a kept report can be checked against them.

A git repository has a state that can be asked for (state.py); a directory has none short of all its files.
So while reads are watched, every one of them is noted: a report is as it would be made now where each file
that it read still reads the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class Reads:
    """The files of plain directories that were read."""

    by_file: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """(directory, path below it) -> SHA-256 of the content, None where there was no such file."""
    steady: bool = True
    """False where a file changed while it was watched."""

    def add(self, directory: str, path: str, content: bytes | None) -> None:
        """Note one read."""
        found = None if content is None else hashlib.sha256(content).hexdigest()
        if self.by_file.setdefault((directory, path), found) != found:
            self.steady = False


_watching: ContextVar[Reads | None] = ContextVar("watching", default=None)


@contextmanager
def watch_reads() -> Iterator[Reads]:
    """Note the reads of this thread until the block ends."""
    reads = Reads()
    token = _watching.set(reads)
    try:
        yield reads
    finally:
        _watching.reset(token)


def note_read(directory: str, path: str, content: bytes | None) -> None:
    """Note a read, where anybody watches."""
    reads = _watching.get()
    if reads is not None:
        reads.add(directory, path, content)

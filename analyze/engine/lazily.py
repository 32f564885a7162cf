"""Values that are made when they are asked for, each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Lazily(Generic[Value]):
    """What an iterator yields, kept: it may be gone through several times."""

    def __init__(self, source: Iterable[Value]) -> None:
        self._source = iter(source)
        self._known: list[Value] = []

    def __iter__(self) -> Iterator[Value]:
        """Yield what is known, then what is still to be made."""
        at = 0
        while True:
            if at == len(self._known):
                try:
                    self._known.append(next(self._source))
                except StopIteration:
                    return
            yield self._known[at]
            at += 1

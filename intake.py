"""The mails of a command: read once, with their bytes where somebody keeps them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from .config import Options
from .errors import InputError
from .fetch.mail.message import Message
from .fetch.source.sources import RawMail, is_remote, parse_raw, read_raw

if TYPE_CHECKING:
    from .fetch.source.lore import Lore

MAX_KEPT = 1 << 30
"""Bytes of mail that are held and kept; of a larger source nothing is."""
Search = tuple[str, str, str]
"""A change-id, a title and an address that an archive was asked for."""


class Intake:
    """The mails that the sources of `options` hold, and those that an archive finds beside them."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._archive: Lore | None = None
        self._source: Iterator[RawMail] | None = None
        self.held: list[RawMail] = []
        """The sources' mails."""
        self.holding = False
        """Whether every mail is held."""
        self.searches: dict[Search, list[RawMail]] = {}
        self.failed = False
        """Whether a search could not be made: another run may find more."""
        self.messages: dict[int, tuple[Message, ...]] = {}
        """What was read from a held mail, by its place in `mails`."""

    @property
    def archive(self) -> Lore | None:
        """The archive that is asked; None where no source is a message-id or URL."""
        if self._archive is None and any(is_remote(source) for source in self._options.sources):
            from .fetch.source.lore import Lore

            self._archive = Lore(self._options.lore_url, offline=self._options.offline)
        return self._archive

    @property
    def mails(self) -> list[RawMail]:
        """All mails that are held, in the order in which they were met."""
        return list(chain(self.held, *self.searches.values()))

    def hold(self) -> bool:
        """Read the sources and hold their mails; False where they are more than MAX_KEPT."""
        size = 0
        source = self._open()
        for mail in source:
            self.held.append(mail)
            size += len(mail.raw)
            if size > MAX_KEPT:
                self._source = chain(self.held, source)
                self.held = []
                return False
        self.holding = True
        return True

    def read(self) -> Iterator[Message]:
        """Yield the messages of the sources."""
        yield from self._parse(self.held if self.holding else self._source or self._open(), 0)

    def search(self, change_id: str, title: str, author: str) -> list[Message]:
        """Return the messages of other revisions as the archive finds them. Raises NetworkError."""
        found = self.find(change_id, title, author)
        at = len(self.held)
        for asked, mails in self.searches.items():
            if asked == (change_id, title, author):
                break
            at += len(mails)
        return list(self._parse(found, at))

    def find(self, change_id: str, title: str, author: str) -> list[RawMail]:
        """Return the mails that search() reads; asks the archive once."""
        asked = (change_id, title, author)
        if asked not in self.searches and self.archive is not None:
            mails = self.archive.read_revisions(change_id=change_id, title=title, author=author)
            self.searches[asked] = list(mails)
        return self.searches.get(asked, [])

    def _open(self) -> Iterator[RawMail]:
        stdin = standard_input() if "-" in self._options.sources else None
        return read_raw(self._options.sources, stdin=stdin, archive=self.archive)

    def _parse(self, mails: Iterable[RawMail], at: int) -> Iterator[Message]:
        for number, mail in enumerate(mails, at):
            found = parse_raw(mail)
            if self.holding:
                self.messages[number] = found
            yield from found


def standard_input() -> BinaryIO:
    """Return the bytes of standard input. Raises InputError where it is closed."""
    if sys.stdin is None or sys.stdin.closed:
        raise InputError("standard input", "it is closed", "name a file")
    return sys.stdin.buffer

"""Sources -> raw mails: files, folders, standard input, repositories; and all of them together -> Messages.

    mbox, mboxrd (also .gz, .xz, .bz2)      a mail each
    .eml, a bare patch                      one mail
    archive page, as HTML or text           one mail, or a thread's
    maildir, folder of the above            in the order of names
    public-inbox v2 repository              in the order of arrival
    message-id, lore URL                    the thread (lore.py)

What a file is, its content tells and not its name.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from ...errors import InputError
from ..mail.message import MAX_MAIL, Message, parse_message
from ..mail.note import Note
from .archive_page import looks_like_page, parse_pages
from .copies import merge_copies
from .mbox import is_mbox, split_mbox
from .public_inbox import find_epochs, read_epoch

if TYPE_CHECKING:
    from typing_extensions import Buffer

MAX_INFLATED = 4 << 30
"""Bytes that a compressed source may hold."""
MAX_FILES = 100_000
"""Files of a folder that are read."""

_HEAD = 1 << 16
_COMPRESSED: tuple[tuple[bytes, Callable[[BinaryIO], object]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"\xfd7zXZ", lzma.open),
    (b"BZh", bz2.open),
)
_NAMES = re.compile(
    r"\.(?:eml|mbox|mbx|mboxrd|mail|msg|patch|diff|txt|html?)(?:\.(?:gz|xz|bz2))?$|^\d+$", re.IGNORECASE
)
"""Names of files that a folder of mail has; digits alone are MH's."""
_REMOTE = re.compile(r"https?://|mid:|<[^<>\s]+>$|[^\s/\\]+@[^\s/\\]+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMail:
    """The bytes of one mail, or of a web archive's page."""

    raw: bytes
    origin: str
    """For people: "thread.mbox, mail 3"."""
    page: bool = False
    notes: tuple[Note, ...] = ()
    """What was cut or could not be read on the way here."""


class ThreadArchive(Protocol):
    """Where threads come from by message-id: lore.py, or a stand-in."""

    def read_thread(self, source: str) -> Iterator[RawMail]:
        """The whole thread around a message-id or URL. Raises NetworkError or InputError."""
        ...


def read_messages(
    sources: Iterable[str | Path], *, stdin: BinaryIO | None = None, archive: ThreadArchive | None = None
) -> Iterator[Message]:
    """Every mail of all sources, copies of one mail merged, in the order in which they were met.

    Raises InputError for a source that is absent, empty or no mail at all, NetworkError and ToolError from
    those that need a server or git. A mail that is damaged has Notes instead.
    """
    return merge_copies(
        message for mail in read_raw(sources, stdin=stdin, archive=archive) for message in parse_raw(mail)
    )


def read_raw(
    sources: Iterable[str | Path], *, stdin: BinaryIO | None = None, archive: ThreadArchive | None = None
) -> Iterator[RawMail]:
    """The bytes of every mail of all sources, in order. Raises as read_messages does."""
    for source in sources:
        if archive is not None and is_remote(source):
            yield from archive.read_thread(str(source))
        else:
            yield from read_source(source, stdin)


def parse_raw(mail: RawMail) -> tuple[Message, ...]:
    """The Messages that the bytes hold: one, or those of an archive page; never raises on any bytes."""
    found = parse_pages(mail.raw, mail.origin) if mail.page else (parse_message(mail.raw, mail.origin),)
    if not mail.notes:
        return found
    return tuple(replace(message, notes=(*mail.notes, *message.notes)) for message in found)


def is_remote(source: str | Path) -> bool:
    """Whether a source is a message-id or URL, and not a file that happens to be called so."""
    return isinstance(source, str) and _REMOTE.match(source) is not None and not Path(source).exists()


def read_source(source: str | Path, stdin: BinaryIO | None = None) -> Iterator[RawMail]:
    """The raw mails of one local source; "-" is `stdin`. Raises InputError and ToolError."""
    if source == "-":
        if stdin is None:
            raise InputError("standard input", "there is none", "give a file")
        yield from _read_stream(stdin, "standard input")
        return
    path = Path(source)
    if not path.exists():
        why = "no such file or folder"
        raise InputError(str(source), why, "give an mbox, maildir, .eml, archive page or message-id")
    if path.is_dir():
        yield from _read_folder(path)
        return
    yield from _read_file(path, str(path))


def _read_file(path: Path, origin: str) -> Iterator[RawMail]:
    if not path.is_file():
        raise InputError(origin, "it is neither a file nor a folder")
    try:
        with path.open("rb") as stream:
            yield from _read_stream(stream, origin)
    except OSError as error:
        raise InputError(origin, error.strerror or str(error)) from error


def _read_folder(folder: Path) -> Iterator[RawMail]:
    epochs = find_epochs(folder)
    if epochs:
        for epoch in epochs:
            for commit, raw, notes in read_epoch(epoch):
                yield RawMail(raw=raw, origin=f"{epoch.name}, commit {commit[:12]}", notes=notes)
        return
    maildir = [folder / name for name in ("cur", "new") if (folder / name).is_dir()]
    if maildir:
        files = sorted((path for part in maildir for path in part.iterdir()), key=lambda path: path.name)
    else:
        files = _mail_files(folder)
    count = 0
    unreadable: list[Note] = []
    for path in files:
        if path.name.startswith(".") or not os.path.isfile(path):  # False where not allowed
            continue
        try:
            for mail in _read_file(path, str(path)):
                count += 1
                yield replace(mail, notes=(*unreadable, *mail.notes)) if unreadable else mail
                unreadable = []
        except InputError as error:
            # One bad file does not hide the others; the next mail carries what happened.
            unreadable.append(Note(kind="file", detail=f"a file was left out: {error}"))
    if not count:
        why = unreadable[0].detail if unreadable else "the folder holds no mail"
        raise InputError(str(folder), why, "give a maildir, a folder of mail, or a public-inbox repository")


def _mail_files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(parent, name) for name in sorted(names) if _NAMES.search(name)]
        if len(found) > MAX_FILES:
            raise InputError(str(folder), f"it holds more than {MAX_FILES} files", "give a part of it")
    return found


def _read_stream(stream: BinaryIO, origin: str) -> Iterator[RawMail]:
    """Mails out of one stream, told apart by its first bytes."""
    reader = _inflate(stream, origin)
    head = reader.peek(_HEAD)
    if not head.strip():
        raise InputError(origin, "it is empty")
    if is_mbox(head):
        for number, mail in enumerate(split_mbox(cast(BinaryIO, reader)), 1):
            yield RawMail(raw=mail.raw, origin=f"{origin}, mail {number}", notes=mail.notes + reader.notes())
        return
    raw = reader.read(MAX_MAIL + 1)
    if _is_binary(raw[:_HEAD]):
        raise InputError(origin, "it is neither mail nor text", "give an mbox, maildir, .eml or archive page")
    yield RawMail(raw=raw, origin=origin, page=looks_like_page(raw), notes=reader.notes())


class _Reader(io.BufferedReader):
    """A stream, inflated where it is compressed, that ends where its compression breaks and remembers
    that.
    """

    def __init__(self, inflated: _Inflated) -> None:
        super().__init__(inflated, _HEAD)
        self._inflated = inflated

    def notes(self) -> tuple[Note, ...]:
        """What was wrong with the stream, as far as it was read."""
        if not self._inflated.broken:
            return ()
        return (Note(kind="file", detail="the compressed file is damaged or cut; its beginning was read"),)


class _Inflated(io.RawIOBase):
    def __init__(self, stream: BinaryIO, origin: str) -> None:
        self._stream, self._origin = stream, origin
        self._size = 0
        self.broken = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(view) and not self.broken:
            try:
                piece = self._stream.read1(len(view) - filled)  # type: ignore[attr-defined]
            except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile):
                self.broken = True
                break
            if not piece:
                break
            view[filled : filled + len(piece)] = piece
            filled += len(piece)
        self._size += filled
        if self._size > MAX_INFLATED:
            raise InputError(self._origin, f"it holds more than {MAX_INFLATED >> 30} GB", "give a part of it")
        return filled


def _inflate(stream: BinaryIO, origin: str) -> _Reader:
    buffered = io.BufferedReader(cast(io.RawIOBase, stream), _HEAD)
    magic = buffered.peek(6)
    open_it = next((opener for start, opener in _COMPRESSED if magic.startswith(start)), None)
    opened: object = open_it(cast(BinaryIO, buffered)) if open_it else buffered
    return _Reader(_Inflated(cast(BinaryIO, opened), origin))


def _is_binary(head: bytes) -> bool:
    """Whether no mail looks like this: more than 3% control characters (compressed data has 10%)."""
    odd = sum(head.count(bytes((byte,))) for byte in range(32) if byte not in b"\t\n\r\f\x1b")
    return odd * 100 > len(head) * 3

"""Where results are kept by the hash of what they rest on, so that a second run costs nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

import msgspec

from .engine.delta import Delta


class ResultStore(Protocol):
    """A store of bytes by key (64 hex digits). What it lost or could not write is computed again."""

    def get(self, key: str) -> bytes | None:
        """Return what is kept, or None."""

    def put(self, key: str, value: bytes) -> None:
        """Keep a value; that it cannot be kept is no error."""


class NoStore:
    """Keeps nothing."""

    def get(self, key: str) -> bytes | None:
        """Return None."""
        return None

    def put(self, key: str, value: bytes) -> None:
        """Keep nothing."""


class FolderStore:
    """A file a result below `folder`, made when first needed; each is written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> bytes | None:
        """Return what is kept, or None where it is not there or cannot be read."""
        try:
            return self._path(key).read_bytes()
        except OSError:
            return None

    def put(self, key: str, value: bytes) -> None:
        """Keep a value, unless the disk is full or read-only."""
        path = self._path(key)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(value)
            os.replace(part, path)
        except OSError:
            return

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key


def encode_delta(delta: Delta) -> bytes:
    """Return a Delta as JSON."""
    return msgspec.json.encode(delta)


def decode_delta(kept: bytes | None) -> Delta | None:
    """Return what encode_delta() was given; None where there is nothing or it is no Delta."""
    if kept is None:
        return None
    try:
        return msgspec.json.decode(kept, type=Delta)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None

"""The key of a finished run: SHA-256 over everything that its documents depend on.

Equal keys mean equal documents, so the key errs to the safe side: whatever could matter is in it. These are
lorelens' own files, the versions of Python and of every library that reads or renders, the compiler and
git, all options but where the report goes, the state of the trees (fetch/tree/state.py), and that of the
mails. Files of plain directories are not in the key; they are looked at again (fetch/tree/watch.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from ...analyze.compiler import installed, program_state
from .content import text_key

if TYPE_CHECKING:
    from ...fetch.source.sources import RawMail

_CODE = (".py", ".c", ".h", ".html", ".css", ".js", ".json")


def run_key(options: Mapping[str, object], trees: str, mails: str) -> str:
    """Return the key of a run: `options` by name, the trees' state, and that of the mails (mails_state, or
    fetch/source/state.py)."""
    named = sorted((name, repr(value)) for name, value in options.items())
    return text_key("run", code_digest(), installed(), program_state("git"), named, trees, mails)


def mails_state(mails: Iterable[RawMail]) -> str:
    """Return a digest of mails in order, with their names and what was noted on the way."""
    return text_key("mails", *map(_mail, mails))


def search_key(lore: str, mails: Iterable[RawMail]) -> str:
    """Return the key under which is kept what an archive was asked for after these mails were read."""
    return text_key("search", code_digest(), lore, *map(_mail, mails))


def _mail(mail: RawMail) -> str:
    return repr((hashlib.sha256(mail.raw).hexdigest(), mail.origin, mail.page, mail.notes))


@cache
def code_digest() -> str:
    """Return a digest of lorelens' own files: another version, or one that is being written, is not this."""
    whole = hashlib.sha256()
    for name, content in _code(files("lorelens"), ""):
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()


def _code(folder: Traversable, above: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a package and of those below it; in a checkout other folders stand beside."""
    parts = sorted(folder.iterdir(), key=lambda part: part.name)
    if not any(part.name == "__init__.py" for part in parts):
        return
    for part in parts:
        if part.name.endswith(_CODE):
            yield above + part.name, part.read_bytes()
        elif part.is_dir() and not part.name.startswith((".", "__")):
            yield from _code(part, f"{above}{part.name}/")

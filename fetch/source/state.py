"""The state of local sources, without reading mail out of them: equal states hold the same mails.

It costs a tenth of taking an mbox apart. Sources that are no regular files or folders of them have none.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

MAX_BYTES = 1 << 30
MAX_FILES = 100_000
_REPOSITORY = ("git", "objects", "HEAD")
"""What a public-inbox repository has at its top."""


def source_state(sources: Sequence[str]) -> str | None:
    """Return a digest of names and contents, 64 hex digits.

    None where one is standard input, a pipe, a message-id, a repository, absent, unreadable or too large.
    """
    whole = hashlib.sha256()
    size = 0
    try:
        for number, path in enumerate(_files(sources)):
            with open(path, "rb") as file:
                size += os.fstat(file.fileno()).st_size
                if size > MAX_BYTES or number > MAX_FILES:
                    return None
                content = hashlib.file_digest(file, "sha256").digest()
            name = os.fsencode(path)
            whole.update(b"%d\0" % len(name) + name + content)
    except (OSError, ValueError):
        return None
    return whole.hexdigest()


def _files(sources: Sequence[str]) -> Iterator[str]:
    """Yield each file; of a folder all of them, whether mail is looked for there or not."""
    for source in sources:
        if source == "-":
            raise ValueError("standard input")
        mode = os.stat(source).st_mode
        if stat.S_ISREG(mode):
            yield source
            continue
        if not stat.S_ISDIR(mode) or any((Path(source) / name).exists() for name in _REPOSITORY):
            raise ValueError("no folder of files")
        for folder, below, names in os.walk(source):
            below.sort()
            paths = (os.path.join(folder, name) for name in sorted(names))
            yield from (path for path in paths if os.path.isfile(path))

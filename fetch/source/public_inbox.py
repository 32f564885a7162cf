"""A public-inbox v2 repository -> raw mails, oldest first (public-inbox-v2-format(5)).

    INBOX/git/0.git, 1.git, ...     epochs: bare repositories, in each commit one file:
        m                               a mail that arrived
        d                               a mail that was taken out of the archive again; same blob as its m
    INBOX/all.git                   alternates over all epochs

git reads it (git.py: nothing of the repository's own configuration may run).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ...errors import InputError, ToolError
from ..mail.message import MAX_MAIL
from ..mail.note import Note
from ..tree.git import Git


def find_epochs(folder: Path) -> list[Path]:
    """The repositories of a public-inbox below `folder`, oldest first; none where it is no such archive."""
    epochs = [path for path in (folder / "git").glob("*.git") if path.stem.isdigit() and _is_bare(path)]
    if epochs:
        return sorted(epochs, key=lambda path: int(path.stem))
    for path in (folder / "all.git", folder, folder / ".git"):
        if _is_bare(path):
            return [path]
    return []


def _is_bare(path: Path) -> bool:
    return (path / "HEAD").is_file() and (path / "objects").is_dir()


def read_epoch(repository: Path) -> Iterator[tuple[str, bytes, tuple[Note, ...]]]:
    """(commit, raw mail, notes) of one epoch, oldest first, without what was deleted.

    Raises InputError where no commit holds a mail, ToolError where git is missing or fails.
    """
    git = Git(repository)
    _check(git, repository)
    mails: list[tuple[str, str]] = []
    deleted: set[str] = set()
    with _batch(git, "--batch-check=%(objectname) %(objecttype)") as ask:
        for commit in _rev_list(git, "--reverse", "--first-parent"):
            found = ask(f"{commit}:m").split()
            if found[-1:] == [b"blob"]:
                mails.append((commit, found[0].decode("ascii")))
            else:
                removed = ask(f"{commit}:d").split()
                if removed[-1:] == [b"blob"]:
                    deleted.add(removed[0].decode("ascii"))
    with _batch(git, "--batch") as ask:
        for commit, blob in mails:
            if blob not in deleted:
                yield commit, *_blob(ask, blob)


def _check(git: Git, repository: Path) -> None:
    """Look at the newest commits first: a clone of the kernel would be searched for a long time."""
    newest = _rev_list(git, "-n", "5")
    with _batch(git, "--batch-check=%(objectname) %(objecttype)") as ask:
        if not any(ask(f"{commit}:{name}").endswith(b" blob\n") for commit in newest for name in "md"):
            raise InputError(str(repository), "its commits hold no mail", "give a public-inbox v2 repository")


class _Ask:
    """A running `git cat-file`: one request, one answer."""

    def __init__(self, requests: IO[bytes], answers: IO[bytes]) -> None:
        self._requests, self.answers = requests, answers

    def __call__(self, request: str) -> bytes:
        try:
            self._requests.write(request.encode("ascii") + b"\n")
            self._requests.flush()
        except BrokenPipeError as error:
            raise ToolError("git cat-file", "it ended early") from error
        line = self.answers.readline()
        if not line:
            raise ToolError("git cat-file", "it ended early", "try `git fsck` in the repository")
        return line


def _blob(ask: _Ask, blob: str) -> tuple[bytes, tuple[Note, ...]]:
    """The content of a blob, which the answer's first line announces with its size."""
    size = int(ask(blob).split()[-1])
    raw = ask.answers.read(min(size, MAX_MAIL))
    for _ in range(min(size, MAX_MAIL), size, 1 << 20):
        ask.answers.read(1 << 20)
    ask.answers.readline()
    if size <= MAX_MAIL:
        return raw, ()
    return raw, (Note(kind="size", detail=f"a mail of {size} bytes; the first {MAX_MAIL} were read"),)


def _rev_list(git: Git, *options: str) -> list[str]:
    return git.run("rev-list", "--all", *options, "--", timeout=300).decode("ascii").split()


@contextmanager
def _batch(git: Git, mode: str) -> Iterator[_Ask]:
    process = git.start("cat-file", mode)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield _Ask(process.stdin, process.stdout)
    finally:
        process.kill()
        process.communicate()

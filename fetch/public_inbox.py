"""A public-inbox v2 repository -> raw mails, oldest first (public-inbox-v2-format(5)).

    INBOX/git/0.git, 1.git, ...     epochs: bare repositories, in each commit one file:
        m                               a mail that arrived
        d                               a mail that was taken out of the archive again; same blob as its m
    INBOX/all.git                   alternates over all epochs

git reads; nothing of the repository's own configuration may run: only plumbing that consults no hook, pager,
filter or signature program, a scrubbed environment, no lazy fetch, no prompt. The repository's owner does not
matter then (safe.directory).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..errors import InputError, ToolError
from .message import MAX_MAIL
from .note import Note

_OPTIONS = (
    "--no-pager",
    "--no-replace-objects",
    "-c",
    "safe.directory=*",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
)
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
}


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
    _check(repository)
    commits = _rev_list(repository, "--reverse", "--first-parent")
    mails: list[tuple[str, str]] = []
    deleted: set[str] = set()
    with _batch(repository, "--batch-check=%(objectname) %(objecttype)") as ask:
        for commit in commits:
            found = ask(f"{commit}:m").split()
            if found[-1:] == [b"blob"]:
                mails.append((commit, found[0].decode("ascii")))
            else:
                removed = ask(f"{commit}:d").split()
                if removed[-1:] == [b"blob"]:
                    deleted.add(removed[0].decode("ascii"))
    with _batch(repository, "--batch") as ask:
        for commit, blob in mails:
            if blob not in deleted:
                yield commit, *_blob(ask, blob)


def _check(repository: Path) -> None:
    """Whether the newest commits look like an epoch's: a clone of the kernel would be searched for a long
    time.
    """
    newest = _rev_list(repository, "-n", "5")
    with _batch(repository, "--batch-check=%(objectname) %(objecttype)") as ask:
        if not any(ask(f"{commit}:{name}").endswith(b" blob\n") for commit in newest for name in "md"):
            raise InputError(str(repository), "its commits hold no mail", "give a public-inbox v2 repository")


class _Ask:
    """A running `git cat-file`: one request, one answer."""

    def __init__(self, requests: IO[bytes], answers: IO[bytes], repository: Path) -> None:
        self._requests, self.answers, self._repository = requests, answers, repository

    def __call__(self, request: str) -> bytes:
        try:
            self._requests.write(request.encode("ascii") + b"\n")
            self._requests.flush()
        except BrokenPipeError as error:
            raise ToolError("git cat-file", f"it ended early on {self._repository}") from error
        line = self.answers.readline()
        if not line:
            raise ToolError("git cat-file", f"it ended early on {self._repository}", "try `git fsck` there")
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


def _command(repository: Path, *arguments: str) -> list[str]:
    return ["git", *_OPTIONS, f"--git-dir={repository}", *arguments]


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "SystemRoot") if name in os.environ}
    return kept | _ENVIRONMENT


def _rev_list(repository: Path, *options: str) -> list[str]:
    return _run(repository, "rev-list", "--all", *options, "--").decode("ascii").split()


def _run(repository: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 -- no shell; the arguments are ours, the repository's path the user's
            _command(repository, *arguments),
            env=_environment(),
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise ToolError("git", "it is not installed", "install git, or give an mbox") from error
    if done.returncode != 0:
        why = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ToolError(f"git {arguments[0]} in {repository}", why[-1] if why else f"exit {done.returncode}")
    return done.stdout


@contextmanager
def _batch(repository: Path, mode: str) -> Iterator[_Ask]:
    process = subprocess.Popen(  # noqa: S603 -- as above
        _command(repository, "cat-file", mode),
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield _Ask(process.stdin, process.stdout, repository)
    finally:
        process.kill()
        process.communicate()

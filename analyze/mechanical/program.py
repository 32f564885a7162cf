"""Running a program over files that came by mail: no shell, no input, a bare environment, limits.

The program and its scripts are the user's; the files are not. Arguments are made by lorelens alone.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MOST_OUTPUT = 4 << 20
"""Bytes that a program may write to standard output, to standard error, or to any file."""
MOST_MEMORY = 4 << 30
"""Bytes of address space."""
_NOT_STARTED, _CANNOT = 126, "lorelens cannot start it: "
_START = f"""
import os, resource, signal, sys
kinds = resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE
for kind, most in zip(kinds, map(int, sys.argv[1:5])):
    resource.setrlimit(kind, (most, most))
for name in signal.SIGPIPE, signal.SIGXFSZ:
    signal.signal(name, signal.SIG_DFL)
try:
    os.execv(sys.argv[5], sys.argv[5:])
except OSError as error:
    sys.exit(sys.stderr.write({_CANNOT!r} + str(error.strerror)) and {_NOT_STARTED})
"""
"""Python that bounds itself and becomes the program: limits hold from its first instruction on, and a thread
may start it, which is more than subprocess' preexec_fn allows."""
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A program that came to its end."""

    code: int
    """Its exit code; negative where a signal ended it."""
    out: str
    err: str
    cut: bool
    """Whether it wrote more than MOST_OUTPUT: what is here is the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A program that did not come to its end."""

    why: str
    """A clause for a reader."""


def find_program(name: str) -> str | None:
    """Return the absolute path of a program; None where it is not installed. The user's PATH decides, but for
    its relative parts."""
    parts = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return shutil.which(name, path=os.pathsep.join(part for part in parts if os.path.isabs(part)))


def run_program(
    command: Sequence[str], *, folder: Path, limit: float, also: Mapping[str, str] | None = None
) -> Ran | Stopped:
    """Run a command in `folder`, at most `limit` seconds, and end with it whatever it started.

    Its HOME and TMPDIR are `folder`. Output goes to files, so that nobody can hold a pipe open.
    """
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {"LC_ALL": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder), **(also or {})}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = subprocess.Popen(  # noqa: S603 -- a program of the user's; no argument comes out of mail
                [*_within(limit), *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=environment,
                cwd=folder,
                start_new_session=True,
            )
        except OSError as error:
            return Stopped(why=f"it could not be started: {error.strerror}")
        try:
            code = process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            return Stopped(why=f"it took more than {limit:g} seconds")
        finally:
            _end(process)
        if code == _NOT_STARTED and _text(err).startswith(_CANNOT):
            return Stopped(why=f"it could not be started: {_text(err).removeprefix(_CANNOT)[:200]}")
        return Ran(code=code, out=_text(out), err=_text(err), cut=_size(out) >= MOST_OUTPUT)


def _within(seconds: float) -> tuple[str, ...]:
    """Return the beginning of a command that runs within bounds."""
    bounds = (MOST_MEMORY, int(seconds) + 1, MOST_OUTPUT, 0)
    return (sys.executable, "-I", "-S", "-c", _START, *map(str, bounds))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all of its group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(MOST_OUTPUT).decode("utf-8", "replace")


def _size(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size

"""Running git: the one place that does. Read only, offline, no shell, nothing that a repository could start.

A repository may come from anywhere, so its configuration is not trusted. Git lets configuration name programs
(pagers, hooks, ssh commands, diff drivers, signature checkers, remote helpers). Three fences keep them out:
the environment is built from nothing, only plumbing that starts no program is run, and what could still do so
is overridden on the command line, which wins over the repository's own config (git-config(1), SCOPES).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import InputError, ToolError

MAX_BLOB = 64 << 20
"""Bytes; the kernel's largest source files (generated register headers) have about 20 MB."""
MAX_OUTPUT = 64 << 20
"""Bytes that a command may print."""

_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")
_ENVIRONMENT = {
    "LC_ALL": "C",
    "HOME": os.devnull,
    "XDG_CONFIG_HOME": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",  # else a blob id could answer with other content
    "GIT_NO_LAZY_FETCH": "1",  # a partial clone stays without what it lacks
    "GIT_ALLOW_PROTOCOL": "none",  # unlike protocol.allow, beats protocol.ext.allow of the repository
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_PAGER": "cat",
}
_CONFIG = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.disambiguate=blob",
    "core.alternateRefsCommand=true",
    "core.attributesFile=/dev/null",
    "protocol.allow=never",
    "credential.helper=",
    "log.showSignature=false",
    "diff.external=",
    "gc.auto=0",
    "maintenance.auto=false",
)
_OBJECT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def find_git_dir(folder: Path) -> Path | None:
    """Return the git directory of `folder` itself (a work tree, a bare repository), never of one above."""
    inside = folder / ".git"
    if inside.exists():
        return inside
    if (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir():
        return folder
    return None


def refuse_revision(revision: str) -> str | None:
    """Say why `revision` must not be handed to git: it could be read as an option, a range or a negation."""
    if not revision or len(revision) > 256:
        return "it is empty or longer than 256 characters"
    if revision[0] in "-^":
        return f"it begins with {revision[0]!r}"
    if ".." in revision:
        return "it is a range"
    if not revision.isprintable():
        return "it holds control characters"
    return None


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob as the object database holds it."""

    oid: str
    """Whole object id, hexadecimal."""
    content: bytes


class Git:
    """A repository, by its git directory. Raises ToolError where git is missing or fails."""

    def __init__(self, git_dir: Path) -> None:
        program = shutil.which("git")
        if program is None:
            raise ToolError("git", "is not installed", "install git, or give a plain directory as the tree")
        self._command = [program, "--no-pager", f"--git-dir={git_dir.absolute()}"]
        for setting in _CONFIG:
            self._command += ["-c", setting]
        self._environment = {k: os.environ[k] for k in _KEPT if k in os.environ} | _ENVIRONMENT

    def start(self, *arguments: str, stdin: int | None = None, quiet: bool = True) -> subprocess.Popen[bytes]:
        """Start git with pipes; the working directory is the root, so that no file beside us is looked at."""
        return subprocess.Popen(  # noqa: S603 -- a fixed program; no argument comes out of mail unchecked
            [*self._command, *arguments],
            stdin=subprocess.PIPE if stdin is None else stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if quiet else subprocess.PIPE,
            env=self._environment,
            cwd=os.path.abspath(os.sep),
        )

    def run(self, *arguments: str, stdin: bytes = b"", timeout: float = 30) -> bytes:
        """Return what git prints, at most MAX_OUTPUT bytes; ToolError where it fails or takes too long."""
        process = self.start(*arguments, quiet=False)
        try:
            out, err = process.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise ToolError(f"git {arguments[0]}", f"took more than {timeout:g} seconds") from None
        if process.returncode:
            why = err.decode(errors="replace").strip().partition("\n")[0] or f"exit code {process.returncode}"
            raise ToolError(f"git {arguments[0]}", why)
        return out[:MAX_OUTPUT]

    def patch_ids(self, commits: Sequence[str], timeout: float = 20) -> dict[str, str]:
        """Return patch id -> commit (git patch-id --stable) of `commits` (whole ids).

        What was found within `timeout` seconds is what there is.
        """
        wanted = "".join(f"{commit}\n" for commit in commits if _OBJECT.fullmatch(commit)).encode()
        quiet = ("--no-ext-diff", "--no-textconv", "--no-renames")
        first = self.start("diff-tree", "--stdin", "-p", "--root", *quiet)
        assert first.stdin is not None
        assert first.stdout is not None
        second = self.start("patch-id", "--stable", stdin=first.stdout.fileno())
        first.stdout.close()  # so that the first ends when the second does
        watch = threading.Timer(timeout, first.kill)
        watch.start()
        try:
            first.stdin.write(wanted)
            first.stdin.close()
            out, _ = second.communicate()
            lines = (line.split() for line in out.decode().splitlines())
            return {words[0]: words[1] for words in lines if len(words) == 2}
        except BrokenPipeError:  # killed before it had read them all
            return {}
        finally:
            watch.cancel()
            for process in (first, second):
                process.kill()
                process.wait()

    def resolve(self, revision: str) -> str | None:
        """Return the whole id of the commit that `revision` names; None where the repository lacks it.

        InputError where it must not be handed to git.
        """
        if why := refuse_revision(revision):
            raise InputError(f"revision {revision[:80]!r}", why, "name a commit, a tag or a branch")
        try:
            out = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
        except ToolError:
            return None
        answer = out.decode(errors="replace").strip()
        return answer if _OBJECT.fullmatch(answer) else None


class Objects:
    """Blobs by name, through long-lived `git cat-file` processes. Safe to share between threads.

    A name is "id", an id's beginning, or "id:path".
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._lock = threading.Lock()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def read(self, name: str) -> Blob | None:
        """Return the blob of that name.

        None where there is none, the name is ambiguous, the object is no blob, or it is larger than MAX_BLOB.
        """
        with self._lock:
            answer = self._ask("--batch", name)
            if answer is None:
                return None
            oid, kind, size = answer
            process = self._processes["--batch"]
            assert process.stdout is not None
            if size > MAX_BLOB:  # starting again is cheaper than reading it to its end
                _stop(self._processes.pop("--batch"))
                return None
            content = process.stdout.read(size + 1)[:size]
            return Blob(oid, content) if kind == b"blob" and len(content) == size else None

    def find(self, name: str) -> str | None:
        """Return the whole id of the blob of that name, without reading it; None as above."""
        with self._lock:
            answer = self._ask("--batch-check", name)
        return answer[0] if answer and answer[1] == b"blob" else None

    def _ask(self, mode: str, name: str) -> tuple[str, bytes, int] | None:
        """Return an object's id, type and size."""
        request = name.encode("utf-8", "replace")
        if b"\n" in request or b"\0" in request or request.startswith(b"-"):
            return None
        process = self._processes.get(mode)
        if process is None or process.poll() is not None:
            process = self._processes[mode] = self._git.start("cat-file", mode)
            weakref.finalize(self, _stop, process)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(request + b"\n")
            process.stdin.flush()
            # "<oid> <type> <size>", or "<request> missing" or "... ambiguous" (git-cat-file(1), BATCH OUTPUT)
            words = process.stdout.readline().split(b" ")
        except BrokenPipeError:
            words = []
        if not words or not words[-1].endswith(b"\n"):
            # git ends on an object that a partial clone lacks, or that is damaged: that one is absent
            _stop(self._processes.pop(mode))
            self._git.run("rev-parse", "--git-dir")
            return None
        if len(words) != 3 or not _OBJECT.fullmatch(words[0].decode("latin-1")):
            return None
        return words[0].decode(), words[1], int(words[2])


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except BrokenPipeError:  # a request that it did not read any more
                continue

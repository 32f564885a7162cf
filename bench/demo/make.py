"""Make the demo's thread again out of the bundled tree, edits.py and mails.py.

    python bench/demo/make.py [--into examples]

Every diff is git's own, made in a scratch repository whose base is the bundled tree: blob ids and base-commit
are true. Two files come out, the same bytes on every run: thread.mbox (three revisions and their replies,
mboxrd) and archive-copy.txt (the newest first patch as a web archive would show it, for `lorelens recover`).
Needs git.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import tempfile
import zlib
from email.utils import parsedate_to_datetime
from pathlib import Path

from mails import MIRA, REPLIES, REVISIONS, Posted, Quote, Reply

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
LISTS = "linux-mm@lists.example.org, linux-kernel@lists.example.org"
GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Mira Halvorsen",
    "GIT_AUTHOR_EMAIL": "mira@halvorsen.example.org",
    "GIT_COMMITTER_NAME": "Mira Halvorsen",
    "GIT_COMMITTER_EMAIL": "mira@halvorsen.example.org",
    "GIT_AUTHOR_DATE": "2026-02-01T12:00:00+0000",
    "GIT_COMMITTER_DATE": "2026-02-01T12:00:00+0000",
}


def main() -> None:
    """Write both files."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--into", type=Path, default=EXAMPLES)
    into = arguments.parse_args().into
    with tempfile.TemporaryDirectory() as scratch:
        bodies = make_bodies(Path(scratch))
    mails = make_mails(bodies)
    into.joinpath("thread.mbox").write_bytes(b"".join(mails))
    into.joinpath("archive-copy.txt").write_text(archive_copy(bodies["v3-1"], REVISIONS[-1].patches[0]))


def make_bodies(repository: Path) -> dict[str, str]:
    """Return mail key -> body of every cover letter and patch."""
    base = make_base(repository)
    bodies = {}
    for revision in REVISIONS:
        at = base
        before: dict[str, str] = {}
        for patch in revision.patches:
            parent = before[patch.parent] if patch.parent else at
            before[patch.key] = parent
            commit = apply_edits(repository, parent, patch)
            bodies[patch.key] = patch_body(repository, parent, commit, patch)
            at = at if patch.parent else commit
        shortlog = "".join(f"  {p.subject.split('] ')[1]}\n" for p in revision.patches if not p.parent)
        stat = git(repository, "diff", "--stat=72", base, at)
        bodies[revision.key] = (
            f"{revision.cover}\nMira Halvorsen ({sum(not p.parent for p in revision.patches)}):\n{shortlog}\n"
            f"{stat}\nbase-commit: {base}\n"
        )
    return bodies


def make_base(repository: Path) -> str:
    """Commit the bundled tree and return the commit's id."""
    git(repository, "init", "--quiet", "--initial-branch=main")
    (repository / ".git/info/attributes").write_text("*.[ch] diff=cpp\n")  # as the kernel's .gitattributes
    for source in sorted((EXAMPLES / "tree").rglob("*")):
        if source.is_file():
            target = repository / source.relative_to(EXAMPLES / "tree")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    return commit_all(repository, "the tree")


def apply_edits(repository: Path, parent: str, patch: Posted) -> str:
    """Commit the patch on top of `parent` and return the commit's id."""
    git(repository, "checkout", "--quiet", parent)
    for path, before, after in patch.edits:
        text = (repository / path).read_text()
        if text.count(before) != 1:
            raise ValueError(f"{patch.key}: {path}: {text.count(before)} places hold {before!r}")
        (repository / path).write_text(text.replace(before, after))
    return commit_all(repository, patch.subject)


def commit_all(repository: Path, message: str) -> str:
    """Commit the work tree and return the commit's id."""
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", message)
    return git(repository, "rev-parse", "HEAD").strip()


def patch_body(repository: Path, parent: str, commit: str, patch: Posted) -> str:
    """Return what git format-patch would put below the header."""
    stat = git(repository, "diff", "--stat=72", "--summary", parent, commit)
    diff = git(repository, "diff", "--abbrev=12", "--no-color", "--diff-algorithm=myers", parent, commit)
    remarks = f"{patch.remarks}\n" if patch.remarks else ""
    return f"{patch.message}---\n{remarks}{stat}\n{diff}-- \n2.39.5\n"


def git(repository: Path, *words: str) -> str:
    """Return what git prints, whatever this machine's configuration says."""
    environment = {**os.environ, **GIT}
    done = subprocess.run(
        ["git", "-C", repository, *words], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout


def make_mails(bodies: dict[str, str]) -> list[bytes]:
    """Return every mail of the thread as mboxrd, by date."""
    mails: dict[str, tuple[str, str, str, list[str]]] = {}  # key -> author, date, subject, keys above it
    for revision in REVISIONS:
        mails[revision.key] = (MIRA, revision.date, revision.subject, [])
        for patch in revision.patches:
            above = [revision.key, patch.parent] if patch.parent else [revision.key]
            mails[patch.key] = (MIRA, patch.date, patch.subject, above)
    for reply in REPLIES:
        _, _, subject, above = mails[reply.parent]
        subject = subject if subject.startswith("Re: ") else f"Re: {subject}"
        mails[reply.key] = (reply.author, reply.date, subject, [*above, reply.parent])
        author, date, *_ = mails[reply.parent]
        bodies[reply.key] = reply_body(reply, author, date, bodies[reply.parent])
    ids = {key: message_id(key, mails[key][0], mails[key][1]) for key in mails}
    by_date = sorted(mails, key=lambda key: parsedate_to_datetime(mails[key][1]))
    return [mail(key, *mails[key], ids, bodies[key]) for key in by_date]


def message_id(key: str, author: str, date: str) -> str:
    """Return an id out of the date, the key and the author's address."""
    stamp = parsedate_to_datetime(date).strftime("%Y%m%d%H%M%S")
    address = author.rpartition("<")[2].rstrip(">")
    return f"{stamp}.{zlib.crc32(key.encode()) % 100_000}-{address}"


def mail(
    key: str, author: str, date: str, subject: str, above: list[str], ids: dict[str, str], body: str
) -> bytes:
    """Return one mail with its mboxrd "From " line."""
    lines = [
        f"From: {author}",
        f"To: {LISTS}",
        f"Subject: {subject}",
        f"Date: {date}",
        f"Message-ID: <{ids[key]}>",
    ]
    if above:
        lines.append(f"In-Reply-To: <{ids[above[-1]]}>")
        lines.append("References: " + "\n ".join(f"<{ids[other]}>" for other in above))
    lines += [
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    quoted = re.sub(r"^(>*From )", r">\1", body, flags=re.MULTILINE)
    head = "\n".join(lines)
    return f"From mboxrd@z Thu Jan  1 00:00:00 1970\n{head}\n\n{quoted}\n".encode()


def reply_body(reply: Reply, author: str, date: str, parent: str) -> str:
    """Return the reply's text: an attribution line, quotes of the parent and what is said to them."""
    when = parsedate_to_datetime(date).strftime("%a, %b %d, %Y at %H:%M:%S %z")
    lines = parent.splitlines()
    out, at = "", 0
    for part in reply.parts:
        if isinstance(part, str):
            out += f"{part}\n"
            continue
        first = next(n for n in range(at, len(lines)) if part.first in lines[n])
        at = next(n for n in range(first, len(lines)) if part.last in lines[n]) + 1
        out += "".join(f"> {line}".rstrip(" ") + "\n" for line in lines[first:at]) + "\n"
    attribution = (
        f"On {when}, {author.partition(' <')[0]} wrote:\n" if isinstance(reply.parts[0], Quote) else ""
    )
    return f"{attribution}{out}-- \n{reply.author.partition(' <')[0]}\n"


def archive_copy(body: str, patch: Posted) -> str:
    """Return a patch as a web archive shows it: blanks in front gone, tabs made blanks, addresses masked."""
    date = parsedate_to_datetime(patch.date).strftime("%a %b %d %Y - %H:%M:%S CET")
    lines = []
    for line in body.splitlines():
        shown = re.sub(r" {2,}", " ", line.replace("\t", " ")).strip()
        lines.append(re.sub(r"(?<=@)[\w.]+\.org", lambda found: "x" * len(found[0]), shown))
    text = "\n".join(lines)
    return f"{patch.subject}\n\nFrom: Mira Halvorsen\nDate: {date}\n\n\n{text}\n"


if __name__ == "__main__":
    main()

"""Patches for the tests of revisions: written here, as `git format-patch` would write them."""

from __future__ import annotations

from lorelens.fetch.mail.message import parse_message
from lorelens.fetch.series.assembly import find_series
from lorelens.fetch.series.thread import build_threads

AUTHOR = "Ada Byte <ada@example.org>"
SIGNED = f"Signed-off-by: {AUTHOR}\n"


def hunk(*lines, start=10, section=""):
    """A hunk of lines with their signs in front."""
    pre = sum(line[0] in " -" for line in lines)
    post = sum(line[0] in " +" for line in lines)
    text = "".join(f"{line}\n" for line in lines)
    return f"@@ -{start},{pre} +{start},{post} @@{' ' + section if section else ''}\n{text}"


def file_diff(path, *hunks, new=False):
    """A file's diff; without an index line, as some mailers have it."""
    pre = "/dev/null" if new else f"a/{path}"
    mode = "new file mode 100644\n" if new else ""
    return f"diff --git a/{path} b/{path}\n{mode}--- {pre}\n+++ b/{path}\n" + "".join(hunks)


def added_file(path, text):
    """A diff that adds a whole file."""
    lines = text.splitlines()
    body = "".join(f"+{line}\n" for line in lines)
    return file_diff(path, f"@@ -0,0 +1,{len(lines)} @@\n{body}", new=True)


def small(path, number):
    """A diff of a few lines that no other `number` has."""
    names = [f"{word}_{number}" for word in ("alpha", "beta", "gamma", "delta")]
    return file_diff(
        path,
        hunk(
            f" \tbegin_{number}(pool);",
            f"-\tpool->old_{number} = forget_{number}(count);",
            *(f"+\tpool->{name} = read_{name}(count, {number});" for name in names),
            f" \tfinish_{number}(pool);",
            section=f"int take_{number}(struct pool *pool)",
        ),
    )


def mail(title, diff="", *, body="Why this is done.", tags=SIGNED, name, position=1, total=1, version=1,
         minute=0, remarks="", answers=""):  # fmt: skip
    label = f"PATCH v{version}" if version > 1 else "PATCH"
    below = f"In-Reply-To: <{answers}@example.org>\nReferences: <{answers}@example.org>\n" if answers else ""
    return (
        f"From: {AUTHOR}\nSubject: [{label} {position}/{total}] {title}\nMessage-ID: <{name}@example.org>\n"
        f"Date: {version} Jan 2024 00:{minute:02d}:00 +0000\n{below}\n"
        f"{body}\n\n{tags}---\n{remarks}\n{diff}-- \n2.43.0\n"
    )


def cover(title, *, name, total, version=1, body="What and why."):
    label = f"PATCH v{version}" if version > 1 else "PATCH"
    return (
        f"From: {AUTHOR}\nSubject: [{label} 0/{total}] {title}\nMessage-ID: <{name}@example.org>\n"
        f"Date: {version} Jan 2024 00:00:00 +0000\n\n{body}\n"
    )


def posting(*patches, version=1, title="mm: pool: account"):
    """The mails of one revision out of (title, diff) or (title, diff, {more of `mail`})."""
    name = f"v{version}-"
    mails = [cover(title, name=f"{name}0", total=len(patches), version=version)]
    for position, (subject, diff, *more) in enumerate(patches, 1):
        extra = more[0] if more else {}
        mails.append(
            mail(
                subject, diff, name=f"{name}{position}", position=position, total=len(patches),
                version=version, minute=position, answers=f"{name}0", **extra,
            )
        )  # fmt: skip
    return mails


def series_of(*mails):
    (series,) = find_series(build_threads([parse_message(text.encode()) for text in mails]))
    return series


def patches_of(*patches, version=1):
    """The patches of one revision."""
    return series_of(*posting(*patches, version=version)).revisions[-1].patches


def mbox(*mails):
    """The mails as an mbox file's text."""
    return "".join(f"From nobody Mon Jan  1 00:00:00 2024\n{text}\n" for text in mails)

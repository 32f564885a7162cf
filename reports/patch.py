"""Recovered -> a patch that `git am` and `git apply` take, and what was repaired, in words."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import format_datetime

from ..fetch.patch.patch_mail import PatchMail
from ..fetch.repair import Recovered
from .words import count, mailbox


def patch_text(mail: PatchMail | None, recovered: Recovered) -> str:
    """Return the patch as git-format-patch(1) lays a mail out; the diffs alone where no header is known."""
    diffs = "".join(file.diff for file in recovered.files)
    if mail is None or not mail.title:
        return diffs
    header = [f"From: {mailbox(mail.author)}"]
    if mail.date:
        header.append(f"Date: {format_datetime(mail.date)}")
    header.append(f"Subject: [PATCH] {mail.title}")
    parts = ["\n".join(header), "", mail.commit_message.rstrip("\n"), "---"]
    if mail.remarks.strip():
        parts.append(mail.remarks.strip("\n"))
    return "\n".join(parts) + "\n\n" + diffs


def repair_lines(recovered: Recovered) -> Iterator[str]:
    """Yield a line for each repair of each file, and one for what the file is now."""
    if not recovered.files:
        yield "no diff found"
    for file in recovered.files:
        for repair in file.repairs:
            yield f"{file.path}: {repair.kind}, {count(repair.lines, 'line')}: {repair.detail}"
        tries = count(file.tries, "attempt")
        state = {
            True: f"exact: blob {file.post_blob} came out after {tries}",
            False: f"NOT exact: blob {file.post_blob} did not come out within {tries}",
            None: "unverified: its pre-image is not at hand",
        }[file.verified]
        yield f"{file.path}: {file.failure.detail if file.failure else state}"

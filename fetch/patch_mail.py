"""A mail that carries a patch -> its author, title, commit message, remarks and diff (as `git mailinfo` does)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .message import Address, Message, Note
from .subject import Subject
from .trailer import Trailer


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchMail:
    """What a patch mail, a cover letter or a pull request says."""

    subject: Subject
    """Of the in-body Subject: where there is one, else of the mail's."""
    author: Address
    """The in-body From: where there is one, else the mail's; of a quoted patch, the quoted one's."""
    date: datetime | None
    """The in-body Date: where there is one, else the mail's."""
    title: str
    commit_message: str
    """As git mailinfo prints it: in-body headers, scissors and what stands below "---" left out; trailers included."""
    remarks: str
    """What stands between "---" and the diff: changelog, diffstat."""
    trailers: tuple[Trailer, ...]
    """The commit message's own."""
    diff: str
    """From the first line of the first diff to the last hunk line; "" for a cover letter. Of a quoted or damaged
    patch the raw region of the body, as repair.repair_patch takes it."""
    quoted: bool
    """True where the whole patch stands in a reply's quote."""
    base_commit: str | None
    prerequisites: tuple[str, ...]
    """The prerequisite-patch-id values, in order."""
    change_id: str | None
    """b4's change-id of the series."""
    depends_on: tuple[str, ...]
    """Depends-on: and Based-on: values, as written."""
    pull_url: str | None
    """The repository and ref of a pull request, as `git pull` takes them."""
    notes: tuple[Note, ...]


def parse_patch_mail(message: Message) -> PatchMail | None:
    """Read the patch, cover letter or pull request in `message`; None where it is none of them."""
    raise NotImplementedError

"""A mail that carries a patch -> its author, title, commit message, remarks and diff.

A verbatim mail is read as `git mailinfo --scissors` and `git apply` read it (body.py, extent.py). A copy
out of a web archive, and a reply that quotes a whole patch, is read by quoted_patch.py: the diff is then
the raw region of the text that repair.repair_patch takes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from ..mail.address import NOBODY, Address, parse_author
from ..mail.encoded_word import decode_words
from ..mail.field import collapse, parse_date
from ..mail.message import Message
from ..mail.note import Note
from .body import Body, split_body
from .extent import Extent, split_diff
from .quoted_patch import QuotedPatch, find_quoted_patch
from .subject import Subject, parse_subject
from .trailer import Trailer, parse_trailers

_TAG = re.compile(
    r"^(base-commit|prerequisite-patch-id|change-id|depends-on|based-on):[ \t]*(\S.*)$",
    re.MULTILINE | re.IGNORECASE,
)
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_PULL = re.compile(
    r"^(?:are )?available in the git\s{1,20}repository\s{1,20}at:[ \t]*\n\s{0,200}"
    r"(?P<url>\S*[:/]\S+)(?:[ \t]+(?P<ref>\S+))?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchMail:
    """What a patch mail, a cover letter or a pull request says."""

    subject: Subject
    """Of the mail; its title is the in-body Subject:'s where there is one."""
    author: Address
    """The in-body From: where there is one, else the mail's; of a quoted patch, whom the quote names."""
    date: datetime | None
    """The in-body Date: where there is one, else the mail's."""
    title: str
    """The subject without its prefixes."""
    commit_message: str
    """As git mailinfo prints it: in-body headers, scissors and what stands below "---" left out; trailers
    in."""
    remarks: str
    """What stands between "---" and the diff: changelog, diffstat."""
    trailers: tuple[Trailer, ...]
    """The commit message's own."""
    diff: str
    """From the first line of the first diff to the last hunk line; "" for a cover letter. Of a quoted or
    damaged patch the raw region of the body, as repair.repair_patch takes it."""
    preface: str
    """What stands above a scissors line, an attached patch or the quote; in-body headers without a patch."""
    tail: str
    """What stands behind and between the diffs: signature, list footer."""
    quoted: bool
    """True where the whole patch stands in a reply's quote."""
    suggested: bool
    """True where a reply's own text holds a diff, with nothing that says it is a posting (scissors, in-body
    headers)."""
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


def parse_patch_mail(message: Message, *, scissors: bool = True) -> PatchMail | None:
    """Read the patch, cover letter or pull request in `message`; None where it is none of them.

    A mail without a diff is taken where its subject calls it a patch or numbers it, and no reply; whether
    it is a cover letter the series code decides. A reply is taken where it has a diff of its own or quotes
    a whole patch.
    """
    subject = parse_subject(message.subject)
    body = split_body(message.body, scissors=scissors, notice=bool(subject.notice))
    extent = split_diff(body.rest)
    if not extent.diff or not (message.verbatim or ("\n@@ -" in extent.diff and not extent.notes)):
        found = find_quoted_patch(message)
        if found is not None:
            return _found_patch(message, subject, found)
    pull_url = None if subject.is_reply else _pull_url(message.body)
    if extent.diff or pull_url or (subject.is_patch and not subject.is_reply):
        return _own_patch(message, subject, body, extent, pull_url)
    return None


def _own_patch(
    message: Message, subject: Subject, body: Body, extent: Extent, pull_url: str | None
) -> PatchMail:
    """Put together what the mail says itself."""
    if not body.rest:  # as in git mailinfo, where in-body headers count only above a patch
        unused = "".join(f"{name.title()}: {value}\n" for name, value in body.headers)
        body = replace(body, headers=(), preface=body.preface + unused)
    head = _read_headers(body, message, subject)
    tags = _read_tags(f"{body.message}\n{extent.before}\n{extent.after}")
    return PatchMail(
        subject=subject,
        author=head.author or message.author,
        date=head.date,
        title=head.title,
        commit_message=body.message,
        remarks=_without_dashes(extent.before),
        trailers=parse_trailers(body.message),
        diff=extent.diff,
        preface=body.preface,
        tail=extent.after,
        quoted=False,
        suggested=subject.is_reply and bool(extent.diff) and not (body.preface or body.headers),
        base_commit=tags.base_commit,
        prerequisites=tags.prerequisites,
        change_id=tags.change_id,
        depends_on=tags.depends_on,
        pull_url=pull_url,
        notes=(*head.notes, *extent.notes),
    )


def _found_patch(message: Message, subject: Subject, found: QuotedPatch) -> PatchMail:
    """Put together what a quote or a damaged copy says."""
    body = found.body
    head = _read_headers(body, message, subject)
    author = head.author or (found.author if found.depth else message.author)
    notes = list(head.notes)
    if author is None:
        author = NOBODY
        notes.append(Note(kind="author", detail="The reply does not say whose patch it quotes."))
    tags = _read_tags(f"{body.message}\n{body.rest}\n{found.tail}")
    return PatchMail(
        subject=subject,
        author=author,
        date=head.date if body.header("date") or not found.depth else None,
        title=head.title,
        commit_message=body.message,
        remarks=_without_dashes(body.rest),
        trailers=parse_trailers(body.message),
        diff=found.diff,
        preface=found.preface or body.preface,
        tail=found.tail,
        quoted=found.depth > 0,
        suggested=False,
        base_commit=tags.base_commit,
        prerequisites=tags.prerequisites,
        change_id=tags.change_id,
        depends_on=tags.depends_on,
        pull_url=None,
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    author: Address | None
    """Of the in-body From:."""
    date: datetime | None
    title: str
    notes: tuple[Note, ...]


def _read_headers(body: Body, message: Message, subject: Subject) -> _Head:
    """Read the in-body headers over the mail's own."""
    values = {name: collapse(decode_words(value)[0]) for name, value in body.headers}
    date, note = parse_date(values["date"]) if "date" in values else (message.date, None)
    return _Head(
        author=parse_author(body.header("from") or "") if values.get("from") else None,
        date=date,
        title=parse_subject(values["subject"]).title if "subject" in values else subject.title,
        notes=(note,) if note else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tags:
    base_commit: str | None
    prerequisites: tuple[str, ...]
    change_id: str | None
    depends_on: tuple[str, ...]


def _read_tags(text: str) -> _Tags:
    """Read what git format-patch --base and b4 write about a series, wherever it stands outside the diff."""
    found = [(name.lower(), value.strip()) for name, value in _TAG.findall(text)]
    commits = [value for name, value in found if name == "base-commit" and _COMMIT.fullmatch(value)]
    ids = (value for name, value in found if name == "prerequisite-patch-id" and _COMMIT.fullmatch(value))
    return _Tags(
        base_commit=commits[0] if commits else None,
        prerequisites=tuple(dict.fromkeys(ids)),
        change_id=next((value for name, value in found if name == "change-id"), None),
        depends_on=tuple(dict.fromkeys(v for name, v in found if name in ("depends-on", "based-on"))),
    )


def _without_dashes(rest: str) -> str:
    """What stands below the "---" line, which is not part of it."""
    first, _, below = rest.partition("\n")
    return below if first.startswith("---") and not first[3:].strip() else rest


def _pull_url(text: str) -> str | None:
    """The "URL ref" of a `git request-pull` mail, which may stand on two lines."""
    found = _PULL.search(text) if "epository" in text else None
    if found is None:
        return None
    return f"{found['url']} {found['ref']}" if found["ref"] else found["url"]

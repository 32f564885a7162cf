"""A web archive's page, as HTML or as the text that somebody copied from it, -> Messages with verbatim=False.

hypermail and MHonArc (lkml.iu.edu, spinics.net), mail-archive.com, pipermail, HyperKitty and public-inbox
(lore) each print a mail in their own way: archive_html.py and archive_text.py know them, archive_date.py
their dates.
"""

from __future__ import annotations

import hashlib
import re

from ..mail.address import parse_addresses, parse_author
from ..mail.charset import decode_text
from ..mail.encoded_word import decode_words
from ..mail.field import choose_parent, collapse, parse_ids
from ..mail.message import Message, Note
from .archive_date import parse_archive_date
from .archive_html import looks_like_html, read_html
from .archive_text import Page, read_text_page, split_thread

MAX_PAGE = 20_000_000
"""Bytes of a page that are read."""

_BOM = b"\xef\xbb\xbf"
_MAIL_FIELD = re.compile(
    rb"(?:return-path|received|delivered-to|from|to|cc|date|subject|message-id|in-reply-to|references|sender|"
    rb"reply-to|mime-version|user-agent|precedence|errors-to|path|newsgroups|lines|status|envelope-to|"
    rb"[a-z]{1,20}(?:-[a-z0-9]{1,40}){1,8})[ \t]*:",
    re.IGNORECASE,
)
_ANY_FIELD = re.compile(rb"[!-9;-~]{1,80}:")
_TRAVELLED = re.compile(rb"^(?:received|return-path|mime-version|content-type|delivered-to):", re.I | re.M)
"""Fields that archives do not print."""
_PAGE_MARK = re.compile(
    rb"\[thread overview\][ \t]*\r?$|\(raw\)[ \t]*\r?$|\(permalink / raw\)"
    rb"|^date:.{0,40}\b\d{4} - \d\d:\d\d:\d\d\b",
    re.IGNORECASE | re.MULTILINE,
)


def looks_like_page(raw: bytes) -> bool:
    """Whether the bytes are a web archive's page, or text without a header, and not an RFC 5322 mail.

    A mail begins with header fields. Some pages do too: those print what no mail has, and lack what every
    mail that travelled has.
    """
    head = raw[: 1 << 16].removeprefix(_BOM).lstrip()
    if looks_like_html(head):
        return True
    if head.startswith((b"From ", b">From ")):
        head = head.partition(b"\n")[2]
    block = re.split(rb"\n\r?\n", head, maxsplit=1)[0]
    fields = sum(1 for line in block.split(b"\n") if _MAIL_FIELD.match(line))
    if fields >= 3 and _TRAVELLED.search(block):
        return False
    if _PAGE_MARK.search(block):
        return True
    # A broken first field is still shaped like one; a page's title is not, or ("Re: ...") few fields follow.
    return not (_MAIL_FIELD.match(block) or (fields >= 3 and _ANY_FIELD.match(block)))


def parse_page(raw: bytes, origin: str = "") -> Message:
    """The first mail of a page; never raises."""
    return parse_pages(raw, origin)[0]


def parse_pages(raw: bytes, origin: str = "") -> tuple[Message, ...]:
    """Every mail of a page (archives show whole threads), at least one; never raises.

    What the page does not tell is an empty string or None, with a Note.
    """
    notes: list[Note] = []
    if len(raw) > MAX_PAGE:
        notes.append(Note(kind="size", detail=f"a page of {len(raw)} bytes; the first {MAX_PAGE} were read"))
        raw = raw[:MAX_PAGE]
    text, note = decode_text(raw.removeprefix(_BOM))
    notes += [note] if note else []
    text = text.replace("\r\n", "\n")
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
        notes.append(Note(kind="nul", detail="the text holds NUL characters; each is shown as U+FFFD"))
    if looks_like_html(raw[:2000].removeprefix(_BOM).lstrip()):
        pages = read_html(text)
    else:
        pages = tuple(map(read_text_page, split_thread(text)))
    # Of several mails on one page each gets an id of its own.
    seeds = [raw] if len(pages) == 1 else [repr(page).encode("utf-8", "replace") for page in pages]
    return tuple(_message(page, seed, origin, notes) for page, seed in zip(pages, seeds, strict=True))


def _message(page: Page, seed: bytes, origin: str, notes: list[Note]) -> Message:
    date, note = parse_archive_date(page.date)
    if not page.date:
        note = Note(kind="date", detail="the page names no date")
    found: list[Note | None] = [*notes, note]
    author = parse_author(decode_words(page.author)[0])
    if not author.name and not author.email:
        found.append(Note(kind="header", detail="the page names no author"))
    subject = collapse(decode_words(page.subject)[0])
    if not subject:
        found.append(Note(kind="header", detail="the page names no subject"))
    ids = parse_ids(page.message_id)
    if not ids:
        found.append(Note(kind="message-id", detail="the page names no message-id; it got one"))
        ids = ("sha256:" + hashlib.sha256(seed).hexdigest()[:16],)
    references = parse_ids(page.references)
    return Message(
        message_id=ids[0],
        in_reply_to=choose_parent(parse_ids(page.in_reply_to), references),
        references=references,
        author=author,
        to=parse_addresses(page.to),
        cc=parse_addresses(page.cc),
        date=date,
        subject=subject,
        body=page.body,
        lists=(),
        origin=origin,
        verbatim=False,
        notes=tuple(dict.fromkeys(n for n in found if n)),
    )

"""The HTML of a web archive's page -> its mails. Each archive is known by what its own software writes:

    MHonArc (mail-archive.com, spinics.net, lkml.iu.edu)    comments "X-Message-Id:", "X-Body-of-Message"
    hypermail                                               comments "name=", "sent=", "body=start"
    pipermail                                               comments "beginarticle", "endarticle"
    HyperKitty                                              classes email-author, email-date, email-body
    public-inbox (lore)                                     <pre> with "permalink", "raw", "reply"
    anything else                                           its text, read as archive_text.py does
"""

from __future__ import annotations

import codecs
import html
import re
import urllib.parse
from collections.abc import Callable
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ..mail.field import collapse
from ..mail.html_text import html_to_text, node_text, parse_html
from .archive_text import Page, read_text_page, split_thread

_HTML = re.compile(rb"\s*<(?:(?:!doctype html|html|head|body|title|meta|pre|\?xml|div|h1)\b|!--)", re.I)
_MHONARC = re.compile(r"<!--X-(Subject|From-R13|From|Date|Message-Id|Reference): ?(.{0,2000}?) ?-->")
_HYPERMAIL = re.compile(r'<!-- (name|email|subject|sent|id|inreplyto)="([^\n]{0,2000}?)" -->')
_MHONARC_BODY = ("<!--X-Body-of-Message-->", "<!--X-Body-of-Message-End-->")
_HYPERMAIL_BODY = ('<!-- body="start" -->', '<!-- body="end" -->')
_PIPERMAIL_BODY = ("<!--beginarticle-->", "<!--endarticle-->")
_LIST_PREFIX = re.compile(r"^\[[\w.-]+\] (?=\S)")


def looks_like_html(head: bytes) -> bool:
    """Whether a text that begins like this is HTML."""
    return _HTML.match(head) is not None


def read_html(text: str) -> tuple[Page, ...]:
    """The mails of an HTML page, at least one. Never raises."""
    tree = parse_html(text)
    if tree is None or tree.body is None:
        return (read_text_page(html_to_text(text)),)
    for mark, read in _READERS:
        if mark in text:
            return read(text, tree)
    return _read_unknown(tree)


def _read_mhonarc(text: str, tree: LexborHTMLParser) -> tuple[Page, ...]:
    fields: dict[str, str] = {}
    references: list[str] = []
    for name, value in _MHONARC.findall(text[: text.find(_MHONARC_BODY[0])]):
        value = html.unescape(value)
        if name == "Reference":
            references.append(f"<{value.strip('<>')}>")
        elif name == "From-R13":
            fields["From"] = codecs.decode(value, "rot13")
        else:
            fields.setdefault(name, value)
    shown = _listed_fields(tree)
    message_id = fields.get("Message-Id", "").strip("<>")
    return (
        Page(
            subject=_first(tree, ".subject", "h1") or shown.get("subject", "") or fields.get("Subject", ""),
            author=fields.get("From", "") or shown.get("from", "") or _first(tree, ".sender"),
            date=fields.get("Date", "") or shown.get("date", "") or _first(tree, ".date"),
            to=shown.get("to", ""),
            cc=shown.get("cc", ""),
            message_id=f"<{message_id}>" if message_id else "",
            references=" ".join(references),
            body=_between(text, _MHONARC_BODY),
        ),
    )


def _read_hypermail(text: str, tree: LexborHTMLParser) -> tuple[Page, ...]:
    fields = {name: html.unescape(value) for name, value in _HYPERMAIL.findall(text)}
    email = f" <{fields['email']}>" if fields.get("email") else ""
    return (
        Page(
            subject=fields.get("subject", "") or _first(tree, "h1"),
            author=fields.get("name", "") + email,
            date=fields.get("sent", ""),
            message_id=f"<{fields['id']}>" if fields.get("id") else "",
            in_reply_to=f"<{fields['inreplyto']}>" if fields.get("inreplyto") else "",
            body=_strip_hypermail_top(_between(text, _HYPERMAIL_BODY)),
        ),
    )


def _strip_hypermail_top(body: str) -> str:
    """Newer hypermail prints From and Date once more inside what it calls the body."""
    lines = body.split("\n")
    while lines and (not lines[0].strip() or lines[0].startswith(("From: ", "Date: "))):
        lines.pop(0)
    return "\n".join(lines)


def _read_pipermail(text: str, tree: LexborHTMLParser) -> tuple[Page, ...]:
    link = next((a for a in tree.css("a") if (a.attributes.get("href") or "").startswith("mailto:")), None)
    name, email = _first(tree, "b"), collapse(node_text(link)) if link else ""
    # The link to answer this mail names it as the parent.
    answered = urllib.parse.parse_qs(_url(link).query).get("In-Reply-To", [""])[0] if link else ""
    return (
        Page(
            subject=_LIST_PREFIX.sub("", _first(tree, "h1")),
            author=f"{name} <{email}>" if email else name,
            date=_first(tree, "i"),
            message_id=answered if "@" in answered else "",
            body=_between(text, _PIPERMAIL_BODY),
        ),
    )


def _read_hyperkitty(_text: str, tree: LexborHTMLParser) -> tuple[Page, ...]:
    subject = _first(tree, ".thread-header h1", ".thread-header h3", ".page-header h1", "h1", "h3")
    pages = []
    for body in tree.css(".email-body"):
        mail = body.parent
        while mail is not None and "email" not in (mail.attributes.get("class") or "").split():
            mail = mail.parent
        around = mail or tree.body
        assert around is not None
        pages.append(
            Page(
                subject=subject,
                author=_first(around, ".email-author .name", ".email-author"),
                date=_hyperkitty_date(around),
                body=node_text(body).strip("\n") + "\n",
            )
        )
    return tuple(pages) or _read_unknown(tree)


def _hyperkitty_date(mail: LexborNode) -> str:
    for node in mail.css(".email-date [title]"):
        title = node.attributes.get("title") or ""
        if title.startswith("Sender's time: "):
            return title.removeprefix("Sender's time: ")
    return _first(mail, ".email-date")


def _read_public_inbox(_text: str, tree: LexborHTMLParser) -> tuple[Page, ...]:
    text = "\n".join(node_text(node) for node in tree.css("pre"))
    pages = [read_text_page(piece) for piece in split_thread(text)]
    ids = list(dict.fromkeys(_permalinks(tree)))
    if len(ids) >= len(pages) > 1:
        pages = [replace(page, message_id=page.message_id or f"<{ids[i]}>") for i, page in enumerate(pages)]
    return tuple(pages)


def _permalinks(tree: LexborHTMLParser) -> list[str]:
    """Message-ids that a thread page's "permalink" links lead to, in order."""
    found = []
    for node in tree.css("a"):
        if collapse(node_text(node)) == "permalink":
            parts = _url(node).path.split("/")
            found += [urllib.parse.unquote(part) for part in parts if "@" in part][-1:]
    return found


def _url(link: LexborNode) -> urllib.parse.SplitResult:
    """Where a link leads, in pieces; nowhere where it cannot be read."""
    try:
        return urllib.parse.urlsplit(link.attributes.get("href") or "")
    except ValueError:
        return urllib.parse.urlsplit("")


def _read_unknown(tree: LexborHTMLParser) -> tuple[Page, ...]:
    assert tree.body is not None
    page = read_text_page(node_text(tree.body).strip("\n") + "\n")
    return (replace(page, subject=page.subject or _first(tree, "h1", "title")),)


def _listed_fields(tree: LexborHTMLParser) -> dict[str, str]:
    """"<li><em>Subject</em>: ...", as MHonArc prints a mail's header."""
    fields: dict[str, str] = {}
    for node in tree.css("li"):
        name, colon, value = collapse(node_text(node)).partition(":")
        if colon and len(name) < 20:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _between(text: str, marks: tuple[str, str]) -> str:
    """The text of the HTML between two comments, or up to the end where the second is missing."""
    part = text.partition(marks[0])[2].partition(marks[1])[0]
    tree = parse_html(part)
    if tree is None or tree.body is None:
        return html_to_text(part)
    body = node_text(tree.body)
    # A field in front, so that the text's own first lines are not taken for any; the links below it come off.
    return read_text_page(f"Subject: x\n\n{body}").body


def _first(tree: LexborHTMLParser | LexborNode, *selectors: str) -> str:
    for selector in selectors:
        node = tree.css_first(selector)
        if node is not None and (text := collapse(node_text(node))):
            return text
    return ""


_READERS: tuple[tuple[str, Callable[[str, LexborHTMLParser], tuple[Page, ...]]], ...] = (
    (_MHONARC_BODY[0], _read_mhonarc),
    (_HYPERMAIL_BODY[0], _read_hypermail),
    (_PIPERMAIL_BODY[0], _read_pipermail),
    ("email-body", _read_hyperkitty),
    (">permalink</a>", _read_public_inbox),
)

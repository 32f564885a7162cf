"""The parts of a mail -> one text: what its author wrote, then the patches attached (RFC 2045 to 2047, 2183).

    text/plain                        text, unless it is attached under a name
    text/x-patch, text/x-diff, *.patch, *.diff, or an attached text that holds a diff        patch
    text/html                         only where the mail (or the alternative) has no text of its own
    multipart/alternative             the last plain one, else the last
    message/rfc822                    a patch where it holds a diff, unless in a bounce
    everything else                   left out, with a Note

Bodies are cut at their boundaries here and not by the email package, whose parser holds a list of lines of
each part, recurses into nested parts and asks every open boundary about every line: 100 MB and a thousand
levels are within what a mail may be. Headers of parts are parsed by it.
"""

from __future__ import annotations

import email.message
import email.utils
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .charset import decode_text
from .encoded_word import decode_words
from .field import collapse
from .flowed import unflow
from .header import Header, read_header
from .html_text import html_to_text
from .note import Note
from .transfer import decode_transfer

MAX_PARTS = 10_000
"""Parts of a mail that are looked at."""
MAX_DEPTH = 20
"""Levels of multiparts and attached mails that are looked into."""
MAX_CONTENT_TYPE = 4096
"""Characters of a Content-Type; the library's work on it grows with their square."""

_PATCH_NAME = re.compile(r"\.(?:patch|diff)$", re.IGNORECASE)
_PATCH_TYPES = {"text/x-patch", "text/x-diff", "application/x-patch", "application/x-diff"}
_DIFF = re.compile(rb"^(?:diff --git |--- [^\n]*\n\+\+\+ )", re.MULTILINE)
_BOUNDARY_END = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentType:
    """A Content-Type field."""

    type: str
    """"text/plain", lower case; the default of RFC 2045 where the field cannot be read."""
    charset: str
    boundary: str
    name: str
    flowed: bool
    delete_blank: bool


@functools.lru_cache(maxsize=256)
def parse_content_type(content_type: str, disposition: str = "") -> ContentType:
    """Read the field (RFC 2045, 2231), and the file name out of Content-Disposition. Never raises."""
    message = email.message.Message()
    message["Content-Type"] = collapse(content_type)[:MAX_CONTENT_TYPE] or "text/plain"
    message["Content-Disposition"] = collapse(disposition)[:MAX_CONTENT_TYPE]

    def parameter(name: str, header: str = "Content-Type") -> str:
        try:
            value = message.get_param(name, "", header)
            return email.utils.collapse_rfc2231_value(value) if value else ""
        except (ValueError, LookupError, TypeError, AttributeError):
            # The library trips over broken RFC 2231 continuations and charsets.
            return ""

    name = parameter("filename", "Content-Disposition") or parameter("name")
    return ContentType(
        type=message.get_content_type(),
        charset=parameter("charset"),
        boundary=parameter("boundary").rstrip(),
        name=decode_words(name)[0],
        flowed=parameter("format").lower() == "flowed",
        delete_blank=parameter("delsp").lower() == "yes",
    )


@dataclass(slots=True)
class _Reading:
    """What one mail's reading has gathered."""

    notes: list[Note] = field(default_factory=list)
    parts: int = 0

    def note(self, kind: str, detail: str) -> None:
        self.notes.append(Note(kind=kind, detail=detail))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaf:
    """A part that is not made of parts, not decoded yet."""

    role: str
    """"text", "patch", "html" or "other"."""
    content: ContentType
    encoding: str
    raw: bytes
    attached: bool


def read_text(header: Header) -> tuple[str, tuple[Note, ...]]:
    """The text of a mail, with LF line ends: its text parts in order, then attached patches, set apart by
    empty lines.

    Never raises. Notes say what was guessed, damaged or left out.
    """
    reading = _Reading()
    leaves = _leaves(header, 0, reading)
    texts = [leaf for leaf in leaves if leaf.role == "text"]
    patches = [leaf for leaf in leaves if leaf.role == "patch"]
    rest = [leaf for leaf in leaves if leaf.role not in ("text", "patch")]
    if not any(leaf.raw.strip() for leaf in texts):
        instead = [leaf for leaf in rest if leaf.role == "html"] or (
            [] if patches else [leaf for leaf in rest if leaf.content.type == "text/plain"]
        )
        texts += instead
        rest = [leaf for leaf in rest if leaf not in instead]
        if any(leaf.role == "html" for leaf in instead):
            reading.note("html-only", "the mail has no plain text; its HTML was turned into text")
    for leaf in rest:
        if leaf.role != "html":
            named = f" {leaf.content.name[:80]!r}" if leaf.content.name else ""
            reading.note("attachment", f"an attachment was left out: {leaf.content.type[:80]}{named}")
    pieces = [_decode(leaf, reading) for leaf in (*texts, *patches)]
    return _set_apart(pieces), tuple(dict.fromkeys(reading.notes))


def _set_apart(pieces: list[str]) -> str:
    if len(pieces) == 1:
        return pieces[0]
    whole = [piece if piece.endswith("\n") else piece + "\n" for piece in pieces if piece.strip()]
    return "\n".join(whole)


def _leaves(header: Header, depth: int, reading: _Reading, bounce: bool = False) -> list[_Leaf]:
    """The leaves of a mail or part, in order; of alternatives only the chosen one."""
    disposition = header.first("content-disposition")
    content = parse_content_type(header.first("content-type"), disposition)
    major = content.type.partition("/")[0]
    if major == "multipart" and content.boundary:
        if depth >= MAX_DEPTH:
            reading.note("parts", f"parts nested deeper than {MAX_DEPTH} were left out")
            return []
        bounce = bounce or content.type == "multipart/report"
        parts = _parts(header.body, content, reading)
        children = [_leaves(part, depth + 1, reading, bounce) for part in parts]
        if content.type == "multipart/alternative":
            return _choose(children)
        if children:
            return [leaf for child in children for leaf in child]
    elif major == "multipart":
        reading.note("parts", "a multipart mail without a boundary was read as plain text")
    attached = disposition.strip().lower().startswith("attachment")
    raw, encoding = header.body, header.first("content-transfer-encoding")
    if content.type == "message/rfc822" and depth < MAX_DEPTH:
        return _attached_mail(raw, encoding, depth, reading, bounce)
    role = _role(content, raw, encoding, attached, top=depth == 0)
    return [_Leaf(role=role, content=content, encoding=encoding, raw=raw, attached=attached)]


def _role(content: ContentType, raw: bytes, encoding: str, attached: bool, top: bool) -> str:
    if content.type == "text/html":
        return "html"
    if content.type in _PATCH_TYPES or _PATCH_NAME.search(content.name):
        return "patch"
    text = content.type.startswith(("text/", "multipart/"))
    if text and (top or (content.type == "text/plain" and not (attached and content.name))):
        return "text"
    return "patch" if text and _DIFF.search(decode_transfer(raw, encoding)[0]) else "other"


def _choose(children: list[list[_Leaf]]) -> list[_Leaf]:
    """RFC 2046, section 5.1.4: the last is the richest; a reader of patches wants the plain one that says
    something.
    """
    wanted = ("text", "patch")
    plain = [child for child in children if any(leaf.role in wanted and leaf.raw.strip() for leaf in child)]
    return (plain or children or [[]])[-1]


def _attached_mail(raw: bytes, encoding: str, depth: int, reading: _Reading, bounce: bool) -> list[_Leaf]:
    inner = read_header(decode_transfer(raw, encoding)[0])
    leaves = _leaves(inner, depth + 1, reading)
    if not bounce and any(_DIFF.search(decode_transfer(leaf.raw, leaf.encoding)[0]) for leaf in leaves):
        return [leaf for leaf in leaves if leaf.role in ("text", "patch")]
    subject = collapse(decode_words(inner.first("subject"))[0])
    reading.note("attachment", f"an attached mail was left out: {subject[:120]!r}")
    return []


def _parts(body: bytes, content: ContentType, reading: _Reading) -> Iterator[Header]:
    """The parts between the boundaries of a multipart body (RFC 2046, section 5.1.1).

    A body without its boundary is one plain text; one without the closing boundary was cut, and keeps what
    it has.
    """
    delimiter = b"--" + content.boundary.encode("utf-8", "surrogateescape")
    start: int | None = None
    closed = False
    for at, end, closing in _delimiters(body, delimiter):
        if start is not None:
            reading.parts += 1
            if reading.parts > MAX_PARTS:
                reading.note("parts", f"the mail has more than {MAX_PARTS} parts; the others were left out")
                return
            yield read_header(body[start:at], part=True)
        start, closed = end, closing
        if closing:
            break
    if start is None:
        reading.note("parts", "the boundary of a multipart mail never comes; read as plain text")
        yield Header(fields={}, body=body, notes=())
    elif not closed and body[start:].strip():
        reading.note("parts", "the last boundary of a multipart mail is missing; the mail may be cut")
        yield read_header(body[start:], part=True)


def _delimiters(body: bytes, delimiter: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where the lines that are delimiters begin (with the line break before them) and end, and which one
    closes.
    """
    at = 0 if body.startswith(delimiter) else body.find(b"\n" + delimiter)
    while at >= 0:
        after = at + len(delimiter) + (body[at : at + 1] == b"\n")
        rest = _BOUNDARY_END.match(body, after)
        if rest:
            begin = at - 1 if body[at - 1 : at] == b"\r" else at
            yield max(begin, 0), rest.end(), rest[1] is not None
            # The next delimiter may use this one's line break.
            after = rest.end() - 1
        at = body.find(b"\n" + delimiter, after)


def _decode(leaf: _Leaf, reading: _Reading) -> str:
    raw, note = decode_transfer(leaf.raw, leaf.encoding)
    notes = [note]
    encoded = raw is not leaf.raw
    raw = _line_ends(raw, encoded)
    text, note = decode_text(raw, leaf.content.charset)
    notes.append(note)
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
        notes.append(Note(kind="nul", detail="the text holds NUL characters; each is shown as U+FFFD"))
    if leaf.role == "html":
        text = html_to_text(text)
    elif leaf.content.flowed:
        text, note = unflow(text, leaf.content.delete_blank)
        notes.append(note)
    reading.notes += [note for note in notes if note]
    return text


def _line_ends(raw: bytes, encoded: bool) -> bytes:
    """CR LF -> LF. Text that travelled in the clear got its CRs on the way (git mailsplit drops them too);
    encoded text has those that it was given, so there only a text of CR LF lines throughout is changed: a
    patch to a file with CR LF lines keeps them.
    """
    if b"\r" not in raw:
        return raw
    if encoded and raw.count(b"\r\n") * 10 < raw.count(b"\n") * 9:
        return raw
    return raw.replace(b"\r\n", b"\n")

"""The store's tables as they are at the newest schema; docs/store.md says what each is for.

Keys are SHA-256 as 64 hex digits (identity.py). Text out of mail is bounded by nothing, so it is never part
of an index: databases limit the size of an index's entry.
"""

from __future__ import annotations

import re

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect

_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")
_MOST = (1 << 63) - 1


class MailText(TypeDecorator[str]):
    """Any text: what a database cannot hold (NUL, lone surrogates) becomes U+FFFD, as in the reports."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Make a text keepable."""
        return None if value is None else _UNKEEPABLE.sub("\ufffd", value)


class Number(TypeDecorator[int]):
    """Any whole number, within 64 bits."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """Bound a number that a mail claims."""
        return None if value is None else max(-_MOST, min(_MOST, value))


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(name: str, *, primary: bool = False, of: str = "", null: bool = False) -> Column[str]:
    """Return a column of a key; one that names another row is indexed."""
    if not of:
        return Column(name, String(64), primary_key=primary, nullable=null, index=not primary)
    reference = ForeignKey(f"{of}.key", ondelete="CASCADE")
    return Column(name, String(64), reference, primary_key=primary, nullable=null, index=True)


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, MailText, nullable=null)


def _number(name: str, *, primary: bool = False, null: bool = False) -> Column[int]:
    return Column(name, Number, primary_key=primary, nullable=null, autoincrement=False)


def _flag(name: str, *, null: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=null)


blob = Table(
    "blob",
    metadata,
    _key("key", primary=True),
    _number("size"),
    Column("body", LargeBinary, nullable=False),
)
"""Bytes by their SHA-256: raw mail, pages, documents. `body` is zlib's, `size` of the content."""
result = Table(
    "result",
    metadata,
    _key("key", primary=True),
    Column("body", LargeBinary, nullable=False),
)
"""Results of comparisons by what they rest on (analyze/results.py), zlib's."""
message = Table(
    "message",
    metadata,
    _key("key", primary=True),
    _text("message_id"),
    _text("author"),
    _text("date", null=True),
    _text("subject"),
    _text("parent", null=True),
)
message_copy = Table(
    "message_copy",
    metadata,
    _key("message", primary=True, of="message"),
    _key("raw", primary=True, of="blob"),
    _text("origin"),
    _flag("page"),
)
"""Which bytes a message was read from; `page`: those of a web archive's page."""
series = Table(
    "series",
    metadata,
    _key("key", primary=True),
    _text("title"),
    _text("author"),
    _text("changed_at"),
)
series_message = Table(
    "series_message",
    metadata,
    _key("series", primary=True, of="series"),
    _key("message", primary=True, of="message"),
)
revision = Table(
    "revision",
    metadata,
    _key("key", primary=True),
    _key("series", of="series"),
    _number("number"),
    _text("label"),
    _text("date", null=True),
    _text("head"),
    _flag("complete"),
    _number("expected", null=True),
)
patch = Table(
    "patch",
    metadata,
    _key("revision", primary=True, of="revision"),
    _number("position", primary=True),
    _key("message"),
    _text("message_id"),
    _text("title"),
    _text("author"),
    _text("replaces", null=True),
)
review = Table(
    "review",
    metadata,
    _key("key", primary=True),
    _key("series", of="series"),
    _key("revision", null=True),
    _number("number", null=True),
    _text("made_at"),
    _text("version"),
    _text("tree"),
    _text("command"),
    _key("document", of="blob"),
)
"""A finished review; `revision` is None for a thread without a patch."""
file = Table(
    "file",
    metadata,
    _key("review", primary=True, of="review"),
    _number("entry", primary=True),
    _text("message_id"),
    _text("path"),
    _flag("verified", null=True),
    _text("failure", null=True),
)
function = Table(
    "function",
    metadata,
    _key("review", primary=True, of="review"),
    _number("entry", primary=True),
    _number("position"),
    _text("message_id"),
    _text("name"),
    _text("path"),
    _number("line"),
    _text("kind"),
    _text("verdict"),
    _text("code"),
    _text("reason"),
    _text("delta"),
)
"""A changed function and its verdict; `delta` is its entry in the review document, as JSON."""
finding = Table(
    "finding",
    metadata,
    _key("review", primary=True, of="review"),
    _number("entry", primary=True),
    _text("id"),
    _text("check"),
    _text("title"),
    _text("severity"),
    _text("origin"),
    _text("verdict"),
    _text("function"),
    _text("path"),
    _number("line"),
    _text("message_id"),
)
comment = Table(
    "comment",
    metadata,
    _key("key", primary=True),
    _key("series", of="series"),
    _text("message_id"),
    _number("number"),
    _text("author"),
    _text("date", null=True),
    _text("parent", null=True),
    _text("patch", null=True),
    _text("path", null=True),
    _text("side", null=True),
    _number("line", null=True),
    _text("quote"),
    _text("text"),
    _text("requests"),
)
"""A passage of a reply; `patch` to `line` are its anchor, `requests` a JSON list."""
comment_state = Table(
    "comment_state",
    metadata,
    _key("review", primary=True, of="review"),
    _key("comment", primary=True, of="comment"),
    _text("kind"),
    _text("state"),
    _text("evidence"),
)
run = Table(
    "run",
    metadata,
    _key("key", primary=True),
    _text("made_at"),
    _number("code"),
    _text("reads"),
    _text("word"),
)
"""A finished `lorelens review`: exit code, the reads of plain directories (JSON), a word."""
run_part = Table(
    "run_part",
    metadata,
    _key("run", primary=True, of="run"),
    _number("entry", primary=True),
    _key("review", of="review"),
    _key("text", of="blob"),
)
"""A review of a run, in order; `text` went to standard output."""
run_file = Table(
    "run_file",
    metadata,
    _key("run", primary=True, of="run"),
    _number("entry", primary=True),
    Column("name", String(200), primary_key=True),
    _key("content", of="blob"),
)

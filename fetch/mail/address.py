"""Mailboxes of header fields: "From", "To", "Cc" -> Address.

The standard library reads RFC 5322's address lists; a pattern in front of it reads the plain ones, five
times as fast, which is most of the mail. What it cannot read is what archives print ("alice at
example.org") and names with bare commas.
"""

from __future__ import annotations

import email.utils
import functools
import re
from dataclasses import dataclass

from .encoded_word import decode_words

MAX_NESTING = 50
"""Brackets in an address list that are read; the library recurses into nested comments."""
MAX_REMEMBERED = 10_000
"""Characters of a list that is read once for all mails that have it."""

_MAILBOX = r'([^\s"(),:;<>@\\]+@[^\s"(),:;<>@\\]+)'
_PLAIN = re.compile(r'\s?(?:"([^"\\]*)"|([^"(),:;<>@\[\]\\]*))\s?<' + _MAILBOX + r">\s?(?:,|$)")
_BARE = re.compile(r"\s?" + _MAILBOX + r"\s?(?:,|$)")
_ONE = re.compile(r"([^<>]*)<([^<>]*)>\s?(\([^()]*\))?$")
_MASKED = re.compile(r"(\S+ at \S+)(?: \((.*)\))?$")
_BEHIND = re.compile(r"([^<>()@]*)\(([^\s()<>]+@[^\s()<>]+)\)$")
"""As hypermail prints a mailbox: "Ada Lake (ada@pond.example)"."""
_EMPTY_GROUP = re.compile(r"[^:<>@]*:? ?;?$(?<=[:;])| ?$")
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A mailbox of RFC 5322, section 3.4; masked addresses of web archives stay as they were printed."""

    name: str
    email: str


NOBODY = Address(name="", email="")


def parse_addresses(value: str) -> tuple[Address, ...]:
    """The mailboxes of an unfolded "To" or "Cc" value, groups taken apart. Never raises."""
    return _parse_short(value) if len(value) < MAX_REMEMBERED else _parse(value)


@functools.lru_cache(maxsize=2048)
def _parse_short(value: str) -> tuple[Address, ...]:
    """The mails of a series have the same recipients: read once, and held once."""
    return _parse(value)


def _parse(value: str) -> tuple[Address, ...]:
    value = " ".join(value.split())
    found: list[Address] = []
    at = 0
    while at < len(value):
        plain = _PLAIN.match(value, at) or _BARE.match(value, at)
        if plain is None:
            return _parse_hard(value)
        found.append(_plain_address(plain))
        at = plain.end()
    return tuple(found)


def _plain_address(match: re.Match[str]) -> Address:
    if match.re is _BARE:
        return Address(name="", email=match[1])
    return _address(match[1] or match[2] or "", match[3])


def parse_author(value: str) -> Address:
    """The one author of an unfolded "From" value, with empty strings for what it does not tell. Never raises.

    As git does (mailinfo.c, handle_from), what stands before the angle brackets is the name, whatever it
    holds.
    """
    value = " ".join(value.split())
    one = _ONE.match(value)
    if one and ("@" not in one[1] or "," not in one[1]):
        return _address(f"{_unquote(one[1])} {one[3] or ''}", one[2])
    behind = _BEHIND.match(value)
    if behind:
        return _address(behind[1], behind[2])
    found = parse_addresses(value)
    return next((address for address in found if "@" in address.email), found[0] if found else NOBODY)


def _parse_hard(value: str) -> tuple[Address, ...]:
    """Lists with comments, groups, escapes, or masked addresses."""
    if "@" not in value:
        return tuple(_parse_printed(part) for part in value.split(",") if not _EMPTY_GROUP.match(part))
    if value.count("(") > MAX_NESTING:
        value = value.replace("(", " ").replace(")", " ")
    pairs = email.utils.getaddresses([value])
    return tuple(_address(name, mailbox) for name, mailbox in pairs if name or mailbox)


def _parse_printed(part: str) -> Address:
    """A mailbox without an "@": "Alice <alice at example.org>", "alice at example.org (Alice)", or a name
    alone.
    """
    part = part.strip()
    one = _ONE.match(part)
    if one:
        return _address(one[1], one[2])
    masked = _MASKED.match(part)
    if masked:
        return _address(masked[2] or "", masked[1])
    return _address(part.removesuffix(";"), "")


def _address(name: str, mailbox: str) -> Address:
    name = _unquote(name)
    if len(name) > 1 and name[0] == "(" and name[-1] == ")":
        name = name[1:-1]
    return Address(name=" ".join(decode_words(name)[0].split()), email=mailbox.strip())


def _unquote(name: str) -> str:
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        return _ESCAPED.sub(r"\1", name[1:-1])
    return name

"""Who somebody is: one person's names and addresses, as mail writes them, brought to one form."""

from __future__ import annotations

import re

from ..mail.message import Address

_VIA = re.compile(r"\s+via\s+.*$|\s*\([^()]*\)|[\"']", re.IGNORECASE)
_RELAY = re.compile(r"devnull\+(?P<user>.+)@kernel\.org", re.IGNORECASE)
_MASK = re.compile(r"x{3,}|\*{2,}|\.{3,}|\(a\)|\bat\b|hidden|protected|masked", re.IGNORECASE)


def name_key(address: Address) -> str:
    """Return the name in lower case, "Last, First" turned round, without "via B4 Relay" and "(Company)"."""
    name = _VIA.sub("", address.name.casefold())
    last, comma, first = name.partition(",")
    if comma and first.strip() and "," not in first:
        name = f"{first} {last}"
    return " ".join(name.split())


def email_key(address: Address) -> str:
    """Return the address in lower case, "@" as "."; "" where an archive masked it.

    The relay of b4 writes "devnull+user.host@kernel.org" for user@host, which comes out the same.
    """
    email = address.email.casefold().strip()
    relayed = _RELAY.fullmatch(email)
    email = relayed["user"] if relayed else re.sub(r"\+[^@]*@", "@", email).replace("@", ".")
    return "" if _MASK.search(email) or "." not in email else email


def person_key(address: Address) -> str:
    """Return what tells one poster from another: the name where it has two words, else the address."""
    name = name_key(address)
    return name if " " in name else email_key(address) or address.email.casefold() or name


def same_person(one: Address, other: Address) -> bool:
    """Whether name or address agree."""
    name, email = name_key(one), email_key(one)
    return bool((" " in name and name == name_key(other)) or (email and email == email_key(other)))


def spell(address: Address) -> str:
    """Return "Name <address>", for a reader."""
    both = f"{address.name} <{address.email}>" if address.name and address.email else ""
    return both or address.name or address.email

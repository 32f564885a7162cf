"""The grammar of trailers.

    trailer   = name ":" value [ comment ]           ; Documentation/process/submitting-patches.rst
    name      = "Signed-off-by" / any "...-by" / "Fixes" / "Link" / "Closes" / "Cc" / ...
    value     = person / reference                   ; git-interpret-trailers(1): folded by a leading blank
    person    = [ display-name ] ( "<" address ">" / address )      ; as printed, masked addresses too
    comment   = "#" text / line-end "[" text "]"     ; "Acked-by: A <a@b> # for mm"

Trailers of a commit message are its last paragraphs that hold nothing else. Those of replies: followup.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from ..mail.address import Address

_LINE = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9-]{1,40})[ \t]?:(?:[ \t]+|(?=\S+@))(\S.*)")
_REFERENCES = frozenset(
    (
        "fixes", "link", "buglink", "closes", "bug", "references", "ref", "see-also", "issue", "jira",
        "testlink", "patch-link", "message-id", "change-id", "depends-on", "based-on", "base-commit",
        "prerequisite-patch-id", "prerequisite-message-id", "prerequisite-change-id", "obsoleted-by",
        "upstream-commit", "commit-id", "cc", "to", "addresses-coverity-id",
    )
)  # fmt: skip
_GENERAL = re.compile(r"[A-Za-z][a-z0-9]*(?:-[A-Za-z0-9]+)+")
_RUN_TOGETHER = re.compile(r" (?=(?:[A-Z][a-z]+(?:-[a-z]+)*-by|Cc|Fixes|Link): )")
_ADDRESS_AT_END = re.compile(
    r"(?:<[^<>]{1,320}>|[^\s<>]{1,200}(?:@|\(a\))[^\s<>]{1,200}|[^\s<>]{1,64} at [\w-]+(?:\.[\w-]+)+)$"
)
_HASH = re.compile(r"[0-9a-f]{6,64}(?![0-9a-z])", re.IGNORECASE)
_COMMENT = re.compile(r"[ \t]#[^#]*$|[ \t]\[[^\[\]]*\]$")
BRACKETED = re.compile(r"[ \t]*\[[^\[\]]+\]?[ \t]*$")
_MAILTO = re.compile(r"<mailto:[^<>]*>")
_LINK_ID = re.compile(r"https?://[^@\s]{1,200}/([^/@\s]{1,200}@[^/\s]{1,200})", re.IGNORECASE)
_MOST_PARTS = 500
LONGEST = 1000
"""Characters of a line that may be a trailer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailer:
    """One trailer line of a commit message (Documentation/process/submitting-patches.rst;
    git-interpret-trailers)."""

    name: str
    """As written: "Reviewed-by", "Fixes", "Link"."""
    value: str
    """As written, unfolded, without its comment."""
    given_by: str | None
    """Message-id of the reply that gave it; None where it stands in the patch mail itself."""
    mismatch: bool = False
    """True where a reply gave it for another person than the reply's sender. b4 leaves such out by default.
    """
    comment: str = ""
    """"# for mm", "[for the slab part]" behind the value or on the line below it."""

    def __str__(self) -> str:
        """Render the line, a bracketed comment below it."""
        gap = "" if not self.comment else "\n" if self.comment.startswith("[") else " "
        return f"{self.name}: {self.value}{gap}{self.comment}"

    @property
    def person(self) -> Address | None:
        """Whom the value names, with the address as printed; None for a reference."""
        return None if self.name.lower() in _REFERENCES - {"cc", "to"} else parse_person(self.value)

    def same(self, other: Trailer) -> bool:
        """Whether both say the same, whoever gave them; links to one message-id are the same."""
        return self._key() == other._key()

    def _key(self) -> tuple[str, str]:
        link = _LINK_ID.match(self.value) if self.name.lower() == "link" else None
        return self.name.lower(), (link[1] if link else " ".join(self.value.split())).lower()


def parse_person(text: str) -> Address | None:
    """Read "Name <address>", "address (Name)" or "Name address", masked or not; None where there is no
    address."""
    text = _MAILTO.sub("", text[:LONGEST]).strip()
    name, bracket, rest = text.partition("<")
    if bracket:
        return Address(name=name.strip(), email=rest.partition(">")[0].strip())
    if "@" not in text and "(a)" not in text and " at " not in text:
        return None
    found = _ADDRESS_AT_END.search(text.rpartition(" (")[0] if text.endswith(")") else text)
    if found is None:
        return None
    name = text[: found.start()] + text[found.end() :]
    return Address(name=name.strip(" ()"), email=found[0])


def parse_trailers(text: str) -> tuple[Trailer, ...]:
    """Return the trailers of a commit message: of its last paragraphs that hold nothing but trailers.

    The very last may open with other text, as in "fix it\\nSigned-off-by: ..."; one whose line ends are
    lost is split where an address ends before the next name.
    """
    found: list[Trailer] = []
    for index, paragraph in enumerate(reversed(re.split(r"\n[ \t]*\n", text.strip()))):
        trailers, others = read_block(paragraph.split("\n"))
        if not others or index == 0:
            found[:0] = trailers
        if others:
            break
    return tuple(found)


def read_block(lines: Sequence[str]) -> tuple[list[Trailer], int]:
    """Return a paragraph's trailers and how many of its lines are neither trailers nor their continuation."""
    trailers: list[Trailer] = []
    others = 0
    sure = False
    for line in unwrapped(lines):
        read = [trailer for part in parted(line) if (trailer := read_line(part))]
        if read and not line.startswith(("  ", "\t")):
            sure = sure or any(known_name(trailer.name) for trailer in read)
            trailers += read
        elif BRACKETED.match(line[:LONGEST]):
            trailers[-1:] = [replace(trailer, comment=line.strip()) for trailer in trailers[-1:]]
        elif trailers and line[:1] in (" ", "\t"):
            trailers[-1] = replace(trailers[-1], value=f"{trailers[-1].value} {line.strip()}"[:LONGEST])
        else:
            others += 1
    if sure:
        return [trailer for trailer in trailers if not others or known_name(trailer.name)], others
    return [], others + len(trailers)


def known_name(name: str) -> bool:
    """Whether a name alone tells a trailer: any "...-by", and the references that the kernel uses."""
    return name.lower().endswith("-by") or name.lower() in _REFERENCES


def unwrapped(lines: Sequence[str]) -> Iterator[str]:
    """Join what mailers break: a Fixes: inside its brackets, a person before the "<address>"."""
    held: str | None = None
    for line in lines:
        if held is not None and _goes_on(held, line):
            held = f"{held.rstrip()} {line.strip()}"
            continue
        if held is not None:
            yield held
        held = line[:LONGEST] if len(line) > LONGEST and _RUN_TOGETHER.search(line) is None else line
    if held is not None:
        yield held


def _goes_on(line: str, below: str) -> bool:
    found = _LINE.match(line) if ":" in line and len(line) < LONGEST else None
    if found is None or len(below) > 200 or _LINE.match(below) or not below.strip():
        return False
    value = found[2]
    if found[1].lower() == "fixes":
        return value.count("(") > value.count(")") and ")" in below
    return known_name(found[1]) and "@" not in value and re.match(r"[ \t]*<[^<>]+@[^<>]+>", below) is not None


def parted(line: str) -> Iterator[str]:
    """Part a line that holds several trailers, where an address or a sentence ends before the next name."""
    start = 0
    for border in islice(_RUN_TOGETHER.finditer(line), _MOST_PARTS if ": " in line else 0):
        before = line[max(start, border.start() - 400) : border.start()]
        if before.endswith((".", ")")) or _ADDRESS_AT_END.search(before):
            yield line[start : border.start()]
            start = border.end()
    yield line[start:]


def read_line(line: str) -> Trailer | None:
    """Read one line; None where it is no trailer."""
    found = _LINE.fullmatch(line.rstrip()[:LONGEST]) if ":" in line else None
    if found is None:
        return None
    name, value = found[1], _MAILTO.sub("", found[2])
    known = known_name(name)
    if not known and not _GENERAL.fullmatch(name):
        return None
    if name.lower() == "fixes" and not _HASH.match(value.removeprefix("commit ")):
        return None
    found = _COMMENT.search(value)
    if found is None or "@" in found[0] or not value[: found.start()].strip() or not parse_person(value):
        return Trailer(name=name, value=value, given_by=None)
    return Trailer(name=name, value=value[: found.start()].rstrip(), given_by=None, comment=found[0].strip())

"""The grammar of trailers, and which trailers replies give to which patch.

    trailer   = name ":" value [ comment ]           ; Documentation/process/submitting-patches.rst
    name      = "Signed-off-by" / any "...-by" / "Fixes" / "Link" / "Closes" / "Cc" / ...
    value     = person / reference                   ; git-interpret-trailers(1): folded by a leading blank
    person    = [ display-name ] ( "<" address ">" / address )      ; as printed, masked addresses too
    comment   = "#" text / line-end "[" text "]"     ; "Acked-by: A <a@b> # for mm"

Trailers of a commit message are its last paragraphs that hold nothing else. A reply's stand anywhere in its
own text, never in quotes. What is taken as b4 takes it, and what is not, is said in docs/comments.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from ..mail.address import Address
from ..mail.message import Message
from .body import split_body
from .extent import split_diff
from .subject import parse_subject

_LINE = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9-]{1,40})[ \t]?:(?:[ \t]+|(?=\S+@))(\S.*)")
_REFERENCES = frozenset(
    (
        "fixes", "link", "buglink", "closes", "bug", "references", "ref", "see-also", "issue", "jira",
        "testlink", "patch-link", "message-id", "change-id", "depends-on", "based-on", "base-commit",
        "prerequisite-patch-id", "prerequisite-message-id", "prerequisite-change-id", "obsoleted-by",
        "upstream-commit", "commit-id", "cc", "to", "addresses-coverity-id",
    )
)  # fmt: skip
_GIVEN = frozenset(("fixes", "link", "buglink", "closes", "obsoleted-by"))
"""References that a reply may give, as b4 takes them; the others speak of the reply's own mail or patch."""
_GENERAL = re.compile(r"[A-Za-z][a-z0-9]*(?:-[A-Za-z0-9]+)+")
_RUN_TOGETHER = re.compile(r" (?=(?:[A-Z][a-z]+(?:-[a-z]+)*-by|Cc|Fixes|Link): )")
_ADDRESS_AT_END = re.compile(
    r"(?:<[^<>]{1,320}>|[^\s<>]{1,200}(?:@|\(a\))[^\s<>]{1,200}|[^\s<>]{1,64} at [\w-]+(?:\.[\w-]+)+)$"
)
_HASH = re.compile(r"[0-9a-f]{6,64}(?![0-9a-z])", re.IGNORECASE)
_COMMENT = re.compile(r"[ \t]#[^#]*$|[ \t]\[[^\[\]]*\]$")
_BRACKETED = re.compile(r"[ \t]*\[[^\[\]]+\]?[ \t]*$")
_MAILTO = re.compile(r"<mailto:[^<>]*>")
_ADDRESS_LINE = re.compile(r"[ \t]*<[^<>\s]{1,320}>[ \t]*$")
_ADD = re.compile(
    r"(?:^|(?<=[.!;,] ))(?:so |and |then |feel free to |please |you can |you may |with that,? )*"
    r"add(?: my| also)?:?$"
    r"|(?:^|(?<=[.!;,] ))(?:with|for|from) (?:that|this|me)[\w ]{0,40}[:,]?$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[ \t]{0,3}[>|]")
_LINK_ID = re.compile(r"https?://[^@\s]{1,200}/([^/@\s]{1,200}@[^/\s]{1,200})", re.IGNORECASE)
_MOST_PARTS = 500
_LONGEST = 1000
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
    text = _MAILTO.sub("", text[:_LONGEST]).strip()
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
        trailers, others = _read_block(paragraph.split("\n"))
        if not others or index == 0:
            found[:0] = trailers
        if others:
            break
    return tuple(found)


def _read_block(lines: Sequence[str]) -> tuple[list[Trailer], int]:
    """Return a paragraph's trailers and how many of its lines are neither trailers nor their continuation."""
    trailers: list[Trailer] = []
    others = 0
    sure = False
    for line in _unwrapped(lines):
        read = [trailer for part in _parted(line) if (trailer := _read_line(part))]
        if read and not line.startswith(("  ", "\t")):
            sure = sure or any(known_name(trailer.name) for trailer in read)
            trailers += read
        elif _BRACKETED.match(line[:_LONGEST]):
            trailers[-1:] = [replace(trailer, comment=line.strip()) for trailer in trailers[-1:]]
        elif trailers and line[:1] in (" ", "\t"):
            trailers[-1] = replace(trailers[-1], value=f"{trailers[-1].value} {line.strip()}"[:_LONGEST])
        else:
            others += 1
    if sure:
        return [trailer for trailer in trailers if not others or known_name(trailer.name)], others
    return [], others + len(trailers)


def known_name(name: str) -> bool:
    """Whether a name alone tells a trailer: any "...-by", and the references that the kernel uses."""
    return name.lower().endswith("-by") or name.lower() in _REFERENCES


def _unwrapped(lines: Sequence[str]) -> Iterator[str]:
    """Join what mailers break: a Fixes: inside its brackets, a person before the "<address>"."""
    held: str | None = None
    for line in lines:
        if held is not None and _goes_on(held, line):
            held = f"{held.rstrip()} {line.strip()}"
            continue
        if held is not None:
            yield held
        held = line[:_LONGEST] if len(line) > _LONGEST and _RUN_TOGETHER.search(line) is None else line
    if held is not None:
        yield held


def _goes_on(line: str, below: str) -> bool:
    found = _LINE.match(line) if ":" in line and len(line) < _LONGEST else None
    if found is None or len(below) > 200 or _LINE.match(below) or not below.strip():
        return False
    value = found[2]
    if found[1].lower() == "fixes":
        return value.count("(") > value.count(")") and ")" in below
    return known_name(found[1]) and "@" not in value and re.match(r"[ \t]*<[^<>]+@[^<>]+>", below) is not None


def _parted(line: str) -> Iterator[str]:
    """Part a line that holds several trailers, where an address or a sentence ends before the next name."""
    start = 0
    for border in islice(_RUN_TOGETHER.finditer(line), _MOST_PARTS if ": " in line else 0):
        before = line[max(start, border.start() - 400) : border.start()]
        if before.endswith((".", ")")) or _ADDRESS_AT_END.search(before):
            yield line[start : border.start()]
            start = border.end()
    yield line[start:]


def _read_line(line: str) -> Trailer | None:
    found = _LINE.fullmatch(line.rstrip()[:_LONGEST]) if ":" in line else None
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


def followup_trailers(
    patch_messages: Sequence[Message], replies: Sequence[Message]
) -> Mapping[str, tuple[Trailer, ...]]:
    """Return the trailers that `replies` give, by message-id of the patch, in the order of `replies`.

    `patch_messages` are the mails of one revision, its cover letter among them: what is given to the cover
    is given to each patch, after its own. A reply to a reply counts for the patch above it. What the patch
    already says is left out, and a trailer for somebody else than its sender is marked as mismatch. A
    message that is in both (a reply whose quote is the patch) gives its own text's trailers to itself.
    """
    patches = {message.message_id: message for message in patch_messages}
    above = {message.message_id: _answered(message) for message in (*replies, *patch_messages)}
    given: dict[str, list[Trailer]] = {name: [] for name in patches}
    for reply in replies:
        trailers = reply_trailers(reply)
        name = reply.message_id if reply.message_id in patches else _nearest(reply.message_id, above, patches)
        if trailers and name is not None:
            given[name] += trailers
    covers = {name for name, message in patches.items() if _is_cover(message)}
    to_all = [trailer for name in covers for trailer in given[name]]
    return {
        name: tuple(_new([*given[name], *to_all], _own(message)))
        for name, message in patches.items()
        if name not in covers
    }


def reply_trailers(reply: Message) -> tuple[Trailer, ...]:
    """Return the trailers in a reply's own text: not in quotes, not below "-- ", not of a patch that it
    carries."""
    trailers: list[Trailer] = []
    for line in _unwrapped(_own_lines(reply.body)):
        read = [found for part in _parted(line) if (found := _read_line(part))]
        if trailers and not read and _BRACKETED.match(line[:_LONGEST]):
            trailers[-1] = replace(trailers[-1], comment=line.strip())
        trailers += [
            replace(trailer, given_by=reply.message_id, mismatch=not _may_give(trailer, reply.author))
            for trailer in read
            if _is_given(trailer)
        ]
    return tuple(trailers)


def _own_lines(body: str) -> list[str]:
    extent = split_diff(body)
    lines = [line for line in extent.before.split("\n") if not _QUOTED.match(line)]
    if extent.diff:  # what stands above it is its commit message, whose trailers are its own
        border = next((at for at, line in enumerate(lines) if line.rstrip() == "---"), len(lines))
        paragraphs = re.split(r"\n[ \t]*\n", "\n".join(lines[:border]).strip())
        while paragraphs and _read_block(paragraphs[-1].split("\n"))[0]:
            paragraphs.pop()
        lines = "\n\n".join(paragraphs).split("\n") + lines[border:]
        lines += [line for line in extent.after.split("\n") if not _QUOTED.match(line)]
    return lines[: signature_start(lines)]


def signature_start(lines: Sequence[str]) -> int:
    """Index of the line that opens the signature: "-- ", or "--" near the end where blanks were lost."""
    for at, line in enumerate(lines):
        if line == "-- " or (line == "--" and len(lines) - at <= 12):
            return at
    return len(lines)


def _is_given(trailer: Trailer) -> bool:
    """Whether a reply can give it: a "...-by" of a person, or one of the references that b4 takes."""
    name = trailer.name.lower()
    if name in _GIVEN:
        return True
    return name.endswith("-by") and trailer.person is not None and "://" not in trailer.value


def _may_give(trailer: Trailer, sender: Address) -> bool:
    """Whether the trailer is for its sender, by address ("+tag" and one sub-domain aside) or by name, as b4
    has it."""
    person = trailer.person
    if person is None or trailer.name.lower() in _GIVEN:
        return True
    ours, theirs = _bare(person.email), _bare(sender.email)
    if ours == theirs or (person.name and _words(person.name) == _words(sender.name)):
        return True
    (local, _, domain), (other, _, domain_of_other) = ours.partition("@"), theirs.partition("@")
    long, short = sorted((domain, domain_of_other), key=len, reverse=True)
    one_below = long.endswith(f".{short}") and long.count(".") - short.count(".") == 1
    return bool(domain) and local == other and one_below


def _bare(email: str) -> str:
    return re.sub(r"\+[^@]*@", "@", email.lower())


def _words(name: str) -> frozenset[str]:
    """The words of a name whatever their order, so that "Last, First" is "First Last"; "(company)" left
    out."""
    return frozenset(re.findall(r"\w+", re.sub(r"\([^()]*\)", "", name[:200]).lower()))


def _answered(message: Message) -> tuple[str, ...]:
    """The mails above, nearest first."""
    answered = (message.in_reply_to,) if message.in_reply_to else ()
    return tuple(dict.fromkeys((*answered, *reversed(message.references))))


def _nearest(name: str, above: Mapping[str, tuple[str, ...]], patches: Mapping[str, Message]) -> str | None:
    """The first patch or cover letter above a reply; where a mail between is missing, References bridge the
    gap."""
    seen = {name}
    while True:
        older = next((other for other in above.get(name, ()) if other in above and other not in seen), None)
        if older is None or older in patches:
            return older
        seen.add(older)
        name = older


def _is_cover(message: Message) -> bool:
    if parse_subject(message.subject).position == 0:
        return True
    return "diff --git " not in message.body and "+++ " not in message.body


def _own(message: Message) -> list[Trailer]:
    """What the patch says itself: in the mail's text, or in the quote of a reply that carries it."""
    text = message.body
    if parse_subject(message.subject).is_reply:
        text = "\n".join(line.lstrip("> ") for line in text.split("\n") if _QUOTED.match(line))
    return list(parse_trailers(split_body(text).message))


def _new(trailers: Iterable[Trailer], own: Sequence[Trailer]) -> list[Trailer]:
    """Leave out what was said before; one for its own sender counts before one for somebody else."""
    kept: list[Trailer] = []
    for trailer in sorted(trailers, key=lambda trailer: trailer.mismatch):
        if not any(trailer.same(other) for other in (*own, *kept)):
            kept.append(trailer)
    return kept


def without_trailers(lines: Sequence[str]) -> list[str]:
    """Return a reply's own lines without the trailers that it gives, and without the "You can add:" above
    them."""
    kept: list[str] = []
    given: Trailer | None = None
    for line in lines:
        read = _read_line(line) if len(line) < _LONGEST else None
        if read is None and given and (_BRACKETED.match(line[:_LONGEST]) or _ADDRESS_LINE.match(line[:400])):
            continue
        given = read if read and (_is_given(read) or read.name.lower().endswith("-by")) else None
        if given is None:
            kept.append(line)
            continue
        while kept and not kept[-1].strip():
            kept.pop()
        if kept and len(kept[-1]) < 80 and _ADD.search(kept[-1].rstrip()):
            kept[-1] = _ADD.sub("", kept[-1].rstrip())
    return kept

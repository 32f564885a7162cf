"""Which trailers replies give to which patch.

A reply's trailers stand anywhere in its own text, never in quotes. What is taken as b4 takes it, and what is
not, is said in docs/comments.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..mail.address import Address
from ..mail.message import Message
from .body import split_body
from .extent import split_diff
from .robot_name import is_robot
from .subject import parse_subject
from .trailer import BRACKETED, LONGEST, Trailer, parse_trailers, parted, read_block, read_line, unwrapped

_GIVEN = frozenset(("fixes", "link", "buglink", "closes", "obsoleted-by"))
"""References that a reply may give, as b4 takes them; the others speak of the reply's own mail or patch."""
_ADDRESS_LINE = re.compile(r"[ \t]*<[^<>\s]{1,320}>[ \t]*$")
_ADD = re.compile(
    r"(?:^|(?<=[.!;,] ))(?:so |and |then |feel free to |please |you can |you may |with that,? )*"
    r"add(?: my| also)?:?$"
    r"|(?:^|(?<=[.!;,] ))(?:with|for|from) (?:that|this|me)[\w ]{0,40}[:,]?$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[ \t]{0,3}[>|]")


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
    nearest: dict[str, str | None] = {name: name for name in patches}
    for reply in replies:
        trailers = reply_trailers(reply)
        name = _nearest(reply.message_id, above, nearest)
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
    carries, and not what a robot's report asks the fix of what it found to say."""
    trailers: list[Trailer] = []
    robot = is_robot(reply.author)
    for line in unwrapped(_own_lines(reply.body)):
        read = [found for part in parted(line) if (found := read_line(part))]
        if trailers and not read and BRACKETED.match(line[:LONGEST]):
            trailers[-1] = replace(trailers[-1], comment=line.strip())
        trailers += [
            replace(trailer, given_by=reply.message_id, mismatch=not _may_give(trailer, reply.author))
            for trailer in read
            if _is_given(trailer) and not (robot and _is_wished(trailer))
        ]
    return tuple(trailers)


def _own_lines(body: str) -> list[str]:
    extent = split_diff(body)
    lines = [line for line in extent.before.split("\n") if not _QUOTED.match(line)]
    if extent.diff:  # what stands above it is its commit message, whose trailers are its own
        border = next((at for at, line in enumerate(lines) if line.rstrip() == "---"), len(lines))
        paragraphs = re.split(r"\n[ \t]*\n", "\n".join(lines[:border]).strip())
        while paragraphs and read_block(paragraphs[-1].split("\n"))[0]:
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


def _is_wished(trailer: Trailer) -> bool:
    """Whether a robot's report only asks for it, in the commit that will fix what it reports."""
    return trailer.name.lower() in (*_GIVEN, "reported-by")


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


def _nearest(
    name: str, above: Mapping[str, tuple[str, ...]], nearest: dict[str, str | None]
) -> str | None:
    """The first patch or cover letter above a reply; where a mail between is missing, References bridge the
    gap.

    `nearest` holds what is known: patches stand for themselves, and each mail passed on the way is added, so
    that a chain of replies costs what its length does.
    """
    path: dict[str, None] = {}
    step: str | None = name
    while step is not None and step not in nearest:
        path[step] = None
        step = next((other for other in above.get(step, ()) if other in above and other not in path), None)
    found = nearest[step] if step is not None else None
    nearest.update(dict.fromkeys(path, found))
    return found


def _is_cover(message: Message) -> bool:
    subject = parse_subject(message.subject)
    if subject.position == 0 and subject.total != 0:  # "0/0" numbers a single patch
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
        read = read_line(line) if len(line) < LONGEST else None
        if read is None and given and (BRACKETED.match(line[:LONGEST]) or _ADDRESS_LINE.match(line[:400])):
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

"""The grammar of "[PATCH RFC v2 1/3] ...".

    subject   = *( mark / bracket ) ( notice / title )    ; as git mailinfo strips them
    mark      = ( "Re" / "AW" / "回复" / "Fwd" / ... ) [ "[" number "]" / "^" number ] ( ":" / "：" )
    bracket   = "[" *( word / version / numbering ) "]"   ; parted by blanks, commas, "-" or "/"
    word      = "PATCH" / "RFC" / "RESEND" / "PULL" / any text ("net-next", "5.10")
    version   = ( "v" / "ver" / "rev" / "take" / "try" ) [ " " / "#" ] number [ "." number ]
    numbering = position "/" total / position " of " total       ; "2/n" gives a position alone
    notice    = [ "+" / "-" ] name ".patch" ( "added to" / "removed from" ) ... ( "tree" / "branch" )

A bracket in which no word, version or numbering is known is a tag: a list's ("[linux-mm]") or a subsystem's
("[media]"). A patch's tags are dropped from the title, as git mailinfo drops them; elsewhere only a leading
list's tag is, since "[syzbot] BUG in foo" is a title. A notice is a mail of the -mm tree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_MARK = re.compile(
    r"(?:(?P<reply>(?i:re|aw|antw|antwort|sv|odp|ynt)|VS|回[复覆]|答[复覆])|(?P<forward>(?i:fwd?|wg)|TR|VB|转发|轉寄))"
    r" ?(?:\[[0-9]{1,4}\]|\^[0-9]{1,4}|\([0-9]{1,4}\))? ?[:：]"
)
_PATCH = ("PATCH", "PATCHES", "PATCHSET")
_RESEND = ("RESEND", "RESENT", "REPOST")
_KNOWN = re.compile(
    r"(?P<word>PATCHSET|PATCHES|PATCH|RESEND|RESENT|REPOST|RFC|RFT|PULL)(?=[^A-Za-z]|$|v[0-9])", re.IGNORECASE
)
_VERSION = re.compile(
    r"-?(?P<kind>v|ver|version|rev|take|try)[.#-]?(?P<number>[0-9]{1,4})(?:\.(?P<minor>[0-9]{1,4}))?(?![0-9A-Za-z.])",
    re.IGNORECASE,
)
_NUMBERING = re.compile(r"#?(?P<position>[0-9]{1,4})/(?P<total>[0-9]{1,4}|[A-Za-z]{1,2})")
_NUMBER = re.compile(r"[0-9]{1,4}")
_LIST_TAG = re.compile(r"[A-Za-z][\w.+]*(?:-[\w.+]+)+")
_NOTICE = re.compile(r"[+-]? ?(?P<name>\S+)\.patch (?P<what>added to|removed from) [^\]]*(?:tree|branch)")
_TITLE_END = re.compile(r"\(([A-Za-z]{3,6}|v[0-9]{1,3}|(?:take|try) #?[0-9]{1,3})\)$", re.I)
_FIX = re.compile(r"(?P<of>\S+?)-fix(?:es)?(?:-(?:fix(?:es)?|v?[0-9]{1,3}|checkpatch-fixes))*", re.I)
_LONGEST = 2000
"""Characters that are searched for brackets. A longer subject is hostile, and stays title from there on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A mail's subject, taken apart. str() gives one that parses to the same."""

    title: str
    """What is left without reply marks and the leading brackets; brackets of its own stay. Of a notice the
    name of its patch, without ".patch"."""
    is_reply: bool = False
    """Whether "Re:" or the like stands before it."""
    is_forward: bool = False
    """Whether "Fwd:" or the like stands before it."""
    is_patch: bool = False
    """Whether a bracket says PATCH or has a version or numbering ("[RFC 1/3]"), or a notice says "added"."""
    is_pull: bool = False
    """Whether a bracket says PULL."""
    prefixes: tuple[str, ...] = ()
    """The words of the leading brackets in order, as written, without version, numbering and tags."""
    tags: tuple[str, ...] = ()
    """What stood in leading brackets that were dropped: lists, subsystems, -mm's states ("folded-merged")."""
    rfc: bool = False
    resend: bool = False
    label: str = ""
    """The version as written, in lower case: "v2", "v5.1", "take 3"; "" where there is none."""
    version: int | None = None
    """The version's integer part; None where the subject tells none (which is usually 1)."""
    minor: int | None = None
    """1 in "v5.1"; None where there is none."""
    position: int | None = None
    """0 for a cover letter."""
    total: int | None = None
    notice: str = ""
    """"added" or "removed" where the -mm tree's mails say so."""

    @property
    def fix_of(self) -> str | None:
        """The patch that a "-fix" name of the -mm tree amends ("mm-foo" of "mm-foo-fix", "mm-foo-fix-2")."""
        found = _FIX.fullmatch(self.title) if len(self.title) < _LONGEST else None
        return found["of"] if found else None

    def __str__(self) -> str:
        """Render in the usual order: marks, tags, one bracket, title."""
        words = [*self.prefixes, *([self.label] if self.label else [])]
        if self.position is not None:
            words.append(f"{self.position}/{'n' if self.total is None else self.total}")
        marks = ("Re: " if self.is_reply else "") + ("Fwd: " if self.is_forward else "")
        brackets = "".join(f"[{tag}] " for tag in self.tags) + (f"[{' '.join(words)}] " if words else "")
        if self.notice:
            place = "added to" if self.notice == "added" else "removed from"
            return f"{marks}{brackets}{self.title}.patch {place} -mm tree"
        return marks + brackets + self.title


@dataclass(slots=True)
class _Prefix:
    """What the brackets said so far."""

    words: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    label: str = ""
    version: int | None = None
    minor: int | None = None
    position: int | None = None
    total: int | None = None

    def says(self, *names: str) -> bool:
        found = (_KNOWN.match(word) for word in self.words)
        return any(match is not None and match["word"].upper() in names for match in found)

    def is_patch(self) -> bool:
        return self.says(*_PATCH) or self.position is not None or self.version is not None


def parse_subject(text: str) -> Subject:
    """Take a decoded, unfolded subject apart; never raises, and what is no prefix is title."""
    text = " ".join(text.split())
    head, prefix = text[:_LONGEST], _Prefix()
    is_reply = is_forward = False
    at = plain = 0  # plain: where the title starts when no bracket turns out to be a patch's
    while True:
        while head[at : at + 1] in (" ", ":"):
            at += 1
        if mark := _MARK.match(head, at):
            is_reply, is_forward = is_reply or bool(mark["reply"]), is_forward or bool(mark["forward"])
            at = plain = mark.end()
        elif end := _closing(head, at):
            inner = head[at + 1 : end].strip()
            if not _read_bracket(inner, prefix):
                if plain == at and _LIST_TAG.fullmatch(inner):
                    plain = end + 1
                prefix.tags.append(inner)
            at = end + 1
        else:
            break
        plain += head[plain : plain + 1] == " "
    title = text[at:]
    if notice := _NOTICE.fullmatch(title[:_LONGEST]):
        state = notice["what"].split()[0]
        return Subject(
            title=notice["name"], is_reply=is_reply, is_forward=is_forward, is_patch=state == "added",
            tags=tuple(prefix.tags), notice=state,
        )  # fmt: skip
    if not prefix.words and not prefix.is_patch():
        return Subject(title=text[plain:].strip(), is_reply=is_reply, is_forward=is_forward)
    resend = _read_title_end(title, prefix)
    return Subject(
        title=title, is_reply=is_reply, is_forward=is_forward,
        is_patch=prefix.is_patch(), is_pull=prefix.says("PULL"), prefixes=tuple(prefix.words),
        tags=tuple(prefix.tags), rfc=prefix.says("RFC"), resend=resend or prefix.says(*_RESEND),
        label=prefix.label, version=prefix.version, minor=prefix.minor,
        position=prefix.position, total=prefix.total,
    )  # fmt: skip


def _closing(text: str, at: int) -> int | None:
    """Index of the "]" that closes the bracket at `at`, those inside it counted; None where there is none."""
    if text[at : at + 1] != "[":
        return None
    depth = 0
    for index in range(at, len(text)):
        depth += (text[index] == "[") - (text[index] == "]")
        if depth == 0:
            return index
    first = text.find("]", at)  # as git mailinfo, where they do not pair
    return first if first > at else None


def _read_bracket(inner: str, prefix: _Prefix) -> bool:
    """Read one bracket into `prefix`; False, and nothing read, where no word of it is known."""
    tokens = _tokens(inner)
    words: list[str] = []
    known = bool(_read_of(tokens, prefix))
    for index, token in enumerate(tokens):
        after_for = index > 0 and tokens[index - 1].lower() == "for"  # "[GIT PULL FOR v5.2]" names a release
        if numbering := _NUMBERING.fullmatch(token):
            total = numbering["total"]
            prefix.position = int(numbering["position"])
            prefix.total = int(total) if total[0].isdigit() else None
        elif (version := _VERSION.fullmatch(token)) and not after_for:
            _read_version(version, prefix)
        else:
            known = known or _KNOWN.match(token) is not None
            words.append(token)
            continue
        known = True
    if known:
        prefix.words += words
    return known


def _tokens(inner: str) -> list[str]:
    """Return the bracket's words, glued ones parted ("PATCHv3-RFC" is three), versions joined ("take3")."""
    inner = re.sub(r"(?i)\b(v|ver|version|rev|take|try) #?([0-9])", r"\1\2", inner)
    tokens: list[str] = []
    for token in re.split(r"[ ,;()\[\]]+", inner):
        rest = token
        while known := _KNOWN.match(rest):
            behind = rest[known.end() :].lstrip("-/_+")
            if behind and not any(p.match(behind) for p in (_KNOWN, _VERSION, _NUMBERING)):
                break
            tokens.append(known["word"])
            version = _VERSION.match(behind)
            if version and not behind[version.end() :].startswith("/"):
                tokens.append(version[0])
                behind = behind[version.end() :].lstrip("-/_+")
            rest = behind
        if rest:
            tokens.append(rest)
    return tokens


def _read_of(tokens: list[str], prefix: _Prefix) -> bool:
    """Read Mercurial's "1 of 3" and take it out of `tokens`."""
    found, index = False, 1
    while index < len(tokens) - 1:
        before, of, after = tokens[index - 1 : index + 2]
        if of.lower() == "of" and _NUMBER.fullmatch(before) and _NUMBER.fullmatch(after):
            prefix.position, prefix.total = int(before), int(after)
            del tokens[index - 1 : index + 2]
            found, index = True, max(1, index - 2)
        else:
            index += 1
    return found


def _read_version(version: re.Match[str], prefix: _Prefix) -> None:
    kind = version["kind"].lower()
    minor = version["minor"]
    if minor is not None and prefix.version is not None:
        return  # "[PATCH v2 v5.10 1/3]" is v2 for a stable series
    gap = " " if kind in ("take", "try") else ""
    prefix.label = f"{kind}{gap}{version['number']}" + (f".{minor}" if minor else "")
    prefix.version = int(version["number"])
    prefix.minor = int(minor) if minor else None


def _read_title_end(title: str, prefix: _Prefix) -> bool:
    """Read "(resend)", "(v2)" and "(try #2)" at the title's end, where they stay; whether it says resend."""
    found = _TITLE_END.search(title[-20:])
    if found is None:
        return False
    version = _VERSION.fullmatch(found[1].replace(" ", "").replace("#", ""))
    if version and prefix.version is None:
        _read_version(version, prefix)
    return found[1].upper() in _RESEND

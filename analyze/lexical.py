"""C text -> the same text with comments, strings and directives blanked in place, and its directives.

Nothing here moves a character: every string has the length of the text it came from, and a newline stands
wherever the text has one, so that an offset or a line found in one of them holds in all.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

# The phases of translation that matter here (C11 5.1.1.2): comments, literals, and logical directive lines
# with
# their continuations. Every repetition is possessive or starts with a class that excludes what follows it, so
# that the scan is linear on any text. An unterminated comment runs to the end, an unterminated literal to
# its line's.
_TOKEN = re.compile(
    r"""
    (?P<comment> /\*(?:[^*]++|\*(?!/))*+(?:\*/)?+ | //(?:[^\n\\]++|\\\r?\n|\\)*+ )
  | (?P<string> "(?:[^"\\\n]++|\\\r?\n|\\.|\\)*+"?+ )
  | (?P<char> '(?:[^'\\\n]++|\\.|\\)*+'?+ )
  | (?P<directive> ^[ \t]*+\#(?:[^\n\\/"]++|\\\r?\n|\\.|\\|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?+|//[^\n\\]*+
        |"(?:[^"\\\n]++|\\.)*+"?+|/)*+ )
    """,
    re.VERBOSE | re.MULTILINE,
)
_CONTINUED = re.compile(r"\\\r?\n")
_DIRECTIVE = re.compile(r"[ \t]*\#[ \t]*(\w*)[ \t]*(.*)", re.DOTALL)
_COMMENT = re.compile(r"/\*(?:[^*]++|\*(?!/))*+(?:\*/)?+|//[^\n]*+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_VISIBLE = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """One preprocessor directive, continuation lines included."""

    name: str
    """"if", "ifdef", "define", "include", ...; "" for a lone #."""
    argument: str
    """What follows the name: continuations joined, comments left out, blanks collapsed."""
    start: int
    """Offset of its first character (of the line)."""
    end: int
    """Offset behind its last character; the newline is not part of it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A C text and its two blanked copies, all of one length."""

    text: str
    code: str
    """ASCII; comments and directives other than conditionals blanked."""
    mask: str
    """`code` with every directive and what stands inside string and character literals blanked too."""
    directives: tuple[Directive, ...]
    comments: tuple[tuple[int, int], ...]
    """Offsets of each comment, start and end."""
    line_starts: tuple[int, ...]

    def line(self, offset: int) -> int:
        """Return the 1-based line of an offset."""
        return bisect_right(self.line_starts, offset)

    def line_span(self, first: int, last: int) -> tuple[int, int]:
        """Return the offsets of the lines first..last, without the last one's newline."""
        start = self.line_starts[first - 1]
        end = self.line_starts[last] - 1 if last < len(self.line_starts) else len(self.text)
        return start, max(start, end)


def blank(text: str) -> str:
    """Return `text` with every character but the newlines made a blank."""
    if "\n" not in text:
        return " " * len(text)
    return _VISIBLE.sub(lambda match: " " * len(match.group()), text)


def scan(text: str, *, fragment: bool = False) -> Source:
    """Blank `text` in one linear pass. A `fragment` may begin inside a comment."""
    ascii_text = text if text.isascii() else _NOT_ASCII.sub("?", text)
    code: list[str] = []
    mask: list[str] = []
    directives: list[Directive] = []
    comments: list[tuple[int, int]] = []
    at = _open_comment(ascii_text) if fragment else 0
    if at:
        comments.append((0, at))
        code.append(blank(ascii_text[:at]))
        mask.append(code[-1])
    for match in _TOKEN.finditer(ascii_text, at):
        start, end = match.span()
        code.append(ascii_text[at:start])
        mask.append(code[-1])
        kind, token = match.lastgroup, match.group()
        at = end
        if kind == "comment":
            comments.append((start, end))
            code.append(blank(token))
            mask.append(code[-1])
        elif kind == "directive":
            directive = _directive(token, start, end)
            directives.append(directive)
            if "/" in token:
                comments += [
                    (start + found.start(), start + found.end()) for found in _COMMENT.finditer(token)
                ]
            mask.append(blank(token))
            code.append(_without_comments(token) if directive.name in CONDITIONALS else mask[-1])
        else:
            code.append(token)
            mask.append(_hollow(token))
    code.append(ascii_text[at:])
    mask.append(code[-1])
    starts = (0, *(match.end() for match in re.finditer("\n", text)))
    return Source(text, "".join(code), "".join(mask), tuple(directives), tuple(comments), starts)


CONDITIONALS = frozenset({"if", "ifdef", "ifndef", "elif", "elifdef", "elifndef", "else", "endif"})


def _hollow(literal: str) -> str:
    closed = len(literal) > 1 and literal[-1] == literal[0]
    return literal[0] + blank(literal[1 : -1 if closed else None]) + (literal[0] if closed else "")


def _without_comments(directive: str) -> str:
    if "/" not in directive:
        return directive
    return _COMMENT.sub(lambda match: blank(match.group()), directive)


def _directive(token: str, start: int, end: int) -> Directive:
    match = _DIRECTIVE.match(_CONTINUED.sub("  ", token))
    name, argument = match.groups() if match else ("", "")
    if "/" in argument:
        argument = _COMMENT.sub(" ", argument)
    return Directive(name=name, argument=" ".join(argument.split()), start=start, end=end)


def _open_comment(text: str) -> int:
    """Return the offset behind the comment that was open before a fragment's first line, 0 where none was."""
    close = text.find("*/")
    if close < 0:
        starred = [line.lstrip() for line in text.split("\n") if line.strip()]
        return (
            len(text) if starred and all(line == "*" or line[:2] in ("* ", "*\t") for line in starred) else 0
        )
    opened = text.find("/*", 0, close)
    return close + 2 if opened < 0 else 0


def first_arms(source: Source, start: int, end: int) -> str:
    """Return mask[start:end] with only the first arm of each conditional in it (of `#if 0` the second)."""
    text = source.mask[start:end]
    low = bisect_left(source.directives, start, key=lambda directive: directive.start)
    high = bisect_left(source.directives, end, key=lambda directive: directive.start)
    if low == high:
        return text
    parts, at = [], start
    for begin, stop in other_arms(source.directives[low:high], start, end):
        parts += [source.mask[at:begin], blank(source.mask[begin:stop])]
        at = stop
    return "".join((*parts, source.mask[at:end]))


def first_arms_only(source: Source, start: int, end: int, *, last: bool = False) -> list[tuple[int, int]]:
    """Return the spans to blank so that one arm of each conditional is left, its directives among them."""
    low = bisect_left(source.directives, start, key=lambda directive: directive.start)
    high = bisect_left(source.directives, end, key=lambda directive: directive.start)
    inside = source.directives[low:high]
    hidden = [(found.start, min(end, found.end)) for found in inside if found.name in CONDITIONALS]
    return hidden + other_arms(inside, start, end, last=last)


def other_arms(
    directives: Sequence[Directive], start: int, end: int, *, last: bool = False
) -> list[tuple[int, int]]:
    """Return the spans of the arms that are not taken when every conditional's first arm is (of `#if 0` the
    second).

    With `last` the arm behind #else is taken instead, where there is one (none otherwise). A conditional
    that was opened in front of `start` is in its first arm there.
    """
    spans: list[tuple[int, int]] = []
    taken = [True]  # by nesting: whether this level's arm was taken already
    hidden = -1  # the level that hides, -1 for none
    since = start
    for directive in directives:
        if directive.name.startswith("if"):
            dead = last or (directive.name == "if" and directive.argument == "0")
            taken.append(not dead)
            if dead and hidden < 0:
                hidden, since = len(taken), directive.end
        elif directive.name == "endif":
            if hidden >= len(taken):
                spans.append((since, directive.start))
                hidden = -1
            if len(taken) > 1:
                taken.pop()
        elif directive.name in CONDITIONALS:
            if hidden == len(taken) and not taken[-1]:
                spans.append((since, directive.start))
                hidden, taken[-1] = -1, True
            elif hidden < 0:
                hidden, since = len(taken), directive.end
    if hidden >= 0:
        spans.append((since, end))
    return [(max(start, begin), min(end, stop)) for begin, stop in spans if begin < stop]

"""A C file -> its definitions, cut at file level by braces and the preprocessor's conditionals. No parser
yet.

One broken construct costs a parser of whole files every function behind it; so a file is cut first, and each
piece
is parsed alone. Braces are counted, and the kernel's layout (coding-style.rst, section 3: the braces of a
function
and a type stand in column 0) puts the count right where it went wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from .conditions import Conditions, include_guard
from .headers import Header, is_bare_calls, read_header
from .lexical import CONDITIONALS, Directive, Source, first_arms, scan

_BRACKET = re.compile(r"[(){}\[\];]")
_NOT_BLANK = re.compile(r"\S")
_NEXT = re.compile(r"\s*+(\S?)")
_KNR = re.compile(r"\s*+(?:[^(){};=]{1,200};\s*+){0,20}\{")
_DEFINED = re.compile(r"#[ \t]*define[ \t]+(\w+)")
_LABEL = re.compile(r"\w+[ \t]*:")
_CALLS_BRACE = re.compile(r"(?:\s*+\w++[ \t]*+\([^(){};]*+\))*+\s*+\{")
_LONGEST_HEADER = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A definition or another thing at file level, as offsets into its source."""

    name: str
    symbol: str
    """As functions.Definition.symbol; "other" for includes, exported symbols and other macro calls."""
    start: int
    end: int
    """From its first token to behind its last one."""
    name_at: int
    """Where its name stands."""
    body: int
    """The offset of the brace that opens its body; -1 where it has none."""
    config: str | None
    closed: bool
    """False where its end was guessed: its braces do not balance."""


@dataclass(slots=True)
class _State:
    """Where the cut stands: open braces, open parentheses at file level, and the segment in progress."""

    depth: int = 0
    parens: int = 0
    last: int = 0
    """Behind the last thing that was cut off."""
    body: int = -1
    header: Header | None = None

    def copy(self) -> _State:
        return _State(self.depth, self.parens, self.last, self.body, self.header)


@dataclass(slots=True)
class _Arm:
    """An open #if: the state in front of it, and the one that its first arm left."""

    before: _State
    dead: bool
    first: _State | None = None


@dataclass(slots=True)
class _Cutter:
    source: Source
    state: _State = field(default_factory=_State)
    arms: list[_Arm] = field(default_factory=list)
    conditions: Conditions = field(default_factory=Conditions)
    pieces: list[Piece] = field(default_factory=list)
    emitted: int = 0
    started: tuple[str, ...] = ()
    """The conditions in front of the segment in progress."""
    start: int = -1
    """Where it begins; -1 while none is in progress."""
    blank_to: int = 0
    """From state.last up to here the mask is known to be blank."""

    def run(self) -> list[Piece]:
        mask = self.source.mask
        first = self.state.last
        directives = (found for found in self.source.directives if found.start >= first)
        coming = next(directives, None)
        for match in _BRACKET.finditer(mask, self.state.last):
            at = match.start()
            while coming is not None and coming.start < at:
                self.begin(coming.start)
                self.direct(coming)
                coming = next(directives, None)
            self.begin(at)
            self.step(match.group(), at)
        while coming is not None:
            self.begin(coming.start)
            self.direct(coming)
            coming = next(directives, None)
        self.begin(len(mask))
        if self.start >= 0:
            self.close(len(mask), closed=self.state.depth == 0 and self.is_ended())
        return self.pieces

    def is_ended(self) -> bool:
        """Say whether the text's last segment ends without a semicolon or brace: a macro call, or a body."""
        return self.state.body >= 0 or is_bare_calls(self.source.mask[self.start :])

    def begin(self, before: int) -> None:
        """Notice that a segment began in front of `before`, under the conditions that hold there."""
        if self.start < 0:
            found = _NOT_BLANK.search(self.source.mask, max(self.state.last, self.blank_to), before + 1)
            self.blank_to = found.start() if found else max(self.blank_to, before)
            if found and self.source.mask[found.start()] not in ";})":
                self.start = found.start()
                self.started = self.conditions.stack()

    # Brackets

    def step(self, bracket: str, at: int) -> None:
        state = self.state
        if bracket == "{":
            self.open_brace(at)
        elif bracket == "}":
            self.close_brace(at)
        elif state.depth == 0:
            if bracket in "([":
                state.parens += 1
            elif bracket in ")]":
                state.parens = max(0, state.parens - 1)
            elif state.parens == 0 or self.at_margin(at + 1):
                self.semicolon(at)

    def open_brace(self, at: int) -> None:
        state = self.state
        margin = self.at_line_start(at)
        if state.depth == 0 and (margin or state.parens == 0):
            state.parens = 0
            if self.start >= 0 and (state.body < 0 or self.returns_aggregate(at)):
                state.header = state.header or self.read(at)
                state.body = at
        elif margin and state.depth > 0 and state.body >= 0:
            self.lost_end(at)
            state = self.state
        state.depth += 1

    def returns_aggregate(self, at: int) -> bool:
        """Notice a function whose header defines the type that it returns: `enum result { A, B } name(...)
        {`."""
        state, mask = self.state, self.source.mask
        closed = mask.rfind("}", state.body, at) + 1
        if (
            state.header is None
            or state.header.symbol not in ("struct", "union", "enum")
            or at - closed > _LONGEST_HEADER
        ):
            return False
        found = read_header(mask[closed:at], closed, body=True)
        if not closed or found.symbol != "function":
            return False
        state.header = replace(found, start=self.start)
        return True

    def lost_end(self, at: int) -> None:
        """Begin anew at a brace in column 0 whose header, in column 0 too, is a function's."""
        mask = self.source.mask
        floor = max(self.state.body + 1, at - _LONGEST_HEADER)
        cut = max(mask.rfind(sign, floor, at) for sign in "{};")
        if cut < 0:
            return
        found = _NOT_BLANK.search(mask, cut + 1, at)
        if not found or not self.at_line_start(found.start()) or mask[cut] == "{":
            return
        header = read_header(self.source.mask[found.start() : at], found.start(), body=True)
        if header.symbol != "function" or header.plain:
            return
        self.close(cut + 1, closed=False)
        self.begin(at - 1)
        self.state.header, self.state.body = header, at

    def close_brace(self, at: int) -> None:
        state = self.state
        if state.depth == 0:
            state.last, self.start = at + 1, -1
            return
        state.depth -= 1
        closed = state.depth == 0
        if not closed and self.at_line_start(at) and state.body >= 0 and self.at_margin(at + 1):
            state.depth = 0
        if state.depth == 0 and state.header is not None and state.header.symbol == "function":
            self.close(at + 1, closed=closed)

    def semicolon(self, at: int) -> None:
        if self.start < 0:
            self.state.last = at + 1
            return
        if (
            self.state.body < 0
            and _KNR.match(self.source.mask, at + 1, at + _LONGEST_HEADER)
            and self.read(at).knr
        ):
            return
        self.close(at + 1, closed=True)

    def at_line_start(self, at: int) -> bool:
        return at == 0 or self.source.mask[at - 1] == "\n"

    def at_margin(self, at: int) -> bool:
        """Say whether what follows `at` begins a new line in column 0 with a name that is no label, or is
        the end."""
        match = _NEXT.match(self.source.mask, at)
        if match is None or not match.group(1):
            return True
        here, sign = match.start(1), match.group(1)
        new = self.source.mask[here - 1] == "\n" and here > at
        return new and (sign.isalpha() or sign == "_") and not _LABEL.match(self.source.mask, here, here + 80)

    # Conditionals

    def direct(self, directive: Directive) -> None:
        if directive.name in CONDITIONALS:
            self.end_call(directive.start)
            self.conditional(directive)
            self.conditions.step(directive)
        elif directive.name == "define":
            self.define(directive)
        elif (
            directive.name in ("include", "pragma", "undef", "error")
            and self.state.depth == 0
            and self.start < 0
        ):
            self.add(f"#{directive.name} {directive.argument}", "other", directive.start, directive.end)

    def conditional(self, directive: Directive) -> None:
        if directive.name.startswith("if"):
            dead = directive.name == "if" and directive.argument == "0"
            self.arms.append(_Arm(self.state.copy(), dead))
        elif not self.arms:
            return
        elif directive.name == "endif":
            self.end_conditional(self.arms.pop())
        else:
            arm = self.arms[-1]
            if arm.first is None and not arm.dead:
                arm.first = self.state.copy()
            if arm.dead or self.state.depth != arm.before.depth or self.state.parens != arm.before.parens:
                self.back_to(arm.before)
            arm.dead = False

    def end_call(self, at: int) -> None:
        """End a macro call without a semicolon at a conditional, unless it is an arm of a function's
        header."""
        state, mask = self.state, self.source.mask
        if (
            self.start < 0
            or state.depth
            or state.parens
            or state.body >= 0
            or at - self.start > _LONGEST_HEADER
        ):
            return
        if is_bare_calls(mask[self.start : at]) and not _CALLS_BRACE.match(mask, at, at + _LONGEST_HEADER):
            self.close(at, closed=True)

    def end_conditional(self, arm: _Arm) -> None:
        if arm.dead:
            self.back_to(arm.before)
        elif arm.first is not None and self.state.depth != arm.first.depth:
            self.back_to(arm.first)

    def back_to(self, state: _State) -> None:
        known = self.state.last
        self.blank_to = 0
        self.state = state.copy()
        if state.depth == 0 and state.body < 0:
            self.state.last = max(state.last, self.emitted)
            if self.start >= 0 and self.start < self.state.last:
                self.start = -1
        else:
            self.state.last = max(state.last, min(known, self.emitted))

    # Pieces

    def read(self, end: int) -> Header:
        text = first_arms(self.source, self.start, min(end, self.start + _LONGEST_HEADER))
        cut_off = end >= len(self.source.mask)
        if cut_off:  # the text ends in a header, as hunks do
            text = text.rstrip() + ")" * self.state.parens
        return read_header(
            text, self.start, body=self.source.mask[end : end + 1] == "{" or self.state.parens > 0
        )

    def close(self, end: int, *, closed: bool) -> None:
        state = self.state
        header = state.header
        if header is None:
            header = self.read(end - 1 if self.source.mask[end - 1 : end] == ";" else end)
        for call in header.calls:
            self.add(call.name, "other", call.start, call.end)
        if header.start < end:
            config = self.conditions.text(self.started)
            piece = Piece(
                name=header.name, symbol=header.symbol, start=header.start, end=end, name_at=header.name_at,
                body=state.body, config=config, closed=closed,
            )  # fmt: skip
            self.pieces.append(piece)
        self.emitted = end
        self.state = _State(last=end)
        self.start = -1

    def add(self, name: str, symbol: str, start: int, end: int) -> None:
        config = self.conditions.text(self.conditions.stack())
        self.pieces.append(
            Piece(
                name=name,
                symbol=symbol,
                start=start,
                end=end,
                name_at=start,
                body=-1,
                config=config,
                closed=True,
            )
        )

    def define(self, directive: Directive) -> None:
        found = _DEFINED.search(self.source.text, directive.start, directive.end)
        if found:
            self.add(found.group(1), "macro", directive.start, directive.end)
        if self.start < 0 and self.state.depth == 0:
            self.state.last = max(self.state.last, directive.end)


def cut(source: Source, start: int = 0) -> tuple[Piece, ...]:
    """Return what stands at file level from `start` on, ordered by its start; macros inside functions are
    among it."""
    cutter = _Cutter(source, _State(last=start))
    cutter.conditions.guard = include_guard(source.directives)
    return tuple(sorted(cutter.run(), key=lambda piece: (piece.start, -piece.end)))


@lru_cache(maxsize=16)
def cut_text(text: str) -> tuple[Source, tuple[Piece, ...]]:
    """Return a text read, and what stands at file level in it: for those who ask several times."""
    source = scan(text)
    return source, cut(source)

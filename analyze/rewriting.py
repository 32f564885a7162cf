"""A text under rewriting: its edits, its brackets, and what stands around a place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_BRACKET = re.compile(r"[(){}\[\],]")
_SPACE = re.compile(r"\s*+")
_LAST_WORD = re.compile(r"[A-Za-z_]\w*\Z")
_REACH = 400
"""How far back a rule looks for the token in front of a place; further away counts as none."""
_PARTNER = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """One application of a rule: what stood at start..end of the definition was written over."""

    rule: str
    start: int
    end: int


@dataclass(slots=True)
class Brackets:
    """The brackets of a text, matched by kind; what does not match is left out."""

    close: dict[int, int]
    """Opening offset -> closing offset."""
    open: dict[int, int]
    """Closing offset -> opening offset."""
    commas: dict[int, list[int]]
    """Opening offset of a parenthesis -> its own commas."""
    around: dict[int, int]
    """Offset of a comma -> the bracket around it."""


def match_brackets(mask: str) -> Brackets:
    """Match the brackets of a masked text in one pass. A brace closes what was left open inside it."""
    found = Brackets({}, {}, {}, {})
    stack: list[int] = []
    for match in _BRACKET.finditer(mask):
        at, sign = match.start(), match.group()
        if sign == ",":
            if stack:
                found.around[at] = stack[-1]
                found.commas.setdefault(stack[-1], []).append(at)
        elif sign in "([{":
            stack.append(at)
        else:
            partner = _PARTNER[sign]
            if sign == "}":
                while stack and mask[stack[-1]] != "{":
                    stack.pop()
            if stack and mask[stack[-1]] == partner:
                opened = stack.pop()
                found.close[opened] = at
                found.open[at] = opened
    return found


@dataclass(slots=True)
class Work:
    """One definition while rules rewrite it. `code` and `mask` are as in lexical.Source, cut to the
    definition."""

    code: str
    mask: str
    body: int
    """Offset of the brace that opens the body; -1 where there is none or it is not known."""
    function: bool
    rewrites: list[Rewrite] = field(default_factory=list)
    _edits: list[tuple[int, int, str, str]] = field(default_factory=list)
    _brackets: Brackets | None = None

    @property
    def brackets(self) -> Brackets:
        """The brackets of the text as it stands."""
        if self._brackets is None:
            self._brackets = match_brackets(self.mask)
        return self._brackets

    def write(self, rule: str, start: int, new: str) -> None:
        """Write `new` over what stands at `start`; newlines in the text stay."""
        self._edits.append((start, start + len(new), new, rule))

    def blank(self, rule: str, start: int, end: int) -> None:
        """Write blanks over start..end."""
        self._edits.append((start, end, " " * (end - start), rule))

    def apply(self) -> None:
        """Carry the edits out; of two that overlap the one that begins first, then the longer one, counts."""
        if not self._edits:
            return
        code: list[str] = []
        mask: list[str] = []
        at = 0
        for start, end, new, rule in sorted(self._edits, key=lambda edit: (edit[0], -edit[1])):
            if start < at or end > len(self.code) or start >= end:
                continue
            old = self.code[start:end]
            if "\n" in old:
                new = "".join("\n" if was == "\n" else now for was, now in zip(old, new, strict=True))
            if new != old:
                self.rewrites.append(Rewrite(rule=rule, start=start, end=end))
            code += [self.code[at:start], new]
            mask += [self.mask[at:start], new]
            at = end
        self.code = "".join((*code, self.code[at:]))
        self.mask = "".join((*mask, self.mask[at:]))
        self._edits.clear()
        self._brackets = None

    # What stands around a place

    def before(self, at: int) -> int:
        """Return the offset of the last character before `at` that is no white space; -1 where none is
        near."""
        low = max(0, at - _REACH)
        return low + len(self.mask[low:at].rstrip()) - 1 if self.mask[low:at].strip() else -1

    def sign_before(self, at: int) -> str:
        """Return that character; "" where there is none."""
        here = self.before(at)
        return self.mask[here] if here >= 0 else ""

    def word_before(self, at: int) -> str:
        """Return the word that ends right before `at`, white space aside; "" where another token does."""
        here = self.before(at)
        match = _LAST_WORD.search(self.mask, max(0, here - 80), here + 1) if here >= 0 else None
        return match.group() if match else ""

    def after(self, at: int) -> int:
        """Return the offset of the first character from `at` on that is no white space; the length where
        none is."""
        match = _SPACE.match(self.mask, at)
        return match.end() if match else at

    def sign_after(self, at: int) -> str:
        """Return that character; "" where there is none."""
        here = self.after(at)
        return self.mask[here : here + 1]

    def indentation(self, at: int) -> int:
        """Return the width of the white space that begins the line of `at`, tabs counted as eight columns."""
        start = self.mask.rfind("\n", 0, at) + 1
        lead = self.mask[start : start + 200]
        return len(lead[: len(lead) - len(lead.lstrip(" \t"))].expandtabs(8))

"""A hunk's text as words with their places: what is left to tell when white space and line ends cannot be
trusted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .region import Seen

MAX_WORDS = 60_000
"""Words of one hunk that are looked at."""
_WORD = re.compile(r"\S+")


class WordStream:
    """The words of a hunk's lines; positions 0..len are boundaries, the last one is the end of the text."""

    def __init__(self, lines: Sequence[Seen], joined: bool = False) -> None:
        self.lines = lines
        self.words: list[str] = []
        self.line: list[int] = []
        self.span: list[tuple[int, int]] = []
        self.begins: list[bool] = []
        self.blanks: list[int] = []
        """Empty lines at the diff's own depth directly in front of the word; where line ends are lost, a
        line end
        that is left is taken for one."""
        empty = 0
        for number, seen in enumerate(lines):
            if len(self.words) >= MAX_WORDS:
                break
            for count, match in enumerate(_WORD.finditer(seen.text)):
                self.words.append(match.group())
                self.line.append(number)
                self.span.append(match.span())
                self.begins.append(count == 0 and number > 0)
                self.blanks.append((empty or (joined and number > 0)) if count == 0 else 0)
                empty = 0
            empty += seen.own and number > 0 and not seen.text.strip()
        self.blanks.append(empty)
        self.begins.append(True)
        self.text = "".join(self.words)
        self.offset = [0]
        for word in self.words:
            self.offset.append(self.offset[-1] + len(word))
        self._boundary = {offset: at for at, offset in enumerate(self.offset)}
        self._next = self._next_begins()

    def _next_begins(self) -> list[int]:
        following = [len(self.words)] * (len(self.words) + 1)
        for at in range(len(self.words) - 1, -1, -1):
            following[at] = at + 1 if self.begins[at + 1] else following[at + 1]
        return following

    def __len__(self) -> int:
        return len(self.words)

    def next_line(self, at: int) -> int:
        """Return the boundary where the next line starts behind word `at`."""
        return self._next[at]

    def match(self, at: int, squeezed: str, skip: int = 0) -> int | None:
        """Return the boundary behind `squeezed` (text without white space) if it stands `skip` characters
        behind `at`.
        """
        offset = self.offset[at] + skip
        if not self.text.startswith(squeezed, offset):
            return None
        return self._boundary.get(offset + len(squeezed))

    def sign(self, at: int) -> str:
        """Return "+" or "-" where word `at` starts so and may be a diff line's sign, else ""."""
        if at >= len(self.words) or self.words[at][0] not in "+-":
            return ""
        start, _ = self.span[at]
        return "" if self.begins[at] and start > 0 else self.words[at][0]

    def own(self, at: int) -> bool:
        """Whether word `at` stands at the diff's own depth of quoting."""
        return self.lines[self.line[at]].own

    def led(self, at: int) -> str:
        """Return the first character of the line of word `at`."""
        return self.lines[self.line[at]].text[:1]

    def full_before(self, at: int) -> bool:
        """Whether the line in front of the line-beginning word `at` was so long that a mailer may have
        wrapped it there.
        """
        line = self.lines[self.line[at - 1]]
        columns = len((" " * line.column + line.text.rstrip()).expandtabs(8))
        return columns + 1 + min(len(self.words[at]), 40) >= 66

    def adjoins(self, at: int) -> bool:
        """Whether the line of word `at`, not at the diff's depth, stands directly below a full line that
        is.
        """
        if not at or self.line[at] != self.line[at - 1] + 1 or not self.own(at - 1):
            return False
        return self.full_before(at) and len(self.lines[self.line[at]].text) < 66

    def crossings(self, begin: int, end: int) -> list[int]:
        """Return the words inside begin..end (exclusive of `begin`) that begin a line."""
        found, at = [], self._next[begin] if begin < len(self.words) else end
        while at < end:
            found.append(at)
            at = self._next[at]
        return found

    def shown(self, begin: int, end: int) -> str:
        """Return the text between two boundaries as the mail shows it; wrapped pieces are joined by one
        blank.
        """
        pieces = []
        at = begin
        while at < end:
            stop = min(self._next[at], end)
            text = self.lines[self.line[at]].text
            first = 0 if self.begins[at] and at == begin else self.span[at][0]
            ends = stop == end and self.begins[end]
            pieces.append(text[first:] if ends else text[first : self.span[stop - 1][1]])
            at = stop
        return " ".join(pieces)

    def pieces(self, begin: int, end: int) -> int:
        """Return over how many of the mail's lines the words begin..end go."""
        return 1 + len(self.crossings(begin, end)) if end > begin else 1


def squeeze(text: str) -> str:
    """Return `text` without any white space."""
    return "".join(text.split())

"""What the way to the archive did to white space, told by lines that are known before and after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

TAB = 8
_RUN = re.compile(r"[ \t]+")


class Loss(Enum):
    """Kinds of damage to the white space of a diff line, the mildest first."""

    NONE = "kept"
    LEADING = "white space at the begin of context lines lost"
    HEADLESS = "white space at line starts lost, also behind signs"
    SHORTENED = "white space at line starts lost, one blank left behind signs"
    EXPANDED = "tabs expanded to blanks"
    COLLAPSED = "each run of white space made one blank, none left at line starts"
    BARE = "white space behind signs lost and runs made one blank"


@dataclass(frozen=True, slots=True)
class Channel:
    """One kind of damage, as a function from a diff line (with its sign) to what the mail shows of it."""

    loss: Loss
    column: int = 0
    """For EXPANDED: the column at which the diff line started when tabs were expanded."""

    def show(self, line: str) -> str:
        """Return what is seen of `line`, without white space at its end."""
        return _SHOWN[self.loss](line, self.column).rstrip()

    @property
    def lossy(self) -> bool:
        """Whether anything is lost but blanks at line ends."""
        return self.loss is not Loss.NONE

    @property
    def keeps_added(self) -> bool:
        """Whether added lines are seen as they were."""
        return self.loss in (Loss.NONE, Loss.LEADING)

    @property
    def keeps_inside(self) -> bool:
        """Whether white space inside lines is seen as it was."""
        return self.loss in (Loss.NONE, Loss.LEADING, Loss.HEADLESS, Loss.SHORTENED)


def expand(line: str, column: int) -> str:
    """Expand tabs in `line`, which starts at `column`."""
    return (" " * column + line).expandtabs(TAB)[column:]


def _parts(line: str) -> tuple[str, str]:
    """Return a line's sign ("" for context) and its text."""
    return (line[:1], line[1:]) if line[:1] in ("+", "-") else ("", line)


def _headless(line: str, _: int) -> str:
    sign, text = _parts(line)
    return sign + text.lstrip()


def _shortened(line: str, _: int) -> str:
    sign, text = _parts(line)
    lead = " " if sign and text[:1] in (" ", "\t") else ""
    return sign + lead + text.lstrip()


def _bare(line: str, _: int) -> str:
    sign, text = _parts(line)
    return sign + _RUN.sub(" ", text).strip()


_SHOWN: dict[Loss, Callable[[str, int], str]] = {
    Loss.NONE: lambda line, _: line,
    Loss.LEADING: lambda line, _: line.lstrip(),
    Loss.HEADLESS: _headless,
    Loss.SHORTENED: _shortened,
    Loss.EXPANDED: expand,
    Loss.COLLAPSED: lambda line, _: _RUN.sub(" ", line).strip(),
    Loss.BARE: _bare,
}


def _candidates(columns: Iterable[int]) -> list[Channel]:
    shifts = list(dict.fromkeys([*(column % TAB for column in columns), *range(TAB)]))
    mild, strong = (Loss.NONE, Loss.LEADING, Loss.HEADLESS, Loss.SHORTENED), (Loss.COLLAPSED, Loss.BARE)
    return [
        *map(Channel, mild),
        *(Channel(Loss.EXPANDED, at) for at in reversed(shifts)),
        *map(Channel, strong),
    ]


def learn_channel(
    pairs: Sequence[tuple[str, str]], shown: Sequence[str], columns: Iterable[int]
) -> Channel | None:
    """Return the channel that explains most `pairs` (diff line as it was, as it is seen).

    Of equals that may also have left the signed lines among `shown` the strongest is taken: what it says
    may be lost
    need not be. None where the pairs tell nothing or contradict every channel. `columns` are the widths of
    quote
    marks, likeliest first.
    """
    channels = _candidates(columns)
    plain = [(line, seen.rstrip()) for line, seen in pairs if line.strip() and _RUN.search(line[1:])][:400]
    telling = [pair for pair in plain if len({channel.show(pair[0]) for channel in channels}) > 2]
    if not telling:
        return None
    signed = [line.rstrip() for line in shown if line[:1] in ("+", "-")][:400]
    best, most = None, 0
    for channel in channels:
        if sum(channel.show(line) != line for line in signed) * 20 > len(signed):
            continue
        fits = sum(channel.show(line) == seen for line, seen in telling)
        if fits >= most > 0 or fits > most:
            best, most = channel, fits
    return best if most * 2 >= len(telling) else None


def guess_channel(shown: Sequence[str], columns: Iterable[int], c_code: bool) -> Channel:
    """Guess the channel from the seen diff lines alone (with their signs where they have them)."""
    if any("\t" in line for line in shown):
        return _guess_with_tabs(shown)
    wide = [line for line in shown if re.match(r"[ +-] {2,}", line)]
    if not wide:
        spaced = any(line.startswith(("+ ", "- ")) for line in shown)
        indented = any(line.startswith("  ") for line in shown)
        if indented or not c_code:
            return Channel(Loss.NONE)
        return Channel(Loss.COLLAPSED if spaced else Loss.BARE)
    if not c_code:
        return Channel(Loss.NONE)
    votes = {column: _on_stops(wide, column) for column in dict.fromkeys([*columns, 0])}
    column = max(votes, key=lambda c: votes[c])
    return Channel(Loss.EXPANDED, column) if votes[column] * 2 >= len(wide) else Channel(Loss.NONE)


def _guess_with_tabs(shown: Sequence[str]) -> Channel:
    """Tell what is lost where some tabs are left: those behind signs, or only those inside lines."""
    if sum(line[:1] not in (" ", "\t", "+", "-", "\\", "") for line in shown) * 3 <= len(shown):
        return Channel(Loss.NONE)
    signed = [line[1:] for line in shown if line[:1] in ("+", "-") and line[1:].strip()]
    if any(text.startswith("\t") for text in signed):
        return Channel(Loss.LEADING)
    spaced = any(text.startswith(" ") for text in signed)
    return Channel(Loss.SHORTENED if spaced else Loss.HEADLESS)


def _on_stops(lines: Sequence[str], column: int) -> int:
    """Count lines whose text starts at a tab stop when the diff line itself starts at `column`."""
    return sum((column + len(line) - len(line[1:].lstrip())) % TAB == 0 for line in lines)


def runs_of_width(column: int, width: int, leading: bool) -> list[tuple[str, float]]:
    """Return the strings of tabs and blanks that fill `width` columns from `column`, each with its cost.

    As an editor with tab stops of 8 writes them: `leading` white space with tabs as far as they reach, then
    blanks;
    inside a line tabs where they end at a stop, else blanks.
    """
    end = column + width
    stops = end // TAB - column // TAB
    rest = end % TAB
    blanks = 0.0 if not stops or width == 1 or (rest and not leading) else 2.5
    runs = [(" " * width, blanks)]
    if stops:
        runs.append(("\t" * stops + " " * rest, 2.5 if width == 1 or (rest and not leading) else 0.0))
        runs += [("\t" * n + " " * (end - (column // TAB + n) * TAB), 3.0 + n * 0.1) for n in range(1, stops)]
    if column % TAB == TAB - 1 and width > 1:
        runs.append((" " + "\t" * (stops - 1) + " " * rest, 4.0))
    return runs

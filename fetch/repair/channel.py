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
    TRAILING = "blanks at line ends lost"
    EXPANDED = "tabs expanded to blanks"
    LEADING = "white space at line starts lost"
    COLLAPSED = "each run of white space made one blank"
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
        """Whether more than line ends' blanks are lost."""
        return self.loss not in (Loss.NONE, Loss.TRAILING)


def expand(line: str, column: int) -> str:
    """Expand tabs in `line`, which starts at `column`."""
    return (" " * column + line).expandtabs(TAB)[column:]


def _lead_lost(line: str, _: int) -> str:
    return line.lstrip()


def _bare(line: str, _: int) -> str:
    sign, text = (line[:1], line[1:]) if line[:1] in "+-" else ("", line)
    return sign + _RUN.sub(" ", text).strip()


_SHOWN: dict[Loss, Callable[[str, int], str]] = {
    Loss.NONE: lambda line, _: line,
    Loss.TRAILING: lambda line, _: line,
    Loss.EXPANDED: expand,
    Loss.LEADING: _lead_lost,
    Loss.COLLAPSED: lambda line, _: _RUN.sub(" ", line).strip(),
    Loss.BARE: _bare,
}


def _candidates(columns: Iterable[int]) -> list[Channel]:
    shifts = list(dict.fromkeys([*(column % TAB for column in columns), *range(TAB)]))
    return [
        Channel(Loss.NONE),
        *(Channel(Loss.EXPANDED, column) for column in shifts),
        Channel(Loss.LEADING),
        Channel(Loss.COLLAPSED),
        Channel(Loss.BARE),
    ]


def learn_channel(pairs: Sequence[tuple[str, str]], columns: Iterable[int]) -> Channel | None:
    """Return the channel that explains most `pairs` (diff line as it was, as it is seen), the mildest of
    equals.

    None where the pairs are too few or contradict every channel. `columns` are the widths of quote marks.
    """
    channels = _candidates(columns)
    plain = [(line, seen.rstrip()) for line, seen in pairs if line.strip() and _RUN.search(line[1:])][:400]
    telling = [pair for pair in plain if len({channel.show(pair[0]) for channel in channels}) > 2]
    if not telling:
        return None
    best, most = None, 0
    for channel in channels:
        fits = sum(channel.show(line) == seen for line, seen in telling)
        if fits > most:
            best, most = channel, fits
    return best if most * 2 >= len(telling) else None


def rivals(
    learned: Channel, pairs: Sequence[tuple[str, str]], shown: Sequence[str], columns: Iterable[int]
) -> list[Channel]:
    """Return the channels that may be meant as well as `learned`: known lines agree with them no less.

    White space inside lines may be lost where no known line shows it; and tabs may have been expanded where
    no known line had one.
    """
    others: list[Channel] = []
    if learned.loss is Loss.LEADING:
        others = [Channel(Loss.COLLAPSED)]
    elif learned.loss is Loss.NONE and not any("\t" in line for line in shown):
        if any(re.match(r"[+-]? {3,}\S", line) for line in shown):
            others = [Channel(Loss.EXPANDED, column % TAB) for column in dict.fromkeys([*columns, 0])][:3]
        elif not any("  " in line for line in shown):
            others = [Channel(Loss.COLLAPSED)]
    plain = [(line, seen.rstrip()) for line, seen in pairs if line.strip()][:400]
    return [
        channel
        for channel in others
        if not any(learned.show(line) == seen != channel.show(line) for line, seen in plain)
    ]


def guess_channel(shown: Sequence[str], columns: Iterable[int], c_code: bool) -> Channel:
    """Guess the channel from the seen diff lines alone (with their signs where they have them)."""
    if any("\t" in line for line in shown):
        unsigned = sum(1 for line in shown if line and line[0] not in " \t+-\\")
        return Channel(Loss.LEADING if unsigned * 3 > len(shown) else Loss.NONE)
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

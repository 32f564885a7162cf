"""Images of a file -> its changed functions, types, macros and prototypes; moved and renamed ones recognised.

The kinds are those of CONTRACT.md, several at once where several hold. "white-space" means that nothing but
white
space differs, "unchanged" that only the preprocessor condition around the definition does.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..fetch.mail.note import Note
from .definition import ChangedFunction as ChangedFunction
from .definition import Definition as Definition
from .images import FileChange, Image
from .kinds import find_moved, kinds
from .lexical import scan
from .lines import changed_lines
from .moves import link_moves as link_moves
from .outline import cut
from .pairing import Pair, pair
from .region import Region
from .side import MAX_IMAGE, Shown, show_both
from .tree import is_clean

_C = (".c", ".h")
_OTHERS = {
    ".rst": "documentation", ".txt": "documentation", ".md": "documentation", ".S": "assembly",
    ".sh": "a shell script",
    ".py": "a Python script", ".pl": "a Perl script", ".rs": "Rust", ".yaml": "YAML", ".dts": "a device tree",
    ".dtsi": "a device tree", ".l": "a lexer's grammar", ".y": "a parser's grammar",
}  # fmt: skip


def outline(text: str, path: str) -> tuple[Definition, ...]:
    """Return every definition and declaration at file level of a C text, ordered by line. Never raises.

    Macros that are defined inside a function are among them; of a text over MAX_IMAGE characters there is
    none.
    """
    if len(text) > MAX_IMAGE:
        return ()
    source = scan(text)
    found = []
    for piece in cut(source):
        if piece.symbol == "other":
            continue
        start, end = source.line(piece.start), source.line(max(piece.start, piece.end - 1))
        first, last = source.line_span(start, end)
        found.append(
            Definition(
                name=piece.name,
                symbol=piece.symbol,
                path=path,
                start=start,
                end=end,
                text=text[first:last],
                config=piece.config,
                whole=piece.closed,
                clean=is_clean(source, piece, piece.start, piece.end),
            )
        )
    return tuple(found)


def changed_functions(change: FileChange) -> tuple[ChangedFunction, ...]:
    """Return what a patch changes in one C file, in the order of the post-image; () where why_none() has a
    reason."""
    if why_none(change) is not None:
        return ()
    removed, added = changed_lines(change)
    pairs = [_one_sided(found, removed, added) for found in pair(*show_both(change))]
    moved = find_moved(pairs, removed, added)
    found = []
    for number, (one, path) in enumerate((one, change.path) for one in pairs):
        if number in moved or _differs(one, removed, added):
            kind = kinds(one, moved=number in moved)
            if kind != ("unchanged",) or _conditions_differ(one):
                found.append(_changed(one, path, kind))
    return tuple(sorted(found, key=_place))


def why_none(change: FileChange) -> Note | None:
    """Return why a file has no changed functions to look for; None where it has."""
    path = change.path
    if change.diff.binary:
        return Note(kind="binary", detail=f"{path} is a binary file.")
    if not path.endswith(_C):
        return Note(kind="not-c", detail=f"{path} is {_what(path)}, not C: no functions are looked for.")
    if not any(line.sign in "+-" for hunk in change.diff.hunks for line in hunk.lines):
        return change.failure or Note(
            kind="no-lines", detail=f"{path}: its lines stay as they are (renamed, copied or another mode)."
        )
    for image in (change.pre, change.post):
        size = sum(len(fragment.text) for fragment in image.fragments) if image else 0
        if size > MAX_IMAGE:
            return Note(
                kind="size", detail=f"{path} has {size} characters, more than the {MAX_IMAGE} that are read."
            )
    return None


def _what(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    if name.startswith(("Makefile", "Kbuild")):
        return "a makefile"
    if name.startswith("Kconfig"):
        return "Kconfig"
    suffix = name[name.rfind(".") :] if "." in name else ""
    return _OTHERS.get(
        suffix, "documentation" if path.startswith("Documentation/") else "another kind of text"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unaccounted:
    """A changed line that belongs to no changed function."""

    side: str
    """"pre" or "post"."""
    line: int
    """1-based, in that image."""
    text: str
    reason: str
    """`blank`; `unchanged` where the definition that holds it is the same on both sides, and the diff shows
    its line instead of an equal one of its neighbour's; "unparsed" for any other."""


def unaccounted(change: FileChange, functions: tuple[ChangedFunction, ...]) -> tuple[Unaccounted, ...]:
    """Return the changed lines of a C file that no changed function holds (with the comment above it), with
    a reason. "unparsed" is not expected.
    """
    if why_none(change) is not None:
        return ()
    found: list[Unaccounted] = []
    sides = show_both(change)
    for side, numbers, parts, others in zip(
        ("pre", "post"), changed_lines(change), sides, reversed(sides), strict=True
    ):
        image = change.pre if side == "pre" else change.post
        shown_there = (function.pre if side == "pre" else function.post for function in functions)
        starts = {definition.start for definition in shown_there if definition is not None}
        kept = {(shown.first.symbol, shown.first.name, shown.text) for shown in others}
        held: set[int] = set()
        same: set[int] = set()
        for shown in parts:
            if shown.first.start in starts:
                held.update(*(range(region.top, region.end + 1) for region in shown.regions))
            elif (shown.first.symbol, shown.first.name, shown.text) in kept:
                same.update(*(range(region.top, region.end + 1) for region in shown.regions))
        for number in sorted(numbers - held):
            text = _line(image, number)
            reason = "blank" if not text.strip() else "unchanged" if number in same else "unparsed"
            found.append(Unaccounted(side=side, line=number, text=text, reason=reason))
    return tuple(found)


def _line(image: Image | None, number: int) -> str:
    for fragment in image.fragments if image else ():
        lines = fragment.text.split("\n")
        if fragment.start <= number < fragment.start + len(lines):
            return lines[number - fragment.start]
    return ""


def _one_sided(found: Pair, removed: frozenset[int], added: frozenset[int]) -> Pair:
    """Part a pair of equal lines (two #endif, say) of which the diff removes the one and keeps the other."""
    if found.pre is None or found.post is None or found.pre.first.symbol != "other":
        return found
    gone, new = _touched(found.pre, removed), _touched(found.post, added)
    if gone == new or found.pre.text != found.post.text:
        return found
    return Pair(found.pre if gone else None, found.post if new else None)


def _differs(found: Pair, removed: frozenset[int], added: frozenset[int]) -> bool:
    """Say whether a definition differs: by a changed line, or by its condition."""
    if found.pre is None or found.post is None:
        touched = (found.pre is not None and _touched(found.pre, removed)) or (
            found.post is not None and _touched(found.post, added)
        )
        return touched or _is_named(found)
    return _touched(found.pre, removed) or _touched(found.post, added) or _conditions_differ(found)


def _is_named(found: Pair) -> bool:
    shown = found.pre or found.post
    return shown is not None and shown.whole and shown.first.symbol != "other"


def _touched(shown: Shown, lines: frozenset[int]) -> bool:
    return any(not lines.isdisjoint(range(region.top, region.end + 1)) for region in shown.regions)


def _conditions_differ(found: Pair) -> bool:
    """Say whether the preprocessor condition changed; of a part of a definition it is not known."""
    if found.pre is None or found.post is None or not (found.pre.whole and found.post.whole):
        return False
    return found.pre.first.config != found.post.first.config and found.pre.first.symbol != "other"


def _changed(found: Pair, path: str, kind: tuple[str, ...]) -> ChangedFunction:
    region: Region = (found.post or found.pre).first  # type: ignore[union-attr]  # one side is there
    return ChangedFunction(
        name=region.name, symbol=region.symbol, path=path, kind=kind,
        pre=found.pre.define() if found.pre else None, post=found.post.define() if found.post else None,
    )  # fmt: skip


def _place(function: ChangedFunction) -> tuple[int, int]:
    """Order by the post-image; what is removed stands where it stood."""
    shown = function.post or function.pre
    return (shown.start, shown.end) if shown else (0, 0)

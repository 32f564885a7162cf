"""One side of a FileChange -> its regions. Of hunks alone, what belongs to the function that the heading
names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .definition import Definition
from .headers import read_header
from .images import FileChange, Fragment, Image
from .lexical import Source, scan
from .outline import cut
from .region import Region, gaps, regions_of

_TOP = re.compile(r"[A-Za-z_]")
_LABEL = re.compile(r"[A-Za-z_]\w*[ \t]*:(?!:)")
_DEFINE = re.compile(r"#[ \t]*define[ \t]+(\w+)")
MAX_IMAGE = 16_000_000
"""Characters of an image; a longer one has no regions."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A definition as a side shows it: one region of a whole image, or all that hunks show of it."""

    regions: tuple[Region, ...]
    path: str

    @property
    def first(self) -> Region:
        """The region with its beginning, where that is shown."""
        return self.regions[0]

    @property
    def text(self) -> str:
        """Its lines, as far as they are shown."""
        return "\n".join(region.text for region in self.regions)

    @property
    def whole(self) -> bool:
        """Whether all its lines are shown."""
        return len(self.regions) == 1 and self.first.whole

    def define(self) -> Definition:
        """Return it as a Definition."""
        found = self.first.define(self.path)
        if len(self.regions) == 1:
            return found
        return Definition(
            name=found.name, symbol=found.symbol, path=found.path, start=found.start,
            end=self.regions[-1].end,
            text=self.text, config=found.config, whole=False, clean=False,
        )  # fmt: skip


def show(image: Image | None, path: str) -> tuple[Shown, ...]:
    """Return what an image shows, in the order of the file."""
    return _shown(_regions(image), path)


def show_both(change: FileChange) -> tuple[tuple[Shown, ...], tuple[Shown, ...]]:
    """Return what both images show. A hunk's heading is the pre-image's: where the hunk before it left
    another
    function open in the post-image, that one goes on.
    """
    pre, post = _regions(change.pre), _regions(change.post)
    names: dict[str, Region] = {}
    for before, after, following in zip(pre, post, post[1:], strict=False):
        if before and after and _is_open(before[-1]) and _is_open(after[-1]):
            names[before[-1].name] = after[-1]
        if following and following[0].piece is None and following[0].name in names:
            owner = names[following[0].name]
            following[0] = replace(following[0], name=owner.name, symbol=owner.symbol)
    pre_path, post_path = change.diff.pre_path or change.path, change.diff.post_path or change.path
    return _shown(pre, pre_path), _shown(post, post_path)


def _is_open(region: Region) -> bool:
    return not region.whole and region.symbol != "other"


def _regions(image: Image | None) -> list[list[Region]]:
    """Return the regions of each fragment."""
    if image is None or sum(len(fragment.text) for fragment in image.fragments) > MAX_IMAGE:
        return []
    read = _whole if image.whole else _fragment
    return [read(fragment) for fragment in image.fragments]


def _shown(fragments: list[list[Region]], path: str) -> tuple[Shown, ...]:
    return _joined([region for fragment in fragments for region in fragment], path)


def _joined(regions: Sequence[Region], path: str) -> tuple[Shown, ...]:
    """Put the parts of a definition that several hunks show together; twins that both begin stay apart."""
    groups: list[list[Region]] = []
    open_group: dict[tuple[str, str], list[Region]] = {}
    for region in regions:
        key = (region.symbol, region.name)
        known = open_group.get(key)
        if known is not None and region.piece is None and region.symbol != "other":
            known.append(region)
            continue
        group = [region]
        groups.append(group)
        open_group[key] = group
    return tuple(Shown(tuple(group), path) for group in groups)


def _whole(fragment: Fragment) -> list[Region]:
    source = scan(fragment.text)
    regions = regions_of(source, cut(source))
    found = [*regions, *gaps(source, regions, 1, len(source.line_starts))]
    return sorted(found, key=lambda region: region.start)


def _fragment(fragment: Fragment) -> list[Region]:
    """Cut a hunk's side: first what belongs to the function that was open in front of it, then what begins
    in it."""
    text = fragment.text.removesuffix("\n")
    if not text:
        return []
    source = scan(text, fragment=True)
    shift = fragment.start - 1
    inside = _lines_inside(source)
    found: list[Region] = []
    if inside:
        name, symbol = read_section(fragment.section)
        if _continues_macro(source) and symbol != "macro":
            name, symbol = "(unknown)", "macro"
        found.append(
            Region(name, symbol, None, 1 + shift, 1 + shift, inside + shift, source, shift, None, False)
        )
    if inside < len(source.line_starts):
        start = source.line_starts[inside]
        pieces = cut(source, start)
        found += regions_of(source, pieces, shift)
    found += gaps(source, found, inside + 1 + shift, len(source.line_starts) + shift, shift)
    return sorted(found, key=lambda region: region.start)


def _continues_macro(source: Source) -> bool:
    first = source.text.split("\n", 1)[0].rstrip()
    return first.endswith("\\") and not first.lstrip().startswith("#")


def _lines_inside(source: Source) -> int:
    """Return how many of the first lines belong to a definition that began in front of the text."""
    lines = source.mask.split("\n")
    text = source.text.split("\n")
    if _continues_macro(source):
        return next((at for at, line in enumerate(text, 1) if not line.rstrip().endswith("\\")), len(text))
    within = False
    for number, line in enumerate(lines):
        if within and _DEFINE.match(text[number]) and _ends_in_macros(text, number):
            return number
        if not line.strip():
            if text[number][:1] == "\t" and not within and number == 0:
                within = True  # a comment, indented as only a body's are
            continue
        first = line[:1]
        if first == "}" or (first == "{" and not within):
            if first == "}":
                return number + 1
            within = True
        elif first.isspace() or first in "#)" or _LABEL.match(line):
            within = True
        elif _TOP.match(first):
            return number if within else 0
    return len(lines) if within else 0


def _ends_in_macros(text: Sequence[str], number: int) -> bool:
    """Whether the macros from line `number` on are followed by something that begins in column 0.

    The lines above them then ended a macro whose head is not shown, not a body that goes on below.
    """
    continued = False
    for line in text[number:]:
        inside_macro = continued or line.startswith("#")
        continued = inside_macro and line.rstrip().endswith("\\")
        if line.strip() and not inside_macro:
            return not line[0].isspace() and line[0] != "}"
    return True


def read_section(heading: str) -> tuple[str, str]:
    """Return name and symbol of the definition that a hunk's section heading opens; ("(unknown)", "other")
    for none."""
    text = heading.strip()
    defined = _DEFINE.match(text)
    if defined:
        return defined.group(1), "macro"
    if not text or not _TOP.match(text) or _LABEL.match(text):
        return "(unknown)", "other"
    mask = scan(text).mask.rstrip()
    assigned = mask.find("=")
    brace = mask.endswith("{") or "(" in mask
    mask = mask.removesuffix("{") if assigned < 0 else mask
    mask += ")" * max(0, mask.count("(") - mask.count(")"))
    header = read_header(mask, 0, body=brace)
    if header.symbol == "other" or not header.name:
        return "(unknown)", "other"
    return header.name, header.symbol

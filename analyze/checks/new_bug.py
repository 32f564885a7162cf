"""A new BUG_ON where a warning and an error return would do."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Set
from difflib import SequenceMatcher

from ..lexical import scan
from .finding import Check, Example, Hit, Shown
from .view import Code, PatchView, SideView

SAME_FUNCTION, OTHER_FUNCTION = 0.6, 0.85
"""How alike two conditions are, of 1, from which on one became the other."""
OTHER_PIECES = 0.7
"""What share of their names' parts they have in common, of 1, in another function."""
FEWEST_PIECES = 4
"""Parts of names from which on their share says anything of another function."""
_PIECE = re.compile(r"[a-z]+|\d+")
_BUG = re.compile(r"\b(BUG_ON|BUG)\s*\(([^;]*)\)\s*;")


def find(side: SideView) -> Iterable[Hit]:
    """Find BUG() and BUG_ON() in the changed functions that the other side has in no form."""
    opposite = side.patch.pre if side.side == "post" else side.patch.post
    names = {}
    for one in side.patch.case.functions:
        here, there = (one.post, one.pre) if side.side == "post" else (one.pre, one.post)
        if here is not None and there is not None:
            names[there.name] = here.name
    there_too = {text for code in opposite.changed for text, _ in _conditions(code)}
    own = {(code.name, text) for code in side.changed for text, _ in _conditions(code)}
    had = [
        (names.get(code.name, code.name), text) for code in opposite.changed for text, _ in _conditions(code)
    ]
    lost = [one for one in had if one not in own]
    if side.side == "post":
        elsewhere = set(_removed(side.patch, own)) - {text for _, text in lost}
        there_too |= elsewhere
        lost += [("", text) for text in sorted(elsewhere)]
        lost += [(code.name, text) for code in side.changed for text in _namesakes(code, opposite)]
    for code in side.changed:
        for written, line in _conditions(code):
            if written in there_too or _edited(written, code.name, lost):  # it stays, moved, or is edited
                continue
            instead = next((one for one in lost if one[0] == code.name), ("", ""))
            lost = [one for one in lost if one != instead]
            yield Hit(
                key=written.replace("(", " ", 1).removesuffix(")"),
                function=code.name,
                path=code.path,
                line=line,
                says=_says(code.name, written, instead[1], names.values()),
                shown=(Shown(path=code.path, side=side.side, line=line, text=code.text_at(line)),),
                sources=("Documentation/process/coding-style.rst:1222",),
            )


def _namesakes(code: Code, opposite: SideView) -> Iterator[str]:
    """Yield the BUG()s that functions of the same name have in other files: an inline one in a header, say,
    for builds without this one."""
    for path, file in opposite.files.items():
        for one in file.functions.get(code.name, ()) if path != code.path else ():
            yield from (written for written, _ in _written(one.text))


def _says(function: str, written: str, instead: str, known: Collection[str]) -> str:
    if function not in known:  # where it comes from may not be at hand
        return f"{function}(), new in this file, stops the machine by {written}"
    return f"{function}() stops the machine by a new {written}" + (
        f", and no more by {instead}" if instead else ""
    )


def _removed(patch: PatchView, own: Set[tuple[str, str]]) -> Iterator[str]:
    """Yield the BUG()s in lines that the patch, or one before it, removes anywhere, in headers and macros,
    too.

    And those that a later patch takes away, except from the functions that have them here (`own`): what is
    copied first and taken away later has moved.
    """
    for view in (patch, *patch.earlier):
        for file in view.pre.files.values():
            lines = (file.line(number).removeprefix("#define") for number in sorted(file.touched()))
            yield from (written for written, _ in _written("\n".join(lines), fragment=True))
    for view in patch.later:
        left = {(code.name, text) for code in view.post.changed for text, _ in _conditions(code)}
        had = {(code.name, text) for code in view.pre.changed for text, _ in _conditions(code)}
        yield from (text for _, text in had - left - own)


def _edited(written: str, function: str, lost: list[tuple[str, str]]) -> bool:
    """Say whether one that is lost has become this one: each of them only one."""
    for at, (name, text) in enumerate(lost):
        alike = SequenceMatcher(None, _plain(text), _plain(written), autojunk=False).ratio()
        if name == function:
            is_same = max(alike, _pieces(text, written)) >= SAME_FUNCTION
        else:
            is_same = alike >= OTHER_FUNCTION or _pieces(text, written, FEWEST_PIECES) >= OTHER_PIECES
        if is_same:
            del lost[at]
            return True
    return False


def _conditions(code: Code) -> Iterator[tuple[str, int]]:
    """Yield a function's BUG()s, without blanks, and their lines."""
    for written, line in _written(code.definition.text):
        yield written, code.definition.start + line


def _written(text: str, *, fragment: bool = False) -> Iterator[tuple[str, int]]:
    """Yield a text's BUG()s, without blanks, and how many lines stand in front."""
    if "BUG" not in text:
        return
    source = scan(text, fragment=fragment)
    for found in _BUG.finditer(source.mask):
        condition = "".join(source.code[found.start(2) : found.end(2)].split())
        yield f"{found[1]}({condition})", text.count("\n", 0, found.start())


def _pieces(first: str, second: str, fewest: int = 2) -> float:
    """Return the share of the names' parts that two conditions have in common: `memcg == root_mem_cgroup`
    and `mem_cgroup_is_root(memcg)` ask the same."""
    one, two = (set(_PIECE.findall(text.lower())) - {"bug", "on", "is"} for text in (first, second))
    return len(one & two) / len(one | two) if min(len(one), len(two)) >= fewest else 0.0


def _plain(written: str) -> str:
    """Return a condition as it reads for pages and folios alike: PageDirty(page), folio_test_dirty(folio)."""
    return re.sub(r"bug(?:_on)?|folio|page|test|_", "", written.lower())


_BEFORE = """\
static int stash_get(struct stash *s)
{
	return s->count;
}
"""

CHECK = Check(
    id="new-bug",
    title="No new BUG_ON",
    proves="A function has a BUG() or BUG_ON() that it had not before the patch.",
    assumes=("it is not the same one, moved here from another function",),
    severity="note",
    side=find,
    fires=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static int stash_get(struct stash *s)
{
	BUG_ON(!s->count);
	return s->count;
}
"""
        },
    ),
    silent=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static int stash_get(struct stash *s)
{
	if (WARN_ON_ONCE(!s->count))
		return -EINVAL;
	return s->count;
}
"""
        },
    ),
)

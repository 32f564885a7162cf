"""A new BUG_ON where a warning and an error return would do."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..lexical import scan
from .finding import Check, Example, Hit, Shown
from .view import SideView

_BUG = re.compile(r"\b(BUG_ON|BUG)\s*\(([^;]*)\)\s*;")


def find(side: SideView) -> Iterable[Hit]:
    """Find BUG() and BUG_ON() in the changed functions."""
    opposite = side.patch.pre if side.side == "post" else side.patch.post
    other = {_plain(one) for one in _conditions(one.definition.text for one in opposite.changed)}
    sides = ("post", "pre") if side.side == "post" else ("pre", "post")
    versions: dict[str, str] = {}
    for one in side.patch.case.functions:
        here, there = (getattr(one, name) for name in sides)
        if here is not None and there is not None:
            versions[here.name] = there.text
    for code in side.changed:
        text = code.definition.text
        if "BUG" not in text:
            continue
        gone = _conditions([versions.get(code.name, "")]) - _conditions([text])
        edited = {_about(one) for one in gone}
        source = scan(text)
        for found in _BUG.finditer(source.mask):
            line = code.definition.start + text.count("\n", 0, found.start())
            condition = "".join(source.code[found.start(2) : found.end(2)].split())
            written = f"{found[1]}({condition})"
            if _plain(written) in other or _about(written) in edited:  # it stays, moved, or asks for more
                continue
            yield Hit(
                key=f"{found[1]} {condition}",
                function=code.name,
                path=code.path,
                line=line,
                says=f"{code.name}() stops the machine by a new {found[1]}({condition})",
                shown=(Shown(path=code.path, side=side.side, line=line, text=code.text_at(line)),),
                sources=("Documentation/process/coding-style.rst:1222",),
            )


def _about(written: str) -> str:
    """Return what a BUG_ON() asks, up to the arguments of a call in it: what their edit leaves."""
    inner = re.match(r"\w+\(!*\w+\(", written)
    return inner[0] if inner is not None else written


def _conditions(texts: Iterable[str]) -> set[str]:
    """Return the BUG()s of some functions."""
    return {f"{found[1]}({''.join(found[2].split())})" for text in texts for found in _BUG.finditer(text)}


def _plain(written: str) -> str:
    """Return a condition as it reads for pages and folios alike: PageDirty(page), folio_test_dirty(folio)."""
    return re.sub(r"folio|page|test|_", "", written.lower())


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

"""A new BUG_ON where a warning and an error return would do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from ..lexical import scan
from .finding import Check, Example, Hit, Shown
from .view import Code, SideView

SAME_FUNCTION, OTHER_FUNCTION = 0.6, 0.85
"""How alike two conditions are, of 1, from which on one became the other."""
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
    for code in side.changed:
        for written, line in _conditions(code):
            if written in there_too or _edited(written, code.name, lost):  # it stays, moved, or is edited
                continue
            yield Hit(
                key=written.replace("(", " ", 1).removesuffix(")"),
                function=code.name,
                path=code.path,
                line=line,
                says=f"{code.name}() stops the machine by a new {written}",
                shown=(Shown(path=code.path, side=side.side, line=line, text=code.text_at(line)),),
                sources=("Documentation/process/coding-style.rst:1222",),
            )


def _edited(written: str, function: str, lost: list[tuple[str, str]]) -> bool:
    """Say whether one that is lost has become this one: each of them only one."""
    for at, (name, text) in enumerate(lost):
        alike = SequenceMatcher(None, _plain(text), _plain(written), autojunk=False).ratio()
        if alike >= (SAME_FUNCTION if name == function else OTHER_FUNCTION):
            del lost[at]
            return True
    return False


def _conditions(code: Code) -> Iterator[tuple[str, int]]:
    """Yield a function's BUG()s, without blanks, and their lines."""
    text = code.definition.text
    if "BUG" not in text:
        return
    source = scan(text)
    for found in _BUG.finditer(source.mask):
        condition = "".join(source.code[found.start(2) : found.end(2)].split())
        yield f"{found[1]}({condition})", code.definition.start + text.count("\n", 0, found.start())


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

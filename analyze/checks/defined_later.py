"""A name that a patch uses, and only a later patch of the series defines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..lexical import scan
from .finding import Check, Example, Hit, Shown
from .view import FileView, PatchView

_WORD = re.compile(r"(?<![\w.>*])[A-Za-z_]\w{5,}")
"""A name that is no member: `ops->name`, `.name = `, `int (*name)(...)`."""
_ARCH = re.compile(r"arch/(\w+)/")
_KINDS = ("function", "macro", "struct", "enum", "typedef", "prototype")


def find(view: PatchView) -> Iterable[Hit]:
    """Find names in added code that are new in a later patch and in nothing before it."""
    if not view.later:
        return
    later = _new_later(view)
    if later:
        known = _known(view)
        later = {name: found for name, found in later.items() if name not in known}
    for file in view.post.files.values():
        for line, name in _added_words(file) if later else ():
            seen = [title for title, path in later.get(name, ()) if not _is_apart(file.path, path)]
            if seen:
                yield Hit(
                    key=name,
                    function="",
                    path=file.path,
                    line=line,
                    says=f"{name} is used here and defined by a later patch alone, {seen[0]!r}: "
                    "the series does not build at this patch",
                    shown=(Shown(path=file.path, side="post", line=line, text=file.line(line)),),
                    sources=("Documentation/process/submitting-patches.rst",),
                )


def _is_apart(user: str, definition: str) -> bool:
    """Say whether a file belongs to one architecture and a definition to another one: it cannot be meant."""
    homes = [_ARCH.match(path) for path in (user, definition)]
    return all(homes) and len({home[1] for home in homes if home}) == 2


def _new_later(view: PatchView) -> dict[str, list[tuple[str, str]]]:
    """Return what later patches define anew, with each patch's title and file; not what another patch takes
    away."""
    found: dict[str, list[tuple[str, str]]] = {}
    gone = {
        one.pre.name
        for patch in (*view.earlier, view, *view.later)
        for one in patch.case.functions
        if one.pre
    }
    for patch in view.later:
        for one in patch.case.functions:
            if one.pre is None and one.post is not None and one.symbol in _KINDS and one.name not in gone:
                found.setdefault(one.name, []).append((patch.case.title, one.path))
    return found


def _added_words(file: FileView) -> Iterator[tuple[int, str]]:
    """Yield the names in added lines of code, comments and strings left out."""
    if not file.path.endswith((".c", ".h")):
        return
    touched = file.touched()
    for fragment in file.fragments:
        lines = scan(fragment.text, fragment=True).mask.split("\n")
        for offset, text in enumerate(lines):
            if fragment.start + offset in touched:
                for name in _WORD.findall(text):
                    yield fragment.start + offset, name


def _known(view: PatchView) -> set[str]:
    """Return the names that the patch itself defines, or that something before it has in any role, or a
    header of the tree."""
    known = {
        one.post.name
        for patch in (*view.earlier, view)
        for one in patch.case.functions
        if one.post is not None
    }
    known |= view.case.known
    for side in (view.pre, *(side for patch in view.earlier for side in (patch.pre, patch.post))):
        for file in side.files.values():
            known |= file.words
    return known


_BEFORE = """\
int stash_one(void)
{
	return 0;
}
"""

CHECK = Check(
    id="defined-later",
    title="Each patch builds by itself",
    proves=(
        "The patch uses a name in code that nothing at hand has before it, no header of the tree among it, "
        "and a later patch of the series defines, not for another architecture."
    ),
    assumes=("no file outside the series defines it as well",),
    severity="medium",
    patch=find,
    fires=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
int stash_one(void)
{
	return stash_later_one();
}
"""
        },
    ),
    silent=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
int stash_one(void)
{
	return stash_known();
}
"""
        },
    ),
)

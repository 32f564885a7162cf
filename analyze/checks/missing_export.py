"""A new function beside an exported one, that modules cannot call."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import takewhile

from .finding import Check, Example, Hit, Shown
from .view import FileView, PatchView

_EXPORT = re.compile(r"^EXPORT_SYMBOL(?:_GPL|_NS|_NS_GPL)?\((\w+)", re.MULTILINE)
_STATIC = re.compile(r"\b(?:static|inline|__init)\b")
LEAST_NAME = 8


def find(view: PatchView) -> Iterable[Hit]:
    """Find new functions that a header declares, named after an exported one and not exported themselves."""
    declared = {
        one.name
        for one in view.case.functions
        if one.symbol == "prototype" and one.pre is None and one.path.startswith("include/linux/")
    }
    for one in view.case.functions:
        if one.symbol != "function" or one.pre is not None or one.post is None or one.name not in declared:
            continue
        head = one.post.text.split("{", 1)[0]
        file = view.post.files.get(one.path)
        if file is None or not one.path.endswith(".c") or _STATIC.search(head):
            continue
        exported = set(_EXPORT.findall(file.text))
        siblings = [name for name in exported if len(name) >= LEAST_NAME and one.name.startswith(name + "_")]
        if one.name in exported or not siblings or _called_by_core(view, one.name):
            continue
        sibling = max(siblings, key=len)
        before = view.pre.files.get(one.path)
        if _was_so(before, one.name.removeprefix(sibling)) or _has_nearer(before, one.name, sibling):
            continue
        later = next((p.case.title for p in view.later if _exports(p, one.path, one.name)), "")
        yield _hit(file, one.name, one.post.start, sibling, later)


def _called_by_core(view: PatchView, name: str) -> bool:
    """Say whether another file of the patch calls it already: then it may be for the core alone."""
    calls = re.compile(rf"\b{re.escape(name)}\s*\(")
    used = [f for f in view.post.files.values() if f.path.endswith(".c") and calls.search(f.text)]
    return len(used) > 1


def _was_so(file: FileView | None, suffix: str) -> bool:
    """Say whether a function of that suffix was not exported before, beside an exported one without it: the
    pair may have got other names."""
    if file is None:
        return False
    exported = set(_EXPORT.findall(file.text))
    named = (name for name in file.functions if name.endswith(suffix) and name not in exported)
    return any(name.removesuffix(suffix) in exported for name in named)


def _has_nearer(file: FileView | None, new: str, sibling: str) -> bool:
    """Say whether a function that other files see and that was not exported before shares more words of its
    name with the new one than the exported one does: that is its sibling."""
    if file is None:
        return False
    exported = set(_EXPORT.findall(file.text))
    return any(
        _shared_words(new, name) > _shared_words(new, sibling)
        for name, found in file.functions.items()
        if name not in exported and not any(_STATIC.search(one.text.partition("{")[0]) for one in found)
    )


def _shared_words(first: str, second: str) -> int:
    """Return how many words two names have in common at their beginning."""
    words = zip(first.split("_"), second.split("_"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], words))


def _exports(view: PatchView, path: str, name: str) -> bool:
    file = view.post.files.get(path)
    return file is not None and name in _EXPORT.findall(file.text)


def _hit(file: FileView, name: str, line: int, sibling: str, later: str) -> Hit:
    return Hit(
        key=name,
        function=name,
        path=file.path,
        line=line,
        says=f"{name}() is declared in a header and not exported, unlike {sibling}(), after which it is named"
        + (f"; exported later, by {later!r}" if later else ""),
        shown=(Shown(path=file.path, side="post", line=line, text=file.line(line)),),
        fixed_by=later,
    )


_BEFORE = """\
int stash_insert(struct stash *s)
{
	return 0;
}
EXPORT_SYMBOL(stash_insert);
"""
_SAME = """\
int stash_insert(struct stash *s);
int stash_insert_prot(struct stash *s, int prot);
"""

CHECK = Check(
    id="missing-export",
    title="A new function beside exported ones is exported",
    proves=(
        "The patch declares a new function in a header under include/linux/, defines it beside an "
        "exported function after which it is named, and does not export it; no function there that is not "
        "exported has more of its name."
    ),
    assumes=("modules are to call it, as they may call the other",),
    severity="low",
    patch=find,
    fires=Example(
        pre={"mm/stash.c": _BEFORE, "include/linux/stash.h": "int stash_insert(struct stash *s);\n"},
        post={
            "mm/stash.c": """\
int stash_insert(struct stash *s)
{
	return 0;
}
EXPORT_SYMBOL(stash_insert);

int stash_insert_prot(struct stash *s, int prot)
{
	return 0;
}
""",
            "include/linux/stash.h": _SAME,
        },
    ),
    silent=Example(
        pre={"mm/stash.c": _BEFORE, "include/linux/stash.h": "int stash_insert(struct stash *s);\n"},
        post={
            "mm/stash.c": """\
int stash_insert(struct stash *s)
{
	return 0;
}
EXPORT_SYMBOL(stash_insert);

int stash_insert_prot(struct stash *s, int prot)
{
	return 0;
}
EXPORT_SYMBOL(stash_insert_prot);
""",
            "include/linux/stash.h": _SAME,
        },
    ),
)

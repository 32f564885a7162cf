"""Definitions of one function under #ifdef and #else: the same parameters in each."""

from __future__ import annotations

from collections.abc import Iterable

from ..definition import Definition
from .calls import parameters_of
from .finding import Check, Example, Hit, Shown
from .view import FileView, SideView


def find(side: SideView) -> Iterable[Hit]:
    """Find functions whose definitions and prototypes in one file, under other conditions, do not agree."""
    touched = {one.name for one in side.patch.case.functions}
    for file in (one for one in side.files.values() if one.exact):
        for name in sorted(touched & file.words):
            yield from _disagreeing(file, name, side)


def _disagreeing(file: FileView, name: str, side: SideView) -> Iterable[Hit]:
    twins = [one for one in file.definitions if one.name == name and one.symbol in ("function", "prototype")]
    if len({one.config for one in twins}) < 2:
        return
    types = [(one, [p.type for p in found]) for one in twins if (found := parameters_of(one)) is not None]
    first = types[0] if types else None
    for one, other in types[1:]:
        if first is not None and other != first[1] and _differ(first[1], other):
            yield _hit(first[0], one, side)
            return


def _differ(one: list[str], other: list[str]) -> bool:
    """Say whether two lists of types differ in more than a typedef or a tag may hide."""
    if len(one) != len(other):
        return True
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    return any(a.count("*") != b.count("*") or ("struct" in a and "struct" in b) for a, b in pairs)


def _hit(first: Definition, other: Definition, side: SideView) -> Hit:
    def shown(one: Definition) -> Shown:
        text = " ".join(one.text.split("{")[0].split())[:200]
        return Shown(path=one.path, side=side.side, line=one.start, text=text, note=one.config or "")

    return Hit(
        key="twins",
        function=first.name,
        path=first.path,
        line=other.start,
        says=f"{first.name}() has other parameters under {other.config or 'no condition'} (line "
        f"{other.start}) than under {first.config or 'no condition'} (line {first.start})",
        shown=(shown(first), shown(other)),
        sources=("Documentation/process/coding-style.rst",),
    )


_BEFORE = """\
#ifdef CONFIG_STASH
int stash_add(struct page *page);
#else
static inline int stash_add(struct page *page)
{
	return 0;
}
#endif
"""

CHECK = Check(
    id="ifdef-twins",
    title="Definitions under #ifdef and #else have the same parameters",
    proves=(
        "Two definitions or prototypes of one function in one file, under different conditions, take "
        "different parameters."
    ),
    assumes=("the conditions are not both off in every build",),
    severity="high",
    side=find,
    fires=Example(
        pre={"mm/stash.h": _BEFORE},
        post={
            "mm/stash.h": """\
#ifdef CONFIG_STASH
int stash_add(struct page *page, int order);
#else
static inline int stash_add(struct page *page)
{
	return 0;
}
#endif
"""
        },
    ),
    silent=Example(
        pre={"mm/stash.h": _BEFORE},
        post={
            "mm/stash.h": """\
#ifdef CONFIG_STASH
int stash_add(struct page *page, int order);
#else
static inline int stash_add(struct page *page, int order)
{
	return 0;
}
#endif
"""
        },
    ),
)

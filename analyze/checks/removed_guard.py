"""A filter in front of a call, taken away: what it kept back reaches a function that refuses it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..kernel.contracts import functions
from ..lexical import scan
from .calls import closing
from .finding import Check, Example, Hit, Shown
from .view import Code, PatchView, SideView

MOST_DEEP = 3
_IF = re.compile(r"\bif\s*\(")
_CALLED = re.compile(r"\b([A-Za-z_]\w*)\s*\(")


def find(view: PatchView) -> Iterable[Hit]:
    """Find functions that no longer ask for flags which something they call refuses."""
    refused = {flag for one in functions().values() for flag in one.refuses}
    both = [
        (one.pre, one.post)
        for one in view.case.functions
        if one.symbol == "function" and one.pre and one.post
    ]
    for pre, post in both:
        if (
            not (pre.whole and post.whole)
            or pre.path not in view.pre.files
            or post.path not in view.post.files
        ):
            continue
        code = view.post.code(post)
        for line, flags in _filters(pre.text, refused):
            if flags & set(re.findall(r"\w+", scan(post.text).mask)):
                continue
            for chain in _chains(code, view.post, flags):
                yield _hit(view, view.pre.code(pre), code, line + pre.start, flags, chain)
                break


def _filters(text: str, refused: set[str]) -> Iterator[tuple[int, set[str]]]:
    """Yield (line from 0, flags) of each condition that passes over something: `if (flags & X) continue;`."""
    mask = scan(text).mask
    for found in _IF.finditer(mask):
        end = closing(mask, found.end() - 1)
        if end < 0:
            continue
        flags = set(re.findall(r"\w+", mask[found.end() : end])) & refused
        if flags and re.match(r"\)\s*\{?\s*(?:continue|return|goto|break)\b", mask[end:]):
            yield text.count("\n", 0, found.start()), flags


def _chains(code: Code, side: SideView, flags: set[str]) -> Iterator[tuple[str, ...]]:
    """Yield ways of calls, through functions at hand, to one whose contract refuses the flags."""
    waiting: list[tuple[Code, tuple[str, ...]]] = [(code, ())]
    seen = {code.name}
    while waiting:
        at, way = waiting.pop(0)
        for name in dict.fromkeys(_CALLED.findall(scan(at.definition.text).mask)):
            if name in seen:
                continue
            seen.add(name)
            contract = functions().get(name)
            if contract is not None and flags <= set(contract.refuses):
                inner = side.definition(name, at.path)
                if inner is None or not flags & set(re.findall(r"\w+", inner.definition.text)):
                    yield (*way, name)
                    continue
            inner = side.definition(name, at.path)
            if inner is not None and len(way) < MOST_DEEP:
                waiting.append((inner, (*way, name)))


def _hit(view: PatchView, pre: Code, code: Code, line: int, flags: set[str], chain: tuple[str, ...]) -> Hit:
    contract = functions()[chain[-1]]
    through = f", through {' -> '.join(f'{name}()' for name in chain[:-1])}" if len(chain) > 1 else ""
    callers = [one for one in view.post.callers(code.name) if one.name != code.name]
    return Hit(
        key=f"{' '.join(sorted(flags))} {chain[-1]}",
        function=code.name,
        path=code.path,
        line=code.definition.start,
        says=f"{code.name}() no longer keeps back {' and '.join(sorted(flags))}; they reach "
        f"{chain[-1]}(){through}, which fails with -{contract.refuses_with} on them",
        shown=(
            Shown(
                path=pre.path, side="pre", line=line, text=pre.text_at(line), note="the filter that is gone"
            ),
            *(
                Shown(
                    path=one.path,
                    side="post",
                    line=one.definition.start,
                    text=f"{one.name}()",
                    note="calls it",
                )
                for one in callers[:4]
            ),
        ),
        sources=(contract.source,),
    )


_BEFORE = """\
static long stash_fault(struct vm_area_struct *vma, unsigned long at)
{
	return __get_user_pages(vma->vm_mm, at, 1, 0, NULL, NULL, NULL);
}

int stash_walk(struct vm_area_struct *vma)
{
	for (; vma; vma = vma->vm_next) {
		if (vma->vm_flags & (VM_IO | VM_PFNMAP))
			continue;
		if (stash_fault(vma, vma->vm_start) < 0)
			return -EFAULT;
	}
	return 0;
}
"""

CHECK = Check(
    id="removed-filter",
    title="What a function refuses is kept from it",
    proves=(
        "The function asked for flags and passed over what has them, before a call of something that "
        "refuses them; after the patch it does not ask."
    ),
    assumes=("nothing on the way asks in its place by another name",),
    severity="high",
    patch=find,
    fires=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static long stash_fault(struct vm_area_struct *vma, unsigned long at)
{
	return __get_user_pages(vma->vm_mm, at, 1, 0, NULL, NULL, NULL);
}

int stash_walk(struct vm_area_struct *vma)
{
	for (; vma; vma = vma->vm_next) {
		if (stash_fault(vma, vma->vm_start) < 0)
			return -EFAULT;
	}
	return 0;
}
"""
        },
    ),
    silent=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static long stash_fault(struct vm_area_struct *vma, unsigned long at)
{
	return __get_user_pages(vma->vm_mm, at, 1, 0, NULL, NULL, NULL);
}

int stash_walk(struct vm_area_struct *vma)
{
	for (; vma; vma = vma->vm_next) {
		if (!vma->vm_mm || (vma->vm_flags & (VM_IO | VM_PFNMAP)))
			continue;
		if (stash_fault(vma, vma->vm_start) < 0)
			return -EFAULT;
	}
	return 0;
}
"""
        },
    ),
)

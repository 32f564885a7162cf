"""A new mode of a shared function that never asks how the vma is registered, where a sibling's does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..kernel.axes import axis_rules
from ..kernel.contracts import steps
from ..models.build import entered, groups, ways_of
from ..models.matrix import Way
from ..models.walk import walk
from .finding import Check, Example, Hit, Shown
from .paths import Budget
from .view import PatchView

_STATES = 30_000


def find(view: PatchView) -> Iterable[Hit]:
    """Find entries that a patch adds to a function which other entries make ask for a family of flags."""
    budget = Budget(_STATES)
    families = [(one, frozenset(one.members)) for one in axis_rules() if one.members]
    for path, name, entries in groups(view):
        ways = ways_of(view, path, entries) if len(entries) > 1 else []
        new = [way for way in ways if way.before is None and way.name != name]
        if not new or not any(
            flag in (view.post.files[path].text) for _, flags in families for flag in flags
        ):
            continue
        asked = {way.name: _asked(way, budget) for way in ways}
        if budget.left <= 0:
            return
        for way in new:
            for rule, flags in families:
                others = {one: asked[one] & flags for one in asked if one != way.name and asked[one] & flags}
                if asked[way.name] & flags or not others:
                    continue
                sibling, first = next(iter(others.items()))
                hit = _hit(view, path, name, way.name, sibling, sorted(first)[0], rule.source)
                yield replace(hit, shown=(*hit.shown, *_installs(view, way.name, budget)))


def _installs(view: PatchView, entry: str, budget: Budget) -> Iterator[Shown]:
    """Yield where a new way comes to install a page, in a changed function of any file; the first place."""
    names = {name for one in steps() if one.state == "page table entry" for name in one.step}
    for code in view.post.changed:
        called = sorted(names & code.lowered.calls) if code.lowered is not None else []
        for step in called:
            for one, whole in entered(view.post, [code.name]):
                if one.name == entry and step in walk(whole, {}, budget, coarse=True).outcome.calls:
                    lines = range(code.definition.start, code.definition.end + 1)
                    line = next((at for at in lines if f"{step}(" in code.text_at(at)), lines.start)
                    yield Shown(
                        path=code.path,
                        side="post",
                        line=line,
                        text=code.text_at(line),
                        note="installs the page",
                    )
                    return


def _asked(way: Way, budget: Budget) -> frozenset[str]:
    if way.after is None:
        return frozenset()
    return frozenset(flag for flag, _ in walk(way.after, {}, budget).asked)


def _hit(view: PatchView, path: str, name: str, entry: str, sibling: str, flag: str, source: str) -> Hit:
    definition = view.post.files[path].functions[entry][0]
    code = view.post.code(definition)
    call = next(
        (at for at in range(definition.start, definition.end + 1) if f"{name}(" in code.text_at(at)),
        definition.start,
    )
    return Hit(
        key=f"{entry} {flag}",
        function=entry,
        path=path,
        line=call,
        says=f"{entry}() reaches {name}() and on no path asks how the vma is registered; {sibling}(), which "
        f"shares that function, comes to a test of {flag} there",
        shown=(
            Shown(path=path, side="post", line=call, text=code.text_at(call), note="the mode that is passed"),
        ),
        sources=(source, "fs/userfaultfd.c"),
    )


_SHARED = """\
static long shelf_install(struct vm_area_struct *vma, int mode)
{
	if (mode == SHELF_WP && !(vma->vm_flags & VM_UFFD_WP))
		return -EINVAL;
	return shelf_map(vma);
}

long shelf_protect(struct vm_area_struct *vma)
{
	return shelf_install(vma, SHELF_WP);
}
"""
_HEAD = "enum shelf_mode { SHELF_COPY, SHELF_WP, SHELF_CONTINUE };\n\n"
_THIRD = """
long shelf_continue(struct vm_area_struct *vma)
{
	return shelf_install(vma, SHELF_CONTINUE);
}
"""
_ASKS = """\
		return -EINVAL;
	if (mode == SHELF_CONTINUE && !(vma->vm_flags & VM_UFFD_MINOR))
		return -EINVAL;
"""

CHECK = Check(
    id="unregistered-mode",
    title="A new mode asks for the registration that it resolves faults of, as its siblings do",
    proves=(
        "The patch adds a caller of a function that it changes; another caller of it makes it test a "
        "registration flag of the vma, and on the new one's paths none is tested."
    ),
    assumes=("no callee outside of the changed functions asks in its place",),
    severity="medium",
    patch=find,
    fires=Example(
        pre={"mm/shelf.c": _HEAD + _SHARED},
        post={"mm/shelf.c": _HEAD + _SHARED.replace("shelf_map(vma)", "shelf_map(vma, mode)") + _THIRD},
    ),
    silent=Example(
        pre={"mm/shelf.c": _HEAD + _SHARED},
        post={"mm/shelf.c": _HEAD + _SHARED.replace("		return -EINVAL;\n", _ASKS) + _THIRD},
    ),
)

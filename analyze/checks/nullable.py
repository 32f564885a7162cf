"""A pointer that may be NULL, newly followed without a look."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from ..engine import ir
from ..engine.graph import steps as graph_steps
from ..kernel.contracts import Field, nullable_fields
from .finding import Check, Example, Hit, Shown
from .paths import Here, Watcher, follow
from .values import ZERO, holds_any
from .view import Code, SideView


class _Nullable(Watcher):
    """Looks at each pointer that is followed: is it a field that may be NULL, and was it asked?"""

    asks = frozenset(
        {one.field for one in nullable_fields().values()}
        | {guard for one in nullable_fields().values() for guard in (*one.guards, *one.unless)}
        | {"flags"}
    )

    def __init__(self, code: Code) -> None:
        self.code = code
        self.found: dict[tuple[str, str], tuple[Field, int, tuple[str, ...]]] = {}

    def step(self, here: Here, step: ir.Instruction | ir.Terminator, extra: Hashable) -> Hashable:
        for item in self.code.touched(step):
            if isinstance(item, ir.Deref):
                self._follow(here, item, step)
        return extra

    def _follow(self, here: Here, item: ir.Deref, step: ir.Instruction | ir.Terminator) -> None:
        value = here.known.value(item.pointer)
        field = _source(item.pointer) or _held(value)
        if field is None or value[0] != "m" or value[2] != field.field:
            return
        if any(part in self.code.path or part in self.code.name for part in field.known_in):
            return
        if not here.known.sign(value) & ZERO or self._guarded(here, value, field):
            return
        if holds_any(value, [("g", "current")]):  # in a system call it is there
            return
        span = getattr(step, "span", None)
        if span is not None and "current->" not in self.code.text_at(self.code.line(span)):
            key = (field.field, repr(value))
            self.found.setdefault(key, (field, self.code.line(span), here.steps()))

    def _guarded(self, here: Here, value: tuple[object, ...], field: Field) -> bool:
        """Say whether a function or a flag was asked whose answer tells that the field is there."""
        for asked, signs in here.known.signs.items():
            if asked[0] == "f" and asked[1] in field.guards and not signs & ZERO:
                return True
            if asked[0] == "f" and asked[1] in field.unless and signs == ZERO:
                return True
            if (
                asked[:2] == ("b", "&")
                and signs == ZERO
                and holds_any(asked[3], [("s", f) for f in field.unless])
            ):
                return True
        return False


def _source(pointer: ir.Expr) -> Field | None:
    """Return the field that a pointer is read from right there."""
    while isinstance(pointer, ir.Cast):
        pointer = pointer.value
    if isinstance(pointer, ir.Read) and isinstance(pointer.place, ir.Member):
        return nullable_fields().get((pointer.place.record, pointer.place.field))
    return None


def _held(value: tuple[object, ...]) -> Field | None:
    """Return the field that a pointer was read from before, by its name where only one struct has it."""
    if value[0] != "m":
        return None
    named = [one for (_, field), one in nullable_fields().items() if field == value[2]]
    return named[0] if len(named) == 1 and named[0].field.startswith("vm_") else None


def find(side: SideView) -> Iterable[Hit]:
    """Find pointers followed that may be NULL and were not asked on the path."""
    fields = {one.field for one in nullable_fields().values()}
    for code in side.changed:
        if not _was_there(code, side):
            continue
        if not any(f"{field}->" in code.definition.text or field in code.definition.text for field in fields):
            continue
        if code.lowered is None or not _reads_one(code):
            continue
        watcher = _Nullable(code)
        if not follow(code, side, watcher):
            continue
        for (name, _), (field, line, steps) in watcher.found.items():
            text = code.text_at(line)
            yield Hit(
                key=name,
                function=code.name,
                path=code.path,
                line=line,
                says=f"{code.name}() follows ->{name}, NULL where {field.null}, without a look at it",
                shown=(Shown(path=code.path, side=side.side, line=line, text=text),),
                steps=steps,
                sources=(field.source,),
                severity="low" if field.usually else None,
            )


def _reads_one(code: Code) -> bool:
    """Say whether a function reads a field that may be NULL at all."""
    assert code.lowered is not None
    steps = (step for block in code.lowered.blocks for step in graph_steps(block))
    return any(
        isinstance(item, ir.Member) and (item.record, item.field) in nullable_fields()
        for step in steps
        for item in code.touched(step)
    )


def _was_there(code: Code, side: SideView) -> bool:
    """Say whether the function had a version before: of a new one nobody knows what it is called with."""
    both = ((one.pre, one.post) for one in side.patch.case.functions)
    return any(pre and post and code.name in (pre.name, post.name) for pre, post in both)


_BEFORE = """\
static int stash_fill(struct vm_area_struct *vma, unsigned long addr)
{
	return stash_add(vma, addr);
}
"""

CHECK = Check(
    id="null-deref",
    title="A pointer that may be NULL is followed",
    proves=(
        "There is a path on which a field that may be NULL is followed, no test of it before, and the "
        "function did not do so before the patch."
    ),
    assumes=(
        "the callers may hand in any object of that type",
        "what the function reads through a pointer stays the same between its reads",
    ),
    severity="medium",
    side=find,
    fires=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static int stash_fill(struct vm_area_struct *vma, unsigned long addr)
{
	if (vma->vm_flags & VM_IO)
		return vma->vm_file->f_op->fsync(vma->vm_file, 0, 1, 0);
	return stash_add(vma, addr);
}
"""
        },
    ),
    silent=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static int stash_fill(struct vm_area_struct *vma, unsigned long addr)
{
	if (vma->vm_file && vma->vm_file->f_op->fsync)
		return vma->vm_file->f_op->fsync(vma->vm_file, 0, 1, 0);
	return stash_add(vma, addr);
}
"""
        },
    ),
)

"""What the use of a name tells of its type: shapes that are unified as the text demands, and spelled as C.

A shape starts as unknown. `p->f` demands a pointer to a record with a field f, `p[i]` and `*p` a pointer.
Integers are
never unified: C converts them, and a place of unknown integer type is a signed 64-bit one (rule T2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

_numbers = count()
BOOL = 4
"""The runtime's kind of a _Bool: it is 0 or 1."""
PLACE = 5
"""The runtime's kind of what is no value: a record, an array, a size."""


@dataclass(slots=True, eq=False)
class Shape:
    """A node of the union-find forest; read its parts through find()."""

    kind: str = ""
    """"" (unknown), "int", "ptr", "rec", "arr", "void", "fn"."""
    spelling: str = ""
    """An integer's type; a record's name as C writes it ("struct k_x", a typedef's name)."""
    target: Shape | None = None
    """Of a pointer, an array, a function (its result)."""
    size: str = ""
    """An array's bound as written; ":" for a bit-field."""
    fields: dict[str, Shape] = field(default_factory=dict)
    whole: bool = False
    """The record's definition is at hand: its fields are all there are."""
    union: bool = False
    parent: Shape | None = None
    number: int = field(default_factory=lambda: next(_numbers))

    def find(self) -> Shape:
        """Return the root of its class."""
        here = self
        while here.parent is not None:
            if here.parent.parent is not None:
                here.parent = here.parent.parent
            here = here.parent
        return here


def integer(spelling: str = "int") -> Shape:
    """Return an integer's shape."""
    return Shape("int", spelling)


def pointer(target: Shape) -> Shape:
    """Return a pointer's shape."""
    return Shape("ptr", target=target)


def unify(left: Shape, right: Shape) -> None:
    """Make two shapes one where both can be; what contradicts is left alone, for the compiler to convert or
    refuse."""
    waiting = [(left, right)]
    while waiting:
        a, b = (shape.find() for shape in waiting.pop())
        if a is b or "int" in (a.kind, b.kind) or "void" in (a.kind, b.kind):
            continue
        if not a.kind:
            a.parent = b
        elif not b.kind:
            b.parent = a
        elif a.kind in ("ptr", "arr") and b.kind in ("ptr", "arr"):
            if a.target and b.target:
                waiting.append((a.target, b.target))
        elif a.kind == b.kind == "rec" and (not a.spelling or not b.spelling):
            kept, gone = (a, b) if a.spelling else (b, a)
            if kept.whole and gone.fields.keys() - kept.fields.keys():
                continue
            gone.parent = kept
            for name, shape in gone.fields.items():
                if name in kept.fields:
                    waiting.append((kept.fields[name], shape))
                else:
                    kept.fields[name] = shape


def target_of(shape: Shape) -> Shape:
    """Demand a pointer (or an array), and return what it points to."""
    found = shape.find()
    if not found.kind:
        found.kind, found.target = "ptr", Shape()
    if found.kind in ("ptr", "arr") and found.target is not None:
        return found.target.find()
    return Shape()


def field_of(shape: Shape, name: str) -> Shape:
    """Demand a record with a field, and return the field's shape."""
    found = shape.find()
    if not found.kind:
        found.kind = "rec"
    if found.kind != "rec":
        return Shape()
    if name not in found.fields and not found.whole:
        found.fields[name] = Shape()
    return found.fields.get(name, Shape())


def spell(shape: Shape, name: str, depth: int = 0) -> str:
    """Declare `name` with a shape: "struct k_page *name", "long name", "int name[4]"."""
    found = shape.find()
    if depth > 20:
        return f"long {name}"
    if found.kind == "int":
        return f"{found.spelling} {name}"
    if found.kind == "void":
        return f"void {name}"
    if found.kind == "rec":
        return f"{found.spelling or f'struct rt_s{found.number}'} {name}"
    if found.kind == "arr" and found.target is not None:
        return spell(found.target, f"{name}[{found.size or '16'}]", depth + 1)
    if found.kind == "ptr" and found.target is not None:
        to = found.target.find()
        if to.kind in ("fn", "void"):
            return f"void *{name}"
        return spell(to, f"(*{name})" if to.kind == "arr" else f"*{name}", depth + 1)
    return f"long {name}"


def value_kind(shape: Shape) -> int:
    """Return how the runtime draws a value of this shape: enum kind in runtime.c."""
    found = shape.find()
    if found.kind == "int" and found.spelling == "_Bool":
        return BOOL
    return {"void": 0, "ptr": 1, "arr": 1, "int": 2}.get(found.kind, 3)

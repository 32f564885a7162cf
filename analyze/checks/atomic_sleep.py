"""Something that may sleep, called where nothing may."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from ..engine import ir
from ..kernel.contracts import functions
from .finding import Check, Example, Hit, Shown
from .holding import LockWatcher, by_function, unpack
from .paths import Here, followed
from .view import Code, SideView

_MAY_SLEEP = ("GFP_KERNEL", "GFP_USER", "GFP_HIGHUSER", "GFP_HIGHUSER_MOVABLE", "GFP_KERNEL_ACCOUNT")


class _Sleeps(LockWatcher):
    """Looks at each call while a spinlock or the like is held."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.found: dict[str, tuple[int, int, str, str, tuple[str, ...]]] = {}

    def step(self, here: Here, step: ir.Instruction | ir.Terminator, extra: Hashable) -> Hashable:
        held, _ = unpack(extra)
        if isinstance(step, ir.Call) and held:
            why = _why_sleeping(step)
            atomic = {one.lock.kind for one in by_function().values() if one.lock.atomic}
            taken = next((one for one in held if one[0] in atomic and one[2] > 0), None)
            if why and taken is not None:
                found = (self.code.line(step.span), taken[3], taken[0], why, here.steps())
                self.found.setdefault(step.callee, found)
        return super().step(here, step, extra)


def _why_sleeping(call: ir.Call) -> str:
    """Return where it is written that a call may sleep, "" where it is not."""
    contract = functions().get(call.callee)
    if contract is not None and contract.sleeps:
        return contract.source
    for argument in call.arguments:
        value = argument.value
        while isinstance(value, ir.Cast):
            value = value.value
        if isinstance(value, ir.Symbol) and value.name in _MAY_SLEEP:
            return "Documentation/core-api/memory-allocation.rst"
    return ""


def find(side: SideView) -> Iterable[Hit]:
    """Find calls that may sleep under a lock that forbids it."""
    atomic = {name for name, one in by_function().items() if one.lock.atomic and one.how != "give"}
    for code, watcher in followed(side, _Sleeps, atomic):
        for callee, (line, taken, kind, why, steps) in watcher.found.items():
            yield Hit(
                key=f"{callee} {kind}",
                function=code.name,
                path=code.path,
                line=line,
                says=f"{code.name}() calls {callee}(), which may sleep, with the {kind} of line {taken} held",
                shown=(
                    Shown(
                        path=code.path,
                        side=side.side,
                        line=taken,
                        text=code.text_at(taken),
                        note="held from here",
                    ),
                    Shown(
                        path=code.path, side=side.side, line=line, text=code.text_at(line), note="may sleep"
                    ),
                ),
                steps=steps,
                sources=(why,),
            )


_BEFORE = """\
static int stash_copy(struct stash *s, void __user *to)
{
	int left;

	spin_lock(&s->lock);
	left = s->size;
	spin_unlock(&s->lock);
	return left;
}
"""

CHECK = Check(
    id="atomic-sleep",
    title="Nothing sleeps where nothing may",
    proves=(
        "There is a path on which a function that may sleep is called while a lock is held that forbids it."
    ),
    assumes=("the locks and the called function are the kernel's of these names",),
    severity="medium",
    side=find,
    fires=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static int stash_copy(struct stash *s, void __user *to)
{
	int left;

	spin_lock(&s->lock);
	left = copy_to_user(to, s->data, s->size);
	spin_unlock(&s->lock);
	return left;
}
"""
        },
    ),
    silent=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static int stash_copy(struct stash *s, void __user *to)
{
	int left;

	spin_lock(&s->lock);
	left = s->size;
	spin_unlock(&s->lock);
	left = copy_to_user(to, s->data, left);
	return left;
}
"""
        },
    ),
)

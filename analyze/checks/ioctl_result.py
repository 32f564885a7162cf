"""An ioctl's result field: written wherever the caller is told to look at it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from ..engine import ir
from .finding import Check, Example, Hit, Shown
from .paths import Here, Watcher, follow
from .values import Value, is_errno
from .view import Code, SideView

_PUT = ("put_user", "__put_user")
_PLAIN = ("EFAULT", "EINVAL", "ENOMEM", "EPERM")
"""Errors that say that nothing was done: nobody reads a result then."""


class _Results(Watcher):
    """Which result fields a path has written when it returns an error number. `extra`: their names."""

    start: Hashable = ()

    def __init__(self, code: Code) -> None:
        self.code = code
        self.fields: dict[str, int] = {}
        self.exits: dict[tuple[str, bool, str], tuple[int, tuple[str, ...]]] = {}

    def step(self, here: Here, step: ir.Instruction | ir.Terminator, extra: Hashable) -> Hashable:
        written: tuple[str, ...] = extra  # type: ignore[assignment]  # as `start`
        if isinstance(step, ir.Call) and step.callee in _PUT and len(step.arguments) == 2:
            name = _field(step.arguments[1].value)
            if name:
                self.fields.setdefault(name, self.code.line(step.span))
                return tuple(sorted({*written, name}))
        elif isinstance(step, ir.Return) and step.value is not None:
            error = _error(here.known.value(step.value))
            for name in self.fields if error else ():
                key = (name, name in written, error)
                self.exits.setdefault(key, (self.code.line(step.span), here.steps()))
        return written


def _field(value: ir.Expr) -> str:
    while isinstance(value, ir.Cast):
        value = value.value
    if isinstance(value, ir.AddressOf) and isinstance(value.place, ir.Member):
        return value.place.field
    return ""


def _error(value: Value) -> str:
    """Return the error number that a value is, "" where it is none."""
    if value[0] == "n" and value[1] == "-" and value[2][0] == "s" and is_errno(value[2][1]):
        return str(value[2][1])
    return ""


def find(side: SideView) -> Iterable[Hit]:
    """Find functions that return one error with the result field written and without it."""
    for code in _handlers(side):
        if code.lowered is None:
            continue
        watcher = _Results(code)
        fields = _Fields(watcher)
        if not fields.collect(code) or not follow(code, side, watcher):
            continue
        for (name, written, error), (line, steps) in watcher.exits.items():
            other = watcher.exits.get((name, True, error))
            if written or other is None or error in _PLAIN:
                continue
            at = watcher.fields[name]
            yield Hit(
                key=f"{name} {error}",
                function=code.name,
                path=code.path,
                line=line,
                says=f"{code.name}() returns -{error} without writing ->{name} on this path, and with it "
                f"on another (line {at}): a caller that reads it after -{error} reads what was there before",
                shown=(
                    Shown(
                        path=code.path, side=side.side, line=at, text=code.text_at(at), note="written here"
                    ),
                    Shown(
                        path=code.path, side=side.side, line=line, text=code.text_at(line), note="not written"
                    ),
                ),
                steps=steps,
                sources=("fs/userfaultfd.c:1597",),
            )


class _Fields:
    """Fills in which fields a function writes at all, so that a path that comes first knows of them."""

    def __init__(self, watcher: _Results) -> None:
        self.watcher = watcher

    def collect(self, code: Code) -> bool:
        assert code.lowered is not None
        for block in code.lowered.blocks:
            for step in block.instructions:
                if isinstance(step, ir.Call) and step.callee in _PUT and len(step.arguments) == 2:
                    name = _field(step.arguments[1].value)
                    if name:
                        self.watcher.fields.setdefault(name, code.line(step.span))
        return bool(self.watcher.fields)


def _handlers(side: SideView) -> Iterator[Code]:
    """Yield the changed functions that put to user space, and their like in the same files."""
    both = (*side.patch.pre.changed, *side.patch.post.changed)
    paths = {one.path for one in both if _puts(one.definition.text)} & side.files.keys()
    changed = {(one.path, one.definition.start) for one in side.changed}
    yield from (one for one in side.changed if _puts(one.definition.text))
    for path in sorted(paths):
        for several in side.files[path].functions.values():
            for one in several:
                if (one.path, one.start) not in changed and _puts(one.text):
                    yield side.code(one)


def _puts(text: str) -> bool:
    return "put_user(" in text and "copy_from_user(" in text


_BEFORE = """\
static long stash_move(struct stash *s, unsigned long arg)
{
	long ret;
	struct stash_move move;
	struct stash_move __user *user = (void __user *)arg;

	ret = -EFAULT;
	if (copy_from_user(&move, user, sizeof(move)))
		goto out;
	ret = stash_do_move(s, &move);
	if (put_user(ret, &user->moved))
		return -EFAULT;
	ret = ret == move.len ? 0 : -EAGAIN;
out:
	return ret;
}
"""

CHECK = Check(
    id="ioctl-result",
    title="An ioctl's result field is written on every path that asks for a look at it",
    proves=(
        "The function returns one error number both on a path that has written the result field with "
        "put_user() and on one that has not."
    ),
    assumes=("callers look at the field after that error",),
    severity="medium",
    side=find,
    tells_old=True,
    fires=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static long stash_move(struct stash *s, unsigned long arg)
{
	long ret;
	struct stash_move move;
	struct stash_move __user *user = (void __user *)arg;

	ret = -EAGAIN;
	if (s->changing)
		goto out;
	ret = -EFAULT;
	if (copy_from_user(&move, user, sizeof(move)))
		goto out;
	ret = stash_do_move(s, &move);
	if (put_user(ret, &user->moved))
		return -EFAULT;
	ret = ret == move.len ? 0 : -EAGAIN;
out:
	return ret;
}
"""
        },
    ),
    silent=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static long stash_move(struct stash *s, unsigned long arg)
{
	long ret;
	struct stash_move move;
	struct stash_move __user *user = (void __user *)arg;

	ret = -EAGAIN;
	if (s->changing) {
		if (put_user(ret, &user->moved))
			return -EFAULT;
		goto out;
	}
	ret = -EFAULT;
	if (copy_from_user(&move, user, sizeof(move)))
		goto out;
	ret = stash_do_move(s, &move);
	if (put_user(ret, &user->moved))
		return -EFAULT;
	ret = ret == move.len ? 0 : -EAGAIN;
out:
	return ret;
}
"""
        },
    ),
)

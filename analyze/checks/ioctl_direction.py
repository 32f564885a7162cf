"""An ioctl's direction against what its handler copies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..lexical import scan
from .calls import calls_in
from .finding import Check, Example, Hit, Shown
from .view import SideView

_IOCTL = re.compile(
    r"#\s*define\s+(\w+)\s+(_IO[RW]{1,2})\((?:[^,\n\\]|\\\n)+,(?:[^,\n\\]|\\\n)+,\s*(?:\\\n\s*)?struct\s+(\w+)\s*\)"
)
_LOCAL = re.compile(r"\bstruct\s+(\w+)\s+((?:\*?\s*\w+\s*,\s*)*\w+)\s*(?:=[^;]*)?;")
_USER = re.compile(r"\bstruct\s+(\w+)\s+__user\s*\*\s*(\w+)")
_BRACE = re.compile(r"[{}]")
_ROOT = re.compile(r"[&*(\s]*(\w+)")
_SHOULD = {(True, True): "_IOWR", (True, False): "_IOW", (False, True): "_IOR"}


@dataclass(slots=True)
class _Copied:
    """What the handlers copy of one struct."""

    reads: list[Shown] = field(default_factory=list)
    writes: list[Shown] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)


def find(side: SideView) -> Iterable[Hit]:
    """Find ioctls whose macro says another direction than the copies of their struct have."""
    copied = _copies(side)
    for file in side.files.values():
        for found in _IOCTL.finditer(file.text):
            name, macro, struct = found[1], found[2], found[3]
            one = copied.get(struct)
            if one is None or not (one.reads or one.writes):
                continue
            should = _SHOULD[bool(one.reads), bool(one.writes)]
            if macro == should or macro == "_IOWR":  # more than is needed does no harm to a caller
                continue
            line = _line_of(file.fragments, found.start())
            yield Hit(
                key=name,
                function="",
                path=file.path,
                line=line,
                says=f"{name} is {macro}, and its handler {_words(one)} struct {struct}: {should}",
                shown=(
                    Shown(path=file.path, side=side.side, line=line, text=" ".join(found[0].split())),
                    *(one.reads[:1]),
                    *(one.writes[:1]),
                ),
                sources=("Documentation/driver-api/ioctl.rst",),
            )


def _words(one: _Copied) -> str:
    return "reads and writes" if one.reads and one.writes else "reads" if one.reads else "writes"


def _copies(side: SideView) -> dict[str, _Copied]:
    """Return what the functions at hand copy, by the struct's tag."""
    found: dict[str, _Copied] = {}
    codes = [one.definition for one in side.changed]
    codes += [one for file in side.files.values() for several in file.functions.values() for one in several]
    for definition in {(one.path, one.start): one for one in codes}.values():
        text = definition.text
        if "_user" not in text:
            continue
        locals_, users = _declared(_LOCAL, text), _declared(_USER, text)
        for call in calls_in(text):
            line = definition.start + text.count("\n", 0, call.start)
            shown = Shown(
                path=definition.path,
                side=side.side,
                line=line,
                text=text.split("\n")[line - definition.start].strip(),
            )
            tag, read = _copied(
                call.name, call.arguments, _tags(locals_, call.start), _tags(users, call.start)
            )
            if tag:
                one = found.setdefault(tag, _Copied())
                (one.reads if read else one.writes).append(shown)
                one.functions.add(definition.name)
    return found


def _declared(form: re.Pattern[str], text: str) -> list[tuple[str, str, range]]:
    """Return what declarations of a form declare in a function: name, struct's tag, and the offsets at which
    it holds, until its block ends; a parameter until the function does."""
    mask = scan(text).mask
    return [
        (name, one[1], range(one.start(), _block_end(mask, one.start())))
        for one in form.finditer(text)
        for name in re.findall(r"\w+", one[2])
    ]


def _tags(declared: list[tuple[str, str, range]], at: int) -> dict[str, str]:
    """Return the tags by name at an offset: the innermost block's declaration counts."""
    return {name: tag for name, tag, where in declared if at in where}


def _block_end(mask: str, start: int) -> int:
    """Return where the innermost block around a place ends; the text's end where none is around it."""
    depth = 0
    for brace in _BRACE.finditer(mask, start):
        depth += 1 if brace[0] == "{" else -1
        if depth < 0:
            return brace.start()
    return len(mask)


def _copied(
    name: str, arguments: tuple[str, ...], locals_: dict[str, str], users: dict[str, str]
) -> tuple[str, bool]:
    """Return the struct that a call copies, "" where none, and whether it reads it from user space."""
    if name == "copy_from_user" and len(arguments) == 3:
        return locals_.get(_root(arguments[0]), "") or users.get(_root(arguments[1]), ""), True
    if name == "copy_to_user" and len(arguments) == 3:
        return locals_.get(_root(arguments[1]), "") or users.get(_root(arguments[0]), ""), False
    if name in ("put_user", "__put_user") and len(arguments) == 2 and "->" in arguments[1]:
        return users.get(_root(arguments[1]), ""), False
    if name in ("get_user", "__get_user") and len(arguments) == 2 and "->" in arguments[1]:
        return users.get(_root(arguments[1]), ""), True
    return "", False


def _root(text: str) -> str:
    found = _ROOT.match(text)
    return found[1] if found else ""


def _line_of(fragments: Iterable[object], offset: int) -> int:
    for fragment in fragments:
        text: str = fragment.text  # type: ignore[attr-defined]  # images.Fragment
        if offset < len(text):
            return int(fragment.start) + text.count("\n", 0, offset)  # type: ignore[attr-defined]
        offset -= len(text)
    return 1


_BEFORE = """\
struct stash_move {
	__u64 from;
	__s64 moved;
};
"""
_BEFORE_2 = """\
static long stash_ioctl_move(unsigned long arg)
{
	struct stash_move move;
	struct stash_move __user *user = (void __user *)arg;

	return 0;
}
"""
_SAME = """\
static long stash_ioctl_move(unsigned long arg)
{
	struct stash_move move;
	struct stash_move __user *user = (void __user *)arg;

	if (copy_from_user(&move, user, sizeof(move)))
		return -EFAULT;
	if (put_user(0, &user->moved))
		return -EFAULT;
	return 0;
}
"""

CHECK = Check(
    id="ioctl-direction",
    title="An ioctl's direction is what its handler copies",
    proves="The macro of an ioctl names one direction, and the functions at hand copy its struct in another.",
    assumes=("the functions that copy the struct are the ioctl's handlers",),
    severity="medium",
    side=find,
    tells_old=True,
    fires=Example(
        pre={"include/uapi/linux/stash.h": _BEFORE, "mm/stash.c": _BEFORE_2},
        post={
            "include/uapi/linux/stash.h": """\
struct stash_move {
	__u64 from;
	__s64 moved;
};
#define STASH_MOVE _IOR('s', 1, struct stash_move)
""",
            "mm/stash.c": _SAME,
        },
    ),
    silent=Example(
        pre={"include/uapi/linux/stash.h": _BEFORE, "mm/stash.c": _BEFORE_2},
        post={
            "include/uapi/linux/stash.h": """\
struct stash_move {
	__u64 from;
	__s64 moved;
};
#define STASH_MOVE _IOWR('s', 1, struct stash_move)
""",
            "mm/stash.c": _SAME,
        },
    ),
)

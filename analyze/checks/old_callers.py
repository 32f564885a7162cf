"""A function whose parameters changed, and a caller that still passes the old ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .calls import calls_in, parameters_of
from .finding import Check, Example, Hit, Shown
from .view import FileView, PatchView


def find(view: PatchView) -> Iterable[Hit]:
    """Find calls with as many arguments as the function took before the patch, and takes no more."""
    for name, (before, after) in _changed_counts(view).items():
        for file in view.post.files.values():
            if file.whole and file.exact and name in file.words:
                yield from _old_calls(file, name, before, after)


def _changed_counts(view: PatchView) -> dict[str, tuple[int, int]]:
    """Return the functions that take another number of parameters now: (before, after)."""
    found: dict[str, tuple[int, int]] = {}
    for one in view.case.functions:
        if one.symbol not in ("function", "prototype") or one.pre is None or one.post is None:
            continue
        if one.pre.name != one.post.name or not (one.pre.whole and one.post.whole):
            continue
        before, after = parameters_of(one.pre), parameters_of(one.post)
        if before is None or after is None or any(p.type.endswith(". . .") for p in (*before, *after)):
            continue
        if len(before) != len(after):
            found[one.name] = (len(before), len(after))
    macros = {d.name for f in view.post.files.values() for d in f.definitions if d.symbol == "macro"}
    return {name: counts for name, counts in found.items() if name not in macros}


def _old_calls(file: FileView, name: str, before: int, after: int) -> Iterator[Hit]:
    for definitions in file.functions.values():
        for caller in definitions:
            if caller.name == name or name not in caller.text:
                continue
            for call in calls_in(caller.text):
                if call.name != name or len(call.arguments) != before:
                    continue
                line = caller.start + caller.text.count("\n", 0, call.start)
                yield Hit(
                    key=f"{caller.name} {name}",
                    function=caller.name,
                    path=file.path,
                    line=line,
                    says=f"{caller.name}() calls {name}() with {before} arguments; it takes {after} now",
                    shown=(Shown(path=file.path, side="post", line=line, text=file.line(line)),),
                    sources=("Documentation/process/submitting-patches.rst",),
                )


CHECK = Check(
    id="old-caller",
    title="Every caller passes the new parameters",
    proves=(
        "A call in a file of the patch has the number of arguments that the function took before, not after."
    ),
    assumes=("the name means the same function there",),
    severity="high",
    patch=find,
    fires=Example(
        pre={
            "mm/stash.c": """\
static int stash_get(int a)
{
	return a;
}

int stash_one(void)
{
	return stash_get(1);
}

int stash_two(void)
{
	return stash_get(2);
}
"""
        },
        post={
            "mm/stash.c": """\
static int stash_get(int a, int b)
{
	return a + b;
}

int stash_one(void)
{
	return stash_get(1, 0);
}

int stash_two(void)
{
	return stash_get(2);
}
"""
        },
    ),
    silent=Example(
        pre={
            "mm/stash.c": """\
static int stash_get(int a)
{
	return a;
}

int stash_one(void)
{
	return stash_get(1);
}
"""
        },
        post={
            "mm/stash.c": """\
static int stash_get(int a, int b)
{
	return a + b;
}

int stash_one(void)
{
	return stash_get(1, 0);
}
"""
        },
    ),
)

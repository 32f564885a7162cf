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
                yield from _old_calls(view, file, name, before, after)
            elif not file.whole and file.path.endswith((".c", ".h")):
                yield from _in_hunks(view, file, name, before, after)
        yield from _in_tree(view, name, before, f"it takes {after} now")
    for one in view.case.called:
        if one.defined_in == (one.path,) and _is_gone(view, one.function, one.path):
            yield from _in_tree(view, one.function, one.arguments, "the patch takes it away")


def _in_hunks(view: PatchView, file: FileView, name: str, before: int, after: int) -> Iterator[Hit]:
    """Yield old calls in what hunks show of a file, which is what the patch's author had."""
    own = [one.post for one in view.case.functions if one.post is not None and one.post.path == file.path]
    for fragment in file.fragments:
        for call in calls_in(fragment.text, fragment=True) if name in fragment.text else ():
            line = fragment.start + fragment.text.count("\n", 0, call.start)
            if call.name == name and len(call.arguments) == before and before:
                names = (one.name for one in own if one.symbol == "function" and one.start <= line <= one.end)
                caller = next(names, "")
                if caller not in ("", name):  # outside of functions it is a prototype
                    mended = _mended_by(view, file.path, caller, name, before)
                    yield _hit(file, caller, name, line, before, after, mended)


def _in_tree(view: PatchView, name: str, before: int | None, says: str) -> Iterator[Hit]:
    """Yield calls in files of the tree that no patch so far touches; the tree has to be the one that the
    patch was written for, which the blob ids of all C files tell that the patch changes: one that was moved
    since would have its calls in two places."""
    changed = [one for one in view.pre.files.values() if one.path.endswith((".c", ".h"))]
    if not all(one.change.verified is True for one in changed):
        return
    touched = {path for one in (*view.earlier, view) for side in (one.pre, one.post) for path in side.files}
    for called in view.case.called:
        home = view.pre.files.get(called.path)
        if called.function != name or home is None or home.change.verified is not True:
            continue
        for site in called.sites:
            if site.path in touched or (before is not None and len(site.arguments) != before):
                continue
            text = f"{name}({', '.join(site.arguments)})"
            with_count = f" with {before} arguments" if before is not None else ""
            yield Hit(
                key=f"{site.path} {site.function} {name}",
                function=site.function,
                path=site.path,
                line=site.line,
                says=f"{site.function}() in {site.path}, which the patch leaves as it is, calls {name}()"
                f"{with_count}; {says}",
                shown=(Shown(path=site.path, side="pre", line=site.line, text=text, note="in the tree"),),
                sources=("Documentation/process/submitting-patches.rst",),
                fixed_by=_mended_by(view, site.path, site.function, name, before),
            )


def _mended_by(view: PatchView, path: str, caller: str, name: str, before: int | None) -> str:
    """Return the title of the first later patch behind which a caller has no old call any more; "" where no
    patch of the series takes it away."""
    for later in view.later:
        file = later.post.files.get(path)
        if file is None or not file.whole:
            continue
        texts = [one.text for one in file.functions.get(caller, ())] or [file.text]
        calls = [call for text in texts if name in text for call in calls_in(text) if call.name == name]
        if not any(before is None or len(call.arguments) == before for call in calls):
            return later.case.title
    return ""


def _is_gone(view: PatchView, name: str, path: str) -> bool:
    """Say whether a patch takes a function away, and no file of it defines or declares the name any more."""
    removed = any(
        one.symbol == "function" and one.pre and not one.post and (one.pre.name, one.pre.path) == (name, path)
        for one in view.case.functions
    )
    return removed and all(file.whole and name not in file.words for file in view.post.files.values())


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


def _old_calls(view: PatchView, file: FileView, name: str, before: int, after: int) -> Iterator[Hit]:
    for definitions in file.functions.values():
        for caller in definitions:
            if caller.name == name or name not in caller.text:
                continue
            for call in calls_in(caller.text):
                if call.name != name or len(call.arguments) != before:
                    continue
                line = caller.start + caller.text.count("\n", 0, call.start)
                mended = _mended_by(view, file.path, caller.name, name, before)
                yield _hit(file, caller.name, name, line, before, after, mended)


def _hit(file: FileView, caller: str, name: str, line: int, before: int, after: int, mended: str = "") -> Hit:
    who = f"{caller}()" if caller else file.path
    return Hit(
        key=f"{caller} {name}",
        function=caller,
        path=file.path,
        line=line,
        says=f"{who} calls {name}() with {before} arguments; it takes {after} now",
        shown=(Shown(path=file.path, side="post", line=line, text=file.line(line)),),
        sources=("Documentation/process/submitting-patches.rst",),
        fixed_by=mended,
    )


CHECK = Check(
    id="old-caller",
    title="Every caller passes the new parameters",
    proves=(
        "A call in a file of the patch, or of the tree, has the number of arguments that the function took "
        "before, not after; or the patch takes the function away."
    ),
    assumes=(
        "the name means the same function there",
        "the tree is the one that the patch is for (all C files that it changes have the mail's blob ids)",
    ),
    severity="medium",
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

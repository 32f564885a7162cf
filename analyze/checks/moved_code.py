"""Code that moved, and changed on the way, or is built elsewhere now."""

from __future__ import annotations

from collections.abc import Iterable

from ..definition import Definition
from .finding import Check, Example, Hit, Shown
from .view import PatchView

FEWEST = 3
"""Statements from which on functions of two names can be one that moved."""


def find(view: PatchView) -> Iterable[Hit]:
    """Find moved functions that changed as well, and those that left or entered an #ifdef."""
    for one in view.case.functions:
        pre, post = one.pre, one.post
        if one.symbol != "function" or pre is None or post is None or "moved" not in one.kind:
            continue
        if not (pre.whole and post.whole):
            continue
        if pre.name != post.name and _statements(post.text) < FEWEST:  # stubs look alike
            continue
        where = f"{post.path}:{post.start}" if pre.path != post.path else f"line {post.start}"
        lines = (
            Shown(path=pre.path, side="pre", line=pre.start, text=_head(pre.text), note=pre.config or ""),
            Shown(
                path=post.path, side="post", line=post.start, text=_head(post.text), note=post.config or ""
            ),
        )
        if {"modified", "signature"} & set(one.kind) and not _stays(view, pre, post):
            yield Hit(
                key="changed",
                function=post.name,
                path=post.path,
                line=post.start,
                says=f"{post.name}() is moved to {where} and changed on the way; the diff shows it as new",
                shown=lines,
            )
        if pre.config != post.config and view.post.files[post.path].whole:
            yield Hit(
                key="config",
                function=post.name,
                path=post.path,
                line=post.start,
                says=f"{post.name}() is built under {post.config or 'every configuration'} now, "
                f"under {pre.config or 'every configuration'} before",
                shown=lines,
            )


def _stays(view: PatchView, pre: Definition, post: Definition) -> bool:
    """Say whether a function stands behind the same ones as before, of those that both images have: only new
    ones, or ones that are gone, make its line another."""
    if pre.path != post.path or pre.name != post.name:
        return False
    sides = ((view.pre.files[pre.path], pre), (view.post.files[post.path], post))
    kept = sides[0][0].functions.keys() & sides[1][0].functions.keys()
    first, second = (
        {one.name for one in file.definitions if one.start < there.start and one.name in kept}
        for file, there in sides
    )
    return bool(kept) and first == second


def _statements(text: str) -> int:
    return text.partition("{")[2].count(";")


def _head(text: str) -> str:
    return " ".join(text.split("{", 1)[0].split())[:160]


_BEFORE = """\
static int stash_one(int a)
{
	int b = a * 2;

	if (b > 7)
		b = 7;
	return b + 1;
}

int stash_two(int a)
{
	int c = a + 3;

	while (c > 100)
		c -= 10;
	return c;
}

"""

CHECK = Check(
    id="moved-changed",
    title="Moved code stays as it was",
    proves=(
        "The patch moves the function and its text differs beyond comments and blanks, or it stands under "
        "another condition."
    ),
    assumes=("two definitions of one name, or with nearly the same text, are one function",),
    severity="note",
    patch=find,
    fires=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
int stash_two(int a)
{
	int c = a + 3;

	while (c > 100)
		c -= 10;
	return c;
}

static int stash_one(int a)
{
	int b = a * 2;

	if (b > 8)
		b = 7;
	return b + 1;
}

"""
        },
    ),
    silent=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
int stash_two(int a)
{
	int c = a + 3;

	while (c > 100)
		c -= 10;
	return c;
}

static int stash_one(int a)
{
	int b = a * 2;

	if (b > 7)
		b = 7;
	return b + 1;
}

"""
        },
    ),
)

"""Code that moved, and changed on the way, or is built elsewhere now."""

from __future__ import annotations

from collections.abc import Iterable

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
        if {"modified", "signature"} & set(one.kind):
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

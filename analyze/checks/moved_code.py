"""Code that moved, and changed on the way, or is built elsewhere now."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from ..definition import Definition
from ..similarity import code_tokens, similarity
from .finding import Check, Example, Hit, Shown
from .view import PatchView

FEWEST = 3
"""Statements from which on functions of two names can be one that moved: stubs look alike."""
ALIKE = 0.8
"""How alike the bodies of functions of two names are, of 1, from which on they are one that moved."""
SAME = 0.5
"""How alike the bodies of functions of one name are, from which on their places are compared."""
LINKAGE = frozenset(
    ["static", "inline", "__inline", "__inline__", "__always_inline", "noinline", "extern", "__weak"]
)
"""Words of a definition's head that say where it is seen and how it is called, not what it does."""


def find(view: PatchView) -> Iterable[Hit]:
    """Find moved functions that changed as well, and those that left or entered an #ifdef."""
    for one in view.case.functions:
        pre, post = one.pre, one.post
        if one.symbol != "function" or pre is None or post is None or "moved" not in one.kind:
            continue
        if not (pre.whole and post.whole):
            continue
        if not _is_one(pre, post) or _is_twin(view, pre, post) or _is_elsewhere(view, pre, post):
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
                says=f"{post.name}() is moved to {where} and {_change(pre, post)}; the diff shows it as new",
                shown=lines,
            )
        if pre.config != post.config and pre.path == post.path and view.post.files[post.path].whole:
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
    """Say whether a function keeps its place among those that both images have.

    What is new, gone, renamed or another function of the same name makes its line another one, not its place.
    It has moved where it stood on the other side of one that the diff shows in its place, or where a
    longest order that both images share can do without it.
    """
    if pre.path != post.path or not (view.pre.files[pre.path].whole and view.post.files[post.path].whole):
        return False
    pairs = [
        (one.start, there.start)
        for one, there in _in_both(view, pre.path, post.path)
        if (one.start, there.start) == (pre.start, post.start) or _likeness(one, there) >= SAME
    ]
    if (pre.start, post.start) not in pairs:
        return True
    unsure = {
        one.post.start
        for one in view.case.functions
        if one.post and one.path == post.path and {"moved", "renamed"} & {*one.kind}
    }
    if any((a < pre.start) != (b < post.start) for a, b in pairs if b not in unsure):
        return False
    own, order = pairs.index((pre.start, post.start)), [there for _, there in pairs]
    return _longest(order) > _longest(order[:own] + order[own + 1 :])


def _in_both(view: PatchView, before: str, after: str) -> list[tuple[Definition, Definition]]:
    """Return the functions that both images of a file have, by the line before: of one name, or renamed by
    the patch; twins by their condition, then in their order."""
    renamed = {
        one.pre.name: one.post.name
        for one in view.case.functions
        if one.symbol == "function" and one.pre and one.post and one.pre.path == before
    }
    first, left = (
        [one for one in file.definitions if one.symbol == "function"]
        for file in (view.pre.files[before], view.post.files[after])
    )
    pairs: dict[int, tuple[Definition, Definition]] = {}
    for twins in (True, False):
        for one in first:
            name = renamed.get(one.name, one.name)
            there = next((t for t in left if t.name == name and (not twins or t.config == one.config)), None)
            if one.start not in pairs and there is not None:
                pairs[one.start] = (one, there)
                left.remove(there)
    return [pair for _, pair in sorted(pairs.items())]


def _longest(values: Sequence[int]) -> int:
    """Return the length of a longest increasing subsequence."""
    tails: list[int] = []
    for value in values:
        at = bisect_left(tails, value)
        tails[at : at + 1] = [value]
    return len(tails)


def _is_one(pre: Definition, post: Definition) -> bool:
    """Say whether one function became the other: with another name it must be much like it."""
    statements = post.text.partition("{")[2].count(";")
    if pre.name != post.name:
        return statements >= FEWEST and _likeness(pre, post) >= ALIKE
    return statements > 0 or pre.config != post.config  # an empty stub has no body that could change


def _is_twin(view: PatchView, pre: Definition, post: Definition) -> bool:
    """Say whether another definition of that name, under another condition, is more like what it became."""
    twins = view.pre.files[pre.path].functions.get(post.name, ())
    return any(_likeness(one, post) > max(_likeness(pre, post), SAME) for one in twins if one != pre)


def _is_elsewhere(view: PatchView, pre: Definition, post: Definition) -> bool:
    """Say whether the patch adds the body that the function had at another place, under its name, and the one
    here has another: what moved is that one."""
    body = _body(pre)
    return body != _body(post) and any(
        one.pre is None and one.post is not None and one.name == pre.name and _body(one.post) == body
        for one in view.case.functions
        if one.symbol == "function"
    )


def _change(pre: Definition, post: Definition) -> str:
    """Return what changed on the way, in words: all that is told of it is whether it is the linkage alone."""
    heads = [code_tokens(one.text.partition("{")[0]) for one in (pre, post)]
    before, after = ([word for word in head if word in LINKAGE] for head in heads)
    rest = [[word for word in head if word not in LINKAGE] for head in heads]
    if rest[0] != rest[1] or _body(pre) != _body(post):
        return "changed on the way"
    gone = [f"{word} is gone" for word in before if word not in after]
    new = [f"{word} is new" for word in after if word not in before]
    return f"changed in its linkage alone on the way ({', '.join(new + gone) or 'in another order'})"


def _body(one: Definition) -> list[str]:
    return code_tokens(one.text.partition("{")[2])


def _likeness(pre: Definition, post: Definition) -> float:
    """Return how alike the bodies of two functions are, 0 to 1."""
    bodies = [one.text.partition("{")[2] for one in (pre, post)]
    return 1.0 if bodies[0] == bodies[1] else similarity(*map(code_tokens, bodies))


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
        "another condition; the body that it had is not added elsewhere under its name."
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

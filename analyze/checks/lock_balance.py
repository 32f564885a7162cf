"""Locks: each path of a function leaves them as the others do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from .finding import Check, Example, Hit
from .holding import LockWatcher, by_function, given_untaken, held_unevenly
from .paths import follow, followed
from .view import Code, SideView

MOST_GONE = 20
"""Functions that are gone from a file which are looked at for a new one."""
_HALF = re.compile(r"(?:\w*_)?(?:un|try)?lock(?:ed|_\w+)?")
"""Names of functions that take a lock for their caller, or give the caller's back."""


def find(side: SideView) -> Iterable[Hit]:
    """Find functions whose ways out differ in what is held, and locks given back that were not taken.

    A function that keeps a lock for its caller is left alone: its name says so, or it did before the patch.
    """
    for code, watcher in followed(side, LockWatcher, by_function().keys()):
        if _HALF.fullmatch(code.name):
            continue
        yield from given_untaken(code, side, watcher)
        held = list(held_unevenly(code, side, watcher))
        if held:
            before = tuple(f"held {kind} " for kind in _kept_before(code, side))
            for hit in held:
                yield replace(hit, origin="pre-existing") if hit.key.startswith(before) else hit


def _kept_before(code: Code, side: SideView) -> frozenset[str]:
    """Return the kinds of what the function held on some way out before the patch; of a new one what those
    held that are gone from its file: it may be one of them."""
    if side.side == "pre":
        return frozenset()
    functions = [one for one in side.patch.case.functions if one.symbol == "function"]
    own = [
        one.pre
        for one in functions
        if one.pre and one.post and (one.post.path, one.post.start) == (code.path, code.definition.start)
    ]
    gone = [one.pre for one in functions if one.post is None and one.pre and one.pre.path == code.path]
    kept: set[str] = set()
    for definition in own or gone[:MOST_GONE]:
        before = side.patch.pre.code(definition) if definition.path in side.patch.pre.files else None
        if before is None or before.lowered is None or not before.lowered.calls & by_function().keys():
            continue
        watcher = LockWatcher(before)
        follow(before, side.patch.pre, watcher)
        kept |= watcher.kept
    return frozenset(kept)


CHECK = Check(
    id="lock-balance",
    title="Locks are held alike on all ways out",
    proves=(
        "There is a path through the function, its conditions free of contradiction, on which a lock is "
        "given back that was not taken, or kept, unlike on its other paths."
    ),
    assumes=(
        "what the function reads through a pointer stays the same between its reads",
        "callees take and give back nothing but what their contracts say",
        "a lock that is given back and was not taken is another name of one of its kind that is held",
    ),
    severity="medium",
    side=find,
    fires=Example(
        pre={
            "mm/stash.c": """\
static int stash_put(struct stash *s, struct page *page, int shared)
{
	int ret = 0;

	mutex_lock(&s->lock);
	if (shared)
		ret = stash_add(s, page);
	mutex_unlock(&s->lock);
	return ret;
}
"""
        },
        post={
            "mm/stash.c": """\
static int stash_put(struct stash *s, struct page *page, int shared)
{
	int ret = 0;

	mutex_lock(&s->lock);
	if (s->full)
		return 0;
	if (shared)
		ret = stash_add(s, page);
	mutex_unlock(&s->lock);
	return 0;
}
"""
        },
    ),
    silent=Example(
        pre={
            "mm/stash.c": """\
static int stash_put(struct stash *s, struct page *page, int shared)
{
	int ret = 0;

	if (shared)
		lock_page(page);
	stash_add(s, page);
	return ret;
}
"""
        },
        post={
            "mm/stash.c": """\
static int stash_put(struct stash *s, struct page *page, int shared)
{
	int ret = 0;

	if (shared)
		lock_page(page);
	stash_add(s, page);
	if (shared)
		unlock_page(page);
	return ret;
}
"""
        },
    ),
)

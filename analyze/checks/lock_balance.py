"""Locks: each path of a function leaves them as the others do."""

from __future__ import annotations

from collections.abc import Iterable

from .finding import Check, Example, Hit
from .holding import LockWatcher, by_function, given_untaken, held_unevenly
from .paths import followed
from .view import SideView


def find(side: SideView) -> Iterable[Hit]:
    """Find functions whose ways out differ in what is held, and locks given back that were not taken."""
    for code, watcher in followed(side, LockWatcher, by_function().keys()):
        yield from given_untaken(code, side, watcher)
        yield from held_unevenly(code, side, watcher)


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

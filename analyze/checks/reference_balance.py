"""References: taken on a path, given back on that path or handed over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from .finding import Check, Example, Hit
from .holding import LockWatcher, by_function, held_unevenly
from .paths import followed
from .view import SideView


def find(side: SideView) -> Iterable[Hit]:
    """Find functions of whose ways out with one answer some give a reference back and others keep it."""
    watch = partial(LockWatcher, reference=True)
    for code, watcher in followed(side, watch, by_function(reference=True).keys()):
        for hit in held_unevenly(code, side, watcher):
            yield replace(hit, key=f"reference {hit.key}")


_HEAD = """\
static int stash_read(struct stash *s, struct task_struct *task)
{
	struct mm_struct *mm = get_task_mm(task);
	int ret;

	if (!mm)
		return -EINVAL;
"""

CHECK = Check(
    id="reference-balance",
    title="References are given back on all ways out",
    proves="There is a path through the function, its conditions free of contradiction, on which a "
    "reference is kept, where another path with the same answer gives it back.",
    assumes=(
        "what the function reads through a pointer stays the same between its reads",
        "a reference that is stored through a pointer is handed over, and no callee gives it back",
    ),
    severity="medium",
    side=find,
    fires=Example(
        pre={
            "mm/stash.c": _HEAD
            + """\
	ret = stash_walk(s, mm);
	mmput(mm);
	return ret ? -EFAULT : 0;
}
"""
        },
        post={
            "mm/stash.c": _HEAD
            + """\
	ret = stash_walk(s, mm);
	if (ret)
		return -EFAULT;
	ret = stash_copy(s, mm);
	mmput(mm);
	return ret ? -EFAULT : 0;
}
"""
        },
    ),
    silent=Example(
        pre={
            "mm/stash.c": _HEAD
            + """\
	ret = stash_walk(s, mm);
	mmput(mm);
	return ret ? -EFAULT : 0;
}
"""
        },
        post={
            "mm/stash.c": _HEAD
            + """\
	if (s->keep) {
		s->mm = mm;
		return 0;
	}
	ret = stash_walk(s, mm);
	mmput(mm);
	return ret ? -EFAULT : 0;
}
"""
        },
    ),
)

"""A changelog that says nothing changes, and a function that does."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..definition import ChangedFunction
from .finding import Check, Example, Hit, Shown
from .view import PatchView

CLAIM = re.compile(
    r"\bno\s+(?:intended\s+|intentional\s+|actual\s+|real\s+)?(?:functional|behaviou?ral|behaviou?r)\s+changes?\b"
    r"|\bthere\s+(?:is|are|should\s+be)\s+no\s+(?:functional|behaviou?ral)\s+changes?\b",
    re.IGNORECASE,
)


def find(view: PatchView) -> Iterable[Hit]:
    """Find functions that the engine shows to behave differently in a patch that says otherwise."""
    claim = CLAIM.search(view.case.commit_message)
    if claim is None:
        return
    words = " ".join(claim[0].split())
    for one in view.case.functions:
        if one.delta is None or one.post is None or one.delta.verdict != "changed":
            continue
        replayed = [row for row in one.delta.differences if row.replay == "confirmed"]
        row = (replayed or list(one.delta.differences))[0] if one.delta.differences else None
        if row is None:
            continue
        yield Hit(
            key="claim",
            function=one.name,
            path=one.path,
            line=one.post.start,
            says=f'the changelog says "{words}", and {one.name}() differs: when {row.when}: '
            f"{row.before} -> {row.after}",
            shown=(Shown(path=one.path, side="post", line=one.post.start, text=_head(one)),),
            severity=None if replayed else "medium",
            verdict="replayed" if replayed else "solved",
        )


def _head(one: ChangedFunction) -> str:
    assert one.post is not None
    return " ".join(one.post.text.split("{", 1)[0].split())[:160]


_BEFORE = """\
int stash_sign(int a)
{
	if (a < 0)
		return -1;
	return 1;
}
"""

CHECK = Check(
    id="changelog-claim",
    title="A changelog's claim that nothing changes holds",
    proves=(
        "The engine shows inputs on which the function does something else than before, and the changelog "
        "says that nothing changes."
    ),
    assumes=("what the engine assumes of the function (docs/engine.md)",),
    severity="high",
    patch=find,
    needs_delta=True,
    fires=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
int stash_sign(int a)
{
	if (a <= 0)
		return -1;
	return 1;
}
"""
        },
        message="""\
mm/stash: tidy up

No functional change.
""",
    ),
    silent=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
int stash_sign(int a)
{
	if (0 > a)
		return -1;
	return 1;
}
"""
        },
        message="""\
mm/stash: tidy up

No functional change.
""",
    ),
)

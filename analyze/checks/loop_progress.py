"""A loop whose step may now be zero."""

from __future__ import annotations

from collections.abc import Iterable

from .finding import Check, Example, Hit, Shown
from .return_contract import CONVERTS, COUNTS, HANDS_ON, OPS_HEADER, broken_returns
from .stepping import stepping_callers
from .view import PatchView


def find(view: PatchView) -> Iterable[Hit]:
    """Find loops in callers that step by an answer which a new return may make 0."""
    for one in broken_returns(view):
        for step in stepping_callers(one.code.name, view.post):
            caller = step.caller
            yield Hit(
                key=f"{one.code.name} {one.callee}",
                function=caller.name,
                path=caller.path,
                line=step.line,
                says=f"{caller.name}()'s loop goes on by what {one.code.name}() answers: where "
                f"{one.callee}() returns 0 the step is zero, and the loop makes no progress",
                shown=(
                    Shown(path=caller.path, side="post", line=step.call, text=caller.text_at(step.call)),
                    Shown(
                        path=caller.path,
                        side="post",
                        line=step.line,
                        text=caller.text_at(step.line),
                        note="the step",
                    ),
                    Shown(
                        path=one.code.path,
                        side="post",
                        line=one.line,
                        text=one.code.text_at(one.line),
                        note="may be 0",
                    ),
                ),
                sources=(one.source,),
            )


_BEFORE = """\
struct stash_ops {
};
"""

CHECK = Check(
    id="loop-progress",
    title="A loop's step cannot become zero",
    proves=(
        "A loop steps by a function's answer without asking whether it is 0, and a new return of that "
        "function hands on 0 for success."
    ),
    assumes=("an operation of type int that is named after an action returns 0 or an error number",),
    severity="high",
    patch=find,
    fires=Example(
        pre={"mm/stash.c": COUNTS, "mm/stash.h": _BEFORE},
        post={"mm/stash.c": HANDS_ON, "mm/stash.h": OPS_HEADER},
    ),
    silent=Example(
        pre={"mm/stash.c": COUNTS, "mm/stash.h": _BEFORE},
        post={"mm/stash.c": CONVERTS, "mm/stash.h": OPS_HEADER},
    ),
)

"""A function that counts, newly handing on an answer that does not count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..engine import ir
from ..engine.ctype import Integer
from ..kernel.contracts import functions
from .finding import Check, Example, Hit, Shown
from .stepping import Stepping, stepping_callers
from .view import Code, PatchView, SideView

CONVENTION = "Documentation/process/coding-style.rst"
"""Section 16: a function whose name is an action or a command returns 0 for success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A new return that does not count, in a function that does."""

    code: Code
    line: int
    callee: str
    why: str
    source: str


def broken_returns(view: PatchView) -> Iterator[Broken]:
    """Yield each new return of a counting function that hands on a call's 0 for success."""
    names = {
        one.post.name: one.pre
        for one in view.case.functions
        if one.symbol == "function" and one.pre is not None and one.post is not None
    }
    for code in view.post.changed:
        pre = names.get(code.name)
        if pre is None or not pre.whole or not _counts(code, view.post):
            continue
        before = view.pre.code(pre)
        if before.lowered is None or code.lowered is None:
            continue
        known = {callee for callee, _ in _handed_on(before)}
        for callee, line in _handed_on(code):
            why, source = _no_count(callee, code, view.post)
            if why and callee not in known:
                yield Broken(code=code, line=line, callee=callee, why=why, source=source)


def _counts(code: Code, side: SideView) -> bool:
    """Say whether a function returns a number of things: by its contract, or since a caller steps by it."""
    contract = functions().get(code.name)
    if contract is not None and contract.returns:
        return contract.returns == "count-or-errno"
    return next(iter(stepping_callers(code.name, side)), None) is not None


def _handed_on(code: Code) -> list[tuple[str, int]]:
    """Return the calls whose answer the function returns as it is, with their lines."""
    assert code.lowered is not None
    calls = {
        step.target.number: (step.callee, code.line(step.span))
        for block in code.lowered.blocks
        for step in block.instructions
        if isinstance(step, ir.Call) and step.target is not None
    }
    found = []
    for block in code.lowered.blocks:
        end = block.terminator
        value = end.value if isinstance(end, ir.Return) else None
        while isinstance(value, ir.Cast):
            value = value.value
        if isinstance(value, ir.Read) and isinstance(value.place, ir.Local):
            call = calls.get(value.place.variable.number)
            if call is not None:
                found.append(call)
    return found


def _no_count(callee: str, code: Code, side: SideView) -> tuple[str, str]:
    """Return why a callee's answer is no count, and where that is written; "" where it may be one."""
    contract = functions().get(callee)
    if contract is not None and contract.returns:
        why = "returns 0 or an error number" if contract.returns == "zero-or-errno" else ""
        return why, contract.source
    if callee.startswith("->"):
        pointer = re.compile(rf"\bint\s*\(\s*\*\s*{re.escape(callee[2:])}\s*\)\s*\(")
        wide = isinstance(code.lowered.result, Integer) and code.lowered.result.bits == 64  # type: ignore[union-attr]
        if wide and any(pointer.search(file.text) for file in side.files.values()):
            return "is an operation that returns int, and such ones return 0 for success", CONVENTION
    return "", ""


def find(view: PatchView) -> Iterable[Hit]:
    """Find new returns that break what the callers count on."""
    for one in broken_returns(view):
        steps = list(stepping_callers(one.code.name, view.post))
        text = one.code.text_at(one.line)
        yield Hit(
            key=one.callee,
            function=one.code.name,
            path=one.code.path,
            line=one.line,
            says=f"{one.code.name}() returns a count, and now hands on what {one.callee}() answers, which "
            f"{one.why}" + (f"; {steps[0].caller.name}() steps by it" if steps else ""),
            shown=(
                Shown(path=one.code.path, side="post", line=one.line, text=text),
                *(_shown(step) for step in steps[:2]),
            ),
            sources=(one.source,),
        )


def _shown(step: Stepping) -> Shown:
    text = step.caller.text_at(step.line)
    return Shown(path=step.caller.path, side="post", line=step.line, text=text, note="steps by the answer")


COUNTS = """\
long stash_range(struct stash *s, unsigned long start, unsigned long end)
{
	return stash_count(s, start, end);
}

long stash_all(struct stash *s, unsigned long start, unsigned long end)
{
	long got;

	while (start < end) {
		got = stash_range(s, start, end);
		if (got < 0)
			return got;
		start += got * 4096;
	}
	return 0;
}
"""
HANDS_ON = """\
long stash_range(struct stash *s, unsigned long start, unsigned long end)
{
	if (s->ops->fill)
		return s->ops->fill(s, start);
	return stash_count(s, start, end);
}

long stash_all(struct stash *s, unsigned long start, unsigned long end)
{
	long got;

	while (start < end) {
		got = stash_range(s, start, end);
		if (got < 0)
			return got;
		start += got * 4096;
	}
	return 0;
}
"""
CONVERTS = """\
long stash_range(struct stash *s, unsigned long start, unsigned long end)
{
	int error;

	if (s->ops->fill) {
		error = s->ops->fill(s, start);
		return error ? error : (end - start) / 4096;
	}
	return stash_count(s, start, end);
}

long stash_all(struct stash *s, unsigned long start, unsigned long end)
{
	long got;

	while (start < end) {
		got = stash_range(s, start, end);
		if (got < 0)
			return got;
		start += got * 4096;
	}
	return 0;
}
"""
OPS_HEADER = """\
struct stash_ops {
	int (*fill)(struct stash *s, unsigned long start);
};
"""

_BEFORE = """\
struct stash_ops {
};
"""

CHECK = Check(
    id="return-contract",
    title="A function's answer keeps its meaning",
    proves=(
        "The function returns a count, by its contract or since a caller steps by its answer, and a new "
        "return hands on the answer of a call that returns 0 for success."
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

"""A call that is made no longer on every way that led to it: a flag that the patch adds stands in front."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..engine import ir
from ..engine.ctype import Bool, Integer
from ..engine.graph import all_parts, places, reverse_postorder
from .finding import Check, Example, Hit, Shown
from .paths import is_pure
from .view import Code, PatchView

_NAME = re.compile(r"[A-Za-z_]\w*")
_ASKS = re.compile(r"current_time|ktime_get\w*|\w+_(?:shared|mapped|locked|dirty|enabled)")
"""Functions that are asked alone: that one is not is no harm."""


def find(view: PatchView) -> Iterable[Hit]:
    """Find calls, one in each version, that stand behind a new local flag now."""
    for one in view.case.functions:
        pre, post = one.pre, one.post
        if one.symbol != "function" or pre is None or post is None or not (pre.whole and post.whole):
            continue
        if pre.path not in view.pre.files or post.path not in view.post.files:
            continue
        before, after = view.pre.code(pre), view.post.code(post)
        if before.lowered is None or after.lowered is None:
            continue
        flags = _new_flags(before.lowered, after.lowered)
        if flags:
            yield from _skipped(before, after, flags)


def _new_flags(before: ir.Function, after: ir.Function) -> dict[int, ir.Variable]:
    """Return the local variables that the patch adds and that hold a truth."""
    known = {one.name for one in before.variables}
    return {
        one.number: one
        for one in after.variables
        if one.kind == "local" and one.name not in known and isinstance(one.type, Bool | Integer)
    }


def _skipped(before: Code, after: Code, flags: dict[int, ir.Variable]) -> Iterator[Hit]:
    old, new = _calls(before), _calls(after)
    for name, (block, line) in new.items():
        if name not in old or is_pure(name) or _ASKS.fullmatch(name) or name.startswith("__builtin_"):
            continue
        assert before.lowered is not None
        assert after.lowered is not None
        for flag, holds, span, branch in _flags_in_front(after.lowered, block, flags):
            values = list(_sets(after, flag))
            sets = [at for at, value in values if value is not None and bool(value) == holds]
            if len(sets) != 1 or len(sets) == len(values) or any(value is None for _, value in values):
                continue  # set at several places it may say just what was asked before
            asked, asks = _controlling(before.lowered, old[name][0]), _controlling(after.lowered, block)
            if len(asked) >= len(asks) or not _names(asked) <= _names(asks):
                continue  # it stood behind as much before: a flag was renamed, or a condition kept in one
            if _made_behind(after, name, block, branch):
                continue  # on the other ways there is nothing to be called with
            begins = sets[0] in _declared(after, flag)  # what makes it another is told then
            set_at = next(at for at, value in values if bool(value) != holds) if begins else sets[0]
            yield _hit(after, name, line, flag, holds, (set_at, after.line(span)), skips=begins)


def _declared(code: Code, flag: ir.Variable) -> set[int]:
    """Return the lines that declare a variable."""
    return {
        code.line(step.span)
        for block in code.graph.blocks
        for step in block.instructions
        if isinstance(step, ir.Declare) and step.variable == flag
    }


def _made_behind(code: Code, name: str, block: int, branch: int) -> bool:
    """Say whether a call is given a local variable that is only set behind a branch, as the call stands."""
    behind, blocks = _arm(code.graph, branch, block), code.graph.blocks
    given = {
        part.variable
        for step in blocks[block].instructions
        if isinstance(step, ir.Call) and step.callee == name
        for argument in step.arguments
        for part in all_parts(argument.value)
        if isinstance(part, ir.Local) and part.variable.kind == "local"
    }
    for variable in given:
        own = ir.Local(variable=variable)
        where = {
            number
            for number, one in enumerate(blocks)
            for step in one.instructions
            if own in places(step) and not (isinstance(step, ir.Assign) and _is_constant(step.value))
        }
        if where and where <= behind and variable.number not in code.graph.addressed:
            return True
    return False


def _is_constant(value: ir.Expr) -> bool:
    while isinstance(value, ir.Cast):
        value = value.value
    return isinstance(value, ir.Const)


def _arm(function: ir.Function, branch: int, block: int) -> set[int]:
    """Return the blocks behind a branch on the side of one of them, and on that side alone."""
    end = function.blocks[branch].terminator
    assert isinstance(end, ir.Branch)
    arms = [{to, *_reached(function, to, branch)} for to in (end.then, end.other)]
    own, other = arms if block in arms[0] else arms[::-1]
    return own - other - _reached(function, 0, branch)


def _controlling(function: ir.Function, block: int) -> list[str]:
    """Return the conditions that must be answered one way to get to a block, in words."""
    ends = ((number, one.terminator) for number, one in enumerate(function.blocks))
    return [
        end.words
        for number, end in ends
        if isinstance(end, ir.Branch) and number != block and _leads_only(function, number, block)
    ]


def _names(conditions: Iterable[str]) -> set[str]:
    return {name for words in conditions for name in _NAME.findall(words)}


def _calls(code: Code) -> dict[str, tuple[int, int]]:
    """Return the functions that are called just once, with block and line."""
    assert code.lowered is not None
    found: dict[str, list[tuple[int, int]]] = {}
    for number, block in enumerate(code.lowered.blocks):
        for step in block.instructions:
            if isinstance(step, ir.Call) and step.kind in ("function", "unknown"):
                found.setdefault(step.callee, []).append((number, code.line(step.span)))
    return {name: places[0] for name, places in found.items() if len(places) == 1}


def _flags_in_front(
    function: ir.Function, block: int, flags: dict[int, ir.Variable]
) -> Iterator[tuple[ir.Variable, bool, ir.Span, int]]:
    """Yield the flags whose branch must be taken one way to get to a block, with the branch's place and
    block."""
    for number, one in enumerate(function.blocks):
        end = one.terminator
        if not isinstance(end, ir.Branch) or number == block:
            continue
        value = end.condition
        while isinstance(value, ir.Cast):
            value = value.value
        if not isinstance(value, ir.Read) or not isinstance(value.place, ir.Local):
            continue
        flag = flags.get(value.place.variable.number)
        if flag is None or not _leads_only(function, number, block):
            continue
        holds = block in _reached(function, end.then, number) or end.then == block
        yield flag, holds, end.span, number


def _leads_only(function: ir.Function, branch: int, block: int) -> bool:
    """Say whether a block is reached through one arm of a branch alone, and through that branch alone."""
    end = function.blocks[branch].terminator
    assert isinstance(end, ir.Branch)
    arms = [block == to or block in _reached(function, to, branch) for to in (end.then, end.other)]
    return arms.count(True) == 1 and block not in _reached(function, 0, branch)


def _reached(function: ir.Function, start: int, without: int) -> set[int]:
    """Return the blocks that can be reached from `start` without passing `without`."""
    if start == without:
        return set()

    def follow(number: int) -> list[int]:
        return [to for to in ir.successors(function.blocks[number].terminator) if to != without]

    return set(reverse_postorder(start, follow))


def _sets(code: Code, flag: ir.Variable) -> Iterator[tuple[int, int | None]]:
    """Yield (line, value) of what a flag is set to; None for what is no constant, or is not told."""
    assert code.lowered is not None
    own = ir.Local(variable=flag)
    for block in code.lowered.blocks:
        for step in block.instructions:
            arguments = step.arguments if isinstance(step, ir.Call) else ()
            passed = any(isinstance(a.value, ir.AddressOf) and a.value.place == own for a in arguments)
            if isinstance(step, ir.Declare) or not (passed or own in places(step)):
                continue
            value = step.value if isinstance(step, ir.Assign) else None
            while isinstance(value, ir.Cast):
                value = value.value
            yield code.line(step.span), value.value if isinstance(value, ir.Const) else None


def _hit(
    after: Code,
    name: str,
    line: int,
    flag: ir.Variable,
    holds: bool,
    places: tuple[int, int],
    *,
    skips: bool,
) -> Hit:
    """`places`: where the flag is set (`skips`: to what the call is skipped for), and where it is asked."""
    set_at, branch = places
    word = flag.name if holds else f"!{flag.name}"
    where = f"line {set_at}{_where(after, set_at)}"
    told = (
        f"{flag.name} is set at {where}: there the call is skipped"
        if skips
        else f"set at {where}: on the other ways the call is skipped"
    )
    return Hit(
        key=f"{name} {flag.name}",
        function=after.name,
        path=after.path,
        line=line,
        says=f"{after.name}() calls {name}() only where {word} now, {told}",
        shown=(
            Shown(path=after.path, side="post", line=line, text=after.text_at(line), note="the call"),
            Shown(
                path=after.path, side="post", line=set_at, text=after.text_at(set_at), note="sets the flag"
            ),
            Shown(path=after.path, side="post", line=branch, text=after.text_at(branch), note="asks for it"),
        ),
    )


def _where(code: Code, line: int) -> str:
    """Return under which condition a line is reached, the innermost one: " where !page"."""
    assert code.lowered is not None
    blocks = code.lowered.blocks
    here = [n for n, b in enumerate(blocks) if any(code.line(s.span) == line for s in b.instructions)]
    for number in range(here[0] - 1 if here else -1, -1, -1):
        end = blocks[number].terminator
        if isinstance(end, ir.Branch) and end.words and _leads_only(code.lowered, number, here[0]):
            words = end.words
            holds = here[0] == end.then or here[0] in _reached(code.lowered, end.then, number)
            text = code.lowered.text[end.span.start : end.span.end]
            if any(f"IS_ERR{kind}(" in words for kind in ("", "_OR_NULL")):
                continue
            return f", where {text if holds else f'!{text}' if text.isidentifier() else f'not {text}'}"
    return ""


CHECK = Check(
    id="newly-skipped",
    title="A call is made on the ways on which it was made before",
    proves="A call that the function had before stands behind a local flag that the patch adds and sets at "
    "one place, the flag is clear on some way to it, and what the call is given is not made behind it, too.",
    assumes=("the function's other calls do not do the same in its place",),
    severity="low",
    patch=find,
    fires=Example(
        pre={
            "mm/stash.c": """\
static int stash_put(struct stash *s, struct page **pagep)
{
	struct page *page = *pagep;

	if (!page)
		page = stash_alloc(s);
	stash_add(s, page);
	return 0;
}
"""
        },
        post={
            "mm/stash.c": """\
static int stash_put(struct stash *s, struct page **pagep)
{
	struct page *page = *pagep;
	bool fresh = false;

	if (!page) {
		page = stash_alloc(s);
		fresh = true;
	}
	if (fresh)
		stash_add(s, page);
	return 0;
}
"""
        },
    ),
    silent=Example(
        pre={
            "mm/stash.c": """\
static int stash_put(struct stash *s, struct page **pagep)
{
	struct page *page = *pagep;

	if (!page)
		page = stash_alloc(s);
	stash_add(s, page);
	return 0;
}
"""
        },
        post={
            "mm/stash.c": """\
static int stash_put(struct stash *s, struct page **pagep)
{
	struct page *page = *pagep;
	bool fresh = false;

	if (!page) {
		page = stash_alloc(s);
		fresh = true;
	}
	stash_add(s, page);
	if (fresh)
		stash_count(s);
	return 0;
}
"""
        },
    ),
)

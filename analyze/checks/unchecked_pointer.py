"""What a function answers, followed without the test that its contract asks for."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from ..engine import ir
from ..engine.graph import all_parts
from ..kernel.contracts import Function, functions
from .finding import Check, Example, Hit, Shown
from .kernel_version import holds_for
from .paths import Here, Watcher, followed
from .values import NEGATIVE, POSITIVE, ZERO, Value
from .view import Code, SideView

_SIGNS = {
    "pointer-or-null": ZERO | POSITIVE,
    "pointer-or-error": NEGATIVE | POSITIVE,
    "pointer-or-error-or-null": NEGATIVE | ZERO | POSITIVE,
}
_WORDS = {ZERO: "NULL", NEGATIVE: "an error pointer", NEGATIVE | ZERO: "NULL or an error pointer"}
_NEVER_FAILS = "__GFP_NOFAIL"


class _Answers(Watcher):
    """Knows which pointers came from which call, and looks at each that is followed."""

    def __init__(self, code: Code, contracts: Mapping[str, Function]) -> None:
        self.code = code
        self.contracts = contracts
        self.calls: dict[Value, ir.Call] = {}
        self.found: dict[tuple[str, int], tuple[ir.Call, int, int, tuple[str, ...]]] = {}
        self.asks = _held_in(code, contracts)

    def answer(self, here: Here, call: ir.Call) -> int | None:
        contract = self.contracts.get(call.callee)
        if contract is None or _cannot_fail(call):
            return None
        self.calls[("c", here.block, here.index)] = call
        return _SIGNS[contract.returns]

    def step(self, here: Here, step: ir.Instruction | ir.Terminator, extra: Hashable) -> Hashable:
        for item in self.code.touched(step):
            if isinstance(item, ir.Deref):
                self._follow(here, here.known.value(item.pointer), step)
        if isinstance(step, ir.Call) and step.kind in ("unknown", "upper") and step.callee.isupper():
            for argument in step.arguments:  # a macro that is not at hand may ask, and leave (C7)
                value = here.known.value(argument.value)
                if value in self.calls:
                    here.known.narrow(value, POSITIVE)
        return extra

    def decided(self, here: Here, extra: Hashable) -> Hashable:
        """A pointer that was found to be the same as another one is taken for an object, as that one is."""
        for asked, signs in list(here.known.signs.items()):
            if asked[:2] == ("b", "==") and signs == POSITIVE and "k" not in (asked[2][0], asked[3][0]):
                for value in self.calls.keys() & set(asked[2:]):
                    here.known.narrow(value, POSITIVE)
        return extra

    def _follow(self, here: Here, value: Value, step: ir.Instruction | ir.Terminator) -> None:
        call = self.calls.get(value)
        if call is None or value not in here.known.signs:
            return
        bad = here.known.sign(value) & (ZERO | NEGATIVE)
        span = getattr(step, "span", None)
        if bad and span is not None:
            self.found.setdefault((call.callee, bad), (call, bad, self.code.line(span), here.steps()))


def _held_in(code: Code, contracts: Mapping[str, Function]) -> frozenset[str]:
    """Return the variables that hold an answer: what is known of them is remembered."""
    assert code.lowered is not None
    answers: set[int] = set()
    found: set[str] = set()
    for block in code.lowered.blocks:
        for step in block.instructions:
            if isinstance(step, ir.Call) and step.target is not None and step.callee in contracts:
                answers.add(step.target.number)
            elif isinstance(step, ir.Assign) and isinstance(step.target, ir.Local):
                read = {one.variable.number for one in all_parts(step.value) if isinstance(one, ir.Local)}
                if read & answers:
                    found.add(f"{step.target.variable.name}#{step.target.variable.number}")
    return frozenset(found)


def _cannot_fail(call: ir.Call) -> bool:
    return any(_NEVER_FAILS in repr(one.value) for one in call.arguments)


def find(side: SideView) -> Iterable[Hit]:
    """Find answers that are followed on a path where they may be NULL or an error pointer."""
    kernel = side.patch.case.kernel
    contracts = {
        name: one
        for name, one in functions().items()
        if one.returns in _SIGNS and holds_for(one.versions, kernel)
    }

    def watch(code: Code) -> _Answers:
        own = {name: one for name, one in contracts.items() if side.definition(name, code.path) is None}
        return _Answers(code, own)

    for code, watcher in followed(side, watch, contracts.keys()):
        for call, bad, line, steps in watcher.found.values():
            at = code.line(call.span)
            yield Hit(
                key=f"{call.callee} {bad}",
                function=code.name,
                path=code.path,
                line=line,
                says=f"{code.name}() follows what {call.callee}() answered, which may be {_WORDS[bad]} here",
                shown=(
                    Shown(
                        path=code.path, side=side.side, line=at, text=code.text_at(at), note="answered here"
                    ),
                    Shown(
                        path=code.path, side=side.side, line=line, text=code.text_at(line), note="followed"
                    ),
                ),
                steps=steps,
                severity="low" if contracts[call.callee].lookup else None,
                sources=(contracts[call.callee].source,),
            )


_BEFORE = """\
static int stash_grow(struct stash *s)
{
	struct stash_slot *slot;

	slot = s->first;
	slot->next = NULL;
	return 0;
}
"""

CHECK = Check(
    id="unchecked-pointer",
    title="A function's answer is followed without the test it needs",
    proves=(
        "There is a path on which a pointer that a function answered is followed where, by the function's "
        "contract, it may be NULL or an error pointer."
    ),
    assumes=(
        "the called function is the kernel's of that name",
        "an upper-case macro that is not at hand, and that is given the pointer, asks whether it is one",
    ),
    severity="medium",
    side=find,
    fires=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static int stash_grow(struct stash *s)
{
	struct stash_slot *slot;

	slot = memdup_user(s->user, 8);
	if (!slot)
		return -ENOMEM;
	slot->next = NULL;
	return 0;
}
"""
        },
    ),
    silent=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static int stash_grow(struct stash *s)
{
	struct stash_slot *slot;

	slot = memdup_user(s->user, 8);
	if (IS_ERR(slot))
		return PTR_ERR(slot);
	slot->next = NULL;
	return 0;
}
"""
        },
    ),
)

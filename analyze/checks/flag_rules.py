"""Flags passed together that exclude each other, or one without the other that it needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..kernel.contracts import FlagRule, flag_rules
from ..lexical import scan
from .calls import TextCall, calls_in
from .finding import Check, Example, Hit, Shown
from .kernel_version import holds_for
from .view import Code, SideView

_TOGETHER = re.compile(r"\b[A-Z][A-Z0-9_]+\b(?:\s*\|\s*\b[A-Z][A-Z0-9_]+\b)+")
_FLAGS = re.compile(r"[A-Z][A-Z0-9_]+(?:\s*\|\s*[A-Z][A-Z0-9_]+)*")


def find(side: SideView) -> Iterable[Hit]:
    """Find expressions of flags, and calls, that break a rule."""
    rules = [rule for rule in flag_rules() if holds_for(rule.versions, side.patch.case.kernel)]
    for code in side.shown:
        text = code.definition.text
        here = [rule for rule in rules if rule.flag in text]
        mask = scan(text).mask if here else ""
        for found in _TOGETHER.finditer(mask):
            names = set(re.findall(r"\w+", found[0]))
            for rule in here:
                if (
                    rule.rule == "excludes"
                    and {rule.flag, rule.other} <= names
                    and not _is_mask(mask, found.end())
                ):
                    yield _hit(code, side, rule, found.start(), found[0])
        needs = [rule for rule in here if rule.rule in ("needs", "refused")]
        for call in calls_in(text) if needs else ():
            for rule in needs:
                yield from _lacking(code, side, rule, call)


def _is_mask(mask: str, end: int) -> bool:
    """Say whether flags in brackets are compared or taken out: `(a & (A | B)) == A`, `~(A | B)`."""
    before = mask.rfind("(", 0, end)
    return mask[:before].rstrip().endswith(("&", "~", "==", "!="))


def _lacking(code: Code, side: SideView, rule: FlagRule, call: TextCall) -> Iterator[Hit]:
    if call.name not in rule.functions:
        return
    for argument in call.arguments:
        names = set(re.findall(r"\w+", argument))
        if not _FLAGS.fullmatch(argument) or rule.flag not in names:
            continue
        if rule.rule == "refused" or rule.other not in names:
            yield _hit(code, side, rule, call.start, argument)


def _hit(code: Code, side: SideView, rule: FlagRule, start: int, written: str) -> Hit:
    line = code.definition.start + code.definition.text.count("\n", 0, start)
    flags = " ".join(written.split())
    said = f"{rule.flag} and {rule.other}, which exclude each other"
    if rule.rule == "needs":
        said = f"{rule.flag} without {rule.other}, which it needs"
    elif rule.rule == "refused":
        said = f"{rule.flag} to a function that refuses it"
    return Hit(
        key=f"{rule.flag} {rule.rule} {rule.other}".rstrip(),
        function=code.name,
        path=code.path,
        line=line,
        says=f"{code.name}() passes {said}: {flags}",
        shown=(Shown(path=code.path, side=side.side, line=line, text=code.text_at(line)),),
        sources=(rule.source,),
    )


_BEFORE = """\
static long stash_pin(unsigned long at, struct page **pages)
{
	return stash_fault(at, FAULT_FLAG_WRITE, pages);
}
"""

CHECK = Check(
    id="flag-rules",
    title="Flags agree with each other",
    proves="One expression has two flags that exclude each other, or a call passes constant flags "
    "without the one that another of them needs, or with one that the function refuses.",
    assumes=("the flags are the kernel's of these names", "the expression is passed on as it is"),
    severity="medium",
    side=find,
    fires=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static long stash_pin(unsigned long at, struct page **pages)
{
	return stash_fault(at, FOLL_GET | FOLL_PIN, pages);
}
"""
        },
    ),
    silent=Example(
        pre={"mm/stash.c": _BEFORE},
        post={
            "mm/stash.c": """\
static long stash_pin(unsigned long at, struct page **pages)
{
	return stash_fault(at, FAULT_FLAG_WRITE | FAULT_FLAG_REMOTE, pages);
}
"""
        },
    ),
)

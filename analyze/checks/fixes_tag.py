"""The form of a Fixes: tag."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .finding import Check, Example, Hit, Shown
from .view import PatchView

_TAG = re.compile(r"^[ \t]*Fixes:[ \t]*(\S.*)$", re.MULTILINE | re.IGNORECASE)
_GOOD = re.compile(r'[0-9a-f]{12,40} \(".+"\)(?:\s*#.*)?', re.IGNORECASE)
_HASH = re.compile(r"(?:commit\s+)?([0-9a-f]{7,40})\b(.*)", re.IGNORECASE)
_WHERE = "Documentation/process/submitting-patches.rst"


def find(view: PatchView) -> Iterable[Hit]:
    """Find tags whose hash is too short, or whose subject is missing or not in parentheses and quotes."""
    for found in _TAG.finditer(view.case.commit_message):
        value = found[1].strip()
        why = _why(value)
        if why:
            line = view.case.commit_message.count("\n", 0, found.start()) + 1
            yield Hit(
                key=value,
                function="",
                path="",
                line=line,
                says=f"the tag {found[0].strip()!r} {why}",
                shown=(Shown(path="", side="post", line=line, text=found[0].strip(), note="commit message"),),
                sources=(_WHERE,),
            )


def _why(value: str) -> str:
    if _GOOD.fullmatch(value):
        return ""
    found = _HASH.match(value)
    if found is None:
        return "" if value.startswith(("http", "<")) else "names no commit"
    if len(found[1]) < 12:
        return f"has {len(found[1])} digits of the commit id, fewer than 12"
    if not found[2].strip():
        return "has no subject"
    return "" if found[2].count('"') >= 1 and "(" in found[2] else 'has its subject not in ("...")'


CHECK = Check(
    id="fixes-tag",
    title="A Fixes: tag has twelve digits and the subject",
    proves="A Fixes: tag has not the form that the stable tools read.",
    assumes=(),
    severity="note",
    patch=find,
    fires=Example(
        pre={"mm/stash.c": "int a;\n"},
        post={"mm/stash.c": "int a, b;\n"},
        message="""\
mm/stash: fix

Fixes: 1234567 (mm/stash: add)
""",
    ),
    silent=Example(
        pre={"mm/stash.c": "int a;\n"},
        post={"mm/stash.c": "int a, b;\n"},
        message="""\
mm/stash: fix

Fixes: 123456789abc ("mm/stash: add")
""",
    ),
)

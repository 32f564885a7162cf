"""The contracts as the tables of docs/contracts.md.

`python -m lorelens.analyze.kernel.page docs/contracts.md` writes what stands below its marker anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from .axes import axis_rules, notable_rules
from .contracts import Function, Step, flag_rules, functions, locks, nullable_fields, steps

MARKER = "<!-- below: written by python -m lorelens.analyze.kernel.page -->\n"


def tables() -> str:
    """Return every table as Markdown."""
    blocks = [
        _table(
            "What functions promise",
            ("function", "returns", "promises", "kernels", "source"),
            (
                (f"`{f.name}`", f.returns, _promises(f), _versions(f.versions), f.source)
                for f in functions().values()
            ),
        ),
        _table(
            "What is taken and given back",
            ("kind", "take", "try", "give", "nothing sleeps under it", "source"),
            (
                (
                    one.kind,
                    _names(one.take),
                    _names(one.try_),
                    _names(one.give),
                    "yes" if one.atomic else "",
                    one.source,
                )
                for one in locks()
            ),
        ),
        _table(
            "Pointers that may be NULL",
            ("field", "NULL where", "told by", "never in", "source"),
            (
                (
                    f"`{one.struct}.{one.field}`",
                    one.null,
                    _names((*one.guards, *(f"!{name}" for name in one.unless))),
                    ", ".join(one.known_in),
                    one.source,
                )
                for one in nullable_fields().values()
            ),
        ),
        _table(
            "Flags together",
            ("flag", "rule", "other", "in calls of", "kernels", "source"),
            (
                (f"`{r.flag}`", r.rule, f"`{r.other}`", _names(r.functions), _versions(r.versions), r.source)
                for r in flag_rules()
            ),
        ),
        _table(
            "States of a page",
            ("state", "step", "asks for", "breaking it", "kernels", "source"),
            (
                (one.state, _names(one.step), _asks_for(one), one.says, _versions(one.versions), one.source)
                for one in steps()
            ),
        ),
        _table(
            "What a model's cases can be made of",
            ("axis", "kind", "names", "source"),
            (
                (one.name, one.kind, _names([name.replace("|", "\\|") for name in one.names]), one.source)
                for one in axis_rules()
            ),
        ),
        _table(
            "Calls of note",
            ("what", "names", "source"),
            ((one.what, _names(one.names), one.source) for one in notable_rules()),
        ),
    ]
    return "\n".join(blocks)


def _promises(one: Function) -> str:
    said = []
    if one.sleeps:
        said.append("may sleep")
    if one.lookup:
        said.append("NULL: nothing is there")
    if one.refuses:
        said.append(f"fails with -{one.refuses_with} on vmas with {' or '.join(one.refuses)}")
    if one.locks_on_zero:
        said.append(f"0: the {one.locks_on_zero} of argument {one.argument} is held")
    return "; ".join([*said, one.note] if one.note else said)


def _asks_for(one: Step) -> str:
    said = [f"{_names(one.needs)} on each path, where it came from {_names(one.from_)}"] if one.needs else []
    if one.after:
        said.append(f"not behind {_names(one.after)}")
    if one.never_from:
        said.append(f"not what was answered by {_names(one.never_from)}")
    return "; ".join(said)


def _versions(versions: str) -> str:
    first, _, last = versions.partition("..")
    return "all" if not first and not last else f"{first or 'first'} to {last or 'now'}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"## {title}\n", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def page(text: str) -> str:
    """Return the page with its tables made anew."""
    return text.split(MARKER)[0] + MARKER + "\n" + tables()


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(page(file.read_text("utf-8")), "utf-8")

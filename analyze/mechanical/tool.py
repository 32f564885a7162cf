"""The values of the mechanical checks: what a program said, and what became of its run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..checks.finding import Finding, Severity

State = Literal["ran", "partly", "skipped", "failed", "not-run"]
"""`partly`: not over all that it should have seen; `not-run`: it was not asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing that a program said of one line of one text."""

    rule: str
    """The program's own name for it: "LONG_LINE", "free/kfree.cocci"."""
    line: int
    """1-based, in the text that it was given; 0 where it speaks of none."""
    text: str
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRun:
    """What became of one tool."""

    name: str
    """Also the `check` of its findings."""
    title: str
    state: State
    detail: str
    """A clause for a reader: what it ran over, or why it did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A tool's run and its findings."""

    run: ToolRun
    findings: tuple[Finding, ...] = ()


TITLES = {
    "applies": "the patches apply to the base, one after the other",
    "checkpatch": "scripts/checkpatch.pl of the tree",
    "coccinelle": "scripts/coccinelle/ of the tree, by spatch",
    "sparse": "sparse, with the tree's headers",
}


def not_run(name: str, state: State, detail: str) -> Said:
    """Return a tool that said nothing, and why."""
    return Said(run=ToolRun(name=name, title=TITLES[name], state=state, detail=detail))


def told(name: str, detail: str, lacking: list[str], findings: list[Finding]) -> Said:
    """Return a tool that ran; `lacking` says what it did not see."""
    state: State = "partly" if lacking else "ran"
    whole = "; ".join([detail, *lacking[:3], *([f"and {len(lacking) - 3} more"] if len(lacking) > 3 else [])])
    return Said(
        run=ToolRun(name=name, title=TITLES[name], state=state, detail=whole), findings=tuple(findings)
    )

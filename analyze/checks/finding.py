"""What a check says: the values between a check, the frame and the reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from .dismissal import Dismissal, Grounds
from .view import PatchView, SideView

Severity = Literal["high", "medium", "low", "note"]
Origin = Literal["introduced", "pre-existing", "fixed", "fixed-later"]
Verdict = Literal["replayed", "solved", "matched", "undecided"]
Side = Literal["pre", "post"]
Kind = Literal["semantic", "mechanical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A line of code that a finding rests on."""

    path: str
    side: Side
    line: int
    """1-based, in that image."""
    text: str
    note: str = ""
    """What it has to do with it; "" where the line says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One place at which a check fires, on one image or on a whole patch."""

    key: str
    """What makes it the same hit in another image: names, never line numbers."""
    function: str
    """"" where it is in none."""
    path: str
    line: int
    says: str
    """One sentence for a reader, with the condition under which it holds."""
    shown: tuple[Shown, ...] = ()
    steps: tuple[str, ...] = ()
    """The decisions of the path that shows it, in order; () where it rests on no path."""
    severity: Severity | None = None
    """Where it is less than the check's own."""
    origin: Origin | None = None
    """Where a check knows; the frame finds it out otherwise. Of one image: "pre-existing", or None."""
    verdict: Verdict = "matched"
    sources: tuple[str, ...] = ()
    """Where the rules that it rests on are written down."""
    fixed_by: str = ""
    """The title of the later patch that takes it away, where a check of whole patches knows one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A small patch written for a check: files before and after, by path, and its commit message."""

    pre: Mapping[str, str]
    post: Mapping[str, str]
    message: str = "mm: an example\n"


FindSide = Callable[[SideView], Iterable[Hit]]
FindPatch = Callable[[PatchView], Iterable[Hit]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check: its words, what it looks at, and its two examples."""

    id: str
    title: str
    proves: str
    """What holds where it fires."""
    assumes: tuple[str, ...]
    severity: Severity
    """At most; a hit may say less."""
    fires: Example
    silent: Example
    side: FindSide | None = None
    """Finds hits in one image; the frame compares the images."""
    patch: FindPatch | None = None
    """Finds hits in a patch as a whole. Exactly one of the two is there."""
    tells_old: bool = False
    """Whether hits that stand in both images are told: where an idiom is copied, a reader wants to know."""
    needs_delta: bool = False
    """Whether it reads what the engine says of the changed functions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A hit with its origin: what reports show, and what `lorelens check` reproduces."""

    id: str
    """The check's id and eight digits of what it is about; the same in another revision."""
    check: str
    title: str
    """The sentence for a reader."""
    severity: Severity
    origin: Origin
    verdict: Verdict
    function: str
    path: str
    line: int
    message_id: str
    position: int
    """Of the patch in its revision."""
    shown: tuple[Shown, ...] = ()
    steps: tuple[str, ...] = ()
    assumes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    fixed_by: str = ""
    """The title of the later patch of the series that removes it."""
    rerun: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    kind: Kind = "semantic"
    """ "mechanical": a program said so, and lorelens passes it on (docs/mechanical.md)."""
    grounds: Grounds | None = None
    """What it rests on; None before that was looked at."""
    dismissed: Dismissal | None = None
    """The word of a person that sets it aside."""
    returned: str = ""
    """Why it is back though a person set it aside; "" where nobody did."""

"""Reports of build robots: what they find, and on which line of a patch.

Their ">>" marks what is new and is no quote. Their line numbers are those of a tree on which they applied
the patch, so that a line counts as found only where the code that the report prints for it is the patch's
line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .anchor import DiffIndex, DiffLine, squeeze
from .passage import written

MAX_FINDINGS = 20
_FINDING = re.compile(
    r"(?:>> ?)?(?P<path>[\w./+-]{1,200}\.[chS]):(?P<line>[0-9]{1,7}):(?:[0-9]{1,5}:)? ?"
    r"[^\n]{0,80}?(?:error|warning|sparse|smatch)\b",
    re.IGNORECASE,
)
_LISTED = re.compile(r"[> ]{0,8}(?P<line>[0-9]{1,7})(?: \||\t)(?P<code>.*)$", re.MULTILINE)
"""A source line as gcc prints it below a message, and as lkp lists it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A robot's mail."""

    text: str
    findings: tuple[str, ...]
    """The messages that it marks as new, else all."""

    def find(self, index: DiffIndex) -> DiffLine | None:
        """The first line of a patch that a finding names, and that reads as the report prints it."""
        listed = {(int(found["line"]), squeeze(found["code"])) for found in _LISTED.finditer(self.text)}
        for message in self.findings:
            found = _FINDING.match(message)
            if found is None:
                continue
            number = int(found["line"])
            keys = {key for line, key in listed if line == number and len(key) >= 4}
            places = [
                line
                for key in keys
                for place in (*index.places.get(f"+{key}", ()), *index.places.get(key, ()))
                if (line := index.lines[place]).path == found["path"] and line.line
            ]
            exact = [line for line in places if line.line == number]
            if exact or len(places) == 1:
                return (exact or places)[0]
        return None


def read_report(body: str) -> Report | None:
    """Read a robot's mail; None where it says nothing."""
    text = written(body.split("\n"), frozenset())
    if not text:
        return None
    findings = [line for line in text.split("\n") if len(line) < 1000 and _FINDING.match(line)]
    fresh = [line for line in findings if line.startswith(">>")] or findings
    messages = tuple(dict.fromkeys(line.lstrip("> ") for line in fresh))
    return Report(text=text, findings=messages[:MAX_FINDINGS])

"""Text out of mail -> HTML text. Everything here escapes; nothing out of a mail is ever markup."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from .visible import character_name, code_point, plain, unseen
from .words import count

LONGEST_LINE = 2000
"""Characters of one line that a page shows."""
LONGEST_TEXT = 60_000
"""Characters of one message, quote or comment that a page shows."""
MOST_WORDS = 300
MOST_REQUESTS = 100
"""Bounds of what is looked for in a comment's text."""

_UNSEEN = Markup('<b class="unseen" title="{}">{}</b>')
_ASKED = Markup("<mark>{}</mark>")


def prose(text: str, code: bool = False) -> Markup:
    """Return `text` escaped, what nobody can see in it shown as marked code points, its lines bounded."""
    parts = []
    for piece, character in unseen(bounded(text), code=code):
        parts.append(escape(piece))
        if character:
            parts.append(_UNSEEN.format(character_name(character), code_point(character)))
    return Markup("").join(parts)


def code(text: str) -> Markup:
    """Return program text or a diff: as `prose`, and look-alike letters and odd blanks are shown too."""
    return prose(text, code=True)


def asked(text: str, requests: tuple[str, ...]) -> Markup:
    """Return a comment's text with its requests marked, each where its words stand in a row."""
    text = bounded(text)
    parts, at = [], 0
    for request in requests[:MOST_REQUESTS]:
        words = request.split()
        if not 0 < len(words) <= MOST_WORDS:
            continue
        found = re.compile(r"\s+".join(map(re.escape, words))).search(text, at)
        if found:
            parts += [prose(text[at : found.start()]), _ASKED.format(prose(found[0]))]
            at = found.end()
    return Markup("").join([*parts, prose(text[at:])])


def shown(value: object) -> object:
    """Jinja's finalize: whatever reaches a page by no filter is plain text that a reader can see whole."""
    return plain(value) if type(value) is str else value


def bounded(text: str) -> str:
    """Return `text` within LONGEST_TEXT, no line longer than LONGEST_LINE; what is left out is counted."""
    if len(text) <= LONGEST_LINE:
        return text
    lines = text[:LONGEST_TEXT].split("\n")
    for at, line in enumerate(lines):
        if len(line) > LONGEST_LINE:
            lines[at] = f"{line[:LONGEST_LINE]} ... {count(len(line) - LONGEST_LINE, 'more character')}"
    if len(text) > LONGEST_TEXT:
        lines.append(f"... {count(len(text) - LONGEST_TEXT, 'more character')}")
    return "\n".join(lines)

"""HTML -> text: entities decoded, <pre> exact, blocks on lines of their own, nothing run or fetched."""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_HTML = 4 << 20
"""Characters of HTML that are read."""
MAX_NESTING = 1000
"""Open tags at which a document is no longer parsed (the parser's work grows with their square) but
stripped.
"""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_ANY_TAG = re.compile(r"<[^<>]{0,5000}>")
_VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
_NEVER_OPEN = frozenset((*_VOID, "p", "li", "td", "tr", "th", "dd", "dt"))
_SPACED = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"))
_BLOCK = _SPACED | {
    *("address", "article", "aside", "body", "dd", "div", "dl", "dt", "footer", "form", "header", "hr"),
    *("html", "li", "main", "nav", "ol", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul"),
}
_SILENT = frozenset(("script", "style", "head", "noscript", "template", "object", "svg", "math", "iframe"))
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_MANY_LINES = re.compile(r"\n{3,}")


def parse_html(text: str) -> LexborHTMLParser | None:
    """The document's tree; None where it is nested deeper than MAX_NESTING."""
    text = text[:MAX_HTML]
    return None if _too_deep(text) else LexborHTMLParser(text)


def html_to_text(text: str) -> str:
    """The text that a reader of the page would see, roughly laid out. Never raises."""
    tree = parse_html(text)
    if tree is None or tree.body is None:
        return html.unescape(_ANY_TAG.sub("", text[:MAX_HTML]))
    return _MANY_LINES.sub("\n\n", node_text(tree.body)).strip("\n") + "\n"


def _too_deep(text: str) -> bool:
    """Counted by name and without regard to order: an upper bound that real pages stay far below."""
    still_open: Counter[str] = Counter()
    total = 0
    for closes, tag in _TAG.findall(text):
        name = tag.lower()
        if name in _NEVER_OPEN:
            continue
        if not closes:
            still_open[name] += 1
            total += 1
            if total > MAX_NESTING:
                return True
        elif still_open[name]:
            still_open[name] -= 1
            total -= 1
    return False


def node_text(node: LexborNode) -> str:
    """The text below a node; inside <pre> byte for byte, elsewhere with white space collapsed as a browser
    does.
    """
    out: list[str] = []
    exact = node.tag == "pre"
    open_tags: list[_Open] = []
    child = node.child
    while child is not None or open_tags:
        if child is None:
            ended = open_tags.pop()
            _close(ended, out)
            child, exact = ended.following, ended.exact_outside
            continue
        tag = child.tag or ""
        if child.is_text_node:
            text = child.text_content or ""
            out.append(text if exact else _collapsed(text, out))
        elif tag == "br":
            out.append("\n")
        elif not child.is_comment_node and tag not in _SILENT:
            block = not exact and tag in _BLOCK
            if block:
                _new_line(out)
            open_tags.append(_Open(tag if block else "", len(out), child.next, exact))
            child, exact = child.child, exact or tag == "pre"
            continue
        child = child.next
    return "".join(out)


class _Open(NamedTuple):
    """An element that is being written: recursion would end at Python's limit, which nested tables reach."""

    block: str
    """Its tag where it stands on lines of its own, else ""."""
    start: int
    """Where its text begins among the pieces."""
    following: LexborNode | None
    exact_outside: bool


def _close(ended: _Open, out: list[str]) -> None:
    if not ended.block:
        return
    if ended.block == "blockquote":
        quoted = "".join(out[ended.start :]).strip("\n")
        out[ended.start :] = [f"> {line}".rstrip(" ") + "\n" for line in quoted.split("\n")]
    _new_line(out)
    if ended.block in _SPACED:
        out.append("\n")


def _collapsed(text: str, out: list[str]) -> str:
    text = _BLANKS.sub(" ", text)
    last = next((piece for piece in reversed(out) if piece), "\n")
    return text.lstrip(" ") if last.endswith(("\n", " ")) else text


def _new_line(out: list[str]) -> None:
    last = next((piece for piece in reversed(out) if piece), "\n")
    if not last.endswith("\n"):
        out.append("\n")

"""How kernel C is indented (Documentation/process/coding-style.rst, 1 to 3): where the next line begins,
given those above.

`Layout` reads lines with their exact white space and says how the next one is likely indented. It knows
statements,
blocks, controlled statements without braces, labels, cases, comments, preprocessor lines, macros and
continuations.
It is no parser: a line that it misreads is put right by the next line whose white space is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .channel import TAB

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|\'(?:[^\'\\]|\\.)*\'?|/\*|//|\w+|->|[-+*/%&|^<>=!]=?|\S', re.ASCII)
_LABEL = re.compile(r"[A-Za-z_]\w*\s*:(?!:)(?:\s*/\*.*)?$")
_CASE = re.compile(r"(?:case\b.*|default\s*):(?:\s|$)|case\b")
_CONTROL = re.compile(
    r"(?:\}\s*)?(?:else\s+)?(?:if|for|while|switch|\w*for_each\w*)\s*\(|(?:\}\s*)?(?:else|do)\b"
)
_LISTED = re.compile(r"\b(?:enum|struct|union)\b|=\s*(?:\(.*\)\s*)?\{$|^\{|\]\s*=\s*\{|\{$")

Expected = tuple[str, float, str]
"""Indentation, cost, style: "aligned", "tab", "tabs2", "same", "floor" of a continuation, or "" of anything
else.
"""


def width(text: str) -> int:
    """Return the column behind `text`, tab stops every 8."""
    return len(text.expandtabs(TAB))


def blanks_to(column: int) -> str:
    """Return tabs, then blanks, from column 0 to `column`."""
    return "\t" * (column // TAB) + " " * (column % TAB)


def indent_of(line: str) -> str:
    """Return the white space that `line` begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


@dataclass(slots=True)
class Block:
    """An open brace."""

    indent: str
    """Of the statement that opened it."""
    kind: str
    """"switch", "list" (initializer, enum), "members" (struct, union) or "code"."""


@dataclass(slots=True)
class Layout:
    """What was read so far, as far as it bears on the next line."""

    level: str = ""
    """Indentation of the next statement."""
    blocks: list[Block] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    """Indentations of control headers without brace that wait for their statement."""
    parens: list[tuple[int, bool]] = field(default_factory=list)
    """Of each open parenthesis: the column behind it, and whether text followed on its line."""
    anchors: list[str | None] = field(default_factory=list)
    """Of each open parenthesis: indentation of the last continuation line in it."""
    open: bool = False
    """Whether a statement goes on on the next line."""
    head: str = ""
    """Indentation of the statement's first line."""
    head_text: str = ""
    operand: int = 0
    """Column of the statement's operand (behind "= " or "return "), 0 where there is none."""
    carried: str | None = None
    """Indentation of the last continuation line outside parentheses."""
    comment: str | None = None
    """Indentation of the open block comment's first line."""
    comment_line: str = ""
    """The comment's last line."""
    starred: bool = False
    """Whether the comment's lines begin with stars."""
    macro: Layout | None = None
    """Inside a #define that goes on: the state to go back to."""
    slashed: bool = False
    """Whether the line above ended with a backslash."""

    def clone(self) -> Layout:
        """Return a copy that may be fed on its own."""
        twin = type(self)()
        for name in _PLAIN_FIELDS:
            setattr(twin, name, getattr(self, name))
        twin.blocks = self.blocks[:]
        twin.controls = self.controls[:]
        twin.parens = self.parens[:]
        twin.anchors = self.anchors[:]
        return twin

    # -- what is expected
    # -------------------------------------------------------------------------------------------

    def continues(self, text: str) -> bool:
        """Whether `text` goes on with the statement above."""
        if self.comment is not None or text.startswith("#"):
            return False
        return self.open and not (text.startswith("{") and not self.parens)

    def in_comment(self, word: str) -> bool:
        """Whether a line that begins with `word` stands in a comment."""
        return self.comment is not None or word.startswith(("/*", "*"))

    def expect(self, text: str) -> list[Expected]:
        """Return the likely indentations of the line `text` (its own white space taken off), cheapest
        first.
        """
        if not text:
            return [("", 0.0, "")]
        if self.comment is not None:
            return self._in_comment(text)
        if text.startswith("#"):
            return [("", 0.0, ""), *((self.level, 4.0, "") for _ in range(bool(self.level)))]
        if self.continues(text):
            return self._continuation(text)
        return self._statement(text)

    def _in_comment(self, text: str) -> list[Expected]:
        base = self.comment or ""
        if text.startswith("*"):
            return [(base + " ", 0.0, ""), (base, 4.0, "")]
        last = indent_of(self.comment_line)
        fresh = "/*" in self.comment_line
        found = [(base + "   " if fresh else last, 0.3, ""), (base + "   ", 0.8, ""), (base + " ", 1.5, "")]
        return [*found, (base, 2.0, ""), (base + "\t", 2.5, "")]

    def _statement(self, text: str) -> list[Expected]:
        if text.startswith("{"):
            at = self.controls[-1] if self.controls else self.head if self.open else self.level
            return [(at, 0.0, ""), (at + "\t", 4.0, "")]
        if text.startswith("}"):
            at = self.blocks[-1].indent if self.blocks else _less(self.level)
            return [(at, 0.0, ""), (_less(at), 4.0, ""), (at + "\t", 4.0, "")]
        if _CASE.match(text):
            at = next((b.indent for b in reversed(self.blocks) if b.kind == "switch"), _less(self.level))
            return [(at, 0.0, ""), (at + "\t", 3.0, ""), (_less(at), 4.0, "")]
        if self.level and _LABEL.match(text) and not text.startswith("default"):
            if self.blocks and self.blocks[-1].kind in ("members", "list"):
                return [(self.level, 0.0, "")]
            return [("", 0.0, ""), (" ", 3.0, ""), (self.level, 4.0, ""), (_less(self.level), 4.5, "")]
        if self.controls:
            at = self.controls[-1] + "\t"
            return [(at, 0.0, ""), (_less(at), 4.0, "")]
        if not self.level and text.startswith(("__acquires", "__releases", "__must_hold")):
            return [("\t", 0.0, ""), ("", 2.0, "")]
        found = [(self.level, 0.0, ""), (_less(self.level), 5.0, ""), (self.level + "\t", 5.0, "")]
        return found if self.level else [found[0], found[2]]

    def _continuation(self, text: str) -> list[Expected]:
        head = self.head
        found: list[Expected] = []
        if not self.parens:
            if self.carried is not None:
                found.append((self.carried, 0.2, "same"))
            if not self.level and not self.blocks and not self.operand:
                found.append((head, 0.3, ""))
            if self.operand:
                found.append((blanks_to(self.operand), 1.4, "aligned"))
            return _cheapest(
                [*found, (head + "\t", 0.8, "tab"), (head + "\t\t", 1.6, "tabs2"), (head, 3.5, "")]
            )
        column, followed = self.parens[-1]
        if text[0] in ")]" and not followed:
            found.append((head, 0.5, "tab"))
        if self.anchors[-1] is not None:
            found.append((self.anchors[-1], 0.1, "same"))
        if followed:
            found.append((blanks_to(column), 0.5, "aligned"))
            found.append(("\t" * (column // TAB), 1.5 if column % TAB else 0.5, "floor"))
            found.append((" " * column, 6.0, ""))
            found += [(blanks_to(max(column - 1, 0)), 4.5, ""), (blanks_to(column + 1), 4.8, "")]
        plain = 2.0
        if not followed:
            top = not self.blocks
            return _cheapest(
                [*found, (head + "\t", 0.6 if top else 0.3, ""), (head + "\t\t", 0.6 if top else 1.3, "")]
            )
        found += [(head + "\t", plain + (not self.level), "tab"), (head + "\t\t", plain, "tabs2")]
        found += [("\t" * n, plain + 1.5 + abs(n - column // TAB) * 0.3, "tabs") for n in range(1, 10)]
        found.append((head + "    ", 5.0, ""))
        for depth, (outer, followed) in enumerate(reversed(self.parens[:-1])):
            if followed:
                found.append((blanks_to(outer), 3.0 + depth, "aligned"))
        return _cheapest(found)

    def odd(self, text: str) -> list[Expected]:
        """Return what is left when no rule holds: every other column of a continuation line, every level of
        a statement.
        """
        if not text or self.comment is not None or text.startswith("#"):
            return []
        if self.continues(text):
            usual = self.parens[-1][0] if self.parens else width(self.head) + TAB
            return [(blanks_to(column), 6.0 + 0.04 * abs(column - usual), "") for column in range(72)]
        return [("\t" * level, 6.5, "") for level in range(6)]

    # -- what was read
    # ----------------------------------------------------------------------------------------------

    def feed(self, line: str, known: bool = True) -> None:
        """Read the next line; `known` lines put a wrong idea of the level right."""
        macro = line.endswith("\\")
        text = line[:-1].strip() if macro else line.strip()
        indent = indent_of(line)
        if known:
            self._resync(text, indent)
        if not text:
            self._leave_macro(macro)
            return
        if self.comment is not None:
            self.comment_line = line
            self.starred = text.startswith("*")
            if "*/" in text:
                tail = text.split("*/", 1)[1]
                self.comment = None
                if tail.strip():
                    self._scan(" " * width(indent), tail)
            self._leave_macro(macro)
            return
        if known and not self.open and re.match(r"\*(?:[\s/]|$)", text):
            self.comment = None if "*/" in text else indent.removesuffix(" ")
            self.comment_line, self.starred = line, True
            return
        if text.startswith("#"):
            if macro and self.macro is None:
                outer = self.clone()
                self._reset("\t")
                self.macro = outer
                self._begin_macro(line[:-1])
            return
        if not self.continues(text):
            self._begin(indent, text, known)
        else:
            self._go_on(indent)
        self._scan(indent, text)
        self._leave_macro(macro)

    def _resync(self, text: str, indent: str) -> None:
        """Leave what cannot go on: a starred comment without star, parentheses over an empty line, blocks
        at column 0.
        """
        if self.comment is not None:
            if text and not text.startswith("*") and (self.starred or text[-1] in ";{}"):
                self.comment = None
            return
        if not text and self.parens:
            self.open, self.parens, self.anchors = False, [], []
        elif text and not indent and text[0] in "{}" and self.macro is None:
            self.open = self.open and not self.parens
            self.blocks, self.controls, self.parens, self.anchors, self.level = [], [], [], [], ""

    def _reset(self, level: str) -> None:
        self.level, self.blocks, self.controls, self.parens, self.anchors = level, [], [], [], []
        self.open, self.operand, self.carried, self.comment = False, 0, None, None

    def _begin_macro(self, line: str) -> None:
        """Read the replacement text that stands on a macro's first line: it may open parentheses."""
        if re.match(r"#\s*define\b.*[(\[]", line):
            before = len(self.blocks)
            self.head, self.head_text = "", "macro"
            self._scan("", line.rstrip())
            if not self.parens and len(self.blocks) == before:
                self.open, self.controls, self.level = False, [], "\t"

    def _leave_macro(self, goes_on: bool) -> None:
        if self.macro is None and self.slashed and not goes_on:
            self._reset("")
        self.slashed = goes_on
        if self.macro is None or goes_on:
            return
        outer = self.macro
        for name in (
            "level",
            "blocks",
            "controls",
            "parens",
            "anchors",
            "open",
            "head",
            "operand",
            "carried",
            "comment",
        ):
            setattr(self, name, getattr(outer, name))
        self.macro = outer.macro

    def _begin_case(self, indent: str) -> None:
        while self.blocks and width(self.blocks[-1].indent) > width(indent):
            self.blocks.pop()
        if not any(block.kind == "switch" and block.indent == indent for block in self.blocks):
            self.blocks.append(Block(indent, "switch"))

    def _begin(self, indent: str, text: str, known: bool) -> None:
        """Begin a statement: its indentation, if known, tells where the blocks stand."""
        if text.startswith(("/*", "//")):
            if known and not self.controls and not text.startswith("//"):
                self.settle(indent)
            return
        free = not (_LABEL.match(text) or _CASE.match(text) or text.startswith(("{", "}")) or _is_tail(text))
        if known and free:
            if self.controls and width(indent) <= width(self.controls[-1]):
                self.controls = []
            if not self.controls:
                self.settle(indent)
        if known and text.startswith("}"):
            self.controls = []
            while self.blocks and width(self.blocks[-1].indent) > width(indent):
                self.blocks.pop()
            if not self.blocks or self.blocks[-1].indent != indent:
                self.blocks.append(Block(indent, "code"))
        if known and not self.level and not indent.strip(" ") and _is_goto_label(text):
            self.level = "\t"
        if _CASE.match(text) and (known or not any(block.kind == "switch" for block in self.blocks)):
            self._begin_case(indent)
        if not (text.startswith("{") and self.open):
            self.head, self.head_text = indent, text
        self.open, self.carried, self.operand = False, None, 0
        self.parens, self.anchors = [], []

    def settle(self, indent: str) -> None:
        """Take `indent` for the level of statements here; blocks that cannot be open any more are closed."""
        self.level = indent
        while (
            self.blocks
            and width(self.blocks[-1].indent) >= width(indent)
            and self.blocks[-1].kind != "switch"
        ):
            self.blocks.pop()
        if not indent:
            self.blocks = []
        elif width(self.blocks[-1].indent if self.blocks else "") + TAB < width(indent):
            self.blocks.append(Block(_less(indent), "code"))

    def _go_on(self, indent: str) -> None:
        if self.parens:
            self.anchors[-1] = indent
        else:
            self.carried = indent

    def _scan(self, indent: str, text: str) -> None:
        """Go through a line's tokens: parentheses, braces, and how the line ends."""
        last = before = ""
        start = width(indent)
        body = indent + text
        offset = len(indent)
        at = offset
        while (match := _TOKEN.search(body, at)) is not None:
            mark, at = match.group(), match.end()
            if mark == "//":
                break
            if mark == "/*":
                end = body.find("*/", at)
                if end < 0:
                    alone = match.start() == offset
                    self.comment = indent if alone else blanks_to(width(body[: match.start()]))
                    self.comment_line, self.starred = body, False
                    if alone:
                        return
                    break
                at = end + 2
                continue
            self._take(mark, before, match, body)
            before, last = last, mark
        if not last:
            return
        self._end_line(last, text, start)

    def _take(self, mark: str, before: str, match: re.Match[str], body: str) -> None:
        if mark in "([":
            behind = body[match.end() :].strip()
            self.parens.append((width(body[: match.end()]), bool(behind) and not behind.startswith("/*")))
            self.anchors.append(None)
        elif mark in ")]" and self.parens:
            self.parens.pop()
            anchor = self.anchors.pop()
            if not self.parens and anchor is not None and self.carried is None:
                self.carried = None
        elif mark == "{":
            at = self.controls[-1] if self.controls else self.head
            self.blocks.append(Block(at, self._kind(body[: match.end()])))
            self.level = at if self.blocks[-1].kind == "switch" else at + "\t"
            self.controls, self.parens, self.anchors = [], [], []
        elif mark == "}" and self.blocks:
            closed = self.blocks.pop()
            self.level = closed.indent
            if self.blocks and self.blocks[-1].kind == "switch":
                self.level = closed.indent
            self.head = closed.indent
        elif (mark == "=" or mark == "return") and not self.parens and not self.operand:
            rest = body[match.end() :]
            self.operand = width(body[: match.end()] + indent_of(rest)) if rest.strip() else 0

    def _kind(self, upto: str) -> str:
        text = upto.strip() if len(upto.strip()) > 1 else self.head_text + " {"
        if re.match(r"(?:\}\s*else\s+)?switch\b", self.head_text) or re.match(r"switch\b", text):
            return "switch"
        if re.search(r"\benum\b[^()]*\{$|=\s*(?:\([^()]*\)\s*)?\{$", text) or text == "{":
            return "list" if text != "{" or (self.blocks and self.blocks[-1].kind == "list") else "code"
        if re.match(r"(?:static |typedef |const |extern )*(?:struct|union)\b[^()]*\{$", text):
            return "members"
        return "code"

    def _end_line(self, last: str, text: str, start: int) -> None:
        """Decide what the line leaves behind: a whole statement, one that goes on, a control header, a
        label.
        """
        if self.parens:
            self.open = True
            return
        listed = bool(self.blocks) and self.blocks[-1].kind == "list"
        if last == "{":
            self.open = False
        elif last in ";}" or (last == "," and (listed or text[0] in ".[")):
            self._complete()
        elif last == ":" and (_LABEL.match(text) or _CASE.match(text)):
            self.open = False
            if _CASE.match(text):
                self.level = self.head + "\t"
        elif last in ("else", "do") or (last == ")" and _CONTROL.match(self.head_text)):
            self.controls.append(self.head)
            self.open = False
        elif last == ")":
            called = re.match(r"[A-Za-z_]\w*\s*\(", self.head_text)
            self.open = bool(self.blocks) and not called and not listed
            if not self.open and called and self.blocks:
                self._complete()
        else:
            self.open = not listed or last in ("=", "|", "&", "+", "-", "&&", "||", "?")

    def _complete(self) -> None:
        """End a statement; headers without brace that waited for it end with it."""
        self.open = False
        if self.controls:
            self.level = self.controls[0]
            self.controls = []


_PLAIN_FIELDS = (
    "level", "open", "head", "head_text", "operand", "carried", "comment", "comment_line", "starred", "macro",
    "slashed",
)  # fmt: skip


def _is_goto_label(text: str) -> bool:
    return bool(_LABEL.match(text)) and not _CASE.match(text)


def _is_tail(text: str) -> bool:
    """Whether `text` closes more parentheses than it opens: it ends a statement that began out of sight."""
    return text.count(")") > text.count("(")


def _less(indent: str) -> str:
    """Return one level less."""
    return indent[:-1] if indent.endswith("\t") else indent[: max(0, len(indent) - TAB)]


def _cheapest(found: list[Expected]) -> list[Expected]:
    """Keep the cheapest of each indentation, in order of cost."""
    best: dict[str, Expected] = {}
    for entry in found:
        if entry[0] not in best or entry[1] < best[entry[0]][1]:
            best[entry[0]] = entry
    return sorted(best.values(), key=lambda entry: entry[1])


class PlainLayout(Layout):
    """Of text that is not C: a line stands where the line above it does."""

    __slots__ = ("above", "helping")

    def __init__(self) -> None:
        super().__init__()
        self.above = ""
        self.helping = False

    def clone(self) -> PlainLayout:
        """Return a copy that may be fed on its own."""
        twin = PlainLayout()
        twin.above, twin.helping = self.above, self.helping
        return twin

    def expect(self, text: str) -> list[Expected]:
        """Return the indentation of the line above, then others."""
        if not text:
            return [("", 0.0, "")]
        found: list[Expected] = [
            (self.above, 0.2, ""),
            ("", 0.6, ""),
            ("\t", 1.5, ""),
            (self.above + "\t", 2.0, ""),
        ]
        if self.helping:
            found.append((self.above + "  ", 0.0, ""))
        found += [
            (_less(self.above), 2.0, ""),
            ("  ", 2.5, ""),
            ("    ", 2.5, ""),
            ("   ", 3.0, ""),
            (" ", 3.0, ""),
        ]
        found += [
            (self.above + "  ", 1.5 if text.startswith("-") else 2.5, ""),
            (self.above + "    ", 2.5, ""),
        ]
        return _cheapest(
            [
                *found,
                *((self.above[:-n], 2.0 + n / 8, "") for n in (2, 4, 6, 8) if self.above[-n:] == " " * n),
            ]
        )

    def continues(self, text: str) -> bool:
        """Nothing goes on here."""
        return False

    def in_comment(self, word: str) -> bool:
        """Scripts and YAML have comments behind a hash."""
        return word == "#"

    def feed(self, line: str, known: bool = True) -> None:
        """Note where the line stands."""
        if line.strip():
            self.above = indent_of(line)
            self.helping = line.strip() in ("help", "---help---")


def layout_for(path: str) -> Layout:
    """Return an empty layout for the kind of file that `path` names."""
    return (
        Layout()
        if path.endswith((".c", ".h", ".S", ".cc", ".cpp", ".dts", ".dtsi", ".y", ".l"))
        else PlainLayout()
    )

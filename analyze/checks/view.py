"""What a check looks at: a patch, its two sides, their files and functions. Lowered on demand and kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from ..definition import ChangedFunction, Definition
from ..engine import ir
from ..engine.environment import Environment
from ..engine.graph import all_parts, expressions, places, read_places
from ..engine.lower import lower_piece
from ..functions import outline
from ..images import FileChange
from ..lines import changed_lines

if TYPE_CHECKING:
    from ..callers.called import Called

MOST_LINES = 1500
"""Of a function that is followed path by path; a longer one is left alone."""
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchCase:
    """One patch as the checks see it; everything in it can be rebuilt from a report."""

    position: int
    message_id: str
    title: str
    commit_message: str
    files: tuple[FileChange, ...]
    functions: tuple[ChangedFunction, ...]
    kernel: str = ""
    """The version of the kernel that the patch is for, "5.17"; "" where it is not told."""
    called: tuple[Called, ...] = ()
    """Who calls the functions that it changes, in the tree before the series; () where none was at hand."""
    known: frozenset[str] = frozenset()
    """Of the names that the series defines anew those that a header of the tree has before it."""


class Code:
    """One version of one function, with its file around it where that is at hand."""

    def __init__(self, definition: Definition, file: FileView) -> None:
        self.definition = definition
        self.file = file
        self.exhausted = False
        """Whether its paths were found to be too many to be followed."""
        self._touched: dict[int, list[ir.Expr | ir.Place]] = {}

    @property
    def name(self) -> str:
        """The function's name."""
        return self.definition.name

    @property
    def path(self) -> str:
        """The file's path."""
        return self.definition.path

    @cached_property
    def environment(self) -> Environment:
        """What is known around it: its file, or its own text where only hunks are at hand."""
        text = self.file.text if self.file.whole else self.definition.text
        return Environment.from_text(self.path, text)

    @cached_property
    def lowered(self) -> ir.Function | None:
        """Its control-flow graph; None where it cannot be lowered, is not whole or too long."""
        definition = self.definition
        if not definition.whole or definition.end - definition.start > MOST_LINES:
            return None
        environment = self.environment
        first = definition.start if self.file.whole else 1
        for piece in environment.functions(self.name):
            if environment.source.line(piece.start) == first:
                found = lower_piece(environment.source, piece, environment)
                return found if isinstance(found, ir.Function) else None
        return None

    @property
    def graph(self) -> ir.Function:
        """`lowered`, of a function that was."""
        assert self.lowered is not None
        return self.lowered

    def touched(self, step: ir.Instruction | ir.Terminator) -> list[ir.Expr | ir.Place]:
        """Return all expressions and places of an instruction, and what they are made of; read once."""
        found = self._touched.get(id(step))
        if found is None:
            found = self._touched[id(step)] = all_parts(*expressions(step), *places(step), *read_places(step))
        return found

    def line(self, span: ir.Span) -> int:
        """Return the file's line of a place in the lowered function."""
        assert self.lowered is not None
        return self.definition.start + span.line - 1

    def text_at(self, line: int) -> str:
        """Return one line of the file, without blanks around it."""
        lines = self.definition.text.split("\n")
        at = line - self.definition.start
        return lines[at].strip() if 0 <= at < len(lines) else self.file.line(line)


class FileView:
    """One side of one file."""

    def __init__(self, change: FileChange, side: Literal["pre", "post"]) -> None:
        self.change = change
        self.side = side
        image = change.pre if side == "pre" else change.post
        self.there = image is not None
        self.whole = bool(image and image.whole and image.fragments)
        self.fragments = image.fragments if image else ()
        self.exact = change.verified is True or change.diff.post_blob is None
        """Whether what stands around the hunks is what the patch's author had, as far as the mail tells."""
        self.path = (change.diff.pre_path if side == "pre" else change.diff.post_path) or change.path

    @cached_property
    def text(self) -> str:
        """The file's text where it is whole, else what the hunks show."""
        return "".join(fragment.text for fragment in self.fragments)

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """Everything that the file defines; () where it is not whole or no C."""
        if not self.whole or not self.path.endswith((".c", ".h")):
            return ()
        return outline(self.text, self.path)

    @cached_property
    def functions(self) -> dict[str, tuple[Definition, ...]]:
        """The functions by name."""
        found: dict[str, tuple[Definition, ...]] = {}
        for one in self.definitions:
            if one.symbol == "function":
                found[one.name] = (*found.get(one.name, ()), one)
        return found

    @cached_property
    def words(self) -> frozenset[str]:
        """Every name in the text, comments included."""
        return frozenset(_WORD.findall(self.text))

    def line(self, number: int) -> str:
        """Return a line, without blanks around it; "" where it is not at hand."""
        for fragment in self.fragments:
            lines = fragment.text.split("\n")
            if fragment.start <= number < fragment.start + len(lines):
                return lines[number - fragment.start].strip()
        return ""

    def touched(self) -> frozenset[int]:
        """Return the numbers of the lines that the patch adds (of the pre-image: removes)."""
        removed, added = changed_lines(self.change)
        return removed if self.side == "pre" else added


class SideView:
    """All files of a patch before it, or after it."""

    def __init__(self, patch: PatchView, side: Literal["pre", "post"]) -> None:
        self.patch = patch
        self.side = side
        views = (FileView(change, side) for change in patch.case.files if change.diff.failure is None)
        self.files = {view.path: view for view in views if view.there}
        self._codes: dict[tuple[str, str, int], Code] = {}
        self.unread: set[tuple[str, str]] = set()
        """(path, function) of what a check gave up on."""
        self.given_up: set[str] = set()
        """Checks that could not follow all ways into the changed functions."""

    def code(self, definition: Definition) -> Code:
        """Return a function's version, the same object each time."""
        key = (definition.path, definition.name, definition.start)
        if key not in self._codes:
            self._codes[key] = Code(definition, self.files[definition.path])
        return self._codes[key]

    @cached_property
    def changed(self) -> tuple[Code, ...]:
        """The changed functions' versions on this side that are at hand whole."""
        found = []
        for function in self.patch.case.functions:
            definition = function.pre if self.side == "pre" else function.post
            if function.symbol != "function" or definition is None or not definition.whole:
                continue
            if definition.path in self.files:
                found.append(self.code(definition))
        return tuple(found)

    @cached_property
    def shown(self) -> tuple[Code, ...]:
        """The changed functions' versions on this side, also those of which only hunks are at hand: for
        checks that read one expression at a time."""
        found = list(self.changed)
        for function in self.patch.case.functions:
            definition = function.pre if self.side == "pre" else function.post
            partial = function.symbol == "function" and definition is not None and not definition.whole
            if partial and definition is not None and definition.path in self.files:
                found.append(self.code(definition))
        return tuple(found)

    def callers(self, name: str) -> Iterator[Code]:
        """Yield the functions of the patch's whole files that name a function (by file, then by line)."""
        for view in self.files.values():
            if name not in view.words:
                continue
            for definitions in view.functions.values():
                for one in definitions:
                    if one.name != name and re.search(rf"\b{re.escape(name)}\s*\(", one.text):
                        yield self.code(one)

    def definition(self, name: str, near: str) -> Code | None:
        """Return the one function of that name, in the file `near` first; None where it is not one."""
        views = sorted(self.files.values(), key=lambda view: view.path != near)
        for view in views:
            found = view.functions.get(name, ())
            if len(found) == 1:
                return self.code(found[0])
            if found:
                return None
        return next((one for one in self.changed if one.name == name), None)


class PatchView:
    """A patch with both sides, and the patches of the series that come after it."""

    def __init__(self, case: PatchCase) -> None:
        self.case = case
        self.later: tuple[PatchView, ...] = ()
        self.earlier: tuple[PatchView, ...] = ()

    @cached_property
    def pre(self) -> SideView:
        """The side before the patch."""
        return SideView(self, "pre")

    @cached_property
    def post(self) -> SideView:
        """The side after the patch."""
        return SideView(self, "post")

"""All refactorings of one function, by kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import refactor_flow, refactor_values
from .corpus import Corpus, Listed
from .refactor_functions import Place, extracted, helpers, inlined, parameter
from .view import View, view, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Refactoring:
    """A refactored version of a file."""

    kind: str
    line: int
    """1-based, in the function's text."""
    file: str
    """The whole file after it."""
    judged: str = ""
    """The function to ask the oracle about, where it is not the function itself: a caller of it."""
    runs: tuple[str, ...] = ()
    """Functions that run as they stand when the oracle is asked."""


WITHIN: dict[str, Callable[[View], Iterator[tuple[int, str]]]] = {
    "inverted if/else": refactor_flow.inverted,
    "early return for goto": refactor_flow.early_return,
    "ternary for if": refactor_flow.ternary,
    "De Morgan": refactor_flow.de_morgan,
    "loop form": refactor_flow.loop_form,
    "swapped stores": refactor_values.stores,
    "mask rewritten": refactor_values.mask,
    "getter cached": refactor_values.getter,
}
KINDS = (*WITHIN, "extracted helper", "inlined helper", "local to parameter")


class Refactorer:
    """Makes refactorings over a corpus; keeps what is shared between the functions of a file."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.helpers: dict[str, dict[str, View]] = {}

    def of(self, function: Listed) -> list[Refactoring]:
        """Return every refactoring of one function; [] where it does not parse clean."""
        found = view(self.corpus.text(function)) if function.read else None
        if found is None:
            return []
        file = self.corpus.texts[function.path]
        made: list[Refactoring] = []
        for kind, generator in WITHIN.items():
            for line, text in generator(found):
                made.append(Refactoring(kind=kind, line=line, file=self.corpus.with_text(function, text)))
        place = Place(file=file, listed=function, found=found)
        across = {
            "extracted helper": extracted(place),
            "local to parameter": parameter(place),
        }
        for kind, texts in across.items():
            judged, runs = ("", ())
            if kind == "local to parameter":
                judged, runs = self._caller(function), (function.name,)
                texts = texts if judged else iter(())  # nothing to run: a macro's text calls it
            made += [
                Refactoring(kind=kind, line=line, file=text, judged=judged, runs=runs) for line, text in texts
            ]
        for line, text, name in inlined(place, self._helpers(function.path)):
            made.append(Refactoring(kind="inlined helper", line=line, file=text, runs=(name,)))
        return made

    def _caller(self, function: Listed) -> str:
        """Return the first function of the file that calls this one."""
        for other in self.corpus.functions:
            near = other.path == function.path and other.name != function.name and other.read
            if near and function.name in words(self.corpus.text(other)):
                return other.name
        return ""

    def _helpers(self, path: str) -> dict[str, View]:
        if path not in self.helpers:
            own = [function for function in self.corpus.functions if function.path == path]
            self.helpers[path] = helpers(self.corpus.texts[path], own)
        return self.helpers[path]

"""The functions of two versions' texts, lowered on demand: which body a call runs (rules C1, C3, C4, T7)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from . import ir
from .callers import ELSEWHERE, covers_calls
from .environment import Environment
from .lower.configuration import covers, may_meet, settled
from .lower.function import lower_partly, lower_piece, lower_twins
from .lower.tabled import is_tabled, is_tabled_function
from .observers import Lower, Observers
from .reach import NOTHING as NOTHING_DONE
from .reach import OTHER, reachable_from
from .surroundings import Surroundings
from .unroll import merge_returns, without_branches

_EXPRESSION = re.compile(r"(?:[^\w(){};=+-]|[+-](?![+-])|\w++(?!\s*\()|\((?!\s*\{)|\)(?!\s*\())*", re.ASCII)
"""A macro's body that calls, assigns and declares nothing."""
MOST_REPEATED = 40
"""How many blocks a function may have that both versions call, one more often, and that is inlined for it."""
MOST_TWINS = 4
"""Definitions of one function under different conditions (#ifdef) that are read as one."""


class Bodies:
    """What the calls of two versions run."""

    def __init__(self, pre: Environment, post: Environment, around: Surroundings) -> None:
        self.pre, self.post, self.around = pre, post, around
        self.under: tuple[str | None, str | None] = (None, None)
        """The conditions that the compared definitions stand under, before and after."""
        self.lowered: dict[
            tuple[str, int, int, tuple[str | None, str | None]], ir.Function | ir.Unlowered
        ] = {}
        self._seen: dict[tuple[str, str, tuple[str | None, str | None]], Observers] = {}
        self._covered: dict[tuple[Environment, str], bool] = {}

    def lower(self, side: str, name: str, start: int | None = None) -> ir.Function | ir.Unlowered | None:
        """Return a function of one side lowered; None where it has no definition there.

        Of several definitions (#ifdef) the one that starts at line `start` is taken; else all, as the
        configuration chooses. Past MOST_TWINS they are Unlowered.
        """
        environment = self.home(side, name)
        pieces = environment.functions(name)
        if start is not None:
            pieces = tuple(piece for piece in pieces if environment.source.line(piece.start) == start)
        if not pieces:
            return None
        if len(pieces) > MOST_TWINS:
            return _left_out(name)
        key = (side + environment.path, pieces[0].start, pieces[-1].end, self.under)
        if key not in self.lowered:
            source = environment.source
            found = (
                lower_piece(source, pieces[0], environment)
                if len(pieces) == 1
                else lower_twins(source, pieces, environment)
            )
            if isinstance(found, ir.Function):
                found = merge_returns(without_branches(found, settled(*self.under)))
            self.lowered[key] = found
        return self.lowered[key]

    def body(self, side: str, name: str) -> ir.Function | ir.Unlowered | None:
        """Return what a call of `name` runs. Unlowered where the definitions at hand stand under conditions
        that leave others: there the call goes to a definition that is not seen (T7); None where another may
        take its place (C1)."""
        environment = self.home(side, name)
        pieces = environment.functions(name)
        if not pieces and environment.is_inline(name) and not is_tabled_function(name):
            left = _left_out(name, "an inline function whose body is not at hand")
            return replace(left, reaches=reachable_from(environment, name))
        configs = [piece.config for piece in pieces]
        if (
            pieces
            and not covers(configs, self.under[side == "post"])
            and not self._covers_calls(environment, name)
        ):
            return _left_out(name)
        if len(pieces) > 1 and any(environment.settles(config or "") for config in configs):
            return _left_out(name, "defined under what the text turns")
        if any(environment.may_be_replaced(piece) for piece in pieces):
            return None
        return self.lower(side, name)

    def _covers_calls(self, environment: Environment, name: str) -> bool:
        key = (environment, name)
        if key not in self._covered:
            self._covered[key] = covers_calls(environment, name)
        return self._covered[key]

    def partial(self, side: str, name: str) -> ir.Function | ir.Unlowered | None:
        """Return the same; of a function whose definitions at hand leave configurations to others what it
        does where one of them holds, and stops with BOUND elsewhere: for a difference, not for a proof
        (T7)."""
        found = self.body(side, name)
        environment = self.home(side, name)
        pieces = environment.functions(name)
        if not isinstance(found, ir.Unlowered) or found.code != "callee" or not 0 < len(pieces) <= MOST_TWINS:
            return found
        if environment.macros(name) or any(environment.may_be_replaced(piece) for piece in pieces):
            return found
        configs = [one.config or "" for one in pieces]
        under = self.under[side == "post"]
        if not all(one and may_meet(one, under) and not environment.settles(one) for one in configs):
            return found
        key = (f"partly {side}{environment.path}", pieces[0].start, pieces[-1].end, self.under)
        if key not in self.lowered:
            partly = lower_partly(environment.source, pieces, environment)
            if isinstance(partly, ir.Function):
                partly = without_branches(partly, settled(*self.under))
            self.lowered[key] = partly
        return self.lowered[key]

    def first(self, side: str, name: str) -> ir.Function | ir.Unlowered | None:
        """Return the same, and Unlowered for a macro that is not read and is no function under another
        condition either, and for a function that the patch has elsewhere: what a call of it does first is not
        told."""
        environment = self.pre if side == "pre" else self.post
        texts = [one for one in (environment, environment.headers) if one is not None]
        as_function = [one.pieces.get((kind, name)) for one in texts for kind in ("function", "prototype")]
        macros = environment.macros(name)
        if environment.macros(ELSEWHERE + name) and not self.home(side, name).functions(name):
            return _left_out(name, "a function of another file of the patch")
        if macros and not any(as_function) and not is_tabled(name):
            left = _left_out(name, "a macro that is not read")
            generic = all(one.config == f"!{name}" and _EXPRESSION.fullmatch(one.body) for one in macros)
            return replace(left, reaches=frozenset((name, OTHER, NOTHING_DONE))) if generic else left
        return self.body(side, name)

    def home(self, side: str, name: str) -> Environment:
        """Return the environment that a function is defined in: the file's, or that of its headers."""
        environment = self.pre if side == "pre" else self.post
        if environment.headers is not None and not environment.functions(name):
            return environment.headers
        return environment

    def of(self, side: str, names: Iterable[str]) -> dict[str, ir.Function]:
        """Return the bodies of some functions, of those that are read."""
        found = {name: self.body(side, name) for name in names}
        return {name: body for name, body in found.items() if isinstance(body, ir.Function)}

    def is_small(self, name: str) -> bool:
        """Say whether the bodies that calls of a name run are at hand and may be put in the place of each."""
        bodies = [self.body(side, name) for side in ("pre", "post")]
        return all(isinstance(body, ir.Function) and len(body.blocks) <= MOST_REPEATED for body in bodies)

    def _own_body(self, side: str, name: str) -> ir.Function | ir.Unlowered | None:
        """Return the body of a function of the file, or of a header's that the versions do not share: others
        would cost more than they tell."""
        shared = not self.pre.functions(name) and not self.post.functions(name)
        return None if shared and not self.around.changed(name) else self.body(side, name)

    def observed(
        self, side: str, function: ir.Function, held: frozenset[str]
    ) -> tuple[ir.Function, frozenset[str]]:
        """Put the bodies of functions that only read in the place of their calls (C1), but for those of
        `held`; return their names."""
        observers = self._observers(side, "own", partial(self._own_body, side))
        return observers.inlined_in(function, held)

    def unmarked(self, side: str, function: ir.Function, held: frozenset[str]) -> ir.Function:
        """Return a function without the marks that its callees' bodies show to mean nothing (C1, T10)."""
        observers = self._observers(side, "all", partial(self.body, side))
        return observers.unmarked(function, held)

    def _observers(self, side: str, which: str, lower: Lower) -> Observers:
        """Return what is known of one version's bodies, under the conditions that the compared functions
        stand under."""
        return self._seen.setdefault((side, which, self.under), Observers(lower))


def _left_out(name: str, text: str = "defined under conditions that leave others") -> ir.Unlowered:
    """Say that a function's definitions at hand do not tell what every configuration runs."""
    return ir.Unlowered(name=name, code="callee", text=text, line=1)

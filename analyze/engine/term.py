"""Symbolic terms: immutable, hash-consed, of three sorts (rule T1).

A term is an operator over terms. Two terms of one table that are built alike are one object, so `is` is
equality, and everything behind it (rule S1) rests on that. Widths: 1 to 64 for bit-vectors, HISTORY, MEMORY.
A value of a type that the text does not tell is 64 bits wide: its integer, extended by its own sign.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

HISTORY = -1
"""Width of a history (rule H1)."""
MEMORY = -2
"""Width of a memory: a chain of stores over an epoch (rules M5, M6)."""


class TooManyTermsError(Exception):
    """The table is full (rule S4)."""


class Term:
    """One term. Compare with `is`; `number` orders terms by when they were first built.

    `levels` has a bit for each loop level whose head's variables occur in it unbound (rule L4).
    """

    __slots__ = ("args", "data", "levels", "number", "op", "width")

    def __init__(
        self, op: str, args: tuple[Term, ...], data: Hashable, width: int, number: int, levels: int
    ) -> None:
        self.op, self.args, self.data = op, args, data
        self.width, self.number, self.levels = width, number, levels

    def __repr__(self) -> str:
        return show(self)


class Terms:
    """The table of one comparison: both versions' terms live in it."""

    def __init__(self, limit: int = 200_000) -> None:
        self._table: dict[tuple[object, ...], Term] = {}
        self._limit = limit
        self.memo: dict[tuple[object, ...], Term] = {}
        """Results of whole computations over terms (reads, substitutions), by what they were asked."""

    def __len__(self) -> int:
        return len(self._table)

    def make(
        self,
        op: str,
        args: tuple[Term, ...] = (),
        data: Hashable = None,
        width: int = 64,
        levels: int = 0,
        closes: int = 0,
    ) -> Term:
        """Return the term `op(args)`, without any simplification.

        `levels` are the loop levels (a bit each) whose head's variables it introduces, `closes` those that
        it binds; both follow from the rest of what is given.
        """
        key = (op, data, width, args)
        found = self._table.get(key)
        if found is None:
            if len(self._table) >= self._limit:
                raise TooManyTermsError
            for arg in args:
                levels |= arg.levels
            found = Term(op, args, data, width, len(self._table), levels & ~closes)
            self._table[key] = found
        return found

    def const(self, value: int, width: int) -> Term:
        """Return the bit-vector constant `value` modulo 2**width."""
        return self.make("const", (), value & ((1 << width) - 1), width)

    def fresh(self, what: str, width: int) -> Term:
        """Return an input named `what`; the same name and width give the same term."""
        return self.make("input", (), what, width)


def subterms(*roots: Term) -> Iterator[Term]:
    """Yield every term in `roots` once, arguments before what is built of them."""
    seen: set[Term] = set()
    waiting: list[tuple[Term, bool]] = [(root, False) for root in reversed(roots)]
    while waiting:
        term, done = waiting.pop()
        if done:
            yield term
        elif term not in seen:
            seen.add(term)
            waiting.append((term, True))
            waiting.extend((arg, False) for arg in reversed(term.args) if arg not in seen)


def show(term: Term, depth: int = 6) -> str:
    """Return a short text for a term, for tests and messages of defects."""
    if term.op == "const":
        return str(term.data)
    head = term.op if term.data is None else f"{term.op}[{term.data}]"
    if not term.args:
        return head
    if depth == 0:
        return f"{head}(..)"
    return f"{head}({', '.join(show(arg, depth - 1) for arg in term.args)})"

"""The outside opinion: two versions compiled and run on random inputs, by lorelens.analyze.replay's
differ().

It shares nothing with the engine's reasoning. What a version adds, drops or changes beside the function
itself (an extracted helper) runs as it stands, as rule C3 says; all other callees are stubs. The getters of
refactor_values.py are stubs that only read, of the type that their headers give.
"""

from __future__ import annotations

from functools import lru_cache

from lorelens.analyze.lexical import scan
from lorelens.analyze.outline import cut

from .refactor_values import GETTERS
from .view import words

OUTCOMES = ("different", "no difference", "not compiled", "not replayable")


def judge(
    pre: str, post: str, name: str, *, seed: int = 1, also: frozenset[str] = frozenset(), whole: bool = False
) -> tuple[str, str]:
    """Return (one of OUTCOMES, a word of detail) for a function of two files.

    What `also` names runs as it stands; with `whole` every function at hand does.
    """
    from lorelens.analyze.replay import Callees, Different, NoDifferenceFound, Side, differ

    before, after = _functions(pre), _functions(post)
    if name not in before or name not in after:
        return "not replayable", "absent"
    kept = _helpers(before, after, name, also, whole)
    sides = [
        Side(
            name=name,
            text=own[name],
            helpers=tuple((one, own[one]) for one in sorted(names)),
            environment=(_declarations(file), file),
        )
        for own, names, file in ((before, kept[0], pre), (after, kept[1], post))
    ]
    reading = Callees(observing=frozenset(GETTERS) - _defined(pre) - _defined(post))
    found = differ(sides[0], sides[1], seed=seed, callees=reading)
    if isinstance(found, Different):
        return "different", ", ".join(found.rests_on)
    if isinstance(found, NoDifferenceFound):
        return "no difference", str(found.runs)
    kind = "not compiled" if found.reason in ("compile", "link") else "not replayable"
    return kind, f"{found.reason}: {found.detail}"


def _helpers(
    before: dict[str, str], after: dict[str, str], name: str, also: frozenset[str], whole: bool
) -> tuple[set[str], set[str]]:
    """Return what runs as it stands on each side: what a side calls that the other has not or has otherwise.

    Of what only one side calls, first that which calls what only the other side calls (an inlined helper);
    the rest, where such is left, goes one deeper, twice (rule C3). `also` names further ones; with `whole`
    everything at hand runs.
    """
    sides, others = (before, after), (after, before)
    kept: tuple[set[str], set[str]] = (set(), set())
    deeper = 2
    while True:
        called = [
            words(" ".join([own[name], *(own[one] for one in kept[i])])) & own.keys() - kept[i] - {name}
            for i, own in enumerate(sides)
        ]
        new = [
            {one for one in called[i] if whole or one in also or others[i].get(one) != sides[i][one]}
            for i in (0, 1)
        ]
        if not any(new):
            alone = [called[0] - called[1] - kept[1], called[1] - called[0] - kept[0]]
            new = [{one for one in alone[i] if words(sides[i][one]) & alone[1 - i]} for i in (0, 1)]
            if not any(new):
                new, deeper = alone, deeper - 1
        if not any(new) or deeper < 0:
            return kept
        for i in (0, 1):
            kept[i].update(new[i])


def _declarations(file: str) -> str:
    """Return what the kernel's headers declare of the getters that the file has no definition of."""
    return "".join(f"{GETTERS[name]} {name}();\n" for name in sorted(GETTERS.keys() - _defined(file)))


@lru_cache(maxsize=8)
def _defined(file: str) -> frozenset[str]:
    """Return the names of the functions and macros of a file."""
    return frozenset(piece.name for piece in cut(scan(file)) if piece.symbol in ("function", "macro"))


@lru_cache(maxsize=8)
def _functions(file: str) -> dict[str, str]:
    """Return the functions of a file by name, as offset-exact text; the first of several."""
    found: dict[str, str] = {}
    for piece in cut(scan(file)):
        if piece.symbol == "function":
            found.setdefault(piece.name, file[piece.start : piece.end])
    return found

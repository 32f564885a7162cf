"""The outside opinion: two versions compiled and run on random inputs, by lorelens.analyze.replay's
differ().

It shares nothing with the engine's reasoning. What a version adds, drops or changes beside the function
itself (an extracted helper) runs as it stands, as rule C3 says; all other callees are stubs.
"""

from __future__ import annotations

from functools import lru_cache

from lorelens.analyze.lexical import scan
from lorelens.analyze.outline import cut

from .view import words

OUTCOMES = ("different", "no difference", "not compiled", "not replayable")


def judge(pre: str, post: str, name: str, *, seed: int = 1, whole: bool = False) -> tuple[str, str]:
    """Return (one of OUTCOMES, a word of detail) for a function of two files.

    With `whole`, every function at hand runs as it stands: for programs that are whole.
    """
    from lorelens.analyze.replay import Different, NoDifferenceFound, Side, differ

    before, after = _functions(pre), _functions(post)
    if name not in before or name not in after:
        return "not replayable", "absent"
    sides = [
        Side(name=name, text=own[name], helpers=_helpers(own, other, name, whole), environment=(file,))
        for own, other, file in ((before, after, pre), (after, before, post))
    ]
    found = differ(sides[0], sides[1], seed=seed)
    if isinstance(found, Different):
        return "different", ", ".join(found.rests_on)
    if isinstance(found, NoDifferenceFound):
        return "no difference", str(found.runs)
    kind = "not compiled" if found.reason in ("compile", "link") else "not replayable"
    return kind, f"{found.reason}: {found.detail}"


def _helpers(
    own: dict[str, str], other: dict[str, str], name: str, whole: bool
) -> tuple[tuple[str, str], ...]:
    """Return what this version's function reaches that the other has not, has otherwise, or does not reach.

    Reached is what is called by the function or by what is returned here; with `whole`, by anything.
    """
    reached = {name}
    waiting = [name]
    there = words(other[name]).union(*(words(text) for key, text in other.items() if own.get(key) != text))
    while waiting:
        for called in sorted((words(own[waiting.pop()]) & own.keys()) - reached):
            if whole or called not in there or other.get(called) != own[called]:
                reached.add(called)
                waiting.append(called)
    return tuple((called, own[called]) for called in sorted(reached - {name}))


@lru_cache(maxsize=8)
def _functions(file: str) -> dict[str, str]:
    """Return the functions of a file by name, as offset-exact text; the first of several."""
    found: dict[str, str] = {}
    for piece in cut(scan(file)):
        if piece.symbol == "function":
            found.setdefault(piece.name, file[piece.start : piece.end])
    return found

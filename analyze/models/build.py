"""Patches -> matrices: for the functions that they change, entered where their file enters them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..checks.paths import Budget
from ..checks.view import Code, PatchView, SideView
from ..engine import ir
from ..engine.inline import inline
from ..engine.unroll import TooManyBlocksError
from .matrix import Matrix, Way, build_rows
from .walk import BUDGET

MOST_MATRICES = 24
"""Of one patch."""
MOST_WAYS = 6
MOST_BLOCKS = 600
"""Of a graph with what it calls put in; a larger one is followed without."""
DEPTH = 3


def patch_models(view: PatchView) -> list[Matrix]:
    """Return the matrices of one patch."""
    found, budget = [], Budget(BUDGET)
    for path, name, ways in list(groups(view))[:MOST_MATRICES]:
        matrix = _matrix(view, path, name, ways, budget)
        if matrix is not None:
            found.append(matrix)
    return found


def _matrix(view: PatchView, path: str, name: str, entries: Sequence[str], budget: Budget) -> Matrix | None:
    ways = ways_of(view, path, entries)
    if not ways:
        return None
    table = build_rows(ways, budget)
    if not table.axes or all(row.state == "not told" for row in table.rows):
        return None
    code = next(
        one for one in (*view.post.changed, *view.pre.changed) if one.name == name and one.path == path
    )
    return Matrix(
        message_id=view.case.message_id,
        position=view.case.position,
        function=name,
        path=path,
        line=code.definition.start,
        axes=table.axes,
        rows=table.rows,
        free=table.free,
        unasked=table.unasked,
    )


def ways_of(view: PatchView, path: str, entries: Sequence[str]) -> list[Way]:
    """Return the entries of a group that can be followed on each side that has them."""
    ways = []
    for entry in entries:
        codes = _code(view.pre, path, entry), _code(view.post, path, entry)
        if any(code is not None and code.lowered is None for code in codes) or codes == (None, None):
            continue
        before, after = _graph(view.pre, codes[0]), _graph(view.post, codes[1])
        ways.append(Way(name=entry, before=before, after=after))
    return ways


def groups(view: PatchView) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield (path, function, entries): the changed function that most entries lead to, and the entries."""
    for path in view.post.files:
        changed = list(dict.fromkeys(one.name for one in view.post.changed if one.path == path))
        calls = _callers(view.post, path, changed)
        reached: dict[str, list[str]] = {}
        for name in changed:
            for entry in _entries(name, calls):
                reached.setdefault(entry, []).append(name)
        left = dict(reached)
        while left:
            counts = {name: sum(name in names for names in left.values()) for name in changed}
            top = max(counts.values())
            ties = [name for name in changed if counts[name] == top]
            name = next((one for one in ties if not set(calls.get(one, ())) & set(ties)), ties[0])
            entries = tuple(entry for entry, names in left.items() if name in names)
            yield path, name, entries[:MOST_WAYS]
            left = {entry: names for entry, names in left.items() if entry not in entries}


def entered(side: SideView, names: Sequence[str]) -> Iterator[tuple[Code, ir.Function]]:
    """Yield the functions, in whatever file at hand, through which changed ones are entered (DEPTH calls
    above, MOST_WAYS of one), with the changed ones and what leads to them put in place of their calls."""
    bodies = {one.name: one.lowered for one in side.changed if one.lowered is not None}
    entries: dict[tuple[str, str], Code] = {}
    for name in dict.fromkeys(names):
        level, seen = {name: next(one for one in side.changed if one.name == name)}, {name}
        for depth in range(DEPTH + 1):
            above: dict[str, Code] = {}
            for below, code in level.items():
                callers = (
                    [one for one in side.callers(below) if one.name not in seen] if depth < DEPTH else []
                )
                if depth and not callers:
                    entries.setdefault((code.path, code.name), code)
                above |= {one.name: one for one in callers[:MOST_WAYS]}
                bodies |= {one.name: one.lowered for one in callers if one.lowered is not None}
            seen |= above.keys()
            level = above
    for code in list(entries.values())[:MOST_WAYS]:
        if code.lowered is not None:
            yield code, _inlined(code.lowered, {one: bodies[one] for one in bodies if one != code.name})


def _callers(side: SideView, path: str, names: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return who calls whom in one file, from some functions upwards."""
    found: dict[str, tuple[str, ...]] = {}
    waiting = [(name, 0) for name in names]
    while waiting:
        name, depth = waiting.pop()
        if name in found or depth >= DEPTH:
            continue
        above = dict.fromkeys(one.name for one in side.callers(name) if one.path == path)
        found[name] = tuple(above)
        waiting += [(one, depth + 1) for one in above]
    return found


def _entries(name: str, calls: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the functions that nothing else in the file calls and that lead to one; itself if none."""
    seen, waiting, found = {name}, [name], []
    while waiting:
        one = waiting.pop()
        above = [caller for caller in calls.get(one, ()) if caller not in seen]
        if not above and (one != name or not calls.get(name)):
            found.append(one)
        seen.update(above)
        waiting += above
    return found or [name]


def _graph(side: SideView, code: Code | None) -> ir.Function | None:
    """Return a function's graph with the changed functions that it calls put in; None where it is absent."""
    if code is None or code.lowered is None:
        return None
    return _inlined(code.lowered, _bodies(side, code.path, code.name))


def _inlined(function: ir.Function, bodies: dict[str, ir.Function]) -> ir.Function:
    for depth in range(DEPTH, 0, -1):
        try:
            whole, _ = inline(function, bodies, depth)
        except TooManyBlocksError:
            continue
        if len(whole.blocks) <= MOST_BLOCKS:
            return whole
    return function


def _code(side: SideView, path: str, name: str) -> Code | None:
    view = side.files.get(path)
    if view is None:
        return None
    own = view.functions.get(name, ())
    if len(own) == 1:
        return side.code(own[0])
    return next((one for one in side.changed if one.name == name and one.path == path), None)


def _bodies(side: SideView, path: str, entry: str) -> dict[str, ir.Function]:
    """Return the graphs of a file's changed functions and of what leads to them."""
    changed = [one.name for one in side.changed if one.path == path]
    calls = _callers(side, path, changed)
    names = dict.fromkeys((*changed, *(above for several in calls.values() for above in several)))
    found = {}
    for name in names:
        code = _code(side, path, name) if name != entry else None
        if code is not None and code.lowered is not None:
            found[name] = code.lowered
    return found

"""Who calls a changed function -> its entry in review.json and the sentences beside the function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..analyze.callers.called import MOST_FILES, Called, CallSite, Reached
from ..analyze.functions import ChangedFunction
from ..analyze.review import Review
from . import documents as to
from .words import count

MOST_SITES = 8
"""Callers that a sentence names."""
MOST_REACHED = 12
_ENTRIES = ("sys_", "compat_sys_", "ksys_")


def called_entry(one: Called) -> to.CalledEntry:
    """Return the entry of review.json."""
    return {
        "message_id": one.message_id,
        "function": one.function,
        "path": one.path,
        "arguments": one.arguments,
        "contract": one.contract,
        "calls": one.calls,
        "files": one.files,
        "sites": [
            {
                "function": site.function,
                "path": site.path,
                "line": site.line,
                "arguments": list(site.arguments),
                "passes": list(site.passes),
                "meets": [flag for flag in site.passes if flag in one.asks],
            }
            for site in one.sites
        ],
        "reached": [
            {"function": up.function, "path": up.path, "through": up.through, "depth": up.depth}
            for up in one.reached
        ],
        "defined_in": list(one.defined_in),
        "asks": list(one.asks),
        "tree": one.tree,
    }


def called_of(entry: Mapping[str, Any]) -> Called:
    """Return what an entry of review.json says."""
    sites = (
        CallSite(
            function=site["function"],
            path=site["path"],
            line=site["line"],
            arguments=tuple(site["arguments"]),
            passes=tuple(site["passes"]),
        )
        for site in entry["sites"]
    )
    return Called(
        **{key: entry[key] for key in ("message_id", "function", "path", "arguments", "contract")},
        calls=entry["calls"],
        files=entry["files"],
        sites=tuple(sites),
        reached=tuple(Reached(**one) for one in entry["reached"]),
        tree=entry["tree"],
        defined_in=tuple(entry["defined_in"]),
        asks=tuple(entry["asks"]),
    )


def called_lines(function: ChangedFunction, review: Review) -> Iterator[str]:
    """Yield who calls a function, what comes to it, and what it promises them; nothing without a tree."""
    if function.symbol != "function" or function.pre is None:
        return
    for one in review.called:
        if (one.function, one.path) != (function.name, function.path):
            continue
        if one.sites:
            total = f"{count(one.calls, 'call')} in {count(one.files, 'file')}"
            yield f"called from {_listed(one)} ({total}, before the series)"
        elif one.files > MOST_FILES:
            yield f"called in {one.files} files"
        if one.reached:
            yield f"from there it comes to {_reached(one.reached)}"
        if one.contract:
            yield f"promises to return: {one.contract}"


def _listed(one: Called) -> str:
    sites: dict[tuple[str, str], list[str]] = {}
    for site in one.sites:
        sites.setdefault((site.path, site.function), []).extend(site.passes)
    said = [
        f"{path}: {function}" + _passing(list(dict.fromkeys(flags)), one.asks)
        for (path, function), flags in sites.items()
    ]
    more = [f"and {len(said) - MOST_SITES} more"] if len(said) > MOST_SITES else []
    return ", ".join([*said[:MOST_SITES], *more])


def _passing(flags: Sequence[str], asks: Sequence[str]) -> str:
    if not flags:
        return ""
    met = [flag for flag in flags if flag in asks]
    asked = f", and the difference asks for {', '.join(met)}" if met else ""
    return f" (passes {', '.join(flags[:6])}{asked})"


def _reached(reached: Sequence[Reached]) -> str:
    """Name system calls first: an effect is seen there."""
    ordered = sorted(reached, key=lambda one: not one.function.startswith(_ENTRIES))
    said = [f"{one.function} (through {one.through})" for one in ordered[:MOST_REACHED]]
    more = [f"and {len(ordered) - MOST_REACHED} more"] if len(ordered) > MOST_REACHED else []
    return ", ".join([*said, *more])

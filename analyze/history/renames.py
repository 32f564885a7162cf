"""Functions that a patch adds in both revisions, under another name in the later."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..similarity import similarity
from .functions import FunctionInterdiff
from .post_images import AppliedPatch, PostImage, post_image

ALIKE = 0.7
"""From which likeness of their words two added functions are one that was renamed."""
_WORD = re.compile(r"\w+|[^\w\s]")


def join_renamed(
    functions: Sequence[FunctionInterdiff], before: AppliedPatch, after: AppliedPatch
) -> tuple[FunctionInterdiff, ...]:
    """Return the functions, two of them as one "renamed" where only the name makes them two."""
    gone = [one for one in functions if one.kind == "dropped" and (one.former_path, one.name) in before.added]
    come = [one for one in functions if one.kind == "added" and (one.path, one.name) in after.added]
    found: dict[str, FunctionInterdiff] = {}
    joined: list[FunctionInterdiff] = []
    for later in come:
        likes = [
            (_alike(earlier, later, before, after), earlier)
            for earlier in gone
            if earlier.symbol == later.symbol == "function" and earlier not in joined
        ]
        score, best = max(likes, key=lambda like: like[0], default=(0.0, later))
        if score >= ALIKE:
            joined.append(best)
            found[later.name] = replace(
                later,
                kind="renamed",
                former=best.name,
                former_path=best.former_path,
                differs=later.differs + best.differs,
            )
    return tuple(
        found.get(one.name, one) if one.kind == "added" else one for one in functions if one not in joined
    )


def _alike(
    earlier: FunctionInterdiff, later: FunctionInterdiff, before: AppliedPatch, after: AppliedPatch
) -> float:
    one = post_image(earlier.name, earlier.former_path, before)
    other = post_image(later.name, later.path, after)
    if not isinstance(one, PostImage) or not isinstance(other, PostImage):
        return 0.0
    return similarity(_words(one), _words(other))


def _words(image: PostImage) -> list[str]:
    name = image.definition.name
    return ["" if word == name else word for word in _WORD.findall(image.definition.text)]

"""Which names the tables speak of: a header's own definition of them is not read (docs/engine.md, I5)."""

from __future__ import annotations

from functools import cache

from ...lexical import scan
from ...outline import cut
from ..prelude import prelude_text
from . import known, tables


@cache
def _names() -> frozenset[str]:
    macros = {piece.name for piece in cut(scan(prelude_text())) if piece.symbol == "macro"}
    return frozenset(
        macros
        | tables.NO_EFFECT
        | tables.PER_CPU_POINTERS
        | tables.VOLATILE_NAMES
        | tables.ATTRIBUTES
        | {"current", "guard", "CLASS", "scoped_guard", "scoped_cond_guard", "NULL", "true", "false"}
    )


def is_tabled(name: str) -> bool:
    """Say whether the lowering has its own account of a name."""
    return name in _names() or known.value_of(name) is not None or known.condition_of(name) is not None


def is_tabled_function(name: str) -> bool:
    """Say whether a name is known to act as a function, whatever it is."""
    return name in tables.FUNCTIONS or name in tables.NO_RETURN

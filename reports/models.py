"""Matrices of outcomes -> their entries in review.json, and the Matrix section of a page (docs/models.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..analyze.models.matrix import Matrix, Row
from ..analyze.models.walk import Outcome
from ..analyze.review import Review
from . import documents as to
from .page import ShownPatch
from .summary import patch_name

STATE = {
    "differs": "≠ differs",
    "new": "+ new",
    "gone": "− gone",
    "not told": "? not told",
    "same": "= same",
}
"""Words and a glyph, never colour alone."""
OPEN = ("differs", "new", "gone", "not told")
MOST_ROWS = 200
"""Rows of one matrix that a page shows."""
_FREE = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSide:
    """An outcome in words; each word says whether the other side lacks it."""

    returns: tuple[tuple[str, bool], ...]
    calls: tuple[tuple[str, bool], ...]
    not_told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """A row with a cell for each axis."""

    cells: tuple[str, ...]
    before: ShownSide
    after: ShownSide
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMatrix:
    """One function's table."""

    matrix: Matrix
    patch: str
    anchor: str
    id: str
    rows: tuple[ShownRow, ...]
    """Those that are open."""
    same: tuple[ShownRow, ...]
    left_out: int
    decided: bool
    """Whether the comparison shows that a function of this patch differs: the walk alone says no more than
    "may", of a patch that changes nothing too."""


def show_models(review: Review, patches: Sequence[ShownPatch]) -> tuple[ShownMatrix, ...]:
    """Return the matrices of a review, those in which something differs first."""
    if review.revision is None:
        return ()
    by_mail = {one.reviewed.patch.message.message_id: one for one in patches}
    found = []
    for number, matrix in enumerate(review.models, 1):
        patch = by_mail.get(matrix.message_id)
        if patch is None:
            continue
        told = [row for row in matrix.rows if row.state in OPEN]
        same = [row for row in matrix.rows if row.state not in OPEN]
        found.append(
            ShownMatrix(
                matrix=matrix,
                patch=patch_name(patch.reviewed.patch, review.revision),
                anchor=patch.id,
                id=f"m{number}",
                rows=tuple(_row(matrix, row) for row in told[:MOST_ROWS]),
                same=tuple(_row(matrix, row) for row in same[:MOST_ROWS]),
                decided=any(
                    one.delta is not None and one.delta.verdict == "changed"
                    for one in patch.reviewed.functions
                ),
                left_out=max(0, len(told) - MOST_ROWS) + max(0, len(same) - MOST_ROWS),
            )
        )
    return tuple(sorted(found, key=lambda one: not one.rows))


def _row(matrix: Matrix, row: Row) -> ShownRow:
    values = dict(row.condition)
    return ShownRow(
        cells=tuple(values.get(axis.name, _FREE) for axis in matrix.axes),
        before=_side(row.before, row.after),
        after=_side(row.after, row.before),
        state=STATE[row.state],
    )


def _side(outcome: Outcome, other: Outcome) -> ShownSide:
    told = not outcome.not_told and not other.not_told
    return ShownSide(
        returns=tuple((one or "no value", told and one not in other.returns) for one in outcome.returns),
        calls=tuple((one, told and one not in other.calls) for one in outcome.calls),
        not_told=outcome.not_told,
    )


def model_entry(matrix: Matrix) -> to.ModelEntry:
    """Return a matrix as review.json has it."""
    return {
        "message_id": matrix.message_id,
        "position": matrix.position,
        "function": matrix.function,
        "path": matrix.path,
        "line": matrix.line,
        "axes": [{"name": one.name, "family": one.family, "values": list(one.values)} for one in matrix.axes],
        "rows": [
            {
                "when": dict(row.condition),
                "before": _outcome(row.before),
                "after": _outcome(row.after),
                "state": row.state,
            }
            for row in matrix.rows
        ],
        "free": list(matrix.free),
        "unasked": list(matrix.unasked),
        "assumes": list(matrix.assumes),
    }


def _outcome(outcome: Outcome) -> to.OutcomeEntry:
    return {
        "returns": list(outcome.returns),
        "calls": list(outcome.calls),
        "not_told": outcome.not_told,
    }

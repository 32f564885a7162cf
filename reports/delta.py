"""Deltas -> the `lorelens/delta/1` document and its text (CONTRACT.md, `compare`)."""

from __future__ import annotations

from typing import Any

from ..analyze.engine.delta import Call, Cell, Delta, Difference, Witness
from .verdict import STANDING
from .words import count

SCHEMA = "lorelens/delta/1"
_FIRST_ADDRESS = 1 << 32
"""Numbers from here on are shown as addresses: no flag or size of a witness is as large."""
_DEPTH = 4
"""Pointers that a name of a cell may go through."""


def compare_document(deltas: tuple[Delta, ...]) -> dict[str, Any]:
    """Return the JSON document of a comparison."""
    return {"schema": SCHEMA, "functions": [delta_value(delta) for delta in deltas]}


def delta_value(delta: Delta) -> dict[str, Any]:
    """Return one function's entry."""
    reason = None if delta.reason is None else {"code": delta.reason.code, "text": delta.reason.text}
    return {
        "name": delta.name,
        "path": delta.path,
        "line": delta.line,
        "config": delta.config,
        "kind": list(delta.kind),
        "verdict": delta.verdict,
        "reason": reason,
        "bounded": delta.bounded,
        "assumptions": [*delta.assumptions, *STANDING],
        "differences": [difference_value(row) for row in delta.differences],
        "unchanged": [{"when": one.when, "outcome": one.outcome} for one in delta.unchanged],
    }


def difference_value(row: Difference) -> dict[str, Any]:
    """Return one difference's entry."""
    return {
        "when": row.when,
        "effect": row.effect,
        "before": row.before,
        "after": row.after,
        "witness": witness_value(row.witness),
        "replay": row.replay,
        "replay_reason": row.replay_reason,
    }


def witness_value(witness: Witness) -> dict[str, str]:
    """Return a witness as names with values: parameters, memory at entry and after effects, answers in order,
    constants, configuration. Addresses are hexadecimal."""
    names = _names(witness)
    found = {name: _value(value) for name, value in witness.parameters}
    for cell in sorted(witness.cells, key=lambda cell: cell.epoch):
        later = f" after {count(cell.epoch, 'effect')}" if cell.epoch else ""
        found.setdefault(f"{_cell_name(cell, names)}{later}", _value(cell.value))
    for index, call in enumerate(_longer(witness), 1):
        if call.answer is not None:
            found[f"{call.name}() as effect {index}"] = _value(call.answer)
    found.update((name, _value(value)) for name, value in witness.constants)
    found.update((f"CONFIG_{name}", value) for name, value in witness.config)
    return found


def _names(witness: Witness) -> dict[int, str]:
    """Return what an address is called: the parameter, answer or cell that holds it, the first of several."""
    found: dict[int, str] = {}
    for name, value in witness.parameters:
        found.setdefault(value, name)
    for call in _longer(witness):
        if call.answer is not None and call.answer >= _FIRST_ADDRESS:
            found.setdefault(call.answer, f"{call.name}()")
    for _ in range(_DEPTH):
        for cell in witness.cells:
            if cell.width == 64 and cell.value >= _FIRST_ADDRESS and (cell.name or cell.base in found):
                found.setdefault(cell.value, _cell_name(cell, found))
    return found


def _longer(witness: Witness) -> tuple[Call, ...]:
    """Return the effects of the run that has more of them."""
    return witness.before if len(witness.before) > len(witness.after) else witness.after


def _cell_name(cell: Cell, names: dict[int, str]) -> str:
    path = ".".join(field for _, field in cell.path).replace(".[", "[")
    if cell.name:
        return f"{cell.name}.{path}".replace(".[", "[") if path else cell.name
    base = names.get(cell.base, f"0x{cell.base:x}")
    return f"{base}->{path}".replace("->[", "[") if path else f"*{base}"


def _value(value: int) -> str:
    """Return a number as a reader expects it: error codes are negative, addresses hexadecimal."""
    value = _signed(value)
    return f"0x{value:x}" if value >= _FIRST_ADDRESS else str(value)


def _signed(value: int) -> int:
    """Return a number as a reader expects it: error codes are negative."""
    for width in (32, 64):
        if (1 << width) - 4096 <= value < (1 << width):
            return value - (1 << width)
    return value


def delta_text(deltas: tuple[Delta, ...]) -> str:
    """Return a comparison for a terminal: a paragraph a function."""
    if not deltas:
        return "No function differs, and none stands in other surroundings.\n"
    standing = ["Assumed throughout:", *(f"  {text}" for text in STANDING)]
    return "\n".join("\n".join(lines) for lines in (*map(_lines, deltas), standing)) + "\n"


def _lines(delta: Delta) -> list[str]:
    where = f"{delta.path}:{delta.line}: " if delta.path else ""
    config = f" [{delta.config}]" if delta.config else ""
    head = f"{where}{delta.name}{config}: {delta.verdict.upper()}"
    if delta.reason is not None:
        head += f" ({delta.reason.code}: {delta.reason.text})"
    if delta.bounded:
        head += " (loops followed for two turns: there may be more)"
    lines = [head]
    for row in delta.differences:
        lines.append(f"  when {row.when}:")
        lines.append(f"    {row.effect}: {row.before}  ->  {row.after}")
        inputs = ", ".join(
            f"{name} = {value}" for name, value in list(witness_value(row.witness).items())[:8]
        )
        if inputs:
            lines.append(f"    example inputs: {inputs}")
        lines.append(f"    replay: {row.replay}" + (f" ({row.replay_reason})" if row.replay_reason else ""))
    lines += [f"  as before when {one.when}: {one.outcome}" for one in delta.unchanged]
    lines += [f"  assuming that {text}" for text in delta.assumptions]
    return lines

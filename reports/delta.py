"""Deltas -> the `lorelens/delta/1` document and its text (CONTRACT.md, `compare`)."""

from __future__ import annotations

from typing import Any

from ..analyze.engine.delta import Delta, Difference, Witness

SCHEMA = "lorelens/delta/1"


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
        "assumptions": list(delta.assumptions),
        "differences": [_difference(row) for row in delta.differences],
        "unchanged": [{"when": one.when, "outcome": one.outcome} for one in delta.unchanged],
    }


def _difference(row: Difference) -> dict[str, Any]:
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
    """Return a witness as names with values: parameters, memory at entry, answers in order, constants."""
    found = {name: str(_signed(value)) for name, value in witness.parameters}
    for cell in witness.cells:
        path = ".".join(field for _, field in cell.path)
        base = cell.name or f"0x{cell.base:x}"
        later = f" after {cell.epoch} effects" if cell.epoch else ""
        found[f"{base}{'->' if path and not cell.name else '.' if path else ''}{path}{later}"] = str(
            cell.value
        )
    for index, call in enumerate(witness.before, 1):
        if call.answer is not None:
            found[f"{call.name}() as effect {index}"] = str(_signed(call.answer))
    found.update((name, str(value)) for name, value in witness.constants)
    found.update((f"CONFIG_{name}", value) for name, value in witness.config)
    return found


def _signed(value: int) -> int:
    """Return a number as a reader expects it: error codes are negative."""
    for width in (32, 64):
        if (1 << width) - 4096 <= value < (1 << width):
            return value - (1 << width)
    return value


def delta_text(deltas: tuple[Delta, ...]) -> str:
    """Return a comparison for a terminal: a paragraph a function."""
    return "\n".join("\n".join(_lines(delta)) for delta in deltas) + "\n" if deltas else ""


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

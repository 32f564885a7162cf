"""What a recorded run drew, as a Witness, and a Witness as the tables that a scripted run answers from."""

from __future__ import annotations

import struct

from .edits import FUNCTION
from .machine import OBJECT, Machine
from .outcome import RefusedError
from .witness import Cell, Observed, Pointer, Value, Witness

_PARAMETER, _ANSWER, _CELL, _LOCAL_CELL, _PURE, _OUTPUT = 1, 2, 3, 4, 5, 6
_LOCAL = 0xFE
"""The upper byte of what stands for a local object's address, as in runtime.c."""
_ROW = 32
_ALL = (1 << 64) - 1
_MAX_ROWS = 4096


def recorded_witness(machine: Machine) -> Witness:
    """Return what the last recorded run read from outside; places carry byte offsets, no fields."""
    length = min(machine.word("rt_observed_length"), _MAX_ROWS)
    rows = [struct.unpack("<4Q", machine.read("rt_observed", i * _ROW, _ROW)) for i in range(length)]
    parameters: dict[int, Value] = {}
    answers: dict[int, Value] = {}
    cells: dict[tuple[int, int], Cell] = {}
    for source, a, b, value in rows:
        if source == _PARAMETER:
            parameters[a] = _value(machine, value)
        elif source == _ANSWER:
            answers.setdefault(a, _value(machine, value))
        elif source == _CELL:
            which, offset = divmod(a * 8, OBJECT)
            cells[a, b] = Cell(
                place=Pointer(object=which, index=offset), value=_value(machine, value), epoch=b
            )
    return Witness(
        parameters=tuple(value for _, value in sorted(parameters.items())),
        cells=tuple(cells.values()), answers=tuple(answers.values()),
    )  # fmt: skip


def _value(machine: Machine, value: int) -> Value:
    pool = machine.addresses["rt_pool"]
    if pool <= value < pool + OBJECT * 1024:
        which, offset = divmod(value - pool, OBJECT)
        return Pointer(object=which, index=offset)
    return value - (1 << 64) if value >> 63 else value


def script(machine: Machine, witness: Witness, *, lenient: bool = False) -> None:
    """Hand a witness to the machine: its runs then answer from it. Raises RefusedError("constants", ...).

    With `lenient`, parameters that are pointers and that it has at no object count as left open.
    """
    offsets = _Offsets(machine)
    rows: list[tuple[int, int, int, int]] = []
    for index, value in enumerate(witness.parameters):
        if not (
            lenient and isinstance(value, int) and machine.program.pointers[index : index + 1] == (True,)
        ):
            rows.append((_PARAMETER, index, 0, offsets.value(value)))
    for index, answer in enumerate(witness.answers):
        if answer is not None:
            rows.append((_ANSWER, index + 1, 0, offsets.value(answer)))
    rows += [(_OUTPUT, call, place, offsets.value(value)) for call, place, value in witness.outputs]
    rows += _observed(witness.observed, machine, offsets)
    local_words: dict[tuple[int, int], int] = {}
    held = [one for one in witness.locals if offsets.has(one.fields)]
    for one in sorted(held, key=lambda one: offsets.within(one.fields)):
        at, shift = divmod(offsets.within(one.fields), 8)
        key = (one.number << 32 | at * 8, one.epoch)
        low = local_words.get(key, 0) & (1 << shift * 8) - 1
        local_words[key] = (low | offsets.value(one.value) << shift * 8) & (1 << 64) - 1
    rows += [(_LOCAL_CELL, place, epoch, value) for (place, epoch), value in local_words.items()]
    words: dict[tuple[int, int], int] = {}
    told = [cell for cell in witness.cells if offsets.has(cell.place.fields)]  # neither text reads others
    for cell in sorted(told, key=lambda cell: offsets.address(cell.place)):
        offsets.cell(words, cell.place, cell.epoch, cell.value)
    for name, value in witness.globals:
        if name in machine.program.globals:
            offsets.cell(words, Pointer(object=1, fields=(("struct rt_globals", name),)), 0, value)
    rows += [(_CELL, word, epoch, value) for (word, epoch), value in words.items()]
    if len(rows) > _MAX_ROWS:
        raise RefusedError("constants", f"{len(rows)} values")
    machine.memory.write(
        machine.store, b"".join(struct.pack("<4Q", *row) for row in rows), machine.addresses["rt_given"]
    )
    machine.set("rt_given_length", len(rows))
    machine.set("rt_scripted", 1)


def _observed(
    calls: tuple[Observed, ...], machine: Machine, offsets: _Offsets
) -> list[tuple[int, int, int, int]]:
    """Return the rows for what calls that only read answer, found by their arguments (rt_pure in runtime.c);
    arguments that may be negative ints stand with and without their sign."""
    found: dict[tuple[int, int], tuple[int, int, int, int]] = {}
    numbers = {name: number for number, name in enumerate(machine.program.names, start=1)}
    for call in calls:
        if call.name not in numbers or not all(map(offsets.is_told, (*call.arguments, call.answer))):
            continue
        for signed in (False, True):
            key = _mix(numbers[call.name], len(call.arguments))
            for argument in call.arguments:
                value = offsets.value(argument)
                key = _mix(key, value | -(1 << 32) & _ALL if signed and value >> 31 == 1 else value)
            found.setdefault((key, call.epoch), (_PURE, key, call.epoch, offsets.value(call.answer)))
    return list(found.values())


def _mix(one: int, two: int) -> int:
    """The runtime's mix()."""
    x = (one * 0x9E3779B97F4A7C15 ^ two + 0x7F4A7C159E3779B9 & _ALL) & _ALL
    x ^= x >> 30
    x = x * 0xBF58476D1CE4E5B9 & _ALL
    x ^= x >> 27
    x = x * 0x94D049BB133111EB & _ALL
    return x ^ x >> 31


class _Offsets:
    """Where the fields of the program's records lie."""

    def __init__(self, machine: Machine) -> None:
        self.pool = machine.addresses["rt_pool"]
        found = machine.program.fields
        self.by_field: dict[tuple[str, str], int] = {
            field: struct.unpack("<I", machine.read("rt_kinds", i * 8, 4))[0] for i, field in enumerate(found)
        }
        self.by_name: dict[str, int] = {}
        self.absent: dict[str, int] = {}
        """Functions that no text uses as a value: their addresses lie behind the globals."""
        for (_, name), offset in self.by_field.items():
            if name:
                self.by_name.setdefault(name, offset)

    def address(self, place: Pointer) -> int:
        """Return the address of a place; objects from 1 on, object 1 being the globals."""
        if not 0 < place.object < 1000:
            raise RefusedError("constants", f"object {place.object}")
        at = self.pool + place.object * OBJECT + place.index + self.within(place.fields)
        if not self.pool <= at < self.pool + 1000 * OBJECT:
            raise RefusedError("constants", f"index {place.index}")
        return at

    def has(self, fields: tuple[tuple[str, str], ...]) -> bool:
        """Say whether the program's records have these fields; what they lack no run can read."""
        return all(self.step(tag, name) is not None for tag, name in fields)

    def is_told(self, value: Value) -> bool:
        """Say whether the program has the place that a value is the address of."""
        return not isinstance(value, Pointer) or self.has(value.fields)

    def within(self, fields: tuple[tuple[str, str], ...]) -> int:
        """Return the bytes that a path of fields leads from an object's start."""
        at = 0
        for tag, name in fields:
            found = self.step(tag, name)
            if found is None and name.startswith(FUNCTION):
                found = OBJECT - 16 * (1 + self.absent.setdefault(name, len(self.absent)) % 64)
            if found is None:
                raise RefusedError("constants", f"no field {name}")
            at += found
        return at

    def step(self, tag: str, name: str) -> int | None:
        """Return the bytes of one step of a path; None where the program does not have it."""
        if not name.startswith("["):
            return self.offset(tag, name)
        if name == "[0]":
            return 0
        size = int(tag) if tag.isdigit() else self.offset(tag.removeprefix("struct ").lstrip("?"), "")
        return None if size is None else size * int(name[1:-1])

    def offset(self, tag: str, name: str) -> int | None:
        for kind in ("struct k_", "union k_", "k_", "", "struct "):
            if (kind + tag, name) in self.by_field:
                return self.by_field[kind + tag, name]
        return self.by_name.get(name)

    def value(self, value: Value) -> int:
        """Return a value's 64 bits."""
        if isinstance(value, Pointer) and value.local:
            return _LOCAL << 56 | value.local << 32 | self.within(value.fields) + value.index & 0xFFFFFFFF
        return (self.address(value) if isinstance(value, Pointer) else value) & (1 << 64) - 1

    def cell(self, words: dict[tuple[int, int], int], place: Pointer, epoch: int, value: Value) -> None:
        """Put a cell into the 8-byte words of memory; what lies behind its own bytes is overwritten by
        the cells that follow, which lie there."""
        byte = self.address(place) - self.pool
        word, shift = byte // 8, byte % 8 * 8
        bits = self.value(value)
        low = words.get((word, epoch), 0) & (1 << shift) - 1
        words[word, epoch] = (low | bits << shift) & (1 << 64) - 1

"""The engine's witness (analyze.engine.delta) -> the witness of a run. The only place that knows both.

The engine gives addresses as numbers. A number is a place in an object where a cell has it as its base, or
where the
text uses the parameter as a pointer; NULL, error pointers and the first page stay numbers (P3).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import accumulate

from ..engine import delta
from .callees import Callees
from .edits import FUNCTION
from .program import silent_macros
from .witness import Cell, LocalCell, Observed, Pointer, Value, Witness

MORE = "-2"
"""The place of what a step (L7) says of whether the loop goes on."""
GLOBALS = "struct rt_globals"
_DEPTH = 4
_REACH = 8192
_FIRST = 2
_ERRORS = (1 << 64) - 4095


def from_engine(
    witness: delta.Witness, pointers: tuple[bool, ...] = (), *, by_chance: bool = True
) -> Witness:
    """Convert; `pointers` says which parameters the text uses as pointers. Without `by_chance` a value that
    no run reads through stays a number, though it is that of an address: a model may give a number any
    value."""
    run = max(witness.before, witness.after, key=len)
    constants = {place.value for place in witness.places if place.name.isupper()}
    effects = [
        _is_logged(call) and not (call.name == "volatile" and call.arguments[0] in constants) for call in run
    ]
    calls = [call for call, counts in zip(run, effects, strict=True) if counts]
    logged = [0, *accumulate(effects)]  # how many of the first n effects the harness counts as such
    objects = _Objects(places={place.value: place for place in witness.places}, by_chance=by_chance)
    for cell in witness.cells:
        if not cell.name and not cell.local and cell.base not in objects.places:
            objects.add(cell.base)
    parameters = [
        objects.pointer(value) if is_pointer else objects.value(value, 64)
        for (_, value), is_pointer in zip(
            witness.parameters, (*pointers, *[False] * len(witness.parameters)), strict=False
        )
    ]
    cells, globals_, locals_ = [], [], []
    for cell in witness.cells:
        value = objects.value(cell.value, cell.width)
        if cell.local:
            epoch = logged[cell.epoch]
            locals_.append(LocalCell(number=cell.local, fields=cell.path, value=value, epoch=epoch))
        elif cell.name and not cell.path and cell.epoch == 0:
            globals_.append((cell.name, value))
        elif cell.name:
            place = Pointer(object=1, fields=((GLOBALS, cell.name), *cell.path))
            cells.append(Cell(place=place, value=value, epoch=logged[cell.epoch]))
        else:
            base = objects.pointer(cell.base)
            if not isinstance(base, Pointer):
                continue  # a read that the run does not come to, or faults at
            epoch, fields = logged[cell.epoch], (*base.fields, *cell.path)
            if base.local:
                locals_.append(LocalCell(number=base.local, fields=fields, value=value, epoch=epoch))
            else:
                cells.append(Cell(place=replace(base, fields=fields), value=value, epoch=epoch))
    named = [(name, objects.pointer(value)) for name, value in witness.constants if not name.isupper()]
    return Witness(
        parameters=tuple(parameters),
        cells=tuple(cells),
        locals=tuple(locals_),
        globals=(*globals_, *named),
        constants=tuple((n, _signed(v, 64)) for n, v in witness.constants),
        config=witness.config,
        observed=tuple(
            Observed(
                name=call.name,
                arguments=tuple(objects.value(one, 64) for one in call.arguments),
                answer=objects.value(call.answer or 0, 64),
                epoch=logged[call.epoch],
            )
            for call in witness.observed
        ),
        answers=tuple(
            None if answer is None else objects.value(answer, 64) for answer in map(_answer, calls)
        ),
        outputs=tuple(
            (index + 1, int(position), objects.value(value, 64))
            for index, call in enumerate(calls)
            for position, value in call.outputs
            if int(position) >= 0
        ),
    )


def _is_logged(call: delta.Call) -> bool:
    """Say whether the harness takes an event of the engine's for an effect too: a mark for operands without
    an order (T10) and what is no behaviour (B4) have no number there."""
    if call.name in silent_macros():
        return False
    return call.kind != "unsequenced" and Callees().kind(call.name) in ("effect", "ends")


def _answer(call: delta.Call) -> int | None:
    """Return what a call answers, None where the model says nothing of it; a lock that saves flags answers
    what it assigns, a step over a loop's head whether there is more."""
    if call.kind == "step":
        return next((int(value != 0) for place, value in call.outputs if place == MORE), None)
    if call.answer is None and call.outputs:
        return call.outputs[0][1]
    return call.answer


@dataclass(slots=True)
class _Objects:
    """Which numbers are addresses of objects."""

    places: dict[int, delta.Place]
    """Addresses that the engine tells the meaning of."""
    by_chance: bool = True
    bases: dict[int, int] = field(default_factory=dict)

    def add(self, base: int) -> None:
        """Make a number the address of an object, unless it is one already or can be none."""
        if self.find(base) is None:
            self.bases[base] = _FIRST + len(self.bases)

    def find(self, value: int) -> Pointer | None:
        """Return the place that a number is the address of."""
        if value in self.places:
            return self.told(self.places[value], 0)
        for base, number in self.bases.items():
            if base <= value < base + _REACH:
                return Pointer(object=number, index=value - base)
        return None

    def told(self, place: delta.Place, depth: int) -> Pointer | None:
        """Return a place that the engine tells of."""
        if place.function:
            return Pointer(object=1, fields=((GLOBALS, FUNCTION + place.function),))
        if place.name:
            return Pointer(object=1, fields=((GLOBALS, place.name), *place.path))
        if place.local:
            return Pointer(object=0, local=place.local, fields=place.path)
        if place.base in self.places and depth < _DEPTH:
            base = self.told(self.places[place.base], depth + 1)
        else:
            base = None if place.base < 4096 or place.base >= _ERRORS else self.at_base(place.base)
        return None if base is None else replace(base, fields=(*base.fields, *place.path))

    def at_base(self, base: int) -> Pointer | None:
        """Return the place of an address that no other tells of; a new object where there is none."""
        self.bases.setdefault(base, _FIRST + len(self.bases))
        return Pointer(object=self.bases[base])

    def pointer(self, value: int) -> Value:
        """Return a value that is used as a pointer: any number with cells behind it is an object, the
        model's 0 too."""
        if value in self.places:
            return self.find(value) or _signed(value, 64)
        if value not in self.bases and 4096 <= value < _ERRORS:
            self.add(value)
        if value in self.bases:
            return Pointer(object=self.bases[value])
        return self.value(value, 64)

    def value(self, value: int, width: int) -> Value:
        """Return a number as a place or as a signed number."""
        if not self.by_chance and value not in self.bases:
            return _signed(value, 64)
        return (self.find(value) if width == 64 and 4096 <= value < _ERRORS else None) or _signed(value, 64)


def _signed(value: int, width: int) -> int:
    return value - (1 << width) if value >> (width - 1) & 1 else value

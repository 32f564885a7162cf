"""Instructions -> effects in the history, stores in memory (rules B2, H1, H2, M3, M5, M6, C6, C7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeGuard

from . import ctype, ir, memory
from .evaluate import SURE, Evaluator, Guesses, key_of, width
from .marks import settled
from .memory import Field, Key
from .simplify import ite, resize
from .state import State
from .term import HISTORY, Term, Terms

SCALARS = ctype.Integer | ctype.Bool | ctype.Pointer


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What identifies an effect, or a call that is none ("pure", "observing"), beside its arguments. `kind`:
    "call", "read" and "write" (volatile), "warn",
    "step", "asm", "unsequenced"."""

    kind: str
    name: str
    detail: str = ""


class Effects(Evaluator):
    """Executes instructions in a state, which it changes."""

    def __init__(
        self,
        terms: Terms,
        function: ir.Function,
        objects: dict[int, Term],
        guesses: Guesses,
        tested: set[Term],
    ) -> None:
        super().__init__(terms, function, objects, guesses, tested)
        self.quiet = frozenset(
            step.callee
            for block in function.blocks
            for step in block.instructions
            if isinstance(step, ir.Call) and self.only_reads(step)
        )
        """Functions that it calls of which the table says that they only read (C1)."""
        self.spans: dict[Term, ir.Span] = {}
        """Where each event stands in the text, for the reader."""
        self.sites: dict[Term, dict[int, ir.Span]] = {}
        """The same by block: two places may do one thing (two warnings with nothing in between)."""
        self.block = 0
        self.visit: tuple[Term, ...] = ()
        """The turn of the innermost loop (T11)."""
        self.numbers: dict[int, tuple[object, ...]] = {}
        """What stands for a variable in both versions: its type and its place among its like (M3)."""
        self.stored: set[int] = set()
        """Objects whose address was put into memory: whoever reads that has it, too (M9)."""
        self.taken: set[int] = set()
        """Objects that were taken back from a callee under the guess that it keeps no pointer."""
        self.kept: frozenset[int] = frozenset()
        """Objects that are not."""

    def value(self, number: int) -> Term:
        """Return the indeterminate value of a variable, or of a return without a value (T11)."""
        if number < 0:
            nothing = memory.undefined(self.terms, ("return",), self.visit)
            return self.terms.make("indeterminate", (nothing,), None, width(self.function.result))
        epoch = memory.undefined(self.terms, self.numbers[number], self.visit)
        return self.terms.make("indeterminate", (epoch,), None, width(self.function.variables[number].type))

    def fresh_cells(self, number: int) -> Term:
        """Return the contents of an object that was just declared (M3, M8)."""
        return memory.base(self.terms, memory.undefined(self.terms, self.numbers[number], self.visit))

    def execute(self, step: ir.Instruction, state: State) -> None:
        """Execute one instruction."""
        if isinstance(step, ir.Assign):
            self._assign(step, state)
        elif isinstance(step, ir.Call):
            self._call(step, state)
        elif isinstance(step, ir.Declare):
            self._declare(step.variable, state)
        elif isinstance(step, ir.ZeroFill):
            self._zero(step.target, state)
        elif isinstance(step, ir.Evaluate):
            self.expression(step.value, state)
        elif isinstance(step, ir.VolatileRead):
            self._volatile_read(step, state)
        elif isinstance(step, ir.VolatileWrite):
            self._volatile_write(step, state)
        elif isinstance(step, ir.Warn):
            state.history = self.event(Event(kind="warn", name=step.how), (), state, step.span)
        elif isinstance(step, ir.Step):
            self._step(step, state)
        elif isinstance(step, ir.Asm):
            self.asm(step, state)
        else:
            self._unsequenced(step, state)

    # Stores

    def _declare(self, variable: ir.Variable, state: State) -> None:
        if variable.number in self.statics:
            return
        if variable.number not in self.objects:
            state.values[variable.number] = self.value(variable.number)
        else:
            state.cells[variable.number] = self.fresh_cells(variable.number)
            state.reached[variable.number] = self.terms.const(0, 1)

    def _assign(self, step: ir.Assign, state: State) -> None:
        self.put(step.target, self.expression(step.value, state), state, step.value.type)

    def put(self, place: ir.Place, value: Term, state: State, old: ctype.CType | None = None) -> None:
        """Store a value of type `old` (None: the place's) at a place (T2: an unknown type's conversion)."""
        if isinstance(place, ir.Local) and self.is_plain(place.variable):
            named = None if place.variable.kind == "temporary" else "local"
            state.values[place.variable.number] = self._fitted(value, place.type, old, named)
            return
        address = self.address(place, state)
        self.check(address, state)
        key = key_of(place.type)
        where = address.data if isinstance(address.data, Field) else ctype.spell(place.type)
        self.store(
            address, key, value if key.width == 0 else self._fitted(value, place.type, old, where), state
        )

    def _fitted(self, value: Term, of: ctype.CType, old: ctype.CType | None, where: object) -> Term:
        """Return the value as a place of type `of` takes it; `where` names an unknown type without a name."""
        if not isinstance(of, ctype.Unknown):
            return resize(self.terms, value, width(of), False)
        if old is None or (isinstance(old, ctype.Unknown) and (old.name == of.name != "" or where is None)):
            return value
        if value.op == "converted" and isinstance(value.data, int):
            value, old = value.args[0], ctype.LONG
        if value.op == "read" and value.args[1].data == where:
            return value
        return self.convert(value, old, of, where)

    def store(self, address: Term, key: Key, value: Term, state: State) -> None:
        """Store at an address; what a store in reachable memory points to is reachable from now on (M6)."""
        if address.op == "ite":
            self._store_either(address, key, value, state)
            return
        self.expose(address, state)
        number = self._private(address, state)
        if number is None:
            self.reach((value,), state, stored=True)
            state.memory = memory.store(self.terms, state.memory, address, key, value, self.rules)
            return
        reached = state.reached[number]
        inside = memory.store(self.terms, state.cells[number], address, key, value, self.rules)
        if reached.op == "const":
            state.cells[number] = inside
            return
        self.reach((value,), state, stored=True)
        outside = memory.store(self.terms, state.memory, address, key, value, self.rules)
        state.memory = ite(self.terms, reached, outside, state.memory)
        state.cells[number] = ite(self.terms, reached, state.cells[number], inside)

    def _store_either(self, address: Term, key: Key, value: Term, state: State) -> None:
        """A store through a pointer that is one of several: each other keeps what it holds."""
        for one in memory.pointers(address):
            here = memory.is_chosen(self.terms, address, one)
            self.store(one, key, ite(self.terms, here, value, self.load(one, key, state)), state)

    def _zero(self, place: ir.Place, state: State) -> None:
        zero = self.terms.const(0, 64)
        if isinstance(place, ir.Local) and self.is_plain(place.variable):
            state.values[place.variable.number] = self.terms.const(0, width(place.type))
            return
        address = self.address(place, state)
        self.check(address, state)
        self.store(address, Key(width=0), zero, state)

    # Reachability

    def reach(self, values: tuple[Term, ...], state: State, stored: bool = False) -> None:
        """Make the private objects reachable whose addresses are in `values`, and theirs in turn (M6)."""
        waiting = list(objects_in(values))
        held = set(waiting) if stored else set()
        while waiting:
            pointer = waiting.pop()
            for number, term in self.objects.items():
                if term is not pointer or number not in state.cells:
                    continue
                if pointer in held:
                    self.stored.add(number)
                reached = state.reached[number]
                if reached.op == "const" and reached.data:
                    continue
                contents = state.cells[number]
                state.reached[number] = self.terms.const(1, 1)
                shown = memory.reveal(self.terms, state.memory, term, contents)
                state.memory = ite(self.terms, reached, state.memory, shown)
                inner = objects_in((contents,))
                held.update(inner)
                waiting.extend(inner)

    # Effects

    def event(self, event: Event, args: tuple[Term, ...], state: State, span: ir.Span) -> Term:
        """Return the history behind an effect: it carries its arguments and the memory (H1, M6)."""
        found = self.terms.make("event", (state.history, state.memory, *args), event, HISTORY)
        self.spans.setdefault(found, span)
        self.sites.setdefault(found, {}).setdefault(self.block, span)
        return found

    def answer(self, history: Term, of: ctype.CType) -> Term:
        """Return what the effect that ends `history` answers (H2)."""
        return self.leaf(self.terms.make("answer", (history,), None, width(of)), of)

    def _output(self, history: Term, place: int, of: ctype.CType) -> Term:
        return self.leaf(self.terms.make("output", (history,), place, width(of)), of)

    def leaf(self, term: Term, of: ctype.CType) -> Term:
        """Note that a value from outside has a type that the text does not tell (T2), or is a pointer."""
        if isinstance(of, ctype.Unknown):
            self.terms.memo["unknown", term] = term
        elif isinstance(of, ctype.Pointer):
            self.terms.memo["pointer", term] = term
        return term

    def _after(self, history: Term, state: State) -> None:
        """All memory that others can reach may have changed (M5)."""
        state.history = history
        state.memory = memory.base(self.terms, history)
        if self.guesses.unkept:
            self._take_back(state)

    def _take_back(self, state: State) -> None:
        """M9 as a guess: nobody keeps the address of a local scalar or an array of them."""
        for number, reached in state.reached.items():
            of = self.function.variables[number].type
            scalar = isinstance(of.of if isinstance(of, ctype.Array) else of, SCALARS)
            if scalar and reached.op == "const" and reached.data and number not in self.kept | self.stored:
                self.taken.add(number)
                state.reached[number] = self.terms.const(0, 1)
                state.cells[number] = state.memory

    def only_reads(self, step: object) -> TypeGuard[ir.Call]:
        """Say whether an instruction is a call that is no effect, by the table (C1)."""
        return self.guesses.getters and isinstance(step, ir.Call) and step.kind in ("pure", "observing")

    def _observe(self, step: ir.Call, state: State) -> None:
        """Execute a call that only reads: a value of its arguments, of the history and of the memory then.
        It may fault where a pointer that it is given is invalid (F3)."""
        values = tuple(self._arguments(step, state))
        if step.kind == "observing":
            for argument, value in zip(step.arguments, values, strict=True):
                if isinstance(argument.value.type, ctype.Pointer):
                    self.check(value, state)
        if step.target is not None:
            contents = self._contents(values, state)
            found = self._observed(step, (*values, *contents), state.history, state.memory)
            self.put(ir.Local(variable=step.target), self.leaf(found, step.target.type), state)

    def _contents(self, values: tuple[Term, ...], state: State) -> tuple[Term, ...]:
        """Return the contents of the private objects that values lead to: they are no part of memory."""
        found: dict[Term, Term] = {}
        waiting = objects_in(values)
        while waiting:
            pointer = waiting.pop()
            for number, term in self.objects.items():
                if term is not pointer or number not in state.cells or term in found:
                    continue
                reached = state.reached[number]
                if reached.op != "const" or not reached.data:
                    found[term] = state.cells[number]
                    waiting.extend(objects_in((state.cells[number],)))
        return tuple(found.values())

    def _observed(self, step: ir.Call, values: tuple[Term, ...], history: Term, memory: Term) -> Term:
        """Return obs_f(h, memory, arguments); where ways have met, one for each way."""
        named = Event(kind=step.kind, name=step.callee, detail=step.detail)
        op = "derived" if objects_in(values) else "observed"
        wide = width(step.type)
        if step.kind == "pure":
            return self.terms.make(op, values, named, wide)
        memo = ("observed", history, memory, *values, named)
        found = self.terms.memo.get(memo)
        if found is None:
            joined = next((term for term in (history, memory) if term.op == "ite"), None)
            if joined is None:
                found = self.terms.make(op, (history, memory, *values), named, wide)
            else:
                arms = [
                    self._observed(step, values, _given(history, joined, arm), _given(memory, joined, arm))
                    for arm in (1, 2)
                ]
                found = ite(self.terms, joined.args[0], *arms)
            self.terms.memo[memo] = found
        return found

    def _call(self, step: ir.Call, state: State) -> None:
        if self.only_reads(step):
            self._observe(step, state)
            return
        values = self._arguments(step, state)
        if step.pointer is not None:
            pointer = self.expression(step.pointer, state)
            self.check(pointer, state)
            values.insert(0, pointer)
        outputs = self._output_places(step, state)
        args = (*values, *(address for _, address in outputs if address is not None))
        self.reach(args, state)
        kind = "" if step.kind in ("function", "pointer") else f"{[place for place, _ in outputs]}"
        named = Event(kind="call", name=step.callee, detail=step.detail + kind * bool(outputs))
        history = self.event(named, args, state, step.span)
        self._after(history, state)
        self._take_outputs(history, step.arguments, outputs, state)
        if step.target is not None:
            found = self.answer(history, step.target.type)
            if step.never_errors and self.guesses.answers:
                self.terms.memo["no error", found] = found
            self.put(ir.Local(variable=step.target), found, state)

    def _arguments(self, step: ir.Call | ir.Step, state: State) -> list[Term]:
        """Return a call's arguments; where no parameter is at hand the parameter's type is not told (T2)."""
        prototype = step.prototype if isinstance(step, ir.Call) else None
        told = prototype is not None and prototype.parameters is not None
        name = step.callee if isinstance(step, ir.Call) else step.macro
        found = []
        for index, argument in enumerate(step.arguments):
            value, of = self.expression(argument.value, state), argument.value.type
            small = value.op == "const" and int(value.data) < SURE  # type: ignore[call-overload]
            if isinstance(of, ctype.Integer) and not told:
                wide = resize(self.terms, value, 64, of.signed)
                value = wide if small else self.convert(wide, of, ctype.UNKNOWN, ("argument", name, index))
            found.append(value)
        return found

    def _output_places(self, step: ir.Call | ir.Step, state: State) -> list[tuple[int, Term | None]]:
        """Return the arguments that may be assigned: their place in the list, and their address if in
        memory."""
        guessed = isinstance(step, ir.Call) and step.kind == "unknown" and self.guesses.functions
        found: list[tuple[int, Term | None]] = []
        for index, arg in enumerate(step.arguments):
            if arg.place is None or guessed:
                continue
            if isinstance(arg.place, ir.Local) and self.is_plain(arg.place.variable):
                found.append((index, None))
            else:
                found.append((index, self.address(arg.place, state)))
        return found

    def _take_outputs(
        self,
        history: Term,
        arguments: tuple[ir.Argument, ...],
        outputs: list[tuple[int, Term | None]],
        state: State,
    ) -> None:
        for index, address in outputs:
            place = arguments[index].place
            if address is None and isinstance(place, ir.Local):
                state.values[place.variable.number] = self._output(history, index, place.type)

    def _volatile_read(self, step: ir.VolatileRead, state: State) -> None:
        address = self.address(step.place, state)
        self.check(address, state)
        history = self.event(Event(kind="read", name=step.how), (address,), state, step.span)
        state.history = history
        key = key_of(step.place.type)
        found = self.answer(history, step.place.type)
        self.store(address, key, found, state)
        self.put(
            ir.Local(variable=step.target), resize(self.terms, found, width(step.target.type), False), state
        )

    def _volatile_write(self, step: ir.VolatileWrite, state: State) -> None:
        value = self.expression(step.value, state)
        address = self.address(step.place, state)
        self.check(address, state)
        self.reach((value,), state, stored=True)
        state.history = self.event(Event(kind="write", name=step.how), (address, value), state, step.span)
        self.store(address, key_of(step.place.type), value, state)

    def _step(self, step: ir.Step, state: State) -> None:
        token = self.expression(ir.Read(place=ir.Local(variable=step.token), type=step.token.type), state)
        values = self._arguments(step, state)
        outputs = self._output_places(step, state)
        args = (token, *values, *(address for _, address in outputs if address is not None))
        self.reach(args, state)
        named = Event(kind="step", name=step.macro, detail=f"{step.detail}{[place for place, _ in outputs]}")
        history = self.event(named, args, state, step.span)
        self._after(history, state)
        self._take_outputs(history, step.arguments, outputs, state)
        self.put(ir.Local(variable=step.token), self._output(history, -1, step.token.type), state)
        self.put(ir.Local(variable=step.more), self._output(history, -2, step.more.type), state)

    def asm(self, step: ir.Asm, state: State) -> Term:
        """Execute inline assembly, an opaque effect; return the history behind it."""
        values = [self.expression(value, state) for value in step.inputs]
        addresses = []
        for place in step.outputs:
            plain = isinstance(place, ir.Local) and self.is_plain(place.variable)
            if plain:
                values.append(self.expression(ir.Read(place=place, type=place.type), state))
            addresses.append(None if plain else self.address(place, state))
        args = (*values, *(address for address in addresses if address is not None))
        self.reach(args, state)
        history = self.event(Event(kind="asm", name="asm", detail=step.text), args, state, step.span)
        self._after(history, state)
        for index, place in enumerate(step.outputs):
            if addresses[index] is None and isinstance(place, ir.Local):
                state.values[place.variable.number] = self._output(history, index, place.type)
        return history

    def _unsequenced(self, step: ir.Unsequenced, state: State) -> None:
        """T10: the marked expression itself is part of the history, so both versions need the same."""
        if self.guesses.getters and settled(step, self.quiet):
            return
        called = sorted(name for names in step.callees for name in names)
        named = Event(kind="unsequenced", name=step.text, detail="|".join(called))
        state.history = self.event(named, (), state, step.span)


def _given(term: Term, joined: Term, arm: int) -> Term:
    """Return a term on one way to a join."""
    return term.args[arm] if term.op == "ite" and term.args[0] is joined.args[0] else term


def objects_in(values: tuple[Term, ...]) -> list[Term]:
    """Return the local objects whose addresses values hold; what was read or answered holds none."""
    found: list[Term] = []
    seen: set[Term] = set()
    waiting = list(values)
    while waiting:
        term = waiting.pop()
        if term in seen:
            continue
        seen.add(term)
        if term.op == "object":
            found.append(term)
        elif term.op in ("store", "cells"):
            waiting.extend((term.args[0], term.args[2]))
        elif term.op in ("whole", "stuck"):
            waiting.append(term.args[0])
        elif term.op in ("observed", "derived"):
            waiting.extend(arg for arg in term.args if arg.width > 0)
        elif term.op not in (
            "read",
            "answer",
            "output",
            "event",
            "loop",
            "left",
            "base",
            "indeterminate",
        ):
            waiting.extend(term.args)
    return found

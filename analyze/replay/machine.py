"""A module in wasmtime: fuel, a bound on memory, no imports; runs are started, traps told apart, logs read.

Nothing of the machine is reachable from inside: a module with any import is refused.
"""

from __future__ import annotations

import atexit
import struct
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from .outcome import RefusedError, Trace
from .program import Program, runtime
from .sandbox import compile_checked, compile_runtime, link

EXPORTS = (
    "rt_begin", "rt_go", "rt_trapped", "rt_sides", "rt_seed", "rt_last", "rt_side", "rt_flags", "rt_scripted",
    "rt_recording", "rt_zeroes", "rt_given", "rt_given_length", "rt_observed", "rt_observed_length",
    "rt_collided", "rt_kinds", "rt_kinds_length",
)  # fmt: skip
MEMORY = 128 << 20
FUEL = 3_000_000
MAX_SPENT = 60
"""Runs without an end after which a machine gives up."""
OBJECT = 16384
POOL = 0x1000000
"""Where the objects begin, as in runtime.c."""
LOG = 4096
OUTCOMES = ("running", "returned", "fault", "stopped", "undefined", "cut", "spent")
_ENTRIES = ("", "call", "store", "local", "warn", "read", "write", "return", "fault", "stop", "step")
_SIDE = LOG * 8 + 16


@cache
def _engine() -> Any:
    import wasmtime

    config = wasmtime.Config()
    config.wasm_memory64 = True
    config.consume_fuel = True
    config.cranelift_opt_level = "none"
    return wasmtime.Engine(config)


atexit.register(_engine.cache_clear)  # while wasmtime can still free what is kept


def has_wasmtime() -> bool:
    """Say whether wasmtime's package is installed."""
    try:
        import wasmtime
    except ImportError:
        return False
    return wasmtime is not None


@lru_cache(maxsize=8)
def _module(text: str) -> Any:
    """Compile and link a program's text: the differences of one comparison often have it in common."""
    import wasmtime

    linked = link(compile_checked(text), compile_runtime(runtime()), EXPORTS)
    module = wasmtime.Module(_engine(), linked)
    if list(module.imports):
        raise RefusedError("link", "the module has imports")
    return module


atexit.register(_module.cache_clear)


@dataclass(slots=True)
class Machine:
    """An instance of a program's module."""

    program: Program
    store: Any
    exports: Any
    memory: Any
    addresses: dict[str, int]
    stack: int
    spent: int = 0
    """Runs of this machine that used up their fuel."""

    @classmethod
    def load(cls, program: Program, *, zeroes: bool = False) -> Machine:
        """Compile, link and instantiate; uninitialised variables hold a pattern, or `zeroes`. Raises
        RefusedError."""
        if not has_wasmtime():
            raise RefusedError("compiler", "wasmtime is not installed")
        import wasmtime

        module = _module(program.text)
        store = wasmtime.Store(_engine())
        store.set_limits(memory_size=MEMORY, instances=1, memories=1, tables=4)
        store.set_fuel(FUEL)
        exports: Any = wasmtime.Instance(store, module, []).exports(store)
        memory = exports["memory"]
        addresses = {
            name: exports[name].value(store) for name in EXPORTS if isinstance(exports[name], wasmtime.Global)
        }
        addresses["rt_pool"] = POOL
        machine = cls(program, store, exports, memory, addresses, exports["__stack_pointer"].value(store))
        exports["rt_begin"](store)
        machine.set("rt_zeroes", int(zeroes))
        return machine

    def read(self, name: str, offset: int, size: int) -> bytes:
        """Read from a variable of the runtime's."""
        at = self.addresses[name] + offset
        return bytes(self.memory.read(self.store, at, at + size))

    def word(self, name: str) -> int:
        """Read an unsigned 32-bit variable."""
        return int.from_bytes(self.read(name, 0, 4), "little")

    def set(self, name: str, value: int, size: int = 4, offset: int = 0) -> None:
        """Write a variable."""
        self.memory.write(
            self.store, (value & (1 << 8 * size) - 1).to_bytes(size, "little"), self.addresses[name] + offset
        )

    @property
    def seed(self) -> int:
        """The seed of the run in progress."""
        return int.from_bytes(self.read("rt_seed", 0, 8), "little")

    def go(self, first: int, last: int, flags: int = 0) -> bool:
        """Run the seeds from first to before last; True at a difference, which `seed` then names."""
        import wasmtime

        self.set("rt_seed", first, 8)
        self.set("rt_last", last, 8)
        self.set("rt_side", 0)
        self.set("rt_flags", flags)
        go, trapped = self.exports["rt_go"], self.exports["rt_trapped"]
        while True:
            self.store.set_fuel(FUEL)
            begun = self.seed
            try:
                return bool(go(self.store))
            except (wasmtime.Trap, wasmtime.WasmtimeError) as trap:
                self.exports["__stack_pointer"].set_value(self.store, self.stack)
                spent = isinstance(trap, wasmtime.Trap) and trap.trap_code == wasmtime.TrapCode.OUT_OF_FUEL
                self.store.set_fuel(FUEL)
                self.spent += spent
                if spent and self.seed != begun:
                    self.set("rt_side", 0)  # the fuel was spent by many runs: run this one again, alone
                    continue
                trapped(self.store, int(spent))
                if self.spent > MAX_SPENT:
                    return False

    def is_wild(self) -> bool:
        """Say whether a side of the run in progress ended in an access that no object holds."""
        return any(self.read("rt_sides", side * _SIDE + LOG * 8 + 8, 4) != bytes(4) for side in (0, 1))

    def outcome(self, side: int) -> str:
        """Return how a side of the run in progress ended."""
        _, found = struct.unpack("<II", self.read("rt_sides", side * _SIDE + LOG * 8, 8))
        return OUTCOMES[found]

    def log(self, side: int) -> tuple[int, ...]:
        """Return a side's log."""
        length = int.from_bytes(self.read("rt_sides", side * _SIDE + LOG * 8, 4), "little")
        return struct.unpack(f"<{length}Q", self.read("rt_sides", side * _SIDE, length * 8))

    def trace(self, side: int) -> Trace:
        """Return a side's log for a reader."""
        return Trace(entries=tuple(self.lines(self.log(side))), outcome=self.outcome(side))

    def lines(self, log: tuple[int, ...]) -> list[str]:
        """Spell a log out, an entry a line."""
        found, at = [], 0
        while at < len(log):
            head = log[at]
            kind, extra, low = (
                _ENTRIES[head >> 56] if head >> 56 < len(_ENTRIES) else "?",
                head >> 32 & 0xFFFFFF,
                head & 0xFFFFFFFF,
            )
            at += 1
            given = log[at : at + (extra if kind in ("call", "step") else 1)] or (0,) * (kind != "call")
            if kind in ("call", "step"):
                found.append(f"{self.callee(low)}({', '.join(self.value(v) for v in given)})")
            elif kind == "store":
                found.append(
                    f"store {self.value((head & (1 << 56) - 1) * 8 + POOL)} = {self.value(given[0])}"
                )
            elif kind == "local":
                found.append(f"local {extra}+{low} = {self.value(given[0])}")
            elif kind in ("read", "write"):
                found.append(f"volatile {kind} {self.value(given[0] + self.addresses['rt_pool'])}")
            elif kind == "return":
                found.append(f"return {self.value(given[0])}")
            else:
                found.append(kind)
                continue
            at += len(given)
        return found

    def callee(self, number: int) -> str:
        """Return the name of a callee."""
        return self.program.names[number - 1] if 0 < number <= len(self.program.names) else f"?{number}"

    def value(self, value: int) -> str:
        """Spell a value: a place in an object, a local, or a number."""
        pool = self.addresses["rt_pool"]
        if pool <= value < pool + OBJECT * 1024:
            which, offset = divmod(value - pool, OBJECT)
            return f"&object{which}" + (f"+{offset}" if offset else "")
        if value >> 56 == 0xFE:
            return f"&local{value >> 32 & 0xFFFFFF}" + (
                f"+{value & 0xFFFFFFFF}" if value & 0xFFFFFFFF else ""
            )
        return str(value - (1 << 64) if value >> 63 else value)


def first_difference(before: tuple[str, ...], after: tuple[str, ...]) -> int:
    """Return the index of the first entry that differs."""
    for index, (a, b) in enumerate(zip(before, after, strict=False)):
        if a != b:
            return index
    return min(len(before), len(after))


def same_difference(one: tuple[Trace, Trace], other: tuple[Trace, Trace]) -> bool:
    """Say whether two pairs of traces differ first at one place, in the same words."""
    at = first_difference(one[0].entries, one[1].entries)
    if at != first_difference(other[0].entries, other[1].entries):
        return False
    return all(a.entries[at : at + 1] == b.entries[at : at + 1] for a, b in zip(one, other, strict=True))


def escapes(before: Trace, after: Trace) -> bool:
    """Say whether two traces differ first in what a reached local object holds."""
    at = first_difference(before.entries, after.entries)
    return all(
        trace.entries[at : at + 1] and trace.entries[at].startswith("local ") for trace in (before, after)
    )

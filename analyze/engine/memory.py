"""Memory as a chain of stores over an epoch, and reads resolved in it (rules M1, M2, M4 to M8).

A location is its address term and a key that says how wide it is looked at. Addresses are built here in one
form: `field` (a member's address in its base's), `plus` (elements further on), `object` (a local's),
`global`, or any other term. A chain is `base` (an epoch: a history), `store`, `ite` of two chains, or
`cells` (a local object that became reachable, with its contents). `whole` is the value of a whole object in
a chain (M8).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from .simplify import build, ite
from .term import HISTORY, MEMORY, Term, Terms

SHARING = frozenset({"page", "folio", "slab", "ptdesc"})
"""Structs that overlay one another (M2; include/linux/mm_types.h)."""


KNOWN = frozenset({"object", "global", "text"})
"""Roots that are objects themselves."""
_FOREIGN = frozenset(
    {"input", "open", "read", "answer", "output", "observed", "const", "symbol", "container", "config"}
)
"""Roots of pointers that came from outside: the others may have been made from a local object's address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """How a location is looked at: `width` bits (0: as a whole object), and the type's spelling where it is
    unknown."""

    width: int
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What a `field` address adds. `layout` as in ir.Member."""

    record: str
    field: str
    layout: str
    keys: tuple[Key, ...] = dataclasses.field(default=(), compare=False, repr=False)
    """How the field is looked at by its own type, its elements included; () where nobody told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Which guesses reads may use: with `separate`, fields without a common definition and generic pointers
    do not overlap (A0: separate objects); with `likely`, for a difference alone, neither do fields of one
    SHARING struct nor what unequal pointers lead to (M2, M4)."""

    separate: bool = False
    likely: bool = False


def field_address(terms: Terms, base: Term, field: Field) -> Term:
    """Return `&base->field`; of what container_of gave back it is the pointer that container_of got (M1)."""
    if base.op == "container" and base.data == (field.record, field.field):
        return base.args[0]
    return terms.make("field", (base,), field)


def container(terms: Terms, pointer: Term, record: str, member: str) -> Term:
    """Return container_of(pointer, struct record, member)."""
    inner = pointer.data if pointer.op == "field" else None
    if isinstance(inner, Field) and (inner.record, inner.field) == (record, member):
        return pointer.args[0]
    return terms.make("container", (pointer,), (record, member))


def plus(terms: Terms, pointer: Term, index: Term, of: str, size: int | None) -> Term:
    """Return `pointer + index` (64 bits, in elements of the type spelled `of`, of `size` bytes where
    known)."""
    if index.op == "const" and index.data == 0:
        return pointer
    if pointer.op == "ite":
        return chosen(terms, pointer, lambda arm: plus(terms, arm, index, of, size))
    if pointer.op == "plus" and pointer.data == (of, size):
        return plus(terms, pointer.args[0], build(terms, "add", pointer.args[1], index), of, size)
    if pointer.op == "const" and index.op == "const" and size is not None:
        return terms.const(int(pointer.data) + int(index.data) * size, 64)  # type: ignore[call-overload]
    return terms.make("plus", (pointer, index), (of, size))


def chosen(terms: Terms, choice: Term, of: Callable[[Term], Term]) -> Term:
    """Return a choice of pointers with something else in the place of each; a shared one is done once."""
    known: dict[Term, Term] = {}
    waiting = [choice]
    while waiting:
        term = waiting[-1]
        missing = [arm for arm in term.args[1:] if arm not in known] if term.op == "ite" else []
        if missing and term not in known:
            waiting.extend(missing)
            continue
        waiting.pop()
        if term not in known:
            arms = [known[arm] for arm in term.args[1:]] if term.op == "ite" else []
            known[term] = ite(terms, term.args[0], *arms) if arms else of(term)
    return known[choice]


def is_chosen(terms: Terms, choice: Term, one: Term) -> Term:
    """Return the condition under which a choice of pointers is `one`."""
    return chosen(terms, choice, lambda arm: terms.const(int(arm is one), 1))


def pointers(choice: Term) -> list[Term]:
    """Return the pointers that a choice is between, each once."""
    found: dict[Term, None] = {}
    seen: set[Term] = set()
    waiting = [choice]
    while waiting:
        term = waiting.pop()
        if term.op != "ite":
            found[term] = None
        elif term not in seen:
            seen.add(term)
            waiting.extend(reversed(term.args[1:]))
    return list(found)


def root(address: Term) -> Term:
    """Return the pointer that an address was built from."""
    while address.op in ("field", "plus"):
        address = address.args[0]
    return address


def base(terms: Terms, epoch: Term) -> Term:
    """Return the memory as an effect left it (M5)."""
    return terms.make("base", (epoch,), None, MEMORY)


def store(terms: Terms, memory: Term, address: Term, key: Key, value: Term, rules: Rules) -> Term:
    """Return `memory` with `value` at a location; overwritten and self-assigning stores are dropped (M6)."""
    if address.op == "ite":
        one, two = (store(terms, memory, arm, key, value, rules) for arm in address.args[1:])
        return ite(terms, address.args[0], one, two)
    if key.width and read(terms, memory, address, key, rules) is value:
        return memory
    return _put(terms, memory, address, key, value, rules)


def _put(terms: Terms, memory: Term, address: Term, key: Key, value: Term, rules: Rules) -> Term:
    """Put a store in its place: stores that are certainly apart stand in the order of their addresses."""
    above: list[Term] = []
    while memory.op == "store":
        below, there, _ = memory.args
        there_key = memory.data
        assert isinstance(there_key, Key)
        if there is address and (there_key == key or key.width == 0):
            memory = below
            continue
        if not disjoint(there, there_key, address, key, rules) or there.number < address.number:
            break
        above.append(memory)
        memory = below
    memory = terms.make("store", (memory, address, value), key, MEMORY)
    for kept in reversed(above):
        memory = terms.make("store", (memory, *kept.args[1:]), kept.data, MEMORY)
    return memory


def reveal(terms: Terms, memory: Term, address: Term, contents: Term) -> Term:
    """Return `memory` with a local object in it that was private until now, with its contents (M6)."""
    return terms.make("cells", (memory, address, contents), None, MEMORY)


def read(terms: Terms, memory: Term, address: Term, key: Key, rules: Rules) -> Term:
    """Return the value at a location (M7): over an epoch `read`; behind a store that may overlap it
    `stuck`."""
    if address.op == "ite":
        one, two = (read(terms, memory, arm, key, rules) for arm in address.args[1:])
        return ite(terms, address.args[0], one, two)
    memo = ("read", memory, address, key, rules.separate, rules.likely)
    found = terms.memo.get(memo)
    if found is None:
        found = _read(terms, memory, address, key, rules)
        terms.memo[memo] = found
    return found


def _read(terms: Terms, memory: Term, address: Term, key: Key, rules: Rules) -> Term:
    while True:
        if memory.op == "ite":
            guard, one, two = memory.args
            return ite(
                terms, guard, read(terms, one, address, key, rules), read(terms, two, address, key, rules)
            )
        if memory.op == "base":
            return _of_epoch(terms, memory, address, key)
        below, there, value = memory.args
        if memory.op == "cells":
            if root(address) is there:
                return read(terms, value, address, key, rules)
            if not _never(there, root(address), rules):
                return _stuck(terms, memory, address, key)
        else:
            there_key = memory.data
            assert isinstance(there_key, Key)
            if there is address and there_key == key:
                return value
            if there_key.width == 0 and within(address, there):
                return project(terms, value, address, there, key, rules)
            if not disjoint(there, there_key, address, key, rules):
                same = _same_map(terms, there, address, key) if there_key == key else None
                if same is None:
                    stuck = _stuck(terms, memory, address, key)
                    one, two = root(there), root(address)
                    if not rules.likely or not _may_be_apart(one, two):
                        return stuck
                    same = build(terms, "eq", one, two)
                    terms.memo["alias", same] = same
                    return ite(terms, same, stuck, read(terms, below, address, key, rules))
                return ite(terms, same, value, read(terms, below, address, key, rules))
        memory = below


def _of_epoch(terms: Terms, memory: Term, address: Term, key: Key) -> Term:
    epoch = memory.args[0]
    if epoch.op == "ite" and key.width:
        one, two = (_of_epoch(terms, base(terms, arm), address, key) for arm in epoch.args[1:])
        return ite(terms, epoch.args[0], one, two)
    if key.width == 0:
        return terms.make("whole", (memory, address), key)
    return terms.make("read", (epoch, address), key, key.width)


def _stuck(terms: Terms, memory: Term, address: Term, key: Key) -> Term:
    return terms.make("whole" if key.width == 0 else "stuck", (memory, address), key, key.width or 64)


def project(terms: Terms, value: Term, address: Term, start: Term, key: Key, rules: Rules) -> Term:
    """Return the part of a whole object's value that lies at `address` where the object lies at `start`
    (M8)."""
    if value.op == "const":
        return terms.const(0, key.width or 64)
    if value.op == "whole":
        return read(terms, value.args[0], _moved(terms, address, start, value.args[1]), key, rules)
    if value.op == "ite":
        one, two = (project(terms, arm, address, start, key, rules) for arm in value.args[1:])
        return ite(terms, value.args[0], one, two)
    if address is start:
        return value if key.width in (0, value.width) else terms.make("part", (value,), key, key.width)
    return terms.make(
        "part", (value, _moved(terms, address, start, terms.const(0, 64))), key, key.width or 64
    )


def _moved(terms: Terms, address: Term, start: Term, target: Term) -> Term:
    if address is start:
        return target
    below = _moved(terms, address.args[0], start, target)
    if address.op == "field":
        return terms.make("field", (below,), address.data)
    return terms.make("plus", (below, address.args[1]), address.data)


def within(address: Term, start: Term) -> bool:
    """Say whether an address is built from `start`: it lies in what is there, or behind it."""
    while address is not start:
        if address.op not in ("field", "plus"):
            return False
        address = address.args[0]
    return True


def _never(one: Term, two: Term, rules: Rules) -> bool:
    """Say whether what two roots point to can never overlap: a local's, a global's, and what came in."""
    if one is two:
        return False
    kinds = {one.op, two.op}
    if kinds <= KNOWN:
        return True
    if "object" in kinds and (kinds & {"input", "open", "const"}):
        return True
    return rules.separate and bool(kinds & KNOWN) and kinds - KNOWN <= _FOREIGN


def disjoint(one: Term, one_key: Key, two: Term, two_key: Key, rules: Rules) -> bool:
    """Say whether two locations certainly do not overlap."""
    if one is two or within(one, two) or within(two, one):
        return False
    if one.op == "ite":
        return all(disjoint(arm, one_key, two, two_key, rules) for arm in one.args[1:])
    if two.op == "ite":
        return all(disjoint(one, one_key, arm, two_key, rules) for arm in two.args[1:])
    if _never(root(one), root(two), rules):
        return True
    if not (_fits(one, one_key) and _fits(two, two_key)):
        return _are_unlike(one, two, rules)
    if _apart(one, two):
        return True
    return not _are_in_one_union(one, two) and _apart_by_fields(one, one_key, two, two_key, rules)


def _are_in_one_union(one: Term, two: Term) -> bool:
    """Say whether two addresses lead through unlike members of one union, if of one object: these share their
    storage, and so does what is in them (M2)."""
    first, second = (
        [step.data for step in way(address) if isinstance(step.data, Field)] for address in (one, two)
    )
    return any(
        left.record == right.record and left.field != right.field and left.layout == right.layout == "shared"
        for left in first
        for right in second
    )


def _fits(address: Term, key: Key) -> bool:
    """Say whether an access is no wider than what its address leads to; a wider one, through a cast pointer,
    may reach the neighbours (M2)."""
    if address.op == "ite":
        return all(_fits(arm, key) for arm in address.args[1:])
    if isinstance(address.data, Field):
        own = address.data.keys
        return not own or any(
            key == one or (not (key.name or one.name) and 0 < key.width <= one.width) for one in own
        )
    if address.op != "plus":
        return True
    inner = address.args[0].data
    if isinstance(inner, Field) and len(inner.keys) == 1:
        return False  # an index behind a field that is no array leads to its neighbours
    assert isinstance(address.data, tuple)
    of: str = address.data[0]
    size: int | None = address.data[1]
    if of.startswith("["):
        return True
    if size is not None:
        return 0 < key.width <= 8 * size
    return key.width == 0 or key.name == of


def way(address: Term) -> list[Term]:
    """Return the addresses on the way from the root to `address`."""
    found = [address]
    while address.op in ("field", "plus"):
        address = address.args[0]
        found.append(address)
    return found[::-1]


def _apart(one: Term, two: Term) -> bool:
    """Say whether two addresses part at different indices or at fields of one definition, from one place."""
    for left, right in zip(way(one), way(two), strict=False):
        if left is right:
            continue
        if left.op != right.op or not left.args or left.args[0] is not right.args[0]:
            return False
        if left.op == "plus":
            return left.data == right.data and _other_index(left.args[1], right.args[1])
        return left.op == "field" and _other_field(left.data, right.data)
    return False


def _other_index(one: Term, two: Term) -> bool:
    """Say whether two indices differ by a constant."""
    first, second = _offset(one), _offset(two)
    return first[0] is second[0] and first[1] != second[1]


def _offset(index: Term) -> tuple[Term | None, int]:
    if index.op == "const":
        return None, int(index.data)  # type: ignore[call-overload]
    if index.op == "add" and index.args[1].op == "const":
        return index.args[0], int(index.args[1].data)  # type: ignore[call-overload]
    return index, 0


def _other_field(one: object, two: object) -> bool:
    return (
        isinstance(one, Field)
        and isinstance(two, Field)
        and one.record == two.record != ""
        and one.field != two.field
        and "disjoint" in (one.layout, two.layout)
        and "unknown" not in (one.layout, two.layout)
    )


def _apart_by_fields(one: Term, one_key: Key, two: Term, two_key: Key, rules: Rules) -> bool:
    """Say whether two scalars at unlike addresses are apart by their maps (M2; M4 with `separate`)."""
    if one_key.width == 0 or two_key.width == 0:
        return False
    first, second = _map(one), _map(two)
    if first != second and (_passes(one, second) or _passes(two, first)):
        return False
    if isinstance(first, Field) and isinstance(second, Field):
        if _other_field(first, second) and one.op == two.op == "field":
            return True
        if first == second or not rules.separate:
            return False
        if {first.record, second.record} <= SHARING and first.record and second.record:
            return (
                rules.likely and first.record == second.record and first.layout == second.layout == "unknown"
            )
        return "shared" not in (first.layout, second.layout) or "" != first.record != second.record != ""
    return _are_unlike(one, two, rules)


def _are_unlike(one: Term, two: Term, rules: Rules) -> bool:
    """Say whether one of two addresses is a field's and the other a generic pointer's target, of a pointer
    of its own (M4)."""
    return rules.separate and (_map(one) is None) != (_map(two) is None) and root(one) is not root(two)


def _map(address: Term) -> Field | None:
    """Return the innermost field that an address is in, None for a generic pointer's target."""
    while address.op == "plus":
        address = address.args[0]
    return address.data if isinstance(address.data, Field) else None


def _passes(address: Term, field: Field | None) -> bool:
    """Say whether an address lies inside some object's `field`."""
    return field is not None and any(step.data == field for step in way(address))


def _same_map(terms: Terms, one: Term, two: Term, key: Key | None) -> Term | None:
    """Return the condition under which two locations of one width in one map are the same; None where that
    is not all that can happen (they might overlap in part)."""
    if key is not None and not (_fits(one, key) and _fits(two, key)):
        return None
    if one.op == two.op == "field" and one.data == two.data:
        return _same_map(terms, one.args[0], two.args[0], None)
    if one.op == two.op == "plus" and one.data == two.data:
        equal = build(terms, "eq", one.args[1], two.args[1])
        if one.args[0] is two.args[0]:
            return equal
        if _is_array(one.args[0]) and _is_array(two.args[0]) and one.args[0].data == two.args[0].data:
            above = _same_map(terms, one.args[0], two.args[0], None)
            return None if above is None else build(terms, "and", above, equal)
    if "field" in (one.op, two.op):
        return None
    found = build(terms, "eq", one, two)
    if _may_be_apart(root(one), root(two)):
        terms.memo["alias", found] = found
    return found


def _is_array(address: Term) -> bool:
    """Say whether an address is that of an array in a struct or in an array: its elements lie within it."""
    if isinstance(address.data, Field):
        return len(address.data.keys) > 1
    return address.op == "plus" and isinstance(address.data, tuple) and address.data[0].startswith("[")


def _may_be_apart(one: Term, two: Term) -> bool:
    """Say whether "different objects" may be guessed of two roots (A0): not of pointers made from one
    another, as far as is told."""
    kinds = {one.op, two.op}
    known = kinds & KNOWN
    return one is not two and kinds - known <= (_FOREIGN if known else _FOREIGN | {"hole", "out"})


def undefined(terms: Terms, what: tuple[object, ...], visit: tuple[Term, ...]) -> Term:
    """Return the epoch whose reads are indeterminate (T11)."""
    return terms.make("undefined", visit, what, HISTORY)

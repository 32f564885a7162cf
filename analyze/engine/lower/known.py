"""Macros that the tables know (tables.py): how each is lowered as a value and as a condition."""

from __future__ import annotations

from collections.abc import Callable

from ...syntax import Node
from ..ctype import INT, VOID, CType, Pointer, Void, decayed, spell
from ..ir import (
    ZERO,
    Argument,
    Branch,
    Cast,
    ConfigFlag,
    ContainerOf,
    Evaluate,
    Expr,
    Jump,
    Local,
    Read,
    SizeOf,
    Stop,
    VolatileRead,
    VolatileWrite,
    Warn,
)
from . import cleanup, condition, expression, macro, tables
from .context import Lowering, unknown
from .order import looks_active
from .place import FIRST, at

Value = Callable[[Lowering, Node], Expr]
Condition = Callable[[Lowering, Node, int, int], None]
NOTHING = Cast(value=ZERO, type=VOID)


def value_of(name: str) -> Value | None:
    """Return how a name is lowered as a value."""
    found = _VALUES.get(name)
    if found is not None:
        return found
    if name.startswith(("this_cpu_", "__this_cpu_", "raw_cpu_")) and name not in tables.PER_CPU_POINTERS:
        return per_cpu
    if name.startswith("trace_") and not name.endswith("_enabled"):
        return printed
    return None


def condition_of(name: str) -> Condition | None:
    """Return how a name is lowered as a condition."""
    return _CONDITIONS.get(name)


def argument(low: Lowering, node: Node, number: int) -> Node:
    """Return one of a call's arguments. Raises RefusedError where there are fewer."""
    from .call import argument_nodes

    found = argument_nodes(node)
    if not -1 < number < len(found):
        raise low.refuse(node, f"too few arguments: {low.words(node)[:60]}")
    return found[number]


def name_of(low: Lowering, node: Node) -> str:
    """Return a call's name."""
    function = node.child("function")
    return low.written(function) if function is not None else ""


# Plain values


def first(low: Lowering, node: Node) -> Expr:
    """Lower likely(x) and its kin."""
    return low.value(argument(low, node, 0))


def read_volatile(low: Lowering, node: Node) -> Expr:
    """Lower READ_ONCE(x) and its kin (B2)."""
    operand = argument(low, node, 0)
    place = low.place(operand)
    target = low.temporary(decayed(place.type))
    how = tables.READS[name_of(low, node)]
    low.emit(VolatileRead(target=target, place=place, how=how, span=low.span(node)))
    return Read(place=Local(variable=target), type=target.type)


def write_volatile(low: Lowering, node: Node) -> Expr:
    """Lower WRITE_ONCE(x, v) and its kin."""
    left, right = argument(low, node, 0), argument(low, node, 1)
    value = low.value(right)
    mark = low.mark()
    place = low.place(left)
    value = low.convert(low.fixed(value, right, mark), place.type)
    low.emit(
        VolatileWrite(place=place, value=value, how=tables.WRITES[name_of(low, node)], span=low.span(node))
    )
    return Cast(value=ZERO, type=VOID)


def acquire(low: Lowering, node: Node) -> Expr:
    """Lower smp_load_acquire(p)."""
    place = at(low, low.value(argument(low, node, 0)), FIRST)
    target = low.temporary(decayed(place.type))
    low.emit(VolatileRead(target=target, place=place, how="smp_load_acquire", span=low.span(node)))
    return Read(place=Local(variable=target), type=target.type)


def release(low: Lowering, node: Node) -> Expr:
    """Lower smp_store_release(p, v)."""
    pointer_node = argument(low, node, 0)
    pointer = low.value(pointer_node)
    mark = low.mark()
    value = low.value(argument(low, node, 1))
    place = at(low, low.fixed(pointer, pointer_node, mark), FIRST)
    how = name_of(low, node)
    low.emit(VolatileWrite(place=place, value=low.convert(value, place.type), how=how, span=low.span(node)))
    return NOTHING


def container_of(low: Lowering, node: Node) -> Expr:
    """Lower container_of(p, T, m) (M1)."""
    given = macro.arguments_of(low, node)
    if len(given) != 3:
        raise low.refuse(node, "container_of")
    record = low.type_of(given[1])
    value = low.value(argument(low, node, 0))
    member = "".join(given[2].split())
    return ContainerOf(pointer=value, record=record, member=member, type=Pointer(to=record))


def offset_of(low: Lowering, node: Node) -> Expr:
    """Lower offsetof(T, m)."""
    text = low.fragment.written(node)
    given = macro.split_arguments(text[text.find("(") + 1 : text.rfind(")")])
    if len(given) != 2:
        raise low.refuse(node, "offsetof")
    return SizeOf(op="offsetof", of=low.type_of(given[0]), member="".join(given[1].split()))


def same_constant(low: Lowering, node: Node) -> Expr:
    """Lower __builtin_constant_p(x): the compiler's choice, a free boolean by its text."""
    return Cast(value=ConfigFlag(key=f"#if {low.shape(node)}"), type=INT)


def nothing(low: Lowering, node: Node) -> Expr:
    """Lower what the compiler checks."""
    return ZERO


# Prints, assertions, warnings


def printed(low: Lowering, node: Node) -> Expr:
    """Lower pr_info(...): no effect, but its arguments are evaluated (B4)."""
    name = name_of(low, node)
    if name in tables.DEBUG_PRINTING:
        return under(low, node, "#if debug messages", lambda: _evaluate(low, node))
    _evaluate(low, node)
    return NOTHING


def _evaluate(low: Lowering, node: Node, start: int = 0) -> None:
    from .call import argument_nodes

    for one in argument_nodes(node)[start:]:
        if one.kind in ("string_literal", "concatenated_string", "compound_statement"):
            continue
        value = low.value(one)
        if expression.may_fault(value):
            low.emit(Evaluate(value=value, span=low.span(one)))


def under(low: Lowering, node: Node, key: str, body: Callable[[], None]) -> Expr:
    """Lower something under a condition of the configuration, where it does anything."""
    if not looks_active(low, node):
        return NOTHING
    then, join = low.graph.new(), low.graph.new()
    condition.flag(low, key, node, then, join)
    low.graph.resume(then)
    body()
    low.graph.end(Jump(to=join))
    low.graph.resume(join)
    return NOTHING


def lockdep(low: Lowering, node: Node) -> Expr:
    """Lower an assertion of lockdep: its condition is evaluated under CONFIG_LOCKDEP, and no more is seen
    (B4)."""
    return under(low, node, "y:CONFIG_LOCKDEP", lambda: _evaluate(low, node))


def warn_condition(low: Lowering, node: Node, then: int, other: int) -> None:
    """Lower `if (WARN_ON(c))`: the condition's branch, with the warning on its way to `then`."""
    number, how = tables.WARNINGS[name_of(low, node)]
    fires = low.graph.new()
    low.condition(argument(low, node, number), fires, other)
    low.graph.resume(fires)
    _fire(low, node, number, how)
    low.graph.end(Jump(to=then))


def _fire(low: Lowering, node: Node, number: int, how: str) -> None:
    _evaluate(low, node, number + 1)
    low.emit(Warn(how=how, span=low.span(node)))


def warn(low: Lowering, node: Node) -> Expr:
    """Lower WARN_ON(c) as a value: c's truth."""
    return condition.choose(low, node, lambda then, other: warn_condition(low, node, then, other))


def debug_warn_condition(low: Lowering, node: Node, then: int, other: int) -> None:
    """Lower VM_WARN_ON(c): under its configuration with its condition, else false."""
    key, number, how = tables.DEBUG_WARNINGS[name_of(low, node)]
    asked, fires = low.graph.new(), low.graph.new()
    condition.flag(low, key, node, asked, other)
    low.graph.resume(asked)
    if number < 0:
        branch = Branch(
            condition=ConfigFlag(key=f"#if {low.words(node)}"),
            then=fires,
            other=other,
            span=low.span(node),
            words=low.words(node),
        )
        low.graph.end(branch)
    else:
        low.condition(argument(low, node, number), fires, other)
    low.graph.resume(fires)
    _fire(low, node, number, how)
    low.graph.end(Jump(to=then))


def debug_warn(low: Lowering, node: Node) -> Expr:
    """Lower VM_WARN_ON(c) as a value."""
    return condition.choose(low, node, lambda then, other: debug_warn_condition(low, node, then, other))


def bug_on(low: Lowering, node: Node) -> Expr:
    """Lower BUG_ON(c) and VM_BUG_ON(c)."""
    name = name_of(low, node)
    stops, join = low.graph.new(), low.graph.new()
    key, number = tables.DEBUG_BUGS.get(name, ("", 0))
    if key:
        asked = low.graph.new()
        condition.flag(low, key, node, asked, join)
        low.graph.resume(asked)
    low.condition(argument(low, node, number), stops, join)
    low.graph.resume(stops)
    low.graph.end(Stop(how="BUG", span=low.span(node)))
    low.graph.resume(join)
    return NOTHING


def stop(low: Lowering, node: Node) -> Expr:
    """Lower BUG() and unreachable()."""
    name = name_of(low, node)
    how = "BUG" if name in ("BUG", "__bug", "__builtin_trap") else "unreachable"
    low.graph.end(Stop(how=how, span=low.span(node)))
    return NOTHING


# Configuration


def configured(low: Lowering, node: Node, then: int, other: int) -> None:
    """Lower IS_ENABLED(CONFIG_X) and its kin (T7)."""
    name, option = name_of(low, node), low.words(argument(low, node, 0))
    if not option.startswith("CONFIG_"):
        condition.flag(low, f"#if {name}({option})", node, then, other)
        return
    if name == "IS_BUILTIN":
        condition.flag(low, f"y:{option}", node, then, other)
        return
    if name == "IS_MODULE":
        condition.flag(low, f"m:{option}", node, then, other)
        return
    following = low.graph.new()
    condition.flag(low, f"y:{option}", node, then, following)
    low.graph.resume(following)
    if name == "IS_ENABLED":
        condition.flag(low, f"m:{option}", node, then, other)
        return
    module = low.graph.new()
    condition.flag(low, f"m:{option}", node, module, other)
    low.graph.resume(module)
    condition.flag(low, "module", node, then, other)


def configured_value(low: Lowering, node: Node) -> Expr:
    """Lower IS_ENABLED(CONFIG_X) as an int."""
    return condition.choose(low, node, lambda then, other: configured(low, node, then, other))


def first_condition(low: Lowering, node: Node, then: int, other: int) -> None:
    """Lower likely(c) as c."""
    low.condition(argument(low, node, 0), then, other)


# Macros with arguments that they assign, per-CPU places, user accesses


def assigning(low: Lowering, node: Node) -> Expr:
    """Lower get_user(x, p), spin_lock_irqsave(l, flags), do_div(n, b), va_start(ap, x) ...: a call with
    places."""
    from .call import answered, argument_nodes, is_bare

    name = name_of(low, node)
    low.calls.add(name)
    given: list[Argument] = []
    for number, one in enumerate(argument_nodes(node)):
        if (number in tables.OUT_ARGUMENTS[name] and is_bare(low, one)) or number in tables.OUT_ARGUMENTS[
            name
        ]:
            place = low.place(one)
            given.append(Argument(value=low.read(place, one), place=place))
        else:
            given.append(Argument(value=Read(place=low.hold(low.value(one), one), type=given_type(low))))
    fixed = tuple(
        one if one.place is not None or not isinstance(one.value, Read) else Argument(value=_typed(one.value))
        for one in given
    )
    result: CType = INT if name in ("get_user", "__get_user", "get_kernel_nofault") else unknown(f"{name}()")
    if name.startswith("va_") or (name.endswith(("_irqsave", "_irq_save")) and "try" not in name):
        result = VOID
    return answered(low, node, name, fixed, "macro", result)


def given_type(low: Lowering) -> CType:
    """Return the type of the temporary made last."""
    return low.variables[-1].type


def _typed(value: Read) -> Read:
    return Read(place=value.place, type=value.place.type)


def next_argument(low: Lowering, node: Node) -> Expr:
    """Lower va_arg(ap, T)."""
    from .call import answered

    given = macro.arguments_of(low, node)
    if len(given) != 2:
        raise low.refuse(node, "va_arg")
    ctype = low.type_of(given[1])
    place = low.place(argument(low, node, 0))
    low.calls.add("va_arg")
    one = Argument(value=low.read(place, node), place=place)
    return answered(low, node, "va_arg", (one,), "macro", ctype, detail=spell(ctype))


def per_cpu(low: Lowering, node: Node) -> Expr:
    """Lower this_cpu_add(x, v) and its kin: the per-CPU object by its address, the rest by value."""
    from .call import answered, argument_nodes

    name = name_of(low, node)
    low.calls.add(name)
    nodes = argument_nodes(node)
    if not nodes:
        return answered(low, node, name, (), "macro", unknown(f"{name}()"))
    place = low.place(nodes[0])
    ctype = place.type
    given = [Argument(value=low.address(place))]
    for one in nodes[1:]:
        mark = low.mark()
        value = low.value(one)
        given = [Argument(value=low.fixed(other.value, one, mark)) for other in given]
        given.append(Argument(value=value))
    returns = any(word in name for word in ("read", "return", "xchg"))
    result = decayed(ctype) if returns and not isinstance(ctype, Void) else VOID
    return answered(low, node, name, tuple(given), "macro", result)


def user_jump(low: Lowering, node: Node) -> Expr:
    """Lower unsafe_get_user(x, p, label): a call that answers whether it faulted, and a goto."""
    from .call import answered, argument_nodes, is_type_argument
    from .scope import jump_to_label

    name = name_of(low, node)
    low.calls.add(name)
    assigned, label = tables.USER_JUMPS[name]
    given: list[Argument] = []
    for number, one in enumerate(argument_nodes(node)):
        if number == label:
            continue
        if number == assigned:
            place = low.place(one)
            given.append(Argument(value=low.read(place, one), place=place))
        elif low.fragment.rewrite("type-argument", one.start) is None and not is_type_argument(low, one):
            given.append(Argument(value=Read(place=(held := low.hold(low.value(one), one)), type=held.type)))
    faulted = answered(low, node, name, tuple(given), "macro", INT)
    leaves, join = low.graph.new(), low.graph.new()
    low.graph.end(
        Branch(
            condition=faulted, then=leaves, other=join, span=low.span(node), words=f"{low.words(node)} faults"
        )
    )
    low.graph.resume(leaves)
    jump_to_label(low, node, low.words(argument(low, node, label)))
    low.graph.resume(join)
    return NOTHING


def class_call(low: Lowering, node: Node, function: Node) -> Expr | None:
    """Lower guard(x)(y) and CLASS(x, v)(y)."""
    name = name_of(low, function)
    if name == "guard":
        cleanup.guard(low, node, macro.arguments_of(low, function), macro.arguments_of(low, node))
        return NOTHING
    if name == "CLASS":
        cleanup.class_object(low, node, macro.arguments_of(low, function), macro.arguments_of(low, node))
        return NOTHING
    return None


_VALUES: dict[str, Value] = {
    **dict.fromkeys(("likely", "unlikely", "__builtin_expect", "data_race"), first),
    **dict.fromkeys(tables.READS, read_volatile),
    **dict.fromkeys(tables.WRITES, write_volatile),
    "smp_load_acquire": acquire,
    "smp_store_release": release,
    "smp_store_mb": release,
    "container_of": container_of,
    "container_of_const": container_of,
    "offsetof": offset_of,
    "Offsetof": offset_of,
    "__builtin_constant_p": same_constant,
    **dict.fromkeys(tables.COMPILE_TIME, nothing),
    **dict.fromkeys(tables.PRINTING, printed),
    **dict.fromkeys(tables.LOCKDEP, lockdep),
    **dict.fromkeys(tables.WARNINGS, warn),
    **dict.fromkeys(tables.DEBUG_WARNINGS, debug_warn),
    **dict.fromkeys((*tables.BUGS, *tables.DEBUG_BUGS), bug_on),
    **dict.fromkeys(tables.UNREACHABLE, stop),
    **dict.fromkeys(("IS_ENABLED", "IS_BUILTIN", "IS_MODULE", "IS_REACHABLE"), configured_value),
    **dict.fromkeys(tables.OUT_ARGUMENTS, assigning),
    "va_arg": next_argument,
    "no_free_ptr": cleanup.set_null,
    **dict.fromkeys(tables.USER_JUMPS, user_jump),
}
_CONDITIONS: dict[str, Condition] = {
    **dict.fromkeys(("likely", "unlikely", "__builtin_expect"), first_condition),
    **dict.fromkeys(tables.WARNINGS, warn_condition),
    **dict.fromkeys(tables.DEBUG_WARNINGS, debug_warn_condition),
    **dict.fromkeys(("IS_ENABLED", "IS_BUILTIN", "IS_MODULE", "IS_REACHABLE"), configured),
}

"""#if inside a function: each arm is lowered under a boolean of the configuration (T7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from ...syntax import Node
from ..ctype import INT, LONG
from ..header import split
from ..ir import Binary, Branch, ConfigFlag, Const, Jump, Symbol
from .condition import key_words
from .context import Lowering

MOST_KEYS = 8
"""Names of one function's conditions of which all settings are looked at."""
_CONDITION = re.compile(r"(?:[A-Za-z_]\w*|[!()\s]|&&|\|\|)+")
_NAME = re.compile(r"\b(\w+\s*\(\s*\w+\s*\))|\b([A-Za-z_]\w*)\b")
_OPTION = re.compile(r"(?:CONFIG_\w+)\Z")
_DEFINED = re.compile(r"defined\s*\(\s*(\w+)\s*\)|defined\s+(\w+)")
_COMPARED = re.compile(r"#if ([A-Za-z_]\w*) (==|!=|<=|>=|<|>) (\d{1,9})")
_ENABLED = re.compile(r"(IS_ENABLED|IS_BUILTIN|IS_MODULE)\s*\(\s*(CONFIG_\w+)\s*\)\Z")


def conditional(low: Lowering, node: Node) -> None:
    """Lower #if, #ifdef and their other arms; what else the preprocessor is told says nothing here."""
    if node.kind in ("preproc_def", "preproc_function_def", "preproc_call", "preproc_include"):
        return
    if node.kind not in ("preproc_if", "preproc_ifdef"):
        raise low.refuse(node, node.kind.replace("_", " "))
    here: Node | None = node
    depth = len(low.arms)
    join = low.graph.new()
    while here is not None:
        alternative = here.child("alternative")
        skipped = [
            one for one in (here.child("name"), here.child("condition"), alternative) if one is not None
        ]
        items = [one for one in here.named_children if one not in skipped]
        if here.kind == "preproc_else":
            low.tables.block_items(low, items)
            break
        key, holds = flag_of(low, here)
        then, other = low.graph.new(), low.graph.new()
        test(low, here, key, holds, then, other)
        low.arms.append((key, holds))
        low.graph.resume(then)
        low.tables.block_items(low, items)
        low.graph.end(Jump(to=join))
        low.graph.resume(other)
        low.arms[-1] = (key, not holds)
        here = alternative
    del low.arms[depth:]
    low.graph.enter(join)


def test(low: Lowering, node: Node, key: str, holds: bool, then: int, other: int) -> None:
    """Branch on a flag, or its opposite; on the parts of what `&&` and `||` join."""
    found = _parted(key.removeprefix("#if ")) if key.startswith("#if ") else None
    if found is not None:
        if not holds:
            then, other = other, then
        sign, left, right = found
        between = low.graph.new()
        ways = (then, between) if sign == "||" else (between, other)
        test(low, node, *flag_of_text(left), *ways)
        low.graph.resume(between)
        test(low, node, *flag_of_text(right), then, other)
        return
    if key in ("#if 0", "#if 1"):
        low.graph.end(Jump(to=then if (key == "#if 1") == holds else other))
        return
    if not holds:
        then, other = other, then
    compared = _COMPARED.fullmatch(key)
    asked: ConfigFlag | Binary = ConfigFlag(key=key)
    if compared is not None:  # so that what is asked of one number in two ways is known to hang together
        number = Symbol(name=f"#if {compared[1]}", type=LONG, known=True)
        limit = Const(value=int(compared[3]), type=LONG)
        asked = Binary(op=compared[2], left=number, right=limit, type=INT)
    low.graph.end(Branch(condition=asked, then=then, other=other, span=low.span(node), words=key_words(key)))


def flag_of(low: Lowering, node: Node) -> tuple[str, bool]:
    """Return a directive's flag, and whether the arm is that of its being set."""
    name, asked = node.child("name"), node.child("condition")
    if name is not None:
        first = low.fragment.code[node.start : name.start]
        return option(low.written(name)), "ndef" not in first
    return flag_of_text(low.words(asked) if asked is not None else "1")


def asked(config: str) -> str | None:
    """Return a definition's conditions (outline.Piece) as an #if says them: a name alone stands for
    defined(name). None where they hold more than names, !, && and ||."""
    if not _CONDITION.fullmatch(config):
        return None
    return _NAME.sub(lambda m: m[1] or f"defined({m[2]})", config)


def covers(configs: Sequence[str | None], under: str | None) -> bool:
    """Say whether one of `configs`, conditions of definitions (None: always), holds in every configuration in
    which `under` does. False where that is not found out."""
    if None in configs:
        return True
    known = [] if under is None else [under]
    settings = _settings([*(one for one in configs if one is not None), *known])
    return settings is not None and all(
        any(_holds(one, told) for one in texts[: len(configs)])
        for texts, told in settings
        if all(_holds(one, told) for one in texts[len(configs) :])
    )


def may_meet(config: str, under: str | None) -> bool:
    """Say whether two conditions of definitions hold in one configuration. False where that is not found
    out."""
    settings = _settings([config] if under is None else [config, under])
    return settings is not None and any(all(_holds(one, told) for one in texts) for texts, told in settings)


def are_apart(config: str, under: str) -> bool:
    """Say whether two conditions of definitions hold in no configuration together. False where that is not
    found out."""
    settings = _settings([config, under])
    return settings is not None and not any(
        all(_holds(one, told) for one in texts) for texts, told in settings
    )


def _settings(configs: Sequence[str]) -> Iterator[tuple[list[str], dict[str, bool]]] | None:
    """Return conditions as an #if says them, with each setting of the names in them; None where these are not
    told or too many."""
    texts = [text for config in configs if (text := asked(config)) is not None]
    keys = list(dict.fromkeys(key for one in texts for key in _keys(one)))
    if len(texts) != len(configs) or len(keys) > MOST_KEYS:
        return None
    choices = product((False, True), repeat=len(keys))
    return ((texts, dict(zip(keys, values, strict=True))) for values in choices)


def _keys(text: str) -> list[str]:
    """Return the flags that a condition is made of."""
    key, _ = flag_of_text(text)
    parts = _parted(key.removeprefix("#if ")) if key.startswith("#if ") else None
    return [*_keys(parts[1]), *_keys(parts[2])] if parts else [key]


def _holds(text: str, told: Mapping[str, bool]) -> bool:
    key, positive = flag_of_text(text)
    parts = _parted(key.removeprefix("#if ")) if key.startswith("#if ") else None
    if parts is None:
        return told[key] == positive
    sides = (_holds(parts[1], told), _holds(parts[2], told))
    return (any(sides) if parts[0] == "||" else all(sides)) == positive


def settled(*configs: str | None) -> dict[str, bool]:
    """Return the flags that conditions of definitions settle where all of them hold; those that they
    contradict each other on are left out, and that a name is not defined, unless it is an option's: `#if !X`
    and `#ifndef X` are spelled alike there."""
    found: dict[str, set[bool]] = {}
    for config in configs:
        for part in split(config) if config else ():
            text = asked(part)
            if text is not None:
                key, holds = flag_of_text(text)
                if holds or key.startswith("y:"):
                    found.setdefault(key, set()).add(holds)
    return {key: next(iter(values)) for key, values in found.items() if len(values) == 1}


def option(name: str) -> str:
    """Return the flag of defined(NAME)."""
    return f"y:{name}" if _OPTION.match(name) else f"#if defined({name})"


def flag_of_text(text: str) -> tuple[str, bool]:
    """Return the flag of an #if's condition; `!x` is the opposite of x's."""
    holds = True
    text = " ".join(word for word in text.split() if word != "\\")  # a line that goes on
    while True:
        if text.startswith("!") and _is_atom(text[1:].strip()):
            text, holds = text[1:].strip(), not holds
        elif text.startswith("(") and text.endswith(")") and _is_wrapped(text):
            text = text[1:-1].strip()
        else:
            break
    found = _DEFINED.fullmatch(text)
    if found:
        return option(found.group(1) or found.group(2)), holds
    enabled = _ENABLED.fullmatch(text)
    if enabled and enabled.group(1) != "IS_ENABLED":
        return f"{'y' if enabled.group(1) == 'IS_BUILTIN' else 'm'}:{enabled.group(2)}", holds
    return f"#if {text}", holds


def _parted(text: str) -> tuple[str, str, str] | None:
    """Return the operator that joins a condition's halves, and these; IS_ENABLED is one of "y" and "m"."""
    enabled = _ENABLED.fullmatch(text)
    if enabled is not None and enabled.group(1) == "IS_ENABLED":
        return "||", f"defined({enabled.group(2)})", f"IS_MODULE({enabled.group(2)})"
    if "?" in text:
        return None
    for sign in ("||", "&&"):
        depth = 0
        for at, letter in enumerate(text):
            depth += (letter == "(") - (letter == ")")
            if depth == 0 and text.startswith(sign, at):
                return sign, text[:at].strip(), text[at + 2 :].strip()
    return None


def _is_wrapped(text: str) -> bool:
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and at < len(text) - 1:
            return False
    return depth == 0


def _is_atom(text: str) -> bool:
    return (
        re.fullmatch(r"\w+", text) is not None
        or _DEFINED.fullmatch(text) is not None
        or (text.startswith("(") and text.endswith(")") and _is_wrapped(text))
        or _ENABLED.fullmatch(text) is not None
    )

"""Two sides -> one translation unit: declarations that their use demands, both texts, and an entry for
each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..engine.usual_values import LONGS, usual_values
from .callees import Callees, is_loop_macro
from .conditionals import Configuration
from .edits import FUNCTION, Editor, Names, own_names
from .infer import Reader, Reading
from .known_types import INTEGERS, RECORDS, VOLATILE
from .outcome import RefusedError
from .sandbox import preprocess
from .shapes import BOOL, PLACE, Shape, spell, value_kind
from .texts import Environment, Side, Written, read_environment, write_side
from .words import PREFIX, original, prefixed, tokens, write

_HERE = Path(__file__).parent
_IS_LOOP_CALL = re.compile(r"\bk_(\w*for_?each\w*) \(")
_UPPER = re.compile(r"\bk_[A-Z][A-Z0-9_]*\b")
_MARK = "rt_mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What goes to the compiler, and how to read what comes out."""

    text: str
    names: tuple[str, ...]
    """Callee of each number in the log, from 1 on."""
    fields: tuple[tuple[str, str], ...]
    """(record as written, field) of each entry of rt_kinds; a field "" is the record's size."""
    pointers: tuple[bool, ...]
    """Whether each parameter is used as a pointer."""
    constants: tuple[str, ...]
    """Names that were taken as constants of an unknown value."""
    globals: tuple[str, ...]
    assumptions: tuple[str, ...]
    configured: bool
    modular: bool
    """Whether they tell =m from =y."""
    """Whether the texts depend on the configuration."""


@cache
def runtime() -> str:
    """Return the runtime's source."""
    return (_HERE / "runtime.c").read_text("ascii")


@cache
def _prelude() -> tuple[tuple[str, str], ...]:
    found = []
    for line in (_HERE / "prelude.h").read_text("ascii").splitlines():
        if not line.startswith("#define"):
            continue
        match = re.match(r"#define (\w+)(\([^()]*\))?(.*)", line)
        assert match is not None
        name, parameters, body = match.groups()
        listed = (
            ""
            if parameters is None
            else "("
            + ", ".join(
                p.strip() if p.strip() in ("...", "") else prefixed(p.strip())
                for p in parameters[1:-1].split(",")
            )
            + ")"
        )
        name = name if name.startswith("rt_") else prefixed(name)
        found.append((name, f"#define {name}{listed} {write(tokens(body), ours=True)}"))
    return tuple(found)


@cache
def silent_macros() -> frozenset[str]:
    """Return the macros of prelude.h that neither call nor access anything: an engine that does not know one
    takes it for a call, which no run has."""
    found = [re.match(r"#define k_(\w+)\([^()]*\) ?(.*)", line) for name, line in _prelude() if "(" in line]
    told = {match[1]: match[2] for match in found if match is not None}
    return frozenset(
        name for name, body in told.items() if not re.search(r"\w+ \(|rt_|READ_ONCE|WRITE_ONCE", body)
    )


def build(
    before: Side,
    after: Side,
    *,
    configuration: Configuration,
    callees: Callees,
    values: dict[str, int] | None = None,
) -> Program:
    """Build the program. Raises RefusedError."""
    sides = {"before": before, "after": after}
    environments: dict[tuple[str, ...], Environment] = {}
    written: dict[str, Written] = {}
    for side, given in sides.items():
        if given.environment not in environments:
            environments[given.environment] = read_environment(given.environment)
        written[side] = write_side(given, environments[given.environment], configuration)
    parts = _expanded(written, configuration)
    reader = Reader()
    for side, found in written.items():
        for (key, _), text in zip(found.types.items(), parts[side, "types"], strict=True):
            if not _is_known(reader, key):
                reader.definition(key, text)
        for text in parts[side, "declared"]:
            reader.declaration(text)
    for words in _records():
        if " ".join(words.split()[:2]) not in reader.whole:
            reader.definition(words, words)
    _compare_types(parts, written)
    readings = {
        side: reader.functions(
            "\n".join(parts[side, "functions"]), [prefixed(name) for name, _ in found.functions]
        )
        for side, found in written.items()
    }
    return _Assembly(reader, readings, sides, callees, values or {}, written).program()


def _is_known(reader: Reader, key: str) -> bool:
    kind, _, name = key.rpartition(" ")
    return (f"{kind} {prefixed(name)}" if kind else prefixed(name)) in reader.whole


@cache
def _records() -> tuple[str, ...]:
    return tuple(write(tokens(line)) for line in RECORDS.strip().splitlines())


def _compare_types(parts: dict[tuple[str, str], list[str]], written: dict[str, Written]) -> None:
    """Refuse where one name is two types: both sides stand in one module."""
    before = dict(zip(written["before"].types, parts["before", "types"], strict=True))
    after = dict(zip(written["after"].types, parts["after", "types"], strict=True))
    for key in before.keys() & after.keys():
        if before[key].split() != after[key].split():
            raise RefusedError("environment", f"{key} differs")


def _expanded(written: dict[str, Written], configuration: Configuration) -> dict[tuple[str, str], list[str]]:
    """Run the preprocessor over both sides; each part comes back on its own."""
    lines: list[str] = []
    keys: list[tuple[str, str]] = []
    for side, found in written.items():
        own = dict(found.macros)
        defined: list[tuple[str, str]] = [item for item in _prelude() if item[0] not in own]
        functions = {prefixed(name) for name, _ in found.functions}
        defined = [item for item in defined if item[0] not in functions]
        lines += [line for _, line in defined] + [line for _, line in found.macros]
        lines += _configured(found, configuration)
        for part, texts in (
            ("types", list(found.types.values())),
            ("declared", list(found.declared.values())),
            (
                "functions",
                [
                    _loops(text, {name for name, _ in [*defined, *found.macros]})
                    for _, text in found.functions
                ],
            ),
        ):
            for text in texts:
                keys.append((side, part))
                lines += [f"{_MARK};", text]
        lines += [f"#undef {name}" for name, _ in [*defined, *found.macros]]
    pieces = preprocess("\n".join([*lines, ""])).split(f"{_MARK};")[1:]
    result: dict[tuple[str, str], list[str]] = {
        (side, part): [] for side in written for part in ("types", "declared", "functions")
    }
    if len(pieces) != len(keys):
        raise RefusedError("compile", "the preprocessor lost a part")
    for key, piece in zip(keys, pieces, strict=True):
        result[key].append(piece.strip())
    return result


def _configured(found: Written, configuration: Configuration) -> list[str]:
    lines = []
    for kind in ("ENABLED", "MODULE", "BUILTIN", "REACHABLE"):
        lines.append(f"#undef k_IS_{kind}")
        lines.append(f"#define k_IS_{kind}(x) rt_{kind}_##x")
    for name in sorted(found.names):
        if name.startswith("CONFIG_"):
            for kind in ("ENABLED", "MODULE", "BUILTIN", "REACHABLE"):
                value = configuration.enabled(kind, name.removeprefix("CONFIG_"))
                lines.append(f"#undef rt_{kind}_{prefixed(name)}")
                lines.append(f"#define rt_{kind}_{prefixed(name)} {int(value)}")
    debug = configuration.value("DEBUG_VM") == "y"
    return [*lines, "#undef rt_debug_vm", f"#define rt_debug_vm {int(debug)}"]


def _loops(text: str, defined: set[str]) -> str:
    """Give a loop macro that is not at hand the form of L7: a step that may hand its first argument a new
    value."""
    parts, at = [], 0
    for match in _IS_LOOP_CALL.finditer(text):
        if PREFIX + match[1] in defined or not is_loop_macro(match[1]) or match.start() < at:
            continue
        end, given = _group(text, match.end() - 1)
        if text[end:].lstrip()[:1] in (";", ",", ")"):
            continue
        step = ", ".join(given)
        again = "".join(
            f"rt_refill({word}, {number}), "
            for number, word in enumerate(map(str.strip, given))
            if re.fullmatch(r"k_\w*[a-z]\w*", word)
        )
        parts.append(
            text[at : match.start()] + f"for (; (int)rt_word(k_{match[1]}({step})) & 1 && ({again}1); )"
        )
        at = end
    return "".join([*parts, text[at:]])


def _group(text: str, at: int) -> tuple[int, list[str]]:
    depth, begin, given = 0, at + 1, []
    for i in range(at, len(text)):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
            if depth == 0:
                given.append(text[begin:i])
                return i + 1, [part for part in given if part.strip()]
        elif text[i] == "," and depth == 1:
            given.append(text[begin:i])
            begin = i + 1
    raise RefusedError("text", "parentheses do not close")


@dataclass(slots=True)
class _Assembly:
    reader: Reader
    readings: dict[str, Reading]
    sides: dict[str, Side]
    callees: Callees
    values: dict[str, int]
    written: dict[str, Written]

    def program(self) -> Program:
        names = Names()
        called = {call.name for reading in self.readings.values() for call in reading.calls if call.name}
        edited, editors = {}, {}
        for side, reading in self.readings.items():
            given = self.sides[side]
            editor = Editor(
                reading,
                side,
                prefixed(given.name),
                own_names(side, [name for name, _ in given.helpers] + [given.name] * given.recursive),
                frozenset(called | self.reader.callees.keys()),
                names,
                self.callees,
                self.reader.needed,
            )
            entry = prefixed(given.name)
            editor.functions = editor.functions | {entry}
            editors[side], edited[side] = editor, editor.run()
        constants = sorted({name for editor in editors.values() for name in editor.constants})
        globals_ = sorted({name for editor in editors.values() for name in editor.globals})
        functions = sorted({name for editor in editors.values() for name in editor.used_functions})
        types, fields = _Types(self.reader, globals_, functions).written()
        held = (
            {name for line in types for name in _UPPER.findall(line)} - self.reader.constants - set(globals_)
        )
        constants = sorted({*constants, *held})
        text = "\n".join(
            [
                (_HERE / "shared.h").read_text("ascii"),
                *(
                    f"typedef {c} {prefixed(name)};"
                    for name, c in INTEGERS.items()
                    if prefixed(name) not in self.reader.whole
                ),
                *self.constants(constants),
                *types,
                *(editors[side].prototypes() for side in self.sides),
                *(edited[side] for side in self.sides),
                *(self.entry(side) for side in self.sides),
                "",
            ]
        )
        assumptions = [
            f"{original(name)} is a constant" for name in constants if original(name) not in self.values
        ]
        return Program(
            text=text,
            names=tuple(names.numbers),
            fields=fields,
            pointers=tuple(value_kind(shape) == 1 for shape in self.parameters(self.longer())),
            constants=tuple(original(name) for name in constants),
            globals=tuple(original(name) for name in globals_),
            assumptions=tuple(assumptions),
            configured=self.is_configured(),
            modular=any("CONFIG_" in self.sides[side].text for side in self.sides),
        )

    def is_configured(self) -> bool:
        names = set().union(*(found.names for found in self.written.values()))
        texts = [self.sides[side].text for side in self.sides]
        return any(name.startswith(("CONFIG_", "VM_")) for name in names) or any("#if" in t for t in texts)

    def parameters(self, side: str) -> list[Shape]:
        return self.readings[side].parameters[prefixed(self.sides[side].name)]

    def longer(self) -> str:
        """Return the side whose parameters a witness names: the one that has more."""
        return max(("after", "before"), key=lambda side: len(self.parameters(side)))

    def positions(self, side: str) -> list[int]:
        """Return which of a witness' parameters each of a side's is: by position where both sides have as
        many, by name otherwise (C9)."""
        sides = {one: self.readings[one].named[prefixed(self.sides[one].name)] for one in self.sides}
        own, longer = sides[side], sides[self.longer()]
        if len(own) == len(longer) or not set(own) <= set(longer):
            return list(range(len(own)))
        return [longer.index(name) for name in own]

    def constants(self, names: list[str]) -> list[str]:
        usual = usual_values(map(original, names))
        lines = []
        for name in names:
            plain = original(name)
            value = self.values.get(plain)
            words = _spelled(plain, usual[plain]) if value is None else str(value)
            if value is not None and value < 0:
                words = f"({value}l)" if value > -(1 << 63) else f"({value + 1}l - 1)"
            lines.append(f"#define {name} {words}")
        return lines

    def entry(self, side: str) -> str:
        name = prefixed(self.sides[side].name)
        given = []
        for index, shape in zip(self.positions(side), self.parameters(side), strict=True):
            drawn = f"rt_parameter({index}, {value_kind(shape)})"
            if shape.find().kind == "rec":
                drawn = f"({{ {spell(shape, 'rt_v')}; rt_spread(&rt_v, sizeof rt_v, {drawn}); rt_v; }})"
            given.append(drawn)
        call = f"rt_{side}_{name}({', '.join(given)})"
        result = self.readings[side].results[name].find()
        if result.kind == "void":
            return f"void rt_side_{side}(void) {{ {call}; rt_returned(0); }}"
        value = f"rt_r({call})" if result.kind == "rec" else f"(rt_u64){call}"
        return f"void rt_side_{side}(void) {{ rt_returned({value}); }}"


def _spelled(name: str, value: int) -> str:
    """Return a made-up constant as C: sizes and masks are unsigned long, what an int holds is one."""
    if name in LONGS or name.endswith(("_SIZE", "_MASK")):
        return f"{value % (1 << 64)}ul"
    return str(value) if abs(value) < 1 << 31 else f"({value}ul)"


def _ordered(enums: list[str], constants: set[str]) -> list[str]:
    """Return enums so that each stands behind those whose constants it uses."""
    defined = {text: set(re.findall(r"(?:[{,])\s*(k_\w+)", text)) & constants for text in enums}
    waiting, found, known = list(dict.fromkeys(enums)), [], set[str]()
    while waiting:
        ready = [
            t for t in waiting if set(re.findall(r"k_\w+", t)) & constants <= known | defined[t]
        ] or waiting
        for text in ready:
            found.append(text + ";")
            known |= defined[text]
        waiting = [text for text in waiting if text not in ready]
    return found


@dataclass(slots=True)
class _Types:
    """Writes out the types: definitions at hand as they stand, others with the fields that are used."""

    reader: Reader
    globals: list[str]
    functions: list[str]
    """Those whose address is used."""
    lines: list[str] | None = None
    offset: int = 0
    """Where the next record's fields begin, so that fields of different records lie at different offsets."""

    def written(self) -> tuple[list[str], tuple[tuple[str, str], ...]]:
        reader = self.reader
        lines = _ordered(
            [text for key, text in reader.whole.items() if key.startswith("enum ")], reader.constants
        )
        lines += [
            f"enum {key.removeprefix('enum ')} {{ rt_enum_{number} }};"
            for number, key in enumerate(reader.records)
            if key.startswith("enum ") and key not in reader.whole
        ]
        lines += [f"{key};" for key in reader.records if not key.startswith("enum ")]
        done: set[int] = set()
        self.lines = lines
        roots = [
            *reader.records.values(),
            *reader.typedefs.values(),
            *(reader.needed[name] for name in self.globals),
        ]
        for shape in roots:
            self.define(shape, done, 0)
        for name, shape in reader.typedefs.items():
            self.typedef(name, shape, done)
        every = [shape.find() for shape in self.reachable(roots)]
        for shape in every:
            self.define(shape, done, 0)
        lines.append("struct rt_globals { char rt_pad[2048];")
        lines += [
            f"\t_Alignas(8) {'volatile ' * (original(name) in VOLATILE)}{spell(reader.needed[name], name)};"
            for name in self.globals
        ]
        lines += [f"\tchar {FUNCTION}{name}[16];" for name in self.functions]
        lines.append("};")
        return lines + self.kinds(every)[0], self.kinds(every)[1]

    def reachable(self, roots: list[Shape]) -> list[Shape]:
        reader = self.reader
        waiting = [*roots, *reader.callees.values(), *reader.variables.values(), *reader.needed.values()]
        seen: dict[int, Shape] = {}
        while waiting:
            shape = waiting.pop().find()
            if shape.number in seen:
                continue
            seen[shape.number] = shape
            waiting += [*shape.fields.values(), *([shape.target] if shape.target else [])]
        return sorted(seen.values(), key=lambda shape: shape.number)

    def typedef(self, name: str, shape: Shape, done: set[int]) -> None:
        assert self.lines is not None
        mark = -hash(name) - 1
        if mark in done:
            return
        done.add(mark)
        if name in self.reader.whole:
            for inner in self.reader.by_value.get(name, []):
                self.require(inner, done, 0)
            self.lines.append(self.reader.whole[name])
            return
        found = shape.find()
        if found.kind == "rec" and found.spelling == name:
            found.spelling = ""
        self.define(found, done, 0)
        self.lines.append(f"typedef {spell(found, name)};")

    def require(self, shape: Shape, done: set[int], depth: int) -> None:
        """Define what a definition holds by value, first."""
        found = shape.find()
        for name, other in self.reader.typedefs.items():
            if other is shape or other.find() is found:
                self.typedef(name, other, done)
        self.define(shape, done, depth + 1)

    def define(self, shape: Shape, done: set[int], depth: int) -> None:
        found = shape.find()
        while found.kind == "arr" and found.target is not None:
            found = found.target.find()
        if found.kind != "rec" or found.number in done or depth > 40:
            return
        done.add(found.number)
        assert self.lines is not None
        key = found.spelling
        if key in self.reader.whole:
            for inner in self.reader.by_value.get(key, []):
                self.require(inner, done, depth)
            if key.startswith(("struct ", "union ")):
                self.lines.append(self.reader.whole[key] + ";")
            else:
                self.typedef(key, found, done)
            return
        if found.whole:
            return
        for member in found.fields.values():
            self.require(member, done, depth)
        name = key if key.startswith(("struct ", "union ")) else f"struct rt_s{found.number}"
        pad, self.offset = self.offset, (self.offset + 8 * len(found.fields)) % 2048
        inside = "".join(f" _Alignas(8) {spell(member, field)};" for field, member in found.fields.items())
        head = f" char rt_pad[{pad}];" if pad and not found.union else ""
        self.lines.append(f"{name} {{{head}{inside or ' long rt_only;'} }};")

    def kinds(self, every: list[Shape]) -> tuple[list[str], tuple[tuple[str, str], ...]]:
        """Write the table of what kind of value each field holds, by its offset."""
        rows, fields = [], []
        for shape in every:
            if shape.kind != "rec" or (
                shape.spelling.startswith("k_") and shape.spelling not in self.reader.whole
            ):
                continue
            if shape.whole and shape.spelling not in self.reader.whole:
                continue  # a record without a name, inside another
            name = shape.spelling or f"struct rt_s{shape.number}"
            rows.append(f"{{ sizeof({name}), {PLACE} }}")
            fields.append((name, ""))
            for field, member in shape.fields.items():
                kind = PLACE if member.find().kind in ("rec", "arr") else value_kind(member)
                if member.find().kind == "fn" or member.find().size == ":":
                    continue
                rows.append(f"{{ __builtin_offsetof({name}, {field}), {kind} }}")
                fields.append((name, original(field)))
                target = member.find().target
                if (
                    member.find().kind == "ptr"
                    and target is not None
                    and target.find().kind in ("int", "ptr")
                ):
                    rows.append(f"{{ sizeof(*(({name} *)0)->{field}), {PLACE} }}")
                    fields.append((f"*?{original(name.split()[-1])}.{original(field)}", ""))
        for field in self.globals:
            found = self.reader.needed[field]
            kind = PLACE if found.find().kind in ("rec", "arr") else value_kind(found)
            rows.append(f"{{ __builtin_offsetof(struct rt_globals, {field}), {kind} }}")
            fields.append(("struct rt_globals", original(field)))
        for function in self.functions:
            rows.append(f"{{ __builtin_offsetof(struct rt_globals, {FUNCTION}{function}), {PLACE} }}")
            fields.append(("struct rt_globals", FUNCTION + original(function)))
        rows += [
            f"{{ __builtin_offsetof({path}), {BOOL} }}"
            for shape in every
            if shape.kind == "rec" and shape.spelling in self.reader.whole
            for path in _bools(shape, f"{shape.spelling}, ", 0)
        ]
        return [
            f"const unsigned rt_kinds[][2] = {{ {', '.join([*rows, '{ 0, 3 }'])} }};",
            f"const unsigned rt_kinds_length = {len(rows)};",
        ], tuple(fields)


def _bools(shape: Shape, path: str, depth: int) -> list[str]:
    """Return the paths to the bools of the records that a record holds by value."""
    found = []
    for name, member in shape.find().fields.items():
        inner = member.find()
        if inner.kind == "rec" and inner.whole and depth < 4:
            found += _bools(inner, f"{path}{name}.", depth + 1)
        elif depth and inner.kind == "int" and inner.spelling == "_Bool" and inner.size != ":":
            found.append(f"{path}{name}")
    return found

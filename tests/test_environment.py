"""What a file defines: constants with C's values, types, macros under conditions; nothing where not told."""

from __future__ import annotations

import pytest
from lorelens.analyze.engine.constant import character, number
from lorelens.analyze.engine.ctype import (
    INT,
    LONG,
    UINT,
    ULONG,
    Array,
    Integer,
    Pointer,
    Record,
    Unknown,
    common,
    spell,
)
from lorelens.analyze.engine.environment import Environment

TEXT = """
#define SHIFT 12
#define SIZE (1UL << SHIFT)
#define MASK (~(SIZE - 1))
#define LATER (FAR + 1)
#ifdef CONFIG_A
#define EITHER 1
#else
#define EITHER 2
#endif
#ifdef CONFIG_A
#define ONLY_A(x) (x)
static int only_a(int x) { return ONLY_A(x); }
#endif
#define GONE 3
#undef GONE
#define same same
enum { A, B = 1 << 3, C, D = -1 };
enum state { IDLE, BUSY };
typedef struct { int v; } box_t;
typedef unsigned long word_t;
struct one { u8 a; unsigned b:3; struct { int c; }; union { int d; char e[SHIFT]; }; volatile int f; };
#ifdef CONFIG_A
struct two { int a; };
#else
struct two { long a; };
#endif
int plain(struct one *p, const char *s, ...);
static void stops(void) __noreturn;
static void __noreturn stops(void) { for (;;) ; }
static const word_t table[3] = { 1, 2, 3 };
extern volatile int flag;
"""


@pytest.fixture
def environment() -> Environment:
    return Environment.from_text("a.c", TEXT)


@pytest.mark.parametrize(
    ("name", "value", "ctype"),
    [("SHIFT", 12, INT), ("SIZE", 4096, ULONG), ("MASK", 2**64 - 4096, ULONG), ("A", 0, INT), ("B", 8, INT),
     ("C", 9, INT), ("D", -1, INT), ("BUSY", 1, INT), ("BITS_PER_LONG", 64, INT)],
)  # fmt: skip
def test_constants_have_the_values_that_c_gives(
    environment: Environment, name: str, value: int, ctype: Integer
) -> None:
    found = environment.constant(name)
    assert found is not None
    assert (found.value, found.type, found.name) == (value, ctype, name)


@pytest.mark.parametrize("name", ["LATER", "EITHER", "GONE", "NOWHERE", "same"])
def test_what_is_not_told_is_no_constant(environment: Environment, name: str) -> None:
    assert environment.constant(name) is None


def test_a_macro_holds_under_its_condition_alone(environment: Environment) -> None:
    assert environment.macro("ONLY_A") is None
    assert environment.macro("ONLY_A", "CONFIG_A") is not None
    assert environment.macro("GONE") is None
    assert environment.macros("same") == ()


def test_fields(environment: Environment) -> None:
    fields = environment.record("one")
    assert fields is not None
    printed = [(one.name, spell(one.type), one.shared, one.volatile) for one in fields]
    assert printed == [
        ("a", "u8", False, False),
        ("b", "u3", False, False),
        ("c", "s32", False, False),
        ("d", "s32", True, False),
        ("e", "[12]u8", True, False),
        ("f", "s32", False, True),
    ]
    assert environment.record("two") is None


def test_types(environment: Environment) -> None:
    assert environment.named_type("word_t") == ULONG
    box = environment.named_type("box_t")
    assert isinstance(box, Record)
    assert environment.record(box.tag) is not None
    assert environment.enum_type("state") == UINT
    assert environment.enum_type("elsewhere") == Unknown(name="enum elsewhere")


def test_a_typedef_with_a_tag_names_its_struct() -> None:
    found = Environment.from_text("t.c", "typedef struct old { int x; long y; } pair_t;\n")
    record = found.named_type("pair_t")
    assert isinstance(record, Record)
    assert record.tag == "old"
    assert [field.name for field in found.record("old") or ()] == ["x", "y"]


def test_functions_and_variables(environment: Environment) -> None:
    prototype = environment.prototype("plain")
    assert prototype is not None
    assert spell(prototype) == "fn(*struct one, *u8, ...) s32"
    assert environment.no_return("stops")
    table, flag = environment.variable("table"), environment.variable("flag")
    assert table is not None
    assert table.type == Array(of=ULONG, length=3)
    assert table.constant
    assert flag is not None
    assert flag.volatile


def test_the_same_text_is_read_once() -> None:
    assert Environment.from_text("a.c", TEXT) is Environment.from_text("a.c", TEXT)
    assert Environment.from_text("a.c", TEXT).digest != Environment.from_text("a.c", TEXT + "\n").digest


@pytest.mark.parametrize(
    ("text", "value", "ctype"),
    [("0x7fffffff", 2**31 - 1, INT), ("0x80000000", 2**31, UINT), ("2147483648", 2**31, LONG),
     ("017", 15, INT), ("1u", 1, UINT), ("0b101", 5, INT), ("-1", -1, INT)],
)  # fmt: skip
def test_literals(text: str, value: int, ctype: object) -> None:
    found = number(text)
    assert found is not None
    assert found.value == value
    assert found.type == ctype


def test_what_is_no_integer_literal() -> None:
    assert [number(text) for text in ("1.5", "08", "1e3", "0x", "9" * 60)] == [None] * 5
    assert character(r"'\n'") is not None
    assert character(r"'\377'").value == 255  # type: ignore[union-attr]


def test_usual_conversions() -> None:
    u8, s64 = Integer(bits=8, signed=False), Integer(bits=64, signed=True)
    assert common(u8, u8) == INT
    assert common(INT, UINT) == UINT
    assert common(UINT, s64) == s64
    assert common(s64, ULONG) == ULONG
    assert isinstance(common(Pointer(to=INT), INT), Unknown)

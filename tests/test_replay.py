"""Replay and the random oracle: what a careful reader of C expects of each pair, run on real compiled
text."""

from __future__ import annotations

import pytest
from lorelens.analyze.compiler import Compiler, find_compilers
from lorelens.analyze.engine import delta
from lorelens.analyze.engine.usual_values import usual_values
from lorelens.analyze.replay import (
    Cell,
    Confirmed,
    Different,
    NoDifferenceFound,
    NotConfirmed,
    NotReplayable,
    Pointer,
    Side,
    Witness,
    differ,
    machine,
    replay,
    sandbox,
)
from lorelens.analyze.replay.callees import Callees
from lorelens.analyze.replay.machine import has_wasmtime
from lorelens.analyze.replay.sandbox import find_compiler
from lorelens.analyze.replay.witness import LocalCell

pytestmark = pytest.mark.skipif(
    find_compiler() is None or not has_wasmtime(),
    reason="no compiler for WebAssembly (clang and lld, wasmtime)",
)

ENTRY = """int enter(struct room *r, unsigned long flags)
{
	struct door *d = r->door;
	int err = -EINVAL, key;

	if (!d)
		return -ENOENT;
	if (flags & 4)
		err = unlock(d, &key);
	if (err)
		goto out;
	d->opened += key;
	close_door(d);
out:
	return err;
}
"""


def side(text: str, *helpers: tuple[str, str], name: str = "", environment: str = "") -> Side:
    found = name or text.split("(")[0].split()[-1].lstrip("*")
    return Side(name=found, text=text, helpers=helpers, environment=(environment,) if environment else ())


def told_apart(before: str, after: str, **options: object) -> object:
    return differ(side(before), side(after), runs=1500, **options)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("-ENOENT", "-EINVAL"),
        ("close_door(d)", "close_door(0)"),
        ("\tclose_door(d);\n", ""),
        ("+= key", "+= 1"),
        ("if (err)", "if (err < 0)"),
        ("flags & 4", "flags & 8"),
        ("goto out;", "return 0;"),
    ],
)
def test_the_oracle_tells_mutants_apart(old: str, new: str) -> None:
    assert isinstance(told_apart(ENTRY, ENTRY.replace(old, new)), Different)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ENTRY, ENTRY),
        (
            ENTRY,
            ENTRY.replace("err", "error").replace("int error = -EINVAL, key", "int key, error = -EINVAL"),
        ),
        (ENTRY, ENTRY.replace("if (!d)", "if (!!(d == NULL))")),
        (
            "void f(struct s *a, struct t *b) { a->x = 1; b->y = 2; }",
            "void f(struct s *a, struct t *b) { b->y = 2; a->x = 1; }",
        ),
        (
            "void f(int n) { int e = 0; struct req r; lock(); r.len = n; send(&r); }",
            "void f(int n) { struct req q; int e = 0; q.len = n; lock(); send(&q); }",
        ),
        (
            'int f(struct s *p) { pr_debug("x %d", p->n); return 0; }',
            'int f(struct s *p) { pr_debug("other %d %d", p->n, 2); return 0; }',
        ),
        (
            "int f(int a) { if (a) x(); else y(); return 0; }",
            "int f(int a) { if (!a) y(); else x(); return 0; }",
        ),
    ],
)
def test_the_oracle_finds_no_difference_where_there_is_none(before: str, after: str) -> None:
    found = told_apart(before, after)
    assert isinstance(found, NoDifferenceFound), found
    assert found.runs > 500


def test_a_load_that_moved_over_a_call_needs_a_callee_that_changes_memory() -> None:
    found = told_apart(
        "int f(struct s *v) { int n = v->nr; unlock(v); return n; }",
        "int f(struct s *v) { unlock(v); return v->nr; }",
    )
    assert isinstance(found, Different)
    assert found.rests_on


def test_swapped_stores_to_one_field_need_equal_pointers() -> None:
    found = told_apart(
        "void f(struct s *a, struct s *b) { a->x = 1; b->x = 2; }",
        "void f(struct s *a, struct s *b) { b->x = 2; a->x = 1; }",
    )
    assert isinstance(found, Different)
    assert found.rests_on == ("equal pointers",)
    plain = told_apart(
        "void f(struct s *a, struct s *b) { a->x = 1; b->x = 2; }",
        "void f(struct s *a, struct s *b) { b->x = 2; a->x = 1; }", plain=True,
    )  # fmt: skip
    assert isinstance(plain, NoDifferenceFound)


def test_an_access_through_null_is_a_fault() -> None:
    found = told_apart(
        "int f(struct s *p) { return p->b; }", "int f(struct s *p) { if (!p) return 0; return p->b; }"
    )
    assert isinstance(found, Different)
    assert "fault" in (found.before.outcome, found.after.outcome)
    assert found.rests_on == ("invalid pointers",)


def test_division_by_zero_is_a_stop_and_shift_by_the_width_says_nothing() -> None:
    assert isinstance(
        told_apart(
            "long f(long x, long n) { if (!n) return -1; return x / n; }",
            "long f(long x, long n) { return x / n; }",
        ),
        Different,
    )
    assert isinstance(
        told_apart(
            "unsigned long f(unsigned long x, unsigned long s) { if (s >= 64) return 0; return x << s; }",
            "unsigned long f(unsigned long x, unsigned long s) { return x << s; }",
        ),
        NoDifferenceFound,
    )


def test_uninitialised_variables_tell_nothing_apart() -> None:
    found = told_apart(
        "int f(int a) { int r; if (a) r = 1; return r; }",
        "int f(int a) { int r = 7; if (a) r = 1; return r; }",
    )
    assert isinstance(found, NoDifferenceFound)


@pytest.mark.parametrize(
    ("declared", "set_", "used"),
    [
        ("int r, q = 3;", "r = q;", "r"),
        ("int q, r = 3;", "q = r;", "q"),
        ("int r[4];", "r[1] = 3;", "r[1]"),
        ("struct { int a; int b; } r;", "r.b = 3;", "r.b"),
        ("int (*r)(int);", "r = 0;", "r ? 1 : 2"),
        ("int *r, g(int);", "r = 0;", "r ? 1 : 2"),
        ("int r; int *at = &r;", "*at = 3;", "r"),
        ("const int q = a; int (r);", "r = q;", "r"),
        ("int r, *at = &r;", "*at = 3;", "r"),
        ("int r, n = sizeof(r);", "r = n;", "r"),
        ("struct { int a; int b; } r, *at = &r;", "at->b = 3;", "r.b"),
        ("int r = r;", "r = 3;", "r"),
        ("auto int r;", "r = 3;", "r"),
        ("for (int r, i = 0; i < 1; i++)", "r = 3;", "r"),
    ],
)
def test_no_kind_of_uninitialised_variable_tells_two_texts_apart(declared: str, set_: str, used: str) -> None:
    one = f"int f(int a) {{ {declared} {{ if (a) {{ {set_} }} return {used}; }} return 0; }}"
    other = f"int f(int a) {{ {declared} {{ if (a) {{ {set_} return {used}; }} return 0; }} return 0; }}"
    assert isinstance(told_apart(one, other), NoDifferenceFound)


def test_a_variable_that_an_initialiser_behind_it_sets_keeps_its_value() -> None:
    before = "int f(int a) { int r, q = get(&r), s = (r = a); return r + q + s; }"
    after = "int f(int a) { int r, q = get(&r), s = (r = a); return r + q + s + 1; }"
    assert isinstance(told_apart(before, after), Different)


@pytest.mark.parametrize("compiler", find_compilers(), ids=lambda one: one.name)
def test_each_compiler_that_is_installed_shows_the_same(
    compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    caches = (sandbox.preprocess, sandbox.compile_runtime, machine._module)
    for cache in caches:
        cache.cache_clear()
    monkeypatch.setattr(sandbox, "find_compiler", lambda: compiler)
    try:
        assert isinstance(told_apart(ENTRY, ENTRY.replace("goto out;", "return 0;")), Different)
        assert isinstance(told_apart(ENTRY, ENTRY), NoDifferenceFound)
        uninitialised = "int f(int a) { int r; if (a) r = 1; return r; }"
        assert isinstance(
            told_apart(uninitialised, uninitialised.replace("r;", "r = 7;", 1)), NoDifferenceFound
        )
    finally:
        for cache in caches:
            cache.cache_clear()


def test_configuration_is_tried_as_y_n_and_m() -> None:
    found = told_apart(
        "void f(void) {\n#ifdef CONFIG_ZRAM\n a();\n#endif\n}",
        "void f(void) { if (IS_ENABLED(CONFIG_ZRAM)) a(); }",
    )
    assert isinstance(found, Different)


def test_pure_functions_are_no_effects() -> None:
    before = "int f(struct s *p) { int a = size_of(p); return a + size_of(p); }"
    after = "int f(struct s *p) { int a = size_of(p); return a + a; }"
    assert isinstance(told_apart(before, after), Different)
    assert isinstance(
        told_apart(before, after, callees=Callees(pure=frozenset(["size_of"]))), NoDifferenceFound
    )


def test_a_helper_at_hand_is_run_not_logged() -> None:
    helper = ("twice", "static int twice(int n) { return n + n; }")
    before = side("int f(int n) { return twice(n) + get(); }", helper)
    assert isinstance(
        differ(before, side("int f(int n) { return 2 * n + get(); }"), runs=800), NoDifferenceFound
    )
    assert isinstance(differ(before, side("int f(int n) { return 3 * n + get(); }"), runs=800), Different)


def test_equal_text_in_another_environment_is_compared() -> None:
    text = "int f(void) { return min_len + 1; }"
    before, after = (side(text, environment=f"#define min_len {n}\n{text}\n") for n in (4, 8))
    assert isinstance(differ(before, after, runs=50), Different)
    assert isinstance(differ(before, before, runs=50), NoDifferenceFound)


def test_a_witness_is_confirmed_on_the_text() -> None:
    witness = Witness(
        parameters=(Pointer(object=2), 4),
        cells=(Cell(place=Pointer(object=2, fields=(("room", "door"),)), value=Pointer(object=3)),),
        answers=(0,),
    )
    after = side(ENTRY.replace("\tclose_door(d);\n", ""))
    found = replay(side(ENTRY), after, witness)
    assert isinstance(found, Confirmed), found
    assert found.before.entries[found.at].startswith("close_door(")
    assert found.after.entries[found.at].startswith("return 0")


def test_a_witness_that_shows_nothing_is_not_confirmed() -> None:
    witness = Witness(
        parameters=(Pointer(object=2), 0),
        cells=(Cell(place=Pointer(object=2, fields=(("room", "door"),)), value=Pointer(object=3)),),
    )
    found = replay(side(ENTRY), side(ENTRY.replace("\tclose_door(d);\n", "")), witness)
    assert isinstance(found, NotConfirmed)
    assert found.before == found.after


def test_loops_without_an_end_come_back_and_tell_only_where_one_side_ends() -> None:
    endless, other = "int f(int n) { while (1) ; return n; }", "int f(int n) { while (2) ; return n; }"
    found = differ(side(endless), side(other), runs=20)
    assert isinstance(found, NoDifferenceFound)
    found = differ(side(endless), side("int f(int n) { return n; }"), runs=20)
    assert isinstance(found, Different)
    assert found.rests_on == ("a loop without an end",)
    assert isinstance(replay(side(endless), side(other), Witness(parameters=(1,))), NotReplayable)
    assert isinstance(
        replay(side(endless), side("int f(int n) { return n; }"), Witness(parameters=(1,))), Confirmed
    )


def test_inputs_that_a_witness_leaves_open_are_found_and_said() -> None:
    found = replay(
        side(ENTRY), side(ENTRY.replace("+= key", "+= 1")), Witness(parameters=(0, 4), answers=(0,))
    )
    assert isinstance(found, Confirmed)
    assert not found.exact


def test_text_that_does_not_compile_is_a_reason() -> None:
    found = told_apart("int f(int n) { return n +; }", "int f(int n) { return n; }")
    assert isinstance(found, NotReplayable)
    assert found.reason in ("compile", "text")


def test_one_seed_gives_one_result() -> None:
    pair = (ENTRY, ENTRY.replace("+= key", "+= 1"))
    assert told_apart(*pair, seed=5) == told_apart(*pair, seed=5)


@pytest.mark.slow
def test_functions_of_a_real_tree_do_not_differ_from_themselves(kernel) -> None:
    from lorelens.analyze.functions import outline

    whole = (kernel / "mm" / "mmap_lock.c").read_text("utf-8")
    for found in [d for d in outline(whole, "mmap_lock.c") if d.symbol == "function"][:6]:
        given = Side(name=found.name, text=found.text, environment=(whole,))
        assert not isinstance(differ(given, given, runs=100), Different)


SLOTS = """struct slot { int used; int (*run)(int); };
struct bank { long pad; struct slot slots[4]; };
int handler(int n);
"""


def test_a_witness_leads_to_elements_and_to_functions() -> None:
    text = "int f(struct bank *b) { if (b->slots[2].run == handler) return 1; return 0; }"
    before, after = (side(one, environment=SLOTS + one) for one in (text, text.replace("1;", "2;")))
    place = Pointer(object=2, fields=(("bank", "slots"), ("struct slot", "[2]"), ("slot", "run")))
    run = Pointer(object=1, fields=(("struct rt_globals", "rt_function_handler"),))
    for value, told in ((run, Confirmed), (0, NotConfirmed)):
        witness = Witness(parameters=(Pointer(object=2),), cells=(Cell(place=place, value=value),))
        assert isinstance(replay(before, after, witness), told)


def test_a_witness_gives_a_local_its_own_address() -> None:
    text = "int f(void) { struct node n; fill(&n); if (n.next == &n) return 1; return 0; }"
    before, after = (
        side(one, environment=f"struct node {{ struct node *next; }};\n{one}")
        for one in (text, text.replace("1;", "2;"))
    )
    itself = LocalCell(number=1, fields=(("node", "next"),), value=Pointer(object=0, local=1), epoch=1)
    found = replay(before, after, Witness(locals=(itself,)))
    assert isinstance(found, Confirmed), found
    assert found.exact


def test_more_constants_of_one_kind_than_there_are_values_of_their_size():
    names = [f"C{number}_{end}" for number in range(30) for end in ("SIZE", "MASK", "SHIFT")]
    found = usual_values(names)
    assert len(set(found.values())) == len(names)


def test_cells_of_one_word_are_told_in_any_order() -> None:
    text = "int f(struct two *t) { if (t->high == 7 && t->low == 0) return 1; return 0; }"
    before, after = (
        side(one, environment=f"struct two {{ int low; int high; }};\n{one}")
        for one in (text, text.replace("1;", "2;"))
    )
    cells = [
        Cell(place=Pointer(object=2, fields=(("two", name),)), value=value)
        for name, value in (("low", 0), ("high", 7))
    ]
    for told in (cells, cells[::-1]):
        found = replay(before, after, Witness(parameters=(Pointer(object=2),), cells=tuple(told)))
        assert isinstance(found, Confirmed), found
        assert found.exact


def test_what_the_definition_stands_under_holds() -> None:
    file = "#ifdef CONFIG_DOOR\n#ifdef __KERNEL__\n#define LIMIT(n) ((n) + 3)\n#endif\n#endif\n"
    text = "int f(int n) { if (LIMIT(n) == 8) return 1; return 0; }"
    under = "CONFIG_DOOR && __KERNEL__"
    before, after = (
        Side(name="f", text=one, config=under, environment=(file,))
        for one in (text, text.replace("1;", "2;"))
    )
    found = replay(before, after, Witness(parameters=(5,)))
    assert isinstance(found, Confirmed), found
    assert found.before.entries[found.at] == "return 1"


@pytest.mark.parametrize(("value", "told"), [(1, Confirmed), (0, NotConfirmed)])
def test_a_witness_says_which_arm_of_any_condition_is_taken(value: int, told: type) -> None:
    text = "int f(int n) {\n#if defined(ROOMY) && !TIGHT\n\treturn 1;\n#endif\n\treturn 0;\n}"
    constants = (("#if defined(ROOMY)", value), ("#if TIGHT", 0))
    found = replay(side(text), side(text.replace("1;", "2;")), Witness(constants=constants))
    assert isinstance(found, told)


def test_a_number_that_is_an_address_by_chance_is_a_number_too() -> None:
    text = "int f(unsigned long *p) { if (*p >> 50 == 1) return 1; note(&limit); return 0; }"
    before, after = (side(one, environment=f"int limit;\n{one}") for one in (text, text.replace("1;", "2;")))
    witness = delta.Witness(
        parameters=(("p", 1 << 24),),
        cells=(delta.Cell(base=1 << 24, path=(), name="", width=64, value=1 << 50, epoch=0),),
        constants=(),
        config=(),
        before=(),
        after=(),
        places=(delta.Place(value=1 << 50, base=0, path=(), name="limit"),),
    )
    found = replay(before, after, witness)
    assert isinstance(found, Confirmed), found
    assert found.exact


def test_the_number_of_an_ioctl_is_the_witness_own() -> None:
    file = "struct arg { int a; };\n#define DO_IT _IOWR('g', 4, struct arg)\n"
    text = "int f(unsigned int n) { switch (n) { case DO_IT: return 1; } return 0; }"
    before, after = (side(one, environment=file + one) for one in (text, text.replace("1;", "2;")))
    found = replay(before, after, Witness(parameters=(7,), constants=(("DO_IT", 7),)))
    assert isinstance(found, Confirmed), found

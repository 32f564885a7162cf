"""The engine benchmarks' generators: a bug in them would falsify a figure, so a compiler is asked."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))

from engine.copies import copy  # below the path that it needs
from engine.corpus import Listed
from engine.mutants import KINDS as MUTATIONS
from engine.mutants import mutants
from engine.refactor_flow import de_morgan, early_return, inverted, loop_form, ternary
from engine.refactor_functions import Place, extracted, helpers, inlined, parameter
from engine.refactor_values import mask, stores
from engine.view import Edit, apply, view

HEAD = """
typedef _Bool bool;
struct list { struct list *next; };
struct node { int count; int value; unsigned long flags; struct list lru; struct node *up; };
#define container_of(p, t, m) ((t *)((char *)(p) - __builtin_offsetof(t, m)))
#define REACH() (limit + 1)
#define VM_READ 1UL
#define VM_WRITE 2UL
#define EINVAL 22
#define ENOMEM 12
int ready(struct node *n); void note(int a, int b); void unlock(struct node *n); int size(int a);
"""

FUNCTIONS = {
    "shadowed": """
int shadowed(struct node *n, int value)
{
	int a = 1, b = 2;
	struct node *up = n->up;
	int count = n->count;
	int twice = a + b;

	if (value && ready(n)) {
		int value = n->value;
		long count = value;

		while (count)
			count -= up->value ? size(a) : b;
		note(value, twice);
	}
	for (int i = 0; i < count; i++) {
		int value = i;
		note(value, b);
	}
	do {
		value--;
	} while (value > 0);
	return value ?: count;
}
""",
    "members": """
int members(struct list *lru, int limit)
{
	struct node *n = container_of(lru, struct node, lru);
	struct { int count; } own = { .count = limit };
	int count = own.count;

	if (count > REACH())
		goto count;
	note(count, own.count);
count:
	return n->count + count;
}
""",
    "ladder": """
static int ladder(struct node *n, int wanted)
{
	int err = -EINVAL;
	int tries = 3;

	if (!n)
		goto out;
	if (n->flags & (VM_READ | VM_WRITE) && !ready(n))
		goto out;
	if (n->flags & VM_WRITE) {
		n->count = wanted;
		n->value = tries;
		err = 0;
	} else {
		err = size(wanted);
	}
	while (tries > 0 && n->up)
		tries -= size(tries);
	for (int i = 0; i < wanted; i++)
		note(i, tries);
	note(wanted, tries);
	unlock(n);
out:
	return err;
}

int calls_ladder(struct node *n, int wanted)
{
	return ladder(n, wanted);
}
""",
    "chosen": """
int chosen(struct node *n, int c)
{
	int x;

	if (c > 4 || n->value)
		x = 1;
	else
		x = 2;
	if (ready(n))
		return 0;
	return -EINVAL;
}
""",
}  # fmt: skip
STATIC = """
static int scaled(struct node *n, int by)
{
	return n->value * by;
}
int uses_scaled(struct node *n, int by)
{
	int two = 2;

	note(scaled(n, two), by);
	return scaled(n, by);
}
"""

DRIVER = """
#include <stdio.h>
static unsigned state; static struct node first, second;
static int next(int below) { state = state * 1103515245u + 12345u; return (state >> 16) % below; }
static void show(const char *what, int a, int b)
{
	printf("%s %d %d: %d %d %lu\\n", what, a, b, first.count, first.value, first.flags);
}
int ready(struct node *n) { show("ready", n == &first, 0); first.value += next(3); return next(2); }
void note(int a, int b) { show("note", a, b); first.count ^= next(5); }
void unlock(struct node *n) { show("unlock", n == &first, 0); }
int size(int a) { show("size", a, 0); return 1 + next(3); }
int main(void)
{
	for (unsigned seed = 0; seed < 300; seed++) {
		state = seed * 7919 + 1;
		first.count = next(6); first.value = next(6); first.flags = next(4);
		first.up = next(2) ? &second : 0; second.value = next(2); second.count = next(4);
		int result = CALL;
		printf("= %d: %d %d %lu\\n", result, first.count, first.value, first.flags);
	}
}
"""
CALLS = {
    "ladder": "calls_ladder(next(4) ? &first : 0, next(4))", "chosen": "chosen(&first, next(8))",
    "uses_scaled": "uses_scaled(&first, next(8))", "flags": "(flags(&first), 0)",
}  # fmt: skip

clang = pytest.mark.skipif(shutil.which("clang") is None, reason="no clang (Debian package clang)")


def assembled(text: str, tmp_path: Path, *, level: str = "-O1") -> list[str]:
    """Compile and return the instructions, without labels' numbers and what names the file."""
    source = tmp_path / "text.c"
    source.write_text(text)
    flags = [level, "-fwrapv", "-S", "-o", "-", "-Wno-everything", "-fno-asynchronous-unwind-tables"]
    done = subprocess.run(["clang", *flags, str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + text
    lines = re.sub(r"\s*#.*", "", done.stdout).split("\n")
    return [line.strip() for line in lines if line.strip() and not line.strip().startswith(".")]


def place(file: str, name: str) -> Place:
    """Return a function's place in its file, as the corpus gives it."""
    from lorelens.analyze.lexical import scan
    from lorelens.analyze.outline import cut

    piece = next(piece for piece in cut(scan(file)) if piece.name == name and piece.symbol == "function")
    listed = Listed(path="t.c", name=name, line=1, start=piece.start, end=piece.end)
    return Place(file=file, listed=listed, found=view(file[piece.start : piece.end]))


@clang
@pytest.mark.parametrize("name", FUNCTIONS)
def test_copy_compiles_to_the_same_instructions(name, tmp_path):
    file = HEAD + FUNCTIONS[name]
    there = place(file, name)
    text = copy(there.found.text, file)
    assert text is not None
    after = file.replace(there.found.text, text)
    assert assembled(file, tmp_path) == assembled(after, tmp_path)


def test_copy_renames_what_it_can_tell_and_nothing_else():
    file = HEAD + FUNCTIONS["members"]
    text = copy(place(file, "members").found.text, file)
    assert "struct node *n_rewritten = container_of(lru, struct node, lru);" in text
    assert "{ .count = limit }" in text  # a macro of the file names limit
    assert "goto count;" in text
    assert "n_rewritten->count + count;" in text


def test_copy_keeps_shadowing_and_reorders_only_what_is_independent():
    file = HEAD + FUNCTIONS["shadowed"]
    text = copy(place(file, "shadowed").found.text, file)
    assert "int value_rewritten = n_rewritten->value;\n\t\tlong count_rewritten = value_rewritten;" in text
    assert text.index("int a_rewritten = 1") < text.index("int twice_rewritten")
    assert text.index("count_rewritten = n_rewritten->count") < text.index("int a_rewritten = 1")
    assert "return value_rewritten ?: count_rewritten;" in text
    assert "for (int i_rewritten = 0; !!(i_rewritten < count_rewritten); i_rewritten++)" in text
    assert "} while (!!(value_rewritten > 0));" in text
    assert "!!(up_rewritten->value) ? size(a_rewritten) : b_rewritten" in text


def test_copy_leaves_macros_that_loop_and_both_arms_whole():
    text = "void f(struct list *h)\n{\n\tstruct node *p;\n\n\tlist_for_each_entry(p, h, lru)\n\t\tuse(p);\n"
    text += "#ifdef CONFIG_X\n\tif (p)\n#else\n\tif (h)\n#endif\n\t\tg(p);\n}"
    after = copy(text, text)
    assert "list_for_each_entry(p_rewritten, h, lru)" in after  # h might be a member
    assert after.count("#") == 3
    assert "if (!!(p_rewritten))" in after or "if (p_rewritten)" in after
    assert "!!(p_rewritten, h" not in after


@clang
def test_every_kind_of_mutant_is_made_and_compiles_to_something_else(tmp_path):
    made = {}
    file = HEAD + FUNCTIONS["ladder"]
    there = place(file, "ladder")
    extra = "\nvoid flags(struct node *n) { n->flags = VM_READ | VM_WRITE; note(n->value, n->count); }\n"
    for name, whole in (("ladder", file), ("flags", HEAD + extra)):
        there = place(whole, name)
        for mutant in mutants(there.found.text):
            made[mutant.kind] = made.get(mutant.kind, 0) + 1
            after = whole.replace(there.found.text, mutant.text)
            assert view(mutant.text) is not None
            assert assembled(after, tmp_path) != assembled(whole, tmp_path), mutant
    assert set(made) == set(MUTATIONS)


def test_mutants_leave_alone_what_is_not_behaviour():
    text = """
int quiet(struct node *n)
{
	pr_debug("%d of %d\\n", n->value, n->count);
	WARN_ON(n->value < 1);
	VM_BUG_ON(n->count + 1 > 2);
	lockdep_assert_held(&n->lock);
	trace_thing(n->value, n->count);
	if (n->value)
		pr_warn("odd\\n");
	return 0;
}"""
    assert mutants(text) == []


@clang
@pytest.mark.parametrize(
    ("generator", "name"),
    [
        (inverted, "ladder"), (early_return, "ladder"), (de_morgan, "ladder"), (loop_form, "ladder"),
        (mask, "ladder"), (ternary, "chosen"), (de_morgan, "chosen"), (stores, "ladder"),
    ],
)  # fmt: skip
def test_refactorings_within_a_function_do_the_same(generator, name, tmp_path):
    file = HEAD + FUNCTIONS[name]
    there = place(file, name)
    texts = [text for _, text in generator(there.found)]
    assert texts
    for text in texts:
        assert text != there.found.text
        assert ran(file.replace(there.found.text, text), name, tmp_path) == ran(file, name, tmp_path), text


@clang
def test_refactorings_across_functions_do_the_same(tmp_path):
    file = HEAD + FUNCTIONS["ladder"]
    there = place(file, "ladder")
    files = [after for _, after in extracted(there)] + [after for _, after in parameter(there)]
    assert any("int tries" in after.split("{")[0] or "tries = 3" not in after for after in files)
    assert any("extracted_part" in after for after in files)
    for after in files:
        assert ran(after, "ladder", tmp_path) == ran(file, "ladder", tmp_path), after
    file = HEAD + STATIC
    functions = [place(file, name).listed for name in ("scaled", "uses_scaled")]
    made = list(inlined(place(file, "uses_scaled"), helpers(file, functions)))
    assert len(made) == 2
    for _, after, name in made:
        assert name == "scaled"
        assert ran(after, "uses_scaled", tmp_path) == ran(file, "uses_scaled", tmp_path), after


def ran(file: str, name: str, tmp_path: Path) -> str:
    """Compile a file of ours with a driver that logs its callees, run it on 300 inputs, return the log."""
    source, program = tmp_path / "run.c", tmp_path / "run"
    source.write_text(file + DRIVER.replace("CALL", CALLS[name]))
    flags = ["-O1", "-fwrapv", "-Wno-everything", "-o", str(program)]
    done = subprocess.run(["clang", *flags, str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + file
    return subprocess.run([program], capture_output=True, text=True, check=True, timeout=20).stdout


def test_a_helper_defined_twice_is_not_inlined():
    file = "#ifdef A\n" + STATIC.split("int uses")[0] + "#else\n" + STATIC.split("int uses")[0] + "#endif\n"
    starts = [match.start() for match in re.finditer("static int scaled", file)]
    listed = [Listed(path="t.c", name="scaled", line=1, start=s, end=file.index("}", s) + 1) for s in starts]
    assert helpers(file, listed) == {}


def test_edits_that_overlap_are_refused():
    with pytest.raises(ValueError, match="overlap"):
        apply("abcdef", [Edit(0, 3, "x"), Edit(2, 4, "y")])
    assert apply("abcdef", [Edit(3, 3, "("), Edit(1, 2, "B"), Edit(6, 6, ")")]) == "aBc(def)"

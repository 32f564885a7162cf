"""Outlines, and what a patch does to the definitions of a file; expected values are worked by hand."""

from __future__ import annotations

import difflib
import json
import shutil
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lorelens.analyze.diff import FileDiff, Hunk, Line, parse_diff
from lorelens.analyze.functions import changed_functions, link_moves, outline, unaccounted, why_none
from lorelens.analyze.images import FileChange, Fragment, Image, images
from lorelens.analyze.side import read_section
from lorelens.fetch.tree.source_tree import NoTree


def hunks_of(pre: list[str], post: list[str], section: str, context: int = 3) -> tuple[Hunk, ...]:
    """Return difflib's hunks between two files."""
    found = []
    matcher = difflib.SequenceMatcher(None, pre, post, autojunk=False)
    for group in matcher.get_grouped_opcodes(context):
        lines = []
        for tag, a, b, c, d in group:
            if tag == "equal":
                lines += [
                    Line(sign=" ", text=pre[a + n], pre=a + n + 1, post=c + n + 1, newline=True)
                    for n in range(b - a)
                ]
                continue
            lines += [Line(sign="-", text=pre[n], pre=n + 1, post=None, newline=True) for n in range(a, b)]
            lines += [Line(sign="+", text=post[n], pre=None, post=n + 1, newline=True) for n in range(c, d)]
        a, b, c, d = group[0][1], group[-1][2], group[0][3], group[-1][4]
        found.append(
            Hunk(
                pre_start=a + 1,
                pre_count=b - a,
                post_start=c + 1,
                post_count=d - c,
                section=section,
                lines=tuple(lines),
            )
        )
    return tuple(found)


def change_of(
    pre: str, post: str, *, path: str = "mm/a.c", whole: bool = True, section: str = ""
) -> FileChange:
    """Return the change from one text to another, with whole images or with those of its hunks."""
    hunks = hunks_of(pre.removesuffix("\n").split("\n"), post.removesuffix("\n").split("\n"), section)
    diff = FileDiff(
        path=path, pre_path=path, post_path=path, pre_blob=None, post_blob=None, binary=False,
        mode_changed=False,
        hunks=hunks,
    )  # fmt: skip
    sides = []
    for text, other, start in ((pre, "+", "pre_start"), (post, "-", "post_start")):
        fragments = (Fragment(start=1, text=text),) if whole else tuple(
            Fragment(
                start=getattr(hunk, start), section=hunk.section,
                text="".join(line.text + "\n" for line in hunk.lines if line.sign != other),
            )
            for hunk in hunks
        )  # fmt: skip
        sides.append(Image(fragments=fragments, whole=whole))
    return FileChange(
        path=path, diff=diff, pre=sides[0], post=sides[1], verified=None, source="test", failure=None
    )


def kinds_of(pre: str, post: str, **more: object) -> dict[str, tuple[str, ...]]:
    change = change_of(pre, post, **more)
    found = changed_functions(change)
    assert [line for line in unaccounted(change, found) if line.reason == "unparsed"] == []
    return {function.name: function.kind for function in found}


# The outline

FILE = """\
// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>

#define PAIR(a, b) \\
\t((a) + \\
\t (b))

struct thing {
\tint count;
} __packed;

enum state { IDLE, BUSY };

union either { int a; long b; };

typedef int (*walk_t)(struct thing *, void *);

static DEFINE_MUTEX(thing_lock);
static const struct thing table[] __initconst = {
\t{ .count = 1 },
};
int sysctl_thing = 3;

static int first(struct thing *t);

#ifdef CONFIG_THING
/* Counts. */
static noinline int
first(struct thing *t)
{
\treturn t->count;
}
EXPORT_SYMBOL(first);
#else
static int first(struct thing *t) { return 0; }
#endif

SYSCALL_DEFINE1(thing, int, flags)
{
#define INNER 1
\treturn INNER;
}
"""

EXPECTED = [
    ("macro", "PAIR", 4, 6, None),
    ("struct", "thing", 8, 10, None),
    ("enum", "state", 12, 12, None),
    ("union", "either", 14, 14, None),
    ("typedef", "walk_t", 16, 16, None),
    ("variable", "thing_lock", 18, 18, None),
    ("variable", "table", 19, 21, None),
    ("variable", "sysctl_thing", 22, 22, None),
    ("prototype", "first", 24, 24, None),
    ("function", "first", 28, 32, "CONFIG_THING"),
    ("function", "first", 35, 35, "!CONFIG_THING"),
    ("function", "sys_thing", 38, 42, None),
    ("macro", "INNER", 40, 40, None),
]


def test_outline():
    found = outline(FILE, "mm/thing.c")
    assert [(d.symbol, d.name, d.start, d.end, d.config) for d in found] == EXPECTED
    assert all(d.whole and d.clean and d.path == "mm/thing.c" for d in found)
    lines = FILE.split("\n")
    assert all(d.text == "\n".join(lines[d.start - 1 : d.end]) for d in found)


def test_an_include_guard_is_no_condition():
    text = "#ifndef _A_H\n#define _A_H\nint f(void);\n#ifndef __ASSEMBLY__\nint g(void);\n#endif\n#endif\n"
    found = {d.name: d.config for d in outline(text, "a.h")}
    assert found == {"_A_H": None, "f": None, "g": "!__ASSEMBLY__"}


CONDITIONS = {
    "#if defined(CONFIG_A) && defined CONFIG_B": "CONFIG_A && CONFIG_B",
    "#if IS_ENABLED(CONFIG_A)": "IS_ENABLED(CONFIG_A)",
    "#ifndef CONFIG_A": "!CONFIG_A",
    "#if 0": "0",
    "#ifdef A\n#else": "!A",
    "#ifdef A\n#elif defined(B)": "!A && B",
    "#if A > 2 /* why */\n#if B": "(A > 2) && B",
    "#if A > 2\n#else": "!(A > 2)",
}


@pytest.mark.parametrize(("lines", "config"), CONDITIONS.items())
def test_conditions(lines, config):
    (found,) = outline(f"{lines}\nint f(void)\n{{\n}}\n", "a.c")
    assert found.config == config


def test_a_header_in_two_arms_is_one_function():
    text = "#ifdef X\nint f(int a)\n#else\nint f(void)\n#endif\n{\n\treturn 0;\n}\nint g(void)\n{\n}\n"
    assert [(d.name, d.start, d.end, d.clean) for d in outline(text, "a.c")] == [
        ("f", 2, 8, True),
        ("g", 9, 11, True),
    ]


def test_a_macro_without_semicolon_is_no_header():
    text = "core_initcall(setup)\n\nstatic int next(void)\n{\n\treturn 0;\n}\n"
    assert [(d.name, d.start) for d in outline(text, "a.c")] == [("next", 3)]


def test_a_lost_brace_costs_one_function():
    text = "int f(void)\n{\n\tif (a) {\n\t\tb();\n}\n\nint g(void)\n{\n\treturn 0;\n}\n"
    assert [(d.name, d.end, d.clean) for d in outline(text, "a.c")] == [("f", 5, False), ("g", 10, True)]


def test_text_that_is_no_c_yields_nothing_false():
    assert outline("", "a.c") == ()
    assert outline("\0\0\0", "a.c") == ()


@given(st.text())
def test_outline_never_raises(text):
    lines = text.count("\n") + 1
    found = outline(text, "a.c")
    assert [d.start for d in found] == sorted(d.start for d in found)
    assert all(1 <= d.start <= d.end <= lines for d in found)


PARTS = st.sampled_from(
    ["int f(void)\n{\n", "}\n", "\treturn 0;\n",
     "#if X\n", "#else\n", "#endif\n", "struct s {\n", "};\n", "/*",
     "*/", '"',
     "#define A(x) \\\n", "FOO(x)\n", "for_each(a) {\n", "static ",
     "int a, b;\n", "(", ")", "\n", "= {",
     "SYSCALL_DEFINE1(a",
     "enum { A }", "typedef ", "f(a)\nint a;\n{\n", "case 1:\n", "#if 0\n", "\\\n"]
)  # fmt: skip


@given(st.lists(PARTS, max_size=40).map("".join))
def test_outline_of_broken_c(text):
    lines = text.count("\n") + 1
    found = outline(text, "a.c")
    assert [d.start for d in found] == sorted(d.start for d in found)
    assert all(1 <= d.start <= d.end <= lines for d in found)


@given(st.lists(PARTS, max_size=30).map("".join), st.booleans())
def test_a_file_against_itself(text, whole):
    assert changed_functions(change_of(text, text, whole=whole)) == ()


@given(st.lists(PARTS, max_size=15).map("".join), st.lists(PARTS, max_size=15).map("".join), st.booleans())
def test_every_changed_line_is_accounted_for(pre, post, whole):
    change = change_of(pre, post, whole=whole)
    found = changed_functions(change)
    assert all(function.pre or function.post for function in found)
    assert all(line.reason != "unparsed" for line in unaccounted(change, found))


BOMBS = {
    "braces": "{" * 50_000,
    "parentheses": "int f(void)\n{\n" + "(" * 50_000 + "\n}\n",
    "conditionals": "#if X\n" * 20_000,
    "arms": "#if X\n#else\n" * 10_000,
    "macro calls": "FOO(x)\n" * 20_000,
    "types as arguments": "void f(void)\n{\n\tg(" + "struct x," * 20_000 + ");\n}\n",
    "loops": "void f(void)\n{\n" + "\tfor_each_x(a)\n" * 20_000 + "}\n",
    "open comments": "/*" * 50_000,
    "a long function": "void f(void)\n{\n" + "\tx = g(a, b);\n" * 20_000 + "}\n",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_hostile_text_takes_bounded_time(text):
    """Generous: the quadratic versions of these took minutes."""
    started = time.process_time()
    outline(text, "a.c")
    assert time.process_time() - started < 20


# Changes

BASE = """\
#include <linux/mm.h>

/* Adds one. */
static int one(int a)
{
\treturn a + 1;
}

static int two(int a, int b)
{
\tint c = a * b;

\tif (c > 2)
\t\tc = one(c);
\treturn c;
}

#ifdef CONFIG_THREE
int three(int a)
{
\tint total = 0;

\twhile (a--)
\t\ttotal += one(a);
\ttotal += two(a, total);
\treturn total;
}
#endif
EXPORT_SYMBOL(three);

struct four {
\tint a;
};

int four_of(struct four *f);
"""

CASES = {
    "modified": (("return a + 1", "return a + 2"), {"one": ("modified",)}),
    "comment above": (("Adds one.", "Adds 1."), {"one": ("comment-only",)}),
    "comment inside": (("\tint total = 0;\n", "\tint total = 0; /* so far */\n"),
                       {"three": ("comment-only",)}),
    "white space": (("a * b;", "a  *  b;"), {"two": ("white-space",)}),
    "line broken": (("int two(int a, int b)", "int two(int a,\n\t       int b)"), {"two": ("white-space",)}),
    "parameter type": (("int two(int a, int b)", "int two(long a, int b)"), {"two": ("signature",)}),
    "storage class": (("static int two", "int two"), {"two": ("signature",)}),
    "signature and body": (("int two(int a, int b)\n{\n\tint c = a * b", "int two(int a)\n{\n\tint c = a"),
                           {"two": ("signature", "modified")}),
    "struct": (("\tint a;\n};", "\tint a;\n\tint b;\n};"), {"four": ("modified",)}),
    "prototype": (("int four_of(struct four *f)", "int four_of(struct four *f, int n)"),
                  {"four_of": ("signature",)}),
    "include": (("#include <linux/mm.h>\n", "#include <linux/mm.h>\n#include <linux/fs.h>\n"),
                {"#include <linux/fs.h>": ("added",)}),
    "export": (("EXPORT_SYMBOL(three);\n", ""), {"EXPORT_SYMBOL(three)": ("removed",)}),
    "condition": (("#ifdef CONFIG_THREE", "#ifdef CONFIG_TRIPLE"),
                  {"#ifdef CONFIG_THREE": ("removed",), "#ifdef CONFIG_TRIPLE": ("added",),
                   "three": ("unchanged",)}),
    "macro added": (("\n/* Adds", "\n#define STEP 1\n\n/* Adds"), {"STEP": ("added",)}),
    "renamed": (("int three(int a)", "int triple(int a)"), {"triple": ("renamed",)}),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "expected"), CASES.values(), ids=CASES.keys())
def test_kinds(edit, expected):
    assert edit[0] in BASE
    assert kinds_of(BASE, BASE.replace(edit[0], edit[1], 1)) == expected


@pytest.mark.parametrize(
    "case", ["modified", "comment above", "white space", "parameter type", "struct", "include"]
)
def test_kinds_from_hunks_alone(case):
    edit, expected = CASES[case]
    assert kinds_of(BASE, BASE.replace(edit[0], edit[1], 1), whole=False) == expected


def cut_out(text: str, first: str, last: str) -> tuple[str, str]:
    start = text.index(first)
    end = text.index(last, start) + len(last)
    return text[start:end], text[:start] + text[end:]


def test_moved():
    function, rest = cut_out(BASE, "static int two", "return c;\n}\n\n")
    post = rest + "\n" + function
    assert kinds_of(BASE, post) == {"two": ("moved",)}
    assert kinds_of(BASE, post.replace("c > 2", "c > 3")) == {"two": ("moved", "modified")}


def test_moved_out_of_a_condition():
    """As 003's get_user_pages_remote: what an #ifdef held is built elsewhere now, and changed on the way."""
    function, rest = cut_out(BASE, "int three", "return total;\n}\n")
    post = rest + "\n" + function.replace("total = 0", "total = 1")
    change = change_of(BASE, post)
    (found,) = [f for f in changed_functions(change) if f.name == "three"]
    assert found.kind == ("moved", "modified")
    assert (found.pre.config, found.post.config) == ("CONFIG_THREE", None)


def test_a_new_function_in_the_hunk_is_not_the_one_in_its_heading():
    """git's heading names the last function that begins in front of the hunk."""
    post = BASE.replace(
        "#ifdef CONFIG_THREE\n", "static int fresh(void)\n{\n\treturn 7;\n}\n\n#ifdef CONFIG_THREE\n"
    )
    found = kinds_of(BASE, post, whole=False, section="static int two(int a, int b)")
    assert found == {"fresh": ("added",)}


def test_the_heading_names_what_the_hunk_only_shows_a_part_of():
    body = "".join(f"\tstep({number});\n" for number in range(40))
    pre = f"int long_one(int a,\n\t     int b)\n{{\n{body}}}\n"
    change = change_of(pre, pre.replace("step(20)", "step(99)"), whole=False, section="int long_one(int a,")
    (found,) = changed_functions(change)
    assert (found.name, found.symbol, found.kind) == ("long_one", "function", ("modified",))
    assert (found.pre.whole, found.pre.clean, found.pre.start) == (False, False, 21)
    assert "step(20)" in found.pre.text


def test_two_hunks_of_one_function_are_one():
    body = "".join(f"\tstep({number});\n" for number in range(60))
    pre = f"int long_one(int a)\n{{\n{body}}}\n"
    post = pre.replace("step(1)", "step(91)").replace("step(50)", "step(95)")
    change = change_of(pre, post, whole=False, section="int long_one(int a)")
    assert len(change.diff.hunks) == 2
    (found,) = changed_functions(change)
    assert found.kind == ("modified",)


def test_renamed_in_hunks_alone():
    """The heading of the second hunk has the old name on both sides."""
    body = "".join(f"\tstep({number});\n" for number in range(60))
    pre = f"int long_one(int a)\n{{\n{body}}}\n"
    post = pre.replace("long_one", "longer_one").replace("step(50)", "step(95)")
    assert kinds_of(pre, post, whole=False, section="int long_one(int a)") == {
        "longer_one": ("renamed", "modified")
    }


def test_a_hunk_that_begins_inside_a_macro():
    pre = (
        "#define FLAGS \\\n"
        + "".join(f"\t FLAG_{n} | \\\n" for n in range(12))
        + "\t LAST\n#define OTHER 1\n"
    )
    post = pre.replace("FLAG_8", "FLAG_88")
    (found,) = changed_functions(change_of(pre, post, whole=False))
    assert (found.symbol, found.kind) == ("macro", ("modified",))


def test_twins_under_a_condition_are_told_apart():
    pre = "#ifdef A\nint f(void)\n{\n\treturn 1;\n}\n#else\nint f(void)\n{\n\treturn 0;\n}\n#endif\n"
    (found,) = changed_functions(change_of(pre, pre.replace("return 0", "return -1")))
    assert (found.pre.config, found.post.config, found.kind) == ("!A", "!A", ("modified",))


SECTIONS = {
    "long populate_pages(struct vma *vma,": ("populate_pages", "function"),
    "static const struct ops file_ops = {": ("file_ops", "variable"),
    "struct thing {": ("thing", "struct"),
    "enum state {": ("state", "enum"),
    "SYSCALL_DEFINE3(thing, int, flags,": ("sys_thing", "function"),
    "#define FLAGS \\": ("FLAGS", "macro"),
    "out_unlock:": ("(unknown)", "other"),
    "": ("(unknown)", "other"),
    "static inline struct thing *make(int a)": ("make", "function"),
}


@pytest.mark.parametrize(("heading", "expected"), SECTIONS.items())
def test_section_headings(heading, expected):
    assert read_section(heading) == expected


def test_moves_across_files():
    function, rest = cut_out(BASE, "int three", "return total;\n}\n")
    gone = changed_functions(change_of(BASE, rest, path="mm/a.c"))
    new = changed_functions(
        change_of("int x;\n", "int x;\n\n" + function.replace("int three", "long three"), path="mm/b.c")
    )
    linked = {(f.name, f.path): f for f in link_moves((*gone, *new))}
    moved = linked["three", "mm/b.c"]
    assert moved.kind == ("moved", "modified")
    assert (moved.pre.path, moved.post.path) == ("mm/a.c", "mm/b.c")
    assert ("three", "mm/a.c") not in linked


@pytest.mark.parametrize(
    ("path", "kind"),
    [("Documentation/mm/a.rst", "not-c"), ("mm/Makefile", "not-c"), ("mm/Kconfig", "not-c"),
     ("arch/x86/a.S", "not-c"),
     ("tools/run.sh", "not-c")],
)  # fmt: skip
def test_other_files_say_why_they_have_no_functions(path, kind):
    change = change_of("a\n", "b\n", path=path)
    assert changed_functions(change) == ()
    assert why_none(change).kind == kind
    assert path in why_none(change).detail


def test_an_offset_of_the_hunks_is_found_again():
    """The patch was made for another tree: its numbers are 40 lines off, the images are whole."""
    change = change_of(BASE, BASE.replace("return a + 1", "return a + 2"))
    above = "".join(f"int v{number};\n" for number in range(40))
    sides = [
        Image(fragments=(Fragment(start=1, text=above + image.fragments[0].text),), whole=True)
        for image in (change.pre, change.post)
    ]
    shifted = FileChange(
        path=change.path,
        diff=change.diff,
        pre=sides[0],
        post=sides[1],
        verified=None,
        source="",
        failure=None,
    )
    found = changed_functions(shifted)
    assert [(f.name, f.kind, f.pre.start) for f in found] == [("one", ("modified",), 44)]
    assert unaccounted(shifted, found) == ()


# Real code

needs_ctags = pytest.mark.skipif(
    shutil.which("ctags") is None, reason="no ctags (Debian package universal-ctags)"
)


@needs_ctags
@pytest.mark.slow
def test_against_ctags(kernel):
    """At least 99.5% of the functions that ctags lists in mm/ and fs/userfaultfd.c: same lines, and clean."""
    files = [*(f"mm/{path.name}" for path in (kernel / "mm").glob("*.c")), "fs/userfaultfd.c"]
    command = [
        "ctags",
        "--languages=C",
        "--kinds-C=f",
        "--fields=+ne",
        "--output-format=json",
        "-f",
        "-",
        *files,
    ]
    tags = subprocess.run(command, cwd=kernel, capture_output=True, text=True, check=True).stdout
    listed: dict[str, set[int]] = {}
    for tag in map(json.loads, tags.splitlines()):
        if tag["_type"] == "tag":
            listed.setdefault(tag["path"], set()).add((tag["line"], tag["end"], tag["name"]))
    total = clean = 0
    for path, functions in listed.items():
        text = (kernel / path).read_text(encoding="utf-8", errors="surrogateescape")
        lines = text.split("\n")
        ours = {d.end: d for d in outline(text, path) if d.symbol == "function" and d.clean}
        for line, end, name in functions:
            total += 1
            found = ours.get(end)
            if found is not None and found.start <= line <= found.end:
                word = name if "DEFINE" in name else found.name
                clean += word in lines[line - 1]
    assert clean / total >= 0.995


def patches(shared):
    from lorelens.fetch.mail.message import parse_message

    for mbox in sorted((shared / "threads").glob("*/*.mbox")):
        for raw in mbox.read_bytes().split(b"\nFrom mboxrd@z "):
            body = parse_message(raw).body
            at = body.find("\ndiff --git ")
            if at >= 0:
                yield mbox.name, body[at + 1 :]


@pytest.mark.slow
def test_every_patch_of_the_threads_yields_its_functions_or_says_why(shared):
    total = 0
    for name, text in patches(shared):
        diffs, _ = parse_diff(text)
        for change in images(diffs, NoTree()):
            found = changed_functions(change)
            total += len(found)
            assert found or why_none(change) or not change.diff.hunks, (name, change.path)
            lost = [line for line in unaccounted(change, found) if line.reason == "unparsed"]
            assert lost == [], (name, change.path)
    assert total > 1_000


def test_a_macro_behind_the_end_of_one_that_is_not_shown():
    """Hunks of a header often begin in the last line of a macro; the macro that is added there has a name."""
    before = "\t\t\t     struct pool_grow)\n"
    before += "#define POOL_SHRINK\t_IOW('p', 2, \\\n\t\t\t     struct pool_shrink)\n\n"
    added = "#define POOL_COUNT\t_IOR('p', 3, \\\n\t\t\t     struct pool_count)\n"
    after = "/* what is read */\nstruct pool_event {\n"
    head = "diff --git a/pool.h b/pool.h\n--- a/pool.h\n+++ b/pool.h\n@@ -80,6 +80,8 @@\n"
    lines = [" " + line for line in before.splitlines()]
    lines += ["+" + line for line in added.splitlines()]
    lines += [" " + line for line in after.splitlines()]
    (diff,) = parse_diff(head + "\n".join(lines) + "\n").files
    (change,) = images([diff], NoTree())
    assert [(found.symbol, found.name, found.kind) for found in changed_functions(change)] == [
        ("macro", "POOL_COUNT", ("added",))
    ]

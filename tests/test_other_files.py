"""What a function calls, or is called by, in other files of the patch (docs/engine.md, I8).

The expected verdicts are what a careful reader of all the patch's files says.
"""

# ruff: noqa: E501 -- a line of a table is a C function

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from lorelens.cli import main

sys.path.insert(0, str(Path(__file__).parent))

from test_headers import diff_of, judged

P, C, U = "preserved", "changed", "undecided"
NOT_P = "changed or undecided"
"""What cannot be followed is told, or left open; it is never the same."""
HEADER = "struct page { int n; int kind; };\nvoid free_it(struct page *p);\nint look_at(struct page *p);\n"
INCLUDE = "#include <linux/h.h>\n"
TREE = {"include/linux/h.h": HEADER, "mm/a.c": INCLUDE, "mm/b.c": INCLUDE, "mm/c.c": INCLUDE}

OPEN_CODED = "int f(struct page *p)\n{\n\tp->n--;\n\tif (p->n == 0)\n\t\tfree_it(p);\n\treturn p->kind;\n}\n"
SHORT = "int f(struct page *p)\n{\n\tdrop(p);\n\treturn p->kind;\n}\n"
DROP = "void drop(struct page *p)\n{\n\tp->n--;\n\tif (!p->n)\n\t\tfree_it(p);\n}\n"
PROTOTYPE = "void drop(struct page *p);\n"


def verdict(folder, before, after, name="f", more=None):
    """Compare a function of one patch; each version is what stands behind the files of TREE, and those of
    `more`, which are the same in both."""
    tree = TREE | (more or {})
    one, other = (
        {path: tree.get(path, "") + side.get(path, "") for path in tree.keys() | side.keys()}
        for side in (before, after)
    )
    return judged(one, diff_of(one, other), folder)[name]


MOVED_OUT = [
    ("the same steps", OPEN_CODED, SHORT, PROTOTYPE, DROP, P),
    ("other steps", OPEN_CODED, SHORT, PROTOTYPE, DROP.replace("!p->n", "p->n"), C),
    ("through a static of that file", OPEN_CODED, SHORT, PROTOTYPE,
     "static int is_last(struct page *p)\n{\n\treturn p->n == 0;\n}\n" + DROP.replace("!p->n", "is_last(p)"), P),
    ("through a macro of that file", OPEN_CODED, SHORT, PROTOTYPE, "#define LAST 0\n" + DROP.replace("!p->n", "p->n == LAST"), P),
    ("whose static has a name that means another thing here",
     "static int is_last(struct page *p)\n{\n\treturn p->kind;\n}\n" + OPEN_CODED,
     "static int is_last(struct page *p)\n{\n\treturn p->kind;\n}\n" + SHORT, PROTOTYPE,
     "static int is_last(struct page *p)\n{\n\treturn p->n == 0;\n}\n" + DROP.replace("!p->n", "is_last(p)"), NOT_P),
    ("whose macro has a name that is said here",
     OPEN_CODED.replace("kind", "kind + LAST"), SHORT.replace("kind", "kind + LAST"), PROTOTYPE,
     "#define LAST 0\n" + DROP.replace("!p->n", "p->n == LAST"), NOT_P),
    ("through an inline function of a header", OPEN_CODED, SHORT.replace("drop", "put"), PROTOTYPE + "static inline void put(struct page *p)\n{\n\tdrop(p);\n}\n", DROP, P),
    ("through a macro of a header", OPEN_CODED, SHORT.replace("drop", "put"), PROTOTYPE + "#define put(p) drop(p)\n", DROP, P),
    ("through an inline function, with other steps", OPEN_CODED, SHORT.replace("drop", "put"), PROTOTYPE + "static inline void put(struct page *p)\n{\n\tdrop(p);\n}\n", DROP.replace("!p->n", "p->n"), C),
    ("that may be replaced", OPEN_CODED, SHORT, PROTOTYPE, DROP + "ALLOW_ERROR_INJECTION(drop, ERRNO);\n", U),
    ("that is weak", OPEN_CODED, SHORT, PROTOTYPE, "__weak " + DROP, U),
    ("that no header declares", OPEN_CODED, SHORT, "", DROP, U),
    ("under one condition", OPEN_CODED, SHORT, f"#ifdef CONFIG_A\n{PROTOTYPE}#endif\n", DROP, U),
    ("with a stub that does less", OPEN_CODED, SHORT,
     f"#ifdef CONFIG_A\n{PROTOTYPE}#else\nstatic inline void drop(struct page *p)\n{{\n}}\n#endif\n", DROP, C),
    ("with a stub that does the same", OPEN_CODED, SHORT,
     f"#ifdef CONFIG_A\n{PROTOTYPE}#else\nstatic inline {DROP}#endif\n", DROP, P),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "header", "other", "expected"),
    [one[1:] for one in MOVED_OUT],
    ids=[one[0] for one in MOVED_OUT],
)
def test_a_function_that_the_patch_adds_in_another_file(before, after, header, other, expected, tmp_path):
    files = {"mm/a.c": after, "mm/b.c": other, "include/linux/h.h": header}
    delta = verdict(tmp_path, {"mm/a.c": before}, files)
    assert delta.verdict in expected, delta
    if expected in (P, C):
        assert "drop() is the one of mm/b.c" in delta.assumptions


DIFFERENT = "#include <linux/g.h>\n"
DEFINED = DROP.replace("!p->n", "p->n == LAST")
DONE = DROP.replace("!p->n", "is_done(p)")
ASKS_DONE, ASKS_LAST = OPEN_CODED.replace("p->n == 0", "is_done(p)"), OPEN_CODED.replace("== 0", "== LAST")
LOCKED = "\tspin_lock(&drop_lock);\n\tp->n--;\n\tspin_unlock(&drop_lock);\n"
BY_WANT = "#ifdef WANT\n#define LAST 0\n#else\n#define LAST 1\n#endif\n"

ANOTHER_MEANING = [
    # what stands in both versions of the file before the function, before, after, the other file, what stands
    # in both versions of the tree
    ("a macro of this file for what is a function of asm/ there", "#define bump(p) ((p)->n++)\n",
     OPEN_CODED.replace("p->n--", "p->n++"), SHORT, DROP.replace("p->n--", "bump(p)"), {}),
    ("a static of this file for what is a function of asm/ there", "static void bump(struct page *p)\n{\n\tp->n++;\n}\n",
     OPEN_CODED.replace("p->n--", "p->n++"), SHORT, DROP.replace("p->n--", "bump(p)"), {}),
    ("a constant of asm/ here, of a header there", "", OPEN_CODED.replace("kind", "kind == LIMIT"), SHORT.replace("kind", "kind == 4"),
     DIFFERENT + DROP, {"include/linux/g.h": "#define LIMIT 4\n"}),
    ("a macro behind its use", "", OPEN_CODED.replace("== 0", "== 3"), SHORT, DIFFERENT + DEFINED + "#define LAST 3\n",
     {"include/linux/g.h": "enum { LAST };\n"}),
    ("a macro gives it another name", "", OPEN_CODED, SHORT, "#define drop real_drop\n" + DROP, {}),
    ("a header's macro gives it another name", "", OPEN_CODED, SHORT, DIFFERENT + DROP, {"include/linux/g.h": "#define drop real_drop\n"}),
    ("a macro makes it static", "", OPEN_CODED, SHORT, DIFFERENT + "STATIC " + DROP, {"include/linux/g.h": "#define STATIC static\n"}),
    ("its prototype makes it static", "", OPEN_CODED, SHORT, "static " + PROTOTYPE + DROP, {}),
    ("its prototype makes it weak", "void drop(struct page *p) __weak;\n", OPEN_CODED, SHORT, DROP, {}),
    ("a macro makes it weak", "", OPEN_CODED, SHORT, "#define MAYBE __weak\nMAYBE " + DROP, {}),
    ("one constant under conditions that are swapped", "#include <linux/x.h>\n", ASKS_LAST, SHORT, DIFFERENT + DEFINED,
     {"include/linux/x.h": "#ifdef CONFIG_A\n#define LAST 0\n#else\n#define LAST 1\n#endif\n",
      "include/linux/g.h": "#ifdef CONFIG_A\n#define LAST 1\n#else\n#define LAST 0\n#endif\n"}),
    ("a shared macro that leads to one of each file", "#define BASE 0\n", ASKS_LAST, SHORT, "#define BASE 1\n" + DEFINED,
     {"include/linux/h.h": HEADER + "#define LAST BASE\n"}),
    ("a shared macro that leads to one of the other file", "", ASKS_LAST, SHORT, "#define BASE 1\n" + DEFINED,
     {"include/linux/h.h": HEADER + "#define LAST BASE\n"}),
    ("a shared macro that leads to one of each file, with parameters", "#define is_last(p) (!(p)->n)\n", ASKS_DONE, SHORT,
     "#define is_last(p) ((p)->kind)\n" + DONE, {"include/linux/h.h": HEADER + "#define is_done(p) is_last(p)\n"}),
    ("a macro that this file undefines", "#undef is_done\n", ASKS_DONE, SHORT, DONE,
     {"include/linux/h.h": HEADER + "int is_done(struct page *p);\n#define is_done(p) (!(p)->n)\n"}),
    ("a macro that a header of the other undefines", "", ASKS_DONE, SHORT, DIFFERENT + DONE,
     {"include/linux/h.h": HEADER + "int is_done(struct page *p);\n#define is_done(p) (!(p)->n)\n", "include/linux/g.h": "#undef is_done\n"}),
    ("a header asked for something else", "", ASKS_LAST, SHORT, DEFINED,
     {"include/linux/h.h": HEADER + BY_WANT, "mm/b.c": "#define WANT\n" + INCLUDE}),
    ("a static under a condition that each file settles", "", OPEN_CODED.replace("\tp->n--;", "#ifdef WANT\n\tp->n--;\n#else\n\tp->n++;\n#endif"),
     SHORT, "#define WANT\n#ifdef WANT\nstatic void step(struct page *p)\n{\n\tp->n--;\n}\n#else\nstatic void step(struct page *p)\n{\n\tp->n++;\n}\n#endif\n"
     + DROP.replace("p->n--", "step(p)"), {}),
    ("a variable that a macro makes in each file", "static LIST_HEAD(drop_lock);\n", f"int f(struct page *p)\n{{\n{LOCKED}\treturn p->kind;\n}}\n", SHORT,
     f"static LIST_HEAD(drop_lock);\nvoid drop(struct page *p)\n{{\n{LOCKED}}}\n", {}),
    ("a variable that an unknown macro makes in each file", "DEFINE_LOCK(drop_lock)\n", f"int f(struct page *p)\n{{\n{LOCKED}\treturn p->kind;\n}}\n", SHORT,
     f"DEFINE_LOCK(drop_lock)\nvoid drop(struct page *p)\n{{\n{LOCKED}}}\n", {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("both", "before", "after", "other", "more"),
    [one[1:] for one in ANOTHER_MEANING],
    ids=[one[0] for one in ANOTHER_MEANING],
)
def test_a_name_that_means_something_else_in_the_other_file(both, before, after, other, more, tmp_path):
    more = {"include/linux/h.h": HEADER} | more
    more["include/linux/h.h"] += PROTOTYPE
    files = {"mm/a.c": both + after, "mm/b.c": other}
    assert verdict(tmp_path, {"mm/a.c": both + before}, files, more=more).verdict in NOT_P


UP_AND_DOWN = "int f(struct page *p)\n{\n\tup(p);\n\tdown(p);\n\treturn p->kind;\n}\n"


def test_variables_of_two_other_files_are_two(tmp_path):
    one = "static int count;\nvoid up(struct page *p)\n{\n\tcount++;\n}\n"
    heads = {"include/linux/h.h": HEADER + "void up(struct page *p);\nvoid down(struct page *p);\n"}
    files = {"mm/a.c": UP_AND_DOWN, "mm/b.c": one, "mm/c.c": one.replace("up", "down").replace("++", "--")}
    before = {"mm/a.c": "int f(struct page *p)\n{\n\treturn p->kind;\n}\n"}
    assert verdict(tmp_path, before, files, more=heads).verdict in NOT_P


def test_a_difference_in_front_of_what_another_file_adds(tmp_path):
    before = OPEN_CODED.replace("p->n--", "look_at(p)")
    files = {"mm/a.c": SHORT.replace("\tdrop", "\tfree_it(p);\n\tdrop"), "mm/b.c": "__weak " + DROP}
    files["include/linux/h.h"] = PROTOTYPE
    assert verdict(tmp_path, {"mm/a.c": before}, files).verdict == C


def test_of_two_files_that_define_it_none_is_taken(tmp_path):
    files = {"mm/a.c": SHORT, "mm/b.c": DROP, "mm/c.c": DROP, "include/linux/h.h": PROTOTYPE}
    assert verdict(tmp_path, {"mm/a.c": OPEN_CODED}, files).verdict in NOT_P


TAKE = "int take(struct page *p)\n{\n\tp->n++;\n\treturn look_at(p);\n}\n"
TAKE_MANY = "int take(struct page *p, int n)\n{\n\tp->n += n;\n\treturn look_at(p);\n}\n"
USER = "int f(struct page *p)\n{\n\treturn take(p) + 1;\n}\n"


@pytest.mark.parametrize(("given", "expected"), [("1", P), ("2", C), ("p->kind", C)])
def test_a_callee_that_is_given_another_parameter(given, expected, tmp_path):
    before = {"mm/a.c": USER, "mm/b.c": TAKE, "include/linux/h.h": "int take(struct page *p);\n"}
    after = {
        "mm/a.c": USER.replace("(p) +", f"(p, {given}) +"),
        "mm/b.c": TAKE_MANY,
        "include/linux/h.h": "int take(struct page *p, int n);\n",
    }
    delta = verdict(tmp_path, before, after)
    assert delta.verdict in expected, delta


def test_a_callee_with_another_body_alone_is_told_at_its_own_place(tmp_path):
    prototype = "int take(struct page *p);\n"
    before = {"mm/a.c": USER, "mm/b.c": TAKE, "include/linux/h.h": prototype}
    after = {
        "mm/a.c": USER.replace("+ 1", "- -1"),
        "mm/b.c": TAKE.replace("++", "--"),
        "include/linux/h.h": prototype,
    }
    assert verdict(tmp_path, before, after).verdict == P


CALLEE = "int take(struct page *p)\n{\n\tp->n++;\n\treturn 0;\n}\nEXPORT_SYMBOL(take);\n"
WITH_FLAG = "int take(struct page *p, int more)\n{\n\tp->n++;\n\tif (more)\n\t\tp->kind++;\n\treturn 0;\n}\nEXPORT_SYMBOL(take);\n"
HEADS = ("int take(struct page *p);\n", "int take(struct page *p, int more);\n")
OTHER_HEAD = CALLEE.replace("struct page *p", "const struct page *p").replace("p->n++", "look_at(0)")

CALLERS = [
    # its caller before and after
    ("no caller uses it", USER, USER.replace("take(p)", "take(p, 0)"), P),
    ("a caller uses it", USER, USER.replace("take(p)", "take(p, 1)"), C),
    ("a caller hands on what it has", USER, USER.replace("take(p)", "take(p, p->n == 5)"), C),
    ("its address is taken", USER + "int (*hook)(struct page *p) = take;\n",
     USER.replace("take(p)", "take(p, 0)") + "int (*hook)(struct page *p, int more) = take;\n", NOT_P),
    ("a macro calls it", "#define TAKE(p) take(p)\n" + USER, "#define TAKE(p) take(p, 0)\n" + USER.replace("take(p)", "take(p, 0)"), NOT_P),
    ("through a static of that file", "static int g(struct page *p)\n{\n\treturn take(p);\n}\n" + USER.replace("take", "g"),
     "static int g(struct page *p)\n{\n\treturn take(p, 0);\n}\n" + USER.replace("take", "g"), P),
    ("a caller's parameters change as well", "int g(struct page *p)\n{\n\treturn take(p);\n}\n" + USER.replace("take", "g"),
     "int g(struct page *p, int more)\n{\n\treturn take(p, more);\n}\n" + USER.replace("take(p)", "g(p, 0)"), P),
    ("a caller's parameters change as well, and one uses it", "int g(struct page *p)\n{\n\treturn take(p);\n}\n" + USER.replace("take", "g"),
     "int g(struct page *p, int more)\n{\n\treturn take(p, more);\n}\n" + USER.replace("take(p)", "g(p, 1)"), C),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "expected"), [one[1:] for one in CALLERS], ids=[one[0] for one in CALLERS]
)
def test_a_function_that_is_called_from_other_files_alone(before, after, expected, tmp_path):
    one = {"mm/a.c": before, "mm/b.c": CALLEE, "include/linux/h.h": HEADS[0]}
    other = {"mm/a.c": after, "mm/b.c": WITH_FLAG, "include/linux/h.h": HEADS[1]}
    delta = verdict(tmp_path, one, other, "take")
    assert delta.verdict in expected, delta
    if expected == P:
        assert "nothing outside of the patch's files calls take()" in delta.assumptions


QUICK = "static inline int quick(struct page *p)\n{\n\treturn take(p);\n}\n"

MORE_CALLERS = [
    # another file of the patch before and after, and how it is included
    ("a header that the file includes, without using it", "include/linux/h.h", QUICK, QUICK.replace("(p);", "(p, 0);"), P),
    ("a header that the file includes", "include/linux/h.h", QUICK, QUICK.replace("(p);", "(p, 1);"), C),
    ("a header that the file alone includes", "include/linux/q.h", QUICK, QUICK.replace("(p);", "(p, 1);"), C),
    ("assembly", "mm/x.S", "\tcall take\n", "\tmov $1, %rsi\n\tcall take\n", NOT_P),
    ("text that a C file includes", "mm/x.inc", USER.replace("f(", "g("), USER.replace("f(", "g(").replace("(p) +", "(p, 1) +"), NOT_P),
    ("a macro that pastes its name", "mm/c.c", "#define do_it(x, p) x##ke(p)\nint g(struct page *p)\n{\n\treturn do_it(ta, p);\n}\n",
     "#define do_it(x, p) x##ke(p, 1)\nint g(struct page *p)\n{\n\treturn do_it(ta, p);\n}\n", NOT_P),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "before", "after", "expected"),
    [one[1:] for one in MORE_CALLERS],
    ids=[one[0] for one in MORE_CALLERS],
)
def test_callers_that_are_easily_missed(path, before, after, expected, tmp_path):
    one = {"mm/a.c": USER, "mm/b.c": CALLEE, "include/linux/h.h": HEADS[0]}
    other = {"mm/a.c": USER.replace("(p) +", "(p, 0) +"), "mm/b.c": WITH_FLAG, "include/linux/h.h": HEADS[1]}
    one[path], other[path] = one.get(path, "") + before, other.get(path, "") + after
    more = {"mm/b.c": INCLUDE + "#include <linux/q.h>\n"} if path.endswith("q.h") else {}
    assert verdict(tmp_path, one, other, "take", more).verdict in expected


def test_callers_of_the_other_of_two_functions_of_one_name(tmp_path):
    two = CALLEE.replace("n++", "kind--") + USER.replace("f(", "g(")
    one = {"mm/a.c": USER, "mm/b.c": CALLEE, "mm/c.c": two, "include/linux/h.h": HEADS[0]}
    other = {
        "mm/a.c": USER.replace("(p) +", "(p, 0) +"),
        "mm/b.c": WITH_FLAG,
        "mm/c.c": two.replace("(p) +", "(p, 1) +").replace(
            "struct page *p)\n{\n\tp->", "struct page *p, int more)\n{\n\tp->"
        ),
        "include/linux/h.h": HEADS[1],
    }
    assert "g()" not in str(verdict(tmp_path, one, other, "take").differences)


def test_of_a_function_with_as_many_parameters_other_callers_may_be_left(tmp_path):
    one = {"mm/a.c": USER, "mm/b.c": CALLEE, "include/linux/h.h": HEADS[0]}
    other = {
        "mm/a.c": USER.replace("(p) +", "(p->n) +"),
        "mm/b.c": CALLEE.replace("struct page *p", "long p").replace("p->n++", "((struct page *)p)->n++"),
        "include/linux/h.h": "int take(long p);\n",
    }
    assert verdict(tmp_path, one, other, "take").verdict == U


def test_a_caller_in_a_file_that_is_not_at_hand(tmp_path):
    one = {
        "mm/a.c": USER,
        "mm/b.c": CALLEE,
        "include/linux/h.h": HEADS[0],
        "mm/c.c": USER.replace("f(", "g("),
    }
    other = {
        "mm/a.c": USER.replace("(p) +", "(p, 0) +"),
        "mm/b.c": WITH_FLAG,
        "include/linux/h.h": HEADS[1],
        "mm/c.c": USER.replace("f(", "g(").replace("(p) +", "(p, 0) +"),
    }
    before, after = (
        {path: text + side.get(path, "") for path, text in TREE.items()} for side in (one, other)
    )
    diff = diff_of(before, after)
    del before["mm/c.c"]
    assert judged(before, diff, tmp_path)["take"].verdict in NOT_P


def test_headers_of_another_tree_that_chose_what_is_taken_are_said(tmp_path):
    before = {
        path: text + {"mm/a.c": OPEN_CODED, "include/linux/h.h": PROTOTYPE}.get(path, "")
        for path, text in TREE.items()
    }
    after = before | {"mm/a.c": INCLUDE + SHORT, "mm/b.c": INCLUDE + DROP}
    delta = judged(before, diff_of(before, after, ids=False), tmp_path)["f"]
    assert delta.verdict == P
    assert "drop() is the one of mm/b.c" in delta.assumptions
    assert any("no blob id shows" in one for one in delta.assumptions)


def test_a_report_holds_what_a_verdict_through_two_files_rests_on(tmp_path, capsys):
    wrong = DROP.replace("!p->n", "p->n")
    sides = [
        {path: text + more.get(path, "") for path, text in TREE.items()}
        for more in (
            {"mm/a.c": OPEN_CODED},
            {"mm/a.c": SHORT, "mm/b.c": wrong, "include/linux/h.h": PROTOTYPE},
        )
    ]
    for path, text in sides[0].items():
        (tmp_path / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / path).write_text(text)
    (tmp_path / "mbox").write_text(
        "From git@z Thu Jan  1 00:00:00 1970\nFrom: Ada <ada@example.org>\nMessage-ID: <1@example.org>\n"
        "Date: Mon, 2 Mar 2026 10:00:00 +0000\nSubject: [PATCH] mm: add drop()\n\nNo functional change.\n\n"
        f"Signed-off-by: Ada <ada@example.org>\n---\n{diff_of(*sides)}--\n2.40.0\n\n"
    )
    out = tmp_path / "out"
    command = [
        "review",
        str(tmp_path / "mbox"),
        "--tree",
        str(tmp_path / "tree"),
        "--no-cache",
        "--jobs",
        "1",
    ]
    assert main([*command, "--format", "json", "-o", str(out)]) == 0
    document = json.loads((out / "review.json").read_text())
    (told,) = [one for one in document["patches"][0]["functions"] if one["name"] == "f"]
    assert told["verdict"] == C
    assert told["headers"]["beside"]["assumed"] == ["drop() is the one of mm/b.c"]
    assert "f" in [one["function"] for one in document["findings"]]
    shutil.rmtree(tmp_path / "tree")
    capsys.readouterr()
    assert main(["check", str(out)]) == 0
    assert all(line.startswith("reproduced") for line in capsys.readouterr().out.splitlines())

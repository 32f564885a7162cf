"""Functions that a patch renames (docs/engine.md, I7): for what calls them they have one name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from test_headers import diff_of, judged

OWNER = "int drop_page(struct page *p)\n{\n\treturn p->n--;\n}\n"
USER = "int drop_page(struct page *p);\n"
USER += 'int f(struct page *p)\n{\n\tname("drop_page");\n\treturn drop_page(p) + 1;\n}\n'


def compared(folder, owner, user, user_before=USER, owner_before=OWNER):
    """Compare f() of one patch over two files."""
    before = {"mm/owner.c": owner_before, "mm/user.c": user_before}
    return judged(before, diff_of(before, {"mm/owner.c": owner, "mm/user.c": user}), folder)["f"]


def new(text):
    return text.replace("drop_page", "put_one_page")


NEW_USER = new(USER).replace('"put_one_page"', '"drop_page"')


TWINS = f"#ifdef CONFIG_PAGES\n{OWNER}#else\nint drop_page(struct page *p)\n{{\n\treturn 0;\n}}\n#endif\n"


@pytest.mark.parametrize(
    ("owner", "expected"),
    [(new(TWINS), "preserved"), (new(TWINS).replace("return 0", "return 1"), "changed")],
    ids=["both", "one of them changes"],
)
def test_a_function_that_is_defined_under_two_conditions(owner, expected, tmp_path):
    before = {"mm/owner.c": TWINS, "mm/user.c": USER}
    delta = judged(before, diff_of(before, {"mm/owner.c": owner, "mm/user.c": NEW_USER}), tmp_path)["f"]
    assert delta.verdict == expected, delta


@pytest.mark.parametrize(
    ("owner", "user", "expected"),
    [
        (new(OWNER), NEW_USER, "preserved"),
        (new(OWNER), new(USER), "changed"),  # the name is a string as well: that is another one
        (new(OWNER).replace("--", "++"), NEW_USER, "changed"),  # its body is followed (I8)
        (new(OWNER) + OWNER, NEW_USER, "undecided"),
    ],
    ids=["renamed alone", "in a string too", "renamed and changed", "the old one is there still"],
)
def test_what_calls_a_renamed_function_is_as_it_was(owner, user, expected, tmp_path):
    delta = compared(tmp_path, owner, user)
    assert delta.verdict == expected, delta
    if expected == "preserved":
        assert "put_one_page() is what drop_page() was" in delta.assumptions[-1]


def user(body, declared=""):
    return f"int drop_page(struct page *p);\n{declared}int f(struct page *p)\n{{\n\t{body}\n}}\n"


@pytest.mark.parametrize(
    "body",
    [
        "return NOW(drop_page);",
        "return ALL_OF(drop_page, p);",
        "return CALL(drop_page);",
        "return static_call(drop_page)(p);",
        "return p->drop_page;",
        "return sizeof(struct drop_page);",
        "struct ops o = { .drop_page = p };\n\treturn use(&o);",
    ],
)
def test_a_name_that_may_stand_for_more_than_the_function_is_not_replaced(body, tmp_path):
    text = user(body, "#define NOW(x) x##_now(p)\n#define CALL(x) use(#x, x)\n")
    assert compared(tmp_path, new(OWNER), new(text), text).verdict == "undecided"


def test_a_macro_that_only_tests_a_call_is_as_it_was(tmp_path):
    text = user("WARN_ON(drop_page(p));\n\treturn 0;")
    assert compared(tmp_path, new(OWNER), new(text), text).verdict == "preserved"


def test_a_static_function_of_another_file_is_another_function(tmp_path):
    owner = f"static {OWNER}int all(struct page *p)\n{{\n\treturn drop_page(p);\n}}\n"
    text = user("return drop_page(p);")
    assert compared(tmp_path, new(owner), new(text), text, owner).verdict == "changed"

"""The normaliser: nothing moves, what matters stays, and kernel C becomes C that parses."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lorelens.analyze.lexical import scan
from lorelens.analyze.normalise import normalise
from lorelens.analyze.outline import cut
from lorelens.analyze.syntax import faults, parse, walk
from lorelens.analyze.tree import parse_piece

C_TEXT = st.lists(
    st.sampled_from(
        ["int ", "f", "(", ")", "{", "}", ";", ",", "\n", "\t", " ", "\n}\n", "\n{\n", "#if X\n",
         "#else\n", "#endif\n",
         "/*",
         "*/", "//", '"', "'", "\\", "\\\n", "#define A ", "for_each_x(", "__user ", "struct ", "*", "=",
         "case 1 ... 2:",
         "SYSCALL_DEFINE2(", "asm_inline ", "goto *", "static ", "DEFINE_X(", "if (x)\n", "else ", "é", "\0",
         "\r\n"]
    ),
    max_size=60,
).map("".join)  # fmt: skip


@given(st.one_of(st.text(), C_TEXT))
def test_nothing_moves(text):
    """Length and newlines stay, whatever the text is: an offset in the tree is an offset in the file."""
    result = normalise(text).text
    assert len(result) == len(text)
    assert [at for at, sign in enumerate(result) if sign == "\n"] == [
        at for at, sign in enumerate(text) if sign == "\n"
    ]
    assert result.isascii()


@given(C_TEXT)
def test_scan_keeps_places(text):
    source = scan(text)
    assert len(source.code) == len(source.mask) == len(text)
    assert source.code.count("\n") == source.mask.count("\n") == text.count("\n")


def tree_of(text):
    source = scan(text)
    (piece,) = [piece for piece in cut(source) if piece.symbol == "function"]
    return parse_piece(source, piece)


# Written for this test: each is what a kernel file may hold and tree-sitter-c alone does not take.
BODIES = {
    "loop macro with a block": "list_for_each_entry(a, &head, link) {\n\t\tuse(a);\n\t}",
    "loop macro without a block": "for_each_thing(a)\n\t\tuse(a);\n\tdone();",
    "loop macro without arguments": "for_each_thing() {\n\t\tuse(a);\n\t}",
    "loop macro of an unknown name": "walk_the_tree(a, b) {\n\t\tuse(a);\n\t}",
    "loop macro at the end of do": "do {\n\t\tuse(a);\n\t} while_each_thing(a);",
    "guard with a block": "scoped_guard(mutex, &lock) {\n\t\tuse(a);\n\t}",
    "guard": "guard(mutex)(&lock);\n\tuse(a);",
    "cleanup": "struct thing *t __free(kfree) = make();",
    "sparse marks": "char __user *p = (__force char __user *)a;",
    "type as an argument": "b = container_of(a, struct thing, link.next[2]);",
    "type as the first argument": "b = min_t(unsigned long, a, c);",
    "type of a pointer as an argument": "b = va_arg(ap, u64 *);",
    "member that is no name": "b = offsetof(struct thing, link.next);",
    "statement as an argument": "scoped_cond_guard(mutex_intr, return -EINTR, &lock) {\n\t\tuse(a);\n\t}",
    "operator as an argument": "CHECK(a, <=, b);",
    "no semicolon": "TRACE_IT(a)\n\tuse(a);",
    "no semicolon, at the end": "use(a);\n\tTRACE_IT(a)",
    "case range": "switch (a) {\n\tcase 1 ... 3:\n\t\tuse(a);\n\t}",
    "computed goto": "goto *table[a];",
    "asm inline": 'asm_inline volatile("nop" ::: "memory");',
    "declaring macro with a value": "DECLARE_BITMAP(map, 64) = { 0 };",
    "static declaring macro": "static DEFINE_RATELIMIT_STATE(rs, 5 * HZ, 10);",
    "typeof an expression": "typeof(a->b) c = a->b;",
    "auto": "__auto_type x = a;\n\tauto y = a;",
    "alignof an expression": "b = __alignof__(a->b[0]);",
    "string made by a macro": 'report("a" __stringify(X) "b");',
    "statement expression": "b = ({ int x = a; x + 1; });",
    "fallthrough": "switch (a) {\n\tcase 1:\n\t\t__attribute__((fallthrough));\n\tdefault:\n\t\tuse(a);\n\t}",
    "conditional in an expression": "if (a\n#ifdef CONFIG_X\n\t    && b\n#endif\n\t    )\n\t\tuse(a);",
    "conditional around an else": "#ifdef CONFIG_X\n\tif (a)\n\t\tuse(a);\n\telse\n#endif\n\t\tuse(b);",
    "conditional heads of one block":
        "#ifdef CONFIG_X\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t\tuse(a);\n\t}",
    "definition in the body": "#define LOCAL(x) \\\n\t((x) + 1)\n\tuse(LOCAL(a));\n#undef LOCAL",
}  # fmt: skip


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_bodies_parse(body):
    text = f"static int f(struct thing *a, int b)\n{{\n\t{body}\n}}\n"
    tree = tree_of(text)
    assert tree.clean, [text[fault.start :][:40] for fault in faults(tree.root)]


HEADERS = {
    "attribute words": "static noinline __init int f(int a)",
    "attribute in capitals": "STATIC void f(int a)",
    "attribute behind the type": "static ssize_t noinline_for_stack f(int a)",
    "unknown attribute": "static __fancy_thing bool f(int a)",
    "attribute with arguments": "static __printf(1, 2) void f(const char *fmt, ...)",
    "locks": "static void f(int a)\n\t__acquires(&x->lock)\n\t__releases(y)",
    "name on a line of its own": "struct thing *\nf(int a)",
    "a type behind two underscores": "static __le32 f(__be16 a)",
    "a parameter's attribute": "static int f(int a __maybe_unused, void __user *b)",
    "system call": "SYSCALL_DEFINE2(thing, int, a, char __user *, b)",
    "system call without arguments": "SYSCALL_DEFINE0(thing)",
    "a macro's function": "DEFINE_HANDLER(thing)",
    "function that returns a function": "static void (*f(int a))(int)",
    "K&R": "int f(a, b)\nint a;\nchar *b;",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_headers_parse(header):
    text = f"{header}\n{{\n\tuse(a);\n}}\n"
    tree = tree_of(text)
    assert tree.clean, tree.text
    assert [node.kind for node in tree.root.named_children] == ["function_definition"]


def test_both_arms_stay_where_the_grammar_takes_them():
    tree = tree_of("void f(void)\n{\n#ifdef CONFIG_X\n\ta();\n#else\n\tb();\n#endif\n}\n")
    kinds = {node.kind for node in walk(tree.root)}
    assert tree.clean
    assert {"preproc_ifdef", "preproc_else"} <= kinds
    assert not [rewrite for rewrite in tree.rewrites if rewrite.rule == "arm"]


def test_a_loop_keeps_its_arguments_and_is_recorded():
    text = "void f(void)\n{\n\tlist_for_each_entry(a, &b->head, link)\n\t\tuse(a);\n}\n"
    tree = tree_of(text)
    (loop,) = [node for node in walk(tree.root) if node.kind == "while_statement"]
    condition = loop.child("condition")
    assert text[condition.start : condition.end] == "(a, &b->head, link)"
    (rewrite,) = tree.rewrites
    assert (rewrite.rule, text[rewrite.start : rewrite.end]) == ("loop", "list_for_each_entry")


# Words that look like attributes, where they are names
NAMES = [
    "const char *const __user *__argv = a;",
    "struct __thing *a = b;",
    "struct __thing __other;",
    "x->notrace = y->noinline;",
    "__u32 a = 3;",
    "int __a = 3, *__b = &__a;",
    "return __f(a);",
    "x = (__le32)y;",
    "if (a)\n\t\t__f(b);",
    "__f(a);",
    "sizeof(__x);",
]


@pytest.mark.parametrize("statement", NAMES)
def test_names_are_no_attributes(statement):
    names = set(re.findall(r"\w+", statement)) - {"__user"}
    tree = tree_of(f"int f(void)\n{{\n\t{statement}\n}}\n")
    assert names <= set(re.findall(r"\w+", tree.text)), tree.text


OPERATOR = re.compile(r"->|==|!=|<=|>=|&&|\|\||[-+*/&|^]?=|\breturn\b|\bif\b|\bgoto\b|\w+(?=\()")
RESPELLED = {"loop", "arm", "case-range", "typeof", "offsetof", "spelling", "declaring-macro"}


@pytest.mark.slow
def test_what_matters_survives_in_real_code(kernel):
    """In mm/ what is called, assigned, compared and returned is still there; what went is __attributes."""
    compared = 0
    for path in sorted((kernel / "mm").glob("*.c")):
        source = scan(path.read_text(encoding="utf-8", errors="surrogateescape"))
        for piece in cut(source):
            tree = parse_piece(source, piece) if piece.symbol == "function" else None
            if tree is None or piece.body < 0:
                continue
            body = piece.body - piece.start
            before, after = source.code[piece.body : piece.end], tree.text[body:]
            in_body = [rewrite for rewrite in tree.rewrites if rewrite.start > body]
            gone = [before[r.start - body : r.end - body] for r in in_body if r.rule == "attribute"]
            if not RESPELLED & {rewrite.rule for rewrite in in_body}:
                for was in gone:
                    before = before.replace(was, " " * len(was), 1)
                assert Counter(OPERATOR.findall(before)) == Counter(OPERATOR.findall(after)), piece.name
                compared += 1
            if not any(rewrite.rule == "arm" for rewrite in in_body):
                assert all(was.lstrip().startswith("__") for was in gone), (path.name, piece.name, gone)
    assert compared > 4_000


def test_parse_counts_characters_not_bytes():
    text = 'int é = 1; char *s = "ü"; int last;'
    root = parse(text)
    assert root.end == len(text)
    last = [node for node in walk(root) if node.kind == "identifier"][-1]
    assert text[last.start : last.end] == "last"

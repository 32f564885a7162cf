"""Headers around a compared function: found in a tree without a preprocessor, each version with its own.

The expected verdicts are what a careful reader of C says of the two versions with their headers.
"""

# ruff: noqa: E501, ISC004 -- a line of the table is a C function

from __future__ import annotations

from dataclasses import replace
from difflib import unified_diff

import pytest
from lorelens.analyze.around import TreeHeaders, around_files, reached
from lorelens.analyze.behaviour import Effort, judge_functions
from lorelens.analyze.diff import parse_diff
from lorelens.analyze.engine.compare import compare
from lorelens.analyze.engine.delta import Delta
from lorelens.analyze.engine.environment import Environment
from lorelens.analyze.functions import changed_functions, outline
from lorelens.analyze.images import images
from lorelens.analyze.includes import LONGEST, MOST_HEADERS, Place, find_headers, find_surrounding, resolve
from lorelens.fetch.tree.source_tree import PatchedTree, PlainTree, blob_id

P, C, U = "preserved", "changed", "undecided"
INCLUDE = "#include <linux/h.h>\n"


def verdict(before: str, after: str, header_before: str, header_after: str | None = None):
    """Compare f() of two files that include linux/h.h, which may differ between the versions."""
    header_after = header_before if header_after is None else header_after
    sides = []
    for text, header in ((before, header_before), (after, header_after)):
        files = {"include/linux/h.h": header, "mm/x.c": INCLUDE + text}
        sides.append((INCLUDE + text, files.get))
    places = [Place(path="mm/x.c", text=text, read=read) for text, read in sides]
    files = tuple(Environment.from_text("mm/x.c", text) for text, _ in sides)
    around = reached(find_surrounding(*places).indexes, files, ("f", "f"), "")
    definitions = [next(one for one in outline(text, "mm/x.c") if one.name == "f") for text, _ in sides]
    environments = [
        Environment.from_text("mm/x.c", text, headers)
        for (text, _), headers in zip(sides, (around.pre, around.post), strict=True)
    ]
    return compare(*definitions, *environments)


INLINES = """
struct s { int n; };
int take(struct s *p); int give(struct s *p);
static inline int low(struct s *p) { return take(p); }
static inline int both(struct s *p) { if (p->n) return give(p); return low(p); }
static inline int three(struct s *p) { return low(p); }
static inline int deep(struct s *p) { return three(p); }
static inline int five(struct s *p) { return deep(p); }
static inline int six(struct s *p) { return five(p); }
#ifdef CONFIG_A
static inline int part(struct s *p) { return take(p); }
#endif
"""

CHECKED_COPY = """
#define object_size(p) __builtin_object_size(p, 0)
unsigned long raw_copy(void *to, const void *from, unsigned long n);
static inline unsigned long copy_from_user(void *to, const void *from, unsigned long n)
{
	int size = object_size(to);

	if (size >= 0 && size < n)
		return n;
	return raw_copy(to, from, n);
}
"""

WARNED = "int other(int x); int f(int n) { if (WARN_ON(n & 4)) return -22; return other(n); }"
ADJUSTED = "int other(int x); int f(int n) { return other(adjust(n)); }"

SAME = [
    # name, before, after, header, verdicts that are right
    ("a constant has its value", "int f(int x) { return x == LIMIT; }", "int f(int x) { return x == 4; }",
     "#define LIMIT 4\n", {P}),
    ("a constant over others", "int f(void) { return ALL; }", "int f(void) { return 7; }",
     "#define ONE 0x1\n#define TWO (ONE << 1)\n#define ALL (ONE | TWO | 4)\n", {P}),
    ("an enumerator", "int f(int x) { return x == SECOND; }", "int f(int x) { return x == 6; }",
     "enum kind { FIRST = 5, SECOND };\n", {P}),
    ("an enumerator that is no int", "int f(unsigned long x) { return (x & TOP) != 0; }", "int f(unsigned long x) { return (x & 0x80000000UL) != 0; }",
     "enum { LOW = 1, TOP = 1UL << 31 };\n", {P}),
    ("an enumerator of 64 bits", "int f(unsigned long x) { return (x & TOP) != 0; }", "int f(unsigned long x) { return (x & 0x10000000000UL) != 0; }",
     "enum { LOW = 1, TOP = 1UL << 40 };\n", {P}),
    ("an enumerator behind #ifdef is not known", "int f(int x) { return x == LAST; }", "int f(int x) { return x == 1; }",
     "enum kind { FIRST,\n#ifdef CONFIG_A\n MIDDLE,\n#endif\n LAST };\n", {C, U}),
    ("an enumerator behind a macro is not known", "int f(int x) { return x == LAST; }", "int f(int x) { return x == 2; }",
     "#define ZONES(x) x##_A, x##_B\nenum kind { FIRST, ZONES(K)\n LAST };\n", {C, U}),
    ("two definitions under #ifdef and #else", "int f(int x) { return x == LIMIT; }", "int f(int x) { return x == 4; }",
     "#ifdef CONFIG_A\n#define LIMIT 4\n#else\n#define LIMIT 5\n#endif\n", {C, U}),
    ("under one condition only", "int f(int x) { return x == LIMIT; }", "int f(int x) { return x == 4; }",
     "#ifndef LIMIT\n#define LIMIT 4\n#endif\n", {C, U}),
    ("a constant with a cast, under a condition", "int f(u64 x) { if (x & MODE) return g(x); return 0; }",
     "int f(u64 x) { if (!(x & MODE)) return 0; return g(x); }", "#ifdef CONFIG_A\n#define MODE ((__u64)1<<0)\n#endif\nint g(u64 x);\n", {P}),
    ("an ioctl's number, under a condition", "int f(unsigned int x) { switch (x) { case DO_IT: return 1; } return 0; }",
     "int f(unsigned int x) { return x == DO_IT; }",
     "#ifdef CONFIG_A\nstruct arg { int a; };\n#define DO_IT _IOWR('g', 1, struct arg)\n#endif\n", {P, C, U}),
    ("#undef and again", "int f(int x) { return x == LIMIT; }", "int f(int x) { return x == 4; }",
     "#define LIMIT 4\n#undef LIMIT\n#define LIMIT 5\n", {C, U}),
    ("#undef in the file", "#undef LIMIT\nint f(int x) { return x == LIMIT; }",
     "#undef LIMIT\nint f(int x) { return x == 4; }", "#define LIMIT 4\n", {C, U}),
    ("an enumerator, or a macro", "int f(int x) { return x == LIMIT; }", "int f(int x) { return x == 4; }",
     "#ifdef CONFIG_A\nenum { LIMIT = 4 };\n#else\n#define LIMIT 5\n#endif\n", {C, U}),
    ("three enumerators of one name", "int f(int x) { return x == LIMIT; }", "int f(int x) { return x == 4; }",
     "#ifdef CONFIG_A\nenum { LIMIT = 4 };\n#elif defined(CONFIG_B)\nenum { LIMIT = 5 };\n#else\nenum { LIMIT = 4 };\n#endif\n", {C, U}),
    ("an alias, or a function", "int f(int x) { int r = x; g(r); return r; }", "int f(int x) { int r = x; g(r); return x; }",
     "#define SET(v) ((v) = 3)\n#ifdef CONFIG_A\nvoid g(int x);\n#else\n#define g SET\n#endif\n", {C, U}),
    ("not for assembly", "int f(int x) { return x == LIMIT; }", "int f(int x) { return x == 4; }",
     "#ifndef __ASSEMBLY__\n#define LIMIT 4\n#else\n#define LIMIT 5\n#endif\n", {P}),
    ("a local hides an enumerator", "int f(int x) { int LIMIT = x; return LIMIT; }", "int f(int x) { return 4; }",
     "enum { LIMIT = 4 };\n", {C}),
    ("an enumerator of the file comes first", "enum { LIMIT = 5 };\nint f(int x) { return x == LIMIT; }",
     "enum { LIMIT = 5 };\nint f(int x) { return x == 5; }", "#define OTHER 4\n", {P}),
    ("a macro that is a function too", "int f(int x) { return g(x); }", "int f(int x) { return x + 1; }",
     "static inline int g(int x) { return x + 1; }\n#define g(x) (x + 2)\n", {C, U}),
    ("a macro of a header, a function of the file",
     "int g(int x) { return x + 1; }\nint f(int x) { return g(x); }",
     "int g(int x) { return x + 1; }\nint f(int x) { return x + 1; }", "#define g(x) ((x) + 2)\n", {C, U}),
    ("a static inline of one side", "int f(struct s *p) { return p->n & 4; }", "int f(struct s *p) { return is_set(p); }",
     "struct s { int n; };\nstatic inline int is_set(struct s *p) { return p->n & 4; }\n", {P}),
    ("static inlines that both call, each written out once", "int f(struct s *p) { take(p); return low(p); }", "int f(struct s *p) { low(p); return take(p); }",
     INLINES, {P}),
    ("static inlines that both call, another body", "int f(struct s *p) { give(p); return low(p); }", "int f(struct s *p) { low(p); return give(p); }",
     INLINES, {C}),
    ("a static inline with branches that both call", "int f(struct s *p) { both(p); if (p->n) return give(p); return low(p); }",
     "int f(struct s *p) { if (p->n) give(p); else take(p); return both(p); }", INLINES, {P}),
    ("a static inline that is called once less", "int f(struct s *p) { low(p); return low(p); }", "int f(struct s *p) { low(p); return take(p); }",
     INLINES, {P}),
    ("a static inline that is called once less, another body", "int f(struct s *p) { low(p); return low(p); }", "int f(struct s *p) { low(p); return give(p); }",
     INLINES, {C}),
    ("a static inline over others", "int f(struct s *p) { return deep(p) + take(p); }", "int f(struct s *p) { int x = take(p); return x + deep(p); }",
     INLINES, {P, U}),
    ("a static inline deeper than is read", "int f(struct s *p) { return take(p); }", "int f(struct s *p) { return six(p); }",
     INLINES, {P, U}),
    ("a static inline whose configurations are not all at hand", "int f(struct s *p) { take(p); return part(p); }", "int f(struct s *p) { part(p); return take(p); }",
     INLINES, {U}),
    ("a static inline of one side, another bit", "int f(struct s *p) { return p->n & 4; }",
     "int f(struct s *p) { return is_set(p); }",
     "struct s { int n; };\nstatic inline int is_set(struct s *p) { return p->n & 8; }\n", {C}),
    ("twins of a static inline", "int f(struct s *p) { return p->n & 4; }", "int f(struct s *p) { return is_set(p); }",
     "struct s { int n; };\n#ifdef CONFIG_A\nstatic inline int is_set(struct s *p) { return p->n & 4; }\n#else\n"
     "static inline int is_set(struct s *p) { return 0; }\n#endif\n", {C}),
    ("a stub beside a prototype", "int f(struct s *p) { return 0; }", "int f(struct s *p) { return is_set(p); }",
     "struct s { int n; };\n#ifdef CONFIG_A\nint is_set(struct s *p);\n#else\n"
     "static inline int is_set(struct s *p) { return 0; }\n#endif\n", {C, U}),
    ("a field's width", "long f(struct s *o, long v) { o->nr = v; return o->nr; }",
     "long f(struct s *o, long v) { o->nr = v; return v; }", "struct s { long nr; };\n", {P}),
    ("a narrow field", "long f(struct s *o, long v) { o->nr = v; return o->nr; }",
     "long f(struct s *o, long v) { o->nr = v; return v; }", "struct s { short nr; };\n", {C}),
    ("a field of two types", "long f(struct s *o, long v) { o->nr = v; return o->nr; }",
     "long f(struct s *o, long v) { o->nr = v; return v; }",
     "struct s {\n#ifdef CONFIG_A\n short nr;\n#else\n long nr;\n#endif\n};\n", {C, U}),
    ("members of a union", "int f(union u *u) { u->word = 0; u->half = 1; return u->word; }",
     "int f(union u *u) { u->half = 1; u->word = 0; return u->word; }",
     "union u { int word; short half; };\n", {C, U}),
    ("a prototype's width", "int f(int x) { return (unsigned char)g() == x; }", "int f(int x) { return g() == x; }",
     "unsigned char g(void);\n", {P}),
    ("a prototype's wider answer", "int f(int x) { return (unsigned char)g() == x; }", "int f(int x) { return g() == x; }",
     "int g(void);\n", {C}),
    ("a macro that assigns", "int f(int x) { int r = x; SET(r); return r; }", "int f(int x) { int r = x; SET(r); return x; }",
     "#define SET(v) ((v) = 3)\n", {C}),
    ("a statement macro that assigns is no function", "int f(int x) { set(x); return x; }", "int f(int x) { int y = x; set(x); return y; }",
     "#define set(v) do { act(v); (v) = 0; } while (0)\n", {C, U}),
    ("a statement macro that leaves is no function", "int f(int x) { set(x); return x; }", "int f(int x) { int y = x; set(x); return y; }",
     "#define set(v) do { if (v) return 5; fill(&v); } while (0)\n", {C, U}),
    ("a macro that assigns, under #undef", "int f(int x) { set(x); return x; }", "int f(int x) { int y = x; set(x); return y; }",
     "#define set(v) (v = 0)\n#undef set\n#define set(v) (v = 1)\n", {C, U}),
    ("a user copy is an effect, whatever its body comes to", "int f(int n, void *to, void *from) { return -22; }",
     "int f(int n, void *to, void *from) { if (n == 3 && copy_from_user(to, from, 8)) return -14; return -22; }",
     CHECKED_COPY, {C}),
    ("a generic expression neither warns nor calls", WARNED, ADJUSTED, "#ifndef adjust\n#define adjust(x) ((x) + 0)\n#endif\n", {C}),
    ("a generic macro that calls may warn", WARNED, ADJUSTED, "#ifndef adjust\n#define adjust(x) other((x))\n#endif\n", {U}),
    ("a generic macro that assigns may warn", WARNED, ADJUSTED, "#ifndef adjust\n#define adjust(x) ((x)++)\n#endif\n", {U}),
    ("a macro under another condition may warn", WARNED, ADJUSTED, "#ifdef CONFIG_A\n#define adjust(x) (x)\n#endif\n", {U}),
    ("a definition that enters an #if, where both are", "#ifdef CONFIG_A\nint f(struct o *p) { return ext(p); }\n#endif\n",
     "#ifdef CONFIG_A\nstatic int own(struct o *p) { return ext(p); }\n#else\nstatic int own(struct o *p) { return 0; }\n#endif\nint f(struct o *p) { return own(p); }\n",
     "struct o; int ext(struct o *p); int two(struct o *p);\n", {P, U}),
    ("a definition that enters an #if, another meaning there", "#ifdef CONFIG_A\nint f(struct o *p) { return ext(p); }\n#endif\n",
     "#ifdef CONFIG_A\nstatic int own(struct o *p) { return two(p); }\n#else\nstatic int own(struct o *p) { return ext(p); }\n#endif\nint f(struct o *p) { return own(p); }\n",
     "struct o; int ext(struct o *p); int two(struct o *p);\n", {C}),
    ("a body under a condition may do nothing", "int f(int n, void *to, void *from) { return -22; }",
     "int f(int n, void *to, void *from) { if (n == 3) other_copy(to, from, 8); return -22; }",
     "#ifdef CONFIG_A" + CHECKED_COPY.replace("copy_from_user(", "other_copy(") + "#endif\n", {U}),
    ("that of a user copy may not", "int f(int n, void *to, void *from) { return -22; }",
     "int f(int n, void *to, void *from) { if (n == 3) copy_from_user(to, from, 8); return -22; }",
     "#ifdef CONFIG_A" + CHECKED_COPY + "#endif\n", {C}),
    ("the file's own function of that name may be anything",
     "#ifdef CONFIG_A\nstatic int put_user(int n) { return 0; }\n#endif\nint f(int n) { return -22; }",
     "#ifdef CONFIG_A\nstatic int put_user(int n) { return 0; }\n#endif\nint f(int n) { if (n == 3 && put_user(n)) return -14; return -22; }",
     "#define OTHER 4\n", {U}),
    ("a constant torn by its neighbours", "int f(int x) { return x * LIMIT; }", "int f(int x) { return x * 3; }",
     "#define LIMIT 1 + 2\n", {C, U}),
]  # fmt: skip


def test_a_statement_macro_that_only_reads_may_be_taken_for_a_function():
    found = verdict(
        "int f(int x) { show(x); return x; }",
        "int f(int x) { int y = x; show(x); return y; }",
        "#define show(v) ({ int __v = (v) == 3 && (3 & v); act(__v); })\n",
    )
    assert found.verdict == P
    assert any("not a macro" in text for text in found.assumptions)


@pytest.mark.parametrize(
    ("before", "after", "header", "right"), [case[1:] for case in SAME], ids=[case[0] for case in SAME]
)
def test_one_header_for_both_versions(before, after, header, right):
    found = verdict(before, after, header)
    assert found.verdict in right, found
    if right == {P}:
        assert found.assumptions == ()


S32, S64 = "struct s { u32 n; int m; };\n", "struct s { u64 n; int m; };\n"
READS = "u64 f(struct s *p) { return p->n + 1UL; }"
OTHER = [
    # name, before, after, the headers, verdicts that are right
    ("a constant", "int f(int x) { return x == LIMIT; }", "#define LIMIT 4\n", "#define LIMIT 5\n", {C}),
    ("a constant below another", "int f(int x) { return x & MASK; }", "#define A 1\n#define MASK (A | 8)\n",
     "#define A 2\n#define MASK (A | 8)\n", {C}),
    ("a constant that is not used", "int f(int x) { return x == LIMIT; }", "#define LIMIT 4\n#define NEXT 5\n",
     "#define LIMIT 4\n#define NEXT 6\n", {P}),
    ("an enumerator before it", "int f(int x) { return x == B; }", "enum { A, B };\n", "enum { A, A2, B };\n", {C}),
    ("a static inline", "int f(int x) { return g(x); }", "static inline int g(int x) { return x + 1; }\n",
     "static inline int g(int x) { return x + 2; }\n", {C}),
    ("a static inline written anew", "int f(int x) { return g(x); }", "static inline int g(int x) { return x + 2; }\n",
     "static inline int g(int x) { return 2 + x; }\n", {P}),
    ("what a static inline calls", "int f(int x) { return g(x); }",
     "static inline int h(int x) { return x + 1; }\nstatic inline int g(int x) { return h(x); }\n",
     "static inline int h(int x) { return x + 2; }\nstatic inline int g(int x) { return h(x); }\n", {C, U}),
    ("four calls deep", "int f(int x) { return a(x); }",
     "int e(int);\n#define BIT4 16\nstatic inline int d(int x) { return e(x & BIT4); }\n"
     "static inline int c(int x) { return d(x) + e(1); }\n"
     "static inline int b(int x) { return c(x) + e(2); }\nstatic inline int a(int x) { return b(x) + e(3); }\n",
     "int e(int);\n#define BIT4 32\nstatic inline int d(int x) { return e(x & BIT4); }\n"
     "static inline int c(int x) { return d(x) + e(1); }\n"
     "static inline int b(int x) { return c(x) + e(2); }\nstatic inline int a(int x) { return b(x) + e(3); }\n", {C, U}),
    ("through a function of the file",
     "static int g(int x) { return x & MASK; }\nint f(int x) { return g(x) + use(x); }",
     "int use(int);\n#define MASK 8\n", "int use(int);\n#define MASK 16\n", {C, U}),
    ("a field's width", READS, S32, S64, {C, U}),
    ("a field's width through a typedef", READS, "typedef u32 n_t;\nstruct s { n_t n; int m; };\n",
     "typedef u64 n_t;\nstruct s { n_t n; int m; };\n", {C, U}),
    ("a field's width in a callee", "static u64 g(struct s *p) { return p->n + use(p); }\nu64 f(struct s *p) { return g(p); }",
     "int use(struct s *);\n" + S32, "int use(struct s *);\n" + S64, {C, U}),
    ("another field's width", "int f(struct s *p) { return p->m; }", S32, S64, {P}),
    ("a field more", "int f(struct s *p) { return use(p->m); }", "int use(int);\nstruct s { int m; };\n",
     "int use(int);\nstruct s { int m; int more; };\n", {P}),
    ("a field more, and the size", "int f(struct s *p) { return use(sizeof(*p)); }",
     "int use(int);\nstruct s { int m; };\n", "int use(int);\nstruct s { int m; int more; };\n", {C, U}),
    ("a field more inside, and the size", "int f(struct t *p) { return use(sizeof(*p) + p->z); }",
     "int use(int);\nstruct s { int m; };\nstruct t { struct s in; int z; };\n",
     "int use(int);\nstruct s { int m; int more; };\nstruct t { struct s in; int z; };\n", {C, U}),
    ("a size in a callee", "static int g(struct s *p) { return use(sizeof(*p)); }\nint f(struct s *p) { return g(p) + p->m; }",
     "int use(int);\nstruct s { int m; };\n", "int use(int);\nstruct s { int m; int more; };\n", {C, U}),
    ("the answer's width", "long f(void) { return g(); }", "int g(void);\n", "unsigned int g(void);\n", {C, U}),
    ("became a macro", "int f(int x) { return g(x); }", "int g(int);\n", "#define g(x) (0)\n", {C, U}),
    ("what the tables know is changed, too", "int f(int a, int b) { return min(a, b); }",
     "#define min(x, y) ((x) < (y) ? (x) : (y))\n", "#define min(x, y) ((x) < (y) ? (y) : (x))\n", {C, U}),
    ("a copy in a callee", "static void g(struct s *d, struct s *s) { *d = *s; }\nint f(struct s *d, struct s *s) { g(d, s); return d->m; }",
     "struct s { int m; };\n", "struct s { int m; int k; };\n", {P}),
    ("a size in a callee, through a field",
     "static void g(struct t *t) { memset(t->in, 0, sizeof(*t->in)); }\nint f(struct t *t) { g(t); return t->z; }",
     "struct s { int m; };\nstruct t { struct s *in; int z; };\n", "struct s { int m; int k; };\nstruct t { struct s *in; int z; };\n", {C, U}),
    ("a size in a callee, through a macro",
     "#define ZERO(p) memset(p, 0, sizeof(*(p)))\nstatic void g(struct s *t) { ZERO(t); }\nint f(struct s *t) { g(t); return t->m; }",
     "struct s { int m; };\n", "struct s { int m; int k; };\n", {C, U}),
    ("an initialiser by position", "int f(int x) { struct s v = { x }; return v.m; }", "struct s { int m; int k; };\n",
     "struct s { int k; int m; };\n", {C}),
    ("an initialiser by position in a callee",
     "static int g(int x) { struct s v = { x }; return use(v.m); }\nint f(int x) { return g(x); }",
     "int use(int);\nstruct s { int m; int k; };\n", "int use(int);\nstruct s { int k; int m; };\n", {C, U}),
    ("a table by position", "static const struct s t[] = { { 1, 2 } };\nint f(int x) { return use(t, x); }",
     "int use(const struct s *, int);\nstruct s { int m; int k; };\n", "int use(const struct s *, int);\nstruct s { int k; int m; };\n", {C, U}),
    ("an initialiser by name in a callee",
     "static int g(int x) { struct s v = { .m = x }; return use(v.m); }\nint f(int x) { return g(x); }",
     "int use(int);\nstruct s { int m; int k; };\n", "int use(int);\nstruct s { int k; int m; };\n", {P}),
    ("an offset", "int f(void) { return use(offsetof(struct s, m)); }", "int use(int);\nstruct s { int m; };\n",
     "int use(int);\nstruct s { int k; int m; };\n", {C, U}),
    ("an offset in a callee", "static int g(int x) { return use(offsetof(struct s, m) + x); }\nint f(struct s *p) { return g(p->m); }",
     "int use(int);\nstruct s { int m; };\n", "int use(int);\nstruct s { int k; int m; };\n", {C, U}),
    ("an array's size", "int f(struct s *p) { return use(sizeof(p->a)); }", "int use(int);\n#define N 4\nstruct s { int a[N]; };\n",
     "int use(int);\n#define N 5\nstruct s { int a[N]; };\n", {C, U}),
    ("an array's length", "int f(struct s *p) { return ARRAY_SIZE(p->a); }", "#define M 4\n#define N M\nstruct s { int a[N]; };\n",
     "#define M 5\n#define N M\nstruct s { int a[N]; };\n", {C, U}),
    ("a bit-field's width", "int f(struct s *p) { return p->b; }", "#define W 3\nstruct s { unsigned b:W; };\n",
     "#define W 2\nstruct s { unsigned b:W; };\n", {C, U}),
    ("a field moves into a union", "int f(struct s *p) { p->a = 1; p->b = 2; return p->a; }", "struct s { int a; int b; };\n",
     "struct s { union { int a; int b; }; };\n", {C, U}),
    ("an enum becomes signed", "long f(enum e x) { return x; }", "enum e { A, B };\n", "enum e { A = -1, B };\n", {C, U}),
    ("a variable's type", "long f(void) { return v; }", "extern int v;\n", "extern unsigned int v;\n", {C, U}),
    ("a function ends the run", "int f(int x) { if (x) die(); return 1; }", "void die(void);\n", "__noreturn void die(void);\n", {C, U}),
    ("an argument evaluated twice", "int f(int x) { return SQ(g(x)); }", "int g(int);\n#define SQ(a) ((a) * 2)\n",
     "int g(int);\n#define SQ(a) ((a) + (a))\n", {C, U}),
    ("a table", "int f(void) { return use(&my); }", "struct ops { int a; };\nint use(const struct ops *);\nstatic const struct ops my = { .a = 1 };\n",
     "struct ops { int a; };\nint use(const struct ops *);\nstatic const struct ops my = { .a = 2 };\n", {C, U}),
    ("a field becomes volatile", "int f(struct s *p) { int a = p->n; g(); return a; }", "void g(void);\nstruct s { int n; };\n",
     "void g(void);\nstruct s { volatile int n; };\n", {C, U}),
    ("a macro for a field", "int f(struct s *p) { return p->cnt; }", "struct s { int a; int b; };\n#define cnt a\n",
     "struct s { int a; int b; };\n#define cnt b\n", {C, U}),
    ("a type that the tables know", "u64 f(struct s *p) { return p->n; }", "typedef unsigned int gfp_t;\nstruct s { gfp_t n; };\n",
     "typedef unsigned long gfp_t;\nstruct s { gfp_t n; };\n", {C, U}),
    ("#undef comes in", "int f(int x) { return x == LIMIT; }", "#define LIMIT 4\n", "#define LIMIT 4\n#undef LIMIT\n", {C, U}),
    ("a comment", "int f(int x) { return g(x) == LIMIT; }", "int g(int);\n#define LIMIT 4 /* old */\n",
     "int g(int);\n#define LIMIT 4 /* new */\n", {P}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "before", "after", "right"), [case[1:] for case in OTHER], ids=[case[0] for case in OTHER]
)
def test_each_version_has_its_own_header(text, before, after, right):
    assert verdict(text, text, before, after).verdict in right


def test_a_constant_that_the_patch_adds_is_no_name_of_two_meanings():
    found = verdict(
        "int f(int x) { switch (x) { case OLD: return g(x); } return -22; }",
        "int f(int x) { switch (x) { case OLD: return g(x); case NEW: return h(x); } return -22; }",
        "int g(int);\nint h(int);\n#define OLD _IO('g', 1)\n",
        "int g(int);\nint h(int);\n#define OLD _IO('g', 1)\n#define NEW _IO('g', 2)\n",
    )
    assert found.verdict == C


def test_headers_that_include_each_other_end():
    files = {
        "include/linux/a.h": "#include <linux/b.h>\n#define A 1\n",
        "include/linux/b.h": '#include "a.h"\n#include <linux/a.h>\n#define B 2\n',
    }
    found = find_headers("mm/x.c", "#include <linux/a.h>\n", files.get)
    assert sorted(found) == ["include/linux/a.h", "include/linux/b.h"]


def test_a_header_of_five_megabytes_is_not_read(tmp_path):
    folder = tmp_path / "include" / "linux"
    folder.mkdir(parents=True)
    (folder / "big.h").write_text("#define LIMIT 4\n" + "/* registers */\n" * (5 * LONGEST // 32))
    text = "#include <linux/big.h>\nint f(int x) { return x == LIMIT; }\n"
    (around,) = around_files(("mm/x.c", text), ("mm/x.c", text), [("f", "f")], PlainTree(tmp_path))
    assert "LIMIT" not in around.pre


@pytest.mark.parametrize(
    "spec", ["../../../etc/passwd", "/etc/passwd", "../outside.h", "x/../../../../outside.h"]
)
def test_no_include_leaves_the_tree(tmp_path, spec):
    (tmp_path / "outside.h").write_text("#define SECRET 1\n")
    tree = tmp_path / "tree"
    (tree / "include" / "linux").mkdir(parents=True)
    (tree / "mm").mkdir()
    (tree / "include" / "linux" / "link.h").symlink_to(tmp_path / "outside.h")
    asked = []

    def read(path):
        asked.append(path)

    assert resolve(spec, "mm/x.c", read) is None
    assert not any(path.startswith(("/", "..")) for path in asked)
    text = f'#include "{spec}"\n#include <linux/link.h>\nint f(void) {{ return SECRET; }}\n'
    (around,) = around_files(("mm/x.c", text), ("mm/x.c", text), [("f", "f")], PlainTree(tree))
    assert around.pre == ""
    assert around.post == ""


HOSTILE = {
    "one name thirty thousand times": "#define LIMIT 4\n" * 30_000,
    "structs in structs": "struct s0 { int a; };\n"
    + "".join(f"struct s{n + 1} {{ struct s{n} in; }};\n" for n in range(5_000)),
    "enums without a body": "enum " * 200_000,
    "comments that do not end": "#define A " + "/*" * 400_000,
    "brackets that do not close": "struct s { int a" + "[" * 400_000,
    "one header again and again": "#include <linux/h.h>\n" * 20_000,
    "headers that are not there": "".join(f"#include <linux/{n}.h>\n" for n in range(20_000)),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_header_ends(text):
    # each takes very long where a step is quadratic in the text
    found = verdict(
        "struct s9 *f(struct s9 *p) { return p->a ? p : LIMIT; }",
        "int f(void) { return 0; }",
        text,
        text + "\nint new;\nstruct s0 { long a; };\n",
    )
    assert found.verdict in (P, C, U)


def test_a_header_beside_the_file_and_one_above_it():
    files = {
        "mm/internal.h": "",
        "kernel/sched/sched.h": "",
        "include/linux/mm.h": "",
        "include/uapi/linux/mman.h": "",
    }
    assert resolve("internal.h", "mm/x.c", files.get) == "mm/internal.h"
    assert resolve("../../kernel/sched/sched.h", "mm/kasan/x.c", files.get) == "kernel/sched/sched.h"
    assert resolve("linux/mm.h", "", files.get) == "include/linux/mm.h"
    assert resolve("linux/mman.h", "", files.get) == "include/uapi/linux/mman.h"


def test_headers_of_an_architecture_are_not_read():
    files = {
        "include/asm/page.h": "",
        "arch/x86/include/asm/page.h": "",
        "include/asm-generic/memory_model.h": "",
    }
    assert resolve("asm/page.h", "", files.get) is None
    assert resolve("asm-generic/memory_model.h", "", files.get) == "include/asm-generic/memory_model.h"


def test_a_header_under_a_condition_gives_no_sure_constant():
    files = {"include/linux/a.h": "#define LIMIT 4\n"}
    text = "#ifdef CONFIG_A\n#include <linux/a.h>\n#endif\nint f(int x) { return x == LIMIT; }\n"
    place = Place(path="mm/x.c", text=text, read=files.get)
    environment = Environment.from_text("mm/x.c", text)
    around = reached(find_surrounding(place, place).indexes, (environment, environment), ("f", "f"), "")
    assert Environment.from_text("mm/x.c", text, around.pre).constant("LIMIT") is None


def diff_of(before: dict[str, str], after: dict[str, str], *, ids: bool = True) -> str:
    """Return a patch between two trees' files, with git's index lines where `ids` says so."""
    parts = []
    for path in sorted({*before, *after}):
        old, new = before.get(path, ""), after.get(path, "")
        if old != new:
            lines = unified_diff(old.splitlines(True), new.splitlines(True), f"a/{path}", f"b/{path}")
            blobs = ".".join([blob_id(old.encode())[:12], "", blob_id(new.encode())[:12]])
            index = f"index {blobs} 100644\n" if ids else ""
            parts.append(f"diff --git a/{path} b/{path}\n{index}" + "".join(lines))
    return "".join(parts)


def judged(tree_files: dict[str, str], diff: str, folder, tree=None) -> dict[str, Delta]:
    """Compare what a patch changes, with the headers of a tree that holds `tree_files`."""
    for path, text in tree_files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    tree = tree or PlainTree(folder)
    changes = images(parse_diff(diff).files, tree)
    headers = TreeHeaders().around(tree, changes)
    functions = [one for change in changes for one in changed_functions(change) if one.symbol == "function"]
    around = [replace(one, around=headers.of(one.pre, one.post)) for one in functions if one.pre and one.post]
    found = judge_functions(around, changes, Effort(replay=False))
    return {one.name: one.delta for one in found if one.delta}


SOURCE = INCLUDE + "int f(int x)\n{\n\treturn x == LIMIT;\n}\n"
REWRITTEN = SOURCE.replace("x == LIMIT", "4 == x")
TREE = {"mm/x.c": SOURCE, "include/linux/h.h": "#define LIMIT 4\n"}


def test_the_tree_that_the_patch_is_for_gives_facts(tmp_path):
    found = judged(TREE, diff_of(TREE, TREE | {"mm/x.c": REWRITTEN}), tmp_path)
    assert (found["f"].verdict, found["f"].assumptions) == (P, ())


def test_another_tree_gives_a_guess_that_is_told(tmp_path):
    found = judged(TREE, diff_of(TREE, TREE | {"mm/x.c": REWRITTEN}, ids=False), tmp_path)
    assert found["f"].verdict == P
    assert any(str(tmp_path) in one for one in found["f"].assumptions)


def test_what_is_decided_without_a_guess_does_not_name_it(tmp_path):
    renamed = SOURCE.replace("int x", "int y").replace("x ==", "y ==")
    found = judged(TREE, diff_of(TREE, TREE | {"mm/x.c": renamed}, ids=False), tmp_path)
    assert found["f"].verdict == P
    assert not any(str(tmp_path) in one for one in found["f"].assumptions)


def test_a_patch_that_changes_its_header_too(tmp_path):
    after = {"mm/x.c": SOURCE.replace("x == LIMIT", "LIMIT == x"), "include/linux/h.h": "#define LIMIT 5\n"}
    found = judged(TREE, diff_of(TREE, after), tmp_path)
    assert found["f"].verdict == C


def test_an_earlier_patch_of_the_series_changed_the_header(tmp_path):
    tree = PatchedTree(PlainTree(tmp_path), {"include/linux/h.h": b"#define LIMIT 7\n"})
    found = judged(TREE, diff_of(TREE, TREE | {"mm/x.c": REWRITTEN}), tmp_path, tree)
    assert found["f"].verdict == C


def test_a_header_whose_change_does_not_apply_is_told_of(tmp_path):
    other = {"include/linux/h.h": "#define OTHER 1\n#define LIMIT 4\n"}
    after = {
        "mm/x.c": SOURCE.replace("x == LIMIT", "LIMIT == x"),
        "include/linux/h.h": "#define OTHER 1\n#define LIMIT 5\n",
    }
    found = judged(TREE, diff_of(TREE | other, after, ids=False), tmp_path)
    assert found["f"].verdict != P or any("include/linux/h.h" in one for one in found["f"].assumptions)


def test_headers_under_conditions_end_at_the_limit_too():
    each = 900
    files = {
        f"include/linux/part{part}.h": "\n".join(
            f"#ifdef CONFIG_{n}\n#include <linux/part{part}_{n}.h>\n#endif" for n in range(each)
        )
        for part in range(MOST_HEADERS // each + 2)
    }
    files |= {f"{path[:-2]}_{n}.h": "" for path in files for n in range(each)}
    text = "".join(f"#include <linux/part{part}.h>\n" for part in range(MOST_HEADERS // each + 2))
    assert len(find_headers("mm/x.c", text, files.get)) == MOST_HEADERS


PEEKING = {
    "include/linux/h.h": "struct page;\nint other(struct page *p);\nint drop(struct page *p);\n"
    "#ifdef CONFIG_SEEN\nstatic inline int peek(struct page *p) { return other(p); }\n#endif\n",
    "mm/x.c": INCLUDE + "int f(struct page *p)\n{\n\treturn peek(p);\n}\n",
}


@pytest.mark.parametrize(("name", "right"), [("drop", C), ("other", U)])
def test_an_inline_without_a_body_begins_with_what_its_header_says_that_it_reaches(name, right, tmp_path):
    after = PEEKING | {"mm/x.c": PEEKING["mm/x.c"].replace("peek", name)}
    assert judged(PEEKING, diff_of(PEEKING, after), tmp_path)["f"].verdict == right


@pytest.mark.parametrize(
    ("parameters", "body", "given"),
    [
        ("", "return calls[0](p);", ""),
        ("", "return p->ops.call(p);", ""),
        ("", "return chosen(0)(p);", ""),
        ("", "return (p->call)(p);", ""),
        ("", "return hook(p);", ""),
        ("", "call_t *mine = calls[0]; return mine(p);", ""),
        (", call_t *mine", "return mine(p);", ", drop"),
    ],
)
def test_an_inline_without_a_body_that_calls_what_has_no_word_may_begin_with_anything(
    parameters, body, given, tmp_path
):
    header = PEEKING["include/linux/h.h"].replace("peek(struct page *p)", f"peek(struct page *p{parameters})")
    header = "typedef int call_t(struct page *p);\nextern call_t *calls[4];\nextern call_t *hook;\n" + header
    before = {
        "include/linux/h.h": header.replace("return other(p);", body),
        "mm/x.c": PEEKING["mm/x.c"].replace("peek(p)", f"peek(p{given})"),
    }
    after = before | {"mm/x.c": PEEKING["mm/x.c"].replace("peek", "drop")}
    assert judged(before, diff_of(before, after), tmp_path)["f"].verdict == U


@pytest.mark.parametrize(
    ("second", "right"), [("#define peek(p) drop((p) + 0)", U), ("int peek(struct page *p);", C)]
)
def test_a_call_of_a_macro_that_is_not_read_may_begin_with_anything(second, right):
    """Under the other condition it is a macro as well, or a function that is no other's."""
    around = "int drop(struct page *p);\n#ifdef CONFIG_SEEN\n#define peek(p) drop(p)\n#else\n"
    around += f"{second}\n#endif\n"
    function = "int f(struct page *p) { return peek(p); }"
    assert verdict(around + function, around + function.replace("peek", "drop"), "").verdict == right

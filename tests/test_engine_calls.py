"""Rules C1 to C3: calls that only read, by their bodies or by the table, and calls inlined for their number.

Each pair stands with the verdicts that are right; beside what must be PRESERVED stand the near misses that
must not: over an effect, over a store to what is read, behind a lock, through volatile, without an end.
"""

# ruff: noqa: E501 -- a line of the table is a C function

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from engine_judged import judged

P, C, U = "preserved", "changed", "undecided"
HEAD = """
struct o { int n; int m; unsigned long w; struct o *next; int arr[4]; };
int ext(struct o *p); int two(struct o *p); extern int gx;
"""
MARKED = (
    "{{ int i, x; for (i = 0; i < p->n; i++) {{ x = ext(p); MARK(x); if (x == 3) continue; {} }} return 0; }}"
)
GET = "static int get(struct o *p) { return p->n + 1; } "
PURE = "static int thrice(int x) { return x * 3; } "
SUM = "static int sum(struct o *p) { int i, s = 0; for (i = 0; i < 4; i++) s += p->arr[i]; return s; } "
LOCKED = "static int get(struct o *p) { int x; mutex_lock(&p->w); x = p->n; mutex_unlock(&p->w); return x; } "
ONCE = "static int get(struct o *p) { return READ_ONCE(p->n); } "
SEEN = "static int get(struct o *p) { volatile int *q = &p->n; return *q; } "
BUG = "static int get(struct o *p) { BUG_ON(p->n); return p->m; } "
ENDLESS = "static int get(struct o *p) { for (;;) if (p->n) return 1; } "
RECURSIVE = "static int get(struct o *p) { return p ? 1 + get(p->next) : 0; } "
WEAK = "int __weak get(struct o *p) { return p->n; } "
INJECTED = "static int get(struct o *p) { return p->n; }\nALLOW_ERROR_INJECTION(get, ERRNO);\n"
WARNS = "static int w1(struct o *p) { WARN_ON(p->n); return 1; } static int w2(struct o *p) { WARN_ON_ONCE(p->m); return 2; } "
GLOBAL = "static int get(struct o *p) { return gx + p->n; } "
TWICE = "static int h(struct o *p) { if (!ext(p)) return -1; return two(p); } "
F = "int f(struct o *p) "
FQ = "int f(struct o *p, struct o *q) "
FV = "int f(struct o *p, int v) "
PLAIN = "int f(struct o *p) { int r; char *b = kzalloc(9, 1); if (!b) return -12; r = two(p); kfree(b); return r; }"
SCOPED = "int f(struct o *p) { char *b __free(kfree) = kzalloc(9, 1); if (!b) return -12; return two(p); }"
OWN_KZALLOC = "static void *kzalloc(unsigned long n, int f) { return ERR_PTR(-12); } "
CHECKED = "int f(struct o *p) { char *b = kzalloc(9, 1); if (IS_ERR(b)) return 3; return two(b); }"
UNCHECKED = "int f(struct o *p) { char *b = kzalloc(9, 1); return two(b); }"
V = "int f(struct vm_area_struct *v, struct o *p) "
OWN = "static int vma_pages(struct vm_area_struct *v) { return take(v); } "

BACK = "int queue(struct o *p, void (*fn)(struct o *)); int f(struct o *p); "
DONE = "static void done(struct o *p) { if (p->n) { queue(p, f); return; } ext(p); } "
PARTED = (
    "static void do_done(struct o *p, int k) { if (p->n) { queue(p, f); return; } if (k) two(p); else ext(p); } "
    "static void done(struct o *p) { do_done(p, 0); } static int do_f(struct o *p) { p->m = 1; return queue(p, done); } "
)
SLOW = (
    "static int b(struct o *p); static int a(struct o *p, int n)"
    " { int i; for (i = 0; i < 100; i++) ext(p); if (n == 7) return ext(p); if (n) return b(p); return 0; } "
)

#: (name, text before, text after, verdicts that are right)
PAIRS = [
    ("another setting than it stands under", "#if !SMALL\nint f(struct o *p) { return ext(p); }\n#endif\n",
     "#ifdef SMALL\nstatic int own(struct o *p) { return two(p); }\n#else\nstatic int own(struct o *p) { return ext(p); }\n#endif\n#if !SMALL\nint f(struct o *p) { return own(p); }\n#endif\n", {C, U}),
    ("handed on to one another", BACK + DONE + "int f(struct o *p) { p->m = 1; return queue(p, done); }",
     BACK + PARTED + "int f(struct o *p) { return do_f(p); }", {P}),
    ("handed on, another meaning", BACK + DONE + "int f(struct o *p) { p->m = 1; return queue(p, done); }",
     BACK + PARTED.replace("do_done(p, 0)", "do_done(p, 1)") + "int f(struct o *p) { return do_f(p); }", {C, U}),
    ("handed on, another end", BACK + DONE + "int f(struct o *p) { p->m = 1; return queue(p, done); }",
     BACK + PARTED + "int f(struct o *p) { do_f(p); return 0; }", {C, U}),
    ("in a table that is handed on", "struct ops { int (*call)(struct o *); }; int run(struct ops *s); static int g(struct o *p) { return two(p); } static struct ops own = { g }; int f(struct o *p) { return run(&own); }",
     "struct ops { int (*call)(struct o *); }; int run(struct ops *s); static int g(struct o *p) { return ext(p); } static struct ops own = { g }; int f(struct o *p) { return run(&own); }", {C, U}),
    ("proved by what is not the same", SLOW + "static int b(struct o *p) { return a(p, p->m); } int f(struct o *p) { a(p, 3); b(p); return 0; }",
     SLOW.replace("return ext(p); if", "return two(p); if") + "static int b(struct o *p) { int m = p->m; return a(p, m); } int f(struct o *p) { a(p, 3); b(p); return 0; }", {C, U}),
    ("cached", GET + F + "{ if (get(p) && get(p) > 3) ext(p); return 0; }",
     GET + F + "{ int c = get(p); if (c && c > 3) ext(p); return 0; }", {P}),
    ("dropped", GET + F + "{ get(p); return ext(p); }", GET + F + "{ return ext(p); }", {P}),
    ("pure over an effect", PURE + FV + "{ int x = thrice(v); ext(p); return x; }",
     PURE + FV + "{ ext(p); return thrice(v); }", {P}),
    ("an unknown macro behind the difference", F + MARKED.format("two(p);"), F + MARKED.format("two(p); third(p);"), {C}),
    ("an unknown macro in front of it, on one side", F + "{ int x = ext(p), y = x; MARK(y); if (x == 3) two(p); return 0; }",
     F + "{ int x = ext(p), y = x; MARK(x); if (x == 3) two(p); return 0; }", {P, U}),
    ("an unknown macro in front of it, again", F + MARKED.format("two(p);"),
     F + MARKED.format("two(p);").replace("MARK(x)", "int y = x; MARK(y)"), {P, U}),
    ("one step down, two names", F + "{ if (atomic_dec_and_test(&p->n)) ext(p); return 0; }",
     F + "{ if (atomic_sub_and_test(1, &p->n)) ext(p); return 0; }", {P, U}),
    ("one step, another answer of it", F + "{ return atomic_fetch_inc(&p->n) + 1; }", F + "{ return atomic_inc_return(&p->n); }", {P, U}),
    ("one step down, a negative number", F + "{ atomic_dec(&p->n); return 0; }", F + "{ atomic_add(-1, &p->n); return 0; }", {P, U}),
    ("one step with a condition", F + "{ return atomic_inc_not_zero(&p->n); }", F + "{ return atomic_add_unless(&p->n, 1, 0); }", {P, U}),
    ("a condition is lost", F + "{ return atomic_inc_not_zero(&p->n); }", F + "{ atomic_inc(&p->n); return 1; }", {C}),
    ("a key is likely", F + "{ return static_branch_likely(&gx) ? ext(p) : 0; }", F + "{ return static_branch_unlikely(&gx) ? ext(p) : 0; }", {P}),
    ("up for down", F + "{ atomic_dec(&p->n); return 0; }", F + "{ atomic_inc(&p->n); return 0; }", {C}),
    ("down for a lock", F + "{ atomic_dec(&p->n); return 0; }", F + "{ spin_lock(&p->n); return 0; }", {C}),
    ("over an effect", GET + F + "{ int c = get(p); ext(p); return c; }", GET + F + "{ ext(p); return get(p); }", {C}),
    ("over a store elsewhere", GET + FV + "{ p->m = v; return get(p); }", GET + FV + "{ int c = get(p); p->m = v; return c; }", {P}),
    ("over a store to what it reads", GET + FV + "{ p->n = v; return get(p); }",
     GET + FV + "{ int c = get(p); p->n = v; return c; }", {C}),
    ("over a store to a global that it reads", GLOBAL + F + "{ int a = get(p); gx = 3; return a; }",
     GLOBAL + F + "{ gx = 3; return get(p); }", {C}),
    ("over its NULL check", GET + F + "{ if (!p) return 0; ext(p); return get(p); }",
     GET + F + "{ int a = get(p); if (!p) return 0; ext(p); return a; }", {C}),
    ("body changed", GET + F + "{ int x = get(p); ext(p); return x; }",
     GET.replace("->n", "->m") + F + "{ int x = get(p); ext(p); return x; }", {C}),
    ("body changed, same value", GET + F + "{ if (get(p)) ext(p); return get(p); }",
     GET.replace("+ 1", "- -1") + F + "{ int x = get(p); if (x) ext(p); return get(p); }", {P}),
    ("macro in the other version", GET + F + "{ two(p); return get(p); }",
     GET + "\n#define get(p) ext(p)\n" + F + "{ two(p); return get(p); }", {C, U}),
    ("order open", GET + PURE + FV + "{ return get(p) - thrice(v); }", GET + PURE + FV + "{ int t = thrice(v); return get(p) - t; }", {P}),
    ("order open, warnings", WARNS + F + "{ return w1(p) - w2(p); }", WARNS + F + "{ int t = w2(p); return w1(p) - t; }", {C, U}),
    ("order open, effect", GET + F + "{ return get(p) + ext(p); }", GET + F + "{ int t = ext(p); return get(p) + t; }", {C, U}),
    ("warning over an effect", WARNS + F + "{ w1(p); return two(p); }", WARNS + F + "{ int x = two(p); w1(p); return x; }", {C}),
    ("loop repeated", SUM + F + "{ int a = sum(p); return a; }", SUM + F + "{ sum(p); return sum(p); }", {P, U}),
    ("loop over an effect", SUM + F + "{ int a = sum(p); ext(p); return a; }", SUM + F + "{ ext(p); return sum(p); }", {C}),
    ("lock", LOCKED + F + "{ int a = get(p); return a + get(p); }", LOCKED + F + "{ int x = get(p); return x + x; }", {C, U}),
    ("READ_ONCE", ONCE + F + "{ int a = get(p); int b = get(p); return a - b; }", ONCE + F + "{ int x = get(p); return x - x; }", {C}),
    ("volatile", SEEN + F + "{ int a = get(p); int b = get(p); return a - b; }", SEEN + F + "{ int x = get(p); return x - x; }", {C}),
    ("BUG over an effect", BUG + F + "{ get(p); two(p); return 3; }", BUG + F + "{ two(p); get(p); return 3; }", {C}),
    ("endless over an effect", ENDLESS + F + "{ two(p); return get(p); }", ENDLESS + F + "{ int x = get(p); two(p); return x; }", {C, U}),
    ("endless dropped", ENDLESS + F + "{ get(p); return two(p); }", ENDLESS + F + "{ return two(p); }", {C, U}),
    ("recursive dropped", RECURSIVE + F + "{ get(p); return two(p); }", RECURSIVE + F + "{ return two(p); }", {C, U}),
    ("weak", WEAK + F + "{ get(p); return two(p); }", WEAK + F + "{ return two(p); }", {C}),
    ("error injection", INJECTED + F + "{ get(p); return two(p); }", INJECTED + F + "{ return two(p); }", {C}),

    ("one of two calls written out", TWICE + FQ + "{ int a = h(p); return a + h(q); }",
     TWICE + FQ + "{ int a = -1; if (ext(p)) a = two(p); return a + h(q); }", {P}),
    ("one of two calls written out wrongly", TWICE + FQ + "{ int a = h(p); return a + h(q); }",
     TWICE + FQ + "{ int a = -1; if (!ext(p)) a = two(p); return a + h(q); }", {C}),
    ("one of two calls dropped", TWICE + FQ + "{ int a = h(p); return a + h(q); }", TWICE + FQ + "{ int a = h(p); return a; }", {C}),

    ("table cached", V + "{ if (huge_page_size(hstate_vma(v)) > 4) ext(p); return 0; }",
     V + "{ struct hstate *h = hstate_vma(v); unsigned long c = huge_page_size(h); if (c > 4) ext(p); return 0; }", {P}),
    ("table dropped", V + "{ vma_pages(v); return ext(p); }", V + "{ return ext(p); }", {P}),
    ("table over an effect", V + "{ unsigned long a = vma_pages(v); ext(p); return a; }", V + "{ ext(p); return vma_pages(v); }", {C}),
    ("table over a store", V + "{ unsigned long a = vma_pages(v); v->vm_end = 3; return a; }",
     V + "{ v->vm_end = 3; return vma_pages(v); }", {U}),
    ("table over its NULL check", V + "{ if (!v) return 0; ext(p); return vma_pages(v); }",
     V + "{ unsigned long a = vma_pages(v); if (!v) return 0; ext(p); return a; }", {C}),
    ("table over a join", V + "{ if (v->a) ext(p); if (vma_pages(v) > 3) ext(p); return 0; }",
     V + "{ if (v->a) { ext(p); if (vma_pages(v) > 3) ext(p); return 0; } if (vma_pages(v) > 3) ext(p); return 0; }", {P}),
    ("table, condition turned", V + "{ if (vma_is_anonymous(v)) ext(p); return 0; }",
     V + "{ if (!vma_is_anonymous(v)) ext(p); return 0; }", {C}),
    ("table, pure over an effect", "int f(pte_t e, struct o *p) { int a = pte_present(e); ext(p); return a; }",
     "int f(pte_t e, struct o *p) { ext(p); return pte_present(e); }", {P}),
    ("table, another argument", "int f(pte_t e, pte_t g, struct o *p) { if (pte_present(e)) ext(p); return 0; }",
     "int f(pte_t e, pte_t g, struct o *p) { if (pte_present(g)) ext(p); return 0; }", {C}),
    ("table, out of a loop with effects", V + "{ int i; for (i = 0; i < gx; i++) { ext(p); two((void *)vma_pages(v)); } return 0; }",
     V + "{ int i; unsigned long c = vma_pages(v); for (i = 0; i < gx; i++) { ext(p); two((void *)c); } return 0; }", {C, U}),
    ("table, a local's contents", "int f(void) { unsigned long b = 1; b = 2; if (test_bit(0, &b)) ext(0); return 0; }",
     "int f(void) { unsigned long b = 1; int k = test_bit(0, &b); b = 2; if (k) ext(0); return 0; }", {C, U}),
    ("table, order open", V + "{ return both(vma_pages(v), two(p)); }", V + "{ int a = two(p); return both(vma_pages(v), a); }", {C, U}),
    ("table void: own function", OWN + V + "{ vma_pages(v); return ext(p); }", OWN + V + "{ return ext(p); }", {C}),
    ("table void: own macro", "\n#define vma_pages(v) take(v)\n" + V + "{ vma_pages(v); return ext(p); }",
     "\n#define vma_pages(v) take(v)\n" + V + "{ return ext(p); }", {C, U}),
    ("table void in one version", V + "{ vma_pages(v); return ext(p); }",
     "\n#define vma_pages(v) take(v)\n" + V + "{ vma_pages(v); return ext(p); }", {C, U}),

    ("freed at the scope's end", PLAIN, SCOPED, {P}),
    ("freed at the scope's end, may answer an error", PLAIN.replace("kzalloc", "memdup_user"), SCOPED.replace("kzalloc", "memdup_user"), {C}),
    ("freed at the scope's end, own allocator", OWN_KZALLOC + PLAIN, OWN_KZALLOC + SCOPED, {C}),
    ("freed at the scope's end, own macro", "\n#define kzalloc(n, f) make(n)\n" + PLAIN, "\n#define kzalloc(n, f) make(n)\n" + SCOPED, {C}),
    ("freed in one version alone", PLAIN.replace("kfree(b);", ""), SCOPED, {C}),
    ("a check that never holds", CHECKED, UNCHECKED, {P}),
    ("a check that never holds, own allocator", OWN_KZALLOC + CHECKED, OWN_KZALLOC + UNCHECKED, {C}),
    ("a check that holds", CHECKED.replace("IS_ERR(b)", "!b"), UNCHECKED, {C}),
]  # fmt: skip

#: What is proved only since a table says so, without the header: a guess that is listed (A0).
RESTING = {
    "table dropped": "only read",
    "table, pure over an effect": "only read",
    "freed at the scope's end": "no error pointer",
    "a check that never holds": "no error pointer",
}


@pytest.mark.parametrize(("name", "before", "after", "expected"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_pair(name, before, after, expected):
    delta = judged(HEAD + before, HEAD + after)
    assert delta.verdict in expected, delta
    if name in RESTING:
        assert any(RESTING[name] in text for text in delta.assumptions), delta


@pytest.mark.parametrize("pair", PAIRS, ids=[pair[0] for pair in PAIRS])
def test_each_side_is_itself(pair):
    for text in pair[1:3]:
        assert judged(HEAD + text, HEAD + text).verdict == P


KEEP = "static int keep(struct o *p) { if (p->m) return -16; p->m = 1; return 0; } "
AGAIN = "int f(struct o *p) {{ int r; for (;;) {{ r = keep(p); {left} if (r) break; ext(p); break; }} return r; }}"


@pytest.mark.parametrize(("error", "expected"), [("-11", {P, U}), ("-16", {C})])
def test_a_row_does_not_rest_on_what_a_body_at_hand_never_answers(error, expected):
    before = HEAD + KEEP + AGAIN.format(left="")
    after = HEAD + KEEP + AGAIN.format(left=f"if (r == {error}) {{ two(p); break; }}")
    delta = judged(before, after)
    assert delta.verdict in expected, delta


def test_what_a_body_at_hand_answers_is_what_a_row_is_looked_for_with():
    then = "int f(struct o *p) {{ int r = keep(p); if (r) return {then}(p); return two(p); }}"
    delta = judged(HEAD + KEEP + then.format(then="ext"), HEAD + KEEP + then.format(then="two"))
    assert delta.verdict == C
    (row,) = delta.differences
    assert [call.answer for call in row.witness.before if call.name == "keep"] == [(1 << 32) - 16]

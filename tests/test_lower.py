"""Lowering: small C functions with their printed graphs, checked by hand against C11 and the rules of
docs/engine.md."""

from __future__ import annotations

import textwrap

import pytest
from lorelens.analyze.engine.environment import Environment
from lorelens.analyze.engine.ir import Function, Unlowered
from lorelens.analyze.engine.lower import lower_function
from lorelens.analyze.engine.show import conditions, show

HEADER = """\
struct req { int len; unsigned busy:1; union { u8 half; u32 word; }; struct list_head l; int tab[4]; };
enum mode { FAST, SLOW = 5 };
#define LIMIT (1 << 4)
#define TWICE(x) ((x) * 2)
#define CHECK(c) do { if (!(c)) return -1; } while (0)
int get(int);
int helper(struct req *r);
"""


def graph(body: str, header: str = HEADER) -> str:
    """The printed graph of a function, its first line left out."""
    text = textwrap.dedent(body).strip() + "\n"
    return show(lower_function(text, Environment.from_text("a.c", header + text))).split("\n", 1)[1]


def expect(printed: str) -> str:
    return textwrap.dedent(printed).strip() + "\n"


GOLDEN = {
    "a condition is branches, whatever wraps it (T3)": (
        "int f(int a, int b, int c) { if (!!(a && (b || !c))) return 1; return 0; }",
        """
        b0:
          if a then b1 else b4
        b1:
          if b then b3 else b2
        b2:
          if c then b4 else b3
        b3:
          return 1
        b4:
          return 0
        """,
    ),
    "cleanup ladder; a macro at hand with a return in it is expanded": (
        """
        int f(struct req *r, int n)
        {
            int err = 3;

            CHECK(r);
            if (get(n) < LIMIT)
                goto out;
            err = helper(r);
            if (err)
                goto undo;
            return SLOW;
        undo:
            put_it();
        out:
            return err;
        }
        """,
        """
        b0:
          declare err: s32
          err = 3
          if r then b1 else b6
        b1:
          %3 = call get(n) -> s32
          if (%3 < LIMIT) [get(n) < LIMIT] then b4 else b2
        b2:
          %4 = call helper(r) -> s32
          err = %4
          if err then b3 else b5
        b3:  // undo
          %5 = call unknown put_it() -> ?put_it()
          goto b4
        b4:  // out
          return err
        b5:
          return SLOW
        b6:
          return -1
        """,
    ),
    "switch: fallthrough, ranges, default in the middle": (
        """
        int f(int x)
        {
            switch (x) {
            case FAST:
                x++;
                fallthrough;
            case 1 ... 3:
                return x;
            default:
                break;
            case SLOW:
                x = TWICE(x);
            }
            return x;
        }
        """,
        """
        b0:
          switch x {FAST: b1, 1...3: b2, SLOW: b3} else b4
        b1:
          %1 = x
          x = (%1 + 1)
          goto b2
        b2:
          return x
        b3:
          x = (x * 2)
          goto b4
        b4:
          return x
        """,
    ),
    "union members are marked ~, bit-fields are not; designated initialisers; struct copies; GNU ?:": (
        """
        u32 f(struct req *r, struct req s, u8 v)
        {
            struct req t = { .len = v, .tab = { [1] = 3 } };

            r->busy = v;
            r->word += v;
            *r = s;
            r->tab[v] = t.len;
            return r->half ?: r->tab[2];
        }
        """,
        """
        b0:
          declare t: struct req
          t = {}
          t.len = (s32)v
          t.tab = {}
          t.tab[1] = 3
          r->busy = (u1)v
          r->word~ = (r->word~ + (u32)v)
          *r = s
          r->tab[v] = t.len
          %4 = r->half~
          if %4 [r->half] then b1 else b2
        b1:
          %5 = (s32)%4
          goto b3
        b2:
          %5 = r->tab[2]
          goto b3
        b3:
          return (u32)%5
        """,
    ),
    "list_for_each_entry by the table; continue steps, break does not (L7)": (
        """
        void f(struct list_head *head, struct req *pos)
        {
            list_for_each_entry(pos, head, l) {
                if (!pos->len)
                    continue;
                break;
            }
        }
        """,
        """
        b0:
          pos = container_of(head->next, struct req, l)
          goto b1
        b1:
          if (&pos->l == head) [list_for_each_entry(pos, head, l)] then b3 else b2
        b2:
          if pos->len then b3 else b4
        b3:
          return
        b4:
          pos = container_of(pos->l.next, struct req, l)
          goto b1
        """,
    ),
    "an unknown iteration macro is a step; do-while; a retry label is a loop": (
        """
        void f(struct req *pos, int n)
        {
            for_each_frob(pos, n)
                get(n);
            do {
                n -= 2;
            } while (n > 0 && get(n));
        retry:
            if (get(n))
                goto retry;
        }
        """,
        """
        b0:
          %2 = 0
          goto b1
        b1:
          %3, %2 = step for_each_frob(pos at pos, n at n)
          if %3 [for_each_frob(pos, n)] then b2 else b3
        b2:
          %4 = call get(n) -> s32
          goto b1
        b3:
          n = (n - 2)
          if (n > 0) [n > 0] then b4 else b5
        b4:
          %5 = call get(n) -> s32
          if %5 [get(n)] then b3 else b5
        b5:  // retry
          %6 = call get(n) -> s32
          if %6 [get(n)] then b5 else b6
        b6:
          return
        """,
    ),
    "guards: after the value, last first; break binds to scoped_guard (L1)": (
        """
        int f(struct mutex *m, struct req *r)
        {
            guard(mutex)(m);
            scoped_guard(rcu) {
                if (r->len)
                    break;
                return r->len;
            }
            return 2;
        }
        """,
        """
        b0:
          %2 = m
          call mutex_lock(%2)
          call rcu_read_lock()
          if r->len then b1 else b2
        b1:
          call rcu_read_unlock()
          %4 = 2
          call mutex_unlock(%2)
          return %4
        b2:
          %3 = r->len
          call rcu_read_unlock()
          call mutex_unlock(%2)
          return %3
        """,
    ),
    "both arms of #ifdef under a boolean; IS_ENABLED is y or m; VM_BUG_ON under its option (T7, B4)": (
        """
        int f(int n)
        {
        #ifdef CONFIG_A
            n++;
        #else
            n = 0;
        #endif
            if (IS_ENABLED(CONFIG_C))
                n = 1;
            VM_BUG_ON(n > 2);
            return n;
        }
        """,
        """
        b0:
          if <y:CONFIG_A> [CONFIG_A] then b1 else b2
        b1:
          %1 = n
          n = (%1 + 1)
          goto b3
        b2:
          n = 0
          goto b3
        b3:
          if <y:CONFIG_C> [CONFIG_C] then b5 else b4
        b4:
          if <m:CONFIG_C> [CONFIG_C=m] then b5 else b6
        b5:
          n = 1
          goto b6
        b6:
          if <y:CONFIG_DEBUG_VM> [CONFIG_DEBUG_VM] then b7 else b9
        b7:
          if (n > 2) [n > 2] then b8 else b9
        b8:
          stop BUG
        b9:
          return n
        """,
    ),
    "an #if that cuts statements: the body once for each choice": (
        """
        int f(int n)
        {
            if (n) {
                n = 2;
        #ifdef CONFIG_A
            } else if (get(n)) {
                n = 3;
        #endif
            }
            return n;
        }
        """,
        """
        b0:
          if <y:CONFIG_A> [CONFIG_A] then b1 else b6
        b1:
          if n then b2 else b3
        b2:
          n = 2
          goto b5
        b3:
          %1 = call get(n) -> s32
          if %1 [get(n)] then b4 else b5
        b4:
          n = 3
          goto b5
        b5:
          return n
        b6:
          if n then b7 else b8
        b7:
          n = 2
          goto b8
        b8:
          return n
        """,
    ),
    "operands that may interfere are marked; values are those of their turn (T10)": (
        "int f(int *p, int n) { return get(n) + p[n++] + READ_ONCE(*p); }",
        """
        b0:
          unsequenced get($1) + $2[$1++] | READ_ONCE(*$1)
          unsequenced get($1) | $1[$2++]
          %2 = call get(n) -> s32
          %4 = p
          %3 = n
          n = (%3 + 1)
          %6 = (%2 + %4[%3])
          %5 = READ_ONCE *p
          return (%6 + %5)
        """,
    ),
    "conversions are written out: promotion, usual conversions, stores, bool": (
        """
        bool f(u16 a, unsigned int u, int i, long l)
        {
            l = a << 3;
            l = u + i;
            l = i < u;
            a = l;
            return u & 4;
        }
        """,
        """
        b0:
          l = (s64)((s32)a << 3)
          l = (s64)(u + (u32)i)
          l = (s64)((u32)i < u)
          a = (u16)l
          return (bool)(u & 4)
        """,
    ),
    "warnings fire on their way; prints do nothing but evaluate; a bug stops (B4)": (
        """
        int f(struct req *r)
        {
            if (WARN_ON_ONCE(!r))
                return 1;
            pr_info("%d %d", r->len, get(2));
            BUG_ON(r->len == 0);
            return 0;
        }
        """,
        """
        b0:
          if r then b1 else b4
        b1:
          evaluate r->len
          %1 = call get(2) -> s32
          if r->len then b2 else b3
        b2:
          return 0
        b3:
          stop BUG
        b4:
          warn WARN_ONCE
          return 1
        """,
    ),
    "what may be a macro gets its arguments' places; known functions do not (C7)": (
        "void f(int x, int y) { frob(x); get(y); FROB(y + 1); get_user(x, (int *)0); }",
        """
        b0:
          %2 = call unknown frob(x at x) -> ?frob()
          %3 = call get(y) -> s32
          %4 = call upper FROB((y + 1)) -> ?FROB()
          %5 = 0
          %6 = call macro get_user(x at x, %5) -> s32
          return
        """,
    ),
    "error pointers are comparisons (T5)": (
        "long f(void *p) { if (IS_ERR(p)) return PTR_ERR(p); return 0; }",
        """
        b0:
          if ((u64)p >= 18446744073709547521) [IS_ERR(p)] then b1 else b2
        b1:
          return (s64)p
        b2:
          return 0
        """,
    ),
    "a cast that the grammar takes for a subtraction": (
        "gfp_t f(int a, int b) { a = (a) - b; return (gfp_t) -1; }",
        """
        b0:
          a = (a - b)
          return 4294967295
        """,
    ),
    "static locals are not declared at run time; a volatile object is read by an instruction": (
        """
        int f(void)
        {
            static int once = 3;
            volatile int v;

            v = once++;
            return v;
        }
        """,
        """
        b0:
          declare v: s32
          %2 = once
          once = (%2 + 1)
          volatile v = %2
          %3 = volatile v
          return %3
        """,
    ),
    "do { } for_each_vma_range(): the macro is the loop's tail": (
        """
        void f(struct vma_iterator vmi, struct vm_area_struct *vma, unsigned long end)
        {
            do {
                if (get(1))
                    continue;
                get(2);
            } for_each_vma_range(vmi, vma, end);
        }
        """,
        """
        b0:
          goto b1
        b1:
          %3 = call get(1) -> s32
          if %3 [get(1)] then b3 else b2
        b2:
          %4 = call get(2) -> s32
          goto b3
        b3:
          %5 = call unknown vma_find(&vmi, end at end) -> ?vma_find()
          vma = (*struct vm_area_struct)%5
          if vma [for_each_vma_range(vmi, vma, end)] then b1 else b4
        b4:
          return
        """,
    ),
}


@pytest.mark.parametrize("title", GOLDEN)
def test_golden(title: str) -> None:
    source, printed = GOLDEN[title]
    assert graph(source) == expect(printed)


SAME = {
    "!!": ("if (a) get(1);", "if (!!(a)) get(1);"),
    "== 0": ("if (!a) get(1);", "if ((a) == 0) get(1);"),
    "de Morgan": ("if (!(a && b)) get(1);", "if (!a || !b) get(1);"),
    "?: as a condition": ("if (a ? b : 0) get(1);", "if (a && b) get(1);"),
    "GNU ?:": ("if (a ?: b) get(1);", "if (a || b) get(1);"),
    "likely": ("if (a && b) get(1);", "if (likely(a) && unlikely(b != 0)) get(1);"),
    "while and for": ("while (a) { get(a); }", "for (; a; ) get(a);"),
    "retry label": ("again: if (a) { get(a); goto again; }", "while (a) get(a);"),
    "else after return": ("if (a) return 1; else get(2);", "if (a) return 1; get(2);"),
    "brackets": ("a = (b);", "(a) = ((b));"),
}


@pytest.mark.parametrize("title", SAME)
def test_what_means_the_same_to_c_gives_one_graph(title: str) -> None:
    plain, other = (
        _bare(
            lower_function(
                f"int f(int a, int b) {{ {body} return 0; }}", Environment.from_text("a.c", HEADER)
            )
        )
        for body in SAME[title]
    )
    assert plain == other


def _bare(function: Function | Unlowered) -> str:
    """A printed graph without labels and words."""
    import re

    return re.sub(r" \[[^]]*\]|  //.*", "", show(function))


REFUSED = {
    "computed goto": ("void f(void *p) { goto *p; }", "construct"),
    "goto into nowhere": ("void f(void) { goto out; }", "construct"),
    "a label twice": ("void f(void) { a: g(); a: h(); }", "construct"),
    "nested function": ("void f(void) { int g(void) { return 1; } g(); }", "construct"),
    "floating point as a condition": ("int f(double x) { if (x) return 1; return 0; }", "construct"),
    "__int128": ("void f(void) { __int128 x = 1; g(x); }", "construct"),
    "a hunk's part": ("int f(int a)\n{\n\tif (a) {\n\t\tg();\n", "partial"),
    "a macro that hides a jump": (
        "void f(int a) { scoped_cond_guard(mutex_intr, return, &a) { g(); } }",
        "construct",
    ),
    "nonsense": ("int f(int a) { a b c d; }", "unparsed"),
    "an unknown word as a statement": ("void f(void) { FROB; }", "construct"),
    "a string outside ASCII": ('void f(void) { g("\u00e9"); }', "construct"),
    "a hidden cleanup": (
        "#define __mine __attribute__((cleanup(x)))\nvoid f(void) { int a __mine = 1; }",
        "construct",
    ),
    "goto into a scoped guard": (
        "void f(int a) { if (a) goto x; scoped_guard(mutex, &m) { x: g(); } }",
        "construct",
    ),
    "case twice": ("void f(int a) { switch (a) { case 1: case 1: g(); } }", "construct"),
    "goto past a guard": ("void f(int a) { if (a) goto x; { guard(mutex)(&m); x: g(); } }", "construct"),
}


@pytest.mark.parametrize("title", REFUSED)
def test_what_is_not_taken_is_unlowered_with_its_reason(title: str) -> None:
    source, code = REFUSED[title]
    found = lower_function(source)
    assert isinstance(found, Unlowered), show(found)
    assert found.code == code
    assert found.text
    assert found.line >= 1


def test_conditions_read_as_in_the_source() -> None:
    text = "int f(struct req *r)\n{\n\tif (r->len /* why */ >\n\t    2 && !get(1))\n\t\treturn 1;\n"
    text += "\treturn 0;\n}\n"
    found = lower_function(text, Environment.from_text("a.c", HEADER + text))
    assert isinstance(found, Function)
    assert conditions(found) == ("r->len > 2", "get(1)")
    spans = [block.terminator.span for block in found.blocks if hasattr(block.terminator, "condition")]
    assert [text[span.start : span.end].split()[0] for span in spans] == ["r->len", "get(1)"]
    assert [span.line for span in spans] == [3, 4]


def test_a_definition_in_the_file_takes_the_place_of_the_tables() -> None:
    header = "static inline int likely(int x) { return get(x); }\n#define READ_ONCE(x) frob(&(x))\n"
    printed = graph("int f(int a) { if (likely(a)) return READ_ONCE(a); return 0; }", header)
    assert "call likely(a)" in printed
    assert "frob(&a)" in printed


def test_a_macro_under_another_condition_is_not_expanded() -> None:
    header = "#ifdef CONFIG_X\n#define hit(x) ((x) + 1)\n#endif\n"
    assert "call upper hit(a at a)" in graph("int f(int a) { return hit(a); }", header)


def test_a_static_declared_by_a_macro_is_static() -> None:
    found = lower_function("int f(void) { static LIST_HEAD(all); return list_empty(&all); }")
    assert isinstance(found, Function)
    assert [one.kind for one in found.variables if one.name == "all"] == ["static"]


def test_renamed_locals_give_the_same_marks() -> None:
    one = lower_function("int f(int *p, int n) { return g(n) + p[n++]; }")
    two = lower_function("int f(int *quux, int m) { return g(m) + quux[m++]; }")
    assert isinstance(one, Function)
    assert isinstance(two, Function)
    assert one.blocks[0].instructions[0].text == two.blocks[0].instructions[0].text
    assert one.blocks[0].instructions[0].operands == two.blocks[0].instructions[0].operands

"""Whether a difference stands: what is not told of one version may make up for it (rules V2, C4, T2)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from engine_judged import judged

DOOR = "struct door { int n; struct door *next; };\n"


def test_a_field_of_a_told_and_of_an_untold_struct_at_one_address_is_no_difference() -> None:
    before = DOOR + "int f(struct room *r) { struct door *d = r->door; return d->n; }"
    after = DOOR + "int f(struct room *r) { return r->door->n; }"
    assert judged(before, after).verdict != "changed"


def test_a_dropped_test_of_such_a_field_at_another_address_is_one() -> None:
    text = "int f(struct room *r) {{ struct door *d = first(r); return {}d->n; }}"
    before = DOOR + text.format("r->last && r->last->n != d->n ? 0 : ")
    after = DOOR + text.format("")
    assert judged(before, after).verdict == "changed"


def test_a_dropped_atomic_in_front_of_a_volatile_read_is_told() -> None:
    text = "void f(struct room *r) {{ enter(r); {}r->since = jiffies; leave(r); }}"
    before = text.format("atomic_set(&r->count, 0); ")
    assert judged(before, text.format("")).verdict == "changed"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("n = atomic_read(&r->count);", "n = *(volatile int *)&r->count;"),
        ("atomic_set(&r->count, n);", "*(volatile int *)&r->count = n;"),
    ],
)
def test_an_atomic_and_the_volatile_access_that_it_may_be_are_no_difference(one: str, other: str) -> None:
    text = "int f(struct room *r, int n) {{ enter(r); {} return n; }}"
    assert judged(text.format(one), text.format(other)).verdict != "changed"


def test_atomics_of_two_words_are_two_steps_however_they_are_spelled() -> None:
    text = "void f(struct room *r, int n) {{ enter(r); {}atomic_add(n, &r->all); }}"
    before = text.format("if (n && atomic_add_return(n, &r->here) < 4) r->few = 1; ")
    after = text.format("if (n) r->few = 1; ")
    assert judged(before, after).verdict == "changed"


def test_atomics_of_one_word_may_be_one_step() -> None:
    text = "void f(struct room *r) {{ enter(r); {}; }}"
    before, after = text.format("atomic_dec(&r->all)"), text.format("atomic_add(-1, &r->all)")
    assert judged(before, after).verdict != "changed"


def test_a_test_of_what_a_possible_macro_was_given_counts_wherever_it_leads() -> None:
    text = (
        "int f(struct node *i, long at) {{"
        " struct info *x = INFO(i); if (x->seals{}) return -1; return go(i); }}"
    )
    assert judged(text.format(" && at > i->size"), text.format("")).verdict == "changed"


def test_what_a_possible_macro_leaves_may_be_what_it_was_given() -> None:
    before = "int f(struct node *i) { enter(i); INFO(i); return i->size; }"
    after = "int f(struct node *i) { struct node *was = i; enter(i); INFO(i); return was->size; }"
    assert judged(before, after).verdict != "changed"


COUNTER = "typedef struct { int counter; } atomic_t;\n"


@pytest.mark.parametrize(
    ("told", "one", "other"),
    [
        ("", "atomic_set(&r->ref.refs, 1)", "refcount_set(&r->ref, 1)"),
        ("", "n = atomic_read(&r->ref.refs)", "n = refcount_read(&r->ref)"),
        (
            "struct room { union { atomic_t a; atomic_t b; }; };\n",
            "atomic_inc(&r->a)",
            "atomic_add(1, &r->b)",
        ),
        (
            COUNTER + "struct in { atomic_t c; }; struct room { int y; struct in in; };\n",
            "atomic_inc(&r->in.c)",
            "atomic_add(1, (atomic_t *)&r->in)",
        ),
        (
            "static int peek(struct room *r) { return READ_ONCE(r->all.counter); }\n",
            "n = peek(r)",
            "n = atomic_read(&r->all)",
        ),
    ],
)
def test_one_word_by_two_ways_is_no_difference(told: str, one: str, other: str) -> None:
    text = "int f(struct room *r, int n) {{ enter(r); {}; return n; }}"
    assert judged(told + text.format(one), told + text.format(other)).verdict != "changed"


def test_atomics_of_two_elements_are_two_steps_however_they_are_spelled() -> None:
    text = "void f(struct room *r, int n) {{ enter(r); {}; }}"
    before, after = text.format("atomic_dec(&r->in[n].all)"), text.format("atomic_sub(1, &r->in[n + 1].all)")
    assert judged(before, after).verdict == "changed"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("struct door *d = r->end; return d[-1].n;", "return (r->end - 1)->n;"),
        ("struct door **d = r->doors; return d[i]->n;", "return r->doors[i]->n;"),
        (
            "struct door *d = container_of(r->x, struct door, next); return d->n;",
            "return container_of(r->x, typeof(*r->door), next)->n;",
        ),
    ],
)
def test_one_field_at_addresses_of_elements_whose_size_is_told_once_is_no_difference(
    one: str, other: str
) -> None:
    text = "int f(struct room *r, int i) {{ {} }}"
    assert judged(DOOR + text.format(one), DOOR + text.format(other)).verdict != "changed"


def test_what_a_possible_macro_leaves_may_be_what_it_was_given_at_two_reads() -> None:
    before = "int f(struct node *i) { INFO(i); return i->up->size; }"
    after = "int f(struct node *i) { struct node *was = i; INFO(i); return was->up->size; }"
    assert judged(before, after).verdict != "changed"


def test_a_store_through_what_a_possible_macro_leaves_may_be_one_through_what_it_was_given() -> None:
    before = "void f(struct node *i) { INFO(i); i->size = 3; }"
    after = "void f(struct node *i) { struct node *was = i; INFO(i); was->size = 3; }"
    assert judged(before, after).verdict != "changed"
    assert judged(before, "void f(struct node *i) { INFO(i); }").verdict == "changed"


def test_what_a_possible_macro_leaves_may_be_where_both_versions_store() -> None:
    text = "int f(struct node *i) {{ struct node *was = i; INFO(i); i->size = 3; return {}; }}"
    assert judged(text.format("was->size"), text.format("3")).verdict != "changed"

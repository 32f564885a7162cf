"""Comparisons in processes of their own: bounded, kept by content, replayed."""

from __future__ import annotations

import os
import signal
import time

import pytest
from lorelens.analyze.behaviour import Effort, Pair, judge_pairs
from lorelens.analyze.engine.delta import Delta
from lorelens.analyze.functions import outline
from lorelens.analyze.replay.machine import has_wasmtime
from lorelens.analyze.replay.sandbox import find_compiler
from lorelens.analyze.results import FolderStore, decode_delta, encode_delta
from lorelens.analyze.workers import Ended, run_all

compiled = pytest.mark.skipif(
    find_compiler() is None or not has_wasmtime(),
    reason="no compiler for WebAssembly (clang and lld, wasmtime)",
)
COPY = """
struct range { long start; int mode; };
int set_range(void *user, int force)
{
	struct range r;
	int flags = 0;

	if (copy_from_user(&r, user, sizeof(r)))
		return -14;
	if (r.mode & 1)
		flags |= 2;
	return apply_range(r.start, flags);
}
"""


def pair(before: str, after: str) -> Pair:
    pre, post = (
        next(one for one in outline(text, "mm/x.c") if one.symbol == "function") for text in (before, after)
    )
    return Pair(pre=pre, post=post, pre_text=before, post_text=after)


def judge(before: str, after: str, **options) -> Delta:
    return judge_pairs([pair(before, after)], Effort(**options))[0]


@compiled
def test_what_a_callee_leaves_in_a_local_is_part_of_the_replay():
    delta = judge(COPY, COPY.replace("r.mode & 1", "r.mode & 3"))
    assert delta.verdict == "changed"
    assert [row.replay for row in delta.differences] == ["confirmed"]
    traces = delta.differences[0].traces
    assert traces is not None
    assert traces.before[traces.at] != traces.after[traces.at]
    assert delta.differences[0].before == "apply_range(r.start, flags) with argument 2 = 0"
    assert delta.differences[0].after == "apply_range(r.start, flags) with argument 2 = 2"


def test_equal_behaviour_is_preserved_through_the_workers():
    assert judge(COPY, COPY.replace("flags |= 2", "flags = flags | 2")).verdict == "preserved"


def test_a_budget_that_is_spent_is_undecided():
    steps = "".join(f" if (x * y % {n} == z * {n}) x = x * x + y;" for n in range(3, 40))
    before = f"int f(int x, int y, int z) {{{steps} return x; }}"
    started = time.monotonic()
    delta = judge(before, before.replace("x * x + y", "y + x * x * 1", 1).replace("% 39", "% 41"), budget=1)
    assert delta.verdict == "undecided" or delta.differences
    assert time.monotonic() - started < 40


def test_results_are_kept_by_what_they_rest_on(tmp_path):
    store = FolderStore(tmp_path)
    asked = pair(COPY, COPY.replace("flags |= 2", "flags = flags | 2"))
    first = judge_pairs([asked], Effort(replay=False), store)
    told: list[str] = []
    started = time.monotonic()
    assert judge_pairs([asked], Effort(replay=False), store, told.append) == first
    assert time.monotonic() - started < 0.5
    assert not told
    other = pair(COPY + "#define X 1\n", COPY.replace("flags |= 2", "flags = flags | 2"))
    assert other.key(10) != asked.key(10) != asked.key(5)


def test_a_store_that_is_damaged_or_read_only_costs_time_alone(tmp_path):
    (tmp_path / "file").write_text("no folder")
    store = FolderStore(tmp_path / "file" / "below")
    store.put("ab" * 32, b"x")
    assert store.get("ab" * 32) is None
    assert decode_delta(b"{") is None
    assert decode_delta(b'{"name": 1}') is None


@compiled
def test_a_delta_is_read_back_as_it_was():
    delta = judge(COPY, COPY.replace("-14", "-22"))
    assert delta.differences
    assert decode_delta(encode_delta(delta)) == delta


def die(number: int) -> int:
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 2:
        time.sleep(60)
    if number == 3:
        raise ValueError("three")
    return number


def test_one_that_crashes_hangs_or_raises_ends_alone():
    found = dict(run_all(die, [(n,) for n in range(6)], jobs=2, limit=2.0))
    assert sorted(found) == list(range(6))
    assert [found[n] for n in (0, 4, 5)] == [0, 4, 5]
    assert all(isinstance(found[n], Ended) for n in (1, 2, 3))
    assert "crash" in found[1].why
    assert "in time" in found[2].why
    assert "ValueError: three" in found[3].why


def test_the_time_for_all_is_a_bound():
    found = dict(run_all(die, [(2,), (2,), (2,)], jobs=1, limit=50.0, total=2.0))
    assert [isinstance(found[n], Ended) for n in range(3)] == [True] * 3


@compiled
def test_what_the_solver_leaves_open_is_left_open_in_the_replay():
    before = """int f(struct mm *mm, int n)
{
	struct obj *o;

	mmap_assert_locked(mm);
	o = find_obj(mm);
	if (READ_ONCE(o->n) > 3)
		return use_obj(o, n);
	return 0;
}
"""
    delta = judge(before, before.replace("> 3", "> 4"))
    assert delta.verdict == "changed"
    assert {row.replay for row in delta.differences} == {"confirmed"}
    assert delta.defects == 0


READS = [
    "page_to_pfn(p) == 7 && pmd_none(p->pmd)",  # what calls that only read answer
    "p->map[n] == 4",  # an element whose size only the harness knows
    "p->ops->start(p) < n",  # what a field points to is called
    "n < TASK_SIZE && get(&p->map->lock)",  # a constant that is read anew, a member of what is not read
]


@compiled
@pytest.mark.parametrize("asked", READS)
def test_a_replay_gets_all_that_its_witness_tells(asked):
    before = f"int f(struct page *p, int n)\n{{\n\tif ({asked})\n\t\treturn one(p);\n\treturn n;\n}}\n"
    delta = judge(before, before.replace("one(p)", "two(p)"))
    assert [(row.replay, row.replay_reason) for row in delta.differences] == [("confirmed", None)]


@pytest.mark.parametrize(
    "mark", ["#define lorelens_all_calls_f\n", "#define lorelens_all_calls_c(x) f(x, 3)\nint h = c(1);\n"]
)
def test_a_file_cannot_tell_lorelens_that_all_callers_are_at_hand(mark):
    before = "int f(int a, int b) { return a + b; }\nint g(int x) { return f(x, 2); }\n" + mark
    after = "int f(int a) { return a + 2; }\nint g(int x) { return f(x); }\n" + mark
    delta = judge(before, after)
    assert delta.verdict == "undecided"
    assert delta.reason is not None
    assert delta.reason.code == "construct"
